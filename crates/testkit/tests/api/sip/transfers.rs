//! Transfers, and what else is agreed within calls.

use jackfield_testkit::{
    Draft,
    sip::{Phone, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, OFFER, registered, rings},
    control::{records, speaking},
    joining::{Attended, attended},
    serve,
};

pub(super) const THIRD: &str = "v=0\r\no=- 3 3 IN IP4 192.0.2.3\r\ns=third\r\n";

/// A target in the domain of a call's people.
pub(super) fn target(side: &Side, number: &str) -> String {
    format!("<sip:{number}@{}>", side.phone.domain)
}

/// Parts of a record.
pub(super) fn parts(record: &Value) -> [Value; 5] {
    ["caller", "callee", "status_code", "end_reason", "reroute_reason"].map(|name| record[name].clone())
}

#[tokio::test]
async fn a_blind_transfer_leads_the_other_side_on() {
    // By who answerer and by who was called; the second leaves before the target answers.
    for by_caller in [true, false] {
        let server = serve().await;
        let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
        let carl_phone = registered(&server, &carl, Wire::Udp).await;
        let (caller, answerer) = speaking(&server, &ada, &ben).await;
        let (mut asks, mut kept, kept_number, kept_said) = if by_caller {
            (caller, answerer, &ben.number, "s=answer\r\n")
        } else {
            (answerer, caller, &ada.number, "s=offer\r\n")
        };
        let to = target(&asks, &carl.number);
        asks.refers(&to).await;
        let _ = asks.hears(202).await;
        assert!(asks.is_notified().await.contains("SIP/2.0 100"));
        let mut third = Side::is_rung(carl_phone).await;
        let invite = third.invite().to_owned();
        assert!(invite.contains("Referred-By: <sip:"), "{invite}");
        assert!(invite.contains(&format!("<sip:{kept_number}@")), "{invite}");
        assert!(invite.ends_with(kept_said), "{invite}");
        third.says(180, "").await;
        let notice = asks.is_notified().await;
        assert!(
            notice.contains("SIP/2.0 180") && notice.contains("Event: refer"),
            "{notice}"
        );
        if !by_caller {
            asks.hangs_up().await;
            assert!(kept.phone.hears_no("BYE ").await);
        }
        third.says(200, THIRD).await;
        let _ = third.phone.until("ACK ").await;
        let said = if by_caller { ANSWER } else { OFFER };
        let asked = kept.is_asked(said).await;
        assert!(asked.ends_with("s=third\r\n"), "{asked}");
        if by_caller {
            let notice = asks.is_notified().await;
            assert!(
                notice.contains("SIP/2.0 200") && notice.contains("terminated"),
                "{notice}"
            );
            asks.is_hung_up().await;
        }
        third.hangs_up().await;
        kept.is_hung_up().await;
        let kept_records = if by_caller {
            records(&ben, 2).await
        } else {
            records(&ada, 2).await
        };
        let expected = [
            json!(kept_number),
            json!(carl.number),
            json!(200),
            json!("CALLEE_DISCONNECTED"),
            json!("TRANSFER"),
        ];
        assert_eq!(parts(&kept_records[0]), expected, "{}", kept_records[0]);
        assert_eq!(kept_records[0]["call_id"], kept_records[1]["call_id"]);
        let first = [
            json!(ada.number),
            json!(ben.number),
            json!(200),
            json!("BLIND_TRANSFER_COMPLETED"),
            json!(null),
        ];
        assert_eq!(parts(&kept_records[1]), first, "{}", kept_records[1]);
        assert_eq!(records(&carl, 1).await[0]["id"], kept_records[0]["id"]);
    }
}

