//! Meetings: rooms with a number in which several people speak. What goes on in one is a [`Conference`](crate::Conference).

use std::{collections::BTreeSet, fmt};

use crate::{
    Field, MeetingId, OutboundCallerId, Patch, Queried, Rule, TenantId, Timestamp, UserId, ValueKind,
    Violations, call_record, caller_id,
    change::words,
    limits,
    patch::settings,
    text::{is_digits, is_email, is_language_tag},
};

words! {
    /// Sound only, or picture too.
    #[derive(Default)]
    MeetingMode {
        /// Sound only.
        #[default]
        Audio = "audio",
        /// Sound and picture.
        Video = "video",
    }
}

words! {
    /// Who has a say in a meeting.
    #[derive(Default)]
    MeetingControl {
        /// Everybody.
        #[default]
        Free = "free",
        /// The chairman.
        Master = "master",
    }
}

words! {
    /// How the picture of a conference is divided. The numbers are the contract's; 0 leaves it to the engine.
    #[derive(Default)]
    #[expect(missing_docs, reason = "known by their numbers only")]
    MeetingLayout {
        #[default]
        Layout0 = "layout0",
        Layout1 = "layout1",
        Layout2 = "layout2",
        Layout3 = "layout3",
        Layout4 = "layout4",
        Layout6 = "layout6",
        Layout9 = "layout9",
    }
}

/// A PIN that opens a meeting from a telephone, in clear: people pass it on in invitations. Its [`Debug`](fmt::Debug)
/// output shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct MeetingPin(String);

impl MeetingPin {
    /// Wraps what a request or the store gave.
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Three to six digits.
    fn check(&self, found: &mut Violations, field: Field) {
        found.length(field, &self.0, limits::MEETING_PIN);
        if !is_digits(&self.0) {
            found.add(field, Rule::Form("digits only"));
        }
    }
}

impl fmt::Debug for MeetingPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MeetingPin(…)")
    }
}

settings! {
    /// The settings of a meeting, complete.
    MeetingSettings,
    /// A change to the settings of a meeting.
    MeetingSettingsPatch {
        /// Who has a say.
        control: MeetingControl = MeetingControl::Free;
        /// The height of the picture in pixels.
        height: i64 = 720;
        /// The width of the picture in pixels.
        width: i64 = 1280;
        /// The rate of the picture in kbit/s.
        bitrate: i64 = 1024;
        /// Pictures a second.
        framerate: i64 = 15;
        /// How the picture is divided.
        layout: MeetingLayout = MeetingLayout::Layout0;
        /// The language of announcements, a BCP 47 tag; empty for the tenant's.
        language: String = String::new();
        /// People in it at the same time.
        capacity: i64 = 9;
        /// Makes whoever types it the chairman.
        admin_pin: Option<MeetingPin> = None;
        /// Lets whoever types it in; none for an open room.
        room_pin: Option<MeetingPin> = None;
        /// Record it from its start.
        enable_recording: bool = false;
        /// Announce who comes and goes.
        enable_prompt: bool = true;
        /// The IANA time zone that invitations speak of.
        timezone: String = "UTC".into();
        /// When it is planned to start.
        scheduled_start_at: Option<Timestamp> = None;
        /// When it is planned to end.
        scheduled_end_at: Option<Timestamp> = None;
        /// The users who are invited.
        internal_invitees: Vec<UserId> = Vec::new();
        /// The mail addresses of others who are invited, separated by commas, semicolons or spaces.
        external_invitees: String = String::new();
        /// End it when the last one leaves.
        close_on_nobody: bool = false;
        /// What an integration keeps with it, as text of its own form.
        custom_options: String = String::new();
        /// The caller ids that people who are called in may be shown.
        outbound_caller_ids: Vec<OutboundCallerId> = Vec::new();
    }
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: MeetingId,
    /// The user who made it.
    pub owner: UserId,
    /// Its number; unique among all that can be dialled in the tenant; never changes.
    pub extension_number: String,
    /// Sound only, or picture too; never changes.
    pub mode: MeetingMode,
    /// What it is about.
    pub subject: String,
    /// Everything else.
    pub settings: MeetingSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A meeting to be made. Its number comes from the tenant's [`NumberRange`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Meeting`")]
pub struct NewMeeting {
    pub mode: MeetingMode,
    pub subject: String,
    pub settings: MeetingSettings,
}

/// A change to a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Meeting`")]
pub struct MeetingPatch {
    pub subject: Patch<String>,
    pub settings: MeetingSettingsPatch,
}

/// A value of a meeting that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Meeting`")]
pub enum MeetingField {
    Id,
    ExtensionNumber,
    Mode,
    Subject,
    CreatedAt,
    ScheduledStartAt,
    ScheduledEndAt,
}

impl Queried for MeetingField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::ExtensionNumber | Self::Mode | Self::Subject => ValueKind::Text,
            Self::CreatedAt | Self::ScheduledStartAt | Self::ScheduledEndAt => ValueKind::Time,
        }
    }
}

