//! Ring groups: a call rings several people.

use crate::{
    Field, MissedRule, OutboundCallerId, Strategy, Team, TeamKind, TeamSettings, Violations, caller_id,
    limits, patch::settings,
};

settings! {
    /// The settings of a ring group, complete.
    RingGroupSettings,
    /// A change to the settings of a ring group.
    RingGroupSettingsPatch {
        /// In which order members are rung.
        ring_strategy: Strategy = Strategy::RingSimultaneously;
        /// Seconds that a member is rung.
        ring_time: i64 = 20;
        /// Leave out members who are in a call.
        skip_busy_member: bool = false;
        /// Tell the member's phone the caller in the header P-Asserted-Identity.
        enable_paid: bool = false;
        /// Tell it in the header Remote-Party-ID.
        enable_prid: bool = false;
        /// Put the group's number in the header To.
        extension_number_as_to_header: bool = false;
        /// What happens when nobody answers in time.
        no_answer_forward_rule: MissedRule = MissedRule::default();
        /// What happens in night mode.
        night_mode_forward_rule: MissedRule = MissedRule::default();
        /// The caller ids that the group's calls may show.
        outbound_caller_ids: Vec<OutboundCallerId> = Vec::new();
    }
}

/// A ring group.
pub type RingGroup = Team<RingGroupSettings>;

impl TeamSettings for RingGroupSettings {
    const KIND: TeamKind = TeamKind::RingGroup;
    type Patch = RingGroupSettingsPatch;

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
        self.ring_strategy
    }

    fn ring_time(&self) -> i64 {
        self.ring_time
    }

    fn outbound_caller_ids(&self) -> &[OutboundCallerId] {
        &self.outbound_caller_ids
    }

    fn prompts(&self) -> Vec<(Field, &str)> {
        Vec::new()
    }
}

impl RingGroupSettings {
    /// Every rule that the settings break.
    pub fn check(&self, found: &mut Violations) {
        found.range(Field::RingTime, self.ring_time, limits::GROUP_RING_SECONDS);
        self.no_answer_forward_rule
            .check(found, Field::NoAnswerForwardRule, true);
        self.night_mode_forward_rule
            .check(found, Field::NightModeForwardRule, true);
        caller_id::check(found, &self.outbound_caller_ids);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MissedAction, NewTeam, Patch, TeamPatch, TenantId, Timestamp};

    #[test]
    fn groups_may_announce_and_repeat() {
        let mut new = NewTeam {
            name: "Sales".into(),
            extension_number: "6100".into(),
            settings: RingGroupSettings {
                ring_strategy: Strategy::PagingIntercom,
                no_answer_forward_rule: MissedRule {
                    action: MissedAction::Repeat,
                    number: String::new(),
                },
                ..RingGroupSettings::default()
            },
        };
        assert!(new.check().is_empty());
        new.name = String::new();
        new.extension_number = "61".into();
        new.settings.ring_time = -1;
        new.settings.night_mode_forward_rule.action = MissedAction::ToVoicemail;
        let found = new.check();
        for field in [
            Field::Name,
            Field::ExtensionNumber,
            Field::RingTime,
            Field::NightModeForwardRule,
        ] {
            assert!(found.concerns(field), "{field:?}");
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_mention() {
        let mut group = Team {
            tenant: TenantId::FIRST,
            id: 100_000,
            name: "Sales".into(),
            extension_number: "6100".into(),
            settings: RingGroupSettings {
                ring_time: 45,
                ..RingGroupSettings::default()
            },
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let mut patch = TeamPatch::<RingGroupSettingsPatch>::default();
        patch.settings.skip_busy_member = Patch::Set(true);
        assert!(group.apply(patch));
        assert_eq!(
            (group.settings.ring_time, group.settings.skip_busy_member),
            (45, true)
        );
    }
}
