//! What a user may be: limits, forms, what is required and what cannot change.

use jackfield_testkit::{Draft, Person, TestServer, scenarios};
use serde_json::{Value, json};

fn fields_of(answer: &jackfield_testkit::Answer) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| error["detail"]["field"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn what_is_required_is_named_all_at_once() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let required = [
        "name",
        "password",
        "email",
        "display_name",
        "role",
        "extension_number",
        "extension_password",
        "voicemail_pin",
    ];
    let answer = admin
        .post("/users", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    let mut fields = fields_of(&answer);
    fields.sort_unstable();
    let mut expected = required.to_vec();
    expected.sort_unstable();
    assert_eq!(fields, expected);
    for field in required {
        for draft in [
            Draft::user("alice", "3001").without(field),
            Draft::user("alice", "3001").with(field, Value::Null),
        ] {
            let answer = admin.post("/users", draft).await.fails(400, "VALIDATE_FAILED");
            assert_eq!(fields_of(&answer), [field]);
        }
    }
    assert_eq!(admin.get("/users").await.is(200)["count"], 1);
}

#[tokio::test]
async fn every_violation_is_in_one_answer() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let body = Draft::user("a b", "12")
        .with("password", "short")
        .with("extension_password", "short")
        .with("email", "nobody")
        .with("role", "Nonsense")
        .with("mobile_phone", "1".repeat(33))
        .with("voicemail_pin", "123456")
        .with("sms", "PERHAPS")
        .with("enable_dnd", "yes")
        .with(
            "office_hours",
            json!({"mode": "X", "monday": {"enabled": true, "ranges": [{"from": "12:00", "to": "11:00"}]}}),
        )
        .with("dnd_office_hours_forward_rule", json!({"action": "RING_ANYWAY"}))
        .with("blfs", json!([{"key": "x".repeat(257)}]));
    let answer = admin.post("/users", body).await.fails(400, "VALIDATE_FAILED");
    let fields = fields_of(&answer).join(" ");
    for field in [
        "name",
        "extension_number",
        "email",
        "mobile_phone",
        "voicemail_pin",
        "sms",
        "enable_dnd",
        "office_hours.mode",
        "office_hours.monday",
        "dnd_office_hours_forward_rule",
        "blfs[0].key",
        // What the tenant demands is judged with the rest.
        " password",
        "extension_password",
        "role",
    ] {
        assert!(fields.contains(field), "{field} is not in {answer}");
    }
}

#[tokio::test]
async fn members_of_a_wrong_type() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let draft = Draft::user("alice", "3001")
        .with("enabled", true)
        .with("enable_dnd", false)
        .with("sms", "DISABLE")
        .with("office_hours", json!({"mode": "GLOBAL"}))
        .with(
            "available_no_answer_forward_rule",
            json!({"action": "HANGUP", "timeout": 5}),
        )
        .with("custom_forward_rules", json!([]))
        .with("outbound_caller_ids", json!([]))
        .with("blfs", json!([]))
        .with("custom_options", "{}");
    scenarios::wrong_types(&admin, "/users", &draft, "/users").await;
    let id = admin.post("/users", draft).await.created();
    let path = format!("/users/{id}");
    let change = Draft::empty()
        .with("email", "a@b.test")
        .with("display_name", "A")
        .with("enabled", false)
        .with("voicemail_pin", "274916")
        .with("interface", "WEB_DOMAIN")
        .with("blfs", json!([]));
    scenarios::wrong_types(&admin, &path, &change, &path).await;
}

