//! Speed dials: two lists of a user, each at two places.

use jackfield_testkit::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn create_read_change_destroy_at_both_places() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    for (range, code, other) in [("speed_dial_8", "2", "9"), ("speed_dial_100", "00", "99")] {
        let (own, of) = (format!("/user/{range}"), format!("/users/{}/{range}", alice.id));
        let body = json!({"code": code, "phone_number": "+49 30 1", "description": "Berlin"});
        let id = alice.post(&own, body).await.created();
        let expected = json!({"id": id, "code": code, "phone_number": "+49 30 1", "description": "Berlin"});
        // What oneself made the administrator sees, and the other way round.
        assert_eq!(admin.get(&format!("{of}/{id}")).await.is(200).json(), &expected);
        admin
            .post(&format!("{of}/{id}"), json!({"phone_number": "1002"}))
            .await
            .changed();
        let mut expected = expected;
        expected["phone_number"] = "1002".into();
        assert_eq!(
            alice.get(&own).await.is(200).json(),
            &json!({"items": [expected]})
        );

        let taken = json!({"code": code, "phone_number": "7"});
        let _ = admin.post(&of, taken).await.fails(409, "ALREADY_EXISTS");
        let second = admin
            .post(&of, json!({"code": other, "phone_number": "7"}))
            .await
            .created();
        let _ = alice
            .post(&format!("{own}/{second}"), json!({"code": code}))
            .await
            .fails(409, "ALREADY_EXISTS");
        alice.act(&format!("{own}/{id}/destroy")).await.destroyed();
        let _ = alice.get(&format!("{own}/{id}")).await.fails(404, "NOT_FOUND");
        alice
            .post(&format!("{own}/{second}"), json!({"code": code}))
            .await
            .changed();
        assert_eq!(admin.get(&of).await.is(200)["items"][0]["code"], code);
    }
}

#[tokio::test]
async fn codes_of_the_other_range_and_bad_bodies() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    for (range, codes) in [
        ("speed_dial_8", ["1", "22", ""]),
        ("speed_dial_100", ["2", "100", "x1"]),
    ] {
        for code in codes {
            let body = json!({"code": code, "phone_number": "1"});
            let _ = alice
                .post(&format!("/user/{range}"), body)
                .await
                .fails(400, "VALIDATE_FAILED");
        }
        let answer = alice
            .post(&format!("/user/{range}"), json!({"code": 2, "description": []}))
            .await;
        let answer = answer.fails(400, "VALIDATE_FAILED");
        let text = answer.to_string();
        for field in ["code", "phone_number", "description"] {
            assert!(text.contains(field), "{field} is not in {text}");
        }
        assert_eq!(
            alice.get(&format!("/user/{range}")).await.is(200)["items"],
            Value::Array(Vec::new())
        );
    }
}

#[tokio::test]
async fn they_go_with_their_user() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (admin, alice) = (portsip.admin().await, portsip.user("alice").await);
    alice
        .post("/user/speed_dial_8", json!({"code": "2", "phone_number": "1"}))
        .await
        .created();
    admin
        .act(&format!("/users/{}/destroy", alice.id))
        .await
        .destroyed();
    let _ = admin
        .get(&format!("/users/{}/speed_dial_8", alice.id))
        .await
        .fails(404, "NOT_FOUND");
}
