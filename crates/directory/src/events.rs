//! Telling the rest of the process what changed, and hearing it from other processes.

use std::time::Duration;

use jackfield_domain::{ChangeType, Kind, TenantId, UserId};
use tokio::sync::broadcast;

use crate::Directory;

/// A committed change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The tenant whose record changed.
    pub tenant: TenantId,
    /// The number of its journal entry.
    pub sequence: i64,
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub record: i64,
    /// What happened.
    pub change: ChangeType,
}

/// Something that was committed, by this process or another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreChange {
    /// This record has other values, is new or is gone: ask the store what it is now.
    Record {
        /// Its tenant.
        tenant: TenantId,
        /// Its kind.
        kind: Kind,
        /// Its id; of a present state the id that [`Kind`] says.
        record: i64,
    },
    /// It is not known what: anything may be different.
    Anything,
}

/// Follows what is committed, see [`Directory::store_changes`].
#[derive(Debug)]
pub struct StoreChanges(broadcast::Receiver<StoreChange>);

impl StoreChanges {
    /// Waits for the next change. Safe to cancel.
    pub async fn next(&mut self) -> StoreChange {
        match self.0.recv().await {
            Ok(change) => change,
            Err(broadcast::error::RecvError::Lagged(_)) => StoreChange::Anything,
            // Whoever sends is part of the directory, which its follower holds as well; without it nothing changes any more.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// A tab that the consoles of a user are asked to show anew. It changes no record, so the journal does not know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabRefresh {
    /// The tenant of the user.
    pub tenant: TenantId,
    /// Whose consoles.
    pub user: UserId,
    /// The name of the tab.
    pub tab: String,
}

impl Directory {
    /// What the consoles of users are asked for, from now on, by requests that this process serves. A receiver that falls far
    /// behind misses some and is told so.
    pub fn tab_refreshes(&self) -> broadcast::Receiver<TabRefresh> {
        self.inner.tab_refreshes.subscribe()
    }

    /// Committed changes of this process from now on. The numbers of a tenant's changes tell their order; two that were
    /// committed together may arrive the other way round. A receiver that falls far behind misses some and is told so; the
    /// journal has them all.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// What is committed from now on, by any process on the same store: changes that the journal has, and those of present
    /// states (calls that are going on, bound devices), which it has not. One change may be told twice, and what follows it has
    /// to ask the store: a notice says that something is different, never what it is now. Whoever falls far behind is told
    /// [`StoreChange::Anything`].
    ///
    /// Other processes are heard while [`follow_other_processes`](Self::follow_other_processes) runs: at once on PostgreSQL;
    /// on SQLite, which cannot tell what changed, within a quarter of a second and as [`StoreChange::Anything`].
    pub fn store_changes(&self) -> StoreChanges {
        StoreChanges(self.inner.store_changes.subscribe())
    }

    /// Anything may have changed: what this process remembers of the store counts as forgotten, and followers hear of it. For
    /// whoever knows of a change that nobody tells of.
    pub fn anything_changed(&self) {
        self.inner.stamps.bump_all();
        self.inner.call_orders.send_replace(());
        // Nobody following is no failure.
        let _ = self.inner.store_changes.send(StoreChange::Anything);
    }

    /// Follows the changes that other processes make to the store, so that what this one remembers stays true. Never
    /// returns; run it as a task beside the listeners.
    pub async fn follow_other_processes(&self) {
        loop {
            match self.inner.store.foreign_changes().await {
                Ok(changes) if changes.is_empty() => self.anything_changed(),
                Ok(changes) => {
                    for (tenant, kind, record) in changes {
                        self.changed(tenant, kind, record);
                    }
                }
                Err(error) => {
                    // While nothing can be heard anything may have changed.
                    self.anything_changed();
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot follow other processes; trying again"
                    );
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}
