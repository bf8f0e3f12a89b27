//! Users.

use std::collections::HashSet;

use bytes::Bytes;
use jackfield_domain::{
    BuiltInRole, ChangeType, Denial, Error, ExtensionAccessPatch, ExtensionId, Field, Grant, Kind, Listing,
    Money, NewPassword, NewUser, OutboundCallerId, Owner, Patch, Permissions, ProviderId, Query, Result,
    Rule, Thing, User, UserField, UserId, UserPatch, UserSummary, Violation, Violations, VoicemailPin,
    capability::ManageUsers,
};
use jackfield_store::{ExtensionRecord, Sequence, decode_user_settings, encode_user_settings};

use crate::{
    Belongings, Directory,
    cache::Stamp,
    caller_ids,
    extension_access::existing_extension,
    policy,
    secrets::{Sealed, extension_secrets, new_file_name},
    teams::leave_teams,
    tenants,
    work::{Work, in_work},
};

/// A finished answer about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The body.
    pub bytes: Bytes,
    /// The version of the user that it shows.
    pub version: i64,
}

/// A finished answer as this process remembers it: while neither the user nor any role of his tenant has changed.
#[derive(Clone)]
pub(crate) struct RememberedView {
    pub(crate) view: View,
    stamps: [Stamp; 2],
    /// What the user's role allows.
    role: Permissions,
}

/// A new user whose password is hashed: nothing is left to do but to store him.
pub(crate) struct PreparedUser<'a> {
    pub(crate) new: &'a NewUser,
    pub(crate) password_hash: &'a str,
    pub(crate) domain: &'a str,
    pub(crate) must_change_password: bool,
}

