//! How users look in answers.
//!
//! The JSON is written by hand into one buffer, because a list of a hundred users is the dearest answer of the dialect and
//! the settings of a user are stored in the vendor's form already: they are copied, not parsed. The structures of
//! `user_answer.rs` describe the same answers for the document, and the tests read every answer back through them.

use bytes::Bytes;
use jackfield_domain::{Avatar, Error, Listing, Result, Timestamp, User, UserSummary, VoicemailPin};

use crate::blobs;

/// A finished user needs about this many bytes beside his settings; more grows the buffer. Not more than needed: finished
/// answers are remembered with their buffers.
const USER_BYTES: usize = 1024;
/// The same for a line of the list.
const LINE_BYTES: usize = 512;

/// The directory outside that a bound user comes from. The vendor knows only this one.
pub(crate) const SYNC_TYPE: &str = "Microsoft 365";

/// A JSON object on its way into a buffer.
struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// `"…"`, with what JSON wants escaped. `key` comes as it is written, with its quotes and sign: `,"name":`.
    fn text(&mut self, key: &str, value: &str) -> Result<()> {
        self.raw(key);
        // Nearly all texts need no escapes, and looking for that is much cheaper than writing them in pieces.
        if value
            .bytes()
            .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
        {
            self.raw("\"");
            self.raw(value);
            self.raw("\"");
            return Ok(());
        }
        serde_json::to_writer(&mut self.out, value).map_err(Error::internal)
    }

    fn flag(&mut self, key: &str, value: bool) {
        self.raw(key);
        self.raw(if value { "true" } else { "false" });
    }

    /// An id: always a string, because numbers of 18 digits lose their last ones in JavaScript.
    fn id(&mut self, key: &str, value: i64) -> Result<()> {
        self.raw(key);
        self.quoted(format_args!("{value}"))
    }

    fn time(&mut self, key: &str, value: Timestamp) -> Result<()> {
        self.raw(key);
        self.quoted(format_args!("{value}"))
    }

    /// What needs no escaping.
    fn quoted(&mut self, value: std::fmt::Arguments<'_>) -> Result<()> {
        use std::io::Write as _;
        write!(self.out, "\"{value}\"").map_err(Error::internal)
    }

    fn finish(self) -> Bytes {
        Bytes::from(self.out)
    }
}

/// What is said of a picture where there is none.
const NO_AVATAR: &str = r#","avatar_file_name":"","avatar_file_size":0,"avatar_file_url":"""#;

fn picture(writer: &mut Writer, avatar: Option<&Avatar>) -> Result<()> {
    let Some(avatar) = avatar else {
        writer.raw(NO_AVATAR);
        return Ok(());
    };
    writer.text(r#","avatar_file_name":"#, &avatar.name)?;
    writer.raw(r#","avatar_file_size":"#);
    writer.raw(&avatar.size.to_string());
    writer.text(r#","avatar_file_url":"#, &blobs::url(&avatar.key))
}

/// `GET /users/{user_id}`.
pub(crate) fn user(user: &User, pin: Option<&VoicemailPin>) -> Result<Bytes> {
    let mut writer = detail(user, pin)?;
    writer.raw("}");
    Ok(writer.finish())
}

/// `GET /user`: the same, and the addresses at which the installation takes SIP. It takes none before it has a SIP edge.
pub(crate) fn own_user(user: &User, pin: Option<&VoicemailPin>) -> Result<Bytes> {
    let mut writer = detail(user, pin)?;
    writer.raw(r#","transports":[]}"#);
    Ok(writer.finish())
}

fn detail(user: &User, pin: Option<&VoicemailPin>) -> Result<Writer> {
    let settings = user.settings.fields().trim();
    let mut writer = Writer::with_capacity(USER_BYTES + settings.len());
    writer.id(r#"{"id":"#, user.id.get())?;
    writer.text(r#","name":"#, &user.name)?;
    writer.text(r#","email":"#, &user.email)?;
    writer.text(r#","display_name":"#, &user.display_name)?;
    writer.text(r#","role":"#, &user.role)?;
    writer.flag(r#","enabled":"#, user.enabled);
    writer.text(r#","mobile_phone":"#, &user.mobile_phone)?;
    writer.text(r#","work_phone":"#, &user.work_phone)?;
    writer.text(r#","home_phone":"#, &user.home_phone)?;
    writer.text(r#","address":"#, &user.address)?;
    writer.text(r#","department":"#, &user.department)?;
    let number = user.extension_number.as_deref().unwrap_or_default();
    writer.text(r#","extension_number":"#, number)?;
    writer.flag(r#","enable_dnd":"#, user.dnd);
    writer.flag(r#","enable_acb":"#, user.acb);
    if !settings.is_empty() {
        writer.raw(",");
        writer.raw(settings);
    }
    let pin = pin.map(VoicemailPin::reveal).unwrap_or_default();
    writer.text(r#","voicemail_pin":"#, pin)?;
    writer.text(r#","profile":"#, &user.profile)?;
    writer.time(r#","created_at":"#, user.created_at)?;
    picture(&mut writer, user.avatar.as_ref())?;
    bound(&mut writer, user.external_identity.is_some())?;
    Ok(writer)
}

/// Only users that came from outside have the field; the contract gives it no empty value.
fn bound(writer: &mut Writer, is_bound: bool) -> Result<()> {
    if is_bound {
        writer.text(r#","sync_type":"#, SYNC_TYPE)?;
    }
    Ok(())
}

/// `GET /users`.
pub(crate) fn users(listing: &Listing<UserSummary>) -> Result<Bytes> {
    let mut writer = Writer::with_capacity(LINE_BYTES * (listing.items.len() + 1));
    writer.raw(r#"{"count":"#);
    writer.raw(&listing.total.to_string());
    writer.raw(r#","items":["#);
    for (index, user) in listing.items.iter().enumerate() {
        if index > 0 {
            writer.raw(",");
        }
        line(&mut writer, user)?;
    }
    writer.raw("]}");
    Ok(writer.finish())
}

fn line(writer: &mut Writer, user: &UserSummary) -> Result<()> {
    writer.id(r#"{"id":"#, user.id.get())?;
    writer.text(r#","name":"#, &user.name)?;
    writer.flag(r#","enabled":"#, user.enabled);
    writer.text(r#","email":"#, &user.email)?;
    writer.text(r#","display_name":"#, &user.display_name)?;
    writer.text(r#","role":"#, &user.role)?;
    writer.text(r#","mobile_phone":"#, &user.mobile_phone)?;
    writer.text(r#","work_phone":"#, &user.work_phone)?;
    writer.text(r#","home_phone":"#, &user.home_phone)?;
    writer.text(r#","address":"#, &user.address)?;
    writer.text(r#","department":"#, &user.department)?;
    let number = user.extension_number.as_deref().unwrap_or_default();
    writer.text(r#","extension_number":"#, number)?;
    writer.time(r#","created_at":"#, user.created_at)?;
    picture(writer, user.avatar.as_ref())?;
    bound(writer, user.external_identity.is_some())?;
    writer.raw("}");
    Ok(())
}

#[cfg(test)]
mod tests;
