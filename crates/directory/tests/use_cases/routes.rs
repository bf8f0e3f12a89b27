//! Where calls go: what a plan is made from, of all that is stored.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Calling, Keeper, ReportedRegistration};
use jackfield_domain::{
    AgentRequest, CallDirection, CallQueueSettings, CallRecordField, Caller, Clock as _, Error, Holiday,
    HolidayParts, LiveCallState, NewAgent, NewGroup, NewHoliday, NewLiveCall, NewRegistration, NewSpeedDial,
    NewTeam, OutboundCallerId, Owner, Patch, Presence, PresencePatch, ProviderId, ProviderPatch, Query,
    Reporter, RingGroupSettings, SpeedDial8, SpeedDial100, Strategy, TeamKind, TenantPatch, Thing, UserId,
    UserPatch,
    capability::{ManagePhoneSystem, ManageTenants, ManageTrunks, ManageUsers, ReadCalls, ViewPhoneSystem},
    route::{Action, Plan, RouteQuery, Shown, Target},
};

use crate::support::{House, house};

impl House {
    async fn explained(&self, from: &str, to: &str) -> Plan {
        let query = RouteQuery {
            tenant: None,
            from: from.into(),
            to: to.into(),
            at: None,
        };
        let grant = self.program::<ViewPhoneSystem>();
        self.directory.explain_route(&grant, &query).await.unwrap().plan
    }

    fn reporter(&self) -> Reporter {
        Arc::new(Caller::program(self.tenant)).reporter().unwrap()
    }

    fn owner(&self, user: UserId) -> Owner {
        Arc::new(Caller::program(self.tenant)).owner_of(user).unwrap()
    }

