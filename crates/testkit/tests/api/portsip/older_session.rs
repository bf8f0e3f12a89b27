//! Signing in as clients of the older generations do.

use jackfield_testkit::{PASSWORD, Person, Request, TestServer};
use serde_json::json;

const CLIENT: &str = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a";

async fn oauth(person: &Person, fields: &[(&str, &str)]) -> jackfield_testkit::Answer {
    person
        .send(Request::new("POST", "/login/oauth/token").form(fields))
        .await
}

#[tokio::test]
async fn the_oldest_login() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    portsip.user("alice").await;
    let body = json!({"username": "alice", "password": PASSWORD, "domain": "home.test"});
    let answer = portsip.anonymous().post("/login", body.clone()).await.is(200);
    assert_eq!(
        (&answer["role"], &answer["expires_in"]),
        (&json!("StandardUser"), &json!(1800))
    );
    assert_eq!(answer["expires_at"], "2026-03-02T08:30:00Z");
    let alice = portsip.bearer(answer["access_token"].as_str().expect("a token"));
    let session = alice.get("/login").await.is(200);
    assert_eq!(
        (&session["access_token"], &session["role"]),
        (&answer["access_token"], &answer["role"])
    );
    let _ = portsip.anonymous().get("/login").await.fails(401, "UNAUTHORIZED");
    let _ = alice.act("/logout").await.is(204);
    let _ = alice.get("/login").await.fails(401, "UNAUTHORIZED");
    // There is nothing left to end, and nothing wrong with that.
    let _ = alice.act("/logout").await.is(204);
    let _ = portsip.anonymous().act("/logout").await.is(204);

    let wrong = json!({"username": "alice", "password": "wrong", "domain": "home.test"});
    let _ = portsip
        .anonymous()
        .post("/login", wrong)
        .await
        .fails(400, "UNAUTHORIZED");
}

#[tokio::test]
async fn oauth_with_a_password_and_with_a_refresh_token() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    portsip.user("alice").await;
    let nobody = portsip.anonymous();
    let fields = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", PASSWORD),
        ("domain", "home.test"),
        ("scope", "all"),
        ("client_id", CLIENT),
    ];
    let answer = oauth(&nobody, &fields).await.is(200);
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&json!("Bearer"), &json!(1800))
    );
    let refresh = answer["refresh_token"].as_str().expect("a token").to_owned();
    let again = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", CLIENT),
    ];
    let fresh = oauth(&nobody, &again).await.is(200);
    let alice = portsip.bearer(fresh["access_token"].as_str().expect("a token"));
    let _ = alice.get("/user").await.is(200);
    let _ = oauth(&nobody, &again).await.fails(400, "UNKNOWN");
    let _ = alice.get("/user").await.fails(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn revoking_ends_the_session() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    alice.act("/login/oauth/revoke").await.changed();
    let _ = alice.get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = alice.act("/login/oauth/revoke").await.fails(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn wrong_forms_are_named() {
    let server = TestServer::start().await;
    let nobody = server.portsip().anonymous();
    server.portsip().user("alice").await;
    let who = [
        ("username", "alice"),
        ("password", PASSWORD),
        ("domain", "home.test"),
    ];
    for (fields, words) in [
        (&[("grant_type", "password")][..], "client_id"),
        (
            &[("grant_type", "password"), ("client_id", "another")],
            "client_id",
        ),
        (&[("client_id", CLIENT)], "grant_type"),
        (&[("client_id", CLIENT), ("grant_type", "implicit")], "grant_type"),
        (
            &[("client_id", CLIENT), ("grant_type", "refresh_token")],
            "refresh_token",
        ),
    ] {
        let all: Vec<_> = fields.iter().chain(&who).copied().collect();
        let _ = oauth(&nobody, &all)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(words);
    }
    let _ = oauth(&nobody, &[("client_id", CLIENT), ("grant_type", "password")])
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("username")
        .says("password");
    let json = nobody
        .post("/login/oauth/token", json!({"grant_type": "password"}))
        .await;
    let _ = json.fails(415, "UNSUPPORTED_MEDIA_TYPE");
}
