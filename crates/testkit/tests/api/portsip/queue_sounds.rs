//! The sounds of call queues.

use std::time::Duration;

use jackfield_testkit::{
    Draft, TestServer,
    files::{png, wav},
};
use serde_json::json;

use super::blobs::Upload;

#[tokio::test]
async fn callers_hear_files_that_the_administrator_has_put_there() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let upload =
        async |person, content: &[u8]| Upload::begin(person, "hold.wav").await.complete(content).await;
    let (music, words) = (
        upload(&admin, &wav(8_000)).await,
        upload(&admin, &wav(16_000)).await,
    );
    let draft = Draft::call_queue("Support", "6000")
        .with("moh_prompt_file_id", music)
        .with("intro_prompt_file_id", words.clone());
    let id = admin.post("/call_queues", draft).await.made();
    let path = format!("/call_queues/{id}");
    let seen = async |prompt: &str| {
        let queue = admin.get(&path).await.is(200);
        let member = |part: &str| queue[format!("{prompt}_prompt_file_{part}").as_str()].clone();
        (member("name"), member("size"), member("url"))
    };
    let (name, size, url) = seen("moh").await;
    assert_eq!((name, size), (json!("hold.wav"), json!(wav(8_000).len())));
    let moh = url
        .as_str()
        .expect("an address")
        .trim_start_matches("/api")
        .to_owned();
    let (_, size, url) = seen("intro").await;
    assert_eq!(size, json!(wav(16_000).len()));
    let intro = url
        .as_str()
        .expect("an address")
        .trim_start_matches("/api")
        .to_owned();

    // Somebody else's, what cannot be played and what does not exist is refused, and nothing changes.
    let before = admin.get(&path).await.is(200);
    for (file, says) in [
        (upload(&alice, &wav(8_000)).await, "does not exist"),
        (upload(&admin, &png()).await, "WAV file (PCM, 16 bit, mono"),
        (upload(&admin, &wav(44_100)).await, "WAV file (PCM, 16 bit, mono"),
        ("100999".into(), "does not exist"),
        ("x".into(), "does not exist"),
    ] {
        for field in ["moh_prompt_file_id", "intro_prompt_file_id"] {
            let body = json!({"name": "Other", field: file});
            let answer = admin.post(&path, body).await.fails(400, "VALIDATE_FAILED");
            let _ = answer.says(says).says(field);
            let draft = Draft::call_queue("Other", "6001").with(field, file.clone());
            let answer = admin
                .post("/call_queues", draft)
                .await
                .fails(400, "VALIDATE_FAILED");
            let _ = answer.says(says).says(field);
        }
    }
    assert_eq!(admin.get(&path).await.is(200).text(), before.text());

    // What is named stays, in whatever else changes; what was named goes a day later.
    let night = async || {
        server.clock.advance(Duration::from_hours(25));
        server.collect_blobs().await;
        admin.sign_in(jackfield_testkit::PASSWORD).await;
    };
    let nobody = portsip.anonymous();
    admin
        .post(&path, json!({"name": "Help", "moh_prompt_file_id": words}))
        .await
        .changed();
    night().await;
    let _ = nobody.get(&moh).await.fails(404, "NOT_FOUND");
    let _ = nobody.get(&intro).await.is(200);
    admin
        .post(&path, json!({"moh_prompt_file_id": null}))
        .await
        .changed();
    assert_eq!(seen("moh").await, (json!(""), json!(null), json!("")));
    night().await;
    let _ = nobody.get(&intro).await.is(200);
    admin.act(&format!("{path}/destroy")).await.destroyed();
    night().await;
    let _ = nobody.get(&intro).await.fails(404, "NOT_FOUND");
}