#[tokio::test]
async fn lengths_and_forms() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let long = |length: usize| Value::from("x".repeat(length));
    for (field, longest) in [
        ("display_name", 1024),
        ("mobile_phone", 32),
        ("work_phone", 32),
        ("home_phone", 32),
        ("address", 128),
        ("department", 128),
    ] {
        let draft = Draft::user("alice", "3001");
        let answer = admin
            .post("/users", draft.clone().with(field, long(longest + 1)))
            .await;
        assert_eq!(fields_of(&answer.fails(400, "VALIDATE_FAILED")), [field]);
        // Characters count, not bytes.
        let id = admin
            .post("/users", draft.with(field, "ä".repeat(longest)))
            .await
            .created();
        admin.act(&format!("/users/{id}/destroy")).await.destroyed();
    }
    for (field, bad) in [
        (
            "name",
            vec![
                "",
                ".a",
                "a.",
                "a b",
                "ä",
                "a@b",
                "a/b",
                "admin",
                "Root",
                "SYSTEM",
                "administrator",
            ],
        ),
        (
            "extension_number",
            vec!["", "12", "abc", "1 2 3", "555", "666", "777", "888", "+491"],
        ),
        ("email", vec!["nobody", "@x", "a b@c.test", "a@"]),
        (
            "voicemail_pin",
            vec![
                "",
                "12345",
                "12345678901",
                "27491x",
                "111274",
                "274222",
                "012749",
                "274789",
                "987274",
                "274321",
                "２７４９１６",
            ],
        ),
        (
            "role",
            vec![
                "",
                "Nonsense",
                "standarduser",
                "SystemAdmin",
                "Dealer",
                "Replicator",
            ],
        ),
        ("sms", vec!["", "allow"]),
        ("voicemail_play_datetime", vec!["12"]),
        ("interface", vec!["HOME"]),
        ("preferred_transport", vec!["WS"]),
        ("voicemail_prompt", vec!["not a tag", "x_y"]),
    ] {
        for value in bad {
            let answer = admin
                .post("/users", Draft::user("alice", "3001").with(field, value))
                .await;
            let answer = answer.fails(400, "VALIDATE_FAILED");
            assert!(
                fields_of(&answer).iter().all(|found| found == field),
                "{value:?}: {answer}"
            );
        }
    }
    for (number, (name, email)) in [
        ("o'Brien", "o'brien+x@mail.test"),
        ("a.b-c_d", ""),
        ("A1", "x@y.co.uk"),
    ]
    .into_iter()
    .enumerate()
    {
        let draft = Draft::user(name, &format!("31{number:02}")).with("email", email);
        admin.post("/users", draft).await.created();
    }
}

/// A trunk for caller ids to belong to.
async fn trunk(admin: &Person) -> String {
    let draft = Draft::provider("Carrier");
    admin.post("/providers", draft).await.created()
}

#[tokio::test]
async fn parts_of_structures() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let trunk = trunk(&admin).await;
    let hours = |day: Value| json!({"monday": day});
    let id = |provider: &str, number: &str| json!({"provider_id": provider, "caller_id": number});
    for (field, value, place) in [
        (
            "office_hours",
            hours(json!({"enabled": true, "ranges": [{"from": "9:00", "to": "17:00"}]})),
            "office_hours.monday",
        ),
        (
            "office_hours",
            hours(json!({"enabled": true, "ranges": [{"from": "17:00", "to": "17:00"}]})),
            "office_hours.monday",
        ),
        (
            "office_hours",
            hours(json!({"enabled": true, "ranges": [{"from": "09:00"}]})),
            "office_hours.monday",
        ),
        (
            "office_hours",
            hours(json!({"enabled": "yes"})),
            "office_hours.monday",
        ),
        (
            "office_hours",
            hours(json!({"enabled": true, "ranges": [{"from": "23:00", "to": "25:00"}]})),
            "office_hours.monday",
        ),
        (
            "offline_office_hours_forward_rule",
            json!({"action": "RING_ANYWAY"}),
            "offline_office_hours_forward_rule.action",
        ),
        (
            "busy_office_hours_forward_rule",
            json!({"number": "1"}),
            "busy_office_hours_forward_rule.action",
        ),
        (
            "available_no_answer_forward_rule",
            json!({"action": "HANGUP", "timeout": -1}),
            "available_no_answer_forward_rule.timeout",
        ),
        (
            "available_no_answer_forward_rule",
            json!({"action": "HANGUP", "timeout": 1.5}),
            "available_no_answer_forward_rule.timeout",
        ),
        (
            "available_no_answer_forward_rule",
            json!({"action": "HANGUP", "timeout": 2_147_483_648_u64}),
            "available_no_answer_forward_rule.timeout",
        ),
        (
            "custom_forward_rules",
            json!([{"action": "HANGUP", "type": "SOMETIMES"}]),
            "custom_forward_rules[0].type",
        ),
        (
            "custom_forward_rules",
            json!([{"action": "HANGUP"}, {}]),
            "custom_forward_rules[1].action",
        ),
        (
            "outbound_caller_ids",
            json!([id(&trunk, "")]),
            "outbound_caller_ids[0].caller_id",
        ),
        (
            "outbound_caller_ids",
            json!([id(&trunk, &"1".repeat(65))]),
            "outbound_caller_ids[0].caller_id",
        ),
        (
            "outbound_caller_ids",
            json!([id("x y", "1")]),
            "outbound_caller_ids[0].provider_id",
        ),
        (
            "outbound_caller_ids",
            Value::from(vec![id(&trunk, "1"); 101]),
            "outbound_caller_ids",
        ),
        ("blfs", json!([{"key": 7}]), "blfs[0].key"),
        ("custom_options", json!("x".repeat(65_537)), "custom_options"),
    ] {
        let answer = admin
            .post("/users", Draft::user("alice", "3001").with(field, value.clone()))
            .await;
        let answer = answer.fails(400, "VALIDATE_FAILED");
        assert!(
            fields_of(&answer).iter().all(|found| found.starts_with(place)),
            "{value} gives {answer}"
        );
    }
    assert_eq!(admin.get("/users").await.is(200)["count"], 1);
}

