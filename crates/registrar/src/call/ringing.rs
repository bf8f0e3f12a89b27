//! The telephones that ring for calls of this process: lamps show them, and others pick their calls up.
//!
//! A lamp has to name a dialog so that a telephone can pick the call up from it (RFC 4235, RFC 3891). It is not told the real one: who
//! knows that could speak in the name of the telephone that rings, also after it has answered. What it is told is made of it and leads
//! here, and nowhere else.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
};

use jackfield_domain::TenantId;
use parking_lot::Mutex;
use rsipstack::dialog::DialogId;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, mpsc, oneshot};

use super::replace::Picker;

/// The dialog of a telephone that rings, as lamps are told it: from that telephone's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) call_id: String,
    pub(crate) local_tag: String,
    pub(crate) remote_tag: String,
}

impl Named {
    fn of(dialog: &DialogId) -> Self {
        let mut digest = Sha256::new();
        for part in [&dialog.call_id, &dialog.local_tag, &dialog.remote_tag] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        let mut text = hex::encode(digest.finalize());
        let remote_tag = text.split_off(48);
        let local_tag = text.split_off(32);
        Self {
            call_id: text,
            local_tag,
            remote_tag,
        }
    }

    /// Whether a telephone means this one. Some ask the telephone that rings and some the caller, so that their tags change places.
    fn is_meant_by(&self, dialog: &DialogId) -> bool {
        let tags = (&self.local_tag, &self.remote_tag);
        self.call_id == dialog.call_id
            && (tags == (&dialog.local_tag, &dialog.remote_tag)
                || tags == (&dialog.remote_tag, &dialog.local_tag))
    }
}

/// A telephone that rings, for a lamp.
#[derive(Debug, Clone)]
pub(crate) struct RingingPhone {
    /// The external id of the call.
    pub(crate) call: String,
    /// The number of its extension.
    pub(crate) number: String,
    /// Its dialog.
    pub(crate) named: Named,
}

/// Somebody who picks a call up; told when he has it, dropped when he has not.
pub(super) struct PickUp {
    pub(super) picker: Box<Picker>,
    pub(super) taken: oneshot::Sender<()>,
}

/// A telephone that rings, for whoever wants to pick its call up.
pub(super) struct Rings {
    /// The number of its extension.
    pub(super) number: String,
    /// The ring group or queue that it rings for.
    pub(super) service: Option<String>,
    /// What the caller offers.
    pub(super) offer: Arc<[u8]>,
    /// Who decides which of several gets the call.
    pub(super) picks: mpsc::Sender<PickUp>,
}

struct Leg {
    dialog: DialogId,
    number: String,
    named: Named,
}

struct Entry {
    tenant: TenantId,
    call: String,
    service: Option<String>,
    offer: Arc<[u8]>,
    picks: mpsc::Sender<PickUp>,
    /// Those that have said that they ring.
    legs: Vec<Leg>,
}

#[derive(Default)]
struct Book {
    entries: HashMap<u64, Entry>,
    next: u64,
    /// The tenants in which others ring than when that was last asked.
    changed: HashSet<TenantId>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct RingingCalls {
    book: Mutex<Book>,
    news: Notify,
}

/// The ringing for one call. Dropping it ends that.
pub(super) struct Ringing {
    all: Weak<RingingCalls>,
    key: u64,
    /// Who wants to pick it up.
    pub(super) picks: mpsc::Receiver<PickUp>,
}

impl RingingCalls {
    /// Telephones are rung for a call from now on, with what its caller offers and for this ring group or queue.
    pub(super) fn begin(
        self: &Arc<Self>,
        (tenant, call): (TenantId, &str),
        offer: &[u8],
        service: Option<String>,
    ) -> Ringing {
        let (sender, picks) = mpsc::channel(4);
        let entry = Entry {
            tenant,
            call: call.to_owned(),
            service,
            offer: offer.into(),
            picks: sender,
            legs: Vec::new(),
        };
        let mut book = self.book.lock();
        let key = book.next;
        book.next += 1;
        book.entries.insert(key, entry);
        Ringing {
            all: Arc::downgrade(self),
            key,
            picks,
        }
    }

