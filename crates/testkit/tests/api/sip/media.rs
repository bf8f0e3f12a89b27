//! Calls that a media engine takes: voicemail, one's own messages, meetings and queues.

use jackfield_testkit::{
    Draft, Person, TestServer,
    sip::{MediaEngine, Phone, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, OFFER, record, registered},
    serve_with,
    trunks::header,
};

pub(super) const MUSIC: &str = "v=0\r\no=engine 7 1 IN IP4 192.0.2.7\r\ns=music\r\n";

/// Somebody calls a number with this description.
pub(super) async fn calls(server: &TestServer, (person, offer): (&Person, &str), number: &str) -> Side {
    Side::calls(Phone::of(server, person, Wire::Udp).await, number, offer).await
}

/// Has somebody's calls go to his voicemail when he is busy.
async fn busy_to_voicemail(server: &TestServer, person: &Person) {
    let voicemail = json!({"action": "FORWARD_TO_VOICEMAIL", "number": ""});
    let rules = json!({
        "busy_office_hours_forward_rule": voicemail,
        "busy_non_office_hours_forward_rule": voicemail,
        "voicemail_prompt": "de-DE",
    });
    let admin = server.portsip().admin().await;
    admin
        .post(&format!("/users/{}", person.id), rules)
        .await
        .changed();
}

/// A queue with ready agents; gives its id.
pub(super) async fn queue(server: &TestServer, draft: Draft, agents: &[&Person]) -> String {
    let admin = server.portsip().admin().await;
    let id = admin.post("/call_queues", draft).await.made();
    let items: Vec<Value> = agents
        .iter()
        .map(|agent| json!({"extension_number": agent.number, "skill_level": 1}))
        .collect();
    admin
        .post(&format!("/call_queues/{id}/agents"), json!({"items": items}))
        .await
        .changed();
    for agent in agents {
        says(agent, &id, "READY").await;
    }
    id
}

async fn says(agent: &Person, queue: &str, status: &str) {
    let door = format!("/user/call_queues/{queue}/agent");
    agent.post(&door, json!({"status": status})).await.changed();
}

/// Names and results of the legs of the only call that somebody had.
async fn legs(server: &TestServer, of: &Person) -> Vec<(String, String)> {
    let id = record(of).await["id"].as_str().expect("an id").to_owned();
    let admin = server.native().person(&server.portsip().admin().await);
    let found = admin.get(&format!("/cdrs/{id}/legs")).await.is(200);
    let text = |leg: &Value, name: &str| leg[name].as_str().unwrap_or_default().to_owned();
    let items = found["items"].as_array().expect("legs").iter();
    items
        .map(|leg| (text(leg, "number"), text(leg, "result")))
        .collect()
}

