//! Requests that the library would drop without a word: those of a method or a version that it does not know. They get their
//! answer from their text alone, and nothing is kept of them (RFC 3261 §8.2.7).

use std::{fmt::Write as _, net::SocketAddr};

use super::USER_AGENT;

/// Methods that the library knows.
const KNOWN: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];

/// The refusal of a message, when it is a request that only we can answer.
pub(super) fn answer(message: &[u8], from: SocketAddr, allow: &str) -> Option<Vec<u8>> {
    let (method, version) = request_line(message)?;
    let status = if version != "SIP/2.0" {
        "505 Version Not Supported"
    } else if KNOWN.contains(&method.to_ascii_uppercase().as_str()) {
        return None;
    } else {
        "405 Method Not Allowed"
    };
    refusal(message, method, status, &format!("Allow: {allow}\r\n"), from)
}

/// The refusal of a datagram: as [`answer`], and of one that says to be longer than it is (RFC 3261 §18.3).
pub(super) fn datagram(datagram: &[u8], from: SocketAddr, allow: &str) -> Option<Vec<u8>> {
    if let Some(answer) = answer(datagram, from, allow) {
        return Some(answer);
    }
    let head = datagram.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let (head, body) = datagram.split_at_checked(head)?;
    match body_length(head) {
        Some(length) if length <= body.len() => None,
        _ => malformed(datagram, from),
    }
}

/// The length of the body that a head speaks of: none without a word of it, nothing when it is no number.
pub(super) fn body_length(head: &[u8]) -> Option<usize> {
    for line in head.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            continue;
        };
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l") {
            let value = value.trim_ascii();
            // `parse` would take a sign.
            return (!value.is_empty() && value.iter().all(u8::is_ascii_digit))
                .then(|| std::str::from_utf8(value).ok()?.parse().ok())
                .flatten();
        }
    }
    Some(0)
}

/// The refusal of a request that cannot be understood; none for what is no request, or lacks what an answer repeats.
pub(super) fn malformed(message: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let (method, _) = request_line(message)?;
    refusal(message, method, "400 Bad Request", "", from)
}

/// The method and the version of a request.
fn request_line(message: &[u8]) -> Option<(&str, &str)> {
    let end = message.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(message.get(..end)?).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let (_, version) = rest.rsplit_once(' ')?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    (version.starts_with("SIP/") && !method.is_empty() && method.bytes().all(token))
        .then_some((method, version))
}

fn refusal(message: &[u8], method: &str, status: &str, more: &str, from: SocketAddr) -> Option<Vec<u8>> {
    // An ACK is never answered, whatever is wrong with it.
    if method == "ACK" {
        return None;
    }
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let head = std::str::from_utf8(message.get(..end.unwrap_or(message.len()))?).ok()?;
    let copied = copied(head, from)?;
    Some(
        format!("SIP/2.0 {status}\r\n{copied}{more}Server: {USER_AGENT}\r\nContent-Length: 0\r\n\r\n")
            .into_bytes(),
    )
}

/// The headers that an answer repeats; none when one of them is missing.
fn copied(head: &str, from: SocketAddr) -> Option<String> {
    // Writing into a text cannot fail.
    let (mut text, mut seen, mut keeps) = (String::new(), [false; 5], false);
    for line in head.split("\r\n").skip(1) {
        if line.starts_with([' ', '\t']) {
            if keeps {
                text.push_str(line);
                text.push_str("\r\n");
            }
            continue;
        }
        let (name, value) = line.split_once(':')?;
        let place = match name.trim().to_ascii_lowercase().as_str() {
            "via" | "v" => Some(0),
            "from" | "f" => Some(1),
            "to" | "t" => Some(2),
            "call-id" | "i" => Some(3),
            "cseq" => Some(4),
            _ => None,
        };
        keeps = place.is_some();
        let Some(place) = place else { continue };
        let first = seen
            .get_mut(place)
            .is_some_and(|seen| !std::mem::replace(seen, true));
        if place == 0 && first {
            let _ = write!(text, "Via:{}\r\n", received(value, from));
        } else if place == 2 && !value.to_ascii_lowercase().contains(";tag=") {
            let _ = write!(text, "To:{value};tag=refused\r\n");
        } else {
            text.push_str(line);
            text.push_str("\r\n");
        }
    }
    seen.iter().all(|seen| *seen).then_some(text)
}

