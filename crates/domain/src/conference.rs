//! What goes on in a meeting: a state machine without any media.
//!
//! An engine that moves sound and picture obeys it; the built-in one only keeps it. A command that names a transition
//! (start, lock, mute, record …) is refused when there is nothing to do, so that nobody is told "done" about something that
//! did not happen. A command that gives a value (chairman, position, layout) is done when the value is there already, and
//! yields no event. A command that is refused changes nothing.

use std::{collections::BTreeSet, fmt};

use crate::{
    Field, MeetingSettings, ParticipantId, Rule, UserId, Violations, call_record, change::words, forward,
    limits,
};

words! {
    /// Whether a conference goes on.
    ConferenceState {
        /// Nobody is in it, and nobody can be.
        Idle = "idle",
        /// It goes on.
        Running = "running",
    }
}

/// A place in the picture that shows nobody.
pub const NOT_SHOWN: i64 = -1;

/// Somebody who joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParticipant {
    /// The id, given out by whoever lets people in.
    pub id: ParticipantId,
    /// The name that people see.
    pub display_name: String,
    /// The number that was called from, or that was called.
    pub number: String,
    /// The user, for one of the tenant's.
    pub user: Option<UserId>,
}

words! {
    /// What somebody did.
    Attendance {
        /// He is in it.
        Joined = "joined",
        /// He is out of it.
        Left = "left",
    }
}

/// That somebody joined a conference or left it, as an engine reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantReport {
    /// The engine's own id of this participation, unique in the conference as long as that goes on: the report of joining
    /// and that of leaving have the same, and a repeated report is the same one.
    pub external_id: String,
    /// What he did.
    pub attendance: Attendance,
    /// The number that was called from, or that was called. A user is known by the number of his extension.
    pub number: String,
    /// The name that people see; empty for that of the user, or for the number.
    pub display_name: String,
}

impl ParticipantReport {
    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        call_record::check_external_id(&mut found, &self.external_id);
        for (field, text, most) in [
            (Field::Number, &self.number, limits::CALL_PARTY),
            (Field::DisplayName, &self.display_name, limits::CALL_NAME),
        ] {
            found.length(field, text, 0..=most);
            if text.chars().any(char::is_control) {
                found.add(field, Rule::Form("text without control characters"));
            }
        }
        found
    }
}

/// Somebody in a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who it is.
    pub who: NewParticipant,
    /// Whether nobody hears him.
    pub muted: bool,
    /// Whether he leads; at most one does.
    pub chairman: bool,
    /// Where the picture shows him, 0 to 8, each place at most once; [`NOT_SHOWN`] for nowhere.
    pub position: i64,
}

/// What a running conference consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    /// Nobody else can join.
    pub locked: bool,
    /// All were muted, and whoever joins is.
    pub muted: bool,
    /// It is recorded.
    pub recording: bool,
    /// Who is in it, in the order of joining.
    pub participants: Vec<Participant>,
}

/// A conference: idle, or a room with people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    capacity: usize,
    close_on_nobody: bool,
    record: bool,
    room: Option<Room>,
}

/// What a conference is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by what they ask for")]
pub enum ConferenceCommand {
    Start,
    Stop,
    Lock,
    Unlock,
    Mute,
    Unmute,
    StartRecording,
    StopRecording,
    Join(NewParticipant),
    Leave(ParticipantId),
    /// Removes somebody against his will.
    Kick(ParticipantId),
    MuteParticipant(ParticipantId),
    UnmuteParticipant(ParticipantId),
    SetChairman(ParticipantId),
    SetPosition(ParticipantId, i64),
    /// Shows these at the places 0, 1, 2 …, and nobody else.
    SetLayout(Vec<ParticipantId>),
    /// Calls a number. Whoever answers joins by a command of his own.
    Invite(String),
}

/// What has happened, in the order in which an engine has to carry it out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by what happened")]
pub enum ConferenceEvent {
    Started,
    Stopped,
    Locked,
    Unlocked,
    Muted,
    Unmuted,
    RecordingStarted,
    RecordingStopped,
    Joined(ParticipantId),
    Left(ParticipantId),
    Kicked(ParticipantId),
    ParticipantMuted(ParticipantId),
    ParticipantUnmuted(ParticipantId),
    /// Who leads now, if anybody.
    ChairmanChanged(Option<ParticipantId>),
    PositionChanged(ParticipantId, i64),
    /// The number is to be called.
    Invited(String),
}

