//! What telephones say of their users (RFC 3903).

use jackfield_testkit::{
    Omnidesk, Person,
    sip::{Phone, Reply, Watcher, Wire, pidf},
};
use serde_json::{Value, json};

use super::{calls::registered, serve};

const OPEN: &str = "<tuple id=\"t\"><status><basic>open</basic></status></tuple>";
const CLOSED: &str = "<tuple id=\"t\"><status><basic>closed</basic></status></tuple>";

fn does(what: &str) -> String {
    format!("{OPEN}<dm:person id=\"p\"><rpid:activities><rpid:{what}/></rpid:activities></dm:person>")
}

/// What others see of somebody, and his note.
async fn seen(person: &Person) -> (Value, Value) {
    let found = person.get("/user/status").await.is(200);
    (found["presence"].clone(), found["presence_note"].clone())
}

fn is(presence: &str, note: &str) -> (Value, Value) {
    (json!(presence), json!(note))
}

fn tag(reply: &Reply) -> String {
    let tag = reply.header("SIP-ETag").to_owned();
    assert!(!tag.is_empty(), "{}", reply.text);
    tag
}

#[tokio::test]
async fn what_a_telephone_says_is_what_its_user_says() {
    for wire in [Wire::Udp, Wire::Tcp] {
        let server = serve().await;
        let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
        let mut phone = registered(&server, &ada, wire).await;
        let of = |inner: &str| pidf(&ada.number, inner);
        let mut lamp = Watcher::new(Phone::of(&server, &ben, Wire::Udp).await, &ada.number, "presence");
        let _ = lamp.asks(600).await.is(200);
        let _ = lamp.is_told().await;
        let reply = phone
            .publishes(
                &[("Expires", "600")],
                &of(&format!("{}<note>back at 2</note>", does("meal"))),
            )
            .await
            .is(200);
        assert_eq!(reply.header("Expires"), "600");
        assert_eq!(seen(&ada).await, is("LUNCH", "back at 2"));
        let told = lamp.is_told().await;
        assert!(
            told.body().contains("<rpid:meal/>") && told.body().contains("back at 2"),
            "{}",
            told.text
        );
        // Another telephone of his sees it changed, and so do the APIs.
        let again = phone
            .publishes(&[("SIP-If-Match", &tag(&reply))], &of(&does("busy")))
            .await
            .is(200);
        assert_ne!(tag(&again), tag(&reply));
        assert_eq!(again.header("Expires"), "3600");
        assert_eq!(
            seen(&ada).await,
            is("DO_NOT_DISTURB", ""),
            "its note went with it"
        );
        // The old tag is none any more; what it says is not taken.
        let stale = phone
            .publishes(&[("SIP-If-Match", &tag(&reply))], &of(&does("away")))
            .await;
        let _ = stale.is(412);
        assert_eq!(seen(&ada).await, is("DO_NOT_DISTURB", ""));
        // A refresh, and the same once more, do not undo what was said elsewhere meanwhile.
        let said = json!({"presence": "BUSINESS_TRIP", "presence_note": "in Rome"});
        ada.post("/user/presence", said).await.changed();
        let reply = phone
            .publishes(&[("SIP-If-Match", &tag(&again))], "")
            .await
            .is(200);
        let reply = phone
            .publishes(&[("SIP-If-Match", &tag(&reply))], &of(&does("busy")))
            .await
            .is(200);
        assert_eq!(seen(&ada).await, is("BUSINESS_TRIP", "in Rome"));
        // Nor does it when it ends.
        let ended = phone
            .publishes(&[("SIP-If-Match", &tag(&reply)), ("Expires", "0")], "")
            .await
            .is(200);
        assert_eq!(ended.header("Expires"), "0");
        assert_eq!(seen(&ada).await, is("BUSINESS_TRIP", "in Rome"));
        let gone = phone.publishes(&[("SIP-If-Match", &tag(&ended))], "").await;
        let _ = gone.is(412);
        // What still stands is taken back.
        let reply = phone.publishes(&[], &of(CLOSED)).await.is(200);
        assert_eq!(seen(&ada).await, is("AWAY", "in Rome"));
        let _ = phone
            .publishes(&[("SIP-If-Match", &tag(&reply)), ("Expires", "0")], "")
            .await
            .is(200);
        assert_eq!(seen(&ada).await, is("AVAILABLE", "in Rome"));
    }
}