    /// A user with a phone that is bound for an hour.
    async fn with_phone(&self, name: &str, number: &str) -> UserId {
        let user = self.make_user(name, number, "StandardInternationalUser").await;
        let binding = NewRegistration {
            instance_id: format!("phone-{number}"),
            user_agent: String::new(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: format!("sip:{number}@192.0.2.1"),
            expires_at: self.clock.now().plus(Duration::from_hours(1)),
        };
        let report = ReportedRegistration {
            extension_number: number.into(),
            binding,
        };
        self.directory
            .report_registrations(&self.reporter(), vec![report])
            .await
            .unwrap();
        user
    }

    /// A call between two numbers that is going on.
    async fn talk(&self, caller: &str, other: &str) {
        let call = NewLiveCall {
            external_id: format!("{caller}-{other}"),
            state: LiveCallState::Answered,
            direction: CallDirection::Internal,
            caller: caller.into(),
            caller_display_name: String::new(),
            callee: other.into(),
            callee_display_name: String::new(),
            destination: other.into(),
            trunk: String::new(),
            started_at: self.clock.now(),
            answered_at: Some(self.clock.now()),
        };
        self.directory
            .report_live_calls(&self.reporter(), vec![call])
            .await
            .unwrap();
    }

    async fn change(&self, user: UserId, patch: UserPatch) {
        self.directory
            .update_user(&self.owner(user), patch)
            .await
            .unwrap();
    }
}

/// What the first step does.
fn first(plan: &Plan) -> String {
    match &plan.steps[0].action {
        Action::Ring(ring) => {
            let targets: Vec<_> = ring.targets.iter().map(ToString::to_string).collect();
            targets.join("+")
        }
        other => other.to_string(),
    }
}

fn why(plan: &Plan) -> String {
    plan.steps[0].because.join("; ")
}

/// The clock of these tests shows a Tuesday, 23:13 in Berlin.
#[tokio::test]
async fn what_a_user_says_has_and_does_counts() {
    let house = house().await;
    house.make_user("ada", "1001", "StandardUser").await;
    let ben = house.with_phone("ben", "1002").await;
    let plan = house.explained("1001", "1002").await;
    assert_eq!(first(&plan), "1002 (phone-1002)");
    assert!(
        why(&plan).starts_with(
            "Tuesday 23:13 Europe/Berlin is outside of the office hours of the tenant; presence of user 1002 is \
             available; rule available_non_office_hours_forward_rule rings"
        ),
        "{plan}"
    );

    house.talk("1002", "1009").await;
    let plan = house.explained("1001", "1002").await;
    assert!(
        why(&plan).contains("presence of user 1002 is on_call; rule busy_non_office"),
        "{plan}"
    );

    let presence = PresencePatch {
        presence: Patch::Set(Presence::Lunch),
        ..PresencePatch::default()
    };
    house
        .directory
        .set_presence(&house.owner(ben), presence)
        .await
        .unwrap();
    let plan = house.explained("1001", "1002").await;
    assert!(
        why(&plan).contains("presence of user 1002 is lunch; rule lunch_non_office"),
        "{plan}"
    );

    let dnd = UserPatch {
        dnd: Patch::Set(true),
        ..UserPatch::default()
    };
    house.change(ben, dnd).await;
    let plan = house.explained("1001", "1002").await;
    assert!(why(&plan).contains("rule dnd_non_office"), "{plan}");

    // An hour later his phone is gone, and so is his lunch.
    let now = UserPatch {
        dnd: Patch::Set(false),
        ..UserPatch::default()
    };
    house.change(ben, now).await;
    let presence = PresencePatch {
        presence: Patch::Set(Presence::Available),
        ..PresencePatch::default()
    };
    house
        .directory
        .set_presence(&house.owner(ben), presence)
        .await
        .unwrap();
    house.clock.advance(Duration::from_hours(25));
    let plan = house.explained("1001", "1002").await;
    assert!(
        why(&plan).contains("presence of user 1002 is offline; rule offline_non_office"),
        "{plan}"
    );
}

#[tokio::test]
async fn holidays_and_speed_dials_are_read() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    let ben = house.with_phone("ben", "1002").await;
    let today = |hour| HolidayParts {
        year: Some(2023),
        month: Some(11),
        day: Some(14),
        hour,
        minute: None,
    };
    let holiday = |name: &str| NewHoliday {
        name: name.into(),
        region: "DEU".into(),
        consecutive: true,
        every_year: false,
        start: today(None),
        end: today(Some(24)),
    };
    let tenant = Keeper::of_tenant(&house.program::<ViewPhoneSystem>());
    let id = house
        .directory
        .create_item::<Holiday>(&tenant, holiday("Foundation"))
        .await
        .unwrap();
    let plan = house.explained("1001", "1002").await;
    assert!(why(&plan).starts_with("Tuesday 23:13"), "{plan}");
    house
        .directory
        .choose_holidays(&house.owner(ben), &[id])
        .await
        .unwrap();
    let plan = house.explained("1001", "1002").await;
    assert!(
        why(&plan).starts_with("holiday Foundation of the tenant"),
        "{plan}"
    );
    let own = Keeper::from(&house.owner(ben));
    house
        .directory
        .create_item::<Holiday>(&own, holiday("Birthday"))
        .await
        .unwrap();
    let plan = house.explained("1001", "1002").await;
    assert!(why(&plan).starts_with("holiday Birthday of user 1002"), "{plan}");

    let dials = Keeper::from(&house.owner(ada));
    let dial = |code: &str| NewSpeedDial {
        code: code.into(),
        phone_number: "10-02".into(),
        description: String::new(),
    };
    house
        .directory
        .create_item::<SpeedDial8>(&dials, dial("5"))
        .await
        .unwrap();
    house
        .directory
        .create_item::<SpeedDial100>(&dials, dial("05"))
        .await
        .unwrap();
    for code in ["5", "05"] {
        let plan = house.explained("1001", code).await;
        assert!(
            why(&plan).starts_with(&format!("speed dial {code} of user 1001 is 10-02; ")),
            "{plan}"
        );
    }
    // They are Ada's, and nobody else's.
    assert_eq!(first(&house.explained("1002", "5").await), "refuse with 404");
}

