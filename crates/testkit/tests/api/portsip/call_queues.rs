//! Call queues and their agents.

use std::time::Duration;

use jackfield_testkit::{
    Device, Draft, TestServer,
    scenarios::{self, Collection, Kind},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const QUEUES: Collection = Collection {
    path: "/call_queues",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("extension_number", Kind::Text),
        ("ring_time", Kind::Number),
        ("polling_strategy", Kind::Text),
    ],
};

/// A queue with every value that can be given, none of them the default one.
fn full(trunk: &str) -> Draft {
    Draft::call_queue("Support", "6000")
        .with("polling_strategy", "SKILL_BASED_ROUTING_LEAST_WORKED_HUNT")
        .with("ring_time", 25)
        .with("max_callers", 9)
        .with("intro_type", "FULL")
        .with("max_waiting_time", 15)
        .with("wait_when_no_agents_online", true)
        .with("inform_position", "ON_CONNECTED")
        .with("inform_position_interval", 1800)
        .with("agent_auto_ready", false)
        .with("agent_auto_not_ready_after_non_acd_call", false)
        .with("sla_time", 20)
        .with("language", "de-DE")
        .with(
            "no_answer_forward_rule",
            json!({"action": "FORWARD_TO_NUMBER", "number": "2000"}),
        )
        .with(
            "night_mode_forward_rule",
            json!({"action": "FORWARD_TO_VOICEMAIL", "number": "2001"}),
        )
        .with("enable_callback", true)
        .with("callback_mode", "TIMEOUT")
        .with("callback_timeout", 60)
        .with("callback_outbound_prefix", "00")
        .with(
            "outbound_caller_ids",
            json!([{"provider_id": trunk, "caller_id": "+4930", "description": "main"}]),
        )
        .with("enable_sticky_routing", false)
        .with("sticky_routing_duration", 7)
        .with("enable_paid", true)
        .with("enable_prid", true)
        .with("extension_number_as_to_header", true)
}

/// What is read beside what is written.
fn answered(id: &str, draft: &Draft) -> Value {
    let mut body = draft.json();
    body["id"] = id.into();
    for file in ["moh_prompt_file", "intro_prompt_file"] {
        body[format!("{file}_name")] = "".into();
        body[format!("{file}_url")] = "".into();
    }
    body
}

