//! The media engine: what has a sound of its own (voicemail, the music of queues, meetings) is handed to it.
//!
//! An engine is known by its address, and asked in calls: [`MediaEngine`] says where it is and how a service is named to it, and
//! `call/engine.rs` places the call. [`SipEngine`] is the one that operators set up; what it is told is in `docs/sip.md`, and
//! stays as it is there.

use jackfield_directory::MediaBriefing;
use jackfield_domain::route::MediaService;

use crate::{call::sip::address, stack::Wire};

/// Where a media engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineAddress {
    /// Its host: a name, or an IP address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The protocol that it is spoken to with: UDP, TCP or TLS.
    pub wire: Wire,
}

impl EngineAddress {
    /// Parses `sip:host:port;transport=udp`: without a port it is 5060, over TLS 5061, without a transport it is UDP. None for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("sip:")?;
        let (place, wire) = match rest.split_once(';') {
            None => (rest, Wire::Udp),
            Some((place, params)) => match params.strip_prefix("transport=")? {
                "udp" => (place, Wire::Udp),
                "tcp" => (place, Wire::Tcp),
                "tls" => (place, Wire::Tls),
                _ => return None,
            },
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, (!port.is_empty()).then_some(port.strip_prefix(':')))
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(Some(port))),
                None => (place, None),
            },
        };
        let port = match port {
            Some(port) => port?.parse().ok().filter(|port| *port > 0)?,
            None if wire == Wire::Tls => 5061,
            None => 5060,
        };
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        let good = !host.is_empty() && host.bytes().all(known);
        good.then(|| Self {
            host: host.to_owned(),
            port,
            wire,
        })
    }
}

/// Why a call comes to an engine, as far as the plan's last step tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedBecause {
    /// Nobody was rung before.
    Unconditional,
    /// Who was rung was busy.
    Busy,
    /// Who was rung did not answer.
    NoAnswer,
    /// Who was to be rung could not be reached.
    Unreachable,
}

impl HandedBecause {
    /// The word for it (RFC 5806 §4.1).
    const fn word(self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Busy => "user-busy",
            Self::NoAnswer => "no-answer",
            Self::Unreachable => "unavailable",
        }
    }
}

/// A call that is handed to an engine.
#[derive(Debug, Clone, Copy)]
pub struct HandedCall<'a> {
    /// What for.
    pub service: &'a MediaService,
    /// What is known of that.
    pub briefing: &'a MediaBriefing,
    /// The numbers that the call was for, one after the other.
    pub path: &'a [String],
    /// Why it comes.
    pub because: HandedBecause,
    /// The `Call-ID` of the caller's side, by which its record is known; empty when he was called himself.
    pub call_id: &'a str,
}

/// How an engine is asked for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineRequest {
    /// The user part of the request URI.
    pub user: String,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
}

/// Takes calls for what has a sound of its own.
///
/// It is asked in an `INVITE` and trusted by its address. What it answers is what the caller hears; when it hangs up, the call is
/// over.
pub trait MediaEngine: Send + Sync + 'static {
    /// Where it is.
    fn address(&self) -> &EngineAddress;

    /// How it is asked.
    fn request(&self, call: &HandedCall<'_>) -> EngineRequest;
}

/// An engine that takes calls by the user part of the request URI and by headers: Asterisk, `FreeSWITCH` and others, with a few
/// lines of dial plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipEngine(pub EngineAddress);

impl MediaEngine for SipEngine {
    fn address(&self) -> &EngineAddress {
        &self.0
    }

