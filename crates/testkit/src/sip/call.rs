//! A telephone in a call: what it asks, what it is asked, and what it answers.

use std::{fmt::Write as _, time::Duration};

use super::{Challenge, PATIENCE, Phone, Wire, next};

/// A side of a call, as its telephone has it.
pub struct Side {
    /// The telephone.
    pub phone: Phone,
    call_id: String,
    /// The value of `From` of its own requests, with the tag.
    own: String,
    /// The value of `To` of its own requests.
    peer: String,
    /// Where its requests go within the call.
    target: String,
    cseq: u32,
    /// The last `INVITE` that it sent or was sent.
    invite: String,
    /// An answer that was looked at and is still to be waited for.
    kept: Option<String>,
}

/// The value of a header; empty without one.
pub(super) fn header<'a>(text: &'a str, name: &str) -> &'a str {
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    lines
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .next()
        .unwrap_or_default()
}

/// The URI in angle brackets.
fn uri(value: &str) -> String {
    let inner = value.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(|| value.to_owned(), |(uri, _)| uri.to_owned())
}

impl Phone {
    async fn next_text(&mut self) -> Option<String> {
        tokio::time::timeout(PATIENCE, self.link.receive()).await.ok()?
    }

    /// Waits until something comes whose first line begins so. Whatever else comes is passed over.
    pub async fn until(&mut self, begins: &str) -> String {
        loop {
            let text = self
                .next_text()
                .await
                .unwrap_or_else(|| panic!("{} never came to {}", begins, self.number));
            if text.starts_with(begins) {
                return text;
            }
        }
    }

    /// Whether nothing comes for a moment whose first line begins so.
    pub async fn hears_no(&mut self, begins: &str) -> bool {
        let end = tokio::time::Instant::now() + Duration::from_millis(400);
        while let Ok(text) = tokio::time::timeout_at(end, self.link.receive()).await {
            if text.is_some_and(|text| text.starts_with(begins)) {
                return false;
            }
        }
        true
    }

    pub(super) fn via(&self) -> String {
        let wire = match self.link.wire() {
            Wire::Udp => "UDP",
            Wire::Tcp => "TCP",
            Wire::Tls => "TLS",
            Wire::WebSocket => "WS",
        };
        format!(
            "SIP/2.0/{wire} {};rport;branch=z9hG4bK{}",
            self.link.local(),
            next()
        )
    }
}

impl Side {
    /// Calls a number and proves who calls. What is answered is to be waited for.
    pub async fn calls(phone: Phone, number: &str, sdp: &str) -> Self {
        Self::calls_with(phone, number, sdp, "").await
    }

    /// The same with more headers, each with its end.
    pub async fn calls_with(mut phone: Phone, number: &str, sdp: &str, headers: &str) -> Self {
        let (own, domain) = (phone.number.clone(), phone.domain.clone());
        let target = format!("sip:{number}@{domain}");
        let mut side = Self {
            call_id: format!("invite-{}-{}", std::process::id(), next()),
            own: format!("<sip:{own}@{domain}>;tag=c{}", next()),
            peer: format!("<{target}>"),
            target,
            cseq: 0,
            invite: String::new(),
            kept: None,
            phone: {
                phone.session = None;
                phone
            },
        };
        side.send("INVITE", sdp, None).await;
        let challenge = side.phone.until("SIP/2.0 407").await;
        side.acknowledge(&challenge).await;
        side.phone.challenged(&super::Reply::read(challenge));
        let (challenge, _) = side.phone.session.clone().expect("a challenge");
        let credentials = challenge.answer(&own, &side.phone.password, "INVITE", &side.target, 1);
        let headers = format!("Proxy-Authorization: {credentials}\r\n{headers}");
        side.send_with("INVITE", &headers, sdp).await;
        side
    }

    /// Calls without a proof, as a provider does: for `target` as the request URI has it, `to` and `from` as the headers have them.
    pub async fn comes(phone: Phone, target: &str, to: &str, from: &str, sdp: &str) -> Self {
        let mut side = Self {
            call_id: format!("comes-{}-{}", std::process::id(), next()),
            own: format!("<{from}>;tag=c{}", next()),
            peer: format!("<{to}>"),
            target: target.to_owned(),
            cseq: 0,
            invite: String::new(),
            kept: None,
            phone,
        };
        side.send("INVITE", sdp, None).await;
        side
    }

    /// Waits for a call.
    pub async fn is_rung(mut phone: Phone) -> Self {
        let invite = phone.until("INVITE ").await;
        // Real telephones throw away what they cannot read, without a word.
        assert_eq!(header(&invite, "Content-Type"), "application/sdp", "{invite}");
        Self {
            call_id: header(&invite, "Call-ID").to_owned(),
            own: format!("{};tag=s{}", header(&invite, "To"), next()),
            peer: header(&invite, "From").to_owned(),
            target: uri(header(&invite, "Contact")),
            cseq: 0,
            invite,
            kept: None,
            phone,
        }
    }

