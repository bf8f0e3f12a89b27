//! Greetings of voicemail boxes: at most one of a user is enabled, and each is a file that can be played.

use jackfield_domain::{
    BlobId, BlobKey, ChangeType, Error, Field, Greeting, GreetingPatch, Item, Kind, NewGreeting, Owned,
    Owner, Page, Patch, Result, SealedSecret, Violation,
};
use jackfield_store::BlobUse;

use crate::{Directory, Keeper, owned, policy, work::in_work};

/// A greeting, and where its sound is.
#[derive(Debug, Clone)]
pub struct SeenGreeting {
    /// The greeting.
    pub item: Item<Greeting>,
    /// The key of its file.
    pub key: Option<BlobKey>,
}

const ALL: Page = Page {
    skip: 0,
    take: Greeting::MOST,
};

impl Directory {
    /// All greetings of a user, in the order in which they were made.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn greetings(&self, owner: &Owner) -> Result<Vec<SeenGreeting>> {
        let listing = self.list_items::<Greeting>(&Keeper::from(owner), ALL).await?;
        let ids: Vec<i64> = listing.items.iter().map(|item| item.value.file.get()).collect();
        let blobs = self.store().blobs_among(owner.tenant(), &ids).await?;
        let key = |id: BlobId| {
            let found = blobs.binary_search_by_key(&id, |blob| blob.id).ok()?;
            blobs.get(found).map(|blob| blob.key.clone())
        };
        let items = listing.items.into_iter();
        Ok(items
            .map(|item| SeenGreeting {
                key: key(item.value.file),
                item,
            })
            .collect())
    }

    /// Makes a greeting of a file that the caller has put there. It is not enabled by that.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file that is not the caller's or cannot be played; [`Error::Full`]; `Absent(User)`.
    pub async fn create_greeting(&self, owner: &Owner, file: BlobId) -> Result<i64> {
        let keeper = Keeper::from(owner);
        let user = owner.user();
        policy::existing_user(self.store().as_reads(), owner.tenant(), user).await?;
        let stored = self
            .referred_blob(owner.tenant(), owner.caller(), file, Field::File)
            .await?;
        let media_type = self
            .check_prompt_content(&stored.content, stored.blob.size)
            .await?
            .map_err(|rule| Error::invalid(Violation::new(Field::File, rule)))?;
        let new = NewGreeting {
            file,
            name: stored.blob.name,
            size: stored.blob.size,
            media_type,
        };
        Greeting::check(&new).finish()?;
        in_work!(self, owner.tenant(), keeper.actor(), |work| {
            policy::existing_user(work.as_reads(), owner.tenant(), user).await?;
            if work.count_owned(keeper.shelf::<Greeting>()).await? >= Greeting::MOST {
                return Err(Error::Full(
                    Greeting::THING,
                    u64::try_from(Greeting::MOST).unwrap_or(0),
                ));
            }
            let id = self
                .insert_item::<Greeting>(&mut work, &keeper, new.clone())
                .await?;
            let by = BlobUse {
                kind: Kind::Greeting,
                record: id,
                owner: Some(user),
            };
            work.use_blob_for(file, Field::File, by).await?;
            id
        })
    }

    /// Lets callers hear a greeting, and no other of the user, or lets them hear it no more.
    ///
    /// # Errors
    /// `Absent(Greeting)`.
    pub async fn enable_greeting(&self, owner: &Owner, id: i64, enabled: bool) -> Result<()> {
        let keeper = Keeper::from(owner);
        in_work!(self, owner.tenant(), keeper.actor(), |work| {
            // It has to be there before another one is touched.
            self.item_in::<Greeting>(&work, &keeper, id).await?;
            let records = work.list_owned(keeper.shelf::<Greeting>(), ALL).await?.items;
            for record in &records {
                let mut item = owned::read::<Greeting>(record)?;
                let wanted = match (item.id == id, enabled) {
                    (true, enabled) => enabled,
                    (false, true) => false,
                    (false, false) => continue,
                };
                let patch = GreetingPatch {
                    enabled: Patch::Set(wanted),
                };
                if item.value.apply(patch, &mut |_| SealedSecret::default()) {
                    self.store_item(&mut work, &keeper, item).await?;
                }
            }
        })
    }

    /// Removes a greeting. Its file goes a day later unless something else refers to it.
    ///
    /// # Errors
    /// `Absent(Greeting)`.
    pub async fn remove_greeting(&self, owner: &Owner, id: i64) -> Result<()> {
        let keeper = Keeper::from(owner);
        in_work!(self, owner.tenant(), keeper.actor(), |work| {
            if !work.delete_owned(keeper.shelf::<Greeting>(), id).await? {
                return Err(Error::Absent(Greeting::THING));
            }
            let now = work.now();
            work.release_blobs(owner.tenant(), Kind::Greeting, id, now)
                .await?;
            work.journal_of(Kind::Greeting, id, ChangeType::Deleted, keeper.owner())
                .await?;
        })
    }
}
