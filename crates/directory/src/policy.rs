//! Rules that several use cases share and that take more than one record to judge.

use jackfield_domain::{
    AccessLevel, BuiltInRole, Caller, Denial, Error, Field, NewPassword, PasswordPolicy, Permissions, Result,
    Rule, TenantId, User, UserId, Violations, limits, text::fold,
};
use jackfield_store::Reads;

use crate::hashing::is_bearable_hash;

/// What the role of this name allows to users of the tenant; none when there is no such role.
pub(crate) async fn role_permissions(
    reads: &dyn Reads,
    tenant: TenantId,
    name: &str,
) -> Result<Option<Permissions>> {
    if let Some(role) = BuiltInRole::named(name) {
        return Ok((role.for_tenants() != tenant.is_system()).then(|| role.permissions()));
    }
    let role = reads.role_by_name(tenant, &fold(name)).await?;
    Ok(role.filter(|role| role.name == name).map(|role| role.permissions))
}

/// What the role of an existing user allows. A role that is gone allows nothing.
pub(crate) async fn permissions_of(reads: &dyn Reads, user: &User) -> Result<Permissions> {
    Ok(role_permissions(reads, user.tenant, &user.role)
        .await?
        .unwrap_or(Permissions::NONE))
}

/// Whether a user may only look, whatever his role allows.
pub(crate) async fn may_only_look(reads: &dyn Reads, user: &User) -> Result<bool> {
    let access = reads.extension_access(user.tenant, user.id).await?;
    Ok(access.is_some_and(|access| access.level == AccessLevel::ReadOnly))
}

/// Whether the caller may take control of a user: only when his own role allows everything that the user's role allows.
/// Otherwise who manages users could set an administrator's password and sign in as him.
///
/// # Errors
/// [`Denial::Escalation`].
pub(crate) async fn may_control(reads: &dyn Reads, caller: &Caller, user: &User) -> Result<()> {
    if caller.permissions.covers(permissions_of(reads, user).await?) {
        Ok(())
    } else {
        Err(Error::Denied(Denial::Escalation))
    }
}

/// Whether the tenant keeps an enabled administrator when this one goes, is disabled or gets another role.
///
/// # Errors
/// [`Denial::LastAdministrator`].
pub(crate) async fn keeps_administrator(reads: &dyn Reads, user: &User) -> Result<()> {
    let administrator = if user.tenant.is_system() {
        BuiltInRole::SystemAdmin
    } else {
        BuiltInRole::Admin
    }
    .name();
    if user.role != administrator || !user.enabled {
        return Ok(());
    }
    let others = reads
        .count_users_with_role(user.tenant, administrator, true, Some(user.id))
        .await?;
    if others == 0 {
        Err(Error::Denied(Denial::LastAdministrator))
    } else {
        Ok(())
    }
}

/// Judges a user's password by the tenant's policy; one that is already hashed only by its form.
pub(crate) fn judge_password(
    found: &mut Violations,
    policy: &PasswordPolicy,
    field: Field,
    password: &NewPassword,
    account: &[&str],
) {
    match password {
        NewPassword::Plain(password) if password.chars().count() > limits::PASSWORD => {
            found.add(field, Rule::TooLong(limits::PASSWORD));
        }
        NewPassword::Plain(password) => policy.judge(found, field, password, account),
        NewPassword::Hashed(hash) if is_bearable_hash(hash) => {}
        NewPassword::Hashed(_) => {
            let form = "an argon2id hash in PHC form with at most 64 MiB, 8 passes and 4 lanes";
            found.add(Field::PasswordHash, Rule::Form(form));
        }
    }
}

/// Judges a SIP password, which is needed in clear.
pub(crate) fn judge_extension_password(
    found: &mut Violations,
    policy: &PasswordPolicy,
    field: Field,
    password: &NewPassword,
    account: &[&str],
) {
    match password {
        NewPassword::Plain(password) => {
            let length = password.chars().count();
            if length > *limits::EXTENSION_PASSWORD.end() {
                found.add(field, Rule::TooLong(*limits::EXTENSION_PASSWORD.end()));
            } else {
                policy.judge(found, field, password, account);
            }
        }
        NewPassword::Hashed(_) => found.add(field, Rule::Form("a password in clear: phones need it")),
    }
}

/// The user of this id, or that there is none.
pub(crate) async fn existing_user(reads: &dyn Reads, tenant: TenantId, id: UserId) -> Result<User> {
    reads
        .user(tenant, id)
        .await?
        .ok_or(Error::Absent(jackfield_domain::Thing::User))
}

/// The tenant's password policy; the installation itself has the default one.
pub(crate) async fn password_policy(reads: &dyn Reads, tenant: TenantId) -> Result<PasswordPolicy> {
    if tenant.is_system() {
        return Ok(PasswordPolicy {
            min_length: 8,
            ..PasswordPolicy::default()
        });
    }
    let tenant = reads
        .tenant(tenant)
        .await?
        .ok_or(Error::Absent(jackfield_domain::Thing::Tenant))?;
    Ok(tenant.password_policy)
}
