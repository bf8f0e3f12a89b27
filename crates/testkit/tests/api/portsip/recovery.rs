//! The second step of a sign-in, and the way back in for who forgot his password: both by mail.

use std::time::Duration;

use jackfield_testkit::{Options, PASSWORD, Person, TestServer};
use serde_json::json;

const NEW_PASSWORD: &str = "Zx9!kLmPq2";
const CALLBACK: &str = "https://pbx.example.test/reset?lang=en";

/// A user of a tenant that demands a code with each sign-in.
async fn cautious(server: &TestServer) -> Person {
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    alice
}

async fn challenge(person: &Person) -> String {
    let answer = person.try_sign_in(PASSWORD).await.is(200);
    assert_eq!(answer["two_factor_enabled"], true, "{answer}");
    assert!(answer.json().get("access_token").is_none(), "{answer}");
    answer["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn two_factors() {
    let server = TestServer::start().await;
    let alice = cautious(&server).await;
    let nobody = server.portsip().anonymous();
    let token = challenge(&alice).await;
    let _ = server
        .portsip()
        .bearer(&token)
        .get("/user")
        .await
        .fails(401, "UNAUTHORIZED");
    nobody
        .post("/auth/send_otp", json!({"token": token}))
        .await
        .changed();
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "alice@mail.test");
    let body = json!({"token": token, "code": format!(" {} ", mail.code())});
    let answer = nobody.post("/auth/verify_otp", body.clone()).await.is(200);
    let signed_in = server
        .portsip()
        .bearer(answer["access_token"].as_str().expect("a token"));
    let _ = signed_in.get("/user").await.is(200);
    // Once is enough.
    let _ = nobody.post("/auth/verify_otp", body).await.fails(400, "UNKNOWN");
    let _ = nobody
        .post("/auth/send_otp", json!({"token": token}))
        .await
        .fails(400, "UNKNOWN");
}

#[tokio::test]
async fn five_wrong_codes_end_the_attempt() {
    let server = TestServer::start().await;
    let alice = cautious(&server).await;
    let nobody = server.portsip().anonymous();
    let token = challenge(&alice).await;
    // Before a code was asked for, none is right.
    let early = nobody
        .post("/auth/verify_otp", json!({"token": token, "code": "000000"}))
        .await;
    let _ = early.fails(400, "UNKNOWN");
    nobody
        .post("/auth/send_otp", json!({"token": token}))
        .await
        .changed();
    let code = server.mails.await_mail().await.code();
    for _ in 0..5 {
        let wrong = if code == "111222" { "222111" } else { "111222" };
        let answer = nobody
            .post("/auth/verify_otp", json!({"token": token, "code": wrong}))
            .await;
        let _ = answer.fails(400, "UNKNOWN");
    }
    let _ = nobody
        .post("/auth/verify_otp", json!({"token": token, "code": code}))
        .await
        .fails(400, "UNKNOWN");
    // Another mail does not give five more tries.
    let _ = nobody.post("/auth/send_otp", json!({"token": token})).await;
    if let Some(mail) = server.mails.take() {
        let again = nobody
            .post("/auth/verify_otp", json!({"token": token, "code": mail.code()}))
            .await;
        let _ = again.fails(400, "UNKNOWN");
    }
    // A new sign-in does.
    let token = challenge(&alice).await;
    server.clock.advance(Duration::from_mins(1));
    nobody
        .post("/auth/send_otp", json!({"token": token}))
        .await
        .changed();
    let code = server.mails.await_mail().await.code();
    let _ = nobody
        .post("/auth/verify_otp", json!({"token": token, "code": code}))
        .await
        .is(200);
}

#[tokio::test]
async fn codes_run_out() {
    let server = TestServer::start().await;
    let alice = cautious(&server).await;
    let nobody = server.portsip().anonymous();
    let token = challenge(&alice).await;
    nobody
        .post("/auth/send_otp", json!({"token": token}))
        .await
        .changed();
    let code = server.mails.await_mail().await.code();
    server.clock.advance(Duration::from_mins(10));
    let _ = nobody
        .post("/auth/verify_otp", json!({"token": token, "code": code}))
        .await
        .fails(400, "UNKNOWN");
}

#[tokio::test]
async fn older_clients_are_told_that_a_code_is_needed() {
    let server = TestServer::start().await;
    cautious(&server).await;
    let body = json!({"username": "alice", "password": PASSWORD, "domain": "home.test"});
    let answer = server.portsip().anonymous().post("/login", body).await;
    let _ = answer.is(400).says("code");
}

