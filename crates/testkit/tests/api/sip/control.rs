//! Calls that are steered over the API: ended, and placed.

use jackfield_domain::{CallDirection, LiveCallState, NewLiveCall, Timestamp};
use jackfield_testkit::{
    Person, TestServer,
    engine::Engine,
    sip::{Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, OFFER, registered, rings},
    serve,
};

/// The records of somebody's calls, the latest first, once there are so many.
pub(super) async fn records(person: &Person, count: usize) -> Vec<Value> {
    for attempt in 0.. {
        let found = person.get("/user/cdrs").await.is(200);
        let items = found["items"].as_array().cloned().unwrap_or_default();
        if items.len() >= count {
            assert_eq!(items.len(), count, "{found}");
            return items;
        }
        assert!(attempt < 200, "{} has not {count} records", person.name);
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    Vec::new()
}

/// A call between two people, who speak.
pub(super) async fn speaking(server: &TestServer, ada: &Person, ben: &Person) -> (Side, Side) {
    let ben_phone = registered(server, ben, Wire::Udp).await;
    let phone = registered(server, ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, &ben.number, OFFER).await;
    let mut other = Side::is_rung(ben_phone).await;
    other.says(180, "").await;
    other.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    let _ = other.phone.until("ACK ").await;
    caller.settles().await;
    (caller, other)
}

#[tokio::test]
async fn a_call_is_ended_over_the_api_on_both_sides() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben, carl] = portsip.users(["ada", "ben", "carl"]).await;
    let (mut caller, mut other) = speaking(&server, &ada, &ben).await;
    let door = server.voipstudio();
    let (own, others) = (door.with_token(&ada.token()), door.with_token(&carl.token()));
    let listed = own.get("/calls").await.is(200);
    let live = &listed["data"][0];
    assert_eq!(
        (&live["src"], &live["dst"]),
        (&json!(ada.number), &json!(ben.number))
    );
    assert_eq!(live["state"], "CONNECTED");
    assert_eq!(live["src_name"], ada.get("/user").await.is(200)["display_name"]);
    let path = format!("/calls/{}", live["id"]);
    // Whoever is no part of it does not know of it, nor does another tenant.
    assert_eq!(others.get("/calls").await.is(200)["total"], 0);
    let _ = others.delete(&path).await.is(404);
    let foreign = portsip.company("foreign.test").await;
    let _ = door
        .with_token(&foreign.admin.token())
        .delete(&path)
        .await
        .is(404);
    let _ = own.delete("/calls/100000000").await.is(404);
    let _ = own.delete(&path).await.is(204);
    // It is over before that is said: the record is there, the call is not.
    let kept = records(&ada, 1).await;
    assert_eq!(
        (&kept[0]["status_code"], &kept[0]["end_reason"]),
        (&json!(200), &json!(null)),
        "{}",
        kept[0]
    );
    assert_eq!(own.get("/calls").await.is(200)["total"], 0);
    caller.is_hung_up().await;
    other.is_hung_up().await;
    let _ = own.delete(&path).await.is(404);
}

#[tokio::test]
async fn a_call_that_rings_is_ended_by_who_manages_users() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let (mut caller, mut other) = rings(&server, (&ada, OFFER), &ben).await;
    other.says(180, "").await;
    let _ = caller.is_answered(180).await;
    let admin = server.native().person(&portsip.admin().await);
    let mut id = Value::Null;
    for _ in 0..200 {
        id = admin.get("/calls").await.is(200)["items"][0]["id"].clone();
        if !id.is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let ends = async { admin.delete(&format!("/calls/{id}")).await.is(204) };
    let rings = async {
        other.is_cancelled().await;
        let _ = caller.is_answered(487).await;
    };
    let _ = tokio::join!(ends, rings);
    let kept = records(&ada, 1).await;
    assert_eq!(kept[0]["status_code"], 487);
}

