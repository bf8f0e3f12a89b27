//! Sessions and their tokens.

use std::time::Duration;

use async_trait::async_trait;
use jackfield_domain::{
    Session, SessionId, SessionKind, TenantId, Timestamp, Token, TokenHash, TokenPurpose, UserId,
};
use jackfield_store::{Result, SessionReads, SessionWrites};

use super::{exists, word};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

/// The columns of a session, from the table `s`.
macro_rules! session_columns {
    () => {
        "s.tenant_id, s.id, s.user_id, s.kind, s.acting_in, s.created_at, s.expires_at, s.code_hash, s.code_tries, \
         s.idle_seconds, s.name"
    };
}

fn session(row: &Row<'_>) -> std::result::Result<Session, Error> {
    let code_hash: Option<Vec<u8>> = row.get(7)?;
    let code_tries: Option<i64> = row.get(8)?;
    Ok(Session {
        tenant: TenantId::new(row.get(0)?),
        id: SessionId::new(row.get(1)?),
        user: UserId::new(row.get(2)?),
        kind: word(SessionKind::from_word(row.text(3)?), "kind of session")?,
        acting_in: row.get::<Option<i64>>(4)?.map(TenantId::new),
        created_at: Timestamp::from_micros(row.get(5)?),
        expires_at: Timestamp::from_micros(row.get(6)?),
        code: match (code_hash, code_tries) {
            (Some(bytes), Some(tries)) => Some((hash(&bytes)?, tries)),
            _ => None,
        },
        idle: row
            .get::<Option<i64>>(9)?
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs),
        name: row.get(10)?,
    })
}

fn seconds(idle: Option<Duration>) -> Option<i64> {
    idle.and_then(|idle| i64::try_from(idle.as_secs()).ok())
}

fn hash(bytes: &[u8]) -> std::result::Result<TokenHash, Error> {
    bytes
        .try_into()
        .map_err(|_| Error::corrupt("a hash has not 32 bytes"))
}

#[async_trait]
impl<S: Sql, X: Send + Sync> SessionReads for Records<S, X> {
    async fn token(&self, wanted: &TokenHash) -> Result<Option<(Token, Session)>> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            ", t.purpose, t.expires_at, t.used_at \
             FROM tokens t JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id WHERE t.hash = $1"
        );
        let map = |row: &Row<'_>| {
            let session = session(row)?;
            let token = Token {
                tenant: session.tenant,
                session: session.id,
                hash: *wanted,
                purpose: word(TokenPurpose::from_word(row.text(11)?), "purpose of a token")?,
                expires_at: Timestamp::from_micros(row.get(12)?),
                used_at: row.get::<Option<i64>>(13)?.map(Timestamp::from_micros),
            };
            Ok((token, session))
        };
        Ok(self.sql.one(sql, &[&wanted.as_slice()], map).await?)
    }

    async fn api_tokens(&self, tenant: TenantId, user: UserId) -> Result<Vec<(TokenHash, Session)>> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            ", t.hash FROM sessions s JOIN tokens t ON t.tenant_id = s.tenant_id AND t.session_id = s.id \
             WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.name IS NOT NULL AND t.purpose = 'access' ORDER BY s.id"
        );
        let map = |row: &Row<'_>| {
            let bytes: Vec<u8> = row.get(11)?;
            Ok((hash(&bytes)?, session(row)?))
        };
        Ok(self.sql.all(sql, &[&tenant.get(), &user.get()], map).await?)
    }

    async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<Session>> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions s WHERE s.tenant_id = $1 AND s.id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], session).await?)
    }
}

