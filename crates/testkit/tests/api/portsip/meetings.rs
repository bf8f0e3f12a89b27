//! Meetings: who makes, sees and changes them.

use jackfield_testkit::{
    Draft, TestServer,
    scenarios::{self, Collection, Kind},
};
use serde_json::{Value, json};

fn full(invited: &str, trunk: &str) -> Draft {
    Draft::meeting("Weekly")
        .with("mode", "VIDEO")
        .with("control", "MASTER")
        .with("height", 480)
        .with("width", 640)
        .with("bitrate", 512)
        .with("framerate", 30)
        .with("layout", "LAYOUT4")
        .with("language", "en-US")
        .with("admin_pin", "123456")
        .with("room_pin", "000")
        .with("enable_recording", true)
        .with("enable_prompt", false)
        .with("timezone", "Europe/Berlin")
        .with("scheduled_start_at", "2026-03-29T01:30:00Z")
        .with("scheduled_end_at", "2026-03-29T02:30:00Z")
        .with("internal_invitees", json!([invited]))
        .with("external_invitees", "guest@else.test; other@else.test")
        .with("close_on_nobody", true)
        .with(
            "outbound_caller_ids",
            json!([{"provider_id": trunk, "caller_id": "+4930", "description": "main"}]),
        )
        .with("custom_options", "{\"x\":1}")
}

