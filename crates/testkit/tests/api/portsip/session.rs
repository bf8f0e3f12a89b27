//! Signing in, staying signed in, signing out.

use std::time::Duration;

use jackfield_testkit::{Draft, PASSWORD, Person, TestServer};
use serde_json::{Value, json};

fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

async fn tokens(person: &Person) -> (String, String) {
    let answer = person.try_sign_in(PASSWORD).await.is(200);
    let text = |member: &str| answer[member].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

#[tokio::test]
async fn a_sign_in_gives_a_pair_of_tokens() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let answer = alice.try_sign_in(PASSWORD).await.is(200);
    assert_eq!(
        members(answer.json()),
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 1800);
    let me = alice.get("/auth/user").await.is(200);
    assert_eq!(
        me.json(),
        &json!({"role": "StandardUser", "password_verified": true, "password_force_reset": false})
    );
}

#[tokio::test]
async fn names_and_domains_are_read_without_regard_to_case() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    server.portsip().user("Alice").await;
    let nobody = server.portsip().anonymous();
    let body = json!({"username": "aLICE", "password": PASSWORD, "domain": home.domain.to_uppercase()});
    assert!(nobody.post("/auth/sign_in?qr=true", body).await.is(200)["access_token"].is_string());
}

#[tokio::test]
async fn all_wrong_sign_ins_answer_alike() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let off = portsip.user("disabled").await;
    admin
        .post(&format!("/users/{}", off.id), json!({"enabled": false}))
        .await
        .changed();
    portsip.user("alice").await;
    let closed = portsip.company("closed.test").await;
    let root = portsip.root().await;
    root.post(&format!("/tenants/{}", closed.id), json!({"enabled": false}))
        .await
        .changed();

    let mut answers = Vec::new();
    for (username, password, domain) in [
        ("alice", "wrong", Some("home.test")),
        ("nobody", PASSWORD, Some("home.test")),
        ("alice", PASSWORD, Some("nowhere.test")),
        ("alice", PASSWORD, None),
        ("disabled", PASSWORD, Some("home.test")),
        ("boss", PASSWORD, Some("closed.test")),
        ("admin", PASSWORD, Some("home.test")),
    ] {
        let mut body = json!({"username": username, "password": password});
        if let Some(domain) = domain {
            body["domain"] = domain.into();
        }
        let answer = portsip
            .anonymous()
            .post("/auth/sign_in", body)
            .await
            .fails(400, "UNAUTHORIZED");
        answers.push(answer.text());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the answers differ: {answers:#?}");
}

#[tokio::test]
async fn everything_missing_from_a_sign_in_is_named() {
    let server = TestServer::start().await;
    let nobody = server.portsip().anonymous();
    let answer = nobody
        .post("/auth/sign_in", json!({"domain": 7}))
        .await
        .fails(400, "VALIDATE_FAILED");
    let _ = answer.says("username").says("password").says("domain");
    let long = json!({"username": "x".repeat(65), "password": "x".repeat(1025), "domain": "x".repeat(281)});
    let answer = nobody
        .post("/auth/sign_in", long)
        .await
        .fails(400, "VALIDATE_FAILED");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(3), "{answer}");
}

#[tokio::test]
async fn failures_are_delayed_more_and_more() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let bob = server.portsip().user("bob").await;
    for _ in 0..4 {
        let _ = alice.try_sign_in("wrong").await.fails(400, "UNAUTHORIZED");
    }
    let mut before = 0;
    for _ in 0..4 {
        // The right password does not help: otherwise the delay would tell who guesses that he is close.
        let answer = alice.try_sign_in(PASSWORD).await.fails(429, "TOO_MANY_REQUESTS");
        let wait: u64 = answer
            .header("retry-after")
            .expect("when to come back")
            .parse()
            .expect("seconds");
        assert!(wait > before, "{wait} s after {before} s");
        before = wait;
        server.clock.advance(Duration::from_secs(wait));
        let _ = alice.try_sign_in("wrong").await.fails(400, "UNAUTHORIZED");
    }
    let _ = bob.try_sign_in(PASSWORD).await.is(200);
    server.clock.advance(Duration::from_mins(16));
    let _ = alice.try_sign_in(PASSWORD).await.is(200);
    let _ = alice.try_sign_in("wrong").await.fails(400, "UNAUTHORIZED");
}

