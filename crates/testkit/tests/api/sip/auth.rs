//! Proof of identity.

use std::time::Duration;

use jackfield_testkit::{
    SipOptions,
    sip::{Digest, Link, Phone, Wire},
};

use super::{serve, serve_with};

#[tokio::test]
async fn a_wrong_password_gets_nothing_and_a_stranger_learns_nothing() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let wrong = async |number: &str, domain: &str| {
        let link = Link::open(Wire::Udp, server.sip(Wire::Udp)).await;
        let mut phone = Phone::new(link, number, domain);
        phone.password = "nearly".into();
        let first = phone.request("REGISTER", &[]);
        let first = phone.send(&first).await.is(401);
        phone.challenged(&first);
        let second = phone.register(600).await.is(401);
        assert!(second.challenges().iter().all(|one| !one.stale));
        // What differs in every answer is made equal; the rest must be.
        [first, second].map(|reply| {
            let mut lines: Vec<String> = Vec::new();
            for line in reply.text.split("\r\n") {
                let name = line.split([':', ' ']).next().unwrap_or_default();
                lines.push(match name {
                    "WWW-Authenticate" => {
                        let (before, rest) = line.split_once("nonce=\"").expect("a nonce");
                        let (nonce, after) = rest.split_once('"').expect("its end");
                        format!("{before}{}{after}", nonce.len()).replace(domain, "DOMAIN")
                    }
                    "Via" | "From" | "To" | "Call-ID" | "CSeq" => name.to_owned(),
                    _ => line.to_owned(),
                });
            }
            lines
        })
    };
    let known = wrong(&alice.number, "home.test").await;
    assert_eq!(wrong("999999", "home.test").await, known);
    assert_eq!(wrong(&alice.number, "nowhere.test").await, known);
    assert_eq!(alice.get("/user/status").await.is(200)["status"], "OFFLINE");
}

#[tokio::test]
async fn the_tenth_and_the_hundredth_use_of_a_nonce_are_not_special() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    for _ in 0..120 {
        let _ = phone.register(600).await.is(200);
    }
    let (challenge, count) = phone.session.clone().expect("a challenge");
    assert_eq!(count, 120, "one challenge served: {challenge:?}");
}

#[tokio::test]
async fn a_nonce_ends_and_a_telephone_is_told_that_only_it_was_wrong() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    server.clock.advance(Duration::from_mins(10));
    let credentials = phone.credentials("REGISTER").expect("it was challenged");
    let text = phone.request("REGISTER", &[("Authorization", &credentials)]);
    let reply = phone.send(&text).await.is(401);
    assert!(reply.challenges().iter().all(|one| one.stale), "{}", reply.text);
    phone.challenged(&reply);
    let _ = phone.register(600).await.is(200);
}

#[tokio::test]
async fn ten_thousand_replays_are_refused() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Tcp).await;
    let _ = phone.register(600).await.is(200);
    let credentials = phone.credentials("REGISTER").expect("it was challenged");
    let text = phone.request(
        "REGISTER",
        &[
            ("Contact", "*"),
            ("Expires", "0"),
            ("Authorization", &credentials),
        ],
    );
    let _ = phone.send(&text).await.is(200);
    let _ = phone.register(600).await.is(200);
    // What was sent once, again and again, each time as a new request so that no transaction answers it.
    let mut refused = 0;
    for at in 0..100 {
        let mut many = String::new();
        for more in 0..100 {
            many.push_str(&text.replace("branch=z9hG4bK", &format!("branch=z9hG4bKr{at}x{more}x")));
        }
        phone.link.send(many.as_bytes()).await;
        for _ in 0..100 {
            let reply = phone.receive().await.is(401);
            assert!(reply.challenges()[0].stale);
            refused += 1;
        }
    }
    assert_eq!(refused, 10_000);
    assert_eq!(alice.get("/user/status").await.is(200)["status"], "ONLINE");
    // Nor does a listener get anywhere with what he heard.
    let mut thief = Phone::of(&server, &alice, Wire::Udp).await;
    thief.session = phone.session.clone();
    thief.password = String::new();
    let credentials = text
        .lines()
        .find_map(|line| line.strip_prefix("Authorization: "))
        .expect("they were sent");
    let stolen = thief.request("REGISTER", &[("Authorization", credentials)]);
    let _ = thief.send(&stolen).await.is(401);
}

#[tokio::test]
async fn only_what_was_offered_is_taken() {
    let sip = SipOptions {
        digests: "sha256",
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let text = phone.request("REGISTER", &[]);
    let reply = phone.send(&text).await.is(401);
    let mut challenge = reply.challenges().remove(0);
    challenge.digest = Digest::Md5;
    phone.session = Some((challenge, 0));
    let credentials = phone.credentials("REGISTER").expect("a challenge");
    let text = phone.request("REGISTER", &[("Authorization", &credentials)]);
    let _ = phone.send(&text).await.is(401);
}

#[tokio::test]
async fn a_proof_for_one_tenant_is_none_for_another() {
    let server = serve().await;
    let portsip = server.portsip();
    let alice = portsip.user("alice").await;
    let other = portsip.company("other.test").await;
    // The same number with the same password at another domain.
    let draft = jackfield_testkit::Draft::user("alice", &alice.number);
    let twin = portsip.employ(&other, draft).await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    assert_eq!(twin.get("/user/status").await.is(200)["status"], "OFFLINE");
    let credentials = phone.credentials("REGISTER").expect("it was challenged");
    let text = phone.request(
        "REGISTER",
        &[("Authorization", &credentials), ("Contact", "<sip:a@b>")],
    );
    let reply = phone
        .send(&text.replace("@home.test", "@other.test"))
        .await
        .is(401);
    assert_eq!(reply.challenges()[0].realm, "other.test");
    assert_eq!(twin.get("/user/status").await.is(200)["status"], "OFFLINE");
    let mut own = Phone::of(&server, &twin, Wire::Udp).await;
    let _ = own.register(600).await.is(200);
    assert_eq!(twin.get("/user/status").await.is(200)["status"], "ONLINE");
}

#[tokio::test]
async fn who_fails_too_often_is_not_heard_any_more() {
    let sip = SipOptions {
        failures: 5,
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    phone.password = "guess".into();
    let mut answered = 0;
    for _ in 0..5 {
        answered += u32::from(phone.register(600).await.status == 401);
    }
    assert_eq!(answered, 5);
    phone.password = jackfield_testkit::PASSWORD.into();
    let text = phone.request("REGISTER", &[]);
    phone.link.send(text.as_bytes()).await;
    assert!(
        phone.maybe(Duration::from_millis(300)).await.is_none(),
        "a banned source gets no answer"
    );
    // Another source is not concerned.
    let link = Link::open(Wire::Udp, server.sip_v6(Wire::Udp)).await;
    let mut good = Phone::new(link, &alice.number, "home.test");
    let _ = good.register(600).await.is(200);
    server.clock.advance(Duration::from_hours(12));
    let _ = phone.register(600).await.is(200);
}