#[tokio::test]
async fn a_call_that_was_only_reported_is_not_ours_to_end() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let start = Timestamp::from_micros(1_700_000_000_000_000);
    let live = NewLiveCall {
        external_id: "pbx-1".into(),
        state: LiveCallState::Ringing,
        direction: CallDirection::Internal,
        caller: ada.number.clone(),
        caller_display_name: String::new(),
        callee: "1".into(),
        callee_display_name: String::new(),
        destination: "1".into(),
        trunk: String::new(),
        started_at: start,
        answered_at: None,
    };
    Engine::of(&server, server.portsip().home().await)
        .live_calls(vec![live])
        .await;
    let own = server.voipstudio().with_token(&ada.token());
    let id = own.get("/calls").await.is(200)["data"][0]["id"].clone();
    let refused = own.delete(&format!("/calls/{id}")).await.is(412);
    assert!(
        refused["message"]
            .as_str()
            .is_some_and(|text| text.contains("reported")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_call_is_placed_by_ringing_ones_own_telephones_first() {
    for through_native in [false, true] {
        let server = serve().await;
        let portsip = server.portsip();
        let [ada, ben] = portsip.users(["ada", "ben"]).await;
        let (own, called) = (
            registered(&server, &ada, Wire::Udp).await,
            registered(&server, &ben, Wire::Tcp).await,
        );
        if through_native {
            let native = server.native().person(&ada);
            let made = native.post("/calls", json!({"to": ben.number})).await.is(201);
            assert_eq!(
                (&made["state"], &made["callee"]),
                (&json!("ringing"), &json!(ben.number))
            );
        } else {
            let door = server.voipstudio().with_token(&ada.token());
            let made = door.post("/calls", json!({"to": ben.number})).await.is(201);
            let call = &made["data"];
            assert_eq!(
                (&call["state"], &call["src"]),
                (&json!("RINGING"), &json!(ada.number))
            );
        }
        let mut first = Side::is_rung(own).await;
        // It is the number that he asked for that calls him.
        assert!(
            first.invite().contains(&format!("From: <sip:{}@", ben.number)),
            "{}",
            first.invite()
        );
        first
            .takes("v=0\r\no=- 5 1 IN IP4 192.0.2.5\r\ns=first\r\na=recvonly\r\n")
            .await;
        let mut second = Side::is_rung(called).await;
        assert!(
            second.invite().contains(&format!("<sip:{}@", ada.number)),
            "{}",
            second.invite()
        );
        // What the first said is offered to the second, and nobody is held.
        assert!(second.invite().ends_with("s=first\r\n"), "{}", second.invite());
        second.takes(ANSWER).await;
        let asked = first
            .is_asked("v=0\r\no=- 5 2 IN IP4 192.0.2.5\r\ns=first\r\n")
            .await;
        assert!(asked.ends_with("s=answer\r\n"), "{asked}");
        // The origin is the one that it was shown first, one further.
        let origin = |text: &str| {
            let line = text
                .lines()
                .find(|line| line.starts_with("o="))
                .unwrap_or_default()
                .to_owned();
            let mut words = line.split(' ').map(str::to_owned).collect::<Vec<_>>();
            (words.remove(2), words)
        };
        let (was, is) = (origin(first.invite()), origin(&asked));
        assert_eq!((was.0.as_str(), is.0.as_str(), was.1), ("1", "2", is.1));
        for person in [&ada, &ben] {
            assert_eq!(person.get("/user/status").await.is(200)["status"], "ON_CALL");
        }
        second.hangs_up().await;
        first.is_hung_up().await;
        let kept = records(&ben, 1).await;
        let parts = ["caller", "callee", "destination", "status_code", "end_reason"]
            .map(|name| kept[0][name].clone());
        assert_eq!(
            parts,
            [
                json!(ada.number),
                json!(ben.number),
                json!(ben.number),
                json!(200),
                json!("CALLEE_DISCONNECTED")
            ]
        );
    }
}

#[tokio::test]
async fn who_does_not_answer_himself_calls_nobody() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let (own, mut called) = (
        registered(&server, &ada, Wire::Udp).await,
        registered(&server, &ben, Wire::Udp).await,
    );
    let door = server.voipstudio().with_token(&ada.token());
    let _ = door.post("/calls", json!({"to": ben.number})).await.is(201);
    let mut first = Side::is_rung(own).await;
    first.says(486, "").await;
    let kept = records(&ada, 1).await;
    assert_eq!(
        (&kept[0]["status_code"], &kept[0]["rang_at"]),
        (&json!(486), &json!(null))
    );
    assert!(called.hears_no("INVITE ").await);
}

#[tokio::test]
async fn who_hangs_up_before_the_other_answers_ends_it() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let (own, called) = (
        registered(&server, &ada, Wire::Udp).await,
        registered(&server, &ben, Wire::Udp).await,
    );
    let door = server.voipstudio().with_token(&ada.token());
    let _ = door.post("/calls", json!({"to": ben.number})).await.is(201);
    let mut first = Side::is_rung(own).await;
    first.takes(ANSWER).await;
    let mut second = Side::is_rung(called).await;
    second.says(180, "").await;
    first.hangs_up().await;
    second.is_cancelled().await;
    let kept = records(&ada, 1).await;
    assert_eq!(
        (&kept[0]["status_code"], &kept[0]["end_reason"]),
        (&json!(487), &json!("CANCELLED"))
    );
}

