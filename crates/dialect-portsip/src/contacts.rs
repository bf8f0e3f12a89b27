//! One's own contacts: seen by nobody else.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Directory, Keeper};
use jackfield_domain::{Contact, ContactPatch};

use crate::{
    Body, Params, PathOf, Reply, Target,
    contact_card::{Changes, ContactAnswer, ContactBody, ContactChange, SyncToken, TokenPath, marking},
    id::{Created, PathId},
    page::{List, PageParams},
};

fn keeper(target: &Target) -> Keeper {
    Keeper::from(&**target)
}

/// List one's contacts
#[utoipa::path(
    get, path = "/user/contacts", tag = "contacts", params(PageParams),
    responses((status = 200, body = List<ContactAnswer>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<PageParams>,
) -> Reply<Json<List<ContactAnswer>>> {
    let page = params.0.page()?;
    let listing = directory.list_items::<Contact>(&keeper(&target), page).await?;
    Ok(Json(List::of(listing)))
}

/// Add a contact
#[utoipa::path(
    post, path = "/user/contacts", tag = "contacts", request_body = ContactBody,
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    target: Target,
    State(directory): State<Directory>,
    body: Body<ContactBody>,
) -> Reply<(StatusCode, Json<Created>)> {
    let new = ContactPatch {
        card: body.0.create()?,
        ..ContactPatch::default()
    };
    let id = directory.create_item::<Contact>(&keeper(&target), new).await?;
    Ok(Created::answer(id))
}

/// Read a contact
#[utoipa::path(
    get, path = "/user/contacts/{id}", tag = "contacts",
    params(("id" = String, Path, description = "The contact.")),
    responses((status = 200, body = ContactAnswer))
)]
pub(crate) async fn show(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<ContactAnswer>> {
    let item = directory.item::<Contact>(&keeper(&target), id.0.get()).await?;
    Ok(Json(item.into()))
}

/// Change a contact
#[utoipa::path(
    post, path = "/user/contacts/{id}", tag = "contacts",
    params(("id" = String, Path, description = "The contact.")),
    request_body = ContactBody, responses((status = 200))
)]
pub(crate) async fn update(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<ContactBody>,
) -> Reply<()> {
    let patch = ContactPatch {
        card: body.0.update()?,
        ..ContactPatch::default()
    };
    Ok(directory
        .update_item::<Contact>(&keeper(&target), id.0.get(), patch)
        .await?)
}

/// Destroy a contact
#[utoipa::path(
    post, path = "/user/contacts/{id}/destroy", tag = "contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory
        .remove_item::<Contact>(&keeper(&target), id.0.get())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a contact as a favourite
#[utoipa::path(
    post, path = "/user/contacts/{id}/favorite", tag = "contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 200))
)]
pub(crate) async fn favorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory
        .update_item::<Contact>(&keeper(&target), id.0.get(), marking(true))
        .await?)
}

/// Take the mark off a contact
#[utoipa::path(
    post, path = "/user/contacts/{id}/unfavorite", tag = "contacts",
    params(("id" = String, Path, description = "The contact.")), responses((status = 200))
)]
pub(crate) async fn unfavorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory
        .update_item::<Contact>(&keeper(&target), id.0.get(), marking(false))
        .await?)
}

/// Begin to follow one's contacts
///
/// The token stands for this moment: list the contacts after it, and ask for what has changed since then.
#[utoipa::path(
    post, path = "/user/contacts/sync_tokens", tag = "contacts",
    responses((status = 201, body = SyncToken))
)]
pub(crate) async fn follow(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<(StatusCode, Json<SyncToken>)> {
    let token = directory.follow_items::<Contact>(&keeper(&target)).await?;
    Ok((StatusCode::CREATED, Json(SyncToken { token })))
}

/// Ask what has changed in one's contacts
///
/// A token that is unknown, of somebody else or too old gets 403; then begin anew.
#[utoipa::path(
    post, path = "/user/contacts/sync_tokens/{token}/diff", tag = "contacts",
    params(("token" = String, Path, description = "The token of the last answer.")),
    responses((status = 200, body = Changes<ContactChange>))
)]
pub(crate) async fn changes(
    target: Target,
    State(directory): State<Directory>,
    token: TokenPath,
) -> Reply<Json<Changes<ContactChange>>> {
    let difference = directory
        .changed_items::<Contact>(&keeper(&target), &token.0)
        .await?;
    let items = difference.changed.into_iter().map(|changed| {
        let now = changed.now.map(|item| (item.value.card, item.value.favorite));
        ContactChange::of(changed.id, changed.change, now)
    });
    Ok(Json(Changes {
        token: difference.token,
        items: items.collect(),
    }))
}
