//! Pictures of users.

use std::time::Duration;

use jackfield_testkit::{
    PASSWORD, Person, TestServer,
    files::{png, wav},
};
use serde_json::json;

use super::blobs::Upload;

async fn upload(person: &Person, name: &str, content: &[u8]) -> String {
    Upload::begin(person, name).await.complete(content).await
}

#[tokio::test]
async fn a_picture_is_shown_wherever_its_user_is() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let id = upload(&alice, "me.png", &png()).await;
    alice.post("/user", json!({"avatar_file_id": id})).await.changed();

    let own = alice.get("/user").await.is(200);
    let url = own["avatar_file_url"].as_str().expect("an address").to_owned();
    assert_eq!(url.len(), "/api/blobs/".len() + 32);
    let shown = |user: &serde_json::Value| {
        assert_eq!(
            (
                &user["avatar_file_name"],
                &user["avatar_file_size"],
                &user["avatar_file_url"]
            ),
            (&json!("me.png"), &json!(png().len()), &json!(url))
        );
    };
    shown(own.json());
    shown(admin.get(&format!("/users/{}", alice.id)).await.is(200).json());
    for filter in [
        "avatar_file_size gt 0",
        "avatar_file_name eq 'me.png'",
        "startswith(avatar_file_url,'/api/blobs/')",
    ] {
        let list = admin.find("/users", &[("filter", filter)]).await.is(200);
        assert_eq!(list["count"], 1, "{filter}");
        shown(&list["items"][0]);
    }
    let follow = alice.act("/user/extension_contacts/sync_tokens").await.is(201);
    let token = follow["token"].as_str().expect("a token");
    let all = alice
        .act(&format!("/user/extension_contacts/sync_tokens/{token}/diff"))
        .await
        .is(200);
    assert!(all.column("avatar_file_url").contains(&url), "{}", all.text());

    let path = url.trim_start_matches("/api");
    let answer = portsip.anonymous().get(path).await.is(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert!(answer.bytes() == png(), "another picture");
    // Other changes leave it; the same picture again is no change.
    alice.post("/user", json!({"department": "x"})).await.changed();
    alice.post("/user", json!({"avatar_file_id": id})).await.changed();
    shown(alice.get("/user").await.is(200).json());
}

#[tokio::test]
async fn only_ones_own_pictures_are_taken() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let stranger = portsip.company("foreign.test").await.admin;
    let sound = upload(&alice, "me.png", &wav(8_000)).await;
    let text = upload(&alice, "me.jpg", b"<svg/>").await;
    let bobs = upload(&bob, "bob.png", &png()).await;
    let foreign = upload(&stranger, "far.png", &png()).await;
    let before = alice.get("/user").await.is(200);
    for (id, says) in [
        (sound, "PNG"),
        (text, "PNG"),
        (bobs, "does not exist"),
        (foreign, "does not exist"),
        ("100999".into(), "does not exist"),
        ("x".into(), "does not exist"),
    ] {
        let body = json!({"avatar_file_id": id, "department": "changed"});
        let answer = alice.post("/user", body).await.fails(400, "VALIDATE_FAILED");
        let _ = answer.says(says).says("avatar_file_id");
    }
    assert_eq!(alice.get("/user").await.is(200).text(), before.text());
}

#[tokio::test]
async fn a_file_stays_while_it_is_somebodys_picture() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let wear = async |person: &Person| {
        let id = upload(person, "me.png", &png()).await;
        person
            .post("/user", json!({"avatar_file_id": id}))
            .await
            .changed();
        let url = person.get("/user").await.is(200)["avatar_file_url"].clone();
        url.as_str()
            .expect("an address")
            .trim_start_matches("/api")
            .to_owned()
    };
    let (old, worn, bobs) = (wear(&alice).await, wear(&alice).await, wear(&bob).await);
    let night = async || {
        server.clock.advance(Duration::from_hours(25));
        server.collect_blobs().await;
        alice.sign_in(PASSWORD).await;
        admin.sign_in(PASSWORD).await;
    };
    let nobody = portsip.anonymous();
    night().await;
    let _ = nobody.get(&old).await.fails(404, "NOT_FOUND");
    let _ = nobody.get(&worn).await.is(200);
    let _ = nobody.get(&bobs).await.is(200);

    // Nothing takes it away, and neither does null nor an empty id of somebody without one.
    for nothing in [json!(""), json!(null)] {
        alice
            .post("/user", json!({"avatar_file_id": nothing}))
            .await
            .changed();
        let read = alice.get("/user").await.is(200);
        assert_eq!(
            (
                &read["avatar_file_name"],
                &read["avatar_file_size"],
                &read["avatar_file_url"]
            ),
            (&json!(""), &json!(0), &json!(""))
        );
    }
    admin.act(&format!("/users/{}/destroy", bob.id)).await.destroyed();
    night().await;
    let _ = nobody.get(&worn).await.fails(404, "NOT_FOUND");
    let _ = nobody.get(&bobs).await.fails(404, "NOT_FOUND");
}
