//! Which way calls would go.

use jackfield_testkit::{Answer, Draft, TestServer};
use serde_json::{Value, json};

const PATH: &str = "/routes/explain";
/// A Tuesday, 10:00 and 19:30 in Berlin.
const OPEN: &str = "2026-11-24T10:00:00+01:00";
const CLOSED: &str = "2026-11-24T18:30:00Z";

/// The reasons of a step in one text.
fn because(step: &Value) -> String {
    let reasons = step["because"].as_array().expect("reasons").iter();
    let reasons: Vec<_> = reasons.map(|reason| reason.as_str().expect("a text")).collect();
    reasons.join("; ")
}

/// Where a wrong request is wrong.
fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["pointer"].as_str().expect("a pointer").to_owned())
        .collect()
}

#[tokio::test]
async fn the_steps_of_a_call_and_their_reasons() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let home = portsip.home().await;
    for (name, number) in [("ada", "1001"), ("ben", "1002"), ("carl", "1003")] {
        let draft = Draft::user(name, number);
        let rule = json!({"action": "FORWARD_TO_NUMBER", "number": "1003"});
        portsip
            .employ(home, draft.with("available_non_office_hours_forward_rule", rule))
            .await;
    }
    let engine = native.engine(home).await;
    let device = |number: &str, instance: &str| json!({"extension_number": number, "instance_id": instance, "expires_at": "2026-03-02T09:00:00Z"});
    let devices = json!([
        device("1002", "desk"),
        device("1002", "mobile"),
        device("1003", "desk")
    ]);
    let _ = engine
        .post("/feed/registrations", devices)
        .await
        .took([3, 0, 0, 0]);
    let admin = native.person(&home.admin);
    let before = server.journal(home.id.parse().expect("a number")).await.len();

    let open = admin
        .post(
            PATH,
            json!({"tenant": "HOME.test", "from": "1001", "to": "1002", "at": OPEN}),
        )
        .await
        .is(200);
    assert_eq!(
        (&open["at"], &open["extension_number"]),
        (&json!("2026-11-24T09:00:00Z"), &json!("1001"))
    );
    let step = &open["steps"][0];
    assert_eq!(
        because(step),
        "Tuesday 10:00 Europe/Berlin is within the office hours of the tenant, 09:00 to 17:00; presence of user 1002 is \
         available; rule available_office_hours_forward_rule rings; user 1002 is rung on 2 phones at once"
    );
    assert_eq!(
        (&step["action"], &step["targets"], &step["seconds"], &step["path"]),
        (
            &json!("ring"),
            &json!([{"number": "1002", "instance_id": "desk"}, {"number": "1002", "instance_id": "mobile"}]),
            &json!(60),
            &json!(["1002"])
        )
    );
    // Without a media engine nothing takes a message, and the caller is told.
    let missed = &open["steps"]
        [usize::try_from(step["next"]["no_answer"].as_u64().expect("a step")).expect("a place")];
    assert_eq!(
        (
            &missed["action"],
            &missed["number"],
            &missed["status"],
            missed.get("next")
        ),
        (&json!("voicemail"), &json!("1002"), &json!(480), None)
    );
    assert!(because(missed).contains("needs a media engine"), "{missed}");

    let closed = admin
        .post(PATH, json!({"from": "1001", "to": "10 02", "at": CLOSED}))
        .await
        .is(200);
    let step = &closed["steps"][0];
    assert!(
        because(step).starts_with(
            "Tuesday 19:30 Europe/Berlin is outside of the office hours of the tenant; presence of user 1002 is \
             available; rule available_non_office_hours_forward_rule → 1003; "
        ),
        "{step}"
    );
    // Ada's rule would send it back to where it was.
    assert_eq!(
        (&step["action"], &step["status"]),
        (&json!("refuse"), &json!(482))
    );
    let after = server.journal(home.id.parse().expect("a number")).await.len();
    assert_eq!(after, before, "explaining changed something");
}