#[tokio::test]
async fn who_is_busy_has_a_message_taken() {
    for wire in [Wire::Udp, Wire::Tcp] {
        let engine = MediaEngine::start(wire).await;
        let server = serve_with(engine.options()).await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        busy_to_voicemail(&server, &ben).await;
        let ben_phone = registered(&server, &ben, Wire::Udp).await;
        let mut caller = calls(&server, (&ada, OFFER), &ben.number).await;
        let mut other = Side::is_rung(ben_phone).await;
        other.says(486, "").await;
        let mut box_of_ben = Side::is_rung(engine.listens(&server).await).await;
        let invite = box_of_ben.invite().to_owned();
        let uri = format!("INVITE sip:voicemail-{}@127.0.0.3:", ben.number);
        assert!(invite.starts_with(&uri) && invite.ends_with(OFFER), "{invite}");
        let domain = caller.phone.domain.clone();
        let from = format!("<sip:{}@{domain}>", ada.number);
        assert!(header(&invite, "From").contains(&from), "{invite}");
        let call_id = record_call_id(&caller);
        for (name, value) in [
            ("X-Jackfield-Service", "voicemail"),
            ("X-Jackfield-Number", &ben.number),
            ("X-Jackfield-Domain", &domain),
            ("X-Jackfield-Reason", "user-busy"),
            ("X-Jackfield-Language", "de-DE"),
            ("X-Jackfield-Greeting", ""),
            ("X-Jackfield-Call-ID", &call_id),
            (
                "Diversion",
                &format!("<sip:{}@{domain}>;reason=user-busy;counter=1", ben.number),
            ),
        ] {
            assert_eq!(header(&invite, name), value, "{name}: {invite}");
        }
        box_of_ben.says(200, MUSIC).await;
        assert!(caller.is_answered(200).await.ends_with(MUSIC));
        let _ = box_of_ben.phone.until("ACK ").await;
        assert_eq!(ada.get("/user/status").await.is(200)["status"], "ON_CALL");
        assert_eq!(
            ben.get("/user/status").await.is(200)["status"],
            "ONLINE",
            "he does not speak"
        );
        caller.settles().await;
        box_of_ben.hangs_up().await;
        caller.is_hung_up().await;
        let kept = record(&ada).await;
        for (name, value) in [
            ("callee", json!(ben.number)),
            ("status_code", json!(200)),
            ("service_number", json!(ben.number)),
            ("reroute_reason", json!("OVERFLOW")),
            ("end_reason", json!("CALLEE_DISCONNECTED")),
        ] {
            assert_eq!(kept[name], value, "{name}: {kept}");
        }
        let leg = |result: &str| (ben.number.clone(), result.to_owned());
        assert_eq!(legs(&server, &ada).await, [leg("busy"), leg("answered")]);
    }
}

/// The `Call-ID` of a call.
fn record_call_id(side: &Side) -> String {
    header(side.invite(), "Call-ID").to_owned()
}

#[tokio::test]
async fn messages_are_heard_and_meetings_are_met() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let ada = server.portsip().user("ada").await;
    let made = ada.post("/user/meetings", Draft::meeting("Weekly")).await.is(201);
    let meeting = made["extension_number"].as_str().expect("a number").to_owned();
    let mut line = engine.listens(&server).await;
    for (number, service, of) in [
        ("777", "mailbox", ada.number.clone()),
        (meeting.as_str(), "meeting", meeting.clone()),
    ] {
        let mut caller = calls(&server, (&ada, OFFER), number).await;
        let mut taken = Side::is_rung(line).await;
        let invite = taken.invite().to_owned();
        let uri = format!("INVITE sip:{service}-{of}@");
        assert!(invite.starts_with(&uri), "{invite}");
        assert_eq!(header(&invite, "Diversion"), "", "{invite}");
        assert_eq!(header(&invite, "X-Jackfield-Reason"), "unconditional");
        taken.says(183, MUSIC).await;
        assert!(caller.is_answered(183).await.ends_with(MUSIC));
        taken.says(200, MUSIC).await;
        let _ = caller.is_answered(200).await;
        let _ = taken.phone.until("ACK ").await;
        caller.settles().await;
        caller.hangs_up().await;
        taken.is_hung_up().await;
        line = taken.phone;
    }
}

#[tokio::test]
async fn an_engine_that_cannot_is_told_to_the_caller() {
    // It refuses, fails, and is not there.
    for (says, status, words) in [
        (404, 480, "the media engine refused the call with 404"),
        (500, 503, "the media engine failed with 500"),
        (0, 503, "the media engine does not answer"),
    ] {
        let engine = MediaEngine::start(if says == 0 { Wire::Tcp } else { Wire::Udp }).await;
        let server = serve_with(engine.options()).await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        if says == 0 {
            drop(engine);
            let mut caller = calls(&server, (&ada, OFFER), &ben.number).await;
            let answer = caller.is_answered(status).await;
            assert!(answer.contains(words), "{answer}");
        } else {
            let mut caller = calls(&server, (&ada, OFFER), &ben.number).await;
            let mut refusing = Side::is_rung(engine.listens(&server).await).await;
            refusing.says(says, "").await;
            let answer = caller.is_answered(status).await;
            assert!(answer.contains(words), "{answer}");
        }
        assert_eq!(record(&ada).await["status_code"], json!(status));
    }
}