#[tokio::test]
async fn nobody_says_it_for_somebody_else() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    let foreign = server.portsip().company("foreign.test").await.admin;
    let mut phone = registered(&server, &ada, Wire::Udp).await;
    let own = pidf(&ada.number, &does("away"));
    // The address of another, of nobody, of another domain, and a document about another.
    for target in [
        format!("sip:{}@home.test", ben.number),
        "sip:99999@home.test".to_owned(),
        format!("sip:{}@foreign.test", ada.number),
        format!("sip:{}@foreign.test", foreign.number),
    ] {
        let _ = phone.publishes_for(&target, &[], &own).await.is(403);
    }
    let _ = phone
        .publishes(&[], &pidf(&ben.number, &does("away")))
        .await
        .is(403);
    // The tag of another's publication is none of his.
    let mut other = registered(&server, &ben, Wire::Udp).await;
    let reply = other
        .publishes(&[], &pidf(&ben.number, &does("away")))
        .await
        .is(200);
    let stolen = phone
        .publishes(&[("SIP-If-Match", &tag(&reply)), ("Expires", "0")], "")
        .await;
    let _ = stolen.is(412);
    assert_eq!(seen(&ben).await, is("AWAY", ""));
    assert_eq!(seen(&ada).await, is("AVAILABLE", ""));
    // Who writes another into From, who is not who he says, and who is disabled.
    let proof = phone.credentials("PUBLISH").expect("it was challenged");
    let text = phone
        .request("PUBLISH", &[("Event", "presence"), ("Authorization", &proof)])
        .replace(
            &format!("From: <sip:{}@", ada.number),
            &format!("From: <sip:{}@", ben.number),
        );
    let _ = phone.send(&text).await.is(403);
    let mut liar = Phone::of(&server, &ada, Wire::Udp).await;
    liar.password = "wrong".to_owned();
    let _ = liar.publishes(&[], &own).await.is(401);
    let admin = server.portsip().admin().await;
    admin
        .post(&format!("/users/{}", ada.id), json!({"enabled": false}))
        .await
        .changed();
    let _ = phone.publishes(&[], &own).await.is(403);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_and_changes_nothing() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let mut phone = registered(&server, &ada, Wire::Udp).await;
    let good = pidf(&ada.number, &does("away"));
    let long = pidf(&ada.number, &format!("{OPEN}<note>{}</note>", "x".repeat(129)));
    let entity = good.replace("?>", "?><!DOCTYPE p [<!ENTITY a \"b\">]>");
    for (headers, body, status) in [
        (&[("Expires", "59")][..], good.as_str(), 423),
        (&[("Expires", "soon")], &good, 400),
        (&[("Content-Type", "application/xml")], &good, 415),
        (&[("Content-Encoding", "gzip")], &good, 415),
        (&[("Require", "x")], &good, 420),
        (&[("SIP-If-Match", "a"), ("SIP-If-Match", "b")], &good, 400),
        (&[("SIP-If-Match", "a, b")], &good, 400),
        (&[("SIP-If-Match", "a")], &good, 412),
        (&[("SIP-If-Match", "")], &good, 412),
        (&[], "", 400),
        (&[], "presence", 400),
        (&[], "<presence/>", 400),
        (&[], &good[..good.len() - 20], 400),
        (&[], &long, 400),
        (&[], &entity, 400),
    ] {
        let reply = phone.publishes(headers, body).await;
        assert_eq!(reply.status, status, "{headers:?} {body}: {}", reply.text);
        match status {
            423 => assert_eq!(reply.header("Min-Expires"), "60"),
            415 => assert!(reply.text.contains("\r\nAccept"), "{}", reply.text),
            _ => {}
        }
    }
    for event in ["dialog", "message-summary", "", "presence.winfo"] {
        let reply = phone.publishes(&[("Event", event)], &good).await.is(489);
        assert_eq!(reply.header("Allow-Events"), "presence", "{event}");
    }
    assert_eq!(seen(&ada).await, is("AVAILABLE", ""));
    // What failed to change a publication leaves it.
    let reply = phone.publishes(&[], &good).await.is(200);
    let _ = phone
        .publishes(&[("SIP-If-Match", &tag(&reply))], &long)
        .await
        .is(400);
    assert_eq!(seen(&ada).await, is("AWAY", ""));
    let _ = phone
        .publishes(&[("SIP-If-Match", &tag(&reply))], "")
        .await
        .is(200);
}

#[tokio::test]
async fn a_lock_holds_against_telephones() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let mut phone = registered(&server, &ada, Wire::Udp).await;
    let reply = phone
        .publishes(&[], &pidf(&ada.number, &does("away")))
        .await
        .is(200);
    let home = server.portsip().home().await;
    let program = server
        .omnidesk_key(&home.id, &home.admin.id, &Omnidesk::ALL)
        .await;
    let lock = |status: &'static str| [("userID", ada.id.as_str()), ("status", status)];
    let _ = program.post("/user/statusLock", &lock("2")).await.is(200);
    let busy = pidf(&ada.number, &does("busy"));
    let refused = phone
        .publishes(&[("SIP-If-Match", &tag(&reply))], &busy)
        .await
        .is(403);
    assert!(refused.header("Warning").contains("locked"), "{}", refused.text);
    let _ = phone.publishes(&[], &busy).await.is(403);
    // It may end, and takes nothing back.
    let _ = phone
        .publishes(&[("SIP-If-Match", &tag(&reply)), ("Expires", "0")], "")
        .await
        .is(200);
    assert_eq!(seen(&ada).await, is("AWAY", ""));
}

/// Whoever is seen with a presence, once that is so.
async fn seen_soon(person: &Person, expected: &(Value, Value)) {
    let began = std::time::Instant::now();
    while seen(person).await != *expected {
        assert!(
            began.elapsed() < std::time::Duration::from_secs(30),
            "{expected:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A telephone that was pulled out says nothing any more: what it said ends with its time, unless somebody said something else.
#[tokio::test]
async fn a_publication_that_is_not_renewed_is_taken_back() {
    let server = serve().await;
    let [ada, ben] = server.portsip().users(["ada", "ben"]).await;
    for person in [&ada, &ben] {
        let mut phone = registered(&server, person, Wire::Udp).await;
        let _ = phone
            .publishes(&[("Expires", "60")], &pidf(&person.number, &does("meal")))
            .await
            .is(200);
        assert_eq!(seen(person).await, is("LUNCH", ""));
    }
    ben.post("/user/presence", json!({"presence": "AWAY"}))
        .await
        .changed();
    server.clock.advance(std::time::Duration::from_secs(61));
    seen_soon(&ada, &is("AVAILABLE", "")).await;
    assert_eq!(seen(&ben).await, is("AWAY", ""));
}
