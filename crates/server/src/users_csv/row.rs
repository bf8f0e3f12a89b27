//! Making a user of a row.

use csv::StringRecord;
use jackfield_directory::ImportedUser;
use jackfield_domain::{
    Field, ForwardCase, ForwardRule, NewPassword, Patch, Rule, UserSettingsPatch, Violation, Violations,
    VoicemailPin,
};

use super::{
    cell,
    column::Column,
    json::{Json, Word, word},
};

/// A row on its way.
struct Draft {
    user: ImportedUser,
    found: Violations,
    hash: Option<String>,
}

/// What is said of a number in scientific notation. Shows nothing of it: it may be a PIN.
const ROUNDED: &str = "is a number that a spreadsheet has rounded, and its digits are lost; format the column as text and enter \
                       it again";

/// Reads the cells of a row. What cannot be read is noted in the row.
pub(super) fn read_row(line: u64, columns: &[Option<Column>], cells: &StringRecord) -> ImportedUser {
    let user = ImportedUser {
        line,
        ..ImportedUser::default()
    };
    let (found, hash) = (Violations::new(), None);
    let mut draft = Draft { user, found, hash };
    if cells.len() != columns.len() {
        let rule = format!(
            "has {} cells where the first line has {}; is a quotation mark or a separator missing or too many?",
            cells.len(),
            columns.len()
        );
        draft.found.add(Field::Body, Rule::Other(rule));
    }
    for (index, (column, text)) in columns.iter().zip(cells).enumerate() {
        // An empty cell says nothing.
        if !text.is_empty() {
            match column {
                // As it stands in the cell: behind an apostrophe no spreadsheet has touched it.
                Some(Column::Value(field)) if is_rounded(*field, text) => {
                    draft.found.add(*field, Rule::Other(ROUNDED.into()));
                }
                Some(Column::Value(field)) => draft.value(*field, cell::undo(text)),
                Some(column) => draft.special(*column, cell::undo(text)),
                None => {
                    let rule = format!(
                        "has something in column {}, which the first line does not name",
                        index + 1
                    );
                    draft.found.add(Field::Body, Rule::Other(rule));
                }
            }
        }
    }
    draft.finish()
}

impl Draft {
    fn finish(mut self) -> ImportedUser {
        match (self.hash, &self.user.password) {
            (Some(_), Some(_)) => self.found.add(
                Field::PasswordHash,
                Rule::Other("is given beside a password; leave one of the two empty".into()),
            ),
            (Some(hash), None) => self.user.password = Some(NewPassword::Hashed(hash)),
            (None, _) => {}
        }
        self.user.unreadable = self.found.into_vec();
        self.user
    }

    fn value(&mut self, field: Field, text: &str) {
        let (user, found) = (&mut self.user, &mut self.found);
        let patch = &mut user.patch;
        let owned = || text.to_owned();
        match field {
            Field::Name => user.name = owned(),
            Field::Password => user.password = Some(NewPassword::Plain(owned())),
            Field::PasswordHash => self.hash = Some(owned()),
            Field::ExtensionNumber => user.extension_number = Some(owned()),
            Field::ExtensionPassword => user.extension_password = Some(NewPassword::Plain(owned())),
            Field::Role => user.role = Some(owned()),
            Field::Email => patch.email = Patch::Set(owned()),
            Field::DisplayName => patch.display_name = Patch::Set(owned()),
            Field::MobilePhone => patch.mobile_phone = Patch::Set(owned()),
            Field::WorkPhone => patch.work_phone = Patch::Set(owned()),
            Field::HomePhone => patch.home_phone = Patch::Set(owned()),
            Field::Address => patch.address = Patch::Set(owned()),
            Field::Department => patch.department = Patch::Set(owned()),
            Field::VoicemailPin => patch.voicemail_pin = Patch::Set(VoicemailPin::new(text)),
            Field::Enabled => patch.enabled = flag(found, field, text),
            Field::EnableDnd => patch.dnd = flag(found, field, text),
            Field::EnableAcb => patch.acb = flag(found, field, text),
            field => match ForwardCase::ALL.into_iter().find(|case| case.field() == field) {
                Some(case) => _ = self.rule(case, text),
                None => setting(&mut patch.settings, found, field, text),
            },
        }
    }