#[tokio::test]
async fn create_read_change_destroy() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let draft = full(&trunk);
    let id = admin.post("/call_queues", draft.clone()).await.made();
    let path = format!("/call_queues/{id}");
    assert_eq!(admin.get(&path).await.is(200).json(), &answered(&id, &draft));
    let line = admin.get("/call_queues").await.is(200);
    let expected = json!({
        "id": id, "name": "Support", "extension_number": "6000", "ring_time": 25,
        "polling_strategy": "SKILL_BASED_ROUTING_LEAST_WORKED_HUNT",
    });
    assert_eq!(line["items"], json!([expected]));

    // What is left out stays; a rule is replaced whole; nothing takes a list or a rule away.
    admin
        .post(
            &path,
            json!({"name": "Help", "night_mode_forward_rule": {"action": "HANGUP"}}),
        )
        .await
        .changed();
    let changed = draft.with("name", "Help").with(
        "night_mode_forward_rule",
        json!({"action": "HANGUP", "number": ""}),
    );
    assert_eq!(admin.get(&path).await.is(200).json(), &answered(&id, &changed));
    admin
        .post(
            &path,
            json!({"outbound_caller_ids": null, "no_answer_forward_rule": null, "language": null}),
        )
        .await
        .changed();
    let changed = changed
        .with("outbound_caller_ids", json!([]))
        .with("language", "")
        .with(
            "no_answer_forward_rule",
            json!({"action": "HANGUP", "number": ""}),
        );
    assert_eq!(admin.get(&path).await.is(200).json(), &answered(&id, &changed));
    // The number never changes: it is no field of a change, and ignored as unknown fields are.
    admin
        .post(&path, json!({"extension_number": "6001"}))
        .await
        .changed();
    assert_eq!(admin.get(&path).await.is(200)["extension_number"], "6000");

    admin.act(&format!("{path}/destroy")).await.destroyed();
    for answer in [
        admin.get(&path).await,
        admin.post(&path, json!({})).await,
        admin.get(&format!("{path}/agents")).await,
        admin.post(&format!("{path}/agents"), json!({"items": []})).await,
        admin.act(&format!("{path}/destroy")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_new_queue_has_the_usual_values() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let id = admin
        .post("/call_queues", Draft::call_queue("Support", "6000"))
        .await
        .made();
    let read = admin.get(&format!("/call_queues/{id}")).await.is(200);
    for (field, value) in [
        ("polling_strategy", json!("CYCLIC_HUNT")),
        ("ring_time", json!(20)),
        ("max_waiting_time", json!(300)),
        ("inform_position", json!("DISABLE")),
        ("agent_auto_ready", json!(true)),
        ("enable_sticky_routing", json!(true)),
        ("sticky_routing_duration", json!(30)),
        (
            "no_answer_forward_rule",
            json!({"action": "HANGUP", "number": ""}),
        ),
        ("outbound_caller_ids", json!([])),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
}

#[tokio::test]
async fn wrong_queues_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let all = admin
        .post("/call_queues", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    for field in ["name", "extension_number", "polling_strategy"] {
        let _ = all.clone().says(&format!("{field} is required"));
    }
    for (field, value, place) in [
        ("name", json!(""), "name"),
        ("name", json!("x".repeat(65)), "name"),
        ("extension_number", json!("12"), "extension_number"),
        ("extension_number", json!("12a"), "extension_number"),
        ("polling_strategy", json!("PAGING_INTERCOM"), "polling_strategy"),
        ("polling_strategy", json!("cyclic_hunt"), "polling_strategy"),
        ("ring_time", json!(0), "ring_time"),
        ("max_waiting_time", json!(14), "max_waiting_time"),
        (
            "inform_position_interval",
            json!(1801),
            "inform_position_interval",
        ),
        ("sla_time", json!(65_537), "sla_time"),
        ("sticky_routing_duration", json!(366), "sticky_routing_duration"),
        ("language", json!("no language"), "language"),
        ("moh_prompt_file_id", json!("100001"), "moh_prompt_file_id"),
        (
            "intro_prompt_file_id",
            json!("x".repeat(65)),
            "intro_prompt_file_id",
        ),
        (
            "no_answer_forward_rule",
            json!({"action": "REPEAT"}),
            "no_answer_forward_rule.action",
        ),
        (
            "no_answer_forward_rule",
            json!({"number": "1"}),
            "no_answer_forward_rule.action",
        ),
        (
            "night_mode_forward_rule",
            json!({"action": "FORWARD_TO_NUMBER"}),
            "night_mode_forward_rule.number",
        ),
        (
            "outbound_caller_ids",
            json!([{"provider_id": trunk, "caller_id": "1"}, {"provider_id": "99", "caller_id": "1"}]),
            "outbound_caller_ids[1].provider_id",
        ),
    ] {
        let draft = Draft::call_queue("Support", "6000").with(field, value.clone());
        let answer = admin
            .post("/call_queues", draft)
            .await
            .fails(400, "VALIDATE_FAILED");
        assert_eq!(
            answer["errors"][0]["detail"]["field"], place,
            "{value} gives {answer}"
        );
    }
    let draft = full(&trunk);
    scenarios::wrong_types(&admin, "/call_queues", &draft, "/call_queues").await;
    let id = admin.post("/call_queues", draft.clone()).await.made();
    let path = format!("/call_queues/{id}");
    let change = draft.without("extension_number");
    scenarios::wrong_types(&admin, &path, &change, &path).await;
}

#[tokio::test]
async fn agents_are_set_as_a_list() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let id = admin
        .post("/call_queues", Draft::call_queue("Support", "6000"))
        .await
        .made();
    let agents = format!("/call_queues/{id}/agents");
    assert_eq!(admin.get(&agents).await.is(200).json(), &json!({"items": []}));
    let list = json!({"items": [
        {"extension_number": bob.number, "skill_level": 100, "display_name": "is not ours to say"},
        {"extension_number": alice.number},
    ]});
    admin.post(&agents, list).await.changed();
    let expected = json!({"items": [
        {"extension_number": bob.number, "display_name": "Person bob", "skill_level": 100},
        {"extension_number": alice.number, "display_name": "Person alice", "skill_level": 1},
    ]});
    assert_eq!(admin.get(&agents).await.is(200).json(), &expected);
    let one = admin.get(&format!("{agents}/{}", bob.number)).await.is(200);
    let mut agent = expected["items"][0].clone();
    agent["status"] = "LOGGED_OUT".into();
    assert_eq!(one.json(), &agent);

    for (list, place) in [
        (json!({}), "items"),
        (json!({"items": null}), "items"),
        (json!({"items": [{}]}), "items[0].extension_number"),
        (
            json!({"items": [{"extension_number": "99999"}]}),
            "items[0].extension_number",
        ),
        (
            json!({"items": [{"extension_number": "6000"}]}),
            "items[0].extension_number",
        ),
        (
            json!({"items": [{"extension_number": bob.number}, {"extension_number": bob.number}]}),
            "items[1].extension_number",
        ),
        (
            json!({"items": [{"extension_number": bob.number, "skill_level": 101}]}),
            "items[0].skill_level",
        ),
        (
            json!({"items": [{"extension_number": bob.number, "skill_level": "much"}]}),
            "items[0].skill_level",
        ),
    ] {
        let answer = admin
            .post(&agents, list.clone())
            .await
            .fails(400, "VALIDATE_FAILED");
        assert_eq!(
            answer["errors"][0]["detail"]["field"], place,
            "{list} gives {answer}"
        );
    }
    assert_eq!(admin.get(&agents).await.is(200).json(), &expected);
    for number in ["99999", "6000", admin.number.as_str()] {
        let _ = admin
            .get(&format!("{agents}/{number}"))
            .await
            .fails(404, "NOT_FOUND");
    }
    // Who goes is out of the list.
    admin.act(&format!("/users/{}/destroy", bob.id)).await.destroyed();
    assert_eq!(
        admin.get(&agents).await.is(200).column("display_name"),
        ["Person alice"]
    );
    admin.post(&agents, json!({"items": []})).await.changed();
    assert_eq!(admin.get(&agents).await.is(200).json(), &json!({"items": []}));
}

#[tokio::test]
async fn agents_belong_to_the_same_tenant() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let other = portsip.company("other.test").await;
    let theirs = portsip.employ(&other, Draft::user("theirs", "7777001")).await;
    let id = admin
        .post("/call_queues", Draft::call_queue("Support", "6000"))
        .await
        .made();
    let _ = admin
        .post(
            &format!("/call_queues/{id}/agents"),
            json!({"items": [{"extension_number": theirs.number}]}),
        )
        .await
        .fails(400, "VALIDATE_FAILED");
    // The same number may be taken in another tenant.
    other
        .admin
        .post("/call_queues", Draft::call_queue("Support", "6000"))
        .await
        .made();
}

