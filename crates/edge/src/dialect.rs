//! What makes a dialect.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{header, request::Parts},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jackfield_directory::Directory;
use jackfield_domain::{self as domain, Caller};

use crate::Refusal;

/// One vendor's way of speaking HTTP. Implemented by a type without values in that vendor's crate.
pub trait Dialect: Send + Sync + Sized + 'static {
    /// Its name in logs and metrics, in lower case.
    const NAME: &'static str;

    /// The token that the request carries, wherever this vendor's clients put it.
    fn token(parts: &Parts) -> Option<Cow<'_, str>>;

    /// The caller behind such a token: that of a session, unless this vendor's clients come with something else.
    fn authenticate(
        directory: &Directory,
        token: &str,
    ) -> impl Future<Output = domain::Result<Arc<Caller>>> + Send {
        directory.authenticate(token)
    }

    /// Reads an id as this vendor writes it in paths. Nothing when it is none: the answer is then the one for an unknown id.
    fn id(text: &str) -> Option<i64>;

    /// Words an error of the directory. Written as one `match` without a catch-all arm, so that a new meaning does not
    /// compile until every dialect has an answer for it.
    fn error(error: &domain::Error) -> Response;

    /// Words a refusal: what was wrong with the request before the directory was asked.
    fn refusal(refusal: &Refusal) -> Response;
}

/// The token of an `Authorization: Bearer` header (RFC 6750 §2.1). The scheme is compared without regard to case.
pub fn bearer(parts: &Parts) -> Option<Cow<'_, str>> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(Cow::Borrowed(token))
}

/// The password of an `Authorization: Basic` header (RFC 7617), for programs that can send nothing else; whatever the user name.
pub fn basic_password(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (_, password) = decoded.split_once(':')?;
    (!password.is_empty()).then(|| password.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn bearer_tokens() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("abc", None),
        ] {
            let (parts, ()) = Request::builder()
                .header(header::AUTHORIZATION, header)
                .body(())
                .unwrap()
                .into_parts();
            assert_eq!(bearer(&parts).as_deref(), token, "{header:?}");
        }
    }

    #[test]
    fn passwords_of_the_basic_scheme() {
        for (header, password) in [
            // engine:jfk_A
            ("Basic ZW5naW5lOmpma19B", Some("jfk_A")),
            // :a:b
            ("basic  OmE6Yg==", Some("a:b")),
            // engine
            ("Basic ZW5naW5l", None),
            // engine:
            ("Basic ZW5naW5lOg==", None),
            ("Basic ???", None),
            // Not UTF-8.
            ("Basic /zr/", None),
            ("Bearer ZW5naW5lOmpma19B", None),
        ] {
            let (parts, ()) = Request::builder()
                .header(header::AUTHORIZATION, header)
                .body(())
                .unwrap()
                .into_parts();
            assert_eq!(basic_password(&parts).as_deref(), password, "{header:?}");
        }
    }
}