#[async_trait]
impl SessionWrites for SqlTransaction {
    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let code = session.code.as_ref();
        self.sql
            .exec(
                "INSERT INTO sessions (tenant_id, id, user_id, kind, acting_in, created_at, expires_at, code_hash, \
                 code_tries, idle_seconds, name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                &[
                    &session.tenant.get(),
                    &session.id.get(),
                    &session.user.get(),
                    &session.kind.word(),
                    &session.acting_in.map(TenantId::get),
                    &session.created_at.as_micros(),
                    &session.expires_at.as_micros(),
                    &code.map(|(hash, _)| hash.as_slice()),
                    &code.map(|(_, tries)| *tries),
                    &seconds(session.idle),
                    &session.name,
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_session(&mut self, session: &Session) -> Result<()> {
        let code = session.code.as_ref();
        let changed = self
            .sql
            .exec(
                "UPDATE sessions SET kind = $3, acting_in = $4, expires_at = $5, code_hash = $6, code_tries = $7, \
                 idle_seconds = $8 WHERE tenant_id = $1 AND id = $2",
                &[
                    &session.tenant.get(),
                    &session.id.get(),
                    &session.kind.word(),
                    &session.acting_in.map(TenantId::get),
                    &session.expires_at.as_micros(),
                    &code.map(|(hash, _)| hash.as_slice()),
                    &code.map(|(_, tries)| *tries),
                    &seconds(session.idle),
                ],
            )
            .await?;
        exists(changed)
    }

    async fn renew_session(
        &mut self,
        tenant: TenantId,
        id: SessionId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        // Never to an earlier end: another node may have written a later use.
        let sql = "UPDATE sessions SET expires_at = CASE WHEN expires_at < $3 THEN $3 ELSE expires_at END \
                   WHERE tenant_id = $1 AND id = $2";
        let params = (tenant.get(), id.get(), expires_at.as_micros());
        Ok(self.sql.exec(sql, &[&params.0, &params.1, &params.2]).await? > 0)
    }

    async fn delete_session(&mut self, tenant: TenantId, id: SessionId) -> Result<bool> {
        let sql = "DELETE FROM sessions WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn delete_sessions_of_user(
        &mut self,
        tenant: TenantId,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>> {
        // No session has the id 0.
        let params = (tenant.get(), user.get(), except.map_or(0, SessionId::get));
        let sql = "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND id <> $3 RETURNING id";
        let mut ids = self
            .sql
            .all(sql, &[&params.0, &params.1, &params.2], |row| row.get(0))
            .await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(SessionId::new).collect())
    }

    async fn insert_token(&mut self, token: &Token) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO tokens (tenant_id, hash, session_id, purpose, expires_at, used_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &token.tenant.get(),
                    &token.hash.as_slice(),
                    &token.session.get(),
                    &token.purpose.word(),
                    &token.expires_at.as_micros(),
                    &token.used_at.map(Timestamp::as_micros),
                ],
            )
            .await?;
        Ok(())
    }

    async fn use_token(&mut self, tenant: TenantId, hash: &TokenHash, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE tokens SET used_at = $3 WHERE tenant_id = $1 AND hash = $2 AND used_at IS NULL";
        let params = (tenant.get(), now.as_micros());
        let used = self
            .sql
            .exec(sql, &[&params.0, &hash.as_slice(), &params.1])
            .await?;
        Ok(used > 0)
    }

    async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64> {
        let params = (self.more.get(), now.as_micros());
        // A tenth of the idle time, in microseconds; the first comparison lets the index serve.
        // The tokens first: those that go with their session would not be counted.
        let tokens = "DELETE FROM tokens WHERE tenant_id = $1 AND (expires_at < $2 OR session_id IN \
                      (SELECT id FROM sessions WHERE tenant_id = $1 AND expires_at < $2 \
                       AND expires_at + COALESCE(idle_seconds, 0) * 100000 < $2))";
        let sessions = "DELETE FROM sessions WHERE tenant_id = $1 AND expires_at < $2 \
                        AND expires_at + COALESCE(idle_seconds, 0) * 100000 < $2";
        let mut gone = 0;
        for sql in [tokens, sessions] {
            gone += self.sql.exec(sql, &[&params.0, &params.1]).await?;
        }
        Ok(gone)
    }
}
