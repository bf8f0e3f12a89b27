//! Trunks, which the vendor calls providers.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    ProviderField, ProviderId,
    capability::{ManageTrunks, ViewTrunks},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathOf, Reply,
    id::{Created, PathId},
    page::{List, ListParams},
    provider_wire::{CreateProvider, ProviderAnswer, ProviderLine, UpdateProvider},
};

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<ProviderField> {
    match name {
        "id" => Some(ProviderField::Id),
        "name" => Some(ProviderField::Name),
        "enabled" => Some(ProviderField::Enabled),
        "brand" => Some(ProviderField::Brand),
        "hostname" => Some(ProviderField::Hostname),
        "port" => Some(ProviderField::Port),
        "did_numbers" => Some(ProviderField::DidNumbers),
        _ => None,
    }
}

/// List trunks
#[utoipa::path(
    get, path = "/providers", tag = "providers", params(ListParams),
    responses((status = 200, body = List<ProviderLine>))
)]
pub(crate) async fn list(
    grant: Granted<ViewTrunks>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<ProviderLine>>> {
    let listing = directory.list_providers(&grant, &params.0.query(names)?).await?;
    Ok(Json(List::of(listing)))
}

/// Create a trunk
#[utoipa::path(
    post, path = "/providers", tag = "providers", request_body = CreateProvider,
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageTrunks>,
    State(directory): State<Directory>,
    body: Body<CreateProvider>,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory.create_provider(&grant, body.0.read()?).await?;
    Ok(Created::answer(id))
}

/// Read a trunk
///
/// Its password is not told.
#[utoipa::path(
    get, path = "/providers/{id}", tag = "providers", params(("id" = String, Path, description = "The trunk.")),
    responses((status = 200, body = ProviderAnswer))
)]
pub(crate) async fn show(
    grant: Granted<ViewTrunks>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<ProviderAnswer>> {
    Ok(Json(directory.provider(&grant, provider(id.0)).await?.into()))
}

/// Change a trunk
///
/// Fields that are left out stay as they are.
#[utoipa::path(
    post, path = "/providers/{id}", tag = "providers", params(("id" = String, Path, description = "The trunk.")),
    request_body = UpdateProvider, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageTrunks>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateProvider>,
) -> Reply<()> {
    Ok(directory
        .update_provider(&grant, provider(id.0), body.0.read()?)
        .await?)
}

/// Whether calls can take a trunk.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderStatus {
    /// `ONLINE` or `OFFLINE`.
    status: ProviderStatusWord,
}

/// Whether calls can take a trunk.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ProviderStatusWord {
    /// Calls can take it: it is enabled and, when one of the two sides registers at the other, registered there.
    Online,
    /// They cannot.
    Offline,
}

/// Whether calls can take a trunk
///
/// A trunk that registers at its provider is online while the provider has the registration, and one whose provider registers here
/// while that is registered. Of any other one nothing is
/// known before a call takes it: it is online while it is enabled.
#[utoipa::path(
    get, path = "/providers/{id}/status", tag = "providers",
    params(("id" = String, Path, description = "The trunk.")), responses((status = 200, body = ProviderStatus))
)]
pub(crate) async fn status(
    grant: Granted<ViewTrunks>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<ProviderStatus>> {
    let online = directory.trunk_is_online(&grant, provider(id.0)).await?;
    let status = if online {
        ProviderStatusWord::Online
    } else {
        ProviderStatusWord::Offline
    };
    Ok(Json(ProviderStatus { status }))
}

/// Destroy a trunk
///
/// One that caller ids refer to stays.
#[utoipa::path(
    post, path = "/providers/{id}/destroy", tag = "providers",
    params(("id" = String, Path, description = "The trunk.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageTrunks>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_provider(&grant, provider(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn provider(id: PathId) -> ProviderId {
    ProviderId::new(id.get())
}
