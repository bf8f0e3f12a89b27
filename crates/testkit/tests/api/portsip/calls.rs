//! Call records, recordings and external messages of the caller.

use jackfield_domain::{CallDirection, EndReason, Money, NewCallRecord, NewMessage, RerouteReason};
use jackfield_testkit::{
    Draft, Person, TestServer,
    engine::{Engine, call, message, recording},
    scenarios::{self, Collection, Kind},
};
use serde_json::json;

const CALLS: Collection = Collection {
    path: "/user/cdrs",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("caller", Kind::Text),
        ("caller_domain", Kind::Text),
        ("caller_display_name", Kind::Text),
        ("callee", Kind::Text),
        ("callee_domain", Kind::Text),
        ("callee_display_name", Kind::Text),
        ("started_at", Kind::Time),
        ("ended_at", Kind::Time),
        ("call_id", Kind::Text),
        ("destination", Kind::Text),
        ("did_cid", Kind::Text),
        ("trunk", Kind::Text),
        ("service_number", Kind::Text),
        ("status_code", Kind::Number),
        ("duration", Kind::Number),
    ],
};
const RECORDINGS: Collection = Collection {
    path: "/user/recordings",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("caller", Kind::Text),
        ("callee", Kind::Text),
        ("started_at", Kind::Time),
        ("ended_at", Kind::Time),
    ],
};
const MESSAGES: Collection = Collection {
    path: "/user/external_messages",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("sender", Kind::Text),
        ("receiver", Kind::Text),
        ("channel_name", Kind::Text),
        ("brand", Kind::Text),
        ("did", Kind::Text),
        ("msg_type", Kind::Text),
        ("direction", Kind::Text),
        ("content", Kind::Text),
        ("delivery", Kind::Text),
        ("provider_msg_id", Kind::Text),
        ("created_at", Kind::Time),
    ],
};

/// Five calls, messages and recordings of Ada, and as many of nobody.
async fn busy(server: &TestServer) -> (Person, Engine<'_>) {
    let ada = server.portsip().user("ada").await;
    let engine = Engine::of(server, server.portsip().home().await);
    for index in 0..5_i64 {
        let (id, outside) = (format!("x{index}"), format!("+4930{}", 9 - index));
        for (id, number) in [(id.clone(), ada.number.as_str()), (format!("{id}-other"), "9999")] {
            engine
                .call(NewCallRecord {
                    caller_display_name: format!("Caller {index}"),
                    caller_domain: "out.test".into(),
                    callee_domain: "home.test".into(),
                    callee_display_name: "Ada".into(),
                    did_cid: format!("+49{index}"),
                    service_number: "8000".into(),
                    trunk: format!("t{}", index % 2),
                    destination: number.into(),
                    status_code: 200 + index,
                    call_id: id.clone(),
                    ..call(&id, &outside, number, 100 - index)
                })
                .await;
            engine.recording(recording(&id, &outside, number, index)).await;
            engine.message(message(&id, &outside, number, 50 - index)).await;
        }
    }
    (ada, engine)
}

#[tokio::test]
async fn lists_show_ones_own_with_the_latest_first() {
    let server = TestServer::start().await;
    let (ada, _) = busy(&server).await;
    let other = server.portsip().company("other.test").await;
    for list in [CALLS, RECORDINGS, MESSAGES] {
        scenarios::paging(&ada, list).await;
        scenarios::ordering(&ada, list).await;
        scenarios::filtering(&ada, list).await;
        scenarios::apart(&ada, &other.admin, list).await;
        let mut ids = ada.get(list.path).await.is(200).column("id");
        assert_eq!(ids.len(), 5);
        ids.reverse();
        assert!(ids.is_sorted());
    }
    let found = ada
        .find("/user/cdrs", &[("search", "CALLER 49306")])
        .await
        .is(200);
    assert_eq!(found.column("caller_display_name"), ["Caller 3"]);
}

