//! What engines report, as the people whom it concerns read it through a vendor's dialect.

use jackfield_testkit::TestServer;
use serde_json::{Value, json};

/// What the record has of this.
fn has(record: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&record[name], value, "{name} in {record}");
    }
}

#[tokio::test]
async fn a_call_is_read_by_both_sides_and_nobody_else() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben, cora) = (
        portsip.user("ada").await,
        portsip.user("ben").await,
        portsip.user("cora").await,
    );
    let engine = server.native().engine(portsip.home().await).await;
    let call = json!({
        "external_id": "a",
        "direction": "internal",
        "started_at": "2026-03-02T07:58:12.345678Z",
        "rang_at": "2026-03-02T07:58:13Z",
        "answered_at": "2026-03-02T08:58:19+01:00",
        "ended_at": "2026-03-02T07:59:40Z",
        "caller": ada.number,
        "caller_domain": "home.test",
        "caller_display_name": "Ada Öztürk",
        "callee": ben.number,
        "callee_domain": "home.test",
        "callee_display_name": "Ben",
        "destination": "700",
        "call_id": "b1946ac9@203.0.113.20",
        "end_reason": "caller_disconnected",
        "reroute_reason": "transfer",
        "status_code": 200,
        "outbound_caller_id": "+4930555199",
        "did_cid": "+4930555100",
        "trunk": "acme",
        "service_number": "700",
        "cost": 0.25,
        "billed_account": "berlin",
    });
    let missed = json!({
        "external_id": "b",
        "direction": "inbound",
        "started_at": "2026-03-02T08:00:00Z",
        "ended_at": "2026-03-02T08:00:09Z",
        "caller": "+4930",
        "callee": ada.number,
    });
    let _ = engine
        .post("/feed/cdrs", json!([call, missed]))
        .await
        .took([2, 0, 0, 0]);
    for (person, count) in [(&ada, 2), (&ben, 1)] {
        let ids = person.get("/user/cdrs").await.is(200).column("id");
        assert_eq!(ids.len(), count);
        let id = ids.last().expect("a call");
        let one = person.get(&format!("/user/cdrs/{id}")).await.is(200)["items"].clone();
        has(
            &one,
            &json!({
                "direction": "EXTENSION_CALL",
                "started_at": "2026-03-02T07:58:12.345678Z",
                "rang_at": "2026-03-02T07:58:13Z",
                "answered_at": "2026-03-02T07:58:19Z",
                "ended_at": "2026-03-02T07:59:40Z",
                "caller": ada.number,
                "caller_domain": "home.test",
                "caller_display_name": "Ada Öztürk",
                "callee": ben.number,
                "callee_domain": "home.test",
                "callee_display_name": "Ben",
                "destination": "700",
                "call_id": "b1946ac9@203.0.113.20",
                "end_reason": "CALLER_DISCONNECTED",
                "reroute_reason": "TRANSFER",
                "status_code": 200,
                "outbound_caller_id": "+4930555199",
                "did_cid": "+4930555100",
                "trunk": "acme",
                "service_number": "700",
                "cost": 0.25,
                "billed_account": "berlin",
            }),
        );
    }
    let latest = ada.get("/user/cdrs").await.is(200)["items"][0].clone();
    has(
        &latest,
        &json!({"direction": "INBOUND_CALL", "duration": 0, "caller": "+4930"}),
    );
    assert_eq!(cora.get("/user/cdrs").await.is(200)["count"], 0);
    let other = portsip.company("other.test").await;
    assert_eq!(other.admin.get("/user/cdrs").await.is(200)["count"], 0);
}

#[tokio::test]
async fn a_message_is_read_by_whom_it_is_for() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let engine = server.native().engine(portsip.home().await).await;
    let message = json!({
        "external_id": "a",
        "direction": "in",
        "message_type": "sms",
        "delivery": "received",
        "sender": "+493022446688",
        "sender_name": "Praxis",
        "receiver": ada.number,
        "content": "Line one\nline two",
        "created_at": "2026-03-02T07:58:12Z",
        "did": "+4930555100",
        "channel_name": "Main",
        "brand": "Acme",
        "provider_message_id": "SM1",
    });
    let _ = engine.post("/feed/messages", message).await.took([1, 0, 0, 0]);
    let path = "/user/external_messages";
    let id = ada.get(path).await.is(200).column("id").pop().expect("a message");
    let one = ada.get(&format!("{path}/{id}")).await.is(200).json().clone();
    let one = one.pointer("/items/0").or(one.get("items")).unwrap_or(&one);
    has(
        one,
        &json!({
            "sender": "+493022446688",
            "receiver": ada.number,
            "content": "Line one\nline two",
            "created_at": "2026-03-02T07:58:12Z",
            "did": "+4930555100",
            "channel_name": "Main",
            "brand": "Acme",
        }),
    );
    assert_eq!(ben.get(path).await.is(200)["count"], 0);
    let _ = ben.get(&format!("{path}/{id}")).await.fails(404, "NOT_FOUND");
}
