//! Bringing many users in at once.
//!
//! Every row is judged by the rules that a single request meets (`judge.rs`), passwords are hashed on all cores (`hash.rs`),
//! and everything is written in one transaction. Who is there already is changed to what the row says, so an import can be
//! done again: a second run of the same rows changes nothing.

mod hash;
mod judge;

use jackfield_domain::{
    BuiltInRole, Error, Field, Grant, NewExtension, NewPassword, NewUser, Patch, Result, Rule, Tenant, Thing,
    User, UserId, UserPatch, UserSettings, Violation, capability::ManageUsers, text::fold,
};

use self::hash::Hashed;
use crate::{
    Directory, policy,
    secrets::Sealed,
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
    /// What could not even be read. A row with any of it is bad, and is judged all the same, so that its report is complete.
    pub unreadable: Vec<Violation>,
}

/// How an import treats bad rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// One bad row, and nothing is written.
    AllOrNothing,
    /// Bad rows are left out.
    KeepGoing,
    /// Nothing is written in any case; the report says what would become of the good rows.
    DryRun,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProgress {
    /// So many passwords of so many are hashed, or compared with the present ones: most of the time.
    Hashing(usize, usize),
    /// So many rows of so many are written. Begins again when the store asks for the transaction to be done again.
    Writing(usize, usize),
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowOutcome {
    Created,
    Updated,
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
    /// Bad rows, in the order of their lines.
    pub failures: Vec<RowFailure>,
    /// Whether the good rows were written. Not so after a dry run, nor when all or nothing meant nothing.
    pub written: bool,
}

/// A row that was found good.
struct Planned<'a> {
    row: &'a ImportedUser,
    /// Who it was judged against; none for a new user.
    existing: Option<UserId>,
    password: Hashed,
}

impl Directory {
    /// Brings users in. Memory is needed for the rows and for a few short texts of each user that the tenant has.
    ///
    /// # Errors
    /// [`Error::Full`] when the tenant may not have so many extensions, and what no single row is to blame for; bad rows are
    /// in the report.
    pub async fn import_users(
        &self,
        grant: &Grant<ManageUsers>,
        rows: &[ImportedUser],
        mode: ImportMode,
        progress: impl Fn(ImportProgress) + Send + Sync,
    ) -> Result<ImportReport> {
        let tenant = self
            .store()
            .tenant(grant.tenant())
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?;
        let mut report = ImportReport::default();
        let (failures, mut good) = self.judge_rows(grant, &tenant, rows).await?;
        report.failures = failures;
        if mode == ImportMode::AllOrNothing && !report.failures.is_empty() {
            return Ok(report);
        }
        self.hash_rows(tenant.id, &mut good, mode, &progress).await?;
        loop {
            match self.write_rows(grant, &tenant, &good, mode, &progress).await? {
                Ok(outcomes) => {
                    for outcome in outcomes {
                        match outcome {
                            RowOutcome::Created => report.created += 1,
                            RowOutcome::Updated => report.updated += 1,
                            RowOutcome::Unchanged => report.unchanged += 1,
                        }
                    }
                    report.written = mode != ImportMode::DryRun;
                    break;
                }
                Err((index, violations)) => {
                    // Few rules can only be judged while writing (the last administrator, what another process did
                    // meanwhile). The transaction is gone with that row, so the others are written again without it.
                    let bad = good.remove(index).row;
                    report.failures.push(failure(bad, violations));
                    if mode == ImportMode::AllOrNothing {
                        break;
                    }
                }
            }
        }
        report.failures.sort_by_key(|failure| failure.line);
        Ok(report)
    }

