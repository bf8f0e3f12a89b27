//! Reports of who joins meetings and who leaves them.

use jackfield_domain::{
    Attendance, ConferenceCommand, Error, Meeting, MeetingId, NewParticipant, ParticipantId,
    ParticipantReport, Reporter, Result, Thing,
};
use jackfield_store::Sequence;

use super::Reported;
use crate::{
    Directory,
    work::{Work, in_work},
};

impl Directory {
    /// Lets people into the conference of a meeting and out of it, in the order of the batch and in one commit. The id of each
    /// item is that of the participant. A report that was made before, as told by its external id, is `Known`; so is that
    /// of leaving for who was put out already. An item that the conference does not allow (it is not running, locked or full;
    /// nobody joined under the id that leaves) is `Refused`.
    ///
    /// # Errors
    /// `Absent(Meeting)`; otherwise only when the store fails. Nothing of the batch is stored then.
    pub async fn report_participants(
        &self,
        reporter: &Reporter,
        id: MeetingId,
        batch: Vec<ParticipantReport>,
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        in_work!(self, tenant, reporter.caller().actor(), |work| {
            let record = work.meeting(tenant, id).await?;
            let meeting = record.ok_or(Error::Absent(Thing::Meeting))?.meeting;
            let mut outcomes = Vec::with_capacity(batch.len());
            for report in &batch {
                let outcome = match report.check().finish() {
                    Err(error) => Err(error),
                    Ok(()) => self.attend(&mut work, &meeting, report).await,
                };
                outcomes.push(match outcome {
                    Ok(outcome) => outcome,
                    Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
                    Err(error) => Reported::Refused(error),
                });
            }
            outcomes
        })
    }

    async fn attend(
        &self,
        work: &mut Work,
        meeting: &Meeting,
        report: &ParticipantReport,
    ) -> Result<Reported> {
        let (tenant, external_id) = (meeting.tenant, report.external_id.as_str());
        let known = work.visit(tenant, meeting.id, external_id).await?;
        match (report.attendance, known) {
            (Attendance::Joined, Some(id)) => Ok(Reported::Known(id.get())),
            (Attendance::Joined, None) => {
                let id = ParticipantId::new(work.next_id(Sequence::Item).await?);
                let user = work.user_by_extension(tenant, &report.number).await?;
                let display_name = match (&*report.display_name, &user) {
                    ("", Some(user)) if !user.display_name.is_empty() => user.display_name.clone(),
                    ("", _) => report.number.clone(),
                    (name, _) => name.to_owned(),
                };
                let who = NewParticipant {
                    id,
                    display_name,
                    number: report.number.clone(),
                    user: user.map(|user| user.id),
                };
                self.conduct(work, meeting, ConferenceCommand::Join(who)).await?;
                work.insert_visit(tenant, meeting.id, external_id, id).await?;
                Ok(Reported::New(id.get()))
            }
            (Attendance::Left, None) => Err(Error::Absent(Thing::Participant)),
            (Attendance::Left, Some(id)) => {
                match self.conduct(work, meeting, ConferenceCommand::Leave(id)).await {
                    Ok(()) => Ok(Reported::New(id.get())),
                    // He is out already: put out, or the conference is over.
                    Err(Error::Absent(_) | Error::Conference(_)) => Ok(Reported::Known(id.get())),
                    Err(error) => Err(error),
                }
            }
        }
    }
}