#[tokio::test]
async fn an_agent_says_what_he_does() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let draft = Draft::call_queue("Support", "6000").with("agent_auto_ready", false);
    let id = admin.post("/call_queues", draft).await.made();
    let agents = format!("/call_queues/{id}/agents");
    admin
        .post(
            &agents,
            json!({"items": [{"extension_number": alice.number, "skill_level": 7}]}),
        )
        .await
        .changed();
    let line = json!({"id": id, "name": "Support", "extension_number": "6000"});
    let of = format!("/users/{}/call_queues", alice.id);
    assert_eq!(
        alice.get("/user/call_queues").await.is(200)["items"],
        json!([line])
    );
    assert_eq!(admin.get(&of).await.is(200)["items"], json!([line]));
    assert_eq!(bob.get("/user/call_queues").await.is(200)["items"], json!([]));

    let (own, of) = (
        format!("/user/call_queues/{id}/agent"),
        format!("{of}/{id}/agent"),
    );
    let named = format!("{agents}/{}", alice.number);
    let expected = |status: &str| {
        json!({
            "extension_number": alice.number, "display_name": "Person alice", "skill_level": 7, "status": status,
        })
    };
    assert_eq!(alice.get(&own).await.is(200).json(), &expected("LOGGED_OUT"));
    // Three doors to one agent. As long as no phone of hers is bound, who works for the queue is seen as offline.
    for (door, person, request, seen) in [
        (&own, &alice, "LOGGED_IN", "OFFLINE"),
        (&own, &alice, "LOGGED_OUT", "LOGGED_OUT"),
        (&of, &admin, "READY", "OFFLINE"),
        (&named, &admin, "LOGGED_OUT", "LOGGED_OUT"),
    ] {
        person.post(door, json!({"status": request})).await.changed();
        for (reader, path) in [(&alice, &own), (&admin, &of), (&admin, &named)] {
            assert_eq!(
                reader.get(path).await.is(200).json(),
                &expected(seen),
                "{request} at {path}"
            );
        }
        server.clock.advance(Duration::from_secs(1));
    }
    let device = Device {
        number: alice.number.clone(),
        instance_id: "desk".into(),
        seconds: 60,
    };
    server.bind(&portsip.home().await.id, device).await;
    alice.post(&own, json!({"status": "LOGGED_IN"})).await.changed();
    assert_eq!(alice.get(&own).await.is(200).json(), &expected("NOT_READY"));
    alice.post(&own, json!({"status": "BREAK"})).await.changed();
    assert_eq!(admin.get(&named).await.is(200).json(), &expected("BREAK"));
    for (body, words) in [
        (json!({}), "status is required"),
        (json!({"status": null}), "status is required"),
        (json!({"status": 7}), "status must be text"),
        (json!({"status": "QUEUE_CALL"}), "status must be one of"),
        (json!({"status": "ready"}), "status must be one of"),
    ] {
        for (door, person) in [(&own, &alice), (&of, &admin), (&named, &admin)] {
            let answer = person
                .post(door, body.clone())
                .await
                .fails(400, "VALIDATE_FAILED");
            let _ = answer.says(words);
        }
    }
    // Who is no agent of the queue does not learn that it exists.
    let _ = bob.get(&own).await.fails(404, "NOT_FOUND");
    let ready = json!({"status": "READY"});
    let _ = bob.post(&own, ready.clone()).await.fails(404, "NOT_FOUND");
    let _ = bob.post(&named, ready.clone()).await.fails(403, "FORBIDDEN");
    let _ = bob.post(&of, ready.clone()).await.fails(403, "FORBIDDEN");
    let _ = admin
        .post(&format!("{agents}/{}", bob.number), ready)
        .await
        .fails(404, "NOT_FOUND");
}

