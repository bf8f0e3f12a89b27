//! The settings of a tenant and its password policy.

use jackfield_domain::{
    ContactAppend, ContactMatch, E164, EventHook, HookAuth, NumberRange, PasswordPolicy, SealedSecret,
    TenantSettings,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::{Wire, object, text, words};

object!(TenantSettings = Self::default(); {
    enable_video_recording,
    enable_audio_recording,
    enable_dual_track_recording,
    enable_billing,
    enable_feature_billing,
    enable_feature_call_statistics,
    enable_feature_contact_center,
    enable_feature_message_channels,
    enable_feature_microsoft_teams,
    enable_feature_trunks,
    enable_feature_whats_app,
    enable_night_mode,
    enable_two_factor_authentication,
    password_force_reset,
    max_ring_groups,
    max_virtual_receptionists,
    max_call_queues,
    max_conference_rooms,
    recording_retention,
    call_report_retention,
    log_retention,
    temp_file_retention,
    contact_match_length,
    contact_update_interval,
    custom_options,
    disk_quota,
    im_disk_quota,
    extension_im_disk_quota,
    email_recipients,
    stir_shaken_cert,
    office_hours,
    outbound_caller_ids,
    e164,
    cdr_event,
    extension_event,
    contact_match_type,
    contact_append_type,
    stir_shaken_key,
    meeting_numbers,
});

object!(PasswordPolicy = Self::default(); {
    min_length,
    max_length,
    contains_letters,
    contains_numbers,
    contains_special_letters,
    disable_sequential_characters,
    disable_repeating_characters,
    disable_account_information,
});

object!(E164 = Self::default(); {
    enabled,
    international_code,
    country,
    area_code,
    national_code,
    prefix,
    remove_special_chars,
    remove_duplicate_countries,
    remove_duplicate_area_codes,
});

object!(EventHook = Self::default(); { enabled, auth, username, password, token, url });

words!(HookAuth { None = "DISABLE", Basic = "BASIC", Digest = "DIGEST", Bearer = "BEARER" });
words!(ContactMatch { Disabled = "DISABLE", Exactly = "MATCH_EXACTLY", Length = "MATCH_LENGTH" });
words!(ContactAppend { Disabled = "DISABLE", Append = "APPEND", Prepend = "PREPEND" });

/// The first and the last number, with a hyphen between them.
impl Serialize for Wire<&NumberRange> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Wire<NumberRange> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "two numbers with a hyphen between them", |text| {
            let (first, last) = text.split_once('-')?;
            NumberRange::new(first, last).ok()
        })
    }
}

/// The sealed bytes in hexadecimal.
impl Serialize for Wire<&SealedSecret> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0.0))
    }
}

impl<'de> Deserialize<'de> for Wire<SealedSecret> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "hexadecimal digits", |text| {
            hex::decode(text).ok().map(SealedSecret)
        })
    }
}
