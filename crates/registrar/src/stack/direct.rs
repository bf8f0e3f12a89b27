//! `REGISTER` and `OPTIONS` over UDP, answered from their text.
//!
//! Nearly all that telephones say is one of these two, and nothing of them needs what the library makes of a request: a tree of
//! headers, a transaction with its timers, tasks and queues. So a datagram that is plainly one of them is answered here; one that
//! is odd in any way is the library's, so that there is one place that judges what is odd. What a transaction is there for is kept:
//! a request that comes again while it is being answered is dropped, and one that was answered gets the same answer
//! (`answers.rs`). Challenges are made anew each time instead, as RFC 3261 §8.2.7 has it.

use std::{borrow::Cow, fmt::Write as _, net::SocketAddr, ops::Range, sync::Arc};

use rsipstack::sip::StatusCode;
use tokio::net::UdpSocket;

use super::{Asked, Room, USER_AGENT, Wire, answers::Answers, refuse};
use crate::syntax::{Address, NameAddr};

/// The methods, and what the number of a request of them ends in.
const METHODS: [&str; 2] = ["REGISTER", "OPTIONS"];
/// What the identity of a transaction begins with since RFC 3261.
const COOKIE: &str = "z9hG4bK";
/// The port of a telephone that names none.
const PORT: u16 = 5060;

/// What an answer goes back over.
pub(super) struct Way {
    pub(super) socket: UdpSocket,
    pub(super) answers: Answers,
}

/// A header: which of [`NAMES`] it is, if it is one, and where its value stands in the text.
struct Header {
    place: Option<usize>,
    value: Range<usize>,
}

/// A datagram that is plainly a request of these methods.
pub(super) struct Plain {
    head: String,
    headers: Vec<Header>,
    method: &'static str,
    host: String,
    from: SocketAddr,
}

/// A request that was not made a transaction of. Dropping it unanswered leaves it to the sender to ask again.
pub struct Direct {
    plain: Plain,
    /// What its answer is remembered by; none when it is not.
    key: Option<u64>,
    way: Arc<Way>,
    _room: Room,
}

/// The headers that somebody looks at, each with its short form (RFC 3261 §7.3.3).
const NAMES: [(&str, u8); 16] = [
    ("Via", b'v'),
    ("From", b'f'),
    ("To", b't'),
    ("Call-ID", b'i'),
    ("CSeq", 0),
    ("Contact", b'm'),
    ("Expires", 0),
    ("Authorization", 0),
    ("User-Agent", 0),
    ("Max-Forwards", 0),
    ("Content-Length", b'l'),
    ("Path", 0),
    ("Require", 0),
    ("Proxy-Authorization", 0),
    ("Supported", b'k'),
    ("Accept", 0),
];

/// The place of a header among those; none for any other.
fn place(name: &str) -> Option<usize> {
    if let [letter] = name.as_bytes() {
        let letter = letter.to_ascii_lowercase();
        return NAMES.iter().position(|(_, short)| *short == letter);
    }
    NAMES.iter().position(|(long, _)| long.eq_ignore_ascii_case(name))
}

