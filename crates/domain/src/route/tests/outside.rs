use super::*;
use crate::Permissions;

fn caller_id(provider: i64, text: &str, preferred: bool) -> OutboundCallerId {
    OutboundCallerId {
        provider: ProviderId::new(provider),
        caller_id: text.into(),
        preferred,
        description: String::new(),
    }
}

/// A house with the trunks 1 and 2.
fn with_trunks() -> House {
    let mut house = full_house();
    house.trunk(1, "One").settings.did_numbers = "4930100-4930199;1002".into();
    house.trunk(2, "Two");
    house
}

/// What the called side sees.
fn shown(plan: &Plan) -> Shown {
    match &plan.steps[0].action {
        Action::Ring(ring) => match &ring.targets[0] {
            Target::Outside { shown, .. } => shown.clone(),
            Target::Device { .. } => panic!("{plan}"),
        },
        _ => panic!("{plan}"),
    }
}

#[test]
fn numbers_outside_need_their_permission() {
    let standard = BuiltInRole::StandardUser.permissions();
    let international = BuiltInRole::StandardInternationalUser.permissions();
    for (permissions, number, expected) in [
        (standard, "030 901820", "ring +4930901820@One 180s"),
        (standard, "+49 (30) 901820", "ring +4930901820@One 180s"),
        (standard, "+41446681800", "refuse 403"),
        (standard, "0041446681800", "refuse 403"),
        (international, "+41446681800", "ring +41446681800@One 180s"),
        (Permissions::NONE, "030901820", "refuse 403"),
        (international, "12", "refuse 404"),
        (international, "1777", "refuse 404"),
        (international, "0800FLOWERS", "refuse 404"),
        (international, "*21#", "refuse 404"),
        (international, "", "refuse 404"),
    ] {
        let mut house = with_trunks();
        house.person("1001").permissions = permissions;
        let plan = house.call(number, OPEN);
        assert_eq!(first(&plan), expected, "{number}");
    }
    let plan = with_trunks().call("+41446681800", OPEN);
    assert_eq!(
        why(&plan),
        "+41446681800 is an international number; user 1001 may not make international calls \
         (policies.international_calls)"
    );
}

#[test]
fn trunks_are_tried_one_after_the_other() {
    let plan = with_trunks().call("030901820", OPEN);
    let ways = follow(&plan, |next| next.unreachable);
    assert_eq!(
        ways,
        [
            "ring +4930901820@One 180s",
            "ring +4930901820@Two 180s",
            "refuse 503"
        ]
    );
    assert_eq!(follow(&plan, |next| next.busy)[1], "refuse 486");
    assert_eq!(unanswered(&plan)[1], "refuse 480");
}

#[test]
fn a_trunk_that_cannot_be_taken_is_passed_over() {
    type Change = fn(&mut House);
    let table: [(Change, &str); 6] = [
        (
            |house| house.facts.trunks.as_mut().unwrap()[0].settings.enabled = false,
            "ring +4930901820@Two 180s",
        ),
        (
            |house| house.facts.trunks.as_mut().unwrap()[0].auth_mode = TrunkAuth::WhatsApp,
            "ring +4930901820@Two 180s",
        ),
        (
            |house| {
                house.facts.trunks.as_mut().unwrap()[0].settings.concurrency = 1;
                house.speaks("1004");
                house.facts.calls[0].trunk = "One".into();
            },
            "ring +4930901820@Two 180s",
        ),
        (
            |house| house.settings("1001").outbound_caller_ids = vec![caller_id(2, "+4930199", false)],
            "ring +4930901820@Two 180s",
        ),
        (|house| house.facts.tenant.trunks = false, "refuse 403"),
        (|house| house.facts.trunks = Some(Vec::new()), "refuse 503"),
    ];
    for (index, (change, expected)) in table.into_iter().enumerate() {
        let mut house = with_trunks();
        change(&mut house);
        assert_eq!(first(&house.call("030901820", OPEN)), expected, "row {index}");
    }
}

#[test]
fn what_the_called_side_sees() {
    let mut house = with_trunks();
    assert_eq!(shown(&house.call("030901820", OPEN)), Shown::Account);
    house.facts.tenant.caller_ids = vec![caller_id(1, "tenant", false)];
    assert_eq!(shown(&house.call("030901820", OPEN)), Shown::As("tenant".into()));
    let groups = vec![caller_id(2, "other trunk", false), caller_id(1, "group", false)];
    house.facts.groups.insert(id_of("1001"), groups);
    assert_eq!(shown(&house.call("030901820", OPEN)), Shown::As("group".into()));
    house.settings("1001").outbound_caller_ids =
        vec![caller_id(1, "first", false), caller_id(1, "preferred", true)];
    assert_eq!(
        shown(&house.call("030901820", OPEN)),
        Shown::As("preferred".into())
    );
    house.settings("1001").delivery_outbound_cid = false;
    assert_eq!(shown(&house.call("030901820", OPEN)), Shown::Account);
    house.settings("1001").anonymous_outbound_calls = true;
    assert_eq!(shown(&house.call("030901820", OPEN)), Shown::Anonymous);
    // Help has to find the caller.
    assert_eq!(shown(&house.call("112", OPEN)), Shown::As("preferred".into()));
}

