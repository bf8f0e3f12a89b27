//! Routes for calls that come in and go out.

use jackfield_testkit::{Answer, Caller, Draft, Request, TestServer};
use serde_json::{Value, json};

const IN: &str = "/inbound_routes";
const OUT: &str = "/outbound_routes";

async fn patch(caller: &Caller, path: &str, body: Value) -> Answer {
    caller.send(Request::new("PATCH", path).json(&body)).await
}

/// Where a wrong request is wrong.
fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["pointer"].as_str().expect("a pointer").to_owned())
        .collect()
}

#[tokio::test]
async fn routes_are_made_changed_and_removed() {
    let server = TestServer::start().await;
    let home = server.portsip().home().await;
    let made = home.admin.post("/providers", Draft::provider("Carrier")).await;
    let trunk: i64 = made.created().parse().expect("an id is a number");
    let admin = server.native().person(&home.admin);
    for (path, body, whole, change, word) in [
        (
            IN,
            json!({"called": "4930*", "target": "6000"}),
            json!({"called": "4930*", "target": "6000", "priority": 0, "description": ""}),
            json!({"trunk_id": trunk, "priority": 7}),
            "inbound_route",
        ),
        (
            OUT,
            json!({"trunk_id": trunk}),
            json!({"prefix": "+", "trunk_id": trunk, "priority": 0, "strip": 0, "prepend": "", "description": ""}),
            json!({"prefix": "+49", "strip": 2, "prepend": "0", "priority": 7, "description": "home"}),
            "outbound_route",
        ),
    ] {
        let made = admin.post(path, body.clone()).await.is(201);
        let id = made["id"].as_i64().expect("an id");
        let mut expected = whole;
        expected["id"] = json!(id);
        assert_eq!(made.json(), &expected);
        let own = format!("{path}/{id}");
        assert_eq!(admin.get(&own).await.is(200).json(), &expected);
        assert_eq!(admin.get(path).await.is(200)["items"], json!([expected]));
        let _ = admin.post(path, body).await.problem(409, "already-exists");
        for (name, value) in change.as_object().expect("an object") {
            expected[name] = value.clone();
        }
        assert_eq!(patch(&admin, &own, change).await.is(200).json(), &expected);
        admin.delete(&own).await.destroyed();
        for answer in [
            admin.get(&own).await,
            patch(&admin, &own, json!({})).await,
            admin.delete(&own).await,
        ] {
            let _ = answer.problem(404, "not-found");
        }
        let journal = server.journal(home.id.parse().expect("a number")).await;
        let tail: Vec<_> = journal
            .iter()
            .filter(|line| line.kind == word)
            .map(|line| (line.record, line.change.as_str()))
            .collect();
        assert_eq!(tail, [(id, "CREATED"), (id, "UPDATED"), (id, "DELETED")]);
    }
}

#[tokio::test]
async fn a_trunk_that_a_route_names_stays() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let door = portsip.admin().await;
    let admin = server.native().person(&door);
    let trunk = door
        .post("/providers", Draft::provider("Carrier"))
        .await
        .created();
    let other = door.post("/providers", Draft::provider("Other")).await.created();
    let trunk_id: i64 = trunk.parse().expect("an id is a number");
    for (path, body, word) in [
        (
            IN,
            json!({"called": "4930*", "target": "6000", "trunk_id": trunk_id}),
            "inbound route",
        ),
        (OUT, json!({"trunk_id": trunk_id}), "outbound route"),
    ] {
        let route = admin.post(path, body).await.is(201)["id"].clone();
        let destroy = format!("/providers/{trunk}/destroy");
        let _ = door.act(&destroy).await.fails(409, "IN_USE").says(word);
        assert_eq!(
            door.get(&format!("/providers/{trunk}")).await.is(200)["name"],
            "Carrier"
        );
        admin.delete(&format!("{path}/{route}")).await.destroyed();
    }
    // One that names no trunk is in nobody's way.
    let _ = admin
        .post(IN, json!({"called": "4930*", "target": "6000"}))
        .await
        .is(201);
    let id: i64 = other.parse().expect("an id is a number");
    let _ = admin.post(OUT, json!({"trunk_id": id})).await.is(201);
    door.act(&format!("/providers/{trunk}/destroy")).await.destroyed();
}

