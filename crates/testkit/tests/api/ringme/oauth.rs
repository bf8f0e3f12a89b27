//! Tokens: how programs get them, renew them, ask about them and end them.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jackfield_domain::{ApplicationAccess::All, ApplicationKind};
use jackfield_testkit::{Answer, App, PASSWORD, Request, TestServer};
use serde_json::json;

/// Fails unless this is an error of the protocol.
#[track_caller]
fn fails(answer: Answer, status: u16, error: &str) -> Answer {
    let answer = answer.is(status);
    assert_eq!(answer["error"], error, "{answer}");
    assert!(
        answer["error_description"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{answer}"
    );
    answer
}

fn text<'a>(answer: &'a Answer, member: &str) -> &'a str {
    answer[member].as_str().expect("the answer has this text")
}

async fn app(server: &TestServer, kind: ApplicationKind) -> App {
    let home = server.portsip().home().await;
    let uris: &[&str] = match kind {
        ApplicationKind::Public => &["https://app.test/cb"],
        _ => &[],
    };
    server.app(&home.id, "boss", kind, All, uris).await
}

/// The status that a token gets at the resources.
async fn opens(server: &TestServer, token: &str) -> u16 {
    server.ringme().with_token(token).get("/user/").await.status
}

#[tokio::test]
async fn a_trusted_program_gets_a_token_however_it_asks() {
    let server = TestServer::start().await;
    let app = app(&server, ApplicationKind::Trusted).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("scope", "all"),
    ];
    let multipart: String = fields
        .iter()
        .map(|(name, value)| {
            format!("--b7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .chain(["--b7--\r\n".to_owned()])
        .collect();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", app.id, app.secret)));
    let post = || Request::new("POST", "/token");
    for request in [
        post().form(&fields),
        post().query(&fields),
        post().query(&fields).form(&[]),
        post().query(&fields[..1]).form(&fields[1..]),
        post()
            .header("Content-Type", "multipart/form-data; boundary=b7")
            .bytes(multipart),
        post().form(&fields[..1]).header("Authorization", basic),
    ] {
        let answer = server.oauth_request(request).await.is(200);
        assert_eq!(
            [&answer["token_type"], &answer["expires_in"], &answer["scope"]],
            [&json!("Bearer"), &json!(3600), &json!("all")]
        );
        assert!(answer.json().get("refresh_token").is_none(), "{answer}");
        let token = text(&answer, "access_token");
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
        assert_eq!(opens(&server, token).await, 200);
    }
    let answer = server
        .oauth("/token", &app, &[("grant_type", "client_credentials")])
        .await
        .is(200);
    let token = text(&answer, "access_token");
    server.clock.advance(Duration::from_secs(3599));
    assert_eq!(opens(&server, token).await, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(opens(&server, token).await, 401);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_words_of_the_protocol() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let trusted = app(&server, ApplicationKind::Trusted).await;
    let public = app(&server, ApplicationKind::Public).await;
    let tenant: i64 = home.id.parse().expect("a number");
    let before = server.journal(tenant).await;
    let ask = async |app: &App, fields: &[(&str, &str)]| server.oauth("/token", app, fields).await;
    let grant = ("grant_type", "client_credentials");

    for (app, fields, status, error) in [
        (&trusted, &[][..], 400, "invalid_request"),
        (&trusted, &[("grant_type", "")], 400, "invalid_request"),
        (
            &trusted,
            &[("grant_type", "implicit")],
            400,
            "unsupported_grant_type",
        ),
        (&trusted, &[grant, ("scope", "everything")], 400, "invalid_scope"),
        (&trusted, &[grant, grant], 400, "invalid_request"),
        (
            &trusted,
            &[("grant_type", "password"), ("username", "boss")],
            400,
            "invalid_request",
        ),
        (
            &trusted,
            &[
                ("grant_type", "password"),
                ("username", "boss"),
                ("password", PASSWORD),
            ],
            400,
            "unauthorized_client",
        ),
        (
            &trusted,
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
            400,
            "unauthorized_client",
        ),
        (
            &trusted,
            &[("grant_type", "authorization_code"), ("code", "x")],
            400,
            "unauthorized_client",
        ),
        (
            &trusted,
            &[("grant_type", "authorization_code")],
            400,
            "invalid_request",
        ),
        (&public, &[grant], 400, "unauthorized_client"),
        (
            &public,
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
            401,
            "invalid_grant",
        ),
        (
            &public,
            &[("grant_type", "authorization_code"), ("code", "x")],
            401,
            "invalid_grant",
        ),
    ] {
        let _ = fails(ask(app, fields).await, status, error);
    }
    assert_eq!(
        server.journal(tenant).await,
        before,
        "a refused request left a trace"
    );
}

#[tokio::test]
async fn strangers_and_what_cannot_be_read_are_refused() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let trusted = app(&server, ApplicationKind::Trusted).await;
    let tenant: i64 = home.id.parse().expect("a number");
    let before = server.journal(tenant).await;
    let ask = async |app: &App, fields: &[(&str, &str)]| server.oauth("/token", app, fields).await;
    let grant = ("grant_type", "client_credentials");
    let mut stranger = trusted.clone();
    stranger.secret.push('x');
    let wrong = fails(ask(&stranger, &[grant]).await, 401, "invalid_client");
    assert!(wrong.header("www-authenticate").is_some());
    stranger.id = "0".repeat(32);
    let unknown = fails(ask(&stranger, &[grant]).await, 401, "invalid_client");
    assert_eq!(wrong.text(), unknown.text());

    let post = || Request::new("POST", "/token");
    let both = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", trusted.id, trusted.secret))
    );
    let parts: String = (0..10_000)
        .map(|part| format!("--b\r\nContent-Disposition: form-data; name=\"p{part}\"\r\n\r\nx\r\n"))
        .chain(["--b--\r\n".to_owned()])
        .collect();
    let multipart = "multipart/form-data; boundary=b";
    for (request, status, error) in [
        (post().form(&[grant]), 401, "invalid_client"),
        (
            post().form(&[grant, ("client_id", &trusted.id)]),
            401,
            "invalid_client",
        ),
        (
            post().form(&[grant]).header("Authorization", "Basic !"),
            401,
            "invalid_client",
        ),
        (
            post()
                .form(&[grant, ("client_secret", &trusted.secret)])
                .header("Authorization", both),
            400,
            "invalid_request",
        ),
        (post(), 400, "invalid_request"),
        (
            post().header("Content-Type", "multipart/form-data").bytes("x"),
            400,
            "invalid_request",
        ),
        (
            post().header("Content-Type", multipart).bytes("x"),
            400,
            "invalid_request",
        ),
        (
            post().header("Content-Type", multipart).bytes(parts),
            400,
            "invalid_request",
        ),
        (
            post().header("Content-Type", "text/plain").bytes("x"),
            400,
            "invalid_request",
        ),
        (
            post().form(&[("client_id", "a\u{0}b"), ("client_secret", "x"), grant]),
            401,
            "invalid_client",
        ),
        (
            post()
                .header("Content-Type", "application/x-www-form-urlencoded")
                .bytes(vec![0xff]),
            400,
            "invalid_request",
        ),
    ] {
        let _ = fails(server.oauth_request(request).await, status, error);
    }
    let nowhere = server.send(Request::new("GET", "/oauth/nothing")).await.is(404);
    assert_eq!(nowhere["error"], "invalid_request");
    let _ = server.send(Request::new("GET", "/oauth/token")).await.is(405);
    assert_eq!(
        server.journal(tenant).await,
        before,
        "a refused request left a trace"
    );
}

#[tokio::test]
async fn a_password_gets_tokens_that_rotate() {
    let server = TestServer::start().await;
    let _alice = server.portsip().user("alice").await;
    let app = app(&server, ApplicationKind::Password).await;
    let sign_in = async |name: &str, password: &str| {
        let fields = [
            ("grant_type", "password"),
            ("username", name),
            ("password", password),
        ];
        server.oauth("/token", &app, &fields).await
    };
    let wrong = fails(sign_in("alice", "wrong").await, 401, "invalid_grant");
    let nobody = fails(sign_in("nobody", PASSWORD).await, 401, "invalid_grant");
    assert_eq!(wrong.text(), nobody.text());
    let first = sign_in("Alice", PASSWORD).await.is(200);
    assert_eq!(
        server
            .ringme()
            .with_token(text(&first, "access_token"))
            .get("/user/")
            .await
            .is(200)["login"],
        "alice"
    );
    let renew = async |token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        server.oauth("/token", &app, &fields).await
    };
    let second = renew(text(&first, "refresh_token")).await.is(200);
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    assert_eq!(opens(&server, text(&second, "access_token")).await, 200);
    // An access token renews nothing, nor does another program's refresh token.
    let _ = fails(renew(text(&second, "access_token")).await, 401, "invalid_grant");
    let other = self::app(&server, ApplicationKind::Password).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&second, "refresh_token")),
    ];
    let _ = fails(
        server.oauth("/token", &other, &fields).await,
        401,
        "invalid_grant",
    );
    let third = renew(text(&second, "refresh_token")).await.is(200);
    // One that comes twice was copied: all that came from it ends.
    let _ = fails(renew(text(&first, "refresh_token")).await, 401, "invalid_grant");
    let _ = fails(renew(text(&third, "refresh_token")).await, 401, "invalid_grant");
    for answer in [&first, &second, &third] {
        assert_eq!(opens(&server, text(answer, "access_token")).await, 401);
    }
    let last = sign_in("alice", PASSWORD).await.is(200);
    server.clock.advance(Duration::from_hours(30 * 24));
    let _ = fails(renew(text(&last, "refresh_token")).await, 401, "invalid_grant");
    for _ in 0..4 {
        let _ = sign_in("alice", "x").await;
    }
    let late = fails(sign_in("alice", PASSWORD).await, 429, "temporarily_unavailable");
    assert!(late.header("retry-after").is_some());
}