#[tokio::test]
async fn who_waits_in_a_queue_hears_music_until_an_agent_answers() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    queue(
        &server,
        Draft::call_queue("Support", "6000").with("language", "fr-FR"),
        &[&ben],
    )
    .await;
    let mut caller = calls(&server, (&ada, OFFER), "6000").await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    let invite = music.invite().to_owned();
    assert!(invite.starts_with("INVITE sip:queue-6000@"), "{invite}");
    assert_eq!(header(&invite, "X-Jackfield-Language"), "fr-FR");
    music.says(200, MUSIC).await;
    assert!(caller.is_answered(200).await.ends_with(MUSIC));
    let _ = music.phone.until("ACK ").await;
    let mut agent = Side::is_rung(ben_phone).await;
    assert!(agent.invite().ends_with(OFFER), "{}", agent.invite());
    assert_eq!(
        ada.get("/user/status").await.is(200)["status"],
        "OFFLINE",
        "her telephone did not register; she waits, and nobody has answered"
    );
    caller.settles().await;
    // What he asks meanwhile is asked of the engine.
    caller.send("INFO", "Signal=5\r\n", None).await;
    let info = music.phone.until("INFO ").await;
    music.answers(&info, 200, "").await;
    let _ = caller.hears(200).await;
    agent.says(180, "").await;
    agent.says(200, ANSWER).await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=answer\r\n"), "{asked}");
    assert!(asked.contains("o=engine 7 2 IN"), "the origin stays: {asked}");
    music.is_hung_up().await;
    let _ = agent.phone.until("ACK ").await;
    for person in [&ada, &ben] {
        assert_eq!(person.get("/user/status").await.is(200)["status"], "ON_CALL");
    }
    agent.hangs_up().await;
    caller.is_hung_up().await;
    let kept = record(&ada).await;
    for (name, value) in [
        ("callee", json!(ben.number)),
        ("destination", json!("6000")),
        ("service_number", json!("6000")),
        ("status_code", json!(200)),
        ("end_reason", json!("CALLEE_DISCONNECTED")),
    ] {
        assert_eq!(kept[name], value, "{name}: {kept}");
    }
    let seen = legs(&server, &ada).await;
    let numbers: Vec<&str> = seen.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["6000", ben.number.as_str()], "{seen:?}");
}

