use super::*;
use crate::{MissedAction, MissedRule, Strategy};

fn to(number: &str) -> MissedRule {
    MissedRule {
        action: MissedAction::ToNumber,
        number: number.into(),
    }
}

fn group(ring_strategy: Strategy) -> RingGroupSettings {
    RingGroupSettings {
        ring_strategy,
        ..RingGroupSettings::default()
    }
}

/// A house with ring group 6100: 1002 with skill 1, 1003 with skill 9, 1004 with skill 5.
fn with_group(settings: RingGroupSettings) -> House {
    let mut house = full_house();
    let members = vec![
        house.member("1002", 1, 30),
        house.member("1003", 9, 20),
        house.member("1004", 5, 10),
    ];
    house.ring_group("6100", members, settings);
    house
}

#[test]
fn a_ring_group_rings_as_its_strategy_says() {
    for (strategy, expected) in [
        (
            Strategy::RingSimultaneously,
            &["ring 1002+1003+1004 20s", "refuse 480"][..],
        ),
        (
            Strategy::PrioritizedHunt,
            &["ring 1002 20s", "ring 1003 20s", "ring 1004 20s", "refuse 480"],
        ),
        // The second call begins with the second member.
        (
            Strategy::CyclicHunt,
            &["ring 1003 20s", "ring 1004 20s", "ring 1002 20s", "refuse 480"],
        ),
        (
            Strategy::SkillBasedRoutingPrioritizedHunt,
            &["ring 1003 20s", "ring 1004 20s", "ring 1002 20s", "refuse 480"],
        ),
        // A media engine takes calls and places none.
        (
            Strategy::PagingIntercom,
            &["an announcement to ring group 6100: 480"],
        ),
    ] {
        let plan = with_group(group(strategy)).call("6100", OPEN);
        assert_eq!(unanswered(&plan), expected, "{strategy:?}");
        assert_eq!(plan.steps[0].service.as_deref(), Some("6100"));
    }
}

#[test]
fn chance_is_handed_in() {
    let house = with_group(group(Strategy::LeastWorkedHunt));
    let mut orders = std::collections::BTreeSet::new();
    for chance in 0..100 {
        let call = Call {
            from: Origin::User(Arc::clone(&house.people["1001"].person)),
            to: "6100".into(),
            chance,
        };
        let planned = plan(&house.complete(), at(OPEN), &call).unwrap();
        assert_eq!(plan(&house.complete(), at(OPEN), &call).unwrap(), planned);
        let mut order = unanswered(&planned);
        orders.insert(order.join(" "));
        order.sort();
        assert_eq!(
            order,
            ["refuse 480", "ring 1002 20s", "ring 1003 20s", "ring 1004 20s"]
        );
    }
    assert_eq!(orders.len(), 6, "every order comes");
}

#[test]
fn members_who_cannot_be_rung_are_left_out() {
    let mut house = full_house();
    house.speaks("1002");
    house.user("1003").devices.clear();
    house.user("1004").dnd = true;
    let members = vec![
        house.member("1002", 1, 0),
        house.member("1003", 1, 0),
        house.member("1004", 1, 0),
    ];
    let mut settings = group(Strategy::RingSimultaneously);
    house.ring_group("6100", members.clone(), settings.clone());
    assert_eq!(first(&house.call("6100", OPEN)), "ring 1002 20s");
    settings.skip_busy_member = true;
    settings.no_answer_forward_rule = to("1001");
    house.ring_group("6100", members, settings);
    let plan = house.call("6100", OPEN);
    assert_eq!(first(&plan), "ring 1001 60s");
    assert!(
        why(&plan).starts_with(
            "6100 is ring group Sales; 1002 is in a call and is left out; 1003 has no phone registered and is left \
             out; 1004 wants no calls and is left out; nobody of 6100 can be rung; rule no_answer_forward_rule → 1001"
        ),
        "{plan}"
    );
}

#[test]
fn what_happens_to_a_call_that_a_ring_group_misses() {
    for (action, number, expected) in [
        (
            MissedAction::ToNumber,
            "1001",
            &[
                "ring 1002+1003+1004 20s",
                "ring 1001 60s",
                "the voicemail box of 1001",
            ][..],
        ),
        (
            MissedAction::ToVoicemail,
            "1002",
            &["ring 1002+1003+1004 20s", "the voicemail box of 1002"],
        ),
        (
            MissedAction::Repeat,
            "",
            &["ring 1002+1003+1004 20s", "ring 1002+1003+1004 20s", "refuse 480"],
        ),
        (
            MissedAction::ToNumber,
            "6100",
            &["ring 1002+1003+1004 20s", "refuse 482"],
        ),
    ] {
        let mut settings = group(Strategy::RingSimultaneously);
        settings.no_answer_forward_rule = MissedRule {
            action,
            number: number.into(),
        };
        let plan = with_group(settings).call("6100", OPEN);
        assert_eq!(unanswered(&plan), expected, "{action:?}");
    }
}

