//! Files of recordings that engines hand in.

use std::time::Duration;

use jackfield_testkit::{
    Caller, Person, Request, TestServer,
    files::{png, wav},
};
use serde_json::{Value, json};

/// Reports a recording of a call to somebody.
async fn report(engine: &Caller, id: &str, person: &Person) {
    let recording = json!({
        "external_id": id,
        "caller": "+493022446688",
        "callee": person.number,
        "started_at": "2026-03-02T07:58:19Z",
        "ended_at": "2026-03-02T07:59:40Z",
        "file_name": "Anruf 1.wav",
    });
    let _ = engine
        .post("/feed/recordings", recording)
        .await
        .took([1, 0, 0, 0]);
}

fn path(id: &str) -> String {
    format!("/feed/recordings/{id}/file")
}

/// The recording of somebody who has one.
async fn shown(person: &Person) -> (String, Value) {
    let id = person
        .get("/user/recordings")
        .await
        .is(200)
        .column("id")
        .pop()
        .expect("a recording");
    let one = person.get(&format!("/user/recordings/{id}")).await.is(200)["items"][0].clone();
    (id, one)
}

/// The path of the file under the dialect's prefix.
fn address(recording: &Value) -> String {
    let url = recording["file_url"].as_str().expect("an address");
    url.trim_start_matches("/api").to_owned()
}

#[tokio::test]
async fn a_file_is_handed_in_heard_and_removed() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let (id, content) = ("2026/03 a", wav(16_000));
    report(&engine, id, &ada).await;
    let (_, without) = shown(&ada).await;
    assert!(without.get("file_url").is_none() && without.get("file_size").is_none());
    let path = path("2026%2F03%20a");
    for _ in 0..2 {
        assert_eq!(engine.put(&path, content.clone()).await.is(204).text(), "");
    }
    let (id, one) = shown(&ada).await;
    assert_eq!(one["file_size"], content.len());
    assert_eq!(one["file_name"], "Anruf 1.wav");
    let read = async |range: &str| {
        let request = Request::new("GET", address(&one)).header("Range", range);
        server.portsip().anonymous().send(request).await
    };
    let part = read("bytes=4-11").await.is(206);
    assert_eq!(part.bytes(), &content[4..12]);
    assert_eq!(part.header("content-type"), Some("audio/wav"));
    assert_eq!(read("bytes=0-").await.is(206).bytes(), content);
    // Another content takes its place, at another address.
    let _ = engine.put(&path, wav(8_000)).await.is(204);
    let (_, next) = shown(&ada).await;
    assert_eq!(next["file_size"], wav(8_000).len());
    assert_ne!(next["file_url"], one["file_url"]);
    server.clock.advance(Duration::from_hours(25));
    server.collect_blobs().await;
    let anonymous = server.portsip().anonymous();
    let _ = anonymous.get(&address(&one)).await.fails(404, "NOT_FOUND");
    let _ = anonymous.get(&address(&next)).await.is(200);
    ada.sign_in(jackfield_testkit::PASSWORD).await;
    ada.act(&format!("/user/recordings/{id}/destroy"))
        .await
        .destroyed();
    let _ = anonymous.get(&address(&next)).await.is(200);
    server.clock.advance(Duration::from_hours(25));
    server.collect_blobs().await;
    let _ = anonymous.get(&address(&next)).await.fails(404, "NOT_FOUND");
    let _ = engine.put(&path, content).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_is_no_sound_or_of_no_recording_is_refused() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let other = server.portsip().company("other.test").await;
    let other = server.native().engine(&other).await;
    report(&engine, "a", &ada).await;
    let unknown = engine.put(&path("b"), wav(8_000)).await.problem(404, "not-found");
    let foreign = other.put(&path("a"), wav(8_000)).await.problem(404, "not-found");
    assert_eq!(unknown["detail"], foreign["detail"]);
    for wrong in [Vec::new(), b"RIFF of some kind".to_vec(), png()] {
        let answer = engine.put(&path("a"), wrong).await.problem(422, "invalid");
        assert_eq!(answer["errors"][0]["pointer"], "#/file", "{answer}");
    }
    let mut huge = wav(8_000);
    huge.resize((16 << 20) + 1, 0);
    let _ = engine.put(&path("a"), huge).await.problem(413, "too-large");
    let (_, one) = shown(&ada).await;
    assert!(one.get("file_url").is_none(), "{one}");
}
