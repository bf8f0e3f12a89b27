//! Contacts: one's own, those of the tenant, and the users themselves; and following them.

use jackfield_testkit::{Answer, Draft, Person, TestServer, scenarios};
use serde_json::{Value, json};

/// Every line of a card.
const LINES: &[&str] = &[
    "email",
    "company",
    "title",
    "business",
    "business2",
    "mobile_phone",
    "mobile_phone2",
    "home_phone",
    "home_phone2",
    "other",
    "business_fax",
    "home_fax",
    "address",
    "notes",
];

/// A card with something on every line.
fn full() -> Value {
    let mut card = json!({"name": "Zoë \"Z\" 📞"});
    for line in LINES {
        card[*line] = format!("the {line}").into();
    }
    card
}

/// The card of a contact, as it is answered.
fn answered(id: &str, card: &Value, favorite: Option<bool>) -> Value {
    let mut answer = json!({"id": id});
    for line in LINES {
        answer[*line] = card.get(*line).cloned().unwrap_or_else(|| "".into());
    }
    if let Some(name) = card.get("name") {
        answer["name"] = name.clone();
    }
    if let Some(favorite) = favorite {
        answer["favorite"] = favorite.into();
    }
    answer
}

async fn follow(person: &Person, collection: &str) -> String {
    token(
        &person
            .act(&format!("/user/{collection}/sync_tokens"))
            .await
            .is(201),
    )
}

fn token(answer: &Answer) -> String {
    let token = answer["token"].as_str().unwrap_or_default();
    assert!(!token.is_empty(), "no token in {answer}");
    token.to_owned()
}

/// What has changed: `id change favorite`, and the next token.
async fn diff(person: &Person, collection: &str, from: &mut String) -> Vec<String> {
    let answer = person
        .act(&format!("/user/{collection}/sync_tokens/{from}/diff"))
        .await
        .is(200);
    *from = token(&answer);
    let items = answer["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            let star = if item["favorite"] == true { "*" } else { "" };
            format!("{} {}{star}", text("id"), text("change_type"))
        })
        .collect()
}

#[tokio::test]
async fn contacts_come_change_and_go() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    for (person, list, favorite) in [
        (&alice, "/user/contacts", Some(false)),
        (&admin, "/contacts", None),
    ] {
        let id = person.post(list, full()).await.created();
        let path = format!("{list}/{id}");
        let read = person.get(&path).await.is(200);
        assert_eq!(read.json(), &answered(&id, &full(), favorite));
        let listed = person.get(list).await.is(200);
        assert_eq!(
            listed.json(),
            &json!({"count": 1, "items": [answered(&id, &full(), favorite)]})
        );
        let mut card = full();
        card["company"] = "".into();
        card["notes"] = "".into();
        card["name"] = "Ada".into();
        let change = json!({"company": null, "notes": "", "name": "Ada"});
        person.post(&path, change).await.changed();
        person.post(&path, json!({})).await.changed();
        let read = person.get(&path).await.is(200);
        assert_eq!(read.json(), &answered(&id, &card, favorite));
        // Nothing is required, and two may be alike.
        for body in [json!({}), json!({"name": null, "email": null})] {
            let id = person.post(list, body).await.created();
            let read = person.get(&format!("{list}/{id}")).await.is(200);
            assert_eq!(read.json(), &answered(&id, &json!({}), favorite));
        }
        person.act(&format!("{path}/destroy")).await.destroyed();
        for answer in [
            person.get(&path).await,
            person.post(&path, json!({})).await,
            person.act(&format!("{path}/destroy")).await,
            person.get(&format!("{list}/nonsense")).await,
        ] {
            let _ = answer.fails(404, "NOT_FOUND");
        }
        assert_eq!(person.get(list).await.is(200)["count"], 2);
    }
}

