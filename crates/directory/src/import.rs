//! Bringing many users in at once.
//!
//! Every row is judged by the rules that a single request meets, and everything is written in one transaction. Who is there
//! already is changed to what the row says, so an import can be done again.

use std::collections::{HashMap, HashSet};

use jackfield_domain::{
    BuiltInRole, Error, Field, Grant, NewExtension, NewPassword, NewUser, Patch, Permissions, Result, Rule,
    Tenant, Thing, User, UserId, UserPatch, UserSettings, Violation, Violations, capability::ManageUsers,
    text::fold,
};

use crate::{
    Directory, policy,
    users::PreparedUser,
    work::{Work, in_work},
};

/// What one row says of a user. What it does not say stays as it is, or has its default for a new user.
#[derive(Debug, Clone, Default)]
pub struct ImportedUser {
    /// Where the row stands in its file, for messages.
    pub line: u64,
    /// The name that he signs in with; finds who is there already.
    pub name: String,
    /// His password; a new user needs one.
    pub password: Option<NewPassword>,
    /// The number of his extension.
    pub extension_number: Option<String>,
    /// The password of his SIP devices, in clear; a new extension needs one.
    pub extension_password: Option<NewPassword>,
    /// The name of his role; the standard role for a new user.
    pub role: Option<String>,
    /// Everything else.
    pub patch: UserPatch,
}

/// How an import treats bad rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// One bad row, and nothing is written.
    AllOrNothing,
    /// Bad rows are left out.
    KeepGoing,
    /// Nothing is written in any case; the report says what would be.
    DryRun,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// A new user.
    Created,
    /// A user who was there has other values.
    Updated,
    /// A user who was there has these values already.
    Unchanged,
}

/// A bad row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// Where it stands.
    pub line: u64,
    /// The name in it.
    pub name: String,
    /// Everything that is wrong with it.
    pub violations: Vec<Violation>,
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Users that are new.
    pub created: u64,
    /// Users with other values.
    pub updated: u64,
    /// Users who had these values already.
    pub unchanged: u64,
    /// Bad rows.
    pub failures: Vec<RowFailure>,
    /// Whether anything was written.
    pub written: bool,
}

/// What the tenant has before the import, and what earlier rows of the file take.
struct Present {
    users: HashMap<String, User>,
    emails: HashMap<String, String>,
    numbers: HashMap<String, String>,
    roles: HashMap<String, Permissions>,
    rows: HashSet<String>,
}

impl Directory {
    /// Brings users in. `progress` is told of each row that is finished, and with it how many passwords are still to be
    /// hashed: hashing is most of the time.
    ///
    /// # Errors
    /// As for creating and changing users where no single row is to blame; bad rows are in the report.
    pub async fn import_users(
        &self,
        grant: &Grant<ManageUsers>,
        rows: &[ImportedUser],
        mode: ImportMode,
        progress: impl Fn(usize) + Send + Sync,
    ) -> Result<ImportReport> {
        let tenant = self
            .store()
            .tenant(grant.tenant())
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?;
        let (failures, good) = self.judge_rows(grant, &tenant, rows).await?;
        if (mode == ImportMode::AllOrNothing && !failures.is_empty()) || good.is_empty() {
            return Ok(ImportReport {
                failures,
                ..ImportReport::default()
            });
        }
        let hashes = if mode == ImportMode::DryRun {
            HashMap::new()
        } else {
            self.hash_rows(&good, &progress).await?
        };
        let mut report = ImportReport {
            failures,
            written: mode != ImportMode::DryRun,
            ..ImportReport::default()
        };
        let outcomes = in_work!(self, tenant.id, grant.caller().actor(), |work| {
            let mut outcomes = Vec::with_capacity(good.len());
            for row in &good {
                let hash = hashes.get(&row.line).map(String::as_str);
                outcomes.push(self.write_row(&mut work, grant, &tenant, row, hash).await?);
                progress(hashes.len() + outcomes.len());
            }
            if mode == ImportMode::DryRun {
                // Dropped without a commit: the store has seen every row and keeps none.
                return Ok(outcomes);
            }
            outcomes
        })?;
        for outcome in outcomes {
            match outcome {
                RowOutcome::Created => report.created += 1,
                RowOutcome::Updated => report.updated += 1,
                RowOutcome::Unchanged => report.unchanged += 1,
            }
        }
        Ok(report)
    }

