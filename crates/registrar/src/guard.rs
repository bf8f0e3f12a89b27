//! What one source may do: messages a second, connections, failed proofs of identity.
//!
//! It is asked before a message is parsed and before a connection is taken, because the queues of the SIP library behind it
//! have no limit. A rate is about the load of the machine, so it goes by the machine's own clock; a ban goes by the clock that
//! is handed in.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jackfield_domain::{Clock, Timestamp};
use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{Limits, Trusted};

/// Sources that are remembered, the least used going first.
const SOURCES: u64 = 100_000;
/// After so long without a message its rate is forgotten.
const IDLE: Duration = Duration::from_mins(1);
/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
/// The first delay; each further failure doubles it.
const DELAY: Duration = Duration::from_millis(250);
/// The longest delay. A telephone repeats a request for 32 seconds and must get its answer before.
const LONGEST: Duration = Duration::from_secs(8);

/// Whom a message counts for: an IPv4 address, or the 64 bits of an IPv6 network, in which one device has as many addresses
/// as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Source(IpAddr);

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

/// Messages that may still come: it fills at the rate and holds twice of it.
struct Bucket {
    left: f64,
    filled: Instant,
}

/// Judges sources.
pub(crate) struct Guard {
    limits: Limits,
    trusted: Trusted,
    clock: Arc<dyn Clock>,
    buckets: Cache<Source, Arc<Mutex<Bucket>>>,
    connections: Cache<Source, Arc<AtomicU32>>,
    all_connections: Arc<AtomicU32>,
    failures: Cache<Source, Arc<AtomicU32>>,
    /// The failures of one name at one source, which a success of that name forgives.
    names: Cache<(Source, u64), Arc<AtomicU32>>,
    bans: Cache<Source, Timestamp>,
    /// Whether anybody has failed, or was banned, since the start: mostly nobody, and then nothing has to be looked up.
    any_failed: AtomicBool,
    any_banned: AtomicBool,
}

/// A connection that is counted for as long as this lives.
pub(crate) struct Connected {
    source: Arc<AtomicU32>,
    all: Arc<AtomicU32>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.source.fetch_sub(1, Ordering::Relaxed);
        self.all.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("jackfield_sip_connections").decrement(1);
    }
}

impl Guard {
    pub(crate) fn new(limits: Limits, trusted: Trusted, clock: Arc<dyn Clock>) -> Self {
        let idle = |time| Cache::builder().max_capacity(SOURCES).time_to_idle(time).build();
        let failures = limits.ban.max(Duration::from_hours(1));
        Self {
            limits,
            trusted,
            clock,
            buckets: Cache::builder().max_capacity(SOURCES).time_to_idle(IDLE).build(),
            // Not by time: a count of living connections is forgotten only when it is pushed out.
            connections: Cache::new(SOURCES),
            all_connections: Arc::default(),
            failures: idle(failures),
            names: Cache::builder()
                .max_capacity(SOURCES)
                .time_to_idle(failures)
                .build(),
            bans: Cache::builder()
                .max_capacity(SOURCES)
                .time_to_live(limits.ban.max(Duration::from_secs(1)))
                .build(),
            any_failed: AtomicBool::new(false),
            any_banned: AtomicBool::new(false),
        }
    }

    /// Whether the address is a proxy of ours.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        (self.trusted)(address.to_canonical())
    }

    /// Whether a message from this address is looked at.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        self.admits_at(address, Instant::now())
    }

    fn admits_at(&self, address: IpAddr, now: Instant) -> bool {
        let source = Source::of(address);
        if self.banned(source) {
            dropped("banned");
            return false;
        }
        if self.limits.rate == 0 || self.trusts(address) {
            return true;
        }
        let full = f64::from(self.limits.rate) * 2.0;
        let bucket = self.buckets.get_with(source, || {
            Arc::new(Mutex::new(Bucket {
                left: full,
                filled: now,
            }))
        });
        let mut bucket = bucket.lock();
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.filled = now;
        bucket.left = (bucket.left + passed * f64::from(self.limits.rate)).min(full);
        if bucket.left < 1.0 {
            dropped("rate");
            return false;
        }
        bucket.left -= 1.0;
        true
    }

    /// Takes a connection in, unless its source is banned or there are too many.
    pub(crate) fn connect(&self, address: IpAddr) -> Option<Connected> {
        let source = Source::of(address);
        if self.banned(source) {
            dropped("banned");
            return None;
        }
        let own = self.connections.get_with(source, Arc::default);
        let connected = Connected {
            source: Arc::clone(&own),
            all: Arc::clone(&self.all_connections),
        };
        metrics::gauge!("jackfield_sip_connections").increment(1);
        let own = own.fetch_add(1, Ordering::Relaxed);
        let all = self.all_connections.fetch_add(1, Ordering::Relaxed);
        let too_many = (own >= self.limits.connections_of_source && !self.trusts(address))
            || all >= self.limits.connections;
        if too_many {
            dropped("connections");
            return None;
        }
        Some(connected)
    }

    /// Counts a failed proof of identity. Tells for how long its answer is held back.
    pub(crate) fn failed(&self, address: IpAddr, name: &str) -> Duration {
        metrics::counter!("jackfield_sip_auth_failures_total").increment(1);
        if self.limits.failures == 0 || self.trusts(address) {
            return Duration::ZERO;
        }
        let source = Source::of(address);
        let key = (source, hash(name));
        self.any_failed.store(true, Ordering::Relaxed);
        self.names
            .get_with(key, Arc::default)
            .fetch_add(1, Ordering::Relaxed);
        let failures = self.failures.get_with(source, Arc::default);
        let failures = failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures >= self.limits.failures {
            let until = self.clock.now().plus(self.limits.ban);
            self.bans.insert(source, until);
            self.any_banned.store(true, Ordering::Relaxed);
            self.failures.invalidate(&source);
            tracing::warn!(source = %source.0, failures, until = %until, "banned for failed proofs of identity");
            metrics::counter!("jackfield_sip_bans_total").increment(1);
        }
        let doublings = failures.saturating_sub(FREE + 1).min(16);
        if failures > FREE {
            (DELAY * (1 << doublings)).min(LONGEST)
        } else {
            Duration::ZERO
        }
    }

    /// Forgives what this name failed at this source, and nobody else's failures: who guesses must not be able to buy himself
    /// free with an account that he has.
    pub(crate) fn succeeded(&self, address: IpAddr, name: &str) {
        if !self.any_failed.load(Ordering::Relaxed) {
            return;
        }
        let key = (Source::of(address), hash(name));
        // Looked up first: nearly every success has nothing to forgive.
        let Some(own) = self.names.get(&key) else { return };
        self.names.invalidate(&key);
        if let Some(all) = self.failures.get(&key.0) {
            let own = own.load(Ordering::Relaxed);
            let _ = all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |all| {
                Some(all.saturating_sub(own))
            });
        }
    }

    fn banned(&self, source: Source) -> bool {
        self.any_banned.load(Ordering::Relaxed)
            && self
                .bans
                .get(&source)
                .is_some_and(|until| self.clock.now() < until)
    }
}

