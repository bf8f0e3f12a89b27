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
    NewMessages = "new_messages",
    OldMessages = "old_messages",
    UrgentNewMessages = "urgent_new_messages",
    UrgentOldMessages = "urgent_old_messages",
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
    DateFrom = "date_from",
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
    Mac = "mac",
    Filename = "filename",
    Vendor = "vendor",
    Model = "model",
    Transfer = "transfer",
    Ringtone = "ringtone",
    QueueRingtone = "queue_ringtone",
    ExternalRingtone = "external_ringtone",
    DateFormat = "date_format",
    TimeFormat = "time_format",
    Powerled = "powerled",
    Backlight = "backlight",
    Screensaver = "screensaver",
    Rps = "rps",
    Https = "https",
    Codecs = "codecs",
    EnableLldp = "enable_lldp",
    EnableVlanWanPort = "enable_vlan_wan_port",
    WanPortId = "wan_port_id",
    WanPortPriority = "wan_port_priority",
    EnableVlanPcPort = "enable_vlan_pc_port",
    PcPortId = "pc_port_id",
    PcPortPriority = "pc_port_priority",
    SerialNumber = "serial_number",
    DoorPassword1 = "door_password1",
    DoorPassword2 = "door_password2",
    PhoneNumber = "phone_number",
    File = "file",
    Digest = "digest",
    UploadToken = "upload_token",
    Consecutive = "consecutive",
    EveryYear = "every_year",
    YearStart = "year_start",
    YearEnd = "year_end",
    MonthStart = "month_start",
    MonthEnd = "month_end",
    DayStart = "day_start",
    DayEnd = "day_end",
    HourStart = "hour_start",
    HourEnd = "hour_end",
    MinuteStart = "minute_start",
    MinuteEnd = "minute_end",
    GlobalHolidays = "global_holidays",
    Company = "company",
    Title = "title",
    Business = "business",
    Business2 = "business2",
    MobilePhone2 = "mobile_phone2",
    HomePhone2 = "home_phone2",
    Other = "other",
    BusinessFax = "business_fax",
    HomeFax = "home_fax",
    Notes = "notes",
    Favorite = "favorite",
    Presence = "presence",
    PresenceNote = "presence_note",
    Status = "status",
    InstanceId = "instance_id",
    UserAgent = "user_agent",
    Application = "application",
    Ip = "ip",
    EnablePush = "enable_push",
    ContactAddress = "contact_address",
    ExpiresAt = "expires_at",
    ExternalId = "external_id",
    RouteFrom = "from",
    RouteTo = "to",
    RouteAt = "at",
    RouteTenant = "tenant",
    Caller = "caller",
    CallerDomain = "caller_domain",
    CallerDisplayName = "caller_display_name",
    Callee = "callee",
    CalleeDomain = "callee_domain",
    CalleeDisplayName = "callee_display_name",
    StartedAt = "started_at",
    RangAt = "rang_at",
    AnsweredAt = "answered_at",
    EndedAt = "ended_at",
    CallId = "call_id",
    Direction = "direction",
    EndReason = "end_reason",
    RerouteReason = "reroute_reason",
    StatusCode = "status_code",
    Destination = "destination",
    OutboundCallerId = "outbound_caller_id",
    DidCid = "did_cid",
    Trunk = "trunk",
    Duration = "duration",
    ServiceNumber = "service_number",
    UserData = "user_data",
    Cost = "cost",
    BilledAccount = "billed_account",
    Purpose = "purpose",
    Users = "users",
    Recording = "recording",
    FileName = "file_name",
    ConfigId = "config_id",
    Sender = "sender",
    SenderName = "sender_name",
    Receiver = "receiver",
    ReceiverName = "receiver_name",
    ChannelName = "channel_name",
    ChannelNumber = "channel_number",
    Brand = "brand",
    Did = "did",
    MessageType = "message_type",
    Content = "content",
    Reason = "reason",
    Delivery = "delivery",
    ProviderMessageId = "provider_message_id",
    State = "state",
    Conversation = "conversation",
    Mode = "mode",
    Control = "control",
    Height = "height",
    Width = "width",
    Bitrate = "bitrate",
    Framerate = "framerate",
    Layout = "layout",
    Subject = "subject",
    Language = "language",
    Capacity = "capacity",
    AdminPin = "admin_pin",
    RoomPin = "room_pin",
    EnableRecording = "enable_recording",
    EnablePrompt = "enable_prompt",
    ScheduledStartAt = "scheduled_start_at",
    ScheduledEndAt = "scheduled_end_at",
    InternalInvitees = "internal_invitees",
    ExternalInvitees = "external_invitees",
    CloseOnNobody = "close_on_nobody",
    Participants = "participants",
    Position = "position",
    Number = "number",
    TrunkId = "trunk_id",
    Called = "called",
    Target = "target",
    Prefix = "prefix",
    Priority = "priority",
    Strip = "strip",
    Prepend = "prepend",
    Attendance = "attendance",
    MeetingNumbers = "meeting_numbers",
    PollingStrategy = "polling_strategy",
    RingTime = "ring_time",
    MaxCallers = "max_callers",
    MohPromptFile = "moh_prompt_file",
    IntroType = "intro_type",
    IntroPromptFile = "intro_prompt_file",
    MaxWaitingTime = "max_waiting_time",
    WaitWhenNoAgentsOnline = "wait_when_no_agents_online",
    InformPosition = "inform_position",
    InformPositionInterval = "inform_position_interval",
    AgentAutoReady = "agent_auto_ready",
    AgentAutoNotReadyAfterNonAcdCall = "agent_auto_not_ready_after_non_acd_call",
    SlaTime = "sla_time",
    NoAnswerForwardRule = "no_answer_forward_rule",
    NightModeForwardRule = "night_mode_forward_rule",
    EnableCallback = "enable_callback",
    CallbackMode = "callback_mode",
    CallbackTimeout = "callback_timeout",
    CallbackOutboundPrefix = "callback_outbound_prefix",
    EnableStickyRouting = "enable_sticky_routing",
    StickyRoutingDuration = "sticky_routing_duration",
    EnablePaid = "enable_paid",
    EnablePrid = "enable_prid",
    ExtensionNumberAsToHeader = "extension_number_as_to_header",
    Agents = "agents",
    SkillLevel = "skill_level",
    RingStrategy = "ring_strategy",
    SkipBusyMember = "skip_busy_member",
    AuthMode = "auth_mode",
    Transport = "transport",
    Hostname = "hostname",
    Port = "port",
    AuthId = "auth_id",
    Registration = "registration",
    RegisterInterval = "register_interval",
    OutboundServer = "outbound_server",
    OutboundServerPort = "outbound_server_port",
    Inlan = "inlan",
    SingleViaHeader = "single_via_header",
    RewriteViaIp = "rewrite_via_ip",
    VerifyPort = "verify_port",
    KeepAlive = "keep_alive",
    Concurrency = "concurrency",
    KeepAliveInterval = "keep_alive_interval",
    AdditionalIps = "additional_ips",
    AdjustSdpDirection = "adjust_sdp_direction",
    RemoveSrtpInfo = "remove_srtp_info",
    StirShakenSignatureRequired = "stir_shaken_signature_required",
    DidNumbers = "did_numbers",
    InboundParameters = "inbound_parameters",
    OutboundParameters = "outbound_parameters",
    Color = "color",
    Location = "location",
    Groups = "groups",
    IdleSeconds = "idle_seconds",
    Extension = "extension",
    Access = "access",
    Comment = "comment",
    WelcomeAddress = "welcome_address",
    RedirectUri = "redirect_uri",
    CodeChallenge = "code_challenge",
    CodeChallengeMethod = "code_challenge_method",
    CodeVerifier = "code_verifier",
    ResponseType = "response_type",
    ClientSecret = "client_secret",
    Scope = "scope",
    View = "view",
    MaxChats = "max_chats",
    Statistic = "statistic",
    StatisticOption = "statistic_option",
    StatisticSecondaryOption = "statistic_secondary_option",
    Campaign = "campaign",
    Tab = "tab",
    Channel = "channel",
    FirstName = "first_name",
    LastName = "last_name",
    Welcome = "welcome",
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
