//! Names for requests, by which a log line, an answer and a support question find each other.

use std::{
    fmt::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::{HeaderName, HeaderValue};
use jackfield_domain::Entropy;

/// The header that carries the id, both ways.
pub(crate) static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const LONGEST: usize = 64;

/// Gives ids to requests that bring none: random at the start of the process, counted from there, so that they are unique
/// without asking for randomness each time.
#[derive(Debug, Clone)]
pub struct RequestIds(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// A new sequence.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        Self(Arc::new(Counter {
            process: u64::from_be_bytes(bytes),
            next: AtomicU64::new(1),
        }))
    }

    fn next(&self) -> RequestId {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut id = RequestId::empty();
        // 16 and at most 16 hexadecimal digits and a hyphen fit.
        let _ = write!(id, "{:016x}-{number:x}", self.0.process);
        id
    }

    /// The id that the request brought, when it is harmless in a log and a header, else a new one.
    pub(crate) fn accept(&self, brought: Option<&HeaderValue>) -> RequestId {
        brought
            .and_then(|value| RequestId::read(value.as_bytes()))
            .unwrap_or_else(|| self.next())
    }
}

/// The id of one request, kept in place: requests are many and the ids short.
#[derive(Clone)]
pub(crate) struct RequestId {
    length: u8,
    bytes: [u8; LONGEST],
}

impl RequestId {
    fn empty() -> Self {
        Self {
            length: 0,
            bytes: [0; LONGEST],
        }
    }

    /// Stands where no request is served.
    pub(crate) fn none() -> Self {
        let mut id = Self::empty();
        // One character fits.
        let _ = id.write_str("-");
        id
    }

    /// Letters, digits and `-_.:` are taken over; what could break a line or a header is not.
    fn read(text: &[u8]) -> Option<Self> {
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        if text.is_empty() || !text.iter().all(harmless) {
            return None;
        }
        let mut id = Self::empty();
        id.write_str(std::str::from_utf8(text).ok()?).ok()?;
        Some(id)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.bytes
            .get(..usize::from(self.length))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.as_str()).ok()
    }
}

impl fmt::Write for RequestId {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let from = usize::from(self.length);
        let room = self.bytes.get_mut(from..from + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = u8::try_from(from + text.len()).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn ids_are_taken_over_only_when_harmless() {
        let ids = RequestIds::new(&Sevens);
        let accept = |text: &str| {
            let value = HeaderValue::from_bytes(text.as_bytes()).unwrap();
            ids.accept(Some(&value)).to_string()
        };
        assert_eq!(accept("a1-B2_c.d:e"), "a1-B2_c.d:e");
        assert_eq!(accept(&"x".repeat(64)), "x".repeat(64));
        for bad in ["", "a b", "ü", "a\"b", &"x".repeat(65)] {
            assert!(accept(bad).starts_with("0707070707070707-"), "{bad:?}");
        }
    }

    #[test]
    fn given_ids_differ() {
        let ids = RequestIds::new(&Sevens);
        assert_eq!(ids.accept(None).to_string(), "0707070707070707-1");
        assert_eq!(ids.accept(None).to_string(), "0707070707070707-2");
    }
}
