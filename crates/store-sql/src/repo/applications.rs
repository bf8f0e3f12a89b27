//! Programs of others, what they were allowed, and their tokens.

use async_trait::async_trait;
use jackfield_domain::{
    Application, ApplicationAccess, ApplicationId, ApplicationKind, Authorization, AuthorizationId,
    AuthorizationToken, AuthorizationTokenKind, TenantId, Timestamp, TokenHash, UserId,
};
use jackfield_store::{ApplicationReads, ApplicationWrites, Result};

use super::{unstorable, word};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

/// The columns of a program, from the table `a`.
macro_rules! application_columns {
    () => {
        "a.tenant_id, a.id, a.client_id, a.name, a.kind, a.access, a.owner, a.redirect_uris, a.created_at"
    };
}

fn application(row: &Row<'_>) -> std::result::Result<Application, Error> {
    Ok(Application {
        tenant: TenantId::new(row.get(0)?),
        id: ApplicationId::new(row.get(1)?),
        client_id: row.get(2)?,
        name: row.get(3)?,
        kind: word(ApplicationKind::from_word(row.text(4)?), "kind of an application")?,
        access: word(
            ApplicationAccess::from_word(row.text(5)?),
            "access of an application",
        )?,
        owner: UserId::new(row.get(6)?),
        redirect_uris: row.text(7)?.lines().map(str::to_owned).collect(),
        created_at: Timestamp::from_micros(row.get(8)?),
    })
}

fn hash(bytes: &[u8]) -> std::result::Result<TokenHash, Error> {
    bytes
        .try_into()
        .map_err(|_| Error::corrupt("a hash has not 32 bytes"))
}

#[async_trait]
impl<S: Sql, X: Send + Sync> ApplicationReads for Records<S, X> {
    async fn application_by_client_id(&self, client_id: &str) -> Result<Option<(Application, TokenHash)>> {
        if unstorable(client_id) {
            return Ok(None);
        }
        let sql = concat!(
            "SELECT ",
            application_columns!(),
            ", a.secret_hash FROM applications a WHERE a.client_id = $1"
        );
        let map = |row: &Row<'_>| {
            let secret: Vec<u8> = row.get(9)?;
            Ok((application(row)?, hash(&secret)?))
        };
        Ok(self.sql.one(sql, &[&client_id], map).await?)
    }

    async fn applications(&self, tenant: TenantId) -> Result<Vec<Application>> {
        let sql = concat!(
            "SELECT ",
            application_columns!(),
            " FROM applications a WHERE a.tenant_id = $1 ORDER BY a.id"
        );
        Ok(self.sql.all(sql, &[&tenant.get()], application).await?)
    }

    async fn authorization_token(
        &self,
        wanted: &TokenHash,
    ) -> Result<Option<(AuthorizationToken, Authorization, Application)>> {
        let sql = concat!(
            "SELECT ",
            application_columns!(),
            ", z.id, z.user_id, z.created_at, z.expires_at, z.redirect_uri, z.challenge, \
             t.kind, t.created_at, t.expires_at, t.used_at FROM authorization_tokens t \
             JOIN authorizations z ON z.tenant_id = t.tenant_id AND z.id = t.authorization_id \
             JOIN applications a ON a.tenant_id = z.tenant_id AND a.id = z.application_id WHERE t.hash = $1"
        );
        let map = |row: &Row<'_>| {
            let application = application(row)?;
            let challenge: Option<Vec<u8>> = row.get(14)?;
            let authorization = Authorization {
                tenant: application.tenant,
                id: AuthorizationId::new(row.get(9)?),
                application: application.id,
                user: UserId::new(row.get(10)?),
                created_at: Timestamp::from_micros(row.get(11)?),
                expires_at: Timestamp::from_micros(row.get(12)?),
                redirect_uri: row.get(13)?,
                challenge: challenge.as_deref().map(hash).transpose()?,
            };
            let token = AuthorizationToken {
                tenant: authorization.tenant,
                authorization: authorization.id,
                hash: *wanted,
                kind: word(
                    AuthorizationTokenKind::from_word(row.text(15)?),
                    "kind of a token",
                )?,
                created_at: Timestamp::from_micros(row.get(16)?),
                expires_at: Timestamp::from_micros(row.get(17)?),
                used_at: row.get::<Option<i64>>(18)?.map(Timestamp::from_micros),
            };
            Ok((token, authorization, application))
        };
        Ok(self.sql.one(sql, &[&wanted.as_slice()], map).await?)
    }
}

