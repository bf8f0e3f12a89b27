//! What engines report and keep nothing of: calls, recordings, messages.
//!
//! A report comes in once, in a batch, and does not change. Each belongs to the tenant and to the users it is about; for each
//! of them it has a number, one above the last, in the order of the tenant's commits. Lists go down these numbers, and a
//! follower remembers the last that he has read.

use async_trait::async_trait;
use jackfield_domain::{
    BlobKey, CallLeg, CallRecord, CallRecordField, CallRecordId, ChatMessage, ChatMessageField, Listing,
    Message, MessageField, Query, Recording, RecordingField, RecordingId, TenantId, Timestamp, UserId,
};

use crate::Result;

/// The kinds of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the nouns of the domain")]
pub enum ReportKind {
    CallRecord,
    Recording,
    Message,
    ChatMessage,
}

/// Whose reports: those about one user, or all of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// The tenant.
    pub tenant: TenantId,
    /// The user; none for the whole tenant.
    pub user: Option<UserId>,
}

/// Reading reports. A list without an order has the latest report first.
#[async_trait]
pub trait ReportReads: Send + Sync {
    /// Those of these external ids that a report of the tenant has, each with the id of that report.
    async fn reported_among(
        &self,
        tenant: TenantId,
        kind: ReportKind,
        external_ids: &[&str],
    ) -> Result<Vec<(String, i64)>>;

    /// Those of these folded names that users sign in with, each with that user.
    async fn users_by_names(&self, tenant: TenantId, folded: &[&str]) -> Result<Vec<(String, UserId)>>;

    /// The call record of this id, if it is in this history.
    async fn call_record(&self, of: History, id: i64) -> Result<Option<CallRecord>>;

    /// Call records as a query asks for them. A search looks at numbers and names of both sides, and at the number dialled.
    async fn list_call_records(
        &self,
        of: History,
        query: &Query<CallRecordField>,
    ) -> Result<Listing<CallRecord>>;

    /// Call records numbered above `after`, each with its number, in that order; only those that started at or after
    /// `since` if asked.
    async fn call_records_after(
        &self,
        of: History,
        after: i64,
        since: Option<Timestamp>,
        limit: i64,
    ) -> Result<Vec<(i64, CallRecord)>>;

    /// The number of the last call record; 0 before the first.
    async fn last_call_record(&self, of: History) -> Result<i64>;

    /// The legs of a call record of the tenant, in the order in which they were asked.
    async fn call_legs(&self, tenant: TenantId, record: CallRecordId) -> Result<Vec<CallLeg>>;

    /// The recording of this id, if it is in this history.
    async fn recording(&self, of: History, id: i64) -> Result<Option<Recording>>;

    /// Recordings as a query asks for them. A search looks at the numbers of both sides.
    async fn list_recordings(&self, of: History, query: &Query<RecordingField>)
    -> Result<Listing<Recording>>;

    /// The message of this id, if it is in this history.
    async fn message(&self, of: History, id: i64) -> Result<Option<Message>>;

    /// Messages as a query asks for them. A search looks at both sides, the channel and the text.
    async fn list_messages(&self, of: History, query: &Query<MessageField>) -> Result<Listing<Message>>;

    /// The chat message of this id, if it is in this history.
    async fn chat_message(&self, of: History, id: i64) -> Result<Option<ChatMessage>>;

    /// Chat messages as a query asks for them. A search looks at both sides and the text.
    async fn list_chat_messages(
        &self,
        of: History,
        query: &Query<ChatMessageField>,
    ) -> Result<Listing<ChatMessage>>;
}

/// Writing reports: in few statements, however many they are. They are all of the transaction's tenant, their ids ascend, and
/// no external id occurs twice or is stored already.
#[async_trait]
pub trait ReportWrites: ReportReads {
    /// Stores call records.
    async fn insert_call_records(&mut self, records: &[&CallRecord]) -> Result<()>;

    /// Stores the legs of a call record of the tenant, which has none yet.
    async fn insert_call_legs(
        &mut self,
        tenant: TenantId,
        record: CallRecordId,
        legs: &[CallLeg],
    ) -> Result<()>;

    /// Stores recordings.
    async fn insert_recordings(&mut self, recordings: &[&Recording]) -> Result<()>;

    /// Stores messages.
    async fn insert_messages(&mut self, messages: &[&Message]) -> Result<()>;

    /// Stores chat messages.
    async fn insert_chat_messages(&mut self, messages: &[&ChatMessage]) -> Result<()>;

    /// Says where the file of a recording is.
    async fn set_recording_file(
        &mut self,
        tenant: TenantId,
        id: RecordingId,
        key: &BlobKey,
        size: i64,
    ) -> Result<()>;

    /// Removes a recording. Tells whether it was there.
    async fn delete_recording(&mut self, tenant: TenantId, id: RecordingId) -> Result<bool>;
}
