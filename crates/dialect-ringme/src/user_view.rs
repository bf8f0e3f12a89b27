//! How users of extensions look in answers.

use jackfield_domain::ExtensionMember;
use serde::Serialize;
use utoipa::ToSchema;

use crate::or_null;

/// The vendor's words for whether somebody may sign in.
pub(crate) const STATUSES: &[&str] = &["active", "blocked"];
/// The vendor's words for what somebody may do.
pub(crate) const ACCESSES: &[&str] = &["full", "read_only"];

/// A user of an extension.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAnswer {
    /// A note.
    comment: Option<String>,
    /// `active` or `blocked`.
    #[schema(example = "active")]
    status: &'static str,
    /// The name that people see.
    name: String,
    /// His address.
    email: Option<String>,
    /// `full`, or `read_only` for who may change nothing.
    #[schema(example = "full")]
    access: &'static str,
    /// The extension that he may use.
    #[schema(example = 100_000)]
    extension_id: i64,
    /// What an integration keeps with him.
    extra_params: Option<String>,
    /// His time zone, an IANA name; the client's, unless he has one of his own.
    #[schema(example = "Europe/Moscow")]
    timezone: String,
    /// The name that he signs in with. It never changes.
    login: String,
    /// His id.
    #[schema(example = 100_001)]
    id: i64,
}

impl UserAnswer {
    /// A user as he is answered, in a client with this time zone.
    pub(crate) fn of(member: ExtensionMember, zone: &str) -> Self {
        let access = member.access;
        Self {
            comment: or_null(access.comment),
            status: status(member.enabled),
            name: member.display_name,
            email: or_null(member.email),
            access: access.level.word(),
            extension_id: access.extension.get(),
            extra_params: or_null(access.custom_options),
            timezone: or_null(access.timezone).unwrap_or_else(|| zone.to_owned()),
            login: member.name,
            id: member.id.get(),
        }
    }
}

/// The vendor's word for whether something works.
pub(crate) fn status(enabled: bool) -> &'static str {
    if enabled { "active" } else { "blocked" }
}

/// Whether something works that this is the vendor's word for.
pub(crate) fn enabled(word: &str) -> Option<bool> {
    match word {
        "active" => Some(true),
        "blocked" => Some(false),
        _ => None,
    }
}
