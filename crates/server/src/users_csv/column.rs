//! The columns.

use std::collections::HashSet;

use jackfield_domain::Field;

/// What a column is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Column {
    /// A value of a user; the column has the value's name.
    Value(Field),
    /// The rule for calls that nobody answers, as it was called before states of presence had rules of their own.
    OldNoAnswer,
    /// The rule for a busy user of that time. It held at all hours.
    OldBusy,
    /// The desk phones of a user, which this version does not keep.
    Phones,
}

macro_rules! columns {
    ($($column:expr),* $(,)?) => {
        /// All columns in the order in which they are written: those of the vendor's portal first.
        pub(super) const COLUMNS: &[Column] = {
            use Column::{OldBusy, OldNoAnswer, Phones, Value};
            &[$($column),*]
        };
    };
}

columns! {
    Value(Field::Name),
    Value(Field::Enabled),
    Value(Field::Password),
    Value(Field::ExtensionNumber),
    Value(Field::ExtensionPassword),
    Value(Field::Email),
    Value(Field::DisplayName),
    Value(Field::EnableAudioRecording),
    Value(Field::EnableVideoRecording),
    Value(Field::EnableAcb),
    Value(Field::EnableDnd),
    Value(Field::EnableHotDesking),
    Value(Field::OfficeHours),
    Value(Field::AnonymousOutboundCalls),
    Value(Field::DeliveryOutboundCid),
    Value(Field::Sms),
    Value(Field::VoicemailPrompt),
    Value(Field::EnableVoicemailPin),
    Value(Field::VoicemailPin),
    Value(Field::VoicemailPlayDatetime),
    Value(Field::EnableVoicemailNotify),
    OldNoAnswer,
    OldBusy,
    Value(Field::OfflineOfficeHoursForwardRule),
    Value(Field::OfflineNonOfficeHoursForwardRule),
    Value(Field::CustomForwardRules),
    Value(Field::Blfs),
    Value(Field::Interface),
    Value(Field::PreferredTransport),
    Value(Field::CustomOptions),
    Value(Field::Role),
    Phones,
    Value(Field::MobilePhone),
    Value(Field::WorkPhone),
    Value(Field::HomePhone),
    Value(Field::Address),
    Value(Field::Department),
    Value(Field::OutboundCallerIds),
    Value(Field::AvailableOfficeHoursForwardRule),
    Value(Field::AvailableNonOfficeHoursForwardRule),
    Value(Field::AvailableNoAnswerForwardRule),
    Value(Field::BusyOfficeHoursForwardRule),
    Value(Field::BusyNonOfficeHoursForwardRule),
    Value(Field::BusyNoAnswerForwardRule),
    Value(Field::DndOfficeHoursForwardRule),
    Value(Field::DndNonOfficeHoursForwardRule),
    Value(Field::AwayOfficeHoursForwardRule),
    Value(Field::AwayNonOfficeHoursForwardRule),
    Value(Field::LunchOfficeHoursForwardRule),
    Value(Field::LunchNonOfficeHoursForwardRule),
    Value(Field::TripOfficeHoursForwardRule),
    Value(Field::TripNonOfficeHoursForwardRule),
    Value(Field::PasswordHash),
}

/// How alike two names must be for one to be taken for a slip of the other. Found by trying: `extention_number` has 0.97,
/// `e-mail` 0.87, two columns that have nothing to do with each other seldom reach 0.8.
const ALIKE: f64 = 0.8;

impl Column {
    /// The name in the header.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Value(field) => field.name(),
            Self::OldNoAnswer => "online_no_answer_forward_rule",
            Self::OldBusy => "online_busy_forward_rule",
            Self::Phones => "phones",
        }
    }

    fn named(name: &str) -> Option<Self> {
        COLUMNS
            .iter()
            .copied()
            .find(|column| column.name().eq_ignore_ascii_case(name))
    }
}

/// The columns of a header; none where it names none, as spreadsheets leave them at the right edge.
///
/// # Errors
/// Everything that is wrong with it, in sentences.
pub(super) fn read_header<'a>(
    names: impl Iterator<Item = &'a str>,
) -> Result<Vec<Option<Column>>, Vec<String>> {
    let (mut columns, mut wrong, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for name in names.map(str::trim) {
        let column = Column::named(name);
        match column {
            Some(column) if !seen.insert(column) => wrong.push(format!("the column {name} is there twice")),
            None if !name.is_empty() => wrong.push(unknown(name)),
            _ => {}
        }
        columns.push(column);
    }
    if !seen.contains(&Column::Value(Field::Name)) {
        wrong.push("there is no column `name`, which says whom a row is about".into());
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

fn unknown(name: &str) -> String {
    let lower = name.to_lowercase();
    let near = COLUMNS
        .iter()
        .map(|column| (strsim::jaro_winkler(&lower, column.name()), column.name()))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    // A file without a header has a person's data here, and a binary one anything.
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    match near {
        Some((_, near)) => format!("there is no column `{shown}`; did you mean `{near}`?"),
        None => format!(
            "there is no column `{shown}`; the first line must name the columns, and docs/import.md lists them"
        ),
    }
}