#[tokio::test]
async fn a_password_alone_is_not_enough_where_a_code_is_demanded() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let app = app(&server, ApplicationKind::Password).await;
    admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    let fields = [
        ("grant_type", "password"),
        ("username", "boss"),
        ("password", PASSWORD),
    ];
    let _ = fails(server.oauth("/token", &app, &fields).await, 401, "invalid_grant");
}

#[tokio::test]
async fn tokens_are_ended_and_asked_about_by_their_program_only() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let (app, other) = (
        app(&server, ApplicationKind::Password).await,
        app(&server, ApplicationKind::Password).await,
    );
    let fields = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", PASSWORD),
    ];
    let tokens = server.oauth("/token", &app, &fields).await.is(200);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let about = async |app: &App, token: &str| {
        let fields = [("token", token), ("token_type_hint", "access_token")];
        server.oauth("/introspect", app, &fields).await.is(200)
    };
    let state = about(&app, access).await;
    assert_eq!(
        state.json(),
        &json!({
            "active": true, "scope": "all", "client_id": app.id, "username": "alice", "sub": alice.id,
            "token_type": "Bearer", "iat": 1_772_438_400, "exp": 1_772_442_000
        })
    );
    let state = about(&app, refresh).await;
    assert_eq!(
        (&state["active"], &state["token_type"]),
        (&json!(true), &json!(null))
    );
    for (app, token) in [(&other, access), (&other, refresh), (&app, "x"), (&app, "jfoX")] {
        assert_eq!(about(app, token).await.json(), &json!({"active": false}));
    }
    let end = async |app: &App, token: &str| server.oauth("/revoke", app, &[("token", token)]).await;
    for (app, token) in [(&other, access), (&app, "x")] {
        assert_eq!(end(app, token).await.is(200).text(), "");
    }
    assert_eq!(opens(&server, access).await, 200);
    let _ = end(&app, refresh).await.is(200);
    assert_eq!(opens(&server, access).await, 401);
    assert_eq!(about(&app, access).await.json(), &json!({"active": false}));
    let _ = end(&app, refresh).await.is(200);

    let mut stranger = app.clone();
    stranger.secret = "x".into();
    for path in ["/revoke", "/introspect"] {
        let _ = fails(server.oauth(path, &app, &[]).await, 400, "invalid_request");
        let _ = fails(
            server.oauth(path, &stranger, &[("token", access)]).await,
            401,
            "invalid_client",
        );
    }
}

