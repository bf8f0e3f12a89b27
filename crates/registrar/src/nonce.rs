//! Nonces of the digest scheme: signed, so that nothing is kept for one until it was used; bound to the source that got it;
//! short-lived; and each count used once.

use std::{collections::HashMap, mem, net::IpAddr, sync::Arc, time::Duration};

use jackfield_domain::{Entropy, Timestamp};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// For how long a nonce may be used. A telephone that comes later is told so and proves itself again without asking anybody.
const LIFE: Duration = Duration::from_mins(10);
/// Nonces whose counts are remembered. When one is pushed out earlier than it ends, all as old as it that have not been used
/// count as ended, or it could be used once more.
const REMEMBERED: usize = 200_000;
/// The bytes of a nonce: when, a serial number, the signature.
const BYTES: usize = 8 + 8 + 16;
/// How many counts below the highest may still come: requests overtake each other.
const WINDOW: u32 = 64;

/// The counts of one nonce that were used: the highest, and which of those just below.
#[derive(Default)]
struct Used {
    highest: u32,
    below: u64,
}

impl Used {
    /// Notes a count; false when it was used, or is too far below to know.
    fn note(&mut self, count: u32) -> bool {
        if count > self.highest {
            let step = count - self.highest;
            self.below = if step >= WINDOW { 0 } else { self.below << step };
            if self.highest > 0 && step <= WINDOW {
                self.below |= 1_u64.checked_shl(step - 1).unwrap_or(0);
            }
            self.highest = count;
            return true;
        }
        let Some(behind) = (self.highest - count)
            .checked_sub(1)
            .filter(|&behind| behind < WINDOW)
        else {
            return false;
        };
        let bit = 1_u64 << behind;
        let fresh = self.below & bit == 0;
        self.below |= bit;
        fresh
    }
}

/// Makes nonces and knows them again.
pub(crate) struct Nonces {
    key: [u8; 32],
    entropy: Arc<dyn Entropy>,
    used: Mutex<Remembered>,
}

/// The nonces that were used: in two halves, of which the older one is forgotten as a whole. Whoever is used goes into the younger
/// one, so that those forgotten are old.
struct Remembered {
    most: usize,
    young: HashMap<Known, Used>,
    old: HashMap<Known, Used>,
    turned: Timestamp,
    /// When the youngest nonce was made that was forgotten before it ended, in microseconds.
    pushed_out: i64,
}

impl Remembered {
    fn turn(&mut self, now: Timestamp) {
        let over = now.since(self.turned) >= LIFE;
        if !over && self.young.len() < self.most / 2 {
            return;
        }
        let forgotten = mem::replace(&mut self.old, mem::take(&mut self.young));
        // Those were used last before the turn before this one.
        if !over {
            let youngest = forgotten.keys().map(|nonce| nonce.0).max();
            self.pushed_out = self.pushed_out.max(youngest.unwrap_or(i64::MIN));
        }
        self.turned = now;
    }

    fn spend(&mut self, nonce: Known, count: u32, now: Timestamp) -> bool {
        self.turn(now);
        if let Some(used) = self.young.get_mut(&nonce) {
            return used.note(count);
        }
        let mut used = match self.old.remove(&nonce) {
            Some(used) => used,
            None if nonce.0 <= self.pushed_out => return false,
            None => Used::default(),
        };
        let fresh = used.note(count);
        self.young.insert(nonce, used);
        fresh
    }
}

/// A nonce that is ours and has not ended: when it was made, in microseconds, and its serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Known(i64, [u8; 8]);