/// Why a conference does not do what it is asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the text of each says it")]
pub enum ConferenceRefusal {
    NotRunning,
    AlreadyRunning,
    AlreadyLocked,
    NotLocked,
    AlreadyMuted,
    NotMuted,
    AlreadyRecording,
    NotRecording,
    /// Joining and inviting while it is locked.
    Locked,
    /// With the number of people it holds.
    Full(usize),
    NoSuchParticipant(ParticipantId),
    AlreadyJoined(ParticipantId),
    ParticipantAlreadyMuted(ParticipantId),
    ParticipantNotMuted(ParticipantId),
    NoSuchPosition(i64),
    /// With the place and who has it.
    PositionTaken(i64, ParticipantId),
    /// With the number of places there are.
    LayoutTooLong(usize),
    LayoutRepeats(ParticipantId),
    NotDialable,
    NumberAlreadyJoined,
}

impl fmt::Display for ConferenceRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRunning => f.write_str("the meeting is not running; start it first"),
            Self::AlreadyRunning => f.write_str("the meeting is already running"),
            Self::AlreadyLocked => f.write_str("the meeting is already locked"),
            Self::NotLocked => f.write_str("the meeting is not locked"),
            Self::AlreadyMuted => f.write_str("the meeting is already muted"),
            Self::NotMuted => f.write_str("the meeting is not muted"),
            Self::AlreadyRecording => f.write_str("the meeting is already being recorded"),
            Self::NotRecording => f.write_str("the meeting is not being recorded"),
            Self::Locked => f.write_str("the meeting is locked; unlock it first"),
            Self::Full(capacity) => write!(f, "the meeting is full: it holds {capacity} participants"),
            Self::NoSuchParticipant(id) => write!(f, "there is no participant {id} in the meeting"),
            Self::AlreadyJoined(id) => write!(f, "the participant {id} is already in the meeting"),
            Self::ParticipantAlreadyMuted(id) => write!(f, "the participant {id} is already muted"),
            Self::ParticipantNotMuted(id) => write!(f, "the participant {id} is not muted"),
            Self::NoSuchPosition(position) => write!(
                f,
                "there is no position {position}; it must be between {} and {}",
                limits::POSITION.start(),
                limits::POSITION.end()
            ),
            Self::PositionTaken(position, id) => write!(
                f,
                "position {position} is taken by the participant {id}; move that one first"
            ),
            Self::LayoutTooLong(places) => write!(f, "the layout has {places} places at most"),
            Self::LayoutRepeats(id) => write!(f, "the layout names the participant {id} more than once"),
            Self::NotDialable => f.write_str("this is not a number to dial"),
            Self::NumberAlreadyJoined => f.write_str("somebody with this number is already in the meeting"),
        }
    }
}

impl std::error::Error for ConferenceRefusal {}

type Events = Vec<ConferenceEvent>;
type Outcome<T = Events> = Result<T, ConferenceRefusal>;

impl Conference {
    /// An idle conference of a meeting.
    pub fn idle(settings: &MeetingSettings) -> Self {
        Self {
            capacity: usize::try_from(settings.capacity).unwrap_or(0),
            close_on_nobody: settings.close_on_nobody,
            record: settings.enable_recording,
            room: None,
        }
    }

    /// A conference as it was kept; none when the room breaks a rule that this type guarantees. A room may hold more people
    /// than the meeting allows now: the limit may have been lowered meanwhile.
    pub fn restore(settings: &MeetingSettings, room: Option<Room>) -> Option<Self> {
        room.as_ref().is_none_or(Room::is_sound).then(|| Self {
            room,
            ..Self::idle(settings)
        })
    }

    /// Takes over limits that changed while the conference goes on. Nobody is put out because of them.
    pub fn adopt(&mut self, settings: &MeetingSettings) {
        *self = Self {
            room: self.room.take(),
            ..Self::idle(settings)
        };
    }

    /// Whether it goes on.
    pub fn state(&self) -> ConferenceState {
        if self.room.is_some() {
            ConferenceState::Running
        } else {
            ConferenceState::Idle
        }
    }

    /// The room, while it goes on.
    pub fn room(&self) -> Option<&Room> {
        self.room.as_ref()
    }

