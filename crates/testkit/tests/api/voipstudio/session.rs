//! Signing in, staying in, and tokens of programs.

use std::time::Duration;

use jackfield_dialect_voipstudio::Version;
use jackfield_testkit::{Options, PASSWORD, Request, TestServer};
use serde_json::json;

const MINUTE: Duration = Duration::from_mins(1);

fn is_hex_40(text: &str) -> bool {
    text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let door = server.voipstudio();
    let answer = door.try_sign_in("Alice@Mail.test", PASSWORD).await.is(200);
    assert_eq!(answer["message"], "Login success");
    assert_eq!(answer["user_id"].to_string(), alice.id);
    assert!(is_hex_40(answer["user_token"].as_str().unwrap_or_default()));
    let session = door.signed_in(&answer);
    for _ in 0..5 {
        server.clock.advance(29 * MINUTE);
        let pong = session.get("/ping").await.is(200);
        assert_eq!(pong.json(), &json!({"data": {"response": "Pong"}, "links": {}}));
    }
    server.clock.advance(31 * MINUTE);
    let _ = session.get("/ping").await.fails(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn wrong_credentials_are_all_alike_and_bad_bodies_are_named() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let door = server.voipstudio();
    let wrong = door
        .try_sign_in("alice@mail.test", "x")
        .await
        .fails(401, "INVALID_CREDENTIALS");
    let nobody = door
        .try_sign_in("nobody@mail.test", PASSWORD)
        .await
        .fails(401, "INVALID_CREDENTIALS");
    assert_eq!(wrong.text(), nobody.text());
    let _ = door.try_sign_in("alice@home.test", PASSWORD).await.is(200);
    for (body, field) in [
        (json!({}), "email"),
        (json!({"email": 7, "password": "x"}), "email"),
        (json!({"email": "x", "password": ""}), "password"),
        (json!({"email": "x", "password": "y".repeat(1025)}), "password"),
    ] {
        let answer = door.post("/login", body).await.is(400).says(field);
        assert_eq!(answer["message"], "Validation error");
    }
    for body in ["", "[]", "{", "7", "{\"email\": \"a\", \"email\": \"b\"}"] {
        let request = Request::new("POST", "/login").header("Content-Type", "application/json");
        let _ = door.send(request.bytes(body)).await.is(400);
    }
    for _ in 0..4 {
        let _ = door.try_sign_in("alice@mail.test", "x").await;
    }
    let late = door
        .try_sign_in("alice@mail.test", PASSWORD)
        .await
        .fails(429, "TOO_MANY_REQUESTS");
    assert!(late.header("retry-after").is_some());
    assert!(!alice.id.is_empty());
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_with_its_user() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    let door = server.voipstudio();
    let (one, two) = (
        door.sign_in("alice@mail.test", PASSWORD).await,
        door.sign_in("alice@mail.test", PASSWORD).await,
    );
    one.send(Request::new("POST", "/logout")).await.destroyed();
    let _ = one.get("/me").await.is(401);
    let _ = two.get("/me").await.is(200);
    admin
        .act(&format!("/users/{}/destroy", alice.id))
        .await
        .destroyed();
    let _ = two.get("/me").await.fails(401, "UNAUTHORIZED");
    let _ = two.get("/ping").await.is(401);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_the_tenant_wants_one() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let _alice = portsip.user("alice").await;
    let admin = portsip.admin().await;
    admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    let door = server.voipstudio();
    let first = door.try_sign_in("alice@mail.test", PASSWORD).await.is(202);
    assert!(first.json().get("user_token").is_none());
    let nonce = first["nonce"].as_str().expect("a nonce");
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "alice@mail.test");
    let code = mail.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let _ = door
        .post("/login2fa", json!({"code": wrong, "nonce": nonce}))
        .await
        .fails(401, "INVALID_CODE");
    let _ = door
        .post("/login2fa", json!({"code": code, "nonce": "x"}))
        .await
        .is(401);
    let _ = door
        .post("/login2fa", json!({"code": 123_456}))
        .await
        .is(400)
        .says("nonce");
    let answer = door
        .post("/login2fa", json!({"code": code, "nonce": nonce}))
        .await
        .is(200);
    let session = door.signed_in(&answer);
    let me = session.get(&format!("/users/{}", session.user_id)).await.is(200);
    assert_eq!(me["data"]["two_factor_auth"], 1);
    let _ = door
        .post("/login2fa", json!({"code": code, "nonce": nonce}))
        .await
        .is(401);
}

#[tokio::test]
async fn without_mail_there_is_no_second_factor() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let portsip = server.portsip();
    let _alice = portsip.user("alice").await;
    let admin = portsip.admin().await;
    admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    let _ = server
        .voipstudio()
        .try_sign_in("alice@mail.test", PASSWORD)
        .await
        .fails(412, "PRECONDITION_FAILED")
        .says("SMTP");
}