impl Nonces {
    /// With a key that nobody else has: a nonce of another process, or of this one before it was started, is not known here,
    /// so that counts need not be shared.
    pub(crate) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self::remembering(REMEMBERED, entropy)
    }

    fn remembering(most: usize, entropy: Arc<dyn Entropy>) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        let used = Remembered {
            most,
            young: HashMap::new(),
            old: HashMap::new(),
            turned: Timestamp::from_micros(0),
            pushed_out: i64::MIN,
        };
        Self {
            key,
            entropy,
            used: Mutex::new(used),
        }
    }

    /// A new nonce for a source and a realm.
    pub(crate) fn make(&self, source: IpAddr, realm: &str, now: Timestamp) -> String {
        let mut serial = [0; 8];
        self.entropy.fill(&mut serial);
        let when = now.as_micros().to_be_bytes();
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&when);
        bytes.extend_from_slice(&serial);
        bytes.extend_from_slice(&self.sign(when, serial, source, realm));
        hex::encode(bytes)
    }

    /// The nonce, when it was made here for this source and realm and has not ended.
    pub(crate) fn read(&self, text: &str, source: IpAddr, realm: &str, now: Timestamp) -> Option<Known> {
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        let (when, rest) = bytes.split_first_chunk::<8>()?;
        let (serial, signature) = rest.split_first_chunk::<8>()?;
        let expected = self.sign(*when, *serial, source, realm);
        if !bool::from(expected.ct_eq(signature)) {
            return None;
        }
        let made = i64::from_be_bytes(*when);
        (now.since(Timestamp::from_micros(made)) < LIFE).then_some(Known(made, *serial))
    }

    /// Notes the use of a count of a nonce; false when it was used before.
    pub(crate) fn spend(&self, nonce: Known, count: u32, now: Timestamp) -> bool {
        count > 0 && self.used.lock().spend(nonce, count, now)
    }

    fn sign(&self, when: [u8; 8], serial: [u8; 8], source: IpAddr, realm: &str) -> [u8; 16] {
        let mut digest = Sha256::new();
        digest.update(self.key);
        digest.update(when);
        digest.update(serial);
        match source.to_canonical() {
            IpAddr::V4(address) => digest.update(address.to_ipv6_mapped().octets()),
            IpAddr::V6(address) => digest.update(address.octets()),
        }
        digest.update(realm.as_bytes());
        let whole: [u8; 32] = digest.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(whole.first_chunk::<16>().unwrap_or(&[0; 16]));
        half
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use proptest::prelude::*;

    use super::*;

    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(7, Ordering::Relaxed));
        }
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn nonces(seed: u8) -> Nonces {
        Nonces::new(Arc::new(Counting(AtomicU8::new(seed))))
    }

    #[test]
    fn a_nonce_is_known_only_where_and_when_and_for_whom_it_was_made() {
        let nonces = nonces(0);
        let nonce = nonces.make(HERE, "one.example", NOW);
        let end = NOW.plus(LIFE);
        assert!(nonces.read(&nonce, HERE, "one.example", NOW).is_some());
        assert!(
            nonces
                .read(&nonce, HERE, "one.example", end.minus(Duration::from_micros(1)))
                .is_some()
        );
        assert!(nonces.read(&nonce, HERE, "one.example", end).is_none());
        assert!(nonces.read(&nonce, HERE, "two.example", NOW).is_none());
        assert!(
            nonces
                .read(&nonce, IpAddr::from([192, 0, 2, 2]), "one.example", NOW)
                .is_none()
        );
        assert!(
            super::tests::nonces(9)
                .read(&nonce, HERE, "one.example", NOW)
                .is_none()
        );
        for text in [
            "",
            "00",
            "zz",
            &nonce[2..],
            &format!("{nonce}00"),
            &nonce.replace('0', "1"),
        ] {
            assert!(nonces.read(text, HERE, "one.example", NOW).is_none(), "{text}");
        }
        assert_ne!(nonce, nonces.make(HERE, "one.example", NOW));
    }

    #[test]
    fn counts_may_overtake_each_other_but_not_come_twice() {
        let nonces = nonces(0);
        let text = nonces.make(HERE, "one.example", NOW);
        let nonce = nonces.read(&text, HERE, "one.example", NOW).unwrap();
        let table = [
            (0, false),
            (1, true),
            (1, false),
            (2, true),
            (9, true),
            (10, true),
            (5, true),
            (5, false),
            (256, true),
            (191, false),
            (192, true),
            (192, false),
            (u32::MAX, true),
            (256, false),
            (u32::MAX, false),
        ];
        for (count, fresh) in table {
            assert_eq!(nonces.spend(nonce, count, NOW), fresh, "{count}");
        }
    }

    #[test]
    fn what_is_pushed_out_cannot_be_used_once_more() {
        let nonces = Nonces::remembering(10, Arc::new(Counting(AtomicU8::new(0))));
        let make = |second: u64| {
            let now = NOW.plus(Duration::from_secs(second));
            let text = nonces.make(HERE, "one.example", now);
            (nonces.read(&text, HERE, "one.example", now).unwrap(), now)
        };
        let spend = |(nonce, now)| nonces.spend(nonce, 1, now);
        let (first, unused) = (make(0), make(1));
        assert!(spend(first));
        for second in 2..100 {
            assert!(spend(make(second)), "{second}");
        }
        assert!(!spend(first), "it was used, and nobody remembers");
        assert!(!spend(unused), "it might have been used");
        assert!(spend(make(100)));
    }

    /// Whoever goes on using a nonce does not lose it to the many that come after; and what is over is forgotten without harm.
    #[test]
    fn what_is_used_stays_and_what_is_over_goes() {
        let nonces = Nonces::remembering(10, Arc::new(Counting(AtomicU8::new(0))));
        let text = nonces.make(HERE, "one.example", NOW);
        let kept = nonces.read(&text, HERE, "one.example", NOW).unwrap();
        for count in 1..60 {
            let now = NOW.plus(Duration::from_secs(count));
            let other = nonces.make(HERE, "two.example", now);
            let other = nonces.read(&other, HERE, "two.example", now).unwrap();
            let count = u32::try_from(count).unwrap();
            assert!(nonces.spend(kept, count, now) && nonces.spend(other, 1, now));
            assert!(!nonces.spend(kept, count, now) && !nonces.spend(other, 1, now));
        }
        let later = NOW.plus(LIFE * 2);
        let text = nonces.make(HERE, "one.example", later);
        let last = nonces.read(&text, HERE, "one.example", later).unwrap();
        assert!(nonces.spend(last, 1, later) && !nonces.spend(last, 1, later.plus(LIFE / 2)));
        let used = nonces.used.lock();
        assert!(used.young.len() + used.old.len() <= 6);
    }

    proptest! {
        #[test]
        fn no_count_is_taken_twice(counts in proptest::collection::vec(1_u32..200, 1..300)) {
            let mut used = Used::default();
            let mut taken = std::collections::HashSet::new();
            for count in counts {
                let highest = taken.iter().max().copied().unwrap_or(0);
                let expected = !taken.contains(&count) && (count > highest || highest - count <= WINDOW);
                let got = used.note(count);
                prop_assert_eq!(got, expected, "{} after {:?}", count, taken);
                if got {
                    taken.insert(count);
                }
            }
        }
    }
}