/// A trunk of the tenant, for caller ids.
async fn trunk(server: &TestServer) -> String {
    let admin = server.portsip().admin().await;
    admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created()
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let (ada, ben) = (
        server.portsip().user("ada").await,
        server.portsip().user("ben").await,
    );
    let trunk = trunk(&server).await;
    let draft = full(&ben.id, &trunk);
    let made = ada.post("/user/meetings", draft.clone()).await.is(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    let number = made["extension_number"].as_str().expect("a number").to_owned();
    assert!(number.len() == 6 && number.starts_with('8'), "{number}");
    let path = format!("/user/meetings/{id}");
    let read = ada.get(&path).await.is(200);
    for (member, value) in draft.json().as_object().expect("an object") {
        assert_eq!(&read[member.as_str()], value, "{member}");
    }
    assert_eq!(
        (&read["id"], &read["extension_number"], &read["ownership"]),
        (&json!(id), &json!(number), &json!(true))
    );
    assert_eq!(
        (&read["capacity"], &read["domain"], &read["created_at"]),
        (&json!(9), &json!("home.test"), &json!("2026-03-02T08:00:00Z"))
    );
    let line = ada.get("/user/meetings").await.is(200);
    let mut expected = read.json().clone();
    for gone in ["domain", "sbc_host", "token"] {
        expected.as_object_mut().expect("an object").remove(gone);
    }
    assert_eq!(line["items"], json!([expected]));

    let change = json!({"subject": "Other", "capacity": 200, "admin_pin": null, "scheduled_end_at": null,
        "internal_invitees": [], "timezone": "UTC"});
    ada.post(&path, change).await.changed();
    let read = ada.get(&path).await.is(200);
    assert_eq!(
        (&read["subject"], &read["capacity"], &read["timezone"]),
        (&json!("Other"), &json!(200), &json!("UTC"))
    );
    for absent in ["admin_pin", "scheduled_end_at"] {
        assert_eq!(read[absent], Value::Null, "{absent}");
    }
    assert_eq!(
        (&read["room_pin"], &read["internal_invitees"]),
        (&json!("000"), &json!([]))
    );
    ada.act(&format!("{path}/destroy")).await.destroyed();
    for answer in [
        ada.get(&path).await,
        ada.post(&path, json!({"subject": "x"})).await,
        ada.act(&format!("{path}/destroy")).await,
        ada.get(&format!("{path}/status")).await,
        ada.act(&format!("{path}/start")).await,
        ada.get(&format!("{path}/participants")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    let kinds: Vec<String> = server
        .journal(server.portsip().home().await.id.parse().expect("a number"))
        .await
        .iter()
        .filter(|line| line.kind == "meeting")
        .map(|line| line.change.clone())
        .collect();
    assert_eq!(kinds, ["CREATED", "UPDATED", "DELETED"]);
}

#[tokio::test]
async fn defaults_are_the_contracts() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let id = ada.meeting(Draft::meeting("Plain")).await;
    let read = ada.get(&format!("/user/meetings/{id}")).await.is(200);
    for (member, value) in [
        ("mode", json!("AUDIO")),
        ("control", json!("FREE")),
        ("height", json!(720)),
        ("width", json!(1280)),
        ("bitrate", json!(1024)),
        ("framerate", json!(15)),
        ("layout", json!("LAYOUT0")),
        ("enable_recording", json!(false)),
        ("enable_prompt", json!(true)),
        ("close_on_nobody", json!(false)),
        ("external_invitees", json!("")),
        ("outbound_caller_ids", json!([])),
    ] {
        assert_eq!(read[member], value, "{member}");
    }
    for absent in ["admin_pin", "room_pin", "scheduled_start_at", "scheduled_end_at"] {
        assert_eq!(read[absent], Value::Null, "{absent}");
    }
}

#[tokio::test]
async fn who_is_invited_sees_and_does_not_change() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben, eve) = (
        portsip.user("ada").await,
        portsip.user("ben").await,
        portsip.user("eve").await,
    );
    let trunk = trunk(&server).await;
    let id = ada.meeting(full(&ben.id, &trunk)).await;
    let path = format!("/user/meetings/{id}");
    let read = ben.get(&path).await.is(200);
    assert_eq!(
        (&read["ownership"], &read["room_pin"], &read["admin_pin"]),
        (&json!(false), &json!("000"), &Value::Null)
    );
    assert_eq!(ben.get("/user/meetings").await.is(200)["count"], 1);
    assert_eq!(eve.get("/user/meetings").await.is(200)["count"], 0);
    let _ = ben.get(&format!("{path}/status")).await.is(200);
    let _ = ben.get(&format!("{path}/participants")).await.is(200);
    let _ = ben
        .post(&path, json!({"subject": "Mine"}))
        .await
        .fails(403, "FORBIDDEN")
        .says("organizer");
    for operation in ["destroy", "start", "stop", "lock", "mute"] {
        let _ = ben
            .act(&format!("{path}/{operation}"))
            .await
            .fails(403, "FORBIDDEN");
    }
    for answer in [
        eve.get(&path).await,
        eve.post(&path, json!({"subject": "x"})).await,
        eve.act(&format!("{path}/start")).await,
        portsip.admin().await.get(&path).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    // Who is gone is invited no longer, and whose meeting it is takes it along.
    let admin = portsip.admin().await;
    admin.act(&format!("/users/{}/destroy", ben.id)).await.destroyed();
    assert_eq!(ada.get(&path).await.is(200)["internal_invitees"], json!([]));
    admin.act(&format!("/users/{}/destroy", ada.id)).await.destroyed();
    let tenant = portsip.home().await.id.parse().expect("a number");
    let last = server.journal(tenant).await;
    let deleted = |kind: &str| {
        last.iter()
            .filter(|line| line.kind == kind && line.change == "DELETED")
            .count()
    };
    assert_eq!((deleted("meeting"), deleted("user")), (1, 2));
}

#[tokio::test]
async fn a_role_without_meetings_has_none() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let _ = admin
        .post("/roles", Draft::role("Mute", &["company.view_only"]))
        .await
        .is(201);
    let person = portsip.user_as("max", "Mute").await;
    let _ = person.get("/user/meetings").await.fails(403, "FORBIDDEN");
    let _ = person
        .post("/user/meetings", Draft::meeting("x"))
        .await
        .fails(403, "FORBIDDEN");
    let root = portsip.root().await;
    let _ = root.get("/user/meetings").await.fails(403, "FORBIDDEN");
}

