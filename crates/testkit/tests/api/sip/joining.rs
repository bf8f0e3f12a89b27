//! What others do while a side that is to hear somebody new does not say whether it does.

use std::time::Duration;

use jackfield_testkit::{
    Draft, Person, TestServer,
    sip::{MediaEngine, Side, Wire},
};
use serde_json::{Value, json};

use super::{
    calls::{ANSWER, OFFER, record, registered},
    control::{records, speaking},
    media::{MUSIC, calls, queue},
    serve, serve_with,
    transfers::{THIRD, target},
};

/// The sides of an attended transfer that is asked for.
pub(super) struct Attended {
    pub(super) caller: Side,
    /// Who transfers.
    pub(super) answerer: Side,
    /// His second line, on which he speaks with the third.
    pub(super) asking: Side,
    pub(super) third: Side,
}

/// Ada calls Ben, who asks Carl from a second line of his, and has Ada led to him.
pub(super) async fn attended(server: &TestServer, [ada, ben, carl]: [&Person; 3]) -> Attended {
    let carl_phone = registered(server, carl, Wire::Tcp).await;
    let (caller, mut answerer) = speaking(server, ada, ben).await;
    let second = registered(server, ben, Wire::Udp).await;
    let mut asking = Side::calls(second, &carl.number, OFFER).await;
    let mut third = Side::is_rung(carl_phone).await;
    third.says(200, THIRD).await;
    let _ = asking.is_answered(200).await;
    let _ = third.phone.until("ACK ").await;
    asking.settles().await;
    let domain = answerer.phone.domain.clone();
    let to = format!("<sip:{}@{domain}?Replaces={}>", carl.number, asking.replaces());
    answerer.refers(&to).await;
    let _ = answerer.hears(202).await;
    Attended {
        caller,
        answerer,
        asking,
        third,
    }
}

/// Who ends a call in which a side is asked to hear somebody new, and does not say whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// That side.
    Kept,
    /// Who is new.
    New,
    /// Nobody of them: it is ended over the API.
    Api,
}

impl Ends {
    const ALL: [Self; 3] = [Self::Kept, Self::New, Self::Api];

    /// Ends the call of `ada`, whose side is asked, with this number, and sees that it has ended for both. `asked` is what she was asked.
    async fn end(
        self,
        server: &TestServer,
        (ada, number): (&Person, &str),
        (kept, new): (&mut Side, &mut Side),
        asked: &str,
    ) {
        let own = server.voipstudio().with_token(&ada.token());
        if self == Self::Api {
            let listed = own.get("/calls").await.is(200);
            let mut calls = listed["data"].as_array().expect("calls").iter();
            let live = calls.find(|live| live["dst"] == number);
            let path = format!("/calls/{}", live.expect("a call")["id"]);
            let _ = own.delete(&path).await.is(204);
        }
        match self {
            Self::Kept => kept.hangs_up().await,
            Self::New | Self::Api => {
                if self == Self::New {
                    new.hangs_up().await;
                }
                kept.is_hung_up().await;
            }
        }
        if self != Self::New {
            new.is_hung_up().await;
        }
        // What it says in the end is acknowledged, so that it does not say it for half a minute.
        match self {
            Self::Kept => kept.answers(asked, 487, "").await,
            Self::New | Self::Api => kept.answers(asked, 200, OFFER).await,
        }
        let _ = kept.phone.until("ACK ").await;
        assert!(kept.phone.hears_no("INVITE ").await, "{self:?}");
    }

    /// Why it ended, when she is the caller.
    fn reason(self) -> Value {
        match self {
            Self::Kept => json!("CALLER_DISCONNECTED"),
            Self::New => json!("CALLEE_DISCONNECTED"),
            Self::Api => Value::Null,
        }
    }
}

