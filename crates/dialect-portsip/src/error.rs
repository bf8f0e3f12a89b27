//! How the vendor's clients are told what went wrong.
//!
//! The body is `{"errors": [{"code", "message", "detail"?}]}`. The vendor documents the codes `UNKNOWN`, `VALIDATE_FAILED`
//! and, on its page about signing in, `UNAUTHORIZED`; clients treat every other as `UNKNOWN`. Ours beyond these say more to
//! those who look, and are listed in `docs/dialects/portsip.md`.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_domain::{Error, Field, Thing, Violation};
use jackfield_edge::Refusal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Errors {
    /// At least one; for a body that breaks rules, one for each.
    #[schema(min_items = 1)]
    errors: Vec<Entry>,
}

/// One thing that went wrong.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    /// A word for programs. One that a client does not know is to be treated as `UNKNOWN`.
    #[schema(example = "VALIDATE_FAILED", pattern = "^[A-Z][A-Z_]*$")]
    code: &'static str,
    /// A sentence for people: what is wrong, and what to do about it.
    message: String,
    /// More for programs: the field, or the position in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    detail: Option<Value>,
}

const UNKNOWN: &str = "UNKNOWN";
const VALIDATE_FAILED: &str = "VALIDATE_FAILED";
const UNAUTHORIZED: &str = "UNAUTHORIZED";
const FORBIDDEN: &str = "FORBIDDEN";
const NOT_FOUND: &str = "NOT_FOUND";
const ALREADY_EXISTS: &str = "ALREADY_EXISTS";
const CONFLICT: &str = "CONFLICT";
const IN_USE: &str = "IN_USE";
const LIMIT_REACHED: &str = "LIMIT_REACHED";
const TOO_MANY_REQUESTS: &str = "TOO_MANY_REQUESTS";
const NOT_CONFIGURED: &str = "NOT_CONFIGURED";
const UNAVAILABLE: &str = "UNAVAILABLE";
const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
const TOO_LARGE: &str = "TOO_LARGE";

/// When to ask again after a dependency did not answer.
const SOON: Duration = Duration::from_secs(2);

/// The answer to an error of the directory.
pub(crate) fn error(error: &Error) -> Response {
    use StatusCode as S;
    let text = || error.to_string();
    match error {
        Error::Absent(_) => one(S::NOT_FOUND, NOT_FOUND, text(), None),
        Error::Taken(thing, field) => one(
            S::CONFLICT,
            ALREADY_EXISTS,
            taken(*thing, *field),
            Some(json!({"field": wire(*field)})),
        ),
        Error::Invalid(violations) => answer(S::BAD_REQUEST, violations.iter().map(entry).collect()),
        // The vendor's own status for this; a client that signs in reads 401 as "the session has ended".
        Error::BadCredentials => one(S::BAD_REQUEST, UNAUTHORIZED, text(), None),
        Error::Unauthenticated => with_header(
            one(S::UNAUTHORIZED, UNAUTHORIZED, text(), None),
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer"),
        ),
        // The vendor's documented answer to a sync token that does not serve is 403 too.
        Error::Denied(_) | Error::Spent(Thing::SyncToken) => one(S::FORBIDDEN, FORBIDDEN, text(), None),
        Error::Stale(_) | Error::Conference(_) => one(S::CONFLICT, CONFLICT, text(), None),
        Error::InUse(..) => one(S::CONFLICT, IN_USE, text(), None),
        Error::TooLarge(_) => one(S::PAYLOAD_TOO_LARGE, TOO_LARGE, text(), None),
        Error::Full(..) => one(S::CONFLICT, LIMIT_REACHED, text(), None),
        // The vendor's documented answer to a refresh token that does not serve.
        Error::Spent(_) => one(S::BAD_REQUEST, UNKNOWN, text(), None),
        Error::TooMany(wait) => later(one(S::TOO_MANY_REQUESTS, TOO_MANY_REQUESTS, text(), None), *wait),
        Error::NotConfigured(_) => one(S::BAD_REQUEST, NOT_CONFIGURED, text(), None),
        Error::Unavailable(_) => later(one(S::SERVICE_UNAVAILABLE, UNAVAILABLE, text(), None), SOON),
        Error::Internal(_) => one(S::INTERNAL_SERVER_ERROR, UNKNOWN, text(), None),
    }
}

