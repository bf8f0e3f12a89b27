//! Lists, and extensions.

use jackfield_testkit::{Draft, RingMe, TestServer};
use serde_json::{Value, json};

use super::{column, extension, fails, new_user, says, with};

/// A client with six users of two extensions: those of alice, which is given first, and of carol. The ids of the three that
/// were made here come last.
async fn crowd(server: &TestServer) -> (RingMe, Value, Value, Vec<String>) {
    let portsip = server.portsip();
    let home = portsip.home().await;
    let (alice, carol) = (portsip.user("alice").await, portsip.user("carol").await);
    let door = server.trusted(&home.id, "boss").await;
    let (a, c) = (
        extension(&door, &alice.number).await,
        extension(&door, &carol.number).await,
    );
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
        ids.push(door.post(USERS, body).await.is(201)["id"].to_string());
    }
    // Users without an extension are in no list.
    let bare = Draft::user("none", "")
        .without("extension_number")
        .without("extension_password");
    let _ = home.admin.post("/users", bare).await;
    (door, a, c, ids)
}

const USERS: &str = "/client/@me/user/extension/";

/// The logins that a query finds.
async fn logins(door: &RingMe, query: &str) -> String {
    let list = door.get(&format!("{USERS}?{query}")).await.is(200);
    let logins = column(&list, "login");
    let logins: Vec<_> = logins.iter().filter_map(Value::as_str).collect();
    logins.join(" ")
}

#[tokio::test]
async fn lists_are_filtered_by_any_value_of_all_keys() {
    let server = TestServer::start().await;
    let (door, ..) = crowd(&server).await;
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
        assert_eq!(logins(&door, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn arrays_come_in_every_spelling_and_have_a_limit() {
    let server = TestServer::start().await;
    let (door, a, c, ids) = crowd(&server).await;
    let (b, d) = (&ids[0], &ids[1]);
    for spelling in [
        format!("id={b}&id={d}"),
        format!("id[]={b}&id[]={d}"),
        format!("id%5B%5D={b}&id%5B%5D={d}"),
        format!("id[0]={b}&id[1]={d}"),
        format!("id[7]={b}&id[2]={d}"),
    ] {
        assert_eq!(logins(&door, &spelling).await, "bob dan", "{spelling}");
    }
    assert_eq!(logins(&door, &format!("extension_id={a}")).await, "alice bob dan");
    assert_eq!(
        logins(
            &door,
            &format!("extension_id={a}&extension_id={c}&access=read_only")
        )
        .await,
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
            &fails(door.get(&format!("{USERS}?{query}")).await, 400, None),
            word,
        );
    }
    let many = |count: usize| vec!["id=1"; count].join("&");
    assert_eq!(logins(&door, &many(1000)).await, "");
    let _ = fails(door.get(&format!("{USERS}?{}", many(1001))).await, 400, None);
    let _ = fails(
        door.get(&format!("{USERS}?id={}", vec!["1"; 1001].join(",")))
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
