//! Status, presence and the devices that are bound.

use std::time::Duration;

use jackfield_testkit::{Device, Person, TestServer};
use serde_json::{Value, json};

fn registered(person: &Person, instance_id: &str, seconds: u64) -> Device {
    Device {
        number: person.number.clone(),
        instance_id: instance_id.to_owned(),
        seconds,
    }
}

#[tokio::test]
async fn status_is_the_same_at_both_places_and_follows_the_devices() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let path = format!("/users/{}/status", alice.id);
    let seen = async || {
        let own = alice.get("/user/status").await.is(200).json().clone();
        assert_eq!(admin.get(&path).await.is(200).json(), &own);
        own
    };
    let nothing = json!({
        "status": "OFFLINE", "presence": "OFFLINE", "presence_note": "", "registration": [],
        "enable_dnd": false, "enable_acb": false
    });
    assert_eq!(seen().await, nothing);

    let home = &portsip.home().await.id;
    server.bind(home, registered(&alice, "<urn:uuid:1/2>", 60)).await;
    server.bind(home, registered(&alice, "cell", 120)).await;
    let state = seen().await;
    assert_eq!(
        (&state["status"], &state["presence"]),
        (&json!("ONLINE"), &json!("AVAILABLE"))
    );
    assert_eq!(
        state["registration"][0],
        json!({
            "instance_id": "<urn:uuid:1/2>", "user_agent": "Desk phone 1.0", "application": "", "ip": "192.0.2.1",
            "enable_push": false, "contact_address": "sip:device@192.0.2.1"
        })
    );
    assert_eq!(state["registration"][1]["instance_id"], "cell");

    admin
        .post(
            &format!("/users/{}", alice.id),
            json!({"enable_dnd": true, "enable_acb": true}),
        )
        .await
        .changed();
    let state = seen().await;
    assert_eq!(
        (
            &state["status"],
            &state["presence"],
            &state["enable_dnd"],
            &state["enable_acb"]
        ),
        (
            &json!("ONLINE"),
            &json!("DO_NOT_DISTURB"),
            &json!(true),
            &json!(true)
        )
    );
    server.clock.advance(Duration::from_mins(1));
    assert_eq!(seen().await["registration"].as_array().map(Vec::len), Some(1));
    server.clock.advance(Duration::from_mins(1));
    assert_eq!(seen().await["status"], "OFFLINE");
}

#[tokio::test]
async fn an_administrator_unbinds_a_device() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let home = &portsip.home().await.id;
    server.bind(home, registered(&alice, "<urn:uuid:1/2>", 60)).await;
    server.bind(home, registered(&alice, "cell", 60)).await;
    let of = |user: &str, instance: &str| format!("/users/{user}/status/{instance}/destroy_status");

    let bob = portsip.user("bob").await;
    let foreign = portsip.company("foreign.test").await;
    let _ = bob.act(&of(&alice.id, "cell")).await.fails(403, "FORBIDDEN");
    let _ = foreign
        .admin
        .act(&of(&alice.id, "cell"))
        .await
        .fails(404, "NOT_FOUND");
    let _ = admin.act(&of(&bob.id, "cell")).await.fails(404, "NOT_FOUND");
    let _ = admin.act(&of("100", "cell")).await.fails(404, "NOT_FOUND");

    admin
        .act(&of(&alice.id, "%3Curn%3Auuid%3A1%2F2%3E"))
        .await
        .destroyed();
    let _ = admin
        .act(&of(&alice.id, "%3Curn%3Auuid%3A1%2F2%3E"))
        .await
        .fails(404, "NOT_FOUND");
    for strange in ["%00", "%20", "CELL", &"x".repeat(300)] {
        let _ = admin.act(&of(&alice.id, strange)).await.fails(404, "NOT_FOUND");
    }
    let state = alice.get("/user/status").await.is(200);
    assert_eq!(state["registration"].as_array().map(Vec::len), Some(1));
    server.clock.advance(Duration::from_mins(1));
    let _ = admin.act(&of(&alice.id, "cell")).await.fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn who_is_disabled_or_gets_another_sip_password_loses_his_devices() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let home = &portsip.home().await.id;
    let path = format!("/users/{}", alice.id);
    let devices = async || {
        let state = admin.get(&format!("{path}/status")).await.is(200);
        state["registration"].as_array().map_or(0, Vec::len)
    };
    server.bind(home, registered(&alice, "desk", 60)).await;
    assert_eq!(devices().await, 1);
    admin
        .post(
            &format!("{path}/extension_password"),
            json!({"password": "Zx9!kLmPq2"}),
        )
        .await
        .changed();
    assert_eq!(devices().await, 0);
    server.bind(home, registered(&alice, "desk", 60)).await;
    admin.post(&path, json!({"enabled": false})).await.changed();
    assert_eq!(devices().await, 0);
}

