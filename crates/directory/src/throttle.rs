//! Growing delays after failed attempts.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{Error, Result, Timestamp};
use moka::sync::Cache;
use parking_lot::Mutex;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
/// The longest delay.
const LONGEST: Duration = Duration::from_mins(15);
/// How many keys are remembered at most; the least used go first.
const KEYS: u64 = 100_000;

#[derive(Default)]
struct State {
    failures: u32,
    open_at: Option<Timestamp>,
}

/// Remembers failed attempts by key for an hour after the last one. Each process remembers its own.
pub(crate) struct Throttle {
    states: Cache<String, Arc<Mutex<State>>>,
    free: u32,
}

impl Throttle {
    /// Delays from the fourth failure on: 1 s, 2 s, 4 s … 15 min.
    pub(crate) fn new() -> Self {
        Self::with_free(FREE)
    }

    /// The same with another number of failures that cost nothing.
    pub(crate) fn with_free(free: u32) -> Self {
        let states = Cache::builder()
            .max_capacity(KEYS)
            .time_to_idle(Duration::from_hours(1))
            .build();
        Self { states, free }
    }

    /// Whether an attempt may be made now.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time that is left.
    pub(crate) fn check(&self, key: &str, now: Timestamp) -> Result<()> {
        let Some(state) = self.states.get(key) else {
            return Ok(());
        };
        match state.lock().open_at {
            Some(open_at) if now < open_at => Err(Error::TooMany(open_at.since(now))),
            _ => Ok(()),
        }
    }

    /// Counts a failed attempt.
    pub(crate) fn failed(&self, key: &str, now: Timestamp) {
        let state = self.states.get_with_by_ref(key, Arc::default);
        let mut state = state.lock();
        state.failures = state.failures.saturating_add(1);
        if let Some(step) = state.failures.checked_sub(self.free + 1) {
            let delay = Duration::from_secs(1 << step.min(16)).min(LONGEST);
            state.open_at = Some(now.plus(delay));
        }
    }

    /// Forgets the failures after a success.
    pub(crate) fn succeeded(&self, key: &str) {
        self.states.invalidate(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end_with_a_success() {
        let throttle = Throttle::new();
        let mut now = Timestamp::from_micros(0);
        for _ in 0..3 {
            throttle.failed("alice@10.0.0.1", now);
            assert!(throttle.check("alice@10.0.0.1", now).is_ok());
        }
        for seconds in [1, 2, 4, 8] {
            throttle.failed("alice@10.0.0.1", now);
            let Err(Error::TooMany(wait)) = throttle.check("alice@10.0.0.1", now) else {
                panic!("no delay")
            };
            assert_eq!(wait, Duration::from_secs(seconds));
            now = now.plus(wait);
            assert!(throttle.check("alice@10.0.0.1", now).is_ok());
        }
        for _ in 0..40 {
            throttle.failed("alice@10.0.0.1", now);
        }
        let Err(Error::TooMany(wait)) = throttle.check("alice@10.0.0.1", now) else {
            panic!("no delay")
        };
        assert_eq!(wait, LONGEST);
        assert!(
            throttle.check("alice@10.0.0.2", now).is_ok(),
            "another source is not delayed"
        );
        throttle.succeeded("alice@10.0.0.1");
        assert!(throttle.check("alice@10.0.0.1", now).is_ok());
    }
}