    /// The telephone that rings in this dialog, by its own name or as lamps are told it.
    pub(super) fn find(&self, tenant: TenantId, dialog: &DialogId) -> Option<Rings> {
        let book = self.book.lock();
        let mut of_tenant = book.entries.values().filter(|entry| entry.tenant == tenant);
        of_tenant.find_map(|entry| {
            let mut legs = entry.legs.iter();
            let leg = legs.find(|leg| leg.dialog == *dialog || leg.named.is_meant_by(dialog))?;
            Some(Rings {
                number: leg.number.clone(),
                service: entry.service.clone(),
                offer: Arc::clone(&entry.offer),
                picks: entry.picks.clone(),
            })
        })
    }

    /// The telephones of a tenant that ring now.
    pub(crate) fn of_tenant(&self, tenant: TenantId) -> Vec<RingingPhone> {
        let book = self.book.lock();
        let of_tenant = book.entries.values().filter(|entry| entry.tenant == tenant);
        of_tenant
            .flat_map(|entry| {
                entry.legs.iter().map(|leg| RingingPhone {
                    call: entry.call.clone(),
                    number: leg.number.clone(),
                    named: leg.named.clone(),
                })
            })
            .collect()
    }

    /// Waits until others ring than when this was last asked, and tells in which tenants. One may ask.
    pub(crate) async fn changed(&self) -> HashSet<TenantId> {
        loop {
            let changed = std::mem::take(&mut self.book.lock().changed);
            if !changed.is_empty() {
                return changed;
            }
            self.news.notified().await;
        }
    }

    fn with(&self, key: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.book.lock();
        let Some(entry) = book.entries.get_mut(&key) else {
            return;
        };
        let before = entry.legs.len();
        change(entry);
        let (tenant, new) = (entry.tenant, entry.legs.len() != before);
        if new {
            book.changed.insert(tenant);
            drop(book);
            self.news.notify_one();
        }
    }
}

impl Ringing {
    /// A telephone of this number rings in this dialog.
    pub(super) fn rings(&self, dialog: DialogId, number: &str) {
        let leg = Leg {
            named: Named::of(&dialog),
            number: number.to_owned(),
            dialog,
        };
        self.with(|entry| entry.legs.push(leg));
    }

    /// The telephone that was called with this `Call-ID` rings no more.
    pub(super) fn stops(&self, call_id: &str) {
        self.with(|entry| entry.legs.retain(|leg| leg.dialog.call_id != call_id));
    }

    fn with(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(all) = self.all.upgrade() {
            all.with(self.key, change);
        }
    }
}

impl Drop for Ringing {
    fn drop(&mut self) {
        self.with(|entry| entry.legs.clear());
        if let Some(all) = self.all.upgrade() {
            all.book.lock().entries.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(call_id: &str, local_tag: &str, remote_tag: &str) -> DialogId {
        DialogId {
            call_id: call_id.into(),
            local_tag: local_tag.into(),
            remote_tag: remote_tag.into(),
        }
    }

    #[tokio::test]
    async fn what_rings_is_found_by_both_of_its_names_until_it_stops() {
        let (all, own) = (Arc::new(RingingCalls::default()), dialog("a", "1", "2"));
        let tenant = TenantId::FIRST;
        let ringing = all.begin((tenant, "call"), b"offer", Some("6001".into()));
        assert!(all.of_tenant(tenant).is_empty());
        ringing.rings(own.clone(), "1001");
        ringing.rings(dialog("b", "1", "2"), "1002");
        assert_eq!(all.changed().await, HashSet::from([tenant]));
        let told = all.of_tenant(tenant);
        let [one, other] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!((&*one.call, &*one.number), ("call", "1001"));
        assert_ne!(one.named, other.named);
        let Named {
            call_id,
            local_tag,
            remote_tag,
        } = &one.named;
        for meant in [
            own.clone(),
            dialog(call_id, local_tag, remote_tag),
            dialog(call_id, remote_tag, local_tag),
        ] {
            let rings = all.find(tenant, &meant).unwrap();
            assert_eq!((&*rings.number, rings.service.as_deref()), ("1001", Some("6001")));
            assert!(all.find(TenantId::new(77), &meant).is_none());
        }
        for unknown in [
            dialog(call_id, local_tag, local_tag),
            dialog("a", "2", "1"),
            dialog("c", local_tag, remote_tag),
        ] {
            assert!(all.find(tenant, &unknown).is_none(), "{unknown:?}");
        }
        ringing.stops("a");
        assert!(all.find(tenant, &own).is_none());
        assert_eq!(all.changed().await, HashSet::from([tenant]));
        drop(ringing);
        assert!(all.of_tenant(tenant).is_empty());
        assert_eq!(all.changed().await, HashSet::from([tenant]));
    }
}