#[tokio::test]
async fn teams_ring_who_is_in_them_and_calls_take_turns() {
    let house = house().await;
    let manage = house.program::<ManagePhoneSystem>();
    house.make_user("ada", "1001", "StandardUser").await;
    for (name, number) in [("ben", "1002"), ("carl", "1003"), ("dora", "1004")] {
        house.with_phone(name, number).await;
    }
    let members = |numbers: &[&str]| -> Vec<NewAgent> {
        let member = |number: &&str| NewAgent {
            extension_number: (*number).into(),
            skill_level: 1,
        };
        numbers.iter().map(member).collect()
    };
    let group = NewTeam {
        name: "Sales".into(),
        extension_number: "6100".into(),
        settings: RingGroupSettings {
            ring_strategy: Strategy::CyclicHunt,
            ..RingGroupSettings::default()
        },
    };
    let group = house.directory.create_team(&manage, group).await.unwrap();
    let list = members(&["1004", "1003", "1002"]);
    house
        .directory
        .set_agents(&manage, TeamKind::RingGroup, group, &list)
        .await
        .unwrap();
    // Explaining takes no turn; calls do.
    let explained = first(&house.explained("1001", "6100").await);
    assert_eq!(first(&house.explained("1001", "6100").await), explained);
    let mut rung = Vec::new();
    for _ in 0..4 {
        let from = Calling::Extension("1001".into());
        let plan = house
            .directory
            .plan_call(&house.reporter(), from, "6100")
            .await
            .unwrap();
        rung.push(first(&plan));
    }
    assert_eq!(rung[0], explained);
    assert_eq!(rung[3], rung[0]);
    rung.truncate(3);
    rung.sort();
    assert_eq!(
        rung,
        ["1002 (phone-1002)", "1003 (phone-1003)", "1004 (phone-1004)"]
    );

    let queue = NewTeam {
        name: "Support".into(),
        extension_number: "6000".into(),
        settings: CallQueueSettings {
            polling_strategy: Strategy::PrioritizedHunt,
            ..CallQueueSettings::default()
        },
    };
    let queue = house.directory.create_team(&manage, queue).await.unwrap();
    house
        .directory
        .set_agents(&manage, TeamKind::CallQueue, queue, &members(&["1002", "1003"]))
        .await
        .unwrap();
    house
        .directory
        .set_agent_status(&manage, queue, "1003", AgentRequest::Ready)
        .await
        .unwrap();
    let plan = house.explained("1001", "6000").await;
    assert_eq!(first(&plan), "1003 (phone-1003)");
    assert!(
        why(&plan).contains("status of agent 1002 is logged_out"),
        "{plan}"
    );
}

#[tokio::test]
async fn trunks_groups_and_the_tenant_say_how_calls_go_out() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    assert_eq!(
        first(&house.explained("1001", "030901820").await),
        "refuse with 503"
    );
    let trunk = house.make_provider("Carrier").await;
    let shown = async || match house.explained("1001", "030901820").await.steps[0].action.clone() {
        Action::Ring(ring) => match &ring.targets[0] {
            Target::Outside { shown, .. } => shown.clone(),
            Target::Device { .. } => panic!("a device"),
        },
        other => panic!("{other}"),
    };
    assert_eq!(shown().await, Shown::Account);
    let caller_id = |text: &str| OutboundCallerId {
        provider: trunk,
        caller_id: text.into(),
        preferred: false,
        description: String::new(),
    };
    let manage = house.program::<ManageUsers>();
    let group = NewGroup {
        name: "Sales".into(),
        outbound_caller_ids: vec![caller_id("+49301")],
        ..NewGroup::default()
    };
    let group = house.directory.create_group(&manage, group).await.unwrap();
    assert_eq!(shown().await, Shown::Account);
    house
        .directory
        .add_group_member(&manage, group, "1001")
        .await
        .unwrap();
    assert_eq!(shown().await, Shown::As("+49301".into()));
    let mut patch = UserPatch::default();
    patch.settings.outbound_caller_ids = Patch::Set(vec![caller_id("+49302")]);
    house.change(ada, patch).await;
    assert_eq!(shown().await, Shown::As("+49302".into()));

    // A number of the trunk is the way in.
    house.with_phone("ben", "1002").await;
    let comes = async |trunk: ProviderId| {
        let from = Calling::Outside {
            number: "0170".into(),
            trunk,
        };
        let plan = house.directory.plan_call(&house.reporter(), from, "1002").await;
        first(&plan.unwrap())
    };
    assert_eq!(comes(trunk).await, "refuse with 404");
    let mut patch = ProviderPatch::default();
    patch.settings.did_numbers = Patch::Set("1000-1999".into());
    let trunks = house.program::<ManageTrunks>();
    house
        .directory
        .update_provider(&trunks, trunk, patch)
        .await
        .unwrap();
    assert_eq!(comes(trunk).await, "1002 (phone-1002)");
    assert_eq!(first(&house.explained("0170", "1002").await), "1002 (phone-1002)");

    // A tenant that is full calls nobody but for help.
    let tenants = house.program::<ManageTenants>();
    let patch = TenantPatch {
        max_concurrent_calls: Patch::Set(0),
        ..TenantPatch::default()
    };
    house
        .directory
        .update_tenant(&tenants, house.tenant, patch)
        .await
        .unwrap();
    assert_eq!(first(&house.explained("1001", "1002").await), "refuse with 503");
    assert_eq!(first(&house.explained("1001", "112").await), "112 over Carrier");
}