/// The top `Via` with where it really came from (RFC 3581 §4).
pub(super) fn received(value: &str, from: SocketAddr) -> String {
    let (own, others) = value
        .split_once(',')
        .map_or((value, None), |(own, rest)| (own, Some(rest)));
    let mut text = String::new();
    for (at, part) in own.split(';').enumerate() {
        if at > 0 {
            text.push(';');
        }
        if part.trim().eq_ignore_ascii_case("rport") {
            let _ = write!(text, "rport={}", from.port());
        } else {
            text.push_str(part.trim_end());
        }
    }
    let _ = write!(text, ";received={}", from.ip());
    if let Some(others) = others {
        text.push(',');
        text.push_str(others);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FROM: &str = "192.0.2.1:5070";

    fn refused(text: &str) -> Option<String> {
        let answer = answer(text.as_bytes(), FROM.parse().unwrap(), "REGISTER, OPTIONS")?;
        Some(String::from_utf8(answer).unwrap())
    }

    const REQUEST: &str = "NEWMETHOD sip:one.example SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1, SIP/2.0/UDP x\r\n\
        Via: SIP/2.0/UDP y\r\nFrom: <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 NEWMETHOD\r\n\
        X: y\r\n z\r\n\r\nbody";

    #[test]
    fn an_unknown_method_is_told_which_are_known() {
        let answer = refused(REQUEST).unwrap();
        assert_eq!(
            answer,
            "SIP/2.0 405 Method Not Allowed\r\n\
             Via: SIP/2.0/UDP 10.0.0.1;rport=5070;branch=z9hG4bK1;received=192.0.2.1, SIP/2.0/UDP x\r\n\
             Via: SIP/2.0/UDP y\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=refused\r\nCall-ID: 1\r\n\
             CSeq: 1 NEWMETHOD\r\nAllow: REGISTER, OPTIONS\r\nServer: Jackfield\r\nContent-Length: 0\r\n\r\n"
        );
        assert!(
            refused(&REQUEST.replace("SIP/2.0\r\nv", "SIP/7.0\r\nv"))
                .unwrap()
                .starts_with("SIP/2.0 505")
        );
    }

    #[test]
    fn what_the_library_answers_or_nobody_can_is_left_alone() {
        for (from, to) in [
            ("NEWMETHOD sip", "REGISTER sip"),
            ("NEWMETHOD sip", "register sip"),
            ("NEWMETHOD sip", "SIP/2.0 200"),
            ("NEWMETHOD sip", "A@B sip"),
            ("Call-ID: 1\r\n", ""),
            ("CSeq", "CSeq-"),
            ("Call-ID: 1", "Call-ID"),
        ] {
            assert_eq!(refused(&REQUEST.replacen(from, to, 1)), None, "{from} → {to}");
        }
        assert_eq!(
            refused(
                &REQUEST
                    .replace("NEWMETHOD sip", "ACK sip")
                    .replace("SIP/2.0\r\nv", "SIP/3.0\r\nv")
            ),
            None
        );
        assert_eq!(refused(""), None);
    }

    #[test]
    fn a_datagram_is_as_long_as_it_says() {
        let of = |length: &str| {
            let text = REQUEST.replace("NEWMETHOD", "OPTIONS");
            let text = text.replace("X: y", &format!("Content-Length: {length}"));
            let answer = datagram(text.as_bytes(), FROM.parse().unwrap(), "")?;
            Some(String::from_utf8(answer).unwrap())
        };
        for good in ["4\r\nX: y", "0\r\nX: y", "1\r\nX: y"] {
            assert_eq!(of(good), None, "{good}");
        }
        for bad in ["5\r\nX: y", "-1\r\nX: y", "x\r\nX: y", "\r\nX: y"] {
            assert!(of(bad).unwrap().starts_with("SIP/2.0 400"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..200) {
            let from = FROM.parse().unwrap();
            let _ = answer(&bytes, from, "");
            let _ = (malformed(&bytes, from), datagram(&bytes, from, ""));
            let mut request = REQUEST.as_bytes().to_vec();
            let at = at % request.len();
            request.splice(at..at, bytes.into_iter().take(5));
            let _ = answer(&request, from, "");
            let _ = (malformed(&request, from), datagram(&request, from, ""));
        }
    }
}
