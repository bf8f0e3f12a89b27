//! Mails to new users.

use jackfield_testkit::{Options, PASSWORD, Request, TestServer};
use serde_json::json;

use super::{column, extension, fails, new_user, says, with};

#[tokio::test]
async fn a_new_user_is_told_by_mail_and_sets_his_password_once() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &home.admin.number).await;
    let users = "/client/@me/user/extension/";
    let body = with(
        with(new_user("bob", &id), "email_notify", true),
        "email_for_notify",
        "help@mail.test",
    );
    let _ = door.post(users, body).await.is(201);
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "help@mail.test");
    assert!(mail.text.contains("user name is bob"), "{}", mail.text);
    assert!(!mail.text.contains(PASSWORD));
    assert!(
        mail.text.contains("https://pbx.example.test/password?token="),
        "{}",
        mail.text
    );

    let token = mail.link_token();
    let set = async |password: &str| {
        let form = [
            ("token", token.as_str()),
            ("password", password),
            ("again", password),
        ];
        server.send(Request::new("POST", "/password").form(&form)).await
    };
    let _ = set("short").await.is(400);
    let _ = set("Another7!word").await.is(200);
    let _ = set("Third7!word").await.is(400);
    let studio = server.voipstudio();
    let _ = studio.try_sign_in("bob@home.test", "Another7!word").await.is(200);
    let _ = studio.try_sign_in("bob@home.test", PASSWORD).await.is(401);

    // Without another address it goes to who makes the user.
    let _ = door
        .post(users, with(new_user("carl", &id), "email_notify", 1))
        .await
        .is(201);
    assert_eq!(server.mails.await_mail().await.to, "boss@mail.test");
    let bad = with(
        with(new_user("dora", &id), "email_notify", true),
        "email_for_notify",
        "x",
    );
    says(&fails(door.post(users, bad).await, 400, None), "email_for_notify");
    let _ = door
        .post(users, with(new_user("dora", &id), "email_notify", false))
        .await
        .is(201);
    assert!(server.mails.take().is_none());
}

#[tokio::test]
async fn without_mail_nobody_is_made_who_was_to_be_told() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let home = server.portsip().home().await;
    let door = server.trusted(&home.id, "boss").await;
    let id = extension(&door, &home.admin.number).await;
    let users = "/client/@me/user/extension/";
    let refused = door
        .post(users, with(new_user("bob", &id), "email_notify", true))
        .await;
    says(&fails(refused, 400, None), "email_notify");
    let list = door.get(users).await.is(200);
    assert_eq!(column(&list, "login"), [json!("boss")]);
    let _ = door.post(users, new_user("bob", &id)).await.is(201);
}
