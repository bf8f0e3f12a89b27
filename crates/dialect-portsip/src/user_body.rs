//! What requests say of a user.
//!
//! Creating, updating by an administrator and updating oneself take the same fields but for a few, so one macro writes the
//! three types. Lengths in the schemas repeat [`limits`](jackfield_domain::limits); a test holds them together.

mod create;

use std::mem::take;

use jackfield_domain::{
    BlobId, Field, ForwardCase, OfficeHoursPatch, Patch, Result, Rule, UserPatch, UserSettingsPatch,
    Violations, VoicemailPin,
};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    blfs::{BlfInput, BlfWire},
    caller_ids::{CallerIdInput, CallerIdWire},
    forward::{self, CustomRuleInput, CustomRuleWire, NoAnswerRuleWire, QuietRuleWire, RuleInput, RuleWire},
    hours::{HoursInput, OfficeHoursWire},
    id,
    words::{self, ClockWord, InterfaceWord, SmsWord, TransportWord, Worded},
};

macro_rules! user_bodies {
    ($($(#[$doc:meta])* $body:ident { $($own:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct $body {
            $($own)*
            /// Whether the user may sign in and the extension works. Only an administrator may change it.
            #[serde(default)]
            #[schema(value_type = bool)]
            enabled: Input<bool>,
            /// A mobile number, as free text.
            #[serde(default)]
            #[schema(value_type = String, max_length = 32)]
            mobile_phone: Input<String>,
            /// A number at work, as free text.
            #[serde(default)]
            #[schema(value_type = String, max_length = 32)]
            work_phone: Input<String>,
            /// A number at home, as free text.
            #[serde(default)]
            #[schema(value_type = String, max_length = 32)]
            home_phone: Input<String>,
            /// A postal address.
            #[serde(default)]
            #[schema(value_type = String, max_length = 128)]
            address: Input<String>,
            /// A department.
            #[serde(default)]
            #[schema(value_type = String, max_length = 128)]
            department: Input<String>,
            /// Record the sound of calls.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_audio_recording: Input<bool>,
            /// Record the picture of calls.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_video_recording: Input<bool>,
            /// Do not disturb.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_dnd: Input<bool>,
            /// Automatic callback.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_acb: Input<bool>,
            /// Let the user sign in at shared phones.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_hot_desking: Input<bool>,
            /// Hide the caller id on outbound calls.
            #[serde(default)]
            #[schema(value_type = bool)]
            anonymous_outbound_calls: Input<bool>,
            /// Pass the caller id on with outbound calls.
            #[serde(default)]
            #[schema(value_type = bool)]
            delivery_outbound_cid: Input<bool>,
            /// Whether the user may send text messages. Only who manages users may change it.
            #[serde(default)]
            #[schema(value_type = SmsWord)]
            sms: Input<String>,
            /// The caller ids that the user may show. Replaces the former list.
            #[serde(default)]
            #[schema(value_type = Vec<CallerIdWire>, max_items = 100)]
            outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
            /// What an integration keeps with the user: JSON as a text, by custom.
            #[serde(default)]
            #[schema(value_type = String, max_length = 65536)]
            custom_options: Input<String>,
            /// Whose office hours count, and the user's own. Days that are left out stay as they are.
            #[serde(default)]
            #[schema(value_type = OfficeHoursWire)]
            office_hours: Input<HoursInput>,
            /// Available, in office hours.
            #[serde(default)]
            #[schema(value_type = RuleWire)]
            available_office_hours_forward_rule: Input<RuleInput>,
            /// Available, outside of office hours.
            #[serde(default)]
            #[schema(value_type = RuleWire)]
            available_non_office_hours_forward_rule: Input<RuleInput>,
            /// Available, and nobody answers.
            #[serde(default)]
            #[schema(value_type = NoAnswerRuleWire)]
            available_no_answer_forward_rule: Input<RuleInput>,
            /// In a call, in office hours.
            #[serde(default)]
            #[schema(value_type = RuleWire)]
            busy_office_hours_forward_rule: Input<RuleInput>,
            /// In a call, outside of office hours.
            #[serde(default)]
            #[schema(value_type = RuleWire)]
            busy_non_office_hours_forward_rule: Input<RuleInput>,
            /// In a call, rung anyway, and nobody answers.
            #[serde(default)]
            #[schema(value_type = NoAnswerRuleWire)]
            busy_no_answer_forward_rule: Input<RuleInput>,
            /// Do not disturb, in office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            dnd_office_hours_forward_rule: Input<RuleInput>,
            /// Do not disturb, outside of office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            dnd_non_office_hours_forward_rule: Input<RuleInput>,
            /// Away, in office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            away_office_hours_forward_rule: Input<RuleInput>,
            /// Away, outside of office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            away_non_office_hours_forward_rule: Input<RuleInput>,
            /// At lunch, in office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            lunch_office_hours_forward_rule: Input<RuleInput>,
            /// At lunch, outside of office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            lunch_non_office_hours_forward_rule: Input<RuleInput>,
            /// On a business trip, in office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            trip_office_hours_forward_rule: Input<RuleInput>,
            /// On a business trip, outside of office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            trip_non_office_hours_forward_rule: Input<RuleInput>,
            /// No phone registered, in office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            offline_office_hours_forward_rule: Input<RuleInput>,
            /// No phone registered, outside of office hours.
            #[serde(default)]
            #[schema(value_type = QuietRuleWire)]
            offline_non_office_hours_forward_rule: Input<RuleInput>,
            /// Rules for certain callers at certain hours; they go before the others. Replaces the former list.
            #[serde(default)]
            #[schema(value_type = Vec<CustomRuleWire>, max_items = 100)]
            custom_forward_rules: Input<Vec<Input<CustomRuleInput>>>,
            /// The language of voicemail prompts, a BCP 47 tag; empty for the tenant's.
            #[serde(default)]
            #[schema(value_type = String, max_length = 64, example = "en-US")]
            voicemail_prompt: Input<String>,
            /// Ask for the PIN when the voicemail box is opened.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_voicemail_pin: Input<bool>,
            /// Announce each voicemail message by mail.
            #[serde(default)]
            #[schema(value_type = bool)]
            enable_voicemail_notify: Input<bool>,
            /// How the voicemail box says when a message came.
            #[serde(default)]
            #[schema(value_type = ClockWord)]
            voicemail_play_datetime: Input<String>,
            /// The address of the installation that the user's phones use.
            #[serde(default)]
            #[schema(value_type = InterfaceWord)]
            interface: Input<String>,
            /// The transport that the user's phones use.
            #[serde(default)]
            #[schema(value_type = TransportWord)]
            preferred_transport: Input<String>,
            /// The keys with lamps of the user's phone. Replaces the former list.
            #[serde(default)]
            #[schema(value_type = Vec<BlfWire>, max_items = 200)]
            blfs: Input<Vec<Input<BlfInput>>>,
        }

        impl $body {
            /// Everything that all three requests may say; what is wrong with it goes to `found`.
            fn patch(&mut self, found: &mut Violations) -> UserPatch {
                UserPatch {
                    email: text(&mut self.email, found, Field::Email),
                    display_name: text(&mut self.display_name, found, Field::DisplayName),
                    enabled: flag(&mut self.enabled, found, Field::Enabled),
                    mobile_phone: text(&mut self.mobile_phone, found, Field::MobilePhone),
                    work_phone: text(&mut self.work_phone, found, Field::WorkPhone),
                    home_phone: text(&mut self.home_phone, found, Field::HomePhone),
                    address: text(&mut self.address, found, Field::Address),
                    department: text(&mut self.department, found, Field::Department),
                    dnd: flag(&mut self.enable_dnd, found, Field::EnableDnd),
                    acb: flag(&mut self.enable_acb, found, Field::EnableAcb),
                    voicemail_pin: match take(&mut self.voicemail_pin).patch(found, Field::VoicemailPin) {
                        Patch::Set(digits) => Patch::Set(VoicemailPin::new(digits)),
                        Patch::Keep => Patch::Keep,
                    },
                    settings: self.settings(found),
                    ..UserPatch::default()
                }
            }

            fn settings(&mut self, found: &mut Violations) -> UserSettingsPatch {
                UserSettingsPatch {
                    enable_audio_recording: flag(
                        &mut self.enable_audio_recording,
                        found,
                        Field::EnableAudioRecording,
                    ),
                    enable_video_recording: flag(
                        &mut self.enable_video_recording,
                        found,
                        Field::EnableVideoRecording,
                    ),
                    enable_hot_desking: flag(&mut self.enable_hot_desking, found, Field::EnableHotDesking),
                    anonymous_outbound_calls: flag(
                        &mut self.anonymous_outbound_calls,
                        found,
                        Field::AnonymousOutboundCalls,
                    ),
                    sms: choice(&mut self.sms, found, Field::Sms),
                    delivery_outbound_cid: flag(
                        &mut self.delivery_outbound_cid,
                        found,
                        Field::DeliveryOutboundCid,
                    ),
                    outbound_caller_ids: take(&mut self.outbound_caller_ids)
                        .entries(found, Field::OutboundCallerIds, CallerIdInput::read)
                        .patch_or_default(found, Field::OutboundCallerIds),
                    custom_options: text(&mut self.custom_options, found, Field::CustomOptions),
                    custom_forward_rules: take(&mut self.custom_forward_rules)
                        .entries(found, Field::CustomForwardRules, CustomRuleInput::read)
                        .patch_or_default(found, Field::CustomForwardRules),
                    voicemail_prompt: text(&mut self.voicemail_prompt, found, Field::VoicemailPrompt),
                    enable_voicemail_pin: flag(
                        &mut self.enable_voicemail_pin,
                        found,
                        Field::EnableVoicemailPin,
                    ),
                    enable_voicemail_notify: flag(
                        &mut self.enable_voicemail_notify,
                        found,
                        Field::EnableVoicemailNotify,
                    ),
                    voicemail_play_datetime: choice(
                        &mut self.voicemail_play_datetime,
                        found,
                        Field::VoicemailPlayDatetime,
                    ),
                    interface: choice(&mut self.interface, found, Field::Interface),
                    preferred_transport: choice(
                        &mut self.preferred_transport,
                        found,
                        Field::PreferredTransport,
                    ),
                    blfs: take(&mut self.blfs)
                        .entries(found, Field::Blfs, BlfInput::read)
                        .patch_or_default(found, Field::Blfs),
                    office_hours: match take(&mut self.office_hours)
                        .open(found, Field::OfficeHours, HoursInput::patch)
                        .patch(found, Field::OfficeHours)
                    {
                        Patch::Set(hours) => hours,
                        Patch::Keep => OfficeHoursPatch::default(),
                    },
                    forward_rules: ForwardCase::ALL.map(|case| {
                        let rule = take(self.rule(case));
                        forward::change(rule, found, case)
                    }),
                }
            }

            fn rule(&mut self, case: ForwardCase) -> &mut Input<RuleInput> {
                match case {
                    ForwardCase::AvailableOffice => &mut self.available_office_hours_forward_rule,
                    ForwardCase::AvailableNonOffice => &mut self.available_non_office_hours_forward_rule,
                    ForwardCase::AvailableNoAnswer => &mut self.available_no_answer_forward_rule,
                    ForwardCase::BusyOffice => &mut self.busy_office_hours_forward_rule,
                    ForwardCase::BusyNonOffice => &mut self.busy_non_office_hours_forward_rule,
                    ForwardCase::BusyNoAnswer => &mut self.busy_no_answer_forward_rule,
                    ForwardCase::DndOffice => &mut self.dnd_office_hours_forward_rule,
                    ForwardCase::DndNonOffice => &mut self.dnd_non_office_hours_forward_rule,
                    ForwardCase::AwayOffice => &mut self.away_office_hours_forward_rule,
                    ForwardCase::AwayNonOffice => &mut self.away_non_office_hours_forward_rule,
                    ForwardCase::LunchOffice => &mut self.lunch_office_hours_forward_rule,
                    ForwardCase::LunchNonOffice => &mut self.lunch_non_office_hours_forward_rule,
                    ForwardCase::TripOffice => &mut self.trip_office_hours_forward_rule,
                    ForwardCase::TripNonOffice => &mut self.trip_non_office_hours_forward_rule,
                    ForwardCase::OfflineOffice => &mut self.offline_office_hours_forward_rule,
                    ForwardCase::OfflineNonOffice => &mut self.offline_non_office_hours_forward_rule,
                }
            }
        }
    )*};
}