#[async_trait]
impl ApplicationWrites for SqlTransaction {
    async fn insert_application(&mut self, application: &Application, secret: &TokenHash) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO applications (tenant_id, id, client_id, secret_hash, name, kind, access, owner, \
                 redirect_uris, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                &[
                    &application.tenant.get(),
                    &application.id.get(),
                    &application.client_id,
                    &secret.as_slice(),
                    &application.name,
                    &application.kind.word(),
                    &application.access.word(),
                    &application.owner.get(),
                    &application.redirect_uris.join("\n"),
                    &application.created_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn delete_application(&mut self, tenant: TenantId, id: ApplicationId) -> Result<bool> {
        let sql = "DELETE FROM applications WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn insert_authorization(&mut self, authorization: &Authorization) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO authorizations (tenant_id, id, application_id, user_id, created_at, expires_at, \
                 redirect_uri, challenge) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &authorization.tenant.get(),
                    &authorization.id.get(),
                    &authorization.application.get(),
                    &authorization.user.get(),
                    &authorization.created_at.as_micros(),
                    &authorization.expires_at.as_micros(),
                    &authorization.redirect_uri,
                    &authorization.challenge.as_ref().map(<[u8; 32]>::as_slice),
                ],
            )
            .await?;
        Ok(())
    }

    async fn prolong_authorization(
        &mut self,
        tenant: TenantId,
        id: AuthorizationId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let sql = "UPDATE authorizations SET expires_at = $3 WHERE tenant_id = $1 AND id = $2";
        let params = (tenant.get(), id.get(), expires_at.as_micros());
        Ok(self.sql.exec(sql, &[&params.0, &params.1, &params.2]).await? > 0)
    }

    async fn delete_authorization(&mut self, tenant: TenantId, id: AuthorizationId) -> Result<bool> {
        let sql = "DELETE FROM authorizations WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn delete_authorizations_of_user(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<AuthorizationId>> {
        let sql = "DELETE FROM authorizations WHERE tenant_id = $1 AND user_id = $2 RETURNING id";
        let mut ids = self
            .sql
            .all(sql, &[&tenant.get(), &user.get()], |row| row.get(0))
            .await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(AuthorizationId::new).collect())
    }

    async fn insert_authorization_token(&mut self, token: &AuthorizationToken) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO authorization_tokens (tenant_id, hash, authorization_id, kind, created_at, expires_at, \
                 used_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    &token.tenant.get(),
                    &token.hash.as_slice(),
                    &token.authorization.get(),
                    &token.kind.word(),
                    &token.created_at.as_micros(),
                    &token.expires_at.as_micros(),
                    &token.used_at.map(Timestamp::as_micros),
                ],
            )
            .await?;
        Ok(())
    }

    async fn use_authorization_token(
        &mut self,
        tenant: TenantId,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<bool> {
        let sql = "UPDATE authorization_tokens SET used_at = $3 \
                   WHERE tenant_id = $1 AND hash = $2 AND used_at IS NULL";
        let params = (tenant.get(), now.as_micros());
        let used = self
            .sql
            .exec(sql, &[&params.0, &hash.as_slice(), &params.1])
            .await?;
        Ok(used > 0)
    }

    async fn purge_authorizations(&mut self, now: Timestamp) -> Result<()> {
        let params = (self.more.get(), now.as_micros());
        for sql in [
            "DELETE FROM authorizations WHERE tenant_id = $1 AND expires_at < $2",
            "DELETE FROM authorization_tokens WHERE tenant_id = $1 AND expires_at < $2 AND kind = 'access'",
        ] {
            self.sql.exec(sql, &[&params.0, &params.1]).await?;
        }
        Ok(())
    }
}
