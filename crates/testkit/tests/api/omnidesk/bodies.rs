//! Bodies in all encodings, and in none.

use std::fmt::Write as _;

use jackfield_testkit::{Omnidesk, Request, TestServer};
use serde_json::json;

use super::{changes, office};

async fn raw(
    program: &Omnidesk,
    method: &str,
    path: &str,
    media: &str,
    body: impl Into<Vec<u8>>,
) -> jackfield_testkit::Answer {
    let request = Request::new(method, path)
        .header("Content-Type", media)
        .bytes(body);
    program.send(request).await
}

#[tokio::test]
async fn every_method_takes_every_encoding() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let chats = async || {
        program.settings("UID").await["maxChats"]
            .as_i64()
            .expect("a number")
    };
    let fields = |number: &'static str| [("userID", "UID"), ("maxChats", number)];
    let path = "/user/maxChats";
    let _ = program
        .send(Request::new("PUT", path).form(&fields("2")))
        .await
        .is(200);
    assert_eq!(chats().await, 2);
    let _ = program
        .send(Request::new("PUT", path).multipart(&fields("3")))
        .await
        .is(200);
    assert_eq!(chats().await, 3);
    for (number, body) in [
        (4, json!({"userID": "UID", "maxChats": 4})),
        (5, json!({"maxChats": "5", "other": [1]})),
    ] {
        let _ = program.send(Request::new("PUT", path).json(&body)).await.is(200);
        assert_eq!(chats().await, number);
    }
    let statistic = [("statistic", "calls")];
    for request in [
        Request::new("POST", "/user/userStatistic").form(&statistic),
        Request::new("DELETE", "/user/userStatistic").multipart(&statistic),
        Request::new("POST", "/user/userStatistic").json(&json!({"statistic": "calls"})),
        Request::new("DELETE", "/user/userStatistic").json(&json!({"statistic": "calls"})),
    ] {
        let _ = program.send(request).await.is(200);
    }
    // Media types are compared as RFC 9110 says, and a quoted boundary is one.
    let body = "--x y\r\nContent-Disposition: form-data; name=\"maxChats\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\n6\r\n--x y--";
    let _ = raw(
        &program,
        "PUT",
        path,
        "Multipart/Form-Data; boundary=\"x y\"",
        body,
    )
    .await
    .is(200);
    assert_eq!(chats().await, 6);
    // Nothing at all has no fields.
    let _ = program
        .send(Request::new("POST", "/user/statusLockDelete"))
        .await
        .is(200);
}

#[tokio::test]
async fn lists_come_in_every_spelling() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let mut ids = Vec::new();
    for name in ["One", "Two"] {
        ids.push(home.admin.post("/groups", json!({"name": name})).await.created());
    }
    let (a, b) = (ids[0].as_str(), ids[1].as_str());
    let path = format!("/user/{}", home.admin.id);
    let both = json!([
        a.parse::<i64>().expect("a number"),
        b.parse::<i64>().expect("a number")
    ]);
    for form in [
        format!("groups={a}&groups={b}"),
        format!("groups[]={a}&groups[]={b}"),
        format!("groups%5B%5D={a}&groups%5B%5D={b}"),
        format!("groups[0]={a}&groups[1]={b}"),
        format!("groups=[{a},{b}]"),
        format!("groups={a},{b}"),
    ] {
        let _ = program.put(&path, &[("groups", "")]).await.is(200);
        assert_eq!(program.settings("UID").await["groups"], json!([]));
        let media = "application/x-www-form-urlencoded";
        let _ = raw(&program, "PUT", &path, media, form.clone()).await.is(200);
        assert_eq!(program.settings("UID").await["groups"], both, "{form}");
    }
    for (one, other) in [
        ("groups[]", "groups[]"),
        ("groups", "groups"),
        ("groups[0]", "groups[1]"),
    ] {
        let _ = program.put(&path, &[("groups", "[]")]).await.is(200);
        let fields = [(one, a), (other, b)];
        let _ = program
            .send(Request::new("PUT", path.clone()).multipart(&fields))
            .await
            .is(200);
        assert_eq!(program.settings("UID").await["groups"], both, "{one}");
    }
    for body in [
        json!({"groups": [a, b]}),
        json!({"groups": both}),
        json!({"groups": format!("[{a}, {b}]")}),
    ] {
        let _ = program
            .send(Request::new("PUT", path.clone()).json(&json!({"groups": []})))
            .await
            .is(200);
        let _ = program
            .send(Request::new("PUT", path.clone()).json(&body))
            .await
            .is(200);
        assert_eq!(program.settings("UID").await["groups"], both, "{body}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_changes_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let before = changes(&server, home).await;
    let good = "--b\r\nContent-Disposition: form-data; name=\"maxChats\"\r\n\r\n9\r\n--b--\r\n";
    let parts = |count: usize, name: &str| {
        let mut body = String::new();
        for number in 0..count {
            let _ = write!(
                body,
                "--b\r\nContent-Disposition: form-data; name=\"{name}{number}\"\r\n\r\n9\r\n"
            );
        }
        body + "--b\r\nContent-Disposition: form-data; name=\"maxChats\"\r\n\r\n9\r\n--b--\r\n"
    };
    let boundary = "multipart/form-data; boundary=b";
    for (media, body, words) in [
        ("multipart/form-data", good.to_owned(), "the form cannot be read"),
        (
            "multipart/form-data; boundary=",
            good.to_owned(),
            "the form cannot be read",
        ),
        (boundary, String::new(), "the form cannot be read"),
        (boundary, good[..60].to_owned(), "the form cannot be read"),
        (boundary, "no parts".to_owned(), "the form cannot be read"),
        (
            boundary,
            good.replace("; name=\"maxChats\"", ""),
            "a part has no name",
        ),
        (boundary, parts(10_000, "x"), "more than 1000 fields"),
        (boundary, parts(2000, "maxChats[]"), "more than 1000 fields"),
        (
            FORM,
            vec!["maxChats=9"; 10_000].join("&"),
            "more than 1000 fields",
        ),
        (FORM, "maxChats=%FF".to_owned(), "maxChats must be a whole number"),
        (JSON, "[]".to_owned(), "send a JSON object"),
        (JSON, "{\"maxChats\": 9".to_owned(), "cannot be read at line 1"),
        (
            JSON,
            "{\"maxChats\": 9, \"maxChats\": 8}".to_owned(),
            "duplicate field",
        ),
        (
            JSON,
            format!("{{\"maxChats\": {}9{}}}", "[".repeat(70), "]".repeat(70)),
            "nest at most",
        ),
        (
            "text/plain",
            "maxChats=9".to_owned(),
            "send the body as multipart/form-data",
        ),
        (
            "",
            "maxChats=9".to_owned(),
            "send the body as multipart/form-data",
        ),
    ] {
        raw(&program, "PUT", "/user/maxChats", media, body)
            .await
            .complains(400, words);
    }
    let mut binary = good.as_bytes().to_vec();
    binary[60] = 0xff;
    let answer = raw(&program, "PUT", "/user/maxChats", boundary, binary).await;
    assert_eq!(answer.status, 400, "{answer}");
    let large = "x".repeat((1 << 20) + 1);
    raw(&program, "PUT", "/user/maxChats", FORM, large)
        .await
        .complains(413, "1048576 bytes");
    assert_eq!(changes(&server, home).await, before);
    for many in ["query=a&query=b", "itemLimit=1&itemLimit=2"] {
        program
            .get(&format!("/user?{many}"))
            .await
            .complains(400, "must be");
    }
}