impl Plain {
    /// Reads a datagram; none for anything but a plain request of these methods.
    pub(super) fn read(datagram: &[u8], from: SocketAddr) -> Option<Self> {
        let method = METHODS.into_iter().find(|method| {
            let rest = datagram.strip_prefix(method.as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b" "))
        })?;
        // Without a body there is nothing after the empty line, and so no other one.
        let head = datagram.strip_suffix(b"\r\n\r\n")?;
        let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n') || *byte >= 0x80;
        if !head.iter().all(plain) {
            return None;
        }
        let head = str::from_utf8(head).ok()?.to_owned();
        let mut lines = head.split("\r\n");
        let host = target(lines.next()?, method)?;
        let mut at = head.find("\r\n")? + 2;
        let mut headers = Vec::with_capacity(16);
        for line in lines {
            headers.push(header(line, at)?);
            at += line.len() + 2;
        }
        let request = Self {
            head,
            headers,
            method,
            host,
            from,
        };
        request.is_plain().then_some(request)
    }

    /// Whether it has what every request has, each once, and nothing that needs more thought.
    fn is_plain(&self) -> bool {
        let once = |name| {
            let mut found = self.headers(name);
            found.next().filter(|_| found.next().is_none())
        };
        let names_somebody = |name| {
            once(name)
                .and_then(NameAddr::read)
                .is_some_and(|one| Address::read(one.uri).is_some())
        };
        let numbered = once("CSeq")
            .and_then(|text| text.split_once(' '))
            .is_some_and(|(number, method)| {
                method.trim_start() == self.method && number.parse::<u32>().is_ok()
            });
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let at_most_once = |name: &str| {
            let mut found = self.headers(name);
            found.next().is_none_or(digits) && found.next().is_none()
        };
        numbered
            && names_somebody("From")
            && names_somebody("To")
            && once("Call-ID").is_some_and(|text| !text.is_empty())
            && at_most_once("Max-Forwards")
            && self.headers("Content-Length").all(|length| length == "0")
            && at_most_once("Content-Length")
            && self.came_straight()
    }

    /// Whether its answer goes to where it came from, by what its first `Via` says (RFC 3261 §18.2.2, RFC 3581 §4).
    fn came_straight(&self) -> bool {
        let Some(via) = self.headers("Via").next().filter(|via| !via.contains([',', '"'])) else {
            return false;
        };
        let mut parts = via.split(';').map(str::trim);
        let by = parts.next().and_then(|first| first.strip_prefix("SIP/2.0/UDP "));
        let port = by.and_then(|by| match by.trim().rsplit_once(':') {
            Some((host, port)) if !host.contains(['[', ':']) => port.parse().ok(),
            Some(_) => None,
            None => Some(PORT),
        });
        let Some(port) = port else { return false };
        let (mut known, mut asks) = (false, false);
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) if name.eq_ignore_ascii_case("branch") => {
                    if known || !value.starts_with(COOKIE) {
                        return false;
                    }
                    known = true;
                }
                None if part.eq_ignore_ascii_case("rport") => asks = true,
                Some((name, _))
                    if ["maddr", "received", "rport"]
                        .iter()
                        .any(|odd| name.trim().eq_ignore_ascii_case(odd)) =>
                {
                    return false;
                }
                _ => {}
            }
        }
        known && (asks || port == self.from.port())
    }

    fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let wanted = place(name);
        // Nobody looks at another one; it would have to be among the names.
        debug_assert!(wanted.is_some(), "{name}");
        let headers = self
            .headers
            .iter()
            .filter(move |header| header.place.is_some() && header.place == wanted);
        headers.filter_map(|header| self.head.get(header.value.clone()))
    }

    fn header<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// Whether it proves something: then it is not to be carried out twice, and the answer to it is remembered.
    fn proves(&self) -> bool {
        self.header("Authorization").is_some()
    }

    /// What tells it from every other request (RFC 3261 §17.2.3).
    fn identity(&self) -> (SocketAddr, [Option<&str>; 3]) {
        let words = [self.header("Via"), self.header("CSeq"), self.header("Call-ID")];
        (self.from, words)
    }

    /// The text of an answer to it.
    fn response(&self, status: u16, headers: &[(&'static str, String)], tag: u64) -> String {
        let mut text = String::with_capacity(640);
        // Writing into a text cannot fail.
        let _ = write!(text, "SIP/2.0 {}\r\n", StatusCode::from(status));
        for (at, via) in self.headers("Via").enumerate() {
            let _ = match at {
                0 => write!(text, "Via: {}\r\n", refuse::received(via, self.from)),
                _ => write!(text, "Via: {via}\r\n"),
            };
        }
        let to = self.header("To").unwrap_or_default();
        let tagged = NameAddr::read(to).is_some_and(|to| to.param("tag").is_some());
        let _ = write!(
            text,
            "From: {}\r\nTo: {to}",
            self.header("From").unwrap_or_default()
        );
        if !tagged {
            let _ = write!(text, ";tag={tag:016x}");
        }
        let call_id = self.header("Call-ID").unwrap_or_default();
        let _ = write!(
            text,
            "\r\nCall-ID: {call_id}\r\nCSeq: {}\r\n",
            self.header("CSeq").unwrap_or_default()
        );
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "Server: {USER_AGENT}\r\nContent-Length: 0\r\n\r\n");
        text
    }
}