#[test]
fn night_mode_has_a_rule_of_its_own() {
    let mut settings = group(Strategy::RingSimultaneously);
    settings.night_mode_forward_rule = to("1001");
    let mut house = with_group(settings);
    house.queue(
        "6000",
        Vec::new(),
        CallQueueSettings {
            night_mode_forward_rule: to("6100"),
            ..CallQueueSettings::default()
        },
    );
    house.facts.tenant.night_mode = true;
    let plan = house.call("6000", OPEN);
    assert_eq!(first(&plan), "ring 1001 60s");
    assert_eq!(plan.steps[0].path, ["6000", "6100", "1001"]);
    assert_eq!(plan.steps[0].service.as_deref(), Some("6100"));
}

#[test]
fn phones_are_told_what_the_group_says() {
    let mut settings = group(Strategy::PrioritizedHunt);
    settings.enable_paid = true;
    settings.extension_number_as_to_header = true;
    let plan = with_group(settings).call("6100", OPEN);
    let Action::Ring(ring) = &plan.steps[0].action else {
        panic!("{plan}")
    };
    assert_eq!(
        ring.headers,
        Headers {
            asserted: true,
            remote_party: false,
            to: Some("6100".into())
        }
    );
}

/// A house with queue 6000: 1002 has been ready longest but for 1003, who has more skill than both.
fn with_queue(settings: CallQueueSettings) -> House {
    let mut house = full_house();
    let members = vec![
        house.member("1004", 5, 30),
        house.member("1002", 5, 10),
        house.member("1003", 9, 20),
    ];
    house.queue("6000", members, settings);
    house
}

fn polling(polling_strategy: Strategy) -> CallQueueSettings {
    CallQueueSettings {
        polling_strategy,
        no_answer_forward_rule: to("1001"),
        ..CallQueueSettings::default()
    }
}

#[test]
fn a_queue_rings_ready_agents_as_its_strategy_says() {
    let tail = |order: [&str; 3]| {
        let mut steps: Vec<String> = order.iter().map(|number| format!("ring {number} 20s")).collect();
        steps.extend(
            [
                "waiting in queue 6000",
                "ring 1001 60s",
                "the voicemail box of 1001",
            ]
            .map(String::from),
        );
        steps
    };
    for (strategy, order) in [
        (Strategy::PrioritizedHunt, ["1004", "1002", "1003"]),
        (Strategy::CyclicHunt, ["1002", "1003", "1004"]),
        (Strategy::LeastWorkedHunt, ["1002", "1003", "1004"]),
        (
            Strategy::SkillBasedRoutingPrioritizedHunt,
            ["1003", "1004", "1002"],
        ),
        (Strategy::SkillBasedRoutingCyclicHunt, ["1003", "1002", "1004"]),
        (
            Strategy::SkillBasedRoutingLeastWorkedHunt,
            ["1003", "1002", "1004"],
        ),
    ] {
        let plan = with_queue(polling(strategy)).call("6000", OPEN);
        assert_eq!(unanswered(&plan), tail(order), "{strategy:?}");
        let waiting = plan.steps.iter().find_map(|step| match &step.action {
            Action::Media {
                service: MediaService::Queue { seconds, .. },
                ..
            } => Some(*seconds),
            _ => None,
        });
        assert_eq!(waiting, Some(300 - 3 * 20));
    }
    let plan = with_queue(polling(Strategy::RingSimultaneously)).call("6000", OPEN);
    assert_eq!(first(&plan), "ring 1004+1002+1003 20s");
}

#[test]
fn callers_of_a_queue_hear_music_where_there_is_an_engine() {
    let music = |plan: &Plan| -> Vec<Option<String>> {
        let rings = plan.steps.iter().filter_map(|step| match &step.action {
            Action::Ring(ring) => Some(ring.music.clone()),
            _ => None,
        });
        rings.collect()
    };
    let said = "the caller hears the queue's music meanwhile";
    let mut house = with_queue(polling(Strategy::PrioritizedHunt));
    let plan = house.call("6000", OPEN);
    let queue = Some("6000".to_owned());
    // Three agents, and the user to whom the call overflows: he is none of the queue.
    assert_eq!(music(&plan), [queue.clone(), queue.clone(), queue, None]);
    assert!(why(&plan).contains(said), "{plan}");
    house.facts.media_engine = false;
    let plan = house.call("6000", OPEN);
    assert_eq!(music(&plan), [None, None, None, None]);
    assert!(!why(&plan).contains(said), "{plan}");
}

