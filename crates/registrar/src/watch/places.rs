//! Which subscriptions there are, and how many there may be.

use std::{collections::HashMap, sync::Arc};

use jackfield_domain::{TenantId, UserId};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::{
    request::{Asked, Package},
    subscription::Renewal,
};

/// Subscriptions of one extension: more keys than the largest panels have, for several devices.
pub(super) const OF_EXTENSION: usize = 256;
/// Subscriptions that a process keeps.
pub(super) const ALTOGETHER: usize = 20_000;
/// Renewals that a subscription may be behind with, which waits for an answer of its watcher.
const BEHIND: usize = 4;

/// Whose subscriptions they are.
type Watcher = (TenantId, UserId);

/// A subscription that goes on.
struct Entry {
    call_id: String,
    from_tag: String,
    package: Package,
    id: Option<String>,
    /// Whom it watches.
    number: String,
    contact: String,
    /// The number of its last request.
    cseq: u32,
    /// Counts up with each subscription.
    age: u64,
    renewals: mpsc::Sender<Renewal>,
}

#[derive(Default)]
struct Book {
    /// By whom, and by our tags.
    entries: HashMap<Watcher, HashMap<String, Entry>>,
    count: usize,
    next: u64,
}

/// All subscriptions of a process.
#[derive(Default)]
pub(super) struct Places {
    book: Mutex<Book>,
}

/// The place of a subscription. Dropping it gives it up.
pub(super) struct Place {
    places: Arc<Places>,
    watcher: Watcher,
    tag: String,
    package: Package,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The extension has as many as it may.
    Extension,
    /// The process has.
    Process,
}

/// Why a request within a subscription is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is none like this.
    Unknown,
    /// A later request came first.
    Late,
    /// It is behind with its renewals.
    Busy,
}

impl Places {
    /// Takes a place for a subscription. When the extension has no more, the oldest one of the same telephone for the same thing
    /// makes room: it has forgotten that one when it was switched off.
    pub(super) fn take(
        self: &Arc<Self>,
        watcher: Watcher,
        tag: &str,
        asked: &Asked,
    ) -> Result<(Place, mpsc::Receiver<Renewal>), Full> {
        let mut book = self.book.lock();
        let Book { entries, count, next } = &mut *book;
        let own = entries.entry(watcher).or_default();
        if own.len() >= OF_EXTENSION {
            let same = own.iter().filter(|(_, entry)| entry.is_repeated_by(asked));
            let oldest = same
                .min_by_key(|(_, entry)| entry.age)
                .map(|(tag, _)| tag.clone());
            // Its task ends because nobody can renew it any more.
            own.remove(&oldest.ok_or(Full::Extension)?);
            *count = count.saturating_sub(1);
        }
        if *count >= ALTOGETHER {
            if own.is_empty() {
                entries.remove(&watcher);
            }
            return Err(Full::Process);
        }
        let (renewals, receiver) = mpsc::channel(BEHIND);
        let entry = Entry {
            call_id: asked.call_id.clone(),
            from_tag: asked.from_tag.clone(),
            package: asked.package,
            id: asked.id.clone(),
            number: asked.watched.user.clone(),
            contact: asked.contact.clone(),
            cseq: asked.cseq,
            age: *next,
            renewals,
        };
        *next += 1;
        *count += 1;
        own.insert(tag.to_owned(), entry);
        asked.package.gauge().increment(1);
        let place = Place {
            places: Arc::clone(self),
            watcher,
            tag: tag.to_owned(),
            package: asked.package,
        };
        Ok((place, receiver))
    }

    /// The way to hand a request on to the subscription that it belongs to, once it is answered.
    pub(super) fn renew(
        &self,
        watcher: Watcher,
        asked: &Asked,
    ) -> Result<mpsc::OwnedPermit<Renewal>, Refused> {
        let mut book = self.book.lock();
        let tag = asked.to_tag.as_deref().ok_or(Refused::Unknown)?;
        let entry = book
            .entries
            .get_mut(&watcher)
            .and_then(|own| own.get_mut(tag))
            .filter(|entry| entry.is_of(asked))
            .ok_or(Refused::Unknown)?;
        if asked.cseq <= entry.cseq {
            return Err(Refused::Late);
        }
        match entry.renewals.clone().try_reserve_owned() {
            Ok(permit) => {
                entry.cseq = asked.cseq;
                asked.contact.clone_into(&mut entry.contact);
                Ok(permit)
            }
            Err(mpsc::error::TrySendError::Full(_)) => Err(Refused::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Refused::Unknown),
        }
    }
}

impl Entry {
    /// Whether a request belongs to it.
    fn is_of(&self, asked: &Asked) -> bool {
        self.call_id == asked.call_id
            && self.from_tag == asked.from_tag
            && self.package == asked.package
            && self.id == asked.id
    }

    /// Whether a new one of the same telephone is for the same.
    fn is_repeated_by(&self, asked: &Asked) -> bool {
        self.package == asked.package && self.number == asked.watched.user && self.contact == asked.contact
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.package.gauge().decrement(1);
        let mut book = self.places.book.lock();
        let Some(own) = book.entries.get_mut(&self.watcher) else {
            return;
        };
        let was = own.remove(&self.tag).is_some();
        if own.is_empty() {
            book.entries.remove(&self.watcher);
        }
        if was {
            book.count = book.count.saturating_sub(1);
        }
    }
}

impl Package {
    /// How many of it there are.
    fn gauge(self) -> metrics::Gauge {
        metrics::gauge!("jackfield_sip_subscriptions", "event" => self.name())
    }
}
