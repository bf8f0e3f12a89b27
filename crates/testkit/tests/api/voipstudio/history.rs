//! What happened on the telephone system: calls, messages, and calls that are going on.

use jackfield_domain::{
    CallDirection, LiveCallState, MessageDirection, MessageKind, NewChatMessage, NewLiveCall, NewMessage,
};
use jackfield_testkit::{
    Answer, TestServer, VoipStudio,
    engine::{Engine, call, message, second},
};
use serde_json::{Value, json};

fn column(answer: &Answer, field: &str) -> Vec<Value> {
    let rows = answer["data"].as_array().expect("a list");
    rows.iter().map(|row| row[field].clone()).collect()
}

fn filter(property: &str, operator: &str, value: &Value) -> String {
    json!([{"property": property, "operator": operator, "value": value}]).to_string()
}

async fn found(client: &VoipStudio, path: &str, filter: &str) -> i64 {
    let answer = client.find(path, &[("filter", filter)]).await.is(200);
    answer["total"].as_i64().expect("a total")
}

#[tokio::test]
async fn calls_that_took_place() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, bob) = (portsip.user("ada").await, portsip.user("bob").await);
    let engine = Engine::of(&server, portsip.home().await);
    let out = engine.call(call("x1", &ada.number, "+4930123", 0)).await;
    engine.call(call("x2", "+4930456", &ada.number, 100)).await;
    let mut missed = call("x3", "+4930789", &ada.number, 200);
    missed.answered_at = None;
    engine.call(missed).await;
    engine.call(call("x4", &bob.number, "+4930999", 300)).await;
    let admin = server.voipstudio().with_token(&portsip.admin().await.token());
    let path = format!("/users/{}/cdrs", ada.id);
    let list = admin.find(&path, &[("sort", "calldate")]).await.is(200);
    assert_eq!(
        (list["total"].as_i64(), column(&list, "type")),
        (Some(3), vec![json!("O"), json!("I"), json!("M")])
    );
    let first = &list["data"][0];
    let id: i64 = ada.id.parse().expect("an id is a number");
    for (member, expected) in [
        ("id", json!(out.parse::<i64>().expect("an id is a number"))),
        ("user_id", json!(id)),
        ("src_id", json!(id)),
        ("calldate", json!("2026-01-01 00:00:00")),
        ("src", json!(ada.number)),
        ("dst", json!("+4930123")),
        ("duration", json!(60)),
        ("billsec", json!(60)),
        ("disposition", json!("ANSWERED")),
        ("charge", json!(0)),
    ] {
        assert_eq!(first[member], expected, "{member}");
    }
    assert_eq!(list["data"][2]["disposition"], "NO ANSWER");
    for (property, operator, value, expected) in [
        ("duration", "gte", json!(60), 2),
        ("duration", "lt", json!("60"), 1),
        ("calldate", "gte", json!("2026-01-01 00:01:40"), 2),
        ("calldate", "gt", json!("2026-01-01"), 2),
        ("src", "like", json!("4930"), 2),
        ("dst", "eq", json!("+4930123"), 1),
    ] {
        assert_eq!(
            found(&admin, &path, &filter(property, operator, &value)).await,
            expected,
            "{property} {operator}"
        );
    }
    for bad in ["type", "charge", "password"] {
        let _ = admin
            .find(&path, &[("filter", &filter(bad, "eq", &json!("x")))])
            .await
            .is(400);
    }
    let own = server.voipstudio().with_token(&ada.token());
    assert_eq!(own.get(&path).await.is(200)["total"], 3);
    let _ = own.get(&format!("/users/{}/cdrs", bob.id)).await.is(403);
    let _ = admin.get("/users/1/cdrs").await.is(404);
}

#[tokio::test]
async fn text_messages_between_two_numbers() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let ada = portsip.user("ada").await;
    let engine = Engine::of(&server, portsip.home().await);
    let (mine, other) = ("+4930111", "+4940222");
    let sent = |id: &str, at| NewMessage {
        direction: MessageDirection::Out,
        sender: ada.number.clone(),
        ..message(id, mine, other, at)
    };
    let came = |id: &str, from: &str, at| message(id, from, &ada.number, at);
    engine.message(came("m1", other, 0)).await;
    engine.message(sent("m2", 10)).await;
    engine.message(came("m3", "+4950333", 20)).await;
    engine
        .message(NewMessage {
            kind: MessageKind::Whatsapp,
            ..came("m4", other, 30)
        })
        .await;
    let client = server.voipstudio().with_token(&ada.token());
    let number = &ada.number;
    for path in [
        format!("/users/{}/smsthreads/{number}/4940222", ada.id),
        format!("/users/{}/sms/threads/{number}/%2B4940222", ada.id),
        format!("/users/{}/smsthreads/4940222/{number}", ada.id),
    ] {
        let thread = client.find(&path, &[("sort", "created_at")]).await.is(200);
        assert_eq!(
            (column(&thread, "type"), thread["total"].as_i64()),
            (vec![json!("I"), json!("O")], Some(2)),
            "{path}"
        );
        assert_eq!(thread["data"][0]["created_at"], "2026-01-01 00:00:00");
        assert_eq!(
            found(&client, &path, &filter("created_at", "gt", &json!("2026-01-01"))).await,
            1
        );
    }
    let nobody = client
        .get(&format!("/users/{}/smsthreads/{number}/49999", ada.id))
        .await
        .is(200);
    assert_eq!(nobody["total"], 0);
}