#[tokio::test]
async fn wrong_contacts_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for list in ["/user/contacts", "/contacts"] {
        let id = admin.post(list, json!({"name": "Ada"})).await.created();
        for path in [list.to_owned(), format!("{list}/{id}")] {
            for (member, value) in [
                ("name", String::new()),
                ("name", "x".repeat(65)),
                ("notes", "x".repeat(1025)),
                ("email", "x".repeat(129)),
                ("home_fax", "x".repeat(129)),
                ("title", "\0".to_owned()),
            ] {
                let _ = admin
                    .post(&path, json!({ member: value }))
                    .await
                    .fails(400, "VALIDATE_FAILED")
                    .says(member);
            }
            let draft = LINES
                .iter()
                .fold(Draft::group("x").without("description"), |draft, line| {
                    draft.with(line, "x")
                });
            scenarios::wrong_types(&admin, &path, &draft, list).await;
        }
        let _ = admin
            .post(&format!("{list}/{id}"), json!({"name": null}))
            .await
            .fails(400, "VALIDATE_FAILED");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for path in ["/user/contacts", "/contacts"] {
        for number in 0..7 {
            admin
                .post(path, json!({"name": format!("N{number}")}))
                .await
                .created();
        }
        let list = scenarios::Collection {
            path,
            key: "id",
            fields: &[],
        };
        scenarios::paging(&admin, list).await;
    }
}

#[tokio::test]
async fn everybody_reads_the_tenants_contacts_and_who_manages_the_company_keeps_them() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let id = admin.post("/contacts", json!({"name": "Acme"})).await.created();
    let path = format!("/contacts/{id}");
    assert_eq!(alice.get("/contacts").await.is(200).column("name"), ["Acme"]);
    assert_eq!(alice.get(&path).await.is(200)["name"], "Acme");
    for answer in [
        alice.post("/contacts", json!({"name": "x"})).await,
        alice.post(&path, json!({"name": "x"})).await,
        alice.act(&format!("{path}/destroy")).await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
    let root = portsip.root().await;
    let _ = root.get("/contacts").await.fails(403, "FORBIDDEN");
    root.act_in(&portsip.home().await.id).await;
    assert_eq!(root.get("/contacts").await.is(200).column("name"), ["Acme"]);
    root.post(&path, json!({"name": "Acme & Co"})).await.changed();
    // Another tenant has other contacts, and one's own are nobody else's.
    let other = portsip.company("other.test").await;
    assert_eq!(other.admin.get("/contacts").await.is(200)["count"], 0);
    let mine = alice
        .post("/user/contacts", json!({"name": "Mum"}))
        .await
        .created();
    for stranger in [&admin, &other.admin] {
        for answer in [
            stranger.get(&format!("/user/contacts/{mine}")).await,
            stranger
                .post(&format!("/user/contacts/{mine}"), json!({"name": "x"}))
                .await,
            stranger.act(&format!("/user/contacts/{mine}/favorite")).await,
            stranger.act(&format!("/user/contacts/{mine}/destroy")).await,
        ] {
            let _ = answer.fails(404, "NOT_FOUND");
        }
    }
    for answer in [
        other.admin.get(&path).await,
        other
            .admin
            .act(&format!("/user/business_contacts/{id}/favorite"))
            .await,
        other
            .admin
            .act(&format!("/user/business_contacts/{id}/unfavorite"))
            .await,
        other
            .admin
            .act(&format!("/user/extension_contacts/{}/favorite", alice.id))
            .await,
        // A personal contact is none of the tenant's.
        alice
            .act(&format!("/user/business_contacts/{mine}/favorite"))
            .await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    assert_eq!(alice.get("/user/contacts").await.is(200).column("name"), ["Mum"]);
}

#[tokio::test]
async fn one_follows_ones_own_contacts() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let first = alice
        .post("/user/contacts", json!({"name": "First"}))
        .await
        .created();
    let mut at = follow(&alice, "contacts").await;
    let nothing: [&str; 0] = [];
    assert_eq!(diff(&alice, "contacts", &mut at).await, nothing);
    let path = format!("/user/contacts/{first}");
    alice.act(&format!("{path}/favorite")).await.changed();
    alice.act(&format!("{path}/favorite")).await.changed();
    assert_eq!(
        alice.get("/user/contacts").await.is(200)["items"][0]["favorite"],
        true
    );
    let second = alice.post("/user/contacts", full()).await.created();
    let brief = alice.post("/user/contacts", json!({})).await.created();
    alice
        .act(&format!("/user/contacts/{brief}/destroy"))
        .await
        .destroyed();
    bob.post("/user/contacts", json!({"name": "Not hers"}))
        .await
        .created();
    let before = at.clone();
    assert_eq!(
        diff(&alice, "contacts", &mut at).await,
        [format!("{first} UPDATED*"), format!("{second} CREATED")]
    );
    assert_eq!(diff(&alice, "contacts", &mut at).await, nothing);
    // A token serves again: an answer may be lost on its way.
    let again = alice
        .act(&format!("/user/contacts/sync_tokens/{before}/diff"))
        .await
        .is(200);
    let mut expected = answered(&second, &full(), Some(false));
    expected["change_type"] = "CREATED".into();
    assert_eq!(again["items"][1], expected);
    alice.act(&format!("{path}/unfavorite")).await.changed();
    assert_eq!(
        diff(&alice, "contacts", &mut at).await,
        [format!("{first} UPDATED")]
    );
    alice.act(&format!("{path}/destroy")).await.destroyed();
    let gone = alice
        .act(&format!("/user/contacts/sync_tokens/{at}/diff"))
        .await
        .is(200);
    assert_eq!(gone["items"], json!([{"id": first, "change_type": "DELETED"}]));
}

