//! What happens to calls that a user does not take: the rules by situation, and those for certain callers.

use jackfield_domain::{
    CustomForwardRule, ForwardAction, ForwardCase, ForwardRule, NO_ANSWER_TIMEOUT, Patch, Violations,
};
use jackfield_edge::{Expected, Input, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    hours::{HoursInput, WeekWire},
    words::{ActionWord, QuietActionWord, RuleHoursWord, Worded, choice},
};

/// The words for situations in which no phone is left to ring.
const QUIET_WORDS: &[&str] = &["FORWARD_TO_NUMBER", "FORWARD_TO_VOICEMAIL", "HANGUP"];

/// A rule for one situation, as a request writes it. It replaces the former rule whole.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuleInput {
    action: Input<String>,
    number: Input<String>,
    timeout: Input<i64>,
}

impl Expected for RuleInput {
    const WORDS: &'static str = "an object";
}

/// Reads the rule of one situation.
pub(crate) fn change(
    rule: Input<RuleInput>,
    found: &mut Violations,
    case: ForwardCase,
) -> Patch<ForwardRule> {
    let rule = rule.open(found, case.field(), |rule, found, place| {
        let words = if case.may_ring() {
            ForwardAction::WORDS
        } else {
            QUIET_WORDS
        };
        let action = rule.action.word(words, ForwardAction::of);
        let action = action.required(found, place.part("action"));
        let number = rule.number.optional(found, place.part("number"));
        // Where nobody waits, a timeout is an unknown field.
        let timeout = case.waits().then(|| {
            let seconds = rule.timeout.optional(found, place.part("timeout"));
            seconds.unwrap_or(NO_ANSWER_TIMEOUT)
        });
        Some(ForwardRule {
            action: action?,
            number: number.unwrap_or_default(),
            timeout,
        })
    });
    match rule.patch(found, case.field()) {
        Patch::Set(Some(rule)) => Patch::Set(rule),
        // Without an action there is no rule; that is reported.
        Patch::Set(None) | Patch::Keep => Patch::Keep,
    }
}

/// A rule for certain callers, as a request writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CustomRuleInput {
    action: Input<String>,
    number: Input<String>,
    caller_id: Input<String>,
    #[serde(rename = "type")]
    kind: Input<String>,
    hours: Input<HoursInput>,
}

impl Expected for CustomRuleInput {
    const WORDS: &'static str = "an object";
}

