//! What strangers send.

use std::time::{Duration, Instant};

use jackfield_testkit::{
    SipOptions, TestServer,
    sip::{Link, Phone, Wire},
};

use super::{serve, serve_with};

/// A telephone still registers: nothing that was sent before has done any harm.
async fn alive(server: &TestServer, number: &str) {
    for wire in [Wire::Udp, Wire::Tcp, Wire::Tls, Wire::WebSocket] {
        let link = Link::open(wire, server.sip(wire)).await;
        let mut phone = Phone::new(link, number, "home.test");
        let _ = phone.register(600).await.is(200);
        let _ = phone.register(0).await.is(200);
    }
}

/// A request that only lacks a proof.
const REQUEST: &str = "REGISTER sip:home.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKX\r\n\
    From: <sip:a@home.test>;tag=1\r\nTo: <sip:a@home.test>\r\nCall-ID: TORTURE\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\n\
    Content-Length: 0\r\n\r\n";

/// What is put in the place of what, in the manner of RFC 4475.
const CHANGES: [(&str, &str); 46] = [
    ("Via", "v"),
    ("To: ", "TO :\r\n  "),
    ("\r\n", "\n"),
    ("From: ", "From: \"J Rosenberg \\\\\\\"\" "),
    ("Max-Forwards: 70", "Max-Forwards: -1"),
    ("CSeq: 1 ", "CSeq: 4294967296 "),
    ("CSeq: 1 ", "CSeq: 36893488147419103232 "),
    ("CSeq: 1 REGISTER", "CSeq: 1 INVITE"),
    ("Content-Length: 0", "Content-Length: -999"),
    ("Content-Length: 0", "Content-Length: 99999999999"),
    ("Content-Length: 0", "Content-Length: nothing"),
    ("SIP/2.0/UDP 192", "SIP/2.0/ 192"),
    ("192.0.2.1;", "[2001:db8::1;"),
    ("To: <", "To: \"Unclosed <"),
    ("To: <sip:a@home.test>", "To: <>"),
    ("To: <sip:a@home.test>", "To: <sip:%00@home.test>"),
    ("To: <sip:a@home.test>", "To: <sip:a@\u{212a}.test>"),
    ("To: <sip:a@home.test>", "To: <http://home.test>"),
    ("Max-Forwards: 70", "Contact: <sip:a@b>;expires=1000000000000"),
    ("Max-Forwards: 70", "Contact: \"a\\\", <sip:a@b>"),
    ("Max-Forwards: 70", "Authorization: NoOneKnows param=1"),
    ("Max-Forwards: 70", "Authorization: Digest"),
    ("Max-Forwards: 70", "Authorization: Digest ,,,=,\"="),
    (
        "Max-Forwards: 70",
        "Require: nothingSupportsThis, nothingSupportsThisEither",
    ),
    ("Max-Forwards: 70", "Expires: soon"),
    ("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKX\r\n", ""),
    ("From: <sip:a@home.test>;tag=1\r\n", ""),
    ("To: <sip:a@home.test>\r\n", ""),
    ("Call-ID: TORTURE\r\n", ""),
    ("CSeq: 1 REGISTER\r\n", ""),
    (REQUEST, "SIP/2.0 200 OK\r\n\r\n"),
    (
        REQUEST,
        "SIP/2.0 4294967301 better not break the receiver\r\n\r\n",
    ),
    (REQUEST, "\r\n\r\n\r\n"),
    (REQUEST, "GET / HTTP/1.1\r\nHost: home.test\r\n\r\n"),
    ("REGISTER sip:home.test SIP/2.0", "SIP/2.0 200 OK"),
    ("test SIP/2.0", "test SIP/7.0"),
    ("REGISTER sip:home.test", "REGISTER <sip:home.test>"),
    ("REGISTER sip:home.test", "REGISTER sip:home.test; lr"),
    ("REGISTER sip:home.test ", "REGISTER  sip:home.test  "),
    ("REGISTER sip:home.test", "REGISTER sip:[::1"),
    (
        "REGISTER sip:home.test",
        "REGISTER nobodyKnowsThisScheme:totallyopaquecontent",
    ),
    ("REGISTER", "!interesting-Method0123456789_*+`.%indeed'~"),
    ("REGISTER", "INVITE"),
    ("REGISTER", "CANCEL"),
    ("REGISTER", "ACK"),
    ("REGISTER", "BYE"),
];

