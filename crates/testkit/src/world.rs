//! Time and chance that a test decides.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jackfield_domain::{Clock, Entropy, Timestamp};
use parking_lot::Mutex;

/// 2026-03-02T08:00:00Z, a Monday: where every test begins.
const START: i64 = 1_772_438_400_000_000;

/// A clock that stands still until the test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        let span = i64::try_from(span.as_micros()).expect("no test lasts so long");
        self.0.fetch_add(span, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in every run (the generator `SplitMix64`). No secret is safe with them.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock();
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}