#[tokio::test]
async fn unknown_names_are_delayed_too() {
    let server = TestServer::start().await;
    server.portsip().home().await;
    let nobody = server.portsip().anonymous();
    let body = json!({"username": "nobody", "password": "x", "domain": "home.test"});
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(nobody.post("/auth/sign_in", body.clone()).await.status);
    }
    assert_eq!(statuses, [400, 400, 400, 400, 429]);
}

#[tokio::test]
async fn tokens_run_out() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let (access, refresh) = tokens(&alice).await;
    server.clock.advance(Duration::from_secs(1799));
    let _ = portsip.bearer(&access).get("/user").await.is(200);
    server.clock.advance(Duration::from_secs(1));
    let _ = portsip
        .bearer(&access)
        .get("/user")
        .await
        .fails(401, "UNAUTHORIZED");
    let _ = portsip
        .anonymous()
        .post("/auth/refresh_token", json!({"refresh_token": refresh}))
        .await
        .is(200);
    server.clock.advance(Duration::from_hours(24 * 31));
    let (_, fresh) = tokens(&alice).await;
    server.clock.advance(Duration::from_hours(24 * 30));
    let late = portsip
        .anonymous()
        .post("/auth/refresh_token", json!({"refresh_token": fresh}))
        .await;
    let _ = late.fails(400, "UNKNOWN");
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_a_copy_ends_the_family() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let nobody = portsip.anonymous();
    let (first, old) = tokens(&alice).await;
    let answer = nobody
        .post("/auth/refresh_token", json!({"refresh_token": old}))
        .await
        .is(200);
    assert_eq!(
        members(answer.json()),
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    let second = answer["access_token"].as_str().unwrap().to_owned();
    let next = answer["refresh_token"].clone();
    assert_ne!(next, old.as_str());
    for access in [&first, &second] {
        let _ = portsip.bearer(access).get("/auth/user").await.is(200);
    }
    let _ = nobody
        .post("/auth/refresh_token", json!({"refresh_token": old}))
        .await
        .fails(400, "UNKNOWN");
    for access in [&first, &second] {
        let _ = portsip
            .bearer(access)
            .get("/auth/user")
            .await
            .fails(401, "UNAUTHORIZED");
    }
    let _ = nobody
        .post("/auth/refresh_token", json!({"refresh_token": next}))
        .await
        .fails(400, "UNKNOWN");
    // The session of the setup is another family.
    let _ = alice.get("/auth/user").await.is(200);
}

#[tokio::test]
async fn tokens_serve_only_for_what_they_are() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let (access, refresh) = tokens(&alice).await;
    let _ = portsip
        .bearer(&refresh)
        .get("/user")
        .await
        .fails(401, "UNAUTHORIZED");
    let nobody = portsip.anonymous();
    let _ = nobody
        .post("/auth/refresh_token", json!({"refresh_token": access}))
        .await
        .fails(400, "UNKNOWN");
    let _ = nobody
        .post("/auth/refresh_token", json!({"refresh_token": "NONSENSE"}))
        .await
        .fails(400, "UNKNOWN");
    for path in ["/auth/send_otp", "/auth/verify_otp", "/auth/reset_password"] {
        let body = json!({"token": access, "code": "123456", "new_password": "Zx9!kLmPq2"});
        let _ = nobody.post(path, body).await.is(400);
    }
    // None of the above was a copy of a refresh token that had served.
    let _ = portsip.bearer(&access).get("/user").await.is(200);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_no_other() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let (access, refresh) = tokens(&alice).await;
    portsip.bearer(&access).act("/auth/sign_out").await.changed();
    let _ = portsip
        .bearer(&access)
        .get("/auth/user")
        .await
        .fails(401, "UNAUTHORIZED");
    let _ = portsip
        .bearer(&access)
        .act("/auth/sign_out")
        .await
        .fails(401, "UNAUTHORIZED");
    let again = portsip
        .anonymous()
        .post("/auth/refresh_token", json!({"refresh_token": refresh}))
        .await;
    let _ = again.fails(400, "UNKNOWN");
    let _ = alice.get("/auth/user").await.is(200);
}