#[tokio::test]
async fn an_agent_who_becomes_ready_is_rung() {
    let engine = MediaEngine::start(Wire::Tcp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let queue = queue(&server, Draft::call_queue("Support", "6000"), &[&ben]).await;
    says(&ben, &queue, "BREAK").await;
    let mut caller = calls(&server, (&ada, OFFER), "6000").await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    music.says(200, MUSIC).await;
    let _ = caller.is_answered(200).await;
    let _ = music.phone.until("ACK ").await;
    caller.settles().await;
    says(&ben, &queue, "READY").await;
    let mut agent = Side::is_rung(ben_phone).await;
    agent.says(180, "").await;
    // And the caller gives up: it is over for everybody.
    caller.hangs_up().await;
    let cancel = agent.phone.until("CANCEL ").await;
    agent.answers(&cancel, 200, "").await;
    agent.says(487, "").await;
    music.is_hung_up().await;
    let kept = record(&ada).await;
    assert_eq!(
        (&kept["status_code"], &kept["end_reason"], &kept["callee"]),
        (&json!(487), &json!("CANCELLED"), &json!("6000"))
    );
    assert!(kept["answered_at"].is_null(), "{kept}");
}

#[tokio::test]
async fn a_queue_that_nobody_answers_leads_on() {
    // The engine hangs up, or the caller's time is over.
    for leaves in [true, false] {
        let engine = MediaEngine::start(Wire::Udp).await;
        let server = serve_with(engine.options()).await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let carl = server.portsip().user("carl").await;
        let carl_phone = registered(&server, &carl, Wire::Udp).await;
        let draft = Draft::call_queue("Support", "6000")
            .with("wait_when_no_agents_online", true)
            .with("max_waiting_time", if leaves { 300 } else { 15 })
            .with(
                "no_answer_forward_rule",
                json!({"action": "FORWARD_TO_NUMBER", "number": carl.number}),
            );
        queue(&server, draft, &[&ben]).await;
        let mut caller = calls(&server, (&ada, OFFER), "6000").await;
        let mut music = Side::is_rung(engine.listens(&server).await).await;
        music.says(200, MUSIC).await;
        let _ = caller.is_answered(200).await;
        let _ = music.phone.until("ACK ").await;
        caller.settles().await;
        if leaves {
            music.hangs_up().await;
        }
        let mut third = Side::is_rung(carl_phone).await;
        third.says(180, "").await;
        third.says(200, ANSWER).await;
        let asked = caller.is_asked(OFFER).await;
        assert!(asked.ends_with("s=answer\r\n"), "{asked}");
        if !leaves {
            music.is_hung_up().await;
        }
        let _ = third.phone.until("ACK ").await;
        caller.hangs_up().await;
        third.is_hung_up().await;
        let kept = record(&ada).await;
        assert_eq!(
            (&kept["callee"], &kept["status_code"]),
            (&json!(carl.number), &json!(200))
        );
    }
}

#[tokio::test]
async fn a_queue_without_music_still_rings_its_agents() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&ben]).await;
    let mut caller = calls(&server, (&ada, OFFER), "6000").await;
    let mut refusing = Side::is_rung(engine.listens(&server).await).await;
    refusing.says(503, "").await;
    let mut agent = Side::is_rung(ben_phone).await;
    agent.says(180, "").await;
    let _ = caller.is_answered(180).await;
    agent.says(200, ANSWER).await;
    assert!(caller.is_answered(200).await.ends_with(ANSWER));
    let _ = agent.phone.until("ACK ").await;
    caller.hangs_up().await;
    agent.is_hung_up().await;
}

#[tokio::test]
async fn a_caller_is_transferred_into_a_queue() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let carl = server.portsip().user("carl").await;
    let carl_phone = registered(&server, &carl, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&carl]).await;
    let (mut caller, mut answerer) = super::control::speaking(&server, &ada, &ben).await;
    let to = format!("<sip:6000@{}>", answerer.phone.domain);
    answerer.refers(&to).await;
    let _ = answerer.hears(202).await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    music.says(200, MUSIC).await;
    let _ = music.phone.until("ACK ").await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=music\r\n"), "{asked}");
    let mut agent = Side::is_rung(carl_phone).await;
    answerer.is_hung_up_after_notices().await;
    agent.says(180, "").await;
    agent.says(200, ANSWER).await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=answer\r\n"), "{asked}");
    music.is_hung_up().await;
    let _ = agent.phone.until("ACK ").await;
    caller.hangs_up().await;
    agent.is_hung_up().await;
    let kept = super::control::records(&ada, 2).await;
    assert_eq!(
        (
            &kept[0]["callee"],
            &kept[0]["reroute_reason"],
            &kept[0]["service_number"]
        ),
        (&json!(carl.number), &json!("TRANSFER"), &json!("6000"))
    );
    assert_eq!(kept[1]["end_reason"], "BLIND_TRANSFER_COMPLETED");
}

#[tokio::test]
async fn routes_are_explained_as_they_are_with_an_engine() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let admin = server.native().person(&server.portsip().admin().await);
    let explain = async |to: &str| {
        let body = json!({"from": ada.number, "to": to});
        admin.post("/routes/explain", body).await.is(200)["steps"][0].clone()
    };
    let step = explain(&ben.number).await;
    assert_eq!(
        (&step["action"], &step["status"]),
        (&json!("voicemail"), &json!(null))
    );
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&ben]).await;
    let step = explain("6000").await;
    assert!(
        step["because"]
            .to_string()
            .contains("hears the queue's music meanwhile"),
        "{step}"
    );
    drop(ben_phone);
}
