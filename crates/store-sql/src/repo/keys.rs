//! Keys of programs.

use async_trait::async_trait;
use jackfield_domain::{ApiKey, ApiKeyId, KeyPurpose, TenantId, Timestamp, TokenHash};
use jackfield_store::{KeyReads, KeyWrites, Result};

use super::word;
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

fn key(row: &Row<'_>) -> std::result::Result<ApiKey, Error> {
    Ok(ApiKey {
        tenant: TenantId::new(row.get(0)?),
        id: ApiKeyId::new(row.get(1)?),
        purpose: word(KeyPurpose::from_word(row.text(2)?), "purpose of a key")?,
        name: row.get(3)?,
        created_at: Timestamp::from_micros(row.get(4)?),
    })
}

#[async_trait]
impl<S: Sql, X: Send + Sync> KeyReads for Records<S, X> {
    async fn api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>> {
        let sql = "SELECT tenant_id, id, purpose, name, created_at FROM api_keys WHERE hash = $1";
        Ok(self.sql.one(sql, &[&hash.as_slice()], key).await?)
    }

    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>> {
        let sql =
            "SELECT tenant_id, id, purpose, name, created_at FROM api_keys WHERE tenant_id = $1 ORDER BY id";
        Ok(self.sql.all(sql, &[&tenant.get()], key).await?)
    }
}

#[async_trait]
impl KeyWrites for SqlTransaction {
    async fn insert_api_key(&mut self, key: &ApiKey, hash: &TokenHash) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO api_keys (tenant_id, id, purpose, name, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &key.tenant.get(),
                    &key.id.get(),
                    &key.purpose.word(),
                    &key.name,
                    &hash.as_slice(),
                    &key.created_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn delete_api_key(&mut self, tenant: TenantId, id: ApiKeyId) -> Result<bool> {
        let sql = "DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }
}
