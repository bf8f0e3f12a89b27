//! Reports of recordings, and their files, which come afterwards.

use jackfield_domain::{
    BlobKey, ChangeType, Error, Field, Kind, NewRecording, Recording, RecordingId, Reporter, Result, Thing,
    Violations,
};
use jackfield_store::{BlobUse, History, ReportKind, Sequence};

use super::{Batch, Report, Reported, Users, store_batch};
use crate::{Directory, work::in_work};

impl Report for Recording {
    type New = NewRecording;

    const KIND: ReportKind = ReportKind::Recording;
    const SEQUENCE: Sequence = Sequence::Recording;

    fn check(new: &NewRecording) -> Violations {
        new.check()
    }

    fn external_id(&self) -> &str {
        &self.recording.external_id
    }

    fn set_id(&mut self, id: i64) {
        self.id = RecordingId::new(id);
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        [self.recording.caller.as_str(), &self.recording.callee].into_iter()
    }

    fn set_users(&mut self, known: &Users) {
        self.caller_user = known.numbered(&self.recording.caller);
        self.callee_user = known.numbered(&self.recording.callee);
    }
}

impl Directory {
    /// Stores recordings without their files, as [`report_call_records`](Self::report_call_records) stores calls.
    ///
    /// # Errors
    /// As there.
    pub async fn report_recordings(
        &self,
        reporter: &Reporter,
        recordings: Vec<NewRecording>,
    ) -> Result<Vec<Reported>> {
        let (tenant, created_at) = (reporter.tenant(), self.now());
        let batch = Batch::judge(recordings, |recording| Recording {
            tenant,
            id: RecordingId::new(0),
            caller_user: None,
            callee_user: None,
            recording,
            file_key: None,
            file_size: 0,
            created_at,
        });
        store_batch!(self, reporter, batch, insert_recordings)
    }

    /// Says where the file of a recording is, and how many bytes it has; tells the id of the recording. Handing in the same
    /// key again changes nothing.
    ///
    /// # Errors
    /// `Absent(Recording)` for an external id that was not reported; `Taken(Recording, File)` when it has another file.
    pub async fn attach_recording_file(
        &self,
        reporter: &Reporter,
        external_id: &str,
        key: &BlobKey,
        size: i64,
    ) -> Result<i64> {
        let tenant = reporter.tenant();
        in_work!(self, tenant, reporter.caller().actor(), |work| {
            let known = work
                .reported_among(tenant, ReportKind::Recording, &[external_id])
                .await?;
            let whole = History { tenant, user: None };
            let recording = match known.first() {
                Some((_, id)) => work.recording(whole, *id).await?,
                None => None,
            };
            let recording = recording.ok_or(Error::Absent(Thing::Recording))?;
            match &recording.file_key {
                Some(other) if other == key => {}
                Some(_) => return Err(Error::Taken(Thing::Recording, Field::File)),
                None => {
                    work.set_recording_file(tenant, recording.id, key, size).await?;
                    // A file that nothing refers to goes after a day.
                    if let Some(stored) = work.blob_by_key(key).await?
                        && stored.blob.tenant == tenant
                    {
                        let by = BlobUse {
                            kind: Kind::Recording,
                            record: recording.id.get(),
                            owner: None,
                        };
                        work.use_blob(tenant, stored.blob.id, by).await?;
                    }
                    work.journal(Kind::Recording, recording.id.get(), ChangeType::Updated)
                        .await?;
                }
            }
            recording.id.get()
        })
    }
}
