//! Contacts of the tenant: read by all of its users, kept by who manages the company. Each user marks them for himself.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::capability::ManageCompany;

use crate::{
    Body, Granted, Params, PathOf, Reply, Session, Target,
    contact_card::{BusinessContactAnswer, Changes, ContactBody, ContactChange, SyncToken, TokenPath},
    id::{Created, PathId},
    page::{List, PageParams},
};

/// List the tenant's contacts
#[utoipa::path(
    get, path = "/contacts", tag = "business contacts", params(PageParams),
    responses((status = 200, body = List<BusinessContactAnswer>))
)]
pub(crate) async fn list(
    session: Session,
    State(directory): State<Directory>,
    params: Params<PageParams>,
) -> Reply<Json<List<BusinessContactAnswer>>> {
    let listing = directory
        .list_business_contacts(&session.member()?, params.0.page()?)
        .await?;
    Ok(Json(List::of(listing)))
}

/// Add a contact of the tenant
#[utoipa::path(
    post, path = "/contacts", tag = "business contacts", request_body = ContactBody,
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    body: Body<ContactBody>,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory
        .create_business_contact(&grant, body.0.create()?)
        .await?;
    Ok(Created::answer(id))
}

/// Read a contact of the tenant
#[utoipa::path(
    get, path = "/contacts/{id}", tag = "business contacts",
    params(("id" = String, Path, description = "The contact.")),
    responses((status = 200, body = BusinessContactAnswer))
)]
pub(crate) async fn show(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<BusinessContactAnswer>> {
    let item = directory.business_contact(&session.member()?, id.0.get()).await?;
    Ok(Json(item.into()))
}

/// Change a contact of the tenant
#[utoipa::path(
    post, path = "/contacts/{id}", tag = "business contacts",
    params(("id" = String, Path, description = "The contact.")),
    request_body = ContactBody, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<ContactBody>,
) -> Reply<()> {
    Ok(directory
        .update_business_contact(&grant, id.0.get(), body.0.update()?)
        .await?)
}

/// Destroy a contact of the tenant
///
/// Everybody's mark on it goes along.
#[utoipa::path(
    post, path = "/contacts/{id}/destroy", tag = "business contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.remove_business_contact(&grant, id.0.get()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a contact of the tenant as one's favourite
#[utoipa::path(
    post, path = "/user/business_contacts/{id}/favorite", tag = "business contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 200))
)]
pub(crate) async fn favorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory.mark_business_contact(&target, id.0.get(), true).await?)
}

/// Take one's mark off a contact of the tenant
#[utoipa::path(
    post, path = "/user/business_contacts/{id}/unfavorite", tag = "business contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 200))
)]
pub(crate) async fn unfavorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory
        .mark_business_contact(&target, id.0.get(), false)
        .await?)
}

/// Begin to follow the tenant's contacts
///
/// The token stands for this moment: list the contacts after it, and ask for what has changed since then. The first answer
/// also names the contacts that one has marked, because the list does not tell.
#[utoipa::path(
    post, path = "/user/business_contacts/sync_tokens", tag = "business contacts",
    responses((status = 201, body = SyncToken))
)]
pub(crate) async fn follow(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<(StatusCode, Json<SyncToken>)> {
    let token = directory.follow_business_contacts(&target).await?;
    Ok((StatusCode::CREATED, Json(SyncToken { token })))
}

/// Ask what has changed in the tenant's contacts
///
/// One's own marks count, those of others do not. A token that is unknown, of somebody else or too old gets 403; then begin
/// anew.
#[utoipa::path(
    post, path = "/user/business_contacts/sync_tokens/{token}/diff", tag = "business contacts",
    params(("token" = String, Path, description = "The token of the last answer.")),
    responses((status = 200, body = Changes<ContactChange>))
)]
pub(crate) async fn changes(
    target: Target,
    State(directory): State<Directory>,
    token: TokenPath,
) -> Reply<Json<Changes<ContactChange>>> {
    let difference = directory.changed_business_contacts(&target, &token.0).await?;
    let items = difference.changed.into_iter().map(|changed| {
        let now = changed.now.map(|now| (now.value.value.card, now.favorite));
        ContactChange::of(changed.id, changed.change, now)
    });
    Ok(Json(Changes {
        token: difference.token,
        items: items.collect(),
    }))
}
