//! The real clock and the real source of randomness. Everything else takes them from its caller, so that tests repeat.

use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_domain::{Clock, Entropy, Timestamp};

/// The random source of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// Fills the buffer, or ends the thread: a server that cannot draw random bytes must not hand out tokens.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for randomness"
    )]
    #[expect(
        clippy::expect_used,
        reason = "no token may be made without randomness, and no caller could do better"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// The present moment; before 1970 it is negative, and it stays at the last moment that can be told.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for the time"
    )]
    fn now(&self) -> Timestamp {
        let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
        };
        Timestamp::from_micros(micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ() {
        let (mut a, mut b) = ([0_u8; 32], [0_u8; 32]);
        OsEntropy.fill(&mut a);
        OsEntropy.fill(&mut b);
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }

    #[test]
    fn the_clock_goes_forward_from_a_plausible_year() {
        let first = SystemClock.now();
        assert!(
            first.as_micros() > 1_700_000_000_000_000,
            "{first} is before 2023"
        );
        assert!(SystemClock.now() >= first);
    }
}
