//! Collections.

#![expect(
    clippy::similar_names,
    reason = "`shelf` is the word for it, and `self` is the language's"
)]

use async_trait::async_trait;
use jackfield_domain::{Listing, Page, Timestamp, UserId};
use jackfield_store::{OwnedReads, OwnedRecord, OwnedWrites, Result, Shelf};

use super::{exists, id_chunks, id_places};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

macro_rules! select_owned {
    ($rest:literal) => {
        concat!(
            "SELECT id, key, document, created_at, version FROM owned_records \
             WHERE tenant_id = $1 AND collection = $2 AND owner = $3 ",
            $rest
        )
    };
}

fn record(row: &Row<'_>) -> std::result::Result<OwnedRecord, Error> {
    Ok(OwnedRecord {
        id: row.get(0)?,
        key: row.get(1)?,
        document: row.get(2)?,
        created_at: Timestamp::from_micros(row.get(3)?),
        version: row.get(4)?,
    })
}

/// The key of the owner: no user has the id 0.
fn owner_key(shelf: Shelf) -> i64 {
    shelf.owner.map_or(0, UserId::get)
}

#[async_trait]
impl<S: Sql, X: Send + Sync> OwnedReads for Records<S, X> {
    async fn owned(&self, shelf: Shelf, id: i64) -> Result<Option<OwnedRecord>> {
        let params = (shelf.tenant.get(), owner_key(shelf));
        let sql = select_owned!("AND id = $4");
        Ok(self
            .sql
            .one(sql, &[&params.0, &shelf.collection, &params.1, &id], record)
            .await?)
    }

    async fn list_owned(&self, shelf: Shelf, page: Page) -> Result<Listing<OwnedRecord>> {
        let params = (
            shelf.tenant.get(),
            owner_key(shelf),
            page.take.max(0),
            page.skip.max(0),
        );
        let sql = select_owned!("ORDER BY id LIMIT $4 OFFSET $5");
        let values: [&dyn Param; 5] = [&params.0, &shelf.collection, &params.1, &params.2, &params.3];
        let items = self.sql.all(sql, &values, record).await?;
        let total = self.count_owned(shelf).await?;
        Ok(Listing { items, total })
    }

    async fn count_owned(&self, shelf: Shelf) -> Result<i64> {
        let params = (shelf.tenant.get(), owner_key(shelf));
        let sql =
            "SELECT COUNT(*) FROM owned_records WHERE tenant_id = $1 AND collection = $2 AND owner = $3";
        let count = self
            .sql
            .one(sql, &[&params.0, &shelf.collection, &params.1], |row| row.get(0))
            .await?;
        Ok(count.unwrap_or(0))
    }

    async fn owned_among(&self, shelf: Shelf, ids: &[i64]) -> Result<Vec<OwnedRecord>> {
        let params = (shelf.tenant.get(), owner_key(shelf));
        let mut found = Vec::with_capacity(ids.len());
        for places in id_chunks(ids) {
            let mut values: Vec<&dyn Param> = vec![&params.0, &shelf.collection, &params.1];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(self.sql.all(AMONG.as_str(), &values, record).await?);
        }
        found.sort_unstable_by_key(|record: &OwnedRecord| record.id);
        Ok(found)
    }
}

/// The statement of `owned_among`.
static AMONG: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| format!(select_owned!("AND id IN ({})"), id_places(4)));

#[async_trait]
impl OwnedWrites for SqlTransaction {
    async fn insert_owned(&mut self, shelf: Shelf, record: &OwnedRecord) -> Result<bool> {
        let inserted = self
            .sql
            .exec(
                "INSERT INTO owned_records (tenant_id, collection, owner, id, owner_user, key, created_at, version, \
                 document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                &[
                    &shelf.tenant.get(),
                    &shelf.collection,
                    &owner_key(shelf),
                    &record.id,
                    &shelf.owner.map(UserId::get),
                    &record.key,
                    &record.created_at.as_micros(),
                    &record.version,
                    &record.document,
                ],
            )
            .await?;
        Ok(inserted > 0)
    }

    async fn update_owned(&mut self, shelf: Shelf, record: &OwnedRecord) -> Result<bool> {
        let params = (shelf.tenant.get(), owner_key(shelf));
        if let Some(key) = &record.key {
            // The transaction is alone in changing the tenant, so what is free now stays free until its end.
            let sql = "SELECT 1 FROM owned_records WHERE tenant_id = $1 AND collection = $2 AND owner = $3 AND key = $4 \
                       AND id <> $5";
            let values: [&dyn Param; 5] = [&params.0, &shelf.collection, &params.1, key, &record.id];
            if self
                .sql
                .one(sql, &values, |row| row.get::<i64>(0))
                .await?
                .is_some()
            {
                return Ok(false);
            }
        }
        let changed = self
            .sql
            .exec(
                "UPDATE owned_records SET key = $5, version = $6, document = $7 \
                 WHERE tenant_id = $1 AND collection = $2 AND owner = $3 AND id = $4",
                &[
                    &params.0,
                    &shelf.collection,
                    &params.1,
                    &record.id,
                    &record.key,
                    &record.version,
                    &record.document,
                ],
            )
            .await?;
        exists(changed)?;
        Ok(true)
    }

    async fn delete_owned(&mut self, shelf: Shelf, id: i64) -> Result<bool> {
        let sql =
            "DELETE FROM owned_records WHERE tenant_id = $1 AND collection = $2 AND owner = $3 AND id = $4";
        let params = (shelf.tenant.get(), owner_key(shelf));
        Ok(self
            .sql
            .exec(sql, &[&params.0, &shelf.collection, &params.1, &id])
            .await?
            > 0)
    }
}