#[tokio::test]
async fn codes_are_not_sent_without_end() {
    let server = TestServer::start().await;
    let alice = cautious(&server).await;
    let token = challenge(&alice).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = server
            .portsip()
            .anonymous()
            .post("/auth/send_otp", json!({"token": token}))
            .await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let nobody = server.portsip().anonymous();
    let body = json!({"domain": "home.test", "username": "alice", "callback_url": CALLBACK});
    nobody.post("/auth/forget_password", body).await.changed();
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "alice@mail.test");
    assert!(
        mail.text
            .contains("https://pbx.example.test/reset?lang=en&token="),
        "{}",
        mail.text
    );
    let token = mail.link_token();
    // A password that breaks the policy does not use the link up.
    let weak = nobody
        .post(
            "/auth/reset_password",
            json!({"token": token, "new_password": "short"}),
        )
        .await;
    let _ = weak.fails(400, "VALIDATE_FAILED").says("new_password");
    let body = json!({"token": token, "new_password": NEW_PASSWORD});
    nobody.post("/auth/reset_password", body.clone()).await.changed();
    let _ = nobody
        .post("/auth/reset_password", body)
        .await
        .fails(400, "UNKNOWN");
    let _ = alice.get("/user").await.fails(401, "UNAUTHORIZED");
    let _ = alice.try_sign_in(PASSWORD).await.fails(400, "UNAUTHORIZED");
    let _ = alice.try_sign_in(NEW_PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_reset_link_runs_out() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let nobody = server.portsip().anonymous();
    let body = json!({"domain": "home.test", "username": "alice", "callback_url": CALLBACK});
    nobody.post("/auth/forget_password", body).await.changed();
    let token = server.mails.await_mail().await.link_token();
    server.clock.advance(Duration::from_mins(10));
    let late = nobody
        .post(
            "/auth/reset_password",
            json!({"token": token, "new_password": NEW_PASSWORD}),
        )
        .await;
    let _ = late.fails(400, "UNKNOWN");
    let _ = alice.try_sign_in(PASSWORD).await.is(200);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let server = TestServer::start().await;
    server.portsip().user("alice").await;
    let nobody = server.portsip().anonymous();
    for username in ["nobody", "alice"] {
        let body = json!({"domain": "home.test", "username": username, "callback_url": CALLBACK});
        nobody.post("/auth/forget_password", body).await.changed();
    }
    assert_eq!(server.mails.await_mail().await.to, "alice@mail.test");
    assert!(server.mails.take().is_none());
}

#[tokio::test]
async fn links_lead_only_to_the_installation_or_the_tenant() {
    let server = TestServer::start().await;
    server.portsip().user("alice").await;
    for callback in [
        "https://evil.test/reset",
        "https://pbx.example.test@evil.test/",
        "https://pbx.example.test.evil.test/",
        "http://evil.test/?https://pbx.example.test/",
        "javascript:alert(1)",
        "//pbx.example.test/",
        "reset",
    ] {
        // Each attempt counts against the source, so time passes between them.
        server.clock.advance(Duration::from_hours(1));
        let body = json!({"domain": "home.test", "username": "alice", "callback_url": callback});
        let answer = server
            .portsip()
            .anonymous()
            .post("/auth/forget_password", body)
            .await;
        let _ = answer.fails(400, "VALIDATE_FAILED").says("callback_url");
    }
    assert!(server.mails.take().is_none());
    server.clock.advance(Duration::from_hours(1));
    let body = json!({"domain": "home.test", "username": "alice", "callback_url": "https://home.test/reset"});
    server
        .portsip()
        .anonymous()
        .post("/auth/forget_password", body)
        .await
        .changed();
    server.mails.await_mail().await;
}

#[tokio::test]
async fn without_a_mail_server_it_says_so() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let alice = cautious(&server).await;
    let nobody = server.portsip().anonymous();
    let body = json!({"domain": "home.test", "username": "alice", "callback_url": CALLBACK});
    let answer = nobody.post("/auth/forget_password", body).await;
    let _ = answer.fails(400, "NOT_CONFIGURED").says("JACKFIELD_SMTP_URL");
    let token = challenge(&alice).await;
    let answer = nobody.post("/auth/send_otp", json!({"token": token})).await;
    let _ = answer.fails(400, "NOT_CONFIGURED").says("JACKFIELD_SMTP_URL");
}
