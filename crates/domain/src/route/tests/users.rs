use super::*;
use crate::{
    CustomForwardRule, Day, Holiday, HolidayMoment, HoursMode, Item, Permissions, RuleHours, TimeOfDay,
    TimeRange,
};

#[test]
fn an_available_user_is_rung_and_then_his_voicemail_takes_it() {
    let plan = full_house().call("1002", OPEN);
    assert_eq!(unanswered(&plan), ["ring 1002 60s", "the voicemail box of 1002"]);
    assert_eq!(
        why(&plan),
        "Tuesday 10:00 Europe/Berlin is within the office hours of the tenant, 09:00 to 17:00; \
         presence of user 1002 is available; rule available_office_hours_forward_rule rings; user 1002 is rung"
    );
    let next = plan.steps[0].next.unwrap();
    for (step, said) in [
        (
            next.no_answer,
            "nobody answers within 60 seconds; rule available_no_answer_forward_rule → his voicemail",
        ),
        (
            next.busy,
            "the phones of user 1002 are busy; rule busy_office_hours_forward_rule → his voicemail",
        ),
        (
            next.unreachable,
            "no phone of user 1002 can be reached; rule offline_office_hours_forward_rule → his voicemail",
        ),
    ] {
        assert!(plan.steps[step].because.join("; ").starts_with(said), "{plan}");
    }
}

#[test]
fn without_a_media_engine_the_caller_is_told() {
    let mut house = full_house();
    house.facts.media_engine = false;
    house.user("1002").dnd = true;
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "the voicemail box of 1002: 480");
    assert!(why(&plan).ends_with("the voicemail box of 1002 needs a media engine, and none is configured"));
}

#[test]
fn outside_of_office_hours_another_rule_counts_and_says_so() {
    let mut house = full_house();
    house.settings("1002").office_hours.mode = HoursMode::Custom;
    house.settings("1002").office_hours.week = Week::business();
    house.rule(
        "1002",
        ForwardCase::AvailableNonOffice,
        ForwardAction::ToNumber,
        "1003",
    );
    let plan = house.call("1002", CLOSED);
    assert_eq!(first(&plan), "ring 1003 60s");
    assert_eq!(plan.steps[0].path, ["1002", "1003"]);
    assert!(
        why(&plan).starts_with(
            "Tuesday 19:30 Europe/Berlin is outside of the office hours of user 1002; presence of user 1002 is \
             available; rule available_non_office_hours_forward_rule → 1003; "
        ),
        "{plan}"
    );
}

#[test]
fn each_situation_has_its_rule() {
    for case in ForwardCase::ALL {
        let mut house = full_house();
        let user = house.user("1002");
        let (presence, open) = match case {
            ForwardCase::AvailableOffice | ForwardCase::BusyOffice | ForwardCase::OfflineOffice => {
                (Presence::Available, true)
            }
            ForwardCase::AvailableNonOffice | ForwardCase::BusyNonOffice | ForwardCase::OfflineNonOffice => {
                (Presence::Available, false)
            }
            ForwardCase::DndOffice => (Presence::DoNotDisturb, true),
            ForwardCase::DndNonOffice => (Presence::DoNotDisturb, false),
            ForwardCase::AwayOffice => (Presence::Away, true),
            ForwardCase::AwayNonOffice => (Presence::Away, false),
            ForwardCase::LunchOffice => (Presence::Lunch, true),
            ForwardCase::LunchNonOffice => (Presence::Lunch, false),
            ForwardCase::TripOffice => (Presence::BusinessTrip, true),
            ForwardCase::TripNonOffice => (Presence::BusinessTrip, false),
            ForwardCase::AvailableNoAnswer | ForwardCase::BusyNoAnswer => continue,
        };
        user.presence = presence;
        if matches!(case, ForwardCase::OfflineOffice | ForwardCase::OfflineNonOffice) {
            user.devices.clear();
        }
        if matches!(case, ForwardCase::BusyOffice | ForwardCase::BusyNonOffice) {
            house.speaks("1002");
        }
        for (action, target, expected) in [
            (ForwardAction::ToNumber, "1003", "ring 1003 60s"),
            (ForwardAction::ToVoicemail, "", "the voicemail box of 1002"),
            (ForwardAction::ToVoicemail, "1003", "the voicemail box of 1003"),
            (ForwardAction::ToVoicemail, "1999", "refuse 404"),
            (ForwardAction::HangUp, "", "refuse 603"),
        ] {
            house.rule("1002", case, action, target);
            let plan = house.call("1002", if open { OPEN } else { CLOSED });
            assert_eq!(first(&plan), expected, "{case:?} {action:?}");
            assert!(why(&plan).contains(case.field().name()), "{plan}");
        }
    }
}

