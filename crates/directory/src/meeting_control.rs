//! What goes on in meetings: the organizer commands, and whom he invited may watch.

use std::fmt::Write as _;

use jackfield_domain::{
    ChangeType, Conference, ConferenceCommand, ConferenceEvent, ConferenceState, Error, Kind, Meeting,
    MeetingId, Owner, Participant, ParticipantId, Result, Thing,
};

use crate::{
    Directory,
    meetings::visible_meeting,
    work::{Work, in_work},
};

impl Directory {
    /// The conference of a meeting that the caller organizes or is invited to.
    ///
    /// # Errors
    /// `Absent(Meeting)`; [`Error::Denied`] without the permission to hold meetings.
    pub async fn conference(&self, owner: &Owner, id: MeetingId) -> Result<Conference> {
        let reads = self.store().as_reads();
        let record = visible_meeting(reads, owner, id).await?;
        self.inner.conferences.conference(reads, &record.meeting).await
    }

    /// Somebody in that conference.
    ///
    /// # Errors
    /// As above; `Absent(Participant)`.
    pub async fn participant(
        &self,
        owner: &Owner,
        id: MeetingId,
        participant: ParticipantId,
    ) -> Result<Participant> {
        let conference = self.conference(owner, id).await?;
        let mut participants = conference.participants().iter();
        participants
            .find(|one| one.who.id == participant)
            .cloned()
            .ok_or(Error::Absent(Thing::Participant))
    }

    /// Has a command carried out in a meeting that the caller organizes.
    ///
    /// # Errors
    /// [`Error::Conference`] when the conference is not in the state for it; `Absent(Participant)`; [`Error::Invalid`];
    /// `Absent(Meeting)`; `Denied(NotOrganizer)`.
    pub async fn command(&self, owner: &Owner, id: MeetingId, command: ConferenceCommand) -> Result<()> {
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            let record = self.organized_meeting(work.as_reads(), owner, id).await?;
            self.conduct(&mut work, &record.meeting, command.clone()).await?;
        })
    }

    /// Has a command carried out, and journals what it did.
    pub(crate) async fn conduct(
        &self,
        work: &mut Work,
        meeting: &Meeting,
        command: ConferenceCommand,
    ) -> Result<()> {
        let starts = command == ConferenceCommand::Start;
        let events = self
            .inner
            .conferences
            .apply(&mut **work, meeting, command)
            .await?;
        if starts {
            // An engine may give the ids of the last conference out again.
            work.forget_visits(meeting.tenant, meeting.id).await?;
        }
        if !events.is_empty() {
            work.journal_with(
                Kind::Meeting,
                meeting.id.get(),
                ChangeType::Updated,
                Some(detail(&events)),
            )
            .await?;
        }
        Ok(())
    }

    /// Ends the conference of a meeting that is about to go.
    pub(crate) async fn stop_if_running(&self, work: &mut Work, meeting: &Meeting) -> Result<()> {
        let conference = self
            .inner
            .conferences
            .conference(work.as_reads(), meeting)
            .await?;
        if conference.state() == ConferenceState::Running {
            self.conduct(work, meeting, ConferenceCommand::Stop).await?;
        }
        Ok(())
    }
}

/// What happened, as the journal keeps it: whoever carries meetings out reads there what he has to do.
fn detail(events: &[ConferenceEvent]) -> String {
    use ConferenceEvent as Event;
    let mut text = String::from(r#"{"conference":["#);
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        // Writing to a string cannot fail.
        let _ = match event {
            Event::Started => write!(text, r#""started""#),
            Event::Stopped => write!(text, r#""stopped""#),
            Event::Locked => write!(text, r#""locked""#),
            Event::Unlocked => write!(text, r#""unlocked""#),
            Event::Muted => write!(text, r#""muted""#),
            Event::Unmuted => write!(text, r#""unmuted""#),
            Event::RecordingStarted => write!(text, r#""recording_started""#),
            Event::RecordingStopped => write!(text, r#""recording_stopped""#),
            Event::Joined(id) => write!(text, r#"{{"joined":{id}}}"#),
            Event::Left(id) => write!(text, r#"{{"left":{id}}}"#),
            Event::Kicked(id) => write!(text, r#"{{"kicked":{id}}}"#),
            Event::ParticipantMuted(id) => write!(text, r#"{{"participant_muted":{id}}}"#),
            Event::ParticipantUnmuted(id) => write!(text, r#"{{"participant_unmuted":{id}}}"#),
            Event::ChairmanChanged(None) => write!(text, r#"{{"chairman":null}}"#),
            Event::ChairmanChanged(Some(id)) => write!(text, r#"{{"chairman":{id}}}"#),
            Event::PositionChanged(id, position) => {
                write!(text, r#"{{"participant":{id},"position":{position}}}"#)
            }
            // What can be dialled holds no sign that JSON would have to escape.
            Event::Invited(number) => write!(text, r#"{{"invited":"{number}"}}"#),
        };
    }
    text.push_str("]}");
    text
}
