//! Calls between telephones.

use jackfield_testkit::{
    Person, TestServer,
    sip::{Phone, Side, Wire},
};
use serde_json::{Value, json};

use super::serve;

pub(super) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=offer\r\n";
pub(super) const ANSWER: &str = "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=answer\r\n";

/// A telephone of a person that has registered.
pub(super) async fn registered(server: &TestServer, person: &Person, wire: Wire) -> Phone {
    let mut phone = Phone::of(server, person, wire).await;
    let _ = phone.register(600).await.is(200);
    phone
}

/// Somebody calls another, who has one telephone, with this description, and it rings there.
pub(super) async fn rings(server: &TestServer, (ada, offer): (&Person, &str), ben: &Person) -> (Side, Side) {
    let phone = registered(server, ben, Wire::Udp).await;
    let own = Phone::of(server, ada, Wire::Udp).await;
    let caller = Side::calls(own, &ben.number, offer).await;
    (caller, Side::is_rung(phone).await)
}

/// Somebody calls another, and two telephones of his ring.
pub(super) async fn rings_twice(server: &TestServer, ada: &Person, ben: &Person) -> (Side, Side, Side) {
    let mobile = registered(server, ben, Wire::Tcp).await;
    let (caller, desk) = rings(server, (ada, OFFER), ben).await;
    (caller, desk, Side::is_rung(mobile).await)
}

/// The one record of somebody's calls, waited for.
pub(super) async fn record(person: &Person) -> Value {
    for attempt in 0.. {
        assert!(attempt < 200, "no record of a call of {}", person.name);
        let found = person.get("/user/cdrs").await.is(200);
        if found["items"].as_array().is_some_and(|items| !items.is_empty()) {
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
            return found["items"][0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    Value::Null
}

/// Parts of a record.
fn parts(record: &Value) -> [Value; 5] {
    ["caller", "callee", "destination", "status_code", "end_reason"].map(|name| record[name].clone())
}

#[tokio::test]
async fn two_telephones_speak_and_either_hangs_up() {
    for (wire, caller_ends) in [(Wire::Udp, true), (Wire::Tcp, false)] {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let phone = Phone::of(&server, &ada, wire).await;
        let ben_phone = registered(&server, &ben, wire).await;
        let mut caller = Side::calls(phone, &ben.number, OFFER).await;
        let mut other = Side::is_rung(ben_phone).await;
        assert!(other.invite().ends_with(OFFER), "{}", other.invite());
        assert!(other.invite().contains("Max-Forwards: 69"), "{}", other.invite());
        other.says(180, "").await;
        let _ = caller.is_answered(180).await;
        assert_eq!(ben.get("/user/status").await.is(200)["status"], "ONLINE");
        other.says(200, ANSWER).await;
        let answer = caller.is_answered(200).await;
        assert!(answer.ends_with(ANSWER), "{answer}");
        let _ = other.phone.until("ACK ").await;
        for person in [&ada, &ben] {
            assert_eq!(person.get("/user/status").await.is(200)["status"], "ON_CALL");
        }
        let reason = if caller_ends {
            caller.hangs_up().await;
            other.is_hung_up().await;
            "CALLER_DISCONNECTED"
        } else {
            other.hangs_up().await;
            caller.is_hung_up().await;
            "CALLEE_DISCONNECTED"
        };
        let number = json!(ben.number);
        let expected = [
            json!(ada.number),
            number.clone(),
            number,
            json!(200),
            json!(reason),
        ];
        let kept = record(&ada).await;
        assert_eq!(parts(&kept), expected);
        assert_eq!(kept["direction"], "EXTENSION_CALL");
        assert!(
            !kept["answered_at"].is_null() && !kept["rang_at"].is_null(),
            "{kept}"
        );
        assert_eq!(parts(&record(&ben).await), expected);
        // The record is written before the entry of the call goes.
        for attempt in 0.. {
            assert!(attempt < 200, "the call goes on");
            if ben.get("/user/status").await.is(200)["status"] == "ONLINE" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    }
}

#[tokio::test]
async fn of_two_telephones_one_wins_and_the_other_is_cancelled() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut desk, mut mobile) = rings_twice(&server, &ada, &ben).await;
    desk.says(180, "").await;
    mobile.says(180, "").await;
    let _ = caller.is_answered(180).await;
    mobile.says(200, ANSWER).await;
    desk.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    mobile.is_hung_up().await;
    assert_eq!(record(&ada).await["status_code"], 200);
}

#[tokio::test]
async fn a_telephone_that_answers_too_late_is_hung_up() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut desk, mut mobile) = rings_twice(&server, &ada, &ben).await;
    desk.says(180, "").await;
    mobile.says(180, "").await;
    mobile.says(200, ANSWER).await;
    let cancel = desk.phone.until("CANCEL ").await;
    desk.says(200, ANSWER).await;
    desk.answers(&cancel, 200, "").await;
    desk.is_hung_up().await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    mobile.is_hung_up().await;
}

