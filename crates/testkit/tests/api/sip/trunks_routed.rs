//! Calls that take the ways that routes say, with real telephones and providers.

use jackfield_testkit::{
    Draft, Person,
    sip::{Provider, Side, Wire},
};
use serde_json::json;

use super::{
    calls::{record, registered},
    serve,
    trunks::{ANSWER, OUTSIDE, calls_out, make, trunk},
    trunks_in::{comes, wanted},
};

/// Puts people into a group or queue.
async fn has(admin: &Person, path: &str, members: &[&Person]) {
    let items: Vec<_> = members
        .iter()
        .map(|person| json!({"extension_number": person.number}))
        .collect();
    admin
        .post(&format!("{path}/agents"), json!({"items": items}))
        .await
        .changed();
}

#[tokio::test]
async fn the_longest_prefix_chooses_the_trunk_and_what_is_sent_to_it() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let (abroad, berlin, munich) = (
        Provider::of(&server, Wire::Udp).await,
        Provider::of(&server, Wire::Udp).await,
        Provider::of(&server, Wire::Udp).await,
    );
    make(&server, trunk("Abroad", abroad.address(), Wire::Udp)).await;
    let admin = server.native().person(&server.portsip().admin().await);
    for (name, provider, prefix, strip, prepend) in [
        ("Berlin", &berlin, "+4930", 4, "9"),
        ("Munich", &munich, "+49", 2, "0"),
    ] {
        let id = make(&server, trunk(name, provider.address(), Wire::Udp)).await;
        let id: i64 = id.parse().expect("an id is a number");
        let route = json!({"prefix": prefix, "trunk_id": id, "strip": strip, "prepend": prepend});
        let _ = admin.post("/outbound_routes", route).await.is(201);
    }
    let mut caller = calls_out(&server, &ada, OUTSIDE).await;
    let mut far = berlin.is_called().await;
    assert!(
        far.invite().starts_with("INVITE sip:9901820@127.0.0.2"),
        "{}",
        far.invite()
    );
    // No other trunk is one for it.
    far.says(503, "").await;
    let _ = caller.is_answered(503).await;
    assert_eq!(record(&ada).await["trunk"], "Berlin");
    let mut caller = calls_out(&server, &ada, "089123456").await;
    let mut far = munich.is_called().await;
    assert!(
        far.invite().starts_with("INVITE sip:089123456@127.0.0.2"),
        "{}",
        far.invite()
    );
    far.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    far.is_hung_up().await;
    assert!(abroad.is_left_alone().await);
}

#[tokio::test]
async fn a_number_of_a_trunk_leads_to_a_ring_group_or_a_queue() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let [ben, carl] = portsip.users(["ben", "carl"]).await;
    let group = admin
        .post("/ring_groups", Draft::ring_group("Sales", "6000").json())
        .await
        .made();
    has(&admin, &format!("/ring_groups/{group}"), &[&ben, &carl]).await;
    let queue = Draft::call_queue("Support", "6001").with("agent_auto_ready", true);
    let queue = admin.post("/call_queues", queue).await.made();
    has(&admin, &format!("/call_queues/{queue}"), &[&carl]).await;
    let agent = format!("/call_queues/{queue}/agents/{}", carl.number);
    admin.post(&agent, json!({"status": "READY"})).await.changed();
    let native = server.native().person(&admin);
    for (called, target) in [("4930901*", "6001"), ("4930901820", "6000")] {
        let route = json!({"called": called, "target": target});
        let _ = native.post("/inbound_routes", route).await.is(201);
    }
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp).with("did_numbers", "4930901800-4930901899");
    make(&server, draft).await;
    let (first, second) = (
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &carl, Wire::Tcp).await,
    );
    // The number itself goes before how it begins: both of the group ring.
    let mut caller = comes(provider.speaks().await, wanted("+4930901820")).await;
    let (mut first, mut second) = (Side::is_rung(first).await, Side::is_rung(second).await);
    second.says(180, "").await;
    first.takes(ANSWER).await;
    second.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    first.is_hung_up().await;
    let kept = record(&ben).await;
    assert_eq!(
        ["direction", "trunk", "did_cid", "service_number"].map(|name| kept[name].clone()),
        [
            json!("INBOUND_CALL"),
            json!("Carrier"),
            json!("4930901820"),
            json!("6000")
        ]
    );
    // Any other leads to the queue, whose one agent is ready.
    let mut caller = comes(caller.phone, wanted("+4930901899")).await;
    let mut agent = Side::is_rung(second.phone).await;
    agent.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    agent.hangs_up().await;
    caller.is_hung_up().await;
    let kept = record(&carl).await;
    assert_eq!(
        ["did_cid", "service_number"].map(|name| kept[name].clone()),
        [json!("4930901899"), json!("6001")]
    );
    assert!(first.phone.hears_no("INVITE ").await);
}
