//! Users of extensions, and extensions.

use jackfield_domain::{ApplicationAccess, ApplicationKind};
use jackfield_testkit::{Answer, Draft, Options, PASSWORD, Request, RingMe, TestServer};
use serde_json::{Value, json};

/// Fails unless this is an error with this status code and word.
#[track_caller]
fn fails(answer: Answer, code: u16, status: Option<&str>) -> Answer {
    let answer = answer.is(code);
    assert_eq!(answer["status"].as_str(), status, "{answer}");
    assert!(
        answer["message"].as_str().is_some_and(|text| !text.is_empty()),
        "{answer}"
    );
    answer
}

/// Fails unless the message has these words.
#[track_caller]
fn says(answer: &Answer, words: &str) {
    assert!(
        answer["message"].as_str().unwrap_or_default().contains(words),
        "\"{words}\" is not in {answer}"
    );
}

fn new_user(login: &str, extension: &Value) -> Value {
    json!({
        "name": format!("Person {login}"), "login": login, "password": PASSWORD,
        "email": format!("{login}@mail.test"), "extension_id": extension
    })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

/// The id of the extension of this number.
async fn extension(door: &RingMe, number: &str) -> Value {
    let found = door
        .get(&format!("/client/@me/extension/?name={number}"))
        .await
        .is(200);
    found.json()[0]["id"].clone()
}

fn column(answer: &Answer, member: &str) -> Vec<Value> {
    let rows = answer.json().as_array().expect("a bare array");
    rows.iter().map(|row| row[member].clone()).collect()
}

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
    let bob = door.post(users, new_user("bob", &id)).await.is(201)["id"].clone();
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

    let path = format!("{users}{bob}");
    for (body, words) in [
        (json!({"login": "robert"}), "login cannot be changed"),
        (
            json!({"extension_id": foreign}),
            "extension_id names something that does not exist",
        ),
        (json!({"email": null}), "email is required"),
        (json!({"email": "boss@home.test", "comment": "x"}), ""),
        (json!({"password": "short", "comment": "x"}), "password"),
        (json!({"status": null}), "status is required"),
        (json!({"comment": 7, "name": 8}), "comment must be text"),
    ] {
        if words.is_empty() {
            continue;
        }
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
async fn clients_see_their_own_client_only() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let door = server.trusted(&one.id, "boss").await;
    let _ = door
        .get(&format!("/client/{}/user/extension/", one.id))
        .await
        .is(200);
    for client in [two.id.as_str(), "1", "0", "x", "@you", "007", "+7"] {
        for path in [
            format!("/client/{client}/user/extension/"),
            format!("/client/{client}/user/extension/1"),
            format!("/client/{client}/extension/"),
        ] {
            let _ = fails(door.get(&path).await, 404, Some("client_not_found"));
        }
    }
    let nobody = server.ringme();
    let _ = fails(nobody.get("/client/1/user/extension/").await, 401, None);
    let _ = fails(nobody.with_token("jfoX").get("/user/").await, 401, None);
    let _ = fails(nobody.with_token("x").get("/user/").await, 401, None);
    let root = portsip.root().await;
    let root = nobody.with_token(&root.token());
    let me = root.get("/user/").await.is(200);
    assert_eq!((&me["admin"], &me["client_id"]), (&json!(true), &json!(null)));
    let _ = fails(
        root.get("/client/@me/user/extension/").await,
        403,
        Some("access_denied"),
    );
}

#[tokio::test]
async fn lists_are_filtered_by_any_value_of_all_keys() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let (alice, carol) = (portsip.user("alice").await, portsip.user("carol").await);
    let door = server.trusted(&home.id, "boss").await;
    let (a, c) = (
        extension(&door, &alice.number).await,
        extension(&door, &carol.number).await,
    );
    let users = "/client/@me/user/extension/";
    let bodies = [
        with(new_user("bob", &a), "comment", "x&y"),
        with(
            with(new_user("dan", &a), "access", "read_only"),
            "timezone",
            "Europe/Moscow",
        ),
        with(with(new_user("eve", &c), "status", "blocked"), "comment", "x&y"),
    ];
    let mut ids = Vec::new();
    for body in bodies {
        ids.push(door.post(users, body).await.is(201)["id"].to_string());
    }
    // Users without an extension are not in this list.
    let _ = home
        .admin
        .post(
            "/users",
            Draft::user("none", "")
                .without("extension_number")
                .without("extension_password"),
        )
        .await;
    let logins = async |query: &str| {
        let list = door.get(&format!("{users}?{query}")).await.is(200);
        let logins: Vec<_> = column(&list, "login")
            .iter()
            .map(|login| login.as_str().unwrap_or_default().to_owned())
            .collect();
        logins.join(" ")
    };
    let (b, d) = (&ids[0], &ids[1]);
    for (query, expected) in [
        ("", "boss alice carol bob dan eve"),
        ("comment=x%26y", "bob eve"),
        ("comment=x%26y&status=active", "bob"),
        ("comment=", "boss alice carol dan"),
        ("status=blocked", "eve"),
        ("status=blocked&status=active", "boss alice carol bob dan eve"),
        ("name=Person+bob", "bob"),
        ("name[]=Person+bob&name[]=Person%20eve", "bob eve"),
        ("access=read_only", "dan"),
        ("access[0]=read_only&access[1]=full&status=blocked", "eve"),
        ("timezone=Europe/Moscow", "dan"),
        ("timezone=Europe/Berlin", "boss alice carol bob eve"),
        (
            "timezone=Europe/Berlin&timezone=Europe/Moscow",
            "boss alice carol bob dan eve",
        ),
        ("login=bob&login=dan&login=nobody", "bob dan"),
        ("login=BOB", ""),
        ("email=eve@mail.test", "eve"),
        ("email=EVE@mail.test", ""),
        ("page=2&per_page=4", "dan eve"),
        ("page=3&per_page=4", ""),
        ("per_page=2&login=alice&login=carol&login=eve", "alice carol"),
        ("nonsense=1", "boss alice carol bob dan eve"),
        ("id=", "boss alice carol bob dan eve"),
    ] {
        assert_eq!(logins(query).await, expected, "{query}");
    }
    for spelling in [
        format!("id={b}&id={d}"),
        format!("id[]={b}&id[]={d}"),
        format!("id%5B%5D={b}&id%5B%5D={d}"),
        format!("id[0]={b}&id[1]={d}"),
        format!("id[7]={b}&id[2]={d}"),
    ] {
        assert_eq!(logins(&spelling).await, "bob dan", "{spelling}");
    }
    assert_eq!(logins(&format!("extension_id={a}")).await, "alice bob dan");
    assert_eq!(
        logins(&format!("extension_id={a}&extension_id={c}&access=read_only")).await,
        "dan"
    );
    for (query, word) in [
        ("id=x", "id"),
        ("id[]=1&id[]=x", "id"),
        ("extension_id=1.5", "extension_id"),
        ("status=off", "status"),
        ("access=none", "access"),
        ("page=0", "page"),
        ("per_page=1001", "per_page"),
        ("per_page=x", "per_page"),
    ] {
        says(
            &fails(door.get(&format!("{users}?{query}")).await, 400, None),
            word,
        );
    }
    let many = |count: usize| vec!["id=1"; count].join("&");
    assert_eq!(logins(&many(1000)).await, "");
    let _ = fails(door.get(&format!("{users}?{}", many(1001))).await, 400, None);
    let _ = fails(
        door.get(&format!("{users}?id={}", vec!["1"; 1001].join(",")))
            .await,
        400,
        None,
    );
}