fn check_subject(found: &mut Violations, subject: &str) {
    found.length(Field::Subject, subject, limits::MEETING_SUBJECT);
    // The subject becomes a header line of the invitation.
    if subject.chars().any(char::is_control) || subject.trim() != subject {
        found.add(Field::Subject, Rule::Form("one line without spaces at its ends"));
    }
}

impl MeetingSettings {
    /// Every rule that the settings break. Whether the invited users exist is for the directory to say.
    pub fn check(&self, found: &mut Violations) {
        for (field, number, limits) in [
            (Field::Height, self.height, limits::PICTURE_SIZE),
            (Field::Width, self.width, limits::PICTURE_SIZE),
            (Field::Bitrate, self.bitrate, limits::BITRATE),
            (Field::Framerate, self.framerate, limits::FRAMERATE),
            (Field::Capacity, self.capacity, limits::MEETING_CAPACITY),
        ] {
            found.range(field, number, limits);
        }
        found.length(Field::Language, &self.language, 0..=limits::LANGUAGE_TAG);
        if !self.language.is_empty() && !is_language_tag(&self.language) {
            found.add(Field::Language, Rule::Form("a language tag like en-US"));
        }
        for (field, pin) in [
            (Field::AdminPin, &self.admin_pin),
            (Field::RoomPin, &self.room_pin),
        ] {
            if let Some(pin) = pin {
                pin.check(found, field);
            }
        }
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            found.add(
                Field::Timezone,
                Rule::Form("an IANA time zone like Europe/Berlin"),
            );
        }
        if let (Some(start), Some(end)) = (self.scheduled_start_at, self.scheduled_end_at) {
            call_record::check_span(found, Field::ScheduledEndAt, start, end);
        }
        self.check_invitees(found);
        found.length(
            Field::CustomOptions,
            &self.custom_options,
            0..=limits::CUSTOM_OPTIONS,
        );
        caller_id::check(found, &self.outbound_caller_ids);
    }

    fn check_invitees(&self, found: &mut Violations) {
        if self.internal_invitees.len() > limits::INVITEES {
            found.add(Field::InternalInvitees, Rule::TooMany(limits::INVITEES));
        }
        let mut known = BTreeSet::new();
        for (index, user) in self.internal_invitees.iter().take(limits::INVITEES).enumerate() {
            if !known.insert(user) {
                found.add_at(Field::InternalInvitees, format!("[{index}]"), Rule::Repeated);
            }
        }
        found.length(
            Field::ExternalInvitees,
            &self.external_invitees,
            0..=limits::EXTERNAL_INVITEES,
        );
        if self.external_addresses().any(|address| !is_email(address)) {
            found.add(
                Field::ExternalInvitees,
                Rule::Form("mail addresses separated by commas or semicolons"),
            );
        }
    }

    /// The mail addresses of the invited people from outside.
    pub fn external_addresses(&self) -> impl Iterator<Item = &str> {
        self.external_invitees
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .filter(|address| !address.is_empty())
    }
}