#[tokio::test]
async fn a_call_is_shown_with_all_that_is_known_of_it() {
    let server = TestServer::start().await;
    let (ada, ben) = (
        server.portsip().user("ada").await,
        server.portsip().user("ben").await,
    );
    let engine = Engine::of(&server, server.portsip().home().await);
    let full = NewCallRecord {
        caller_domain: "home.test".into(),
        caller_display_name: "Ada".into(),
        call_id: "abc@host".into(),
        direction: CallDirection::InboundOutbound,
        end_reason: Some(EndReason::BlindTransferCompleted),
        reroute_reason: Some(RerouteReason::Overflow),
        status_code: 200,
        outbound_caller_id: "+4930".into(),
        did_cid: "+4931".into(),
        trunk: "telco".into(),
        service_number: "8000".into(),
        user_data: "{}".into(),
        cost: Money::from_units(12_000),
        billed_account: "acme".into(),
        ..call("full", &ada.number, &ben.number, 0)
    };
    let id = engine.call(full).await;
    for person in [&ada, &ben] {
        let line = person.get("/user/cdrs").await.is(200)["items"][0].clone();
        assert_eq!(line["id"], id);
        assert_eq!(line["direction"], "INBOUND_OUTBOUND_CALL");
        assert_eq!(line["duration"], 60);
        let one = person.get(&format!("/user/cdrs/{id}")).await.is(200)["items"].clone();
        assert!(one.get("id").is_none() && one.get("duration").is_none(), "{one}");
        for (field, value) in [
            ("caller", json!(ada.number)),
            ("callee", json!(ben.number)),
            ("started_at", json!("2026-01-01T00:00:00Z")),
            ("rang_at", json!("2026-01-01T00:00:02Z")),
            ("answered_at", json!("2026-01-01T00:00:05Z")),
            ("ended_at", json!("2026-01-01T00:01:05Z")),
            ("end_reason", json!("BLIND_TRANSFER_COMPLETED")),
            ("reroute_reason", json!("OVERFLOW")),
            ("outbound_caller_id", json!("+4930")),
            ("cost", json!(0.12)),
            ("billed_account", json!("acme")),
        ] {
            assert_eq!(one[field], value, "{field}");
        }
    }
    let missed = NewCallRecord {
        rang_at: None,
        answered_at: None,
        ..call("missed", "", &ada.number, 9)
    };
    let missed = engine.call(missed).await;
    let one = ada.get(&format!("/user/cdrs/{missed}")).await.is(200)["items"].clone();
    for absent in [
        "rang_at",
        "answered_at",
        "end_reason",
        "reroute_reason",
        "outbound_caller_id",
    ] {
        assert!(one.get(absent).is_none(), "{absent} in {one}");
    }
    assert_eq!(one["caller"], "");
    let _ = ben
        .get(&format!("/user/cdrs/{missed}"))
        .await
        .fails(404, "NOT_FOUND");
    for (filter, expected) in [
        ("direction eq 'EXTENSION_CALL'", vec![missed.clone()]),
        ("direction ne 'EXTENSION_CALL'", vec![id.clone()]),
        ("startswith(direction,'INBOUND')", vec![id.clone()]),
        ("end_reason eq null", vec![missed.clone()]),
        ("end_reason eq 'BLIND_TRANSFER_COMPLETED'", vec![id.clone()]),
        ("answered_at eq null", vec![missed.clone()]),
        ("started_at ge '2026-01-01T00:00:09Z'", vec![missed.clone()]),
        ("direction eq 'internal'", vec![]),
    ] {
        let found = ada.find("/user/cdrs", &[("filter", filter)]).await.is(200);
        assert_eq!(found.column("id"), expected, "{filter}");
    }
}