#[tokio::test]
async fn extensions_are_found_by_number() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &alice.number).await;
    let name = format!("{}*{}", home.id, alice.number);
    let one = door.get(&format!("/client/@me/extension/{id}")).await.is(200);
    assert_eq!(
        one.text(),
        door.get(&format!("/client/@me/extension/{id}/"))
            .await
            .is(200)
            .text()
    );
    for (member, expected) in [
        ("id", id.clone()),
        ("name", json!(name)),
        ("type", json!("phone")),
        ("status", json!("active")),
        ("label", json!("Person alice")),
        ("client_id", json!(home.id.parse::<i64>().expect("a number"))),
        ("domain", json!("home.test")),
        ("create_date", json!("2026-03-02 08:00:00")),
        ("extension_group_id", json!(null)),
    ] {
        assert_eq!(one[member], expected, "{member}: {one}");
    }
    let found = async |query: &str| {
        let list = door.get(&format!("/client/@me/extension{query}")).await.is(200);
        list.json().as_array().expect("a bare array").len()
    };
    for (query, count) in [
        ("", 2),
        ("/?type=phone", 2),
        ("/?type=queue", 0),
        ("/?type=queue&type=phone&page=1&per_page=1", 1),
        ("/?status=blocked", 0),
        ("/?extension_group_id=1", 0),
        ("/?label=Person+alice", 1),
        ("/?page=2&per_page=1", 1),
        ("/?page=3&per_page=1", 0),
    ] {
        assert_eq!(found(query).await, count, "{query}");
    }
    assert_eq!(found(&format!("/?name={name}&status=active")).await, 1);
    assert_eq!(found(&format!("/?id={id}&id=1")).await, 1);
    let _ = fails(door.get("/client/@me/extension/1").await, 404, None);
    let _ = fails(door.get("/client/@me/extension/x").await, 404, None);
    let _ = fails(door.post("/client/@me/extension/", json!({})).await, 405, None);
}

