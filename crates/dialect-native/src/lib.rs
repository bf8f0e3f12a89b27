//! Our own API, mounted at `/jackfield/v1`: the feed, where telephone systems report what happened, and what no vendor's
//! dialect has.
//!
//! [`routes`](self) is the table of paths. `error.rs` words failures as RFC 9457 problems. `batch.rs` reads what the feed is
//! sent, one item, a list or a stream of lines, and says what became of each; a file under `feed/` for each kind of item has
//! its wire type and how it becomes the directory's. `feed/freeswitch.rs` and `feed/asterisk.rs` read what those engines send by
//! themselves. `docs/dialects/native.md` has it all for the person who calls it.

mod batch;
mod call_routes;
mod calls;
mod error;
mod explain;
mod feed;
mod keys;
mod openapi;
mod routes;
mod wire;

use std::borrow::Cow;

use axum::{http::request::Parts, response::Response};
use jackfield_domain as domain;
use jackfield_edge::{Dialect, Refusal};

pub use routes::{document, operations, router};

/// The path under which the dialect is mounted.
pub const PREFIX: &str = "/jackfield/v1";

/// The dialect, as the parameter of what the edge provides.
pub struct Native;

impl Dialect for Native {
    const NAME: &'static str = "native";

    /// A bearer token, or the password of the basic scheme: the module of one engine can send nothing else.
    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        jackfield_edge::bearer(parts).or_else(|| jackfield_edge::basic_password(parts).map(Cow::Owned))
    }

    fn id(text: &str) -> Option<i64> {
        text.parse().ok()
    }

    fn error(error: &domain::Error) -> Response {
        error::error(error)
    }

    fn refusal(refusal: &Refusal) -> Response {
        error::refusal(refusal)
    }
}

/// What a handler answers.
type Reply<T> = jackfield_edge::Reply<Native, T>;
/// A body of JSON.
type Body<T> = jackfield_edge::Body<Native, T>;
/// Parameters of the query.
type Params<T> = jackfield_edge::Params<Native, T>;
/// Parameters of the path.
type PathOf<T> = jackfield_edge::PathOf<Native, T>;
/// The caller's right to something.
type Granted<C> = jackfield_edge::Granted<Native, C>;
/// The caller.
type Session = jackfield_edge::Session<Native>;
/// The right to report.
type Reporting = jackfield_edge::Reporting<Native>;
