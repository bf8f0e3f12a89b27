//! Greetings of voicemail boxes.

use jackfield_testkit::{
    Person, TestServer,
    files::{png, wav},
};
use serde_json::{Value, json};

use super::blobs::Upload;

async fn upload(person: &Person, name: &str, content: &[u8]) -> Value {
    let id = Upload::begin(person, name).await.complete(content).await;
    json!({"file_id": id})
}

#[tokio::test]
async fn a_greeting_from_upload_to_removal() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, admin) = (portsip.user("alice").await, portsip.admin().await);
    let content = wav(8_000);
    let body = upload(&alice, "hello.wav", &content).await;
    let one = alice.post("/user/greetings", body.clone()).await.created();
    let of_alice = format!("/users/{}/greetings", alice.id);
    let body = upload(&admin, "closed.wav", &wav(16_000)).await;
    let two = admin.post(&of_alice, body).await.created();

    let list = alice.get("/user/greetings").await.is(200);
    let item = &list["items"][0];
    assert_eq!(
        (
            &item["id"],
            &item["enabled"],
            &item["file_name"],
            &item["file_size"]
        ),
        (
            &json!(one),
            &json!(false),
            &json!("hello.wav"),
            &json!(content.len())
        )
    );
    assert!(
        item["file_url"]
            .as_str()
            .is_some_and(|url| url.len() == "/api/blobs/".len() + 32)
    );
    assert_eq!(
        admin.get(&of_alice).await.is(200).json(),
        list.json(),
        "both paths show the same"
    );
    assert_eq!(list.column("id"), [one.clone(), two.clone()]);

    let enabled = async || alice.get("/user/greetings").await.column("enabled");
    alice
        .act(&format!("/user/greetings/{one}/enable"))
        .await
        .changed();
    assert_eq!(enabled().await, ["true", "false"]);
    admin.act(&format!("{of_alice}/{two}/enable")).await.changed();
    assert_eq!(
        enabled().await,
        ["false", "true"],
        "enabling one disables the other"
    );
    alice
        .act(&format!("/user/greetings/{one}/disable"))
        .await
        .changed();
    assert_eq!(enabled().await, ["false", "true"]);
    admin.act(&format!("{of_alice}/{two}/disable")).await.changed();
    assert_eq!(enabled().await, ["false", "false"]);

    alice
        .act(&format!("/user/greetings/{two}/destroy"))
        .await
        .destroyed();
    for action in ["enable", "disable", "destroy"] {
        let path = format!("/user/greetings/{two}/{action}");
        let _ = alice.act(&path).await.fails(404, "NOT_FOUND");
    }
    assert_eq!(alice.get("/user/greetings").await.column("id"), [one]);
    assert!(
        admin.get("/user/greetings").await.column("id").is_empty(),
        "they are Alice's"
    );
}

#[tokio::test]
async fn files_that_cannot_be_played_are_refused() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let mut stereo = wav(8_000);
    stereo[22] = 2;
    for (name, content) in [
        ("picture.wav", png()),
        ("page.mp3", b"<html>".to_vec()),
        ("stereo.wav", stereo),
        ("studio.wav", wav(44_100)),
    ] {
        let body = upload(&alice, name, &content).await;
        let answer = alice
            .post("/user/greetings", body)
            .await
            .fails(400, "VALIDATE_FAILED");
        let _ = answer.says("WAV file (PCM, 16 bit, mono").says("file_id");
    }
    let another = upload(&bob, "hello.wav", &wav(8_000)).await;
    for body in [
        another,
        json!({"file_id": "100999"}),
        json!({"file_id": "x"}),
        json!({"file_id": ""}),
    ] {
        let _ = alice
            .post("/user/greetings", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("file_id");
    }
    for body in [
        json!({}),
        json!({"file_id": null}),
        json!({"file_id": 7}),
        json!({"file_id": ["1"]}),
    ] {
        let _ = alice
            .post("/user/greetings", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("file_id");
    }
    assert!(alice.get("/user/greetings").await.column("id").is_empty());
}

#[tokio::test]
async fn greetings_of_another_tenant_are_unknown() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let body = upload(&alice, "hello.wav", &wav(8_000)).await;
    let id = alice.post("/user/greetings", body.clone()).await.created();
    let other = portsip.company("other.test").await.admin;
    let _ = other
        .post("/user/greetings", body)
        .await
        .fails(400, "VALIDATE_FAILED");
    let _ = other
        .act(&format!("/user/greetings/{id}/destroy"))
        .await
        .fails(404, "NOT_FOUND");
    let _ = other
        .get(&format!("/users/{}/greetings", alice.id))
        .await
        .fails(404, "NOT_FOUND");
    assert_eq!(alice.get("/user/greetings").await.column("id"), [id]);
}
