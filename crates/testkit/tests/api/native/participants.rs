//! Who joins meetings and who leaves them, as engines report it.

use jackfield_testkit::{Caller, Draft, Person, TestServer};
use serde_json::{Value, json};

/// A meeting that goes on, its owner, and the telephone system.
async fn meeting(server: &TestServer) -> (Person, Caller, String) {
    let ada = server.portsip().user("ada").await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let id = ada.meeting(Draft::meeting("x")).await;
    ada.act(&format!("/user/meetings/{id}/start")).await.changed();
    (ada, engine, id)
}

fn path(meeting: &str) -> String {
    format!("/feed/meetings/{meeting}/participants")
}

fn item(id: &str, attendance: &str, number: &str) -> Value {
    json!({"external_id": id, "attendance": attendance, "number": number})
}

async fn names(ada: &Person, meeting: &str) -> Vec<String> {
    let path = format!("/user/meetings/{meeting}/participants");
    ada.get(&path).await.is(200).column("display_name")
}

#[tokio::test]
async fn people_come_and_go() {
    let server = TestServer::start().await;
    let (ada, engine, id) = meeting(&server).await;
    let ben = server.portsip().user("ben").await;
    let mut named = item("c", "joined", "+49302");
    named["display_name"] = "Praxis".into();
    let batch = json!([
        item("a", "joined", &ben.number),
        item("b", "joined", "+49301"),
        named
    ]);
    let _ = engine.post(&path(&id), batch.clone()).await.took([3, 0, 0, 0]);
    let _ = engine.post(&path(&id), batch).await.took([0, 3, 0, 0]);
    assert_eq!(names(&ada, &id).await, ["Person ben", "+49301", "Praxis"]);
    let lines = format!("{}\n{}\n", item("d", "joined", "1"), item("d", "left", ""));
    let _ = engine.stream(&path(&id), lines).await.took([2, 0, 0, 0]);
    // Who was put out is out; that he leaves is known then.
    let list = format!("/user/meetings/{id}/participants");
    let two = ada.get(&list).await.is(200).column("id")[1].clone();
    ada.act(&format!("{list}/{two}/destroy")).await.destroyed();
    let _ = engine
        .post(&path(&id), json!([item("b", "left", ""), item("a", "left", "")]))
        .await
        .took([1, 1, 0, 0]);
    assert_eq!(names(&ada, &id).await, ["Praxis"]);
}

#[tokio::test]
async fn what_the_meeting_does_not_allow_is_refused() {
    let server = TestServer::start().await;
    let (ada, engine, id) = meeting(&server).await;
    let path = path(&id);
    let answer = engine
        .post(
            &path,
            json!([
                {"external_id": "", "attendance": "gone", "number": 7},
                item("nobody", "left", ""),
                item("a", "joined", "1"),
                item("b", "joined", "1\u{0}"),
            ]),
        )
        .await
        .took([1, 0, 0, 3]);
    let pointers: Vec<Vec<&str>> = (0..3)
        .map(|index| {
            let errors = answer["errors"][index]["errors"].as_array().expect("errors");
            errors
                .iter()
                .filter_map(|flaw| flaw["pointer"].as_str())
                .collect()
        })
        .collect();
    assert_eq!(
        pointers,
        [
            vec!["#/attendance", "#/number", "#/external_id"],
            vec![],
            vec!["#/number"]
        ]
    );
    ada.act(&format!("/user/meetings/{id}/lock")).await.changed();
    let answer = engine
        .post(&path, item("c", "joined", "2"))
        .await
        .problem(422, "invalid");
    assert!(answer.text().contains("locked"), "{answer}");
    ada.act(&format!("/user/meetings/{id}/stop")).await.changed();
    let answer = engine
        .post(&path, item("c", "joined", "2"))
        .await
        .problem(422, "invalid");
    assert!(answer.text().contains("not running"), "{answer}");
    let other = server.portsip().company("other.test").await;
    let other = server.native().engine(&other).await;
    let foreign = other.post(&path, item("c", "joined", "2")).await;
    let foreign = foreign.problem(404, "not-found");
    let unknown = engine
        .post("/feed/meetings/1/participants", item("c", "joined", "2"))
        .await;
    assert_eq!(unknown.problem(404, "not-found")["detail"], foreign["detail"]);
    let _ = engine
        .post("/feed/meetings/x/participants", item("c", "joined", "2"))
        .await
        .problem(400, "unreadable");
}
