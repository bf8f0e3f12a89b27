//! Ring groups: a call rings several people.

use crate::{
    Field, MissedRule, OutboundCallerId, Patch, Queried, RingGroupId, Strategy, TenantId, Timestamp,
    ValueKind, Violations, caller_id, check_extension_number, distribution::check_route_name, limits,
    patch::settings,
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

/// A ring group. Its members are kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingGroup {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: RingGroupId,
    /// Its name.
    pub name: String,
    /// Its number; unique among all that can be dialled in the tenant; never changes.
    pub extension_number: String,
    /// Everything else.
    pub settings: RingGroupSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A ring group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `RingGroup`")]
pub struct NewRingGroup {
    pub name: String,
    pub extension_number: String,
    pub settings: RingGroupSettings,
}

/// A change to a ring group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `RingGroup`")]
pub struct RingGroupPatch {
    pub name: Patch<String>,
    pub settings: RingGroupSettingsPatch,
}

/// A value of a ring group that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `RingGroup`")]
pub enum RingGroupField {
    Id,
    Name,
    ExtensionNumber,
    RingTime,
    RingStrategy,
}

impl Queried for RingGroupField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::RingTime => ValueKind::Number,
            Self::Name | Self::ExtensionNumber | Self::RingStrategy => ValueKind::Text,
        }
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

impl NewRingGroup {
    /// Every rule that the group breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_route_name(&mut found, &self.name);
        check_extension_number(&mut found, &self.extension_number);
        self.settings.check(&mut found);
        found
    }
}

impl RingGroupPatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &self.name {
            check_route_name(&mut found, name);
        }
        self.settings.check(&mut found);
        found
    }

    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, group: &mut RingGroup) -> bool {
        self.name.apply(&mut group.name) | self.settings.apply(&mut group.settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MissedAction;

    #[test]
    fn groups_may_announce_and_repeat() {
        let mut new = NewRingGroup {
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
        let mut group = RingGroup {
            tenant: TenantId::FIRST,
            id: RingGroupId::FIRST,
            name: "Sales".into(),
            extension_number: "6100".into(),
            settings: RingGroupSettings {
                ring_time: 45,
                ..RingGroupSettings::default()
            },
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let mut patch = RingGroupPatch::default();
        patch.settings.skip_busy_member = Patch::Set(true);
        assert!(patch.apply(&mut group));
        assert_eq!(
            (group.settings.ring_time, group.settings.skip_busy_member),
            (45, true)
        );
    }
}
