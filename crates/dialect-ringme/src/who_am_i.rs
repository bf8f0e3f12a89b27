//! The signed-in user.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{AccessLevel, TenantId, capability::ManageUsers};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Reply, Session, or_null};

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhoAmI {
    /// Always `null`: there are no dealers.
    dealer_id: Option<i64>,
    /// Whether he administers the installation.
    admin: bool,
    /// What an integration keeps with him.
    extra_params: Option<String>,
    /// `full`, or `read_only` for who may change nothing.
    #[schema(example = "full")]
    access: &'static str,
    /// The extension that he may use, for a user who manages nobody else.
    extension_id: Option<i64>,
    /// His client.
    client_id: Option<i64>,
    /// Always `null`: there are no groups of extensions.
    extension_group_id: Option<i64>,
    /// His time zone, an IANA name.
    #[schema(example = "Europe/Moscow")]
    timezone: String,
    /// The name that he signs in with.
    login: String,
    /// His id.
    #[schema(example = 100_001)]
    id: i64,
}

/// Who am I
///
/// Every application may ask this, also one whose access is to the call API only.
#[utoipa::path(get, path = "/user/", tag = "user", responses((status = 200, body = WhoAmI)))]
pub(crate) async fn show(session: Session, State(directory): State<Directory>) -> Reply<Json<WhoAmI>> {
    let owner = session.own()?;
    let user = directory.user(&owner).await?;
    let access = directory.extension_access(&owner).await?;
    let facts = directory.tenant_facts(owner.tenant()).await?;
    let client = session.tenant().ok().map(TenantId::get);
    let manages = session.grant::<ManageUsers>().is_ok();
    let (zone, extra, extension) = access
        .map(|access| (access.timezone, access.custom_options, access.extension.get()))
        .map_or((String::new(), String::new(), None), |(zone, extra, id)| {
            (zone, extra, Some(id))
        });
    let zone = or_null(zone).or_else(|| or_null(facts.timezone.clone()));
    Ok(Json(WhoAmI {
        dealer_id: None,
        admin: session.is_system(),
        extra_params: or_null(extra),
        access: if session.read_only {
            AccessLevel::ReadOnly.word()
        } else {
            AccessLevel::Full.word()
        },
        extension_id: extension.filter(|_| !manages),
        client_id: client,
        extension_group_id: None,
        timezone: zone.unwrap_or_else(|| "UTC".to_owned()),
        login: user.name,
        id: user.id.get(),
    }))
}
