//! What callers hear before they leave a user a message.

use jackfield_testkit::{TestServer, files::wav};
use serde_json::json;

use crate::portsip::blobs::Upload;

#[tokio::test]
async fn the_active_greeting_is_shown_and_put_back() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let admin = server.voipstudio().with_token(&portsip.admin().await.token());
    let own = server.voipstudio().with_token(&alice.token());
    let path = format!("/users/{}/audio", alice.id);
    let before = own.get(&path).await.is(200);
    assert!(before["data"].get("audio").is_none());
    let content = wav(8_000);
    let file = Upload::begin(&alice, "hello.wav").await.complete(&content).await;
    let greeting = alice
        .post("/user/greetings", json!({"file_id": file}))
        .await
        .created();
    assert!(
        own.get(&path).await.is(200)["data"].get("audio").is_none(),
        "it is not enabled yet"
    );
    alice
        .act(&format!("/user/greetings/{greeting}/enable"))
        .await
        .changed();
    let shown = admin.get(&path).await.is(200);
    let id: i64 = greeting.parse().expect("an id is a number");
    assert_eq!(
        shown["data"]["audio"],
        json!({"id": id, "name": "hello.wav", "size": content.len()})
    );
    assert_eq!(shown["data"]["email"], "alice@mail.test");
    let theirs = server.voipstudio().with_token(&bob.token());
    let _ = theirs.get(&path).await.is(403);
    let _ = theirs.delete(&path).await.is(403);
    // Putting the built-in one back takes no greeting away, and twice does no harm.
    for _ in 0..2 {
        admin.delete(&path).await.destroyed();
        assert!(own.get(&path).await.is(200)["data"].get("audio").is_none());
    }
    assert_eq!(
        alice.get("/user/greetings").await.is(200).column("id"),
        [greeting]
    );
    for nobody in ["/users/1/audio", "/users/x/audio"] {
        let _ = admin.get(nobody).await.is(404);
        let _ = admin.delete(nobody).await.is(404);
    }
}
