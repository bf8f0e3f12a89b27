//! Reading the JSON that some cells hold.
//!
//! Unlike a request's, its words may be in any case; apart from that the same forms are good and bad. Parts that are `null`
//! count as left out, parts that nobody knows are passed over.

use jackfield_domain::{
    Blf, CustomForwardRule, Day, Field, ForwardAction, ForwardCase, ForwardRule, HoursMode, Interface,
    NO_ANSWER_TIMEOUT, OfficeHoursPatch, OutboundCallerId, Patch, ProviderId, Rule, RuleHours, SmsPolicy,
    TimeOfDay, TimeRange, Transport, Violations, VoicemailClock, Week, Weekday,
};
use serde_json::{Map, Value};

/// A value that is written as one of a few words.
pub(super) trait Word: Copy + 'static {
    const WORDS: &'static [&'static str];
    const VALUES: &'static [Self];
}

macro_rules! words {
    ($($type:ident { $($word:literal $value:ident),* $(,)? })*) => {$(
        impl Word for $type {
            const WORDS: &'static [&'static str] = &[$($word),*];
            const VALUES: &'static [Self] = &[$(Self::$value),*];
        }
    )*};
}

words! {
    SmsPolicy { "DISABLE" Disabled, "ALLOW" Allowed, "ALLOW_WITH_SENDER_ID" AllowedWithSenderId }
    VoicemailClock { "DISABLE" Off, "12_HOUR_CLOCK" Hours12, "24_HOUR_CLOCK" Hours24 }
    Interface {
        "WEB_DOMAIN" WebDomain,
        "PUBLIC_IPV4" PublicIpv4,
        "PUBLIC_IPV6" PublicIpv6,
        "PRIVATE_IPV4" PrivateIpv4,
        "PRIVATE_IPV6" PrivateIpv6,
        "SBC_DOMAIN" SbcDomain,
    }
    Transport { "UDP" Udp, "TCP" Tcp, "TLS" Tls }
    HoursMode { "GLOBAL" Global, "CUSTOM" Custom }
    RuleHours { "ALL_HOURS" All, "SPECIFIC_HOURS" Inside, "OUTSIDE_SPECIFIC_HOURS" Outside }
    ForwardAction {
        "FORWARD_TO_NUMBER" ToNumber,
        "FORWARD_TO_VOICEMAIL" ToVoicemail,
        "RING_ANYWAY" RingAnyway,
        "HANGUP" HangUp,
    }
}

/// The value of a word in any case.
pub(super) fn word<W: Word>(text: &str) -> Result<W, Rule> {
    let text = text.trim();
    W::WORDS
        .iter()
        .zip(W::VALUES)
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(_, value)| *value)
        .ok_or(Rule::NotOneOf(W::WORDS))
}

/// Reads one cell and collects what is wrong in it.
pub(super) struct Json<'a> {
    found: &'a mut Violations,
    field: Field,
}

impl<'a> Json<'a> {
    /// For the cell of this value.
    pub(super) fn new(found: &'a mut Violations, field: Field) -> Self {
        Self { found, field }
    }

    fn wrong<T>(&mut self, at: &str, rule: Rule) -> Option<T> {
        self.found.add_at(self.field, at, rule);
        None
    }

    fn parse(&mut self, cell: &str) -> Option<Value> {
        match serde_json::from_str(cell) {
            Ok(value) => Some(value),
            Err(error) => {
                let rule = format!(
                    "must be JSON; it stops making sense at its line {}, character {}",
                    error.line(),
                    error.column()
                );
                self.wrong("", Rule::Other(rule))
            }
        }
    }

    fn object<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v Map<String, Value>> {
        match value {
            Value::Object(map) => Some(map),
            _ => self.wrong(at, Rule::WrongType("an object")),
        }
    }

    /// A list; what is wrong with one entry does not keep the others from being read.
    fn list<T>(
        &mut self,
        value: &Value,
        at: &str,
        mut read: impl FnMut(&mut Self, &Value, &str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(entries) = value else {
            return self.wrong(at, Rule::WrongType("a list"));
        };
        let mut list = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            list.extend(read(self, entry, &format!("{at}[{index}]")));
        }
        Some(list)
    }

