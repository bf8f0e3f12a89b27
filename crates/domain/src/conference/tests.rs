use proptest::prelude::*;

use super::{ConferenceCommand as Command, ConferenceEvent as Event, ConferenceRefusal as Refusal, *};

fn id(number: i64) -> ParticipantId {
    ParticipantId::new(number)
}

fn person(number: i64) -> NewParticipant {
    NewParticipant {
        id: id(number),
        display_name: format!("Person {number}"),
        number: format!("100{number}"),
        user: None,
    }
}

fn settings(capacity: i64, close_on_nobody: bool) -> MeetingSettings {
    MeetingSettings {
        capacity,
        close_on_nobody,
        ..MeetingSettings::default()
    }
}

/// A running conference with these people in it.
fn running(people: &[i64]) -> Conference {
    let mut conference = Conference::idle(&settings(3, false));
    conference.apply(Command::Start).unwrap();
    for number in people {
        conference.apply(Command::Join(person(*number))).unwrap();
    }
    conference
}

#[test]
fn a_meeting_that_is_to_be_recorded_is_from_its_start() {
    let mut conference = Conference::idle(&MeetingSettings {
        enable_recording: true,
        ..settings(3, false)
    });
    let events = conference.apply(Command::Start).unwrap();
    assert_eq!(events, [Event::Started, Event::RecordingStarted]);
    assert!(conference.room().unwrap().recording);
    assert_eq!(
        conference.apply(Command::StartRecording),
        Err(Refusal::AlreadyRecording)
    );
    let events = conference.apply(Command::Stop).unwrap();
    assert_eq!(events, [Event::RecordingStopped, Event::Stopped]);
}

#[test]
fn reports_are_checked() {
    let report = ParticipantReport {
        external_id: "1a".into(),
        attendance: Attendance::Joined,
        number: "1001".into(),
        display_name: "Ada".into(),
    };
    assert!(report.check().is_empty());
    for (wrong, field) in [
        (
            ParticipantReport {
                external_id: String::new(),
                ..report.clone()
            },
            Field::ExternalId,
        ),
        (
            ParticipantReport {
                number: "1\n".into(),
                ..report.clone()
            },
            Field::Number,
        ),
        (
            ParticipantReport {
                display_name: "x".repeat(1025),
                ..report.clone()
            },
            Field::DisplayName,
        ),
    ] {
        let found = wrong.check().into_vec();
        assert_eq!(
            found.iter().map(|one| one.field).collect::<Vec<_>>(),
            [field],
            "{wrong:?}"
        );
    }
}

#[test]
fn nothing_but_starting_works_while_idle() {
    for command in [
        Command::Stop,
        Command::Lock,
        Command::Unlock,
        Command::Mute,
        Command::Unmute,
        Command::StartRecording,
        Command::StopRecording,
        Command::Join(person(1)),
        Command::Leave(id(1)),
        Command::Kick(id(1)),
        Command::MuteParticipant(id(1)),
        Command::UnmuteParticipant(id(1)),
        Command::SetChairman(id(1)),
        Command::SetPosition(id(1), 0),
        Command::SetLayout(Vec::new()),
        Command::Invite("1001".into()),
    ] {
        let mut conference = Conference::idle(&settings(9, false));
        assert_eq!(
            conference.apply(command.clone()),
            Err(Refusal::NotRunning),
            "{command:?}"
        );
        assert_eq!(conference.state(), ConferenceState::Idle);
    }
    let mut conference = Conference::idle(&settings(9, false));
    assert_eq!(conference.apply(Command::Start), Ok(vec![Event::Started]));
    assert_eq!(conference.apply(Command::Start), Err(Refusal::AlreadyRunning));
}

#[test]
fn a_switch_that_is_there_already_is_refused() {
    for (on, off, event_on, event_off, refused_on, refused_off) in [
        (
            Command::Lock,
            Command::Unlock,
            Event::Locked,
            Event::Unlocked,
            Refusal::AlreadyLocked,
            Refusal::NotLocked,
        ),
        (
            Command::Mute,
            Command::Unmute,
            Event::Muted,
            Event::Unmuted,
            Refusal::AlreadyMuted,
            Refusal::NotMuted,
        ),
        (
            Command::StartRecording,
            Command::StopRecording,
            Event::RecordingStarted,
            Event::RecordingStopped,
            Refusal::AlreadyRecording,
            Refusal::NotRecording,
        ),
    ] {
        let mut conference = running(&[]);
        assert_eq!(conference.apply(off.clone()), Err(refused_off));
        assert_eq!(conference.apply(on.clone()), Ok(vec![event_on]));
        assert_eq!(conference.apply(on), Err(refused_on));
        assert_eq!(conference.apply(off), Ok(vec![event_off]));
    }
}

