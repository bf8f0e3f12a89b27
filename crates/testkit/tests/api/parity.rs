//! The same deed through two doors leaves the same rows and the same journal, and each door shows what the other did.

use jackfield_testkit::{Company, Draft, Omnidesk, TestServer, VoipStudio};
use serde_json::{Value, json};

/// What the journal of a tenant says, without ids: two tenants never have the same.
async fn story(server: &TestServer, company: &Company) -> Vec<(String, String, bool)> {
    let tenant = company.id.parse().expect("an id is a number");
    let journal = server.journal(tenant).await;
    journal
        .into_iter()
        .filter(|line| line.kind != "session")
        .map(|line| (line.kind, line.change, line.detail.is_some()))
        .collect()
}

/// The tenant's users and groups as both doors show them, without ids.
async fn rows(company: &Company, door: &VoipStudio) -> Value {
    let here = door
        .find("/users", &[("include", "groups"), ("fields[groups]", "name")])
        .await
        .is(200);
    let users: Vec<Value> = here["data"]
        .as_array()
        .expect("a list")
        .iter()
        // The administrators got whatever number was next.
        .filter(|user| user["is_root"] == false)
        .map(|user| {
            json!([
                user["email"],
                user["ext"],
                user["active"],
                user["roles"],
                user["groups"]
            ])
        })
        .collect();
    let groups: Vec<Value> = door.get("/usergroups").await.is(200)["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| json!([group["name"], group["color"]]))
        .collect();
    let there = company.admin.get("/users").await.is(200).column("email");
    json!({"users": users, "groups": groups, "there": there, "names": company.admin.get("/groups").await.is(200).column("name")})
}

#[tokio::test]
async fn two_doors_one_directory() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let (first, second) = (
        server.voipstudio().with_token(&one.admin.token()),
        server.voipstudio().with_token(&two.admin.token()),
    );
    // Users are made through the one door that makes them, in both tenants.
    let mut people = Vec::new();
    for company in [&one, &two] {
        for (name, number) in [("alice", "1001"), ("bob", "1002")] {
            let draft = Draft::user(name, number);
            people.push(company.admin.post("/users", draft).await.created());
        }
    }
    let bob_of_two = people[3].clone();

    // The first tenant through PortSIP.
    let sales = one
        .admin
        .post("/groups", json!({"name": "Sales"}))
        .await
        .created();
    let gone = one.admin.post("/groups", json!({"name": "Gone"})).await.created();
    one.admin
        .post(&format!("/groups/{sales}"), json!({"name": "Verkauf"}))
        .await
        .changed();
    for number in ["1001", "1002"] {
        one.admin
            .act(&format!("/groups/{sales}/members/{number}"))
            .await
            .changed();
    }
    one.admin
        .act(&format!("/groups/{sales}/members/1002/destroy"))
        .await
        .destroyed();
    one.admin
        .act(&format!("/groups/{gone}/destroy"))
        .await
        .destroyed();
    one.admin
        .act(&format!("/users/{}/destroy", people[1]))
        .await
        .destroyed();

    // The second through this door.
    let id = |answer: &jackfield_testkit::Answer| answer["data"]["id"].as_i64().expect("an id");
    let sales = id(&second.post("/usergroups", json!({"name": "Sales"})).await.is(201));
    let gone = id(&second.post("/usergroups", json!({"name": "Gone"})).await.is(201));
    let _ = second
        .patch(&format!("/usergroups/{sales}"), json!({"name": "Verkauf"}))
        .await
        .is(200);
    let number = |text: &str| text.parse::<i64>().expect("an id is a number");
    let (alice, bob) = (number(&people[2]), number(&bob_of_two));
    let both = json!([{"id": alice, "groups": [sales]}, {"id": bob, "groups": [sales]}]);
    let _ = second.patch("/users", both).await.is(200);
    let _ = second
        .patch("/users", json!([{"id": bob, "groups": []}]))
        .await
        .is(200);
    second.delete(&format!("/usergroups/{gone}")).await.destroyed();
    second.delete(&format!("/users/{bob}")).await.destroyed();

    assert_eq!(story(&server, &one).await, story(&server, &two).await);
    assert_eq!(rows(&one, &first).await, rows(&two, &second).await);
    let members = two
        .admin
        .get(&format!("/groups/{sales}/members"))
        .await
        .is(200)
        .column("name");
    assert_eq!(members, ["alice"], "PortSIP shows what was done here");
}