/// Counts what is dropped without an answer.
pub(crate) fn dropped(reason: &'static str) {
    metrics::counter!("jackfield_sip_dropped_total", "reason" => reason).increment(1);
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Mutex<Timestamp>);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            *self.0.lock()
        }
    }

    fn guard(limits: Limits) -> (Guard, Arc<Fixed>) {
        let clock = Arc::new(Fixed(Mutex::new(Timestamp::from_micros(0))));
        let trusted: Trusted = Arc::new(|address| address == IpAddr::from([10, 0, 0, 9]));
        (Guard::new(limits, trusted, Arc::clone(&clock) as _), clock)
    }

    const BAD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const GOOD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_source_gets_its_rate_and_no_more_and_takes_it_from_nobody() {
        let limits = Limits {
            rate: 10,
            ..Limits::default()
        };
        let (guard, _) = guard(limits);
        let begin = Instant::now();
        let admitted = |from, seconds| {
            let at = begin + Duration::from_secs(seconds);
            (0..1000).filter(|_| guard.admits_at(from, at)).count()
        };
        assert_eq!(admitted(BAD, 0), 20);
        assert_eq!(admitted(GOOD, 0), 20, "another source has its own");
        assert_eq!(admitted(BAD, 1), 10);
        assert_eq!(admitted(BAD, 60), 20, "a pause saves up twice the rate at most");
        assert_eq!(
            admitted(IpAddr::from([10, 0, 0, 9]), 60),
            1000,
            "a proxy has no limit"
        );
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let one: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let same: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        let other: IpAddr = "2001:db8:1:3::1".parse().unwrap();
        assert_eq!(Source::of(one), Source::of(same));
        assert_ne!(Source::of(one), Source::of(other));
        assert_eq!(Source::of("::ffff:192.0.2.1".parse().unwrap()), Source::of(BAD));
    }

    #[test]
    fn failures_are_delayed_more_and_more_and_end_in_a_ban() {
        let limits = Limits {
            failures: 20,
            ban: Duration::from_hours(12),
            ..Limits::default()
        };
        let (guard, clock) = guard(limits);
        let delays: Vec<_> = (0..11).map(|_| guard.failed(BAD, "1001").as_millis()).collect();
        assert_eq!(delays, [0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert!(guard.admits(BAD));
        for number in 0..9 {
            guard.failed(BAD, &number.to_string());
        }
        assert!(!guard.admits(BAD) && guard.connect(BAD).is_none());
        assert!(guard.admits(GOOD) && guard.connect(GOOD).is_some());
        *clock.0.lock() = Timestamp::from_micros(0).plus(Duration::from_hours(12));
        assert!(guard.admits(BAD), "a ban ends");
        assert_eq!(
            guard.failed(BAD, "1001"),
            Duration::ZERO,
            "and counting begins anew"
        );
    }

    #[test]
    fn a_success_forgives_only_its_own_name() {
        let limits = Limits {
            failures: 6,
            ..Limits::default()
        };
        let (guard, _) = guard(limits);
        for _ in 0..2 {
            guard.failed(BAD, "1001");
            guard.failed(BAD, "1002");
        }
        guard.succeeded(BAD, "1001");
        guard.succeeded(BAD, "1001");
        for _ in 0..3 {
            guard.failed(BAD, "1003");
            assert!(guard.admits(BAD));
        }
        guard.failed(BAD, "1003");
        assert!(!guard.admits(BAD), "two of 1002 and four of 1003 make six");
        for _ in 0..100 {
            guard.failed(IpAddr::from([10, 0, 0, 9]), "1001");
        }
        assert!(guard.admits(IpAddr::from([10, 0, 0, 9])), "a proxy is not banned");
    }

    #[test]
    fn connections_are_counted_while_they_live() {
        let limits = Limits {
            connections_of_source: 2,
            connections: 3,
            ..Limits::default()
        };
        let (guard, _) = guard(limits);
        let first = guard.connect(BAD);
        let second = guard.connect(BAD);
        assert!(first.is_some() && second.is_some());
        assert!(guard.connect(BAD).is_none(), "too many of one source");
        let third = guard.connect(GOOD);
        assert!(third.is_some());
        assert!(guard.connect(GOOD).is_none(), "too many of all");
        drop(first);
        assert!(guard.connect(BAD).is_some());
    }
}