#[test]
fn who_waits_in_a_queue_has_its_agents_rung_again() {
    let numbers = |house: &House, queue: &str, seconds: i64| -> Vec<(String, i64)> {
        let rings = round(&house.complete(), at(OPEN), queue, seconds).unwrap();
        let number = |target: &Target| match target {
            Target::Device { number, .. } => number.clone(),
            Target::Outside { .. } => panic!("an agent is no number outside"),
        };
        let brief = |ring: &Ring| {
            let all: Vec<String> = ring.targets.iter().map(number).collect();
            (all.join("+"), ring.seconds)
        };
        rings.iter().map(brief).collect()
    };
    let mut house = with_queue(polling(Strategy::PrioritizedHunt));
    let ring = |number: &str, seconds| (number.to_owned(), seconds);
    assert_eq!(
        numbers(&house, "6000", 50),
        [ring("1004", 20), ring("1002", 20), ring("1003", 10)]
    );
    assert_eq!(numbers(&house, "6000", 0), []);
    house.speaks("1002");
    assert_eq!(numbers(&house, "6000", 300), [ring("1004", 20), ring("1003", 20)]);
    // No queue any more.
    assert_eq!(numbers(&house, "1001", 300), []);
    assert_eq!(
        round(&house.facts, at(OPEN), "6001", 300),
        Err(vec![Need::Number("6001".into())])
    );
}

#[test]
fn agents_who_are_not_ready_are_not_rung() {
    for (status, said) in [
        (AgentStatus::WrapUp, "status of agent 1002 is wrap_up"),
        (AgentStatus::Break, "status of agent 1002 is break"),
        (AgentStatus::NotReady, "status of agent 1002 is not_ready"),
        (AgentStatus::QueueCall, "status of agent 1002 is queue_call"),
        (AgentStatus::LoggedOut, "status of agent 1002 is logged_out"),
    ] {
        let mut house = full_house();
        let mut members = vec![house.member("1002", 1, 0), house.member("1003", 1, 0)];
        members[0].agent.status = status;
        house.queue("6000", members, polling(Strategy::PrioritizedHunt));
        let plan = house.call("6000", OPEN);
        assert_eq!(first(&plan), "ring 1003 20s", "{status:?}");
        assert!(why(&plan).contains(said), "{plan}");
    }
    let mut house = full_house();
    house.speaks("1002");
    house.user("1003").devices.clear();
    house.user("1004").dnd = true;
    let members = ["1002", "1003", "1004"].map(|number| house.member(number, 1, 0));
    house.queue("6000", members.into(), polling(Strategy::PrioritizedHunt));
    let plan = house.call("6000", OPEN);
    assert_eq!(first(&plan), "waiting in queue 6000", "{plan}");
    for said in [
        "status of agent 1002 is other_call",
        "status of agent 1003 is offline",
        "agent 1004 wants no calls",
    ] {
        assert!(why(&plan).contains(said), "{plan}");
    }
}

#[test]
fn a_queue_overflows() {
    // Nobody is there, and nobody waits for somebody to come.
    let mut house = full_house();
    house.queue("6000", Vec::new(), polling(Strategy::CyclicHunt));
    let plan = house.call("6000", OPEN);
    assert_eq!(first(&plan), "ring 1001 60s");
    assert!(why(&plan).contains("no agent is there, and callers do not wait for one"));
    let mut settings = polling(Strategy::CyclicHunt);
    settings.wait_when_no_agents_online = true;
    house.queue("6000", Vec::new(), settings);
    assert_eq!(first(&house.call("6000", OPEN)), "waiting in queue 6000");
    // There is nothing to wait in.
    house.facts.media_engine = false;
    let plan = house.call("6000", OPEN);
    assert_eq!(first(&plan), "ring 1001 60s");
    assert!(
        why(&plan).contains(
            "callers cannot wait: that needs a media engine, and none is configured; rule no_answer"
        )
    );
    // As many wait as may.
    let mut settings = polling(Strategy::CyclicHunt);
    settings.max_callers = 2;
    let mut house = with_queue(settings);
    house.facts.calls.push(call_of("6000", LiveCallState::Ringing));
    assert_eq!(first(&house.call("6000", OPEN)), "ring 1002 20s");
    house.facts.calls.push(call_of("6000", LiveCallState::Ringing));
    let plan = house.call("6000", OPEN);
    assert_eq!(first(&plan), "ring 1001 60s");
    assert!(why(&plan).contains("2 callers wait, and 2 are the most"));
    // Ringing ends with the time that a caller may wait.
    let mut settings = polling(Strategy::PrioritizedHunt);
    settings.max_waiting_time = 30;
    let expected = [
        "ring 1004 20s",
        "ring 1002 10s",
        "ring 1001 60s",
        "the voicemail box of 1001",
    ];
    assert_eq!(unanswered(&with_queue(settings).call("6000", OPEN)), expected);
}

#[test]
fn a_group_that_rings_for_no_time_is_missed_at_once() {
    let mut settings = group(Strategy::PrioritizedHunt);
    settings.ring_time = 0;
    settings.no_answer_forward_rule = MissedRule {
        action: MissedAction::Repeat,
        number: String::new(),
    };
    assert_eq!(first(&with_group(settings).call("6100", OPEN)), "refuse 480");
}
