//! Session descriptions (RFC 8866), as far as an edge has to read them: it hands them on, and only where a side gets another
//! opposite than the one it began with, their origin and direction have to be looked at.

use std::fmt::Write as _;

/// What is offered to somebody who is called for somebody else, before there is a description of the other side: the sound that
/// most telephones know, sent nowhere (RFC 3725 §4.2: an address that nobody has).
pub(super) fn nowhere(id: u64) -> Vec<u8> {
    format!(
        "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 9 RTP/AVP 96 9 8 0 101\r\n\
         a=rtpmap:96 opus/48000/2\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n",
        id >> 1
    )
    .into_bytes()
}

/// An answer to an offer of somebody who is to hear nothing yet: every stream of it, sent nowhere. Streams that are encrypted would
/// need keys and are refused. None for an offer that is no text or has no stream.
pub(super) fn silence(offer: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(offer).ok()?;
    let mut answer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n".to_owned();
    let (mut streams, mut open) = (0, false);
    for line in text.lines() {
        if let Some(stream) = line.strip_prefix("m=") {
            let mut words = stream.split_whitespace();
            let (kind, _, protocol) = (words.next()?, words.next()?, words.next()?);
            open = matches!(protocol, "RTP/AVP" | "RTP/AVPF");
            let (port, formats) = (if open { "9" } else { "0" }, words.collect::<Vec<_>>().join(" "));
            // Writing into a text cannot fail.
            let _ = write!(answer, "m={kind} {port} {protocol} {formats}\r\n");
            if open {
                answer.push_str("a=inactive\r\n");
            }
            streams += 1;
        } else if open && (line.starts_with("a=rtpmap:") || line.starts_with("a=fmtp:")) {
            answer.push_str(line);
            answer.push_str("\r\n");
        }
    }
    (streams > 0).then(|| answer.into_bytes())
}

fn is_direction(line: &str) -> bool {
    matches!(
        line.trim_end(),
        "a=sendrecv" | "a=sendonly" | "a=recvonly" | "a=inactive"
    )
}

/// The lines that fulfil a condition, each with its end.
fn only(description: &[u8], keep: impl Fn(&str) -> bool) -> Option<String> {
    let text = std::str::from_utf8(description).ok()?;
    Some(text.split_inclusive('\n').filter(|line| keep(line)).collect())
}

/// A description as an offer to somebody new: whoever is held by his old opposite is not by the new one.
pub(super) fn unheld(description: &[u8]) -> Vec<u8> {
    only(description, |line| !is_direction(line)).map_or_else(|| description.to_vec(), String::into_bytes)
}

/// Whether two descriptions of one side mean the same sound and picture, at the same addresses.
pub(super) fn alike(one: &[u8], other: &[u8]) -> bool {
    let keep = |line: &str| !line.starts_with("o=") && !is_direction(line);
    match (only(one, keep), only(other, keep)) {
        (Some(one), Some(other)) => one.lines().eq(other.lines()),
        _ => one == other,
    }
}

/// The origin of a session, as a side was shown it: whatever it is shown later has to have the same, with a number that counts
/// the changes (RFC 3264 §8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// What stands before the number, and after it.
    own: Option<(String, String)>,
    /// The number that was shown last, and the line that it stood for.
    last: (u64, String),
    /// Whether another origin than the first was shown.
    moved: bool,
}

/// The parts of a line of origin: before its number, the number, after it.
fn parts(line: &str) -> Option<(&str, u64, &str)> {
    let line = line.strip_prefix("o=")?.trim_end();
    let mut places = line.match_indices(' ').map(|(at, _)| at);
    let (begin, end) = (places.nth(1)?, places.next()?);
    let number = line.get(begin + 1..end)?.parse().ok()?;
    Some((line.get(..begin)?, number, line.get(end + 1..)?))
}

impl Origin {
    /// That of a side which was shown this description.
    pub(super) fn of(shown: &[u8]) -> Self {
        let mut origin = Self::default();
        origin.show(shown);
        origin
    }