    /// The `INVITE` of the call.
    pub fn invite(&self) -> &str {
        &self.invite
    }

    /// The dialog as another call of the same telephone names it: the value of `Replaces`, ready for a URI.
    pub fn replaces(&self) -> String {
        let tag = |value: &str| value.rsplit_once(";tag=").map_or("", |(_, tag)| tag).to_owned();
        let (to, from) = (tag(&self.peer), tag(&self.own));
        format!("{}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}", self.call_id)
    }

    /// The same for a call that rings, which the answer that says so names.
    pub fn replaces_early(&mut self, ringing: &str) -> String {
        header(ringing, "To").clone_into(&mut self.peer);
        let named = self.replaces();
        // What is asked of it until it is answered has no tag.
        if let Some((plain, _)) = self.peer.rsplit_once(";tag=") {
            self.peer = plain.to_owned();
        }
        named
    }

    /// Asks that the other side be led to this target.
    pub async fn refers(&mut self, target: &str) {
        self.send_with("REFER", &format!("Refer-To: {target}\r\n"), "")
            .await;
    }

    /// Hears how that goes, and that it has heard it.
    pub async fn is_notified(&mut self) -> String {
        let notice = self.phone.until("NOTIFY ").await;
        self.answers(&notice, 200, "").await;
        notice
    }

    /// Is asked again within the call, and answers with this description.
    pub async fn is_asked(&mut self, sdp: &str) -> String {
        let asked = self.phone.until("INVITE ").await;
        self.answers(&asked, 200, sdp).await;
        let _ = self.phone.until("ACK ").await;
        asked
    }

    /// Sends a request within the call.
    pub async fn send(&mut self, method: &str, sdp: &str, credentials: Option<&str>) {
        let proof = credentials.map_or_else(String::new, |text| format!("Proxy-Authorization: {text}\r\n"));
        self.send_with(method, &proof, sdp).await;
    }

    /// Sends a request within the call with more headers, each with its end.
    pub async fn send_with(&mut self, method: &str, headers: &str, sdp: &str) {
        self.cseq += 1;
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let text = format!(
            "{method} {} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\n\
             CSeq: {} {method}\r\nContact: {}\r\n{headers}{kind}Content-Length: {}\r\n\r\n{sdp}",
            self.target,
            self.phone.via(),
            self.own,
            self.peer,
            self.call_id,
            self.cseq,
            self.phone.contact,
            sdp.len(),
        );
        self.phone.link.send(text.as_bytes()).await;
        if method == "INVITE" {
            self.invite = text;
        }
    }

    /// Acknowledges an answer to the last `INVITE`.
    pub async fn acknowledge(&mut self, answer: &str) {
        self.acknowledge_with(answer, "").await;
    }

    async fn acknowledge_with(&mut self, answer: &str, sdp: &str) {
        let good = answer.starts_with("SIP/2.0 2");
        // That of a refusal belongs to the transaction, that of an answer to the call (RFC 3261 §17.1.1.3, §13.2.2.4).
        let via = if good {
            self.phone.via()
        } else {
            header(&self.invite, "Via").to_owned()
        };
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let text = format!(
            "ACK {} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} ACK\r\n\
             {kind}Content-Length: {}\r\n\r\n{sdp}",
            self.target,
            self.own,
            header(answer, "To"),
            self.call_id,
            self.cseq,
            sdp.len(),
        );
        self.phone.link.send(text.as_bytes()).await;
    }

    /// Gives the call up before it is answered.
    pub async fn cancel(&mut self) {
        let text = format!(
            "CANCEL {} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} CANCEL\r\n\
             Content-Length: 0\r\n\r\n",
            self.target,
            header(&self.invite, "Via"),
            self.own,
            self.peer,
            self.call_id,
            self.cseq,
        );
        self.phone.link.send(text.as_bytes()).await;
    }

    /// Waits until its `INVITE` is answered with this status, and acknowledges it.
    pub async fn is_answered(&mut self, status: u16) -> String {
        self.is_answered_and_says(status, "").await
    }

    /// The same, with its own description in the acknowledgement: for a call that had none.
    pub async fn is_answered_and_says(&mut self, status: u16, sdp: &str) -> String {
        loop {
            let text = match self.kept.take() {
                Some(text) => text,
                None => self.phone.until("SIP/2.0 ").await,
            };
            if !header(&text, "CSeq").ends_with("INVITE") || header(&text, "Call-ID") != self.call_id {
                continue;
            }
            let found: u16 = text[8..11].parse().expect("a status");
            if found < 200 {
                if found == status {
                    return text;
                }
                continue;
            }
            assert_eq!(found, status, "{text}");
            if status < 300 {
                header(&text, "To").clone_into(&mut self.peer);
                self.target = uri(header(&text, "Contact"));
            }
            self.acknowledge_with(&text, sdp).await;
            return text;
        }
    }

