//! One unit of work: a transaction, its journal entries, and what follows its commit.

use std::ops::{Deref, DerefMut};

use jackfield_domain::{Actor, Author, ChangeType, Denial, Error, Kind, Result, TenantId, Timestamp, UserId};
use jackfield_store::{NewChange, Transaction};

use crate::{
    Directory,
    events::{Event, StoreChange},
};

/// How often a transaction that met another one is done again.
pub(crate) const ATTEMPTS: u32 = 5;

/// An open transaction together with what it has journalled.
pub(crate) struct Work {
    transaction: Box<dyn Transaction>,
    actor: Actor,
    now: Timestamp,
    events: Vec<Event>,
    announced: Vec<(Kind, i64)>,
}

impl Work {
    /// Tells whoever follows the store, here and in other processes, of a change that the journal has no entry of.
    pub(crate) async fn announce(&mut self, kind: Kind, record: i64) -> Result<()> {
        self.transaction.announce(kind, record).await?;
        self.announced.push((kind, record));
        Ok(())
    }

    /// Writes a change into the journal.
    pub(crate) async fn journal(&mut self, kind: Kind, record: i64, change: ChangeType) -> Result<()> {
        self.journal_with(kind, record, change, None).await
    }

    /// Writes a change into the journal with more about it: JSON, without secrets.
    pub(crate) async fn journal_with(
        &mut self,
        kind: Kind,
        record: i64,
        change: ChangeType,
        detail: Option<String>,
    ) -> Result<()> {
        self.append(kind, record, change, None, detail).await
    }

    /// Writes a change of a record in a user's collection into the journal.
    pub(crate) async fn journal_of(
        &mut self,
        kind: Kind,
        record: i64,
        change: ChangeType,
        owner: Option<UserId>,
    ) -> Result<()> {
        self.append(kind, record, change, owner, None).await
    }

    async fn append(
        &mut self,
        kind: Kind,
        record: i64,
        change: ChangeType,
        owner: Option<UserId>,
        detail: Option<String>,
    ) -> Result<()> {
        let entry = NewChange {
            kind,
            record,
            owner,
            change,
            actor: self.actor,
            at: self.now,
            detail,
        };
        let sequence = self.transaction.append(&entry).await?;
        self.events.push(Event {
            tenant: self.transaction.scope(),
            sequence,
            kind,
            record,
            change,
        });
        Ok(())
    }

    /// The moment that all changes of this work carry.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

impl Deref for Work {
    type Target = dyn Transaction;

    fn deref(&self) -> &Self::Target {
        &*self.transaction
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.transaction
    }
}

impl Directory {
    /// Opens a unit of work for a tenant.
    ///
    /// # Errors
    /// [`Denial::ReadOnly`] for who may only look: whatever door he came through, this one
    /// is closed.
    pub(crate) async fn begin(&self, tenant: TenantId, author: impl Into<Author>) -> Result<Work> {
        let Author { actor, read_only } = author.into();
        if read_only {
            return Err(Error::Denied(Denial::ReadOnly));
        }
        let transaction = self.inner.store.begin(tenant).await?;
        Ok(Work {
            transaction,
            actor,
            now: self.now(),
            events: Vec::new(),
            announced: Vec::new(),
        })
    }

    /// Commits a unit of work; when it is on disk, forgets what is out of date and tells who listens.
    pub(crate) async fn finish(&self, work: Work) -> Result<()> {
        let Work {
            transaction,
            events,
            announced,
            ..
        } = work;
        let tenant = transaction.scope();
        transaction.commit().await?;
        for event in events {
            self.changed(event.tenant, event.kind, event.record);
            // Nobody listening is no failure.
            let _ = self.inner.events.send(event);
        }
        for (kind, record) in announced {
            self.changed(tenant, kind, record);
        }
        Ok(())
    }

    /// A change was committed: what was made of the record is out of date, and followers hear of it.
    pub(crate) fn changed(&self, tenant: TenantId, kind: Kind, record: i64) {
        self.inner.stamps.bump(tenant, kind, record);
        if kind == Kind::CallOrder {
            self.inner.call_orders.send_replace(());
        }
        // Nobody following is no failure.
        let _ = self
            .inner
            .store_changes
            .send(StoreChange::Record { tenant, kind, record });
    }
}

/// Whether a unit of work only met another one and may be done again.
pub(crate) fn may_retry(error: &Error) -> bool {
    match error {
        Error::Unavailable(source) => {
            matches!(
                source.downcast_ref::<jackfield_store::Error>(),
                Some(jackfield_store::Error::Retry)
            )
        }
        _ => false,
    }
}

/// Runs a body in a unit of work of a tenant and commits it; does it again when the store asks for that. The body is
/// evaluated to a value and may end early with `?`, which leaves no trace.
macro_rules! in_work {
    ($directory:expr, $tenant:expr, $actor:expr, |$work:ident| $body:expr) => {{
        let mut attempt = 1;
        loop {
            let outcome: jackfield_domain::Result<_> = async {
                let mut $work = $directory.begin($tenant, $actor).await?;
                let value = $body;
                $directory.finish($work).await?;
                Ok(value)
            }
            .await;
            match outcome {
                Err(error) if attempt < $crate::work::ATTEMPTS && $crate::work::may_retry(&error) => {
                    attempt += 1
                }
                outcome => break outcome,
            }
        }
    }};
}
pub(crate) use in_work;
