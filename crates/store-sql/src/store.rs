//! The store and its transactions.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use jackfield_domain::{Kind, TenantId};
use jackfield_store::{Error, Result, Sequence, Store, Transaction};
use tokio::sync::Mutex;

use crate::db::{Config, Db, Engine, ExternalChanges, Listener, Notice, Sql, SqlWrite as _, Tx};
use crate::migrate::MigrateError;

/// Where nodes on one PostgreSQL tell each other what changed.
pub(crate) const CHANNEL: &str = "jackfield";

/// How often SQLite is asked whether another process has written. A person who uses the command line beside the server
/// sees the effect at once; the question costs microseconds.
const POLL: Duration = Duration::from_millis(250);

/// How many notices one answer of `foreign_changes` holds at most.
const NOTICES: usize = 1024;

/// The repositories over something that runs SQL, with what they need beside it: a [`SqlStore`] or a [`SqlTransaction`].
///
/// One generic type, because the reading half of each repository is the same with and without a transaction.
pub struct Records<S, X> {
    pub(crate) sql: S,
    pub(crate) more: X,
}

/// The store on SQLite or PostgreSQL.
pub type SqlStore = Records<Db, Changes>;

/// A transaction of a [`SqlStore`], with the tenant that it is for.
pub type SqlTransaction = Records<Tx, TenantId>;

/// Where the store hears of changes by other processes.
pub struct Changes(Mutex<Source>);

enum Source {
    /// Nobody has asked yet.
    Closed,
    Lite(ExternalChanges),
    Pg(Listener),
}

impl SqlStore {
    /// Opens the database, creating it if it is a file that is absent, and brings it to the schema of this build.
    ///
    /// # Errors
    /// See [`MigrateError`]; each of them is a reason not to start.
    pub async fn open(config: &Config) -> std::result::Result<Self, MigrateError> {
        let sql = Db::open(config).await?;
        sql.migrate().await?;
        Ok(Self {
            sql,
            more: Changes(Mutex::new(Source::Closed)),
        })
    }

    /// Writes a copy of the database, as of now, to a new file at `path`; work goes on meanwhile.
    ///
    /// # Errors
    /// `Internal` when the file exists, or on PostgreSQL, which has `pg_dump` for this; `Unavailable` when it cannot be
    /// written. The cause says which, in words for the administrator.
    pub async fn backup_to(&self, path: &Path) -> Result<()> {
        Ok(self.sql.backup_to(path).await?)
    }

    /// The database itself, for measurements and maintenance.
    pub fn db(&self) -> &Db {
        &self.sql
    }
}

#[async_trait]
impl Store for SqlStore {
    /// On PostgreSQL it locks the row of the tenant's journal; on SQLite there is one writer anyway. A tenant that does not
    /// exist has no such row: the transaction opens, and whatever it writes for that tenant fails with `Reference`.
    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn Transaction>> {
        let sql = self.sql.begin().await?;
        if sql.engine() == Engine::Postgres {
            let lock = "SELECT sequence FROM journal_heads WHERE tenant_id = $1 FOR UPDATE";
            sql.one(lock, &[&tenant.get()], |row| row.get::<i64>(0)).await?;
        }
        Ok(Box::new(SqlTransaction { sql, more: tenant }))
    }

    async fn ping(&self) -> Result<()> {
        self.sql.one("SELECT 1", &[], |row| row.get::<i64>(0)).await?;
        Ok(())
    }

    async fn master_key_proof(&self, proposed: &[u8]) -> Result<Vec<u8>> {
        let insert = "INSERT INTO installation (tenant_id, master_key_proof) VALUES (0, $1) \
                      ON CONFLICT (tenant_id) DO NOTHING";
        let tx = self.sql.begin().await?;
        tx.exec(insert, &[&proposed]).await?;
        let kept = tx
            .one(
                "SELECT master_key_proof FROM installation WHERE tenant_id = 0",
                &[],
                |row| row.get(0),
            )
            .await?;
        tx.commit().await?;
        kept.ok_or_else(|| Error::Internal("the installation has lost its row".into()))
    }

    /// The first call begins to listen and answers at once with an empty list: what happened before is not known. SQLite
    /// cannot tell what changed. PostgreSQL tells of this process's own changes too.
    async fn foreign_changes(&self) -> Result<Vec<(TenantId, Kind, i64)>> {
        let mut source = self.more.0.lock().await;
        match &mut *source {
            Source::Closed => {
                *source = match (
                    self.sql.external_changes().await?,
                    self.sql.listen(CHANNEL).await?,
                ) {
                    (Some(watch), _) => Source::Lite(watch),
                    (None, Some(listener)) => Source::Pg(listener),
                    (None, None) => return Err(unheard()),
                };
            }
            Source::Lite(watch) => {
                while !watch.poll().await? {
                    tokio::time::sleep(POLL).await;
                }
            }
            Source::Pg(listener) => return heard(listener).await,
        }
        Ok(Vec::new())
    }
}

