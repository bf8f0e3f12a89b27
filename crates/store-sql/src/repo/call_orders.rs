//! What people ask of calls.

use async_trait::async_trait;
use jackfield_domain::{CallDeed, CallOrder, OrderOutcome, TenantId, Timestamp};
use jackfield_store::{CallOrderReads, CallOrderWrites, Result};

use super::word;
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

fn order(row: &Row<'_>) -> std::result::Result<CallOrder, Error> {
    let outcome = match row.text(8)? {
        "" => None,
        text => Some(word(OrderOutcome::from_word(text), "outcome of an order")?),
    };
    Ok(CallOrder {
        tenant: TenantId::new(row.get(0)?),
        id: row.get(1)?,
        deed: word(CallDeed::from_word(row.text(2)?), "deed of an order")?,
        call: row.get(3)?,
        number: row.get(4)?,
        target: row.get(5)?,
        created_at: Timestamp::from_micros(row.get(6)?),
        edge: row.get(7)?,
        outcome,
    })
}

macro_rules! select_orders {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, id, deed, call, number, target, created_at, edge, outcome FROM call_orders ",
            $rest
        )
    };
}

#[async_trait]
impl<S: Sql, X: Send + Sync> CallOrderReads for Records<S, X> {
    async fn pending_call_orders(&self) -> Result<Vec<CallOrder>> {
        let sql = select_orders!("WHERE edge = '' AND outcome = '' ORDER BY created_at, id");
        Ok(self.sql.all(sql, &[], order).await?)
    }

    async fn call_order(&self, tenant: TenantId, id: i64) -> Result<Option<CallOrder>> {
        let sql = select_orders!("WHERE tenant_id = $1 AND id = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &id], order).await?)
    }
}

#[async_trait]
impl CallOrderWrites for SqlTransaction {
    async fn insert_call_order(&mut self, order: &CallOrder) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO call_orders (tenant_id, id, deed, call, number, target, created_at, edge, outcome) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                &[
                    &order.tenant.get(),
                    &order.id,
                    &order.deed.word(),
                    &order.call,
                    &order.number,
                    &order.target,
                    &order.created_at.as_micros(),
                    &order.edge,
                    &order.outcome.map_or("", OrderOutcome::word),
                ],
            )
            .await?;
        Ok(())
    }

    async fn take_call_order(&mut self, tenant: TenantId, id: i64, edge: &str) -> Result<bool> {
        let sql = "UPDATE call_orders SET edge = $3 \
                   WHERE tenant_id = $1 AND id = $2 AND edge = '' AND outcome = ''";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id, &edge]).await? > 0)
    }

    async fn finish_call_order(
        &mut self,
        tenant: TenantId,
        id: i64,
        outcome: OrderOutcome,
        call: &str,
    ) -> Result<bool> {
        let sql = "UPDATE call_orders SET outcome = $3, call = $4 \
                   WHERE tenant_id = $1 AND id = $2 AND outcome = ''";
        let params = (tenant.get(), outcome.word());
        Ok(self.sql.exec(sql, &[&params.0, &id, &params.1, &call]).await? > 0)
    }

    async fn purge_call_orders(&mut self, tenant: TenantId, before: Timestamp) -> Result<()> {
        let sql = "DELETE FROM call_orders WHERE tenant_id = $1 AND created_at < $2";
        self.sql.exec(sql, &[&tenant.get(), &before.as_micros()]).await?;
        Ok(())
    }
}
