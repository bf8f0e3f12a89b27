//! Writing users as a table.

use std::{borrow::Cow, collections::HashMap, io};

use jackfield_directory::ExportedUser;
use jackfield_domain::Field;
use jackfield_store::encode_user_settings;
use serde_json::value::RawValue;

use super::{
    cell::defuse,
    column::{COLUMNS, Column},
};

/// Writes users as a table of comma-separated values in UTF-8, with all columns. A secret that was not exported leaves its
/// cell empty.
pub struct UserWriter<W: io::Write> {
    csv: csv::Writer<W>,
}

impl<W: io::Write> UserWriter<W> {
    /// Writes the first line, which names the columns.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn new(out: W) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS.iter().map(|column| column.name()))?;
        Ok(Self { csv })
    }

    /// Writes a user.
    ///
    /// # Errors
    /// When the file cannot be written to.
    pub fn write(&mut self, user: &ExportedUser) -> io::Result<()> {
        let settings = encode_user_settings(&user.settings);
        let settings: Settings<'_> = serde_json::from_str(settings.as_str())?;
        for column in COLUMNS {
            self.csv.write_field(&*defuse(&value(user, &settings, *column)))?;
        }
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// Writes what is left over and gives the file back.
    ///
    /// # Errors
    /// When the file cannot be written to.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// The settings as they are stored: each under the name of its column.
type Settings<'a> = HashMap<&'a str, &'a RawValue>;

fn value<'a>(exported: &'a ExportedUser, settings: &Settings<'a>, column: Column) -> Cow<'a, str> {
    let user = &exported.user;
    let secrets = exported.secrets.as_ref();
    let rule = |field: Field| settings.get(field.name()).map_or("", |rule| rule.get());
    let text = match column {
        Column::OldNoAnswer => rule(Field::AvailableNoAnswerForwardRule),
        Column::OldBusy => {
            let office = rule(Field::BusyOfficeHoursForwardRule);
            // It knew no hours, so it can only say what holds at all of them.
            if office == rule(Field::BusyNonOfficeHoursForwardRule) {
                office
            } else {
                ""
            }
        }
        Column::Phones => "[]",
        Column::Value(field) => match field {
            Field::Name => &user.name,
            // Nobody knows it.
            Field::Password => "",
            Field::PasswordHash => secrets
                .and_then(|secrets| secrets.password_hash.as_deref())
                .unwrap_or_default(),
            Field::ExtensionPassword => secrets
                .and_then(|secrets| secrets.extension_password.as_deref())
                .unwrap_or_default(),
            Field::VoicemailPin => secrets
                .and_then(|secrets| secrets.voicemail_pin.as_ref())
                .map_or("", |pin| pin.reveal()),
            Field::ExtensionNumber => user.extension_number.as_deref().unwrap_or_default(),
            Field::Enabled => flag(user.enabled),
            Field::EnableDnd => flag(user.dnd),
            Field::EnableAcb => flag(user.acb),
            Field::Email => &user.email,
            Field::DisplayName => &user.display_name,
            Field::Role => &user.role,
            Field::MobilePhone => &user.mobile_phone,
            Field::WorkPhone => &user.work_phone,
            Field::HomePhone => &user.home_phone,
            Field::Address => &user.address,
            Field::Department => &user.department,
            setting => return stored(settings.get(setting.name()).map_or("", |value| value.get())),
        },
    };
    Cow::Borrowed(text)
}

/// A stored setting: texts without their quotes, flags as the vendor writes them, everything else as JSON.
fn stored(json: &str) -> Cow<'_, str> {
    match json {
        "true" => Cow::Borrowed(flag(true)),
        "false" => Cow::Borrowed(flag(false)),
        json if json.starts_with('"') => serde_json::from_str(json).map_or(Cow::Borrowed(""), Cow::Owned),
        json => Cow::Borrowed(json),
    }
}

fn flag(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}
