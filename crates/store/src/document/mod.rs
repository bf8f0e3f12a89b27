//! The parts of records that are stored as one JSON text.
//!
//! They are large, change seldom and are never asked for in a query. The form is a contract in two directions: a row that an
//! earlier version wrote must stay readable, so a field may be added and never renamed; and a dialect may print the
//! settings of a user as they are, so names and words are those of the public API.
//!
//! To add a field: a line in the list of its record, here in `user.rs` or `tenant.rs`. A document without it gets the
//! default; a document with fields of a later version is read without them.

mod collections;
mod contacts;
mod desk;
mod distribution;
mod greetings;
mod holidays;
mod meetings;
mod owned;
mod phones;
mod tenant;
mod user;
mod wire;

pub use desk::{decode_desk, encode_desk};
pub use distribution::{TeamDocument, decode_provider_settings, encode_provider_settings};
use jackfield_domain::{OutboundCallerId, PasswordPolicy, SettingsText, TenantSettings, UserSettings};
pub use meetings::{decode_meeting_settings, decode_room, encode_meeting_settings, encode_room};
pub use owned::OwnedDocument;
use serde::{Deserialize, Serialize};
use wire::Wire;

use crate::{Error, Result};

/// What the settings of a user with defaults take, and some: one allocation serves most.
const USUAL: usize = 3 * 1024;

/// The settings of a user as stored: one JSON object.
pub fn encode_user_settings(settings: &UserSettings) -> SettingsText {
    SettingsText::new(encode(settings))
}

/// Reads what [`encode_user_settings`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_user_settings(text: &str) -> Result<UserSettings> {
    decode("the settings of a user", text)
}

/// The settings of a tenant as stored: one JSON object, with sealed secrets in hexadecimal.
pub fn encode_tenant_settings(settings: &TenantSettings) -> String {
    encode(settings)
}

/// Reads what [`encode_tenant_settings`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_tenant_settings(text: &str) -> Result<TenantSettings> {
    decode("the settings of a tenant", text)
}

/// A password policy as stored: one JSON object.
pub fn encode_policy(policy: &PasswordPolicy) -> String {
    encode(policy)
}

/// Reads what [`encode_policy`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_policy(text: &str) -> Result<PasswordPolicy> {
    decode("a password policy", text)
}

/// A list of caller ids as stored: one JSON array.
pub fn encode_caller_ids(list: &[OutboundCallerId]) -> String {
    encode(list)
}

/// Reads what [`encode_caller_ids`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_caller_ids(text: &str) -> Result<Vec<OutboundCallerId>> {
    decode("a list of caller ids", text)
}

fn encode<'a, T: ?Sized>(value: &'a T) -> String
where
    Wire<&'a T>: Serialize,
{
    let mut bytes = Vec::with_capacity(USUAL);
    #[expect(
        clippy::expect_used,
        reason = "writing to memory cannot fail, and no map has a key that is not text"
    )]
    serde_json::to_writer(&mut bytes, &Wire(value)).expect("JSON of our own making can be written");
    #[expect(clippy::expect_used, reason = "the writer makes JSON, and JSON is UTF-8")]
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn decode<T>(what: &'static str, text: &str) -> Result<T>
where
    Wire<T>: for<'de> Deserialize<'de>,
{
    serde_json::from_str::<Wire<T>>(text)
        .map(|Wire(value)| value)
        .map_err(|error| {
            Error::Internal(Box::new(Unreadable {
                what,
                line: error.line(),
                column: error.column(),
            }))
        })
}

/// Where a document stopped making sense. The parser's own words are dropped: they may quote what stands there.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be read: the stored document is damaged at line {line}, column {column}")]
struct Unreadable {
    what: &'static str,
    line: usize,
    column: usize,
}

#[cfg(test)]
mod tests;