#[tokio::test]
async fn a_transfer_that_fails_keeps_the_call() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let carl_phone = registered(&server, &carl, Wire::Udp).await;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    let to = target(&caller, &carl.number);
    caller.refers(&to).await;
    let _ = caller.hears(202).await;
    let _ = caller.is_notified().await;
    let mut third = Side::is_rung(carl_phone).await;
    third.says(486, "").await;
    let notice = caller.is_notified().await;
    assert!(notice.contains("terminated"), "{notice}");
    // To a number that nobody has, and to one that he may not call: there is no trunk for it.
    for number in ["999999", "+4930123456"] {
        let to = target(&caller, number);
        caller.refers(&to).await;
        let _ = caller.hears(202).await;
        let _ = caller.is_notified().await;
        let notice = caller.is_notified().await;
        assert!(
            notice.contains("terminated") && !notice.contains("SIP/2.0 200"),
            "{notice}"
        );
    }
    caller.reaches(&mut answerer).await;
    caller.hangs_up().await;
    answerer.is_hung_up().await;
    let kept = records(&ada, 1).await;
    assert_eq!(kept[0]["end_reason"], "CALLER_DISCONNECTED");
}

#[tokio::test]
async fn nobody_transfers_where_he_may_not_call() {
    let server = serve().await;
    let portsip = server.portsip();
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    for (to, status) in [
        ("<sip:1@elsewhere.test>", 403),
        ("<http://elsewhere.test>", 400),
        ("<sip:1@elsewhere.test>\r\nRefer-To: <sip:2@elsewhere.test>", 400),
    ] {
        caller.refers(to).await;
        let _ = caller.hears(status).await;
    }
    // A call that is not his, whoever's it is.
    let to = format!(
        "<sip:1@{}?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        caller.phone.domain
    );
    caller.refers(&to).await;
    let _ = caller.hears(202).await;
    assert!(caller.is_notified().await.contains("SIP/2.0 481"));
    // Outside of a call there is nobody to be led.
    let mut stranger = Phone::of(&server, &portsip.user("dora").await, Wire::Udp).await;
    let refer = stranger.request("REFER", &[("Refer-To", "<sip:1@elsewhere.test>")]);
    let _ = stranger.send(&refer).await.is(481);
    answerer.hangs_up().await;
    caller.is_hung_up().await;
}

#[tokio::test]
async fn an_attended_transfer_joins_two_calls() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let Attended {
        mut caller,
        mut answerer,
        mut asking,
        mut third,
    } = attended(&server, [&ada, &ben, &carl]).await;
    let asked = caller.is_asked(OFFER).await;
    assert!(asked.ends_with("s=third\r\n"), "{asked}");
    let asked = third.is_asked(THIRD).await;
    assert!(asked.ends_with("s=offer\r\n"), "{asked}");
    let notice = answerer.is_notified().await;
    assert!(
        notice.contains("SIP/2.0 200") && notice.contains("terminated"),
        "{notice}"
    );
    answerer.is_hung_up().await;
    asking.is_hung_up().await;
    // They speak: what one asks is asked of the other.
    caller.reaches(&mut third).await;
    let native = server.native().person(&ada);
    let going_on = native.get("/calls").await.is(200);
    assert_eq!(
        (&going_on["items"][0]["caller"], &going_on["items"][0]["callee"]),
        (&json!(ada.number), &json!(carl.number))
    );
    caller.hangs_up().await;
    third.is_hung_up().await;
    let ended = |record: &Value| (record["callee"].clone(), record["end_reason"].clone());
    let of_ada: Vec<_> = records(&ada, 2).await.iter().map(ended).collect();
    assert_eq!(
        of_ada,
        [
            (json!(carl.number), json!("CALLER_DISCONNECTED")),
            (json!(ben.number), json!("CONSULT_TRANSFER_COMPLETED")),
        ]
    );
    let of_ben: Vec<_> = records(&ben, 2).await.iter().map(ended).collect();
    assert!(
        of_ben.contains(&(json!(carl.number), json!("REPLACED"))),
        "{of_ben:?}"
    );
}