#[tokio::test]
async fn wrong_meetings_are_named() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let trunk = trunk(&server).await;
    let stranger = portsip.company("foreign.test").await.admin;
    let before = server.mails.take();
    assert!(before.is_none());
    for (member, value) in [
        ("mode", json!("HOLOGRAM")),
        ("mode", Value::Null),
        ("subject", json!("")),
        ("subject", json!("x".repeat(65))),
        ("subject", json!("a\nb")),
        ("timezone", json!("Mars/Olympus")),
        ("timezone", Value::Null),
        ("control", json!("free")),
        ("height", json!(143)),
        ("width", json!(1921)),
        ("bitrate", json!(10_241)),
        ("framerate", json!(4)),
        ("layout", json!("LAYOUT5")),
        ("admin_pin", json!("abc")),
        ("admin_pin", json!("12")),
        ("room_pin", json!("1234567")),
        ("room_pin", json!("12a4")),
        ("scheduled_start_at", json!("tomorrow")),
        ("scheduled_end_at", json!("2026-03-29T01:00:00Z")),
        ("internal_invitees", json!(["999999999"])),
        ("internal_invitees", json!(["nobody"])),
        ("internal_invitees", json!([stranger.id])),
        ("internal_invitees", json!([ben.id, ben.id])),
        ("external_invitees", json!("guest@else.test, nobody")),
        ("outbound_caller_ids", json!([{"caller_id": "1"}])),
        (
            "outbound_caller_ids",
            json!([{"provider_id": "999", "caller_id": "1"}]),
        ),
    ] {
        let body = full(&ben.id, &trunk).with(member, value.clone());
        let _ = ada
            .post("/user/meetings", body)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(member);
        assert_eq!(
            ada.get("/user/meetings").await.is(200)["count"],
            0,
            "{member}: {value}"
        );
    }
    for missing in ["mode", "subject", "timezone"] {
        let _ = ada
            .post("/user/meetings", full(&ben.id, &trunk).without(missing))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(missing);
    }
    scenarios::wrong_types(&ada, "/user/meetings", &full(&ben.id, &trunk), "/user/meetings").await;
    assert!(
        server.mails.take().is_none(),
        "an invitation to a meeting that was refused"
    );

    let id = ada.meeting(full(&ben.id, &trunk)).await;
    let path = format!("/user/meetings/{id}");
    scenarios::wrong_types(&ada, &path, &full(&ben.id, &trunk).without("mode"), &path).await;
    for (member, value) in [
        ("capacity", json!(0)),
        ("capacity", json!(201)),
        ("subject", Value::Null),
        ("internal_invitees", json!([stranger.id])),
        ("scheduled_end_at", json!("2026-03-29T01:29:59Z")),
        ("room_pin", json!("abcd")),
    ] {
        let _ = ada
            .post(&path, Draft::empty().with(member, value))
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(member);
    }
}

#[tokio::test]
async fn numbers_are_the_tenants_and_nobody_elses() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let ada = portsip.user("ada").await;
    let made = ada.post("/user/meetings", Draft::meeting("x")).await.is(201);
    let number = made["extension_number"].as_str().expect("a number");
    let admin = portsip.admin().await;
    let _ = admin
        .post("/users", Draft::user("late", number))
        .await
        .fails(409, "ALREADY_EXISTS");
    let id = made["id"].as_str().expect("an id");
    ada.act(&format!("/user/meetings/{id}/destroy")).await.destroyed();
    admin.post("/users", Draft::user("late", number)).await.created();
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    for (index, subject) in ["Alpha", "beta", "Gamma 100%", "d'elta", "Epsilon_"]
        .into_iter()
        .enumerate()
    {
        let draft = Draft::meeting(subject)
            .with("mode", if index % 2 == 0 { "AUDIO" } else { "VIDEO" })
            .with("scheduled_start_at", format!("2026-05-0{}T10:00:00Z", index + 1))
            .with("scheduled_end_at", format!("2026-05-0{}T11:00:00Z", index + 1));
        ada.meeting(draft).await;
        ben.meeting(Draft::meeting("Other")).await;
    }
    let list = Collection {
        path: "/user/meetings",
        key: "id",
        fields: &[
            ("id", Kind::Number),
            ("extension_number", Kind::Text),
            ("mode", Kind::Text),
            ("subject", Kind::Text),
            ("created_at", Kind::Time),
            ("scheduled_start_at", Kind::Time),
            ("scheduled_end_at", Kind::Time),
        ],
    };
    scenarios::paging(&ada, list).await;
    scenarios::ordering(&ada, list).await;
    scenarios::filtering(&ada, list).await;
    scenarios::apart(&ada, &ben, list).await;
    let found = ada.find("/user/meetings", &[("search", "GAMMA")]).await.is(200);
    assert_eq!(found.column("subject"), ["Gamma 100%"]);
}
