//! Contacts of the tenant: read by all of its users, kept by who manages the company. Each user marks them for himself.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Changed, Difference, Directory, Marked};
use jackfield_domain::{BusinessContact, Item, Result, capability::ManageCompany};

use crate::{
    Body, Granted, Params, PathOf, Reply, Session, Target,
    contact_card::{BusinessContactAnswer, ContactBody, ContactChange},
    follow::{Followed, FromNow, follow},
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

/// The tenant's contacts, to be followed.
pub(crate) struct BusinessContacts;

impl Followed for BusinessContacts {
    type Who = Target;
    type From = FromNow;
    type Record = Marked<Item<BusinessContact>>;
    type Change = ContactChange;

    async fn begin(directory: &Directory, who: &Target, _: &FromNow) -> Result<String> {
        directory.follow_business_contacts(who).await
    }

    async fn changes(directory: &Directory, who: &Target, token: &str) -> Result<Difference<Self::Record>> {
        directory.changed_business_contacts(who, token).await
    }

    fn change(changed: Changed<Self::Record>) -> ContactChange {
        let now = changed.now.map(|now| (now.value.value.card, now.favorite));
        ContactChange::of(changed.id, changed.change, now)
    }
}

follow! {
    BusinessContacts, tag "business contacts", change ContactChange,
    /// Begin to follow the tenant's contacts
    ///
    /// The token stands for this moment: list the contacts after it, and ask for what has changed since then. The first answer
    /// also names the contacts that one has marked, because the list does not tell.
    begin "/user/business_contacts/sync_tokens",
    /// Ask what has changed in the tenant's contacts
    ///
    /// One's own marks count, those of others do not. A token that is unknown, of somebody else or too old gets 403; then begin
    /// anew.
    diff "/user/business_contacts/sync_tokens/{token}/diff"
}