#[tokio::test]
async fn a_change_through_one_door_is_seen_through_the_other_at_once() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let door = server.voipstudio().with_token(&home.admin.token());
    let id = home
        .admin
        .post("/users", Draft::user("alice", "1001"))
        .await
        .created();
    let path = format!("/users/{id}");
    for (name, first, last) in [
        ("Alice Smith", "Alice", "Smith"),
        ("Jones, Alice", "Alice", "Jones"),
        ("Alice", "Alice", ""),
    ] {
        home.admin
            .post(&path, json!({"display_name": name}))
            .await
            .changed();
        let user = door.get(&path).await.is(200);
        assert_eq!(
            (&user["data"]["first_name"], &user["data"]["last_name"]),
            (&json!(first), &json!(last))
        );
    }
    home.admin.post(&path, json!({"enabled": false})).await.changed();
    assert_eq!(door.get(&path).await.is(200)["data"]["active"], false);
    let number: i64 = id.parse().expect("an id is a number");
    let _ = door
        .patch("/users", json!([{"id": number, "location_id": 3}]))
        .await
        .is(200);
    let version = home.admin.get(&path).await.is(200);
    assert_eq!(
        version["display_name"], "Alice",
        "what a door does not know stays as it is"
    );
    home.admin.act(&format!("{path}/destroy")).await.destroyed();
    let _ = door.get(&path).await.is(404);
    assert_eq!(door.get("/users").await.is(200)["total"], 1);
}

#[tokio::test]
async fn one_user_in_four_views() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let here = server.voipstudio().with_token(&home.admin.token());
    let there = server.trusted(&home.id, "boss").await;
    let desk = server
        .omnidesk_key(&home.id, &home.admin.id, &Omnidesk::ALL)
        .await;
    let number = |answer: &Value| answer.as_i64().expect("an id");
    let extensions = there.get("/client/@me/extension/").await.is(200);
    let extension = extensions.json()[0]["id"].clone();
    let list = "/client/@me/user/extension/";

    // Made through the one door, changed through another, seen through all.
    let body = json!({
        "name": "Smith, Alice", "login": "alice", "password": jackfield_testkit::PASSWORD, "email": "alice@mail.test",
        "extension_id": extension
    });
    let id = number(&there.post(list, body).await.is(201)["id"]);
    let (first, second, third) = (
        format!("/users/{id}"),
        format!("/users/{id}"),
        format!("{list}{id}"),
    );
    let same = async |name: &str, email: &str, enabled: bool| {
        let one = home.admin.get(&first).await.is(200);
        assert_eq!(
            [&one["name"], &one["display_name"], &one["email"], &one["enabled"]],
            [&json!("alice"), &json!(name), &json!(email), &json!(enabled)]
        );
        let two = here.get(&second).await.is(200);
        let (given, family) = jackfield_domain::split_name(name);
        assert_eq!(
            [
                &two["data"]["first_name"],
                &two["data"]["last_name"],
                &two["data"]["email"],
                &two["data"]["active"]
            ],
            [&json!(given), &json!(family), &json!(email), &json!(enabled)]
        );
        let three = there.get(&third).await.is(200);
        let status = if enabled { "active" } else { "blocked" };
        assert_eq!(
            [&three["login"], &three["name"], &three["email"], &three["status"]],
            [&json!("alice"), &json!(name), &json!(email), &json!(status)]
        );
        let four = desk.settings(&id.to_string()).await;
        assert_eq!(
            [
                &four["firstname"],
                &four["lastname"],
                &four["email"],
                &four["active"]
            ],
            [&json!(given), &json!(family), &json!(email), &json!(enabled)]
        );
    };
    same("Smith, Alice", "alice@mail.test", true).await;
    home.admin
        .post(&first, json!({"display_name": "Alice Jones", "enabled": false}))
        .await
        .changed();
    same("Alice Jones", "alice@mail.test", false).await;
    let _ = there
        .put(&third, json!({"email": "jones@mail.test", "status": "active"}))
        .await
        .is(200);
    same("Alice Jones", "jones@mail.test", true).await;
    here.delete(&second).await.destroyed();
    let _ = home.admin.get(&first).await.is(404);
    let _ = there.get(&third).await.is(404);
    let _ = desk
        .find("/user/settings", &[("userID", &id.to_string())])
        .await
        .is(400);
}

#[tokio::test]
async fn the_same_deed_through_two_doors_leaves_the_same_lines_in_the_journal() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let there = server.trusted(&home.id, "boss").await;
    let list = "/client/@me/user/extension/";
    let tenant: i64 = home.id.parse().expect("a number");
    let told = async || {
        let journal = server.journal(tenant).await;
        let lines = journal.into_iter().filter(|line| line.kind != "session");
        lines
            .map(|line| (line.kind, line.change, line.detail))
            .collect::<Vec<_>>()
    };
    let (bob, carl) = (
        home.admin
            .post("/users", Draft::user("bob", "1002"))
            .await
            .created(),
        home.admin
            .post("/users", Draft::user("carl", "1003"))
            .await
            .created(),
    );
    let start = told().await.len();
    let path = format!("/users/{bob}");
    home.admin
        .post(&path, json!({"display_name": "B"}))
        .await
        .changed();
    home.admin.act(&format!("{path}/destroy")).await.destroyed();
    let middle = told().await.len();
    let path = format!("{list}{carl}");
    let _ = there.put(&path, json!({"name": "C"})).await.is(200);
    there.delete(&path).await.destroyed();
    let story = told().await;
    assert_eq!(story[start..middle], story[middle..]);
}
