//! Meetings and the state of their conferences.

use async_trait::async_trait;
use jackfield_domain::{
    Listing, Meeting, MeetingField, MeetingId, ParticipantId, Query, Room, TenantId, UserId,
};

use crate::Result;

/// A meeting as it is stored. The PINs among its settings are none: they lie sealed beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRecord {
    /// The meeting.
    pub meeting: Meeting,
    /// The sealed PIN of the chairman; empty without one.
    pub sealed_admin_pin: Vec<u8>,
    /// The sealed PIN of the room; empty without one.
    pub sealed_room_pin: Vec<u8>,
    /// Counts what is told to the invited people, from 0: the sequence number of the calendar entry.
    pub invitation: i64,
}

/// Reading meetings.
#[async_trait]
pub trait MeetingReads: Send + Sync {
    /// The meeting of this id in this tenant.
    async fn meeting(&self, tenant: TenantId, id: MeetingId) -> Result<Option<MeetingRecord>>;

    /// Meetings that a user organizes or is invited to, as a query asks for them. A search looks at subject and number.
    async fn list_meetings(
        &self,
        tenant: TenantId,
        user: UserId,
        query: &Query<MeetingField>,
    ) -> Result<Listing<MeetingRecord>>;

    /// All meetings that a user organizes or is invited to, by their ids.
    async fn meetings_with(&self, tenant: TenantId, user: UserId) -> Result<Vec<MeetingRecord>>;

    /// What the conference of a meeting consists of, while it goes on.
    async fn room(&self, tenant: TenantId, meeting: MeetingId) -> Result<Option<Room>>;

    /// Who was let into the conference that goes on, or the last one, under this id of the engine's.
    async fn visit(
        &self,
        tenant: TenantId,
        meeting: MeetingId,
        external_id: &str,
    ) -> Result<Option<ParticipantId>>;
}

/// Changing meetings.
#[async_trait]
pub trait MeetingWrites: MeetingReads {
    /// Stores a new meeting, whose number was claimed before.
    ///
    /// # Errors
    /// `Reference` when the organizer, an invited user or the number is not there.
    async fn insert_meeting(&mut self, record: &MeetingRecord) -> Result<()>;

    /// Stores a changed meeting. The caller has counted its version up.
    ///
    /// # Errors
    /// `Reference` when it, or an invited user, is not there.
    async fn update_meeting(&mut self, record: &MeetingRecord) -> Result<()>;

    /// Removes a meeting with its conference, and releases its number. Tells whether it was there.
    async fn delete_meeting(&mut self, tenant: TenantId, id: MeetingId) -> Result<bool>;

    /// Stores what the conference of a meeting consists of now, or that it is over.
    ///
    /// # Errors
    /// `Reference` when there is no such meeting.
    async fn set_room(&mut self, tenant: TenantId, meeting: MeetingId, room: Option<&Room>) -> Result<()>;

    /// Notes under which id of the engine's somebody was let in.
    async fn insert_visit(
        &mut self,
        tenant: TenantId,
        meeting: MeetingId,
        external_id: &str,
        participant: ParticipantId,
    ) -> Result<()>;

    /// Forgets who was let in: a new conference begins.
    async fn forget_visits(&mut self, tenant: TenantId, meeting: MeetingId) -> Result<()>;
}
