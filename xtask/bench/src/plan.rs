//! `cargo xtask bench plan`: what planning the way of a call takes, once the facts are in memory.
//!
//! The facts are those of a firm at work: twenty calls go on, users have the settings of somebody who has used his telephone for a while
//! and two devices each. What is looked up in the store for a call is not part of it.

use std::{collections::BTreeMap, fmt::Write as _, hint::black_box, sync::Arc, time::Instant};

use jackfield_domain::{
    Agent, AgentStatus, BuiltInRole, ForwardAction, ForwardCase, Item, LiveCallState, NewRegistration,
    OngoingCall, OutboundRoute, Presence, Provider, ProviderId, ProviderSettings, Registration,
    RingGroupSettings, SealedSecret, Team, TenantId, Timestamp, TrunkAuth, UserId, Week, Zone,
    route::{Answerer, Call, Facts, Member, Origin, Person, Plan, Reached, TeamFacts, TenantFacts, plan},
};

use crate::{Failed, Result, data, load::to_float, process, report};

/// Microseconds a plan.
const MOST: f64 = 20.0;
/// Plans of each measurement before which the time is not looked at.
const WARM: u32 = 1000;
/// Calls that go on.
const CALLS: i64 = 20;
/// People of the ring group.
const GROUP: i64 = 10;
const TRUNKS: i64 = 3;
/// Countries whose numbers take a trunk of their own.
const ROUTES: i64 = 20;

/// How the measurement is done.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each way is planned in a round.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    plans: u32,
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
}

/// What is dialled, and in which words the table speaks of it.
const CASES: [(&str, &str); 4] = [
    ("1002", "another extension, two telephones ring"),
    (
        "1003",
        "an extension whose rules lead to a second one and a third one",
    ),
    ("2000", "a ring group of ten"),
    ("+493012345678", "a number outside, three trunks"),
];

fn person(number: i64) -> Person {
    Person {
        id: UserId::new(number),
        number: number.to_string(),
        enabled: true,
        permissions: BuiltInRole::StandardUser.permissions(),
        settings: data::usual_settings(usize::try_from(number).unwrap_or(0)),
    }
}

fn devices(number: i64, at: Timestamp) -> Vec<Registration> {
    let device = |name: &str| Registration {
        tenant: TenantId::FIRST,
        user: UserId::new(number),
        binding: NewRegistration {
            instance_id: format!("<urn:uuid:{name}-{number}>"),
            user_agent: "Bench phone 1.0".into(),
            application: String::new(),
            ip: "192.0.2.1".into(),
            enable_push: false,
            contact_address: format!("sip:{number}@192.0.2.1:5060"),
            expires_at: at,
        },
        updated_at: at,
        route: None,
    };
    vec![device("desk"), device("mobile")]
}

fn reached(number: i64, at: Timestamp) -> Reached {
    Reached {
        person: Arc::new(person(number)),
        presence: Presence::Available,
        dnd: false,
        devices: devices(number, at),
        chosen: Vec::new(),
        own: Vec::new(),
    }
}

/// A user all of whose rules for an available user lead to another number.
fn forwards(number: i64, to: i64, at: Timestamp) -> Reached {
    let mut user = reached(number, at);
    let mut person = person(number);
    for case in [ForwardCase::AvailableOffice, ForwardCase::AvailableNonOffice] {
        if let Some(rule) = person.settings.forward_rules.0.get_mut(case.index()) {
            rule.action = ForwardAction::ToNumber;
            rule.number = to.to_string();
        }
    }
    user.person = Arc::new(person);
    user
}

fn ongoing(number: i64) -> OngoingCall {
    OngoingCall {
        caller_user: None,
        callee_user: Some(UserId::new(number)),
        state: LiveCallState::Answered,
        destination: number.to_string(),
        trunk: "telco".into(),
    }
}

