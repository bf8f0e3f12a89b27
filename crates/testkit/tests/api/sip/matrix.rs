//! What any two telephones do with each other, over every protocol and with every hash function.
//!
//! Each check is written once and carried out in every cell of the table; over WebSocket those of registering alone, because
//! browsers need more for sound than signalling.

use std::pin::Pin;

use futures_util::future::join_all;
use jackfield_testkit::{
    Person, SipOptions, TestServer,
    sip::{Digest, Phone, Side, Wire},
};
use serde_json::{Value, json};

use super::serve_with;

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=offer\r\n";
const ANSWER: &str = "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=answer\r\n";

/// A cell of the table: one protocol and the hash functions that a telephone knows.
struct Cell<'a> {
    server: &'a TestServer,
    wire: Wire,
    digest: Option<Digest>,
}

type Run<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A check, and its name for who reads that it failed.
type Check = (&'static str, for<'a> fn(&'a Cell<'a>) -> Run<'a>);

const REGISTERING: [Check; 4] = [
    ("registers", |cell| Box::pin(registers(cell))),
    ("wrong password", |cell| Box::pin(wrong_password(cell))),
    ("one nonce", |cell| Box::pin(one_nonce(cell))),
    ("is dropped", |cell| Box::pin(is_dropped(cell))),
];

const CALLING: [Check; 9] = [
    ("speak", |cell| Box::pin(speak(cell))),
    ("hold", |cell| Box::pin(hold(cell))),
    ("two devices", |cell| Box::pin(two_devices(cell))),
    ("busy", |cell| Box::pin(busy(cell))),
    ("gives up", |cell| Box::pin(gives_up(cell))),
    ("unknown", |cell| Box::pin(unknown(cell))),
    ("dropped and back", |cell| Box::pin(dropped_and_back(cell))),
    ("forward at once", |cell| Box::pin(forward_at_once(cell))),
    ("forward later", |cell| Box::pin(forward_later(cell))),
];

#[tokio::test]
async fn every_protocol_with_every_hash_function() {
    for (digests, digest) in [
        ("md5", Some(Digest::Md5)),
        ("sha256", Some(Digest::Sha256)),
        ("sha256,md5", None),
    ] {
        let sip = SipOptions {
            digests,
            failures: 0,
            ..SipOptions::default()
        };
        let server = serve_with(sip).await;
        for wire in [Wire::Udp, Wire::Tcp, Wire::Tls, Wire::WebSocket] {
            let cell = Cell {
                server: &server,
                wire,
                digest,
            };
            let calling = if wire == Wire::WebSocket {
                &[][..]
            } else {
                &CALLING
            };
            let checks = REGISTERING.iter().chain(calling);
            join_all(checks.map(async |(name, check)| {
                // Seen when one fails.
                println!("{wire} {digests}: {name} begins");
                check(&cell).await;
                println!("{wire} {digests}: {name} holds");
            }))
            .await;
        }
    }
}

impl Cell<'_> {
    async fn person(&self) -> Person {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("person{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.server.portsip().user(&name).await
    }

    async fn phone(&self, person: &Person) -> Phone {
        let mut phone = Phone::of(self.server, person, self.wire).await;
        phone.digest = self.digest;
        phone
    }

    /// A telephone that has registered.
    async fn bound(&self, person: &Person) -> Phone {
        let mut phone = self.phone(person).await;
        let _ = phone.register(600).await.is(200);
        phone
    }

    async fn calls(&self, from: &Person, number: &str) -> Side {
        Side::calls(self.phone(from).await, number, OFFER).await
    }

    /// Gives a user rules that lead to a number, with these names.
    async fn forward(&self, person: &Person, number: &str, rules: &[&str]) {
        let rule = |name: &&str| {
            let mut rule = json!({"action": "FORWARD_TO_NUMBER", "number": number});
            if name.contains("no_answer") {
                rule["timeout"] = json!(1);
            }
            (format!("{name}_forward_rule"), rule)
        };
        let rules: serde_json::Map<String, Value> = rules.iter().map(rule).collect();
        let admin = self.server.portsip().admin().await;
        admin
            .post(&format!("/users/{}", person.id), Value::Object(rules))
            .await
            .changed();
    }
}

async fn status(person: &Person) -> Value {
    person.get("/user/status").await.is(200)["status"].clone()
}

/// The one record of a person's calls, waited for: how it ended, its status, and whether somebody answered.
async fn record(person: &Person) -> (Value, Value, bool) {
    loop {
        let found = person.get("/user/cdrs").await.is(200);
        if let Some(one) = found["items"].get(0) {
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
            let answered = !one["answered_at"].is_null();
            return (one["end_reason"].clone(), one["status_code"].clone(), answered);
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
}

/// 1–3, 27: challenged, bound, listed as it is, unbound.
async fn registers(cell: &Cell<'_>) {
    let ada = cell.person().await;
    let mut phone = cell.phone(&ada).await;
    let unproved = phone.request("REGISTER", &[]);
    let _ = phone.send(&unproved).await.is(401);
    let reply = phone.register(600).await.is(200);
    assert_eq!(reply.header("Contact"), format!("{};expires=600", phone.contact));
    let seen = ada.get("/user/status").await.is(200);
    assert_eq!(seen["status"], "ONLINE");
    let contact = phone.contact.trim_matches(['<', '>']);
    assert_eq!(seen["registration"][0]["contact_address"], contact);
    let reply = phone.register(0).await.is(200);
    assert_eq!(reply.header("Contact"), "");
    assert_eq!(status(&ada).await, "OFFLINE");
}

/// 4: a wrong password gets nothing.
async fn wrong_password(cell: &Cell<'_>) {
    let ada = cell.person().await;
    let mut phone = cell.phone(&ada).await;
    phone.password = "nearly".into();
    let _ = phone.register(600).await.is(401);
    assert_eq!(status(&ada).await, "OFFLINE");
}

/// 26: a telephone that keeps its nonce is not asked again.
async fn one_nonce(cell: &Cell<'_>) {
    let ada = cell.person().await;
    let mut phone = cell.bound(&ada).await;
    for _ in 0..14 {
        let _ = phone.register(600).await.is(200);
    }
    assert_eq!(phone.session.map(|(_, count)| count), Some(15));
}

/// 22: a device that is dropped is not listed any more, and comes back by itself.
async fn is_dropped(cell: &Cell<'_>) {
    let ada = cell.person().await;
    let mut phone = cell.phone(&ada).await;
    phone.contact = format!("{};+sip.instance=\"<urn:uuid:1>\"", phone.contact);
    let _ = phone.register(600).await.is(200);
    drop_device(cell, &ada).await;
    assert_eq!(status(&ada).await, "OFFLINE");
    let _ = phone.register(600).await.is(200);
    assert_eq!(status(&ada).await, "ONLINE");
}

async fn drop_device(cell: &Cell<'_>, person: &Person) {
    let admin = cell.server.portsip().admin().await;
    let path = format!("/users/{}/status/%3Curn%3Auuid%3A1%3E/destroy_status", person.id);
    admin.act(&path).await.destroyed();
}

/// 5–12: a call, both descriptions as they were, either side hangs up, and the record says who.
async fn speak(cell: &Cell<'_>) {
    for (caller_ends, reason) in [(true, "CALLER_DISCONNECTED"), (false, "CALLEE_DISCONNECTED")] {
        let (ada, ben) = (cell.person().await, cell.person().await);
        let desk = cell.bound(&ben).await;
        let mut caller = cell.calls(&ada, &ben.number).await;
        let mut other = Side::is_rung(desk).await;
        assert!(other.invite().ends_with(OFFER), "{}", other.invite());
        other.says(180, "").await;
        let _ = caller.is_answered(180).await;
        other.says(200, ANSWER).await;
        assert!(caller.is_answered(200).await.ends_with(ANSWER));
        let _ = other.phone.until("ACK ").await;
        assert_eq!(status(&ada).await, "ON_CALL");
        if caller_ends {
            caller.hangs_up().await;
            other.is_hung_up().await;
        } else {
            other.hangs_up().await;
            caller.is_hung_up().await;
        }
        assert_eq!(record(&ada).await, (json!(reason), json!(200), true));
    }
}

/// 13–14: held and taken up again.
async fn hold(cell: &Cell<'_>) {
    let (ada, ben) = (cell.person().await, cell.person().await);
    let desk = cell.bound(&ben).await;
    let mut caller = cell.calls(&ada, &ben.number).await;
    let mut other = Side::is_rung(desk).await;
    other.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.settles().await;
    for (asks, says) in [("a=sendonly\r\n", "a=recvonly\r\n"), (OFFER, ANSWER)] {
        caller.send("INVITE", asks, None).await;
        let asked = other.phone.until("INVITE ").await;
        assert!(asked.ends_with(asks), "{asked}");
        other.answers(&asked, 200, says).await;
        assert!(caller.is_answered(200).await.ends_with(says));
        let _ = other.phone.until("ACK ").await;
    }
    caller.hangs_up().await;
    other.is_hung_up().await;
}

/// 15–16: both of two devices ring, one wins, the other is cancelled.
async fn two_devices(cell: &Cell<'_>) {
    let (ada, ben) = (cell.person().await, cell.person().await);
    let (desk, mobile) = (cell.bound(&ben).await, cell.bound(&ben).await);
    let mut caller = cell.calls(&ada, &ben.number).await;
    let (mut desk, mut mobile) = (Side::is_rung(desk).await, Side::is_rung(mobile).await);
    desk.says(180, "").await;
    mobile.says(180, "").await;
    let _ = caller.is_answered(180).await;
    mobile.says(200, ANSWER).await;
    desk.is_cancelled().await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    mobile.is_hung_up().await;
}

/// 17: busy, and no rule that leads on.
async fn busy(cell: &Cell<'_>) {
    let (ada, ben) = (cell.person().await, cell.person().await);
    let rings = json!({"action": "RING_ANYWAY"});
    let rules = json!({"busy_office_hours_forward_rule": rings, "busy_non_office_hours_forward_rule": rings});
    let admin = cell.server.portsip().admin().await;
    admin.post(&format!("/users/{}", ben.id), rules).await.changed();
    let desk = cell.bound(&ben).await;
    let mut caller = cell.calls(&ada, &ben.number).await;
    let mut desk = Side::is_rung(desk).await;
    desk.says(486, "").await;
    let _ = caller.is_answered(486).await;
    assert!(!record(&ada).await.2);
}

/// 21: whoever gives up is heard.
async fn gives_up(cell: &Cell<'_>) {
    let (ada, ben) = (cell.person().await, cell.person().await);
    let desk = cell.bound(&ben).await;
    let mut caller = cell.calls(&ada, &ben.number).await;
    let mut desk = Side::is_rung(desk).await;
    desk.says(180, "").await;
    let _ = caller.is_answered(180).await;
    caller.cancel().await;
    desk.is_cancelled().await;
    let _ = caller.is_answered(487).await;
    assert_eq!(record(&ada).await, (json!("CANCELLED"), json!(487), false));
}

/// 25: nobody's number.
async fn unknown(cell: &Cell<'_>) {
    let ada = cell.person().await;
    let mut caller = cell.calls(&ada, "999999").await;
    let _ = caller.is_answered(404).await;
}

/// 22–24: a call does not reach what was dropped, and does once it has registered again.
async fn dropped_and_back(cell: &Cell<'_>) {
    let (ada, ben) = (cell.person().await, cell.person().await);
    let mut desk = cell.phone(&ben).await;
    desk.contact = format!("{};+sip.instance=\"<urn:uuid:1>\"", desk.contact);
    let _ = desk.register(600).await.is(200);
    drop_device(cell, &ben).await;
    let mut caller = cell.calls(&ada, &ben.number).await;
    let _ = caller.is_answered(480).await;
    let _ = desk.register(600).await.is(200);
    let mut caller = cell.calls(&ada, &ben.number).await;
    let mut desk = Side::is_rung(desk).await;
    desk.takes(ANSWER).await;
    let _ = caller.is_answered(200).await;
    caller.hangs_up().await;
    desk.is_hung_up().await;
}

/// 19–20: always, and while no telephone is registered.
async fn forward_at_once(cell: &Cell<'_>) {
    for (registered, rules) in [
        (true, ["available_office_hours", "available_non_office_hours"]),
        (false, ["offline_office_hours", "offline_non_office_hours"]),
    ] {
        let (ada, ben, carl) = (cell.person().await, cell.person().await, cell.person().await);
        cell.forward(&ben, &carl.number, &rules).await;
        let mut bens = cell.phone(&ben).await;
        if registered {
            let _ = bens.register(600).await.is(200);
        }
        let carls = cell.bound(&carl).await;
        let mut caller = cell.calls(&ada, &ben.number).await;
        let mut other = Side::is_rung(carls).await;
        other.takes(ANSWER).await;
        let _ = caller.is_answered(200).await;
        caller.hangs_up().await;
        other.is_hung_up().await;
        assert!(bens.hears_no("INVITE ").await);
    }
}

/// 18–19: when busy, and when nobody answers, which cancels what rings.
async fn forward_later(cell: &Cell<'_>) {
    for (busy, rules) in [
        (true, &["busy_office_hours", "busy_non_office_hours"][..]),
        (false, &["available_no_answer"]),
    ] {
        let (ada, ben, carl) = (cell.person().await, cell.person().await, cell.person().await);
        cell.forward(&ben, &carl.number, rules).await;
        let (bens, carls) = (cell.bound(&ben).await, cell.bound(&carl).await);
        let mut caller = cell.calls(&ada, &ben.number).await;
        let mut first = Side::is_rung(bens).await;
        if busy {
            first.says(486, "").await;
        } else {
            first.says(180, "").await;
            first.is_cancelled().await;
        }
        let mut second = Side::is_rung(carls).await;
        second.takes(ANSWER).await;
        let _ = caller.is_answered(200).await;
        second.hangs_up().await;
        caller.is_hung_up().await;
        assert_eq!(
            record(&ada).await,
            (json!("CALLEE_DISCONNECTED"), json!(200), true)
        );
    }
}
