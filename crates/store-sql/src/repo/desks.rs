//! The desks of users, and reservations.

use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{DeskSettings, Reservation, TenantId, Timestamp, UserId};
use jackfield_store::{DeskReads, DeskWrites, Result, decode_desk, encode_desk};

use super::{ByCount, document, id_chunks};
use crate::db::{Param, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

#[async_trait]
impl<S: Sql, X: Send + Sync> DeskReads for Records<S, X> {
    async fn desk(&self, tenant: TenantId, user: UserId) -> Result<Option<DeskSettings>> {
        let sql = "SELECT settings FROM desks WHERE tenant_id = $1 AND user_id = $2";
        let params = (tenant.get(), user.get());
        Ok(self
            .sql
            .one(sql, &[&params.0, &params.1], |row| {
                document(decode_desk(row.text(0)?))
            })
            .await?)
    }

    async fn reservation(&self, tenant: TenantId, user: UserId) -> Result<Option<Reservation>> {
        let sql = "SELECT channel, ends_at FROM reservations WHERE tenant_id = $1 AND user_id = $2";
        let params = (tenant.get(), user.get());
        Ok(self
            .sql
            .one(sql, &[&params.0, &params.1], |row| {
                Ok(Reservation {
                    tenant,
                    user,
                    channel: row.get(0)?,
                    ends_at: Timestamp::from_micros(row.get(1)?),
                })
            })
            .await?)
    }
}

/// The statement of `end_reservations`.
static END: LazyLock<ByCount> = LazyLock::new(|| {
    ByCount::new(2, |places| {
        format!("DELETE FROM reservations WHERE tenant_id = $1 AND user_id IN ({places})")
    })
});

#[async_trait]
impl DeskWrites for SqlTransaction {
    async fn put_desk(&mut self, tenant: TenantId, user: UserId, settings: &DeskSettings) -> Result<()> {
        let sql = "INSERT INTO desks (tenant_id, user_id, settings) VALUES ($1, $2, $3) \
                   ON CONFLICT (tenant_id, user_id) DO UPDATE SET settings = excluded.settings";
        let params = (tenant.get(), user.get(), encode_desk(settings));
        self.sql.exec(sql, &[&params.0, &params.1, &params.2]).await?;
        Ok(())
    }

    async fn put_reservation(&mut self, reservation: &Reservation) -> Result<()> {
        let sql = "INSERT INTO reservations (tenant_id, user_id, channel, ends_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (tenant_id, user_id) DO UPDATE SET channel = excluded.channel, \
                   ends_at = excluded.ends_at";
        self.sql
            .exec(
                sql,
                &[
                    &reservation.tenant.get(),
                    &reservation.user.get(),
                    &reservation.channel,
                    &reservation.ends_at.as_micros(),
                ],
            )
            .await?;
        Ok(())
    }

    async fn end_reservations(&mut self, tenant: TenantId, users: &[UserId]) -> Result<()> {
        let tenant = tenant.get();
        let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
        let (sql, size) = END.fitting(ids.len());
        for places in id_chunks(&ids) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().take(size).map(|id| id as &dyn Param));
            self.sql.exec(sql, &values).await?;
        }
        Ok(())
    }
}
