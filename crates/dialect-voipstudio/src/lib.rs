//! The VoIPstudio dialect, mounted at `/v1.1/voipstudio`, `/v1.2/voipstudio` and `/v1/voipstudio`: the customer module of that
//! product's REST interface, over our directory.
//!
//! All versions are the same handlers; only `/me` differs. [`routes`](self) is the table of paths. Each resource has one
//! file with its wire types, their conversions and its handlers; `listing.rs` reads what lists are asked for, `envelope.rs`
//! has what is around every answer, `error.rs` says how the vendor's clients are told what went wrong. What differs from the
//! vendor, and why, stands in `docs/dialects/voipstudio.md`.

mod api_tokens;
mod audio;
mod calls;
mod cdrs;
mod chat_messages;
mod contacts;
mod cors;
mod customers;
mod envelope;
mod error;
mod listing;
mod me;
mod openapi;
mod queue_groups;
mod routes;
mod sessions;
mod sms_threads;
mod user_group_policies;
mod user_groups;
mod user_view;
mod users;

use std::borrow::Cow;

use axum::{
    http::{header, request::Parts},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jackfield_domain as domain;
use jackfield_edge::{Dialect, Refusal};

pub use routes::{Version, document, operations, router};

/// The dialect, as the parameter of what the edge provides.
pub struct VoipStudio;

/// The header that current clients put their token into.
const TOKEN_HEADER: &str = "x-auth-token";

impl Dialect for VoipStudio {
    const NAME: &'static str = "voipstudio";

    /// The token of `X-Auth-Token`, the password of HTTP Basic, or a bearer token, in this order. The user id that stands
    /// before the password in Basic is not looked at: a token says by itself whose it is.
    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        let own = parts
            .headers
            .get(TOKEN_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
            .filter(|token| !token.is_empty());
        own.map(Cow::Borrowed)
            .or_else(|| basic(parts).map(Cow::Owned))
            .or_else(|| jackfield_edge::bearer(parts))
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

/// The password of an `Authorization: Basic` header (RFC 7617).
fn basic(parts: &Parts) -> Option<String> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (_, token) = decoded.split_once(':')?;
    (!token.is_empty()).then(|| token.to_owned())
}

/// What a handler answers.
type Reply<T> = jackfield_edge::Reply<VoipStudio, T>;
/// A body of JSON.
type Body<T> = jackfield_edge::Body<VoipStudio, T>;
/// A body of a JSON array.
type ListBody<T> = jackfield_edge::ListBody<VoipStudio, T>;
/// Parameters of the query.
type Params<T> = jackfield_edge::Params<VoipStudio, T>;
/// Parameters of the path.
type PathOf<T> = jackfield_edge::PathOf<VoipStudio, T>;
/// The caller.
type Session = jackfield_edge::Session<VoipStudio>;
/// The caller's right to something.
type Granted<C> = jackfield_edge::Granted<VoipStudio, C>;
/// The user that the path names, or the caller.
type Target = jackfield_edge::Target<VoipStudio>;

/// The id in a path, whatever stands there: what is no id names no record, since no record has the id that it is read as.
#[derive(serde::Deserialize)]
#[serde(from = "String")]
struct PathId(i64);

impl From<String> for PathId {
    fn from(text: String) -> Self {
        Self(id(&text).unwrap_or(-1))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn token(headers: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        VoipStudio::token(&parts).map(Cow::into_owned)
    }

    #[test]
    fn tokens_wherever_clients_put_them() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (headers, expected) in [
            (vec![("X-Auth-Token", "abc")], Some("abc")),
            (vec![("x-auth-token", " abc ")], Some("abc")),
            (vec![("X-Auth-Token", "")], None),
            (vec![("Authorization", basic("100001:abc").as_str())], Some("abc")),
            (vec![("Authorization", basic(":abc").as_str())], Some("abc")),
            (vec![("Authorization", basic("100001:a:b").as_str())], Some("a:b")),
            (vec![("Authorization", basic("100001:").as_str())], None),
            (vec![("Authorization", basic("abc").as_str())], None),
            (vec![("Authorization", "Basic !")], None),
            (vec![("Authorization", "Bearer abc")], Some("abc")),
            (
                vec![("Authorization", basic("1:x").as_str()), ("X-Auth-Token", "abc")],
                Some("abc"),
            ),
            (vec![], None),
        ] {
            assert_eq!(token(&headers).as_deref(), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_record_has_one_path() {
        for (text, expected) in [
            ("100001", Some(100_001)),
            ("0", Some(0)),
            ("007", None),
            ("+7", None),
            ("-7", None),
            ("7.0", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(id(text), expected, "{text}");
        }
    }
}