    /// Who is in it.
    pub fn participants(&self) -> &[Participant] {
        self.room.as_ref().map_or(&[], |room| &room.participants)
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// Why not; nothing has changed then.
    pub fn apply(&mut self, command: ConferenceCommand) -> Outcome {
        use ConferenceCommand as Command;
        if matches!(command, Command::Start) {
            return self.start();
        }
        let (capacity, close_on_nobody) = (self.capacity, self.close_on_nobody);
        let room = self.room.as_mut().ok_or(ConferenceRefusal::NotRunning)?;
        match command {
            Command::Start | Command::Stop => Ok(self.stop()),
            Command::Lock => room.lock(true),
            Command::Unlock => room.lock(false),
            Command::Mute => room.mute_all(),
            Command::Unmute => room.unmute_all(),
            Command::StartRecording => room.record(true),
            Command::StopRecording => room.record(false),
            Command::Join(who) => room.join(who, capacity),
            Command::Leave(id) | Command::Kick(id) => {
                let kicked = matches!(command, Command::Kick(_));
                let mut events = room.remove(id, kicked)?;
                if room.participants.is_empty() && close_on_nobody {
                    events.extend(self.stop());
                }
                Ok(events)
            }
            Command::MuteParticipant(id) => room.mute(id),
            Command::UnmuteParticipant(id) => room.unmute(id),
            Command::SetChairman(id) => room.set_chairman(id),
            Command::SetPosition(id, position) => room.set_position(id, position),
            Command::SetLayout(shown) => room.set_layout(&shown),
            Command::Invite(number) => room.invite(number, capacity),
        }
    }

    fn start(&mut self) -> Outcome {
        if self.room.is_some() {
            return Err(ConferenceRefusal::AlreadyRunning);
        }
        self.room = Some(Room {
            recording: self.record,
            ..Room::default()
        });
        let mut events = vec![ConferenceEvent::Started];
        if self.record {
            events.push(ConferenceEvent::RecordingStarted);
        }
        Ok(events)
    }

    /// Ends the room, telling everything that ends with it.
    fn stop(&mut self) -> Events {
        let Some(room) = self.room.take() else {
            return Vec::new();
        };
        let mut events = Vec::with_capacity(room.participants.len() + 2);
        if room.recording {
            events.push(ConferenceEvent::RecordingStopped);
        }
        events.extend(
            room.participants
                .iter()
                .map(|one| ConferenceEvent::Left(one.who.id)),
        );
        events.push(ConferenceEvent::Stopped);
        events
    }
}

impl Room {
    /// Whether it keeps the rules: everybody once, at most one chairman, every place at most once.
    pub fn is_sound(&self) -> bool {
        let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
        self.participants.iter().filter(|one| one.chairman).count() <= 1
            && self.participants.iter().all(|one| {
                ids.insert(one.who.id)
                    && limits::POSITION.contains(&one.position)
                    && (one.position == NOT_SHOWN || places.insert(one.position))
            })
    }

    fn find(&mut self, id: ParticipantId) -> Outcome<&mut Participant> {
        self.participants
            .iter_mut()
            .find(|one| one.who.id == id)
            .ok_or(ConferenceRefusal::NoSuchParticipant(id))
    }

    fn lock(&mut self, locked: bool) -> Outcome {
        match (self.locked, locked) {
            (true, true) => return Err(ConferenceRefusal::AlreadyLocked),
            (false, false) => return Err(ConferenceRefusal::NotLocked),
            _ => self.locked = locked,
        }
        Ok(vec![if locked {
            ConferenceEvent::Locked
        } else {
            ConferenceEvent::Unlocked
        }])
    }

    fn record(&mut self, recording: bool) -> Outcome {
        match (self.recording, recording) {
            (true, true) => return Err(ConferenceRefusal::AlreadyRecording),
            (false, false) => return Err(ConferenceRefusal::NotRecording),
            _ => self.recording = recording,
        }
        Ok(vec![if recording {
            ConferenceEvent::RecordingStarted
        } else {
            ConferenceEvent::RecordingStopped
        }])
    }

    /// Mutes everybody but the chairman: somebody has to be able to speak.
    fn mute_all(&mut self) -> Outcome {
        if self.muted {
            return Err(ConferenceRefusal::AlreadyMuted);
        }
        self.muted = true;
        let mut events = vec![ConferenceEvent::Muted];
        for one in self
            .participants
            .iter_mut()
            .filter(|one| !one.chairman && !one.muted)
        {
            one.muted = true;
            events.push(ConferenceEvent::ParticipantMuted(one.who.id));
        }
        Ok(events)
    }

    fn unmute_all(&mut self) -> Outcome {
        if !self.muted {
            return Err(ConferenceRefusal::NotMuted);
        }
        self.muted = false;
        let mut events = vec![ConferenceEvent::Unmuted];
        for one in self.participants.iter_mut().filter(|one| one.muted) {
            one.muted = false;
            events.push(ConferenceEvent::ParticipantUnmuted(one.who.id));
        }
        Ok(events)
    }

