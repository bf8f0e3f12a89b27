//! Extensions, and the users who may use one: whom it was made with, and whom others let in beside him.

use std::time::Duration;

use jackfield_domain::{
    AccessLevel, Denial, Error, Extension, ExtensionAccess, ExtensionAccessPatch, ExtensionField,
    ExtensionId, ExtensionMember, ExtensionMemberField, Field, Grant, NewPassword, NewUser, Owner, Query,
    Result, Rule, SessionKind, Thing, TokenPurpose, User, UserId, UserPatch, Violation, Violations,
    capability::ManageUsers,
};

use crate::{
    Directory, Mail, policy,
    work::{Work, in_work},
};

/// How long the link serves by which a new user sets his password.
const WELCOME: Duration = Duration::from_hours(3 * 24);

/// A mail to a new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Where it goes; none for the address of who makes the user.
    pub address: Option<String>,
    /// The path of the page on which he sets his password, on the installation's own address.
    pub page: &'static str,
}

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

    /// Creates a user who may use an extension of somebody else, and mails him, or whoever is to tell him, how he gets in. The
    /// password is in no mail.
    ///
    /// # Errors
    /// As for [`create_user`](Self::create_user); [`Error::Invalid`] for an unknown extension, and for a mail that cannot be sent.
    pub async fn create_extension_member(
        &self,
        grant: &Grant<ManageUsers>,
        new: NewUser,
        welcome: Option<Welcome>,
        mut found: Violations,
    ) -> Result<UserId> {
        let address = match &welcome {
            Some(welcome) => self.welcome_address(grant, welcome, &mut found).await?,
            None => None,
        };
        let id = self.create_user_from(grant, new, found).await?;
        if let (Some(welcome), Some(address)) = (welcome, address) {
            let user = policy::existing_user(self.store().as_reads(), grant.tenant(), id).await?;
            self.welcome(user, address, welcome.page);
        }
        Ok(id)
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

    /// Where the mail about a new user goes; what is wrong with the wish for one is added to `found`.
    async fn welcome_address(
        &self,
        grant: &Grant<ManageUsers>,
        welcome: &Welcome,
        found: &mut Violations,
    ) -> Result<Option<String>> {
        if self.inner.mailer.is_none() {
            found.add(
                Field::Notify,
                Rule::Other(format!("cannot be true: {}", crate::sign_in::NO_MAIL)),
            );
            return Ok(None);
        }
        if let Some(address) = &welcome.address {
            if !jackfield_domain::text::is_email(address) {
                found.add(
                    Field::NotifyAddress,
                    Rule::Form("an address like name@example.com"),
                );
            }
            return Ok(Some(address.clone()));
        }
        let own = match grant.caller().user {
            Some(user) => self.store().user(grant.caller().home, user).await?,
            None => None,
        };
        let own = own.map(|user| user.email).filter(|email| !email.is_empty());
        if own.is_none() {
            let rule = Rule::Other("is required: your own account has no e-mail address".into());
            found.add(Field::NotifyAddress, rule);
        }
        Ok(own)
    }

    /// Mails how a new user gets in, by a task of its own: he is there, whatever becomes of the mail.
    fn welcome(&self, user: User, address: String, page: &'static str) {
        let Some(mailer) = self.inner.mailer.clone() else {
            return;
        };
        let directory = self.clone();
        tokio::spawn(async move {
            let sent = async {
                let (kind, purpose) = (SessionKind::Reset, TokenPurpose::Reset);
                let token = directory.begin_long_step(&user, kind, purpose, WELCOME).await?;
                let site = directory.inner.public_url.as_deref().unwrap_or_default();
                let text = format!(
                    "An account was made on the telephone system at {site}.\n\nLogin: {}\n\nTo set the password, open\n\n  \
                     {site}{page}?token={token}\n\nThe link serves once and for three days. It is all that it takes to use \
                     the account: pass it on to nobody but the person that the account is for.\n",
                    user.name
                );
                let mail = Mail {
                    to: address,
                    subject: format!("Your account {}", user.name),
                    text,
                    calendar: None,
                };
                mailer
                    .send(mail)
                    .await
                    .map_err(|error| Error::Unavailable(Box::new(error)))
            };
            if let Err(error) = sent.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the mail about a new account was not sent"
                );
            }
        });
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
