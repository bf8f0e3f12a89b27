//! Voicemail boxes, as engines report them.

use jackfield_testkit::{Answer, TestServer};
use serde_json::{Value, json};

const PATH: &str = "/feed/mailboxes";

/// What is wrong with the one item.
fn pointers(answer: &Answer) -> Vec<Value> {
    let errors = answer["receipt"]["errors"][0]["errors"].as_array();
    let errors = errors.expect("errors").iter();
    errors.map(|error| error["pointer"].clone()).collect()
}

#[tokio::test]
async fn the_last_report_of_a_box_counts() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let engine = server.native().engine(portsip.home().await).await;
    let report = |number: &str, new: i64| json!({"extension_number": number, "new_messages": new});
    let _ = engine.post(PATH, report(&ada.number, 2)).await.took([1, 0, 0, 0]);
    let _ = engine.post(PATH, report(&ada.number, 2)).await.took([0, 1, 0, 0]);
    // Of two about one box the second counts, and a bad one spoils no other.
    let batch = json!([
        report(&ada.number, 3),
        report(&ada.number, 2),
        report("9999", 1),
        report(&ben.number, 0),
    ]);
    let _ = engine.post(PATH, batch).await.took([3, 0, 0, 1]);
    let _ = engine.post(PATH, report(&ada.number, 2)).await.took([0, 1, 0, 0]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let ada = portsip.user("ada").await;
    let other = portsip.company("other.test").await;
    let engine = server.native().engine(portsip.home().await).await;
    let good = json!({"extension_number": ada.number, "new_messages": 2, "old_messages": 1});
    for (name, value) in [
        ("extension_number", json!("9999")),
        ("extension_number", json!(other.admin.number)),
        ("extension_number", json!(1001)),
        ("new_messages", json!(-1)),
        ("new_messages", json!("2")),
        ("new_messages", Value::Null),
        ("old_messages", json!(100_001)),
        ("old_messages", json!(true)),
        ("urgent_new_messages", json!(3)),
        ("urgent_old_messages", json!(2)),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value.clone();
        let answer = engine.post(PATH, wrong).await.problem(422, "invalid");
        assert_eq!(
            pointers(&answer),
            [json!(format!("#/{name}"))],
            "{value}: {answer}"
        );
    }
    let answer = engine.post(PATH, json!({})).await.problem(422, "invalid");
    assert_eq!(pointers(&answer), ["#/new_messages", "#/extension_number"]);
}