#[tokio::test]
async fn an_extension_that_is_gone_makes_no_calls() {
    let house = house().await;
    let from = Calling::Extension("1001".into());
    let refused = house.directory.plan_call(&house.reporter(), from, "1002").await;
    assert!(
        matches!(refused, Err(Error::Absent(Thing::Extension))),
        "{refused:?}"
    );
}

/// An edge renews the entries of its calls. What nobody renews is recorded once, and only what an edge carried.
#[tokio::test]
async fn calls_of_an_edge_that_is_gone_are_closed() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    let begun = house.clock.now();
    let call = |id: &str, answered: bool| NewLiveCall {
        external_id: id.into(),
        state: if answered {
            LiveCallState::Answered
        } else {
            LiveCallState::Ringing
        },
        direction: CallDirection::Internal,
        caller: "1001".into(),
        caller_display_name: String::new(),
        callee: "1002".into(),
        callee_display_name: String::new(),
        destination: "6100".into(),
        trunk: String::new(),
        started_at: begun,
        answered_at: answered.then_some(begun),
    };
    let report = async |calls: Vec<NewLiveCall>| {
        house
            .directory
            .report_live_calls(&house.reporter(), calls)
            .await
            .unwrap();
    };
    report(vec![
        call("edge:lost", true),
        call("edge:rang", false),
        call("edge:kept", true),
        call("engine", true),
    ])
    .await;
    house.clock.advance(Duration::from_secs(179));
    assert_eq!(house.directory.close_lost_calls().await.unwrap(), 0);
    report(vec![call("edge:kept", true)]).await;
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(house.directory.close_lost_calls().await.unwrap(), 2);
    assert_eq!(house.directory.close_lost_calls().await.unwrap(), 0);

    let owner = house.owner(ada);
    let left = house.directory.live_calls(&owner).await.unwrap();
    let left: Vec<_> = left.iter().map(|call| call.call.external_id.as_str()).collect();
    assert_eq!(left, ["edge:kept", "engine"]);
    let calls = owner.permitted::<ReadCalls>().unwrap();
    let records = house
        .directory
        .list_call_records(&calls, &Query::<CallRecordField>::default())
        .await
        .unwrap();
    let mut kept: Vec<_> = records
        .items
        .iter()
        .map(|record| {
            let call = &record.call;
            assert!(call.user_data.contains("is gone"), "{call:?}");
            assert_eq!((call.ended_at, call.end_reason), (begun, None));
            (call.external_id.as_str(), call.status_code, call.answered_at)
        })
        .collect();
    kept.sort();
    assert_eq!(kept, [("edge:lost", 200, Some(begun)), ("edge:rang", 0, None)]);
}
