//! An `INVITE` that takes the place of another dialog.

use jackfield_testkit::{
    Person, TestServer,
    sip::{Phone, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, record, registered, rings},
    control::speaking,
    lamps::group,
    serve,
};

pub(super) const HERE: &str = "v=0\r\no=- 5 5 IN IP4 192.0.2.5\r\ns=here\r\nm=audio 4000 RTP/AVP 0\r\n";
pub(super) const CALLER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=offer\r\nm=audio 4002 RTP/AVP 0\r\n";

/// The header that names a dialog of a side.
pub(super) fn naming(side: &Side, more: &str) -> String {
    let named = side.replaces().replace("%3B", ";").replace("%3D", "=");
    format!("Replaces: {named}{more}\r\n")
}

/// An `INVITE` that replaces something.
pub(super) async fn replaces(server: &TestServer, person: &Person, headers: &str) -> Side {
    let phone = Phone::of(server, person, Wire::Udp).await;
    Side::calls_with(phone, &person.number, HERE, headers).await
}

#[tokio::test]
async fn a_call_moves_to_another_telephone_of_its_extension() {
    for calls in [true, false] {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let (caller, answerer) = speaking(&server, &ada, &ben).await;
        let (mut old, mut kept, person, said) = if calls {
            (caller, answerer, &ada, "s=answer\r\n")
        } else {
            (answerer, caller, &ben, "s=offer\r\n")
        };
        let headers = format!("Require: replaces\r\n{}", naming(&old, ""));
        let mut new = replaces(&server, person, &headers).await;
        let answer = if calls { ANSWER } else { super::calls::OFFER };
        let asked = kept.is_asked(answer).await;
        assert!(asked.contains("s=here\r\n"), "{asked}");
        let taken = new.is_answered(200).await;
        assert!(taken.ends_with(said), "{taken}");
        old.is_hung_up().await;
        new.settles().await;
        // They speak, and it is the same call.
        new.send("INFO", "Signal=1\r\n", None).await;
        let info = kept.phone.until("INFO ").await;
        kept.answers(&info, 200, "").await;
        let _ = new.hears(200).await;
        assert_eq!(person.get("/user/status").await.is(200)["status"], "ON_CALL");
        kept.hangs_up().await;
        new.is_hung_up().await;
        let found = record(&ada).await;
        assert_eq!(
            (&found["caller"], &found["callee"], &found["status_code"]),
            (&json!(ada.number), &json!(ben.number), &json!(200))
        );
    }
}

#[tokio::test]
async fn what_may_not_be_replaced_is_not_there() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let foreign = server.portsip().company("foreign.test").await.admin;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    let own = naming(&caller, "");
    let unknown = "Replaces: a@b;to-tag=1;from-tag=2\r\n";
    for (person, headers, status) in [
        // Somebody else's, of his tenant or not: who could take it over could listen.
        (&carl, own.clone(), 481),
        (&foreign, own.clone(), 481),
        (&ben, own.clone(), 481),
        (&carl, unknown.to_owned(), 481),
        (&ada, unknown.to_owned(), 481),
        // It does not ring any more.
        (&ada, naming(&caller, ";early-only"), 486),
        (&ada, format!("{own}{unknown}"), 400),
        (&ada, "Replaces: a@b;to-tag=1\r\n".to_owned(), 400),
        (&ada, format!("{own}Require: 100rel\r\n"), 420),
    ] {
        let mut side = replaces(&server, person, &headers).await;
        let answer = side.is_answered(status).await;
        assert!(!answer.contains("s=answer"), "{answer}");
    }
    // Nothing of it was heard in the call, which goes on.
    caller.send("INFO", "Signal=1\r\n", None).await;
    let info = answerer.phone.until("INFO ").await;
    answerer.answers(&info, 200, "").await;
    let _ = caller.hears(200).await;
    // The other side does not want to hear somebody else: all is as before.
    let mut side = replaces(&server, &ada, &own).await;
    let asked = answerer.phone.until("INVITE ").await;
    answerer.answers(&asked, 488, "").await;
    let _ = side.is_answered(488).await;
    caller.hangs_up().await;
    answerer.is_hung_up().await;
    assert_eq!(record(&ada).await["end_reason"], "CALLER_DISCONNECTED");
}

/// How a call ends in which somebody is about to take a side's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The telephone that is to be replaced hangs up.
    Old,
    /// The other one hangs up.
    Kept,
    /// Over the API.
    Api,
}

impl Ends {
    const ALL: [Self; 3] = [Self::Old, Self::Kept, Self::Api];

    /// Ends the call of `ada`, who has the old telephone, and sees that it has ended for both.
    async fn end(self, server: &TestServer, ada: &Person, (old, kept): (&mut Side, &mut Side)) {
        match self {
            Self::Old => {
                old.hangs_up().await;
                kept.is_hung_up().await;
            }
            Self::Kept => {
                kept.hangs_up().await;
                old.is_hung_up().await;
            }
            Self::Api => {
                let own = server.voipstudio().with_token(&ada.token());
                let id = own.get("/calls").await.is(200)["data"][0]["id"].clone();
                let _ = own.delete(&format!("/calls/{id}")).await.is(204);
                old.is_hung_up().await;
                kept.is_hung_up().await;
            }
        }
        let reason = match self {
            Self::Old => json!("CALLER_DISCONNECTED"),
            Self::Kept => json!("CALLEE_DISCONNECTED"),
            Self::Api => Value::Null,
        };
        let found = record(ada).await;
        assert_eq!(
            (&found["caller"], &found["status_code"], &found["end_reason"]),
            (&json!(ada.number), &json!(200), &reason)
        );
        let own = server.voipstudio().with_token(&ada.token());
        assert_eq!(own.get("/calls").await.is(200)["total"], 0);
    }
}

