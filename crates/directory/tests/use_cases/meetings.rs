//! Meetings: numbers of the range, and what engines report.

use std::sync::Arc;

use jackfield_directory::Reported;
use jackfield_domain::{
    Attendance, BuiltInRole, Caller, ConferenceCommand, ConferenceState, Denial, Error, Field, MeetingId,
    MeetingMode, MeetingPatch, MeetingSettings, NewMeeting, NumberRange, OutboundCallerId, Owner,
    ParticipantReport, Patch, ProviderId, TenantPatch, TenantSettingsPatch, Thing,
    capability::{ManageTenants, ManageTrunks},
};

use crate::support::{House, house, on_each_engine};

fn new(subject: &str) -> NewMeeting {
    NewMeeting {
        mode: MeetingMode::Audio,
        subject: subject.into(),
        settings: MeetingSettings::default(),
    }
}

async fn organizer(house: &House) -> Owner {
    let (_, caller) = house.person("ada", "8001", BuiltInRole::StandardUser).await;
    caller.own().unwrap()
}

#[tokio::test]
async fn a_range_is_used_up_to_its_last_number_and_around_users() {
    on_each_engine(async |house| {
        let patch = TenantPatch {
            settings: TenantSettingsPatch {
                meeting_numbers: Patch::Set(NumberRange::new("8000", "8003").unwrap()),
                ..TenantSettingsPatch::default()
            },
            ..TenantPatch::default()
        };
        house
            .directory
            .update_tenant(&house.program::<ManageTenants>(), house.tenant, patch)
            .await
            .unwrap();
        let owner = organizer(&house).await;
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(house.directory.create_meeting(&owner, new("x")).await.unwrap());
        }
        let mut numbers: Vec<&str> = made.iter().map(|(_, number)| number.as_str()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, ["8000", "8002", "8003"], "8001 is a user");
        let full = house.directory.create_meeting(&owner, new("x")).await;
        assert!(matches!(full, Err(Error::Full(Thing::Meeting, 4))), "{full:?}");
        let (gone, number) = &made[1];
        house.directory.destroy_meeting(&owner, *gone).await.unwrap();
        let again = house.directory.create_meeting(&owner, new("x")).await.unwrap();
        assert_eq!(&again.1, number);
    })
    .await;
}

fn report(external_id: &str, attendance: Attendance) -> ParticipantReport {
    ParticipantReport {
        external_id: external_id.into(),
        attendance,
        number: "1".into(),
        display_name: String::new(),
    }
}

#[tokio::test]
async fn a_batch_of_reports_is_judged_item_by_item_and_repeated_without_harm() {
    let house = house().await;
    let owner = organizer(&house).await;
    let (id, _) = house.directory.create_meeting(&owner, new("x")).await.unwrap();
    house
        .directory
        .command(&owner, id, ConferenceCommand::Start)
        .await
        .unwrap();
    let engine = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
    let batch = vec![
        report("a", Attendance::Joined),
        report("", Attendance::Joined),
        report("b", Attendance::Joined),
        report("a", Attendance::Joined),
        report("stranger", Attendance::Left),
        report("b", Attendance::Left),
    ];
    let tell = async || {
        house
            .directory
            .report_participants(&engine, id, batch.clone())
            .await
            .unwrap()
    };
    let first = tell().await;
    let Reported::New(a) = first[0] else {
        panic!("{first:?}")
    };
    assert!(
        matches!(
            &first[1..],
            [
                Reported::Refused(Error::Invalid(_)),
                Reported::New(_),
                Reported::Known(known),
                Reported::Refused(Error::Absent(Thing::Participant)),
                Reported::New(_)
            ] if *known == a
        ),
        "{first:?}"
    );
    let entries = house.journal(house.tenant).await.len();
    let second = tell().await;
    assert!(
        matches!(
            &second[..],
            [
                Reported::Known(_),
                Reported::Refused(_),
                Reported::Known(_),
                Reported::Known(_),
                Reported::Refused(_),
                Reported::Known(_)
            ]
        ),
        "{second:?}"
    );
    assert_eq!(
        house.journal(house.tenant).await.len(),
        entries,
        "a repeat leaves no trace"
    );
    let conference = house.directory.conference(&owner, id).await.unwrap();
    assert_eq!(conference.participants().len(), 1);
    let absent = house
        .directory
        .report_participants(&engine, MeetingId::new(1), Vec::new())
        .await;
    assert!(matches!(absent, Err(Error::Absent(Thing::Meeting))));
    // A new conference begins with nobody in it, and the engine may use its ids again.
    for command in [ConferenceCommand::Stop, ConferenceCommand::Start] {
        house.directory.command(&owner, id, command).await.unwrap();
    }
    let third = tell().await;
    assert!(
        matches!(third[0], Reported::New(other) if other != a),
        "{third:?}"
    );
}

