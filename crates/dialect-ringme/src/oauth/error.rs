//! What went wrong, in the words of the protocol (RFC 6749 §5.2).
//!
//! `invalid_grant` answers 401 and not 400: the vendor's servers do, and its clients look for that.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_domain::{Denial, Error, Field, Rule, Violation};
use jackfield_edge::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::later;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OAuthError {
    /// A word for programs.
    #[schema(example = "invalid_grant")]
    error: &'static str,
    /// What is wrong, and what to do about it.
    error_description: String,
}

const INVALID_REQUEST: &str = "invalid_request";
const LATER: &str = "temporarily_unavailable";
const DEFECT: &str = "server_error";

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    use StatusCode as S;
    let text = || error.to_string();
    match error {
        Error::Invalid(violations) => answer(S::BAD_REQUEST, word(violations), &text()),
        Error::BadCredentials => answer(
            S::UNAUTHORIZED,
            "invalid_grant",
            "the user name or the password is not right",
        ),
        Error::Spent(_)
        | Error::Denied(Denial::UserDisabled | Denial::TenantDisabled | Denial::CodeNeeded) => {
            answer(S::UNAUTHORIZED, "invalid_grant", &text())
        }
        Error::Unauthenticated => {
            let words = "the client_id or the client_secret is not right";
            let mut response = answer(S::UNAUTHORIZED, "invalid_client", words);
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"oauth\""),
            );
            response
        }
        Error::Denied(Denial::GrantType) => answer(S::BAD_REQUEST, "unauthorized_client", &text()),
        Error::Denied(_) => answer(S::FORBIDDEN, "access_denied", &text()),
        Error::Absent(_)
        | Error::Taken(..)
        | Error::Stale(_)
        | Error::Conference(_)
        | Error::InUse(..)
        | Error::Full(..)
        | Error::NotConfigured(_) => answer(S::BAD_REQUEST, INVALID_REQUEST, &text()),
        Error::TooLarge(_) => answer(S::PAYLOAD_TOO_LARGE, INVALID_REQUEST, &text()),
        Error::TooMany(wait) => later(answer(S::TOO_MANY_REQUESTS, LATER, &text()), *wait),
        Error::Unavailable(_) => later(answer(S::SERVICE_UNAVAILABLE, LATER, &text()), SOON),
        Error::Internal(_) => answer(S::INTERNAL_SERVER_ERROR, DEFECT, &text()),
    }
}

/// The protocol's word for a request that breaks rules.
pub(crate) fn word(violations: &[Violation]) -> &'static str {
    let unknown = |field| {
        violations
            .iter()
            .any(|one| one.field == field && matches!(one.rule, Rule::NotOneOf(_)))
    };
    if unknown(Field::GrantType) {
        "unsupported_grant_type"
    } else if unknown(Field::ResponseType) {
        "unsupported_response_type"
    } else if unknown(Field::Scope) {
        "invalid_scope"
    } else {
        INVALID_REQUEST
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    use StatusCode as S;
    let (status, word) = match refusal {
        Refusal::UnknownPath => (S::NOT_FOUND, INVALID_REQUEST),
        Refusal::WrongMethod => (S::METHOD_NOT_ALLOWED, INVALID_REQUEST),
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => (S::PAYLOAD_TOO_LARGE, INVALID_REQUEST),
        Refusal::Range(_) => (S::RANGE_NOT_SATISFIABLE, INVALID_REQUEST),
        Refusal::MediaType(_)
        | Refusal::Json { .. }
        | Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => (S::BAD_REQUEST, INVALID_REQUEST),
        Refusal::Timeout(_) => (S::SERVICE_UNAVAILABLE, LATER),
        Refusal::Panic => (S::INTERNAL_SERVER_ERROR, DEFECT),
    };
    answer(status, word, &refusal.to_string())
}

fn answer(status: StatusCode, error: &'static str, description: &str) -> Response {
    let error_description = describe(description);
    (
        status,
        Json(OAuthError {
            error,
            error_description,
        }),
    )
        .into_response()
}

/// A description with the characters that the protocol lets it have.
pub(crate) fn describe(text: &str) -> String {
    let allowed = |c| match c {
        '"' | '`' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(allowed).collect()
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
