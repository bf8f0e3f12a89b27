//! Groups of users, policies for them, and groups of queues.

use jackfield_testkit::{Draft, TestServer};
use serde_json::json;

#[tokio::test]
async fn each_kind_is_made_read_changed_and_destroyed() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (home, other) = (portsip.home().await, portsip.company("other.test").await);
    let door = server.voipstudio();
    let admin = door.with_token(&home.admin.token());
    let theirs = door.with_token(&other.admin.token());
    for (path, colored) in [
        ("/usergroups", true),
        ("/usergrouppolicies", true),
        ("/queuegroups", false),
    ] {
        let made = admin
            .post(path, json!({"name": "Sales", "color": "red"}))
            .await
            .is(201);
        assert_eq!(made["links"], json!({}));
        let id = made["data"]["id"].as_i64().expect("an id");
        let color = colored.then(|| json!("red"));
        assert_eq!(made["data"].get("color"), color.as_ref(), "{path}");
        let one = format!("{path}/{id}");
        assert_eq!(admin.get(&one).await.is(200)["data"], made["data"]);
        let changed = admin.patch(&one, json!({"name": "Support"})).await.is(200);
        assert_eq!(changed["data"]["name"], "Support");
        assert_eq!(changed["data"].get("color"), color.as_ref(), "{path}");
        // Names are unique without regard to case, in one tenant.
        let _ = admin.post(path, json!({"name": "Other"})).await.is(201);
        let _ = admin
            .post(path, json!({"name": "SUPPORT"}))
            .await
            .fails(400, "ALREADY_EXISTS")
            .says("name");
        let _ = admin
            .patch(&one, json!({"name": "other"}))
            .await
            .fails(400, "ALREADY_EXISTS");
        let _ = theirs.post(path, json!({"name": "Support"})).await.is(201);
        for body in [
            json!({}),
            json!({"name": ""}),
            json!({"name": 7}),
            json!({"name": " x"}),
            json!({"name": null}),
            json!({"name": "x".repeat(65)}),
        ] {
            let _ = admin.post(path, body).await.is(400).says("name");
        }
        for body in [json!([]), json!("x"), json!(null)] {
            let _ = admin.post(path, body).await.is(400);
        }
        let _ = admin
            .patch(&one, json!({"name": null}))
            .await
            .is(400)
            .says("name");
        if colored {
            let bad = json!({"name": "X", "color": "x".repeat(33)});
            let _ = admin.post(path, bad).await.is(400).says("color");
            let _ = admin.patch(&one, json!({"color": 7})).await.is(400).says("color");
            assert_eq!(
                admin.patch(&one, json!({"color": null})).await.is(200)["data"]["color"],
                ""
            );
        }
        for unknown in ["1", "x", "-1"] {
            let _ = admin
                .get(&format!("{path}/{unknown}"))
                .await
                .fails(404, "NOT_FOUND");
        }
        admin.delete(&one).await.destroyed();
        let _ = admin.get(&one).await.is(404);
        let _ = admin.patch(&one, json!({"name": "x"})).await.is(404);
        let _ = admin.delete(&one).await.fails(404, "NOT_FOUND");
        assert_eq!(admin.get(path).await.is(200)["total"], 1);
    }
}

#[tokio::test]
async fn groups_show_their_members_when_asked() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip
        .employ(
            home,
            Draft::user("alice", "1001").with("display_name", "Alice Smith"),
        )
        .await;
    let admin = server.voipstudio().with_token(&home.admin.token());
    let group = home.admin.post("/groups", Draft::group("Sales")).await.created();
    home.admin
        .act(&format!("/groups/{group}/members/1001"))
        .await
        .changed();
    let path = format!("/usergroups/{group}");
    let plain = admin.get(&path).await.is(200);
    assert!(plain["data"].get("users").is_none());
    let id: i64 = alice.id.parse().expect("an id is a number");
    let expected = json!([{"id": id, "first_name": "Alice", "last_name": "Smith", "ext": "1001"}]);
    let with = admin.find(&path, &[("include", "users")]).await.is(200);
    assert_eq!(with["data"]["users"], expected);
    let narrow = [("include", "users"), ("fields[users]", "id, last_name,status")];
    let with = admin.find("/usergroups", &narrow).await.is(200);
    assert_eq!(
        with["data"][0]["users"],
        json!([{"id": id, "last_name": "Smith"}])
    );
    // What cannot be included is left out: programs ask for more than there is.
    let _ = admin.find(&path, &[("include", "queues,users2")]).await.is(200);
}