#[tokio::test]
async fn a_route_has_to_lead_somewhere() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let foreign = other.admin.post("/providers", Draft::provider("Carrier")).await;
    let foreign: i64 = foreign.created().parse().expect("an id is a number");
    let admin = server.native().person(&home.admin);
    for (path, body, wrong) in [
        (IN, json!({}), vec!["#/called", "#/target"]),
        (
            IN,
            json!({"called": "+49", "target": "x"}),
            vec!["#/called", "#/target"],
        ),
        (
            IN,
            json!({"called": 7, "target": []}),
            vec!["#/called", "#/target"],
        ),
        (
            IN,
            json!({"called": "49", "target": "1", "priority": 1001}),
            vec!["#/priority"],
        ),
        (
            IN,
            json!({"called": "49", "target": "1", "trunk_id": foreign}),
            vec!["#/trunk_id"],
        ),
        (OUT, json!({}), vec!["#/trunk_id"]),
        (
            OUT,
            json!({"prefix": "49", "trunk_id": 7, "strip": 33}),
            vec!["#/prefix", "#/strip"],
        ),
        (
            OUT,
            json!({"trunk_id": "x", "prepend": "a"}),
            vec!["#/trunk_id", "#/prepend"],
        ),
        (OUT, json!({"trunk_id": foreign}), vec!["#/trunk_id"]),
    ] {
        let answer = admin.post(path, body.clone()).await.problem(422, "invalid");
        assert_eq!(pointers(&answer), wrong, "{path} {body}");
    }
    let made = admin
        .post(IN, json!({"called": "49", "target": "1"}))
        .await
        .is(201);
    let own = format!("{IN}/{}", made["id"]);
    for (body, wrong) in [
        (json!({"called": null}), "#/called"),
        (json!({"target": ""}), "#/target"),
        (json!({"trunk_id": foreign}), "#/trunk_id"),
    ] {
        let answer = patch(&admin, &own, body).await.problem(422, "invalid");
        assert_eq!(pointers(&answer), [wrong]);
    }
    assert_eq!(admin.get(&own).await.is(200)["called"], "49");
}

#[tokio::test]
async fn a_plan_says_which_route_it_followed() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    portsip.employ(home, Draft::user("ada", "1001")).await;
    for name in ["One", "Two"] {
        let draft = Draft::provider(name)
            .with("did_numbers", "4930100-4930199")
            .with("concurrency", 0);
        let made = home.admin.post("/providers", draft).await;
        let trunk: i64 = made.created().parse().expect("an id is a number");
        let admin = server.native().person(&home.admin);
        let body = json!({"prefix": "+49", "trunk_id": trunk, "priority": 10 - trunk % 10, "strip": 2, "prepend": "0"});
        let _ = admin.post(OUT, body).await.is(201);
    }
    let admin = server.native().person(&home.admin);
    let _ = admin
        .post(IN, json!({"called": "49301*", "target": "1001"}))
        .await
        .is(201);
    let explain = async |from: &str, to: &str| {
        let answer = admin
            .post("/routes/explain", json!({"from": from, "to": to}))
            .await;
        answer.is(200)["steps"][0].clone()
    };
    let step = explain("1001", "030901820").await;
    let target = &step["targets"][0];
    assert_eq!(
        (&target["trunk"], &target["number"]),
        (&json!("Two"), &json!("030901820"))
    );
    assert!(
        step["because"].to_string().contains("leads to trunk Two"),
        "{step}"
    );
    let step = explain("0170", "030101").await;
    assert!(
        step["because"].to_string().contains("(49301*) leads it to 1001"),
        "{step}"
    );
    assert_eq!(step["path"], json!(["1001"]));
}