/// The answer to a request that was refused before the directory was asked.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    use StatusCode as S;
    let text = refusal.to_string();
    let (status, code, detail) = match refusal {
        Refusal::UnknownPath => (S::NOT_FOUND, NOT_FOUND, None),
        Refusal::WrongMethod => (S::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED, None),
        Refusal::MediaType(_) => (S::UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA_TYPE, None),
        Refusal::Json { line, column, .. } => (
            S::BAD_REQUEST,
            VALIDATE_FAILED,
            Some(json!({"line": line, "column": column})),
        ),
        Refusal::TooLarge(_) | Refusal::TooManyItems(_) => (S::PAYLOAD_TOO_LARGE, TOO_LARGE, None),
        Refusal::Range(_) => (S::RANGE_NOT_SATISFIABLE, VALIDATE_FAILED, None),
        Refusal::NotUtf8(_)
        | Refusal::TooDeep(_)
        | Refusal::Interrupted
        | Refusal::Form(_)
        | Refusal::Query(_)
        | Refusal::PathParameter(_) => (S::BAD_REQUEST, VALIDATE_FAILED, None),
        Refusal::Timeout(_) => (S::SERVICE_UNAVAILABLE, UNAVAILABLE, None),
        Refusal::Panic => (S::INTERNAL_SERVER_ERROR, UNKNOWN, None),
    };
    let answer = one(status, code, text, detail);
    match refusal {
        Refusal::Range(size) => match HeaderValue::from_str(&format!("bytes */{size}")) {
            Ok(value) => with_header(answer, header::CONTENT_RANGE, value),
            Err(_) => answer,
        },
        _ => answer,
    }
}

fn one(status: StatusCode, code: &'static str, message: String, detail: Option<Value>) -> Response {
    answer(
        status,
        vec![Entry {
            code,
            message,
            detail,
        }],
    )
}

fn answer(status: StatusCode, errors: Vec<Entry>) -> Response {
    (status, Json(Errors { errors })).into_response()
}

fn with_header(mut response: Response, name: header::HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

fn later(response: Response, wait: Duration) -> Response {
    // Rounded up: who comes back a moment early is only told to wait again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
}

fn taken(thing: Thing, field: Field) -> String {
    format!("another {thing} already has this {}", wire(field))
}

fn entry(violation: &Violation) -> Entry {
    let name = place(violation);
    Entry {
        code: VALIDATE_FAILED,
        message: format!("{name} {}", violation.rule),
        detail: Some(json!({"field": name})),
    }
}

/// The vendor's name of what a violation points at: `office_hours.monday.ranges[0].from`.
fn place(violation: &Violation) -> String {
    let name = wire(violation.field);
    let at = &violation.at;
    let dot = if name.is_empty() || at.is_empty() || at.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("{name}{dot}{at}")
}

/// The vendor's name of a value. Empty where the vendor has the parts of the value on its top level.
pub(crate) fn wire(field: Field) -> &'static str {
    match field {
        // Our settings of a tenant are plain fields of the vendor's tenant.
        Field::Settings => "",
        Field::OrderBy => "orderby",
        // The body of the Microsoft 365 binding has nothing but the identity, and calls it so.
        Field::ExternalIdentity => "id",
        // An upload is named by its id.
        Field::AvatarFile => "avatar_file_id",
        Field::MohPromptFile => "moh_prompt_file_id",
        Field::IntroPromptFile => "intro_prompt_file_id",
        Field::File => "file_id",
        Field::UploadToken => "PortSIP-Upload-Token",
        // Members are named by their number.
        Field::Member => "extension_number",
        // The body of a choice has nothing but the list.
        Field::GlobalHolidays | Field::Agents => "items",
        // Where the vendor has a value at all, it mostly calls it as we do.
        other => other.name(),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
