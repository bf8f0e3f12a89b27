//! Users who are kept free for a call.

use std::time::Duration;

use jackfield_testkit::{Caller, Draft, TestServer};
use serde_json::json;
use tokio::task::JoinSet;

use super::office;

const PATH: &str = "/user/reserveUserForLiveChannel";

async fn live_call(engine: &Caller, state: &str, from: &str, to: &str) {
    let mut call = json!({
        "external_id": "c-1", "state": state, "direction": "internal",
        "caller": from, "callee": to, "started_at": "2026-03-02T08:00:00Z",
    });
    if state == "answered" {
        call["answered_at"] = "2026-03-02T08:00:00Z".into();
    }
    let answer = engine.post("/feed/live_calls", json!([call])).await.is(200);
    assert_eq!(answer["refused"], 0, "{answer}");
}

#[tokio::test]
async fn a_reservation_holds_for_thirty_seconds() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    let fields = [("userID", user.id.as_str()), ("channelID", "8")];
    let made = program.post(PATH, &fields).await.is(200);
    let id: i64 = user.id.parse().expect("a number");
    assert_eq!(
        made["result"],
        json!({"userID": id, "channelID": 8, "seconds": 30})
    );
    assert_eq!(program.settings(&user.id).await["reserved"], true);
    program
        .post(PATH, &fields)
        .await
        .complains(400, "reserved for another call");
    server.clock.advance(Duration::from_millis(29_999));
    program
        .post(PATH, &fields)
        .await
        .complains(400, "reserved for another call");
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(program.settings(&user.id).await["reserved"], false);
    let again = program
        .post(PATH, &[("userEmailAddress", "alice@mail.test")])
        .await
        .is(200);
    assert_eq!(again["result"], json!({"userID": id, "seconds": 30}));
    for (field, value) in [("channelID", "x"), ("channelID", "-1"), ("userID", "x")] {
        program.post(PATH, &[(field, value)]).await.complains(400, field);
    }
}

#[tokio::test]
async fn a_call_that_reaches_the_user_ends_his_reservation() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let portsip = server.portsip();
    let alice = portsip.employ(home, Draft::user("alice", "1001")).await;
    let bob = portsip.employ(home, Draft::user("bob", "1002")).await;
    let engine = server.native().engine(home).await;
    for user in [&alice, &bob] {
        let _ = program.post(PATH, &[("userID", &user.id)]).await.is(200);
    }
    let reserved = async |id: &str| program.settings(id).await["reserved"].clone();
    live_call(&engine, "ringing", "1002", "1001").await;
    assert_eq!(reserved(&alice.id).await, false, "it rings at her place");
    assert_eq!(reserved(&bob.id).await, true, "his own call reaches another");
    // While it goes on she is not to be had, nor is he when his reservation is over.
    program
        .post(PATH, &[("userID", &alice.id)])
        .await
        .complains(400, "in one");
    live_call(&engine, "answered", "1002", "1001").await;
    server.clock.advance(Duration::from_secs(30));
    program
        .post(PATH, &[("userID", &bob.id)])
        .await
        .complains(400, "in one");
    live_call(&engine, "ended", "1002", "1001").await;
    assert_eq!(
        reserved(&alice.id).await,
        false,
        "what has ended does not come back"
    );
    for user in [&alice, &bob] {
        let _ = program.post(PATH, &[("userID", &user.id)]).await.is(200);
    }
}

#[tokio::test]
async fn who_takes_no_calls_is_not_reserved() {
    let server = TestServer::start().await;
    let (home, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    let fields = [("userID", user.id.as_str())];
    let path = format!("/users/{}", user.id);
    let refused = async || {
        program
            .post(PATH, &fields)
            .await
            .complains(400, "takes no calls now");
    };
    for presence in ["AWAY", "LUNCH", "BUSINESS_TRIP", "DO_NOT_DISTURB"] {
        user.post("/user/presence", json!({"presence": presence}))
            .await
            .changed();
        refused().await;
    }
    user.post("/user/presence", json!({"presence": "AVAILABLE"}))
        .await
        .changed();
    for (switch, off, on) in [("enable_dnd", true, false), ("enabled", false, true)] {
        home.admin.post(&path, json!({switch: off})).await.changed();
        refused().await;
        home.admin.post(&path, json!({switch: on})).await.changed();
    }
    let _ = program.post(PATH, &fields).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_wins() {
    let server = TestServer::start().await;
    let (_, program) = office(&server).await;
    let user = server.portsip().user("alice").await;
    for round in 0..3 {
        let mut tasks = JoinSet::new();
        for channel in 0..16 {
            let (program, id) = (program.clone(), user.id.clone());
            tasks.spawn(async move {
                let channel = channel.to_string();
                program
                    .post(PATH, &[("userID", &id), ("channelID", &channel)])
                    .await
            });
        }
        let mut won = 0;
        while let Some(answer) = tasks.join_next().await {
            let answer = answer.expect("the request is answered");
            if answer.status == 200 {
                won += 1;
            } else {
                answer.complains(400, "reserved for another call");
            }
        }
        assert_eq!(won, 1, "round {round}");
        server.clock.advance(Duration::from_secs(30));
    }
}
