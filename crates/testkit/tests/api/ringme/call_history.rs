//! Calls that took place.

use jackfield_testkit::{Person, RingMe, TestServer};
use serde_json::{Value, json};

use super::{extension, fails, says};

const PATH: &str = "/client/@me/call_history/";

/// Three calls: ada to ben, from outside to ben, and ben to the outside; and a program that may see all of them.
async fn three_calls(server: &TestServer) -> (RingMe, Person, Person) {
    let portsip = server.portsip();
    let home = portsip.home().await;
    let (ada, ben) = (portsip.user("ada").await, portsip.user("ben").await);
    let engine = server.native().engine(home).await;
    let call = |id: &str, minute: u32, direction: &str, caller: &str, callee: &str| {
        json!({
            "external_id": id, "direction": direction, "caller": caller, "callee": callee,
            "started_at": format!("2026-03-02T08:{minute:02}:00.4Z"), "ended_at": format!("2026-03-02T08:{minute:02}:31Z"),
        })
    };
    let mut spoken = call("a", 0, "internal", &ada.number, &ben.number);
    spoken["answered_at"] = json!("2026-03-02T08:00:06.4Z");
    spoken["end_reason"] = json!("callee_disconnected");
    spoken["status_code"] = json!(200);
    spoken["caller_display_name"] = json!("Ada");
    let mut busy = call("b", 1, "inbound", "+4930123456", &ben.number);
    busy["status_code"] = json!(486);
    busy["did_cid"] = json!("+4930555100");
    let mut given_up = call("c", 2, "outbound", &ben.number, "+4930123456");
    given_up["status_code"] = json!(487);
    given_up["end_reason"] = json!("cancelled");
    let reported = engine.post("/feed/cdrs", json!([spoken, busy, given_up])).await;
    let _ = reported.took([3, 0, 0, 0]);
    (server.trusted(&home.id, "boss").await, ada, ben)
}

#[tokio::test]
async fn calls_are_read() {
    let server = TestServer::start().await;
    let (door, ada, ben) = three_calls(&server).await;
    let (a, b) = (
        extension(&door, &ada.number).await,
        extension(&door, &ben.number).await,
    );
    let all = door.get(PATH).await.is(200);
    assert_eq!(
        (&all["page"], &all["per_page"], &all["order"]),
        (&json!(1), &json!(1000), &json!("desc"))
    );
    let rows = all["call_history"].as_array().expect("calls");
    let facts = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<Value>>();
    assert_eq!(facts("result"), ["not answered", "busy", "bridged"]);
    assert_eq!(facts("flow"), ["out", "in", "out"]);
    assert_eq!(
        facts("hangup_disposition"),
        ["caller_cancel", "callee_refuse", "callee_bye"]
    );
    assert_eq!(facts("extension_id"), [b.clone(), b.clone(), a.clone()]);
    assert_eq!(
        facts("did_number"),
        [Value::Null, json!("+4930555100"), Value::Null]
    );
    let last = &rows[2];
    for (name, value) in [
        ("start_time_gmt", json!("2026-03-02 08:00:00")),
        ("bridged_time_gmt", json!("2026-03-02 08:00:06")),
        ("hangup_time_gmt", json!("2026-03-02 08:00:31")),
        ("duration", json!(31)),
        ("bridged", json!(true)),
        ("bridged_username", json!(ben.number)),
        (
            "extension_name",
            json!(format!("{}*{}", server.portsip().home().await.id, ada.number)),
        ),
        ("from_screen_name", json!("Ada")),
    ] {
        assert_eq!(last[name], value, "{name}");
    }
    let id = last["call_uuid"].as_str().expect("text");
    let one = door.get(&format!("{PATH}{id}")).await.is(200);
    assert_eq!(one.json(), last);
}

#[tokio::test]
async fn calls_are_filtered_and_paged() {
    let server = TestServer::start().await;
    let (door, ada, ben) = three_calls(&server).await;
    let (a, b) = (
        extension(&door, &ada.number).await,
        extension(&door, &ben.number).await,
    );
    let found = async |query: &str| {
        let answer = door.get(&format!("{PATH}?{query}")).await.is(200);
        let rows = answer["call_history"].as_array().expect("calls").iter();
        let minute = |row: &Value| {
            row["start_time_gmt"]
                .as_str()
                .and_then(|text| text.get(15..16))
                .unwrap_or("?")
                .to_owned()
        };
        rows.map(minute).collect::<String>()
    };
    for (query, expected) in [
        ("order=asc", "012"),
        ("flow=in", "1"),
        ("flow=out", "20"),
        ("flow[]=in&flow[]=out", "210"),
        ("start_datetime=2026-03-02%2008:01:00", "21"),
        ("end_datetime=2026-03-02%2008:01:00", "10"),
        (
            "start_datetime=2026-03-02%2008:01:01&end_datetime=2026-03-02%2008:01:59",
            "",
        ),
        ("start_datetime=2026-03-03", ""),
        ("to_username=%2B4930123456", "2"),
        ("per_page=2", "21"),
        ("per_page=2&page=2", "0"),
        ("extension_id=999999", ""),
        (format!("extension_id={a}").as_str(), "0"),
        (format!("extension_id={b}&order=asc").as_str(), "012"),
        (format!("extension_id={b}&flow=in").as_str(), "1"),
    ] {
        assert_eq!(found(query).await, expected, "{query}");
    }
    for (query, words) in [
        ("start_datetime=yesterday", "YYYY-MM-DD"),
        ("flow=sideways", "in"),
        ("order=up", "asc"),
        ("per_page=0", "1"),
    ] {
        says(
            &fails(door.get(&format!("{PATH}?{query}")).await, 400, None),
            words,
        );
    }
}

#[tokio::test]
async fn who_sees_whose_calls() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let (ada, ben, cora) = (
        portsip.user("ada").await,
        portsip.user("ben").await,
        portsip.user("cora").await,
    );
    let engine = server.native().engine(home).await;
    let call = json!({
        "external_id": "a", "direction": "internal", "caller": ada.number, "callee": ben.number,
        "started_at": "2026-03-02T08:00:00Z", "ended_at": "2026-03-02T08:00:31Z",
    });
    let _ = engine.post("/feed/cdrs", call).await.took([1, 0, 0, 0]);
    let other = portsip.company("other.test").await;
    let door = server.ringme();
    let boss = door.with_token(&home.admin.token());
    let all = boss.get(PATH).await.is(200);
    let id = all["call_history"][0]["call_uuid"]
        .as_str()
        .expect("a call")
        .to_owned();
    for (person, sees) in [(&ada, true), (&ben, true), (&cora, false), (&other.admin, false)] {
        let own = door.with_token(&person.token());
        let list = own.get(PATH).await.is(200);
        assert_eq!(
            list["call_history"].as_array().map(Vec::len),
            Some(usize::from(sees))
        );
        let _ = own
            .get(&format!("{PATH}{id}"))
            .await
            .is(if sees { 200 } else { 404 });
    }
    // The path of another client leads nowhere.
    let theirs = door.with_token(&other.admin.token());
    let _ = theirs
        .get(&format!("/client/{}/call_history/", home.id))
        .await
        .is(404);
    let _ = boss.get(&format!("{PATH}none")).await.is(404);
}
