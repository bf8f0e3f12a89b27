//! Plans of calls in a small house: what each rule makes of a call.

mod outside;
mod properties;
mod routes;
mod teams;
mod users;

use std::{collections::HashMap, sync::Arc};

use super::*;
use crate::{
    Agent, AgentStatus, BuiltInRole, CallQueueSettings, ForwardAction, ForwardCase, LiveCallState,
    NewRegistration, OngoingCall, OutboundCallerId, Presence, Provider, ProviderId, ProviderSettings,
    Registration, RingGroupSettings, SealedSecret, Team, TenantId, Timestamp, TrunkAuth, UserId,
    UserSettings, Week, Zone,
};

/// Tuesday, 10:00 in Berlin.
const OPEN: &str = "2026-11-24T10:00:00+01:00";
/// The same day, 19:30.
const CLOSED: &str = "2026-11-24T19:30:00+01:00";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A tenant, its people and what else answers numbers.
#[derive(Debug, Clone)]
struct House {
    facts: Facts,
    people: HashMap<&'static str, Reached>,
}

fn house() -> House {
    let tenant = TenantFacts {
        id: TenantId::FIRST,
        enabled: true,
        country: "DE".into(),
        zone: Zone::named("Europe/Berlin").unwrap(),
        week: Week::business(),
        night_mode: false,
        holidays: Vec::new(),
        trunks: true,
        most_calls: 20,
        caller_ids: Vec::new(),
    };
    House {
        facts: Facts::new(tenant, Vec::new(), true),
        people: HashMap::new(),
    }
}

/// A house with the users 1001 to 1004, each with one phone.
fn full_house() -> House {
    let mut house = house();
    for number in ["1001", "1002", "1003", "1004"] {
        house.user(number);
    }
    house
}

fn id_of(number: &str) -> UserId {
    UserId::new(number.parse().unwrap())
}

