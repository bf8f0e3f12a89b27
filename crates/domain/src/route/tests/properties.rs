//! What holds for every house and every call.

use proptest::prelude::*;

use super::*;
use crate::{
    InboundRoute, Item, MissedAction, MissedRule, OutboundRoute, Permission, Permissions,
    Strategy as Hunting, limits, route::emergency::is_emergency,
};

const USERS: [&str; 5] = ["1001", "1002", "1003", "1004", "1005"];

/// Numbers that rules lead to: of the house, outside, nobody's, for help, none.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(USERS.to_vec()).prop_map(String::from),
        proptest::sample::select(vec![
            "6100",
            "6000",
            "5001",
            "030901820",
            "+41446681800",
            "112",
            "110",
            "1999",
            "2",
            "x",
            "",
            "777"
        ])
        .prop_map(String::from),
    ]
}

fn action() -> impl Strategy<Value = ForwardAction> {
    proptest::sample::select(vec![
        ForwardAction::ToNumber,
        ForwardAction::ToVoicemail,
        ForwardAction::RingAnyway,
        ForwardAction::HangUp,
    ])
}

fn missed() -> impl Strategy<Value = MissedRule> {
    let action = proptest::sample::select(vec![
        MissedAction::ToNumber,
        MissedAction::ToVoicemail,
        MissedAction::Repeat,
        MissedAction::HangUp,
    ]);
    (action, number()).prop_map(|(action, number)| MissedRule { action, number })
}

/// What is drawn for a user: enabled, presence, phones, permissions, rules. Also rules that no check lets through.
type Drawn = (bool, usize, usize, i64, Vec<(ForwardAction, String, Option<i64>)>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let rule = (action(), number(), proptest::option::of(0..100_i64));
    let permissions = proptest::sample::select(vec![
        Permissions::NONE.bits(),
        BuiltInRole::StandardUser.permissions().bits(),
        BuiltInRole::StandardInternationalUser.permissions().bits(),
    ]);
    (
        any::<bool>(),
        0..Presence::ALL.len(),
        0..3_usize,
        permissions,
        proptest::collection::vec(rule, 16),
    )
}

fn strategy() -> impl Strategy<Value = Hunting> {
    proptest::sample::select(Hunting::ALL.to_vec())
}

/// Routes that lead anywhere, also where no check would let them.
fn any_routes() -> impl Strategy<Value = (Vec<Item<InboundRoute>>, Vec<Item<OutboundRoute>>)> {
    let called = proptest::sample::select(vec!["*", "100*", "1002", "6000", "1"]);
    let inbound =
        (called, number(), 0..3_i64, 0..2_i64).prop_map(|(called, target, trunk, priority)| InboundRoute {
            called: called.into(),
            trunk: (trunk > 0).then(|| ProviderId::new(trunk)),
            target,
            priority,
            description: String::new(),
        });
    let prefix = proptest::sample::select(vec!["+", "+49", "+4930", "+41"]);
    let outbound =
        (prefix, 0..4_i64, 0..3_i64, 0..2_i64).prop_map(|(prefix, trunk, strip, priority)| OutboundRoute {
            prefix: prefix.into(),
            trunk: Some(ProviderId::new(trunk)),
            priority,
            strip,
            prepend: String::new(),
            description: String::new(),
        });
    (
        proptest::collection::vec(inbound, 0..4),
        proptest::collection::vec(outbound, 0..4),
    )
        .prop_map(|(inbound, outbound)| (numbered(inbound), numbered(outbound)))
}

fn numbered<T>(values: Vec<T>) -> Vec<Item<T>> {
    let item = |(id, value)| Item {
        id,
        value,
        created_at: at(OPEN),
        version: 1,
    };
    (1..).zip(values).map(item).collect()
}

fn any_house() -> impl Strategy<Value = House> {
    (house_without_routes(), proptest::option::of(any_routes())).prop_map(|(mut house, routes)| {
        let (inbound, outbound) = routes.unwrap_or_default();
        house.facts.inbound_routes = Some(inbound);
        house.facts.outbound_routes = Some(outbound);
        house
    })
}