    /// Writes all rows in one transaction. When a row turns out bad nothing is written, and it is told which and why.
    async fn write_rows(
        &self,
        grant: &Grant<ManageUsers>,
        tenant: &Tenant,
        rows: &[Planned<'_>],
        mode: ImportMode,
        progress: &(impl Fn(ImportProgress) + Send + Sync),
    ) -> Result<Result<Vec<RowOutcome>, (usize, Vec<Violation>)>> {
        if rows.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        in_work!(self, tenant.id, grant.caller().actor(), |work| {
            let mut outcomes = Vec::with_capacity(rows.len());
            for (index, planned) in rows.iter().enumerate() {
                match self.write_row(&mut work, grant, tenant, planned).await {
                    Ok(outcome) => outcomes.push(outcome),
                    Err(error) => return blame(error).map(|violations| Err((index, violations))),
                }
                progress(ImportProgress::Writing(outcomes.len(), rows.len()));
            }
            let grown = outcomes.contains(&RowOutcome::Created);
            if grown && work.count_extensions(tenant.id).await? > tenant.max_extensions {
                return Err(full(tenant));
            }
            if mode == ImportMode::DryRun {
                // Left without a commit: the store has seen every row and keeps none.
                return Ok(Ok(outcomes));
            }
            Ok(outcomes)
        })
    }

    async fn write_row(
        &self,
        work: &mut Work,
        grant: &Grant<ManageUsers>,
        tenant: &Tenant,
        planned: &Planned<'_>,
    ) -> Result<RowOutcome> {
        let row = planned.row;
        let present = work.user_by_name(tenant.id, &fold(&row.name)).await?;
        if present.as_ref().map(|user| user.id) != planned.existing {
            // Created or destroyed since the row was judged, so it was judged by the wrong rules.
            return Err(Error::Stale(Thing::User));
        }
        let Some(mut user) = present else {
            let new = new_user(row);
            let prepared = PreparedUser {
                new: &new,
                password_hash: planned.password.for_new()?,
                domain: &tenant.domain,
                must_change_password: tenant.settings.password_force_reset,
            };
            self.insert_user(work, &prepared).await?;
            return Ok(RowOutcome::Created);
        };
        policy::may_control(work.as_reads(), grant.caller(), &user).await?;
        let owner = grant.caller().owner_of(user.id)?;
        let mut changed = self.change_user(work, &owner, &mut user, &row.patch).await?;
        if let Some(role) = &row.role {
            changed |= self.change_role(work, grant, &mut user, role).await?;
        }
        changed |= self.write_password(work, &mut user, &planned.password).await?;
        changed |= self.write_extension_password(work, &mut user, row).await?;
        Ok(if changed {
            RowOutcome::Updated
        } else {
            RowOutcome::Unchanged
        })
    }

    /// Tells whether the password is another than before.
    async fn write_password(&self, work: &mut Work, user: &mut User, password: &Hashed) -> Result<bool> {
        let hash = match password {
            Hashed::None => return Ok(false),
            Hashed::New(hash) | Hashed::Same(hash) => hash,
        };
        if work.password_hash(user.tenant, user.id).await?.as_deref() == Some(hash) {
            return Ok(false);
        }
        if matches!(password, Hashed::Same(_)) {
            // Somebody has set another password since this one was compared.
            return Err(Error::Stale(Thing::User));
        }
        self.store_password(work, user.clone(), hash, None).await?;
        // It counted the version of its own copy up.
        user.version += 1;
        Ok(true)
    }

    /// Tells whether the extension's password is another than before.
    async fn write_extension_password(
        &self,
        work: &mut Work,
        user: &mut User,
        row: &ImportedUser,
    ) -> Result<bool> {
        let (Some(NewPassword::Plain(password)), Some(id)) = (&row.extension_password, user.extension) else {
            return Ok(false);
        };
        let secrets = work
            .extension_secrets(user.tenant, id)
            .await?
            .ok_or(Error::Absent(Thing::Extension))?;
        let present = self.sealer().open(
            Sealed::ExtensionPassword,
            user.tenant.get(),
            id.get(),
            &secrets.sealed_password,
        )?;
        if present == *password {
            return Ok(false);
        }
        self.store_extension_password(work, user, Field::ExtensionPassword, password)
            .await?;
        Ok(true)
    }
}

fn full(tenant: &Tenant) -> Error {
    Error::Full(
        Thing::Extension,
        u64::try_from(tenant.max_extensions).unwrap_or(0),
    )
}

fn failure(row: &ImportedUser, violations: Vec<Violation>) -> RowFailure {
    RowFailure {
        line: row.line,
        name: row.name.clone(),
        violations,
    }
}

/// What a row is to blame for. Any other error is the import's own.
fn blame(error: Error) -> Result<Vec<Violation>> {
    let of = |field, text: String| Ok(vec![Violation::new(field, Rule::Other(text))]);
    match error {
        Error::Invalid(violations) => Ok(violations),
        Error::Taken(_, field) => of(field, "belongs to another record".into()),
        Error::Denied(denial) => of(Field::Body, denial.message().into()),
        Error::Stale(_) | Error::Absent(Thing::User) => of(
            Field::Body,
            "the user was changed by somebody else during the import; import the row again".into(),
        ),
        error => Err(error),
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
        access: None,
    }
}