/// The next notices, as many as have arrived.
async fn heard(listener: &mut Listener) -> Result<Vec<(TenantId, Kind, i64)>> {
    let mut changes = Vec::new();
    let mut next = listener.recv().await.ok_or_else(unheard)?;
    loop {
        match next {
            Notice::Payload(text) => match parse(&text) {
                Some(change) => changes.push(change),
                // A node of a later version may tell of what this one does not know.
                None => return Ok(Vec::new()),
            },
            Notice::Reconnected => return Ok(Vec::new()),
        }
        if changes.len() >= NOTICES {
            return Ok(changes);
        }
        match listener.recv().now_or_never() {
            Some(Some(notice)) => next = notice,
            _ => return Ok(changes),
        }
    }
}

fn unheard() -> Error {
    Error::Unavailable("changes by other processes cannot be heard any more".into())
}

/// What other nodes are told of a change.
pub(crate) fn notice(tenant: TenantId, kind: Kind, record: i64) -> String {
    format!("{tenant}:{}:{record}", kind.word())
}

fn parse(notice: &str) -> Option<(TenantId, Kind, i64)> {
    let mut parts = notice.splitn(3, ':');
    let tenant = parts.next()?.parse().ok()?;
    let kind = Kind::from_word(parts.next()?)?;
    let record = parts.next()?.parse().ok()?;
    Some((TenantId::new(tenant), kind, record))
}

#[async_trait]
impl Transaction for SqlTransaction {
    fn scope(&self) -> TenantId {
        self.more
    }

    async fn next_id(&mut self, sequence: Sequence) -> Result<i64> {
        let id = match self.sql.engine() {
            // Nobody else writes meanwhile, and two statements cost half of what `RETURNING` does, which makes a table for
            // its rows each time.
            Engine::Sqlite => {
                let sql = "SELECT last + 1 FROM sequences WHERE name = $1";
                let next: Option<i64> = self.sql.one(sql, &[&sequence.word()], |row| row.get(0)).await?;
                let sql = "UPDATE sequences SET last = $2 WHERE name = $1";
                self.sql.exec(sql, &[&sequence.word(), &next]).await?;
                next
            }
            Engine::Postgres => self.sql.one(nextval(sequence), &[], |row| row.get(0)).await?,
        };
        id.ok_or_else(|| no_sequence(sequence))
    }

    async fn next_ids(&mut self, sequence: Sequence, count: usize) -> Result<Vec<i64>> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if count == 0 {
            return Ok(Vec::new());
        }
        match self.sql.engine() {
            Engine::Sqlite => {
                let sql = "UPDATE sequences SET last = last + $2 WHERE name = $1 RETURNING last";
                let last: Option<i64> = self
                    .sql
                    .one(sql, &[&sequence.word(), &count], |row| row.get(0))
                    .await?;
                let last = last.ok_or_else(|| no_sequence(sequence))?;
                Ok((last - count + 1..=last).collect())
            }
            Engine::Postgres => {
                let sql = format!(
                    "{} FROM generate_series(1, CAST($1 AS BIGINT))",
                    nextval(sequence)
                );
                let mut ids: Vec<i64> = self.sql.all(&sql, &[&count], |row| row.get(0)).await?;
                ids.sort_unstable();
                Ok(ids)
            }
        }
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(self.sql.commit().await?)
    }
}

fn no_sequence(sequence: Sequence) -> Error {
    Error::Internal(format!("there is no sequence of {} ids", sequence.word()).into())
}

fn nextval(sequence: Sequence) -> &'static str {
    match sequence {
        Sequence::Tenant => "SELECT nextval('tenant_ids')",
        Sequence::User => "SELECT nextval('user_ids')",
        Sequence::Extension => "SELECT nextval('extension_ids')",
        Sequence::Role => "SELECT nextval('role_ids')",
        Sequence::Group => "SELECT nextval('group_ids')",
        Sequence::Session => "SELECT nextval('session_ids')",
        Sequence::Item => "SELECT nextval('item_ids')",
        Sequence::CallRecord => "SELECT nextval('call_record_ids')",
        Sequence::Recording => "SELECT nextval('recording_ids')",
        Sequence::Message => "SELECT nextval('message_ids')",
        Sequence::ChatMessage => "SELECT nextval('chat_message_ids')",
        Sequence::LiveCall => "SELECT nextval('live_call_ids')",
        Sequence::CallQueue => "SELECT nextval('call_queue_ids')",
        Sequence::RingGroup => "SELECT nextval('ring_group_ids')",
        Sequence::Provider => "SELECT nextval('provider_ids')",
        Sequence::ApiKey => "SELECT nextval('api_key_ids')",
        Sequence::Application => "SELECT nextval('application_ids')",
        Sequence::Authorization => "SELECT nextval('authorization_ids')",
        Sequence::Blob => "SELECT nextval('blob_ids')",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_back_and_strange_ones_are_not_misread() {
        for kind in Kind::ALL {
            let tenant = TenantId::new(100_001);
            assert_eq!(parse(&notice(tenant, *kind, 7)), Some((tenant, *kind, 7)));
        }
        for strange in ["", "1:user", "1:ghost:2", "x:user:2", "1:user:2:3"] {
            assert_eq!(parse(strange), None, "{strange}");
        }
    }
}
