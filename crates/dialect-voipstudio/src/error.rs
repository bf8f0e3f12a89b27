//! How the vendor's clients are told what went wrong.
//!
//! The body is `{"message", "errors": [{"field"?, "code", "message"}]}`. Clients show `errors[0].message`, or all of them as
//! `field: message`, and else the `message` above them; so there is always at least one entry, and an entry has a field
//! only when it concerns one. The codes are ours: the vendor's are numbers that nobody documents.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_domain::{Error, Field, Rule, Thing, Violation};
use jackfield_edge::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Errors {
    /// A sentence for people.
    message: String,
    /// At least one; for a body that breaks rules, one for each.
    #[schema(min_items = 1)]
    errors: Vec<Entry>,
}

/// One thing that went wrong.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    /// The field of the body or the parameter that it concerns, if it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    field: Option<String>,
    /// A word for programs.
    #[schema(example = "VALIDATION_FAILED", pattern = "^[A-Z][A-Z_]*$")]
    code: &'static str,
    /// What is wrong, and what to do about it.
    message: String,
}

const VALIDATION: &str = "Validation error";
const INVALID: &str = "VALIDATION_FAILED";

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    use StatusCode as S;
    match error {
        Error::Absent(_) => one(S::NOT_FOUND, "NOT_FOUND", error),
        // The vendor documents no other status for a body that cannot be stored.
        Error::Taken(thing, field) => answer(S::BAD_REQUEST, VALIDATION, vec![taken(*thing, *field)]),
        Error::Invalid(violations) => {
            answer(S::BAD_REQUEST, VALIDATION, violations.iter().map(entry).collect())
        }
        Error::Full(..) => one(S::BAD_REQUEST, "LIMIT_REACHED", error),
        Error::TooLarge(_) => one(S::PAYLOAD_TOO_LARGE, "TOO_LARGE", error),
        Error::BadCredentials => one(S::UNAUTHORIZED, "INVALID_CREDENTIALS", error),
        Error::Unauthenticated => one(S::UNAUTHORIZED, "UNAUTHORIZED", error),
        // A code that does not serve leaves its sender without a session, as a wrong password does.
        Error::Spent(Thing::OneTimeCode) => one(S::UNAUTHORIZED, "INVALID_CODE", error),
        Error::Spent(_) => one(S::BAD_REQUEST, "SPENT", error),
        Error::Denied(_) => one(S::FORBIDDEN, "ACCESS_DENIED", error),
        Error::Stale(_) | Error::Conference(_) | Error::InUse(..) | Error::NotConfigured(_) => {
            one(S::PRECONDITION_FAILED, "PRECONDITION_FAILED", error)
        }
        Error::TooMany(wait) => later(one(S::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", error), *wait),
        Error::Unavailable(_) => later(one(S::SERVICE_UNAVAILABLE, "UNAVAILABLE", error), SOON),
        Error::Internal(_) => one(S::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", error),
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    use StatusCode as S;
    let (status, code) = match refusal {
        Refusal::UnknownPath => (S::NOT_FOUND, "NOT_FOUND"),
        Refusal::WrongMethod => (S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
        Refusal::MediaType(_) => (S::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => (S::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        Refusal::Range(_) => (S::RANGE_NOT_SATISFIABLE, INVALID),
        Refusal::Json { .. }
        | Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => (S::BAD_REQUEST, INVALID),
        Refusal::Timeout(_) => (S::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        Refusal::Panic => (S::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
    };
    one(status, code, refusal)
}

fn one(status: StatusCode, code: &'static str, what: &impl std::fmt::Display) -> Response {
    let message = what.to_string();
    let entry = Entry {
        field: None,
        code,
        message: message.clone(),
    };
    answer(status, &message, vec![entry])
}

fn answer(status: StatusCode, message: &str, errors: Vec<Entry>) -> Response {
    let message = message.to_owned();
    (status, Json(Errors { message, errors })).into_response()
}

fn later(mut response: Response, wait: Duration) -> Response {
    // Rounded up: who comes back a moment early is only told to wait again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

fn taken(thing: Thing, field: Field) -> Entry {
    Entry {
        field: Some(wire(field).to_owned()),
        code: "ALREADY_EXISTS",
        message: format!("another {thing} already has it"),
    }
}

fn entry(violation: &Violation) -> Entry {
    let name = wire(violation.field);
    let at = &violation.at;
    // An entry of the array that a bulk change sends stands before its field: `[0].groups[2]`.
    let bulk = matches!(violation.field, Field::Id | Field::Location | Field::Groups);
    let field = match at.split_once(']') {
        Some((entry, rest)) if bulk => format!("{entry}].{name}{rest}"),
        _ if at.is_empty() || at.starts_with('[') => format!("{name}{at}"),
        _ => format!("{name}.{at}"),
    };
    Entry {
        field: Some(field),
        code: match violation.rule {
            Rule::Required => "REQUIRED",
            Rule::WrongType(_) => "WRONG_TYPE",
            _ => INVALID,
        },
        message: violation.rule.to_string(),
    }
}

/// The vendor's name of a value.
pub(crate) fn wire(field: Field) -> &'static str {
    match field {
        Field::OrderBy => "sort",
        Field::Skip => "page",
        Field::Top => "limit",
        Field::Location => "location_id",
        Field::IdleSeconds => "expiry",
        Field::Token => "nonce",
        Field::Enabled => "active",
        Field::OutboundCallerId => "caller_id",
        // Where the vendor has a value at all, it mostly calls it as we do.
        other => other.name(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
