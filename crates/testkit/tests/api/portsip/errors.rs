//! What goes wrong before a use case is asked, and what must not leak.

use jackfield_testkit::{Draft, Request, TestServer};
use serde_json::json;

fn post(path: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", path)
        .header("Content-Type", "application/json")
        .bytes(body)
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let nobody = server.portsip().anonymous();
    for path in [
        "/nothing",
        "/users/1/2/3",
        "/users/",
        "//users",
        "/",
        "",
        "/USERS",
        "/users/..",
        "/user%2f",
    ] {
        for person in [&admin, &nobody] {
            let answer = person.get(path).await;
            assert!(matches!(answer.status, 404 | 401), "{answer}");
            assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        }
    }
    for (method, path) in [
        ("DELETE", "/users"),
        ("PUT", "/user"),
        ("PATCH", "/tenant"),
        ("GET", "/auth/sign_in"),
    ] {
        let answer = admin
            .send(Request::new(method, path))
            .await
            .fails(405, "METHOD_NOT_ALLOWED");
        let allowed = answer.header("allow").expect("the methods that it takes");
        assert!(allowed.contains("GET") || allowed.contains("POST"), "{allowed}");
    }
    let odd = admin.send(Request::new("BREW", "/users")).await;
    assert_eq!(odd.status, 405, "{odd}");
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let before = admin.get("/users").await.is(200).text();
    let deep = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let path = format!("/users/{}", admin.id);
    for (body, status, code) in [
        (b"".to_vec(), 400, "VALIDATE_FAILED"),
        (b"{".to_vec(), 400, "VALIDATE_FAILED"),
        (b"{\"name\": }".to_vec(), 400, "VALIDATE_FAILED"),
        (b"{} x".to_vec(), 400, "VALIDATE_FAILED"),
        (b"null".to_vec(), 400, "VALIDATE_FAILED"),
        (b"[]".to_vec(), 400, "VALIDATE_FAILED"),
        (b"\"text\"".to_vec(), 400, "VALIDATE_FAILED"),
        (
            b"{\"department\": \"a\", \"department\": \"b\"}".to_vec(),
            400,
            "VALIDATE_FAILED",
        ),
        (b"{\"department\": \"\xff\xfe\"}".to_vec(), 400, "VALIDATE_FAILED"),
        (b"{\"department\": \"\\ud800\"}".to_vec(), 400, "VALIDATE_FAILED"),
        (b"{\"department\": \"\\u0000\"}".to_vec(), 400, "VALIDATE_FAILED"),
        (b"\xef\xbb\xbf{".to_vec(), 400, "VALIDATE_FAILED"),
        (deep(64).into_bytes(), 400, "VALIDATE_FAILED"),
        (deep(5000).into_bytes(), 400, "VALIDATE_FAILED"),
        (deep(100_000).into_bytes(), 400, "VALIDATE_FAILED"),
        (
            format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes(),
            413,
            "TOO_LARGE",
        ),
    ] {
        for path in ["/users", path.as_str()] {
            let start: String = String::from_utf8_lossy(&body).chars().take(40).collect();
            let answer = admin.send(post(path, body.clone())).await;
            assert_eq!(answer.status, status, "{start}: {answer}");
            let _ = answer.fails(status, code);
        }
    }
    // As deep and as large as is allowed, and with members that nobody knows.
    admin.send(post(&path, deep(63))).await.changed();
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat((1 << 20) - 8));
    assert_eq!(large.len(), 1 << 20);
    admin.send(post(&path, large)).await.changed();
    assert_eq!(admin.get("/users").await.is(200).text(), before);
}