#[tokio::test]
async fn presence_is_said_by_oneself() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let said = async || {
        let state = alice.get("/user/status").await.is(200);
        (state["presence"].clone(), state["presence_note"].clone())
    };
    for word in ["AWAY", "BUSINESS_TRIP", "LUNCH", "DO_NOT_DISTURB"] {
        alice
            .post("/user/presence", json!({"presence": word}))
            .await
            .changed();
        assert_eq!(said().await, (json!(word), json!("")));
    }
    alice
        .post("/user/presence", json!({"presence_note": "back at two"}))
        .await
        .changed();
    alice.post("/user/presence", json!({})).await.changed();
    assert_eq!(said().await, (json!("DO_NOT_DISTURB"), json!("back at two")));
    // Saying so is not the switch: that one stays as it was.
    assert_eq!(alice.get("/user/status").await.is(200)["enable_dnd"], false);

    for body in [
        json!({"presence": "ON_CALL"}),
        json!({"presence": "OFFLINE"}),
        json!({"presence": "lunch"}),
        json!({"presence": 1}),
    ] {
        let _ = alice
            .post("/user/presence", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("presence");
    }
    let answer = alice
        .post(
            "/user/presence",
            json!({"presence": "x", "presence_note": "x".repeat(129)}),
        )
        .await
        .fails(400, "VALIDATE_FAILED");
    let answer = answer.says("presence");
    let _ = answer.says("presence_note");
    for body in [json!([]), Value::Null, json!("LUNCH")] {
        let _ = alice.post("/user/presence", body).await.is(400);
    }
    assert_eq!(said().await, (json!("DO_NOT_DISTURB"), json!("back at two")));

    let trace = async || {
        let journal = server
            .journal(portsip.home().await.id.parse().expect("a number"))
            .await;
        journal.into_iter().filter(|line| line.kind == "presence").count()
    };
    let before = trace().await;
    alice
        .post(
            "/user/presence",
            json!({"presence": "AVAILABLE", "presence_note": ""}),
        )
        .await
        .changed();
    alice
        .post("/user/presence", json!({"presence": "AVAILABLE"}))
        .await
        .changed();
    assert_eq!(trace().await, before + 1);
    assert_eq!(said().await, (json!("OFFLINE"), json!("")));
}

#[tokio::test]
async fn who_speaks_is_on_a_call() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let home = portsip.home().await;
    let engine = server.native().engine(home).await;
    server
        .bind(&home.id, registered(&alice, "cell", 7 * 24 * 3600))
        .await;
    let queue = admin
        .post(
            "/call_queues",
            jackfield_testkit::Draft::call_queue("Support", "6000"),
        )
        .await
        .made();
    let agents = json!({"items": [{"extension_number": alice.number}]});
    admin
        .post(&format!("/call_queues/{queue}/agents"), agents)
        .await
        .changed();
    let own = format!("/user/call_queues/{queue}/agent");
    alice.post(&own, json!({"status": "LOGGED_IN"})).await.changed();
    let seen = async || {
        let state = alice.get("/user/status").await.is(200);
        let agent = alice.get(&own).await.is(200);
        [&state["status"], &state["presence"], &agent["status"]]
            .map(|word| word.as_str().unwrap_or("").to_owned())
    };
    let report = async |id: &str, state: &str, callee: &str| {
        let call = json!({
            "external_id": id, "state": state, "direction": "inbound", "caller": "+4930", "callee": callee,
            "started_at": "2026-03-02T07:58:12Z", "answered_at": "2026-03-02T07:58:19Z",
        });
        let _ = engine.post("/feed/live_calls", call).await.is(200);
    };
    let free = ["ONLINE", "AVAILABLE", "READY"];
    let talks = ["ON_CALL", "ON_CALL", "OTHER_CALL"];
    assert_eq!(seen().await, free);
    report("other", "answered", "999").await;
    report("a", "ringing", &alice.number).await;
    assert_eq!(seen().await, free, "it only rings");
    for state in ["answered", "held"] {
        report("a", state, &alice.number).await;
        assert_eq!(seen().await, talks, "{state}");
    }
    alice
        .post("/user/presence", json!({"presence": "LUNCH"}))
        .await
        .changed();
    assert_eq!(seen().await, ["ON_CALL", "LUNCH", "OTHER_CALL"]);
    report("a", "ended", &alice.number).await;
    assert_eq!(seen().await, ["ONLINE", "LUNCH", "READY"]);
    // An engine that went silent holds nobody on the line for ever.
    report("b", "answered", &alice.number).await;
    server.clock.advance(Duration::from_hours(25));
    alice.sign_in(jackfield_testkit::PASSWORD).await;
    assert_eq!(seen().await, ["ONLINE", "LUNCH", "READY"]);
}
