//! Users of extensions: made, changed, destroyed.

use jackfield_testkit::{PASSWORD, Request, TestServer};
use serde_json::json;

use super::{column, extension, fails, new_user, says, with};

#[tokio::test]
async fn a_user_of_an_extension_lives_and_dies() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &alice.number).await;

    let body = json!({
        "name": "Bob B.", "login": "bob", "password": PASSWORD, "email": "bob@mail.test", "extension_id": id,
        "comment": "night shift", "access": "read_only", "status": "active", "extra_params": "{\"a\":1}",
        "timezone": "Europe/Moscow", "unknown": [1]
    });
    let made = door.post("/client/@me/user/extension/", body).await.is(201);
    let user = made["id"].as_i64().expect("an id");
    assert_eq!(
        made.json(),
        &json!({
            "comment": "night shift", "status": "active", "name": "Bob B.", "email": "bob@mail.test",
            "access": "read_only", "extension_id": id, "extra_params": "{\"a\":1}", "timezone": "Europe/Moscow",
            "login": "bob", "id": user
        })
    );
    let path = format!("/client/{}/user/extension/{user}", home.id);
    // With a slash and without, under both prefixes, by number and by name.
    for place in [door.clone(), door.bare()] {
        for path in [
            path.clone(),
            format!("{path}/"),
            format!("/client/@me/user/extension/{user}"),
        ] {
            assert_eq!(place.get(&path).await.is(200).text(), made.text(), "{path}");
        }
        for path in ["/client/@me/user/extension", "/client/@me/user/extension/"] {
            let list = place.get(path).await.is(200);
            assert!(column(&list, "id").contains(&json!(user)), "{list}");
        }
    }

    // What is left out stays; null takes away.
    let changed = door
        .put(
            &path,
            json!({"name": "Robert", "comment": null, "timezone": null, "login": "bob"}),
        )
        .await
        .is(200);
    assert_eq!(
        [
            &changed["name"],
            &changed["comment"],
            &changed["timezone"],
            &changed["access"],
            &changed["extra_params"]
        ],
        [
            &json!("Robert"),
            &json!(null),
            &json!("Europe/Berlin"),
            &json!("read_only"),
            &json!("{\"a\":1}")
        ]
    );
    let answer = door
        .put(
            &format!("{path}/"),
            json!({"access": "full", "email": "robert@mail.test", "status": "blocked"}),
        )
        .await
        .is(200);
    assert_eq!(
        [&answer["access"], &answer["email"], &answer["status"]],
        [&json!("full"), &json!("robert@mail.test"), &json!("blocked")]
    );
    assert!(answer.json().get("password").is_none());

    door.delete(&path).await.destroyed();
    let _ = fails(door.get(&path).await, 404, None);
    let _ = fails(door.delete(&path).await, 404, None);
    let _ = fails(door.put(&path, json!({})).await, 404, None);
    // The extension stays with whom it was made with.
    assert_eq!(extension(&door, &alice.number).await, id);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let alice = portsip.user("alice").await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &alice.number).await;
    let theirs = server.trusted(&other.id, "boss").await;
    let foreign = theirs.get("/client/@me/extension/").await.is(200).json()[0]["id"].clone();
    let users = "/client/@me/user/extension/";
    let _ = door.post(users, new_user("bob", &id)).await.is(201);
    let tenant: i64 = home.id.parse().expect("a number");
    let before = server.journal(tenant).await;

    let good = new_user("carl", &id);
    for (member, value, words) in [
        ("login", json!(null), "login is required"),
        ("login", json!(""), "login is required"),
        ("login", json!("a b"), "login must be"),
        ("login", json!(7), "login must be text"),
        ("login", json!("BOB"), "login is taken"),
        ("email", json!(""), "email is required"),
        ("email", json!("x"), "email must be"),
        ("email", json!("bob@mail.test"), "email is taken"),
        ("name", json!(null), "name is required"),
        ("name", json!(["x"]), "name must be text"),
        ("password", json!(""), "password is required"),
        ("password", json!("short"), "password"),
        ("extension_id", json!(null), "extension_id is required"),
        ("extension_id", json!("x"), "extension_id must be a whole number"),
        (
            "extension_id",
            json!(1),
            "extension_id names something that does not exist",
        ),
        (
            "extension_id",
            foreign.clone(),
            "extension_id names something that does not exist",
        ),
        ("status", json!("off"), "status must be one of active, blocked"),
        ("access", json!("none"), "access must be one of full, read_only"),
        ("access", json!(true), "access must be text"),
        (
            "timezone",
            json!("Mars/Olympus"),
            "timezone must be an IANA time zone",
        ),
        (
            "comment",
            json!("x".repeat(1025)),
            "comment must have at most 1024",
        ),
        ("extra_params", json!({}), "extra_params must be text"),
        ("email_notify", json!("often"), "email_notify must be"),
        ("email_for_notify", json!(7), "email_for_notify must be text"),
    ] {
        let answer = fails(
            door.post(users, with(good.clone(), member, value)).await,
            400,
            None,
        );
        says(&answer, words);
    }
    let all = fails(
        door.post(users, json!({"status": 1, "access": 2})).await,
        400,
        None,
    );
    for member in ["login", "password", "email", "extension_id", "status", "access"] {
        says(&all, member);
    }
    assert_eq!(
        server.journal(tenant).await,
        before,
        "a refused request left a trace"
    );
}