#[tokio::test]
async fn whoever_gives_up_is_heard_by_the_called_side() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut other) = rings(&server, (&ada, OFFER), &ben).await;
    other.says(180, "").await;
    let _ = caller.is_answered(180).await;
    caller.cancel().await;
    other.is_cancelled().await;
    let _ = caller.is_answered(487).await;
    let kept = record(&ada).await;
    assert_eq!(
        (&kept["status_code"], &kept["end_reason"]),
        (&json!(487), &json!("CANCELLED"))
    );
    assert!(kept["answered_at"].is_null(), "{kept}");
}

#[tokio::test]
async fn rules_lead_on_when_nobody_answers_or_is_busy() {
    for busy in [false, true] {
        let server = serve().await;
        let portsip = server.portsip();
        let [ada, ben, carl] = portsip.users(["ada", "ben", "carl"]).await;
        let to_carl = json!({"action": "FORWARD_TO_NUMBER", "number": carl.number});
        let mut soon = to_carl.clone();
        soon["timeout"] = json!(1);
        let rules = json!({
            "available_no_answer_forward_rule": soon,
            "busy_office_hours_forward_rule": to_carl,
            "busy_non_office_hours_forward_rule": to_carl,
        });
        portsip
            .admin()
            .await
            .post(&format!("/users/{}", ben.id), rules)
            .await
            .changed();
        let (first, second) = (
            registered(&server, &ben, Wire::Udp).await,
            registered(&server, &carl, Wire::Udp).await,
        );
        let phone = Phone::of(&server, &ada, Wire::Udp).await;
        let mut caller = Side::calls(phone, &ben.number, OFFER).await;
        let mut first = Side::is_rung(first).await;
        if busy {
            first.says(486, "").await;
        } else {
            first.says(180, "").await;
            first.is_cancelled().await;
        }
        let mut second = Side::is_rung(second).await;
        second.takes(ANSWER).await;
        let _ = caller.is_answered(200).await;
        second.hangs_up().await;
        caller.is_hung_up().await;
        let expected = [
            json!(ada.number),
            json!(carl.number),
            json!(ben.number),
            json!(200),
            json!("CALLEE_DISCONNECTED"),
        ];
        assert_eq!(parts(&record(&ada).await), expected, "busy: {busy}");
    }
}

#[tokio::test]
async fn what_one_side_asks_is_asked_of_the_other() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut caller, mut other) = rings(&server, (&ada, OFFER), &ben).await;
    other.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    let _ = other.phone.until("ACK ").await;
    caller.settles().await;
    // Hold, and its answer.
    caller.send("INVITE", "s=hold\r\n", None).await;
    let hold = other.phone.until("INVITE ").await;
    assert!(hold.ends_with("s=hold\r\n"), "{hold}");
    other.answers(&hold, 200, "s=held\r\n").await;
    assert!(caller.is_answered(200).await.ends_with("s=held\r\n"));
    let _ = other.phone.until("ACK ").await;
    // And from the other side, refused.
    other.send("INVITE", "s=other\r\n", None).await;
    let asked = caller.phone.until("INVITE ").await;
    caller.answers(&asked, 488, "").await;
    let _ = other.is_answered(488).await;
    caller.send("INFO", "Signal=5\r\n", None).await;
    let info = other.phone.until("INFO ").await;
    assert!(info.ends_with("Signal=5\r\n"), "{info}");
    other.answers(&info, 200, "").await;
    let _ = caller.hears(200).await;
    caller.hangs_up().await;
    other.is_hung_up().await;
}

#[tokio::test]
async fn what_is_refused_is_told_and_recorded() {
    let server = serve().await;
    let portsip = server.portsip();
    let ada = portsip.user("ada").await;
    let ben = portsip.user("ben").await;
    for (number, status) in [
        ("999999", 404),
        (ben.number.as_str(), 480),
        (ada.number.as_str(), 480),
    ] {
        let caller = portsip
            .user(&format!(
                "caller{status}{}",
                number.len() + usize::from(number == ada.number)
            ))
            .await;
        let phone = Phone::of(&server, &caller, Wire::Udp).await;
        let mut side = Side::calls(phone, number, OFFER).await;
        let answer = side.is_answered(status).await;
        assert!(answer.contains("Reason: SIP;cause="), "{answer}");
        assert_eq!(
            parts(&record(&caller).await)[2..4],
            [json!(number), json!(status)],
            "{number}"
        );
    }
    // Nobody calls in another's name, or without a call.
    let nobody = portsip.user("nobody").await;
    let mut phone = Phone::of(&server, &nobody, Wire::Udp).await;
    let unproved = phone.request("INVITE", &[("Contact", "<sip:a@192.0.2.1>")]);
    let _ = phone.send(&unproved).await.is(407);
    let bye = phone
        .request("BYE", &[])
        .replace("To: <sip:", "To: <sip:x")
        .replace(">\r\nCall", ">;tag=1\r\nCall");
    let _ = phone.send(&bye).await.is(481);
    assert_eq!(nobody.get("/user/cdrs").await.is(200)["items"], json!([]));
}
