//! The Omnidesk dialect, mounted at `/api/v2`: the user controller of that contact centre's interface, over our directory.
//!
//! [`routes`](self) is the table of paths. Each file beside it has the wire types and the handlers of one part of the
//! controller; `patterns.rs` has the vendor's patterns as its page writes them, `status.rs` the one table of status ids,
//! `who.rs` how a request names a user, `envelope.rs` what is around every answer, `error.rs` how the vendor's clients are
//! told what went wrong. What differs from the vendor, and why, stands in `docs/dialects/omnidesk.md`.

mod desk;
mod envelope;
mod error;
mod names;
mod openapi;
mod patterns;
mod permissions;
mod routes;
mod settings;
mod statistics;
mod status;
mod users;
mod who;

use std::borrow::Cow;

use axum::{http::request::Parts, response::Response};
use jackfield_domain as domain;
use jackfield_edge::{Dialect, Place, Refusal};

pub use permissions::{PERMISSIONS, permission, permission_word};
pub use routes::{PREFIX, document, operations, router};

/// The dialect, as the parameter of what the edge provides.
pub struct Omnidesk;

/// The name of the header, and of the parameter of the query, that carries the key.
const KEY: &str = "apiKey";

impl Dialect for Omnidesk {
    const NAME: &'static str = "omnidesk";

    /// The key in the header, else the one in the query.
    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        let header = parts.headers.get(KEY).and_then(|value| value.to_str().ok());
        let header = header.map(str::trim).filter(|key| !key.is_empty());
        header.map(Cow::Borrowed).or_else(|| {
            let query = parts.uri.query()?;
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let (_, key) = pairs.find(|(name, key)| name == KEY && !key.is_empty())?;
            Some(Cow::Owned(key.into_owned()))
        })
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
type Reply<T> = jackfield_edge::Reply<Omnidesk, T>;
/// A body, in whichever of the three encodings it comes.
type Fields<T> = jackfield_edge::Fields<Omnidesk, T>;
/// Parameters of the query.
type Asked<T> = jackfield_edge::QueryFields<Omnidesk, T>;
/// Parameters of the path.
type PathOf<T> = jackfield_edge::PathOf<Omnidesk, T>;
/// The owner of a key that has a permission.
type Keyed<P> = jackfield_edge::Keyed<Omnidesk, P>;

/// The place of a value that only this dialect has, by the vendor's name for it.
fn at(name: &'static str) -> Place {
    Place::from(domain::Field::Body).part(name)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn keys_wherever_clients_put_them() {
        for (header, uri, expected) in [
            (Some("abc"), "/user", Some("abc")),
            (Some(" abc "), "/user?apiKey=other", Some("abc")),
            (Some(""), "/user?apiKey=a%2Bb", Some("a+b")),
            (None, "/user?query=x&apiKey=abc", Some("abc")),
            (None, "/user?apiKey=&apikey=x", None),
            (None, "/user", None),
        ] {
            let mut request = Request::builder().uri(uri);
            if let Some(header) = header {
                request = request.header("apiKey", header);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(Omnidesk::token(&parts).as_deref(), expected, "{header:?} {uri}");
        }
    }
}