#[tokio::test]
async fn programs_have_tokens_of_their_own() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (_alice, _bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let door = server.voipstudio();
    let alice = door.sign_in("alice@mail.test", PASSWORD).await;
    let bob = door.sign_in("bob@mail.test", PASSWORD).await;
    let made = alice
        .post("/apitokens", json!({"name": "crm", "expiry": 604_800}))
        .await
        .is(201);
    assert_eq!(made["data"]["name"], "crm");
    assert_eq!(made["data"]["expiry"], 604_800);
    assert_eq!(made["data"]["created_at"], "2026-03-02 08:00:00");
    let token = made["data"]["token"].as_str().expect("a token").to_owned();
    assert!(is_hex_40(&token));
    let _ = alice
        .post("/apitokens", json!({"name": "crm"}))
        .await
        .fails(400, "ALREADY_EXISTS")
        .says("name");
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "", "expiry": 0}), "name"),
        (json!({"name": "x", "expiry": 5}), "expiry"),
        (json!({"name": "x", "expiry": "soon"}), "expiry"),
        (json!({"name": "x", "expiry": -1}), "expiry"),
    ] {
        let _ = alice.post("/apitokens", body).await.is(400).says(field);
    }
    let ever = alice.post("/apitokens", json!({"name": "ever"})).await.is(201);
    assert_eq!(ever["data"]["expiry"], 0);

    // The list has no token that opens anything.
    let list = alice.find("/apitokens", &[("sort", "name")]).await.is(200);
    assert_eq!(
        (list["total"].as_i64(), &list["data"][0]["name"]),
        (Some(2), &json!("crm"))
    );
    let handle = list["data"][0]["token"].as_str().expect("a handle").to_owned();
    assert!(is_hex_40(&handle) && handle != token);
    let _ = door.with_token(&handle).get("/ping").await.is(401);
    assert_eq!(bob.get("/apitokens").await.is(200)["total"], 0);

    let program = door.with_token(&token);
    server.clock.advance(Duration::from_hours(24 * 6));
    let _ = program.get("/ping").await.is(200);
    server.clock.advance(Duration::from_hours(24 * 6));
    let _ = program.get("/me").await.is(200);
    let bob = door.sign_in("bob@mail.test", PASSWORD).await;
    for name in [&token, &handle, "0123456789012345678901234567890123456789", "x"] {
        let _ = bob
            .delete(&format!("/apitokens/{name}"))
            .await
            .fails(404, "NOT_FOUND");
    }
    // A program ends itself by its token, its owner by the name in the list.
    program.delete(&format!("/apitokens/{token}")).await.destroyed();
    let _ = program.get("/ping").await.is(401);
    let alice = door.sign_in("alice@mail.test", PASSWORD).await;
    let left = alice.get("/apitokens").await.is(200);
    assert_eq!(left["total"], 1);
    let handle = left["data"][0]["token"].as_str().expect("a handle");
    alice.delete(&format!("/apitokens/{handle}")).await.destroyed();
    assert_eq!(alice.get("/apitokens").await.is(200)["total"], 0);
}

#[tokio::test]
async fn me_is_one_object_or_a_list_with_one() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let session = server.voipstudio().sign_in("alice@mail.test", PASSWORD).await;
    let me = session.get("/me").await.is(200);
    let data = &me["data"];
    assert_eq!(data["id"].to_string(), alice.id);
    for (member, expected) in [
        ("balance", json!(0)),
        ("cc", json!("DE")),
        ("currency_iso", json!("EUR")),
        ("is_root", json!(false)),
        ("language", json!("en")),
        ("email", json!("alice@mail.test")),
        ("first_name", json!("Person")),
        ("last_name", json!("alice")),
        ("sip_domain", json!("home.test")),
        ("sip_username", json!(alice.number)),
        ("sip_password", json!(PASSWORD)),
        ("cli", json!("")),
    ] {
        assert_eq!(data[member], expected, "{member}: {me}");
    }
    for version in [Version::V1, Version::V1_1] {
        let list = server
            .voipstudio_at(version)
            .with_token(&session.token)
            .get("/me")
            .await
            .is(200);
        assert_eq!((&list["data"][0], list["total"].as_i64()), (data, Some(1)));
    }
    // The administrator of the installation has no tenant and no telephone.
    let root = server.portsip().root().await;
    let me = server
        .voipstudio()
        .with_token(&root.token())
        .get("/me")
        .await
        .is(200);
    assert_eq!(
        (&me["data"]["customer_id"], &me["data"]["sip_password"]),
        (&json!(0), &json!(""))
    );
}