#[test]
fn who_can_join_and_be_invited() {
    let mut conference = running(&[1]);
    assert_eq!(
        conference.apply(Command::Join(person(1))),
        Err(Refusal::AlreadyJoined(id(1)))
    );
    assert_eq!(
        conference.apply(Command::Invite("1001".into())),
        Err(Refusal::NumberAlreadyJoined)
    );
    for number in ["", "  ", "10;02", &"1".repeat(65)] {
        assert_eq!(
            conference.apply(Command::Invite(number.into())),
            Err(Refusal::NotDialable),
            "{number}"
        );
    }
    assert_eq!(
        conference.apply(Command::Invite("+4930123456".into())),
        Ok(vec![Event::Invited("+4930123456".into())])
    );
    conference.apply(Command::Lock).unwrap();
    assert_eq!(conference.apply(Command::Join(person(2))), Err(Refusal::Locked));
    assert_eq!(
        conference.apply(Command::Invite("1002".into())),
        Err(Refusal::Locked)
    );
    conference.apply(Command::Unlock).unwrap();
    conference.apply(Command::Join(person(2))).unwrap();
    conference.apply(Command::Join(person(3))).unwrap();
    assert_eq!(conference.apply(Command::Join(person(4))), Err(Refusal::Full(3)));
    assert_eq!(
        conference.apply(Command::Invite("1004".into())),
        Err(Refusal::Full(3))
    );
}

#[test]
fn muting_all_spares_the_chairman_and_meets_who_joins() {
    let mut conference = running(&[1, 2]);
    conference.apply(Command::SetChairman(id(1))).unwrap();
    assert_eq!(
        conference.apply(Command::Mute),
        Ok(vec![Event::Muted, Event::ParticipantMuted(id(2))])
    );
    conference.apply(Command::Join(person(3))).unwrap();
    let muted = |conference: &Conference| -> Vec<_> {
        conference.participants().iter().map(|one| one.muted).collect()
    };
    assert_eq!(muted(&conference), [false, true, true]);
    assert_eq!(
        conference.apply(Command::UnmuteParticipant(id(2))),
        Ok(vec![Event::ParticipantUnmuted(id(2))])
    );
    assert_eq!(
        conference.apply(Command::UnmuteParticipant(id(2))),
        Err(Refusal::ParticipantNotMuted(id(2)))
    );
    assert_eq!(
        conference.apply(Command::Unmute),
        Ok(vec![Event::Unmuted, Event::ParticipantUnmuted(id(3))])
    );
    assert_eq!(
        conference.apply(Command::MuteParticipant(id(2))),
        Ok(vec![Event::ParticipantMuted(id(2))])
    );
    assert_eq!(
        conference.apply(Command::MuteParticipant(id(2))),
        Err(Refusal::ParticipantAlreadyMuted(id(2)))
    );
}

#[test]
fn values_that_are_there_already_are_done() {
    let mut conference = running(&[1, 2]);
    assert_eq!(
        conference.apply(Command::SetChairman(id(2))),
        Ok(vec![Event::ChairmanChanged(Some(id(2)))])
    );
    assert_eq!(conference.apply(Command::SetChairman(id(2))), Ok(vec![]));
    assert_eq!(conference.apply(Command::SetPosition(id(1), 0)), Ok(vec![]));
    assert_eq!(
        conference.apply(Command::SetPosition(id(1), 1)),
        Err(Refusal::PositionTaken(1, id(2)))
    );
    assert_eq!(
        conference.apply(Command::SetPosition(id(1), 9)),
        Err(Refusal::NoSuchPosition(9))
    );
    assert_eq!(
        conference.apply(Command::SetLayout(vec![id(2)])),
        Ok(vec![
            Event::PositionChanged(id(1), NOT_SHOWN),
            Event::PositionChanged(id(2), 0)
        ])
    );
    assert_eq!(conference.apply(Command::SetLayout(vec![id(2)])), Ok(vec![]));
    assert_eq!(
        conference.apply(Command::SetLayout(vec![id(2), id(2)])),
        Err(Refusal::LayoutRepeats(id(2)))
    );
    assert_eq!(
        conference.apply(Command::SetLayout(vec![id(7)])),
        Err(Refusal::NoSuchParticipant(id(7)))
    );
    assert_eq!(
        conference.apply(Command::SetLayout(vec![id(1); 10])),
        Err(Refusal::LayoutTooLong(9))
    );
}

#[test]
fn an_end_tells_everything_that_ends() {
    let mut conference = running(&[1, 2]);
    conference.apply(Command::StartRecording).unwrap();
    assert_eq!(
        conference.apply(Command::Stop),
        Ok(vec![
            Event::RecordingStopped,
            Event::Left(id(1)),
            Event::Left(id(2)),
            Event::Stopped
        ])
    );
    assert!(conference.participants().is_empty());

    let mut conference = Conference::idle(&settings(3, true));
    conference.apply(Command::Start).unwrap();
    conference.apply(Command::Join(person(1))).unwrap();
    conference.apply(Command::SetChairman(id(1))).unwrap();
    assert_eq!(
        conference.apply(Command::Kick(id(1))),
        Ok(vec![
            Event::Kicked(id(1)),
            Event::ChairmanChanged(None),
            Event::Stopped
        ])
    );
    assert_eq!(conference.state(), ConferenceState::Idle);
}

