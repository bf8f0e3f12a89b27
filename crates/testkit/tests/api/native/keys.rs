//! Keys: made, listed, revoked, and what they open.

use jackfield_testkit::{Draft, Request, TestServer};
use serde_json::json;

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_its_text() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let admin = server.native().person(&home.admin);
    let (id, key) = server.native().feed_key(home).await;
    assert!(key.starts_with("jfk_") && key.len() == 56, "{key}");
    let listed = admin.get("/keys").await.is(200);
    let line = &listed["items"][0];
    assert_eq!(
        (&line["id"], &line["purpose"], &line["name"], &line["created_at"]),
        (
            &json!(id),
            &json!("feed"),
            &json!("PBX"),
            &json!("2026-03-02T08:00:00Z")
        )
    );
    assert!(!listed.text().contains(&key[4..]), "{listed}");
    let journal = server.journal(home.id.parse().expect("a number")).await;
    let line = journal.last().expect("a line");
    assert_eq!(
        (line.kind.as_str(), line.record, line.change.as_str()),
        ("api_key", id, "CREATED")
    );
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let admin = server.native().person(&home.admin);
    let (id, key) = server.native().feed_key(home).await;
    let engine = server.native().bearer(&key);
    let _ = engine.post("/feed/registrations", json!([])).await.took([0; 4]);
    admin.delete(&format!("/keys/{id}")).await.destroyed();
    let _ = engine
        .post("/feed/registrations", json!([]))
        .await
        .problem(401, "unauthenticated");
    for unknown in [id.to_string(), "7".into(), "-1".into()] {
        let _ = admin
            .delete(&format!("/keys/{unknown}"))
            .await
            .problem(404, "not-found");
    }
    let _ = admin.delete("/keys/x").await.problem(400, "unreadable");
}

#[tokio::test]
async fn only_a_key_opens_the_feed_and_it_opens_nothing_else() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let home = portsip.home().await;
    let (_, key) = native.feed_key(home).await;
    let body = || json!([]);

    let nobody = native.anonymous().post("/feed/registrations", body()).await;
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    let _ = nobody.problem(401, "unauthenticated");
    let mut wrong = key.clone();
    wrong.replace_range(50..52, "AA");
    for token in [wrong.as_str(), "jfk_", "x"] {
        let _ = native
            .bearer(token)
            .post("/feed/registrations", body())
            .await
            .problem(401, "unauthenticated");
    }
    // Whoever can sign in must not be able to invent calls, however mighty he is.
    let root = portsip.root().await;
    root.act_in(&home.id).await;
    for person in [&home.admin, &root, &portsip.user("plain").await] {
        let answer = native
            .person(person)
            .post("/feed/registrations", body())
            .await
            .problem(403, "forbidden");
        assert!(answer.text().contains("jackfield key create"), "{answer}");
    }
    // The module of one engine knows the basic scheme only.
    for (header, status) in [
        (basic(&format!("engine:{key}")), 200),
        (basic(&format!(":{key}")), 200),
        (basic(&key), 401),
        (format!("Digest {key}"), 401),
    ] {
        let answer = native
            .authorized(&header)
            .post("/feed/registrations", body())
            .await;
        assert_eq!(answer.status, status, "{header}: {answer}");
    }
    // And the key is none of a session's.
    let _ = native
        .bearer(&key)
        .get("/keys")
        .await
        .problem(401, "unauthenticated");
    let _ = portsip.bearer(&key).get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = portsip
        .bearer(&key)
        .get("/users")
        .await
        .fails(401, "UNAUTHORIZED");
}

fn basic(pair: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "Basic ".to_owned();
    for chunk in pair.as_bytes().chunks(3) {
        let word = chunk
            .iter()
            .fold(0_usize, |word, byte| (word << 8) | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(LETTERS[(word >> (18 - 6 * place)) & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[tokio::test]
async fn a_key_of_a_closed_tenant_is_refused() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let engine = server.native().engine(home).await;
    let _ = engine.post("/feed/registrations", json!([])).await.took([0; 4]);
    let root = server.portsip().root().await;
    let path = format!("/tenants/{}", home.id);
    root.post(&path, json!({"enabled": false})).await.changed();
    let answer = engine
        .post("/feed/registrations", json!([]))
        .await
        .problem(403, "forbidden");
    assert!(answer.text().contains("the tenant is disabled"), "{answer}");
    root.post(&path, json!({"enabled": true})).await.changed();
    let _ = engine.post("/feed/registrations", json!([])).await.took([0; 4]);
}

#[tokio::test]
async fn keys_are_for_who_may_change_the_company() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let (id, _) = native.feed_key(home).await;
    let stranger = native.person(&other.admin);
    assert_eq!(stranger.get("/keys").await.is(200)["items"], json!([]));
    let _ = stranger
        .delete(&format!("/keys/{id}"))
        .await
        .problem(404, "not-found");
    let _ = home
        .admin
        .post("/roles", Draft::role("Viewer", &["company.view_only"]))
        .await
        .is(201);
    for (name, role) in [
        ("ben", "StandardUser"),
        ("queen", "QueueManager"),
        ("vera", "Viewer"),
    ] {
        let person = portsip.user_as(name, role).await;
        let person = native.person(&person);
        let _ = person.get("/keys").await.problem(403, "forbidden");
        let _ = person
            .post("/keys", json!({"purpose": "feed"}))
            .await
            .problem(403, "forbidden");
        let _ = person
            .delete(&format!("/keys/{id}"))
            .await
            .problem(403, "forbidden");
    }
    // A system administrator chooses a tenant first.
    let root = portsip.root().await;
    let _ = native.person(&root).get("/keys").await.problem(403, "forbidden");
    root.act_in(&home.id).await;
    assert_eq!(
        native.person(&root).get("/keys").await.is(200)["items"][0]["id"],
        id
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_new_key_is_named() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let admin = server.native().person(&home.admin);
    for (body, pointers) in [
        (json!({}), &["#/purpose"][..]),
        (
            json!({"purpose": "everything", "name": "a\nb"}),
            &["#/purpose", "#/name"],
        ),
        (json!({"purpose": 7, "name": 7}), &["#/purpose", "#/name"]),
        (json!({"purpose": "feed", "name": "x".repeat(65)}), &["#/name"]),
    ] {
        let answer = admin.post("/keys", body).await.problem(422, "invalid");
        let found: Vec<_> = answer["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["pointer"].as_str().expect("a pointer"))
            .collect();
        assert_eq!(found, pointers, "{answer}");
    }
    for text in ["[]", "{", "7"] {
        let request = Request::new("POST", "/keys").header("Content-Type", "application/json");
        let _ = admin.send(request.bytes(text)).await.problem(400, "unreadable");
    }
    assert_eq!(admin.get("/keys").await["items"], json!([]));
    let _ = admin.get("/nothing").await.problem(404, "not-found");
    let _ = admin.delete("/keys").await.problem(405, "wrong-method");
    let _ = admin.get("/").await.problem(404, "not-found");
}
