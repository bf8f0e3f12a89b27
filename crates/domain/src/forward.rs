//! What happens to a call that its user does not take.

use crate::{Field, Rule, Violations, Week, limits};

/// What a rule does with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForwardAction {
    /// Rings another number.
    ToNumber,
    /// Takes a message in a voicemail box: the user's own, or the one of the number given.
    ToVoicemail,
    /// Rings the user all the same.
    RingAnyway,
    /// Ends the call.
    HangUp,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRule {
    /// What to do.
    pub action: ForwardAction,
    /// The number to ring, or whose box to use. Kept, and without meaning, for other actions.
    pub number: String,
    /// Seconds to ring before the rule applies. Only for the two no-answer rules.
    pub timeout: Option<i64>,
}

/// Seconds that a phone rings before a no-answer rule when nothing else is said.
pub const NO_ANSWER_TIMEOUT: i64 = 60;

macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident $field:ident;)*) => {
        /// The situation that a rule is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ForwardCase { $($(#[$doc])* $name),* }
        impl ForwardCase {
            /// All of them, in the order of [`ForwardRules`].
            pub const ALL: [Self; 16] = [$(Self::$name),*];
            /// The value that holds the rule.
            pub const fn field(self) -> Field { match self { $(Self::$name => Field::$field),* } }
        }
    };
}

cases! {
    /// Available, in office hours.
    AvailableOffice AvailableOfficeHoursForwardRule;
    /// Available, outside of office hours.
    AvailableNonOffice AvailableNonOfficeHoursForwardRule;
    /// Available and nobody answers.
    AvailableNoAnswer AvailableNoAnswerForwardRule;
    /// In a call, in office hours.
    BusyOffice BusyOfficeHoursForwardRule;
    /// In a call, outside of office hours.
    BusyNonOffice BusyNonOfficeHoursForwardRule;
    /// In a call, rung anyway, and nobody answers.
    BusyNoAnswer BusyNoAnswerForwardRule;
    /// Do not disturb, in office hours.
    DndOffice DndOfficeHoursForwardRule;
    /// Do not disturb, outside of office hours.
    DndNonOffice DndNonOfficeHoursForwardRule;
    /// Away, in office hours.
    AwayOffice AwayOfficeHoursForwardRule;
    /// Away, outside of office hours.
    AwayNonOffice AwayNonOfficeHoursForwardRule;
    /// At lunch, in office hours.
    LunchOffice LunchOfficeHoursForwardRule;
    /// At lunch, outside of office hours.
    LunchNonOffice LunchNonOfficeHoursForwardRule;
    /// On a business trip, in office hours.
    TripOffice TripOfficeHoursForwardRule;
    /// On a business trip, outside of office hours.
    TripNonOffice TripNonOfficeHoursForwardRule;
    /// No phone registered, in office hours.
    OfflineOffice OfflineOfficeHoursForwardRule;
    /// No phone registered, outside of office hours.
    OfflineNonOffice OfflineNonOfficeHoursForwardRule;
}

impl ForwardCase {
    /// Where its rule stands in [`ForwardRules`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether its rule waits before it applies.
    pub const fn waits(self) -> bool {
        matches!(self, Self::AvailableNoAnswer | Self::BusyNoAnswer)
    }

    /// Whether ringing anyway makes sense: only where a phone may be there and has not rung yet.
    pub const fn may_ring(self) -> bool {
        matches!(
            self,
            Self::AvailableOffice | Self::AvailableNonOffice | Self::BusyOffice | Self::BusyNonOffice
        )
    }

    /// The rule that a new user has: ring where it makes sense, else his voicemail box.
    pub fn default_rule(self) -> ForwardRule {
        ForwardRule {
            action: if matches!(self, Self::AvailableOffice | Self::AvailableNonOffice) {
                ForwardAction::RingAnyway
            } else {
                ForwardAction::ToVoicemail
            },
            number: String::new(),
            timeout: self.waits().then_some(NO_ANSWER_TIMEOUT),
        }
    }
}

/// The rules of a user, one for each situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRules(pub [ForwardRule; 16]);

impl Default for ForwardRules {
    fn default() -> Self {
        Self(ForwardCase::ALL.map(ForwardCase::default_rule))
    }
}

impl ForwardRules {
    /// The rules with their situations.
    pub fn cases(&self) -> impl Iterator<Item = (ForwardCase, &ForwardRule)> {
        ForwardCase::ALL.into_iter().zip(&self.0)
    }
}

