//! The head of a message as text: what has to be known of it before the library reads it, and what has to be put otherwise so
//! that the library can.
//!
//! The library makes no transaction of a request whose `From` has no tag, as those of RFC 2543 have none, or one that stands among
//! white space; and it takes the body of a datagram for empty when nobody says how long it is (RFC 3261 §18.3 has the rest of it).
//! Such requests are right, so they are [mended](mend) on their way in, and what was put in is taken out of what leaves
//! ([`Untagged`]): behind the library, which finds its dialogs by what it believes to have sent.

use std::{
    borrow::Cow,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

/// The tag that a `From` without one has while the library has the request: to the standard it is a tag as good as any other
/// (RFC 3261 §12.1.1), and what tells such dialogs from each other is their `Call-ID`.
const NO_TAG: &str = ";tag=none-of-rfc-2543";

/// A header that is looked at: where its value stands, with the lines that continue it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Field {
    value: Range<usize>,
}

impl Field {
    /// Its value, as it was written.
    pub(super) fn value<'a>(&self, message: &'a [u8]) -> &'a [u8] {
        message.get(self.value.clone()).unwrap_or_default()
    }
}

/// What a head says, the first header of each name.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) from: Option<Field>,
    pub(super) to: Option<Field>,
    pub(super) cseq: Option<Field>,
    pub(super) length: Option<Field>,
    /// Where the body begins.
    pub(super) end: usize,
}

impl Head {
    /// Reads a head; none when it has no end. One pass over it, because every message goes through here.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let line_end = |from: usize| {
            let rest = message.get(from..)?;
            Some(from + rest.iter().position(|byte| *byte == b'\n')? + 1)
        };
        let mut head = Self::default();
        let mut at = line_end(0)?;
        loop {
            // Two ends of lines together, as the library looks for them.
            if at.checked_sub(2).and_then(|two| message.get(two..at + 2)) == Some(b"\r\n\r\n") {
                head.end = at + 2;
                return Some(head);
            }
            let begin = at;
            at = line_end(at)?;
            while matches!(message.get(at), Some(b' ' | b'\t')) {
                at = line_end(at)?;
            }
            head.note(message, begin..at);
        }
    }

    /// Takes note of a header, when it is one that is looked at.
    fn note(&mut self, message: &[u8], header: Range<usize>) {
        let text = message.get(header.clone()).unwrap_or_default();
        let Some(colon) = text.iter().position(|byte| *byte == b':') else {
            return;
        };
        let (name, _) = text.split_at(colon);
        let name = name.trim_ascii_end();
        let is =
            |long: &[u8], short: &[u8]| name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short);
        let place = if is(b"from", b"f") {
            &mut self.from
        } else if is(b"to", b"t") {
            &mut self.to
        } else if is(b"cseq", b"cseq") {
            &mut self.cseq
        } else if is(b"content-length", b"l") {
            &mut self.length
        } else {
            return;
        };
        place.get_or_insert(Field {
            value: header.start + colon + 1..header.end,
        });
    }

    /// The length of the body that it speaks of: nothing without a word of it, none when it is no number.
    pub(super) fn body_length(&self, message: &[u8]) -> Option<usize> {
        let Some(field) = &self.length else { return Some(0) };
        let digits = field.value(message).trim_ascii();
        // `parse` would take a sign.
        (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
            .then(|| std::str::from_utf8(digits).ok()?.parse().ok())
            .flatten()
    }

    /// Whether its number is one that requests may have: below 2^31 (RFC 3261 §8.1.1.5). That there is none is for others to say.
    pub(super) fn is_numbered(&self, message: &[u8]) -> bool {
        let Some(field) = &self.cseq else { return true };
        let text = std::str::from_utf8(field.value(message)).unwrap_or_default();
        let number = text.split_ascii_whitespace().next().unwrap_or_default();
        number.bytes().all(|byte| byte.is_ascii_digit())
            && number.parse::<u32>().is_ok_and(|number| number < 1 << 31)
    }
}

