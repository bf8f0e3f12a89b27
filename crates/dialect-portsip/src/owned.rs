//! Collections of a user, which the vendor serves twice: under `/user/…` for oneself and under `/users/{user_id}/…` for an
//! administrator. What is done is written once here; [`Shape`] says how a record looks; [`mount`] names the paths.

use axum::{Json, http::StatusCode};
use jackfield_directory::{Directory, Keeper, Stored};
use jackfield_domain::{Item, Page, Result};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Reply, Target, id::Created};

/// How the records of a collection look to the vendor's clients.
pub(crate) trait Shape: Stored {
    /// The body that makes one.
    type Create: DeserializeOwned + Send;
    /// The body that changes one.
    type Update: DeserializeOwned + Send;
    /// The answer about one.
    type Detail: Serialize;

    /// Whether the list says how many there are: the vendor's lists of some collections do.
    const COUNTED: bool = false;

    /// What is to be made.
    fn create(body: Self::Create) -> Result<Self::New>;
    /// What is to be changed.
    fn update(body: Self::Update) -> Result<Self::Patch>;
    /// The record as an answer; in a list too.
    fn detail(item: Item<Self>) -> Self::Detail;
}

/// A whole collection.
#[derive(Serialize)]
pub(crate) struct Items<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<i64>,
    pub(crate) items: Vec<T>,
}

/// All records: collections are bounded, and the vendor's lists of them have no pages.
pub(crate) async fn list<S: Shape>(directory: &Directory, target: &Target) -> Reply<Json<Items<S::Detail>>> {
    let page = Page {
        skip: 0,
        take: S::MOST,
    };
    let listing = directory.list_items::<S>(&Keeper::from(&**target), page).await?;
    Ok(Json(Items {
        count: S::COUNTED.then_some(listing.total),
        items: listing.items.into_iter().map(S::detail).collect(),
    }))
}

pub(crate) async fn create<S: Shape>(
    directory: &Directory,
    target: &Target,
    body: S::Create,
) -> Reply<(StatusCode, Json<Created>)> {
    let new = S::create(body)?;
    Ok(Created::answer(
        directory.create_item::<S>(&Keeper::from(&**target), new).await?,
    ))
}

pub(crate) async fn read<S: Shape>(
    directory: &Directory,
    target: &Target,
    id: i64,
) -> Reply<Json<S::Detail>> {
    Ok(Json(S::detail(
        directory.item::<S>(&Keeper::from(&**target), id).await?,
    )))
}

pub(crate) async fn update<S: Shape>(
    directory: &Directory,
    target: &Target,
    id: i64,
    body: S::Update,
) -> Reply<()> {
    Ok(directory
        .update_item::<S>(&Keeper::from(&**target), id, S::update(body)?)
        .await?)
}

pub(crate) async fn remove<S: Shape>(directory: &Directory, target: &Target, id: i64) -> Reply<StatusCode> {
    directory.remove_item::<S>(&Keeper::from(&**target), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The five operations of a collection at one of its two places, each with its entry in the OpenAPI document.
macro_rules! mount {
    (
        $(#[doc = $what:literal])*
        $module:ident: $shape:ty, tag $tag:literal,
        list $list:literal, item $item:literal, destroy $destroy:literal,
        $(user $user:literal,)?
        id $id:literal,
        create $create:ident, update $update:ident, detail $detail:ident, items $items:ident
    ) => {
        $(#[doc = $what])*
        pub(crate) mod $module {
            use axum::{Json, extract::State, http::StatusCode};
            use jackfield_directory::Directory;

            use jackfield_edge::{Table, routes};

            use super::{$create, $detail, $items, $update};
            use crate::{Body, Reply, Target, id::Created, owned::{self, ItemId, Items}};

            /// Lists them all.
            #[utoipa::path(
                get, path = $list, tag = $tag,
                params($(($user = String, Path, description = "The user's id."))?),
                responses((status = 200, body = $items))
            )]
            async fn list(target: Target, State(directory): State<Directory>) -> Reply<Json<Items<$detail>>> {
                owned::list::<$shape>(&directory, &target).await
            }

            /// Adds one.
            #[utoipa::path(
                post, path = $list, tag = $tag,
                params($(($user = String, Path, description = "The user's id."))?),
                request_body = $create, responses((status = 201, body = Created))
            )]
            async fn create(
                target: Target,
                State(directory): State<Directory>,
                body: Body<$create>,
            ) -> Reply<(StatusCode, Json<Created>)> {
                owned::create::<$shape>(&directory, &target, body.0).await
            }

            /// Reads one.
            #[utoipa::path(
                get, path = $item, tag = $tag,
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                responses((status = 200, body = $detail))
            )]
            async fn read(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<Json<$detail>> {
                owned::read::<$shape>(&directory, &target, id.0).await
            }

            /// Changes one. Fields that are left out stay as they are.
            #[utoipa::path(
                post, path = $item, tag = $tag,
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                request_body = $update, responses((status = 200))
            )]
            async fn update(
                target: Target,
                State(directory): State<Directory>,
                id: ItemId,
                body: Body<$update>,
            ) -> Reply<()> {
                owned::update::<$shape>(&directory, &target, id.0, body.0).await
            }

            /// Removes one.
            #[utoipa::path(
                post, path = $destroy, tag = $tag,
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                responses((status = 204))
            )]
            async fn destroy(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<StatusCode> {
                owned::remove::<$shape>(&directory, &target, id.0).await
            }

            /// The routes of the five.
            pub(crate) fn routes() -> Table {
                Table::new()
                    .routes(routes!(list, create))
                    .routes(routes!(read, update))
                    .routes(routes!(destroy))
            }
        }
    };
}
pub(crate) use mount;

/// The id of a record in a path: the last parameter, whatever the vendor calls it at either place.
pub(crate) struct ItemId(pub(crate) i64);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for ItemId {
    type Rejection = crate::Failure;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> std::result::Result<Self, Self::Rejection> {
        let parameters = axum::extract::RawPathParams::from_request_parts(parts, state).await;
        let last = parameters.ok().and_then(|parameters| {
            parameters
                .iter()
                .last()
                .and_then(|(_, text)| crate::id::read(text))
        });
        // No sequence gives out -1: what is no id names no record.
        Ok(Self(last.unwrap_or(-1)))
    }
}