/// The host of a request line in lower case; none when the line is not plain.
fn target(line: &str, method: &str) -> Option<String> {
    let uri = line
        .strip_prefix(method)?
        .strip_prefix(' ')?
        .strip_suffix(" SIP/2.0")?;
    let uri = uri
        .strip_suffix(";transport=udp")
        .unwrap_or(uri)
        .strip_prefix("sip:")?;
    let of = |text: &str, more: &[u8]| {
        let mut bytes = text.bytes();
        !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let address = match uri.split_once('@') {
        Some((user, address)) if of(user, b"-_.+") => address,
        Some(_) => return None,
        None => uri,
    };
    let host = match address.split_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && of(port, b"") => host,
        Some(_) => return None,
        None => address,
    };
    of(host, b"-.").then(|| host.to_ascii_lowercase())
}

/// A line of a header that begins at this place of the text.
fn header(line: &str, at: usize) -> Option<Header> {
    let (name, value) = line.split_once(':')?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    // What begins with a blank continues the line before, and a single end of a line is none.
    if name.is_empty()
        || name.starts_with(' ')
        || !name.trim_end().bytes().all(token)
        || line.contains(['\r', '\n'])
    {
        return None;
    }
    let begin = at + name.len() + 1 + (value.len() - value.trim_start().len());
    Some(Header {
        place: place(name.trim_end()),
        value: begin..begin + value.trim().len(),
    })
}

impl Way {
    /// Takes a request in, unless it came before: then what was answered is sent again.
    pub(super) async fn take(self: &Arc<Self>, plain: Plain, room: Room) -> Option<Direct> {
        let key = plain.proves().then(|| self.answers.key(&plain.identity()));
        if let Some(key) = key
            && let Some(before) = self.answers.begin(key)
        {
            self.send(&before, plain.from).await;
            return None;
        }
        Some(Direct {
            plain,
            key,
            way: Arc::clone(self),
            _room: room,
        })
    }

    /// Sends an answer, or nothing.
    pub(super) async fn send(&self, answer: &[u8], to: SocketAddr) {
        // It is still being made.
        if answer.is_empty() {
            return;
        }
        if let Err(error) = self.socket.send_to(answer, to).await {
            tracing::debug!(%to, "an answer could not be sent: {error}");
        }
    }
}

