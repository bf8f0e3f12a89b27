//! Tenants: the installation's, and one's own.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Error, Field, PasswordPolicyPatch, Result, Rule, TenantField, TenantId, Violation, Violations,
    capability::{ManageCompany, ManageTenants, ViewCompany},
};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Body, Granted, Params, PathOf, Reply,
    id::{self, Created, PathId},
    page::{List, ListParams},
    tenant_input::TenantInput,
    tenant_view::{PolicyAnswer, TenantAnswer, TenantLine},
};

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<TenantField> {
    Some(match name {
        "id" => TenantField::Id,
        "name" => TenantField::Name,
        "domain" => TenantField::Domain,
        "enabled" => TenantField::Enabled,
        "website" => TenantField::Website,
        "timezone" => TenantField::Timezone,
        "currency" => TenantField::Currency,
        "region" => TenantField::Region,
        "max_extensions" => TenantField::MaxExtensions,
        "max_concurrent_calls" => TenantField::MaxConcurrentCalls,
        "created_at" => TenantField::CreatedAt,
        _ => return None,
    })
}

/// List tenants
#[utoipa::path(
    get, path = "/tenants", tag = "tenants", params(ListParams),
    responses((status = 200, body = List<TenantLine>))
)]
pub(crate) async fn list(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<TenantLine>>> {
    let listing = directory.list_tenants(&grant, &params.0.query(names)?).await?;
    Ok(Json(List::of(listing)))
}

/// Create a tenant
#[utoipa::path(
    post, path = "/tenants", tag = "tenants",
    request_body(content = ref("#/components/schemas/CreateTenant")),
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    body: Body<TenantInput>,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory.create_tenant(&grant, body.0.create()?).await?;
    Ok(Created::answer(id))
}

/// Read a tenant
#[utoipa::path(
    get, path = "/tenants/{id}", tag = "tenants", params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, body = TenantAnswer))
)]
pub(crate) async fn show(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<TenantAnswer>> {
    Ok(Json(directory.tenant(&grant, tenant(id.0)).await?.into()))
}

/// Change a tenant
#[utoipa::path(
    post, path = "/tenants/{id}", tag = "tenants", params(("id" = String, Path, description = "The tenant.")),
    request_body = TenantInput, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<TenantInput>,
) -> Reply<()> {
    Ok(directory
        .update_tenant(&grant, tenant(id.0), body.0.update()?)
        .await?)
}

/// Destroy a tenant
///
/// With everything in it.
#[utoipa::path(
    post, path = "/tenants/{id}/destroy", tag = "tenants",
    params(("id" = String, Path, description = "The tenant.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_tenant(&grant, tenant(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which tenant to act in.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SwitchParams {
    /// The tenant; without one, the session acts for the whole installation again.
    id: Option<String>,
}

impl SwitchParams {
    fn read(self) -> Result<Option<TenantId>> {
        let Some(text) = self.id.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        match id::read(&text) {
            Some(id) => Ok(Some(TenantId::new(id))),
            None => Err(Error::invalid(Violation::new(
                Field::Id,
                Rule::Form("the id of a tenant"),
            ))),
        }
    }
}

/// Act in a tenant
///
/// The session of an administrator of the installation sees and changes that tenant from now on, with the same token.
#[utoipa::path(
    post, path = "/tenants/switch", tag = "tenants", params(SwitchParams), responses((status = 200))
)]
pub(crate) async fn switch(
    grant: Granted<ManageTenants>,
    State(directory): State<Directory>,
    params: Params<SwitchParams>,
) -> Reply<()> {
    Ok(directory.switch_tenant(&grant, params.0.read()?).await?)
}

/// Read one's own tenant
#[utoipa::path(get, path = "/tenant", tag = "company", responses((status = 200, body = TenantAnswer)))]
pub(crate) async fn own(
    grant: Granted<ViewCompany>,
    State(directory): State<Directory>,
) -> Reply<Json<TenantAnswer>> {
    Ok(Json(directory.own_tenant(&grant).await?.into()))
}

/// Change one's own tenant
///
/// Limits and features that the operator sells are not changed here; they may be sent, and are ignored.
#[utoipa::path(
    post, path = "/tenant", tag = "company",
    request_body(content = ref("#/components/schemas/UpdateOwnTenant")), responses((status = 200))
)]
pub(crate) async fn update_own(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    body: Body<TenantInput>,
) -> Reply<()> {
    Ok(directory.update_own_tenant(&grant, body.0.update_own()?).await?)
}

/// Read the password policy
#[utoipa::path(
    get, path = "/tenant/password_policy", tag = "company", responses((status = 200, body = PolicyAnswer))
)]
pub(crate) async fn password_policy(
    grant: Granted<ViewCompany>,
    State(directory): State<Directory>,
) -> Reply<Json<PolicyAnswer>> {
    Ok(Json(directory.password_policy(&grant).await?.into()))
}

macro_rules! policy_input {
    (numbers { $($(#[$ndoc:meta])* $number:ident = $ndefault:tt $nfield:ident,)* }
     flags { $($(#[$fdoc:meta])* $flag:ident,)* }) => {
        /// A change to what passwords must look like; what is left out stays.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct PolicyInput {
            $($(#[$ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = 6, maximum = 32, default = $ndefault)]
              $number: Input<i64>,)*
            $($(#[$fdoc])* #[serde(default)] #[schema(value_type = bool, required = false, default = true)] $flag: Input<bool>,)*
        }

        impl PolicyInput {
            fn read(self) -> Result<PasswordPolicyPatch> {
                let mut found = Violations::new();
                let patch = PasswordPolicyPatch {
                    $($number: self.$number.patch(&mut found, Field::$nfield),)*
                    $($flag: self.$flag.patch(&mut found, (Field::Settings, stringify!($flag))),)*
                };
                conclude(found, Violations::new)?;
                Ok(patch)
            }
        }
    };
}

policy_input! {
    numbers {
        /// Characters, at least.
        min_length = 6 MinLength,
        /// Characters, at most.
        max_length = 32 MaxLength,
    }
    flags {
        /// Demand a letter.
        contains_letters,
        /// Demand a digit.
        contains_numbers,
        /// Demand an upper-case letter or a character that is neither letter nor digit.
        contains_special_letters,
        /// Refuse four characters in ascending or descending order.
        disable_sequential_characters,
        /// Refuse three equal characters.
        disable_repeating_characters,
        /// Refuse the user's name, number or address in the password.
        disable_account_information,
    }
}

/// Change the password policy
///
/// Passwords that exist stay as they are.
#[utoipa::path(
    post, path = "/tenant/password_policy", tag = "company", request_body = PolicyInput,
    responses((status = 200))
)]
pub(crate) async fn update_password_policy(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    body: Body<PolicyInput>,
) -> Reply<()> {
    Ok(directory.update_password_policy(&grant, body.0.read()?).await?)
}

fn tenant(id: PathId) -> TenantId {
    TenantId::new(id.get())
}