/// Who was called in the calls of somebody, with what they answered and why they ended; by who was called, because two that end at
/// the same moment may be recorded in either order.
async fn ended(person: &Person, count: usize) -> Vec<[Value; 3]> {
    let kept = records(person, count).await;
    let parts = |one: &Value| ["callee", "status_code", "end_reason"].map(|name| one[name].clone());
    let mut kept: Vec<_> = kept.iter().map(parts).collect();
    kept.sort_by_key(|[callee, ..]| callee.to_string());
    kept
}

#[tokio::test]
async fn an_attended_transfer_ends_at_once_while_who_is_transferred_does_not_answer() {
    for ends in Ends::ALL {
        let server = serve().await;
        let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
        let mut all = attended(&server, [&ada, &ben, &carl]).await;
        all.asking.is_hung_up().await;
        let asked = all.caller.phone.until("INVITE ").await;
        let sides = (&mut all.caller, &mut all.third);
        ends.end(&server, (&ada, &ben.number), sides, &asked).await;
        all.answerer.is_hung_up_after_notices().await;
        let one = |person: &Person, reason: Value| [json!(person.number), json!(200), reason];
        let expected = if ends == Ends::New {
            // He was there and hung up: the transfer is done.
            vec![
                one(&ben, json!("CONSULT_TRANSFER_COMPLETED")),
                one(&carl, ends.reason()),
            ]
        } else {
            vec![one(&ben, ends.reason())]
        };
        assert_eq!(ended(&ada, expected.len()).await, expected, "{ends:?}");
        let of_carl = ended(&carl, expected.len()).await;
        assert!(of_carl.contains(&one(&carl, json!("REPLACED"))), "{of_carl:?}");
    }
}

#[tokio::test]
async fn a_blind_transfer_ends_at_once_while_who_is_transferred_does_not_answer() {
    for ends in Ends::ALL {
        let server = serve().await;
        let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
        let carl_phone = registered(&server, &carl, Wire::Udp).await;
        let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
        answerer.refers(&target(&answerer, &carl.number)).await;
        let _ = answerer.hears(202).await;
        let mut third = Side::is_rung(carl_phone).await;
        third.takes(THIRD).await;
        let asked = caller.phone.until("INVITE ").await;
        // There is no other offer meanwhile.
        third.send("INVITE", THIRD, None).await;
        let _ = third.is_answered(491).await;
        let sides = (&mut caller, &mut third);
        ends.end(&server, (&ada, &ben.number), sides, &asked).await;
        answerer.is_hung_up_after_notices().await;
        let before = match ends {
            Ends::New => json!("BLIND_TRANSFER_COMPLETED"),
            Ends::Kept | Ends::Api => ends.reason(),
        };
        let expected = [
            [json!(ben.number), json!(200), before],
            [json!(carl.number), json!(200), ends.reason()],
        ];
        assert_eq!(ended(&ada, 2).await, expected, "{ends:?}");
        assert_eq!(ended(&carl, 1).await, expected[1..], "{ends:?}");
        let own = server.voipstudio().with_token(&ada.token());
        assert_eq!(own.get("/calls").await.is(200)["total"], 0);
    }
}

#[tokio::test]
async fn who_transfers_need_not_wait_until_the_others_speak() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let mut all = attended(&server, [&ada, &ben, &carl]).await;
    let asked = all.caller.phone.until("INVITE ").await;
    all.answerer.hangs_up().await;
    assert!(all.third.phone.hears_no("BYE ").await);
    all.caller.answers(&asked, 200, OFFER).await;
    let _ = all.third.is_asked(THIRD).await;
    all.caller.settles().await;
    all.caller.reaches(&mut all.third).await;
    all.third.hangs_up().await;
    all.caller.is_hung_up().await;
    let expected = [
        [json!(ben.number), json!(200), json!("CONSULT_TRANSFER_COMPLETED")],
        [json!(carl.number), json!(200), json!("CALLEE_DISCONNECTED")],
    ];
    assert_eq!(ended(&ada, 2).await, expected);
}