#[tokio::test]
async fn a_transfer_to_who_still_rings_begins_anew() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let carl_phone = registered(&server, &carl, Wire::Udp).await;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    let second = Phone::of(&server, &ben, Wire::Udp).await;
    let mut asking = Side::calls(second, &carl.number, OFFER).await;
    let mut third = Side::is_rung(carl_phone).await;
    third.says(180, "").await;
    let ringing = asking.is_answered(180).await;
    let domain = answerer.phone.domain.clone();
    let to = format!(
        "<sip:{}@{domain}?Replaces={}>",
        carl.number,
        asking.replaces_early(&ringing)
    );
    answerer.refers(&to).await;
    let _ = answerer.hears(202).await;
    let _ = answerer.is_notified().await;
    third.is_cancelled().await;
    let _ = asking.is_answered(487).await;
    let mut third = Side::is_rung(third.phone).await;
    assert!(
        third.invite().contains(&format!("<sip:{}@", ada.number)),
        "{}",
        third.invite()
    );
    third.says(180, "").await;
    assert!(answerer.is_notified().await.contains("SIP/2.0 180"));
    third.says(200, THIRD).await;
    let _ = third.phone.until("ACK ").await;
    let _ = caller.is_asked(OFFER).await;
    assert!(answerer.is_notified().await.contains("SIP/2.0 200"));
    answerer.is_hung_up().await;
    caller.hangs_up().await;
    third.is_hung_up().await;
}

#[tokio::test]
async fn each_telephone_that_was_rung_is_in_the_record() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let forward = json!({"action": "FORWARD_TO_NUMBER", "number": carl.number});
    let rules = json!({
        "busy_office_hours_forward_rule": forward,
        "busy_non_office_hours_forward_rule": forward,
    });
    let admin = server.portsip().admin().await;
    admin.post(&format!("/users/{}", ben.id), rules).await.changed();
    let (desk, mobile) = (
        registered(&server, &carl, Wire::Udp).await,
        registered(&server, &carl, Wire::Udp).await,
    );
    let (mut caller, mut first) = rings(&server, (&ada, OFFER), &ben).await;
    first.says(486, "").await;
    let (mut desk, mut mobile) = (Side::is_rung(desk).await, Side::is_rung(mobile).await);
    desk.says(180, "").await;
    mobile.says(200, ANSWER).await;
    desk.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    let _ = mobile.phone.until("ACK ").await;
    caller.hangs_up().await;
    mobile.is_hung_up().await;
    let kept = records(&ada, 1).await;
    let path = format!("/cdrs/{}/legs", kept[0]["id"].as_str().expect("an id"));
    let native = server.native();
    let legs = native.person(&admin).get(&path).await.is(200);
    let items = legs["items"].as_array().expect("legs");
    let mut seen: Vec<_> = items
        .iter()
        .map(|leg| {
            let text = |name: &str| leg[name].as_str().unwrap_or_default().to_owned();
            let path: Vec<_> = leg["path"].as_array().into_iter().flatten().cloned().collect();
            assert!(
                !text("because").is_empty() && !text("instance_id").is_empty(),
                "{leg}"
            );
            (
                text("result"),
                text("number"),
                path,
                leg["status_code"].clone(),
                leg["answered_at"].is_string(),
            )
        })
        .collect();
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    let (one, other) = (json!(ben.number), json!(carl.number));
    assert_eq!(
        seen,
        [
            (
                "answered".into(),
                carl.number.clone(),
                vec![one.clone(), other.clone()],
                json!(200),
                true
            ),
            (
                "busy".into(),
                ben.number.clone(),
                vec![one.clone()],
                json!(486),
                false
            ),
            (
                "elsewhere".into(),
                carl.number.clone(),
                vec![one, other],
                json!(null),
                false
            ),
        ]
    );
    // Whoever may see the record sees its legs; nobody of another tenant does.
    let foreign = server.portsip().company("foreign.test").await;
    let _ = native.person(&foreign.admin).get(&path).await.is(404);
}

