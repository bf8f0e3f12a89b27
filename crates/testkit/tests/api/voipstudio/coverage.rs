//! One row for each operation of the dialect. A new operation fails here until it has one.

use jackfield_dialect_voipstudio::Version;
use jackfield_testkit::{
    Draft, TestServer,
    coverage::{Reach, Row, Targets, try_all_through, unmatched},
};
use serde_json::json;

fn rows() -> Vec<Row> {
    use Reach::{Own, Public, Session, Tenant};
    let row = Row::new;
    vec![
        // Wrong credentials answer 401, as a missing session does; a body without them does not.
        row("POST /login", Public).body(json!({})),
        row("POST /login2fa", Public).body(json!({})),
        row("POST /logout", Session),
        row("GET /ping", Session),
        row("GET /me", Session),
        row("GET /apitokens", Session),
        row("POST /apitokens", Session).body(json!({"name": "new"})),
        row("DELETE /apitokens/{token}", Own),
        row("GET /users", Tenant),
        row("PATCH /users", Tenant).body(json!([{"id": 100_000, "location_id": 1}])),
        row("GET /users/{user_id}", Tenant),
        row("DELETE /users/{user_id}", Tenant),
        row("GET /users/{user_id}/audio", Tenant),
        row("DELETE /users/{user_id}/audio", Tenant),
        row("GET /users/{user_id}/contacts", Tenant),
        row("GET /users/{user_id}/cdrs", Tenant),
        row("GET /users/{user_id}/chatmsgs", Tenant),
        row("GET /users/{user_id}/calls", Tenant),
        row("GET /calls", Session),
        row("POST /calls", Session).body(json!({"to": "8801"})),
        row("DELETE /calls/{id}", Own),
        row("GET /users/{user_id}/smsthreads/{from}/{to}", Tenant),
        row("GET /users/{user_id}/sms/threads/{from}/{to}", Tenant),
        row("GET /usergroups", Tenant),
        row("POST /usergroups", Tenant).body(json!({"name": "New"})),
        row("GET /usergroups/{id}", Tenant),
        row("PATCH /usergroups/{id}", Tenant).body(json!({"color": "red"})),
        row("DELETE /usergroups/{id}", Tenant),
        row("GET /usergrouppolicies", Tenant),
        row("POST /usergrouppolicies", Tenant).body(json!({"name": "New"})),
        row("GET /usergrouppolicies/{id}", Tenant),
        row("PATCH /usergrouppolicies/{id}", Tenant).body(json!({"color": "red"})),
        row("DELETE /usergrouppolicies/{id}", Tenant),
        row("GET /queuegroups", Tenant),
        row("POST /queuegroups", Tenant).body(json!({"name": "New"})),
        row("GET /queuegroups/{id}", Tenant),
        row("PATCH /queuegroups/{id}", Tenant).body(json!({"name": "Other"})),
        row("DELETE /queuegroups/{id}", Tenant),
        row("DELETE /customers/{id}", Tenant),
    ]
}

#[test]
fn every_operation_has_a_row() {
    let operations = jackfield_dialect_voipstudio::operations()
        .into_iter()
        .map(|operation| format!("{} {}", operation.method, operation.path));
    let unmatched = unmatched(operations, &rows());
    assert!(unmatched.is_empty(), "without a counterpart: {unmatched:?}");
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
    let door = server.voipstudio_at(Version::V1_2);
    let admin = door.with_token(&victim.admin.token());
    let mut ids = Vec::new();
    for path in ["/usergroups", "/usergrouppolicies", "/queuegroups"] {
        let made = admin.post(path, json!({"name": "Sales"})).await.is(201);
        ids.push((path, made["data"]["id"].to_string()));
    }
    let _ = admin.post("/apitokens", json!({"name": "crm"})).await.is(201);
    let tokens = admin.get("/apitokens").await.is(200);
    let handle = tokens["data"][0]["token"].as_str().expect("a token").to_owned();
    let targets = Targets(vec![
        ("/usergroups/{id}", format!("/usergroups/{}", ids[0].1)),
        (
            "/usergrouppolicies/{id}",
            format!("/usergrouppolicies/{}", ids[1].1),
        ),
        ("/queuegroups/{id}", format!("/queuegroups/{}", ids[2].1)),
        ("/customers/{id}", format!("/customers/{}", victim.id)),
        // No call of theirs goes on.
        ("/calls/{id}", "/calls/100000".to_owned()),
        ("{user_id}", target.id.clone()),
        ("{token}", handle),
        ("{from}", "4930123".to_owned()),
        ("{to}", "4940456".to_owned()),
    ]);
    try_all_through(&server, &rows(), &targets, &victim, &foreign, |person| {
        person.through(door.prefix(), door.contract())
    })
    .await;
}
