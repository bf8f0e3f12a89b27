//! The mail to a new user, and the page that its link opens.

use std::time::Duration;

use jackfield_testkit::{Options, PASSWORD, Request, TestServer};

use super::{changes, office};

const NEW: [(&str, &str); 5] = [
    ("firstname", "Zoë"),
    ("lastname", "Berg"),
    ("name", "zoe"),
    ("email", "zoe@mail.test"),
    ("telephone_number", "+31612345678"),
];

fn page(method: &str, path: String) -> Request {
    Request::new(method, path)
}

#[tokio::test]
async fn a_new_user_chooses_his_password_by_the_link_in_his_mail() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let _ = program.post("/user", &NEW).await.is(200);
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "zoe@mail.test");
    for words in [
        "zoe",
        home.domain.as_str(),
        "https://pbx.example.test/password?token=",
    ] {
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    let token = mail.link_token();
    // Opened on the next day but one: the page, which loads nothing and tells nobody where it is.
    server.clock.advance(Duration::from_hours(60));
    let shown = server
        .send(page("GET", format!("/password?token={token}")))
        .await
        .is(200);
    assert!(
        shown.text().contains(&token) && shown.text().contains("<form method=\"post\""),
        "{shown}"
    );
    assert!(
        !shown.text().contains("<script") && !shown.text().contains("http"),
        "{shown}"
    );
    for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
        assert_eq!(shown.header(name), Some(value), "{shown}");
    }
    let hostile = server
        .send(page("GET", "/password?token=%22%3E%3Cscript%3E".to_owned()))
        .await
        .is(200);
    assert!(!hostile.text().contains("<script"), "{hostile}");

    let choose = async |password: &str, again: &str| {
        let fields = [
            ("token", token.as_str()),
            ("password", password),
            ("again", again),
        ];
        server
            .send(page("POST", "/password".to_owned()).form(&fields))
            .await
    };
    let differ = choose(PASSWORD, "other").await.is(400);
    assert!(differ.text().contains("differ"), "{differ}");
    let weak = choose("x", "x").await.is(400);
    assert!(
        weak.text().contains("password policy") && weak.text().contains(&token),
        "{weak}"
    );
    let done = choose(PASSWORD, PASSWORD).await.is(200);
    assert!(
        done.text().contains("is set") && !done.text().contains(&token),
        "{done}"
    );
    let mut zoe = server.portsip().anonymous();
    zoe.name = "zoe".to_owned();
    zoe.domain = Some(home.domain.clone());
    zoe.sign_in(PASSWORD).await;
    // Once.
    let again = choose("An0ther!Wq7p", "An0ther!Wq7p").await.is(400);
    assert!(again.text().contains("used already"), "{again}");
    zoe.sign_in(PASSWORD).await;
}

#[tokio::test]
async fn the_link_serves_for_three_days() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let _ = program.post("/user", &NEW).await.is(200);
    let token = server.mails.await_mail().await.link_token();
    server.clock.advance(Duration::from_hours(72));
    let fields = [
        ("token", token.as_str()),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let late = server
        .send(page("POST", "/password".to_owned()).form(&fields))
        .await
        .is(400);
    assert!(late.text().contains("too old"), "{late}");
}

#[tokio::test]
async fn whoever_is_refused_or_not_to_be_told_gets_no_mail() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let quiet: Vec<_> = NEW.into_iter().chain([("sendActivationMail", "0")]).collect();
    let _ = program.post("/user", &quiet).await.is(200);
    let mut again = NEW;
    again[3].1 = "again@mail.test";
    program
        .post("/user", &again)
        .await
        .complains(400, "name: another user already has it");
    let mut last = NEW;
    last[2].1 = "last";
    last[3].1 = "last@mail.test";
    let _ = program.post("/user", &last).await.is(200);
    assert_eq!(
        server.mails.await_mail().await.to,
        "last@mail.test",
        "the only one that was sent"
    );
    assert!(server.mails.take().is_none());
}

#[tokio::test]
async fn without_a_mail_server_the_request_says_so() {
    let server = TestServer::start_with(Options {
        mail: false,
        ..Options::default()
    })
    .await;
    let (home, program) = office(&server).await;
    let before = changes(&server, home).await;
    program
        .post("/user", &NEW)
        .await
        .complains(400, "sendActivationMail");
    assert_eq!(changes(&server, home).await, before);
    let quiet: Vec<_> = NEW.into_iter().chain([("sendActivationMail", "false")]).collect();
    let _ = program.post("/user", &quiet).await.is(200);
}