#[tokio::test]
async fn calls_through_groups_and_trunks() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let home = portsip.home().await;
    let ada = portsip.employ(home, Draft::user("ada", "1001")).await;
    portsip.employ(home, Draft::user("ben", "1002")).await;
    let engine = native.engine(home).await;
    let device =
        json!({"extension_number": "1002", "instance_id": "desk", "expires_at": "2026-03-02T09:00:00Z"});
    let _ = engine
        .post("/feed/registrations", device)
        .await
        .took([1, 0, 0, 0]);
    let trunk = Draft::provider("Carrier").with("did_numbers", "6100;49301-49309");
    let trunk = home.admin.post("/providers", trunk).await.created();
    let rule = json!({"action": "FORWARD_TO_NUMBER", "number": "+41446681800"});
    let ids = json!([{"provider_id": trunk, "caller_id": "+49301", "description": ""}]);
    let group = Draft::ring_group("Sales", "6100")
        .with("no_answer_forward_rule", rule)
        .with("outbound_caller_ids", ids);
    let group = home.admin.post("/ring_groups", group).await.made();
    let members = json!({"items": [{"extension_number": "1001"}, {"extension_number": "1002"}]});
    home.admin
        .post(&format!("/ring_groups/{group}/agents"), members)
        .await
        .changed();
    let admin = native.person(&home.admin);

    let inbound = admin
        .post(PATH, json!({"from": "+33123456789", "to": "6100"}))
        .await
        .is(200);
    assert!(inbound["extension_number"].is_null(), "{inbound}");
    let step = &inbound["steps"][0];
    assert_eq!(
        (&step["service_number"], &step["targets"]),
        (
            &json!("6100"),
            &json!([{"number": "1002", "instance_id": "desk"}])
        )
    );
    assert!(
        because(step).contains("1001 has no phone registered and is left out"),
        "{step}"
    );
    let out = &inbound["steps"][1];
    assert_eq!(
        out["targets"],
        json!([{"number": "+41446681800", "trunk": "Carrier", "caller_id": "+49301"}])
    );

    let abroad = admin
        .post(PATH, json!({"from": "1001", "to": "+41446681800"}))
        .await
        .is(200);
    assert_eq!(abroad["steps"][0]["status"], 403);
    let help = admin
        .post(PATH, json!({"from": "1001", "to": "112"}))
        .await
        .is(200);
    assert_eq!(
        help["steps"][0]["targets"][0],
        json!({"number": "112", "trunk": "Carrier"})
    );
    let user = json!({"anonymous_outbound_calls": true});
    let path = format!("/users/{}", ada.id);
    home.admin.post(&path, user).await.changed();
    let hidden = admin
        .post(PATH, json!({"from": "1001", "to": "030901820"}))
        .await
        .is(200);
    assert_eq!(
        hidden["steps"][0]["targets"],
        json!([{"number": "+4930901820", "trunk": "Carrier", "anonymous": true}])
    );
    let unknown = admin
        .post(PATH, json!({"from": "1001", "to": "1999"}))
        .await
        .is(200);
    assert_eq!(unknown["steps"][0]["status"], 404);
}

#[tokio::test]
async fn who_may_ask_and_for_which_tenant() {
    let server = TestServer::start().await;
    let (native, portsip) = (server.native(), server.portsip());
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let ask = |tenant: &str| json!({"tenant": tenant, "from": "1001", "to": "1002"});
    let admin = native.person(&home.admin);
    let _ = admin.post(PATH, ask("home.test")).await.is(200);
    for unknown in ["other.test", "nobody.test", ""] {
        let _ = admin.post(PATH, ask(unknown)).await.problem(404, "not-found");
    }
    // The same extension of another tenant is not this one's.
    portsip.employ(&other, Draft::user("olga", "1002")).await;
    let route = admin.post(PATH, ask("home.test")).await.is(200);
    assert_eq!(route["steps"][0]["status"], 404, "{route}");
    let queen = portsip.user_as("queen", "QueueManager").await;
    let _ = native.person(&queen).post(PATH, ask("home.test")).await.is(200);
    let plain = portsip.user("plain").await;
    let _ = native
        .person(&plain)
        .post(PATH, ask("home.test"))
        .await
        .problem(403, "forbidden");
    // A system administrator chooses a tenant first.
    let root = portsip.root().await;
    let _ = native
        .person(&root)
        .post(PATH, ask("home.test"))
        .await
        .problem(403, "forbidden");
    root.act_in(&other.id).await;
    let _ = native.person(&root).post(PATH, ask("other.test")).await.is(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_named() {
    let server = TestServer::start().await;
    let admin = server.native().person(&server.portsip().admin().await);
    for (body, wrong) in [
        (json!({}), &["#/from", "#/to"][..]),
        (json!({"from": "", "to": "x".repeat(257)}), &["#/from", "#/to"]),
        (
            json!({"from": 1001, "to": "1002", "tenant": 7}),
            &["#/tenant", "#/from"],
        ),
        (json!({"from": "1", "to": "a\nb"}), &["#/to"]),
        (
            json!({"from": "1", "to": "2", "at": "2026-11-24T19:30:00"}),
            &["#/at"],
        ),
    ] {
        let answer = admin.post(PATH, body).await.problem(422, "invalid");
        assert_eq!(pointers(&answer), wrong, "{answer}");
    }
    // Strange callers and numbers are no defect.
    for text in [
        "\u{1f4de}",
        "'; DROP TABLE users; --",
        "+",
        "*#",
        "%00",
        "sip:a@b",
        "ⅷ",
        "\u{202e}1002",
    ] {
        let answer = admin.post(PATH, json!({"from": text, "to": text})).await.is(200);
        assert_eq!(answer["steps"][0]["status"], 404, "{answer}");
    }
    for (moment, said) in [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
    ] {
        let answer = admin
            .post(PATH, json!({"from": "1", "to": "2", "at": moment}))
            .await
            .is(200);
        assert_eq!(answer["at"], said);
    }
}