impl CustomRuleInput {
    /// Reads one rule of the list.
    pub(crate) fn read(self, found: &mut Violations, place: &Place) -> CustomForwardRule {
        CustomForwardRule {
            // A rule without an action is reported, and never gets further than that.
            action: choice(self.action)
                .required(found, place.part("action"))
                .unwrap_or(ForwardAction::ToVoicemail),
            number: self
                .number
                .optional(found, place.part("number"))
                .unwrap_or_default(),
            caller_id: self
                .caller_id
                .optional(found, place.part("caller_id"))
                .unwrap_or_default(),
            hours: choice(self.kind)
                .optional(found, place.part("type"))
                .unwrap_or_default(),
            week: self
                .hours
                .open(found, place.part("hours"), HoursInput::week)
                .optional(found, place.part("hours"))
                .unwrap_or_default(),
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident ($action:ty) { $($more:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[cfg_attr(test, serde(deny_unknown_fields))]
        pub(crate) struct $rule {
            /// What to do.
            pub(crate) action: $action,
            /// The number to ring, or whose voicemail box to use; empty is the user's own box. Other actions keep the
            /// number and do not look at it.
            #[schema(required = false, max_length = 64)]
            pub(crate) number: String,
            $($more)*
        }
    )*};
}

rules! {
    /// What to do where a phone may still ring.
    RuleWire (ActionWord) {}

    /// What to do where no phone rings.
    QuietRuleWire (QuietActionWord) {}

    /// What to do when nobody answers.
    NoAnswerRuleWire (QuietActionWord) {
        /// Seconds to ring first.
        #[schema(required = false, minimum = 0, maximum = 3600, default = 60)]
        pub(crate) timeout: i32,
    }

    /// What to do for certain callers at certain hours.
    CustomRuleWire (ActionWord) {
        /// A mask of caller ids; empty matches every caller.
        #[schema(required = false, max_length = 64)]
        pub(crate) caller_id: String,
        /// When the rule applies.
        #[serde(rename = "type")]
        #[schema(required = false)]
        pub(crate) kind: RuleHoursWord,
        /// The hours that the type speaks of.
        #[schema(required = false)]
        pub(crate) hours: WeekWire,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{Field, RuleHours};

    use super::*;

    fn read(case: ForwardCase, json: &str) -> (Patch<ForwardRule>, Vec<String>) {
        let mut found = Violations::new();
        let patch = change(serde_json::from_str(json).unwrap(), &mut found, case);
        (patch, found.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rules_of_situations() {
        for (case, json, action, number, timeout) in [
            (
                ForwardCase::AvailableOffice,
                r#"{"action": "RING_ANYWAY", "timeout": "ignored"}"#,
                ForwardAction::RingAnyway,
                "",
                None,
            ),
            (
                ForwardCase::AvailableNoAnswer,
                r#"{"action": "FORWARD_TO_NUMBER", "number": "102", "timeout": 0}"#,
                ForwardAction::ToNumber,
                "102",
                Some(0),
            ),
            (
                ForwardCase::BusyNoAnswer,
                r#"{"action": "HANGUP", "number": null}"#,
                ForwardAction::HangUp,
                "",
                Some(60),
            ),
        ] {
            let rule = ForwardRule {
                action,
                number: number.into(),
                timeout,
            };
            assert_eq!(read(case, json), (Patch::Set(rule), Vec::new()), "{json}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_rule() {
        for (case, json, expected) in [
            (
                ForwardCase::DndOffice,
                "null",
                vec!["dnd_office_hours_forward_rule is required"],
            ),
            (
                ForwardCase::DndOffice,
                "\"HANGUP\"",
                vec!["dnd_office_hours_forward_rule must be an object"],
            ),
            (
                ForwardCase::DndOffice,
                "{}",
                vec!["dnd_office_hours_forward_rule.action is required"],
            ),
            (
                ForwardCase::DndOffice,
                r#"{"action": "hangup", "number": 1}"#,
                vec![
                    "dnd_office_hours_forward_rule.action must be one of FORWARD_TO_NUMBER, FORWARD_TO_VOICEMAIL, HANGUP",
                    "dnd_office_hours_forward_rule.number must be text",
                ],
            ),
            (
                ForwardCase::BusyOffice,
                r#"{"action": ""}"#,
                vec![
                    "busy_office_hours_forward_rule.action must be one of FORWARD_TO_NUMBER, FORWARD_TO_VOICEMAIL, RING_ANYWAY, HANGUP",
                ],
            ),
            (
                ForwardCase::BusyNoAnswer,
                r#"{"action": "HANGUP", "timeout": 1.5}"#,
                vec!["busy_no_answer_forward_rule.timeout must be a whole number"],
            ),
        ] {
            assert_eq!(read(case, json).1, expected, "{json}");
        }
        // That ringing makes no sense is for the directory to say.
        assert!(
            read(ForwardCase::DndOffice, r#"{"action": "RING_ANYWAY"}"#)
                .1
                .is_empty()
        );
    }

    #[test]
    fn custom_rules() {
        let mut found = Violations::new();
        let list: Input<Vec<Input<CustomRuleInput>>> = serde_json::from_str(
            r#"[{"action": "HANGUP"},
                {"action": "FORWARD_TO_NUMBER", "number": "102", "caller_id": "0049*", "type": "SPECIFIC_HOURS",
                 "hours": {"monday": {"enabled": true}}},
                {"type": "NEVER", "hours": {"monday": {"enabled": 1}}}, 5]"#,
        )
        .unwrap();
        let rules = list
            .entries(&mut found, Field::CustomForwardRules, CustomRuleInput::read)
            .optional(&mut found, Field::CustomForwardRules)
            .unwrap();
        assert_eq!(rules[0].hours, RuleHours::All);
        assert_eq!(
            (rules[1].caller_id.as_str(), rules[1].hours),
            ("0049*", RuleHours::Inside)
        );
        assert!(rules[1].week.0[0].enabled);
        let found: Vec<String> = found.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "custom_forward_rules[2].action is required",
                "custom_forward_rules[2].type must be one of ALL_HOURS, SPECIFIC_HOURS, OUTSIDE_SPECIFIC_HOURS",
                "custom_forward_rules[2].hours.monday.enabled must be true or false",
                "custom_forward_rules[3] must be an object",
            ]
        );
    }
}
