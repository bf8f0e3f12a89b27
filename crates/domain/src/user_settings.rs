//! The settings of a user that are read with the user and rarely change.

use crate::{
    CustomForwardRule, Field, ForwardCase, ForwardRule, ForwardRules, OfficeHours, OfficeHoursPatch,
    OutboundCallerId, Patch, Rule, Violations, caller_id, forward, limits, text::is_language_tag,
};

/// Whether a user may send text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SmsPolicy {
    /// Not at all.
    #[default]
    Disabled,
    /// Under the tenant's number.
    Allowed,
    /// Also under a sender name of his own.
    AllowedWithSenderId,
}

/// How a voicemail box tells when a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum VoicemailClock {
    /// It does not.
    #[default]
    Off,
    /// On the 12-hour clock.
    Hours12,
    /// On the 24-hour clock.
    Hours24,
}

/// Which address of the installation a user's phones are told to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "each is the address of that name")]
pub enum Interface {
    #[default]
    WebDomain,
    PublicIpv4,
    PublicIpv6,
    PrivateIpv4,
    PrivateIpv6,
    SbcDomain,
}

/// How SIP messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the names of the transports")]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
    Tls,
}

/// A programmable key with a lamp on a user's phone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blf {
    /// What the key does, in the phone's terms.
    pub key: String,
    /// The number or state it is for.
    pub value: String,
    /// The given name on its label.
    pub first_name: String,
    /// The family name on its label.
    pub last_name: String,
}

macro_rules! user_settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// The settings of a user, complete.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct UserSettings {
            $($(#[$doc])* pub $name: $type,)*
            /// Whose hours count for the user, and his own.
            pub office_hours: OfficeHours,
            /// What happens to calls that he does not take, by situation.
            pub forward_rules: ForwardRules,
        }

        impl Default for UserSettings {
            fn default() -> Self {
                Self {
                    $($name: $default,)*
                    office_hours: OfficeHours::default(),
                    forward_rules: ForwardRules::default(),
                }
            }
        }

        /// A change to the settings of a user.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct UserSettingsPatch {
            $($(#[$doc])* pub $name: Patch<$type>,)*
            /// New hours; days that are not mentioned stay.
            pub office_hours: OfficeHoursPatch,
            /// New rules for the situations that are mentioned, in the order of [`ForwardCase::ALL`].
            pub forward_rules: [Patch<ForwardRule>; 16],
        }

        impl UserSettingsPatch {
            /// Carries the change out; tells whether anything changed.
            pub fn apply(self, settings: &mut UserSettings) -> bool {
                let mut changed = false;
                $(changed |= self.$name.apply(&mut settings.$name);)*
                for (new, rule) in self.forward_rules.into_iter().zip(&mut settings.forward_rules.0) {
                    changed |= new.apply(rule);
                }
                self.office_hours.apply(&mut settings.office_hours) | changed
            }

            /// Whether nothing is mentioned.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

user_settings! {
    /// Record the sound of the user's calls.
    enable_audio_recording: bool = false;
    /// Record the picture of the user's calls.
    enable_video_recording: bool = false;
    /// Let the user sign in at any shared phone.
    enable_hot_desking: bool = false;
    /// Hide the caller id on outbound calls.
    anonymous_outbound_calls: bool = false;
    /// Whether he may send text messages; only who manages users may change it.
    sms: SmsPolicy = SmsPolicy::Disabled;
    /// Pass the caller id on with outbound calls.
    delivery_outbound_cid: bool = true;
    /// The caller ids he may show.
    outbound_caller_ids: Vec<OutboundCallerId> = Vec::new();
    /// What an integration keeps with the user, as text of its own form.
    custom_options: String = String::new();
    /// Rules for certain callers at certain hours; they go before the others.
    custom_forward_rules: Vec<CustomForwardRule> = Vec::new();
    /// The language of voicemail prompts, a BCP 47 tag; empty for the tenant's.
    voicemail_prompt: String = String::new();
    /// Ask for the PIN when the box is opened.
    enable_voicemail_pin: bool = true;
    /// Send a mail for each message.
    enable_voicemail_notify: bool = false;
    /// How the box tells when a message came.
    voicemail_play_datetime: VoicemailClock = VoicemailClock::Off;
    /// The address that the user's phones use.
    interface: Interface = Interface::WebDomain;
    /// The transport that the user's phones use.
    preferred_transport: Transport = Transport::Udp;
    /// The keys with lamps of his phone.
    blfs: Vec<Blf> = Vec::new();
}

fn check_prompt(found: &mut Violations, tag: &str) {
    found.length(Field::VoicemailPrompt, tag, 0..=limits::LANGUAGE_TAG);
    if !tag.is_empty() && !is_language_tag(tag) {
        found.add(Field::VoicemailPrompt, Rule::Form("a language tag like en-US"));
    }
}

fn check_blfs(found: &mut Violations, blfs: &[Blf]) {
    if blfs.len() > limits::BLFS {
        return found.add(Field::Blfs, Rule::TooMany(limits::BLFS));
    }
    for (index, blf) in blfs.iter().enumerate() {
        let parts = [
            ("key", &blf.key),
            ("value", &blf.value),
            ("first_name", &blf.first_name),
            ("last_name", &blf.last_name),
        ];
        for (part, text) in parts {
            if text.chars().count() > limits::BLF_TEXT {
                found.add_at(
                    Field::Blfs,
                    format!("[{index}].{part}"),
                    Rule::TooLong(limits::BLF_TEXT),
                );
            }
        }
    }
}

impl UserSettings {
    /// Every rule that the settings break.
    pub fn check(&self, found: &mut Violations) {
        caller_id::check(found, &self.outbound_caller_ids);
        found.length(
            Field::CustomOptions,
            &self.custom_options,
            0..=limits::CUSTOM_OPTIONS,
        );
        forward::check_custom(found, &self.custom_forward_rules);
        check_prompt(found, &self.voicemail_prompt);
        check_blfs(found, &self.blfs);
        self.office_hours.week.check(found, Field::OfficeHours, "");
        for (case, rule) in self.forward_rules.cases() {
            rule.check(found, case);
        }
    }
}

impl UserSettingsPatch {
    /// Every rule that the change breaks.
    pub fn check(&self, found: &mut Violations) {
        if let Patch::Set(list) = &self.outbound_caller_ids {
            caller_id::check(found, list);
        }
        if let Patch::Set(text) = &self.custom_options {
            found.length(Field::CustomOptions, text, 0..=limits::CUSTOM_OPTIONS);
        }
        if let Patch::Set(rules) = &self.custom_forward_rules {
            forward::check_custom(found, rules);
        }
        if let Patch::Set(tag) = &self.voicemail_prompt {
            check_prompt(found, tag);
        }
        if let Patch::Set(blfs) = &self.blfs {
            check_blfs(found, blfs);
        }
        self.office_hours.check(found);
        for (case, rule) in ForwardCase::ALL.into_iter().zip(&self.forward_rules) {
            if let Patch::Set(rule) = rule {
                rule.check(found, case);
            }
        }
    }
}
