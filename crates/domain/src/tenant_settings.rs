//! The settings of a tenant that are read with the tenant and rarely change.

use crate::{
    Field, NumberRange, OfficeHoursPatch, OutboundCallerId, Patch, Rule, Violations, Week, caller_id, limits,
};

/// A secret of a tenant's settings, sealed by the directory. Its [`Debug`](std::fmt::Debug) output shows nothing of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SealedSecret(pub Vec<u8>);

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret(…)")
    }
}

/// How a receiver of events is told who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the usual schemes of HTTP")]
pub enum HookAuth {
    #[default]
    None,
    Basic,
    Digest,
    Bearer,
}

/// Where a tenant wants its events sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventHook {
    /// Whether anything is sent.
    pub enabled: bool,
    /// How the receiver is told who calls.
    pub auth: HookAuth,
    /// The name for Basic and Digest.
    pub username: String,
    /// The password for Basic and Digest.
    pub password: SealedSecret,
    /// The token for Bearer.
    pub token: SealedSecret,
    /// The receiver's address.
    pub url: String,
}

/// A change to an event hook. Secrets are in clear here, and sealed before they are stored.
#[derive(Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `EventHook`")]
pub struct EventHookPatch {
    pub enabled: Patch<bool>,
    pub auth: Patch<HookAuth>,
    pub username: Patch<String>,
    pub password: Patch<String>,
    pub token: Patch<String>,
    pub url: Patch<String>,
}

impl std::fmt::Debug for EventHookPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventHookPatch")
            .field("enabled", &self.enabled)
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

/// How numbers of callers are brought into E.164 form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "parts of a number, and switches that say what they do"
)]
pub struct E164 {
    pub enabled: bool,
    pub international_code: String,
    pub country: String,
    pub area_code: String,
    pub national_code: String,
    pub prefix: String,
    pub remove_special_chars: bool,
    pub remove_duplicate_countries: bool,
    pub remove_duplicate_area_codes: bool,
}

impl Default for E164 {
    fn default() -> Self {
        Self {
            enabled: false,
            international_code: String::new(),
            country: String::new(),
            area_code: String::new(),
            national_code: String::new(),
            prefix: String::new(),
            remove_special_chars: false,
            remove_duplicate_countries: true,
            remove_duplicate_area_codes: true,
        }
    }
}

/// How a caller's number is matched with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "named by what they do")]
pub enum ContactMatch {
    Disabled,
    #[default]
    Exactly,
    Length,
}

/// Where a contact's name goes on a phone's display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "named by what they do")]
pub enum ContactAppend {
    Disabled,
    #[default]
    Append,
    Prepend,
}

