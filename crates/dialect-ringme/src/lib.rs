//! The RingMe dialect, which Telphin and others sell under their names: the users of extensions, and the extensions, of the
//! platform's REST interface, mounted at `/api/ver1.0`, and OAuth 2 at `/oauth`.
//!
//! [`routes`](self) is the table of paths. Each resource has one file with its wire types, their conversions and its handlers;
//! `visitor.rs` says who may come in, `listing.rs` reads filters, `budget.rs` counts the requests of an hour, `error.rs` says
//! how the vendor's clients are told what went wrong. `oauth` has the protocol by which programs get their tokens, a dialect
//! of its own. What differs from the vendor, and why, stands in `docs/dialects/ringme.md`.

mod budget;
mod call_history;
mod error;
mod extensions;
mod listing;
mod oauth;
mod openapi;
mod routes;
mod user_view;
mod users;
mod visitor;
mod who_am_i;

use std::{borrow::Cow, sync::Arc};

use axum::{http::request::Parts, response::Response};
use jackfield_directory::Directory;
use jackfield_domain::{self as domain, Caller};
use jackfield_edge::{Dialect, Refusal};

pub use budget::HourlyBudget;
pub use oauth::{operations as oauth_operations, router as oauth_router};
pub use routes::{clients_router, document, operations, router};

/// The path under which the dialect is mounted.
pub const PREFIX: &str = "/api/ver1.0";
/// The path under which the clients' resources answer too, as the vendor's reference prints them.
pub const BARE_PREFIX: &str = "/client";
/// The path under which programs get their tokens.
pub const OAUTH_PREFIX: &str = "/oauth";

/// The dialect, as the parameter of what the edge provides.
pub struct RingMe;

impl Dialect for RingMe {
    const NAME: &'static str = "ringme";

    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        jackfield_edge::bearer(parts)
    }

    /// The token of a program; or that of a session, so that whoever is signed in at another door may come in here.
    async fn authenticate(directory: &Directory, token: &str) -> domain::Result<Arc<Caller>> {
        if Directory::is_program_token(token) {
            directory.authenticate_program(token).await
        } else {
            directory.authenticate(token).await
        }
    }

    fn id(text: &str) -> Option<i64> {
        id(text)
    }

    fn error(error: &domain::Error) -> Response {
        error::error(error)
    }

    fn refusal(refusal: &Refusal) -> Response {
        error::refusal(refusal)
    }
}

/// A decimal id. Other spellings of a number (`+7`, `007`) are no ids, so that a record has one path.
fn id(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number >= 0 && number.to_string() == text).then_some(number)
}

/// What a handler answers.
type Reply<T> = jackfield_edge::Reply<RingMe, T>;
/// A body of JSON.
type Body<T> = jackfield_edge::Body<RingMe, T>;
/// Parameters of the query, lists among them.
type QueryFields<T> = jackfield_edge::QueryFields<RingMe, T>;
/// Parameters of the path.
type PathOf<T> = jackfield_edge::PathOf<RingMe, T>;
/// The caller.
type Session = jackfield_edge::Session<RingMe>;
/// The user that the path names, or the caller.
type Target = jackfield_edge::Target<RingMe>;

/// The id in a path, whatever stands there: what is no id names no record, since no record has the id that it is read as.
#[derive(serde::Deserialize)]
#[serde(from = "String")]
struct PathId(i64);

impl From<String> for PathId {
    fn from(text: String) -> Self {
        Self(id(&text).unwrap_or(-1))
    }
}

/// A text, or nothing where there is none: the vendor prints `null` for it.
fn or_null(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
