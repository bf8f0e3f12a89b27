//! Uploads and downloads of files.

use std::time::Duration;

use jackfield_testkit::{Answer, Person, Request, TestServer, files::wav};
use serde_json::json;

const TOKEN: &str = "PortSIP-Upload-Token";

/// An upload as a client goes through it.
pub(crate) struct Upload<'a> {
    person: &'a Person,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl<'a> Upload<'a> {
    pub(crate) async fn begin(person: &'a Person, name: &str) -> Self {
        let request =
            Request::new("POST", "/blobs/uploads").query(&[("filename", name), ("temporary", "false")]);
        let answer = person.send(request).await.is(202);
        assert_eq!(answer.header("range"), None);
        assert_eq!(answer.text(), "");
        let header = |name| answer.header(name).expect("a header of the upload").to_owned();
        Self {
            person,
            id: header("portsip-upload-id"),
            token: header("portsip-upload-token"),
        }
    }

    pub(crate) fn request(&self, action: &str) -> Request {
        Request::new("POST", format!("/blobs/uploads/{}/{action}", self.id)).header(TOKEN, &self.token)
    }

    /// Sends a piece, and keeps the new token.
    pub(crate) async fn append(&mut self, piece: &[u8]) -> Answer {
        let answer = self.person.send(self.request("append").bytes(piece)).await;
        if answer.status == 203 {
            answer
                .header("portsip-upload-token")
                .expect("a token")
                .clone_into(&mut self.token);
        }
        answer
    }

    /// Sends the rest and gives the id of the file.
    pub(crate) async fn complete(self, rest: &[u8]) -> String {
        self.person
            .send(self.request("complete").bytes(rest))
            .await
            .created()
    }

    async fn status(&self) -> Answer {
        self.person
            .get(&format!("/blobs/uploads/{}/status", self.id))
            .await
    }
}

/// The address of a file, by making a greeting of it.
async fn address(person: &Person, file: &str) -> String {
    person
        .post("/user/greetings", json!({"file_id": file}))
        .await
        .created();
    let url = person
        .get("/user/greetings")
        .await
        .is(200)
        .column("file_url")
        .pop();
    url.expect("the greeting is there")
        .trim_start_matches("/api")
        .to_owned()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let content = wav(16_000);
    let whole = Upload::begin(&alice, "hello.wav").await.complete(&content).await;
    let mut upload = Upload::begin(&alice, "Grüße 1.wav").await;
    assert_eq!(upload.status().await.is(204).header("range"), None);
    let first = upload.append(&content[..700]).await.is(203);
    assert_eq!(first.header("range"), Some("0-699"));
    assert_eq!(first.header("portsip-upload-id"), Some(upload.id.as_str()));
    let status = upload.status().await.is(204);
    assert_eq!(status.header("range"), Some("0-699"));
    assert_eq!(status.header("portsip-upload-token"), Some(upload.token.as_str()));
    let _ = upload.append(&content[700..701]).await.is(203);
    let pieces = upload.complete(&content[701..]).await;
    let mut all_in_pieces = Upload::begin(&alice, "x.wav").await;
    let _ = all_in_pieces.append(&content).await.is(203);
    let without_rest = all_in_pieces.complete(b"").await;

    let nobody = server.portsip().anonymous();
    for (file, name) in [
        (whole, "inline; filename=\"hello.wav\""),
        (
            pieces,
            "inline; filename=\"Gr__e 1.wav\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201.wav",
        ),
        (without_rest, "inline; filename=\"x.wav\""),
    ] {
        let answer = nobody.get(&address(&alice, &file).await).await.is(200);
        assert!(answer.bytes() == content, "the content is another");
        for (header, value) in [
            ("content-type", "audio/wav"),
            ("content-disposition", name),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{header}");
        }
        assert_eq!(
            answer.header("content-length"),
            Some(content.len().to_string().as_str())
        );
    }
}

#[tokio::test]
async fn parts_and_conditions() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let content = wav(8_000);
    let file = Upload::begin(&alice, "hello.wav").await.complete(&content).await;
    let path = address(&alice, &file).await;
    let nobody = server.portsip().anonymous();
    let tag = nobody.get(&path).await.header("etag").expect("a tag").to_owned();
    let size = content.len();
    let ask = async |headers: &[(&str, &str)]| {
        let request = Request::new("GET", path.as_str());
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, *value));
        nobody.send(request).await
    };
    for (range, start, end) in [
        ("bytes=0-3", 0, 4),
        ("bytes=4-", 4, size),
        ("bytes=-10", size - 10, size),
        ("bytes=10-999999999", 10, size),
    ] {
        let answer = ask(&[("Range", range)]).await.is(206);
        assert!(answer.bytes() == &content[start..end], "{range}");
        let place = format!("bytes {start}-{}/{size}", end - 1);
        assert_eq!(answer.header("content-range"), Some(place.as_str()), "{range}");
    }
    let behind = ask(&[("Range", "bytes=999999999-")])
        .await
        .fails(416, "VALIDATE_FAILED");
    assert_eq!(
        behind.header("content-range"),
        Some(format!("bytes */{size}").as_str())
    );
    for ignored in ["bytes=0-1,3-4", "lines=1-2", "bytes=3-2"] {
        assert_eq!(
            ask(&[("Range", ignored)]).await.is(200).bytes().len(),
            size,
            "{ignored}"
        );
    }
    assert_eq!(ask(&[("If-None-Match", &tag)]).await.is(304).bytes(), b"");
    assert_eq!(
        ask(&[("Range", "bytes=0-0"), ("If-Range", &tag)])
            .await
            .is(206)
            .bytes()
            .len(),
        1
    );
    assert_eq!(
        ask(&[("Range", "bytes=0-0"), ("If-Range", "\"x\"")])
            .await
            .is(200)
            .bytes()
            .len(),
        size
    );
}