    /// Whether its `INVITE` is to be proved; the refusal is acknowledged then. Anything else is left to be waited for.
    pub async fn is_challenged(&mut self) -> bool {
        // The answer to an earlier call may come again until its acknowledgement has arrived.
        let mut answer = self.phone.until("SIP/2.0 ").await;
        while header(&answer, "Call-ID") != self.call_id {
            answer = self.phone.until("SIP/2.0 ").await;
        }
        let challenged = answer.starts_with("SIP/2.0 407");
        if challenged {
            self.acknowledge(&answer).await;
        } else {
            self.kept = Some(answer);
        }
        challenged
    }

    /// Acknowledges for a moment whatever answer comes again: an `ACK` may be lost, and then the other side does not know yet that
    /// the call is on.
    pub async fn settles(&mut self) {
        let end = tokio::time::Instant::now() + Duration::from_millis(1200);
        while let Ok(Some(text)) = tokio::time::timeout_at(end, self.phone.link.receive()).await {
            if text.starts_with("SIP/2.0 200") && header(&text, "CSeq").ends_with("INVITE") {
                self.acknowledge(&text).await;
            }
        }
    }

    /// Waits for the answer to its last request that was no `INVITE`.
    pub async fn hears(&mut self, status: u16) -> String {
        self.phone.until(&format!("SIP/2.0 {status}")).await
    }

    /// Has the caller prove who he is; tells whether he could. The call goes on with his second `INVITE`.
    pub async fn demands(&mut self, challenges: &[Challenge], name: &str, password: &str) -> bool {
        let lines = challenges
            .iter()
            .map(|one| format!("Proxy-Authenticate: {}\r\n", one.text()));
        let lines: String = lines.collect();
        let first = self.invite.clone();
        self.answers_with(&first, 407, &lines, "").await;
        let _ = self.phone.until("ACK ").await;
        self.invite = self.phone.until("INVITE ").await;
        header(&self.invite, "From").clone_into(&mut self.peer);
        let proof = header(&self.invite, "Proxy-Authorization").to_owned();
        assert_eq!(header(&self.invite, "Call-ID"), self.call_id, "{}", self.invite);
        challenges
            .iter()
            .any(|one| one.is_proved(&proof, name, password, "INVITE"))
    }

    /// Answers a request.
    pub async fn answers(&mut self, request: &str, status: u16, sdp: &str) {
        self.answers_with(request, status, "", sdp).await;
    }

    /// Refuses the `INVITE` of the call, with headers.
    pub async fn refuses_with(&mut self, status: u16, headers: &str) {
        let invite = self.invite.clone();
        self.answers_with(&invite, status, headers, "").await;
    }

    /// The same with more headers, each with its end.
    pub async fn answers_with(&mut self, request: &str, status: u16, headers: &str, sdp: &str) {
        let mut text = format!("SIP/2.0 {status} Said\r\n");
        for line in request.split("\r\n").take_while(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default().trim();
            if ["via", "from", "call-id", "cseq"].contains(&name.to_ascii_lowercase().as_str()) {
                text.push_str(line);
                text.push_str("\r\n");
            }
        }
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let _ = write!(
            text,
            "To: {}\r\nContact: {}\r\n{headers}{kind}Content-Length: {}\r\n\r\n{sdp}",
            self.own,
            self.phone.contact,
            sdp.len()
        );
        self.phone.link.send(text.as_bytes()).await;
    }

    /// Answers the `INVITE` of the call.
    pub async fn says(&mut self, status: u16, sdp: &str) {
        let invite = self.invite.clone();
        self.answers(&invite, status, sdp).await;
    }

    /// Takes the call, and waits until that is acknowledged.
    pub async fn takes(&mut self, sdp: &str) {
        self.says(180, "").await;
        self.says(200, sdp).await;
        let _ = self.phone.until("ACK ").await;
    }

    /// Hangs up.
    pub async fn hangs_up(&mut self) {
        self.send("BYE", "", None).await;
        let _ = self.hears(200).await;
    }

    /// Rings no more: the call is another's, or given up.
    pub async fn is_cancelled(&mut self) {
        let cancel = self.phone.until("CANCEL ").await;
        self.answers(&cancel, 200, "").await;
        self.says(487, "").await;
    }

    /// Asks the other side something within the call, which reaches it.
    pub async fn reaches(&mut self, other: &mut Self) {
        self.send("INFO", "Signal=1\r\n", None).await;
        let info = other.phone.until("INFO ").await;
        other.answers(&info, 200, "").await;
        let _ = self.hears(200).await;
    }

    /// The same, with notices about a transfer before it.
    pub async fn is_hung_up_after_notices(&mut self) {
        loop {
            let text = self.phone.next_text().await.expect("something comes");
            if text.starts_with("NOTIFY ") {
                self.answers(&text, 200, "").await;
            } else if text.starts_with("BYE ") {
                return self.answers(&text, 200, "").await;
            }
        }
    }

    /// Waits until the other side hangs up.
    pub async fn is_hung_up(&mut self) {
        let bye = self.phone.until("BYE ").await;
        self.answers(&bye, 200, "").await;
    }
}
