//! The values a check can name, and what it can say of them.

use std::fmt;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A value of a record that a violation points at. Dialects print their own name for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the value that its text names")]
        pub enum Field { $($(#[$doc])* $name),* }

        impl Field {
            /// All of them, so that a dialect's table of names can be tested for gaps.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name of the value in the directory's own words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The value that has this name.
            pub fn named(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

fields! {
    Body = "body",
    Id = "id",
    Name = "name",
    Password = "password",
    PasswordHash = "password_hash",
    OldPassword = "old_password",
    NewPassword = "new_password",
    Email = "email",
    DisplayName = "display_name",
    Enabled = "enabled",
    Role = "role",
    MobilePhone = "mobile_phone",
    WorkPhone = "work_phone",
    HomePhone = "home_phone",
    Address = "address",
    Department = "department",
    ExtensionNumber = "extension_number",
    ExtensionPassword = "extension_password",
    EnableAudioRecording = "enable_audio_recording",
    EnableVideoRecording = "enable_video_recording",
    EnableDnd = "enable_dnd",
    EnableAcb = "enable_acb",
    EnableHotDesking = "enable_hot_desking",
    AnonymousOutboundCalls = "anonymous_outbound_calls",
    Sms = "sms",
    DeliveryOutboundCid = "delivery_outbound_cid",
    OutboundCallerIds = "outbound_caller_ids",
    CustomOptions = "custom_options",
    OfficeHours = "office_hours",
    ForwardRules = "forward_rules",
    AvailableOfficeHoursForwardRule = "available_office_hours_forward_rule",
    AvailableNonOfficeHoursForwardRule = "available_non_office_hours_forward_rule",
    AvailableNoAnswerForwardRule = "available_no_answer_forward_rule",
    BusyOfficeHoursForwardRule = "busy_office_hours_forward_rule",
    BusyNonOfficeHoursForwardRule = "busy_non_office_hours_forward_rule",
    BusyNoAnswerForwardRule = "busy_no_answer_forward_rule",
    DndOfficeHoursForwardRule = "dnd_office_hours_forward_rule",
    DndNonOfficeHoursForwardRule = "dnd_non_office_hours_forward_rule",
    AwayOfficeHoursForwardRule = "away_office_hours_forward_rule",
    AwayNonOfficeHoursForwardRule = "away_non_office_hours_forward_rule",
    LunchOfficeHoursForwardRule = "lunch_office_hours_forward_rule",
    LunchNonOfficeHoursForwardRule = "lunch_non_office_hours_forward_rule",
    TripOfficeHoursForwardRule = "trip_office_hours_forward_rule",
    TripNonOfficeHoursForwardRule = "trip_non_office_hours_forward_rule",
    OfflineOfficeHoursForwardRule = "offline_office_hours_forward_rule",
    OfflineNonOfficeHoursForwardRule = "offline_non_office_hours_forward_rule",
    CustomForwardRules = "custom_forward_rules",
    VoicemailPrompt = "voicemail_prompt",
    EnableVoicemailPin = "enable_voicemail_pin",
    VoicemailPin = "voicemail_pin",
    EnableVoicemailNotify = "enable_voicemail_notify",
    VoicemailPlayDatetime = "voicemail_play_datetime",
    Interface = "interface",
    PreferredTransport = "preferred_transport",
    Blfs = "blfs",
    AvatarFile = "avatar_file",
    AvatarFileName = "avatar_file_name",
    AvatarFileSize = "avatar_file_size",
    AvatarFileUrl = "avatar_file_url",
    ExternalIdentity = "external_identity",
    SyncType = "sync_type",
    CreatedAt = "created_at",
    Balance = "balance",
    Permissions = "permissions",
    Description = "description",
    Domain = "domain",
    Website = "website",
    Timezone = "timezone",
    Currency = "currency",
    Region = "region",
    Settings = "settings",
    MaxExtensions = "max_extensions",
    MaxConcurrentCalls = "max_concurrent_calls",
    MinLength = "min_length",
    MaxLength = "max_length",
    Username = "username",
    Token = "token",
    Code = "code",
    RefreshToken = "refresh_token",
    CallbackUrl = "callback_url",
    GrantType = "grant_type",
    ClientId = "client_id",
    Filter = "filter",
    Search = "search",
    OrderBy = "order",
    Skip = "skip",
    Top = "top",
    Member = "member",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().replace('_', " "))
    }
}

/// What is wrong with a value. Its text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// A value has to be given.
    Required,
    /// Another type of value belongs here.
    WrongType(&'static str),
    /// Fewer characters than allowed.
    TooShort(usize),
    /// More characters than allowed.
    TooLong(usize),
    /// More entries than allowed.
    TooMany(usize),
    /// A number outside of the range.
    OutOfRange(i64, i64),
    /// A number of characters outside of the range.
    OutOfRangeLength(i64, i64),
    /// Not one of the listed words.
    NotOneOf(&'static [&'static str]),
    /// Not of the required form; the text describes the form.
    Form(&'static str),
    /// Kept for the installation itself.
    Reserved,
    /// Set at creation and never again.
    Immutable,
    /// Names a record that does not exist.
    Unknown,
    /// Given twice.
    Repeated,
    /// Breaks the tenant's password policy; the text says which part.
    Policy(&'static str),
    /// Anything else, in a sentence.
    Other(String),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("is required"),
            Self::WrongType(expected) => write!(f, "must be {expected}"),
            Self::TooShort(min) => write!(f, "must have at least {min} characters"),
            Self::TooLong(max) => write!(f, "must have at most {max} characters"),
            Self::TooMany(max) => write!(f, "must have at most {max} entries"),
            Self::OutOfRange(min, max) if *max == i64::MAX => write!(f, "must be at least {min}"),
            Self::OutOfRange(min, max) => write!(f, "must be between {min} and {max}"),
            Self::OutOfRangeLength(min, max) => write!(f, "must have between {min} and {max} characters"),
            Self::NotOneOf(words) => write!(f, "must be one of {}", words.join(", ")),
            Self::Form(form) => write!(f, "must be {form}"),
            Self::Reserved => f.write_str("is reserved; choose another"),
            Self::Immutable => f.write_str("cannot be changed"),
            Self::Unknown => f.write_str("names something that does not exist"),
            Self::Repeated => f.write_str("is given more than once"),
            Self::Policy(part) => write!(f, "breaks the password policy: {part}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The value.
    pub field: Field,
    /// Where inside of the value, for one made of parts: `monday.ranges[0].from`. Empty for the value itself.
    pub at: String,
    /// What is wrong.
    pub rule: Rule,
}

impl Violation {
    /// A broken rule of a whole value.
    pub fn new(field: Field, rule: Rule) -> Self {
        Self {
            field,
            at: String::new(),
            rule,
        }
    }

    /// Whether both concern one value, or one of them a part of the other's.
    fn same_value(&self, other: &Self) -> bool {
        self.field == other.field && (self.at == other.at || self.at.is_empty() || other.at.is_empty())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.name())?;
        if !self.at.is_empty() {
            let dot = if self.at.starts_with('[') { "" } else { "." };
            write!(f, "{dot}{}", self.at)?;
        }
        write!(f, " {}", self.rule)
    }
}

/// Collects every broken rule of a request, so that one answer names them all.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one for a whole value.
    pub fn add(&mut self, field: Field, rule: Rule) {
        self.0.push(Violation::new(field, rule));
    }

    /// Adds one for a part of a value.
    pub fn add_at(&mut self, field: Field, at: impl Into<String>, rule: Rule) {
        self.0.push(Violation {
            field,
            at: at.into(),
            rule,
        });
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Violation>) {
        self.0.extend(others);
    }

    /// Adds those of another collection whose value has not been complained about yet.
    pub fn merge(&mut self, others: Self) {
        let known = self.0.len();
        for violation in others.0 {
            if !self
                .0
                .iter()
                .take(known)
                .any(|earlier| earlier.same_value(&violation))
            {
                self.0.push(violation);
            }
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something was found for this value.
    pub fn concerns(&self, field: Field) -> bool {
        self.0.iter().any(|violation| violation.field == field)
    }

    /// The list.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// Ends the check: all is well, or the error that lists everything found.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when anything was added.
    pub fn finish(self) -> crate::Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(crate::Error::Invalid(self.0))
        }
    }

    /// `length` in `limits`, counted in characters.
    pub(crate) fn length(&mut self, field: Field, text: &str, limits: std::ops::RangeInclusive<usize>) {
        let length = text.chars().count();
        if length < *limits.start() {
            self.add(
                field,
                if length == 0 {
                    Rule::Required
                } else {
                    Rule::TooShort(*limits.start())
                },
            );
        } else if length > *limits.end() {
            self.add(field, Rule::TooLong(*limits.end()));
        }
    }

    /// A text of at most `max` characters without control characters other than line ends and tabs.
    pub(crate) fn text(&mut self, field: Field, text: &str, max: usize) {
        self.length(field, text, 0..=max);
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.add(field, Rule::Form("text without control characters"));
        }
    }

    /// A number in a range.
    pub(crate) fn range(&mut self, field: Field, number: i64, limits: std::ops::RangeInclusive<i64>) {
        if !limits.contains(&number) {
            self.add(field, Rule::OutOfRange(*limits.start(), *limits.end()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_readable_back() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(*field));
        }
    }

    #[test]
    fn a_violation_reads_as_a_sentence() {
        let mut found = Violations::new();
        found.length(Field::Name, "", 1..=64);
        found.add_at(
            Field::OfficeHours,
            "monday.ranges[0].from",
            Rule::Form("a time like 09:30"),
        );
        let text = found.finish().unwrap_err().to_string();
        assert_eq!(
            text,
            "name is required; office_hours.monday.ranges[0].from must be a time like 09:30"
        );
    }
}