#[tokio::test]
async fn disabling_and_destroying_end_sessions_at_once() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    for deed in ["disable", "destroy"] {
        let user = portsip.user(deed).await;
        let _ = user.get("/user").await.is(200);
        if deed == "disable" {
            admin
                .post(&format!("/users/{}", user.id), json!({"enabled": false}))
                .await
                .changed();
        } else {
            admin
                .act(&format!("/users/{}/destroy", user.id))
                .await
                .destroyed();
        }
        let _ = user.get("/user").await.fails(401, "UNAUTHORIZED");
        let _ = user.try_sign_in(PASSWORD).await.fails(400, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn a_disabled_tenant_shuts_its_users_out() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let company = portsip.company("shut.test").await;
    let alice = portsip.employ(&company, Draft::user("alice", "4001")).await;
    let (_, refresh) = tokens(&alice).await;
    let root = portsip.root().await;
    let path = format!("/tenants/{}", company.id);
    root.post(&path, json!({"enabled": false})).await.changed();
    for person in [&alice, &company.admin] {
        assert!(matches!(person.get("/user").await.status, 401 | 403));
        let _ = person.try_sign_in(PASSWORD).await.fails(400, "UNAUTHORIZED");
    }
    assert_ne!(alice.post("/user", json!({"department": "x"})).await.status, 200);
    let refreshed = portsip
        .anonymous()
        .post("/auth/refresh_token", json!({"refresh_token": refresh}))
        .await;
    let status = match refreshed["access_token"].as_str() {
        Some(access) => portsip.bearer(access).get("/user").await.status,
        None => refreshed.status,
    };
    assert_ne!(status, 200, "a disabled tenant's user gets in by refreshing");
    root.post(&path, json!({"enabled": true})).await.changed();
    let _ = alice.try_sign_in(PASSWORD).await.is(200);
}

#[tokio::test]
async fn what_anybody_may_know() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let nobody = server.portsip().anonymous();
    let info = nobody.get("/info").await.is(200);
    assert_eq!(info["web_domain"], "pbx.example.test");
    assert!(info.json().get("name").is_none(), "{info}");
    let tenant = nobody.find("/info", &[("domain", &home.domain)]).await.is(200);
    assert_eq!(
        (&tenant["name"], &tenant["domain"]),
        (&json!("Company home.test"), &json!("home.test"))
    );
    let _ = nobody.find("/info", &[("domain", "nowhere.test")]).await.is(404);
}

#[tokio::test]
async fn a_new_user_may_have_to_change_his_password() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    admin
        .post("/tenant", json!({"password_force_reset": true}))
        .await
        .changed();
    let alice = portsip.user("alice").await;
    assert_eq!(
        alice.get("/auth/user").await.is(200)["password_force_reset"],
        true
    );
    alice
        .post(
            "/user/password",
            json!({"old_password": PASSWORD, "new_password": "Zx9!kLmPq2"}),
        )
        .await
        .changed();
    assert_eq!(
        alice.get("/auth/user").await.is(200)["password_force_reset"],
        false
    );
}

#[tokio::test]
async fn no_token_shows_in_the_journal() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let (access, _) = tokens(&alice).await;
    let tenant = server.portsip().home().await.id.parse().expect("a number");
    let journal = server.journal(tenant).await;
    assert!(
        journal
            .iter()
            .any(|line| line.kind == "session" && line.change == "CREATED")
    );
    assert!(journal.iter().all(|line| !format!("{line:?}").contains(&access)));
    let sequence: Vec<_> = journal.iter().map(|line| line.sequence).collect();
    let gapless: Vec<_> = (1..).take(sequence.len()).collect();
    assert_eq!(sequence, gapless);
}
