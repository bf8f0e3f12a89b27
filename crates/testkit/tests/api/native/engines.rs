//! What engines send by themselves.

use jackfield_testkit::{Caller, Request, TestServer};
use serde_json::Value;

const FREESWITCH: &str = include_str!("../../../../dialect-native/samples/freeswitch.json");
const ASTERISK: &str = include_str!("../../../../dialect-native/samples/asterisk.json");

async fn send(
    engine: &Caller,
    path: &str,
    kind: &str,
    body: impl Into<Vec<u8>>,
) -> jackfield_testkit::Answer {
    let request = Request::new("POST", path).header("Content-Type", kind);
    engine.send(request.bytes(body)).await
}

const LEGS: &str = "/feed/freeswitch/cdrs?uuid=7c1f6a52-91d4-4b0e-9a57-0f6c2d1be801";
const RECORDS: &str = "/feed/asterisk/cdrs";

#[tokio::test]
async fn a_leg_of_freeswitch_is_taken_however_it_is_sent() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let answer = send(&engine, LEGS, "application/json", FREESWITCH).await;
    let _ = answer.took([1, 0, 0, 0]);
    let form = "application/x-www-form-urlencoded";
    let request = Request::new("POST", LEGS).form(&[("cdr", FREESWITCH)]);
    let _ = engine.send(request).await.took([0, 1, 0, 0]);
    for body in [FREESWITCH.to_owned(), format!("cdr={FREESWITCH}")] {
        let _ = send(&engine, LEGS, form, body).await.took([0, 1, 0, 0]);
    }
    // The other leg of the call is answered as done, so that the engine does not keep it.
    let mut second: Value = serde_json::from_str(FREESWITCH).expect("JSON");
    second["variables"]["uuid"] = "e2b7c9d0-35aa-4d3c-8f7e-6b1f0c9a4d02".into();
    second["variables"]["originating_leg_uuid"] = "7c1f6a52-91d4-4b0e-9a57-0f6c2d1be801".into();
    let _ = engine.post(LEGS, second).await.took([0, 0, 1, 0]);
}

#[tokio::test]
async fn what_is_no_leg_is_not_answered_with_success() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status, problem) in [
        ("application/json", "{}", 422, "invalid"),
        ("application/json", r#"{"variables": []}"#, 422, "invalid"),
        (
            "application/json",
            r#"{"variables": {"start_epoch": "1"}}"#,
            422,
            "invalid",
        ),
        ("application/json", "{", 400, "unreadable"),
        (form, "other=1", 400, "unreadable"),
        (form, "cdr=%7", 400, "unreadable"),
        (form, "cdr=%7B%7D", 422, "invalid"),
        (
            "application/x-www-form-base64-encoded",
            "cdr=!",
            400,
            "unreadable",
        ),
        ("text/xml", "<cdr/>", 415, "media-type"),
    ] {
        let _ = send(&engine, LEGS, kind, body).await.problem(status, problem);
    }
}

#[tokio::test]
async fn records_of_asterisk_are_taken_in_both_spellings() {
    let server = TestServer::start().await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let records: Value = serde_json::from_str(ASTERISK).expect("JSON");
    let _ = engine.post(RECORDS, records.clone()).await.took([2, 0, 0, 0]);
    let one = &records[0];
    // A clock in another zone does not make another record.
    for query in ["", "?timezone=UTC", "?timezone=Europe/Berlin"] {
        let _ = engine
            .post(&format!("{RECORDS}{query}"), one.clone())
            .await
            .took([0, 1, 0, 0]);
    }
    let lines = format!("{}\n{}\n", records[0], records[1]);
    let _ = engine.stream(RECORDS, lines).await.took([0, 2, 0, 0]);
    let answer = engine
        .post(&format!("{RECORDS}?timezone=Mars"), one.clone())
        .await
        .problem(422, "invalid");
    assert!(answer.text().contains("Europe/Berlin"), "{answer}");
    let mut broken = records;
    broken[0]["StartTime"] = "yesterday".into();
    let answer = engine.post(RECORDS, broken).await.took([0, 1, 0, 1]);
    assert!(answer.text().contains("started_at must be"), "{answer}");
}