    /// A description as it is shown to the side: as it is, until it comes from somebody else than the first did.
    pub(super) fn show(&mut self, description: &[u8]) -> Vec<u8> {
        let as_it_is = || description.to_vec();
        let Ok(text) = std::str::from_utf8(description) else {
            return as_it_is();
        };
        let Some(line) = text.split_inclusive('\n').find(|line| line.starts_with("o=")) else {
            return as_it_is();
        };
        let Some((before, number, after)) = parts(line) else {
            return as_it_is();
        };
        let own = self
            .own
            .get_or_insert_with(|| (before.to_owned(), after.to_owned()));
        self.moved |= (own.0.as_str(), own.1.as_str()) != (before, after);
        if !self.moved {
            self.last = (number, line.to_owned());
            return as_it_is();
        }
        if self.last.1 != line {
            self.last = (self.last.0 + 1, line.to_owned());
        }
        let shown = format!("o={} {} {}\r\n", own.0, self.last.0, own.1);
        text.replacen(line, &shown, 1).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(origin: &str, rest: &str) -> Vec<u8> {
        format!("v=0\r\no={origin} IN IP4 192.0.2.1\r\ns=-\r\n{rest}").into_bytes()
    }

    #[test]
    fn an_origin_stays_whoever_speaks() {
        let mut origin = Origin::default();
        let (first, held) = (described("ada 7 1", ""), described("ada 7 2", "a=sendonly\r\n"));
        assert_eq!(origin.show(&first), first);
        assert_eq!(origin.show(&held), held);
        let other = described("carl 9 50", "m=audio 4000 RTP/AVP 0\r\n");
        let shown = described("ada 7 3", "m=audio 4000 RTP/AVP 0\r\n");
        assert_eq!(origin.show(&other), shown);
        assert_eq!(origin.show(&other), shown, "nothing has changed");
        assert_eq!(origin.show(&first), described("ada 7 4", ""));
        // Silence may have the same name and number by chance.
        let mut origin = Origin::of(b"v=0\r\no=ada 7 1 IN IP4 0.0.0.0\r\n");
        let shown = b"v=0\r\no=ada 7 2 IN IP4 0.0.0.0\r\ns=-\r\n";
        assert_eq!(origin.show(&first), shown);
        for odd in ["", "v=0\r\n", "o=a\r\n", "o=a b c d\r\n", "o=- 1 x IN IP4 h\r\n"] {
            assert_eq!(origin.show(odd.as_bytes()), odd.as_bytes());
        }
        assert_eq!(origin.show(&[0xff, 0xfe]), [0xff, 0xfe]);
    }

    #[test]
    fn silence_answers_every_stream() {
        let offer = "v=0\r\no=ada 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                     m=audio 4000 RTP/AVP 96 8\r\na=rtpmap:96 opus/48000/2\r\na=sendrecv\r\n\
                     m=video 4002 RTP/SAVP 97\r\na=rtpmap:97 VP8/90000\r\na=crypto:1 secret\r\n";
        let answer = silence(offer.as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(answer).unwrap(),
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n\
             m=audio 9 RTP/AVP 96 8\r\na=inactive\r\na=rtpmap:96 opus/48000/2\r\nm=video 0 RTP/SAVP 97\r\n"
        );
        assert_eq!(silence(b"v=0\r\n"), None);
        assert_eq!(silence(b"m=audio\r\n"), None);
        assert_eq!(silence(&[0xff]), None);
    }

    #[test]
    fn holding_is_no_difference() {
        let plain = described("a 1 1", "m=audio 4000 RTP/AVP 0\r\n");
        let held = described("a 1 2", "m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n");
        assert!(alike(&plain, &held));
        assert!(!alike(&plain, &described("a 1 2", "m=audio 4002 RTP/AVP 0\r\n")));
        assert_eq!(unheld(&held), described("a 1 2", "m=audio 4000 RTP/AVP 0\r\n"));
        assert_eq!(unheld(&[0xff]), [0xff]);
        assert!(
            std::str::from_utf8(&nowhere(5))
                .unwrap()
                .lines()
                .all(|line| line.contains('='))
        );
    }
}
