//! The table of paths, and nothing else.

use axum::Router;
use jackfield_edge::{Edge, Operation};
use jackfield_edge::{Table, routes};
use utoipa::openapi::OpenApi;

use crate::{Native, call_routes, calls, explain, feed, keys, openapi};

fn table() -> Table {
    Table::within(openapi::frame)
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(explain::explain))
        .routes(routes!(calls::list, calls::place))
        .routes(routes!(calls::hang_up))
        .routes(routes!(calls::legs))
        .routes(routes!(call_routes::inbound::list, call_routes::inbound::create))
        .routes(routes!(
            call_routes::inbound::read,
            call_routes::inbound::update,
            call_routes::inbound::remove
        ))
        .routes(routes!(
            call_routes::outbound::list,
            call_routes::outbound::create
        ))
        .routes(routes!(
            call_routes::outbound::read,
            call_routes::outbound::update,
            call_routes::outbound::remove
        ))
        .routes(routes!(feed::cdrs::report))
        .routes(routes!(feed::registrations::report))
        .routes(routes!(feed::messages::report))
        .routes(routes!(feed::chat_messages::report))
        .routes(routes!(feed::recordings::report))
        .routes(routes!(feed::recordings::put_file))
        .routes(routes!(feed::live_calls::report))
        .routes(routes!(feed::mailboxes::report))
        .routes(routes!(feed::participants::report))
        .routes(routes!(feed::freeswitch::report))
        .routes(routes!(feed::asterisk::report))
}

/// The dialect's router, to be mounted under [`PREFIX`](crate::PREFIX).
pub fn router(edge: Edge) -> Router {
    jackfield_edge::serve::<Native>(table().router(), edge)
}

/// The dialect's OpenAPI document.
pub fn document() -> OpenApi {
    let mut document = table().document();
    openapi::finish(&mut document);
    document
}

/// Every operation, for tests that want each of them covered.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&document())
}
