//! Call queues: callers wait until an agent is free.

use crate::{
    Field, MissedRule, OutboundCallerId, Rule, Strategy, Team, TeamKind, TeamSettings, Violations, caller_id,
    change::words, forward, limits, patch::settings, text::is_language_tag,
};

words! {
    /// Which introduction callers hear.
    #[derive(Default)]
    IntroType {
        /// None.
        #[default]
        Off = "disable",
        /// One that ends when an agent is free.
        Normal = "normal",
        /// One that is always heard to its end.
        Full = "full",
    }
}

words! {
    /// When callers are told their place in the queue.
    #[derive(Default)]
    InformPosition {
        /// Never.
        #[default]
        Off = "disable",
        /// Again and again.
        Periodically = "periodically",
        /// Once, at the start.
        OnConnected = "on_connected",
    }
}

words! {
    /// When callers are offered to be called back.
    #[derive(Default)]
    CallbackMode {
        /// When they ask for it.
        #[default]
        Active = "active",
        /// When they have waited long enough.
        Timeout = "timeout",
    }
}

settings! {
    /// The settings of a call queue, complete.
    CallQueueSettings,
    /// A change to the settings of a call queue.
    CallQueueSettingsPatch {
        /// In which order agents are rung.
        polling_strategy: Strategy = Strategy::RingSimultaneously;
        /// Seconds that an agent is rung.
        ring_time: i64 = 20;
        /// Callers that may wait at the same time; 0 for as many as come.
        max_callers: i64 = 0;
        /// The file that waiting callers hear; empty for the usual music.
        moh_prompt_file: String = String::new();
        /// Which introduction callers hear.
        intro_type: IntroType = IntroType::Off;
        /// The file of the introduction.
        intro_prompt_file: String = String::new();
        /// Seconds that a caller may wait.
        max_waiting_time: i64 = 300;
        /// Let callers wait although no agent is there.
        wait_when_no_agents_online: bool = false;
        /// When callers are told their place.
        inform_position: InformPosition = InformPosition::Off;
        /// Seconds between two such announcements.
        inform_position_interval: i64 = 10;
        /// Whoever logs in is ready at once.
        agent_auto_ready: bool = true;
        /// Whoever took a call outside of the queue is not ready after it.
        agent_auto_not_ready_after_non_acd_call: bool = true;
        /// Seconds within which calls ought to be answered; 0 for no such promise.
        sla_time: i64 = 0;
        /// The language of announcements, a BCP 47 tag; empty for the tenant's.
        language: String = String::new();
        /// What happens when nobody answers in time.
        no_answer_forward_rule: MissedRule = MissedRule::default();
        /// What happens in night mode.
        night_mode_forward_rule: MissedRule = MissedRule::default();
        /// Offer to call back.
        enable_callback: bool = false;
        /// When that is offered.
        callback_mode: CallbackMode = CallbackMode::Active;
        /// Seconds of waiting before it is offered.
        callback_timeout: i64 = 600;
        /// What is dialled before the number of a caller who is called back.
        callback_outbound_prefix: String = String::new();
        /// The caller ids that the queue's calls may show.
        outbound_caller_ids: Vec<OutboundCallerId> = Vec::new();
        /// Send a caller to the agent he spoke to last time.
        enable_sticky_routing: bool = true;
        /// Days that this is remembered.
        sticky_routing_duration: i64 = 30;
        /// Tell the agent's phone the caller in the header P-Asserted-Identity.
        enable_paid: bool = false;
        /// Tell it in the header Remote-Party-ID.
        enable_prid: bool = false;
        /// Put the queue's number in the header To.
        extension_number_as_to_header: bool = false;
    }
}

/// A call queue.
pub type CallQueue = Team<CallQueueSettings>;

impl TeamSettings for CallQueueSettings {
    const KIND: TeamKind = TeamKind::CallQueue;
    type Patch = CallQueueSettingsPatch;

    fn check(&self, found: &mut Violations) {
        Self::check(self, found);
    }

    fn check_patch(patch: &Self::Patch, found: &mut Violations) {
        patch.check(found);
    }

    fn apply(&mut self, patch: Self::Patch) -> bool {
        patch.apply(self)
    }

    fn strategy(&self) -> Strategy {
        self.polling_strategy
    }

    fn ring_time(&self) -> i64 {
        self.ring_time
    }

    fn outbound_caller_ids(&self) -> &[OutboundCallerId] {
        &self.outbound_caller_ids
    }

    fn prompts(&self) -> Vec<(Field, &str)> {
        vec![
            (Field::MohPromptFile, &self.moh_prompt_file),
            (Field::IntroPromptFile, &self.intro_prompt_file),
        ]
    }
}

