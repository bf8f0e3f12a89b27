//! The passwords of an import.

use jackfield_domain::{Error, NewPassword, Result, TenantId, UserId};
use tokio::task::JoinSet;

use super::{ImportMode, ImportProgress, Planned};
use crate::Directory;

/// How many passwords wait for a core at a time: enough to keep all of them busy, few enough to need no memory.
const WAITING: usize = 64;

/// What becomes of the password of a row.
#[derive(Default)]
pub(super) enum Hashed {
    /// The row gives none.
    #[default]
    None,
    /// The PHC string to be stored.
    New(String),
    /// The row gives the present password, whose PHC string this is.
    Same(String),
}

impl Hashed {
    /// The PHC string for a new user.
    pub(super) fn for_new(&self) -> Result<&str> {
        match self {
            Self::New(hash) => Ok(hash),
            Self::None | Self::Same(_) => Err(Error::internal(
                "a new user without a password came past the checks",
            )),
        }
    }
}

impl Directory {
    /// Hashes the passwords of rows on all cores. The password of a user who is there already is compared with his present
    /// one first, so that a second import of the same rows changes nothing and ends nobody's sessions. A dry run only
    /// compares.
    pub(super) async fn hash_rows(
        &self,
        tenant: TenantId,
        rows: &mut [Planned<'_>],
        mode: ImportMode,
        progress: &(impl Fn(ImportProgress) + Send + Sync),
    ) -> Result<()> {
        let mut work = Vec::new();
        for (index, planned) in rows.iter_mut().enumerate() {
            match &planned.row.password {
                Some(NewPassword::Hashed(hash)) => planned.password = Hashed::New(hash.clone()),
                Some(NewPassword::Plain(password)) => work.push((index, planned.existing, password.as_str())),
                None => {}
            }
        }
        let total = work.len();
        let mut work = work.into_iter();
        let (mut running, mut done) = (JoinSet::new(), 0);
        loop {
            while running.len() < WAITING
                && let Some((index, existing, password)) = work.next()
            {
                let (directory, password) = (self.clone(), password.to_owned());
                running.spawn(async move {
                    let hashed = directory.hash_row(tenant, existing, &password, mode).await;
                    (index, hashed)
                });
            }
            let Some(finished) = running.join_next().await else {
                return Ok(());
            };
            let (index, hashed) = finished.map_err(Error::internal)?;
            if let Some(planned) = rows.get_mut(index) {
                planned.password = hashed?;
            }
            done += 1;
            progress(ImportProgress::Hashing(done, total));
        }
    }

    async fn hash_row(
        &self,
        tenant: TenantId,
        existing: Option<UserId>,
        password: &str,
        mode: ImportMode,
    ) -> Result<Hashed> {
        if let Some(id) = existing
            && let Some(stored) = self.store().password_hash(tenant, id).await?
            && self.inner.hashing.verify(Some(stored.clone()), password).await?
        {
            return Ok(Hashed::Same(stored));
        }
        if mode == ImportMode::DryRun {
            return Ok(Hashed::New(String::new()));
        }
        let hash = self.inner.hashing.hash(self.entropy(), password).await?;
        Ok(Hashed::New(hash))
    }
}
