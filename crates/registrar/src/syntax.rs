//! The parts of SIP's grammar (RFC 3261 §25) that the edge reads itself: from the raw text of a header, because the library's
//! typed forms drop or rewrite what has to be kept.

use std::borrow::Cow;

/// Splits a header's value at the commas that are neither in quotes nor in angle brackets; none when a quote or a bracket is
/// not closed.
pub(crate) fn list(value: &str) -> Option<Vec<&str>> {
    split(value, b',')
}

/// Splits at a separator outside of quotes and angle brackets.
fn split(value: &str, separator: u8) -> Option<Vec<&str>> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, byte) in value.bytes().enumerate() {
        if escaped {
            escaped = false;
        } else if quoted {
            match byte {
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
        } else if bracketed {
            bracketed = byte != b'>';
        } else if byte == separator {
            parts.push(value.get(begin..at)?.trim());
            begin = at + 1;
        } else {
            quoted = byte == b'"';
            bracketed = byte == b'<';
        }
    }
    if quoted || bracketed {
        return None;
    }
    parts.push(value.get(begin..)?.trim());
    Some(parts)
}

/// The text of a quoted string without its quotes and escapes; any other text as it is.
pub(crate) fn unquoted(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' {
            letters.next()
        } else {
            Some(letter)
        });
    }
    Cow::Owned(plain)
}

/// Parameters after an address or in credentials: names, and values as they stand.
pub(crate) fn params(text: &str, separator: u8) -> Option<Vec<(&str, Option<&str>)>> {
    let parts = split(text, separator)?;
    Some(
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (part, None),
            })
            .collect(),
    )
}

/// One address of `From`, `To` or `Contact`: its URI as it was written, and the parameters after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NameAddr<'a> {
    pub(crate) uri: &'a str,
    pub(crate) params: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> NameAddr<'a> {
    pub(crate) fn read(value: &'a str) -> Option<Self> {
        let value = value.trim();
        let mut quoted = false;
        let mut escaped = false;
        let begin = value.bytes().position(|byte| {
            let was_quoted = quoted;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ => {}
            }
            byte == b'<' && !was_quoted
        });
        let (uri, rest) = match begin {
            Some(begin) => {
                let (uri, rest) = value.get(begin + 1..)?.split_once('>')?;
                let rest = rest.trim_start();
                // Nothing but parameters may follow.
                (
                    uri,
                    if rest.is_empty() {
                        rest
                    } else {
                        rest.strip_prefix(';')?
                    },
                )
            }
            // Without brackets the parameters are the header's (RFC 3261 §20.10).
            None => value.split_once(';').unwrap_or((value, "")),
        };
        let uri = uri.trim();
        if uri.is_empty()
            || uri
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"'))
        {
            return None;
        }
        Some(Self {
            uri,
            params: params(rest, b';')?,
        })
    }

    /// A parameter, without its quotes; empty when it has no value.
    pub(crate) fn param(&self, name: &str) -> Option<Cow<'a, str>> {
        let found = self
            .params
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(unquoted(found.1.unwrap_or_default()))
    }
}

/// The user and the host of a `sip:` or `sips:` URI: what an address of record is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// With its percent signs resolved; empty when there is none.
    pub(crate) user: String,
    /// In lower case, without brackets.
    pub(crate) host: String,
}

impl Address {
    pub(crate) fn read(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return None;
        }
        let rest = rest.split(['?']).next()?;
        let (user, host) = match rest.split_once('@') {
            Some((user, host)) => (user, host),
            None => ("", rest),
        };
        let user = user.split([':', ';']).next()?;
        let host = host.split(';').next()?;
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split_once(']')?.0,
            None => host.split(':').next()?,
        };
        if host.is_empty() || host.contains('@') {
            return None;
        }
        Some(Self {
            user: unescaped(user)?,
            host: host.to_ascii_lowercase(),
        })
    }
}

/// A text with its percent signs resolved.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The reason of an answer, for whoever reads the telephone's log (RFC 3261 §20.43).
pub(crate) fn warning(text: &str) -> Vec<(&'static str, String)> {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
        .collect();
    vec![("Warning", format!("399 jackfield \"{text}\""))]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commas_count_only_outside_of_quotes_and_brackets() {
        assert_eq!(
            list(r#""a, \" b" <sip:a,b@c>;x=1 , <sip:d>"#).unwrap(),
            [r#""a, \" b" <sip:a,b@c>;x=1"#, "<sip:d>"]
        );
        assert_eq!(list(""), Some(vec![""]));
        for bad in ["\"", "<sip:a", "\"a\\\"", "<a>, \"b"] {
            assert_eq!(list(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_read_with_their_parameters() {
        let read = |text| NameAddr::read(text).map(|one| (one.uri.to_owned(), one.params.len()));
        let some = |uri: &str, params| Some((uri.to_owned(), params));
        assert_eq!(
            read("<sip:a@b;transport=tcp>;q=0.5"),
            some("sip:a@b;transport=tcp", 1)
        );
        assert_eq!(read(r#""<x>;" <sip:a@b> ; tag=1;lr"#), some("sip:a@b", 2));
        assert_eq!(read("sip:a@b;tag=1"), some("sip:a@b", 1));
        for bad in [
            "",
            "<>",
            "<sip:a",
            "<sip:a>x",
            "sip:a b",
            "<sip:a\u{1}b>",
            "\"a\" sip:b",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let one = NameAddr::read(r#"<sip:a>;+sip.instance="<urn:uuid:1;2>";Expires=60;ob"#).unwrap();
        assert_eq!(one.param("+SIP.instance").unwrap(), "<urn:uuid:1;2>");
        assert_eq!(one.param("expires").unwrap(), "60");
        assert_eq!(one.param("ob").unwrap(), "");
        assert_eq!(one.param("q"), None);
    }

    #[test]
    fn an_address_of_record_is_its_user_and_host() {
        let read = |text| Address::read(text).map(|one| (one.user, one.host));
        let some = |user: &str, host: &str| Some((user.to_owned(), host.to_owned()));
        assert_eq!(
            read("sip:1001@One.Example:5060;transport=udp?x=y"),
            some("1001", "one.example")
        );
        assert_eq!(
            read("SIPS:%31001:secret@one.example"),
            some("1001", "one.example")
        );
        assert_eq!(read("sip:one.example"), some("", "one.example"));
        assert_eq!(
            read("sip:a;phone-context=b@[2001:DB8::1]:5060"),
            some("a", "2001:db8::1")
        );
        for bad in [
            "",
            "tel:+4930",
            "sip:",
            "sip:a@",
            "sip:a@b@c",
            "sip:%zz@b",
            "sip:%ff@b",
            "sip:a@[::1",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn quotes_and_escapes_go() {
        assert_eq!(unquoted(r#" "a\"b\\" "#), r#"a"b\"#);
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(unquoted("\""), "\"");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[ -~\\r\\n\\u{80}-\\u{2fff}]{0,80}") {
            let _ = list(&text);
            let _ = Address::read(&text);
            let _ = unquoted(&text);
            if let Some(one) = NameAddr::read(&text) {
                let _ = one.param("q");
            }
        }
    }
}
