//! What users say of themselves, and its lock.

use jackfield_testkit::{Draft, TestServer};
use serde_json::json;

use super::{changes, office};

#[tokio::test]
async fn a_status_is_set_by_its_id_and_seen_in_the_other_dialect() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    let path = "/user/updateStatus";
    for (id, word) in [
        ("2", "AWAY"),
        ("3", "LUNCH"),
        ("4", "BUSINESS_TRIP"),
        ("5", "DO_NOT_DISTURB"),
    ] {
        let fields = [
            ("userID", user.id.as_str()),
            ("statusID", id),
            ("browserRequestTime", "0"),
        ];
        let _ = program.post(path, &fields).await.is(200);
        assert_eq!(program.settings(&user.id).await["statusID"].to_string(), id);
        assert_eq!(user.get("/user/status").await.is(200)["presence"], word);
    }
    user.post("/user/presence", json!({"presence": "AVAILABLE"}))
        .await
        .changed();
    assert_eq!(program.settings(&user.id).await["statusID"], 1);

    let before = changes(&server, home).await;
    for (fields, words) in [
        (vec![("userID", "7"), ("statusID", "2")], "there is no such user"),
        (vec![("userID", user.id.as_str())], "statusID is required"),
        (vec![("statusID", "6")], "statusID must be one of 1 (available)"),
        (vec![("statusID", "away")], "statusID must be a whole number"),
        (
            vec![("statusID", "2"), ("lastInternalCallID", "x")],
            "lastInternalCallID must be",
        ),
        (
            vec![("statusID", "2"), ("browserRequestTime", "x")],
            "browserRequestTime must be",
        ),
    ] {
        program.post(path, &fields).await.complains(400, words);
    }
    assert_eq!(changes(&server, home).await, before);
}

#[tokio::test]
async fn a_user_is_named_by_his_address_too() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    let other = server.portsip().user("bob").await;
    let path = "/user/updateStatus";
    let by = |address| [("userEmailAddress", address), ("statusID", "2")];
    let _ = program.post(path, &by("ALICE@mail.test")).await.is(200);
    assert_eq!(program.settings(&user.id).await["statusID"], 2);
    let both = |id| {
        [
            ("userID", id),
            ("userEmailAddress", "alice@mail.test"),
            ("statusID", "3"),
        ]
    };
    let _ = program.post(path, &both(&user.id)).await.is(200);
    assert_eq!(program.settings(&user.id).await["statusID"], 3);
    program
        .post(path, &both(&other.id))
        .await
        .complains(400, "userEmailAddress");
    for unknown in ["nobody@mail.test", "lice@mail.test", "alice", "a b"] {
        program
            .post(path, &by(unknown))
            .await
            .complains(400, "there is no such user");
    }
    assert_eq!(program.settings(&other.id).await["statusID"], 1);
}

#[tokio::test]
async fn a_locked_status_stays_whatever_dialect_asks() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let user = server
        .portsip()
        .employ(home, Draft::user("alice", "1001").with("enable_dnd", false))
        .await;
    let id = ("userID", user.id.as_str());
    let _ = program
        .post("/user/statusLock", &[id, ("status", "3")])
        .await
        .is(200);
    let settings = program.settings(&user.id).await;
    assert_eq!(
        (&settings["statusID"], &settings["statusLocked"]),
        (&json!(3), &json!(true))
    );
    let before = changes(&server, home).await;

    program
        .post("/user/updateStatus", &[id, ("statusID", "1")])
        .await
        .complains(400, "the status of the user is locked");
    let locked = |answer: jackfield_testkit::Answer| {
        let _ = answer.fails(403, "FORBIDDEN").says("locked");
    };
    // The word by the user himself, and the switch that counts for more than it by him and by an administrator.
    locked(
        user.post(
            "/user/presence",
            json!({"presence": "AVAILABLE", "presence_note": "x"}),
        )
        .await,
    );
    locked(user.post("/user", json!({"enable_dnd": true})).await);
    let path = format!("/users/{}", user.id);
    locked(
        home.admin
            .post(&path, json!({"enable_dnd": true, "address": "x"}))
            .await,
    );
    assert_eq!(changes(&server, home).await, before);
    let status = user.get("/user/status").await.is(200);
    assert_eq!(
        (&status["presence"], &status["presence_note"]),
        (&json!("LUNCH"), &json!(""))
    );

    // What is no change is no matter, nor is what is not the status.
    let _ = program
        .post("/user/updateStatus", &[id, ("statusID", "3")])
        .await
        .is(200);
    user.post(
        "/user/presence",
        json!({"presence": "LUNCH", "presence_note": "soon back"}),
    )
    .await
    .changed();
    home.admin
        .post(&path, json!({"enable_dnd": false, "address": "Main Street"}))
        .await
        .changed();

    // Another lock takes the place of the first; without one everything is as it was before.
    let _ = program
        .post("/user/statusLock", &[id, ("status", "5")])
        .await
        .is(200);
    assert_eq!(
        user.get("/user/status").await.is(200)["presence"],
        "DO_NOT_DISTURB"
    );
    for _ in 0..2 {
        let _ = program.post("/user/statusLockDelete", &[id]).await.is(200);
        let settings = program.settings(&user.id).await;
        assert_eq!(
            (&settings["statusID"], &settings["statusLocked"]),
            (&json!(5), &json!(false))
        );
    }
    user.post("/user/presence", json!({"presence": "AVAILABLE"}))
        .await
        .changed();
    home.admin
        .post(&path, json!({"enable_dnd": true}))
        .await
        .changed();
    for (fields, words) in [
        (vec![("status", "9")], "status must be one of"),
        (vec![], "status is required"),
        (vec![("userID", "7"), ("status", "1")], "there is no such user"),
    ] {
        program
            .post("/user/statusLock", &fields)
            .await
            .complains(400, words);
    }
    program
        .post("/user/statusLockDelete", &[("userID", "7")])
        .await
        .complains(400, "there is no such user");
}
