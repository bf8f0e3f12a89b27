//! Answers that are given again when their request comes again, because the answer was lost on its way (RFC 3261 §17.2.2).

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    mem,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// For how long an answer is kept at least, while there is room: 64 times T1, after which nobody asks again (timer J).
const KEPT: Duration = Duration::from_secs(32);
/// Bytes of answers after which the older half of them is forgotten early. Who asks again then is challenged, as for any other
/// count of a nonce that was used.
const ROOM: usize = 8 * 1024 * 1024;

/// The answers to requests that came lately.
pub(super) struct Answers {
    /// Its seed is of this process, so that nobody can find two requests with one key.
    hasher: RandomState,
    kept: Mutex<Kept>,
}

/// Two halves: the older one is forgotten as a whole, so that nothing has to be searched for what is out of date.
struct Kept {
    young: HashMap<u64, Box<[u8]>>,
    old: HashMap<u64, Box<[u8]>>,
    bytes: usize,
    turned: Instant,
}

impl Answers {
    /// None so far.
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            kept: Mutex::new(Kept {
                young: HashMap::new(),
                old: HashMap::new(),
                bytes: 0,
                turned: Instant::now(),
            }),
        }
    }

    /// What a request is remembered by.
    pub(super) fn key(&self, request: &impl Hash) -> u64 {
        self.hasher.hash_one(request)
    }

    /// Begins to answer a request. When it came before, the answer, which is empty for one that is still being made.
    pub(super) fn begin(&self, key: u64) -> Option<Box<[u8]>> {
        self.begin_at(key, Instant::now())
    }

    fn begin_at(&self, key: u64, now: Instant) -> Option<Box<[u8]>> {
        let mut kept = self.kept.lock();
        kept.turn(now);
        let before = kept.young.get(&key).or_else(|| kept.old.get(&key)).cloned();
        if before.is_none() {
            kept.young.insert(key, Box::default());
        }
        before
    }

    /// Keeps the answer to a request; without one the request may be answered anew.
    pub(super) fn end(&self, key: u64, answer: Option<&[u8]>) {
        let mut kept = self.kept.lock();
        kept.old.remove(&key);
        match answer {
            Some(answer) => {
                kept.bytes += answer.len();
                kept.young.insert(key, answer.into());
            }
            None => {
                kept.young.remove(&key);
            }
        }
    }
}

impl Kept {
    fn turn(&mut self, now: Instant) {
        if self.bytes < ROOM / 2 && now.saturating_duration_since(self.turned) < KEPT {
            return;
        }
        self.old = mem::take(&mut self.young);
        (self.bytes, self.turned) = (0, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_comes_again_gets_the_same_answer() {
        let (answers, now) = (Answers::new(), Instant::now());
        let key = answers.key(&"one");
        assert_ne!(key, answers.key(&"two"));
        assert_eq!(answers.begin_at(key, now), None);
        assert_eq!(answers.begin_at(key, now).as_deref(), Some(&b""[..]), "under way");
        answers.end(key, Some(b"200"));
        for second in [0, 20, 31, 33, 40] {
            let then = now + Duration::from_secs(second);
            assert_eq!(
                answers.begin_at(key, then).as_deref(),
                Some(&b"200"[..]),
                "{second}"
            );
        }
        assert_eq!(
            answers.begin_at(key, now + Duration::from_secs(70)),
            None,
            "forgotten"
        );
    }

    #[test]
    fn what_got_no_answer_or_one_to_be_made_anew_may_come_again() {
        let (answers, now) = (Answers::new(), Instant::now());
        assert_eq!(answers.begin_at(1, now), None);
        let later = now + Duration::from_secs(33);
        assert_eq!(answers.begin_at(2, later), None, "the first is old now");
        answers.end(1, None);
        assert_eq!(answers.begin_at(1, later), None);
    }

    #[test]
    fn memory_has_an_end() {
        let (answers, now) = (Answers::new(), Instant::now());
        let answer = vec![b'x'; 1024 * 1024];
        for key in 0..100 {
            assert_eq!(answers.begin_at(key, now), None);
            answers.end(key, Some(&answer));
            let kept = answers.kept.lock();
            let bytes = kept.young.values().chain(kept.old.values()).map(|one| one.len());
            assert!(bytes.sum::<usize>() <= ROOM);
        }
        assert!(answers.begin_at(98, now).is_some());
    }
}
