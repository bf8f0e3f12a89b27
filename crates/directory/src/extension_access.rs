//! Extensions, and the users who may use one: whom it was made with, and whom others let in beside him.

use jackfield_domain::{
    AccessLevel, Denial, Error, Extension, ExtensionAccess, ExtensionAccessPatch, ExtensionField,
    ExtensionId, ExtensionMember, ExtensionMemberField, Field, Grant, NewPassword, Owner, Query, Result,
    Rule, Thing, User, UserId, UserPatch, Violation, capability::ManageUsers,
};

use crate::{
    Directory, policy,
    work::{Work, in_work},
};

impl Directory {
    /// A page of the extensions of a tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_extensions(
        &self,
        grant: &Grant<ManageUsers>,
        query: &Query<ExtensionField>,
    ) -> Result<Vec<Extension>> {
        Ok(self.store().list_extensions(grant.tenant(), query).await?)
    }

    /// An extension.
    ///
    /// # Errors
    /// `Absent(Extension)`.
    pub async fn extension(&self, grant: &Grant<ManageUsers>, id: ExtensionId) -> Result<Extension> {
        self.store()
            .extension(grant.tenant(), id)
            .await?
            .ok_or(Error::Absent(Thing::Extension))
    }

    /// A page of the users who may use an extension.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_extension_members(
        &self,
        grant: &Grant<ManageUsers>,
        query: &Query<ExtensionMemberField>,
    ) -> Result<Vec<ExtensionMember>> {
        Ok(self.store().list_extension_members(grant.tenant(), query).await?)
    }

    /// A user who may use an extension.
    ///
    /// # Errors
    /// `Absent(User)`, also for a user who may use none.
    pub async fn extension_member(&self, owner: &Owner) -> Result<ExtensionMember> {
        self.store()
            .extension_member(owner.tenant(), owner.user())
            .await?
            .ok_or(Error::Absent(Thing::User))
    }

    /// What a user may use, if anything.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn extension_access(&self, owner: &Owner) -> Result<Option<ExtensionAccess>> {
        let user = self.user(owner).await?;
        access_of(self.store().as_reads(), &user).await
    }

    /// Changes a user who may use an extension, and perhaps his password, together.
    ///
    /// # Errors
    /// As for [`update_user`](Self::update_user) and [`set_password`](Self::set_password); `Absent(User)` for who may use none.
    pub async fn update_extension_member(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        patch: UserPatch,
        password: Option<String>,
    ) -> Result<()> {
        let tenant = grant.tenant();
        let owner = grant.caller().owner_of(id)?;
        let user = policy::existing_user(self.store().as_reads(), tenant, id).await?;
        if access_of(self.store().as_reads(), &user).await?.is_none() {
            return Err(Error::Absent(Thing::User));
        }
        policy::may_control(self.store().as_reads(), grant.caller(), &user).await?;
        let mut rules = patch.check();
        if let Some(password) = &password {
            let policy = policy::password_policy(self.store().as_reads(), tenant).await?;
            let (account, new) = (user.account_information(), NewPassword::Plain(password.clone()));
            policy::judge_password(&mut rules, &policy, Field::Password, &new, &account);
        }
        rules.finish()?;
        let hash = match &password {
            Some(password) => Some(self.inner.hashing.hash(self.entropy(), password).await?),
            None => None,
        };
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), tenant, id).await?;
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            self.change_user(&mut work, &owner, &mut user, &patch).await?;
            if let Some(hash) = &hash {
                let own = grant.caller().session.filter(|_| grant.caller().user == Some(id));
                self.store_password(&mut work, user, hash, own).await?;
            }
        })
    }

    /// Destroys a user who may use an extension. His own extension, if he has one, goes with him.
    ///
    /// # Errors
    /// As for [`destroy_user`](Self::destroy_user); `Absent(User)` for who may use none.
    pub async fn destroy_extension_member(&self, grant: &Grant<ManageUsers>, id: UserId) -> Result<()> {
        if self.store().extension_member(grant.tenant(), id).await?.is_none() {
            return Err(Error::Absent(Thing::User));
        }
        self.destroy_user(grant, id).await
    }

    /// Carries out a change to what a user may use. Tells whether anything changed.
    pub(crate) async fn change_access(
        &self,
        work: &mut Work,
        owner: &Owner,
        user: &User,
        patch: &ExtensionAccessPatch,
    ) -> Result<bool> {
        owner.caller().grant::<ManageUsers>()?;
        let mut access = access_of(work.as_reads(), user)
            .await?
            .ok_or(Error::Absent(Thing::Extension))?;
        let before = access.clone();
        if !patch.clone().apply(&mut access) {
            return Ok(false);
        }
        if access.extension != before.extension {
            if user.extension.is_some() {
                // The number is his own; it would be nobody's if he left it.
                return Err(Error::invalid(Violation::new(Field::Extension, Rule::Immutable)));
            }
            existing_extension(work, &access).await?;
        }
        if access.level != before.level && access.level == AccessLevel::ReadOnly {
            // Nobody would be left who could take it back.
            if owner.caller().user == Some(user.id) && owner.caller().home == user.tenant {
                return Err(Error::Denied(Denial::OwnAccount));
            }
            policy::keeps_administrator(work.as_reads(), user).await?;
        }
        work.set_extension_access(user.tenant, user.id, &access).await?;
        Ok(true)
    }

    /// Journals that others lose the extension of a user with him.
    pub(crate) async fn leave_extension(&self, work: &mut Work, user: &User) -> Result<()> {
        let Some(extension) = user.extension else {
            return Ok(());
        };
        for id in work.users_with_access(user.tenant, extension).await? {
            if id != user.id {
                let mut other = policy::existing_user(work.as_reads(), user.tenant, id).await?;
                self.store_changed(work, &mut other, None).await?;
            }
        }
        Ok(())
    }
}

/// What a user may use: what was said of it, or his own extension.
pub(crate) async fn access_of(
    reads: &dyn jackfield_store::Reads,
    user: &User,
) -> Result<Option<ExtensionAccess>> {
    let said = reads.extension_access(user.tenant, user.id).await?;
    Ok(said.or_else(|| user.extension.map(ExtensionAccess::of_owner)))
}

/// Whether the extension is there that a right names.
pub(crate) async fn existing_extension(work: &Work, access: &ExtensionAccess) -> Result<()> {
    if work.extension(work.scope(), access.extension).await?.is_none() {
        return Err(Error::invalid(Violation::new(Field::Extension, Rule::Unknown)));
    }
    Ok(())
}
