//! How the vendor's clients are told what went wrong.
//!
//! The body is `{"status": "error", "message": "…"}`. What the request got wrong is a 400 whatever it was, a record that is not
//! there too: the vendor's examples have no 404 for records. All that is wrong with a request stands in one message.

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

use crate::permission_word;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `error`.
    #[schema(pattern = "^error$")]
    status: &'static str,
    /// A sentence for people: what is wrong, and what to do about it.
    message: String,
}

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    use StatusCode as S;
    let text = || error.to_string();
    match error {
        Error::Invalid(violations) => {
            let all: Vec<String> = violations.iter().map(sentence).collect();
            answer(S::BAD_REQUEST, all.join("; "))
        }
        Error::Taken(thing, field) => answer(S::BAD_REQUEST, taken(*thing, *field)),
        Error::Absent(_)
        | Error::Full(..)
        | Error::BadCredentials
        | Error::Spent(_)
        | Error::Stale(_)
        | Error::Conference(_)
        | Error::InUse(..)
        | Error::NotConfigured(_)
        // The state of the user, not the rights of who asks.
        | Error::Denied(Denial::StatusLocked | Denial::AlreadyReserved | Denial::NotAvailable) => {
            answer(S::BAD_REQUEST, text())
        }
        Error::Unauthenticated => answer(
            S::UNAUTHORIZED,
            "send a valid key in the header apiKey, or as the parameter apiKey of the query".to_owned(),
        ),
        Error::Denied(Denial::Key(permission)) => answer(
            S::FORBIDDEN,
            format!("the key does not have the permission {}", permission_word(*permission)),
        ),
        Error::Denied(_) => answer(S::FORBIDDEN, text()),
        Error::TooLarge(_) => answer(S::PAYLOAD_TOO_LARGE, text()),
        Error::TooMany(wait) => later(answer(S::TOO_MANY_REQUESTS, text()), *wait),
        Error::Unavailable(_) => later(answer(S::SERVICE_UNAVAILABLE, text()), SOON),
        Error::Internal(_) => answer(S::INTERNAL_SERVER_ERROR, text()),
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    use StatusCode as S;
    let status = match refusal {
        Refusal::UnknownPath => S::NOT_FOUND,
        Refusal::WrongMethod => S::METHOD_NOT_ALLOWED,
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => S::PAYLOAD_TOO_LARGE,
        Refusal::Range(_) => S::RANGE_NOT_SATISFIABLE,
        Refusal::MediaType(_)
        | Refusal::Json { .. }
        | Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => S::BAD_REQUEST,
        Refusal::Timeout(_) => S::SERVICE_UNAVAILABLE,
        Refusal::Panic => S::INTERNAL_SERVER_ERROR,
    };
    answer(status, refusal.to_string())
}

fn answer(status: StatusCode, message: String) -> Response {
    let problem = Problem {
        status: "error",
        message,
    };
    (status, Json(problem)).into_response()
}

fn later(mut response: Response, wait: Duration) -> Response {
    // Rounded up: who comes back a moment early is only told to wait again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

fn taken(thing: Thing, field: Field) -> String {
    format!("{}: another {thing} already has it", wire(field))
}

fn sentence(violation: &Violation) -> String {
    let Violation { field, at, rule } = violation;
    let name = wire(*field);
    match (field, at.as_str()) {
        // A value that only this dialect has, by its own name.
        (Field::Body, at) if !at.is_empty() => format!("{at} {rule}"),
        (_, at) if at.is_empty() || at.starts_with('[') => format!("{name}{at} {rule}"),
        (_, at) => format!("{name}.{at} {rule}"),
    }
}

/// The vendor's name of a value.
fn wire(field: Field) -> &'static str {
    match field {
        Field::FirstName => "firstname",
        Field::LastName => "lastname",
        Field::DisplayName => "firstname and lastname",
        Field::MobilePhone => "telephone_number",
        Field::DateFormat => "dateFormat",
        Field::Welcome => "sendActivationMail",
        Field::View => "viewID",
        Field::MaxChats => "maxChats",
        Field::StatisticOption => "statisticPrimaryOption",
        Field::StatisticSecondaryOption => "statisticSecondaryOption",
        Field::Tab => "tabID",
        Field::Channel => "channelID",
        Field::Search => "query",
        Field::Skip => "itemStart",
        Field::Top => "itemLimit",
        other => other.name(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