#[tokio::test]
async fn messages_between_users() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, bob, eve) = (
        portsip.user("ada").await,
        portsip.user("bob").await,
        portsip.user("eve").await,
    );
    let engine = Engine::of(&server, portsip.home().await);
    let chat = |id: &str, from: &str, to: &str, at| NewChatMessage {
        external_id: id.into(),
        conversation: "lunch".into(),
        sender: from.into(),
        receiver: to.into(),
        content: format!("hello {to}"),
        created_at: second(at),
    };
    engine
        .chat_messages(vec![
            chat("c1", &ada.number, "bob", 0),
            chat("c2", "bob", &ada.number, 5),
            chat("c3", "bob", "eve", 9),
        ])
        .await;
    let client = server.voipstudio().with_token(&ada.token());
    let path = format!("/users/{}/chatmsgs", ada.id);
    let list = client.find(&path, &[("sort", "created_at")]).await.is(200);
    assert_eq!(list["total"], 2);
    let first = &list["data"][0];
    let id = |text: &str| json!(text.parse::<i64>().expect("an id is a number"));
    assert_eq!((&first["from_id"], &first["to_id"]), (&id(&ada.id), &id(&bob.id)));
    assert_eq!(
        (&first["message"], &first["created_at"]),
        (&json!("hello bob"), &json!("2026-01-01 00:00:00"))
    );
    assert_eq!(
        found(&client, &path, &filter("message", "like", &json!("bob"))).await,
        1
    );
    assert_eq!(
        found(&client, &path, &filter("conversation", "eq", &json!("lunch"))).await,
        2
    );
    let _ = client.get(&format!("/users/{}/chatmsgs", eve.id)).await.is(403);
    let admin = server.voipstudio().with_token(&portsip.admin().await.token());
    let _ = admin.get("/users/1/chatmsgs").await.is(404);
}

#[tokio::test]
async fn calls_that_are_going_on() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, bob) = (portsip.user("ada").await, portsip.user("bob").await);
    let engine = Engine::of(&server, portsip.home().await);
    let live = |id: &str, state: LiveCallState, to: &str| NewLiveCall {
        external_id: id.into(),
        state,
        direction: CallDirection::Inbound,
        caller: "+4930111".into(),
        caller_display_name: "Zoë".into(),
        callee: to.into(),
        callee_display_name: String::new(),
        destination: to.into(),
        trunk: String::new(),
        started_at: second(0),
        answered_at: (state == LiveCallState::Answered).then(|| second(7)),
    };
    engine
        .live_calls(vec![
            live("l1", LiveCallState::Ringing, &ada.number),
            live("l2", LiveCallState::Answered, &ada.number),
            live("l3", LiveCallState::Ringing, &bob.number),
        ])
        .await;
    let client = server.voipstudio().with_token(&ada.token());
    let path = format!("/users/{}/calls", ada.id);
    let list = client.find(&path, &[("sort", "state")]).await.is(200);
    assert_eq!(
        (column(&list, "state"), list["total"].as_i64()),
        (vec![json!("CONNECTED"), json!("RINGING")], Some(2))
    );
    let first = &list["data"][0];
    assert_eq!(
        (&first["start_time"], &first["connected_at"]),
        (&json!(1_767_225_600), &json!(1_767_225_607))
    );
    assert!(list["data"][1].get("connected_at").is_none());
    assert_eq!(
        found(&client, &path, &filter("state", "eq", &json!("RINGING"))).await,
        1
    );
    engine
        .live_calls(vec![live("l2", LiveCallState::Ended, &ada.number)])
        .await;
    assert_eq!(client.get(&path).await.is(200)["total"], 1);
    let _ = client.get(&format!("/users/{}/calls", bob.id)).await.is(403);
}
