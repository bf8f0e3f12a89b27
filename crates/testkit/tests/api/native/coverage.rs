//! One row for each operation. A new operation fails here until it has one.

use std::collections::BTreeSet;

use jackfield_testkit::{Answer, Caller, Request, TestServer};
use serde_json::{Value, json};

/// What opens an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// The key of an engine, with this answer.
    Key(u16),
    /// The session of somebody with a right of the tenant.
    Right,
    /// The session of anybody; a plain user, to whom none of it belongs, gets this answer.
    Session(u16),
}

/// Every operation, what opens it, and a body that is right.
fn rows() -> Vec<(&'static str, Opens, Value)> {
    use Opens::{Key, Right, Session};
    let joined = json!([{"external_id": "1", "attendance": "joined", "number": "1001"}]);
    vec![
        ("GET /keys", Right, Value::Null),
        ("POST /keys", Right, json!({"purpose": "feed"})),
        ("DELETE /keys/{id}", Right, Value::Null),
        (
            "POST /routes/explain",
            Right,
            json!({"from": "1001", "to": "1002"}),
        ),
        ("GET /calls", Session(200), Value::Null),
        // Nobody has the number.
        ("POST /calls", Session(422), json!({"to": "8999"})),
        ("DELETE /calls/{id}", Session(404), Value::Null),
        ("GET /cdrs/{id}/legs", Session(404), Value::Null),
        ("GET /inbound_routes", Right, Value::Null),
        (
            "POST /inbound_routes",
            Right,
            json!({"called": "49", "target": "1"}),
        ),
        ("GET /inbound_routes/{id}", Right, Value::Null),
        ("PATCH /inbound_routes/{id}", Right, json!({"priority": 1})),
        ("DELETE /inbound_routes/{id}", Right, Value::Null),
        ("GET /outbound_routes", Right, Value::Null),
        ("POST /outbound_routes", Right, json!({"trunk_id": 100_000})),
        ("GET /outbound_routes/{id}", Right, Value::Null),
        ("PATCH /outbound_routes/{id}", Right, json!({"priority": 1})),
        ("DELETE /outbound_routes/{id}", Right, Value::Null),
        ("POST /feed/cdrs", Key(200), json!([])),
        ("POST /feed/registrations", Key(200), json!([])),
        ("POST /feed/messages", Key(200), json!([])),
        ("POST /feed/chat_messages", Key(200), json!([])),
        ("POST /feed/recordings", Key(200), json!([])),
        ("PUT /feed/recordings/{external_id}/file", Key(404), json!([])),
        ("POST /feed/meetings/{id}/participants", Key(404), joined),
        ("POST /feed/live_calls", Key(200), json!([])),
        ("POST /feed/mailboxes", Key(200), json!([])),
        ("POST /feed/freeswitch/cdrs", Key(200), json!([])),
        ("POST /feed/asterisk/cdrs", Key(200), json!([])),
    ]
}

#[test]
fn every_operation_has_a_row() {
    let documented: BTreeSet<String> = jackfield_dialect_native::operations()
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    let known: BTreeSet<String> = rows()
        .iter()
        .map(|(operation, ..)| (*operation).to_owned())
        .collect();
    let unmatched: Vec<_> = documented.symmetric_difference(&known).collect();
    assert!(
        unmatched.is_empty(),
        "rows to add, or to remove, in {}: {unmatched:?}",
        file!()
    );
}

#[tokio::test]
async fn who_may_not_changes_nothing_and_learns_nothing() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let victim = portsip.company("victim.test").await;
    let foreign = portsip.company("foreign.test").await;
    let plain = portsip
        .employ(&victim, jackfield_testkit::Draft::user("plain", "8001"))
        .await;
    let (id, key) = native.feed_key(&victim).await;
    let tenant: i64 = victim.id.parse().expect("an id is a number");
    let (mut wrong, before) = (Vec::new(), server.journal(tenant).await.len());
    for (operation, opens, body) in rows() {
        let (method, template) = operation.split_once(' ').expect("METHOD /template");
        let path = template
            .replace("{id}", &id.to_string())
            .replace("{external_id}", "unknown");
        let call = async |caller: Caller| -> Answer {
            let request = Request::new(method, path.as_str());
            caller
                .send(if body.is_null() {
                    request
                } else {
                    request.json(&body)
                })
                .await
        };
        let mut expect = |who: &str, answer: &Answer, status: u16| {
            if answer.status != status {
                wrong.push(format!("{operation} by {who}: {answer}"));
            }
        };
        expect("nobody", &call(native.anonymous()).await, 401);
        expect("a stale token", &call(native.bearer("STALE")).await, 401);
        expect("a stale key", &call(native.bearer("jfk_STALE")).await, 401);
        let plainly = match opens {
            Opens::Key(_) | Opens::Right => 403,
            Opens::Session(status) => status,
        };
        expect("a plain user", &call(native.person(&plain)).await, plainly);
        match opens {
            Opens::Key(status) => {
                expect("an administrator", &call(native.person(&victim.admin)).await, 403);
                expect("the engine", &call(native.bearer(&key)).await, status);
            }
            Opens::Right | Opens::Session(_) => {
                expect("an engine", &call(native.bearer(&key)).await, 401);
                if template.contains('{') {
                    let answer = call(native.person(&foreign.admin)).await;
                    expect("another tenant's administrator", &answer, 404);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(server.journal(tenant).await.len(), before, "something changed");
}
