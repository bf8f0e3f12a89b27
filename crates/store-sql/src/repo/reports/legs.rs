//! The legs of call records.

use std::sync::LazyLock;

use jackfield_domain::{CallLeg, CallRecordId, LegResult, TenantId, Timestamp};
use jackfield_store::Result;

use super::{
    Type::{self, Number, Text},
    insert_rows, insert_statements,
};
use crate::db::{Cell, Error, Row, Sql, Tx};
use crate::repo::word;

const COLUMNS: [(&str, Type); 14] = [
    ("tenant_id", Number),
    ("record_id", Number),
    ("place", Number),
    ("number", Text),
    ("device", Text),
    ("trunk", Text),
    ("path", Text),
    ("because", Text),
    ("started_at", Number),
    ("rang_at", Number),
    ("answered_at", Number),
    ("ended_at", Number),
    ("result", Text),
    ("status_code", Number),
];

static INSERT: LazyLock<[String; 2]> = LazyLock::new(|| insert_statements("call_legs", &COLUMNS));

fn leg(row: &Row<'_>) -> std::result::Result<CallLeg, Error> {
    Ok(CallLeg {
        number: row.get(0)?,
        device: row.get(1)?,
        trunk: row.get(2)?,
        path: row.text(3)?.split_whitespace().map(str::to_owned).collect(),
        because: row.get(4)?,
        started_at: Timestamp::from_micros(row.get(5)?),
        rang_at: row.get::<Option<i64>>(6)?.map(Timestamp::from_micros),
        answered_at: row.get::<Option<i64>>(7)?.map(Timestamp::from_micros),
        ended_at: Timestamp::from_micros(row.get(8)?),
        result: word(LegResult::from_word(row.text(9)?), "result of a leg")?,
        status_code: row.get(10)?,
    })
}

/// Reads the legs of a record.
pub(super) async fn read<S: Sql>(sql: &S, tenant: TenantId, record: CallRecordId) -> Result<Vec<CallLeg>> {
    let text = "SELECT number, device, trunk, path, because, started_at, rang_at, answered_at, ended_at, result, status_code \
                FROM call_legs WHERE tenant_id = $1 AND record_id = $2 ORDER BY place";
    Ok(sql.all(text, &[&tenant.get(), &record.get()], leg).await?)
}

/// Stores the legs of a record.
pub(super) async fn insert(tx: &Tx, tenant: TenantId, record: CallRecordId, legs: &[CallLeg]) -> Result<()> {
    // No number holds a space: what was dialled is compacted.
    let paths: Vec<String> = legs.iter().map(|leg| leg.path.join(" ")).collect();
    let mut rows = Vec::with_capacity(legs.len());
    for ((place, leg), path) in (0_i64..).zip(legs).zip(&paths) {
        rows.push(vec![
            Cell::Number(tenant.get()),
            Cell::Number(record.get()),
            Cell::Number(place),
            (&leg.number).into(),
            (&leg.device).into(),
            (&leg.trunk).into(),
            path.into(),
            (&leg.because).into(),
            leg.started_at.as_micros().into(),
            leg.rang_at.map(Timestamp::as_micros).into(),
            leg.answered_at.map(Timestamp::as_micros).into(),
            leg.ended_at.as_micros().into(),
            leg.result.word().into(),
            leg.status_code.into(),
        ]);
    }
    insert_rows(tx, &INSERT, &rows).await
}
