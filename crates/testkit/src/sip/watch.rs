//! A telephone that watches somebody.

use std::{collections::VecDeque, fmt::Write as _, time::Duration};

use super::{PATIENCE, Phone, Reply, call::header, next};

/// A subscription, as its telephone has it.
pub struct Watcher {
    /// The telephone.
    pub phone: Phone,
    event: String,
    call_id: String,
    own: String,
    peer: String,
    target: String,
    cseq: u32,
    /// What came while something else was waited for.
    unread: VecDeque<String>,
    /// What it answers to what it is told.
    pub answers: u16,
}

/// What a telephone was told.
#[derive(Debug, Clone)]
pub struct Told {
    /// All of it.
    pub text: String,
}

impl Told {
    /// The value of a header; empty without one.
    pub fn header(&self, name: &str) -> &str {
        header(&self.text, name)
    }

    /// The state of the subscription.
    pub fn state(&self) -> &str {
        self.header("Subscription-State")
    }

    /// The document.
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    /// The texts between two marks in the document, in their order.
    pub fn all(&self, begin: &str, end: &str) -> Vec<&str> {
        let parts = self.body().split(begin).skip(1);
        parts.filter_map(|part| Some(part.split_once(end)?.0)).collect()
    }

    /// The first of them; empty without one.
    pub fn first(&self, begin: &str, end: &str) -> &str {
        self.all(begin, end).first().copied().unwrap_or_default()
    }

    /// The calls in the document: direction, state, and the number of the other side.
    pub fn calls(&self) -> Vec<(&str, &str, &str)> {
        let calls = self.all("<dialog ", "</dialog>").into_iter();
        calls
            .map(|call| {
                let between = |begin: &str, end: &str| {
                    let rest = call.split_once(begin).map(|(_, rest)| rest);
                    rest.and_then(|rest| rest.split_once(end))
                        .map_or("", |(inner, _)| inner)
                };
                (
                    between("direction=\"", "\""),
                    between("<state>", "</state>"),
                    between("<target uri=\"sip:", "@"),
                )
            })
            .collect()
    }
}

impl Watcher {
    /// A telephone that will watch an extension.
    pub fn new(phone: Phone, number: &str, event: &str) -> Self {
        let (own, domain) = (phone.number.clone(), phone.domain.clone());
        let target = format!("sip:{number}@{domain}");
        Self {
            event: event.to_owned(),
            call_id: format!("watch-{}-{}", std::process::id(), next()),
            own: format!("<sip:{own}@{domain}>;tag=w{}", next()),
            peer: format!("<{target}>"),
            target,
            cseq: 0,
            unread: VecDeque::new(),
            answers: 200,
            phone,
        }
    }

    /// Names another domain than its own.
    pub fn aims_at(&mut self, domain: &str) {
        let number = self.target.split('@').next().unwrap_or_default();
        self.target = format!("{number}@{domain}");
        self.peer = format!("<{}>", self.target);
    }

    /// Writes another number than its own into `From`.
    pub fn pretends(&mut self, number: &str) {
        self.own = format!("<sip:{number}@{}>;tag=w{}", self.phone.domain, next());
    }

    /// Gives its next request the number of its last one.
    pub fn steps_back(&mut self) {
        self.cseq -= 1;
    }

    /// Asks for so many seconds, as telephones do: once more with credentials when it is challenged.
    pub async fn asks(&mut self, expires: u32) -> Reply {
        self.asks_with(&[("Expires", &expires.to_string())]).await
    }

    /// Asks with these headers.
    pub async fn asks_with(&mut self, headers: &[(&str, &str)]) -> Reply {
        let mut reply = self.sends(headers).await;
        for _ in 0..2 {
            if reply.status != 401 {
                break;
            }
            self.phone.challenged(&reply);
            reply = self.sends(headers).await;
            let stale = reply.challenges().first().is_some_and(|one| one.stale);
            if reply.status == 401 && !stale {
                break;
            }
        }
        if reply.status < 300 {
            reply.header("To").clone_into(&mut self.peer);
            let contact = reply.header("Contact");
            contact.trim_matches(['<', '>']).clone_into(&mut self.target);
        }
        reply
    }

    async fn sends(&mut self, headers: &[(&str, &str)]) -> Reply {
        self.cseq += 1;
        let password = self.phone.password.clone();
        let proof = self.phone.session.as_mut().map(|(challenge, count)| {
            *count += 1;
            let number = &self.phone.number;
            challenge.answer(number, &password, "SUBSCRIBE", &self.target, *count)
        });
        let mut text = format!(
            "SUBSCRIBE {} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\n\
             CSeq: {} SUBSCRIBE\r\nContact: {}\r\nEvent: {}\r\n",
            self.target,
            self.phone.via(),
            self.own,
            self.peer,
            self.call_id,
            self.cseq,
            self.phone.contact,
            self.event,
        );
        if let Some(proof) = proof {
            let _ = write!(text, "Authorization: {proof}\r\n");
        }
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("Content-Length: 0\r\n\r\n");
        self.phone.link.send(text.as_bytes()).await;
        loop {
            let text = self.receives(PATIENCE).await.expect("the server answers");
            if text.starts_with("SIP/2.0 ") {
                return Reply::read(text);
            }
            self.unread.push_back(text);
        }
    }

    /// The next message; a word of the server is answered.
    async fn receives(&mut self, time: Duration) -> Option<String> {
        let text = tokio::time::timeout(time, self.phone.link.receive())
            .await
            .ok()??;
        if text.starts_with("NOTIFY ") {
            let mut answer = format!("SIP/2.0 {} Said\r\n", self.answers);
            for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
                let _ = write!(answer, "{name}: {}\r\n", header(&text, name));
            }
            answer.push_str("Content-Length: 0\r\n\r\n");
            self.phone.link.send(answer.as_bytes()).await;
        }
        Some(text)
    }

    /// Waits for the next word of the server.
    pub async fn is_told(&mut self) -> Told {
        let within = self.maybe_told(PATIENCE).await;
        within.unwrap_or_else(|| panic!("{} was told nothing", self.phone.number))
    }

    /// Whether nothing is said for a moment.
    pub async fn is_left_alone(&mut self) -> bool {
        self.maybe_told(Duration::from_millis(500)).await.is_none()
    }

    async fn maybe_told(&mut self, time: Duration) -> Option<Told> {
        let text = loop {
            let text = match self.unread.pop_front() {
                Some(text) => text,
                None => self.receives(time).await?,
            };
            if text.starts_with("NOTIFY ") {
                break text;
            }
        };
        assert_eq!(header(&text, "Call-ID"), self.call_id, "{text}");
        assert_eq!(header(&text, "To"), self.own, "{text}");
        let tag = |value: &str| value.split_once("tag=").map(|(_, tag)| tag.to_owned());
        assert_eq!(tag(header(&text, "From")), tag(&self.peer), "{text}");
        Some(Told { text })
    }
}