/// Whether a text can stand where a number to dial belongs: digits, letters of a SIP user part, and dialling signs.
pub(crate) fn is_dialable(number: &str) -> bool {
    number.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '+' | '*' | '#' | '-' | '.' | '_' | '(' | ')' | ' ')
    })
}

fn check_target(found: &mut Violations, field: Field, at: &str, action: ForwardAction, number: &str) {
    let at = |part: &str| {
        if at.is_empty() {
            part.to_owned()
        } else {
            format!("{at}.{part}")
        }
    };
    if number.chars().count() > limits::FORWARD_NUMBER {
        found.add_at(field, at("number"), Rule::TooLong(limits::FORWARD_NUMBER));
    }
    if !is_dialable(number) {
        found.add_at(field, at("number"), Rule::Form("a number to dial"));
    }
    if action == ForwardAction::ToNumber && number.trim().is_empty() {
        found.add_at(field, at("number"), Rule::Required);
    }
}

impl ForwardRule {
    /// Every part of the rule that is wrong for its situation.
    pub fn check(&self, found: &mut Violations, case: ForwardCase) {
        let field = case.field();
        check_target(found, field, "", self.action, &self.number);
        if self.action == ForwardAction::RingAnyway && !case.may_ring() {
            found.add_at(
                field,
                "action",
                Rule::Form("another action: no phone rings in this situation"),
            );
        }
        if let Some(seconds) = self.timeout
            && !limits::NO_ANSWER_SECONDS.contains(&seconds)
        {
            let (min, max) = (
                *limits::NO_ANSWER_SECONDS.start(),
                *limits::NO_ANSWER_SECONDS.end(),
            );
            found.add_at(field, "timeout", Rule::OutOfRange(min, max));
        }
    }
}

/// When a custom rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RuleHours {
    /// Always.
    #[default]
    All,
    /// In the rule's own hours.
    Inside,
    /// Outside of them.
    Outside,
}

/// A rule for calls of certain callers at certain hours; it goes before the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomForwardRule {
    /// What to do.
    pub action: ForwardAction,
    /// The number to ring, or whose box to use.
    pub number: String,
    /// A mask of caller ids; empty matches every caller.
    pub caller_id: String,
    /// When it applies.
    pub hours: RuleHours,
    /// The hours it speaks of.
    pub week: Week,
}

/// Checks a list of custom rules.
pub(crate) fn check_custom(found: &mut Violations, rules: &[CustomForwardRule]) {
    let field = Field::CustomForwardRules;
    if rules.len() > limits::CUSTOM_FORWARD_RULES {
        return found.add(field, Rule::TooMany(limits::CUSTOM_FORWARD_RULES));
    }
    for (index, rule) in rules.iter().enumerate() {
        check_target(found, field, &format!("[{index}]"), rule.action, &rule.number);
        if rule.caller_id.chars().count() > limits::FORWARD_NUMBER {
            found.add_at(
                field,
                format!("[{index}].caller_id"),
                Rule::TooLong(limits::FORWARD_NUMBER),
            );
        }
        rule.week.check(found, field, &format!("[{index}].hours."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_keep_the_rules() {
        for (case, rule) in ForwardRules::default().cases() {
            let mut found = Violations::new();
            rule.check(&mut found, case);
            assert!(found.is_empty(), "{case:?}");
            assert_eq!(rule.timeout.is_some(), case.waits());
        }
    }

    #[test]
    fn forwarding_needs_a_number_and_ringing_a_phone() {
        let rule = |action, number: &str| ForwardRule {
            action,
            number: number.into(),
            timeout: None,
        };
        for (case, rule, good) in [
            (
                ForwardCase::DndOffice,
                rule(ForwardAction::ToNumber, "1002"),
                true,
            ),
            (ForwardCase::DndOffice, rule(ForwardAction::ToNumber, " "), false),
            (ForwardCase::DndOffice, rule(ForwardAction::RingAnyway, ""), false),
            (ForwardCase::BusyOffice, rule(ForwardAction::RingAnyway, ""), true),
            (
                ForwardCase::AwayOffice,
                rule(ForwardAction::ToVoicemail, ""),
                true,
            ),
            (
                ForwardCase::AwayOffice,
                rule(ForwardAction::ToNumber, "10\r\n02"),
                false,
            ),
        ] {
            let mut found = Violations::new();
            rule.check(&mut found, case);
            assert_eq!(found.is_empty(), good, "{case:?} {rule:?}");
        }
    }
}
