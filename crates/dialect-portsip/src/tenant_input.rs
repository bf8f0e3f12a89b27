//! What requests give for a tenant.

use jackfield_domain::{
    Field, NewTenant, Patch, Result, TenantPatch, TenantSettingsPatch, Violations, limits,
};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    caller_ids::{CallerIdInput, PlainCallerIdWire},
    hours::{HoursInput, WeekWire},
    tenant_events::{E164Input, E164Wire, HookInput, HookWire, secret},
    words::{ContactAppendWord, ContactMatchWord, choice},
};

/// Fields that a new tenant must have.
pub(crate) const REQUIRED: &[&str] = &["name", "domain", "timezone", "currency", "region"];

macro_rules! tenant_input {
    (flags { $($(#[$fdoc:meta])* $flag:ident = $fdefault:literal,)* }
     numbers { $($(#[$ndoc:meta])* $number:ident = $ndefault:tt, $min:tt ..= $max:tt,)* }
     texts { $($(#[$tdoc:meta])* $text:ident,)* }
     operator { $($operator:ident,)* }) => {
        /// A tenant in a request. What is left out stays, or in a new tenant gets its default.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct TenantInput {
            /// The tenant's name.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 1024)]
            name: Input<String>,
            /// Its SIP domain, a host name; unique in the installation without regard to case.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 280)]
            domain: Input<String>,
            /// A web address.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 255)]
            website: Input<String>,
            /// An IANA time zone.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "Europe/Berlin")]
            timezone: Input<String>,
            /// An ISO 4217 currency.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "EUR")]
            currency: Input<String>,
            /// An ISO 3166-1 alpha-3 country.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "DEU")]
            region: Input<String>,
            /// Whether its users may sign in and its extensions work.
            #[serde(default)]
            #[schema(value_type = bool, required = false, default = true)]
            enabled: Input<bool>,
            /// Extensions, at most.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 0, default = 1000)]
            max_extensions: Input<i64>,
            /// Calls at the same time, at most.
            #[serde(default)]
            #[schema(value_type = i32, required = false, minimum = 0, default = 20)]
            max_concurrent_calls: Input<i64>,
            $($(#[$fdoc])* #[serde(default)] #[schema(value_type = bool, required = false, default = $fdefault)] $flag: Input<bool>,)*
            $($(#[$ndoc])*
              #[serde(default)]
              #[schema(value_type = i32, required = false, minimum = $min, maximum = $max, default = $ndefault)]
              $number: Input<i64>,)*
            $($(#[$tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = 16384)] $text: Input<String>,)*
            /// The office hours of everyone who has none of his own. Days that are left out stay.
            #[serde(default)]
            #[schema(value_type = WeekWire, required = false)]
            office_hours: Input<HoursInput>,
            /// The caller ids of the tenant, all of them.
            #[serde(default)]
            #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
            outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
            /// How numbers of callers are brought into E.164 form; what is left out of it gets its default.
            #[serde(default)]
            #[schema(value_type = E164Wire, required = false)]
            e164: Input<E164Input>,
            /// Where call records are sent. What is left out of it stays.
            #[serde(default)]
            #[schema(value_type = HookWire, required = false)]
            cdr_event: Input<HookInput>,
            /// Where changes of extensions are sent. What is left out of it stays.
            #[serde(default)]
            #[schema(value_type = HookWire, required = false)]
            extension_event: Input<HookInput>,
            /// How a caller's number is matched with a contact.
            #[serde(default)]
            #[schema(value_type = ContactMatchWord, required = false)]
            contact_match_type: Input<String>,
            /// Where a contact's name goes on a phone's display.
            #[serde(default)]
            #[schema(value_type = ContactAppendWord, required = false)]
            contact_append_type: Input<String>,
            /// The key with which the tenant signs its caller ids. Never shown.
            #[serde(default)]
            #[schema(value_type = String, required = false, max_length = 16384)]
            stir_shaken_key: Input<String>,
        }

        /// Fields that only the operator of the installation sets: a tenant's own administrator may send them, as clients do
        /// that send back what they read, and they are ignored.
        pub(crate) const OPERATOR: &[&str] = &[$(stringify!($operator)),*];

        impl TenantInput {
            /// The same without what only the operator sets.
            fn of_a_tenant(self) -> Self {
                Self { $($operator: Input::Absent,)* ..self }
            }

            fn settings(self, found: &mut Violations) -> TenantSettingsPatch {
                let hours = self.office_hours.open(found, Field::OfficeHours, HoursInput::days);
                let ids = self
                    .outbound_caller_ids
                    .entries(found, Field::OutboundCallerIds, CallerIdInput::read_plain);
                let at = |name| (Field::Settings, name);
                let e164 = self.e164.open(found, at("e164"), E164Input::read);
                let cdr = self.cdr_event.open(found, at("cdr_event"), HookInput::read);
                let extension = self.extension_event.open(found, at("extension_event"), HookInput::read);
                TenantSettingsPatch {
                    $($flag: self.$flag.patch(found, at(stringify!($flag))),)*
                    $($number: self.$number.patch(found, at(stringify!($number))),)*
                    $($text: self.$text.patch_or_default(found, at(stringify!($text))),)*
                    office_hours: hours.optional(found, Field::OfficeHours).unwrap_or_default(),
                    outbound_caller_ids: ids.patch_or_default(found, Field::OutboundCallerIds),
                    e164: e164.patch_or_default(found, at("e164")),
                    cdr_event: cdr.optional(found, at("cdr_event")).unwrap_or_default(),
                    extension_event: extension.optional(found, at("extension_event")).unwrap_or_default(),
                    contact_match_type: choice(self.contact_match_type).patch(found, at("contact_match_type")),
                    contact_append_type: choice(self.contact_append_type).patch(found, at("contact_append_type")),
                    stir_shaken_key: secret(self.stir_shaken_key, found, at("stir_shaken_key")),
                    // The vendor has no such field.
                    meeting_numbers: Patch::Keep,
                }
            }
        }
    };
}

tenant_input! {
    flags {
        /// Record the picture of all calls.
        enable_video_recording = false,
        /// Record the sound of all calls.
        enable_audio_recording = false,
        /// Record each side on a track of its own.
        enable_dual_track_recording = false,
        /// Bill calls.
        enable_billing = false,
        /// Billing is sold to the tenant.
        enable_feature_billing = false,
        /// Call statistics are sold to the tenant.
        enable_feature_call_statistics = true,
        /// The contact centre is sold to the tenant.
        enable_feature_contact_center = true,
        /// Message channels are sold to the tenant.
        enable_feature_message_channels = true,
        /// Microsoft Teams is sold to the tenant.
        enable_feature_microsoft_teams = true,
        /// Trunks are sold to the tenant.
        enable_feature_trunks = true,
        /// `WhatsApp` is sold to the tenant.
        enable_feature_whats_app = true,
        /// Treat all hours as outside of office hours.
        enable_night_mode = false,
        /// Demand a code with each sign-in.
        enable_two_factor_authentication = false,
        /// New users must set a password of their own first.
        password_force_reset = false,
    }
    numbers {
        /// Ring groups, at most.
        max_ring_groups = 20, 0..=2_147_483_647,
        /// Virtual receptionists, at most.
        max_virtual_receptionists = 20, 0..=2_147_483_647,
        /// Call queues, at most.
        max_call_queues = 20, 0..=2_147_483_647,
        /// Conference rooms, at most.
        max_conference_rooms = 20, 0..=2_147_483_647,
        /// Days that recordings are kept.
        recording_retention = 180, 1..=2_147_483_647,
        /// Days that call reports are kept.
        call_report_retention = 30, 1..=2_147_483_647,
        /// Days that logs are kept.
        log_retention = 180, 1..=2_147_483_647,
        /// Days that temporary files are kept.
        temp_file_retention = 30, 1..=2_147_483_647,
        /// Digits to compare when numbers are matched by length.
        contact_match_length = 0, 0..=2_147_483_647,
        /// Minutes between updates of contacts.
        contact_update_interval = 720, 1..=43200,
    }
    texts {
        /// What an integration keeps with the tenant: a JSON document as text.
        custom_options,
        /// Space for files, with a unit; empty for no limit.
        disk_quota,
        /// Space for chat files, with a unit; empty for no limit.
        im_disk_quota,
        /// Space for chat files of one extension, with a unit.
        extension_im_disk_quota,
        /// Who gets the tenant's notices by mail, separated by semicolons.
        email_recipients,
        /// The certificate with which the tenant signs its caller ids.
        stir_shaken_cert,
    }
    operator {
        enabled,
        max_extensions,
        max_concurrent_calls,
        enable_billing,
        enable_feature_billing,
        enable_feature_call_statistics,
        enable_feature_contact_center,
        enable_feature_message_channels,
        enable_feature_microsoft_teams,
        enable_feature_trunks,
        enable_feature_whats_app,
        max_ring_groups,
        max_virtual_receptionists,
        max_call_queues,
        max_conference_rooms,
        disk_quota,
        im_disk_quota,
        email_recipients,
    }
}

impl TenantInput {
    /// A new tenant.
    ///
    /// # Errors
    /// Every rule that it breaks.
    pub(crate) fn create(mut self) -> Result<NewTenant> {
        let mut found = Violations::new();
        let mut given = |input: &mut Input<String>, field| {
            std::mem::take(input)
                .required(&mut found, field)
                .unwrap_or_default()
        };
        let mut new = NewTenant {
            name: given(&mut self.name, Field::Name),
            domain: given(&mut self.domain, Field::Domain),
            timezone: given(&mut self.timezone, Field::Timezone),
            currency: given(&mut self.currency, Field::Currency),
            region: given(&mut self.region, Field::Region),
            rest: TenantPatch::default(),
        };
        new.rest = self.patch(&mut found);
        conclude(found, || new.clone().into_patch().check())?;
        Ok(new)
    }

    /// A change by the operator of the installation.
    ///
    /// # Errors
    /// Every rule that it breaks.
    pub(crate) fn update(self) -> Result<TenantPatch> {
        let mut found = Violations::new();
        let patch = self.patch(&mut found);
        conclude(found, || patch.check())?;
        Ok(patch)
    }

    /// A change by the tenant's own administrator.
    ///
    /// # Errors
    /// Every rule that it breaks.
    pub(crate) fn update_own(self) -> Result<TenantPatch> {
        self.of_a_tenant().update()
    }

    fn patch(mut self, found: &mut Violations) -> TenantPatch {
        use std::mem::take;
        TenantPatch {
            name: take(&mut self.name).patch(found, Field::Name),
            domain: take(&mut self.domain).patch(found, Field::Domain),
            enabled: take(&mut self.enabled).patch(found, Field::Enabled),
            website: take(&mut self.website).patch_or_default(found, Field::Website),
            timezone: take(&mut self.timezone).patch(found, Field::Timezone),
            currency: take(&mut self.currency).patch(found, Field::Currency),
            region: take(&mut self.region).patch(found, Field::Region),
            max_extensions: take(&mut self.max_extensions).patch(found, Field::MaxExtensions),
            max_concurrent_calls: take(&mut self.max_concurrent_calls)
                .patch(found, Field::MaxConcurrentCalls),
            settings: self.settings(found),
        }
    }
}

/// The schema's limit on free texts, which the macro repeats as a plain number.
const _: () = assert!(limits::TENANT_TEXT == 16_384, "change max_length above too");

#[cfg(test)]
mod tests {
    use jackfield_domain::{Error, Patch};

    use super::*;

    fn input(text: &str) -> TenantInput {
        serde_json::from_str(text).unwrap()
    }

    fn complaints<T>(result: Result<T>) -> Vec<String> {
        match result {
            Err(Error::Invalid(found)) => found.iter().map(ToString::to_string).collect(),
            Err(other) => panic!("another error: {other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_new_tenant_names_all_that_it_lacks() {
        let found =
            complaints(input(r#"{"name": "Demo", "enabled": "no", "recording_retention": 0}"#).create());
        assert_eq!(
            found,
            [
                "domain is required",
                "timezone is required",
                "currency is required",
                "region is required",
                "enabled must be true or false",
                "settings.recording_retention must be between 1 and 2147483647",
            ]
        );
    }

    #[test]
    fn a_tenant_does_not_raise_its_own_limits() {
        let body = r#"{"name": "New", "max_extensions": 9999, "enabled": true, "disk_quota": "9TB",
            "enable_night_mode": true, "cdr_event": {"token": "t0ken"}}"#;
        let patch = input(body).update_own().unwrap();
        assert_eq!(patch.name, Patch::Set("New".into()));
        assert_eq!(patch.settings.enable_night_mode, Patch::Set(true));
        assert_eq!(patch.settings.cdr_event.token, Patch::Set("t0ken".into()));
        assert!(patch.max_extensions.is_keep() && patch.enabled.is_keep());
        assert!(patch.settings.disk_quota.is_keep());
        assert_eq!(input(body).update().unwrap().max_extensions, Patch::Set(9999));
    }

    #[test]
    fn null_empties_a_text_and_nothing_else() {
        let patch = input(r#"{"website": null, "custom_options": null}"#)
            .update()
            .unwrap();
        assert_eq!(patch.website, Patch::Set(String::new()));
        assert_eq!(patch.settings.custom_options, Patch::Set(String::new()));
        let found = complaints(input(r#"{"timezone": null, "log_retention": null}"#).update());
        assert_eq!(
            found,
            ["timezone is required", "settings.log_retention is required"]
        );
    }
}
