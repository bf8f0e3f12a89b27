//! Challenges of others, so that the library can answer them, and its answers, so that others can read them.
//!
//! The library answers a challenge by itself, wherever in a call it comes. But it knows SHA-256 by another name than RFC 8760
//! gives it, fails at a list of protections (`qop="auth,auth-int"`), and looks at the first challenge only, whether it knows its
//! hash function or not. So each challenge passes here on its way in, and each answer on its way out. A nonce is answered once,
//! so its count is always 1.

use rsipstack::{
    sip::{HasHeaders, Header, SipMessage, StatusCode},
    transaction::endpoint::MessageInspector,
    transport::SipAddr,
};

use super::shown;
use crate::syntax;

/// The hash functions that are answered, as RFC 8760 and as the library call them.
const NAMES: [(&str, &str); 2] = [("SHA-256", "SHA256"), ("MD5", "MD5")];

/// Puts both sides of the digest scheme into words that the other one knows.
pub(super) struct Translator;

impl MessageInspector for Translator {
    fn before_send(&self, mut message: SipMessage, _: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Request(request) = &mut message {
            shown::show(request.headers_mut());
            for header in &mut request.headers_mut().0 {
                match header {
                    Header::Authorization(value) => value.replace(proof(value.value())),
                    Header::ProxyAuthorization(value) => value.replace(proof(value.value())),
                    _ => {}
                }
            }
        }
        message
    }

    fn after_received(&self, mut message: SipMessage, _: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Response(response) = &mut message
            && matches!(
                response.status_code,
                StatusCode::Unauthorized | StatusCode::ProxyAuthenticationRequired
            )
        {
            let mut chosen = false;
            response.headers_mut().0.retain_mut(|header| {
                let value = match header {
                    Header::WwwAuthenticate(value) => {
                        challenge(value.value()).map(|text| value.replace(text))
                    }
                    Header::ProxyAuthenticate(value) => {
                        challenge(value.value()).map(|text| value.replace(text))
                    }
                    _ => return true,
                };
                // The first one that can be answered is the one that the other side likes best (RFC 8760 §2.4).
                value.is_some() && !std::mem::replace(&mut chosen, true)
            });
        }
        message
    }
}

/// A challenge as the library reads it; none when it cannot be answered.
fn challenge(value: &str) -> Option<String> {
    let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let params = syntax::params(rest, b',')?;
    let mut written = Vec::with_capacity(params.len());
    for (name, value) in params {
        let value = value?;
        if name.eq_ignore_ascii_case("algorithm") {
            let wanted = syntax::unquoted(value);
            let known = NAMES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&wanted))?;
            written.push(format!("algorithm={}", known.1));
        } else if name.eq_ignore_ascii_case("qop") {
            let offered = syntax::unquoted(value);
            let auth = |one: &str| one.trim().eq_ignore_ascii_case("auth");
            offered
                .split(',')
                .any(auth)
                .then(|| written.push("qop=\"auth\"".to_owned()))?;
        } else {
            written.push(format!("{name}={value}"));
        }
    }
    Some(format!("Digest {}", written.join(", ")))
}

/// Credentials of the library as RFC 8760 and RFC 7616 §3.4 write them.
fn proof(value: &str) -> String {
    value
        .replace("algorithm=SHA256", "algorithm=SHA-256")
        .replace("qop=\"auth\"", "qop=auth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_put_into_words_that_the_library_knows() {
        for (given, read) in [
            (
                "Digest realm=\"a, b\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"",
                Some("Digest realm=\"a, b\", nonce=\"n\", algorithm=SHA256, qop=\"auth\""),
            ),
            (
                "digest realm=\"a\",nonce=\"n\",qop=\"auth-int, auth\",stale=TRUE",
                Some("Digest realm=\"a\", nonce=\"n\", qop=\"auth\", stale=TRUE"),
            ),
            (
                "Digest realm=\"a\", nonce=\"n\"",
                Some("Digest realm=\"a\", nonce=\"n\""),
            ),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=AKAv1-MD5", None),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"", None),
            ("Basic realm=\"a\"", None),
            ("Digest realm=\"a", None),
        ] {
            assert_eq!(challenge(given).as_deref(), read, "{given}");
        }
    }

    fn response(challenges: &str) -> SipMessage {
        let text = format!(
            "SIP/2.0 407 Prove\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{challenges}Content-Length: 0\r\n\r\n"
        );
        SipMessage::try_from(text.as_str()).unwrap()
    }

    #[test]
    fn of_several_challenges_the_first_that_can_be_answered_is_left() {
        let one = |algorithm: &str| {
            format!(
                "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm={algorithm}, qop=\"auth\"\r\n"
            )
        };
        let message = response(&[one("SHA-512-256"), one("SHA-256"), one("MD5")].concat());
        let text = Translator.after_received(message, None).to_string();
        assert_eq!(text.matches("Proxy-Authenticate").count(), 1, "{text}");
        assert!(text.contains("algorithm=SHA256"), "{text}");
        let text = Translator
            .after_received(response(&one("SHA-512-256")), None)
            .to_string();
        assert!(!text.contains("Proxy-Authenticate"), "{text}");
    }

    #[test]
    fn proofs_leave_as_the_standard_writes_them() {
        assert_eq!(
            proof("Digest username=\"a\", algorithm=SHA256, qop=\"auth\", nc=00000001"),
            "Digest username=\"a\", algorithm=SHA-256, qop=auth, nc=00000001"
        );
    }
}
