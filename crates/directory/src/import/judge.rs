//! Finding everything that is wrong with any row, before anything is hashed or written.

use std::collections::HashMap;

use jackfield_domain::{
    BuiltInRole, Denial, Field, Grant, NewPassword, Patch, Permissions, ProviderId, Result, Rule, Tenant,
    User, UserId, Violation, Violations, capability::ManageUsers, text::fold,
};

use super::{ImportedUser, Planned, RowFailure, failure, full, hash::Hashed, new_user};
use crate::{Directory, caller_ids, policy};

/// What has to be known of a user who is there already. His settings are large, and no rule across rows looks at them.
struct Known {
    id: UserId,
    name: String,
    email: String,
    display_name: String,
    role: String,
    extension_number: Option<String>,
}

impl From<User> for Known {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            display_name: user.display_name,
            role: user.role,
            extension_number: user.extension_number,
        }
    }
}

/// Who has a value that only one may have.
struct Claim {
    /// His folded name.
    name: String,
    /// The line that gives it to him; none when he had it before.
    line: Option<u64>,
}

/// What the tenant has before the import, and what earlier rows of the file take.
#[derive(Default)]
struct Present {
    users: HashMap<String, Known>,
    emails: HashMap<String, Claim>,
    numbers: HashMap<String, Claim>,
    roles: HashMap<String, Permissions>,
    rows: HashMap<String, u64>,
    /// The trunks of the tenant that rows name, in order.
    providers: Vec<ProviderId>,
}

impl Directory {
    /// Judges all rows in the order in which they will be written.
    pub(super) async fn judge_rows<'a>(
        &self,
        grant: &Grant<ManageUsers>,
        tenant: &Tenant,
        rows: &'a [ImportedUser],
    ) -> Result<(Vec<RowFailure>, Vec<Planned<'a>>)> {
        let mut present = self.present(tenant).await?;
        let lists = rows
            .iter()
            .filter_map(|row| row.patch.settings.outbound_caller_ids.set());
        let mut named: Vec<ProviderId> = lists.flat_map(|list| caller_ids::providers(list)).collect();
        named.sort_unstable();
        named.dedup();
        present.providers = self.store().providers_among(tenant.id, &named).await?;
        let (mut failures, mut good) = (Vec::new(), Vec::new());
        for row in rows {
            let violations = judge_row(grant, tenant, row, &mut present);
            if violations.is_empty() {
                let existing = present.users.get(&fold(&row.name)).map(|user| user.id);
                let password = Hashed::default();
                good.push(Planned {
                    row,
                    existing,
                    password,
                });
            } else {
                failures.push(failure(row, violations));
            }
        }
        // Before hours are spent on hashing; whoever else makes extensions meanwhile is counted at the end.
        let new =
            |planned: &&Planned<'_>| planned.existing.is_none() && planned.row.extension_number.is_some();
        let more = i64::try_from(good.iter().filter(new).count()).unwrap_or(i64::MAX);
        let taken = self.store().count_extensions(tenant.id).await?;
        if more > 0 && taken.saturating_add(more) > tenant.max_extensions {
            return Err(full(tenant));
        }
        Ok((failures, good))
    }

    async fn present(&self, tenant: &Tenant) -> Result<Present> {
        const BATCH: i64 = 1000;
        let mut present = Present::default();
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
                let claim = || Claim {
                    name: name.clone(),
                    line: None,
                };
                if !user.email.is_empty() {
                    present.emails.insert(fold(&user.email), claim());
                }
                if let Some(number) = &user.extension_number {
                    present.numbers.insert(number.clone(), claim());
                }
                present.users.insert(name, user.into());
            }
        }
    }
}

/// Everything that is wrong with one row.
fn judge_row(
    grant: &Grant<ManageUsers>,
    tenant: &Tenant,
    row: &ImportedUser,
    present: &mut Present,
) -> Vec<Violation> {
    let name = fold(&row.name);
    let mut found = match present.users.get(&name) {
        Some(user) => judge_update(grant, tenant, row, user, present),
        None => judge_creation(tenant, row),
    };
    judge_role(&mut found, grant, row, present);
    if let Patch::Set(list) = &row.patch.settings.outbound_caller_ids {
        caller_ids::judge_among(&present.providers, list, &mut found);
    }
    if !row.name.is_empty() {
        match present.rows.get(&name) {
            Some(line) => found.add(Field::Name, Rule::Other(format!("is already on line {line}"))),
            None => _ = present.rows.insert(name.clone(), row.line),
        }
    }
    if let Some(number) = &row.extension_number {
        claim(
            &mut found,
            Field::ExtensionNumber,
            &mut present.numbers,
            number,
            &name,
            row.line,
        );
    }
    if let Patch::Set(email) = &row.patch.email
        && !email.is_empty()
    {
        claim(
            &mut found,
            Field::Email,
            &mut present.emails,
            &fold(email),
            &name,
            row.line,
        );
    }
    let mut all = row.unreadable.clone();
    // What could not be read is complained about once.
    all.extend(found.into_vec().into_iter().filter(|violation| {
        !row.unreadable
            .iter()
            .any(|earlier| earlier.field == violation.field)
    }));
    if all.is_empty()
        && let (Patch::Set(email), Some(user)) = (&row.patch.email, present.users.get(&name))
        && fold(email) != fold(&user.email)
    {
        // The old address is free for the rows that follow.
        present.emails.remove(&fold(&user.email));
    }
    all
}

