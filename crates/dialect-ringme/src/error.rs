//! How the vendor's clients are told what went wrong.
//!
//! The body is `{"message", "status"?}`. The message is for people; the status is one of the vendor's few words for programs,
//! and left out where the vendor has none.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_domain::{Denial, Error, Field, Thing, Violation};
use jackfield_edge::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What is wrong, and what to do about it.
    message: String,
    /// A word for programs, where one status code has several meanings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "access_denied")]
    status: Option<&'static str>,
}

const ACCESS_DENIED: &str = "access_denied";
const OVER_LIMIT: &str = "rate_limit_exceeded";

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    use StatusCode as S;
    let text = || error.to_string();
    match error {
        Error::Absent(Thing::Tenant) => answer(S::NOT_FOUND, Some("client_not_found"), text()),
        Error::Absent(_) => answer(S::NOT_FOUND, None, text()),
        Error::Taken(thing, field) => {
            let message = format!("{} is taken: another {thing} has it", wire(*field));
            answer(S::BAD_REQUEST, None, message)
        }
        Error::Invalid(violations) => {
            let sentences: Vec<_> = violations.iter().map(sentence).collect();
            answer(S::BAD_REQUEST, None, sentences.join("; "))
        }
        Error::Full(..)
        | Error::Spent(_)
        | Error::Stale(_)
        | Error::Conference(_)
        | Error::InUse(..)
        | Error::NotConfigured(_) => answer(S::BAD_REQUEST, None, text()),
        Error::TooLarge(_) => answer(S::PAYLOAD_TOO_LARGE, None, text()),
        Error::BadCredentials | Error::Unauthenticated => answer(
            S::UNAUTHORIZED,
            None,
            "get an access token at /oauth/token and send it as Authorization: Bearer".to_owned(),
        ),
        Error::Denied(denial) => answer(S::FORBIDDEN, Some(denied(*denial)), text()),
        Error::TooMany(wait) => later(answer(S::TOO_MANY_REQUESTS, Some(OVER_LIMIT), text()), *wait),
        Error::Unavailable(_) => later(answer(S::SERVICE_UNAVAILABLE, None, text()), SOON),
        Error::Internal(_) => answer(S::INTERNAL_SERVER_ERROR, None, text()),
    }
}

/// The answer when the client's budget of an hour is used up.
pub(crate) fn over_budget(limit: u32, wait: Duration) -> Response {
    let message = format!(
        "the {limit} requests an hour that all applications of this client share are used up; try again in {} s",
        wait.as_secs()
    );
    later(
        answer(StatusCode::TOO_MANY_REQUESTS, Some(OVER_LIMIT), message),
        wait,
    )
}

/// The vendor's word for why somebody is refused.
fn denied(denial: Denial) -> &'static str {
    match denial {
        Denial::ReadOnly => "user_access_type_deny",
        Denial::ApplicationAccess => "app_access_type_deny",
        Denial::UserDisabled | Denial::TenantDisabled => "user_blocked",
        _ => ACCESS_DENIED,
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    use StatusCode as S;
    let status = match refusal {
        Refusal::UnknownPath => S::NOT_FOUND,
        Refusal::WrongMethod => S::METHOD_NOT_ALLOWED,
        Refusal::MediaType(_) => S::UNSUPPORTED_MEDIA_TYPE,
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => S::PAYLOAD_TOO_LARGE,
        Refusal::Range(_) => S::RANGE_NOT_SATISFIABLE,
        Refusal::Json { .. }
        | Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => S::BAD_REQUEST,
        Refusal::Timeout(_) => S::SERVICE_UNAVAILABLE,
        Refusal::Panic => S::INTERNAL_SERVER_ERROR,
    };
    answer(status, None, refusal.to_string())
}

fn answer(code: StatusCode, status: Option<&'static str>, message: String) -> Response {
    (code, Json(Problem { message, status })).into_response()
}

pub(crate) fn later(mut response: Response, wait: Duration) -> Response {
    // Rounded up: who comes back a moment early is only told to wait again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

fn sentence(violation: &Violation) -> String {
    let name = wire(violation.field);
    let dot = if violation.at.is_empty() || violation.at.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("{name}{dot}{} {}", violation.at, violation.rule)
}

/// The vendor's name of a value.
fn wire(field: Field) -> &'static str {
    match field {
        Field::Name => "login",
        Field::DisplayName | Field::Number => "name",
        Field::Enabled => "status",
        Field::Extension => "extension_id",
        Field::CustomOptions => "extra_params",
        Field::Welcome => "email_notify",
        Field::WelcomeAddress => "email_for_notify",
        Field::Skip => "page",
        Field::Top => "per_page",
        Field::Mode => "type",
        Field::Groups => "extension_group_id",
        // Where the vendor has a value at all, it mostly calls it as we do.
        other => other.name(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
