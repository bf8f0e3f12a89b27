//! The shape of the answers that `user_view.rs` writes: for the document, and for the tests, which read every answer back
//! through these types and would find a field that is missing, misspelt or of another type.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    blfs::BlfWire,
    caller_ids::CallerIdWire,
    forward::{CustomRuleWire, NoAnswerRuleWire, QuietRuleWire, RuleWire},
    hours::OfficeHoursWire,
    words::{ClockWord, InterfaceWord, SmsWord, TransportWord},
};

macro_rules! user_answers {
    ($($(#[$doc:meta])* $answer:ident { $($extra:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        #[cfg_attr(test, serde(deny_unknown_fields))]
        pub(crate) struct $answer {
            /// The user's id: digits, in a string.
            #[schema(example = "100001")]
            pub(crate) id: String,
            /// The name to sign in with. Never changes.
            #[schema(min_length = 1, max_length = 64)]
            pub(crate) name: String,
            /// The address for mail; empty when there is none.
            #[schema(max_length = 128)]
            pub(crate) email: String,
            /// The name that people see.
            #[schema(max_length = 1024)]
            pub(crate) display_name: String,
            /// The name of the user's role.
            #[schema(min_length = 1, max_length = 64)]
            pub(crate) role: String,
            /// Whether the user may sign in and the extension works.
            pub(crate) enabled: bool,
            /// A mobile number, as free text.
            #[schema(max_length = 32)]
            pub(crate) mobile_phone: String,
            /// A number at work, as free text.
            #[schema(max_length = 32)]
            pub(crate) work_phone: String,
            /// A number at home, as free text.
            #[schema(max_length = 32)]
            pub(crate) home_phone: String,
            /// A postal address.
            #[schema(max_length = 128)]
            pub(crate) address: String,
            /// A department.
            #[schema(max_length = 128)]
            pub(crate) department: String,
            /// The number to dial. Never changes; empty for a user without a telephone.
            #[schema(max_length = 64)]
            pub(crate) extension_number: String,
            /// Do not disturb.
            pub(crate) enable_dnd: bool,
            /// Automatic callback.
            pub(crate) enable_acb: bool,
            /// Whether the sound of calls is recorded.
            pub(crate) enable_audio_recording: bool,
            /// Whether the picture of calls is recorded.
            pub(crate) enable_video_recording: bool,
            /// Whether the user may sign in at shared phones.
            pub(crate) enable_hot_desking: bool,
            /// Whether outbound calls hide the caller id.
            pub(crate) anonymous_outbound_calls: bool,
            /// Whether outbound calls pass the caller id on.
            pub(crate) delivery_outbound_cid: bool,
            /// Whether the user may send text messages.
            pub(crate) sms: SmsWord,
            /// The caller ids that the user may show.
            pub(crate) outbound_caller_ids: Vec<CallerIdWire>,
            /// What an integration keeps with the user: JSON as a text, by custom.
            pub(crate) custom_options: String,
            /// Whose office hours count, and the user's own.
            pub(crate) office_hours: OfficeHoursWire,
            /// Available, in office hours.
            pub(crate) available_office_hours_forward_rule: RuleWire,
            /// Available, outside of office hours.
            pub(crate) available_non_office_hours_forward_rule: RuleWire,
            /// Available, and nobody answers.
            pub(crate) available_no_answer_forward_rule: NoAnswerRuleWire,
            /// In a call, in office hours.
            pub(crate) busy_office_hours_forward_rule: RuleWire,
            /// In a call, outside of office hours.
            pub(crate) busy_non_office_hours_forward_rule: RuleWire,
            /// In a call, rung anyway, and nobody answers.
            pub(crate) busy_no_answer_forward_rule: NoAnswerRuleWire,
            /// Do not disturb, in office hours.
            pub(crate) dnd_office_hours_forward_rule: QuietRuleWire,
            /// Do not disturb, outside of office hours.
            pub(crate) dnd_non_office_hours_forward_rule: QuietRuleWire,
            /// Away, in office hours.
            pub(crate) away_office_hours_forward_rule: QuietRuleWire,
            /// Away, outside of office hours.
            pub(crate) away_non_office_hours_forward_rule: QuietRuleWire,
            /// At lunch, in office hours.
            pub(crate) lunch_office_hours_forward_rule: QuietRuleWire,
            /// At lunch, outside of office hours.
            pub(crate) lunch_non_office_hours_forward_rule: QuietRuleWire,
            /// On a business trip, in office hours.
            pub(crate) trip_office_hours_forward_rule: QuietRuleWire,
            /// On a business trip, outside of office hours.
            pub(crate) trip_non_office_hours_forward_rule: QuietRuleWire,
            /// No phone registered, in office hours.
            pub(crate) offline_office_hours_forward_rule: QuietRuleWire,
            /// No phone registered, outside of office hours.
            pub(crate) offline_non_office_hours_forward_rule: QuietRuleWire,
            /// Rules for certain callers at certain hours; they go before the others.
            pub(crate) custom_forward_rules: Vec<CustomRuleWire>,
            /// The language of voicemail prompts, a BCP 47 tag; empty for the tenant's.
            #[schema(example = "en-US")]
            pub(crate) voicemail_prompt: String,
            /// Whether the voicemail box asks for the PIN.
            pub(crate) enable_voicemail_pin: bool,
            /// The PIN of the voicemail box.
            #[schema(max_length = 10)]
            pub(crate) voicemail_pin: String,
            /// Whether each voicemail message is announced by mail.
            pub(crate) enable_voicemail_notify: bool,
            /// How the voicemail box says when a message came.
            pub(crate) voicemail_play_datetime: ClockWord,
            /// The address of the installation that the user's phones use.
            pub(crate) interface: InterfaceWord,
            /// The transport that the user's phones use.
            pub(crate) preferred_transport: TransportWord,
            /// The keys with lamps of the user's phone.
            pub(crate) blfs: Vec<BlfWire>,
            /// The unguessable id of the file that sets up the user's softphone.
            pub(crate) profile: String,
            /// When the user was created.
            #[schema(format = DateTime, example = "2024-01-31T12:00:00Z")]
            pub(crate) created_at: String,
            /// The name of the picture's file; empty when there is none.
            pub(crate) avatar_file_name: String,
            /// The size of the picture in bytes.
            #[schema(minimum = 0)]
            pub(crate) avatar_file_size: i64,
            /// Where to fetch the picture.
            pub(crate) avatar_file_url: String,
            /// The directory outside that the user is bound to; missing for others.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(value_type = SyncTypeWord, required = false)]
            pub(crate) sync_type: Option<SyncTypeWord>,
            $($extra)*
        }
    )*};
}

user_answers! {
    /// A user, complete but for the passwords.
    UserAnswer {}

    /// The caller himself: what `UserAnswer` has, and where the installation takes SIP.
    OwnUserAnswer {
        /// The addresses at which the installation takes SIP.
        pub(crate) transports: Vec<TransportAnswer>,
    }
}

/// A directory outside.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) enum SyncTypeWord {
    /// Of Microsoft's cloud.
    #[serde(rename = "Microsoft 365")]
    Microsoft365,
}

