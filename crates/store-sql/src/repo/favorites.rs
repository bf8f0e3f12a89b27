//! What users have marked.

use async_trait::async_trait;
use jackfield_domain::{Kind, TenantId};
use jackfield_store::{FavoriteReads, FavoriteWrites, Marks, Result};

use super::{IDS, id_chunks, id_places};
use crate::db::{Param, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

/// The statement of `favorites_among`.
static AMONG: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    format!(
        "SELECT record FROM favorites WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND record IN ({})",
        id_places(4)
    )
});

#[async_trait]
impl<S: Sql, X: Send + Sync> FavoriteReads for Records<S, X> {
    async fn favorites_among(&self, marks: Marks, records: &[i64]) -> Result<Vec<i64>> {
        let params = (marks.tenant.get(), marks.user.get(), marks.kind.word());
        let mut found = Vec::new();
        for places in id_chunks(records) {
            let mut values: Vec<&dyn Param> = Vec::with_capacity(IDS + 3);
            values.extend([&params.0 as &dyn Param, &params.1, &params.2]);
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(
                self.sql
                    .all(AMONG.as_str(), &values, |row| row.get::<i64>(0))
                    .await?,
            );
        }
        found.sort_unstable();
        Ok(found)
    }
}

#[async_trait]
impl FavoriteWrites for SqlTransaction {
    async fn set_favorite(&mut self, marks: Marks, record: i64, marked: bool) -> Result<bool> {
        let sql = if marked {
            "INSERT INTO favorites (tenant_id, user_id, kind, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM favorites WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND record = $4"
        };
        let params = (marks.tenant.get(), marks.user.get(), marks.kind.word());
        let changed = self
            .sql
            .exec(sql, &[&params.0, &params.1, &params.2, &record])
            .await?;
        Ok(changed > 0)
    }

    async fn forget_favorites(&mut self, tenant: TenantId, kind: Kind, record: i64) -> Result<()> {
        let sql = "DELETE FROM favorites WHERE tenant_id = $1 AND kind = $2 AND record = $3";
        self.sql
            .exec(sql, &[&tenant.get(), &kind.word(), &record])
            .await?;
        Ok(())
    }
}
