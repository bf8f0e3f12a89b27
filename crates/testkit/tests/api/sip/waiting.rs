//! Somebody who waits, is transferred or has a message taken, and what others do with his call meanwhile.

use jackfield_testkit::{
    Draft,
    files::wav,
    sip::{MediaEngine, Side, Wire},
};
use serde_json::json;

use super::{
    calls::{ANSWER, OFFER, record, registered},
    control::{records, speaking},
    media::{MUSIC, calls, queue},
    replaces::{CALLER, HERE, naming, replaces},
    serve_with,
    trunks::header,
};
use crate::portsip::blobs::Upload;

#[tokio::test]
async fn who_waits_in_a_queue_with_music_is_picked_up() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben, carl, dora] = server.portsip().users(["ada", "ben", "carl", "dora"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&ben, &carl]).await;
    let mut caller = calls(&server, (&ada, CALLER), "6000").await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    let played = naming(&music, "");
    music.says(200, MUSIC).await;
    let _ = caller.is_answered(200).await;
    let _ = music.phone.until("ACK ").await;
    caller.settles().await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    let named = naming(&rings, ";early-only");
    // Who is no agent does not, and nobody takes the music over.
    for (person, headers) in [(&dora, &named), (&carl, &played)] {
        let mut stranger = replaces(&server, person, headers).await;
        let _ = stranger.is_answered(481).await;
    }
    let mut picker = replaces(&server, &carl, &named).await;
    let silence = picker.is_answered(200).await;
    let asked = picker.is_asked(HERE).await;
    assert!(asked.contains("s=offer\r\n"), "{asked}");
    rings.is_cancelled().await;
    // The caller hears him instead of the music.
    let asked = caller.is_asked(CALLER).await;
    assert!(asked.contains("s=here\r\n"), "{asked}");
    music.is_hung_up().await;
    picker.settles().await;
    picker.reaches(&mut caller).await;
    // Whatever he is shown later stands in the session that he was shown first.
    caller
        .send("INVITE", &CALLER.replace(" 1 1 ", " 1 2 "), None)
        .await;
    let held = picker.phone.until("INVITE ").await;
    let origin = |text: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with("o="))
            .unwrap_or_default();
        line.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    let (first, now) = (origin(&silence), origin(&held));
    assert_eq!((&first[..2], &first[3..]), (&now[..2], &now[3..]), "{held}");
    assert_eq!(now[2], "3", "{held}");
    picker.answers(&held, 200, HERE).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    picker.is_hung_up().await;
    let found = record(&ada).await;
    assert_eq!(
        (&found["callee"], &found["service_number"], &found["status_code"]),
        (&json!(carl.number), &json!("6000"), &json!(200))
    );
}

#[tokio::test]
async fn who_is_transferred_is_picked_up_where_it_rings() {
    let server = super::serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let desk = registered(&server, &carl, Wire::Udp).await;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    // Only what describes a stream can be picked up.
    caller.send("INVITE", CALLER, None).await;
    let asked = answerer.phone.until("INVITE ").await;
    answerer.answers(&asked, 200, HERE).await;
    let _ = caller.is_answered(200).await;
    let _ = answerer.phone.until("ACK ").await;
    let to = format!("<sip:{}@{}>", carl.number, answerer.phone.domain);
    answerer.refers(&to).await;
    let _ = answerer.hears(202).await;
    let mut rings = Side::is_rung(desk).await;
    rings.says(180, "").await;
    let _ = answerer.phone.until("NOTIFY ").await;
    let mut picker = replaces(&server, &carl, &naming(&rings, "")).await;
    let _ = picker.is_answered(200).await;
    let _ = picker.is_asked(HERE).await;
    rings.is_cancelled().await;
    let _ = caller.is_asked(CALLER).await;
    answerer.is_hung_up_after_notices().await;
    picker.settles().await;
    picker.reaches(&mut caller).await;
    picker.hangs_up().await;
    caller.is_hung_up().await;
    let kept = records(&ada, 2).await;
    assert_eq!(
        (&kept[0]["callee"], &kept[0]["reroute_reason"]),
        (&json!(carl.number), &json!("TRANSFER"))
    );
}

#[tokio::test]
async fn who_calls_over_the_api_hears_the_music_of_a_queue() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let own = registered(&server, &ada, Wire::Udp).await;
    let agent = registered(&server, &ben, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&ben]).await;
    let native = server.native().person(&ada);
    let _ = native.post("/calls", json!({"to": "6000"})).await.is(201);
    let mut caller = Side::is_rung(own).await;
    caller.takes(OFFER).await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    assert!(
        music.invite().starts_with("INVITE sip:queue-6000@") && music.invite().ends_with("s=offer\r\n"),
        "{}",
        music.invite()
    );
    music.says(200, MUSIC).await;
    let _ = music.phone.until("ACK ").await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=music\r\n"), "{asked}");
    let mut agent = Side::is_rung(agent).await;
    agent.takes(ANSWER).await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=answer\r\n"), "{asked}");
    music.is_hung_up().await;
    caller.hangs_up().await;
    agent.is_hung_up().await;
    let found = record(&ada).await;
    assert_eq!(
        (&found["callee"], &found["service_number"], &found["status_code"]),
        (&json!(ben.number), &json!("6000"), &json!(200))
    );
}

#[tokio::test]
async fn an_engine_is_told_the_greeting_of_the_box_whose_owner_stays_free() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    // One that is not enabled is not played.
    let mut greetings = Vec::new();
    for name in ["holiday.wav", "office.wav"] {
        let file = Upload::begin(&ben, name).await.complete(&wav(8_000)).await;
        let made = ben.post("/user/greetings", json!({"file_id": file})).await;
        greetings.push(made.created());
    }
    ben.act(&format!("/user/greetings/{}/enable", greetings[1]))
        .await
        .changed();
    let listed = ben.get("/user/greetings").await.is(200);
    let played = listed["items"].as_array().expect("greetings").iter();
    let played = played.filter(|one| one["enabled"] == json!(true));
    let urls: Vec<&str> = played.filter_map(|one| one["file_url"].as_str()).collect();
    // Nobody has registered for him: his calls go to his box.
    let mut caller = calls(&server, (&ada, OFFER), &ben.number).await;
    let mut taken = Side::is_rung(engine.listens(&server).await).await;
    let key = header(taken.invite(), "X-Jackfield-Greeting").to_owned();
    assert_eq!(urls, [format!("/api/blobs/{key}")], "{listed}");
    taken.says(200, MUSIC).await;
    let _ = caller.is_answered(200).await;
    let _ = taken.phone.until("ACK ").await;
    assert_eq!(ada.get("/user/status").await.is(200)["status"], "ON_CALL");
    assert_eq!(ben.get("/user/status").await.is(200)["status"], "OFFLINE");
    // While a message is taken for him, the next call rings at the telephone that he has now.
    let phone = registered(&server, &ben, Wire::Udp).await;
    assert_eq!(ben.get("/user/status").await.is(200)["status"], "ONLINE");
    let mut next = calls(&server, (&carl, OFFER), &ben.number).await;
    let mut rings = Side::is_rung(phone).await;
    rings.takes(ANSWER).await;
    let _ = next.is_answered(200).await;
    next.hangs_up().await;
    rings.is_hung_up().await;
    caller.settles().await;
    caller.hangs_up().await;
    taken.is_hung_up().await;
}