#[tokio::test]
async fn a_call_ends_at_once_while_the_other_side_does_not_say_whether_it_hears_a_new_one() {
    for ends in Ends::ALL {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let (mut old, mut kept) = speaking(&server, &ada, &ben).await;
        let mut new = replaces(&server, &ada, &naming(&old, "")).await;
        let asked = kept.phone.until("INVITE ").await;
        ends.end(&server, &ada, (&mut old, &mut kept)).await;
        let _ = new.is_answered(481).await;
        // What it says in the end is acknowledged, so that it does not say it for half a minute.
        kept.answers(&asked, 487, "").await;
        let _ = kept.phone.until("ACK ").await;
    }
}

#[tokio::test]
async fn a_call_ends_at_once_while_a_new_telephone_does_not_acknowledge() {
    for ends in Ends::ALL {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let (mut old, mut kept) = speaking(&server, &ada, &ben).await;
        let mut new = replaces(&server, &ada, &naming(&old, "")).await;
        let _ = kept.is_asked(ANSWER).await;
        let _ = new.phone.until("SIP/2.0 200").await;
        ends.end(&server, &ada, (&mut old, &mut kept)).await;
        // It may not be hung up before it has acknowledged (RFC 3261 §15).
        assert!(new.phone.hears_no("BYE ").await, "{ends:?}");
        let _ = new.is_answered(200).await;
        new.is_hung_up().await;
    }
}

#[tokio::test]
async fn a_new_telephone_that_goes_again_leaves_the_call_as_it_was() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let (mut old, mut kept) = speaking(&server, &ada, &ben).await;
    // Before the other side has said anything.
    let mut new = replaces(&server, &ada, &naming(&old, "")).await;
    let asked = kept.phone.until("INVITE ").await;
    new.cancel().await;
    let _ = new.is_answered(487).await;
    // Meanwhile there is no second one, and no other offer.
    let mut another = replaces(&server, &ada, &naming(&old, "")).await;
    let _ = another.is_answered(488).await;
    old.send("INVITE", "s=hold\r\n", None).await;
    let _ = old.is_answered(491).await;
    old.refers(&format!("<sip:{}@{}>", ada.number, old.phone.domain))
        .await;
    let _ = old.hears(491).await;
    old.reaches(&mut kept).await;
    kept.answers(&asked, 200, ANSWER).await;
    // It hears again whom it heard before.
    let again = kept.is_asked(ANSWER).await;
    assert!(again.contains("s=offer\r\n"), "{again}");
    kept.settles().await;
    old.reaches(&mut kept).await;
    old.hangs_up().await;
    kept.is_hung_up().await;
    assert_eq!(record(&ada).await["end_reason"], "CALLER_DISCONNECTED");
}

#[tokio::test]
async fn who_is_of_a_ring_group_picks_its_calls_up() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let dora = server.portsip().user("dora").await;
    group(&server, "PRIORITIZED_HUNT", &[&ben, &carl]).await;
    let ben_phone = registered(&server, &ben, Wire::Udp).await;
    let phone = Phone::of(&server, &ada, Wire::Udp).await;
    let mut caller = Side::calls(phone, "6001", CALLER).await;
    let mut rings = Side::is_rung(ben_phone).await;
    rings.says(180, "").await;
    let _ = caller.is_answered(180).await;
    let named = naming(&rings, ";early-only");
    // Who is no member does not, and learns nothing.
    let mut stranger = replaces(&server, &dora, &named).await;
    let _ = stranger.is_answered(481).await;
    let mut picker = replaces(&server, &carl, &named).await;
    let silence = picker.is_answered(200).await;
    assert!(
        silence.contains("c=IN IP4 0.0.0.0\r\n") && silence.contains("a=inactive\r\n"),
        "{silence}"
    );
    let asked = picker.is_asked(HERE).await;
    assert!(asked.contains("s=offer\r\n"), "{asked}");
    let cancel = rings.phone.until("CANCEL ").await;
    rings.answers(&cancel, 200, "").await;
    rings.says(487, "").await;
    let answer = caller.is_answered(200).await;
    assert!(answer.contains("s=here\r\n"), "{answer}");
    caller.hangs_up().await;
    picker.is_hung_up().await;
    let found = record(&ada).await;
    assert_eq!(
        (&found["callee"], &found["service_number"], &found["status_code"]),
        (&json!(carl.number), &json!("6001"), &json!(200))
    );
}

#[tokio::test]
async fn who_rings_himself_may_answer_elsewhere_and_nobody_else_may() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let (mut caller, mut rings) = rings(&server, (&ada, CALLER), &ben).await;
    rings.says(180, "").await;
    let ringing = caller.is_answered(180).await;
    let named = naming(&rings, "");
    let mut stranger = replaces(&server, &carl, &named).await;
    let _ = stranger.is_answered(481).await;
    // The caller's own dialog is not one that the server began.
    let own = caller
        .replaces_early(&ringing)
        .replace("%3B", ";")
        .replace("%3D", "=");
    let mut other = replaces(&server, &ada, &format!("Replaces: {own}\r\n")).await;
    let _ = other.is_answered(481).await;
    let mut here = replaces(&server, &ben, &named).await;
    let _ = here.is_answered(200).await;
    // What the caller offers does not suit: it rings on.
    let asked = here.phone.until("INVITE ").await;
    here.answers(&asked, 488, "").await;
    here.is_hung_up().await;
    rings.says(200, ANSWER).await;
    let _ = caller.is_answered(200).await;
    let _ = rings.phone.until("ACK ").await;
    caller.hangs_up().await;
    rings.is_hung_up().await;
}
