//! How tenants look in answers.

use jackfield_domain::{PasswordPolicy, Tenant, TenantSummary};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller_ids::PlainCallerIdWire,
    hours::WeekWire,
    tenant_events::{E164Wire, HookWire},
    words::{ContactAppendWord, ContactMatchWord},
};

macro_rules! tenant_view {
    (flags { $($flag:ident $fsay:literal,)* } numbers { $($number:ident $least:tt to $most:tt, $nsay:literal,)* } texts { $($text:ident $tsay:literal,)* }) => {
        /// A tenant.
        #[derive(Serialize, ToSchema)]
        #[schema(title = "Tenant")]
        pub(crate) struct TenantAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// Its name.
            #[schema(min_length = 1, max_length = 1024)]
            name: String,
            /// Its SIP domain.
            #[schema(min_length = 1, max_length = 280)]
            domain: String,
            /// A web address.
            #[schema(required = false, max_length = 255)]
            website: String,
            /// An IANA time zone.
            #[schema(required = false, example = "Europe/Berlin")]
            timezone: String,
            /// An ISO 4217 currency.
            #[schema(required = false, example = "EUR")]
            currency: String,
            /// An ISO 3166-1 alpha-3 country.
            #[schema(required = false, example = "DEU")]
            region: String,
            /// Whether its users may sign in and its extensions work.
            #[schema(required = false)]
            enabled: bool,
            /// Extensions, at most.
            #[schema(required = false, minimum = 0)]
            max_extensions: i64,
            /// Calls at the same time, at most.
            #[schema(required = false, minimum = 0)]
            max_concurrent_calls: i64,
            $(#[doc = $fsay] #[schema(required = false)] $flag: bool,)*
            $(#[doc = $nsay] #[schema(required = false, minimum = $least, maximum = $most)] $number: i64,)*
            $(#[doc = $tsay] #[schema(required = false)] $text: String,)*
            /// The office hours of everyone who has none of his own.
            #[schema(required = false)]
            office_hours: WeekWire,
            /// The caller ids of the tenant.
            #[schema(required = false)]
            outbound_caller_ids: Vec<PlainCallerIdWire>,
            /// How numbers of callers are brought into E.164 form.
            #[schema(required = false)]
            e164: E164Wire,
            /// Where call records are sent.
            #[schema(required = false)]
            cdr_event: HookWire,
            /// Where changes of extensions are sent.
            #[schema(required = false)]
            extension_event: HookWire,
            /// How a caller's number is matched with a contact.
            #[schema(required = false)]
            contact_match_type: ContactMatchWord,
            /// Where a contact's name goes on a phone's display.
            #[schema(required = false)]
            contact_append_type: ContactAppendWord,
            /// Never shown: empty.
            #[schema(required = false, max_length = 0)]
            stir_shaken_key: &'static str,
            /// The file of its picture; none yet.
            #[schema(required = false)]
            avatar_file_name: &'static str,
            /// The address of its picture; none yet.
            #[schema(required = false)]
            avatar_file_url: &'static str,
            /// When it was made.
            #[schema(format = DateTime)]
            created_at: String,
        }

        impl From<Tenant> for TenantAnswer {
            fn from(tenant: Tenant) -> Self {
                let settings = tenant.settings;
                Self {
                    id: tenant.id.to_string(),
                    name: tenant.name,
                    domain: tenant.domain,
                    website: tenant.website,
                    timezone: tenant.timezone,
                    currency: tenant.currency,
                    region: tenant.region,
                    enabled: tenant.enabled,
                    max_extensions: tenant.max_extensions,
                    max_concurrent_calls: tenant.max_concurrent_calls,
                    $($flag: settings.$flag,)*
                    $($number: settings.$number,)*
                    $($text: settings.$text,)*
                    office_hours: (&settings.office_hours).into(),
                    outbound_caller_ids: settings.outbound_caller_ids.iter().map(Into::into).collect(),
                    e164: (&settings.e164).into(),
                    cdr_event: (&settings.cdr_event).into(),
                    extension_event: (&settings.extension_event).into(),
                    contact_match_type: settings.contact_match_type.into(),
                    contact_append_type: settings.contact_append_type.into(),
                    stir_shaken_key: "",
                    avatar_file_name: "",
                    avatar_file_url: "",
                    created_at: tenant.created_at.to_string(),
                }
            }
        }
    };
}

tenant_view! {
    flags {
        enable_video_recording "Record the picture of all calls.",
        enable_audio_recording "Record the sound of all calls.",
        enable_dual_track_recording "Record each side on a track of its own.",
        enable_billing "Bill calls.",
        enable_feature_billing "Billing is sold to the tenant.",
        enable_feature_call_statistics "Call statistics are sold to the tenant.",
        enable_feature_contact_center "The contact centre is sold to the tenant.",
        enable_feature_message_channels "Message channels are sold to the tenant.",
        enable_feature_microsoft_teams "Microsoft Teams is sold to the tenant.",
        enable_feature_trunks "Trunks are sold to the tenant.",
        enable_feature_whats_app "`WhatsApp` is sold to the tenant.",
        enable_night_mode "Treat all hours as outside of office hours.",
        enable_two_factor_authentication "Demand a code with each sign-in.",
        password_force_reset "New users must set a password of their own first.",
    }
    numbers {
        max_ring_groups 0 to 2_147_483_647, "Ring groups, at most.",
        max_virtual_receptionists 0 to 2_147_483_647, "Virtual receptionists, at most.",
        max_call_queues 0 to 2_147_483_647, "Call queues, at most.",
        max_conference_rooms 0 to 2_147_483_647, "Conference rooms, at most.",
        recording_retention 1 to 2_147_483_647, "Days that recordings are kept.",
        call_report_retention 1 to 2_147_483_647, "Days that call reports are kept.",
        log_retention 1 to 2_147_483_647, "Days that logs are kept.",
        temp_file_retention 1 to 2_147_483_647, "Days that temporary files are kept.",
        contact_match_length 0 to 2_147_483_647, "Digits to compare when numbers are matched by length.",
        contact_update_interval 1 to 43200, "Minutes between updates of contacts.",
    }
    texts {
        custom_options "What an integration keeps with the tenant: a JSON document as text.",
        disk_quota "Space for files; empty for no limit.",
        im_disk_quota "Space for chat files; empty for no limit.",
        extension_im_disk_quota "Space for chat files of one extension.",
        email_recipients "Who gets the tenant's notices by mail.",
        stir_shaken_cert "The certificate with which the tenant signs its caller ids.",
    }
}

/// A line of the list of tenants.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 1024)]
    name: String,
    /// Its SIP domain.
    #[schema(min_length = 1, max_length = 280)]
    domain: String,
    /// Extensions, at most.
    #[schema(minimum = 0)]
    max_extensions: i64,
    /// Calls at the same time, at most.
    #[schema(minimum = 0)]
    max_concurrent_calls: i64,
    /// Whether its users may sign in and its extensions work.
    enabled: bool,
    /// A web address.
    #[schema(max_length = 255)]
    website: String,
    /// An IANA time zone.
    timezone: String,
    /// An ISO 4217 currency.
    currency: String,
    /// An ISO 3166-1 alpha-3 country.
    region: String,
    /// The file of its picture; none yet.
    #[schema(required = false)]
    avatar_file_name: &'static str,
    /// The address of its picture; none yet.
    #[schema(required = false)]
    avatar_file_url: &'static str,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<TenantSummary> for TenantLine {
    fn from(tenant: TenantSummary) -> Self {
        Self {
            id: tenant.id.to_string(),
            name: tenant.name,
            domain: tenant.domain,
            max_extensions: tenant.max_extensions,
            max_concurrent_calls: tenant.max_concurrent_calls,
            enabled: tenant.enabled,
            website: tenant.website,
            timezone: tenant.timezone,
            currency: tenant.currency,
            region: tenant.region,
            avatar_file_name: "",
            avatar_file_url: "",
            created_at: tenant.created_at.to_string(),
        }
    }
}

/// What passwords of a tenant must look like.
#[derive(Serialize, ToSchema)]
pub(crate) struct PolicyAnswer {
    /// Characters, at least.
    #[schema(minimum = 6, maximum = 32)]
    min_length: i64,
    /// Characters, at most.
    #[schema(minimum = 6, maximum = 32)]
    max_length: i64,
    /// A letter is demanded.
    contains_letters: bool,
    /// A digit is demanded.
    contains_numbers: bool,
    /// An upper-case letter or a character that is neither letter nor digit is demanded.
    contains_special_letters: bool,
    /// Four characters in ascending or descending order are refused.
    disable_sequential_characters: bool,
    /// Three equal characters are refused.
    disable_repeating_characters: bool,
    /// The user's name, number or address in the password is refused.
    disable_account_information: bool,
}

impl From<PasswordPolicy> for PolicyAnswer {
    fn from(policy: PasswordPolicy) -> Self {
        Self {
            min_length: policy.min_length,
            max_length: policy.max_length,
            contains_letters: policy.contains_letters,
            contains_numbers: policy.contains_numbers,
            contains_special_letters: policy.contains_special_letters,
            disable_sequential_characters: policy.disable_sequential_characters,
            disable_repeating_characters: policy.disable_repeating_characters,
            disable_account_information: policy.disable_account_information,
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{SealedSecret, TenantId, Timestamp};

    use super::*;
    use crate::tenant_input::TenantInput;

    #[test]
    fn what_is_read_can_be_sent_back_and_changes_nothing() {
        let mut tenant = Tenant::blank(TenantId::FIRST, Timestamp::from_micros(1_700_000_000_000_000));
        tenant.name = "Demo".into();
        tenant.domain = "demo.example".into();
        tenant.settings.cdr_event.token = SealedSecret(b"s3cret".to_vec());
        tenant.settings.stir_shaken_key = SealedSecret(b"s3cret".to_vec());
        let text = serde_json::to_string(&TenantAnswer::from(tenant.clone())).unwrap();
        let patch = serde_json::from_str::<TenantInput>(&text)
            .unwrap()
            .update()
            .unwrap();
        let mut seal = |text: &str| SealedSecret(text.as_bytes().to_vec());
        assert!(!patch.apply(&mut tenant, &mut seal), "{text}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut tenant = Tenant::blank(TenantId::FIRST, Timestamp::from_micros(0));
        tenant.settings.stir_shaken_key = SealedSecret(b"s3cret".to_vec());
        tenant.settings.cdr_event.token = SealedSecret(b"s3cret".to_vec());
        let value = serde_json::to_value(TenantAnswer::from(tenant)).unwrap();
        assert_eq!(value["stir_shaken_key"], "");
        assert_eq!(value["cdr_event"]["token"], "");
        assert_eq!(value["created_at"], "1970-01-01T00:00:00Z");
    }
}
