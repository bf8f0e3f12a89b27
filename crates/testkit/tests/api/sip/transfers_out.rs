//! Transfers of calls that came over a trunk, and to numbers outside.

use jackfield_testkit::{
    permissions,
    sip::{Provider, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, OFFER, registered},
    control::{records, speaking},
    serve,
    transfers::{THIRD, parts, target},
    trunks::{OUTSIDE, header, make, trunk},
    trunks_in::{comes, wanted},
};

/// What a record says of the way.
fn way(record: &Value) -> [Value; 2] {
    ["direction", "trunk"].map(|name| record[name].clone())
}

/// Is told that its transfer went well, and perhaps that it rang before.
async fn hears_of_success(asks: &mut Side) {
    let mut notice = asks.is_notified().await;
    if notice.contains("SIP/2.0 180") {
        notice = asks.is_notified().await;
    }
    assert!(
        notice.contains("SIP/2.0 200") && notice.contains("terminated"),
        "{notice}"
    );
}

#[tokio::test]
async fn a_call_from_a_trunk_is_led_on_to_an_extension() {
    let server = serve().await;
    let [_, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let (ben_phone, carl_phone) = (
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &carl, Wire::Udp).await,
    );
    let provider = Provider::of(&server, Wire::Udp).await;
    let draft = trunk("Carrier", provider.address(), Wire::Udp).with("did_numbers", ben.number.as_str());
    make(&server, draft).await;
    let mut caller = comes(provider.speaks().await, wanted(&ben.number)).await;
    let mut asks = Side::is_rung(ben_phone).await;
    asks.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.settles().await;
    // Whoever is outside leads nobody anywhere.
    let to = format!("<sip:{}@{}>", carl.number, asks.phone.domain);
    caller.refers(&to).await;
    let _ = caller.hears(403).await;
    asks.refers(&to).await;
    let _ = asks.hears(202).await;
    assert!(asks.is_notified().await.contains("SIP/2.0 100"));
    let mut third = Side::is_rung(carl_phone).await;
    // He is shown who calls from outside.
    assert!(
        header(third.invite(), "From").contains("<sip:+41446681800@"),
        "{}",
        third.invite()
    );
    assert!(third.invite().ends_with(OFFER), "{}", third.invite());
    third.takes(THIRD).await;
    assert!(caller.is_asked(OFFER).await.ends_with("s=third\r\n"));
    hears_of_success(&mut asks).await;
    asks.is_hung_up().await;
    caller.hangs_up().await;
    third.is_hung_up().await;
    let kept = &records(&carl, 1).await[0];
    assert_eq!(
        parts(kept),
        [
            json!("+41446681800"),
            json!(carl.number),
            json!(200),
            json!("CALLER_DISCONNECTED"),
            json!("TRANSFER")
        ],
        "{kept}"
    );
    let first = &records(&ben, 1).await[0];
    assert_eq!(way(first), [json!("INBOUND_CALL"), json!("Carrier")], "{first}");
    assert_eq!(first["end_reason"], "BLIND_TRANSFER_COMPLETED");
    assert_eq!(first["call_id"], kept["call_id"]);
}

#[tokio::test]
async fn a_call_is_led_on_to_a_number_outside() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let provider = Provider::of(&server, Wire::Tcp).await;
    let id = make(&server, trunk("Carrier", provider.address(), Wire::Tcp)).await;
    let shown = json!([{"provider_id": id, "caller_id": "+4930177", "preferred": true}]);
    let admin = server.portsip().admin().await;
    admin
        .post(
            &format!("/users/{}", ada.id),
            json!({"outbound_caller_ids": shown}),
        )
        .await
        .changed();
    let (mut asks, mut kept) = speaking(&server, &ada, &ben).await;
    let to = target(&asks, OUTSIDE);
    asks.refers(&to).await;
    let _ = asks.hears(202).await;
    let _ = asks.is_notified().await;
    let mut far = provider.is_called().await;
    // On the account of who transfers, which is nobody's business outside.
    let invite = far.invite().to_owned();
    assert!(header(&invite, "From").starts_with("<sip:+4930177@"), "{invite}");
    assert_eq!(header(&invite, "Referred-By"), "");
    assert!(invite.ends_with(ANSWER), "{invite}");
    far.takes(THIRD).await;
    assert!(kept.is_asked(ANSWER).await.ends_with("s=third\r\n"));
    hears_of_success(&mut asks).await;
    asks.is_hung_up().await;
    far.hangs_up().await;
    kept.is_hung_up().await;
    let found = records(&ben, 2).await;
    assert_eq!(
        way(&found[0]),
        [json!("OUTBOUND_CALL"), json!("Carrier")],
        "{}",
        found[0]
    );
    assert_eq!(
        [
            &found[0]["caller"],
            &found[0]["callee"],
            &found[0]["reroute_reason"]
        ],
        [&json!(ben.number), &json!("+4930901820"), &json!("TRANSFER")]
    );
}

