//! Teams: what call queues and ring groups have in common. They differ in their settings and in nothing that is done with
//! them, so what is done is written once, in the directory, over [`TeamSettings`].

use crate::{
    Field, Kind, OutboundCallerId, Patch, Queried, Strategy, TenantId, Thing, Timestamp, ValueKind,
    Violations, change::words, check_extension_number, distribution::AgentStatus,
    distribution::check_route_name,
};

words! {
    /// Which of the two a team is.
    TeamKind {
        /// Callers wait until an agent is free.
        CallQueue = "call_queue",
        /// A call rings several people.
        RingGroup = "ring_group",
    }
}

impl TeamKind {
    /// What it is called in errors.
    pub fn thing(self) -> Thing {
        match self {
            Self::CallQueue => Thing::CallQueue,
            Self::RingGroup => Thing::RingGroup,
        }
    }

    /// Its kind in the journal.
    pub fn kind(self) -> Kind {
        match self {
            Self::CallQueue => Kind::CallQueue,
            Self::RingGroup => Kind::RingGroup,
        }
    }

    /// What somebody is who has just joined: an agent of a queue begins to work when he says so, a member of a ring group is
    /// rung from then on.
    pub fn first_status(self) -> AgentStatus {
        match self {
            Self::CallQueue => AgentStatus::LoggedOut,
            Self::RingGroup => AgentStatus::Ready,
        }
    }
}

/// What tells a kind of team from the other.
pub trait TeamSettings: Clone + PartialEq + Default + Send + Sync + Sized + 'static {
    /// Which kind it is.
    const KIND: TeamKind;
    /// A change to the settings.
    type Patch: Clone + Default + Send + Sync;

    /// Every rule that the settings break.
    fn check(&self, found: &mut Violations);
    /// Every rule that a change breaks.
    fn check_patch(patch: &Self::Patch, found: &mut Violations);
    /// Carries a change out; tells whether anything changed.
    fn apply(&mut self, patch: Self::Patch) -> bool;
    /// In which order its people are rung.
    fn strategy(&self) -> Strategy;
    /// Seconds that each of them is rung.
    fn ring_time(&self) -> i64;
    /// The caller ids that its calls may show.
    fn outbound_caller_ids(&self) -> &[OutboundCallerId];
    /// The files that its callers hear, each with the value that names it; empty where there is none.
    fn prompts(&self) -> Vec<(Field, &str)>;
}

/// A call queue or a ring group. Its people are kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team<S> {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id, from the sequence of its kind.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its number; unique among all that can be dialled in the tenant; never changes.
    pub extension_number: String,
    /// Everything else.
    pub settings: S,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A team to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Team`")]
pub struct NewTeam<S> {
    pub name: String,
    pub extension_number: String,
    pub settings: S,
}

/// A change to a team.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Team`")]
pub struct TeamPatch<P> {
    pub name: Patch<String>,
    pub settings: P,
}

/// What its people are told of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `Team`")]
pub struct TeamName {
    pub id: i64,
    pub name: String,
    pub extension_number: String,
}

/// A value of a team that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `Team` or its settings"
)]
pub enum TeamField {
    Id,
    Name,
    ExtensionNumber,
    RingTime,
    Strategy,
}

impl Queried for TeamField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::RingTime => ValueKind::Number,
            Self::Name | Self::ExtensionNumber | Self::Strategy => ValueKind::Text,
        }
    }
}

impl<S: TeamSettings> NewTeam<S> {
    /// Every rule that the team breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_route_name(&mut found, &self.name);
        check_extension_number(&mut found, &self.extension_number);
        self.settings.check(&mut found);
        found
    }
}

impl<S: TeamSettings> Team<S> {
    /// Every rule that a change breaks.
    pub fn check_patch(patch: &TeamPatch<S::Patch>) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &patch.name {
            check_route_name(&mut found, name);
        }
        S::check_patch(&patch.settings, &mut found);
        found
    }

    /// Carries a change out; tells whether anything changed.
    pub fn apply(&mut self, patch: TeamPatch<S::Patch>) -> bool {
        patch.name.apply(&mut self.name) | self.settings.apply(patch.settings)
    }
}
