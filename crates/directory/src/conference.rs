//! What moves a meeting: an engine behind a narrow trait, and the one that is built in.

use async_trait::async_trait;
use jackfield_domain::{Conference, ConferenceCommand, ConferenceEvent, Error, Meeting, Result};
use jackfield_store::{Reads, Transaction};

/// Keeps the conferences of meetings.
///
/// Every command comes inside of the unit of work that journals it, so that what is acknowledged is on disk and what is
/// refused leaves no trace. An engine that moves sound and picture writes down there what it has to do, and does it after
/// the commit; it must not wait for anything but the transaction. Whoever joins and leaves is told to the directory by
/// reports, not by the engine's own hand.
#[async_trait]
pub trait ConferenceEngine: Send + Sync {
    /// The conference of a meeting as it is now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    async fn conference(&self, reads: &dyn Reads, meeting: &Meeting) -> Result<Conference>;

    /// Carries a command out. What happened comes in the order in which it did.
    ///
    /// # Errors
    /// [`Error::Conference`] for a command that the present state does not allow, `Absent(Participant)` and [`Error::Invalid`]
    /// for one that makes no sense: nothing has changed then, and the transaction still serves. Otherwise as above.
    async fn apply(
        &self,
        transaction: &mut dyn Transaction,
        meeting: &Meeting,
        command: ConferenceCommand,
    ) -> Result<Vec<ConferenceEvent>>;
}

/// The engine without media: it keeps the state of each conference in the store, so that a restart changes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeptConferences;

#[async_trait]
impl ConferenceEngine for KeptConferences {
    async fn conference(&self, reads: &dyn Reads, meeting: &Meeting) -> Result<Conference> {
        let room = reads.room(meeting.tenant, meeting.id).await?;
        Conference::restore(&meeting.settings, room)
            .ok_or_else(|| Error::internal("the stored state of a conference breaks its own rules"))
    }

    async fn apply(
        &self,
        transaction: &mut dyn Transaction,
        meeting: &Meeting,
        command: ConferenceCommand,
    ) -> Result<Vec<ConferenceEvent>> {
        let mut conference = self.conference(transaction.as_reads(), meeting).await?;
        let events = conference.apply(command)?;
        if !events.is_empty() {
            transaction
                .set_room(meeting.tenant, meeting.id, conference.room())
                .await?;
        }
        Ok(events)
    }
}
