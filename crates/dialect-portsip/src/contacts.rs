//! One's own contacts: seen by nobody else.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Changed, Difference, Directory, Keeper};
use jackfield_domain::{Contact, ContactPatch, Item, Result};

use crate::{
    Body, Params, PathOf, Reply, Target,
    contact_card::{ContactAnswer, ContactBody, ContactChange, marking},
    follow::{Followed, FromNow, follow},
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

/// One's own contacts, to be followed.
pub(crate) struct OwnContacts;

impl Followed for OwnContacts {
    type Who = Target;
    type From = FromNow;
    type Record = Item<Contact>;
    type Change = ContactChange;

    async fn begin(directory: &Directory, who: &Target, _: &FromNow) -> Result<String> {
        directory.follow_items::<Contact>(&keeper(who)).await
    }

    async fn changes(directory: &Directory, who: &Target, token: &str) -> Result<Difference<Self::Record>> {
        directory.changed_items::<Contact>(&keeper(who), token).await
    }

    fn change(changed: Changed<Self::Record>) -> ContactChange {
        let now = changed.now.map(|item| (item.value.card, item.value.favorite));
        ContactChange::of(changed.id, changed.change, now)
    }
}

follow! {
    OwnContacts, tag "contacts", change ContactChange,
    /// Begin to follow one's contacts
    ///
    /// The token stands for this moment: list the contacts after it, and ask for what has changed since then.
    begin "/user/contacts/sync_tokens",
    /// Ask what has changed in one's contacts
    ///
    /// A token that is unknown, of somebody else or too old gets 403; then begin anew.
    diff "/user/contacts/sync_tokens/{token}/diff"
}