#[tokio::test]
async fn lists_of_queues() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    for (index, (name, strategy)) in [
        ("Support", "CYCLIC_HUNT"),
        ("Sales", "PRIORITIZED_HUNT"),
        ("sales at night", "RING_SIMULTANEOUSLY"),
        ("Über", "CYCLIC_HUNT"),
    ]
    .into_iter()
    .enumerate()
    {
        let draft = Draft::call_queue(name, &format!("60{index}0"))
            .with("ring_time", 30 - index)
            .with("polling_strategy", strategy);
        admin.post("/call_queues", draft).await.made();
    }
    // The other kind is another list.
    admin
        .post("/ring_groups", Draft::ring_group("Sales ring", "6100"))
        .await
        .made();
    scenarios::paging(&admin, QUEUES).await;
    scenarios::ordering(&admin, QUEUES).await;
    scenarios::filtering(&admin, QUEUES).await;
    for (search, count) in [("sales", 2), ("6010", 1), ("6100", 0)] {
        let found = admin.find("/call_queues", &[("search", search)]).await.is(200);
        assert_eq!(found["count"], count, "{search}");
    }
    let other = portsip.company("other.test").await;
    scenarios::apart(&admin, &other.admin, QUEUES).await;
}

#[tokio::test]
async fn rights_over_queues() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let id = admin
        .post("/call_queues", Draft::call_queue("Support", "6000"))
        .await
        .made();
    let _ = admin
        .post("/roles", Draft::role("Viewer", &["phone_system.view_only"]))
        .await
        .is(201);
    let viewer = portsip.user_as("viewer", "Viewer").await;
    let path = format!("/call_queues/{id}");
    let _ = viewer.get(&path).await.is(200);
    let _ = viewer.get("/call_queues").await.is(200);
    let _ = viewer.get(&format!("{path}/agents")).await.is(200);
    for answer in [
        viewer.post(&path, json!({"name": "x"})).await,
        viewer.post(&format!("{path}/agents"), json!({"items": []})).await,
        viewer.act(&format!("{path}/destroy")).await,
        viewer.post("/call_queues", Draft::call_queue("x", "6001")).await,
    ] {
        let _ = answer.fails(403, "FORBIDDEN");
    }
    assert_eq!(admin.get(&path).await.is(200)["name"], "Support");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_goes_to_one_of_many() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let mut tasks = JoinSet::new();
    for n in 0..18 {
        let admin = admin.clone();
        let (path, draft) = match n % 3 {
            0 => ("/call_queues", Draft::call_queue(&format!("q{n}"), "6000")),
            1 => ("/ring_groups", Draft::ring_group(&format!("r{n}"), "6000")),
            _ => ("/users", Draft::user(&format!("u{n}"), "6000")),
        };
        tasks.spawn(async move { admin.post(path, draft).await });
    }
    let mut made = 0;
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.expect("the request is answered");
        if matches!(answer.status, 200 | 201) {
            made += 1;
        } else {
            let _ = answer.fails(409, "ALREADY_EXISTS").says("extension_number");
        }
    }
    assert_eq!(made, 1);
    let mut there = 0;
    for path in ["/call_queues", "/ring_groups", "/users"] {
        there += admin.get(path).await.is(200)["count"].as_u64().expect("a count");
    }
    assert_eq!(there, 2, "the administrator and the one");
}