    /// A part of an object that may be left out.
    fn text<'v>(&mut self, map: &'v Map<String, Value>, at: &str, part: &str) -> Option<&'v str> {
        match map.get(part) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => self.wrong(&below(at, part), Rule::WrongType("text")),
        }
    }

    fn flag(&mut self, map: &Map<String, Value>, at: &str, part: &str) -> Option<bool> {
        match map.get(part) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(_) => self.wrong(&below(at, part), Rule::WrongType("true or false")),
        }
    }

    fn word<W: Word>(&mut self, map: &Map<String, Value>, at: &str, part: &str) -> Option<W> {
        let text = self.text(map, at, part)?;
        match word(text) {
            Ok(value) => Some(value),
            Err(rule) => self.wrong(&below(at, part), rule),
        }
    }

    /// Notes that a part is needed, unless it is there and something else was wrong with it.
    fn need(&mut self, map: &Map<String, Value>, at: &str, part: &str) {
        if matches!(map.get(part), None | Some(Value::Null)) {
            self.found.add_at(self.field, below(at, part), Rule::Required);
        }
    }

    /// The rule of a situation.
    pub(super) fn rule(&mut self, cell: &str, case: ForwardCase) -> Option<ForwardRule> {
        let value = self.parse(cell)?;
        let map = self.object(&value, "")?;
        self.need(map, "", "action");
        let action = self.word(map, "", "action");
        let number = self.text(map, "", "number").unwrap_or_default().to_owned();
        let timeout = if case.waits() {
            match map.get("timeout") {
                None | Some(Value::Null) => Some(NO_ANSWER_TIMEOUT),
                Some(seconds) => match seconds.as_i64() {
                    Some(seconds) => Some(seconds),
                    None => return self.wrong("timeout", Rule::WrongType("a whole number")),
                },
            }
        } else {
            // The vendor's files have one in every rule; only where nobody answers is there anything to wait for.
            None
        };
        Some(ForwardRule {
            action: action?,
            number,
            timeout,
        })
    }

    /// Office hours: days that are not mentioned stay.
    pub(super) fn office_hours(&mut self, cell: &str) -> Option<OfficeHoursPatch> {
        let value = self.parse(cell)?;
        let map = self.object(&value, "")?;
        let mode = self.word(map, "", "mode");
        Some(OfficeHoursPatch {
            mode: mode.into(),
            days: self.days(map, ""),
        })
    }

    fn days(&mut self, map: &Map<String, Value>, at: &str) -> [Patch<Day>; 7] {
        Weekday::ALL.map(|weekday| match map.get(weekday.name()) {
            None | Some(Value::Null) => Patch::Keep,
            Some(day) => self.day(day, &below(at, weekday.name())).into(),
        })
    }

    fn day(&mut self, value: &Value, at: &str) -> Option<Day> {
        let map = self.object(value, at)?;
        // Guessing a day open or closed would make phones ring at the wrong hour.
        self.need(map, at, "enabled");
        let enabled = self.flag(map, at, "enabled");
        let ranges = match map.get("ranges") {
            None | Some(Value::Null) => Vec::new(),
            Some(ranges) => self.list(ranges, &below(at, "ranges"), Self::range)?,
        };
        Some(Day {
            enabled: enabled?,
            ranges,
        })
    }

    fn range(&mut self, value: &Value, at: &str) -> Option<TimeRange> {
        let map = self.object(value, at)?;
        let from = self.time(map, at, "from");
        let to = self.time(map, at, "to");
        Some(TimeRange { from: from?, to: to? })
    }

    fn time(&mut self, map: &Map<String, Value>, at: &str, part: &str) -> Option<TimeOfDay> {
        self.need(map, at, part);
        let text = self.text(map, at, part)?;
        match TimeOfDay::parse(text) {
            Some(time) => Some(time),
            None => self.wrong(&below(at, part), Rule::Form("a time like 09:30")),
        }
    }

    /// Rules for certain callers.
    pub(super) fn custom_rules(&mut self, cell: &str) -> Option<Vec<CustomForwardRule>> {
        let value = self.parse(cell)?;
        self.list(&value, "", Self::custom_rule)
    }

    fn custom_rule(&mut self, value: &Value, at: &str) -> Option<CustomForwardRule> {
        let map = self.object(value, at)?;
        self.need(map, at, "action");
        let action = self.word(map, at, "action");
        let mut week = Week::default();
        if let Some(hours) = map.get("hours").filter(|hours| !hours.is_null()) {
            let at = below(at, "hours");
            let days = self
                .object(hours, &at)
                .map(|hours| self.days(hours, &at))
                .unwrap_or_default();
            let mode = Patch::Keep;
            OfficeHoursPatch { mode, days }.apply_week(&mut week);
        }
        let mut text = |part| self.text(map, at, part).unwrap_or_default().to_owned();
        let (number, caller_id) = (text("number"), text("caller_id"));
        let hours = self.word(map, at, "type").unwrap_or_default();
        Some(CustomForwardRule {
            action: action?,
            number,
            caller_id,
            hours,
            week,
        })
    }

    /// Keys with lamps.
    pub(super) fn blfs(&mut self, cell: &str) -> Option<Vec<Blf>> {
        let value = self.parse(cell)?;
        self.list(&value, "", |json, value, at| {
            let map = json.object(value, at)?;
            let mut text = |part| json.text(map, at, part).unwrap_or_default().to_owned();
            Some(Blf {
                key: text("key"),
                value: text("value"),
                first_name: text("first_name"),
                last_name: text("last_name"),
            })
        })
    }

    /// Caller ids.
    pub(super) fn caller_ids(&mut self, cell: &str) -> Option<Vec<OutboundCallerId>> {
        let value = self.parse(cell)?;
        self.list(&value, "", |json, value, at| {
            let map = json.object(value, at)?;
            json.need(map, at, "provider_id");
            let provider = json
                .text(map, at, "provider_id")
                .and_then(|text| match text.parse() {
                    Ok(number) => Some(ProviderId::new(number)),
                    Err(_) => json.wrong(
                        &below(at, "provider_id"),
                        Rule::Form("the id of a provider, in digits"),
                    ),
                });
            let mut text = |part| json.text(map, at, part).unwrap_or_default().to_owned();
            let (caller_id, description) = (text("caller_id"), text("description"));
            let preferred = json.flag(map, at, "preferred").unwrap_or_default();
            Some(OutboundCallerId {
                provider: provider?,
                caller_id,
                preferred,
                description,
            })
        })
    }
}

fn below(at: &str, part: &str) -> String {
    if at.is_empty() {
        part.to_owned()
    } else {
        format!("{at}.{part}")
    }
}