#[tokio::test]
async fn tokens_end_with_the_password_the_user_and_the_program() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let alice = portsip.user("alice").await;
    let app = app(&server, ApplicationKind::Password).await;
    let sign_in = async |password: &str| {
        let fields = [
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", password),
        ];
        let answer = server.oauth("/token", &app, &fields).await.is(200);
        text(&answer, "access_token").to_owned()
    };
    let token = sign_in(PASSWORD).await;
    let door = server.trusted(&home.id, "boss").await;
    let other = "Another7!word";
    let path = format!("/client/@me/user/extension/{}", alice.id);
    let _ = door.put(&path, json!({"password": other})).await.is(200);
    assert_eq!(opens(&server, &token).await, 401);
    let token = sign_in(other).await;
    assert_eq!(opens(&server, &token).await, 200);
    door.delete(&path).await.destroyed();
    assert_eq!(opens(&server, &token).await, 401);

    let trusted = self::app(&server, ApplicationKind::Trusted).await;
    let grant = [("grant_type", "client_credentials")];
    let answer = server.oauth("/token", &trusted, &grant).await.is(200);
    let token = text(&answer, "access_token").to_owned();
    assert_eq!(opens(&server, &token).await, 200);
    let tenant = home.id.parse().expect("a number");
    let id = trusted.id.clone();
    let work = async move |directory: jackfield_directory::Directory| {
        let program = jackfield_domain::Caller::program(jackfield_domain::TenantId::new(tenant));
        let grant = std::sync::Arc::new(program).grant()?;
        directory.destroy_application(&grant, &id).await
    };
    server.with_directory(work).await.expect("it goes");
    assert_eq!(opens(&server, &token).await, 401);
    let _ = fails(
        server.oauth("/token", &trusted, &grant).await,
        401,
        "invalid_client",
    );
}
