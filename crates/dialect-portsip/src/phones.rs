//! The phones of a user, for himself and for who manages users.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Directory, Keeper};
use jackfield_domain::Phone;
use jackfield_edge::{Table, routes};

use crate::{
    Body, Reply, Target,
    id::Created,
    owned::ItemId,
    page::Items,
    phone_wire::{CreatePhone, OwnPhone, PhoneAnswer, UpdatePhone},
};

async fn make(
    directory: &Directory,
    target: &Target,
    body: CreatePhone,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory.create_phone(target, body.read()?).await?;
    Ok(Created::answer(id))
}

async fn show(directory: &Directory, target: &Target, id: i64) -> Reply<Json<PhoneAnswer>> {
    Ok(Json(directory.phone(target, id).await?.into()))
}

async fn change(directory: &Directory, target: &Target, id: i64, body: UpdatePhone) -> Reply<()> {
    Ok(directory.update_phone(target, id, body.read()?).await?)
}

async fn remove(directory: &Directory, target: &Target, id: i64) -> Reply<StatusCode> {
    directory
        .remove_item::<Phone>(&Keeper::from(&**target), id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List your phones
#[utoipa::path(
    get, path = "/user/phones", tag = "phones",
    responses((status = 200, body = Items<OwnPhone>))
)]
async fn list_own(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<OwnPhone>>> {
    let phones = directory.phones(&target).await?;
    Ok(Json(Items {
        items: phones.into_iter().map(Into::into).collect(),
    }))
}

/// Add a phone
#[utoipa::path(
    post, path = "/user/phones", tag = "phones",
    request_body = CreatePhone, responses((status = 201, body = Created))
)]
async fn create_own(
    target: Target,
    State(directory): State<Directory>,
    body: Body<CreatePhone>,
) -> Reply<(StatusCode, Json<Created>)> {
    make(&directory, &target, body.0).await
}

/// Read a phone
#[utoipa::path(
    get, path = "/user/phones/{item_id}", tag = "phones",
    params(("item_id" = String, Path, description = "Its id.")),
    responses((status = 200, body = PhoneAnswer))
)]
async fn read_own(
    target: Target,
    State(directory): State<Directory>,
    id: ItemId,
) -> Reply<Json<PhoneAnswer>> {
    show(&directory, &target, id.0).await
}

/// Change a phone
///
/// Fields that are left out stay as they are.
#[utoipa::path(
    post, path = "/user/phones/{item_id}", tag = "phones",
    params(("item_id" = String, Path, description = "Its id.")),
    request_body = UpdatePhone, responses((status = 200))
)]
async fn update_own(
    target: Target,
    State(directory): State<Directory>,
    id: ItemId,
    body: Body<UpdatePhone>,
) -> Reply<()> {
    change(&directory, &target, id.0, body.0).await
}

/// Remove a phone
#[utoipa::path(
    post, path = "/user/phones/{item_id}/destroy", tag = "phones",
    params(("item_id" = String, Path, description = "Its id.")),
    responses((status = 204))
)]
async fn destroy_own(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<StatusCode> {
    remove(&directory, &target, id.0).await
}

/// List a user's phones
#[utoipa::path(
    get, path = "/users/{user_id}/phones", tag = "phones",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = Items<PhoneAnswer>))
)]
async fn list_of(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<PhoneAnswer>>> {
    let phones = directory.phones(&target).await?;
    Ok(Json(Items {
        items: phones.into_iter().map(Into::into).collect(),
    }))
}

/// Give a user a phone
///
/// It registers as the user, so only who may take control of him can do this.
#[utoipa::path(
    post, path = "/users/{user_id}/phones", tag = "phones",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = CreatePhone, responses((status = 201, body = Created))
)]
async fn create_of(
    target: Target,
    State(directory): State<Directory>,
    body: Body<CreatePhone>,
) -> Reply<(StatusCode, Json<Created>)> {
    make(&directory, &target, body.0).await
}

/// Read a user's phone
///
/// Its passwords are told only to who may take control of the user.
#[utoipa::path(
    get, path = "/users/{user_id}/phones/{item_id}", tag = "phones",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("item_id" = String, Path, description = "Its id."),
    ),
    responses((status = 200, body = PhoneAnswer))
)]
async fn read_of(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<Json<PhoneAnswer>> {
    show(&directory, &target, id.0).await
}

/// Change a user's phone
///
/// Fields that are left out stay as they are.
#[utoipa::path(
    post, path = "/users/{user_id}/phones/{item_id}", tag = "phones",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("item_id" = String, Path, description = "Its id."),
    ),
    request_body = UpdatePhone, responses((status = 200))
)]
async fn update_of(
    target: Target,
    State(directory): State<Directory>,
    id: ItemId,
    body: Body<UpdatePhone>,
) -> Reply<()> {
    change(&directory, &target, id.0, body.0).await
}

/// Remove a user's phone
#[utoipa::path(
    post, path = "/users/{user_id}/phones/{item_id}/destroy", tag = "phones",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("item_id" = String, Path, description = "Its id."),
    ),
    responses((status = 204))
)]
async fn destroy_of(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<StatusCode> {
    remove(&directory, &target, id.0).await
}

/// The routes of both places.
pub(crate) fn routes() -> Table {
    Table::new()
        .routes(routes!(list_own, create_own))
        .routes(routes!(read_own, update_own))
        .routes(routes!(destroy_own))
        .routes(routes!(list_of, create_of))
        .routes(routes!(read_of, update_of))
        .routes(routes!(destroy_of))
}
