//! Reports of recordings, and their files, which come afterwards.

use jackfield_domain::{
    ChangeType, Error, Field, Kind, MediaType, NewRecording, Recording, RecordingId, Reporter, Result, Rule,
    TenantId, Thing, Violation, Violations,
};
use jackfield_store::{BlobUse, History, Reads, ReportKind, Sequence};

use super::{Batch, Report, Reported, Users, store_batch};
use crate::{
    Directory,
    blobs::{Arrived, Incoming},
    work::in_work,
};

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

    /// Takes in the file of a recording, streamed, and tells the id of the recording. The same content again changes nothing;
    /// another one takes its place.
    ///
    /// # Errors
    /// `Absent(Recording)` for an external id that was not reported, or whose recording was removed;
    /// [`Error::Invalid`] for what is no sound, for a file without bytes and for one that did not arrive whole;
    /// [`Error::TooLarge`]. Nothing is stored then.
    pub async fn put_recording_file(
        &self,
        reporter: &Reporter,
        external_id: &str,
        source: &mut dyn Incoming,
    ) -> Result<i64> {
        let tenant = reporter.tenant();
        // Before a long file comes in for nothing.
        reported(self.store().as_reads(), tenant, external_id).await?;
        let arrived = self.receive(tenant, source).await?;
        let outcome = if arrived.media_type.is_some_and(MediaType::is_audio) {
            self.attach(reporter, external_id, &arrived).await
        } else {
            let rule = Rule::Form("a sound file, WAV or MP3");
            Err(Error::invalid(Violation::new(Field::File, rule)))
        };
        match outcome {
            Ok((id, true)) => Ok(id),
            Ok((id, false)) => {
                self.discard(&arrived.name).await;
                Ok(id)
            }
            Err(error) => {
                self.discard(&arrived.name).await;
                Err(error)
            }
        }
    }

    /// Makes a content the file of a recording, unless its file has this content already.
    async fn attach(&self, reporter: &Reporter, external_id: &str, arrived: &Arrived) -> Result<(i64, bool)> {
        let tenant = reporter.tenant();
        in_work!(self, tenant, reporter.caller().actor(), |work| {
            let recording = reported(work.as_reads(), tenant, external_id).await?;
            let id = recording.id.get();
            let before = match &recording.file_key {
                Some(key) => work.blob_by_key(key).await?,
                None => None,
            };
            let is_new = before.is_none_or(|before| before.blob.digest != arrived.digest);
            if is_new {
                let now = work.now();
                work.release_blobs(tenant, Kind::Recording, id, now).await?;
                let blob = self
                    .insert_blob(&mut work, None, &recording.recording.file_name, arrived)
                    .await?;
                let size = i64::try_from(blob.size).unwrap_or(i64::MAX);
                work.set_recording_file(tenant, recording.id, &blob.key, size)
                    .await?;
                let by = BlobUse {
                    kind: Kind::Recording,
                    record: id,
                    owner: None,
                };
                work.use_blob(tenant, blob.id, by).await?;
                work.journal(Kind::Recording, id, ChangeType::Updated).await?;
            }
            (id, is_new)
        })
    }
}

/// The recording that was reported under an external id.
async fn reported(reads: &dyn Reads, tenant: TenantId, external_id: &str) -> Result<Recording> {
    let known = reads
        .reported_among(tenant, ReportKind::Recording, &[external_id])
        .await?;
    let whole = History { tenant, user: None };
    let recording = match known.first() {
        Some((_, id)) => reads.recording(whole, *id).await?,
        None => None,
    };
    recording.ok_or(Error::Absent(Thing::Recording))
}