#[tokio::test]
async fn what_cannot_be_placed_is_said_at_once() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let door = server.voipstudio();
    let own = door.with_token(&ada.token());
    for (body, status) in [
        (json!({}), 400),
        (json!({"to": 5}), 400),
        (json!({"to": ""}), 400),
        (json!({"to": "a\u{0}b"}), 400),
        (json!({"to": "999999"}), 400),
        (json!({"to": ben.number, "caller_id": "4930123"}), 400),
        (json!({"to": ben.number, "from": "x"}), 400),
        (json!({"to": ben.number, "from": ben.id}), 403),
        // He has no telephone.
        (json!({"to": ben.number, "caller_id": ""}), 412),
    ] {
        let _ = own.post("/calls", body).await.is(status);
    }
    let admin = server.native().person(&portsip.admin().await);
    let _ = admin
        .post("/calls", json!({"from": "999999", "to": ben.number}))
        .await
        .is(404);
    let _ = admin
        .post("/calls", json!({"from": "\u{0}", "to": ben.number}))
        .await
        .is(404);
    let answer = admin
        .post("/calls", json!({"from": ada.number, "to": ben.number}))
        .await
        .is(409);
    assert!(
        answer["detail"]
            .as_str()
            .is_some_and(|text| text.contains("register")),
        "{answer}"
    );
    let plain = server.native().person(&ben);
    let _ = plain
        .post("/calls", json!({"from": ada.number, "to": ben.number}))
        .await
        .is(403);
}

#[tokio::test]
async fn an_order_reaches_the_process_that_carries_the_call() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = portsip.users(["ada", "ben"]).await;
    let (mut caller, mut other) = speaking(&server, &ada, &ben).await;
    let beside = server.beside(None).await;
    let own = beside.voipstudio().with_token(&ada.token());
    let id = own.get("/calls").await.is(200)["data"][0]["id"].clone();
    let _ = own.delete(&format!("/calls/{id}")).await.is(204);
    caller.is_hung_up().await;
    other.is_hung_up().await;
    assert_eq!(own.get("/calls").await.is(200)["total"], 0);
    // And one that is placed there rings here.
    let _ = own.post("/calls", json!({"to": ben.number})).await.is(201);
    let mut first = Side::is_rung(caller.phone).await;
    first.says(603, "").await;
    assert_eq!(records(&ada, 2).await[0]["status_code"], 486);
}

#[tokio::test]
async fn an_order_that_no_edge_takes_is_given_up() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let live = NewLiveCall {
        external_id: "edge:gone".into(),
        state: LiveCallState::Ringing,
        direction: CallDirection::Internal,
        caller: ada.number.clone(),
        caller_display_name: String::new(),
        callee: "1".into(),
        callee_display_name: String::new(),
        destination: "1".into(),
        trunk: String::new(),
        started_at: Timestamp::from_micros(1_700_000_000_000_000),
        answered_at: None,
    };
    let engine = Engine::of(&server, server.portsip().home().await);
    engine.live_calls(vec![live]).await;
    let own = server.voipstudio().with_token(&ada.token());
    let id = own.get("/calls").await.is(200)["data"][0]["id"].clone();
    let started = std::time::Instant::now();
    let refused = own.delete(&format!("/calls/{id}")).await.is(412);
    assert!(
        refused["message"]
            .as_str()
            .is_some_and(|text| text.contains("edge")),
        "{refused}"
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
    let pending = server
        .with_directory(|directory| async move { directory.pending_call_orders().await })
        .await;
    assert!(pending.expect("the store answers").is_empty());
}
