//! Calls that are going on.

use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{
    CallDirection, LiveCall, LiveCallId, LiveCallState, NewLiveCall, OngoingCall, TenantId, Timestamp, UserId,
};
use jackfield_store::{LiveCallReads, LiveCallWrites, Result};

use super::{
    reports::{
        Type::{self, Number, Text},
        given, insert_rows, insert_statements,
    },
    word,
};
use crate::db::{Cell, Error, Many, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

const COLUMNS: [(&str, Type); 16] = [
    ("tenant_id", Number),
    ("external_id", Text),
    ("id", Number),
    ("caller_user", Number),
    ("callee_user", Number),
    ("state", Text),
    ("direction", Text),
    ("caller", Text),
    ("caller_display_name", Text),
    ("callee", Text),
    ("callee_display_name", Text),
    ("destination", Text),
    ("trunk", Text),
    ("started_at", Number),
    ("answered_at", Number),
    ("updated_at", Number),
];

/// The statements, each for SQLite and for PostgreSQL.
struct Statements {
    put: [String; 2],
    among: [String; 2],
    end: [String; 2],
}

static STATEMENTS: LazyLock<Statements> = LazyLock::new(|| {
    let renewed: Vec<String> = COLUMNS
        .iter()
        .skip(2)
        .map(|(name, _)| format!("{name} = excluded.{name}"))
        .collect();
    let replace = format!(
        " ON CONFLICT (tenant_id, external_id) DO UPDATE SET {}",
        renewed.join(", ")
    );
    Statements {
        put: insert_statements("live_calls", &COLUMNS).map(|text| text + &replace),
        among: given("TEXT").map(|given| {
            format!(
                "SELECT given.value, c.id FROM {given} CROSS JOIN live_calls AS c \
                 WHERE c.external_id = given.value AND c.tenant_id = $1"
            )
        }),
        end: given("TEXT").map(|given| {
            format!(
                "DELETE FROM live_calls WHERE tenant_id = $1 AND external_id IN (SELECT given.value FROM {given})"
            )
        }),
    }
});

fn live_call(row: &Row<'_>) -> std::result::Result<LiveCall, Error> {
    Ok(LiveCall {
        tenant: TenantId::new(row.get(0)?),
        id: LiveCallId::new(row.get(2)?),
        caller_user: row.get::<Option<i64>>(3)?.map(UserId::new),
        callee_user: row.get::<Option<i64>>(4)?.map(UserId::new),
        call: NewLiveCall {
            external_id: row.get(1)?,
            state: word(LiveCallState::from_word(row.text(5)?), "state of a call")?,
            direction: word(CallDirection::from_word(row.text(6)?), "direction of a call")?,
            caller: row.get(7)?,
            caller_display_name: row.get(8)?,
            callee: row.get(9)?,
            callee_display_name: row.get(10)?,
            destination: row.get(11)?,
            trunk: row.get(12)?,
            started_at: Timestamp::from_micros(row.get(13)?),
            answered_at: row.get::<Option<i64>>(14)?.map(Timestamp::from_micros),
        },
        updated_at: Timestamp::from_micros(row.get(15)?),
    })
}

fn cells(call: &LiveCall) -> Vec<Cell<'_>> {
    let report = &call.call;
    vec![
        call.tenant.get().into(),
        (&report.external_id).into(),
        call.id.get().into(),
        call.caller_user.map(UserId::get).into(),
        call.callee_user.map(UserId::get).into(),
        report.state.word().into(),
        report.direction.word().into(),
        (&report.caller).into(),
        (&report.caller_display_name).into(),
        (&report.callee).into(),
        (&report.callee_display_name).into(),
        (&report.destination).into(),
        (&report.trunk).into(),
        report.started_at.as_micros().into(),
        report.answered_at.map(Timestamp::as_micros).into(),
        call.updated_at.as_micros().into(),
    ]
}

macro_rules! select_calls {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, external_id, id, caller_user, callee_user, state, direction, caller, \
             caller_display_name, callee, callee_display_name, destination, trunk, started_at, answered_at, \
             updated_at FROM live_calls WHERE tenant_id = $1 AND updated_at > $2 ",
            $rest,
            "ORDER BY id"
        )
    };
}

#[async_trait]
impl<S: Sql, X: Send + Sync> LiveCallReads for Records<S, X> {
    async fn live_calls(
        &self,
        tenant: TenantId,
        user: Option<UserId>,
        silent_since: Timestamp,
    ) -> Result<Vec<LiveCall>> {
        let params = (tenant.get(), silent_since.as_micros());
        let found = match user.map(UserId::get) {
            None => {
                let sql = select_calls!("");
                self.sql.all(sql, &[&params.0, &params.1], live_call).await
            }
            Some(user) => {
                let sql = select_calls!("AND (caller_user = $3 OR callee_user = $3) ");
                self.sql.all(sql, &[&params.0, &params.1, &user], live_call).await
            }
        };
        Ok(found?)
    }

    async fn ongoing_calls(&self, tenant: TenantId, silent_since: Timestamp) -> Result<Vec<OngoingCall>> {
        // Nearly all of them are young: with the plus SQLite reads them one after the other instead of by their ages.
        let sql = "SELECT caller_user, callee_user, state, destination, trunk FROM live_calls \
                   WHERE tenant_id = $1 AND +updated_at > $2";
        let params = (tenant.get(), silent_since.as_micros());
        let read = |row: &Row<'_>| {
            Ok(OngoingCall {
                caller_user: row.get::<Option<i64>>(0)?.map(UserId::new),
                callee_user: row.get::<Option<i64>>(1)?.map(UserId::new),
                state: word(LiveCallState::from_word(row.text(2)?), "state of a call")?,
                destination: row.get(3)?,
                trunk: row.get(4)?,
            })
        };
        Ok(self.sql.all(sql, &[&params.0, &params.1], read).await?)
    }

    async fn live_calls_among(&self, tenant: TenantId, external_ids: &[&str]) -> Result<Vec<(String, i64)>> {
        self.given(&STATEMENTS.among, tenant, external_ids, |id| id).await
    }
}

#[async_trait]
impl LiveCallWrites for SqlTransaction {
    async fn put_live_calls(&mut self, calls: &[&LiveCall]) -> Result<()> {
        let rows: Vec<Vec<Cell<'_>>> = calls.iter().map(|call| cells(call)).collect();
        insert_rows(&self.sql, &STATEMENTS.put, &rows).await
    }

    async fn end_live_calls(&mut self, tenant: TenantId, external_ids: &[&str]) -> Result<()> {
        if external_ids.is_empty() {
            return Ok(());
        }
        let sql = super::reports::of(self.sql.engine(), &STATEMENTS.end);
        let (tenant, ids) = (tenant.get(), Many(external_ids.to_vec()));
        self.sql.exec(sql, &[&tenant, &ids]).await?;
        Ok(())
    }

    async fn purge_live_calls(&mut self, tenant: TenantId, silent_since: Timestamp) -> Result<()> {
        let sql = "DELETE FROM live_calls WHERE tenant_id = $1 AND updated_at <= $2";
        self.sql
            .exec(sql, &[&tenant.get(), &silent_since.as_micros()])
            .await?;
        Ok(())
    }
}
