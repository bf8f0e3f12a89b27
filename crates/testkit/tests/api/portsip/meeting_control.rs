//! What goes on in meetings.

use jackfield_testkit::{Draft, Person, TestServer};
use serde_json::{Value, json};

/// Somebody's meeting, and the server it is on.
struct Room {
    server: TestServer,
    tenant: String,
    ada: Person,
    id: String,
}

impl Room {
    async fn open(draft: Draft) -> Self {
        let server = TestServer::start().await;
        let ada = server.portsip().user("ada").await;
        let tenant = server.portsip().home().await.id.clone();
        let id = ada.meeting(draft).await;
        Self {
            server,
            tenant,
            ada,
            id,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/user/meetings/{}/{rest}", self.id)
    }

    async fn does(&self, operation: &str) {
        self.ada.act(&self.path(operation)).await.changed();
    }

    async fn refuses(&self, operation: &str, words: &str) {
        let _ = self
            .ada
            .act(&self.path(operation))
            .await
            .fails(409, "CONFLICT")
            .says(words);
    }

    async fn status(&self) -> Value {
        self.ada.get(&self.path("status")).await.is(200).json().clone()
    }

    async fn people(&self) -> Vec<Value> {
        let answer = self.ada.get(&self.path("participants")).await.is(200);
        answer["items"].as_array().expect("a list").clone()
    }

    /// Lets somebody in; gives his id.
    async fn join(&self, external_id: &str, number: &str) -> String {
        self.server
            .attend(&self.tenant, &self.id, external_id, number, true)
            .await
            .expect("he may join")
    }
}

fn state(status: &str, locked: bool, muted: bool, recording: bool) -> Value {
    json!({"status": status, "locked": locked, "muted": muted, "recording": recording})
}

#[tokio::test]
async fn every_transition_and_every_refusal() {
    let room = Room::open(Draft::meeting("x")).await;
    assert_eq!(room.status().await, state("OFFLINE", false, false, false));
    for operation in [
        "stop",
        "lock",
        "unlock",
        "mute",
        "unmute",
        "start_recording",
        "stop_recording",
    ] {
        room.refuses(operation, "not running").await;
    }
    assert_eq!(room.status().await, state("OFFLINE", false, false, false));
    room.does("start").await;
    room.refuses("start", "already running").await;
    assert_eq!(room.status().await, state("ONLINE", false, false, false));
    for (on, off, status) in [
        ("lock", "unlock", state("ONLINE", true, false, false)),
        ("mute", "unmute", state("ONLINE", false, true, false)),
        (
            "start_recording",
            "stop_recording",
            state("ONLINE", false, false, true),
        ),
    ] {
        room.refuses(off, "not").await;
        room.does(on).await;
        room.refuses(on, "already").await;
        assert_eq!(room.status().await, status);
        room.does(off).await;
        room.refuses(off, "not").await;
    }
    room.join("a", "0301").await;
    assert_eq!(room.status().await["status"], "ON_CALL");
    room.does("stop").await;
    assert_eq!(room.status().await, state("OFFLINE", false, false, false));
    assert!(room.people().await.is_empty());
    room.refuses("stop", "not running").await;
    room.does("start").await;
    assert_eq!(room.status().await, state("ONLINE", false, false, false));
    // A meeting that goes on is stopped before it is gone.
    room.ada.act(&room.path("destroy")).await.destroyed();
    let _ = room.ada.get(&room.path("status")).await.fails(404, "NOT_FOUND");
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one meeting, in the order in which things happen"
)]
async fn people_come_and_are_led() {
    let room = Room::open(Draft::meeting("x").with("close_on_nobody", true)).await;
    let ben = room.server.portsip().user("ben").await;
    let refused = room
        .server
        .attend(&room.tenant, &room.id, "a", &ben.number, true)
        .await;
    assert!(refused.is_err_and(|words| words.contains("not running")));
    room.does("start").await;
    let one = room.join("a", &ben.number).await;
    let two = room.join("b", "+49301").await;
    assert_eq!(room.join("a", &ben.number).await, one, "a repeat is the same one");
    assert_eq!(
        room.people().await,
        [
            json!({"id": one, "display_name": "Person ben", "muted": false, "chairman": false, "position": 0}),
            json!({"id": two, "display_name": "+49301", "muted": false, "chairman": false, "position": 1}),
        ]
    );
    let path = |id: &str, rest: &str| room.path(&format!("participants/{id}{rest}"));
    let read = async |id: &str| room.ada.get(&path(id, "")).await.is(200).json().clone();

    room.ada.act(&path(&one, "/mute")).await.changed();
    let _ = room
        .ada
        .act(&path(&one, "/mute"))
        .await
        .fails(409, "CONFLICT")
        .says("already muted");
    assert_eq!(read(&one).await["muted"], true);
    room.ada.act(&path(&one, "/unmute")).await.changed();
    let _ = room.ada.act(&path(&one, "/unmute")).await.fails(409, "CONFLICT");

    room.ada.act(&path(&two, "/chairman")).await.changed();
    room.ada.act(&path(&two, "/chairman")).await.changed();
    assert_eq!(read(&two).await["chairman"], true);
    room.does("mute").await;
    let muted: Vec<_> = room
        .people()
        .await
        .iter()
        .map(|one| one["muted"].clone())
        .collect();
    assert_eq!(muted, [json!(true), json!(false)], "the chairman still speaks");
    room.ada.act(&path(&one, "/chairman")).await.changed();
    assert_eq!(
        (&read(&one).await["chairman"], &read(&two).await["chairman"]),
        (&json!(true), &json!(false))
    );

    let place = |position: i64| json!({ "position": position });
    room.ada.post(&path(&one, "/position"), place(8)).await.changed();
    let _ = room
        .ada
        .post(&path(&two, "/position"), place(8))
        .await
        .fails(409, "CONFLICT")
        .says("taken");
    for wrong in [
        json!({"position": 9}),
        json!({"position": -2}),
        json!({}),
        json!({"position": "1"}),
    ] {
        let _ = room
            .ada
            .post(&path(&two, "/position"), wrong)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("position");
    }
    let layout = room.path("participants/layout");
    room.ada.post(&layout, json!({"items": [two]})).await.changed();
    assert_eq!(
        (&read(&one).await["position"], &read(&two).await["position"]),
        (&json!(-1), &json!(0))
    );
    let _ = room
        .ada
        .post(&layout, json!({"items": ["1"]}))
        .await
        .fails(404, "NOT_FOUND");
    for wrong in [
        json!({"items": [two, two]}),
        json!({"items": "x"}),
        json!({"items": ["x"]}),
        json!({}),
    ] {
        let _ = room.ada.post(&layout, wrong).await.fails(400, "VALIDATE_FAILED");
    }

    let invite = room.path("participants/invite");
    room.ada.post(&invite, json!({"number": "1001"})).await.changed();
    let _ = room
        .ada
        .post(&invite, json!({"number": ben.number}))
        .await
        .fails(409, "CONFLICT")
        .says("already");
    for wrong in [
        json!({"number": ""}),
        json!({"number": "no\"t"}),
        json!({"number": 7}),
        json!({}),
    ] {
        let _ = room
            .ada
            .post(&invite, wrong)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("number");
    }
    room.does("lock").await;
    let _ = room
        .ada
        .post(&invite, json!({"number": "1002"}))
        .await
        .fails(409, "CONFLICT")
        .says("locked");
    let refused = room
        .server
        .attend(&room.tenant, &room.id, "c", "1003", true)
        .await;
    assert!(refused.is_err_and(|words| words.contains("locked")));

    for nobody in ["1", "nobody"] {
        let _ = room.ada.get(&path(nobody, "")).await.fails(404, "NOT_FOUND");
        for operation in ["/mute", "/unmute", "/chairman", "/destroy"] {
            let _ = room
                .ada
                .act(&path(nobody, operation))
                .await
                .fails(404, "NOT_FOUND");
        }
    }
    room.ada.act(&path(&one, "/destroy")).await.destroyed();
    let _ = room
        .ada
        .act(&path(&one, "/destroy"))
        .await
        .fails(404, "NOT_FOUND");
    assert_eq!(room.people().await.len(), 1);
    // The engine tells that he left, too: it is known already. With the last one the meeting ends.
    for (external_id, id) in [("a", &one), ("b", &two), ("b", &two)] {
        let left = room
            .server
            .attend(&room.tenant, &room.id, external_id, "", false)
            .await;
        assert_eq!(left.as_ref(), Ok(id));
    }
    assert_eq!(room.status().await["status"], "OFFLINE");
    for operation in ["/mute", "/destroy"] {
        let _ = room.ada.act(&path(&two, operation)).await.fails(409, "CONFLICT");
    }
}

#[tokio::test]
async fn a_meeting_to_be_recorded_is_and_a_full_one_is_full() {
    let room = Room::open(Draft::meeting("x").with("enable_recording", true)).await;
    room.ada
        .post(&format!("/user/meetings/{}", room.id), json!({"capacity": 1}))
        .await
        .changed();
    room.does("start").await;
    assert_eq!(room.status().await, state("ONLINE", false, false, true));
    room.join("a", "1").await;
    let refused = room.server.attend(&room.tenant, &room.id, "b", "2", true).await;
    assert!(refused.is_err_and(|words| words.contains("full")));
}
