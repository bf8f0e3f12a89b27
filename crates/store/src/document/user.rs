//! The settings of a user, and what a tenant's have in common with them: hours and caller ids.

use jackfield_domain::{
    Blf, CustomForwardRule, Day, ForwardAction, ForwardCase, ForwardRule, ForwardRules, HoursMode, Interface,
    OfficeHours, OutboundCallerId, ProviderId, RuleHours, SmsPolicy, TimeOfDay, TimeRange, Transport,
    UserSettings, VoicemailClock, Week, Weekday,
};
use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::{Fields, Wire, object, text, value, words};

object!(UserSettings = Self::default(); {
    enable_audio_recording,
    enable_video_recording,
    enable_hot_desking,
    anonymous_outbound_calls,
    sms,
    delivery_outbound_cid,
    outbound_caller_ids,
    custom_options,
    office_hours,
} .forward_rules {
    custom_forward_rules,
    voicemail_prompt,
    enable_voicemail_pin,
    enable_voicemail_notify,
    voicemail_play_datetime,
    interface,
    preferred_transport,
    blfs,
});

object!(OutboundCallerId = Self {
    provider: ProviderId::new(0),
    caller_id: String::new(),
    preferred: false,
    description: String::new(),
}; { provider as "provider_id", caller_id, preferred, description });

object!(OfficeHours = Self::default(); { mode } .week {});

object!(Day = Self::default(); { enabled, ranges });

object!(TimeRange = Self {
    from: TimeOfDay::from_minutes(0).unwrap_or(TimeOfDay::END),
    to: TimeOfDay::END,
}; { from, to });

object!(CustomForwardRule = Self {
    action: ForwardAction::ToVoicemail,
    number: String::new(),
    caller_id: String::new(),
    hours: RuleHours::All,
    week: Week::default(),
}; { action, number, caller_id, hours as "type", week as "hours" });

object!(Blf = Self::default(); { key, value, first_name, last_name });

words!(SmsPolicy { Disabled = "DISABLE", Allowed = "ALLOW", AllowedWithSenderId = "ALLOW_WITH_SENDER_ID" });
words!(VoicemailClock { Off = "DISABLE", Hours12 = "12_HOUR_CLOCK", Hours24 = "24_HOUR_CLOCK" });
words!(Interface {
    WebDomain = "WEB_DOMAIN",
    PublicIpv4 = "PUBLIC_IPV4",
    PublicIpv6 = "PUBLIC_IPV6",
    PrivateIpv4 = "PRIVATE_IPV4",
    PrivateIpv6 = "PRIVATE_IPV6",
    SbcDomain = "SBC_DOMAIN",
});
words!(Transport { Udp = "UDP", Tcp = "TCP", Tls = "TLS" });
words!(HoursMode { Global = "GLOBAL", Custom = "CUSTOM" });
words!(ForwardAction {
    ToNumber = "FORWARD_TO_NUMBER",
    ToVoicemail = "FORWARD_TO_VOICEMAIL",
    RingAnyway = "RING_ANYWAY",
    HangUp = "HANGUP",
});
words!(RuleHours {
    All = "ALL_HOURS",
    Inside = "SPECIFIC_HOURS",
    Outside = "OUTSIDE_SPECIFIC_HOURS",
});

impl Fields for Week {
    fn blank() -> Self {
        Self::default()
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (weekday, day) in self.days() {
            map.serialize_entry(weekday.name(), &Wire(day))?;
        }
        Ok(())
    }

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        for (weekday, day) in Weekday::ALL.into_iter().zip(&mut self.0) {
            if weekday.name() == key {
                *day = value(map)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Fields for ForwardRules {
    fn blank() -> Self {
        Self::default()
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (case, rule) in self.cases() {
            map.serialize_entry(case.field().name(), &Wire(rule))?;
        }
        Ok(())
    }

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        for (case, rule) in ForwardCase::ALL.into_iter().zip(&mut self.0) {
            if case.field().name() == key {
                *rule = value(map)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Fields for ForwardRule {
    fn blank() -> Self {
        Self {
            action: ForwardAction::ToVoicemail,
            number: String::new(),
            timeout: None,
        }
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("action", &Wire(&self.action))?;
        map.serialize_entry("number", &self.number)?;
        if let Some(seconds) = self.timeout {
            map.serialize_entry("timeout", &seconds)?;
        }
        Ok(())
    }

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        match key {
            "action" => self.action = value(map)?,
            "number" => self.number = value(map)?,
            "timeout" => self.timeout = Some(value(map)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Decimal digits in a string, as ids are written everywhere.
impl Serialize for Wire<&ProviderId> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Wire<ProviderId> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a decimal number", |text| {
            text.parse().ok().map(ProviderId::new)
        })
    }
}

/// `HH:MM`.
impl Serialize for Wire<&TimeOfDay> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Wire<TimeOfDay> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a time like 09:30", TimeOfDay::parse)
    }
}
