//! Messages, recordings and live calls that engines report.

use jackfield_testkit::{Answer, TestServer};
use serde_json::{Value, json};

fn message(id: &str) -> Value {
    json!({
        "external_id": id,
        "direction": "in",
        "message_type": "sms",
        "delivery": "received",
        "sender": "+493022446688",
        "sender_name": "Praxis",
        "receiver": "1001",
        "receiver_name": "Ada",
        "content": "Line one\nline two",
        "created_at": "2026-03-02T07:58:12Z",
        "reason": "",
        "did": "+4930555100",
        "config_id": "7",
        "channel_name": "Main",
        "channel_number": "+4930555100",
        "brand": "Acme",
        "provider_message_id": "SM1",
    })
}

fn chat_message(id: &str) -> Value {
    json!({
        "external_id": id,
        "sender": "1001",
        "receiver": "bob",
        "content": "Hello",
        "created_at": "2026-03-02T07:58:12Z",
        "conversation": "1001-bob",
    })
}

fn recording(id: &str) -> Value {
    json!({
        "external_id": id,
        "call_id": "b1946ac92492d2347c6235b4@203.0.113.20",
        "caller": "+493022446688",
        "callee": "1001",
        "started_at": "2026-03-02T07:58:19Z",
        "ended_at": "2026-03-02T07:59:40Z",
        "file_name": "call.wav",
    })
}

fn live_call(id: &str) -> Value {
    json!({
        "external_id": id,
        "state": "answered",
        "direction": "inbound",
        "started_at": "2026-03-02T07:58:12Z",
        "answered_at": "2026-03-02T07:58:19Z",
        "caller": "+493022446688",
        "caller_display_name": "Praxis",
        "callee": "1001",
        "callee_display_name": "Ada",
        "destination": "+4930555100",
        "trunk": "acme",
    })
}

/// A path, an item of it, and the names that every item must have.
type Kind = (&'static str, fn(&str) -> Value, &'static [&'static str]);

const KINDS: [Kind; 4] = [
    (
        "/feed/messages",
        message,
        &["external_id", "sender", "receiver", "direction", "created_at"],
    ),
    (
        "/feed/chat_messages",
        chat_message,
        &["external_id", "sender", "receiver", "content", "created_at"],
    ),
    (
        "/feed/recordings",
        recording,
        &["external_id", "started_at", "ended_at", "file_name"],
    ),
    (
        "/feed/live_calls",
        live_call,
        &["external_id", "state", "direction", "started_at"],
    ),
];

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer["receipt"]["errors"][0]["errors"]
        .as_array()
        .expect("errors");
    let mut found: Vec<_> = errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap_or_default().to_owned())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn each_kind_is_taken_and_a_repeat_is_known() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let engine = server.native().engine(portsip.home().await).await;
    let other = server.native().engine(&portsip.company("other.test").await).await;
    for (path, item, _) in KINDS {
        // A live call has a present state: a second report of it replaces the first.
        let again = if path == "/feed/live_calls" {
            [1, 0, 0, 0]
        } else {
            [0, 1, 0, 0]
        };
        let _ = engine.post(path, item("a")).await.took([1, 0, 0, 0]);
        let _ = engine.post(path, item("a")).await.took(again);
        let _ = engine
            .post(path, json!([item("b"), item("c")]))
            .await
            .took([2, 0, 0, 0]);
        let lines = format!("{}\n{}\n", item("d"), item("e"));
        let _ = engine.stream(path, lines).await.took([2, 0, 0, 0]);
        let _ = other.post(path, item("a")).await.took([1, 0, 0, 0]);
    }
    // One that is over is removed; one that nobody knows is over already.
    let mut over = live_call("a");
    over["state"] = "ended".into();
    let _ = engine
        .post("/feed/live_calls", over.clone())
        .await
        .took([1, 0, 0, 0]);
    let _ = engine.post("/feed/live_calls", over).await.took([0, 1, 0, 0]);
}

#[tokio::test]
async fn each_value_that_is_wrong_is_named() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    for (path, item, required) in KINDS {
        for name in item("x").as_object().expect("an object").keys() {
            for value in [json!(7), json!(true), json!(["x"]), json!({"x": 1})] {
                let mut wrong = item("x");
                wrong[name] = value;
                let answer = engine.post(path, wrong).await.problem(422, "invalid");
                assert!(
                    pointers(&answer).contains(&format!("#/{name}")),
                    "{path} {name}: {answer}"
                );
            }
        }
        let answer = engine.post(path, json!({})).await.problem(422, "invalid");
        let mut expected: Vec<_> = required.iter().map(|name| format!("#/{name}")).collect();
        expected.sort();
        assert_eq!(pointers(&answer), expected, "{path}: {answer}");
        let batch = json!([{}, item("good"), null]);
        let _ = engine.post(path, batch).await.took([1, 0, 0, 2]);
    }
    for (path, item, name, value) in [
        ("/feed/messages", message("x"), "message_type", "telegram"),
        ("/feed/messages", message("x"), "direction", "up"),
        ("/feed/messages", message("x"), "delivery", "err"),
        ("/feed/messages", message("x"), "sender", ""),
        ("/feed/chat_messages", chat_message("x"), "content", ""),
        ("/feed/recordings", recording("x"), "file_name", "../etc/passwd"),
        (
            "/feed/recordings",
            recording("x"),
            "ended_at",
            "2026-03-02T07:00:00Z",
        ),
        ("/feed/live_calls", live_call("x"), "state", "gone"),
        (
            "/feed/live_calls",
            live_call("x"),
            "answered_at",
            "2026-03-02T07:00:00Z",
        ),
    ] {
        let mut wrong = item;
        wrong[name] = value.into();
        let answer = engine.post(path, wrong).await.problem(422, "invalid");
        assert_eq!(pointers(&answer), [format!("#/{name}")], "{path}: {answer}");
    }
}