#[tokio::test]
async fn who_may_only_look_changes_nothing_through_any_door() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    // A manager of users, whose role would let him.
    let farid = portsip.user_as("farid", "QueueManager").await;
    let boss = server.trusted(&home.id, "boss").await;
    let path = format!("/client/@me/user/extension/{}", farid.id);
    let door = server.trusted(&home.id, "farid").await;
    let id = extension(&door, &alice.number).await;
    let _ = door.put(&path, json!({"comment": "mine"})).await.is(200);
    let _ = boss.put(&path, json!({"access": "read_only"})).await.is(200);

    let me = door.get("/user/").await.is(200);
    assert_eq!(me["access"], "read_only");
    let _ = door.get("/client/@me/user/extension/").await.is(200);
    let tenant: i64 = home.id.parse().expect("a number");
    let changes = async || {
        let journal = server.journal(tenant).await;
        journal
            .iter()
            .filter(|line| !["session", "authorization"].contains(&line.kind.as_str()))
            .count()
    };
    let before = changes().await;
    for answer in [
        door.post("/client/@me/user/extension/", new_user("gus", &id))
            .await,
        door.post("/client/@me/user/extension/", json!({})).await,
        door.put(&path, json!({"access": "full"})).await,
        door.delete(&format!("/client/@me/user/extension/{}", alice.id))
            .await,
    ] {
        let _ = fails(answer, 403, Some("user_access_type_deny"));
    }
    // Other doors keep the rule too, and let him out.
    let _ = farid
        .post("/users", Draft::user("gus", "7711"))
        .await
        .fails(403, "FORBIDDEN");
    let _ = farid
        .post(&format!("/users/{}", alice.id), json!({"display_name": "x"}))
        .await
        .is(403);
    let _ = farid.post("/user", json!({"display_name": "x"})).await.is(403);
    let _ = farid.get("/users").await.is(200);
    let studio = server.voipstudio().with_token(&farid.token());
    let _ = studio
        .post("/usergroups", json!({"name": "x"}))
        .await
        .fails(403, "ACCESS_DENIED");
    let _ = studio.get("/usergroups").await.is(200);
    assert_eq!(changes().await, before);
    studio.send(Request::new("POST", "/logout")).await.destroyed();

    // Nobody shuts himself out, and somebody stays who can undo it.
    let own = format!("/client/@me/user/extension/{}", home.admin.id);
    let _ = fails(
        boss.put(&own, json!({"access": "read_only"})).await,
        403,
        Some("access_denied"),
    );
    let _ = boss.put(&path, json!({"access": "full"})).await.is(200);
    let _ = door.put(&path, json!({"comment": "back"})).await.is(200);
}

#[tokio::test]
async fn who_is_blocked_is_told_so_and_whose_program_may_only_call_too() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let farid = portsip.user_as("farid", "QueueManager").await;
    let _alice = portsip.user("alice").await;
    let boss = server.trusted(&home.id, "boss").await;
    let door = server.trusted(&home.id, "farid").await;
    let list = "/client/@me/user/extension/";
    let path = format!("{list}{}", farid.id);
    let _ = door.get(list).await.is(200);
    let _ = boss.put(&path, json!({"status": "blocked"})).await.is(200);
    for path in [list, "/user/"] {
        let _ = fails(door.get(path).await, 403, Some("user_blocked"));
    }
    let _ = boss.put(&path, json!({"status": "active"})).await.is(200);
    let _ = door.get(list).await.is(200);

    let plain = server.trusted(&home.id, "alice").await;
    let _ = fails(plain.get(list).await, 403, Some("access_denied"));
    let me = plain.get("/user/").await.is(200);
    assert_eq!(me["login"], "alice");
    let own = plain.get(&format!("{list}{}", me["id"])).await.is(200);
    assert_eq!(own["extension_id"], me["extension_id"]);
    let _ = fails(
        plain
            .put(&format!("{list}{}", me["id"]), json!({"comment": "x"}))
            .await,
        403,
        Some("access_denied"),
    );

    let app = server
        .app(
            &home.id,
            "boss",
            ApplicationKind::Trusted,
            ApplicationAccess::CallApi,
            &[],
        )
        .await;
    let answer = server
        .oauth("/token", &app, &[("grant_type", "client_credentials")])
        .await
        .is(200);
    assert_eq!(answer["scope"], "call_api");
    let caller = server
        .ringme()
        .with_token(answer["access_token"].as_str().expect("a token"));
    assert_eq!(caller.get("/user").await.is(200)["login"], "boss");
    for answer in [
        caller.get(list).await,
        caller.get("/client/@me/extension/").await,
        caller.post(list, json!({})).await,
        caller.get("/client/1/extension/").await,
    ] {
        let _ = fails(answer, 403, Some("app_access_type_deny"));
    }
}

