//! What call queues and ring groups share: how a call finds one of several people.

use std::collections::BTreeSet;

use crate::{
    Field, Rule, Timestamp, UserId, UserStatus, Violations, change::words, check_extension_number, forward,
    limits,
};

words! {
    /// In which order people are rung.
    #[derive(Default)]
    Strategy {
        /// All at once.
        #[default]
        RingSimultaneously = "ring_simultaneously",
        /// In the order of the list, always from its start.
        PrioritizedHunt = "prioritized_hunt",
        /// In the order of the list, each call from where the last one ended.
        CyclicHunt = "cyclic_hunt",
        /// First who has had the fewest calls.
        LeastWorkedHunt = "least_worked_hunt",
        /// All at once, answered without asking: an announcement. Only for ring groups.
        PagingIntercom = "paging_intercom",
        /// By skill, then as [`Self::PrioritizedHunt`].
        SkillBasedRoutingPrioritizedHunt = "skill_based_routing_prioritized_hunt",
        /// By skill, then as [`Self::CyclicHunt`].
        SkillBasedRoutingCyclicHunt = "skill_based_routing_cyclic_hunt",
        /// By skill, then as [`Self::LeastWorkedHunt`].
        SkillBasedRoutingLeastWorkedHunt = "skill_based_routing_least_worked_hunt",
    }
}

words! {
    /// What happens to a call that nobody takes.
    #[derive(Default)]
    MissedAction {
        /// It rings another number.
        ToNumber = "forward_to_number",
        /// The caller leaves a message.
        ToVoicemail = "forward_to_voicemail",
        /// It rings everybody once more. Only for ring groups.
        Repeat = "repeat",
        /// It ends.
        #[default]
        HangUp = "hangup",
    }
}

/// What happens to a call that nobody takes, with the number it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MissedRule {
    /// What to do.
    pub action: MissedAction,
    /// The number to ring, or whose box to use. Kept, and without meaning, for other actions.
    pub number: String,
}

impl MissedRule {
    /// Every part of the rule that is wrong; `may_repeat` for a ring group.
    pub(crate) fn check(&self, found: &mut Violations, field: Field, may_repeat: bool) {
        if self.action == MissedAction::Repeat && !may_repeat {
            found.add_at(
                field,
                "action",
                Rule::Form("another action: only ring groups ring once more"),
            );
        }
        if self.number.chars().count() > limits::FORWARD_NUMBER {
            found.add_at(field, "number", Rule::TooLong(limits::FORWARD_NUMBER));
        }
        if !forward::is_dialable(&self.number) {
            found.add_at(field, "number", Rule::Form("a number to dial"));
        }
        if matches!(self.action, MissedAction::ToNumber | MissedAction::ToVoicemail)
            && self.number.trim().is_empty()
        {
            found.add_at(field, "number", Rule::Required);
        }
    }
}

words! {
    /// What an agent does.
    #[derive(Default)]
    AgentStatus {
        /// He takes the queue's calls.
        Ready = "ready",
        /// He takes none for now.
        NotReady = "not_ready",
        /// He is in a call of the queue.
        QueueCall = "queue_call",
        /// He is in another call.
        OtherCall = "other_call",
        /// He writes down what the last call was about.
        WrapUp = "wrap_up",
        /// He pauses.
        Break = "break",
        /// He eats.
        Lunch = "lunch",
        /// He does not work for the queue now.
        #[default]
        LoggedOut = "logged_out",
        /// He works for the queue, and no phone of his is bound.
        Offline = "offline",
    }
}

words! {
    /// What an agent may set: calls and being offline are observed.
    AgentRequest {
        /// Take calls.
        Ready = "ready",
        /// Take none for now.
        NotReady = "not_ready",
        /// Write down what the last call was about.
        WrapUp = "wrap_up",
        /// Pause.
        Break = "break",
        /// Eat.
        Lunch = "lunch",
        /// Begin to work for the queue.
        LoggedIn = "logged_in",
        /// Stop to work for it.
        LoggedOut = "logged_out",
    }
}

impl AgentRequest {
    /// The status that is kept. Whoever logs in is ready at once where the queue says so; whoever is logged in already and
    /// logs in again stays what he is.
    pub fn result(self, present: AgentStatus, auto_ready: bool) -> AgentStatus {
        match self {
            Self::Ready => AgentStatus::Ready,
            Self::WrapUp => AgentStatus::WrapUp,
            Self::Break => AgentStatus::Break,
            Self::Lunch => AgentStatus::Lunch,
            Self::LoggedOut => AgentStatus::LoggedOut,
            Self::LoggedIn if present != AgentStatus::LoggedOut => present,
            Self::LoggedIn if auto_ready => AgentStatus::Ready,
            Self::NotReady | Self::LoggedIn => AgentStatus::NotReady,
        }
    }
}

impl AgentStatus {
    /// What others see of a kept status, given what the agent's phones do. Who is logged out is that whatever his phones do.
    #[must_use]
    pub fn seen(self, phones: UserStatus) -> Self {
        match (self, phones) {
            (Self::LoggedOut | Self::QueueCall, _) | (_, UserStatus::Online) => self,
            (_, UserStatus::OnCall) => Self::OtherCall,
            (_, UserStatus::Offline) => Self::Offline,
        }
    }
}

/// An agent of a queue, or a member of a ring group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The user.
    pub user: UserId,
    /// The number of his extension.
    pub extension_number: String,
    /// His name.
    pub display_name: String,
    /// How well he fits; more is better.
    pub skill_level: i64,
    /// What he last set. A ring group keeps none and leaves it at [`AgentStatus::Ready`].
    pub status: AgentStatus,
    /// Since when. Among those who are ready, who has been so longest has waited longest for a call.
    pub since: Timestamp,
}