/// A text; `null` empties it.
fn text(input: &mut Input<String>, found: &mut Violations, field: Field) -> Patch<String> {
    take(input).patch_or_default(found, field)
}

/// A switch; it has no empty value.
fn flag(input: &mut Input<bool>, found: &mut Violations, field: Field) -> Patch<bool> {
    take(input).patch(found, field)
}

/// A choice; it has no empty value.
fn choice<W: Worded>(input: &mut Input<String>, found: &mut Violations, field: Field) -> Patch<W> {
    words::choice(take(input)).patch(found, field)
}

user_bodies! {
    /// A user to be made. What is left out has the value that the field's description of a new user names, or is empty.
    CreateUser {
        /// The name to sign in with: letters, digits and `_ - ' .`, no dot at either end. Never changes.
        #[serde(default)]
        #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
        name: Input<String>,
        /// The password, as the tenant's policy wants it.
        #[serde(default)]
        #[schema(value_type = String, required = true)]
        password: Input<String>,
        /// In place of `password`: an argon2id hash in PHC form, for users who move here with a password that only they
        /// know. An extension of ours.
        #[serde(default)]
        #[schema(value_type = String, required = false)]
        password_hash: Input<String>,
        /// The address for mail; may be empty.
        #[serde(default)]
        #[schema(value_type = String, required = true, max_length = 128)]
        email: Input<String>,
        /// The name that people see; may be empty.
        #[serde(default)]
        #[schema(value_type = String, required = true, max_length = 1024)]
        display_name: Input<String>,
        /// The name of a role of the tenant.
        #[serde(default)]
        #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
        role: Input<String>,
        /// The number to dial. Never changes.
        #[serde(default)]
        #[schema(value_type = String, required = true, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
        extension_number: Input<String>,
        /// The password of the user's SIP devices, as the tenant's policy wants it.
        #[serde(default)]
        #[schema(value_type = String, required = true)]
        extension_password: Input<String>,
        /// The PIN of the voicemail box: digits, no three in a row that are equal, ascending or descending.
        #[serde(default)]
        #[schema(value_type = String, required = true, min_length = 6, max_length = 10)]
        voicemail_pin: Input<String>,
    }

    /// A change to a user. What is left out stays. Role, passwords and balance have operations of their own.
    UpdateUser {
        /// The address for mail.
        #[serde(default)]
        #[schema(value_type = String, max_length = 128)]
        email: Input<String>,
        /// The name that people see.
        #[serde(default)]
        #[schema(value_type = String, max_length = 1024)]
        display_name: Input<String>,
        /// The PIN of the voicemail box: digits, no three in a row that are equal, ascending or descending.
        #[serde(default)]
        #[schema(value_type = String, min_length = 6, max_length = 10)]
        voicemail_pin: Input<String>,
        /// Never changes: only what was read may be sent back.
        #[serde(default)]
        #[schema(value_type = String, max_length = 64)]
        name: Input<String>,
        /// Never changes: only what was read may be sent back.
        #[serde(default)]
        #[schema(value_type = String, max_length = 64)]
        extension_number: Input<String>,
    }

    /// A change to oneself. What is left out stays.
    UpdateOwnUser {
        /// The address for mail.
        #[serde(default)]
        #[schema(value_type = String, max_length = 128)]
        email: Input<String>,
        /// The name that people see.
        #[serde(default)]
        #[schema(value_type = String, max_length = 1024)]
        display_name: Input<String>,
        /// The PIN of the voicemail box: digits, no three in a row that are equal, ascending or descending.
        #[serde(default)]
        #[schema(value_type = String, min_length = 6, max_length = 10)]
        voicemail_pin: Input<String>,
        /// The id of an uploaded picture: PNG, JPEG, GIF or WebP. Empty takes the picture away.
        #[serde(default)]
        #[schema(value_type = String)]
        avatar_file_id: Input<String>,
        /// Never changes: only what was read may be sent back.
        #[serde(default)]
        #[schema(value_type = String, max_length = 64)]
        name: Input<String>,
        /// Never changes: only what was read may be sent back.
        #[serde(default)]
        #[schema(value_type = String, max_length = 64)]
        extension_number: Input<String>,
    }
}

