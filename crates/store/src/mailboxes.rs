//! Voicemail boxes: how many messages lie in each.

use async_trait::async_trait;
use jackfield_domain::{Mailbox, TenantId};

use crate::Result;

/// Reading voicemail boxes.
#[async_trait]
pub trait MailboxReads: Send + Sync {
    /// Those of several users at once, by their ids; whose box nobody reported is left out.
    async fn mailboxes_among(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<Mailbox>>;
}

/// Changing them. They go with their user.
#[async_trait]
pub trait MailboxWrites: MailboxReads {
    /// Stores what lies in a box, in the place of what was known of it.
    async fn put_mailbox(&mut self, mailbox: &Mailbox) -> Result<()>;
}
