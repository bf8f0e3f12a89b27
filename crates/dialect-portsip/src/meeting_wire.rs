//! How meetings look.

use jackfield_directory::SeenMeeting;
use jackfield_domain::{
    Field, MeetingField, MeetingPatch, MeetingPin, MeetingSettings, MeetingSettingsPatch, NewMeeting, Patch,
    Result, Rule, Timestamp, UserId, Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    caller_ids::{CallerIdInput, PlainCallerIdWire},
    id,
    words::{MeetingControlWord, MeetingLayoutWord, MeetingModeWord, choice},
};

/// A body with the settings that can be given when a meeting is made and afterwards, and with more of its own.
macro_rules! meeting_body {
    ($(#[doc = $doc:literal])* $name:ident { $($more:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct $name {
            $($more)*
            /// Who has a say: everybody, or the chairman.
            #[serde(default)]
            #[schema(value_type = MeetingControlWord, required = false, default = "FREE")]
            control: Input<String>,
            /// The height of the picture in pixels.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 144, maximum = 1920, default = 720)]
            height: Input<i64>,
            /// The width of the picture in pixels.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 144, maximum = 1920, default = 1280)]
            width: Input<i64>,
            /// The rate of the picture in kbit/s.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 128, maximum = 10240, default = 1024)]
            bitrate: Input<i64>,
            /// Pictures a second.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 5, maximum = 30, default = 15)]
            framerate: Input<i64>,
            /// How the picture is divided.
            #[serde(default)]
            #[schema(value_type = MeetingLayoutWord, required = false, default = "LAYOUT0")]
            layout: Input<String>,
            /// The language of announcements, a BCP 47 tag.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 64, example = "en-US")]
            language: Input<String>,
            /// The digits that make whoever dials them the chairman. `null` for none.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 3, max_length = 6, pattern = "^[0-9]{3,6}$")]
            admin_pin: Input<String>,
            /// The digits that let whoever dials them in. `null` for none.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 3, max_length = 6, pattern = "^[0-9]{3,6}$")]
            room_pin: Input<String>,
            /// Record it from its start.
            #[serde(default)]
            #[schema(value_type = bool, required = false, default = false)]
            enable_recording: Input<bool>,
            /// Announce who comes and goes.
            #[serde(default)]
            #[schema(value_type = bool, required = false, default = true)]
            enable_prompt: Input<bool>,
            /// When it is planned to start, in RFC 3339. `null` for no plan.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "2026-03-02T09:00:00Z")]
            scheduled_start_at: Input<String>,
            /// When it is planned to end, in RFC 3339. `null` for no plan.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "2026-03-02T10:00:00Z")]
            scheduled_end_at: Input<String>,
            /// The ids of the invited users of the tenant, all of them.
            #[serde(default)]
            #[schema(value_type = Vec<String>, required = false, max_items = 200)]
            internal_invitees: Input<Vec<Input<String>>>,
            /// The mail addresses of others who are invited, with commas or semicolons between them.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 16384)]
            external_invitees: Input<String>,
            /// End it when the last one leaves.
            #[serde(default)]
            #[schema(value_type = bool, required = false, default = false)]
            close_on_nobody: Input<bool>,
            /// The caller ids that people who are called in may be shown, all of them.
            #[serde(default)]
            #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
            outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
            /// What an integration keeps with it.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 65536)]
            custom_options: Input<String>,
        }

        impl $name {
            /// The settings that both bodies have.
            fn settings(self, found: &mut Violations) -> MeetingSettingsPatch {
                MeetingSettingsPatch {
                    control: choice(self.control).patch(found, Field::Control),
                    height: self.height.patch(found, Field::Height),
                    width: self.width.patch(found, Field::Width),
                    bitrate: self.bitrate.patch(found, Field::Bitrate),
                    framerate: self.framerate.patch(found, Field::Framerate),
                    layout: choice(self.layout).patch(found, Field::Layout),
                    language: self.language.patch_or_default(found, Field::Language),
                    admin_pin: pin(self.admin_pin).patch_option(found, Field::AdminPin),
                    room_pin: pin(self.room_pin).patch_option(found, Field::RoomPin),
                    enable_recording: self.enable_recording.patch(found, Field::EnableRecording),
                    enable_prompt: self.enable_prompt.patch(found, Field::EnablePrompt),
                    scheduled_start_at: moment(self.scheduled_start_at)
                        .patch_option(found, Field::ScheduledStartAt),
                    scheduled_end_at: moment(self.scheduled_end_at).patch_option(found, Field::ScheduledEndAt),
                    internal_invitees: users(self.internal_invitees, found),
                    external_invitees: self.external_invitees.patch_or_default(found, Field::ExternalInvitees),
                    close_on_nobody: self.close_on_nobody.patch(found, Field::CloseOnNobody),
                    outbound_caller_ids: self
                        .outbound_caller_ids
                        .entries(found, Field::OutboundCallerIds, CallerIdInput::read_plain)
                        .patch_or_default(found, Field::OutboundCallerIds),
                    custom_options: self.custom_options.patch_or_default(found, Field::CustomOptions),
                    ..MeetingSettingsPatch::default()
                }
            }
        }
    };
}

