//! Registering, by RFC 3261 §10.3 and what extends it.

use std::time::Duration;

use jackfield_testkit::{
    SipOptions,
    sip::{Digest, Link, Phone, Wire},
};
use serde_json::{Value, json};

use super::{serve, serve_with};

const WIRES: [Wire; 4] = [Wire::Udp, Wire::Tcp, Wire::Tls, Wire::WebSocket];

#[tokio::test]
async fn a_phone_registers_over_every_protocol_with_every_hash_function() {
    for digests in ["sha256,md5", "md5", "sha256"] {
        let sip = SipOptions {
            digests,
            ..SipOptions::default()
        };
        let server = serve_with(sip).await;
        let alice = server.portsip().user("alice").await;
        for wire in WIRES {
            let known: &[Digest] = match digests {
                "md5" => &[Digest::Md5],
                "sha256" => &[Digest::Sha256],
                _ => &[Digest::Sha256, Digest::Md5],
            };
            for digest in known {
                let mut phone = Phone::of(&server, &alice, wire).await;
                phone.digest = Some(*digest);
                let reply = phone.register(600).await.is(200);
                assert_eq!(reply.headers("Contact").len(), 1, "{}", reply.text);
                assert_eq!(reply.header("Contact"), format!("{};expires=600", phone.contact));
                let state = alice.get("/user/status").await.is(200);
                let seen = &state["registration"][0];
                assert_eq!(
                    (&seen["user_agent"], &seen["ip"]),
                    (&json!("Test phone 1.0"), &json!("127.0.0.1"))
                );
                assert_eq!(seen["contact_address"], phone.contact.trim_matches(['<', '>']));
                assert_eq!(state["status"], "ONLINE");
                let reply = phone.register(0).await.is(200);
                assert_eq!(reply.header("Contact"), "");
                assert_eq!(alice.get("/user/status").await.is(200)["registration"], json!([]));
            }
        }
    }
}

#[tokio::test]
async fn the_better_hash_function_is_offered_first() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let request = phone.request("REGISTER", &[]);
    let challenges = phone.send(&request).await.is(401).challenges();
    let digests: Vec<Digest> = challenges.iter().map(|one| one.digest).collect();
    assert_eq!(digests, [Digest::Sha256, Digest::Md5]);
    assert!(
        challenges
            .iter()
            .all(|one| one.realm == "home.test" && !one.stale)
    );
}

#[tokio::test]
async fn ipv6_is_no_different() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    for wire in [Wire::Udp, Wire::Tcp] {
        let link = Link::open(wire, server.sip_v6(wire)).await;
        let mut phone = Phone::new(link, &alice.number, "home.test");
        let reply = phone.register(600).await.is(200);
        assert!(reply.header("Via").contains("received=[::1]") || reply.header("Via").contains("[::1]"));
        let state = alice.get("/user/status").await.is(200);
        assert_eq!(state["registration"][0]["ip"], "::1");
        let _ = phone.register(0).await.is(200);
    }
}

#[tokio::test]
async fn several_devices_ring_and_each_is_known_by_its_instance() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut desk = Phone::of(&server, &alice, Wire::Udp).await;
    let mut cell = Phone::of(&server, &alice, Wire::Tcp).await;
    let instance = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";
    desk.contact = format!("{};+sip.instance=\"{instance}\";reg-id=1;q=0.3", desk.contact);
    let reply = desk.register(600).await.is(200);
    assert_eq!(reply.header("Require"), "outbound");
    assert!(
        reply
            .header("Contact")
            .contains(";q=0.300;+sip.instance=\"<urn:uuid"),
        "{}",
        reply.text
    );
    let reply = cell.register(300).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 2);
    // The same device at another address takes its own place.
    let mut moved = Phone::of(&server, &alice, Wire::Udp).await;
    moved.contact = format!("{};+sip.instance=\"{instance}\"", moved.contact);
    let reply = moved.register(600).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 2);
    let state = alice.get("/user/status").await.is(200);
    let ids: Vec<&Value> = state["registration"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["instance_id"])
        .collect();
    assert_eq!(ids[0], instance);
    // Asking changes nothing, and `*` ends all of them.
    assert_eq!(
        cell.ask("REGISTER", &[]).await.is(200).headers("Contact").len(),
        2
    );
    let all = [("Contact", "*"), ("Expires", "0")];
    assert_eq!(cell.ask("REGISTER", &all).await.is(200).header("Contact"), "");
    assert_eq!(alice.get("/user/status").await.is(200)["status"], "OFFLINE");
}