#[tokio::test]
async fn what_is_no_sound_and_no_picture_is_only_for_saving() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    for (name, content) in [
        ("page.wav", b"<html><script>alert(1)</script></html>".as_slice()),
        (
            "picture.png",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("program.mp3", b"MZ\x90\0"),
    ] {
        let file = Upload::begin(&alice, name).await.complete(content).await;
        let key = server.blob_key(&file).await;
        let answer = server
            .portsip()
            .anonymous()
            .get(&format!("/blobs/{key}"))
            .await
            .is(200);
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert!(
            answer
                .header("content-disposition")
                .is_some_and(|how| how.starts_with("attachment"))
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn keys_that_open_nothing() {
    let server = TestServer::start().await;
    let nobody = server.portsip().anonymous();
    for key in [
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "%00",
        "..%2f..%2fmaster.key",
    ] {
        let _ = nobody.get(&format!("/blobs/{key}")).await.fails(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn uploads_out_of_order() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let mut upload = Upload::begin(&alice, "hello.wav").await;
    let old = upload.token.clone();
    let _ = upload.append(b"first").await.is(203);
    // The answer got lost, and the client sends the piece again.
    let again = Request::new("POST", format!("/blobs/uploads/{}/append", upload.id));
    let _ = alice
        .send(again.header(TOKEN, &old).bytes("first"))
        .await
        .fails(409, "CONFLICT");
    let other = Upload::begin(&alice, "other.wav").await;
    for (token, says) in [
        (other.token.as_str(), "not of this upload"),
        ("nonsense", "not of this upload"),
    ] {
        let request = Request::new("POST", format!("/blobs/uploads/{}/append", upload.id));
        let answer = alice.send(request.header(TOKEN, token).bytes("x")).await;
        let _ = answer.fails(400, "VALIDATE_FAILED").says(says);
    }
    let without = Request::new("POST", format!("/blobs/uploads/{}/append", upload.id)).bytes("x");
    let _ = alice
        .send(without)
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("PortSIP-Upload-Token is required");
    let _ = alice.get("/blobs/uploads/x/status").await.fails(404, "NOT_FOUND");
    // None of that changed anything.
    assert_eq!(upload.status().await.is(204).header("range"), Some("0-4"));

    let path = format!("/blobs/uploads/{}/destroy", upload.id);
    let _ = portsip.user("bob").await.act(&path).await.fails(404, "NOT_FOUND");
    alice.act(&path).await.destroyed();
    let _ = alice.act(&path).await.fails(404, "NOT_FOUND");
    let _ = upload.append(b"more").await.fails(404, "NOT_FOUND");
    let done = Upload::begin(&alice, "done.wav").await;
    let complete = done.request("complete").bytes("x");
    done.complete(b"x").await;
    let _ = alice.send(complete).await.fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn files_that_are_refused() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    for name in ["", "a/b", "..", "a\nb"] {
        let request = Request::new("POST", "/blobs/uploads").query(&[("filename", name)]);
        let _ = alice
            .send(request)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("file_name");
    }
    let request = Request::new("POST", "/blobs/uploads").query(&[("temporary", "perhaps")]);
    let _ = alice.send(request).await.fails(400, "VALIDATE_FAILED");

    let mut upload = Upload::begin(&alice, "large.wav").await;
    let large = vec![0; (16 << 20) + 1];
    let _ = upload
        .append(&large)
        .await
        .fails(413, "TOO_LARGE")
        .says("16777216");
    let _ = upload.append(&large[1..]).await.is(203);
    let _ = upload.append(b"x").await.fails(413, "TOO_LARGE");
    let whole = alice.send(upload.request("complete").bytes("x")).await;
    let _ = whole.fails(413, "TOO_LARGE");
    assert_eq!(upload.status().await.is(204).header("range"), Some("0-16777215"));

    let empty = Upload::begin(&alice, "empty.wav").await;
    let _ = alice
        .send(empty.request("complete"))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("empty");
    let digest = |digest: &str| {
        Request::new(
            "POST",
            format!("/blobs/uploads/{}/complete?digest={digest}", empty.id),
        )
        .header(TOKEN, &empty.token)
        .bytes("abc")
    };
    for wrong in ["0", &"0".repeat(64)] {
        let _ = alice
            .send(digest(wrong))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("digest");
    }
    alice
        .send(digest(
            "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        ))
        .await
        .created();
}

#[tokio::test]
async fn one_person_cannot_fill_the_disk_with_beginnings() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    for _ in 0..50 {
        Upload::begin(&alice, "x").await;
    }
    let _ = alice.act("/blobs/uploads").await.fails(409, "LIMIT_REACHED");
    server.clock.advance(Duration::from_secs(24 * 3600 + 1));
    server.collect_blobs().await;
    alice.sign_in(jackfield_testkit::PASSWORD).await;
    Upload::begin(&alice, "x").await;
}