#[tokio::test]
async fn other_media_types() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "x",
    ] {
        let request = Request::new("POST", "/user")
            .header("Content-Type", kind)
            .bytes("{}");
        let _ = admin.send(request).await.fails(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for kind in [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/merge-patch+json",
    ] {
        let request = Request::new("POST", "/user")
            .header("Content-Type", kind)
            .bytes("{}");
        admin.send(request).await.changed();
    }
    admin
        .send(Request::new("POST", "/user").bytes("{}"))
        .await
        .changed();
}

#[tokio::test]
async fn tokens_that_are_none() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let token = alice.token();
    let long = "x".repeat(7000);
    for header in [
        "Bearer",
        "Bearer ",
        "Basic YWRtaW46YWRtaW4=",
        token.as_str(),
        "Bearer NONSENSE",
        "Bearer a b",
        &format!("Bearer {long}"),
        &format!("Bearer {}", token.to_lowercase()),
        &format!("Bearer {token}x"),
    ] {
        let request = Request::new("GET", "/user").header("Authorization", header);
        let answer = portsip.anonymous().send(request).await.fails(401, "UNAUTHORIZED");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let request = Request::new("GET", "/user").header("Authorization", format!("bearer  {token}"));
    let _ = portsip.anonymous().send(request).await.is(200);
    // A token in the query is no token: it would end up in logs.
    let _ = portsip
        .anonymous()
        .get(&format!("/user?access_token={token}"))
        .await
        .fails(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn another_tenants_ids_are_unknown_ids() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let other = portsip.company("other.test").await;
    let theirs = portsip.employ(&other, Draft::user("theirs", "7770001")).await;
    let group = other
        .admin
        .post("/groups", Draft::group("Theirs"))
        .await
        .created();
    let before = (
        other
            .admin
            .get(&format!("/users/{}", theirs.id))
            .await
            .is(200)
            .text(),
        other.admin.get(&format!("/groups/{group}")).await.is(200).text(),
    );
    let unknown = "987654";
    for (method, template, known, body) in [
        ("GET", "/users/{}", &theirs.id, None),
        (
            "POST",
            "/users/{}",
            &theirs.id,
            Some(json!({"department": "mine"})),
        ),
        ("POST", "/users/{}/destroy", &theirs.id, None),
        (
            "POST",
            "/users/{}/password",
            &theirs.id,
            Some(json!({"password": "Zx9!kLmPq2"})),
        ),
        (
            "POST",
            "/users/{}/extension_password",
            &theirs.id,
            Some(json!({"password": "Zx9!kLmPq2"})),
        ),
        (
            "POST",
            "/users/{}/role",
            &theirs.id,
            Some(json!({"role": "Admin"})),
        ),
        ("POST", "/users/{}/profile", &theirs.id, None),
        ("POST", "/users/profile?id={}", &theirs.id, None),
        ("GET", "/users/{}/balance", &theirs.id, None),
        (
            "POST",
            "/users/{}/balance",
            &theirs.id,
            Some(json!({"balance": 5})),
        ),
        (
            "POST",
            "/users/{}/ms365_binding",
            &theirs.id,
            Some(json!({"id": "x@example.com"})),
        ),
        ("POST", "/users/{}/ms365_binding/destroy", &theirs.id, None),
        ("GET", "/groups/{}", &group, None),
        ("POST", "/groups/{}", &group, Some(json!({"name": "Mine"}))),
        ("POST", "/groups/{}/destroy", &group, None),
        ("GET", "/groups/{}/members", &group, None),
        ("POST", "/groups/{}/members/2000", &group, None),
    ] {
        let ask = async |id: &str| {
            let request = Request::new(method, template.replace("{}", id));
            match &body {
                Some(body) => admin.send(request.json(body)).await,
                None => admin.send(request).await,
            }
        };
        let (foreign, absent) = (ask(known).await, ask(unknown).await);
        assert_eq!(
            (foreign.status, foreign.text()),
            (absent.status, absent.text()),
            "{method} {template}"
        );
        let _ = foreign.fails(404, "NOT_FOUND");
    }
    let after = (
        other
            .admin
            .get(&format!("/users/{}", theirs.id))
            .await
            .is(200)
            .text(),
        other.admin.get(&format!("/groups/{group}")).await.is(200).text(),
    );
    assert_eq!(before, after);
    let _ = theirs.try_sign_in(jackfield_testkit::PASSWORD).await.is(200);
}

#[tokio::test]
async fn every_answer_names_the_request() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/user", "/nothing", "/users"] {
        let answer = alice.get(path).await;
        assert!(seen.insert(answer.header("x-request-id").expect("an id").to_owned()));
    }
    let given = alice
        .send(Request::new("GET", "/user").header("X-Request-Id", "mine-7"))
        .await;
    assert_eq!(given.header("x-request-id"), Some("mine-7"));
}

#[tokio::test]
async fn errors_repeat_no_secret() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let secret = "sEcReT-77!";
    for (path, body) in [
        (
            "/users",
            json!({"password": [secret], "extension_password": {"x": secret}, "voicemail_pin": secret}),
        ),
        (
            "/user/password",
            json!({"old_password": secret, "new_password": secret.repeat(9)}),
        ),
        (
            "/auth/sign_in",
            json!({"username": "boss", "password": secret, "domain": "home.test"}),
        ),
        ("/auth/refresh_token", json!({"refresh_token": secret})),
        (
            "/auth/reset_password",
            json!({"token": secret, "new_password": secret}),
        ),
    ] {
        let answer = admin.post(path, body).await.is(400);
        assert!(!answer.text().contains(secret), "{answer}");
    }
    let broken = format!("{{\"password\": \"{secret}\", }}");
    assert!(
        !admin
            .send(post("/users", broken))
            .await
            .is(400)
            .text()
            .contains(secret)
    );
}
