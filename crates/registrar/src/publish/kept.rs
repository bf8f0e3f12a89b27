//! The publications of a process, and how long they last.

use std::collections::HashMap;

use jackfield_domain::{TenantId, Timestamp, UserId};
use parking_lot::Mutex;

/// Publications of one extension: as many as telephones that somebody has.
const OF_EXTENSION: usize = 32;
/// Publications that a process keeps.
const ALTOGETHER: usize = 20_000;

/// Whose publications they are.
pub(super) type Whose = (TenantId, UserId);

/// A publication that goes on.
struct Entry<P> {
    /// Its entity tag.
    tag: String,
    ends: Timestamp,
    said: P,
}

struct Book<P> {
    /// The oldest of each user first.
    entries: HashMap<Whose, Vec<Entry<P>>>,
    count: usize,
}

/// All of them.
pub(super) struct Kept<P>(Mutex<Book<P>>);

impl<P> Default for Kept<P> {
    fn default() -> Self {
        Self(Mutex::new(Book {
            entries: HashMap::new(),
            count: 0,
        }))
    }
}

impl<P> Kept<P> {
    /// Takes out what a user has under a tag, so that nobody else changes it meanwhile, with its end; none when there is nothing, or it is
    /// over.
    pub(super) fn take(&self, whose: Whose, tag: &str, now: Timestamp) -> Option<(Timestamp, P)> {
        let mut book = self.0.lock();
        let own = book.entries.get_mut(&whose)?;
        let place = own.iter().position(|one| one.tag == tag && one.ends > now)?;
        let Entry { ends, said, .. } = own.remove(place);
        if own.is_empty() {
            book.entries.remove(&whose);
        }
        book.count -= 1;
        Some((ends, said))
    }

    /// Whether there is room for one more.
    pub(super) fn has_room(&self) -> bool {
        self.0.lock().count < ALTOGETHER
    }

    /// Keeps one under a tag. Where an extension has too many, the oldest makes room: a telephone that was switched off forgot it.
    pub(super) fn put(&self, whose: Whose, (tag, ends): (String, Timestamp), said: P) {
        let mut book = self.0.lock();
        let own = book.entries.entry(whose).or_default();
        own.push(Entry { tag, ends, said });
        if own.len() > OF_EXTENSION {
            own.remove(0);
        } else {
            book.count += 1;
        }
    }

    /// Takes out what is over.
    pub(super) fn over(&self, now: Timestamp) -> Vec<(Whose, P)> {
        let mut book = self.0.lock();
        let mut over = Vec::new();
        book.entries.retain(|whose, own| {
            let ended = own.extract_if(.., |one| one.ends <= now);
            over.extend(ended.map(|one| (*whose, one.said)));
            !own.is_empty()
        });
        book.count -= over.len();
        over
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn user(id: i64) -> Whose {
        (TenantId::new(1), UserId::new(id))
    }

    /// How many there are, and of how many users.
    fn counts<P>(kept: &Kept<P>) -> (usize, usize) {
        let book = kept.0.lock();
        (book.count, book.entries.len())
    }

    #[test]
    fn a_publication_is_its_users_until_it_is_over() {
        let (kept, now) = (Kept::default(), Timestamp::from_micros(0));
        kept.put(user(1), ("a".into(), now.plus(MINUTE)), "away");
        kept.put(user(1), ("b".into(), now.plus(MINUTE * 2)), "busy");
        assert_eq!(kept.take(user(2), "a", now), None);
        assert_eq!(kept.take(user(1), "c", now), None);
        assert_eq!(kept.take(user(1), "a", now.plus(MINUTE)), None, "it is over");
        assert_eq!(kept.over(now), []);
        assert_eq!(kept.over(now.plus(MINUTE)), [(user(1), "away")]);
        assert_eq!(kept.over(now.plus(MINUTE)), []);
        assert_eq!(kept.take(user(1), "b", now), Some((now.plus(MINUTE * 2), "busy")));
        assert_eq!(kept.take(user(1), "b", now), None);
        assert_eq!(counts(&kept), (0, 0));
    }

    #[test]
    fn memory_is_bounded() {
        let (kept, now) = (Kept::default(), Timestamp::from_micros(0));
        for number in 0..=OF_EXTENSION {
            kept.put(user(1), (number.to_string(), now.plus(MINUTE)), number);
        }
        assert_eq!(kept.take(user(1), "0", now), None, "the oldest made room");
        assert_eq!(kept.take(user(1), "1", now), Some((now.plus(MINUTE), 1)));
        assert_eq!(counts(&kept), (OF_EXTENSION - 1, 1));
        for number in OF_EXTENSION - 1..ALTOGETHER {
            assert!(kept.has_room());
            let id = i64::try_from(number).unwrap() + 2;
            kept.put(user(id), (String::new(), now), number);
        }
        assert!(!kept.has_room());
        assert_eq!(kept.over(now).len(), ALTOGETHER + 1 - OF_EXTENSION);
        assert!(kept.has_room());
    }
}
