//! What a user's phones do, and what he says of himself.

use std::sync::Arc;

use jackfield_domain::{
    Caller, ChangeType, Error, Grant, Kind, Owner, Permissions, Presence, PresencePatch, PublishedPresence,
    Registration, Result, SeenPresence, TenantId, Thing, UserId, UserPresence, UserStatus,
    capability::ManageUsers,
};

use crate::{Directory, SipIdentity, policy, report::live_calls::silent_since, work::in_work};

/// What others see of a user at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserState {
    /// What his phones do.
    pub status: UserStatus,
    /// What he says of himself, refined by what his phones do.
    pub presence: SeenPresence,
    /// His note.
    pub note: String,
    /// The devices that are bound to his extension, by their instance ids.
    pub registrations: Vec<Registration>,
    /// Whether he wants no calls, set as a switch.
    pub dnd: bool,
    /// Whether his calls to a busy user are made as soon as that one is free.
    pub acb: bool,
}

impl Directory {
    /// What others see of a user now.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn status(&self, owner: &Owner) -> Result<UserState> {
        let (tenant, id, now) = (owner.tenant(), owner.user(), self.now());
        let user = self.user(owner).await?;
        let registrations = self.store().registrations(tenant, id, now).await?;
        let said = self.store().presence(tenant, id).await?;
        let said = said.unwrap_or_else(|| UserPresence::unsaid(tenant, id, user.created_at));
        let calls = self
            .store()
            .live_calls(tenant, Some(id), silent_since(now))
            .await?;
        let status = UserStatus::derive(&registrations, &calls, now);
        Ok(UserState {
            status,
            presence: SeenPresence::derive(said.presence, user.dnd, status),
            note: said.note,
            registrations,
            dnd: user.dnd,
            acb: user.acb,
        })
    }

    /// What a user's phones do now.
    pub(crate) async fn phones_do(&self, tenant: TenantId, user: UserId) -> Result<UserStatus> {
        let now = self.now();
        let registrations = self.store().registrations(tenant, user, now).await?;
        let calls = self
            .store()
            .live_calls(tenant, Some(user), silent_since(now))
            .await?;
        Ok(UserStatus::derive(&registrations, &calls, now))
    }

    /// Changes what a user says of himself. What is not mentioned stays; a change to the present values leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`; [`Denial::StatusLocked`](jackfield_domain::Denial::StatusLocked) for another word
    /// while the status is locked.
    pub async fn set_presence(&self, owner: &Owner, patch: PresencePatch) -> Result<()> {
        self.say(owner, |_| patch.clone()).await
    }

    /// Has a telephone that proved this identity say something else of its user than it said before; nothing before it begins to, and
    /// nothing when it says no more. Sayings as such are not kept here.
    ///
    /// # Errors
    /// As [`Directory::set_presence`], and [`Denial::ReadOnly`](jackfield_domain::Denial) for who may only look.
    pub async fn publish_presence(
        &self,
        identity: &SipIdentity,
        before: &PublishedPresence,
        now: &PublishedPresence,
    ) -> Result<()> {
        if before == now {
            return Ok(());
        }
        let user = self.store().user(identity.tenant, identity.user).await?;
        let user = user.ok_or(Error::Absent(Thing::User))?;
        let caller = Caller {
            read_only: policy::may_only_look(self.store().as_reads(), &user).await?,
            // A telephone may do nothing else for him.
            ..Caller::key_of(identity.tenant, identity.user, user.role, Permissions::NONE)
        };
        let owner = Arc::new(caller).own()?;
        self.say(&owner, |said| now.changes(before, said)).await
    }

    /// Changes what a user says of himself by what he says.
    async fn say(&self, owner: &Owner, change: impl Fn(&UserPresence) -> PresencePatch + Sync) -> Result<()> {
        let (tenant, id) = (owner.tenant(), owner.user());
        in_work!(self, tenant, owner.caller().actor(), |work| {
            let user = policy::existing_user(work.as_reads(), tenant, id).await?;
            let said = work.presence(tenant, id).await?;
            let mut said = said.unwrap_or_else(|| UserPresence::unsaid(tenant, id, user.created_at));
            let patch = change(&said);
            patch.check().finish()?;
            if patch.apply(&mut said)? {
                said.updated_at = work.now();
                work.put_presence(&said).await?;
                // Everybody has said something from the first: that he takes calls.
                work.journal(Kind::Presence, id.get(), ChangeType::Updated)
                    .await?;
            }
        })
    }

    /// What a user says of himself, whatever his phones do.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn said_presence(&self, owner: &Owner) -> Result<UserPresence> {
        let user = self.user(owner).await?;
        let said = self.store().presence(user.tenant, user.id).await?;
        Ok(said.unwrap_or_else(|| UserPresence::unsaid(user.tenant, user.id, user.created_at)))
    }

    /// The same of several users at once, by their ids. Whoever never said anything is left out: he takes calls.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn said_presences(
        &self,
        grant: &Grant<ManageUsers>,
        users: &[UserId],
    ) -> Result<Vec<UserPresence>> {
        let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
        Ok(self.store().presences_among(grant.tenant(), &ids).await?)
    }

    /// Says for a user what he says of himself, and locks it: nobody changes it, by whatever door, until the lock is taken off or
    /// another one put in its place.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn lock_presence(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        presence: Presence,
    ) -> Result<()> {
        self.change_lock(grant, id, Some(presence)).await
    }

    /// Takes the lock off. What he says stays as it is until somebody changes it.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn unlock_presence(&self, grant: &Grant<ManageUsers>, id: UserId) -> Result<()> {
        self.change_lock(grant, id, None).await
    }

    async fn change_lock(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        locked_at: Option<Presence>,
    ) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let user = policy::existing_user(work.as_reads(), tenant, id).await?;
            let said = work.presence(tenant, id).await?;
            let mut said = said.unwrap_or_else(|| UserPresence::unsaid(tenant, id, user.created_at));
            let before = said.clone();
            said.locked = locked_at.is_some();
            said.presence = locked_at.unwrap_or(said.presence);
            if said != before {
                said.updated_at = work.now();
                work.put_presence(&said).await?;
                work.journal(Kind::Presence, id.get(), ChangeType::Updated)
                    .await?;
            }
        })
    }

    /// Ends the registration of a device: it is not rung any more until it registers again. Registrations are not in the
    /// journal.
    ///
    /// # Errors
    /// `Absent(User)`; `Absent(Registration)`, also when it has ended by itself.
    pub async fn end_registration(&self, owner: &Owner, instance_id: &str) -> Result<()> {
        let (tenant, id) = (owner.tenant(), owner.user());
        in_work!(self, tenant, owner.caller().actor(), |work| {
            policy::existing_user(work.as_reads(), tenant, id).await?;
            let bound = work.registrations(tenant, id, work.now()).await?;
            if !bound.iter().any(|one| one.binding.instance_id == instance_id) {
                return Err(Error::Absent(Thing::Registration));
            }
            work.delete_registration(tenant, id, instance_id).await?;
            work.announce(Kind::Registrations, id.get()).await?;
        })
    }

    /// Removes the registrations of all tenants that have ended: nobody sees them any more, and they take up room. Tells how
    /// many there were.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn purge_registrations(&self) -> Result<u64> {
        in_work!(self, TenantId::SYSTEM, jackfield_domain::Actor::SYSTEM, |work| {
            let now = work.now();
            work.purge_registrations(now).await?
        })
    }
}
