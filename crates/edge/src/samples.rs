//! One of each thing that can go wrong, for the tests in which a dialect shows how it words them (feature `samples`).
//!
//! A dialect has one snapshot of [`transcript`]. What is new in [`Error`] or [`Refusal`] does not compile here until it is
//! listed, and then changes that snapshot in every dialect, so that somebody reads its words.

mod document;

use std::{fmt::Write as _, time::Duration};

use axum::{http::header, response::Response};
use http_body_util::BodyExt as _;
use jackfield_domain::{ConferenceRefusal, Denial, Error, Field, KeyPermission, Rule, Thing, Violation};

pub use document::{faults, wrong_limits};

use crate::{Dialect, Refusal};

/// Stands where an error has its cause, which is for the log alone.
const CAUSE: &str = "socket of the database closed";

/// At least one of each meaning.
fn errors() -> Vec<Error> {
    fn all_are_listed(error: &Error) {
        match error {
            Error::Absent(_)
            | Error::Taken(..)
            | Error::Invalid(_)
            | Error::BadCredentials
            | Error::Unauthenticated
            | Error::Denied(_)
            | Error::Stale(_)
            | Error::Conference(_)
            | Error::InUse(..)
            | Error::Full(..)
            | Error::TooLarge(_)
            | Error::Spent(_)
            | Error::TooMany(_)
            | Error::NotConfigured(_)
            | Error::Unavailable(_)
            | Error::Internal(_) => {}
        }
    }
    let placed = |field, at: &str, rule| Violation {
        field,
        at: at.into(),
        rule,
    };
    let list = vec![
        Error::Absent(Thing::Group),
        Error::Absent(Thing::Tenant),
        Error::Taken(Thing::User, Field::ExtensionNumber),
        Error::Invalid(vec![
            Violation::new(Field::Name, Rule::Required),
            Violation::new(Field::IdleSeconds, Rule::WrongType("a whole number")),
            placed(
                Field::OfficeHours,
                "monday.ranges[0].from",
                Rule::Form("a time like 09:30"),
            ),
            placed(Field::Settings, "log_retention", Rule::OutOfRange(1, 5)),
            placed(Field::OutboundCallerIds, "[2].caller_id", Rule::Required),
            placed(Field::Id, "[0]", Rule::Repeated),
            placed(Field::Groups, "[1][2]", Rule::WrongType("a whole number")),
            placed(Field::Body, "[3]", Rule::WrongType("an object")),
            placed(Field::Body, "watchToggle", Rule::NotOneOf(&["watch", "unwatch"])),
            Violation::new(Field::CustomOptions, Rule::TooLong(65_536)),
        ]),
        Error::invalid(Violation::new(Field::GrantType, Rule::NotOneOf(&["password"]))),
        Error::invalid(Violation::new(Field::ResponseType, Rule::NotOneOf(&["code"]))),
        Error::invalid(Violation::new(Field::Scope, Rule::NotOneOf(&["all"]))),
        Error::BadCredentials,
        Error::Unauthenticated,
        Error::Denied(Denial::Permission),
        Error::Denied(Denial::TenantDisabled),
        Error::Denied(Denial::NotAnEngine),
        Error::Denied(Denial::ReadOnly),
        Error::Denied(Denial::ApplicationAccess),
        Error::Denied(Denial::UserDisabled),
        Error::Denied(Denial::Key(KeyPermission::ManageUsers)),
        Error::Denied(Denial::StatusLocked),
        Error::Denied(Denial::AlreadyReserved),
        Error::Denied(Denial::NotAvailable),
        Error::Denied(Denial::GrantType),
        Error::Denied(Denial::CodeNeeded),
        Error::Stale(Thing::User),
        Error::Conference(ConferenceRefusal::NotRunning),
        Error::Conference(ConferenceRefusal::Full(7)),
        Error::InUse(Thing::Role, Thing::User),
        Error::Full(Thing::Extension, 1000),
        Error::TooLarge(16_777_216),
        Error::Spent(Thing::RefreshToken),
        Error::Spent(Thing::OneTimeCode),
        Error::Spent(Thing::SyncToken),
        Error::TooMany(Duration::from_millis(1500)),
        Error::NotConfigured("set this and that"),
        Error::Unavailable(CAUSE.into()),
        Error::internal(CAUSE),
    ];
    list.iter().for_each(all_are_listed);
    list
}

/// One of each refusal.
fn refusals() -> Vec<Refusal> {
    fn all_are_listed(refusal: &Refusal) {
        match refusal {
            Refusal::UnknownPath
            | Refusal::WrongMethod
            | Refusal::MediaType(_)
            | Refusal::Json { .. }
            | Refusal::NotUtf8(_)
            | Refusal::TooLarge(_)
            | Refusal::TooManyItems(_)
            | Refusal::Range(_)
            | Refusal::TooDeep(_)
            | Refusal::Interrupted
            | Refusal::Form(_)
            | Refusal::Query(_)
            | Refusal::PathParameter(_)
            | Refusal::Timeout(_)
            | Refusal::Panic => {}
        }
    }
    let list = vec![
        Refusal::UnknownPath,
        Refusal::WrongMethod,
        Refusal::MediaType("application/json"),
        Refusal::Json {
            line: 2,
            column: 5,
            problem: "expected value".into(),
        },
        Refusal::NotUtf8(3),
        Refusal::TooLarge(1 << 20),
        Refusal::TooManyItems(10_000),
        Refusal::Range(9),
        Refusal::TooDeep(64),
        Refusal::Interrupted,
        Refusal::Form("x".into()),
        Refusal::Query("x".into()),
        Refusal::PathParameter("x".into()),
        Refusal::Timeout(Duration::from_secs(30)),
        Refusal::Panic,
    ];
    list.iter().for_each(all_are_listed);
    list
}

/// How the dialect words each of them: what it is, the status, the headers that matter, the body.
///
/// # Panics
///
/// When an answer tells the cause of an error, or has no media type.
pub async fn transcript<D: Dialect>() -> String {
    let mut text = String::new();
    for error in errors() {
        tell(&mut text, &format!("{error:?}"), D::error(&error)).await;
    }
    for refusal in refusals() {
        tell(&mut text, &format!("{refusal:?}"), D::refusal(&refusal)).await;
    }
    text
}

#[expect(
    clippy::expect_used,
    clippy::panic,
    reason = "part of tests, whose way of failing this is"
)]
async fn tell(text: &mut String, what: &str, answer: Response) {
    let (parts, body) = answer.into_parts();
    let body = body
        .collect()
        .await
        .expect("an error's body is in memory")
        .to_bytes();
    let body = String::from_utf8_lossy(&body);
    assert!(!body.contains(CAUSE), "{what} tells its cause: {body}");
    let _ = writeln!(text, "{what}\n  {}", parts.status);
    for name in [
        header::CONTENT_TYPE,
        header::RETRY_AFTER,
        header::WWW_AUTHENTICATE,
    ] {
        match parts.headers.get(&name) {
            Some(value) => {
                let _ = writeln!(text, "  {name}: {}", String::from_utf8_lossy(value.as_bytes()));
            }
            None if name == header::CONTENT_TYPE => panic!("{what} has no media type"),
            None => {}
        }
    }
    let _ = writeln!(text, "  {body}");
}