#[tokio::test]
async fn a_token_of_a_program_opens_no_other_door() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let app = server
        .app(
            &home.id,
            "boss",
            ApplicationKind::Trusted,
            ApplicationAccess::All,
            &[],
        )
        .await;
    let answer = server
        .oauth("/token", &app, &[("grant_type", "client_credentials")])
        .await
        .is(200);
    let token = answer["access_token"].as_str().expect("a token");
    let _ = portsip.bearer(token).get("/users").await.is(401);
    let _ = server.voipstudio().with_token(token).get("/users").await.is(401);
    let _ = server
        .native()
        .bearer(token)
        .get("/keys")
        .await
        .problem(401, "unauthenticated");
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

#[tokio::test]
async fn a_new_user_is_told_by_mail_and_sets_his_password_once() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &home.admin.number).await;
    let users = "/client/@me/user/extension/";
    let body = with(
        with(new_user("bob", &id), "email_notify", true),
        "email_for_notify",
        "help@mail.test",
    );
    let _ = door.post(users, body).await.is(201);
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "help@mail.test");
    assert!(mail.text.contains("Login: bob"), "{}", mail.text);
    assert!(!mail.text.contains(PASSWORD));
    assert!(
        mail.text
            .contains("https://pbx.example.test/oauth/password?token="),
        "{}",
        mail.text
    );

    let token = mail.link_token();
    let page = server
        .send(Request::new("GET", "/oauth/password").query(&[("token", &token)]))
        .await
        .is(200);
    assert!(
        page.text()
            .contains("<form method=\"post\" action=\"/oauth/password\""),
        "{page}"
    );
    assert!(!page.text().contains("<script"));
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.contains("default-src 'none'"))
    );
    let set = async |one: &str, two: &str| {
        let form = [("token", token.as_str()), ("password", one), ("repeated", two)];
        server
            .send(Request::new("POST", "/oauth/password").form(&form))
            .await
    };
    let _ = set("Another7!word", "Another8!word").await.is(400);
    let weak = set("short", "short").await.is(400);
    assert!(weak.text().contains("The password"), "{weak}");
    let _ = set("Another7!word", "Another7!word").await.is(200);
    let _ = set("Third7!word", "Third7!word").await.is(400);
    let _ = server.send(Request::new("GET", "/oauth/password")).await.is(400);
    let studio = server.voipstudio();
    let _ = studio.try_sign_in("bob@home.test", "Another7!word").await.is(200);
    let _ = studio.try_sign_in("bob@home.test", PASSWORD).await.is(401);

    // Without another address it goes to who makes the user.
    let _ = door
        .post(users, with(new_user("carl", &id), "email_notify", 1))
        .await
        .is(201);
    assert_eq!(server.mails.await_mail().await.to, "boss@mail.test");
    let bad = with(
        with(new_user("dora", &id), "email_notify", true),
        "email_for_notify",
        "x",
    );
    says(&fails(door.post(users, bad).await, 400, None), "email_for_notify");
    let _ = door
        .post(users, with(new_user("dora", &id), "email_notify", false))
        .await
        .is(201);
    assert!(server.mails.take().is_none());
}

#[tokio::test]
async fn without_mail_nobody_is_made_who_was_to_be_told() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let home = server.portsip().home().await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &home.admin.number).await;
    let users = "/client/@me/user/extension/";
    let refused = door
        .post(users, with(new_user("bob", &id), "email_notify", true))
        .await;
    says(&fails(refused, 400, None), "email_notify");
    let list = door.get(users).await.is(200);
    assert_eq!(column(&list, "login"), [json!("boss")]);
    let _ = door.post(users, new_user("bob", &id)).await.is(201);
}