#[tokio::test]
async fn a_token_is_of_its_bearer_and_of_its_collection() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let all = ["contacts", "business_contacts", "extension_contacts"];
    for mine in all {
        let at = follow(&alice, mine).await;
        for theirs in all {
            let path = format!("/user/{theirs}/sync_tokens/{at}/diff");
            let answer = alice.act(&path).await;
            if mine == theirs {
                let _ = answer.is(200);
            } else {
                let _ = answer.fails(403, "FORBIDDEN");
            }
            let _ = bob.act(&path).await.fails(403, "FORBIDDEN");
        }
        for wrong in ["x", "00", "%00", &at[2..], &at.replace('0', "1")] {
            let _ = alice
                .act(&format!("/user/{mine}/sync_tokens/{wrong}/diff"))
                .await
                .fails(403, "FORBIDDEN");
        }
    }
}

#[tokio::test]
async fn one_follows_the_tenants_contacts_with_ones_own_marks() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let mut ids = Vec::new();
    for name in ["One", "Two", "Three"] {
        ids.push(admin.post("/contacts", json!({"name": name})).await.created());
    }
    let mark = async |person: &Person, id: &str, how: &str| {
        person
            .act(&format!("/user/business_contacts/{id}/{how}"))
            .await
            .changed();
    };
    mark(&alice, &ids[1], "favorite").await;
    mark(&alice, &ids[2], "favorite").await;
    admin
        .act(&format!("/contacts/{}/destroy", ids[2]))
        .await
        .destroyed();
    let (mut hers, mut his) = (
        follow(&alice, "business_contacts").await,
        follow(&bob, "business_contacts").await,
    );
    let kind = "business_contacts";
    let nothing: [&str; 0] = [];
    // What the list does not tell: what she marked before.
    assert_eq!(
        diff(&alice, kind, &mut hers).await,
        [format!("{} UPDATED*", ids[1])]
    );
    assert_eq!(diff(&bob, kind, &mut his).await, nothing);
    mark(&alice, &ids[0], "favorite").await;
    assert_eq!(
        diff(&alice, kind, &mut hers).await,
        [format!("{} UPDATED*", ids[0])]
    );
    mark(&alice, &ids[0], "unfavorite").await;
    mark(&alice, &ids[0], "favorite").await;
    assert_eq!(diff(&alice, kind, &mut hers).await, nothing);
    assert_eq!(diff(&bob, kind, &mut his).await, nothing, "her marks are her own");
    admin
        .post(&format!("/contacts/{}", ids[0]), json!({"name": "Uno"}))
        .await
        .changed();
    assert_eq!(
        diff(&alice, kind, &mut hers).await,
        [format!("{} UPDATED*", ids[0])]
    );
    assert_eq!(diff(&bob, kind, &mut his).await, [format!("{} UPDATED", ids[0])]);
    admin
        .act(&format!("/contacts/{}/destroy", ids[0]))
        .await
        .destroyed();
    for (person, at) in [(&alice, &mut hers), (&bob, &mut his)] {
        assert_eq!(diff(person, kind, at).await, [format!("{} DELETED", ids[0])]);
    }
}