fn house_without_routes() -> impl Strategy<Value = House> {
    let users = proptest::collection::vec(drawn(), USERS.len());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), 0..3_i64, 0..3_usize);
    (users, flags, strategy(), strategy(), missed(), missed()).prop_map(
        |(users, (media, night, enabled, most_calls, trunks), ringing, polling, missed, night_rule)| {
            let mut house = house();
            house.facts.media_engine = media;
            house.facts.tenant.night_mode = night;
            house.facts.tenant.enabled = enabled;
            house.facts.tenant.most_calls = most_calls;
            house.facts.trunks = Some(Vec::new());
            for trunk in 0..trunks {
                let id = i64::try_from(trunk).unwrap() + 1;
                house.trunk(id, &format!("Trunk {id}")).settings.did_numbers = "1000-1005;6000-6100".into();
            }
            for (number, (enabled, presence, phones, permissions, rules)) in USERS.into_iter().zip(users) {
                let user = house.user(number);
                user.presence = Presence::ALL[presence];
                user.devices = ["a", "b"][..phones]
                    .iter()
                    .map(|name| device(number, name))
                    .collect();
                let person = house.person(number);
                person.enabled = enabled;
                person.permissions = Permissions::from_bits(permissions);
                let own = &mut person.settings.forward_rules.0;
                for (rule, (action, number, timeout)) in own.iter_mut().zip(rules) {
                    rule.action = action;
                    rule.number = number;
                    rule.timeout = timeout;
                }
            }
            let members: Vec<Member> = USERS.iter().map(|number| house.member(number, 1, 0)).collect();
            house.ring_group(
                "6100",
                members.clone(),
                RingGroupSettings {
                    ring_strategy: ringing,
                    no_answer_forward_rule: missed.clone(),
                    night_mode_forward_rule: night_rule.clone(),
                    ..RingGroupSettings::default()
                },
            );
            house.queue(
                "6000",
                members,
                CallQueueSettings {
                    polling_strategy: polling,
                    no_answer_forward_rule: missed,
                    night_mode_forward_rule: night_rule,
                    ..CallQueueSettings::default()
                },
            );
            house.facts.numbers.insert("5001".into(), Answerer::Meeting);
            house
        },
    )
}

/// The numbers outside that a plan reaches, each with the way to it.
fn outside(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for step in &plan.steps {
        if let Action::Ring(ring) = &step.action {
            for target in &ring.targets {
                if let Target::Outside { number, .. } = target {
                    found.push((number.clone(), step.path.clone()));
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_ends(house in any_house(), to in number(), stranger in any::<bool>(), closed in any::<bool>()) {
        let when = if closed { CLOSED } else { OPEN };
        let plan = if stranger { house.comes("0170", &to, when) } else { house.call(&to, when) };
        prop_assert!(!plan.steps.is_empty());
        prop_assert!(plan.steps.len() <= 3 * limits::ROUTE_STEPS, "{} steps", plan.steps.len());
        let mut reached = vec![false; plan.steps.len()];
        reached[0] = true;
        for (place, step) in plan.steps.iter().enumerate() {
            // A step leads to later ones only, so no way is without an end; and it leads somewhere unless it ends the call.
            for next in step.next.iter().flat_map(|next| next.all()) {
                prop_assert!(next > place && next < plan.steps.len());
                reached[next] = true;
            }
            match &step.action {
                Action::Ring(ring) => {
                    prop_assert!(step.next.is_some() && !ring.targets.is_empty() && ring.seconds > 0);
                }
                Action::Media { service: MediaService::Queue { .. }, .. } => prop_assert!(step.next.is_some()),
                Action::Media { .. } | Action::Refuse(_) => prop_assert!(step.next.is_none()),
            }
            prop_assert!(!step.because.is_empty(), "no reason for {}", step.action);
            // No circle, and no longer way than is allowed.
            let mut path = step.path.clone();
            prop_assert!(path.len() <= limits::ROUTE_FORWARDS + 1);
            path.sort();
            path.dedup();
            prop_assert_eq!(path.len(), step.path.len());
        }
        prop_assert!(reached.iter().all(|reached| *reached), "a step that nothing leads to: {plan}");
    }

    #[test]
    fn only_permitted_numbers_are_called(house in any_house(), to in number(), stranger in any::<bool>()) {
        let plan = if stranger { house.comes("0170", &to, OPEN) } else { house.call(&to, OPEN) };
        for (number, path) in outside(&plan) {
            if is_emergency(&number, "DE") {
                prop_assert!(!stranger && path.len() == 1, "a rule called for help");
                continue;
            }
            // A route may have left the first digits out.
            let needed = match number.as_str() {
                number if "+4930901820".ends_with(number) => Permission::DomesticCalls,
                _ => Permission::InternationalCalls,
            };
            // Whoever is before the number on the way sent the call there; a team has no account.
            let sender = path.iter().rev().nth(1).map_or("1001", String::as_str);
            if let Some(user) = house.people.get(sender) {
                prop_assert!(user.person.permissions.has(needed), "{sender} called {number}");
            }
            prop_assert!(!stranger || path.len() > 1, "a stranger called out");
        }
    }

    #[test]
    fn help_is_always_reached(house in any_house(), number in proptest::sample::select(vec!["112", "110", "911"])) {
        let plan = house.call(number, OPEN);
        let trunks = house.facts.trunks.as_ref().map_or(0, Vec::len);
        prop_assert_eq!(outside(&plan).len(), trunks);
        let expected = if trunks > 0 { format!("ring {number}@Trunk 1 180s") } else { "refuse 503".into() };
        prop_assert_eq!(first(&plan), expected);
    }
}