#[test]
fn a_user_in_a_call_may_want_to_be_rung_all_the_same() {
    let mut house = full_house();
    house.speaks("1002");
    house.rule("1002", ForwardCase::BusyOffice, ForwardAction::RingAnyway, "");
    house.rule("1002", ForwardCase::BusyNoAnswer, ForwardAction::ToNumber, "1003");
    house.settings("1002").forward_rules.0[ForwardCase::BusyNoAnswer.index()].timeout = Some(9);
    let plan = house.call("1002", OPEN);
    let expected = ["ring 1002 9s", "ring 1003 60s", "the voicemail box of 1003"];
    assert_eq!(unanswered(&plan), expected);
    // Whoever says that he is busy is not rung again.
    let busy = follow(&plan, |next| next.busy);
    assert_eq!(busy, ["ring 1002 9s", "refuse 486"]);
}

#[test]
fn a_rule_that_waits_for_nothing_does_not_ring() {
    let mut house = full_house();
    house.settings("1002").forward_rules.0[ForwardCase::AvailableNoAnswer.index()].timeout = Some(0);
    assert_eq!(first(&house.call("1002", OPEN)), "the voicemail box of 1002");
}

#[test]
fn all_phones_of_a_user_ring_at_once() {
    let mut house = full_house();
    house.user("1002").devices.push(device("1002", "mobile"));
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "ring 1002+1002 60s");
    assert!(why(&plan).ends_with("user 1002 is rung on 2 phones at once"));
}

#[test]
fn custom_rules_go_first_and_name_caller_and_hours() {
    let mut house = full_house();
    house.user("1002").dnd = true;
    let mut week = Week::default();
    week.0[1] = Day {
        enabled: true,
        ranges: vec![TimeRange {
            from: TimeOfDay::parse("10:00").unwrap(),
            to: TimeOfDay::parse("11:00").unwrap(),
        }],
    };
    let rule = |caller_id: &str, hours, action, number: &str| CustomForwardRule {
        action,
        number: number.into(),
        caller_id: caller_id.into(),
        hours,
        week: week.clone(),
    };
    house.settings("1002").custom_forward_rules = vec![
        rule("1003", RuleHours::All, ForwardAction::HangUp, ""),
        rule("100?", RuleHours::Inside, ForwardAction::RingAnyway, ""),
        rule("", RuleHours::Outside, ForwardAction::ToNumber, "1004"),
    ];
    let inside = house.call("1002", OPEN);
    assert_eq!(first(&inside), "ring 1002 60s");
    assert!(
        why(&inside).starts_with(
            "caller 1001 is one of 100?; Tuesday 10:00 Europe/Berlin is in the hours of the rule; \
             custom rule 2 of user 1002 rings"
        ),
        "{inside}"
    );
    let outside = house.call("1002", CLOSED);
    assert_eq!(first(&outside), "ring 1004 60s");
    let person = Arc::clone(&house.people["1003"].person);
    let declined = house.plan(Origin::User(person), "1002", OPEN);
    assert_eq!(first(&declined), "refuse 603");
}

