//! The journal.

use async_trait::async_trait;
use jackfield_domain::{Actor, Change, ChangeType, Kind, TenantId, Timestamp, UserId};
use jackfield_store::{Error, JournalReads, JournalWrites, NewChange, Result};

use super::word;
use crate::db::{self, Engine, Row, Sql, SqlWrite};
use crate::store::{CHANNEL, Records, SqlTransaction, notice};

fn change(row: &Row<'_>) -> std::result::Result<Change, db::Error> {
    Ok(Change {
        tenant: TenantId::new(row.get(0)?),
        sequence: row.get(1)?,
        kind: word(Kind::from_word(row.text(2)?), "kind of record")?,
        record: row.get(3)?,
        change: word(ChangeType::from_word(row.text(4)?), "kind of change")?,
        actor: Actor {
            tenant: TenantId::new(row.get(5)?),
            user: row.get::<Option<i64>>(6)?.map(UserId::new),
        },
        at: Timestamp::from_micros(row.get(7)?),
        detail: row.get(8)?,
    })
}

#[async_trait]
impl<S: Sql, X: Send + Sync> JournalReads for Records<S, X> {
    async fn changes_after(&self, tenant: TenantId, after: i64, limit: i64) -> Result<Vec<Change>> {
        let sql = "SELECT tenant_id, sequence, kind, record, change, actor_tenant, actor_user, at, detail FROM journal \
                   WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
        let params = (tenant.get(), limit.max(0));
        Ok(self.sql.all(sql, &[&params.0, &after, &params.1], change).await?)
    }

    async fn last_change(&self, tenant: TenantId) -> Result<i64> {
        let sql = "SELECT sequence FROM journal_heads WHERE tenant_id = $1";
        let last = self.sql.one(sql, &[&tenant.get()], |row| row.get(0)).await?;
        Ok(last.unwrap_or(0))
    }

    async fn changes_of(
        &self,
        tenant: TenantId,
        kind: Kind,
        owner: Option<UserId>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, i64, ChangeType)>> {
        let sql = "SELECT sequence, record, change FROM journal \
                   WHERE tenant_id = $1 AND kind = $2 AND owner = $3 AND sequence > $4 ORDER BY sequence LIMIT $5";
        let params = (tenant.get(), owner.map_or(0, UserId::get), limit.max(0));
        let map = |row: &Row<'_>| {
            let change = word(ChangeType::from_word(row.text(2)?), "kind of change")?;
            Ok((row.get(0)?, row.get(1)?, change))
        };
        Ok(self
            .sql
            .all(sql, &[&params.0, &kind.word(), &params.1, &after, &params.2], map)
            .await?)
    }

    async fn last_change_of(&self, tenant: TenantId, kind: Kind, owner: Option<UserId>) -> Result<i64> {
        let sql = "SELECT sequence FROM journal WHERE tenant_id = $1 AND kind = $2 AND owner = $3 \
                   ORDER BY sequence DESC LIMIT 1";
        let params = (tenant.get(), owner.map_or(0, UserId::get));
        let last = self
            .sql
            .one(sql, &[&params.0, &kind.word(), &params.1], |row| row.get(0))
            .await?;
        Ok(last.unwrap_or(0))
    }
}

impl SqlTransaction {
    /// Counts the tenant's journal on.
    async fn next_sequence(&self) -> Result<i64> {
        let tenant = self.more.get();
        let next: Option<i64> = match self.sql.engine() {
            // As for the ids of records, two statements are cheaper here.
            Engine::Sqlite => {
                let sql = "SELECT sequence + 1 FROM journal_heads WHERE tenant_id = $1";
                let next = self.sql.one(sql, &[&tenant], |row| row.get(0)).await?;
                let sql = "UPDATE journal_heads SET sequence = $2 WHERE tenant_id = $1";
                self.sql.exec(sql, &[&tenant, &next]).await?;
                next
            }
            Engine::Postgres => {
                let sql = "UPDATE journal_heads SET sequence = sequence + 1 WHERE tenant_id = $1 RETURNING sequence";
                self.sql.one(sql, &[&tenant], |row| row.get(0)).await?
            }
        };
        next.ok_or(Error::Reference)
    }
}

#[async_trait]
impl JournalWrites for SqlTransaction {
    async fn append(&mut self, change: &NewChange) -> Result<i64> {
        let tenant = self.more;
        let sequence = self.next_sequence().await?;
        self.sql
            .exec(
                "INSERT INTO journal (tenant_id, sequence, kind, record, change, actor_tenant, actor_user, at, detail, \
                 owner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                &[
                    &tenant.get(),
                    &sequence,
                    &change.kind.word(),
                    &change.record,
                    &change.change.word(),
                    &change.actor.tenant.get(),
                    &change.actor.user.map(UserId::get),
                    &change.at.as_micros(),
                    &change.detail,
                    &change.owner.map_or(0, UserId::get),
                ],
            )
            .await?;
        self.announce(change.kind, change.record).await?;
        Ok(sequence)
    }

    /// Other processes on SQLite see that the file has changed, and ask for no name.
    async fn announce(&mut self, kind: Kind, record: i64) -> Result<()> {
        let notice = notice(self.more, kind, record);
        Ok(self.sql.notify(CHANNEL, &notice).await?)
    }
}