impl Asked for Direct {
    fn method(&self) -> Cow<'_, str> {
        self.plain.method.into()
    }

    fn wire(&self) -> Wire {
        Wire::Udp
    }

    fn from(&self) -> SocketAddr {
        self.plain.from
    }

    fn target_host(&self) -> Cow<'_, str> {
        self.plain.host.as_str().into()
    }

    fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.plain.headers(name)
    }

    async fn answer(mut self, status: u16, headers: Vec<(&'static str, String)>) {
        let tag = self.way.answers.key(&self.plain.identity());
        let text = self.plain.response(status, &headers, tag);
        if let Some(key) = self.key.take() {
            // A challenge is made anew when it is asked for again.
            self.way
                .answers
                .end(key, (status != 401).then_some(text.as_bytes()));
        }
        self.way.send(text.as_bytes(), self.plain.from).await;
        metrics::counter!("jackfield_sip_requests_total", "method" => self.plain.method, "status" => status.to_string())
            .increment(1);
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        // It was not answered, so it may come again.
        if let Some(key) = self.key {
            self.way.answers.end(key, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsipstack::sip::{HasHeaders, Request, SipMessage};

    use super::*;

    const FROM: &str = "192.0.2.1:5070";
    const REGISTER: &str = "REGISTER sip:One.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa\r\n\
        v:SIP/2.0/UDP 10.0.0.9\r\nMax-Forwards: 70\r\nf: \"Ada, L\" <sip:1001@one.example>;tag=1\r\n\
        To : <sip:1001@one.example>\r\ni: one@10.0.0.1\r\nCSeq: 7  REGISTER\r\nm: <sip:1001@10.0.0.1:5070>\r\n\
        m: <sip:1001@10.0.0.2>\r\nUser-Agent: Désk\r\nExpires: 600\r\nAuthorization: Digest a=\"b:c\"\r\nl: 0\r\n\r\n";
    /// The headers that somebody looks at.
    const LOOKED_AT: [&str; 13] = [
        "Via",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "Expires",
        "Path",
        "Require",
        "User-Agent",
        "Authorization",
        "Content-Length",
        "Max-Forwards",
    ];

    fn read(text: &str) -> Option<Plain> {
        Plain::read(text.as_bytes(), FROM.parse().unwrap())
    }

    #[test]
    fn a_plain_request_is_read_as_it_is_written() {
        let plain = read(REGISTER).unwrap();
        assert_eq!((plain.method, plain.host.as_str()), ("REGISTER", "one.example"));
        assert_eq!(plain.header("to"), Some("<sip:1001@one.example>"));
        assert_eq!(plain.header("User-Agent"), Some("Désk"));
        let contacts: Vec<&str> = plain.headers("Contact").collect();
        assert_eq!(contacts, ["<sip:1001@10.0.0.1:5070>", "<sip:1001@10.0.0.2>"]);
        assert!(plain.proves() && !read(&REGISTER.replace("Authorization", "X")).unwrap().proves());
        let text = plain.response(200, &[("Contact", "<sip:a>;expires=60".into())], 10);
        assert_eq!(
            text,
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;rport=5070;branch=z9hG4bKa;received=192.0.2.1\r\n\
             Via: SIP/2.0/UDP 10.0.0.9\r\nFrom: \"Ada, L\" <sip:1001@one.example>;tag=1\r\n\
             To: <sip:1001@one.example>;tag=000000000000000a\r\nCall-ID: one@10.0.0.1\r\nCSeq: 7  REGISTER\r\n\
             Contact: <sip:a>;expires=60\r\nServer: Jackfield\r\nContent-Length: 0\r\n\r\n"
        );
        let tagged = read(&REGISTER.replace("one.example>\r\ni:", "one.example>;tag=x\r\ni:")).unwrap();
        assert!(
            tagged
                .response(401, &[], 1)
                .contains("To: <sip:1001@one.example>;tag=x\r\n")
        );
    }

    /// Whatever is odd in any way is left to the library.
    #[test]
    fn what_is_odd_is_left_alone() {
        for (from, to) in [
            ("REGISTER sip", "INVITE sip"),
            ("REGISTER sip", "register sip"),
            ("REGISTER sip", "REGISTER  sip"),
            ("sip:One", "tel:One"),
            ("sip:One.example", "sip:[2001:db8::1]"),
            ("sip:One.example", "sip:One_example"),
            ("sip:One.example", "sip:One.example:"),
            ("sip:One.example", "sip:One.example:65536"),
            ("sip:One.example", "sip:%31@One.example"),
            ("sip:One.example", "sip:One.example;transport=tcp"),
            ("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"),
            ("Via: SIP/2.0/UDP", "Via: SIP/2.0/TCP"),
            ("z9hG4bKa", "a"),
            ("branch=z9hG4bKa", "branch=z9hG4bKa;branch=z9hG4bKb"),
            (";rport;", ";maddr=192.0.2.9;rport;"),
            (";rport;", ";rport=9;"),
            (":5070;rport;", ":5071;"),
            (":5070;rport;", ";"),
            ("z9hG4bKa\r\n", "z9hG4bKa, SIP/2.0/UDP x\r\n"),
            ("\r\nf:", "\r\nf: <sip:1001@one.example>\r\nf:"),
            ("f: ", "x: "),
            ("To :", "X :"),
            ("<sip:1001@one.example>\r\ni", "1001\r\ni"),
            ("i: one@10.0.0.1\r\n", ""),
            ("i: one@10.0.0.1", "i: "),
            ("7  REGISTER", "7 OPTIONS"),
            ("7  REGISTER", "x REGISTER"),
            ("7  REGISTER", "REGISTER"),
            ("7  REGISTER", "4294967296 REGISTER"),
            ("l: 0", "l: 1"),
            ("l: 0", "l: 0\r\nContent-Length: 0"),
            ("70\r\n", "x\r\n"),
            ("Expires: 600", "Expires:\r\n 600"),
            ("Expires: 600", "Expires: 600\t"),
            ("Expires: 600", "Expires: 6\n00"),
            ("Expires: 600", "Expires"),
            ("Expires: 600", "Ex pires: 600"),
            ("\r\n\r\n", "\r\n\r\nbody\r\n\r\n"),
            ("\r\n\r\n", "\r\n"),
        ] {
            assert!(read(&REGISTER.replacen(from, to, 1)).is_none(), "{from} → {to}");
        }
        for (from, to) in [
            (":5070;rport;", ":5070;"),
            ("l: 0\r\n", ""),
            ("sip:One.example", "sip:1001@one.example:5060;transport=udp"),
            ("Max-Forwards: 70\r\n", ""),
            ("REGISTER", "OPTIONS"),
        ] {
            assert!(read(&REGISTER.replace(from, to)).is_some(), "{from} → {to}");
        }
        let mut latin = REGISTER.as_bytes().to_vec();
        latin[REGISTER.find('é').unwrap()] = 0xe9;
        assert!(Plain::read(&latin, FROM.parse().unwrap()).is_none());
    }

    /// What the library has of the same text.
    fn library(text: &[u8]) -> Option<Request> {
        match SipMessage::try_from(text).ok()? {
            SipMessage::Request(request) => Some(request),
            SipMessage::Response(_) => None,
        }
    }

    fn same(text: &[u8]) {
        let Some(plain) = Plain::read(text, FROM.parse().unwrap()) else {
            return;
        };
        let shown = String::from_utf8_lossy(text);
        let request = library(text).unwrap_or_else(|| panic!("the library does not read {shown}"));
        assert_eq!(plain.method, request.method.to_string(), "{shown}");
        assert_eq!(
            plain.host,
            request.uri.host_with_port.host.to_string().to_ascii_lowercase(),
            "{shown}"
        );
        for name in LOOKED_AT {
            let own: Vec<&str> = plain.headers(name).collect();
            let headers = request.headers().iter();
            let named = headers.filter(|header| header.name().eq_ignore_ascii_case(name));
            let theirs: Vec<&str> = named.map(|header| header.value().trim()).collect();
            assert_eq!(own, theirs, "{name} of {shown}");
        }
    }

    #[test]
    fn the_library_reads_the_same() {
        same(REGISTER.as_bytes());
        assert!(read(REGISTER).is_some());
    }

    proptest! {
        #[test]
        fn the_library_reads_the_same_of_whatever_is_plain(
            changes in proptest::collection::vec((0_usize..700, "[ -~é]{0,4}|\r\n|\r\n |: |;|,|\""), 1..4),
        ) {
            let mut text = REGISTER.to_owned();
            for (at, change) in changes {
                let at = (0..=at % text.len()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                if change.len() > 2 {
                    text.insert_str(at, &change);
                } else {
                    let end = (at + change.len()).min(text.len());
                    if text.is_char_boundary(end) {
                        text.replace_range(at..end, &change);
                    }
                }
            }
            same(text.as_bytes());
        }

        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let from = FROM.parse().unwrap();
            let _ = Plain::read(&bytes, from);
            let _ = Plain::read(&[b"OPTIONS ", &bytes[..]].concat(), from);
        }
    }
}