#[test]
fn help_is_called_whatever_is_true_of_the_caller() {
    let mut house = with_trunks();
    let person = house.person("1001");
    person.permissions = Permissions::NONE;
    person.enabled = false;
    house.facts.tenant.enabled = false;
    house.facts.tenant.trunks = false;
    house.facts.tenant.most_calls = 0;
    for trunk in house.facts.trunks.as_mut().unwrap() {
        trunk.settings.concurrency = 1;
    }
    house.speaks("1001");
    house.facts.calls[0].trunk = "One".into();
    for number in ["112", "110", "1-1-0"] {
        let plan = house.call(number, OPEN);
        let expected = format!("ring {}@One 180s", number.replace('-', ""));
        assert_eq!(first(&plan), expected);
    }
    // Before whatever else has the number.
    house.user("110");
    assert_eq!(first(&house.call("110", OPEN)), "ring 110@One 180s");
    // No rule may do it.
    let mut house = with_trunks();
    house.rule(
        "1002",
        ForwardCase::AvailableOffice,
        ForwardAction::ToNumber,
        "112",
    );
    assert_eq!(first(&house.call("1002", OPEN)), "refuse 403");
}

#[test]
fn calls_that_come_in_count_for_their_trunk() {
    let mut house = with_trunks();
    house.user("4930100");
    house.facts.trunks.as_mut().unwrap()[0].settings.concurrency = 2;
    for (going, expected) in [(1, "ring 4930100 60s"), (2, "refuse 503"), (3, "refuse 503")] {
        house.facts.calls.clear();
        for _ in 0..going {
            house.speaks("1004");
        }
        for call in &mut house.facts.calls {
            call.trunk = "One".into();
        }
        let plan = house.comes("0170", "4930100", OPEN);
        assert_eq!(first(&plan), expected, "{going}: {plan}");
    }
    // Those of another trunk, and of none, do not.
    house.facts.calls[0].trunk = "Two".into();
    house.facts.calls[1].trunk = String::new();
    assert_eq!(first(&house.comes("0170", "4930100", OPEN)), "ring 4930100 60s");
}

#[test]
fn a_forward_goes_on_the_account_of_who_forwards() {
    let mut house = with_trunks();
    house.person("1001").permissions = BuiltInRole::StandardInternationalUser.permissions();
    house.rule(
        "1002",
        ForwardCase::AvailableOffice,
        ForwardAction::ToNumber,
        "+41446681800",
    );
    house.settings("1002").outbound_caller_ids = vec![caller_id(1, "of 1002", false)];
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "refuse 403");
    assert!(why(&plan).contains("user 1002 may not make international calls"));
    house.person("1002").permissions = BuiltInRole::StandardInternationalUser.permissions();
    house.person("1001").permissions = BuiltInRole::StandardUser.permissions();
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "ring +41446681800@One 180s");
    assert_eq!(shown(&plan), Shown::As("of 1002".into()));
    // So it does for a stranger, who may not call out himself.
    let plan = house.comes("+33123456789", "1002", OPEN);
    assert_eq!(first(&plan), "ring +41446681800@One 180s");
}

#[test]
fn calls_come_in_by_the_numbers_of_a_trunk() {
    let mut house = with_trunks();
    house.user("4930100");
    for (number, expected) in [
        ("+4930100", "ring 4930100 60s"),
        ("4930100", "ring 4930100 60s"),
        // As it is dialled in the country, and from elsewhere.
        ("030100", "ring 4930100 60s"),
        ("004930100", "ring 4930100 60s"),
        ("1002", "ring 1002 60s"),
        // Nothing has this number.
        ("4930150", "refuse 404"),
        // It is no number of a trunk.
        ("1003", "refuse 404"),
        ("112", "refuse 404"),
        ("030901820", "refuse 404"),
    ] {
        assert_eq!(first(&house.comes("0170", number, OPEN)), expected, "{number}");
    }
    let over = |trunk: i64| Origin::Outside {
        number: "0170".into(),
        trunk: Some(ProviderId::new(trunk)),
    };
    assert_eq!(first(&house.plan(over(1), "1002", OPEN)), "ring 1002 60s");
    assert_eq!(first(&house.plan(over(2), "1002", OPEN)), "refuse 404");
    assert_eq!(first(&house.plan(over(3), "1002", OPEN)), "refuse 404");
    house.facts.trunks.as_mut().unwrap()[0].settings.enabled = false;
    assert_eq!(first(&house.plan(over(1), "1002", OPEN)), "refuse 403");
    house.facts.tenant.enabled = false;
    assert_eq!(first(&house.comes("0170", "1002", OPEN)), "refuse 403");
}

#[test]
fn meetings_are_for_the_media_engine() {
    let mut house = with_trunks();
    house.facts.numbers.insert("5001".into(), Answerer::Meeting);
    assert_eq!(first(&house.call("5001", OPEN)), "meeting 5001");
    house.facts.media_engine = false;
    assert_eq!(first(&house.call("5001", OPEN)), "meeting 5001: 480");
}
