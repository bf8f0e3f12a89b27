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

/// In the manner of RFC 4475: what is odd but right is answered, what is wrong is refused or passed over.
#[tokio::test]
async fn torture_harms_nobody() {
    const HEADERS: &str = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKX\r\nFrom: <sip:a@home.test>;tag=1\r\n\
        To: <sip:a@home.test>\r\nCall-ID: TORTURE\r\nCSeq: 1 METHOD\r\nMax-Forwards: 70\r\n";
    let server = serve().await;
    let alice = server.portsip().user("alice").await;
    let request = |line: &str, change: &dyn Fn(String) -> String| {
        let method = line.split(' ').next().unwrap_or_default();
        change(format!(
            "{line}\r\n{}Content-Length: 0\r\n\r\n",
            HEADERS.replace("METHOD", method)
        ))
    };
    let same = |text: String| text;
    let plain = "REGISTER sip:home.test SIP/2.0";
    let without = |name: &'static str| {
        move |text: String| {
            let lines: Vec<&str> = text
                .split("\r\n")
                .filter(|line| !line.starts_with(name))
                .collect();
            lines.join("\r\n")
        }
    };
    let replace = |from: &'static str, to: &'static str| move |text: String| text.replace(from, to);
    let mut messages: Vec<Vec<u8>> = [
        request(plain, &same),
        request(plain, &replace("Via", "v")),
        request(plain, &replace("To: ", "TO :\r\n  ")),
        request(plain, &replace("\r\n", "\n")),
        request(plain, &replace("From: ", "From: \"J Rosenberg \\\\\\\"\" ")),
        request(plain, &replace("Max-Forwards: 70", "Max-Forwards: -1")),
        request(plain, &replace("CSeq: 1 ", "CSeq: 4294967296 ")),
        request(plain, &replace("CSeq: 1 ", "CSeq: 36893488147419103232 ")),
        request(plain, &replace("CSeq: 1 REGISTER", "CSeq: 1 INVITE")),
        request(plain, &replace("Content-Length: 0", "Content-Length: -999")),
        request(
            plain,
            &replace("Content-Length: 0", "Content-Length: 99999999999"),
        ),
        request(plain, &replace("Content-Length: 0", "Content-Length: nothing")),
        request(plain, &replace("SIP/2.0/UDP 192", "SIP/2.0/ 192")),
        request(plain, &replace("192.0.2.1;", "[2001:db8::1;")),
        request(plain, &replace("To: <", "To: \"Unclosed <")),
        request(plain, &replace("To: <sip:a@home.test>", "To: <>")),
        request(
            plain,
            &replace("To: <sip:a@home.test>", "To: <sip:%00@home.test>"),
        ),
        request(
            plain,
            &replace("To: <sip:a@home.test>", "To: <sip:a@\u{212a}.test>"),
        ),
        request(plain, &replace("To: <sip:a@home.test>", "To: <http://home.test>")),
        request(
            plain,
            &replace("Max-Forwards: 70", "Contact: <sip:a@b>;expires=1000000000000"),
        ),
        request(plain, &replace("Max-Forwards: 70", "Contact: \"a\\\", <sip:a@b>")),
        request(
            plain,
            &replace("Max-Forwards: 70", "Authorization: NoOneKnows param=1"),
        ),
        request(plain, &replace("Max-Forwards: 70", "Authorization: Digest")),
        request(
            plain,
            &replace("Max-Forwards: 70", "Authorization: Digest ,,,=,\"="),
        ),
        request(
            plain,
            &replace(
                "Max-Forwards: 70",
                "Require: nothingSupportsThis, nothingSupportsThisEither",
            ),
        ),
        request(plain, &replace("Max-Forwards: 70", "Expires: soon")),
        request(plain, &without("Via")),
        request(plain, &without("From")),
        request(plain, &without("To")),
        request(plain, &without("Call-ID")),
        request(plain, &without("CSeq")),
        request("REGISTER sip:home.test SIP/7.0", &same),
        request("REGISTER <sip:home.test> SIP/2.0", &same),
        request("REGISTER sip:home.test; lr SIP/2.0", &same),
        request("REGISTER  sip:home.test  SIP/2.0", &same),
        request("REGISTER sip:[::1 SIP/2.0", &same),
        request(
            "REGISTER nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
            &same,
        ),
        request("REGISTER name:John_Smith SIP/2.0", &same),
        request(
            "!interesting-Method0123456789_*+`.%indeed'~ sip:a@home.test SIP/2.0",
            &same,
        ),
        request("INVITE sip:a@home.test SIP/2.0", &same),
        request("CANCEL sip:a@home.test SIP/2.0", &same),
        request("ACK sip:a@home.test SIP/2.0", &same),
        request("BYE sip:a@home.test SIP/2.0", &same),
        "SIP/2.0 200 OK\r\n\r\n".to_owned(),
        "SIP/2.0 4294967301 better not break the receiver\r\n\r\n".to_owned(),
        format!("SIP/2.0 200 OK\r\n{HEADERS}\r\n"),
        "\r\n\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: home.test\r\n\r\n".to_owned(),
        request(plain, &|text| {
            text.replace("Max-Forwards: 70", &format!("X: {}", "y".repeat(7000)))
        }),
        request(plain, &|text| {
            text.replace("Max-Forwards: 70", &"Contact: <sip:a@b>\r\n".repeat(300))
        }),
    ]
    .map(String::into_bytes)
    .to_vec();
    messages.push(vec![0; 1000]);
    messages.push((0..=255).cycle().take(8192).collect());
    messages.push(vec![b'R'; 65_000]);
    let whole = request(plain, &same).into_bytes();
    for end in (0..whole.len()).step_by(7) {
        messages.push(whole[..end].to_vec());
    }
    for at in (0..whole.len()).step_by(5) {
        let mut bent = whole.clone();
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
    assert!(began.elapsed() < Duration::from_secs(60));
}