#[tokio::test]
async fn two_calls_over_trunks_are_joined() {
    let server = serve().await;
    let [_, ben] = server.portsip().users(["ada", "ben"]).await;
    let (first, second) = (
        registered(&server, &ben, Wire::Udp).await,
        registered(&server, &ben, Wire::Udp).await,
    );
    let (from, to) = (
        Provider::of(&server, Wire::Udp).await,
        Provider::of(&server, Wire::Udp).await,
    );
    let draft = trunk("In", from.address(), Wire::Udp).with("did_numbers", ben.number.as_str());
    make(&server, draft).await;
    let mut caller = comes(from.speaks().await, wanted(&ben.number)).await;
    // Both of his telephones ring.
    let (mut asks, mut other) = (Side::is_rung(first).await, Side::is_rung(second).await);
    other.says(180, "").await;
    asks.takes(ANSWER).await;
    other.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    caller.settles().await;
    // He asks somebody outside, over another trunk.
    make(&server, trunk("Out", to.address(), Wire::Udp)).await;
    let mut consults = Side::calls(other.phone, OUTSIDE, OFFER).await;
    // The trunk that he is called over is asked first, and has no line free.
    let mut refused = Side::is_rung(caller.phone).await;
    refused.says(503, "").await;
    let _ = refused.phone.until("ACK ").await;
    caller.phone = refused.phone;
    let mut far = to.is_called().await;
    far.takes(THIRD).await;
    let _ = consults.is_answered(200).await;
    consults.settles().await;
    let to = format!(
        "<sip:{OUTSIDE}@{}?Replaces={}>",
        asks.phone.domain,
        consults.replaces()
    );
    asks.refers(&to).await;
    let _ = asks.hears(202).await;
    assert!(caller.is_asked(OFFER).await.ends_with("s=third\r\n"));
    assert!(far.is_asked(THIRD).await.ends_with("s=offer\r\n"));
    hears_of_success(&mut asks).await;
    asks.is_hung_up().await;
    consults.is_hung_up().await;
    // They speak, and nobody of the house is in it any more.
    far.reaches(&mut caller).await;
    far.hangs_up().await;
    caller.is_hung_up().await;
    let reasons: Vec<_> = records(&ben, 2)
        .await
        .iter()
        .map(|record| record["end_reason"].clone())
        .collect();
    for reason in ["CONSULT_TRANSFER_COMPLETED", "REPLACED"] {
        assert!(reasons.contains(&json!(reason)), "{reasons:?}");
    }
}

#[tokio::test]
async fn a_transfer_goes_no_further_than_who_asks_for_it_may_call() {
    let server = serve().await;
    let portsip = server.portsip();
    let admin = portsip.admin().await;
    let role = json!({"name": "Indoors", "permissions": permissions(&["policies.internal_calls"])});
    let _ = admin.post("/roles", role).await.is(201);
    let (ada, ben) = (portsip.user_as("ada", "Indoors").await, portsip.user("ben").await);
    let provider = Provider::of(&server, Wire::Udp).await;
    make(&server, trunk("Carrier", provider.address(), Wire::Udp)).await;
    // That the other side may call there makes no difference, whoever began the call.
    let (mut asks, mut kept) = speaking(&server, &ada, &ben).await;
    let to = target(&asks, OUTSIDE);
    asks.refers(&to).await;
    let _ = asks.hears(202).await;
    assert!(asks.is_notified().await.contains("SIP/2.0 100"));
    let notice = asks.is_notified().await;
    assert!(
        notice.contains("SIP/2.0 403") && notice.contains("terminated"),
        "{notice}"
    );
    assert!(provider.is_left_alone().await);
    kept.reaches(&mut asks).await;
    kept.hangs_up().await;
    asks.is_hung_up().await;
    let found = records(&ben, 2).await;
    let ends: Vec<_> = found
        .iter()
        .map(|record| (record["status_code"].clone(), record["end_reason"].clone()))
        .collect();
    // The call, and what was refused of it.
    for end in [
        (json!(200), json!("CALLEE_DISCONNECTED")),
        (json!(403), json!(null)),
    ] {
        assert!(ends.contains(&end), "{ends:?}");
    }
}