impl UpdateUser {
    /// The change that the request describes.
    ///
    /// # Errors
    /// [`Error::Invalid`](jackfield_domain::Error::Invalid) with everything that is wrong.
    pub(crate) fn into_patch(mut self) -> Result<UserPatch> {
        let mut found = Violations::new();
        let (name, number) = (take(&mut self.name), take(&mut self.extension_number));
        let mut patch = self.patch(&mut found);
        patch.name = name.optional(&mut found, Field::Name).into();
        patch.extension_number = number.optional(&mut found, Field::ExtensionNumber).into();
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

impl UpdateOwnUser {
    /// The change that the request describes.
    ///
    /// # Errors
    /// [`Error::Invalid`](jackfield_domain::Error::Invalid) with everything that is wrong.
    pub(crate) fn into_patch(mut self) -> Result<UserPatch> {
        let mut found = Violations::new();
        let (name, number) = (take(&mut self.name), take(&mut self.extension_number));
        let picture = take(&mut self.avatar_file_id)
            .convert(|id| match id.as_str() {
                "" => Ok(None),
                id => id::read(id).map(|id| Some(BlobId::new(id))).ok_or(Rule::Unknown),
            })
            .patch_or_default(&mut found, Field::AvatarFile);
        let mut patch = self.patch(&mut found);
        patch.avatar = picture;
        patch.name = name.optional(&mut found, Field::Name).into();
        patch.extension_number = number.optional(&mut found, Field::ExtensionNumber).into();
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

#[cfg(test)]
mod tests;