#[tokio::test]
async fn names_and_numbers_never_change() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    for (person, path) in [
        (&admin, format!("/users/{}", alice.id)),
        (&alice, "/user".to_owned()),
    ] {
        let before = person.get(&path).await.is(200);
        for (field, value) in [("name", json!("bob")), ("extension_number", json!("3999"))] {
            let body = json!({field: value, "department": "changed"});
            let answer = person.post(&path, body).await.fails(400, "VALIDATE_FAILED");
            assert_eq!(fields_of(&answer), [field]);
        }
        assert_eq!(person.get(&path).await.is(200).text(), before.text());
    }
}

#[tokio::test]
async fn what_another_user_has_already() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    admin.post("/users", Draft::user("alice", "3001")).await.created();
    let bob = admin.post("/users", Draft::user("bob", "3002")).await.created();
    for (draft, field) in [
        (
            Draft::user("ALICE", "3003").with("email", "other@mail.test"),
            "name",
        ),
        (Draft::user("carol", "3001"), "extension_number"),
        (
            Draft::user("carol", "3003").with("email", "Alice@mail.test"),
            "email",
        ),
    ] {
        let answer = admin.post("/users", draft).await.fails(409, "ALREADY_EXISTS");
        assert_eq!(fields_of(&answer), [field]);
    }
    let answer = admin
        .post(&format!("/users/{bob}"), json!({"email": "alice@mail.test"}))
        .await;
    assert_eq!(fields_of(&answer.fails(409, "ALREADY_EXISTS")), ["email"]);
    assert_eq!(admin.get("/users").await.is(200)["count"], 3);
    // In another tenant all of it is free; and no address at all is not an address that two have.
    let other = server.portsip().company("other.test").await;
    other
        .admin
        .post("/users", Draft::user("alice", "3001"))
        .await
        .created();
    for (name, number) in [("none", "3010"), ("none2", "3011")] {
        admin
            .post("/users", Draft::user(name, number).with("email", ""))
            .await
            .created();
    }
}

#[tokio::test]
async fn a_tenant_has_a_limit_of_extensions() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let home = portsip.home().await;
    let root = portsip.root().await;
    root.post(&format!("/tenants/{}", home.id), json!({"max_extensions": 2}))
        .await
        .changed();
    let second = admin
        .post("/users", Draft::user("second", "3001"))
        .await
        .created();
    let _ = admin
        .post("/users", Draft::user("third", "3002"))
        .await
        .fails(409, "LIMIT_REACHED");
    assert_eq!(admin.get("/users").await.is(200)["count"], 2);
    admin.act(&format!("/users/{second}/destroy")).await.destroyed();
    admin.post("/users", Draft::user("third", "3002")).await.created();
}

#[tokio::test]
async fn what_one_may_not_do_to_oneself() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let before = alice.get("/user").await.is(200);
    let _ = alice
        .post("/user", json!({"sms": "ALLOW"}))
        .await
        .fails(403, "FORBIDDEN");
    let _ = alice.post("/user", json!({"enabled": false})).await;
    let _ = alice.post("/user", json!({"role": "Admin"})).await;
    assert_eq!(alice.get("/user").await.is(200).text(), before.text());
    // The value that is there already is no change.
    alice
        .post("/user", json!({"sms": "DISABLE", "department": "x"}))
        .await
        .changed();
    let queue = server.portsip().user_as("queue", "QueueManager").await;
    queue.post("/user", json!({"sms": "ALLOW"})).await.changed();
    assert_eq!(queue.get("/user").await.is(200)["sms"], "ALLOW");
    let _ = alice
        .post("/user", json!({"avatar_file_id": "x"}))
        .await
        .fails(400, "VALIDATE_FAILED");
}
