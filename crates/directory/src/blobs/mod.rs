//! Files: how they come in, and how they are handed out.
//!
//! Whoever puts a file there gets its id, and names that id where a file is wanted: a greeting, a picture, a recording. A file
//! that no record refers to is removed after a day ([`collect`](crate::Directory::collect_blobs)). The content is durable
//! before its row is written, so a row never speaks of what is not there.

mod collect;
mod contents;
mod uploads;

use std::{fmt, ops::Range, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
pub use collect::Collected;
pub(crate) use contents::Arrived;
use jackfield_domain::{
    Author, Blob, BlobId, BlobKey, Caller, ChangeType, Error, Field, Kind, Member, Owner, Reporter, Result,
    Rule, TenantId, Thing, UserId, Violation, Violations, check_file_name,
};
use jackfield_store::{BlobUse, ContentReader, Sequence, StoredBlob};
pub use uploads::Progress;

use crate::{Directory, work::Work, work::in_work};

/// The bytes of a file on their way in, as they come over the network.
#[async_trait]
pub trait Incoming: Send {
    /// The next of them; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted>;
}

/// The sender went away before everything was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

/// Bytes that are here already.
#[async_trait]
impl Incoming for Bytes {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        let all = std::mem::take(self);
        Ok((!all.is_empty()).then_some(all))
    }
}

/// Who puts a file there, and for which tenant. Made from the proof that he may.
#[derive(Debug, Clone, Copy)]
pub struct Depositor {
    tenant: TenantId,
    owner: Option<UserId>,
    actor: Author,
}

impl From<&Member> for Depositor {
    fn from(member: &Member) -> Self {
        Self {
            tenant: member.tenant(),
            owner: member.caller().user,
            actor: member.caller().actor(),
        }
    }
}

impl From<&Owner> for Depositor {
    fn from(owner: &Owner) -> Self {
        Self {
            tenant: owner.tenant(),
            owner: Some(owner.user()),
            actor: owner.caller().actor(),
        }
    }
}

impl From<&Reporter> for Depositor {
    fn from(reporter: &Reporter) -> Self {
        Self {
            tenant: reporter.tenant(),
            owner: None,
            actor: reporter.caller().actor(),
        }
    }
}

/// A file that is handed out: what is known of it, and its content.
pub struct OpenBlob {
    /// What is known of it.
    pub blob: Blob,
    content: String,
    contents: Arc<dyn jackfield_store::BlobContents>,
}

impl fmt::Debug for OpenBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenBlob").field(&self.blob).finish()
    }
}

impl OpenBlob {
    /// Reads bytes of it. The range lies inside of it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn read(&self, range: Range<u64>) -> Result<Box<dyn ContentReader>> {
        Ok(self.contents.read(&self.content, range).await?)
    }
}

/// A violation about the file itself.
fn wrong(field: Field, rule: Rule) -> Error {
    Error::invalid(Violation::new(field, rule))
}

impl Directory {
    /// Puts a file there, whose bytes come in one go. It is removed after a day unless a record refers to it by then
    /// (`use_blob`, in the unit of work that stores the record).
    ///
    /// # Errors
    /// [`Error::Invalid`] for the name, for a file without bytes and for one that did not arrive whole;
    /// [`Error::TooLarge`].
    pub async fn put_blob(
        &self,
        by: impl Into<Depositor>,
        name: &str,
        source: &mut dyn Incoming,
    ) -> Result<Blob> {
        let by = by.into();
        let mut found = Violations::new();
        check_file_name(&mut found, name);
        found.finish()?;
        let arrived = self.receive(by.tenant, source).await?;
        let content = arrived.name.clone();
        let outcome = in_work!(self, by.tenant, by.actor, |work| {
            self.insert_blob(&mut work, by.owner, name, &arrived).await?
        });
        if outcome.is_err() {
            self.discard(&content).await;
        }
        outcome
    }

    /// Takes in a content whose bytes come in one go, and makes it durable. Its row is to follow (`insert_blob`); without one
    /// it is to be discarded.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file without bytes and for one that did not arrive whole; [`Error::TooLarge`].
    pub(crate) async fn receive(&self, tenant: TenantId, source: &mut dyn Incoming) -> Result<Arrived> {
        let mut intake = self.intake(tenant, 0).await?;
        intake.take(source).await?;
        self.finish_intake(intake).await
    }

    /// Stores the row of a file whose content is durable.
    pub(crate) async fn insert_blob(
        &self,
        work: &mut Work,
        owner: Option<UserId>,
        name: &str,
        arrived: &Arrived,
    ) -> Result<Blob> {
        let blob = Blob {
            tenant: work.scope(),
            id: BlobId::new(work.next_id(Sequence::Blob).await?),
            key: BlobKey::generate(self.entropy()),
            owner,
            name: name.to_owned(),
            size: arrived.size,
            digest: arrived.digest,
            media_type: arrived.media_type,
            created_at: work.now(),
        };
        work.insert_blob(&StoredBlob {
            blob: blob.clone(),
            content: arrived.name.clone(),
        })
        .await?;
        work.journal(Kind::Blob, blob.id.get(), ChangeType::Created)
            .await?;
        Ok(blob)
    }

    /// The file of a key. Who has the key may read it: there is nothing else to prove.
    ///
    /// # Errors
    /// `Absent(Blob)`.
    pub async fn open_blob(&self, key: &str) -> Result<OpenBlob> {
        let absent = || Error::Absent(Thing::Blob);
        let key = BlobKey::parse(key).ok_or_else(absent)?;
        let stored = self.store().blob_by_key(&key).await?.ok_or_else(absent)?;
        Ok(OpenBlob {
            blob: stored.blob,
            content: stored.content,
            contents: Arc::clone(&self.inner.contents),
        })
    }

    /// A file that a record of the tenant is to refer to, named by the value `field`. Ids may be guessed, so a file can be
    /// used by who has put it there and by nobody else: another's is as unknown as one that does not exist.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub(crate) async fn referred_blob(
        &self,
        tenant: TenantId,
        caller: &Caller,
        id: BlobId,
        field: Field,
    ) -> Result<StoredBlob> {
        let stored = self.own_blob(tenant, caller, id).await?;
        stored.ok_or_else(|| wrong(field, Rule::Unknown))
    }

    /// The same; none when there is none.
    pub(crate) async fn own_blob(
        &self,
        tenant: TenantId,
        caller: &Caller,
        id: BlobId,
    ) -> Result<Option<StoredBlob>> {
        let stored = self.store().blob(tenant, id).await?;
        Ok(stored.filter(|stored| stored.blob.owner.is_some() && stored.blob.owner == caller.user))
    }
}

impl Work {
    /// Notes that a record refers to a file of the tenant; until it is released, the file stays.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming `field`, when the file has gone.
    pub(crate) async fn use_blob_for(&mut self, id: BlobId, field: Field, by: BlobUse) -> Result<()> {
        let tenant = self.scope();
        if self.blob(tenant, id).await?.is_none() {
            return Err(wrong(field, Rule::Unknown));
        }
        Ok(self.use_blob(tenant, id, by).await?)
    }
}
