//! The table of paths, and nothing else.

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRef as _,
    middleware,
    routing::{get, put},
};
use jackfield_directory::Directory;
use jackfield_edge::{Edge, Operation};
use jackfield_edge::{Table, routes};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;

use crate::{
    BARE_PREFIX, HourlyBudget, RingMe, budget, call_history, extensions, oauth, openapi, users, who_am_i,
};

/// The resources of clients. The vendor's reference ends the paths of collections in a slash and those of records not; its
/// clients do as they like, so both spellings serve.
fn clients() -> Table {
    Table::new()
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::show, users::update, users::destroy))
        .routes(routes!(extensions::list))
        .routes(routes!(extensions::show))
        .routes(routes!(call_history::list))
        .routes(routes!(call_history::show))
        .route(
            "/{client_id}/user/extension",
            get(users::list).post(users::create),
        )
        .route(
            "/{client_id}/user/extension/{user_id}/",
            get(users::show).merge(put(users::update).delete(users::destroy)),
        )
        .route("/{client_id}/extension", get(extensions::list))
        .route("/{client_id}/extension/{extension_id}/", get(extensions::show))
        .route("/{client_id}/call_history", get(call_history::list))
        .route("/{client_id}/call_history/{call_uuid}/", get(call_history::show))
}

fn table() -> Table {
    Table::within(openapi::frame)
        .nest(BARE_PREFIX, clients())
        .routes(routes!(who_am_i::show))
        .route("/user", get(who_am_i::show))
}

fn served(table: Table, edge: Edge, budget: Arc<HourlyBudget>) -> Router {
    let router = table.router();
    let state = (budget, Directory::from_ref(&edge));
    jackfield_edge::serve_within::<RingMe>(router, edge, |router| {
        router
            .layer(middleware::from_fn_with_state(state, budget::layer))
            .layer(CompressionLayer::new().gzip(true))
    })
}

/// The dialect's router, to be mounted under [`PREFIX`](crate::PREFIX).
pub fn router(edge: Edge, budget: Arc<HourlyBudget>) -> Router {
    served(table(), edge, budget)
}

/// The same handlers for the resources of clients alone, to be mounted under [`BARE_PREFIX`]; with the same budget.
pub fn clients_router(edge: Edge, budget: Arc<HourlyBudget>) -> Router {
    served(clients(), edge, budget)
}

/// The OpenAPI document, OAuth 2 included.
pub fn document() -> OpenApi {
    let mut document = own_document();
    openapi::include(&mut document, oauth::document());
    document
}

fn own_document() -> OpenApi {
    let mut document = table().document();
    openapi::finish(&mut document);
    document
}

/// Every operation under the prefix, for tests that want each of them covered.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&own_document())
}
