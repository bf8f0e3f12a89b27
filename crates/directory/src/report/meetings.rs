//! Reports of who joins meetings and who leaves them.

use jackfield_domain::{MeetingId, ParticipantReport, Reporter, Result};

use super::{Reported, SOON};
use crate::Directory;

#[expect(
    clippy::unused_async,
    reason = "the store of meetings comes next; its callers can already be written"
)]
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
        _: &Reporter,
        _: MeetingId,
        _: Vec<ParticipantReport>,
    ) -> Result<Vec<Reported>> {
        Err(SOON)
    }
}