macro_rules! tenant_settings {
    (flags { $($(#[$fdoc:meta])* $flag:ident = $fdefault:literal;)* }
     numbers { $($(#[$ndoc:meta])* $number:ident = $ndefault:literal, $min:literal..=$max:expr;)* }
     texts { $($(#[$tdoc:meta])* $text:ident = $tdefault:literal;)* }) => {
        /// The settings of a tenant that are read with the tenant and rarely change.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct TenantSettings {
            $($(#[$fdoc])* pub $flag: bool,)*
            $($(#[$ndoc])* pub $number: i64,)*
            $($(#[$tdoc])* pub $text: String,)*
            /// The office hours of everyone who has none of his own.
            pub office_hours: Week,
            /// The caller ids of the tenant.
            pub outbound_caller_ids: Vec<OutboundCallerId>,
            /// How numbers are brought into E.164 form.
            pub e164: E164,
            /// Where call records are sent.
            pub cdr_event: EventHook,
            /// Where changes of extensions are sent.
            pub extension_event: EventHook,
            /// How a caller's number is matched with a contact.
            pub contact_match_type: ContactMatch,
            /// Where a contact's name goes.
            pub contact_append_type: ContactAppend,
            /// The key with which the tenant signs its caller ids.
            pub stir_shaken_key: SealedSecret,
            /// The numbers that meetings get.
            pub meeting_numbers: NumberRange,
        }

        impl Default for TenantSettings {
            fn default() -> Self {
                Self {
                    $($flag: $fdefault,)* $($number: $ndefault,)* $($text: $tdefault.into(),)*
                    office_hours: Week::business(),
                    outbound_caller_ids: Vec::new(),
                    e164: E164::default(),
                    cdr_event: EventHook::default(),
                    extension_event: EventHook::default(),
                    contact_match_type: ContactMatch::default(),
                    contact_append_type: ContactAppend::default(),
                    stir_shaken_key: SealedSecret::default(),
                    meeting_numbers: NumberRange::default(),
                }
            }
        }

        /// A change to the settings of a tenant.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        #[expect(missing_docs, reason = "each is the value of the same name in `TenantSettings`")]
        pub struct TenantSettingsPatch {
            $(pub $flag: Patch<bool>,)*
            $(pub $number: Patch<i64>,)*
            $(pub $text: Patch<String>,)*
            pub office_hours: OfficeHoursPatch,
            pub outbound_caller_ids: Patch<Vec<OutboundCallerId>>,
            pub e164: Patch<E164>,
            pub cdr_event: EventHookPatch,
            pub extension_event: EventHookPatch,
            pub contact_match_type: Patch<ContactMatch>,
            pub contact_append_type: Patch<ContactAppend>,
            /// In clear; sealed before it is stored.
            pub stir_shaken_key: Patch<String>,
            pub meeting_numbers: Patch<NumberRange>,
        }

        impl TenantSettingsPatch {
            pub(crate) fn check(&self, found: &mut Violations) {
                $(if let Patch::Set(number) = self.$number && !($min..=$max).contains(&number) {
                    found.add_at(Field::Settings, stringify!($number), Rule::OutOfRange($min, $max));
                })*
                $(if let Patch::Set(text) = &self.$text && text.chars().count() > limits::TENANT_TEXT {
                    found.add_at(Field::Settings, stringify!($text), Rule::TooLong(limits::TENANT_TEXT));
                })*
                self.office_hours.check(found);
                if let Patch::Set(list) = &self.outbound_caller_ids {
                    caller_id::check(found, list);
                }
                if let Patch::Set(key) = &self.stir_shaken_key && key.chars().count() > limits::TENANT_TEXT {
                    found.add_at(Field::Settings, "stir_shaken_key", Rule::TooLong(limits::TENANT_TEXT));
                }
                self.cdr_event.check(found, "cdr_event");
                self.extension_event.check(found, "extension_event");
            }

            /// Carries the change out, sealing secrets with `seal`; tells whether anything changed.
            pub fn apply(self, settings: &mut TenantSettings, seal: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
                let before = settings.clone();
                $(self.$flag.apply(&mut settings.$flag);)*
                $(self.$number.apply(&mut settings.$number);)*
                $(self.$text.apply(&mut settings.$text);)*
                self.office_hours.apply_week(&mut settings.office_hours);
                self.outbound_caller_ids.apply(&mut settings.outbound_caller_ids);
                self.e164.apply(&mut settings.e164);
                self.contact_match_type.apply(&mut settings.contact_match_type);
                self.contact_append_type.apply(&mut settings.contact_append_type);
                self.meeting_numbers.apply(&mut settings.meeting_numbers);
                self.cdr_event.apply(&mut settings.cdr_event, seal);
                self.extension_event.apply(&mut settings.extension_event, seal);
                if let Patch::Set(key) = self.stir_shaken_key {
                    settings.stir_shaken_key = seal(&key);
                }
                *settings != before
            }
        }
    };
}

/// The largest 32-bit number: what an integer without an upper limit of its own may be.
pub(crate) const WORD: i64 = i32::MAX as i64;

tenant_settings! {
    flags {
        /// Record the picture of all calls.
        enable_video_recording = false;
        /// Record the sound of all calls.
        enable_audio_recording = false;
        /// Record each side on a track of its own.
        enable_dual_track_recording = false;
        /// Bill calls.
        enable_billing = false;
        /// The billing feature is sold to the tenant.
        enable_feature_billing = false;
        /// The call statistics feature is sold to the tenant.
        enable_feature_call_statistics = true;
        /// The contact centre feature is sold to the tenant.
        enable_feature_contact_center = true;
        /// The message channels feature is sold to the tenant.
        enable_feature_message_channels = true;
        /// The Microsoft Teams feature is sold to the tenant.
        enable_feature_microsoft_teams = true;
        /// The trunks feature is sold to the tenant.
        enable_feature_trunks = true;
        /// The `WhatsApp` feature is sold to the tenant.
        enable_feature_whats_app = true;
        /// Treat all hours as outside of office hours.
        enable_night_mode = false;
        /// Demand a one-time code with each sign-in.
        enable_two_factor_authentication = false;
        /// New users must set a password of their own first.
        password_force_reset = false;
    }
    numbers {
        /// Ring groups, at most.
        max_ring_groups = 20, 0..=WORD;
        /// Virtual receptionists, at most.
        max_virtual_receptionists = 20, 0..=WORD;
        /// Call queues, at most.
        max_call_queues = 20, 0..=WORD;
        /// Conference rooms, at most.
        max_conference_rooms = 20, 0..=WORD;
        /// Days that recordings are kept.
        recording_retention = 180, 1..=WORD;
        /// Days that call reports are kept.
        call_report_retention = 30, 1..=WORD;
        /// Days that logs are kept.
        log_retention = 180, 1..=WORD;
        /// Days that temporary files are kept.
        temp_file_retention = 30, 1..=WORD;
        /// Digits to compare when numbers are matched by length.
        contact_match_length = 0, 0..=WORD;
        /// Minutes between updates of contacts.
        contact_update_interval = 720, 1..=43_200;
    }
    texts {
        /// What an integration keeps with the tenant.
        custom_options = "";
        /// Space for files, with a unit; empty for no limit.
        disk_quota = "";
        /// Space for chat files, with a unit; empty for no limit.
        im_disk_quota = "";
        /// Space for chat files of one extension, with a unit.
        extension_im_disk_quota = "1GB";
        /// Who gets the tenant's notices by mail, separated by semicolons.
        email_recipients = "";
        /// The certificate with which the tenant signs its caller ids.
        stir_shaken_cert = "";
    }
}

impl EventHookPatch {
    fn check(&self, found: &mut Violations, at: &str) {
        let mut part = |name: &str, rule| found.add_at(Field::Settings, format!("{at}.{name}"), rule);
        for (name, value) in [("username", &self.username), ("password", &self.password)] {
            if let Patch::Set(text) = value
                && !text.is_empty()
                && !((6..=64).contains(&text.len())
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
            {
                part(name, Rule::Form("6 to 64 lower-case letters and digits"));
            }
        }
        if let Patch::Set(url) = &self.url
            && !url.is_empty()
            && (url.chars().count() > 128 || !(url.starts_with("http://") || url.starts_with("https://")))
        {
            part(
                "url",
                Rule::Form("an http or https address of at most 128 characters"),
            );
        }
        if let Patch::Set(token) = &self.token
            && (token.len() > 4096 || token.chars().any(char::is_control))
        {
            part(
                "token",
                Rule::Form("at most 4096 characters without control characters"),
            );
        }
    }

    fn apply(self, hook: &mut EventHook, seal: &mut dyn FnMut(&str) -> SealedSecret) {
        self.enabled.apply(&mut hook.enabled);
        self.auth.apply(&mut hook.auth);
        self.username.apply(&mut hook.username);
        self.url.apply(&mut hook.url);
        if let Patch::Set(password) = self.password {
            hook.password = seal(&password);
        }
        if let Patch::Set(token) = self.token {
            hook.token = seal(&token);
        }
    }
}