/// A request in words that the library understands; none when it does already. `whole` says that nothing but the request has come,
/// so that what follows its head is its body, however long.
pub(super) fn mend(message: &[u8], head: &Head, whole: bool) -> Option<Vec<u8>> {
    let text = |field: &Field| std::str::from_utf8(field.value(message)).ok();
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for (field, demanded) in [(&head.from, true), (&head.to, false)] {
        let Some(field) = field else { continue };
        if let Some(value) = text(field).and_then(|value| tagged(value, demanded)) {
            changes.push((field.value.clone(), format!(" {value}\r\n")));
        }
    }
    let body = message.len().saturating_sub(head.end);
    if whole && head.length.is_none() && body > 0 {
        let end = head.end.saturating_sub(2);
        changes.push((end..end, format!("Content-Length: {body}\r\n")));
    }
    if changes.is_empty() {
        return None;
    }
    changes.sort_by_key(|(range, _)| range.start);
    let mut mended = Vec::with_capacity(message.len() + 64);
    let mut at = 0;
    for (range, value) in changes {
        mended.extend_from_slice(message.get(at..range.start)?);
        mended.extend_from_slice(value.as_bytes());
        at = range.end;
    }
    mended.extend_from_slice(message.get(at..)?);
    Some(mended)
}

/// The value of `From` or `To` with its tag where the library looks for it, and with one when it is demanded; none when nothing is
/// to be done.
fn tagged(value: &str, demanded: bool) -> Option<String> {
    const TAG: &str = ";tag=";
    if value.contains(TAG) {
        return None;
    }
    let mentions = value
        .as_bytes()
        .windows(3)
        .any(|three| three.eq_ignore_ascii_case(b"tag"));
    if !mentions && !demanded {
        return None;
    }
    let mut text = squeezed(value);
    match text.to_ascii_lowercase().rfind(TAG) {
        Some(at) => text.replace_range(at..at + TAG.len(), TAG),
        None if demanded => text.push_str(NO_TAG),
        None => return None,
    }
    Some(text)
}

/// A value in one line, without the white space around the signs between its parameters. What is in quotes or in angle brackets stays.
fn squeezed(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let (mut quoted, mut escaped, mut bracketed, mut space) = (false, false, false, false);
    for letter in value.trim().chars() {
        let plain = !quoted && !bracketed;
        if matches!(letter, ' ' | '\t' | '\r' | '\n') && plain {
            space = true;
            continue;
        }
        let separates = |letter: char| matches!(letter, ';' | '=');
        if std::mem::take(&mut space) && !separates(letter) && !text.ends_with(separates) {
            text.push(' ');
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !bracketed => quoted = !quoted,
            '<' if plain => bracketed = true,
            '>' if bracketed => bracketed = false,
            _ => {}
        }
        // A line that is continued within quotes (RFC 3261 §7.3.1).
        text.push(if letter.is_control() { ' ' } else { letter });
    }
    text
}

/// Whether there have been requests without a tag since the start. Nearly never, so that nothing that leaves has to be searched.
#[derive(Debug, Default)]
pub(super) struct Untagged(AtomicBool);

