//! What a process remembers of the store, and how it learns that it is out of date.
//!
//! A remembered value carries the *stamps* of the records it was made of, read before the store was asked. A change bumps
//! the stamp of its record after the commit; a value whose stamps are not the present ones counts as forgotten. So a value
//! that was read just before a change and stored just after it cannot survive, and nothing has to be searched for and removed.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::atomic::{AtomicU64, Ordering},
};

use jackfield_domain::{Kind, TenantId};

/// How many stamps there are. Records share them by hash: a shared one only costs a needless look into the store.
const STAMPS: usize = 4096;

/// The stamps of a process.
pub(crate) struct Stamps {
    stamps: Vec<AtomicU64>,
    /// Part of every stamp: bumped when it is not known what changed.
    all: AtomicU64,
}

/// The stamp of one record at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    slot: usize,
    value: u64,
    all: u64,
}

/// The record that a stamp is kept for. Roles of a tenant share one: whoever depends on a role depends on its name.
fn slot(tenant: TenantId, kind: Kind, record: i64) -> usize {
    let key = match kind {
        Kind::Tenant => (TenantId::SYSTEM, kind, record),
        Kind::Role => (tenant, kind, 0),
        _ => (tenant, kind, record),
    };
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    usize::try_from(hasher.finish() % STAMPS as u64).unwrap_or(0)
}

impl Stamps {
    pub(crate) fn new() -> Self {
        Self {
            stamps: (0..STAMPS).map(|_| AtomicU64::new(0)).collect(),
            all: AtomicU64::new(0),
        }
    }

    /// The present stamp of a record: take it before asking the store.
    pub(crate) fn take(&self, tenant: TenantId, kind: Kind, record: i64) -> Stamp {
        let slot = slot(tenant, kind, record);
        Stamp {
            slot,
            value: self.value(slot),
            all: self.all.load(Ordering::Acquire),
        }
    }

    /// Whether nothing has changed since the stamp was taken.
    pub(crate) fn is_current(&self, stamp: Stamp) -> bool {
        stamp.all == self.all.load(Ordering::Acquire) && stamp.value == self.value(stamp.slot)
    }

    /// Says that a record has changed.
    pub(crate) fn bump(&self, tenant: TenantId, kind: Kind, record: i64) {
        // Nothing that is remembered is made of these, and a busy edge has thousands of them a minute.
        if matches!(kind, Kind::LiveCalls | Kind::CallRecord | Kind::CallOrder) {
            return;
        }
        if let Some(stamp) = self.stamps.get(slot(tenant, kind, record)) {
            stamp.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Says that anything may have changed.
    pub(crate) fn bump_all(&self) {
        self.all.fetch_add(1, Ordering::AcqRel);
    }

    fn value(&self, slot: usize) -> u64 {
        self.stamps
            .get(slot)
            .map_or(0, |stamp| stamp.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_between_reading_and_remembering_is_noticed() {
        let stamps = Stamps::new();
        let (tenant, user) = (TenantId::FIRST, 100_007);
        let before = stamps.take(tenant, Kind::User, user);
        assert!(stamps.is_current(before));
        stamps.bump(tenant, Kind::User, user);
        assert!(!stamps.is_current(before));
        let after = stamps.take(tenant, Kind::User, user);
        stamps.bump_all();
        assert!(!stamps.is_current(after));
    }

    #[test]
    fn all_roles_of_a_tenant_share_a_stamp_and_a_tenant_has_one_wherever_it_is_named() {
        assert_eq!(
            slot(TenantId::FIRST, Kind::Role, 1),
            slot(TenantId::FIRST, Kind::Role, 2)
        );
        assert_eq!(
            slot(TenantId::FIRST, Kind::Tenant, 5),
            slot(TenantId::SYSTEM, Kind::Tenant, 5)
        );
    }
}
