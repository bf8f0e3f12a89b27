//! Ring groups and their members.

use jackfield_testkit::{
    Draft, TestServer,
    scenarios::{self, Collection, Kind},
};
use serde_json::json;

const GROUPS: Collection = Collection {
    path: "/ring_groups",
    key: "id",
    fields: &[
        ("id", Kind::Number),
        ("name", Kind::Text),
        ("extension_number", Kind::Text),
        ("ring_time", Kind::Number),
        ("ring_strategy", Kind::Text),
    ],
};

/// A ring group with every value that can be given, none of them the default one.
fn full(trunk: &str) -> Draft {
    Draft::ring_group("Sales", "6100")
        .with("ring_strategy", "PAGING_INTERCOM")
        .with("ring_time", 0)
        .with("skip_busy_member", true)
        .with("enable_paid", true)
        .with("enable_prid", true)
        .with("extension_number_as_to_header", true)
        .with(
            "no_answer_forward_rule",
            json!({"action": "REPEAT", "number": ""}),
        )
        .with(
            "night_mode_forward_rule",
            json!({"action": "FORWARD_TO_NUMBER", "number": "2001"}),
        )
        .with(
            "outbound_caller_ids",
            json!([{"provider_id": trunk, "caller_id": "+4930", "description": "main"}]),
        )
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
    let id = admin.post("/ring_groups", draft.clone()).await.made();
    let path = format!("/ring_groups/{id}");
    let mut expected = draft.json();
    expected["id"] = id.as_str().into();
    assert_eq!(admin.get(&path).await.is(200).json(), &expected);
    let mut line = expected.clone();
    line.as_object_mut()
        .expect("an object")
        .remove("outbound_caller_ids");
    assert_eq!(admin.get("/ring_groups").await.is(200)["items"], json!([line]));
    admin
        .post(
            &path,
            json!({"name": "Desk", "skip_busy_member": false, "no_answer_forward_rule": {"action": "HANGUP"}}),
        )
        .await
        .changed();
    expected["name"] = "Desk".into();
    expected["skip_busy_member"] = false.into();
    expected["no_answer_forward_rule"] = json!({"action": "HANGUP", "number": ""});
    assert_eq!(admin.get(&path).await.is(200).json(), &expected);

    // The trunk stays as long as the group refers to it.
    let destroy = format!("/providers/{trunk}/destroy");
    let _ = admin.act(&destroy).await.fails(409, "IN_USE").says("ring group");
    admin.act(&format!("{path}/destroy")).await.destroyed();
    admin.act(&destroy).await.destroyed();
    for answer in [
        admin.get(&path).await,
        admin.post(&path, json!({})).await,
        admin.get(&format!("{path}/agents")).await,
        admin.act(&format!("{path}/destroy")).await,
    ] {
        let _ = answer.fails(404, "NOT_FOUND");
    }
    // Its number came free.
    admin
        .post("/call_queues", Draft::call_queue("Support", "6100"))
        .await
        .made();
}