/// One address at which the installation takes SIP.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct TransportAnswer {
    /// How messages travel there.
    pub(crate) protocol: TransportWord,
    /// The port.
    #[schema(minimum = 0, maximum = 65535)]
    pub(crate) port: i32,
    /// Whether a client has to show a certificate.
    pub(crate) verification: VerificationWord,
}

/// Whether a client has to show a certificate.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum VerificationWord {
    /// No.
    Disable,
    /// It may.
    Optional,
    /// Yes.
    Mandatory,
}

/// A line of the list of users.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct UserLineAnswer {
    /// The user's id: digits, in a string.
    #[schema(example = "100001")]
    pub(crate) id: String,
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) name: String,
    /// Whether the user may sign in and the extension works.
    pub(crate) enabled: bool,
    /// The address for mail; empty when there is none.
    #[schema(max_length = 128)]
    pub(crate) email: String,
    /// The name that people see.
    #[schema(max_length = 1024)]
    pub(crate) display_name: String,
    /// The name of the user's role.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) role: String,
    /// A mobile number, as free text.
    #[schema(max_length = 32)]
    pub(crate) mobile_phone: String,
    /// A number at work, as free text.
    #[schema(max_length = 32)]
    pub(crate) work_phone: String,
    /// A number at home, as free text.
    #[schema(max_length = 32)]
    pub(crate) home_phone: String,
    /// A postal address.
    #[schema(max_length = 128)]
    pub(crate) address: String,
    /// A department.
    #[schema(max_length = 128)]
    pub(crate) department: String,
    /// The number to dial; empty for a user without a telephone.
    #[schema(max_length = 64)]
    pub(crate) extension_number: String,
    /// When the user was created.
    #[schema(format = DateTime, example = "2024-01-31T12:00:00Z")]
    pub(crate) created_at: String,
    /// The name of the picture's file; empty when there is none.
    pub(crate) avatar_file_name: String,
    /// The size of the picture in bytes.
    #[schema(minimum = 0)]
    pub(crate) avatar_file_size: i64,
    /// Where to fetch the picture.
    pub(crate) avatar_file_url: String,
    /// The directory outside that the user is bound to; missing for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SyncTypeWord, required = false)]
    pub(crate) sync_type: Option<SyncTypeWord>,
}

/// A page of the list of users.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct UsersAnswer {
    /// How many users match altogether, on all pages.
    #[schema(minimum = 0)]
    pub(crate) count: i64,
    /// The users of this page.
    pub(crate) items: Vec<UserLineAnswer>,
}
