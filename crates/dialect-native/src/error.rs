//! How callers are told what went wrong: RFC 9457 problems.
//!
//! `type` is the word for programs, `detail` the sentence for people, `errors` names each value that is wrong. The list of types
//! stands in `docs/dialects/native.md`.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_domain::{Error, Violation};
use jackfield_edge::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::batch::Receipt;

/// The media type of a problem.
pub(crate) const MEDIA: &str = "application/problem+json";

/// What went wrong, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem, for programs: `urn:jackfield:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:jackfield:problem:invalid")]
    kind: String,
    /// The kind of problem, for people.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request, and what to do about it.
    detail: String,
    /// The id of the request, which the log of the server has too.
    #[schema(example = "urn:x-request-id:5b2c8e0f11aa93d4-7")]
    instance: String,
    /// Each value that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Flaw>,
    /// Of a batch of which nothing was good: what is wrong with its items.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Receipt, required = false)]
    receipt: Option<Receipt>,
}

/// A value that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Flaw {
    /// Where it is: a JSON pointer (RFC 6901) as a URI fragment. Left out when it is no single value of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "#/started_at")]
    pub(crate) pointer: Option<String>,
    /// What is wrong with it, and what to write instead.
    pub(crate) detail: String,
}

/// A kind of problem: its word, its title, its status.
type Kind = (&'static str, &'static str, StatusCode);

const UNREADABLE: Kind = (
    "unreadable",
    "The request cannot be read",
    StatusCode::BAD_REQUEST,
);
const INVALID: Kind = ("invalid", "Values break rules", StatusCode::UNPROCESSABLE_ENTITY);
const UNAUTHENTICATED: Kind = (
    "unauthenticated",
    "No valid key or session",
    StatusCode::UNAUTHORIZED,
);
const BAD_CREDENTIALS: Kind = ("bad-credentials", "Wrong credentials", StatusCode::UNAUTHORIZED);
const FORBIDDEN: Kind = ("forbidden", "Not allowed", StatusCode::FORBIDDEN);
const NOT_FOUND: Kind = ("not-found", "Nothing there", StatusCode::NOT_FOUND);
const WRONG_METHOD: Kind = (
    "wrong-method",
    "Another method is needed",
    StatusCode::METHOD_NOT_ALLOWED,
);
const ALREADY_EXISTS: Kind = ("already-exists", "Already taken", StatusCode::CONFLICT);
const CONFLICT: Kind = ("conflict", "Not in the state for this", StatusCode::CONFLICT);
const IN_USE: Kind = ("in-use", "Still in use", StatusCode::CONFLICT);
const LIMIT_REACHED: Kind = ("limit-reached", "A limit is reached", StatusCode::CONFLICT);
const NOT_CONFIGURED: Kind = ("not-configured", "Not set up here", StatusCode::CONFLICT);
const SPENT: Kind = ("spent", "Unknown, used or too old", StatusCode::GONE);
const TOO_LARGE: Kind = ("too-large", "Too much at once", StatusCode::PAYLOAD_TOO_LARGE);
const RANGE: Kind = (
    "range",
    "Beyond the end of the file",
    StatusCode::RANGE_NOT_SATISFIABLE,
);
const MEDIA_TYPE: Kind = (
    "media-type",
    "Another type of body is needed",
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
);
const TOO_MANY: Kind = ("too-many", "Asked too often", StatusCode::TOO_MANY_REQUESTS);
const UNAVAILABLE: Kind = ("unavailable", "Try again", StatusCode::SERVICE_UNAVAILABLE);
const INTERNAL: Kind = ("internal", "Internal error", StatusCode::INTERNAL_SERVER_ERROR);

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    let text = error.to_string();
    match error {
        Error::Absent(_) => problem(NOT_FOUND, text),
        Error::Taken(..) => problem(ALREADY_EXISTS, text),
        Error::Invalid(violations) => answer(
            INVALID,
            "some values break rules; each is listed under errors".into(),
            violations.iter().map(flaw).collect(),
            None,
        ),
        Error::BadCredentials => challenge(problem(BAD_CREDENTIALS, text)),
        Error::Unauthenticated => challenge(problem(
            UNAUTHENTICATED,
            "send a valid key, or the token of a session, as `Authorization: Bearer …`".into(),
        )),
        Error::Denied(_) => problem(FORBIDDEN, text),
        Error::Stale(_) | Error::Conference(_) => problem(CONFLICT, text),
        Error::InUse(..) => problem(IN_USE, text),
        Error::Full(..) => problem(LIMIT_REACHED, text),
        Error::TooLarge(_) => problem(TOO_LARGE, text),
        Error::Spent(_) => problem(SPENT, text),
        Error::TooMany(wait) => later(problem(TOO_MANY, text), *wait),
        Error::NotConfigured(_) => problem(NOT_CONFIGURED, text),
        Error::Unavailable(_) => later(problem(UNAVAILABLE, text), SOON),
        Error::Internal(_) => problem(INTERNAL, text),
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    let kind = match refusal {
        Refusal::UnknownPath => NOT_FOUND,
        Refusal::WrongMethod => WRONG_METHOD,
        Refusal::MediaType(_) => MEDIA_TYPE,
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => TOO_LARGE,
        Refusal::Range(_) => RANGE,
        Refusal::Json { .. }
        | Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => UNREADABLE,
        Refusal::Timeout(_) => UNAVAILABLE,
        Refusal::Panic => INTERNAL,
    };
    problem(kind, refusal.to_string())
}

/// The answer to a batch of which nothing was good.
pub(crate) fn nothing_good(receipt: Receipt) -> Response {
    let detail = "nothing of this was stored; the receipt says what is wrong with each item".into();
    answer(INVALID, detail, Vec::new(), Some(receipt))
}

/// What one item of a batch is refused for.
pub(crate) fn flaws(error: &Error) -> Vec<Flaw> {
    match error {
        Error::Invalid(violations) => violations.iter().map(flaw).collect(),
        other => vec![Flaw {
            pointer: None,
            detail: other.to_string(),
        }],
    }
}

fn flaw(violation: &Violation) -> Flaw {
    let mut pointer = format!("#/{}", violation.field.name());
    for part in violation
        .at
        .split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
    {
        pointer.push('/');
        pointer.push_str(part);
    }
    let name = pointer.get(2..).unwrap_or_default().replace('/', ".");
    Flaw {
        detail: format!("{name} {}", violation.rule),
        pointer: Some(pointer),
    }
}

fn problem(kind: Kind, detail: String) -> Response {
    answer(kind, detail, Vec::new(), None)
}

fn answer(
    (word, title, status): Kind,
    detail: String,
    errors: Vec<Flaw>,
    receipt: Option<Receipt>,
) -> Response {
    let problem = Problem {
        kind: format!("urn:jackfield:problem:{word}"),
        title,
        status: status.as_u16(),
        detail,
        instance: format!("urn:x-request-id:{}", jackfield_edge::request_id()),
        errors,
        receipt,
    };
    // Texts, numbers and lists of them: printing these does not fail.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, MEDIA)], body).into_response()
}

fn challenge(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

fn later(mut response: Response, wait: Duration) -> Response {
    // Rounded up: who comes back a moment early is only told to wait again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
