//! Recorded calls, as their users hear and remove them.

use jackfield_domain::{
    ChangeType, Error, Kind, Listing, Permitted, Query, Recording, RecordingField, Result, Thing,
    capability::{ReadRecordings, RemoveRecordings},
};

use crate::{Directory, call_records::history, work::in_work};

impl Directory {
    /// Recordings of a user's calls; without an order, the latest reported first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_recordings(
        &self,
        owner: &Permitted<ReadRecordings>,
        query: &Query<RecordingField>,
    ) -> Result<Listing<Recording>> {
        Ok(self.store().list_recordings(history(owner), query).await?)
    }

    /// A recording of a user's calls.
    ///
    /// # Errors
    /// `Absent(Recording)`, for those of others too.
    pub async fn recording(&self, owner: &Permitted<ReadRecordings>, id: i64) -> Result<Recording> {
        let recording = self.store().recording(history(owner), id).await?;
        recording.ok_or(Error::Absent(Thing::Recording))
    }

    /// Removes a recording, for both sides of the call: there is one file, and who removes it wants it gone.
    ///
    /// # Errors
    /// `Absent(Recording)`, for those of others too.
    pub async fn remove_recording(&self, owner: &Permitted<RemoveRecordings>, id: i64) -> Result<()> {
        let (tenant, of) = (owner.tenant(), history(owner));
        in_work!(self, tenant, owner.caller().actor(), |work| {
            let recording = work.recording(of, id).await?;
            let recording = recording.ok_or(Error::Absent(Thing::Recording))?;
            work.delete_recording(tenant, recording.id).await?;
            let now = work.now();
            work.release_blobs(tenant, Kind::Recording, recording.id.get(), now)
                .await?;
            work.journal_of(Kind::Recording, id, ChangeType::Deleted, of.user)
                .await?;
        })
    }
}
