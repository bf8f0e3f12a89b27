//! The numbers of a tenant.

use async_trait::async_trait;
use jackfield_domain::TenantId;
use jackfield_store::{NumberKind, NumberReads, NumberWrites, Result};

use super::{unstorable, word};
use crate::db::{Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

#[async_trait]
impl<S: Sql, X: Send + Sync> NumberReads for Records<S, X> {
    async fn number(&self, tenant: TenantId, number: &str) -> Result<Option<NumberKind>> {
        if unstorable(number) {
            return Ok(None);
        }
        let sql = "SELECT kind FROM numbers WHERE tenant_id = $1 AND number = $2";
        Ok(self
            .sql
            .one(sql, &[&tenant.get(), &number], |row| {
                word(NumberKind::from_word(row.text(0)?), "kind of a number")
            })
            .await?)
    }

    async fn numbers_between(&self, tenant: TenantId, first: &str, last: &str) -> Result<Vec<String>> {
        if unstorable(first) || unstorable(last) {
            return Ok(Vec::new());
        }
        // Digits of one length have the order of the numbers that they write.
        let sql = "SELECT number FROM numbers WHERE tenant_id = $1 AND number >= $2 AND number <= $3 \
                   AND LENGTH(number) = LENGTH($2) ORDER BY number";
        Ok(self
            .sql
            .all(sql, &[&tenant.get(), &first, &last], |row| row.get(0))
            .await?)
    }
}

#[async_trait]
impl NumberWrites for SqlTransaction {
    async fn claim_number(&mut self, tenant: TenantId, number: &str, kind: NumberKind) -> Result<()> {
        let sql = "INSERT INTO numbers (tenant_id, number, kind) VALUES ($1, $2, $3)";
        self.sql
            .exec(sql, &[&tenant.get(), &number, &kind.word()])
            .await?;
        Ok(())
    }

    async fn release_number(&mut self, tenant: TenantId, number: &str) -> Result<bool> {
        let sql = "DELETE FROM numbers WHERE tenant_id = $1 AND number = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &number]).await? > 0)
    }
}