#[tokio::test]
async fn an_extension_has_a_limit_of_devices_and_a_request_is_carried_out_whole_or_not_at_all() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    for batch in 0..2 {
        let contacts: Vec<String> = (0..16).map(|at| format!("<sip:a@10.0.{batch}.{at}>")).collect();
        let _ = phone
            .ask("REGISTER", &[("Contact", &contacts.join(", "))])
            .await
            .is(200);
    }
    let more = "<sip:a@10.0.0.1>;expires=90, <sip:a@10.9.9.9>";
    let _ = phone.ask("REGISTER", &[("Contact", more)]).await.is(403);
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.headers("Contact").len(), 32);
    assert!(
        reply
            .headers("Contact")
            .iter()
            .all(|contact| contact.ends_with(";expires=3600"))
    );
    // One goes, one comes.
    let swap = "<sip:a@10.0.0.1>;expires=0, <sip:a@10.9.9.9>";
    assert_eq!(
        phone
            .ask("REGISTER", &[("Contact", swap)])
            .await
            .is(200)
            .headers("Contact")
            .len(),
        32
    );
}

#[tokio::test]
async fn late_requests_change_nothing() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    let number = phone.cseq;
    for late in [number - 1, 0] {
        phone.cseq = late;
        let _ = phone.register(0).await.is(500);
    }
    phone.cseq = 0;
    let _ = phone
        .ask("REGISTER", &[("Contact", "*"), ("Expires", "0")])
        .await
        .is(500);
    assert_eq!(alice.get("/user/status").await.is(200)["status"], "ONLINE");
    // A telephone that was restarted counts anew under another Call-ID.
    phone.cseq = 0;
    phone.call_id = "after-the-restart".into();
    let _ = phone.register(0).await.is(200);
}

#[tokio::test]
async fn lifetimes_have_bounds() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let reply = phone.register(59).await.is(423);
    assert_eq!(reply.header("Min-Expires"), "60");
    let _ = phone.register(60).await.is(200);
    let reply = phone.register(86_400).await.is(200);
    assert!(
        reply.header("Contact").ends_with(";expires=3600"),
        "{}",
        reply.text
    );
    // Within the delay; here only the clock moves.
    server.write_renewals().await;
    server.clock.advance(Duration::from_secs(3599));
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert!(reply.header("Contact").ends_with(";expires=1"), "{}", reply.text);
    server.clock.advance(Duration::from_secs(1));
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(reply.header("Contact"), "");
}

