//! The budget of an hour, and compressed answers.

use std::time::Duration;

use jackfield_testkit::{Options, Request, TestServer};

#[tokio::test]
async fn all_programs_of_a_client_share_a_budget_of_an_hour() {
    let server = TestServer::start_with(Options {
        requests_per_hour: 5,
        ..Options::default()
    })
    .await;
    let portsip = server.portsip();
    let (one, two) = (
        portsip.company("one.test").await,
        portsip.company("two.test").await,
    );
    let (first, second) = (
        server.trusted(&one.id, "boss").await,
        server.trusted(&one.id, "boss").await,
    );
    let other = server.trusted(&two.id, "boss").await;
    server.clock.advance(Duration::from_mins(50));
    for (program, path, remaining) in [
        (&first, "/user/", "4"),
        (&second, "/client/@me/extension/", "3"),
        (&first, "/client/0/extension/", "2"),
        (&second, "/nothing", "1"),
        (&first.bare(), "/client/@me/user/extension", "0"),
    ] {
        let answer = program.get(path).await;
        assert_ne!(answer.status, 429, "{answer}");
        for (name, value) in [("limit", "5"), ("remaining", remaining), ("reset", "600")] {
            assert_eq!(
                answer.header(&format!("x-ratelimit-{name}")),
                Some(value),
                "{answer}"
            );
        }
    }
    for program in [&first, &second] {
        let late = program.get("/user/").await.is(429);
        assert_eq!(late["status"], "rate_limit_exceeded");
        assert_eq!(late.header("x-ratelimit-remaining"), Some("0"));
        assert_eq!(late.header("retry-after"), Some("600"));
        assert!(late.header("x-request-id").is_some());
    }
    let _ = other.get("/user/").await.is(200);
    // Strangers spend nobody's budget and are told what one is.
    let stranger = server.ringme().with_token("jfoX").get("/user/").await.is(401);
    assert_eq!(stranger.header("x-ratelimit-remaining"), Some("5"));
    server.clock.advance(Duration::from_mins(10));
    let first = server.trusted(&one.id, "boss").await;
    let answer = first.get("/user/").await.is(200);
    assert_eq!(answer.header("x-ratelimit-reset"), Some("3600"));
}

#[tokio::test]
async fn answers_are_compressed_for_who_takes_that() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let app = server.trusted(&home.id, "boss").await;
    let request = || {
        Request::new("GET", "/api/ver1.0/client/@me/extension/").header("Authorization", app.authorization())
    };
    let plain = server.send(request()).await.is(200);
    assert_eq!(plain.header("content-encoding"), None);
    let packed = server
        .send(request().header("Accept-Encoding", "gzip, deflate"))
        .await
        .is(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.bytes().get(..2), Some(&[0x1f, 0x8b][..]));
}
