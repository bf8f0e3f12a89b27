//! OAuth 2: how programs of others get their tokens (RFC 6749, 7636, 7009, 7662).
//!
//! `token.rs` gives tokens, `state.rs` ends and inspects them, `authorize.rs` asks a user in his browser, and `page.rs` has
//! the pages for that. Errors are those of the protocol and not the
//! vendor's, so this is a dialect of its own.

mod authorize;
mod client;
mod error;
mod page;
mod state;
mod token;

use std::borrow::Cow;

use axum::{
    Router,
    http::{HeaderValue, header, request::Parts},
    middleware,
    response::Response,
    routing::get,
};
use jackfield_domain as domain;
use jackfield_edge::{Dialect, Edge, Finish, Operation, Refusal};
use jackfield_edge::{Table, routes};
use utoipa::openapi::{
    OpenApi,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use error::OAuthError;

/// The protocol, as the parameter of what the edge provides.
pub(crate) struct OAuth;

impl Dialect for OAuth {
    const NAME: &'static str = "oauth";

    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        jackfield_edge::bearer(parts)
    }

    fn id(_: &str) -> Option<i64> {
        None
    }

    fn error(error: &domain::Error) -> Response {
        error::error(error)
    }

    fn refusal(refusal: &Refusal) -> Response {
        error::refusal(refusal)
    }
}

/// What a handler answers.
type Reply<T> = jackfield_edge::Reply<OAuth, T>;
/// A body as a form, as multipart or as JSON.
type Fields<T> = jackfield_edge::Fields<OAuth, T>;
/// Parameters of the query.
type QueryFields<T> = jackfield_edge::QueryFields<OAuth, T>;

fn table() -> Table {
    Table::new()
        .routes(routes!(token::token))
        .routes(routes!(state::revoke))
        .routes(routes!(state::introspect))
        .routes(routes!(authorize::ask, authorize::answer))
        .route(page::STYLE_PATH, get(page::style))
}

/// The router of the protocol, to be mounted under [`OAUTH_PREFIX`](crate::OAUTH_PREFIX).
pub fn router(edge: Edge) -> Router {
    jackfield_edge::serve::<OAuth>(table().router(), edge).layer(middleware::map_response(uncached))
}

/// Nothing that is answered here is for any cache: tokens least of all (RFC 6749 §5.1).
async fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The document of the protocol's operations, to be included in the dialect's.
pub(crate) fn document() -> OpenApi {
    let mut document = table().document();
    jackfield_edge::finish::<OAuthError>(
        &mut document,
        Finish {
            error_media: "application/json",
            error_description: "What is wrong, as RFC 6749 §5.2 has it.",
            scheme_name: "client",
            scheme: SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build()),
        },
    );
    document
}

/// Every operation of the protocol, for tests that want each of them covered.
pub fn operations() -> Vec<Operation> {
    jackfield_edge::operations(&document())
}
