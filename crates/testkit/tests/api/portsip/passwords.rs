//! Passwords: of users and of their extensions, by the tenant's policy.

use jackfield_testkit::{Draft, PASSWORD, TestServer};
use serde_json::json;

const NEW: &str = "Zx9!kLmPq2";

#[tokio::test]
async fn the_policy_judges_new_passwords() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for (password, part) in [
        ("", ""),
        ("aB3!x", "6"),
        (&*"aB3!".repeat(9), "32"),
        ("84629!571", "letter"),
        ("abQxEfgh", "digit"),
        ("wq7zkptx9", "upper-case"),
        ("Wq1234zK", "in a row"),
        ("WqDCBA7z", "in a row"),
        ("WqaAa7zK!", "three times"),
        ("Xalice7!", "name"),
        ("xPerson alice7!", "name"),
        ("X3001!qZ", "number"),
    ] {
        for field in ["password", "extension_password"] {
            let answer = admin
                .post("/users", Draft::user("alice", "3001").with(field, password))
                .await;
            let answer = answer.fails(400, "VALIDATE_FAILED").says(part);
            assert_eq!(
                answer["errors"][0]["detail"]["field"], field,
                "{password}: {answer}"
            );
            assert!(
                password.len() < 4 || !answer.text().contains(password),
                "the answer repeats a password"
            );
        }
    }
    assert_eq!(admin.get("/users").await.is(200)["count"], 1);
}

#[tokio::test]
async fn changing_ones_own_password() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let other = server.portsip().bearer(&alice.token());
    alice.sign_in(PASSWORD).await;
    let _ = other.get("/user").await.is(200);
    let wrong = alice
        .post(
            "/user/password",
            json!({"old_password": "wrong", "new_password": NEW}),
        )
        .await;
    let _ = wrong.fails(400, "VALIDATE_FAILED").says("old_password");
    let weak = alice
        .post(
            "/user/password",
            json!({"old_password": PASSWORD, "new_password": "abc"}),
        )
        .await;
    let _ = weak.fails(400, "VALIDATE_FAILED").says("new_password");
    let _ = alice
        .post("/user/password", json!({}))
        .await
        .is(400)
        .says("old_password")
        .says("new_password");
    let _ = alice.try_sign_in(PASSWORD).await.is(200);
    alice
        .post(
            "/user/password",
            json!({"old_password": PASSWORD, "new_password": NEW}),
        )
        .await
        .changed();
    let _ = alice.get("/user").await.is(200);
    let _ = other.get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = alice.try_sign_in(PASSWORD).await.fails(400, "UNAUTHORIZED");
    let _ = alice.try_sign_in(NEW).await.is(200);
}

#[tokio::test]
async fn an_administrator_sets_a_password_and_ends_the_sessions() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let path = format!("/users/{}/password", alice.id);
    let _ = admin
        .post(&path, json!({"password": "abc"}))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("password");
    let _ = admin
        .post(&path, json!({}))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("password");
    let _ = alice.get("/user").await.is(200);
    admin.post(&path, json!({"password": NEW})).await.changed();
    let _ = alice.get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = alice.try_sign_in(NEW).await.is(200);
    // His own password he can set without losing the session that he sets it in.
    admin
        .post(&format!("/users/{}/password", admin.id), json!({"password": NEW}))
        .await
        .changed();
    let _ = admin.get("/user").await.is(200);
}

#[tokio::test]
async fn passwords_of_extensions() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let own = "/user/extension_password";
    let wrong = alice
        .post(own, json!({"old_password": "wrong", "new_password": NEW}))
        .await;
    let _ = wrong.fails(400, "VALIDATE_FAILED").says("old_password");
    let weak = alice
        .post(own, json!({"old_password": PASSWORD, "new_password": "1"}))
        .await;
    let _ = weak.fails(400, "VALIDATE_FAILED");
    alice
        .post(own, json!({"old_password": PASSWORD, "new_password": NEW}))
        .await
        .changed();
    let old = alice
        .post(own, json!({"old_password": PASSWORD, "new_password": NEW}))
        .await;
    let _ = old.fails(400, "VALIDATE_FAILED").says("old_password");
    let path = format!("/users/{}/extension_password", alice.id);
    let _ = admin
        .post(&path, json!({"password": "1"}))
        .await
        .fails(400, "VALIDATE_FAILED");
    admin
        .post(&path, json!({"password": "Ty6!bNvCr3"}))
        .await
        .changed();
    alice
        .post(own, json!({"old_password": "Ty6!bNvCr3", "new_password": NEW}))
        .await
        .changed();
    // The password of the phone is not the password of the person, and no session ends with it.
    let _ = alice.try_sign_in(PASSWORD).await.is(200);
    let _ = alice.get("/user").await.is(200);
}

#[tokio::test]
async fn users_who_bring_their_hash() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    for wrong in [
        "$2b$10$abcdefghijklmnopqrstuv",
        "x",
        "$argon2id$v=19$m=1048576,t=99,p=64$c2FsdHNhbHQ$aGFzaA",
    ] {
        let draft = Draft::user("alice", "3001")
            .without("password")
            .with("password_hash", wrong);
        let _ = admin
            .post("/users", draft)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("password_hash");
    }
    // A test vector of the reference implementation: the hash of "password".
    let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let draft = Draft::user("moved", "3002")
        .without("password")
        .with("password_hash", hash);
    let id = admin.post("/users", draft).await.created();
    let body = json!({"username": "moved", "password": "password", "domain": "home.test"});
    let _ = portsip.anonymous().post("/auth/sign_in", body).await.is(200);
    let read = admin.get(&format!("/users/{id}")).await.is(200);
    assert!(!read.text().contains("argon2"), "{read}");
    let both = Draft::user("alice", "3001").with("password_hash", "x");
    let _ = admin
        .post("/users", both)
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("password_hash");
}

#[tokio::test]
async fn guessing_the_old_password_is_not_free() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let body = json!({"old_password": "wrong", "new_password": NEW});
        statuses.push(alice.post("/user/password", body).await.status);
    }
    assert_eq!(
        statuses.last(),
        Some(&429),
        "a stolen session can guess the password: {statuses:?}"
    );
}