/// What is odd but right is answered, what is wrong is refused or passed over; nobody is harmed by either.
#[tokio::test]
async fn torture_harms_nobody() {
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let mut messages: Vec<Vec<u8>> = CHANGES
        .iter()
        .map(|(from, to)| {
            assert!(REQUEST.contains(from), "{from}");
            REQUEST.replace(from, to).into_bytes()
        })
        .collect();
    let long = format!("X: {}", "y".repeat(7000));
    let many = "Contact: <sip:a@b>\r\n".repeat(300);
    for more in [long, many] {
        messages.push(REQUEST.replace("Max-Forwards: 70", &more).into_bytes());
    }
    messages.push(vec![0; 1000]);
    messages.push((0..=255).cycle().take(8192).collect());
    messages.push(vec![b'R'; 65_000]);
    let whole = REQUEST.as_bytes();
    for end in (0..whole.len()).step_by(7) {
        messages.push(whole[..end].to_vec());
    }
    for at in (0..whole.len()).step_by(5) {
        let mut bent = whole.to_vec();
        bent[at] ^= 0xff;
        messages.push(bent);
    }
    for wire in [Wire::Udp, Wire::Tcp, Wire::WebSocket] {
        for message in &messages {
            let mut link = Link::open(wire, server.sip(wire)).await;
            link.send(message).await;
        }
    }
    alive(&server, &alice.number).await;
}

#[tokio::test]
async fn a_scan_of_a_thousand_numbers_finds_none() {
    let sip = SipOptions {
        failures: 0,
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let alice = server.portsip().user("alice").await;
    let link = Link::open(Wire::Tcp, server.sip(Wire::Tcp)).await;
    let mut scanner = Phone::new(link, "0", "home.test");
    let mut answers = std::collections::HashSet::new();
    for number in (0..1000)
        .map(|at: u32| (at + 1000).to_string())
        .chain([alice.number.clone()])
    {
        number.clone_into(&mut scanner.number);
        for method in ["REGISTER", "OPTIONS", "SUBSCRIBE"] {
            let text = scanner.request(method, &[]);
            let reply = scanner.send(&text).await;
            let shape: Vec<String> = reply
                .text
                .split("\r\n")
                .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
                .collect();
            answers.insert((method, reply.status, shape));
        }
        scanner.session = None;
        scanner.password = "guess".into();
        let reply = scanner.register(600).await;
        answers.insert(("guess", reply.status, vec![reply.challenges().len().to_string()]));
    }
    assert_eq!(answers.len(), 4, "every number gets the same: {answers:?}");
}

#[tokio::test]
async fn a_flood_from_one_source_leaves_the_telephone_of_another_alone() {
    let sip = SipOptions {
        rate: 100,
        ..SipOptions::default()
    };
    let server = serve_with(sip).await;
    let alice = server.portsip().user("alice").await;
    let (udp, tcp) = (server.sip(Wire::Udp), server.sip(Wire::Tcp));
    let mut flooder = Phone::of(&server, &alice, Wire::Udp).await;
    let text = flooder.request("REGISTER", &[]);
    let flood = tokio::spawn(async move {
        let mut datagrams = Link::open(Wire::Udp, udp).await;
        let mut stream = Link::open(Wire::Tcp, tcp).await;
        let mut sent = 0_u32;
        // 2,000 a second and more, over both.
        loop {
            for _ in 0..25 {
                sent += 1;
                let text = text.replace("branch=z9hG4bK", &format!("branch=z9hG4bKf{sent}x"));
                datagrams.send(text.as_bytes()).await;
                stream.send(text.as_bytes()).await;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    // The good one lives at another address.
    let link = Link::open(Wire::Udp, server.sip_v6(Wire::Udp)).await;
    let mut good = Phone::new(link, &alice.number, "home.test");
    let began = Instant::now();
    for _ in 0..100 {
        let _ = good.register(600).await.is(200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!flood.is_finished(), "it was a flood until the end");
    flood.abort();
    assert!(began.elapsed() < Duration::from_mins(1));
}
