//! Voicemail boxes.

use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{Mailbox, MessageCounts, TenantId, Timestamp, UserId};
use jackfield_store::{MailboxReads, MailboxWrites, Result};

use super::{id_chunks, id_places};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

static AMONG: LazyLock<String> = LazyLock::new(|| {
    let places = id_places(2);
    format!(
        "SELECT tenant_id, user_id, new_messages, old_messages, urgent_new, urgent_old, updated_at FROM mailboxes \
         WHERE tenant_id = $1 AND user_id IN ({places})"
    )
});

fn mailbox(row: &Row<'_>) -> std::result::Result<Mailbox, Error> {
    Ok(Mailbox {
        tenant: TenantId::new(row.get(0)?),
        user: UserId::new(row.get(1)?),
        messages: MessageCounts {
            new: row.get(2)?,
            old: row.get(3)?,
            urgent_new: row.get(4)?,
            urgent_old: row.get(5)?,
        },
        updated_at: Timestamp::from_micros(row.get(6)?),
    })
}

#[async_trait]
impl<S: Sql, X: Send + Sync> MailboxReads for Records<S, X> {
    async fn mailboxes_among(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<Mailbox>> {
        let tenant = tenant.get();
        let mut found = Vec::new();
        for places in id_chunks(users) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(self.sql.all(AMONG.as_str(), &values, mailbox).await?);
        }
        found.sort_unstable_by_key(|mailbox: &Mailbox| mailbox.user);
        Ok(found)
    }
}

#[async_trait]
impl MailboxWrites for SqlTransaction {
    async fn put_mailbox(&mut self, mailbox: &Mailbox) -> Result<()> {
        let messages = &mailbox.messages;
        self.sql
            .exec(
                "INSERT INTO mailboxes (tenant_id, user_id, new_messages, old_messages, urgent_new, urgent_old, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (tenant_id, user_id) DO UPDATE SET new_messages = excluded.new_messages, \
                 old_messages = excluded.old_messages, urgent_new = excluded.urgent_new, \
                 urgent_old = excluded.urgent_old, updated_at = excluded.updated_at",
                &[
                    &mailbox.tenant.get(),
                    &mailbox.user.get(),
                    &messages.new,
                    &messages.old,
                    &messages.urgent_new,
                    &messages.urgent_old,
                    &mailbox.updated_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }
}