impl CallQueueSettings {
    /// Every rule that the settings break.
    pub fn check(&self, found: &mut Violations) {
        if self.polling_strategy == Strategy::PagingIntercom {
            found.add(
                Field::PollingStrategy,
                Rule::Form("another strategy: only ring groups make announcements"),
            );
        }
        for (field, number, limits) in [
            (Field::RingTime, self.ring_time, limits::QUEUE_RING_SECONDS),
            (Field::MaxCallers, self.max_callers, limits::QUEUE_CALLERS),
            (
                Field::MaxWaitingTime,
                self.max_waiting_time,
                limits::QUEUE_WAITING_SECONDS,
            ),
            (
                Field::InformPositionInterval,
                self.inform_position_interval,
                limits::INFORM_SECONDS,
            ),
            (Field::SlaTime, self.sla_time, limits::SLA_SECONDS),
            (
                Field::CallbackTimeout,
                self.callback_timeout,
                limits::CALLBACK_SECONDS,
            ),
            (
                Field::StickyRoutingDuration,
                self.sticky_routing_duration,
                limits::STICKY_DAYS,
            ),
        ] {
            found.range(field, number, limits);
        }
        found.text(
            Field::MohPromptFile,
            &self.moh_prompt_file,
            limits::FILE_REFERENCE,
        );
        found.text(
            Field::IntroPromptFile,
            &self.intro_prompt_file,
            limits::FILE_REFERENCE,
        );
        found.length(Field::Language, &self.language, 0..=limits::LANGUAGE_TAG);
        if !self.language.is_empty() && !is_language_tag(&self.language) {
            found.add(Field::Language, Rule::Form("a language tag like en-US"));
        }
        found.length(
            Field::CallbackOutboundPrefix,
            &self.callback_outbound_prefix,
            0..=limits::DIAL_PREFIX,
        );
        if !forward::is_dialable(&self.callback_outbound_prefix) {
            found.add(Field::CallbackOutboundPrefix, Rule::Form("digits to dial"));
        }
        self.no_answer_forward_rule
            .check(found, Field::NoAnswerForwardRule, false);
        self.night_mode_forward_rule
            .check(found, Field::NightModeForwardRule, false);
        caller_id::check(found, &self.outbound_caller_ids);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MissedAction, NewTeam, Patch, TeamPatch, TenantId, Timestamp};

    #[test]
    fn the_defaults_break_no_rule() {
        let new = NewTeam {
            name: "Support".into(),
            extension_number: "6000".into(),
            settings: CallQueueSettings::default(),
        };
        assert!(new.check().is_empty());
        assert!(CallQueue::check_patch(&TeamPatch::default()).is_empty());
    }

    #[test]
    fn settings_have_limits() {
        type Change = fn(&mut CallQueueSettings);
        let table: [(Change, Field); 13] = [
            (
                |set| set.polling_strategy = Strategy::PagingIntercom,
                Field::PollingStrategy,
            ),
            (|set| set.ring_time = 0, Field::RingTime),
            (|set| set.max_callers = -1, Field::MaxCallers),
            (|set| set.max_waiting_time = 14, Field::MaxWaitingTime),
            (
                |set| set.inform_position_interval = 1801,
                Field::InformPositionInterval,
            ),
            (|set| set.sla_time = 65_537, Field::SlaTime),
            (|set| set.callback_timeout = -1, Field::CallbackTimeout),
            (
                |set| set.sticky_routing_duration = 366,
                Field::StickyRoutingDuration,
            ),
            (|set| set.language = "not a tag".into(), Field::Language),
            (
                |set| set.callback_outbound_prefix = "0;9".into(),
                Field::CallbackOutboundPrefix,
            ),
            (|set| set.moh_prompt_file = "x".repeat(65), Field::MohPromptFile),
            (
                |set| set.no_answer_forward_rule.action = MissedAction::Repeat,
                Field::NoAnswerForwardRule,
            ),
            (
                |set| set.night_mode_forward_rule.action = MissedAction::ToNumber,
                Field::NightModeForwardRule,
            ),
        ];
        for (change, field) in table {
            let mut settings = CallQueueSettings::default();
            change(&mut settings);
            let mut found = Violations::new();
            settings.check(&mut found);
            let fields: Vec<_> = found.into_vec().iter().map(|found| found.field).collect();
            assert_eq!(fields, [field]);
        }
    }

    #[test]
    fn a_change_is_judged_and_carried_out_alone() {
        let mut queue = Team {
            tenant: TenantId::FIRST,
            id: 100_000,
            name: "Support".into(),
            extension_number: "6000".into(),
            settings: CallQueueSettings::default(),
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let mut patch = TeamPatch::<CallQueueSettingsPatch>::default();
        patch.settings.ring_time = Patch::Set(30);
        assert!(CallQueue::check_patch(&patch).is_empty());
        assert!(queue.apply(patch.clone()));
        assert!(!queue.apply(patch.clone()));
        assert_eq!(queue.settings.ring_time, 30);
        patch.settings.ring_time = Patch::Set(0);
        patch.name = Patch::Set(" x".into());
        let found = CallQueue::check_patch(&patch);
        assert!(found.concerns(Field::RingTime) && found.concerns(Field::Name));
    }
}
