//! The torture messages of RFC 4475, each with what the edge says to it.
//!
//! The messages are `torture.txt`: one after the other, each behind a line with its name in the RFC, what it is, and what is expected
//! over UDP and over TCP. What the RFC leaves to the receiver is decided so: a stranger's request is challenged before it is judged any
//! further, and what cannot be parsed is dropped over UDP and refused with 400 over TCP. The top `Via` asks for `rport`, so that
//! answers come back to the test.

use std::time::Duration;

use jackfield_testkit::{
    TestServer,
    sip::{Link, Phone, Wire},
};

use super::serve;

/// How long an answer is waited for when none is expected.
const SILENCE: Duration = Duration::from_millis(150);

struct Torture {
    name: String,
    /// The statuses over UDP and over TCP, one for each answer.
    expected: [Vec<u16>; 2],
    bytes: Vec<u8>,
}

/// Reads the file. Lines end in CRLF there as they do in SIP once it is read; `\xHH` is a byte, `\-` at the end of a line joins it to
/// the next one, and `\*N(text)` is a text N times.
fn messages() -> Vec<Torture> {
    let mut all: Vec<Torture> = Vec::new();
    for line in include_str!("torture.txt").lines() {
        if let Some(head) = line.strip_prefix("=== ") {
            let mut parts = head.split(" | ");
            let name = parts.next().expect("a name").to_owned();
            let _title = parts.next().expect("what it is");
            let expected = parts.next().expect("what is expected");
            let (udp, tcp) = expected.split_once(" / ").unwrap_or((expected, expected));
            let statuses = |text: &str| {
                text.split_whitespace()
                    .filter(|word| *word != "nothing")
                    .map(|word| word.parse().expect("a status"))
                    .collect()
            };
            let expected = [statuses(udp), statuses(tcp)];
            all.push(Torture {
                name,
                expected,
                bytes: Vec::new(),
            });
        } else if let Some(torture) = all.last_mut() {
            unescape(line, &mut torture.bytes);
        }
    }
    all
}

fn unescape(line: &str, to: &mut Vec<u8>) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        to.extend_from_slice(before.as_bytes());
        if after == "-" {
            return;
        }
        if let Some(hex) = after.strip_prefix('x') {
            to.push(u8::from_str_radix(&hex[..2], 16).expect("a byte"));
            rest = &hex[2..];
        } else if let Some(many) = after.strip_prefix('*') {
            let (count, more) = many.split_once('(').expect("a text");
            let (text, more) = more.split_once(')').expect("its end");
            to.extend(text.repeat(count.parse().expect("a number")).bytes());
            rest = more;
        } else {
            to.push(b'\\');
            rest = after;
        }
    }
    to.extend_from_slice(rest.as_bytes());
    to.extend_from_slice(b"\r\n");
}

/// The statuses of what is answered to a message.
async fn answered(server: &TestServer, wire: Wire, torture: &Torture, expected: usize) -> Vec<u16> {
    let mut link = Link::open(wire, server.sip(wire)).await;
    link.send(&torture.bytes).await;
    let mut found = Vec::new();
    loop {
        let time = if found.len() < expected {
            Duration::from_secs(10)
        } else {
            SILENCE
        };
        let Ok(Some(text)) = tokio::time::timeout(time, link.receive()).await else {
            return found;
        };
        let status = text
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
        assert!(status.is_some(), "{}: {text}", torture.name);
        found.extend(status);
    }
}

#[tokio::test]
async fn the_forty_nine_messages_of_rfc_4475() {
    let server = serve().await;
    let ada = server.portsip().user("ada").await;
    let all = messages();
    assert_eq!(all.len(), 49);
    let mut wrong = Vec::new();
    for torture in &all {
        for (wire, expected) in [Wire::Udp, Wire::Tcp].into_iter().zip(&torture.expected) {
            let mut found = answered(&server, wire, torture, expected.len()).await;
            // Two requests of one segment are answered independently of each other.
            found.sort_unstable();
            if found != *expected {
                wrong.push(format!(
                    "{} over {wire}: {found:?} instead of {expected:?}",
                    torture.name
                ));
            }
        }
        // Nothing of it does any harm.
        let mut phone = Phone::of(&server, &ada, Wire::Tcp).await;
        let _ = phone.register(600).await.is(200);
        let _ = phone.register(0).await.is(200);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ada.get("/user/status").await.is(200)["status"], "OFFLINE");
}