/// Takes a value that only one user may have, or says who has it.
fn claim(
    found: &mut Violations,
    field: Field,
    claims: &mut HashMap<String, Claim>,
    value: &str,
    name: &str,
    line: u64,
) {
    match claims.get(value) {
        Some(claim) if claim.name == name => {}
        Some(Claim { line: Some(line), .. }) => {
            found.add(field, Rule::Other(format!("is already on line {line}")));
        }
        Some(_) => found.add(field, Rule::Other("belongs to another user".into())),
        None => {
            let claim = Claim {
                name: name.to_owned(),
                line: Some(line),
            };
            claims.insert(value.to_owned(), claim);
        }
    }
}

fn judge_role(found: &mut Violations, grant: &Grant<ManageUsers>, row: &ImportedUser, present: &Present) {
    match row.role.as_ref().map(|role| present.roles.get(role)) {
        Some(None) => found.add(Field::Role, Rule::Unknown),
        Some(Some(permissions)) if !grant.caller().permissions.covers(*permissions) => {
            found.add(Field::Role, Rule::Other(Denial::Escalation.message().into()));
        }
        _ => {}
    }
}

/// What is wrong with a row for a user who is not there.
fn judge_creation(tenant: &Tenant, row: &ImportedUser) -> Violations {
    let new = new_user(row);
    let mut found = new.check(tenant.id);
    if row.password.is_none() {
        found.add(Field::Password, Rule::Required);
    }
    // Who comes hashed comes from another installation, which may have had users without an extension.
    if !matches!(row.password, Some(NewPassword::Hashed(_))) {
        if row.extension_number.is_none() {
            found.add(Field::ExtensionNumber, Rule::Required);
        }
        if row.patch.voicemail_pin.is_keep() {
            found.add(Field::VoicemailPin, Rule::Required);
        }
    }
    match (&row.extension_number, &row.extension_password) {
        (Some(_), None) => found.add(Field::ExtensionPassword, Rule::Required),
        (None, Some(_)) if !found.concerns(Field::ExtensionNumber) => {
            found.add(Field::ExtensionNumber, Rule::Required);
        }
        _ => {}
    }
    judge_passwords(&mut found, tenant, row, &new.account_information());
    found
}

/// What is wrong with a row for a user who is there already.
fn judge_update(
    grant: &Grant<ManageUsers>,
    tenant: &Tenant,
    row: &ImportedUser,
    user: &Known,
    present: &Present,
) -> Violations {
    let mut found = row.patch.check();
    if row.name != user.name {
        found.add(Field::Name, Rule::Immutable);
    }
    if row.extension_number.is_some() && row.extension_number != user.extension_number {
        found.add(Field::ExtensionNumber, Rule::Immutable);
    }
    if row.extension_password.is_some() && user.extension_number.is_none() {
        found.add(
            Field::ExtensionPassword,
            Rule::Other("cannot be set: the user has no extension".into()),
        );
    }
    let control = present.roles.get(&user.role).copied().unwrap_or_default();
    if !grant.caller().permissions.covers(control) {
        found.add(Field::Name, Rule::Other(Denial::Escalation.message().into()));
    }
    // Passwords are judged by what the user will be called, as they are when the row is written.
    let email = row.patch.email.set().unwrap_or(&user.email);
    let mut account = vec![
        user.name.as_str(),
        row.patch.display_name.set().unwrap_or(&user.display_name),
    ];
    account.extend(email.split_once('@').map(|(local, _)| local));
    account.extend(user.extension_number.as_deref());
    judge_passwords(&mut found, tenant, row, &account);
    found
}

fn judge_passwords(found: &mut Violations, tenant: &Tenant, row: &ImportedUser, account: &[&str]) {
    let rules = &tenant.password_policy;
    if let Some(password) = &row.password {
        policy::judge_password(found, rules, Field::Password, password, account);
    }
    if let Some(password) = &row.extension_password {
        policy::judge_extension_password(found, rules, Field::ExtensionPassword, password, account);
    }
}