impl NewMeeting {
    /// Every rule that the meeting breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_subject(&mut found, &self.subject);
        self.settings.check(&mut found);
        found
    }
}

impl MeetingPatch {
    /// Every rule that the meeting would break with the change: start and end are judged together, though one of them may
    /// be there already.
    pub fn check(&self, meeting: &Meeting) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(subject) = &self.subject {
            check_subject(&mut found, subject);
        }
        let mut settings = meeting.settings.clone();
        if self.settings.clone().apply(&mut settings) {
            settings.check(&mut found);
        }
        found
    }

    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, meeting: &mut Meeting) -> bool {
        self.subject.apply(&mut meeting.subject) | self.settings.apply(&mut meeting.settings)
    }
}

/// The numbers that a tenant's meetings get: all of one length, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    first: u64,
    last: u64,
    digits: usize,
}

impl Default for NumberRange {
    /// `800000` to `899999`: longer than the numbers that people like to have themselves.
    fn default() -> Self {
        Self {
            first: 800_000,
            last: 899_999,
            digits: 6,
        }
    }
}

impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first(), self.last())
    }
}

impl NumberRange {
    /// The longest numbers of a range; any longer would not fit the arithmetic, and nobody dials them.
    const DIGITS: usize = 18;

    /// The range between two numbers, both included.
    ///
    /// # Errors
    /// A violation when they are not numbers of one length, 3 to 18 digits, in order.
    pub fn new(first: &str, last: &str) -> Result<Self, crate::Violation> {
        let wrong = || {
            crate::Violation::new(
                Field::MeetingNumbers,
                Rule::Form("two numbers of the same length, 3 to 18 digits, the lower one first"),
            )
        };
        let lengths = *limits::EXTENSION_NUMBER.start()..=Self::DIGITS;
        if !is_digits(first)
            || !is_digits(last)
            || first.len() != last.len()
            || !lengths.contains(&first.len())
        {
            return Err(wrong());
        }
        match (first.parse(), last.parse()) {
            (Ok(low), Ok(high)) if low <= high => Ok(Self {
                first: low,
                last: high,
                digits: first.len(),
            }),
            _ => Err(wrong()),
        }
    }

    /// The lowest number.
    pub fn first(self) -> String {
        self.written(self.first)
    }

    /// The highest number.
    pub fn last(self) -> String {
        self.written(self.last)
    }

    fn written(self, number: u64) -> String {
        format!("{number:0width$}", width = self.digits)
    }

    /// How many numbers there are.
    pub fn size(self) -> u64 {
        self.last - self.first + 1
    }

    /// The number at a place, counted from 0; beyond the end it begins again.
    pub fn at(self, place: u64) -> String {
        self.written(self.first + place % self.size())
    }

    /// All numbers of the range, the lowest first.
    pub fn numbers(self) -> impl Iterator<Item = String> {
        (self.first..=self.last).map(move |number| self.written(number))
    }