#[tokio::test]
async fn wrong_groups_are_named() {
    let server = TestServer::start().await;
    let admin = server.portsip().admin().await;
    let trunk = admin
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let all = admin
        .post("/ring_groups", json!({}))
        .await
        .fails(400, "VALIDATE_FAILED");
    for field in ["name", "extension_number"] {
        let _ = all.clone().says(&format!("{field} is required"));
    }
    for (field, value, place) in [
        ("name", json!(" x"), "name"),
        ("extension_number", json!("6"), "extension_number"),
        ("ring_strategy", json!("ALL"), "ring_strategy"),
        ("ring_time", json!(-1), "ring_time"),
        (
            "no_answer_forward_rule",
            json!({"action": "RING"}),
            "no_answer_forward_rule.action",
        ),
        (
            "no_answer_forward_rule",
            json!("HANGUP"),
            "no_answer_forward_rule",
        ),
        (
            "outbound_caller_ids",
            json!([{"provider_id": "99", "caller_id": "1"}]),
            "outbound_caller_ids[0].provider_id",
        ),
    ] {
        let draft = Draft::ring_group("Sales", "6100").with(field, value.clone());
        let answer = admin
            .post("/ring_groups", draft)
            .await
            .fails(400, "VALIDATE_FAILED");
        assert_eq!(
            answer["errors"][0]["detail"]["field"], place,
            "{value} gives {answer}"
        );
    }
    let taken = Draft::ring_group("Sales", &admin.number);
    let _ = admin
        .post("/ring_groups", taken)
        .await
        .fails(409, "ALREADY_EXISTS")
        .says("extension_number");
    let draft = full(&trunk);
    scenarios::wrong_types(&admin, "/ring_groups", &draft, "/ring_groups").await;
    let id = admin.post("/ring_groups", draft.clone()).await.made();
    let path = format!("/ring_groups/{id}");
    scenarios::wrong_types(&admin, &path, &draft.without("extension_number"), &path).await;
}

#[tokio::test]
async fn members_are_set_as_a_list() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let (alice, bob) = (portsip.user("alice").await, portsip.user("bob").await);
    let id = admin
        .post("/ring_groups", Draft::ring_group("Sales", "6100"))
        .await
        .made();
    let members = format!("/ring_groups/{id}/agents");
    let list = json!({"items": [{"extension_number": bob.number, "skill_level": 2}, {"extension_number": alice.number}]});
    admin.post(&members, list).await.changed();
    let expected = json!({"items": [
        {"extension_number": bob.number, "display_name": "Person bob", "skill_level": 2},
        {"extension_number": alice.number, "display_name": "Person alice", "skill_level": 1},
    ]});
    assert_eq!(admin.get(&members).await.is(200).json(), &expected);
    let one = admin.get(&format!("{members}/{}", bob.number)).await.is(200);
    assert_eq!(one.json(), &expected["items"][0]);
    let line = json!([{"id": id, "name": "Sales", "extension_number": "6100"}]);
    for person in [&alice, &bob] {
        assert_eq!(person.get("/user/ring_groups").await.is(200)["items"], line);
        assert_eq!(person.get("/user/call_queues").await.is(200)["items"], json!([]));
    }
    let _ = admin
        .post(&members, json!({"items": [{"extension_number": "99999"}]}))
        .await
        .fails(400, "VALIDATE_FAILED")
        .says("items[0].extension_number");
    admin.act(&format!("/users/{}/destroy", bob.id)).await.destroyed();
    assert_eq!(
        admin.get(&members).await.is(200).column("display_name"),
        ["Person alice"]
    );
    for number in [bob.number.as_str(), "99999"] {
        let _ = admin
            .get(&format!("{members}/{number}"))
            .await
            .fails(404, "NOT_FOUND");
    }
    // The members of a ring group have no status to be set.
    let status = json!({"status": "READY"});
    let answer = admin.post(&format!("{members}/{}", alice.number), status).await;
    let _ = answer.is(405);
}

#[tokio::test]
async fn lists_of_ring_groups() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    for (index, (name, strategy)) in [
        ("Sales", "PAGING_INTERCOM"),
        ("Desk", "PRIORITIZED_HUNT"),
        ("desk at night", "RING_SIMULTANEOUSLY"),
        ("Über", "PRIORITIZED_HUNT"),
    ]
    .into_iter()
    .enumerate()
    {
        let draft = Draft::ring_group(name, &format!("61{index}0"))
            .with("ring_time", 30 - index)
            .with("ring_strategy", strategy);
        admin.post("/ring_groups", draft).await.made();
    }
    scenarios::paging(&admin, GROUPS).await;
    scenarios::ordering(&admin, GROUPS).await;
    scenarios::filtering(&admin, GROUPS).await;
    let other = portsip.company("other.test").await;
    scenarios::apart(&admin, &other.admin, GROUPS).await;
}