fn device(number: &str, name: &str) -> Registration {
    Registration {
        tenant: TenantId::FIRST,
        user: id_of(number),
        binding: NewRegistration {
            instance_id: name.into(),
            user_agent: String::new(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: format!("sip:{number}@192.0.2.1"),
            expires_at: at(CLOSED),
        },
        updated_at: at(OPEN),
        route: None,
    }
}

impl House {
    /// A user with a phone; the one that is there already, when there is one.
    fn user(&mut self, number: &'static str) -> &mut Reached {
        self.people.entry(number).or_insert_with(|| Reached {
            person: Arc::new(Person {
                id: id_of(number),
                number: number.into(),
                enabled: true,
                permissions: BuiltInRole::StandardUser.permissions(),
                settings: UserSettings::default(),
            }),
            presence: Presence::Available,
            dnd: false,
            devices: vec![device(number, "desk")],
            chosen: Vec::new(),
            own: Vec::new(),
        })
    }

    fn person(&mut self, number: &'static str) -> &mut Person {
        Arc::make_mut(&mut self.user(number).person)
    }

    fn settings(&mut self, number: &'static str) -> &mut UserSettings {
        &mut self.person(number).settings
    }

    /// Sets a rule of a user.
    fn rule(&mut self, number: &'static str, case: ForwardCase, action: ForwardAction, target: &str) {
        let rule = &mut self.settings(number).forward_rules.0[case.index()];
        rule.action = action;
        rule.number = target.into();
    }

    /// Puts a user into a call.
    fn speaks(&mut self, number: &str) {
        self.facts.calls.push(call_of(number, LiveCallState::Answered));
    }

    fn member(&mut self, number: &'static str, skill_level: i64, since: i64) -> Member {
        let user = self.user(number);
        Member {
            agent: Agent {
                user: user.person.id,
                extension_number: number.into(),
                display_name: String::new(),
                skill_level,
                status: AgentStatus::Ready,
                since: Timestamp::from_micros(since),
            },
            enabled: true,
            presence: user.presence,
            dnd: user.dnd,
            devices: user.devices.clone(),
        }
    }

    fn ring_group(&mut self, number: &str, members: Vec<Member>, settings: RingGroupSettings) {
        let team = TeamFacts {
            team: team(number, settings),
            members,
            turn: 1,
        };
        self.facts
            .numbers
            .insert(number.into(), Answerer::RingGroup(Arc::new(team)));
    }

    fn queue(&mut self, number: &str, members: Vec<Member>, settings: CallQueueSettings) {
        let team = TeamFacts {
            team: team(number, settings),
            members,
            turn: 0,
        };
        self.facts
            .numbers
            .insert(number.into(), Answerer::Queue(Arc::new(team)));
    }

    fn trunk(&mut self, id: i64, name: &str) -> &mut Provider {
        let trunks = self.facts.trunks.get_or_insert_default();
        trunks.push(Provider {
            tenant: TenantId::FIRST,
            id: ProviderId::new(id),
            name: name.into(),
            hostname: "sip.carrier.example".into(),
            brand: String::new(),
            auth_mode: TrunkAuth::Ip,
            password: SealedSecret::default(),
            settings: ProviderSettings::default(),
            created_at: at(OPEN),
            version: 1,
        });
        trunks.last_mut().unwrap()
    }

    /// The facts with everybody in them.
    fn complete(&self) -> Facts {
        let mut facts = self.facts.clone();
        for (number, user) in &self.people {
            facts
                .numbers
                .insert((*number).into(), Answerer::User(Arc::new(user.clone())));
        }
        facts
    }

    fn plan(&self, from: Origin, to: &str, when: &str) -> Plan {
        planned(&mut self.complete(), from, to, at(when))
    }

    /// A call of 1001.
    fn call(&self, to: &str, when: &str) -> Plan {
        let person = Arc::clone(&self.people["1001"].person);
        self.plan(Origin::User(person), to, when)
    }

    /// A call from outside to a number that comes with a trunk.
    fn comes(&self, from: &str, to: &str, when: &str) -> Plan {
        let origin = Origin::Outside {
            number: from.into(),
            trunk: None,
        };
        self.plan(origin, to, when)
    }
}

fn team<S>(number: &str, settings: S) -> Team<S> {
    Team {
        tenant: TenantId::FIRST,
        id: 1,
        name: "Sales".into(),
        extension_number: number.into(),
        settings,
        created_at: at(OPEN),
        version: 1,
    }
}

fn call_of(number: &str, state: LiveCallState) -> OngoingCall {
    OngoingCall {
        caller_user: None,
        callee_user: Some(id_of(number)),
        state,
        destination: number.into(),
        trunk: String::new(),
    }
}

/// Plans; what the facts lack is not there.
fn planned(facts: &mut Facts, from: Origin, to: &str, at: Timestamp) -> Plan {
    let call = Call {
        from,
        to: to.into(),
        chance: 7,
    };
    let mut asked = Vec::new();
    loop {
        let needs = match plan(facts, at, &call) {
            Ok(plan) => return plan,
            Err(needs) => needs,
        };
        for need in needs {
            assert!(!asked.contains(&need), "asked twice for {need:?}");
            match need.clone() {
                Need::Number(number) => {
                    facts.numbers.insert(number, Answerer::Nobody);
                }
                Need::Trunks => facts.trunks = Some(Vec::new()),
                Need::InboundRoutes => facts.inbound_routes = Some(Vec::new()),
                Need::OutboundRoutes => facts.outbound_routes = Some(Vec::new()),
                Need::Groups(user) => {
                    facts.groups.insert(user, Vec::new());
                }
                Need::SpeedDial(user, _, code) => {
                    facts.speed_dials.insert((user, code), None);
                }
            }
            asked.push(need);
        }
    }
}

/// A step in a few words.
fn brief(plan: &Plan, step: usize) -> String {
    let step = &plan.steps[step];
    match &step.action {
        Action::Ring(ring) => {
            let targets = ring.targets.iter().map(|target| match target {
                Target::Device { number, .. } => number.clone(),
                Target::Outside { trunk, number, .. } => format!("{number}@{trunk}"),
            });
            let targets: Vec<String> = targets.collect();
            format!("ring {} {}s", targets.join("+"), ring.seconds)
        }
        Action::Media { service, refusal } => match refusal {
            None => service.to_string(),
            Some(refusal) => format!("{service}: {}", refusal.status),
        },
        Action::Refuse(refusal) => format!("refuse {}", refusal.status),
    }
}

fn first(plan: &Plan) -> String {
    brief(plan, 0)
}

/// The steps that come when nobody ever answers.
fn unanswered(plan: &Plan) -> Vec<String> {
    follow(plan, |next| next.no_answer)
}

fn follow(plan: &Plan, choose: impl Fn(Next) -> usize) -> Vec<String> {
    let (mut way, mut step) = (vec![first(plan)], 0);
    while let Some(next) = plan.steps[step].next {
        step = choose(next);
        way.push(brief(plan, step));
    }
    way
}

/// All that is said before the first step.
fn why(plan: &Plan) -> String {
    plan.steps[0].because.join("; ")
}