impl Untagged {
    /// Takes note of a message that was mended.
    pub(super) fn note(&self, mended: &[u8]) {
        if find(mended, NO_TAG.as_bytes()).is_some() {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// A message as it leaves: its head without the tag that was put in, which the other side did not write.
    pub(super) fn leaves<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.0.load(Ordering::Relaxed) {
            return Cow::Borrowed(message);
        }
        let end = find(message, b"\r\n\r\n").unwrap_or(message.len());
        let (mut head, body) = message.split_at_checked(end).unwrap_or((message, &[]));
        let mut left = Vec::with_capacity(message.len());
        while let Some((before, after)) = find(head, NO_TAG.as_bytes())
            .and_then(|at| Some((head.get(..at)?, head.get(at + NO_TAG.len()..)?)))
        {
            left.extend_from_slice(before);
            head = after;
        }
        left.extend_from_slice(head);
        left.extend_from_slice(body);
        Cow::Owned(left)
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|own| own == part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(from: &str, to: &str, more: &str, body: &str) -> String {
        format!("INVITE sip:a SIP/2.0\r\nFrom:{from}\r\nt :{to}\r\nCSeq: 1 INVITE\r\n{more}\r\n{body}")
    }

    fn mended(message: &str, whole: bool) -> Option<String> {
        let head = Head::read(message.as_bytes()).unwrap();
        let mended = mend(message.as_bytes(), &head, whole)?;
        Some(String::from_utf8(mended).unwrap())
    }

    #[test]
    fn what_can_be_read_is_left_alone() {
        for (from, to) in [
            (" <sip:a>;tag=1", " <sip:b>"),
            ("sip:a;x=y;tag=1", " \"tagged\" <sip:b>"),
            (" <sip:a>;tag=1", " <sip:b>;tag=2"),
        ] {
            let text = request(from, to, "l: 2\r\n", "ab");
            assert_eq!(mended(&text, true), None, "{text}");
            assert_eq!(mended(&request(from, to, "", "ab"), false), None);
        }
    }

    #[test]
    fn tags_are_put_where_the_library_looks_for_them() {
        for (from, to, read) in [
            (
                " \"J \\\\\\\"\"   <sip:a>\r\n  ;\r\n  tag = 1",
                "\r\n sip:b ;   tag    = 2",
                request(" \"J \\\\\\\"\" <sip:a>;tag=1", " sip:b;tag=2", "", ""),
            ),
            (
                " A  B <sip:a>; Tag=1",
                " <sip:b>",
                request(" A B <sip:a>;tag=1", " <sip:b>", "", ""),
            ),
            (
                " <sip:a;b = c>;user=phone",
                " stage <sip:b>",
                request(
                    " <sip:a;b = c>;user=phone;tag=none-of-rfc-2543",
                    " stage <sip:b>",
                    "",
                    "",
                ),
            ),
        ] {
            assert_eq!(mended(&request(from, to, "", ""), true).unwrap(), read);
        }
    }

    #[test]
    fn what_leaves_has_no_tag_that_nobody_wrote() {
        let answer = |tag: &str| {
            format!(
                "SIP/2.0 200 OK\r\nFrom: <sip:a>;user=phone{tag}\r\nTo: <sip:b>;tag=1\r\n\r\nbody{NO_TAG}"
            )
        };
        let (kept, sent) = (answer(NO_TAG), answer(""));
        let untagged = Untagged::default();
        assert_eq!(untagged.leaves(kept.as_bytes()), kept.as_bytes());
        untagged.note(b"INVITE sip:a SIP/2.0\r\nFrom: <sip:a>;tag=1\r\n\r\n");
        assert_eq!(untagged.leaves(kept.as_bytes()), kept.as_bytes());
        untagged.note(kept.as_bytes());
        assert_eq!(untagged.leaves(kept.as_bytes()), sent.as_bytes());
        assert_eq!(untagged.leaves(sent.as_bytes()), sent.as_bytes());
        assert_eq!(untagged.leaves(b"\r\n"), b"\r\n".as_slice());
    }

    #[test]
    fn a_body_that_nobody_measured_is_what_is_left_of_the_datagram() {
        let text = request(" <sip:a>;tag=1", " <sip:b>", "", "v=0\r\n");
        let read = request(" <sip:a>;tag=1", " <sip:b>", "Content-Length: 5\r\n", "v=0\r\n");
        assert_eq!(mended(&text, true).unwrap(), read);
        assert_eq!(mended(&text, false), None);
    }

    #[test]
    fn numbers_are_below_what_the_standard_allows() {
        for (number, good) in [
            ("1", true),
            ("0009\r\n ", true),
            ("\r\n 2147483647", true),
            ("2147483648", false),
            ("36893488147419103232", false),
            ("+1", false),
            ("x", false),
            ("", false),
        ] {
            let text = format!("INVITE sip:a SIP/2.0\r\nCSeq: {number} INVITE\r\n\r\n");
            let head = Head::read(text.as_bytes()).unwrap();
            assert_eq!(head.is_numbered(text.as_bytes()), good, "{number}");
        }
        assert!(Head::read(b"INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n").is_none());
    }

    proptest! {
        #[test]
        fn nothing_panics_and_the_rest_stays(bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0_usize..120) {
            let mut text = request(" <sip:a> ; tag = 1", " <sip:b>", "", "body").into_bytes();
            let at = at % text.len();
            text.splice(at..at, bytes);
            if let Some(head) = Head::read(&text) {
                let body = text.get(head.end..).unwrap().to_vec();
                let _ = (head.body_length(&text), head.is_numbered(&text));
                if let Some(mended) = mend(&text, &head, true) {
                    prop_assert!(mended.ends_with(&body));
                    let head = Head::read(&mended);
                    prop_assert!(head.is_some());
                }
            }
        }
    }
}
