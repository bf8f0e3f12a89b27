//! Roles.

use jackfield_domain::{
    BuiltInRole, ChangeType, Denial, Error, Grant, Kind, Listing, Literal, NewRole, Patch, Query, Result,
    Role, RoleField, RoleId, RolePatch, RoleSummary, Thing,
    capability::{ManageRoles, ViewRoles},
    text::fold,
};
use jackfield_store::Sequence;

use crate::{
    Directory,
    work::{Work, in_work},
};

fn built_in(role: BuiltInRole) -> RoleSummary {
    RoleSummary {
        name: role.name().into(),
        description: role.description().into(),
        permissions: role.permissions(),
        built_in: true,
    }
}

fn custom(role: Role) -> RoleSummary {
    RoleSummary {
        name: role.name,
        description: role.description,
        permissions: role.permissions,
        built_in: false,
    }
}

impl Directory {
    /// The roles that users of the tenant can have: built-in ones first, then its own.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_roles(
        &self,
        grant: &Grant<ViewRoles>,
        query: &Query<RoleField>,
    ) -> Result<Listing<RoleSummary>> {
        let own = self.store().roles(grant.tenant()).await?;
        let roles = BuiltInRole::ALL
            .iter()
            .copied()
            .filter(|role| role.for_tenants())
            .map(built_in);
        let roles = roles.chain(own.into_iter().map(custom)).collect();
        let value = |role: &RoleSummary, field| {
            Literal::Text(match field {
                RoleField::Name => role.name.clone(),
                RoleField::Description => role.description.clone(),
            })
        };
        Ok(query.run(roles, value, |role| format!("{} {}", role.name, role.description)))
    }

    /// A role by its exact name.
    ///
    /// # Errors
    /// `Absent(Role)`.
    pub async fn role(&self, grant: &Grant<ViewRoles>, name: &str) -> Result<RoleSummary> {
        if let Some(role) = BuiltInRole::named(name).filter(|role| role.for_tenants()) {
            return Ok(built_in(role));
        }
        let role = self.store().role_by_name(grant.tenant(), &fold(name)).await?;
        role.filter(|role| role.name == name)
            .map(custom)
            .ok_or(Error::Absent(Thing::Role))
    }

    /// Creates a role.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Taken(Role, Name)`; [`Denial::Escalation`] for permissions beyond the caller's own.
    pub async fn create_role(&self, grant: &Grant<ManageRoles>, new: NewRole) -> Result<()> {
        new.check().finish()?;
        grant.may_hand_out(new.permissions)?;
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let id = work.next_id(Sequence::Role).await?;
            let role = Role {
                tenant: grant.tenant(),
                id: RoleId::new(id),
                name: new.name.clone(),
                description: new.description.clone(),
                permissions: new.permissions,
                created_at: work.now(),
                version: 1,
            };
            work.insert_role(&role).await?;
            work.journal(Kind::Role, id, ChangeType::Created).await?;
        })
    }

    /// Changes a custom role. Users who have it keep it under its new name.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(Role)`; `Taken(Role, Name)`; [`Denial::BuiltIn`]; [`Denial::Escalation`] when the old or
    /// the new permissions exceed the caller's own.
    pub async fn update_role(&self, grant: &Grant<ManageRoles>, name: &str, patch: RolePatch) -> Result<()> {
        patch.check().finish()?;
        if let Patch::Set(permissions) = patch.permissions {
            grant.may_hand_out(permissions)?;
        }
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut role = custom_role(&mut work, grant, name).await?;
            if patch.clone().apply(&mut role) {
                role.version += 1;
                work.update_role(&role).await?;
                work.journal(Kind::Role, role.id.get(), ChangeType::Updated)
                    .await?;
                if role.name != name {
                    let now = work.now();
                    for user in work.replace_role(tenant, name, &role.name, now).await? {
                        work.journal(Kind::User, user.get(), ChangeType::Updated).await?;
                    }
                }
            }
        })
    }

    /// Destroys a custom role that nobody has.
    ///
    /// # Errors
    /// `Absent(Role)`; `InUse(Role, User)`; [`Denial::BuiltIn`]; [`Denial::Escalation`].
    pub async fn destroy_role(&self, grant: &Grant<ManageRoles>, name: &str) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let role = custom_role(&mut work, grant, name).await?;
            if work
                .count_users_with_role(tenant, &role.name, false, None)
                .await?
                > 0
            {
                return Err(Error::InUse(Thing::Role, Thing::User));
            }
            work.delete_role(tenant, role.id).await?;
            work.journal(Kind::Role, role.id.get(), ChangeType::Deleted)
                .await?;
        })
    }
}

/// A custom role that the caller may change.
async fn custom_role(work: &mut Work, grant: &Grant<ManageRoles>, name: &str) -> Result<Role> {
    if BuiltInRole::named(name).is_some_and(BuiltInRole::for_tenants) {
        return Err(Error::Denied(Denial::BuiltIn));
    }
    let role = work.role_by_name(grant.tenant(), &fold(name)).await?;
    let role = role
        .filter(|role| role.name == name)
        .ok_or(Error::Absent(Thing::Role))?;
    grant.may_hand_out(role.permissions)?;
    Ok(role)
}
