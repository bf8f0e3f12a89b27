//! Roles.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, NewRole, Permission, Permissions, Result, RoleField, RolePatch, RoleSummary, Violations,
    capability::{ManageRoles, ViewRoles},
};
use jackfield_edge::{Expected, Input, Place, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathOf, Reply,
    page::{List, ListParams},
};

macro_rules! permission_tree {
    ($($(#[$adoc:meta])* $area:ident $input:ident $view:ident { $($(#[$doc:meta])* $switch:ident = $permission:ident,)* })*) => {
        $(
            #[derive(Default, Deserialize)]
            #[serde(default)]
            #[allow(clippy::struct_field_names, reason = "the vendor's names, and only some areas repeat a word in them")]
            struct $input { $($switch: Input<bool>,)* }

            impl Expected for $input {
                const WORDS: &'static str = "an object";
            }

            impl $input {
                fn read(self, found: &mut Violations, place: &Place) -> Permissions {
                    let mut set = Permissions::NONE;
                    $(if self.$switch.optional(found, place.part(stringify!($switch))) == Some(true) {
                        set = set.and(Permissions::of(&[Permission::$permission]));
                    })*
                    set
                }
            }

            $(#[$adoc])*
            #[derive(Serialize, ToSchema)]
            #[allow(clippy::struct_field_names, reason = "the vendor's names, and only some areas repeat a word in them")]
            struct $view { $($(#[$doc])* #[schema(required = false, default = false)] $switch: bool,)* }

            impl $view {
                fn of(set: Permissions) -> Self {
                    Self { $($switch: set.has(Permission::$permission),)* }
                }
            }
        )*

        /// What a request gives for the tree of permissions.
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct PermissionsInput { $($area: Input<$input>,)* }

        impl Expected for PermissionsInput {
            const WORDS: &'static str = "an object";
        }

        impl PermissionsInput {
            fn read(self, found: &mut Violations, place: &Place) -> Permissions {
                let mut set = Permissions::NONE;
                $({
                    let place = place.part(stringify!($area));
                    let area = self.$area.open(found, place, $input::read);
                    set = set.and(area.optional(found, place).unwrap_or_default());
                })*
                set
            }
        }

        /// What a role allows. Each switch that is left out of a request is off. Full access includes viewing.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct PermissionTree { $($(#[$adoc])* #[schema(required = false)] $area: $view,)* }

        impl PermissionTree {
            fn of(set: Permissions) -> Self {
                Self { $($area: $view::of(set),)* }
            }
        }

        #[cfg(test)]
        const PATHS: &[(&str, Permission)] =
            &[$($((concat!(stringify!($area), ".", stringify!($switch)), Permission::$permission),)*)*];
    };
}

permission_tree! {
    /// One's own voicemail and meetings.
    general GeneralInput GeneralPermissions {
        /// Read and play voicemail.
        voicemail_view_only = VoicemailView,
        /// Also delete and configure it.
        voicemail_full_access = VoicemailFull,
        /// Hold meetings.
        meeting = Meeting,
    }
    /// The installation.
    system SystemInput SystemPermissions {
        /// See its state.
        information = SystemInformation,
        /// Manage dealers.
        dealer = SystemDealer,
        /// Manage tenants, and act in them.
        tenant = SystemTenant,
    }
    /// Trunks.
    trunk TrunkInput TrunkPermissions {
        /// See them.
        view_only = TrunkView,
        /// Manage them.
        full_access = TrunkFull,
    }
    /// The tenant's settings.
    company CompanyInput CompanyPermissions {
        /// See them.
        view_only = CompanyView,
        /// Change them.
        full_access = CompanyFull,
    }
    /// Calls of the whole tenant.
    company_call_log CompanyCallLogInput CompanyCallLogPermissions {
        /// See call records.
        call_log_view_only = CompanyCallLogView,
        /// Also delete them.
        call_log_full_access = CompanyCallLogFull,
        /// Hear recordings.
        call_recording_view_only = CompanyRecordingView,
        /// Also delete them.
        call_recording_full_access = CompanyRecordingFull,
    }
    /// Queues, ring groups, rules and the like.
    phone_system PhoneSystemInput PhoneSystemPermissions {
        /// See them.
        view_only = PhoneSystemView,
        /// Change them.
        full_access = PhoneSystemFull,
    }
    /// Users and their roles.
    user_management UserManagementInput UserManagementPermissions {
        /// Manage custom roles.
        roles = Roles,
        /// Manage users and groups.
        users = Users,
    }
    /// One's own calls.
    user_call_log UserCallLogInput UserCallLogPermissions {
        /// See call records.
        call_log_view_only = UserCallLogView,
        /// Also delete them.
        call_log_full_access = UserCallLogFull,
        /// Hear recordings.
        call_recording_view_only = UserRecordingView,
        /// Also delete them.
        call_recording_full_access = UserRecordingFull,
    }
    /// Where one may call.
    policies PoliciesInput PoliciesPermissions {
        /// Within the country.
        domestic_calls = DomesticCalls,
        /// Within the tenant.
        internal_calls = InternalCalls,
        /// Abroad.
        international_calls = InternationalCalls,
    }
    /// Call reports.
    analytics AnalyticsInput AnalyticsPermissions {
        /// Read them.
        call_report_view_only = ReportView,
        /// Also make them.
        call_report_full_access = ReportFull,
    }
    /// Billing and balances.
    billing BillingInput BillingPermissions {
        /// See them.
        view_only = BillingView,
        /// Change them.
        full_access = BillingFull,
    }
}

/// A role to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateRole {
    /// Its name, unique in the tenant; names of built-in roles are reserved.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// What it allows.
    #[serde(default)]
    #[schema(value_type = PermissionTree, required = true)]
    permissions: Input<PermissionsInput>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

impl CreateRole {
    fn read(self) -> Result<NewRole> {
        let mut found = Violations::new();
        let new = NewRole {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
            description: self
                .description
                .optional(&mut found, Field::Description)
                .unwrap_or_default(),
            permissions: self
                .permissions
                .open(&mut found, Field::Permissions, PermissionsInput::read)
                .required(&mut found, Field::Permissions)
                .unwrap_or_default(),
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

/// A change to a role: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateRole {
    /// Another name; users who have the role keep it.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// Other permissions, all of them: a switch that is left out is off.
    #[serde(default)]
    #[schema(value_type = PermissionTree, required = false)]
    permissions: Input<PermissionsInput>,
    /// Another note.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

impl UpdateRole {
    fn read(self) -> Result<RolePatch> {
        let mut found = Violations::new();
        let patch = RolePatch {
            name: self.name.patch(&mut found, Field::Name),
            description: self.description.patch_or_default(&mut found, Field::Description),
            permissions: self
                .permissions
                .open(&mut found, Field::Permissions, PermissionsInput::read)
                .patch(&mut found, Field::Permissions),
        };
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

/// The answer to a request that made a role. Roles are known by their names.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedRole {
    /// The name of the new role.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
}

/// A line of the list of roles.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleLine {
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// A note for people.
    #[schema(required = false, max_length = 1024)]
    description: String,
}

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleAnswer {
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it allows.
    permissions: PermissionTree,
    /// A note for people.
    #[schema(required = false, max_length = 1024)]
    description: String,
}

impl From<RoleSummary> for RoleLine {
    fn from(role: RoleSummary) -> Self {
        Self {
            name: role.name,
            description: role.description,
        }
    }
}

impl From<RoleSummary> for RoleAnswer {
    fn from(role: RoleSummary) -> Self {
        Self {
            name: role.name,
            permissions: PermissionTree::of(role.permissions),
            description: role.description,
        }
    }
}

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<RoleField> {
    match name {
        "name" => Some(RoleField::Name),
        "description" => Some(RoleField::Description),
        _ => None,
    }
}

/// List roles
///
/// Built-in ones that a tenant's users may have, and the tenant's own.
#[utoipa::path(
    get, path = "/roles", tag = "roles", params(ListParams),
    responses((status = 200, body = List<RoleLine>))
)]
pub(crate) async fn list(
    grant: Granted<ViewRoles>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<RoleLine>>> {
    let listing = directory.list_roles(&grant, &params.0.query(names)?).await?;
    Ok(Json(List::of(listing)))
}

/// Create a role
///
/// Nobody gives a role a permission that his own lacks.
#[utoipa::path(
    post, path = "/roles", tag = "roles", request_body = CreateRole,
    responses((status = 201, body = CreatedRole))
)]
pub(crate) async fn create(
    grant: Granted<ManageRoles>,
    State(directory): State<Directory>,
    body: Body<CreateRole>,
) -> Reply<(StatusCode, Json<CreatedRole>)> {
    let new = body.0.read()?;
    let name = new.name.clone();
    directory.create_role(&grant, new).await?;
    Ok((StatusCode::CREATED, Json(CreatedRole { name })))
}

/// Read a role
#[utoipa::path(
    get, path = "/roles/{name}", tag = "roles", params(("name" = String, Path, description = "The role.")),
    responses((status = 200, body = RoleAnswer))
)]
pub(crate) async fn show(
    grant: Granted<ViewRoles>,
    State(directory): State<Directory>,
    name: PathOf<String>,
) -> Reply<Json<RoleAnswer>> {
    Ok(Json(directory.role(&grant, &name.0).await?.into()))
}

/// Change a role
///
/// Only roles of the tenant's own; built-in ones stay as they are.
#[utoipa::path(
    post, path = "/roles/{name}", tag = "roles", params(("name" = String, Path, description = "The role.")),
    request_body = UpdateRole, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageRoles>,
    State(directory): State<Directory>,
    name: PathOf<String>,
    body: Body<UpdateRole>,
) -> Reply<()> {
    Ok(directory.update_role(&grant, &name.0, body.0.read()?).await?)
}

/// Destroy a role
///
/// Not while a user has it.
#[utoipa::path(
    post, path = "/roles/{name}/destroy", tag = "roles",
    params(("name" = String, Path, description = "The role.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageRoles>,
    State(directory): State<Directory>,
    name: PathOf<String>,
) -> Reply<StatusCode> {
    directory.destroy_role(&grant, &name.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{BuiltInRole, Error};

    use super::*;

    #[test]
    fn every_permission_has_its_place_in_the_tree() {
        let paths: Vec<_> = PATHS.iter().map(|(path, _)| *path).collect();
        let names: Vec<_> = Permission::ALL
            .iter()
            .map(|permission| permission.name())
            .collect();
        assert_eq!(paths, names);
        assert!(PATHS.iter().all(|(path, permission)| *path == permission.name()));
    }

    #[test]
    fn a_tree_is_read_as_it_is_written() {
        for role in BuiltInRole::ALL {
            let tree = serde_json::to_string(&PermissionTree::of(role.permissions())).unwrap();
            let body = format!(r#"{{"name": "Front desk", "permissions": {tree}}}"#);
            let new = serde_json::from_str::<CreateRole>(&body).unwrap().read().unwrap();
            assert_eq!(
                new.permissions.complete(),
                role.permissions().complete(),
                "{role:?}"
            );
        }
    }

    #[test]
    fn wrong_types_deep_in_the_tree_are_named() {
        let body =
            r#"{"name": 7, "permissions": {"general": {"meeting": "yes"}, "system": [], "new_area": 1}}"#;
        let error = serde_json::from_str::<CreateRole>(body)
            .unwrap()
            .read()
            .unwrap_err();
        let Error::Invalid(found) = error else {
            panic!("another error")
        };
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "name must be text",
                "permissions.general.meeting must be true or false",
                "permissions.system must be an object",
            ]
        );
    }
}