#[tokio::test]
async fn an_attended_transfer_that_is_refused_keeps_the_call() {
    let server = serve().await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let mut all = attended(&server, [&ada, &ben, &carl]).await;
    let asked = all.caller.phone.until("INVITE ").await;
    all.caller.answers(&asked, 488, "").await;
    let notice = all.answerer.is_notified().await;
    assert!(
        notice.contains("SIP/2.0 503") && notice.contains("terminated"),
        "{notice}"
    );
    all.third.is_hung_up().await;
    all.caller.reaches(&mut all.answerer).await;
    all.caller.hangs_up().await;
    all.answerer.is_hung_up().await;
    let expected = [[json!(ben.number), json!(200), json!("CALLER_DISCONNECTED")]];
    assert_eq!(ended(&ada, 1).await, expected);
}

#[tokio::test]
async fn who_waits_may_go_at_once_before_it_hears_the_agent_who_answered() {
    for ends in Ends::ALL {
        let engine = MediaEngine::start(Wire::Udp).await;
        let server = serve_with(engine.options()).await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let agent = registered(&server, &ben, Wire::Udp).await;
        queue(&server, Draft::call_queue("Support", "6000"), &[&ben]).await;
        let mut caller = calls(&server, (&ada, OFFER), "6000").await;
        let mut music = Side::is_rung(engine.listens(&server).await).await;
        music.says(200, MUSIC).await;
        let _ = caller.is_answered(200).await;
        let _ = music.phone.until("ACK ").await;
        caller.settles().await;
        let mut agent = Side::is_rung(agent).await;
        agent.takes(ANSWER).await;
        let asked = caller.phone.until("INVITE ").await;
        let sides = (&mut caller, &mut agent);
        ends.end(&server, (&ada, &ben.number), sides, &asked).await;
        music.is_hung_up().await;
        let found = record(&ada).await;
        assert_eq!(
            (&found["callee"], &found["status_code"], &found["end_reason"]),
            (&json!(ben.number), &json!(200), &ends.reason()),
            "{ends:?}"
        );
        let _ = records(&ben, 1).await;
        let own = server.voipstudio().with_token(&ada.token());
        assert_eq!(own.get("/calls").await.is(200)["total"], 0);
    }
}

#[tokio::test]
async fn an_agent_who_answers_before_the_music_is_heard_is_left_with_it() {
    let engine = MediaEngine::start(Wire::Udp).await;
    let server = serve_with(engine.options()).await;
    let [ada, ben, carl] = server.portsip().users(["ada", "ben", "carl"]).await;
    let agent = registered(&server, &carl, Wire::Udp).await;
    queue(&server, Draft::call_queue("Support", "6000"), &[&carl]).await;
    let (mut caller, mut answerer) = speaking(&server, &ada, &ben).await;
    answerer.refers(&target(&answerer, "6000")).await;
    let _ = answerer.hears(202).await;
    let mut music = Side::is_rung(engine.listens(&server).await).await;
    music.says(200, MUSIC).await;
    let _ = music.phone.until("ACK ").await;
    let asked = caller.phone.until("INVITE ").await;
    let mut agent = Side::is_rung(agent).await;
    agent.takes(ANSWER).await;
    // His answer has come further than to the one who rings him.
    let own = server.voipstudio().with_token(&carl.token());
    for attempt in 0.. {
        let listed = own.get("/calls").await.is(200);
        if listed["data"][0]["state"] == "CONNECTED" {
            break;
        }
        assert!(attempt < 200, "{listed}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    caller.hangs_up().await;
    caller.answers(&asked, 487, "").await;
    let _ = caller.phone.until("ACK ").await;
    music.is_hung_up().await;
    agent.is_hung_up().await;
    answerer.is_hung_up_after_notices().await;
    let expected = [
        [json!(ben.number), json!(200), json!("CALLER_DISCONNECTED")],
        [json!(carl.number), json!(487), json!("CANCELLED")],
    ];
    assert_eq!(ended(&ada, 2).await, expected);
}