meeting_body! {
    /// A meeting to be made.
    CreateMeeting {
        /// Sound only, or picture too.
        #[serde(default)]
        #[schema(value_type = MeetingModeWord, required = true)]
        mode: Input<String>,
        /// What it is about.
        #[serde(default)]
        #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
        subject: Input<String>,
        /// The IANA time zone that invitations speak of.
        #[serde(default)]
        #[schema(value_type = String, required = true, example = "Europe/Berlin")]
        timezone: Input<String>,
    }
}

meeting_body! {
    /// A change to a meeting: what is left out stays.
    UpdateMeeting {
        /// What it is about.
        #[serde(default)]
        #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
        subject: Input<String>,
        /// People in it at the same time.
        #[serde(default)]
        #[schema(value_type = i32, required = false, minimum = 1, maximum = 200, default = 9)]
        capacity: Input<i64>,
        /// The IANA time zone that invitations speak of.
        #[serde(default)]
        #[schema(value_type = String, required = false, example = "Europe/Berlin")]
        timezone: Input<String>,
    }
}

impl CreateMeeting {
    pub(crate) fn read(mut self) -> Result<NewMeeting> {
        let mut found = Violations::new();
        let mode = choice(std::mem::take(&mut self.mode)).required(&mut found, Field::Mode);
        let subject = std::mem::take(&mut self.subject).required(&mut found, Field::Subject);
        let timezone = std::mem::take(&mut self.timezone).required(&mut found, Field::Timezone);
        let mut settings = MeetingSettings {
            timezone: timezone.unwrap_or_default(),
            ..MeetingSettings::default()
        };
        self.settings(&mut found).apply(&mut settings);
        let new = NewMeeting {
            mode: mode.unwrap_or_default(),
            subject: subject.unwrap_or_default(),
            settings,
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

impl UpdateMeeting {
    pub(crate) fn read(mut self) -> Result<MeetingPatch> {
        let mut found = Violations::new();
        let subject = std::mem::take(&mut self.subject).patch(&mut found, Field::Subject);
        let capacity = std::mem::take(&mut self.capacity).patch(&mut found, Field::Capacity);
        let timezone = std::mem::take(&mut self.timezone).patch(&mut found, Field::Timezone);
        let patch = MeetingPatch {
            subject,
            settings: MeetingSettingsPatch {
                capacity,
                timezone,
                ..self.settings(&mut found)
            },
        };
        conclude(found, || {
            let mut rules = Violations::new();
            patch.settings.check(&mut rules);
            rules
        })?;
        Ok(patch)
    }
}

fn pin(input: Input<String>) -> Input<MeetingPin> {
    input.convert(|digits| Ok(MeetingPin::new(digits)))
}

fn moment(input: Input<String>) -> Input<Timestamp> {
    input.convert(|text| {
        Timestamp::parse(&text).ok_or(Rule::Form("a moment in RFC 3339 like 2026-03-02T09:00:00Z"))
    })
}

/// Users by their ids. What is no id names no user.
fn users(input: Input<Vec<Input<String>>>, found: &mut Violations) -> Patch<Vec<UserId>> {
    let field = Field::InternalInvitees;
    input
        .entries(found, field, |text, found, place| {
            let user = id::read(&text);
            if user.is_none() {
                place.report(found, Rule::Unknown);
            }
            UserId::new(user.unwrap_or_default())
        })
        .patch_or_default(found, field)
}

/// A meeting as it is answered, with more of its own.
macro_rules! meeting_answer {
    ($($(#[doc = $doc:literal])* $name:ident $seen:ident { $($(#[$attribute:meta])* $more:ident: $type:ty = $value:expr;)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Serialize, ToSchema)]
        pub(crate) struct $name {
            /// Its id.
            #[schema(required = false, example = "100001")]
            id: String,
            /// The number that leads to it.
            #[schema(required = false, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
            extension_number: String,
            /// Sound only, or picture too.
            #[schema(required = false)]
            mode: MeetingModeWord,
            /// Who has a say.
            #[schema(required = false, default = "FREE")]
            control: MeetingControlWord,
            /// The height of the picture in pixels.
            #[schema(value_type = i32, required = false, minimum = 144, maximum = 1920, default = 720)]
            height: i64,
            /// The width of the picture in pixels.
            #[schema(value_type = i32, required = false, minimum = 144, maximum = 1920, default = 1280)]
            width: i64,
            /// The rate of the picture in kbit/s.
            #[schema(value_type = i32, required = false, minimum = 128, maximum = 10240, default = 1024)]
            bitrate: i64,
            /// Pictures a second.
            #[schema(value_type = i32, required = false, minimum = 5, maximum = 30, default = 15)]
            framerate: i64,
            /// How the picture is divided.
            #[schema(required = false, default = "LAYOUT0")]
            layout: MeetingLayoutWord,
            /// What it is about.
            #[schema(required = false, min_length = 1, max_length = 64)]
            subject: String,
            /// The language of announcements; empty for the tenant's.
            #[schema(required = false)]
            language: String,
            /// People in it at the same time.
            #[schema(value_type = i32, required = false, minimum = 1, maximum = 200, default = 9)]
            capacity: i64,
            /// The digits that make whoever dials them the chairman. Only its organizer sees them.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, min_length = 3, max_length = 6)]
            admin_pin: Option<String>,
            /// The digits that let whoever dials them in.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false, min_length = 3, max_length = 6)]
            room_pin: Option<String>,
            /// It is recorded from its start.
            #[schema(required = false, default = false)]
            enable_recording: bool,
            /// Who comes and goes is announced.
            #[schema(required = false, default = true)]
            enable_prompt: bool,
            /// The IANA time zone that invitations speak of.
            #[schema(required = false)]
            timezone: String,
            /// When it was made.
            #[schema(required = false)]
            created_at: String,
            /// When it is planned to start.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false)]
            scheduled_start_at: Option<String>,
            /// When it is planned to end.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = String, required = false)]
            scheduled_end_at: Option<String>,
            /// The ids of the invited users.
            #[schema(required = false)]
            internal_invitees: Vec<String>,
            /// The mail addresses of the others who are invited.
            #[schema(required = false)]
            external_invitees: String,
            /// It ends when the last one leaves.
            #[schema(required = false, default = false)]
            close_on_nobody: bool,
            /// The caller ids that people who are called in may be shown.
            #[schema(required = false)]
            outbound_caller_ids: Vec<PlainCallerIdWire>,
            /// Whether the caller organizes it; otherwise he is invited.
            #[schema(required = false)]
            ownership: bool,
            /// What an integration keeps with it.
            #[schema(required = false)]
            custom_options: String,
            $($(#[$attribute])* $more: $type,)*
        }

        impl From<SeenMeeting> for $name {
            fn from($seen: SeenMeeting) -> Self {
                $(let $more = $value;)*
                let meeting = $seen.meeting;
                let settings = meeting.settings;
                Self {
                    id: meeting.id.to_string(),
                    extension_number: meeting.extension_number,
                    mode: meeting.mode.into(),
                    control: settings.control.into(),
                    height: settings.height,
                    width: settings.width,
                    bitrate: settings.bitrate,
                    framerate: settings.framerate,
                    layout: settings.layout.into(),
                    subject: meeting.subject,
                    language: settings.language,
                    capacity: settings.capacity,
                    admin_pin: settings.admin_pin.map(|pin| pin.reveal().to_owned()),
                    room_pin: settings.room_pin.map(|pin| pin.reveal().to_owned()),
                    enable_recording: settings.enable_recording,
                    enable_prompt: settings.enable_prompt,
                    timezone: settings.timezone,
                    created_at: meeting.created_at.to_string(),
                    scheduled_start_at: settings.scheduled_start_at.map(|moment| moment.to_string()),
                    scheduled_end_at: settings.scheduled_end_at.map(|moment| moment.to_string()),
                    internal_invitees: settings.internal_invitees.iter().map(ToString::to_string).collect(),
                    external_invitees: settings.external_invitees,
                    close_on_nobody: settings.close_on_nobody,
                    outbound_caller_ids: settings.outbound_caller_ids.iter().map(Into::into).collect(),
                    ownership: $seen.own,
                    custom_options: settings.custom_options,
                    $($more,)*
                }
            }
        }
    )*};
}

meeting_answer! {
    /// A line of the list of meetings.
    MeetingLine seen {}

    /// A meeting.
    MeetingAnswer seen {
        /// The SIP domain of the tenant.
        #[schema(required = false, min_length = 1, max_length = 280)]
        domain: String = seen.domain;
        /// Where a browser would join. Empty: there is no such gateway.
        #[schema(required = false)]
        sbc_host: String = String::new();
        /// What a browser would join with. Empty: there is no such gateway.
        #[schema(required = false)]
        token: String = String::new();
    }
}

/// A meeting was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedMeeting {
    /// Its id.
    #[schema(required = false, example = "100001")]
    pub(crate) id: String,
    /// The number that leads to it.
    #[schema(required = false, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    pub(crate) extension_number: String,
}

/// The fields by which the list can be filtered and ordered.
pub(crate) fn names(name: &str) -> Option<MeetingField> {
    match name {
        "id" => Some(MeetingField::Id),
        "extension_number" => Some(MeetingField::ExtensionNumber),
        "mode" => Some(MeetingField::Mode),
        "subject" => Some(MeetingField::Subject),
        "created_at" => Some(MeetingField::CreatedAt),
        "scheduled_start_at" => Some(MeetingField::ScheduledStartAt),
        "scheduled_end_at" => Some(MeetingField::ScheduledEndAt),
        _ => None,
    }
}
