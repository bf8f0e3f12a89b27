//! What engines report: calls, registrations, messages, recordings.
//!
//! A report comes in batches. Each item is judged for itself, the good ones are stored in one unit of work, and an item whose
//! id of the engine is known already is answered as done: an engine that lost an answer sends the batch again.

mod meetings;
pub(crate) mod registrations;

use jackfield_domain::{
    BlobKey, Error, NewCallRecord, NewChatMessage, NewLiveCall, NewMessage, NewRecording, Reporter, Result,
};

use crate::Directory;

/// What became of one item of a batch, in the order of the batch.
#[derive(Debug)]
pub enum Reported {
    /// It is stored, under this id.
    New(i64),
    /// It took the place of what was reported before and has this id: only of live calls and
    /// registrations, which have a present state.
    Replaced(i64),
    /// It was reported before and has this id; nothing was changed.
    Known(i64),
    /// It breaks a rule and was left out; the others of the batch are not concerned.
    Refused(Error),
}

/// Until the store keeps reports, nothing that takes one is mounted anywhere.
const SOON: Error = Error::NotConfigured("this server does not keep reports yet");

#[expect(
    clippy::unused_async,
    reason = "the store of reports comes next; its callers can already be written"
)]
impl Directory {
    /// Stores calls that took place. All of the batch that is new is on disk when this returns, in one commit; an item with
    /// an external id that the tenant has already is `Known`, also when the other one is of the same batch.
    ///
    /// # Errors
    /// Only when the store fails; then nothing of the batch is stored, and it may be sent again.
    pub async fn report_call_records(&self, _: &Reporter, _: Vec<NewCallRecord>) -> Result<Vec<Reported>> {
        Err(SOON)
    }

    /// Stores recordings without their files, as [`report_call_records`](Self::report_call_records) stores calls.
    ///
    /// # Errors
    /// As there.
    pub async fn report_recordings(&self, _: &Reporter, _: Vec<NewRecording>) -> Result<Vec<Reported>> {
        Err(SOON)
    }

    /// Says where the file of a recording is. Handing in the same key again is no change.
    ///
    /// # Errors
    /// `Absent(Recording)` for an external id that was not reported; `Taken(Recording, File)` when it has another file.
    pub async fn attach_recording_file(
        &self,
        _: &Reporter,
        _external_id: &str,
        _: &BlobKey,
        _size: i64,
    ) -> Result<i64> {
        Err(SOON)
    }

    /// Stores messages through outside channels, as [`report_call_records`](Self::report_call_records) stores calls.
    ///
    /// # Errors
    /// As there.
    pub async fn report_messages(&self, _: &Reporter, _: Vec<NewMessage>) -> Result<Vec<Reported>> {
        Err(SOON)
    }

    /// Stores messages between users, as [`report_call_records`](Self::report_call_records) stores calls.
    ///
    /// # Errors
    /// As there.
    pub async fn report_chat_messages(&self, _: &Reporter, _: Vec<NewChatMessage>) -> Result<Vec<Reported>> {
        Err(SOON)
    }

    /// Stores the present state of calls that are going on. Of several items about one call the last counts; one that says
    /// that the call is over removes it, and is `Known` with id 0 when there was no such call.
    ///
    /// # Errors
    /// As of [`report_call_records`](Self::report_call_records).
    pub async fn report_live_calls(&self, _: &Reporter, _: Vec<NewLiveCall>) -> Result<Vec<Reported>> {
        Err(SOON)
    }
}
