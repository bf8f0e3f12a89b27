//! Removing what nobody wants any more: uploads that were abandoned, files that nothing refers to, contents without a row.

use std::{collections::HashSet, time::Duration};

use jackfield_domain::{Actor, ChangeType, Kind, Result, Timestamp};

use crate::{Directory, work::in_work};

/// A file that nothing refers to stays for so long, and so does a content that no row speaks of: between an upload and its use
/// a person may sleep, and between a content and its row lies at most one request.
const GRACE: Duration = Duration::from_hours(24);
/// How many rows are asked for at a time.
const BATCH: i64 = 500;

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Collected {
    /// Uploads that did not go on.
    pub uploads: u64,
    /// Files that nothing refers to.
    pub blobs: u64,
    /// Contents without a row, whole or cut off in the middle.
    pub contents: u64,
}

impl Directory {
    /// Removes what nobody wants any more. `now` is the time by which things are old; several processes may do this at once.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal): what was removed
    /// until then stays removed, and the rest is found the next time.
    pub async fn collect_blobs(&self, now: Timestamp) -> Result<Collected> {
        let before = Timestamp::from_micros(
            now.as_micros()
                .saturating_sub(i64::try_from(GRACE.as_micros()).unwrap_or(i64::MAX)),
        );
        Ok(Collected {
            uploads: self.collect_uploads(now).await?,
            blobs: self.collect_idle(before).await?,
            contents: self.collect_contents(before).await?,
        })
    }

    async fn collect_uploads(&self, now: Timestamp) -> Result<u64> {
        let mut gone = 0;
        loop {
            let expired = self.store().expired_uploads(now, BATCH).await?;
            if expired.is_empty() {
                return Ok(gone);
            }
            for (tenant, id) in expired {
                let pieces = in_work!(self, tenant, Actor::SYSTEM, |work| {
                    // It may have gone on since it was listed.
                    let over = work
                        .upload(tenant, id)
                        .await?
                        .is_some_and(|upload| upload.expires_at < now);
                    let pieces = work.pieces(tenant, id).await?;
                    if over && work.delete_upload(tenant, id).await? {
                        gone += 1;
                        pieces
                    } else {
                        Vec::new()
                    }
                })?;
                for piece in pieces {
                    self.discard(&piece.content).await;
                }
            }
        }
    }

    async fn collect_idle(&self, before: Timestamp) -> Result<u64> {
        let mut gone = 0;
        loop {
            let idle = self.store().idle_blobs(before, BATCH).await?;
            if idle.is_empty() {
                return Ok(gone);
            }
            for (tenant, id) in idle {
                let content = in_work!(self, tenant, Actor::SYSTEM, |work| {
                    let stored = work.blob(tenant, id).await?;
                    let removed = work.delete_idle_blob(tenant, id).await?;
                    if removed {
                        work.journal(Kind::Blob, id.get(), ChangeType::Deleted).await?;
                    }
                    stored.filter(|_| removed).map(|stored| stored.content)
                })?;
                if let Some(content) = content {
                    gone += 1;
                    self.discard(&content).await;
                }
            }
        }
    }

    async fn collect_contents(&self, before: Timestamp) -> Result<u64> {
        let mut gone = 0;
        let mut after: Option<String> = None;
        loop {
            let found = self.inner.contents.list(after.as_deref()).await?;
            let Some(last) = found.last() else {
                return Ok(gone);
            };
            after = Some(last.name.clone());
            let old = found.into_iter().filter(|content| content.written_at < before);
            let old: Vec<String> = old.map(|content| content.name).collect();
            let known: HashSet<String> = self.store().contents_among(&old).await?.into_iter().collect();
            for name in old.iter().filter(|name| !known.contains(*name)) {
                self.inner.contents.remove(name).await?;
                gone += 1;
            }
        }
    }
}
