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

    /// Follows the changes that other processes make to the store, so that what this one remembers stays true. Never
    /// returns; run it as a task beside the listeners.
    pub async fn follow_other_processes(&self) {
        loop {
            match self.inner.store.foreign_changes().await {
                Ok(changes) if changes.is_empty() => {
                    self.inner.stamps.bump_all();
                    self.inner.call_orders.send_replace(());
                }
                Ok(changes) => {
                    for (tenant, kind, record) in changes {
                        self.inner.stamps.bump(tenant, kind, record);
                        if kind == Kind::CallOrder {
                            self.inner.call_orders.send_replace(());
                        }
                    }
                }
                Err(error) => {
                    // While nothing can be heard anything may have changed.
                    self.inner.stamps.bump_all();
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