#[tokio::test]
async fn one_follows_the_users_of_the_tenant() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let kind = "extension_contacts";
    alice
        .act(&format!("/user/extension_contacts/{}/favorite", bob.id))
        .await
        .changed();
    let mut at = follow(&alice, kind).await;
    let all = alice
        .act(&format!("/user/{kind}/sync_tokens/{at}/diff"))
        .await
        .is(200);
    let mut expected = json!({"id": bob.id, "extension_number": bob.number, "favorite": true});
    let read = admin.get(&format!("/users/{}", bob.id)).await.is(200);
    for line in [
        "display_name",
        "email",
        "mobile_phone",
        "work_phone",
        "home_phone",
        "address",
        "department",
    ] {
        expected[line] = read.json().get(line).cloned().unwrap_or_else(|| "".into());
    }
    expected["avatar_file_url"] = "".into();
    expected["change_type"] = "CREATED".into();
    assert_eq!(all["items"][2], expected);
    assert_eq!(
        diff(&alice, kind, &mut at).await,
        [
            format!("{} CREATED", admin.id),
            format!("{} CREATED", alice.id),
            format!("{} CREATED*", bob.id)
        ]
    );
    let nothing: [&str; 0] = [];
    assert_eq!(diff(&alice, kind, &mut at).await, nothing);
    bob.post("/user", json!({"department": "Sales"})).await.changed();
    assert_eq!(
        diff(&alice, kind, &mut at).await,
        [format!("{} UPDATED*", bob.id)]
    );
    alice
        .act(&format!("/user/extension_contacts/{}/unfavorite", bob.id))
        .await
        .changed();
    let carol = portsip.user("carol").await;
    assert_eq!(
        diff(&alice, kind, &mut at).await,
        [format!("{} UPDATED", bob.id), format!("{} CREATED", carol.id)]
    );
    admin.act(&format!("/users/{}/destroy", bob.id)).await.destroyed();
    let gone = alice
        .act(&format!("/user/{kind}/sync_tokens/{at}/diff"))
        .await
        .is(200);
    assert_eq!(gone["items"], json!([{"id": bob.id, "change_type": "DELETED"}]));
    let _ = alice
        .act(&format!("/user/extension_contacts/{}/favorite", bob.id))
        .await
        .fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn marks_go_with_both_of_their_ends() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let id = admin.post("/contacts", json!({"name": "Acme"})).await.created();
    for path in [
        format!("/user/business_contacts/{id}/favorite"),
        format!("/user/extension_contacts/{}/favorite", admin.id),
    ] {
        alice.act(&path).await.changed();
        admin.act(&path).await.changed();
    }
    // One who has marked and is marked can be destroyed, and so can a contact that two have marked.
    admin
        .act(&format!("/user/extension_contacts/{}/favorite", alice.id))
        .await
        .changed();
    admin
        .act(&format!("/users/{}/destroy", alice.id))
        .await
        .destroyed();
    let mut at = follow(&admin, "extension_contacts").await;
    assert_eq!(
        diff(&admin, "extension_contacts", &mut at).await,
        [format!("{} CREATED*", admin.id)]
    );
    admin.act(&format!("/contacts/{id}/destroy")).await.destroyed();
    let mut at = follow(&admin, "business_contacts").await;
    let nothing: [&str; 0] = [];
    assert_eq!(diff(&admin, "business_contacts", &mut at).await, nothing);
}
