//! Phones, and what of them is not for everybody's eyes.
//!
//! A phone registers as its user with what it fetches from the installation. So whoever adds one, or knows its passwords,
//! can take that user's place: only he himself and who may control him can do that.

use jackfield_domain::{Error, Item, NewPhone, Owned, Owner, Page, Phone, PhonePatch, Result, Secret, User};

use crate::{Directory, Keeper, policy};

/// A phone as a caller may see it.
#[derive(Debug, Clone)]
pub struct SeenPhone {
    /// The phone.
    pub item: Item<Phone>,
    /// The password of its web page; empty for who may not know it.
    pub password: Secret,
    /// What opens the first door; empty when there is none, and for who may not know it.
    pub door_password1: Secret,
    /// What opens the second door; as above.
    pub door_password2: Secret,
    /// The folder from which it fetches its configuration; empty when the installation has no public address.
    pub url: String,
}

impl Directory {
    /// All phones of a user.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn phones(&self, owner: &Owner) -> Result<Vec<SeenPhone>> {
        let user = self.phone_user(owner).await?;
        let page = Page {
            skip: 0,
            take: Phone::MOST,
        };
        let listing = self.list_items::<Phone>(&Keeper::from(owner), page).await?;
        let open = self.may_know(owner, &user).await?;
        let phones = listing.items.into_iter();
        phones.map(|item| self.seen_phone(&user, open, item)).collect()
    }

    /// A phone of a user.
    ///
    /// # Errors
    /// `Absent(User)`, `Absent(Phone)`.
    pub async fn phone(&self, owner: &Owner, id: i64) -> Result<SeenPhone> {
        let user = self.phone_user(owner).await?;
        let item = self.item::<Phone>(&Keeper::from(owner), id).await?;
        let open = self.may_know(owner, &user).await?;
        self.seen_phone(&user, open, item)
    }

    /// Gives a user a phone.
    ///
    /// # Errors
    /// `Denied(Escalation)` for who may not control the user; otherwise as of any collection: `Taken(Phone, Mac)` also for
    /// a device of another tenant.
    pub async fn create_phone(&self, owner: &Owner, new: NewPhone) -> Result<i64> {
        self.may_command(owner).await?;
        self.create_item::<Phone>(&Keeper::from(owner), new).await
    }

    /// Changes a phone.
    ///
    /// # Errors
    /// `Denied(Escalation)` when a password changes and the caller may not control the user; otherwise as of any collection.
    pub async fn update_phone(&self, owner: &Owner, id: i64, patch: PhonePatch) -> Result<()> {
        let secrets = [&patch.password, &patch.door_password1, &patch.door_password2];
        if secrets.into_iter().any(|secret| !secret.is_keep()) {
            self.may_command(owner).await?;
        }
        self.update_item::<Phone>(&Keeper::from(owner), id, patch).await
    }

    async fn phone_user(&self, owner: &Owner) -> Result<User> {
        policy::existing_user(self.store().as_reads(), owner.tenant(), owner.user()).await
    }

    /// Refuses who is neither the user nor may control him.
    async fn may_command(&self, owner: &Owner) -> Result<()> {
        if owner.is_own() {
            return Ok(());
        }
        let user = self.phone_user(owner).await?;
        policy::may_control(self.store().as_reads(), owner.caller(), &user).await
    }

    async fn may_know(&self, owner: &Owner, user: &User) -> Result<bool> {
        if owner.is_own() {
            return Ok(true);
        }
        match policy::may_control(self.store().as_reads(), owner.caller(), user).await {
            Ok(()) => Ok(true),
            Err(Error::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn seen_phone(&self, user: &User, open: bool, item: Item<Phone>) -> Result<SeenPhone> {
        let opened = |secret| {
            if open {
                self.open_item_secret(user.tenant, item.id, secret)
                    .map(Secret::new)
            } else {
                Ok(Secret::default())
            }
        };
        Ok(SeenPhone {
            password: opened(&item.value.password)?,
            door_password1: opened(&item.value.door_password1)?,
            door_password2: opened(&item.value.door_password2)?,
            url: self.provisioning_url(user),
            item,
        })
    }

    /// The folder that a user's phones fetch their configuration from. Its name is the secret part.
    fn provisioning_url(&self, user: &User) -> String {
        let base = self.inner.public_url.as_deref().unwrap_or_default();
        if base.is_empty() {
            return String::new();
        }
        format!("{}/provision/{}/", base.trim_end_matches('/'), user.profile)
    }
}
