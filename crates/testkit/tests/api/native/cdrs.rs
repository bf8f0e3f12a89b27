//! Calls that engines report.

use std::time::Duration;

use jackfield_testkit::{Answer, TestServer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PATH: &str = "/feed/cdrs";

/// A call with everything that can be said of one.
fn call(id: &str) -> Value {
    json!({
        "external_id": id,
        "direction": "inbound",
        "started_at": "2026-03-02T07:58:12.345678Z",
        "rang_at": "2026-03-02T07:58:13Z",
        "answered_at": "2026-03-02T08:58:19+01:00",
        "ended_at": "2026-03-02T07:59:40.5Z",
        "caller": "+493022446688",
        "caller_domain": "203.0.113.20",
        "caller_display_name": "Praxis Dr. Öztürk",
        "callee": "1001",
        "callee_domain": "home.test",
        "callee_display_name": "Ada Okafor",
        "destination": "+4930555100",
        "call_id": "b1946ac92492d2347c6235b4@203.0.113.20",
        "end_reason": "caller_disconnected",
        "reroute_reason": "transfer",
        "status_code": 200,
        "outbound_caller_id": "",
        "did_cid": "+4930555100",
        "trunk": "acme",
        "service_number": "700",
        "user_data": "{\"crm\": 4711}",
        "cost": 0.0125,
        "billed_account": "berlin",
    })
}

fn least(id: &str) -> Value {
    json!({
        "external_id": id,
        "direction": "internal",
        "started_at": "2026-03-02T07:58:12Z",
        "ended_at": "2026-03-02T07:58:12Z",
    })
}

fn with(mut call: Value, name: &str, value: Value) -> Value {
    call[name] = value;
    call
}

/// A stream of so many calls.
fn lines_up_to(count: usize) -> String {
    let lines: Vec<_> = (0..count)
        .map(|n| format!("{}\n", least(&n.to_string())))
        .collect();
    lines.concat()
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer["receipt"]["errors"][0]["errors"]
        .as_array()
        .expect("errors");
    errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn a_repeat_is_answered_as_done() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let engine = server.native().engine(home).await;
    let _ = engine.post(PATH, call("a")).await.took([1, 0, 0, 0]);
    let _ = engine.post(PATH, call("a")).await.took([0, 1, 0, 0]);
    // Known by its id, whatever else it says; also within one batch, and whichever key it comes with.
    let _ = engine.post(PATH, least("a")).await.took([0, 1, 0, 0]);
    let second = server.native().engine(home).await;
    let _ = second
        .post(PATH, json!([call("a"), call("b"), least("b"), least("c")]))
        .await
        .took([2, 2, 0, 0]);
    let lines = format!("{}\n{}\n", call("c"), call("d"));
    let _ = engine.stream(PATH, lines).await.took([1, 1, 0, 0]);
    // The ids of another tenant are its own.
    let other = portsip.company("other.test").await;
    let engine = server.native().engine(&other).await;
    let _ = engine.post(PATH, call("a")).await.took([1, 0, 0, 0]);
}

#[tokio::test]
async fn each_value_that_is_wrong_is_named() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    for (name, value) in call("x").as_object().expect("an object") {
        let wrong: &[Value] = match value {
            Value::String(_) => &[json!(7), json!(true), json!(["x"]), json!({"x": 1})],
            _ => &[json!("many"), json!(true), json!([1])],
        };
        for value in wrong {
            let answer = engine
                .post(PATH, with(call("x"), name, value.clone()))
                .await
                .problem(422, "invalid");
            assert_eq!(pointers(&answer), [format!("#/{name}")], "{answer}");
        }
    }
    for (name, value) in [
        ("external_id", json!("")),
        ("external_id", json!("x".repeat(257))),
        ("direction", json!("sideways")),
        ("end_reason", json!("CALLER_DISCONNECTED")),
        ("started_at", json!("2026-03-02 07:58:12")),
        ("rang_at", json!("2026-03-02T07:00:00Z")),
        ("ended_at", json!("2026-03-02T07:58:12Z")),
        ("ended_at", json!("2027-03-02T07:58:12Z")),
        ("status_code", json!(700)),
        ("status_code", json!(200.5)),
        ("cost", json!(-1)),
        ("cost", json!("0.000001")),
        ("caller", json!("1".repeat(257))),
        ("user_data", json!("x".repeat(16_385))),
        ("callee_display_name", json!("a\u{0}b")),
    ] {
        let answer = engine
            .post(PATH, with(call("x"), name, value))
            .await
            .problem(422, "invalid");
        assert!(
            pointers(&answer).contains(&format!("#/{name}")),
            "{name}: {answer}"
        );
    }
    let answer = engine.post(PATH, json!({})).await.problem(422, "invalid");
    assert_eq!(
        pointers(&answer),
        ["#/external_id", "#/started_at", "#/ended_at", "#/direction"]
    );
    // Nothing of all this was stored.
    let _ = engine.post(PATH, call("x")).await.took([1, 0, 0, 0]);
    let _ = engine
        .post(PATH, with(call("y"), "cost", json!("12.5")))
        .await
        .took([1, 0, 0, 0]);
}