#[test]
fn holidays_and_night_mode_close() {
    let mut house = full_house();
    house.rule(
        "1002",
        ForwardCase::AvailableNonOffice,
        ForwardAction::ToNumber,
        "1003",
    );
    let day = |hour| HolidayMoment {
        year: Some(2026),
        month: 11,
        day: 24,
        hour,
        minute: 0,
    };
    let holiday = Item {
        id: 5,
        value: Holiday {
            name: "Founding day".into(),
            region: "DEU".into(),
            consecutive: true,
            every_year: false,
            start: day(0),
            end: day(24),
        },
        created_at: at(OPEN),
        version: 1,
    };
    house.user("1002").own.push(holiday.clone());
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "ring 1003 60s");
    assert!(
        why(&plan).starts_with("holiday Founding day of user 1002; "),
        "{plan}"
    );
    // One that the user did not choose is none of his.
    house.user("1002").own.clear();
    house.facts.tenant.holidays.push(holiday);
    assert_eq!(first(&house.call("1002", OPEN)), "ring 1002 60s");
    house.facts.tenant.night_mode = true;
    let plan = house.call("1002", OPEN);
    assert!(why(&plan).starts_with("the tenant is in night mode; "), "{plan}");
}

#[test]
fn forwards_in_a_circle_end() {
    let mut house = full_house();
    for (from, to) in [("1002", "1003"), ("1003", "1004"), ("1004", "1002")] {
        house.rule(from, ForwardCase::AvailableOffice, ForwardAction::ToNumber, to);
    }
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "refuse 482");
    assert!(
        why(&plan).ends_with("the call was for 1002 before: 1002 → 1003 → 1004 → 1002"),
        "{plan}"
    );
    // To itself is the shortest circle.
    house.rule(
        "1002",
        ForwardCase::AvailableOffice,
        ForwardAction::ToNumber,
        "10-02",
    );
    assert_eq!(first(&house.call("1002", OPEN)), "refuse 482");
}

#[test]
fn a_chain_of_forwards_is_limited() {
    let mut house = full_house();
    let chain = ["1002", "2001", "2002", "2003", "2004", "2005", "2006"];
    for pair in chain.windows(2) {
        house.rule(
            pair[0],
            ForwardCase::AvailableOffice,
            ForwardAction::ToNumber,
            pair[1],
        );
    }
    house.user("2006");
    assert_eq!(first(&house.call("2001", OPEN)), "ring 2006 60s");
    assert_eq!(first(&house.call("1002", OPEN)), "refuse 483");
}

#[test]
fn who_may_not_call_is_told_so() {
    let mut house = full_house();
    house.person("1001").permissions = Permissions::NONE;
    let plan = house.call("1002", OPEN);
    assert_eq!(first(&plan), "refuse 403");
    assert_eq!(
        why(&plan),
        "user 1001 may not make internal calls (policies.internal_calls)"
    );
    assert_eq!(first(&house.call("777", OPEN)), "refuse 403");
    let mut house = full_house();
    assert_eq!(
        first(&house.call("777", OPEN)),
        "listening to the voicemail of 1001"
    );
    house.person("1002").enabled = false;
    assert_eq!(first(&house.call("1002", OPEN)), "refuse 480");
    house.person("1001").enabled = false;
    assert_eq!(first(&house.call("1003", OPEN)), "refuse 403");
    let mut house = full_house();
    house.facts.tenant.most_calls = 1;
    house.speaks("1004");
    let plan = house.call("1002", OPEN);
    assert_eq!(
        (first(&plan).as_str(), why(&plan).as_str()),
        (
            "refuse 503",
            "the tenant has 1 calls, and 1 are the most it may have"
        )
    );
    house.facts.tenant.enabled = false;
    assert_eq!(first(&house.call("1002", OPEN)), "refuse 403");
}

#[test]
fn speed_dials_stand_for_numbers() {
    let mut house = full_house();
    let dials = &mut house.facts.speed_dials;
    dials.insert((id_of("1001"), "2".into()), Some("10 02".into()));
    dials.insert((id_of("1001"), "22".into()), Some("1003".into()));
    let plan = house.call("2", OPEN);
    assert_eq!(first(&plan), "ring 1002 60s");
    assert!(why(&plan).starts_with("speed dial 2 of user 1001 is 10 02; "));
    assert_eq!(first(&house.call("22", OPEN)), "ring 1003 60s");
    // A code that stands for nothing is a number like any other.
    assert_eq!(first(&house.call("3", OPEN)), "refuse 404");
}