#[tokio::test]
async fn a_path_is_believed_from_our_own_proxies_alone() {
    let path = [
        ("Path", "<sip:one.example;lr>"),
        ("Path", "<sip:two.example;lr>"),
        ("Supported", "path"),
    ];
    for trusted in [false, true] {
        let sip = SipOptions {
            trusted,
            ..SipOptions::default()
        };
        let server = serve_with(sip).await;
        let alice = server.portsip().user("alice").await;
        let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
        let contact = phone.contact.clone();
        let mut headers = vec![("Contact", contact.as_str())];
        headers.extend(path);
        let reply = phone.ask("REGISTER", &headers).await;
        if trusted {
            assert_eq!(
                reply.is(200).headers("Path"),
                ["<sip:one.example;lr>", "<sip:two.example;lr>"]
            );
        } else {
            let _ = reply.is(403);
            assert_eq!(alice.get("/user/status").await.is(200)["status"], "OFFLINE");
        }
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_by_the_book() {
    let server = serve().await;
    let portsip = server.portsip();
    let [alice, bob] = portsip.users(["alice", "bob"]).await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    let table: [(&[(&str, &str)], u16); 9] = [
        (&[("Contact", "*")], 400),
        (&[("Contact", "*"), ("Expires", "60")], 400),
        (&[("Contact", "*, <sip:a@b>"), ("Expires", "0")], 400),
        (&[("Contact", "<sip:a@b")], 400),
        (&[("Contact", "<tel:+4930>")], 400),
        (&[("Contact", "<sip:a@b>;q=7")], 400),
        (&[("Contact", "<sip:a@b>"), ("Require", "path, gruu")], 420),
        (&[("Contact", "<sip:a@b>;expires=1")], 423),
        (&[("Contact", "<sip:a@b>;expires=60, <sip:c@d>;expires=1")], 423),
    ];
    for (headers, status) in table {
        let reply = phone.ask("REGISTER", headers).await.is(status);
        if status == 420 {
            assert_eq!(reply.header("Unsupported"), "gruu");
        }
    }
    // For somebody else, with one's own proof.
    for (from, to) in [
        (
            format!("To: <sip:{}", alice.number),
            format!("To: <sip:{}", bob.number),
        ),
        (
            format!("From: <sip:{}", alice.number),
            format!("From: <sip:{}", bob.number),
        ),
    ] {
        let credentials = phone.credentials("REGISTER").expect("it was challenged");
        let text = phone.request(
            "REGISTER",
            &[("Authorization", &credentials), ("Contact", "<sip:a@b>")],
        );
        let _ = phone.send(&text.replace(&from, &to)).await.is(403);
    }
    let credentials = phone.credentials("REGISTER").expect("it was challenged");
    let text = phone.request("REGISTER", &[("Authorization", &credentials)]);
    let text = text.replace("REGISTER sip:home.test", "REGISTER sip:other.test");
    let _ = phone.send(&text).await.is(404);
    let reply = phone.ask("REGISTER", &[]).await.is(200);
    assert_eq!(
        reply.headers("Contact").len(),
        1,
        "nothing of this changed anything"
    );
    assert_eq!(bob.get("/user/status").await.is(200)["status"], "OFFLINE");
}

#[tokio::test]
async fn other_methods_are_answered_too() {
    const ALLOW: &str =
        "REGISTER, OPTIONS, INVITE, BYE, INFO, UPDATE, REFER, SUBSCRIBE, PUBLISH, ACK, CANCEL";
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    for wire in WIRES {
        let mut phone = Phone::of(&server, &alice, wire).await;
        let text = phone.request("OPTIONS", &[]);
        let reply = phone.send(&text).await.is(200);
        assert_eq!(reply.header("Allow"), ALLOW);
        let text = phone.request("MESSAGE", &[]);
        assert_eq!(phone.send(&text).await.is(405).header("Allow"), ALLOW);
    }
    // What nobody has heard of; a connection goes on after it.
    for wire in WIRES {
        let mut phone = Phone::of(&server, &alice, wire).await;
        let text = phone.request("NEWMETHOD", &[]);
        let reply = phone.send(&text).await.is(405);
        assert_eq!(reply.header("Allow"), ALLOW);
        let text = phone.request("OPTIONS", &[]).replacen("SIP/2.0", "SIP/3.0", 1);
        let _ = phone.send(&text).await.is(505);
        let text = phone.request("OPTIONS", &[]);
        let _ = phone.send(&text).await.is(200);
    }
}

/// Behind a router the answer goes to where the request came from.
#[tokio::test]
async fn answers_go_where_requests_came_from() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let local = phone.link.local().to_string();
    let text = phone
        .request("OPTIONS", &[])
        .replace(&format!("UDP {local}"), "UDP 10.1.2.3:5060");
    let reply = phone.send(&text).await.is(200);
    let via = reply.header("Via");
    assert!(via.contains("received=127.0.0.1"), "{via}");
    assert!(
        via.contains(&format!("rport={}", phone.link.local().port())),
        "{via}"
    );
}

/// The answer was lost on its way: over UDP the same request comes again, and gets the same answer, though the count of its nonce is
/// used up. As another request it is nothing but a replay.
#[tokio::test]
async fn a_request_that_comes_again_gets_its_answer_again() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut phone = Phone::of(&server, &alice, Wire::Udp).await;
    let _ = phone.register(600).await.is(200);
    let (contact, credentials) = (phone.contact.clone(), phone.credentials("REGISTER").unwrap());
    let text = phone.request(
        "REGISTER",
        &[
            ("Contact", &contact),
            ("Expires", "600"),
            ("Authorization", &credentials),
        ],
    );
    let first = phone.send(&text).await.is(200);
    for _ in 0..3 {
        assert_eq!(phone.send(&text).await.text, first.text);
    }
    let replayed = text.replace("branch=z9hG4bK", "branch=z9hG4bKreplayed");
    assert!(phone.send(&replayed).await.is(401).challenges()[0].stale);
    // What is refused for good is refused again, without a new proof.
    let credentials = phone.credentials("REGISTER").unwrap();
    let brief = phone.request(
        "REGISTER",
        &[
            ("Contact", &contact),
            ("Expires", "1"),
            ("Authorization", &credentials),
        ],
    );
    let refused = phone.send(&brief).await.is(423);
    assert_eq!(phone.send(&brief).await.text, refused.text);
}