#[test]
fn a_damaged_room_is_not_restored() {
    let room = running(&[1, 2]).room().cloned().unwrap();
    let limits = settings(1, false);
    assert!(Conference::restore(&limits, None).is_some());
    assert!(Conference::restore(&limits, Some(room.clone())).is_some());
    let damages: [fn(&mut Room); 4] = [
        |room| room.participants.iter_mut().for_each(|one| one.chairman = true),
        |room| room.participants.iter_mut().for_each(|one| one.position = 4),
        |room| {
            room.participants
                .iter_mut()
                .for_each(|one| one.who.id = ParticipantId::FIRST);
        },
        |room| room.participants.iter_mut().for_each(|one| one.position = 9),
    ];
    for damage in damages {
        let mut broken = room.clone();
        damage(&mut broken);
        assert_eq!(
            Conference::restore(&limits, Some(broken.clone())),
            None,
            "{broken:?}"
        );
    }
}

#[test]
fn new_limits_put_nobody_out() {
    let mut conference = running(&[1, 2]);
    conference.apply(Command::Lock).unwrap();
    conference.adopt(&settings(1, true));
    assert_eq!(conference.participants().len(), 2);
    conference.apply(Command::Unlock).unwrap();
    assert_eq!(conference.apply(Command::Join(person(3))), Err(Refusal::Full(1)));
}

fn command() -> impl Strategy<Value = Command> {
    let who = || 1..=13_i64;
    prop_oneof![
        1 => Just(Command::Start),
        1 => Just(Command::Stop),
        1 => Just(Command::Lock),
        3 => Just(Command::Unlock),
        1 => Just(Command::Mute),
        1 => Just(Command::Unmute),
        1 => Just(Command::StartRecording),
        1 => Just(Command::StopRecording),
        20 => who().prop_map(|number| Command::Join(person(number))),
        3 => who().prop_map(|number| Command::Leave(id(number))),
        2 => who().prop_map(|number| Command::Kick(id(number))),
        3 => who().prop_map(|number| Command::MuteParticipant(id(number))),
        3 => who().prop_map(|number| Command::UnmuteParticipant(id(number))),
        4 => who().prop_map(|number| Command::SetChairman(id(number))),
        8 => (who(), -2..=9_i64).prop_map(|(number, position)| Command::SetPosition(id(number), position)),
        4 => prop::collection::vec(who().prop_map(id), 0..11).prop_map(Command::SetLayout),
        2 => who().prop_map(|number| Command::Invite(format!("100{number}"))),
    ]
}

/// What can be seen of a conference, kept from the events alone.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    running: bool,
    locked: bool,
    recording: bool,
    chairman: Option<ParticipantId>,
    people: BTreeSet<ParticipantId>,
}

impl Seen {
    fn follow(&mut self, event: &Event) {
        match event {
            Event::Started => {
                *self = Self {
                    running: true,
                    ..Self::default()
                }
            }
            Event::Stopped => *self = Self::default(),
            Event::Locked => self.locked = true,
            Event::Unlocked => self.locked = false,
            Event::RecordingStarted => self.recording = true,
            Event::RecordingStopped => self.recording = false,
            Event::Joined(id) => assert!(self.people.insert(*id)),
            Event::Left(id) | Event::Kicked(id) => assert!(self.people.remove(id)),
            Event::ChairmanChanged(id) => self.chairman = *id,
            _ => {}
        }
    }

    fn of(conference: &Conference) -> Self {
        let people = conference.participants();
        Self {
            running: conference.state() == ConferenceState::Running,
            locked: conference.room().is_some_and(|room| room.locked),
            recording: conference.room().is_some_and(|room| room.recording),
            chairman: people.iter().find(|one| one.chairman).map(|one| one.who.id),
            people: people.iter().map(|one| one.who.id).collect(),
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_of_commands_keeps_the_rules(
        commands in prop::collection::vec(command(), 1..80),
        capacity in 1..=12_i64,
        close_on_nobody in any::<bool>(),
    ) {
        let settings = settings(capacity, close_on_nobody);
        let mut conference = Conference::idle(&settings);
        let mut seen = Seen::default();
        for command in commands {
            let before = conference.clone();
            match conference.apply(command.clone()) {
                Err(refusal) => {
                    prop_assert_eq!(&conference, &before, "{:?} was refused and changed something", command);
                    prop_assert!(!refusal.to_string().is_empty());
                }
                Ok(events) => {
                    // An invitation changes nothing by itself; all else is an event exactly when it is a change.
                    let invited = matches!(command, Command::Invite(_));
                    prop_assert_eq!(conference != before, !events.is_empty() && !invited, "{:?}", command);
                    for event in &events {
                        seen.follow(event);
                    }
                }
            }
            prop_assert_eq!(&seen, &Seen::of(&conference), "after {:?}", command);
            prop_assert!(conference.room().is_none_or(Room::is_sound), "after {:?}", command);
            prop_assert!(conference.participants().len() <= usize::try_from(capacity).unwrap_or(0));
            let again = Conference::restore(&settings, conference.room().cloned());
            prop_assert_eq!(again.as_ref(), Some(&conference));
        }
    }
}
