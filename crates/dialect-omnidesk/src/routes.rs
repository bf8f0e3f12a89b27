//! The table of paths, and nothing else.

use axum::Router;
use jackfield_edge::{Edge, Operation};
use jackfield_edge::{Table, routes};
use utoipa::openapi::OpenApi;

use crate::{Omnidesk, desk, names, openapi, settings, statistics, status, users};

/// The path under which the dialect is mounted.
pub const PREFIX: &str = "/api/v2";

fn table() -> Table {
    Table::within(openapi::frame)
        .routes(routes!(users::index, users::create))
        .routes(routes!(users::update))
        .routes(routes!(settings::show))
        .routes(routes!(desk::views))
        .routes(routes!(desk::select_view))
        .routes(routes!(desk::max_chats))
        .routes(routes!(desk::chat_sound))
        .routes(routes!(desk::ticket_notice))
        .routes(routes!(desk::incognito))
        .routes(routes!(desk::auto_answer))
        .routes(routes!(desk::campaign_state))
        .routes(routes!(desk::refresh_tab))
        .routes(routes!(statistics::add, statistics::remove))
        .routes(routes!(statistics::watch))
        .routes(routes!(status::update))
        .routes(routes!(status::lock))
        .routes(routes!(status::unlock))
        .routes(routes!(status::reserve))
        .routes(routes!(names::user_name))
        .routes(routes!(names::first_name))
        .routes(routes!(names::last_name))
}

/// The router, to be mounted under [`PREFIX`].
pub fn router(edge: Edge) -> Router {
    jackfield_edge::serve::<Omnidesk>(table().router(), edge)
}

/// The OpenAPI document.
pub fn document() -> OpenApi {
    let mut document = table().document();
    openapi::finish(&mut document);
    document
}

/// Every operation, for tests that want each of them covered.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&document())
}