fn facts(at: Timestamp) -> Result<Facts> {
    let tenant = TenantFacts {
        id: TenantId::FIRST,
        enabled: true,
        country: "DE".into(),
        zone: Zone::named("Europe/Berlin").ok_or_else(|| Failed::new("there is no Europe/Berlin"))?,
        week: Week::business(),
        night_mode: false,
        holidays: Vec::new(),
        trunks: true,
        most_calls: 100,
        caller_ids: Vec::new(),
    };
    let calls = (0..CALLS).map(|number| ongoing(5000 + number)).collect();
    let mut facts = Facts::new(tenant, calls, false);
    let mut answers = |number: &str, answerer| facts.numbers.insert(number.to_owned(), answerer);
    answers("1002", Answerer::User(Arc::new(reached(1002, at))));
    answers("1003", Answerer::User(Arc::new(forwards(1003, 1004, at))));
    answers("1004", Answerer::User(Arc::new(forwards(1004, 1005, at))));
    answers("1005", Answerer::User(Arc::new(reached(1005, at))));
    answers("+493012345678", Answerer::Nobody);
    let members = (0..GROUP).map(|index| Member {
        agent: Agent {
            user: UserId::new(3000 + index),
            extension_number: (3000 + index).to_string(),
            display_name: String::new(),
            skill_level: 1,
            status: AgentStatus::Ready,
            since: at,
        },
        enabled: true,
        presence: Presence::Available,
        dnd: false,
        devices: devices(3000 + index, at),
    });
    let group = TeamFacts {
        team: Team {
            tenant: TenantId::FIRST,
            id: 1,
            name: "Sales".into(),
            extension_number: "2000".into(),
            settings: RingGroupSettings::default(),
            created_at: at,
            version: 1,
        },
        members: members.collect(),
        turn: 1,
    };
    answers("2000", Answerer::RingGroup(Arc::new(group)));
    let trunks = (0..TRUNKS).map(|id| Provider {
        tenant: TenantId::FIRST,
        id: ProviderId::new(id),
        name: format!("telco{id}"),
        hostname: "sip.carrier.example".into(),
        brand: String::new(),
        auth_mode: TrunkAuth::Ip,
        password: SealedSecret::default(),
        settings: ProviderSettings::default(),
        created_at: at,
        version: 1,
    });
    facts.trunks = Some(trunks.collect());
    let routes = (0..ROUTES).map(|id| Item {
        id,
        value: OutboundRoute {
            prefix: format!("+{}", 30 + id),
            trunk: Some(ProviderId::new(id % TRUNKS)),
            ..OutboundRoute::default()
        },
        created_at: at,
        version: 1,
    });
    facts.outbound_routes = Some(routes.collect());
    Ok(facts)
}

/// Measures, and gives the table.
pub(crate) fn run(options: &Options) -> Result<String> {
    // A Tuesday morning in Berlin.
    let at = Timestamp::parse("2026-11-24T10:00:00+01:00").ok_or_else(|| Failed::new("no instant"))?;
    let mut facts = facts(at)?;
    let caller = Arc::new(person(1001));
    facts.groups.insert(caller.id, Vec::new());
    let mut samples: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut steps: BTreeMap<&str, usize> = BTreeMap::new();
    let load_average = process::load_average();
    for _ in 0..options.rounds {
        for (to, _) in CASES {
            let call = Call {
                from: Origin::User(Arc::clone(&caller)),
                to: to.to_owned(),
                chance: 7,
            };
            let once = || -> Result<Plan> {
                plan(black_box(&facts), at, black_box(&call))
                    .map_err(|needs| Failed::new(format!("the facts of {to} lack {needs:?}")))
            };
            steps.insert(to, once()?.steps.len());
            for _ in 0..WARM {
                black_box(once()?);
            }
            let began = Instant::now();
            for _ in 0..options.plans {
                black_box(once()?);
            }
            let micros = began.elapsed().as_secs_f64() * 1e6 / to_float(options.plans.into());
            samples.entry(to).or_default().push(micros);
        }
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} rounds of {} plans each, one thread, load average at their start {load_average}.\n\n\
         | the way of a call to | steps | µs a plan | target | |\n| --- | ---: | ---: | ---: | --- |",
        options.rounds, options.plans
    );
    for (to, title) in CASES {
        let micros = samples
            .get_mut(to)
            .and_then(|values| report::median(values))
            .unwrap_or(0.0);
        let steps = steps.get(to).copied().unwrap_or(0);
        let _ = writeln!(
            text,
            "| {title} | {steps} | {micros:.1} | < {MOST} | {} |",
            report::verdict(micros < MOST)
        );
    }
    Ok(text)
}
