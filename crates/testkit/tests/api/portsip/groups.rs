//! Groups and their members.

use jackfield_testkit::{Draft, TestServer, scenarios};
use serde_json::json;

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let caller_ids = json!([{"provider_id": trunk, "caller_id": "+4930", "description": "main"}]);
    let draft = Draft::group("Sales").with("outbound_caller_ids", caller_ids.clone());
    let id = admin.post("/groups", draft).await.created();
    let path = format!("/groups/{id}");
    let read = admin.get(&path).await.is(200);
    let expected =
        json!({"id": id, "name": "Sales", "description": "Group Sales", "outbound_caller_ids": caller_ids});
    assert_eq!(read.json(), &expected);
    let line = admin.get("/groups").await.is(200);
    assert_eq!(
        line["items"],
        json!([{"id": id, "name": "Sales", "description": "Group Sales"}])
    );
    admin.post(&path, json!({"description": "Other"})).await.changed();
    admin.post(&path, json!({"name": "sales"})).await.changed();
    let read = admin.get(&path).await.is(200);
    assert_eq!(
        (&read["name"], &read["description"]),
        (&json!("sales"), &json!("Other"))
    );
    assert_eq!(read["outbound_caller_ids"], caller_ids);
    admin.act(&format!("{path}/destroy")).await.destroyed();
    for answer in [
        admin.get(&path).await,
        admin.post(&path, json!({})).await,
        admin.act(&format!("{path}/destroy")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn wrong_groups_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    admin.post("/groups", Draft::group("Sales")).await.created();
    let _ = admin
        .post("/groups", Draft::group("SALES"))
        .await
        .fails(409, "ALREADY_EXISTS")
        .says("name");
    for (body, word) in [
        (json!({}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(65)}), "name"),
        (
            json!({"name": "x", "description": "x".repeat(1025)}),
            "description",
        ),
        (
            json!({"name": "x", "outbound_caller_ids": [{"provider_id": "1"}]}),
            "outbound_caller_ids[0].caller_id",
        ),
    ] {
        let _ = admin
            .post("/groups", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(word);
    }
    let draft = Draft::group("x").with("outbound_caller_ids", json!([]));
    scenarios::wrong_types(&admin, "/groups", &draft, "/groups").await;
}

#[tokio::test]
async fn members_come_and_go() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let group = admin.post("/groups", Draft::group("Sales")).await.created();
    let members = format!("/groups/{group}/members");
    assert_eq!(admin.get(&members).await.is(200).json(), &json!({"items": []}));
    for user in [&alice, &bob, &alice] {
        admin.act(&format!("{members}/{}", user.number)).await.changed();
    }
    let list = admin.get(&members).await.is(200);
    assert_eq!(list.column("name"), ["alice", "bob"]);
    let one = admin.get(&format!("{members}/{}", alice.number)).await.is(200);
    let expected = json!({
        "id": alice.id, "name": "alice", "display_name": "Person alice", "extension_number": alice.number,
    });
    assert_eq!(one.json(), &expected);
    admin
        .act(&format!("{members}/{}/destroy", alice.number))
        .await
        .destroyed();
    for answer in [
        admin.get(&format!("{members}/{}", alice.number)).await,
        admin.act(&format!("{members}/{}/destroy", alice.number)).await,
        admin.get(&format!("{members}/99999")).await,
        admin.act(&format!("{members}/99999")).await,
        admin.act(&format!("/groups/999999/members/{}", bob.number)).await,
        admin.get("/groups/999999/members").await,
    ] {
        let _ = answer.is(404);
    }
    assert_eq!(admin.get(&members).await.is(200).column("name"), ["bob"]);
    // The group goes, its members stay.
    admin.act(&format!("/groups/{group}/destroy")).await.destroyed();
    let _ = bob.get("/user").await.is(200);
}

#[tokio::test]
async fn members_belong_to_the_same_tenant() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let other = portsip.company("other.test").await;
    let theirs = portsip.employ(&other, Draft::user("theirs", "7777001")).await;
    let group = admin.post("/groups", Draft::group("Sales")).await.created();
    let _ = admin
        .act(&format!("/groups/{group}/members/{}", theirs.number))
        .await
        .fails(404, "NOT_FOUND");
    let _ = other
        .admin
        .act(&format!("/groups/{group}/members/{}", theirs.number))
        .await
        .fails(404, "NOT_FOUND");
    assert_eq!(
        admin.get(&format!("/groups/{group}/members")).await.is(200)["items"],
        json!([])
    );
}
