//! The passwords of users and of their extensions.

use jackfield_domain::{
    Error, ExtensionId, Field, Grant, NewPassword, Owner, Result, Rule, SessionId, Thing, User, UserId,
    Violation, Violations, capability::ManageUsers,
};
use subtle::ConstantTimeEq;

use crate::{
    Directory, policy,
    secrets::{Sealed, extension_secrets},
    work::{Work, in_work},
};

fn wrong_old_password() -> Error {
    Error::invalid(Violation::new(
        Field::OldPassword,
        Rule::Other("is not the present password".into()),
    ))
}

impl Directory {
    /// Sets a user's password and ends his sessions.
    ///
    /// # Errors
    /// [`Error::Invalid`] by the tenant's policy; `Absent(User)`; [`Error::Denied`] for a role beyond the caller's own.
    pub async fn set_password(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        password: NewPassword,
    ) -> Result<()> {
        let tenant = grant.tenant();
        let user = policy::existing_user(self.store().as_reads(), tenant, id).await?;
        policy::may_control(self.store().as_reads(), grant.caller(), &user).await?;
        let rules = policy::password_policy(self.store().as_reads(), tenant).await?;
        let mut found = Violations::new();
        policy::judge_password(
            &mut found,
            &rules,
            Field::Password,
            &password,
            &user.account_information(),
        );
        found.finish()?;
        let hash = match password {
            NewPassword::Plain(password) => self.inner.hashing.hash(self.entropy(), &password).await?,
            NewPassword::Hashed(hash) => hash,
        };
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let user = policy::existing_user(work.as_reads(), tenant, id).await?;
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            let own = grant.caller().session.filter(|_| grant.caller().user == Some(id));
            self.store_password(&mut work, user, &hash, own).await?;
        })
    }

    /// Changes one's own password: the old one is asked for, and all other sessions end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong old or a bad new password; [`Error::TooMany`] after repeated wrong ones.
    pub async fn change_password(&self, owner: &Owner, old: &str, new: &str) -> Result<()> {
        let user = self.user(owner).await?;
        let key = format!("change\0{}", user.id);
        self.inner.sign_ins.check(&key, self.now())?;
        let stored = self.store().password_hash(user.tenant, user.id).await?;
        if !self.inner.hashing.verify(stored, old).await? {
            self.inner.sign_ins.failed(&key, self.now());
            return Err(wrong_old_password());
        }
        self.inner.sign_ins.succeeded(&key);
        let rules = policy::password_policy(self.store().as_reads(), user.tenant).await?;
        let mut found = Violations::new();
        let password = NewPassword::Plain(new.to_owned());
        policy::judge_password(
            &mut found,
            &rules,
            Field::NewPassword,
            &password,
            &user.account_information(),
        );
        if user.must_change_password && old == new {
            found.add(
                Field::NewPassword,
                Rule::Other("must differ from the old one".into()),
            );
        }
        found.finish()?;
        let hash = self.inner.hashing.hash(self.entropy(), new).await?;
        in_work!(self, user.tenant, owner.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), user.tenant, user.id).await?;
            user.must_change_password = false;
            self.store_password(&mut work, user, &hash, owner.caller().session)
                .await?;
        })
    }

    /// Stores a password, and ends the user's sessions but perhaps one and what programs may do as him.
    pub(crate) async fn store_password(
        &self,
        work: &mut Work,
        mut user: User,
        hash: &str,
        except: Option<SessionId>,
    ) -> Result<()> {
        work.set_password_hash(user.tenant, user.id, hash).await?;
        self.store_changed(work, &mut user, Some(r#"{"changed":"password"}"#.into()))
            .await?;
        self.end_authorizations(work, &user).await?;
        self.end_sessions(work, &user, except).await
    }

    /// Sets the password of a user's extension.
    ///
    /// # Errors
    /// [`Error::Invalid`] by the tenant's policy; `Absent(User)`; `Absent(Extension)` when he has none; [`Error::Denied`].
    pub async fn set_extension_password(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        password: &str,
    ) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), grant.tenant(), id).await?;
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            self.store_extension_password(&mut work, &mut user, Field::Password, password)
                .await?;
        })
    }

    /// Changes the password of one's own extension: the old one is asked for.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong old or a bad new password; `Absent(Extension)`; [`Error::TooMany`].
    pub async fn change_extension_password(&self, owner: &Owner, old: &str, new: &str) -> Result<()> {
        let key = format!("change extension\0{}", owner.user());
        self.inner.sign_ins.check(&key, self.now())?;
        let user = self.user(owner).await?;
        let present = self.extension_password(&user).await?;
        if !bool::from(present.as_bytes().ct_eq(old.as_bytes())) {
            self.inner.sign_ins.failed(&key, self.now());
            return Err(wrong_old_password());
        }
        self.inner.sign_ins.succeeded(&key);
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), owner.tenant(), owner.user()).await?;
            self.store_extension_password(&mut work, &mut user, Field::NewPassword, new)
                .await?;
        })
    }

    /// The password of a user's extension in clear, for his phone's configuration.
    ///
    /// # Errors
    /// `Absent(Extension)`.
    pub(crate) async fn extension_password(&self, user: &User) -> Result<String> {
        let id = extension_of(user)?;
        let secrets = self
            .store()
            .extension_secrets(user.tenant, id)
            .await?
            .ok_or(Error::Absent(Thing::Extension))?;
        self.sealer().open(
            Sealed::ExtensionPassword,
            user.tenant.get(),
            id.get(),
            &secrets.sealed_password,
        )
    }

    /// Judges and stores the password of a user's extension.
    pub(crate) async fn store_extension_password(
        &self,
        work: &mut Work,
        user: &mut User,
        field: Field,
        password: &str,
    ) -> Result<()> {
        let id = extension_of(user)?;
        let tenant = work
            .tenant(user.tenant)
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?;
        let mut found = Violations::new();
        let new = NewPassword::Plain(password.to_owned());
        let account = user.account_information();
        policy::judge_extension_password(&mut found, &tenant.password_policy, field, &new, &account);
        found.finish()?;
        let number = user.extension_number.clone().unwrap_or_default();
        let sealed = self.sealer().seal(
            self.entropy(),
            Sealed::ExtensionPassword,
            user.tenant.get(),
            id.get(),
            password,
        )?;
        let secrets = extension_secrets(&number, &tenant.domain, password, sealed);
        work.set_extension_secrets(user.tenant, id, &secrets).await?;
        // Whoever knows only the old one is not to be rung any longer.
        work.delete_registrations_of_user(user.tenant, user.id).await?;
        self.store_changed(work, user, Some(r#"{"changed":"extension_password"}"#.into()))
            .await
    }
}

fn extension_of(user: &User) -> Result<ExtensionId> {
    user.extension.ok_or(Error::Absent(Thing::Extension))
}