#[tokio::test]
async fn calls_are_followed() {
    let server = TestServer::start().await;
    let (ada, engine) = busy(&server).await;
    let token = |answer: &jackfield_testkit::Answer| answer["token"].as_str().unwrap().to_owned();
    let start = async |path: &str| token(&ada.act(path).await.is(201));
    let mut now = start("/user/cdrs/sync_tokens").await;
    let mut dated = start("/user/cdrs/sync_tokens?date_from=2026-01-01T00:01:39Z").await;
    let offset = start("/user/cdrs/sync_tokens?date_from=2026-01-01T01:01:39%2B01:00").await;
    let ask = async |token: &mut String| {
        let answer = ada
            .act(&format!("/user/cdrs/sync_tokens/{token}/diff"))
            .await
            .is(200);
        *token = answer["token"].as_str().unwrap().to_owned();
        answer.column("id")
    };
    let all = ada.get("/user/cdrs").await.is(200).column("id");
    assert!(ask(&mut now).await.is_empty());
    assert_eq!(ask(&mut dated).await, [all[4].clone(), all[3].clone()]);
    assert_eq!(ask(&mut offset.clone()).await.len(), 2);
    let new = engine.call(call("new", &ada.number, "1", 500)).await;
    let answer = ada
        .act(&format!("/user/cdrs/sync_tokens/{now}/diff"))
        .await
        .is(200);
    let item = &answer["items"][0];
    assert_eq!(
        (item["id"].as_str(), item["change_type"].as_str()),
        (Some(new.as_str()), Some("CREATED"))
    );
    assert_eq!(item["items"][0]["caller"], ada.number);
    assert_eq!(ask(&mut dated).await, [new]);
    assert!(ask(&mut dated).await.is_empty());
    for bad in ["yesterday", "2026-13-01T00:00:00Z", "17"] {
        let path = format!("/user/cdrs/sync_tokens?date_from={bad}");
        let _ = ada
            .act(&path)
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("date_from");
    }
    let ben = server.portsip().user("ben").await;
    for token in [now.as_str(), "00", "nonsense"] {
        let path = format!("/user/cdrs/sync_tokens/{token}/diff");
        let _ = ben.act(&path).await.fails(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn a_recording_is_shown_and_destroyed() {
    let server = TestServer::start().await;
    let (ada, ben) = (
        server.portsip().user("ada").await,
        server.portsip().user("ben").await,
    );
    let engine = Engine::of(&server, server.portsip().home().await);
    let id = engine.recording(recording("r", &ada.number, "1", 0)).await;
    let path = format!("/user/recordings/{id}");
    let one = ada.get(&path).await.is(200)["items"][0].clone();
    assert_eq!(
        (one["duration"].as_i64(), one["file_name"].as_str()),
        (Some(60), Some("call.wav"))
    );
    assert!(one.get("file_url").is_none() && one.get("file_size").is_none());
    let _ = ben.get(&path).await.fails(404, "NOT_FOUND");
    let _ = ben.act(&format!("{path}/destroy")).await.fails(404, "NOT_FOUND");
    let _ = ada.act(&format!("{path}/destroy")).await.is(204);
    let _ = ada.act(&format!("{path}/destroy")).await.fails(404, "NOT_FOUND");
    assert_eq!(ada.get("/user/recordings").await.is(200)["count"], 0);
}

#[tokio::test]
async fn a_message_is_shown() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let engine = Engine::of(&server, server.portsip().home().await);
    let sms = NewMessage {
        reason: "none".into(),
        ..message("m", "+4930", &ada.number, 0)
    };
    let id = engine.message(sms).await;
    let one = ada.get(&format!("/user/external_messages/{id}")).await.is(200);
    for (field, value) in [
        ("id", id.as_str()),
        ("config_id", "7"),
        ("sender", "+4930"),
        ("receiver", &ada.number),
        ("msg_type", "SMS"),
        ("direction", "IN"),
        ("delivery", "RECV"),
        ("reason", "none"),
        ("created_at", "2026-01-01T00:00:00Z"),
    ] {
        assert_eq!(one[field], value, "{field}");
    }
    let found = ada
        .find("/user/external_messages", &[("filter", "msg_type eq 'WHATSAPP'")])
        .await
        .is(200);
    assert_eq!(found["count"], 0);
}

#[tokio::test]
async fn call_logs_take_a_permission() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    for (name, granted) in [
        ("Nothing", &["general.meeting"][..]),
        ("Log", &["user_call_log.call_log_view_only"]),
        ("Listener", &["user_call_log.call_recording_view_only"]),
    ] {
        let _ = admin.post("/roles", Draft::role(name, granted)).await.is(201);
    }
    let engine = Engine::of(&server, server.portsip().home().await);
    for (role, calls, recordings) in [
        ("Nothing", 403, 403),
        ("Log", 200, 403),
        ("Listener", 403, 200),
        ("StandardUser", 200, 200),
    ] {
        let person = server.portsip().user_as(&role.to_lowercase(), role).await;
        let _ = person.get("/user/cdrs").await.is(calls);
        let _ = person
            .act("/user/cdrs/sync_tokens")
            .await
            .is(if calls == 200 { 201 } else { 403 });
        let _ = person.get("/user/recordings").await.is(recordings);
        let _ = person.get("/user/external_messages").await.is(200);
        let id = engine.recording(recording(role, &person.number, "1", 0)).await;
        let destroyed = if role == "StandardUser" { 204 } else { 403 };
        let _ = person
            .act(&format!("/user/recordings/{id}/destroy"))
            .await
            .is(destroyed);
    }
}
