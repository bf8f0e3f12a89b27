//! What a plan is made from.

use std::{collections::HashMap, sync::Arc};

use crate::{
    Agent, CallQueueSettings, Holiday, InboundRoute, Item, OngoingCall, OutboundCallerId, OutboundRoute,
    Permissions, Presence, Provider, ProviderId, Registration, RingGroupSettings, SeenPresence,
    SpeedDialRange, Team, TenantId, TenantSchedule, UserId, UserSchedule, UserSettings, UserStatus, Week,
    Zone,
};

/// A call that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls.
    pub from: Origin,
    /// What was dialled: a number, a speed dial, the user part of a SIP address.
    pub to: String,
    /// A random number, for what is decided by chance.
    pub chance: u64,
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A user of the tenant, from one of his phones.
    User(Arc<Person>),
    /// Somebody outside, over a trunk.
    Outside {
        /// His number as the trunk gave it; empty when he hides it.
        number: String,
        /// The trunk; none for the one that the called number comes with.
        trunk: Option<ProviderId>,
    },
}

/// A user as somebody on whose account calls are made: by dialling, or by a rule that forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub id: UserId,
    /// The number of his extension.
    pub number: String,
    /// Whether his extension works.
    pub enabled: bool,
    /// What his role allows.
    pub permissions: Permissions,
    /// His settings.
    pub settings: UserSettings,
}

/// A user as somebody who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Who he is.
    pub person: Arc<Person>,
    /// What he says of himself.
    pub presence: Presence,
    /// Do not disturb, set as a switch.
    pub dnd: bool,
    /// The devices that are bound to his extension.
    pub devices: Vec<Registration>,
    /// The holidays of the tenant that he keeps.
    pub chosen: Vec<Item<Holiday>>,
    /// His own holidays.
    pub own: Vec<Item<Holiday>>,
}

/// Somebody of a ring group or a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// His place in the team.
    pub agent: Agent,
    /// Whether his extension works.
    pub enabled: bool,
    /// What he says of himself.
    pub presence: Presence,
    /// Do not disturb, set as a switch.
    pub dnd: bool,
    /// The devices that are bound to his extension.
    pub devices: Vec<Registration>,
}

/// A ring group or a queue with its people, in the order of its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFacts<S> {
    /// The team.
    pub team: Team<S>,
    /// Its people.
    pub members: Vec<Member>,
    /// Counts its calls, for the strategies that begin each call one further.
    pub turn: u64,
}

/// What answers a number of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerer {
    /// A user.
    User(Arc<Reached>),
    /// A ring group.
    RingGroup(Arc<TeamFacts<RingGroupSettings>>),
    /// A call queue.
    Queue(Arc<TeamFacts<CallQueueSettings>>),
    /// A meeting.
    Meeting,
    /// Nothing: the number is not the tenant's.
    Nobody,
}

/// What of a tenant counts for its calls.
#[derive(Debug, Clone)]
pub struct TenantFacts {
    /// The tenant.
    pub id: TenantId,
    /// Whether its extensions work.
    pub enabled: bool,
    /// Its country, an ISO 3166-1 alpha-2 code: which numbers are domestic.
    pub country: String,
    /// Its time zone.
    pub zone: Zone,
    /// Its office hours.
    pub week: Week,
    /// Whether somebody closed it by hand.
    pub night_mode: bool,
    /// Its holidays.
    pub holidays: Vec<Item<Holiday>>,
    /// Whether it may use trunks.
    pub trunks: bool,
    /// Calls at the same time, at most.
    pub most_calls: i64,
    /// The caller ids of the tenant.
    pub caller_ids: Vec<OutboundCallerId>,
}

/// What the directory knows and a plan may need. Presence, devices and calls are those of the present, whatever the instant that
/// is planned for.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The tenant.
    pub tenant: TenantFacts,
    /// Its calls that are going on.
    pub calls: Vec<OngoingCall>,
    /// Whether something keeps voicemail, plays music and holds meetings.
    pub media_engine: bool,
    /// What answers each number that was asked for.
    pub numbers: HashMap<String, Answerer>,
    /// The tenant's trunks in the order in which they were made.
    pub trunks: Option<Vec<Provider>>,
    /// The tenant's routes for calls that come in, in the order in which they were made.
    pub inbound_routes: Option<Vec<Item<InboundRoute>>>,
    /// Those for calls that go out.
    pub outbound_routes: Option<Vec<Item<OutboundRoute>>>,
    /// The caller ids of the groups of users, in the order in which the groups were made.
    pub groups: HashMap<UserId, Vec<OutboundCallerId>>,
    /// What speed dials of users stand for; none for codes that are not theirs.
    pub speed_dials: HashMap<(UserId, String), Option<String>>,
}

/// Something that a plan needs and was not told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// What answers this number.
    Number(String),
    /// The trunks.
    Trunks,
    /// The routes for calls that come in.
    InboundRoutes,
    /// The routes for calls that go out.
    OutboundRoutes,
    /// The caller ids of a user's groups.
    Groups(UserId),
    /// What a speed dial of a user stands for.
    SpeedDial(UserId, SpeedDialRange, String),
}

impl Facts {
    /// The facts about a tenant before anything is known of the call.
    pub fn new(tenant: TenantFacts, calls: Vec<OngoingCall>, media_engine: bool) -> Self {
        Self {
            tenant,
            calls,
            media_engine,
            numbers: HashMap::new(),
            trunks: None,
            inbound_routes: None,
            outbound_routes: None,
            groups: HashMap::new(),
            speed_dials: HashMap::new(),
        }
    }

    /// What of the tenant counts for office hours.
    pub(super) fn schedule(&self) -> TenantSchedule<'_> {
        TenantSchedule {
            zone: &self.tenant.zone,
            week: &self.tenant.week,
            night_mode: self.tenant.night_mode,
            holidays: &self.tenant.holidays,
        }
    }

    /// What a user's phones do.
    fn status(&self, user: UserId, bound: bool) -> UserStatus {
        let speaks = |call: &&OngoingCall| {
            call.state.is_talking() && (call.caller_user == Some(user) || call.callee_user == Some(user))
        };
        match (self.calls.iter().find(speaks), bound) {
            (Some(_), _) => UserStatus::OnCall,
            (None, true) => UserStatus::Online,
            (None, false) => UserStatus::Offline,
        }
    }

    /// What others see of a user.
    pub(super) fn seen(&self, user: &Reached) -> SeenPresence {
        let status = self.status(user.person.id, !user.devices.is_empty());
        SeenPresence::derive(user.presence, user.dnd, status)
    }

    /// What a member's phones do.
    pub(super) fn phones_of(&self, member: &Member) -> UserStatus {
        self.status(member.agent.user, !member.devices.is_empty())
    }
}

impl Reached {
    /// What of the user counts for office hours.
    pub(super) fn schedule(&self) -> UserSchedule<'_> {
        UserSchedule {
            zone: None,
            hours: &self.person.settings.office_hours,
            chosen: &self.chosen,
            own: &self.own,
        }
    }
}

impl Member {
    /// Whether he wants no calls.
    pub(super) fn wants_none(&self) -> bool {
        self.dnd || self.presence == Presence::DoNotDisturb
    }
}

impl Origin {
    /// The number that calls, for rules about callers.
    pub(super) fn number(&self) -> &str {
        match self {
            Self::User(person) => &person.number,
            Self::Outside { number, .. } => number,
        }
    }
}