#[tokio::test]
async fn a_ring_group_tells_its_telephones_who_calls() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let admin = server.portsip().admin().await;
    let group = Draft::ring_group("Sales", "6001")
        .with("enable_paid", true)
        .with("enable_prid", true)
        .with("extension_number_as_to_header", true);
    let id = admin.post("/ring_groups", group).await.made();
    let members = json!({"items": [{"extension_number": ben.number}]});
    admin
        .post(&format!("/ring_groups/{id}/agents"), members)
        .await
        .changed();
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, "6001", OFFER).await;
    let mut other = Side::is_rung(ben_phone).await;
    let invite = other.invite().to_owned();
    let who = format!("<sip:{}@{}>", ada.number, caller.phone.domain);
    let domain = caller.phone.domain.clone();
    assert!(
        invite.contains(&format!("To: <sip:6001@{domain}>\r\n")),
        "{invite}"
    );
    assert!(!invite.contains("X-Jackfield"), "{invite}");
    for name in ["P-Asserted-Identity", "Remote-Party-ID"] {
        let line = invite
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        assert!(line.contains(&who), "{name}: {invite}");
    }
    other.says(486, "").await;
    let _ = caller.is_answered(480).await;
}

#[tokio::test]
async fn the_life_of_a_session_is_agreed_between_the_sides() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let timer = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\nMin-SE: 120\r\n";
    let mut caller = Side::calls_with(phone, &ben.number, OFFER, timer).await;
    let mut other = Side::is_rung(ben_phone).await;
    for line in timer.lines() {
        assert!(other.invite().contains(line), "{line}: {}", other.invite());
    }
    let invite = other.invite().to_owned();
    let agreed = "Require: timer\r\nSession-Expires: 300;refresher=uas\r\n";
    other.answers_with(&invite, 200, agreed, ANSWER).await;
    let answer = caller.is_answered(200).await;
    assert!(answer.contains("Session-Expires: 300;refresher=uas"), "{answer}");
    let _ = other.phone.until("ACK ").await;
    caller.settles().await;
    other
        .send_with(
            "UPDATE",
            "Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n",
            "",
        )
        .await;
    let update = caller.phone.until("UPDATE ").await;
    assert!(update.contains("Session-Expires: 300;refresher=uac"), "{update}");
    caller.answers(&update, 200, "").await;
    let _ = other.hears(200).await;
    caller.hangs_up().await;
    other.is_hung_up().await;
    // Too short a life, and what we do not know.
    for (headers, status, says) in [
        ("Session-Expires: 30\r\n", 422, "Min-SE: 90"),
        ("Require: 100rel\r\n", 420, "Unsupported: 100rel"),
        ("Session-Expires: soon\r\n", 400, "Warning:"),
    ] {
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut caller = Side::calls_with(phone, &ben.number, OFFER, headers).await;
        let answer = caller.is_answered(status).await;
        assert!(answer.contains(says), "{answer}");
    }
}

#[tokio::test]
async fn a_called_telephone_that_wants_longer_sessions_is_called_again() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let timer = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\nMin-SE: 120\r\n";
    let mut caller = Side::calls_with(phone, &ben.number, OFFER, timer).await;
    let mut other = Side::is_rung(ben_phone).await;
    other.refuses_with(422, "Min-SE: 900\r\n").await;
    let _ = other.phone.until("ACK ").await;
    let mut other = Side::is_rung(other.phone).await;
    for line in ["Session-Expires: 900;refresher=uac\r\n", "Min-SE: 900\r\n"] {
        assert_eq!(other.invite().matches(line).count(), 1, "{}", other.invite());
    }
    // Once, not for ever.
    other.refuses_with(422, "Min-SE: 1800\r\n").await;
    let _ = caller.is_answered(480).await;
}

#[tokio::test]
async fn who_describes_himself_late_is_heard() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut other) = rings(&server, (&ada, ""), &ben).await;
    assert!(other.invite().contains("c=IN IP4 0.0.0.0"), "{}", other.invite());
    other.says(200, ANSWER).await;
    let answer = caller.is_answered_and_says(200, OFFER).await;
    assert!(answer.ends_with(ANSWER), "{answer}");
    let asked = other.is_asked(ANSWER).await;
    assert!(asked.ends_with("s=offer\r\n"), "{asked}");
    caller.hangs_up().await;
    other.is_hung_up().await;
}