    /// Whether a number is one of them.
    pub fn contains(self, number: &str) -> bool {
        number.len() == self.digits
            && is_digits(number)
            && number
                .parse()
                .is_ok_and(|number| (self.first..=self.last).contains(&number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewMeeting {
        NewMeeting {
            mode: MeetingMode::Video,
            subject: "Weekly".into(),
            settings: MeetingSettings::default(),
        }
    }

    fn fields(found: Violations) -> Vec<Field> {
        found.into_vec().iter().map(|violation| violation.field).collect()
    }

    #[test]
    fn settings_have_limits() {
        type Change = fn(&mut NewMeeting);
        assert!(new().check().is_empty());
        let table: [(Change, Field); 16] = [
            (|new| new.subject = String::new(), Field::Subject),
            (|new| new.subject = "a\r\nBcc: b".into(), Field::Subject),
            (|new| new.subject = "x".repeat(65), Field::Subject),
            (|new| new.settings.height = 143, Field::Height),
            (|new| new.settings.width = 1921, Field::Width),
            (|new| new.settings.bitrate = 127, Field::Bitrate),
            (|new| new.settings.framerate = 31, Field::Framerate),
            (|new| new.settings.capacity = 201, Field::Capacity),
            (
                |new| new.settings.language = "no such tag".into(),
                Field::Language,
            ),
            (
                |new| new.settings.admin_pin = Some(MeetingPin::new("12")),
                Field::AdminPin,
            ),
            (
                |new| new.settings.room_pin = Some(MeetingPin::new("abcd")),
                Field::RoomPin,
            ),
            (
                |new| new.settings.timezone = "Mars/Olympus".into(),
                Field::Timezone,
            ),
            (
                |new| {
                    new.settings.scheduled_start_at = Some(Timestamp::from_micros(2));
                    new.settings.scheduled_end_at = Some(Timestamp::from_micros(1));
                },
                Field::ScheduledEndAt,
            ),
            (
                |new| new.settings.internal_invitees = vec![UserId::FIRST; 2],
                Field::InternalInvitees,
            ),
            (
                |new| new.settings.external_invitees = "a@b.example; nobody".into(),
                Field::ExternalInvitees,
            ),
            (
                |new| new.settings.custom_options = "x".repeat(65_537),
                Field::CustomOptions,
            ),
        ];
        for (index, (change, field)) in table.into_iter().enumerate() {
            let mut new = new();
            change(&mut new);
            assert_eq!(fields(new.check()), [field], "row {index}");
        }
    }

    #[test]
    fn a_change_is_judged_with_what_is_there() {
        let mut meeting = Meeting {
            tenant: TenantId::FIRST,
            id: MeetingId::FIRST,
            owner: UserId::FIRST,
            extension_number: "800000".into(),
            mode: MeetingMode::Audio,
            subject: "Weekly".into(),
            settings: MeetingSettings {
                scheduled_start_at: Some(Timestamp::from_micros(10)),
                ..MeetingSettings::default()
            },
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let ends = |micros| {
            let mut patch = MeetingPatch::default();
            patch.settings.scheduled_end_at = Patch::Set(Some(Timestamp::from_micros(micros)));
            patch
        };
        assert_eq!(fields(ends(9).check(&meeting)), [Field::ScheduledEndAt]);
        assert!(ends(11).check(&meeting).is_empty());
        assert!(ends(11).apply(&mut meeting));
        assert!(!ends(11).apply(&mut meeting));
        let patch = MeetingPatch {
            subject: Patch::Set(" x".into()),
            ..MeetingPatch::default()
        };
        assert_eq!(fields(patch.check(&meeting)), [Field::Subject]);
    }

    #[test]
    fn pins_do_not_print_and_addresses_are_found() {
        assert_eq!(format!("{:?}", MeetingPin::new("4711")), "MeetingPin(…)");
        let settings = MeetingSettings {
            external_invitees: "a@b.example, c@d.example;e@f.example\n".into(),
            ..MeetingSettings::default()
        };
        assert_eq!(
            settings.external_addresses().collect::<Vec<_>>(),
            ["a@b.example", "c@d.example", "e@f.example"]
        );
    }

    #[test]
    fn numbers_of_a_range() {
        let range = NumberRange::new("0098", "0101").unwrap();
        assert_eq!(
            range.numbers().collect::<Vec<_>>(),
            ["0098", "0099", "0100", "0101"]
        );
        for (number, inside) in [
            ("0098", true),
            ("0101", true),
            ("0102", false),
            ("98", false),
            ("x", false),
        ] {
            assert_eq!(range.contains(number), inside, "{number}");
        }
        for (first, last) in [
            ("12", "13"),
            ("100", "1000"),
            ("101", "100"),
            ("1a0", "1b0"),
            ("", ""),
        ] {
            assert!(NumberRange::new(first, last).is_err(), "{first} {last}");
        }
        assert!(NumberRange::default().contains("800000"));
    }
}