    /// Finds everything that is wrong with any row, before anything is hashed or written.
    async fn judge_rows<'a>(
        &self,
        grant: &Grant<ManageUsers>,
        tenant: &Tenant,
        rows: &'a [ImportedUser],
    ) -> Result<(Vec<RowFailure>, Vec<&'a ImportedUser>)> {
        let mut present = self.present(tenant).await?;
        let (mut failures, mut good) = (Vec::new(), Vec::new());
        for row in rows {
            let violations = judge_row(grant, tenant, row, &mut present).into_vec();
            if violations.is_empty() {
                good.push(row);
            } else {
                failures.push(RowFailure {
                    line: row.line,
                    name: row.name.clone(),
                    violations,
                });
            }
        }
        let new_extensions = good
            .iter()
            .filter(|row| !present.users.contains_key(&fold(&row.name)))
            .count();
        let taken = self.store().count_extensions(tenant.id).await?;
        if taken.saturating_add(i64::try_from(new_extensions).unwrap_or(i64::MAX)) > tenant.max_extensions {
            return Err(Error::Full(
                Thing::Extension,
                u64::try_from(tenant.max_extensions).unwrap_or(0),
            ));
        }
        Ok((failures, good))
    }

    async fn present(&self, tenant: &Tenant) -> Result<Present> {
        const BATCH: i64 = 1000;
        let mut present = Present {
            users: HashMap::new(),
            emails: HashMap::new(),
            numbers: HashMap::new(),
            roles: HashMap::new(),
            rows: HashSet::new(),
        };
        for role in BuiltInRole::ALL.iter().filter(|role| role.for_tenants()) {
            present.roles.insert(role.name().into(), role.permissions());
        }
        for role in self.store().roles(tenant.id).await? {
            present.roles.insert(role.name, role.permissions);
        }
        let mut after = 0;
        loop {
            let users = self.store().users_after(tenant.id, after, BATCH).await?;
            let Some(last) = users.last() else {
                return Ok(present);
            };
            after = last.id.get();
            for user in users {
                let name = fold(&user.name);
                if !user.email.is_empty() {
                    present.emails.insert(fold(&user.email), name.clone());
                }
                if let Some(number) = &user.extension_number {
                    present.numbers.insert(number.clone(), name.clone());
                }
                present.users.insert(name, user);
            }
        }
    }

    /// Hashes the passwords of rows on all cores.
    async fn hash_rows(
        &self,
        rows: &[&ImportedUser],
        progress: &(impl Fn(usize) + Send + Sync),
    ) -> Result<HashMap<u64, String>> {
        let mut tasks = tokio::task::JoinSet::new();
        let mut hashes = HashMap::with_capacity(rows.len());
        for row in rows {
            match &row.password {
                Some(NewPassword::Hashed(hash)) => {
                    hashes.insert(row.line, hash.clone());
                }
                Some(NewPassword::Plain(password)) => {
                    let (directory, password, line) = (self.clone(), password.clone(), row.line);
                    tasks.spawn(async move {
                        (
                            line,
                            directory.inner.hashing.hash(directory.entropy(), &password).await,
                        )
                    });
                }
                None => {}
            }
        }
        while let Some(done) = tasks.join_next().await {
            let (line, hash) = done.map_err(Error::internal)?;
            hashes.insert(line, hash?);
            progress(hashes.len());
        }
        Ok(hashes)
    }

    async fn write_row(
        &self,
        work: &mut Work,
        grant: &Grant<ManageUsers>,
        tenant: &Tenant,
        row: &ImportedUser,
        hash: Option<&str>,
    ) -> Result<RowOutcome> {
        let Some(mut user) = work.user_by_name(tenant.id, &fold(&row.name)).await? else {
            let new = new_user(row);
            let prepared = PreparedUser {
                new: &new,
                password_hash: hash.unwrap_or_default(),
                domain: &tenant.domain,
                must_change_password: tenant.settings.password_force_reset,
            };
            self.insert_user(work, &prepared).await?;
            return Ok(RowOutcome::Created);
        };
        let id: UserId = user.id;
        let owner = grant.caller().owner_of(id)?;
        let mut changed = self.change_user(work, &owner, &mut user, &row.patch).await?;
        if let Some(role) = &row.role {
            changed |= self.change_role(work, grant, &mut user, role).await?;
        }
        if let Some(hash) = hash
            && work.password_hash(tenant.id, id).await?.as_deref() != Some(hash)
        {
            self.store_password(work, user.clone(), hash, None).await?;
            user.version += 1;
            changed = true;
        }
        if let (Some(NewPassword::Plain(password)), true) =
            (&row.extension_password, user.extension.is_some())
        {
            // Written in any case the row gives one: to compare would mean to open the sealed one of every user.
            self.store_extension_password(work, &mut user, Field::ExtensionPassword, password)
                .await?;
            changed = true;
        }
        Ok(if changed {
            RowOutcome::Updated
        } else {
            RowOutcome::Unchanged
        })
    }
}

