//! In which order a team's people are rung, and what happens to a call that none of them takes.

use jackfield_domain::{Field, MissedAction, MissedRule, Patch, Strategy, Violations};
use jackfield_edge::{Expected, Input};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::{MissedActionWord, QuietActionWord, Worded};

/// In which order the agents of a queue are rung. A queue makes no announcements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum QueueStrategyWord {
    RingSimultaneously,
    PrioritizedHunt,
    CyclicHunt,
    LeastWorkedHunt,
    SkillBasedRoutingPrioritizedHunt,
    SkillBasedRoutingCyclicHunt,
    SkillBasedRoutingLeastWorkedHunt,
}

/// The same in requests.
pub(crate) const QUEUE_STRATEGIES: &[&str] = &[
    "RING_SIMULTANEOUSLY",
    "PRIORITIZED_HUNT",
    "CYCLIC_HUNT",
    "LEAST_WORKED_HUNT",
    "SKILL_BASED_ROUTING_PRIORITIZED_HUNT",
    "SKILL_BASED_ROUTING_CYCLIC_HUNT",
    "SKILL_BASED_ROUTING_LEAST_WORKED_HUNT",
];

impl From<Strategy> for QueueStrategyWord {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            // No queue is stored with the latter.
            Strategy::RingSimultaneously | Strategy::PagingIntercom => Self::RingSimultaneously,
            Strategy::PrioritizedHunt => Self::PrioritizedHunt,
            Strategy::CyclicHunt => Self::CyclicHunt,
            Strategy::LeastWorkedHunt => Self::LeastWorkedHunt,
            Strategy::SkillBasedRoutingPrioritizedHunt => Self::SkillBasedRoutingPrioritizedHunt,
            Strategy::SkillBasedRoutingCyclicHunt => Self::SkillBasedRoutingCyclicHunt,
            Strategy::SkillBasedRoutingLeastWorkedHunt => Self::SkillBasedRoutingLeastWorkedHunt,
        }
    }
}

impl From<MissedAction> for QuietActionWord {
    fn from(action: MissedAction) -> Self {
        match action {
            MissedAction::ToNumber => Self::ForwardToNumber,
            MissedAction::ToVoicemail => Self::ForwardToVoicemail,
            // No queue is stored with the latter.
            MissedAction::HangUp | MissedAction::Repeat => Self::Hangup,
        }
    }
}

/// What a queue may do with a call that nobody takes.
pub(crate) const QUEUE_ACTIONS: &[&str] = &["FORWARD_TO_NUMBER", "FORWARD_TO_VOICEMAIL", "HANGUP"];

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident ($action:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $rule {
            /// What to do.
            action: $action,
            /// The number to ring, or whose voicemail box to use. Other actions keep the number and do not look at it.
            #[schema(required = false, max_length = 64)]
            number: String,
        }

        impl From<MissedRule> for $rule {
            fn from(rule: MissedRule) -> Self {
                Self { action: rule.action.into(), number: rule.number }
            }
        }
    )*};
}

rules! {
    /// What happens to a call of a queue that nobody takes.
    QueueRuleWire (QuietActionWord);

    /// What happens to a call of a ring group that nobody takes.
    GroupRuleWire (MissedActionWord);
}

/// Such a rule, as a request writes it. It replaces the former rule whole.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuleInput {
    action: Input<String>,
    number: Input<String>,
}

impl Expected for RuleInput {
    const WORDS: &'static str = "an object";
}

/// Reads a rule; `null` stands for the default one.
pub(crate) fn rule(
    input: Input<RuleInput>,
    words: &'static [&'static str],
    found: &mut Violations,
    field: Field,
) -> Patch<MissedRule> {
    let rule = input.open(found, field, |rule, found, place| MissedRule {
        action: rule
            .action
            .word(words, MissedAction::of)
            .required(found, place.part("action"))
            .unwrap_or_default(),
        number: rule
            .number
            .optional(found, place.part("number"))
            .unwrap_or_default(),
    });
    rule.patch_or_default(found, field)
}