    fn special(&mut self, column: Column, text: &str) {
        match column {
            Column::OldNoAnswer => {
                self.rule(ForwardCase::AvailableNoAnswer, text);
            }
            Column::OldBusy => {
                if let Some(rule) = self.rule(ForwardCase::BusyOffice, text) {
                    self.set_rule(ForwardCase::BusyNonOffice, rule);
                }
            }
            Column::Phones if serde_json::from_str::<[(); 0]>(text).is_err() => {
                let rule = "an import does not make phones yet; empty the cell and make them through the API, so that none is \
                            lost unnoticed";
                self.found.extend([Violation {
                    field: Field::Body,
                    at: Column::Phones.name().into(),
                    rule: Rule::Other(rule.into()),
                }]);
            }
            Column::Phones | Column::Value(_) => {}
        }
    }

    fn rule(&mut self, case: ForwardCase, text: &str) -> Option<ForwardRule> {
        let rule = Json::new(&mut self.found, case.field()).rule(text, case)?;
        self.set_rule(case, rule.clone());
        Some(rule)
    }

    /// Sets the rule of a situation. Two columns may give it, an old and a new one; they must not contradict each other.
    fn set_rule(&mut self, case: ForwardCase, rule: ForwardRule) {
        let Some(place) = self.user.patch.settings.forward_rules.get_mut(case.index()) else {
            return;
        };
        match place {
            Patch::Set(earlier) if *earlier != rule => {
                let old = match case {
                    ForwardCase::AvailableNoAnswer => Column::OldNoAnswer,
                    _ => Column::OldBusy,
                };
                let text = format!(
                    "differs from {}, which means the same; empty one of the two",
                    old.name()
                );
                self.found.add(case.field(), Rule::Other(text));
            }
            place => *place = Patch::Set(rule),
        }
    }
}

/// Reads the cell of a setting.
fn setting(settings: &mut UserSettingsPatch, found: &mut Violations, field: Field, text: &str) {
    match field {
        Field::EnableAudioRecording => settings.enable_audio_recording = flag(found, field, text),
        Field::EnableVideoRecording => settings.enable_video_recording = flag(found, field, text),
        Field::EnableHotDesking => settings.enable_hot_desking = flag(found, field, text),
        Field::AnonymousOutboundCalls => settings.anonymous_outbound_calls = flag(found, field, text),
        Field::DeliveryOutboundCid => settings.delivery_outbound_cid = flag(found, field, text),
        Field::EnableVoicemailPin => settings.enable_voicemail_pin = flag(found, field, text),
        Field::EnableVoicemailNotify => settings.enable_voicemail_notify = flag(found, field, text),
        Field::Sms => settings.sms = choice(found, field, text),
        Field::VoicemailPlayDatetime => settings.voicemail_play_datetime = choice(found, field, text),
        Field::Interface => settings.interface = choice(found, field, text),
        Field::PreferredTransport => settings.preferred_transport = choice(found, field, text),
        Field::VoicemailPrompt => settings.voicemail_prompt = Patch::Set(text.to_owned()),
        Field::CustomOptions => settings.custom_options = Patch::Set(text.to_owned()),
        Field::OfficeHours => {
            settings.office_hours = Json::new(found, field).office_hours(text).unwrap_or_default();
        }
        Field::CustomForwardRules => {
            settings.custom_forward_rules = Json::new(found, field).custom_rules(text).into();
        }
        Field::Blfs => settings.blfs = Json::new(found, field).blfs(text).into(),
        Field::OutboundCallerIds => {
            settings.outbound_caller_ids = Json::new(found, field).caller_ids(text).into();
        }
        // Every column is in one of the two lists; a test goes through all of them.
        _ => found.add(field, Rule::Other("cannot be imported".into())),
    }
}

/// Whether a cell where digits belong shows a number in scientific notation. Names are seldom numbers; a letter between
/// digits is no reason to refuse one.
fn is_rounded(field: Field, text: &str) -> bool {
    let digits = matches!(
        field,
        Field::ExtensionNumber
            | Field::VoicemailPin
            | Field::MobilePhone
            | Field::WorkPhone
            | Field::HomePhone
    );
    (digits || (field == Field::Name && text.contains('+'))) && cell::is_rounded(text)
}

fn flag(found: &mut Violations, field: Field, text: &str) -> Patch<bool> {
    let flag = cell::flag(text);
    if flag.is_none() {
        found.add(field, Rule::WrongType("TRUE or FALSE"));
    }
    flag.into()
}

fn choice<W: Word>(found: &mut Violations, field: Field, text: &str) -> Patch<W> {
    match word(text) {
        Ok(value) => Patch::Set(value),
        Err(rule) => {
            found.add(field, rule);
            Patch::Keep
        }
    }
}