/// Everything that is wrong with one row.
fn judge_row(
    grant: &Grant<ManageUsers>,
    tenant: &Tenant,
    row: &ImportedUser,
    present: &mut Present,
) -> Violations {
    let name = fold(&row.name);
    let existing = present.users.get(&name);
    let mut found;
    let account: Vec<String>;
    if let Some(user) = existing {
        found = row.patch.check();
        account = user
            .account_information()
            .into_iter()
            .map(str::to_owned)
            .collect();
        judge_update(&mut found, row, user);
        let control = present.roles.get(&user.role).copied().unwrap_or_default();
        if !grant.caller().permissions.covers(control) {
            found.add(
                Field::Name,
                Rule::Other(jackfield_domain::Denial::Escalation.message().into()),
            );
        }
    } else {
        let new = new_user(row);
        found = new.check(tenant.id);
        account = new.account_information().into_iter().map(str::to_owned).collect();
        if row.password.is_none() {
            found.add(Field::Password, Rule::Required);
        }
        if new.extension.is_some() && row.extension_password.is_none() {
            found.add(Field::ExtensionPassword, Rule::Required);
        }
    }
    let account: Vec<&str> = account.iter().map(String::as_str).collect();
    let rules = &tenant.password_policy;
    if let Some(password) = &row.password {
        policy::judge_password(&mut found, rules, Field::Password, password, &account);
    }
    if let Some(password) = &row.extension_password {
        policy::judge_extension_password(&mut found, rules, Field::ExtensionPassword, password, &account);
    }
    match row.role.as_ref().map(|role| present.roles.get(role)) {
        Some(None) => found.add(Field::Role, Rule::Unknown),
        Some(Some(permissions)) if !grant.caller().permissions.covers(*permissions) => {
            found.add(
                Field::Role,
                Rule::Other(jackfield_domain::Denial::Escalation.message().into()),
            );
        }
        _ => {}
    }
    let taken = |by: Option<&String>| by.is_some_and(|by| *by != name);
    if let Patch::Set(email) = &row.patch.email
        && !email.is_empty()
    {
        let folded = fold(email);
        if taken(present.emails.get(&folded)) {
            found.add(Field::Email, Rule::Other("belongs to another user".into()));
        }
        present.emails.entry(folded).or_insert_with(|| name.clone());
    }
    if let Some(number) = &row.extension_number {
        if taken(present.numbers.get(number)) {
            found.add(
                Field::ExtensionNumber,
                Rule::Other("belongs to another user".into()),
            );
        }
        present
            .numbers
            .entry(number.clone())
            .or_insert_with(|| name.clone());
    }
    if !present.rows.insert(name) {
        found.add(Field::Name, Rule::Repeated);
    }
    found
}

/// What a row for a user who is there already may not say.
fn judge_update(found: &mut Violations, row: &ImportedUser, user: &User) {
    if row.name != user.name {
        found.add(Field::Name, Rule::Immutable);
    }
    if row.extension_number.is_some() && row.extension_number != user.extension_number {
        found.add(Field::ExtensionNumber, Rule::Immutable);
    }
}

/// The new user that a row describes.
fn new_user(row: &ImportedUser) -> NewUser {
    let take = |patch: &Patch<String>| patch.set().cloned().unwrap_or_default();
    let password = row.password.clone().unwrap_or(NewPassword::Plain(String::new()));
    let mut settings = UserSettings::default();
    row.patch.settings.clone().apply(&mut settings);
    NewUser {
        name: row.name.clone(),
        password,
        email: take(&row.patch.email),
        display_name: take(&row.patch.display_name),
        enabled: row.patch.enabled.set().copied().unwrap_or(true),
        role: row
            .role
            .clone()
            .unwrap_or_else(|| BuiltInRole::StandardUser.name().into()),
        mobile_phone: take(&row.patch.mobile_phone),
        work_phone: take(&row.patch.work_phone),
        home_phone: take(&row.patch.home_phone),
        address: take(&row.patch.address),
        department: take(&row.patch.department),
        extension: row.extension_number.clone().map(|number| NewExtension {
            number,
            password: row
                .extension_password
                .clone()
                .unwrap_or(NewPassword::Plain(String::new())),
        }),
        dnd: row.patch.dnd.set().copied().unwrap_or_default(),
        acb: row.patch.acb.set().copied().unwrap_or_default(),
        voicemail_pin: row.patch.voicemail_pin.set().cloned(),
        settings,
    }
}
