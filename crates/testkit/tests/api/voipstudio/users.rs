//! Users: read, placed and destroyed; and the end of a customer.

use jackfield_testkit::{Draft, PASSWORD, Request, TestServer};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_shown_as_the_vendor_does() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip
        .employ(
            home,
            Draft::user("alice", "1001").with("display_name", "Ludwig van Beethoven"),
        )
        .await;
    let door = server.voipstudio();
    let admin = door.with_token(&home.admin.token());
    let user = admin.get(&format!("/users/{}", alice.id)).await.is(200);
    let id: i64 = alice.id.parse().expect("an id is a number");
    let customer: i64 = home.id.parse().expect("an id is a number");
    let expected = json!({
        "data": {
            "id": id, "active": true, "created_at": "2026-03-02 08:00:00", "customer": customer,
            "email": "alice@mail.test", "first_name": "Ludwig", "is_initial": false, "is_root": false,
            "last_name": "van Beethoven", "roles": "StandardUser", "two_factor_auth": 0, "visited_apps": "",
            "ext": "1001", "dnd": false
        },
        "links": {}
    });
    assert_eq!(user.json(), &expected);
    // Once more, from memory; and after a change, anew.
    let _ = admin.get(&format!("/users/{}", alice.id)).await.is(200);
    alice
        .post(
            "/user",
            json!({"display_name": "Alice Smith", "enable_dnd": true}),
        )
        .await
        .changed();
    let user = admin.get(&format!("/users/{}", alice.id)).await.is(200);
    assert_eq!(
        (&user["data"]["last_name"], &user["data"]["dnd"]),
        (&json!("Smith"), &json!(true))
    );
    home.admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    let user = admin.get(&format!("/users/{}", alice.id)).await.is(200);
    assert_eq!(user["data"]["two_factor_auth"], 1);
    // The first user of the tenant administers it.
    let list = admin.find("/users", &[("limit", "1")]).await.is(200);
    assert_eq!(
        (&list["data"][0]["is_initial"], &list["data"][0]["is_root"]),
        (&json!(true), &json!(true))
    );
    // Everybody sees himself, and nobody another.
    let own = door.with_token(&alice.token());
    assert_eq!(
        own.get(&format!("/users/{}", alice.id)).await.is(200)["data"]["id"],
        id
    );
    let _ = own
        .get(&format!("/users/{}", list["data"][0]["id"]))
        .await
        .fails(403, "ACCESS_DENIED");
    for nobody in ["1", "x", "0100001", "99999999999999999999"] {
        let _ = admin
            .get(&format!("/users/{nobody}"))
            .await
            .fails(404, "NOT_FOUND");
        let _ = admin
            .delete(&format!("/users/{nobody}"))
            .await
            .fails(404, "NOT_FOUND");
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a line for each thing that can be wrong")]
async fn users_are_placed_together_or_not_at_all() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let (home, other) = (portsip.home().await, portsip.company("other.test").await);
    let door = server.voipstudio();
    let admin = door.with_token(&home.admin.token());
    let theirs = door.with_token(&other.admin.token());
    let id = |text: &str| text.parse::<i64>().expect("an id is a number");
    let (a, b) = (id(&alice.id), id(&bob.id));
    let make = async |name: &str| {
        admin
            .post("/usergroups", json!({"name": name, "color": "#36c"}))
            .await
            .is(201)["data"]["id"]
            .as_i64()
            .expect("an id")
    };
    let (sales, support) = (make("Sales").await, make("Support").await);
    let foreign = theirs
        .post("/usergroups", json!({"name": "Theirs"}))
        .await
        .is(201)["data"]["id"]
        .clone();

    let placed = admin
        .send(
            Request::new("PATCH", "/users")
                .query(&[("include", "groups"), ("fields[groups]", "id,name")])
                .json(&json!([
                    {"id": b, "location_id": 415, "groups": [sales], "nickname": "new fields are ignored"},
                    {"id": a, "groups": [support, sales]}
                ])),
        )
        .await
        .is(200);
    assert_eq!(placed["total"], 2);
    assert_eq!(placed["data"][0]["location_id"], 415);
    assert_eq!(
        placed["data"][0]["groups"],
        json!([{"id": sales, "name": "Sales"}])
    );
    assert_eq!(placed["data"][1]["groups"].as_array().map(Vec::len), Some(2));

    let before = server.journal(id(&home.id)).await;
    let outsider = server
        .voipstudio()
        .with_token(&other.admin.token())
        .get("/users")
        .await
        .is(200)["data"][0]["id"]
        .clone();
    for (body, status) in [
        (json!([{"id": b, "location_id": 7}, {"id": 1}]), 404),
        (
            json!([{"id": b, "location_id": 7}, {"id": outsider, "location_id": 7}]),
            404,
        ),
        (
            json!([{"id": b, "location_id": 7}, {"id": a, "groups": [foreign]}]),
            404,
        ),
        (
            json!([{"id": b, "location_id": 7}, {"id": a, "groups": [1]}]),
            404,
        ),
        (json!({"id": b}), 400),
        (json!("x"), 400),
        (json!(null), 400),
        (json!([7]), 400),
        (json!([[b, 7]]), 400),
        (json!([{"location_id": 7}]), 400),
        (json!([{"id": b.to_string()}]), 400),
        (json!([{"id": b, "location_id": "x"}]), 400),
        (json!([{"id": b, "location_id": -1}]), 400),
        (json!([{"id": b, "groups": "abcd"}]), 400),
        (json!([{"id": b, "groups": ["x"]}]), 400),
        (json!([{"id": b, "groups": null}]), 400),
        (json!([{"id": b}, {"id": b}]), 400),
        (Value::Array(vec![json!({"id": b}); 1001]), 400),
    ] {
        let _ = admin.patch("/users", body).await.is(status);
    }
    assert_eq!(
        server.journal(id(&home.id)).await,
        before,
        "a refused change left a trace"
    );
    let _ = admin
        .patch("/users", json!([{"id": b, "groups": [sales, "x"]}]))
        .await
        .is(400)
        .says("[0].groups[1]");

    let cleared = admin
        .patch("/users", json!([{"id": b, "location_id": null, "groups": []}]))
        .await
        .is(200);
    assert!(cleared["data"][0].get("location_id").is_none());
    let user = admin
        .find(&format!("/users/{b}"), &[("include", "groups")])
        .await
        .is(200);
    assert_eq!(user["data"]["groups"], json!([]));
    assert_eq!(admin.patch("/users", json!([])).await.is(200)["total"], 0);
}

#[tokio::test]
async fn a_customer_ends_with_everything_of_his() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two, three) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
        portsip.company("three.test").await,
    );
    let plain = portsip.employ(&one, Draft::user("plain", "1001")).await;
    let door = server.voipstudio();
    let root = door.with_token(&portsip.root().await.token());
    let (mine, his) = (
        door.with_token(&one.admin.token()),
        door.with_token(&plain.token()),
    );
    let _ = his
        .delete(&format!("/customers/{}", one.id))
        .await
        .fails(403, "ACCESS_DENIED");
    for unknown in [two.id.as_str(), "1", "0", "x"] {
        let _ = mine
            .delete(&format!("/customers/{unknown}"))
            .await
            .fails(404, "NOT_FOUND");
    }
    mine.delete(&format!("/customers/{}", one.id)).await.destroyed();
    for gone in [&mine, &his] {
        let _ = gone.get("/ping").await.is(401);
    }
    let _ = door.try_sign_in("boss@one.test", PASSWORD).await.is(401);
    let _ = root.delete(&format!("/customers/{}", one.id)).await.is(404);
    root.delete(&format!("/customers/{}", two.id)).await.destroyed();
    let _ = door.with_token(&three.admin.token()).get("/users").await.is(200);
}