/// An agent to be put in the list of a queue or ring group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Agent`")]
pub struct NewAgent {
    pub extension_number: String,
    pub skill_level: i64,
}

/// The skill of an agent when nothing else is said.
pub const SKILL_LEVEL: i64 = 1;

impl NewAgent {
    /// Every rule that a list of agents breaks. Whether the numbers exist is for the directory to say.
    pub fn check_list(list: &[Self]) -> Violations {
        let mut found = Violations::new();
        if list.len() > limits::AGENTS {
            found.add(Field::Agents, Rule::TooMany(limits::AGENTS));
            return found;
        }
        let mut numbers = BTreeSet::new();
        for (index, agent) in list.iter().enumerate() {
            let mut number = Violations::new();
            check_extension_number(&mut number, &agent.extension_number);
            for violation in number.into_vec() {
                found.add_at(
                    Field::Agents,
                    format!("[{index}].extension_number"),
                    violation.rule,
                );
            }
            if !numbers.insert(&agent.extension_number) {
                found.add_at(
                    Field::Agents,
                    format!("[{index}].extension_number"),
                    Rule::Repeated,
                );
            }
            if !limits::SKILL_LEVEL.contains(&agent.skill_level) {
                let (min, max) = (*limits::SKILL_LEVEL.start(), *limits::SKILL_LEVEL.end());
                found.add_at(
                    Field::Agents,
                    format!("[{index}].skill_level"),
                    Rule::OutOfRange(min, max),
                );
            }
        }
        found
    }
}

/// The name of a queue, a ring group or a trunk.
pub(crate) fn check_route_name(found: &mut Violations, name: &str) {
    found.length(Field::Name, name, limits::ROUTE_NAME);
    if name.chars().any(char::is_control) || name.trim() != name {
        found.add(
            Field::Name,
            Rule::Form("a name without control characters or spaces at its ends"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_agents_has_each_number_once() {
        let agent = |number: &str, skill_level| NewAgent {
            extension_number: number.into(),
            skill_level,
        };
        for (list, wrong) in [
            (vec![], vec![]),
            (vec![agent("1001", 1), agent("1002", 100)], vec![]),
            (
                vec![agent("1001", 1), agent("1001", 1)],
                vec!["[1].extension_number"],
            ),
            (
                vec![agent("1x", 0)],
                vec!["[0].extension_number", "[0].extension_number", "[0].skill_level"],
            ),
            (vec![agent("1001", 101)], vec!["[0].skill_level"]),
            (vec![agent("1001", 1); 1001], vec![""]),
        ] {
            let found = NewAgent::check_list(&list).into_vec();
            let at: Vec<_> = found.iter().map(|violation| violation.at.as_str()).collect();
            assert_eq!(at, wrong);
        }
    }

    #[test]
    fn logging_in_follows_the_queue_and_keeps_what_is_set() {
        for (request, present, auto_ready, result) in [
            (
                AgentRequest::LoggedIn,
                AgentStatus::LoggedOut,
                true,
                AgentStatus::Ready,
            ),
            (
                AgentRequest::LoggedIn,
                AgentStatus::LoggedOut,
                false,
                AgentStatus::NotReady,
            ),
            (
                AgentRequest::LoggedIn,
                AgentStatus::Lunch,
                true,
                AgentStatus::Lunch,
            ),
            (AgentRequest::Break, AgentStatus::Ready, true, AgentStatus::Break),
            (
                AgentRequest::LoggedOut,
                AgentStatus::Ready,
                true,
                AgentStatus::LoggedOut,
            ),
        ] {
            assert_eq!(
                request.result(present, auto_ready),
                result,
                "{request:?} {present:?}"
            );
        }
        for status in ["queue_call", "other_call", "offline"] {
            assert_eq!(AgentRequest::from_word(status), None);
            assert!(AgentStatus::from_word(status).is_some());
        }
    }

    #[test]
    fn phones_refine_what_an_agent_set() {
        for (kept, phones, seen) in [
            (AgentStatus::Ready, UserStatus::Online, AgentStatus::Ready),
            (AgentStatus::Ready, UserStatus::Offline, AgentStatus::Offline),
            (AgentStatus::Ready, UserStatus::OnCall, AgentStatus::OtherCall),
            (AgentStatus::QueueCall, UserStatus::OnCall, AgentStatus::QueueCall),
            (AgentStatus::LoggedOut, UserStatus::OnCall, AgentStatus::LoggedOut),
            (
                AgentStatus::LoggedOut,
                UserStatus::Offline,
                AgentStatus::LoggedOut,
            ),
        ] {
            assert_eq!(kept.seen(phones), seen, "{kept:?} {phones:?}");
        }
    }

    #[test]
    fn what_happens_to_a_missed_call() {
        let rule = |action, number: &str| MissedRule {
            action,
            number: number.into(),
        };
        for (rule, in_queue, in_group) in [
            (rule(MissedAction::HangUp, ""), true, true),
            (rule(MissedAction::Repeat, ""), false, true),
            (rule(MissedAction::ToNumber, "1002"), true, true),
            (rule(MissedAction::ToNumber, " "), false, false),
            (rule(MissedAction::ToVoicemail, ""), false, false),
            (rule(MissedAction::HangUp, "a\nb"), false, false),
        ] {
            for (may_repeat, good) in [(false, in_queue), (true, in_group)] {
                let mut found = Violations::new();
                rule.check(&mut found, Field::NoAnswerForwardRule, may_repeat);
                assert_eq!(found.is_empty(), good, "{rule:?} {may_repeat}");
            }
        }
    }
}