impl Directory {
    /// The users of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_users(
        &self,
        grant: &Grant<ManageUsers>,
        query: &Query<UserField>,
    ) -> Result<Listing<UserSummary>> {
        Ok(self.store().list_users(grant.tenant(), query).await?)
    }

    /// Creates a user with his extension.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong; `Taken` for a name, address or number of another;
    /// [`Error::Full`] at the tenant's limit of extensions; [`Denial::Escalation`] for a role beyond the caller's own.
    pub async fn create_user(&self, grant: &Grant<ManageUsers>, new: NewUser) -> Result<UserId> {
        self.create_user_from(grant, new, Violations::new()).await
    }

    /// The same for a door that has found something wrong before there was a user to judge, a value of a wrong type for one:
    /// everything comes in one answer.
    ///
    /// # Errors
    /// As above; [`Error::Invalid`] whenever `found` is not empty.
    pub async fn create_user_from(
        &self,
        grant: &Grant<ManageUsers>,
        new: NewUser,
        found: Violations,
    ) -> Result<UserId> {
        self.create_user_with(grant, new, found, &Belongings::default())
            .await
    }

    /// The same with what belongs to him: all of it is made, or nothing.
    ///
    /// # Errors
    /// As above, also when he is to be welcomed by mail and none can be sent; `Absent(Group)`.
    pub async fn create_user_with(
        &self,
        grant: &Grant<ManageUsers>,
        new: NewUser,
        mut found: Violations,
        belongings: &Belongings,
    ) -> Result<UserId> {
        let tenant_id = grant.tenant();
        let tenant = self.known_tenant(tenant_id).await?;
        let mut rules = new.check(tenant_id);
        rules.merge(belongings.check());
        let told = self.welcome_address(grant, &new, belongings, &mut rules).await?;
        let account = new.account_information();
        policy::judge_password(
            &mut rules,
            &tenant.password_policy,
            Field::Password,
            &new.password,
            &account,
        );
        if let Some(extension) = &new.extension {
            let (policy, field) = (&tenant.password_policy, Field::ExtensionPassword);
            policy::judge_extension_password(&mut rules, policy, field, &extension.password, &account);
        }
        let list = &new.settings.outbound_caller_ids;
        caller_ids::judge(self.store().as_reads(), tenant_id, list, &mut rules).await?;
        if let Some(access) = &new.access
            && self
                .store()
                .extension(tenant_id, access.extension)
                .await?
                .is_none()
        {
            rules.add(Field::Extension, Rule::Unknown);
        }
        let permissions = policy::role_permissions(self.store().as_reads(), tenant_id, &new.role).await?;
        if permissions.is_none() {
            rules.add(Field::Role, Rule::Unknown);
        }
        found.merge(rules);
        found.finish()?;
        grant.may_hand_out(permissions.unwrap_or_default())?;
        let hash = match &new.password {
            NewPassword::Plain(password) => self.inner.hashing.hash(self.entropy(), password).await?,
            NewPassword::Hashed(hash) => hash.clone(),
        };
        let (id, welcome) = in_work!(self, tenant_id, grant.caller().actor(), |work| {
            // Judged again: the role may have gone while the password was hashed.
            if policy::role_permissions(work.as_reads(), tenant_id, &new.role).await? != permissions {
                return Err(Error::invalid(Violation::new(Field::Role, Rule::Unknown)));
            }
            if let Some(access) = &new.access {
                existing_extension(&work, access).await?;
            }
            let tenant = tenants::present(&work, &tenant).await?;
            if new.extension.is_some() && work.count_extensions(tenant_id).await? >= tenant.max_extensions {
                let limit = u64::try_from(tenant.max_extensions).unwrap_or(0);
                return Err(Error::Full(Thing::Extension, limit));
            }
            let prepared = PreparedUser {
                new: &new,
                password_hash: &hash,
                domain: &tenant.domain,
                must_change_password: tenant.settings.password_force_reset,
            };
            let id = self.insert_user(&mut work, &prepared).await?;
            (
                id,
                self.settle_in(&mut work, id, belongings, told.as_deref()).await?,
            )
        })?;
        if let Some(welcome) = welcome {
            self.send_welcome(welcome);
        }
        Ok(id)
    }

    /// Stores a user that was found valid.
    pub(crate) async fn insert_user(&self, work: &mut Work, prepared: &PreparedUser<'_>) -> Result<UserId> {
        let (new, tenant) = (prepared.new, work.scope());
        let id = UserId::new(work.next_id(Sequence::User).await?);
        let extension = match &new.extension {
            Some(extension) => {
                let record = ExtensionId::new(work.next_id(Sequence::Extension).await?);
                let NewPassword::Plain(password) = &extension.password else {
                    return Err(Error::internal("a SIP password came hashed past the checks"));
                };
                let sealed = self.sealer().seal(
                    self.entropy(),
                    Sealed::ExtensionPassword,
                    tenant.get(),
                    record.get(),
                    password,
                )?;
                let secrets = extension_secrets(&extension.number, prepared.domain, password, sealed);
                let number = extension.number.clone();
                work.insert_extension(&ExtensionRecord {
                    tenant,
                    id: record,
                    number,
                    secrets,
                })
                .await?;
                Some(record)
            }
            None => None,
        };
        let user = User {
            tenant,
            id,
            name: new.name.clone(),
            email: new.email.clone(),
            display_name: new.display_name.clone(),
            enabled: new.enabled,
            role: new.role.clone(),
            mobile_phone: new.mobile_phone.clone(),
            work_phone: new.work_phone.clone(),
            home_phone: new.home_phone.clone(),
            address: new.address.clone(),
            department: new.department.clone(),
            extension,
            extension_number: new.extension.as_ref().map(|extension| extension.number.clone()),
            dnd: new.dnd,
            location: None,
            initial: work.count_users(tenant).await? == 0,
            acb: new.acb,
            balance: Money::ZERO,
            external_identity: None,
            avatar: None,
            profile: new_file_name(self.entropy()),
            must_change_password: prepared.must_change_password,
            sealed_pin: self.seal_pin(tenant.get(), id, new.voicemail_pin.as_ref())?,
            settings: encode_user_settings(&new.settings),
            created_at: work.now(),
            updated_at: work.now(),
            version: 1,
        };
        work.insert_user(&user, prepared.password_hash).await?;
        if let Some(access) = &new.access {
            work.set_extension_access(tenant, id, access).await?;
        }
        if !new.settings.outbound_caller_ids.is_empty() {
            caller_ids::refer(work, Kind::User, id.get(), &new.settings.outbound_caller_ids).await?;
        }
        work.journal(Kind::User, id.get(), ChangeType::Created).await?;
        Ok(id)
    }

    /// A user.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn user(&self, owner: &Owner) -> Result<User> {
        policy::existing_user(self.store().as_reads(), owner.tenant(), owner.user()).await
    }

    /// A user's voicemail PIN.
    ///
    /// # Errors
    /// [`Error::Internal`] when it does not open.
    pub fn user_pin(&self, user: &User) -> Result<Option<VoicemailPin>> {
        if user.sealed_pin.is_empty() {
            return Ok(None);
        }
        let pin = self.sealer().open(
            Sealed::VoicemailPin,
            user.tenant.get(),
            user.id.get(),
            &user.sealed_pin,
        )?;
        Ok(Some(VoicemailPin::new(pin)))
    }

    fn seal_pin(&self, tenant: i64, user: UserId, pin: Option<&VoicemailPin>) -> Result<Vec<u8>> {
        match pin {
            Some(pin) => self.sealer().seal(
                self.entropy(),
                Sealed::VoicemailPin,
                tenant,
                user.get(),
                pin.reveal(),
            ),
            None => Ok(Vec::new()),
        }
    }

    /// A finished answer about a user: remembered from the second time on that it is asked for and as long as he does not
    /// change, else rendered anew. `view` names the form
    /// of the answer; one name must always mean one form. The PIN is left out for a caller whose role does not reach the
    /// user's: it opens a voicemail box from any telephone.
    ///
    /// # Errors
    /// `Absent(User)`, or what rendering gives.
    pub async fn user_view(
        &self,
        owner: &Owner,
        view: &'static str,
        render: impl FnOnce(&User, Option<&VoicemailPin>) -> Result<Bytes> + Send,
    ) -> Result<View> {
        let may_see_pin = |role: Permissions| owner.is_own() || owner.caller().permissions.covers(role);
        let key = (owner.tenant(), owner.user(), view);
        if let Some(known) = self.inner.views.get(&key)
            && known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp))
            && may_see_pin(known.role)
        {
            return Ok(known.view);
        }
        let stamps = [
            self.inner
                .stamps
                .take(owner.tenant(), Kind::User, owner.user().get()),
            self.inner.stamps.take(owner.tenant(), Kind::Role, 0),
        ];
        let user = self.user(owner).await?;
        let role = policy::permissions_of(self.store().as_reads(), &user).await?;
        if !may_see_pin(role) {
            return Ok(View {
                bytes: render(&user, None)?,
                version: user.version,
            });
        }
        let pin = self.user_pin(&user)?;
        let view = View {
            bytes: render(&user, pin.as_ref())?,
            version: user.version,
        };
        if self.inner.second_look(&key) {
            self.inner.views.insert(
                key,
                RememberedView {
                    view: view.clone(),
                    stamps,
                    role,
                },
            );
        }
        Ok(view)
    }

    /// Changes a user. What is not mentioned stays; a change to the present values leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`; `Taken(User, Email)`; [`Error::Denied`] when the user's role exceeds the caller's,
    /// when a user without the permission would change his own text message policy, disable himself, when the last
    /// administrator would be disabled, or the switch "do not disturb" be turned while the user's status is locked.
    pub async fn update_user(&self, owner: &Owner, patch: UserPatch) -> Result<()> {
        patch.check().finish()?;
        let tenant = owner.tenant();
        in_work!(self, tenant, owner.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), tenant, owner.user()).await?;
            if !owner.is_own() {
                policy::may_control(work.as_reads(), owner.caller(), &user).await?;
            }
            self.change_user(&mut work, owner, &mut user, &patch).await?;
        })
    }

    /// Carries a checked change out. Tells whether anything changed.
    pub(crate) async fn change_user(
        &self,
        work: &mut Work,
        owner: &Owner,
        user: &mut User,
        patch: &UserPatch,
    ) -> Result<bool> {
        patch.check_fixed(user).finish()?;
        if patch.enabled == Patch::Set(false) && user.enabled {
            if owner.caller().user == Some(user.id) && owner.caller().home == user.tenant {
                return Err(Error::Denied(Denial::OwnAccount));
            }
            policy::keeps_administrator(work.as_reads(), user).await?;
        }
        if patch.dnd.set().is_some_and(|dnd| *dnd != user.dnd)
            && let Some(said) = work.presence(user.tenant, user.id).await?
        {
            said.check_unlocked()?;
        }
        let was_enabled = user.enabled;
        let mut changed = patch.apply(user);
        if let Patch::Set(pin) = &patch.voicemail_pin
            && self.user_pin(user)?.as_ref() != Some(pin)
        {
            user.sealed_pin = self.seal_pin(user.tenant.get(), user.id, Some(pin))?;
            changed = true;
        }
        if let Patch::Set(file) = patch.avatar {
            changed |= self.change_avatar(work, owner, user, file).await?;
        }
        if !patch.settings.is_empty() {
            let mut settings = decode_user_settings(user.settings.as_str())?;
            let (sms, known) = (settings.sms, settings.outbound_caller_ids.clone());
            if patch.settings.clone().apply(&mut settings) {
                if settings.sms != sms && owner.is_own() {
                    owner.caller().grant::<ManageUsers>()?;
                }
                if settings.outbound_caller_ids != known {
                    caller_ids::refer(work, Kind::User, user.id.get(), &settings.outbound_caller_ids).await?;
                }
                user.settings = encode_user_settings(&settings);
                changed = true;
            }
        }
        if patch.access != ExtensionAccessPatch::default() {
            changed |= self.change_access(work, owner, user, &patch.access).await?;
        }
        if changed {
            self.store_changed(work, user, None).await?;
        }
        if was_enabled && !user.enabled {
            self.end_sessions(work, user, None).await?;
            work.delete_registrations_of_user(user.tenant, user.id).await?;
        }
        Ok(changed)
    }

    /// Counts a user's version up, stores and journals him.
    pub(crate) async fn store_changed(
        &self,
        work: &mut Work,
        user: &mut User,
        detail: Option<String>,
    ) -> Result<()> {
        user.version += 1;
        user.updated_at = work.now();
        work.update_user(user).await?;
        work.journal_with(Kind::User, user.id.get(), ChangeType::Updated, detail)
            .await
    }

    /// Ends the sessions of a user but perhaps one.
    pub(crate) async fn end_sessions(
        &self,
        work: &mut Work,
        user: &User,
        except: Option<jackfield_domain::SessionId>,
    ) -> Result<()> {
        for session in work.delete_sessions_of_user(user.tenant, user.id, except).await? {
            work.journal(Kind::Session, session.get(), ChangeType::Deleted)
                .await?;
        }
        Ok(())
    }

    /// Destroys a user and everything that is his.
    ///
    /// # Errors
    /// `Absent(User)`; [`Error::Denied`] for oneself, for a role beyond the caller's own, for the last administrator.
    pub async fn destroy_user(&self, grant: &Grant<ManageUsers>, id: UserId) -> Result<()> {
        let tenant = grant.tenant();
        let mails = in_work!(self, tenant, grant.caller().actor(), |work| {
            let user = policy::existing_user(work.as_reads(), tenant, id).await?;
            if grant.caller().user == Some(id) && grant.caller().home == tenant {
                return Err(Error::Denied(Denial::OwnAccount));
            }
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            policy::keeps_administrator(work.as_reads(), &user).await?;
            self.end_sessions(&mut work, &user, None).await?;
            self.end_authorizations(&mut work, &user).await?;
            self.leave_applications(&mut work, &user).await?;
            self.leave_extension(&mut work, &user).await?;
            for key in work.delete_api_keys_of_user(tenant, id).await? {
                work.journal(Kind::ApiKey, key.get(), ChangeType::Deleted).await?;
            }
            leave_teams(&mut work, id).await?;
            let now = work.now();
            work.release_blobs_of_user(tenant, id, now).await?;
            let mails = self.leave_meetings(&mut work, tenant, id).await?;
            work.delete_user(tenant, id).await?;
            work.set_providers_of(tenant, Kind::User, id.get(), &[]).await?;
            work.forget_favorites(tenant, Kind::User, id.get()).await?;
            work.journal(Kind::User, id.get(), ChangeType::Deleted).await?;
            mails
        })?;
        self.post(mails);
        Ok(())
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown role; `Absent(User)`; [`Error::Denied`] when the old or the new role exceeds the
    /// caller's own, or the last administrator would go.
    pub async fn set_role(&self, grant: &Grant<ManageUsers>, id: UserId, role: &str) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), tenant, id).await?;
            self.change_role(&mut work, grant, &mut user, role).await?;
        })
    }

    /// Gives a user another role. Tells whether it is another.
    pub(crate) async fn change_role(
        &self,
        work: &mut Work,
        grant: &Grant<ManageUsers>,
        user: &mut User,
        role: &str,
    ) -> Result<bool> {
        let Some(permissions) = policy::role_permissions(work.as_reads(), user.tenant, role).await? else {
            return Err(Error::invalid(Violation::new(Field::Role, Rule::Unknown)));
        };
        if user.role == role {
            return Ok(false);
        }
        policy::may_control(work.as_reads(), grant.caller(), user).await?;
        grant.may_hand_out(permissions)?;
        if role != BuiltInRole::Admin.name() {
            policy::keeps_administrator(work.as_reads(), user).await?;
        }
        role.clone_into(&mut user.role);
        self.store_changed(work, user, None).await?;
        Ok(true)
    }

    /// Gives a user's softphone file another name, so that the old one no longer serves.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn reset_profile(&self, owner: &Owner) -> Result<()> {
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), owner.tenant(), owner.user()).await?;
            user.profile = new_file_name(self.entropy());
            self.store_changed(&mut work, &mut user, None).await?;
        })
    }

    /// The same for every enabled user of the tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn reset_profiles(&self, grant: &Grant<ManageUsers>) -> Result<()> {
        const BATCH: i64 = 500;
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut after = 0;
            loop {
                let users = work.users_after(tenant, after, BATCH).await?;
                let Some(last) = users.last() else { break };
                after = last.id.get();
                for mut user in users.into_iter().filter(|user| user.enabled) {
                    user.profile = new_file_name(self.entropy());
                    self.store_changed(&mut work, &mut user, None).await?;
                }
            }
        })
    }

    /// The caller ids that a user may show: his own, those of his groups, and the tenant's, each once. One whose trunk does not
    /// exist, which a version before trunks may have let in, leads nowhere and is left out.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn outbound_caller_ids(&self, owner: &Owner) -> Result<Vec<OutboundCallerId>> {
        let user = self.user(owner).await?;
        let mut all = decode_user_settings(user.settings.as_str())?.outbound_caller_ids;
        for group in self.store().groups_of_user(owner.tenant(), owner.user()).await? {
            all.extend(group.outbound_caller_ids);
        }
        if let Some(tenant) = self.store().tenant(owner.tenant()).await? {
            all.extend(tenant.settings.outbound_caller_ids);
        }
        let named: Vec<ProviderId> = caller_ids::providers(&all).collect();
        let known = self.store().providers_among(owner.tenant(), &named).await?;
        let mut seen = HashSet::new();
        all.retain(|entry| {
            known.binary_search(&entry.provider).is_ok()
                && seen.insert((entry.provider, entry.caller_id.clone()))
        });
        Ok(all)
    }
}