    fn mute(&mut self, id: ParticipantId) -> Outcome {
        let one = self.find(id)?;
        if one.muted {
            return Err(ConferenceRefusal::ParticipantAlreadyMuted(id));
        }
        one.muted = true;
        Ok(vec![ConferenceEvent::ParticipantMuted(id)])
    }

    /// Lets somebody speak, also while all others are muted.
    fn unmute(&mut self, id: ParticipantId) -> Outcome {
        let one = self.find(id)?;
        if !one.muted {
            return Err(ConferenceRefusal::ParticipantNotMuted(id));
        }
        one.muted = false;
        Ok(vec![ConferenceEvent::ParticipantUnmuted(id)])
    }

    fn has_room(&self, capacity: usize) -> Outcome<()> {
        if self.locked {
            return Err(ConferenceRefusal::Locked);
        }
        if self.participants.len() >= capacity {
            return Err(ConferenceRefusal::Full(capacity));
        }
        Ok(())
    }

    /// Lets somebody in, at the first free place of the picture.
    fn join(&mut self, who: NewParticipant, capacity: usize) -> Outcome {
        let id = who.id;
        if self.find(id).is_ok() {
            return Err(ConferenceRefusal::AlreadyJoined(id));
        }
        self.has_room(capacity)?;
        let position = (0..=*limits::POSITION.end())
            .find(|place| self.participants.iter().all(|one| one.position != *place))
            .unwrap_or(NOT_SHOWN);
        self.participants.push(Participant {
            who,
            muted: self.muted,
            chairman: false,
            position,
        });
        Ok(vec![ConferenceEvent::Joined(id)])
    }

    fn remove(&mut self, id: ParticipantId, kicked: bool) -> Outcome {
        let index = self
            .participants
            .iter()
            .position(|one| one.who.id == id)
            .ok_or(ConferenceRefusal::NoSuchParticipant(id))?;
        let gone = self.participants.remove(index);
        let mut events = vec![if kicked {
            ConferenceEvent::Kicked(id)
        } else {
            ConferenceEvent::Left(id)
        }];
        if gone.chairman {
            events.push(ConferenceEvent::ChairmanChanged(None));
        }
        Ok(events)
    }

    fn set_chairman(&mut self, id: ParticipantId) -> Outcome {
        if self.find(id)?.chairman {
            return Ok(Vec::new());
        }
        for one in &mut self.participants {
            one.chairman = one.who.id == id;
        }
        Ok(vec![ConferenceEvent::ChairmanChanged(Some(id))])
    }

    fn set_position(&mut self, id: ParticipantId, position: i64) -> Outcome {
        if self.find(id)?.position == position {
            return Ok(Vec::new());
        }
        if !limits::POSITION.contains(&position) {
            return Err(ConferenceRefusal::NoSuchPosition(position));
        }
        if position != NOT_SHOWN
            && let Some(other) = self.participants.iter().find(|one| one.position == position)
        {
            return Err(ConferenceRefusal::PositionTaken(position, other.who.id));
        }
        self.find(id)?.position = position;
        Ok(vec![ConferenceEvent::PositionChanged(id, position)])
    }

    fn set_layout(&mut self, shown: &[ParticipantId]) -> Outcome {
        let places = (0..=*limits::POSITION.end()).count();
        if shown.len() > places {
            return Err(ConferenceRefusal::LayoutTooLong(places));
        }
        let mut seen = BTreeSet::new();
        for id in shown {
            self.find(*id)?;
            if !seen.insert(id) {
                return Err(ConferenceRefusal::LayoutRepeats(*id));
            }
        }
        let mut events = Vec::new();
        for one in &mut self.participants {
            let position = (0..)
                .zip(shown)
                .find_map(|(place, id)| (*id == one.who.id).then_some(place))
                .unwrap_or(NOT_SHOWN);
            if one.position != position {
                one.position = position;
                events.push(ConferenceEvent::PositionChanged(one.who.id, position));
            }
        }
        Ok(events)
    }

    /// Has a number called. Refused where the one who answers could not join.
    fn invite(&self, number: String, capacity: usize) -> Outcome {
        let empty = number.trim().is_empty();
        if empty || number.chars().count() > limits::FORWARD_NUMBER || !forward::is_dialable(&number) {
            return Err(ConferenceRefusal::NotDialable);
        }
        if self.participants.iter().any(|one| one.who.number == number) {
            return Err(ConferenceRefusal::NumberAlreadyJoined);
        }
        self.has_room(capacity)?;
        Ok(vec![ConferenceEvent::Invited(number)])
    }
}

#[cfg(test)]
mod tests;
