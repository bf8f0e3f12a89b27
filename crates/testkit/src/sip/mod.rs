//! A telephone of our own: it speaks SIP in plain text, so that it can also speak it wrongly.

mod call;
mod digest;
mod link;
mod media;
mod provider;
mod publish;
mod watch;

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

pub use call::Side;
pub use digest::{Challenge, Digest};
pub use jackfield_registrar::stack::Wire;
pub use link::Link;
pub use media::MediaEngine;
pub use provider::Provider;
pub use publish::pidf;
pub use watch::{Told, Watcher};

use crate::{PASSWORD, Person, TestServer};

/// Nothing on a loopback takes longer, even on a machine that does ten other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// The certificate of the test servers, and its key: for localhost, signed by itself, and secret to nobody.
pub(crate) const CERTIFICATE: &str = include_str!("localhost-certificate.pem");
pub(crate) const KEY: &str = include_str!("localhost-key.pem");
/// The authority of the providers, which browsers do not know, and what it signed for the address that they are at.
pub(crate) const CARRIER_AUTHORITY: &str = include_str!("carrier-authority.pem");
const CARRIER_CERTIFICATE: &str = include_str!("carrier-certificate.pem");
const CARRIER_KEY: &str = include_str!("carrier-key.pem");

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// All of it.
    pub text: String,
}

impl Reply {
    fn read(text: String) -> Self {
        let status = text
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest.get(..3)?.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer of SIP: {text}")),
            text,
        }
    }

    /// The values of all headers of this name.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.text.split("\r\n").filter_map(|line| line.split_once(':'));
        lines
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    /// The first of them; empty without one.
    pub fn header(&self, name: &str) -> &str {
        self.headers(name).first().copied().unwrap_or_default()
    }

    /// Demands a status.
    #[track_caller]
    #[must_use = "name it `_` when the status is all that matters"]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The challenges, in their order.
    pub fn challenges(&self) -> Vec<Challenge> {
        let mut all = self.headers("WWW-Authenticate");
        all.extend(self.headers("Proxy-Authenticate"));
        all.into_iter().map(Challenge::read).collect()
    }
}

/// A telephone.
pub struct Phone {
    /// Its connection to the server.
    pub link: Link,
    /// The number of its extension.
    pub number: String,
    /// The domain.
    pub domain: String,
    /// The password of the extension.
    pub password: String,
    /// Its `Call-ID`.
    pub call_id: String,
    /// The number of its last request.
    pub cseq: u32,
    /// Its contact.
    pub contact: String,
    /// The only hash function that it knows; the first one offered when it knows both.
    pub digest: Option<Digest>,
    /// The challenge that it answers, and how often it did.
    pub session: Option<(Challenge, u32)>,
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Phone {
    /// A telephone of a person, connected to his server.
    pub async fn of(server: &TestServer, person: &Person, wire: Wire) -> Self {
        let link = Link::open(wire, server.sip(wire)).await;
        let domain = person.domain.clone().expect("a person of a tenant");
        Self::new(link, &person.number, &domain)
    }

    /// A telephone of a number at a domain, whether there is one or not.
    pub fn new(link: Link, number: &str, domain: &str) -> Self {
        let transport = match link.wire() {
            Wire::Udp => "udp",
            Wire::Tcp => "tcp",
            Wire::Tls => "tls",
            Wire::WebSocket => "ws",
        };
        Self {
            contact: format!("<sip:{number}@{};transport={transport}>", link.local()),
            link,
            number: number.to_owned(),
            domain: domain.to_owned(),
            password: PASSWORD.to_owned(),
            call_id: format!("call-{}-{}", std::process::id(), next()),
            cseq: 0,
            digest: None,
            session: None,
        }
    }

    /// The text of a request with the next number. Headers of the caller stand last.
    pub fn request(&mut self, method: &str, headers: &[(&str, &str)]) -> String {
        self.cseq += 1;
        let (number, domain, cseq) = (&self.number, &self.domain, self.cseq);
        let wire = match self.link.wire() {
            Wire::Udp => "UDP",
            Wire::Tcp => "TCP",
            Wire::Tls => "TLS",
            Wire::WebSocket => "WS",
        };
        let mut text = format!(
            "{method} sip:{domain} SIP/2.0\r\n\
             Via: SIP/2.0/{wire} {};rport;branch=z9hG4bK{}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{number}@{domain}>;tag=t{}\r\n\
             To: <sip:{number}@{domain}>\r\n\
             Call-ID: {}\r\n\
             CSeq: {cseq} {method}\r\n\
             User-Agent: Test phone 1.0\r\n",
            self.link.local(),
            next(),
            next(),
            self.call_id,
        );
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("Content-Length: 0\r\n\r\n");
        text
    }

    /// Sends a text and waits for the answer.
    pub async fn send(&mut self, text: &str) -> Reply {
        self.link.send(text.as_bytes()).await;
        self.receive().await
    }

    /// Waits for an answer. Those that are provisional are passed over.
    pub async fn receive(&mut self) -> Reply {
        loop {
            let reply = self.maybe(PATIENCE).await.expect("the server answers");
            if reply.status >= 200 {
                return reply;
            }
        }
    }

    /// Waits so long for an answer.
    pub async fn maybe(&mut self, time: Duration) -> Option<Reply> {
        let text = tokio::time::timeout(time, self.link.receive()).await.ok()??;
        Some(Reply::read(text))
    }

    /// The credentials for a method, when there is a challenge to answer.
    pub fn credentials(&mut self, method: &str) -> Option<String> {
        let uri = format!("sip:{}", self.domain);
        let (challenge, count) = self.session.as_mut()?;
        *count += 1;
        Some(challenge.answer(&self.number, &self.password, method, &uri, *count))
    }

    /// Remembers what a challenge asks.
    pub fn challenged(&mut self, reply: &Reply) {
        let known = |one: &Challenge| self.digest.is_none_or(|digest| digest == one.digest);
        let challenge = reply.challenges().into_iter().find(known);
        self.session = Some((challenge.expect("a challenge that the telephone knows"), 0));
    }

    /// Sends a request as telephones do: once more with credentials when it is challenged.
    pub async fn ask(&mut self, method: &str, headers: &[(&str, &str)]) -> Reply {
        for _ in 0..2 {
            let credentials = self.credentials(method);
            let mut all = headers.to_vec();
            if let Some(credentials) = &credentials {
                all.push(("Authorization", credentials));
            }
            let text = self.request(method, &all);
            let reply = self.send(&text).await;
            let stale = reply
                .challenges()
                .first()
                .is_some_and(|challenge| challenge.stale);
            if reply.status != 401 || (credentials.is_some() && !stale) {
                return reply;
            }
            self.challenged(&reply);
        }
        let credentials = self.credentials(method).expect("it was challenged");
        let mut all = headers.to_vec();
        all.push(("Authorization", &credentials));
        let text = self.request(method, &all);
        self.send(&text).await
    }

    /// Registers for so many seconds; with 0 it takes itself off.
    pub async fn register(&mut self, seconds: u32) -> Reply {
        let (contact, seconds) = (self.contact.clone(), seconds.to_string());
        self.ask("REGISTER", &[("Contact", &contact), ("Expires", &seconds)])
            .await
    }
}
