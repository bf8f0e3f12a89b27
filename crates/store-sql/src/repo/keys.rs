//! Keys of programs.

use async_trait::async_trait;
use jackfield_domain::{
    ApiKey, ApiKeyId, KeyOwner, KeyPermission, KeyPurpose, TenantId, Timestamp, TokenHash, UserId,
};
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
        owner: match row.get::<Option<i64>>(5)? {
            Some(user) => Some(KeyOwner {
                user: UserId::new(user),
                permissions: permissions(row.text(6)?)?,
            }),
            None => None,
        },
    })
}

fn permissions(words: &str) -> std::result::Result<Vec<KeyPermission>, Error> {
    words
        .split_whitespace()
        .map(|text| word(KeyPermission::from_word(text), "permission of a key"))
        .collect()
}

#[async_trait]
impl<S: Sql, X: Send + Sync> KeyReads for Records<S, X> {
    async fn api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>> {
        let sql = "SELECT tenant_id, id, purpose, name, created_at, user_id, permissions FROM api_keys WHERE hash = $1";
        Ok(self.sql.one(sql, &[&hash.as_slice()], key).await?)
    }

    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>> {
        let sql = "SELECT tenant_id, id, purpose, name, created_at, user_id, permissions FROM api_keys \
                   WHERE tenant_id = $1 ORDER BY id";
        Ok(self.sql.all(sql, &[&tenant.get()], key).await?)
    }
}

#[async_trait]
impl KeyWrites for SqlTransaction {
    async fn insert_api_key(&mut self, key: &ApiKey, hash: &TokenHash) -> Result<()> {
        let owner = key.owner.as_ref();
        let permissions = owner.map_or_else(String::new, |owner| {
            let words: Vec<&str> = owner.permissions.iter().map(|one| one.word()).collect();
            words.join(" ")
        });
        self.sql
            .exec(
                "INSERT INTO api_keys (tenant_id, id, purpose, name, hash, created_at, user_id, permissions) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &key.tenant.get(),
                    &key.id.get(),
                    &key.purpose.word(),
                    &key.name,
                    &hash.as_slice(),
                    &key.created_at.as_micros(),
                    &owner.map(|owner| owner.user.get()),
                    &permissions,
                ],
            )
            .await?;
        Ok(())
    }

    async fn delete_api_key(&mut self, tenant: TenantId, id: ApiKeyId) -> Result<bool> {
        let sql = "DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn delete_api_keys_of_user(&mut self, tenant: TenantId, user: UserId) -> Result<Vec<ApiKeyId>> {
        let sql = "DELETE FROM api_keys WHERE tenant_id = $1 AND user_id = $2 RETURNING id";
        let mut ids = self
            .sql
            .all(sql, &[&tenant.get(), &user.get()], |row| row.get(0))
            .await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(ApiKeyId::new).collect())
    }
}