#[tokio::test]
async fn a_refused_command_leaves_no_trace_and_the_journal_tells_the_others() {
    let house = house().await;
    let owner = organizer(&house).await;
    let (id, _) = house.directory.create_meeting(&owner, new("x")).await.unwrap();
    let before = house.journal(house.tenant).await.len();
    let refused = house.directory.command(&owner, id, ConferenceCommand::Lock).await;
    assert!(matches!(refused, Err(Error::Conference(_))));
    assert_eq!(house.journal(house.tenant).await.len(), before);
    for command in [
        ConferenceCommand::Start,
        ConferenceCommand::Invite("+49 30 1".into()),
    ] {
        house.directory.command(&owner, id, command).await.unwrap();
    }
    let details: Vec<_> = house.journal(house.tenant).await[before..]
        .iter()
        .map(|change| change.detail.clone().unwrap())
        .collect();
    assert_eq!(
        details,
        [
            r#"{"conference":["started"]}"#,
            r#"{"conference":[{"invited":"+49 30 1"}]}"#
        ]
    );
    let conference = house.directory.conference(&owner, id).await.unwrap();
    assert_eq!(conference.state(), ConferenceState::Running);
    let (_, other) = house.person("ben", "1002", BuiltInRole::Admin).await;
    let other = other.own().unwrap();
    let refused = house.directory.command(&other, id, ConferenceCommand::Stop).await;
    assert!(matches!(refused, Err(Error::Absent(Thing::Meeting))));
    let mut invited = new("y");
    invited.settings.internal_invitees = vec![other.user()];
    let (id, _) = house.directory.create_meeting(&owner, invited).await.unwrap();
    let refused = house
        .directory
        .command(&other, id, ConferenceCommand::Start)
        .await;
    assert!(matches!(refused, Err(Error::Denied(Denial::NotOrganizer))));
}

#[tokio::test]
async fn a_meeting_goes_on_in_another_process() {
    on_each_engine(async |house| {
        let owner = organizer(&house).await;
        let (id, _) = house.directory.create_meeting(&owner, new("x")).await.unwrap();
        let engine = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
        let joined = vec![report("a", Attendance::Joined), report("b", Attendance::Joined)];
        house
            .directory
            .command(&owner, id, ConferenceCommand::Start)
            .await
            .unwrap();
        house
            .directory
            .report_participants(&engine, id, joined.clone())
            .await
            .unwrap();
        let left = house.directory.conference(&owner, id).await.unwrap();
        assert_eq!(
            (left.state(), left.participants().len()),
            (ConferenceState::Running, 2)
        );

        let after = house.another_process();
        let found = after.conference(&owner, id).await.unwrap();
        assert_eq!(found, left, "the state was lost");
        // It goes on where it stood: a second start is refused, the people are the same, and they leave.
        let again = after.command(&owner, id, ConferenceCommand::Start).await;
        assert!(matches!(again, Err(Error::Conference(_))), "{again:?}");
        let told = after.report_participants(&engine, id, joined).await.unwrap();
        assert!(
            told.iter().all(|told| matches!(told, Reported::Known(_))),
            "{told:?}"
        );
        after
            .report_participants(&engine, id, vec![report("a", Attendance::Left)])
            .await
            .unwrap();
        assert_eq!(
            house
                .directory
                .conference(&owner, id)
                .await
                .unwrap()
                .participants()
                .len(),
            1
        );
        after.command(&owner, id, ConferenceCommand::Stop).await.unwrap();
        let stopped = house.directory.command(&owner, id, ConferenceCommand::Stop).await;
        assert!(matches!(stopped, Err(Error::Conference(_))), "{stopped:?}");
    })
    .await;
}