    fn request(&self, call: &HandedCall<'_>) -> EngineRequest {
        let (service, number) = match call.service {
            MediaService::Voicemail(number) => ("voicemail", number),
            MediaService::Mailbox(number) => ("mailbox", number),
            MediaService::Queue { number, .. } => ("queue", number),
            MediaService::Meeting(number) => ("meeting", number),
            MediaService::Announcement(number) => ("announcement", number),
        };
        let domain = &call.briefing.domain;
        let mut headers = vec![
            ("X-Jackfield-Service", service.to_owned()),
            ("X-Jackfield-Number", number.clone()),
            ("X-Jackfield-Domain", domain.clone()),
            ("X-Jackfield-Reason", call.because.word().to_owned()),
        ];
        let known = [
            ("X-Jackfield-Language", call.briefing.language.as_str()),
            (
                "X-Jackfield-Greeting",
                call.briefing.greeting.as_ref().map_or("", |key| key.as_str()),
            ),
            ("X-Jackfield-Call-ID", call.call_id),
        ];
        let told = known.into_iter().filter(|(_, value)| !value.is_empty());
        headers.extend(told.map(|(name, value)| (name, value.to_owned())));
        // Who takes a message does so for the number that was called last; what is a number of the service itself diverts nothing.
        let diverted = match (call.service, call.path) {
            (MediaService::Voicemail(_), path) => path,
            (_, [before @ .., _]) => before,
            (_, []) => &[],
        };
        let mut because = call.because;
        for number in diverted.iter().rev() {
            if let Some(uri) = address(number, domain) {
                let reason = because.word();
                headers.push(("Diversion", format!("<{uri}>;reason={reason};counter=1")));
            }
            // What led on from an earlier number is not known any more; a rule of that number did.
            because = HandedBecause::Unconditional;
        }
        EngineRequest {
            user: format!("{service}-{number}"),
            headers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let read = |text: &str| {
            EngineAddress::parse(text).map(|one| format!("{} {} {}", one.host, one.port, one.wire))
        };
        for (text, expected) in [
            ("sip:127.0.0.1", "127.0.0.1 5060 udp"),
            ("sip:pbx.example:5070", "pbx.example 5070 udp"),
            ("sip:pbx.example:5070;transport=tcp", "pbx.example 5070 tcp"),
            ("sip:pbx.example;transport=tls", "pbx.example 5061 tls"),
            ("sip:[::1]:5062;transport=udp", "::1 5062 udp"),
            ("sip:[::1]", "::1 5060 udp"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for bad in [
            "",
            "pbx.example",
            "sips:pbx.example",
            "sip:",
            "sip:a@pbx.example",
            "sip:pbx.example:0",
            "sip:pbx.example:x",
            "sip:pbx.example:",
            "sip:[::1]5060",
            "sip:[pbx]",
            "sip:::1",
            "sip:pbx.example;transport=ws",
            "sip:pbx.example;lr",
            "sip:a b",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    fn asked(service: &MediaService, path: &[&str], because: HandedBecause) -> EngineRequest {
        let engine = SipEngine(EngineAddress::parse("sip:127.0.0.1").unwrap());
        let path: Vec<String> = path.iter().map(|number| (*number).to_owned()).collect();
        let briefing = MediaBriefing {
            domain: "one.example".into(),
            language: "de-DE".into(),
            greeting: None,
        };
        engine.request(&HandedCall {
            service,
            briefing: &briefing,
            path: &path,
            because,
            call_id: "abc@x",
        })
    }

    #[test]
    fn an_engine_is_told_what_and_why() {
        let request = asked(
            &MediaService::Voicemail("1003".into()),
            &["1002", "1003"],
            HandedBecause::NoAnswer,
        );
        assert_eq!(request.user, "voicemail-1003");
        assert_eq!(
            request.headers,
            [
                ("X-Jackfield-Service", "voicemail"),
                ("X-Jackfield-Number", "1003"),
                ("X-Jackfield-Domain", "one.example"),
                ("X-Jackfield-Reason", "no-answer"),
                ("X-Jackfield-Language", "de-DE"),
                ("X-Jackfield-Call-ID", "abc@x"),
                ("Diversion", "<sip:1003@one.example>;reason=no-answer;counter=1"),
                (
                    "Diversion",
                    "<sip:1002@one.example>;reason=unconditional;counter=1"
                ),
            ]
            .map(|(name, value)| (name, value.to_owned()))
        );
        let diverted = |request: &EngineRequest| {
            let all = request.headers.iter().filter(|(name, _)| *name == "Diversion");
            all.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let queue = MediaService::Queue {
            number: "6000".into(),
            seconds: 9,
        };
        let request = asked(&queue, &["6000"], HandedBecause::Unconditional);
        assert_eq!(
            (request.user.as_str(), diverted(&request)),
            ("queue-6000", Vec::new())
        );
        let request = asked(&queue, &["1002", "6000"], HandedBecause::Busy);
        assert_eq!(
            diverted(&request),
            ["<sip:1002@one.example>;reason=user-busy;counter=1"]
        );
        let meeting = MediaService::Meeting("5001".into());
        assert_eq!(
            asked(&meeting, &["5001"], HandedBecause::Unconditional).user,
            "meeting-5001"
        );
        let mailbox = MediaService::Mailbox("1001".into());
        assert_eq!(
            asked(&mailbox, &["777"], HandedBecause::Unconditional).user,
            "mailbox-1001"
        );
    }
}