#[tokio::test]
async fn the_good_of_a_mixed_batch_are_stored() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let batch = json!([
        call("a"),
        with(call("b"), "direction", json!(7)),
        call("c"),
        "nonsense",
        call("a"),
    ]);
    let answer = engine.post(PATH, batch.clone()).await.took([2, 1, 0, 2]);
    let indexes: Vec<_> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|item| item["index"].as_u64())
        .collect();
    assert_eq!(indexes, [Some(1), Some(3)], "{answer}");
    let _ = engine.post(PATH, batch).await.took([0, 3, 0, 2]);
}

#[tokio::test]
async fn a_full_list_is_one_batch_and_one_more_is_too_many() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let list = |count: usize| Value::from((0..count).map(|n| least(&n.to_string())).collect::<Vec<_>>());
    let _ = engine.post(PATH, list(10_001)).await.problem(413, "too-large");
    let _ = engine.post(PATH, list(10_000)).await.took([10_000, 0, 0, 0]);
}

#[tokio::test]
async fn of_a_stream_that_is_cut_off_whole_portions_stay() {
    let server = TestServer::start().await;
    let (_, key) = server.native().feed_key(server.portsip().home().await).await;
    let mut lines = lines_up_to(1500);
    lines.push_str("{\"external_id\":");
    let head = format!(
        "POST /jackfield/v1{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{lines}\r\n",
        lines.len()
    );
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    // Until the first portion is stored; then the line breaks in the middle of an item.
    let engine = server.native().bearer(&key);
    let known = async |id: &str| {
        let lines = format!("{}\n", least(id));
        let probe = engine.stream(PATH, lines).await.is(200);
        probe["known"] == 1
    };
    let mut waited = 0;
    while !known("0").await {
        // The probe has stored it itself; the stream then finds it known, which is as good.
        waited += 1;
        assert!(waited < 100, "nothing of the stream is stored");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.shutdown().await.expect("it can be closed");
    let mut rest = Vec::new();
    // Whatever is answered: whoever is cut off does not read it.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(known("999").await, "the first portion was whole");
    assert!(!known("1499").await, "the second was not");
    // Sent again, from the start: what is there is known.
    let answer = engine.stream(PATH, lines_up_to(1500)).await.is(200);
    assert_eq!(
        (answer["accepted"].as_u64(), answer["known"].as_u64()),
        (Some(499), Some(1001)),
        "{answer}"
    );
}

#[tokio::test]
async fn a_bad_line_is_named_by_its_number() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let lines = [
        call("a").to_string().into_bytes(),
        Vec::new(),
        b"{\"external_id\": ".to_vec(),
        b"{\"external_id\": \"\xff\"}".to_vec(),
        call("b").to_string().into_bytes(),
    ];
    let answer = engine
        .stream(PATH, lines.join(&b"\n"[..]))
        .await
        .took([2, 0, 0, 2]);
    assert_eq!(
        (&answer["errors"][0]["index"], &answer["errors"][1]["index"]),
        (&json!(2), &json!(3)),
        "{answer}"
    );
    assert!(answer.text().contains("UTF-8"), "{answer}");
}