#[tokio::test]
async fn a_meeting_stays_when_no_invitation_can_be_sent() {
    let house = house().await;
    let owner = organizer(&house).await;
    house.letters.close();
    let mut invited = new("Budget");
    invited.settings.external_invitees = "guest@else.test".into();
    let (id, number) = house.directory.create_meeting(&owner, invited).await.unwrap();
    assert_eq!(house.letters.next_returned().await.to, "guest@else.test");
    let seen = house.directory.meeting(&owner, id).await.unwrap();
    assert_eq!(seen.meeting.extension_number, number);
    let patch = MeetingPatch {
        subject: Patch::Set("Other".into()),
        ..MeetingPatch::default()
    };
    house.directory.update_meeting(&owner, id, patch).await.unwrap();
    house.letters.next_returned().await;
    let seen = house.directory.meeting(&owner, id).await.unwrap();
    assert_eq!(seen.meeting.subject, "Other");
    house.directory.destroy_meeting(&owner, id).await.unwrap();
    house.letters.next_returned().await;
    let gone = house.directory.meeting(&owner, id).await;
    assert!(matches!(gone, Err(Error::Absent(Thing::Meeting))));
}

#[tokio::test]
async fn the_caller_ids_of_a_meeting_name_trunks_of_its_tenant() {
    let house = house().await;
    let (directory, owner) = (&house.directory, organizer(&house).await);
    let trunk = house.make_provider("Carrier").await;
    let trunks = house.program::<ManageTrunks>();
    let list = |provider| {
        vec![OutboundCallerId {
            provider,
            caller_id: "+491".into(),
            preferred: false,
            description: String::new(),
        }]
    };
    let change = |list| {
        let mut patch = MeetingPatch::default();
        patch.settings.outbound_caller_ids = Patch::Set(list);
        patch
    };
    let unknown =
        |error: Error| matches!(error, Error::Invalid(found) if found[0].field == Field::OutboundCallerIds);
    let mut wrong = new("x");
    wrong.settings.outbound_caller_ids = list(ProviderId::new(99));
    assert!(unknown(
        directory.create_meeting(&owner, wrong).await.unwrap_err()
    ));
    let mut right = new("x");
    right.settings.outbound_caller_ids = list(trunk);
    let (id, _) = directory.create_meeting(&owner, right).await.unwrap();
    let wrong = change(list(ProviderId::new(99)));
    assert!(unknown(
        directory.update_meeting(&owner, id, wrong).await.unwrap_err()
    ));

    // The trunk stays while the meeting names it.
    let held = async || {
        let refused = directory.destroy_provider(&trunks, trunk).await;
        assert!(
            matches!(refused, Err(Error::InUse(Thing::Provider, Thing::Meeting))),
            "{refused:?}"
        );
    };
    held().await;
    directory
        .update_meeting(&owner, id, change(Vec::new()))
        .await
        .unwrap();
    directory
        .update_meeting(&owner, id, change(list(trunk)))
        .await
        .unwrap();
    held().await;
    directory.destroy_meeting(&owner, id).await.unwrap();
    directory.destroy_provider(&trunks, trunk).await.unwrap();
}
