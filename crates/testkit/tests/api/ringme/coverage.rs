//! One row for each operation of the dialect. A new operation fails here until it has one.

use jackfield_testkit::{
    Draft, TestServer,
    coverage::{Reach, Row, Targets, try_all_through, unmatched},
};
use serde_json::json;

fn rows() -> Vec<Row> {
    use Reach::{Own, Session, Tenant};
    let row = Row::new;
    let new = json!({
        "name": "New", "login": "new", "password": jackfield_testkit::PASSWORD, "email": "new@mail.test", "extension_id": 1
    });
    vec![
        row("GET /user/", Session),
        row("GET /client/{client_id}/user/extension/", Tenant),
        row("POST /client/{client_id}/user/extension/", Tenant).body(new),
        row("GET /client/{client_id}/user/extension/{user_id}", Tenant),
        row("PUT /client/{client_id}/user/extension/{user_id}", Tenant).body(json!({"comment": "x"})),
        row("DELETE /client/{client_id}/user/extension/{user_id}", Tenant),
        row("GET /client/{client_id}/extension/", Tenant),
        row("GET /client/{client_id}/extension/{extension_id}", Tenant),
        row("GET /client/{client_id}/call_history/", Session),
        row("GET /client/{client_id}/call_history/{call_uuid}", Own),
    ]
}

#[test]
fn every_operation_has_a_row() {
    let operations = jackfield_dialect_ringme::operations()
        .into_iter()
        .map(|operation| format!("{} {}", operation.method, operation.path));
    let unmatched = unmatched(operations, &rows());
    assert!(unmatched.is_empty(), "without a counterpart: {unmatched:?}");
}

#[test]
fn the_protocol_has_these_operations() {
    let operations: Vec<_> = jackfield_dialect_ringme::oauth_operations()
        .into_iter()
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    // Each is tried by strangers in `oauth.rs` and `authorize.rs`: they prove themselves in other ways than by a session.
    assert_eq!(
        operations,
        [
            "GET /authorize",
            "POST /authorize",
            "POST /introspect",
            "POST /revoke",
            "POST /token"
        ]
    );
}

#[tokio::test]
async fn who_may_not_changes_nothing_and_learns_nothing() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (victim, foreign) = (
        portsip.company("victim.test").await,
        portsip.company("foreign.test").await,
    );
    let target = portsip.employ(&victim, Draft::user("target", "8801")).await;
    let door = server.ringme();
    let mine = door.with_token(&victim.admin.token());
    let extension = mine.get("/client/@me/extension/?name=8801").await.is(200);
    let targets = Targets(vec![
        ("{client_id}", victim.id.clone()),
        ("{user_id}", target.id.clone()),
        ("{extension_id}", extension.json()[0]["id"].to_string()),
        ("{call_uuid}", "100000".to_owned()),
    ]);
    try_all_through(&server, &rows(), &targets, &victim, &foreign, |person| {
        person.through(door.prefix(), door.contract())
    })
    .await;
    // The ids of another tenant's records under one's own client are unknown ids.
    let theirs = door.with_token(&foreign.admin.token());
    for path in [
        format!("/client/@me/user/extension/{}", target.id),
        format!("/client/@me/extension/{}", extension.json()[0]["id"]),
    ] {
        let _ = theirs.get(&path).await.is(404);
    }
    let _ = theirs
        .delete(&format!("/client/@me/user/extension/{}", target.id))
        .await
        .is(404);
    let _ = mine
        .get(&format!("/client/@me/user/extension/{}", target.id))
        .await
        .is(200);
}