#[tokio::test]
async fn a_change_is_carried_out_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &home.admin.number).await;
    let theirs = server.trusted(&other.id, "boss").await;
    let foreign = theirs.get("/client/@me/extension/").await.is(200).json()[0]["id"].clone();
    let users = "/client/@me/user/extension/";
    let bob = door.post(users, new_user("bob", &id)).await.is(201)["id"].clone();
    let tenant: i64 = home.id.parse().expect("a number");
    let before = server.journal(tenant).await;
    let path = format!("{users}{bob}");
    for (body, words) in [
        (json!({"login": "robert"}), "login cannot be changed"),
        (
            json!({"extension_id": foreign}),
            "extension_id names something that does not exist",
        ),
        (json!({"email": null}), "email is required"),
        (
            json!({"email": "BOSS@mail.test", "comment": "x"}),
            "email is taken",
        ),
        (json!({"password": "short", "comment": "x"}), "password"),
        (json!({"status": null}), "status is required"),
        (json!({"comment": 7, "name": 8}), "comment must be text"),
    ] {
        says(&fails(door.put(&path, body).await, 400, None), words);
    }
    for request in [
        Request::new("PUT", &path)
            .header("Content-Type", "application/json")
            .bytes("{"),
        Request::new("PUT", &path)
            .header("Content-Type", "application/json")
            .bytes("[]"),
        Request::new("PUT", &path)
            .header("Content-Type", "application/json")
            .bytes("{\"a\": \"\u{0}\"}"),
        Request::new("POST", users)
            .header("Content-Type", "application/json")
            .bytes(vec![0xff]),
    ] {
        let _ = fails(door.send(request).await, 400, None);
    }
    let form = Request::new("POST", users).form(&[("login", "x")]);
    let _ = fails(door.send(form).await, 415, None);
    let _ = fails(door.send(Request::new("PATCH", &path)).await, 405, None);
    let _ = fails(door.get("/client/@me/nothing/").await, 404, None);
    assert_eq!(
        server.journal(tenant).await,
        before,
        "a refused request left a trace"
    );
}

#[tokio::test]
async fn what_was_made_elsewhere_is_here_and_goes_with_its_extension() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &alice.number).await;
    let users = "/client/@me/user/extension/";
    let owner = door.get(&format!("{users}{}", alice.id)).await.is(200);
    assert_eq!(
        [
            &owner["login"],
            &owner["access"],
            &owner["extension_id"],
            &owner["comment"],
            &owner["timezone"]
        ],
        [
            &json!("alice"),
            &json!("full"),
            &id,
            &json!(null),
            &json!("Europe/Berlin")
        ]
    );
    // Her extension is her own: she cannot be put at another.
    let boss = extension(&door, &home.admin.number).await;
    let path = format!("{users}{}", alice.id);
    says(
        &fails(door.put(&path, json!({"extension_id": boss})).await, 400, None),
        "extension_id cannot be changed",
    );
    let _ = door
        .put(&path, json!({"extension_id": id, "comment": "owner"}))
        .await
        .is(200);

    let bob = door.post(users, new_user("bob", &id)).await.is(201)["id"].clone();
    let moved = door
        .put(&format!("{users}{bob}"), json!({"extension_id": boss}))
        .await
        .is(200);
    assert_eq!(moved["extension_id"], boss);
    let _ = door
        .put(&format!("{users}{bob}"), json!({"extension_id": id}))
        .await
        .is(200);
    let seen = home.admin.get(&format!("/users/{bob}")).await.is(200);
    assert_eq!(
        (&seen["name"], &seen["role"]),
        (&json!("bob"), &json!("StandardUser"))
    );

    // With her goes her extension, and with that his right to it; he stays.
    door.delete(&path).await.destroyed();
    let _ = fails(door.get(&format!("/client/@me/extension/{id}")).await, 404, None);
    let _ = fails(door.get(&format!("{users}{bob}")).await, 404, None);
    let _ = home.admin.get(&format!("/users/{bob}")).await.is(200);
    let _ = home.admin.get(&format!("/users/{}", alice.id)).await.is(404);
}
