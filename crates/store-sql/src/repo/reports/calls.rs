//! Call records.

use std::sync::LazyLock;

use jackfield_domain::{
    CallDirection, CallRecord, CallRecordField, CallRecordId, EndReason, Money, NewCallRecord, RerouteReason,
    TenantId, Timestamp, UserId, text::fold,
};

use super::{
    Report, Tables,
    Type::{self, Number, Text},
};
use crate::db::{Cell, Error, Row};
use crate::query::Columns;
use crate::repo::word;

impl Columns for CallRecordField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Caller => "caller",
            Self::CallerDomain => "caller_domain",
            Self::CallerDisplayName => "caller_display_name",
            Self::Callee => "callee",
            Self::CalleeDomain => "callee_domain",
            Self::CalleeDisplayName => "callee_display_name",
            Self::StartedAt => "started_at",
            Self::RangAt => "rang_at",
            Self::AnsweredAt => "answered_at",
            Self::EndedAt => "ended_at",
            Self::CallId => "call_id",
            Self::Direction => "direction",
            Self::EndReason => "end_reason",
            Self::RerouteReason => "reroute_reason",
            Self::StatusCode => "status_code",
            Self::Destination => "destination",
            Self::OutboundCallerId => "outbound_caller_id",
            Self::DidCid => "did_cid",
            Self::Trunk => "trunk",
            Self::Duration => "duration",
            Self::ServiceNumber => "service_number",
        }
    }

    fn nullable(self) -> bool {
        matches!(self, Self::RangAt | Self::AnsweredAt)
    }
}

/// A word that may be missing, which is empty text.
fn optional<T>(text: &str, read: fn(&str) -> Option<T>, what: &str) -> Result<Option<T>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    word(read(text), what).map(Some)
}

fn moment(row: &Row<'_>, index: usize) -> Result<Timestamp, Error> {
    Ok(Timestamp::from_micros(row.get(index)?))
}

impl Report for CallRecord {
    type Field = CallRecordField;

    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("external_id", Text),
        ("caller_user", Number),
        ("callee_user", Number),
        ("caller", Text),
        ("caller_domain", Text),
        ("caller_display_name", Text),
        ("callee", Text),
        ("callee_domain", Text),
        ("callee_display_name", Text),
        ("started_at", Number),
        ("rang_at", Number),
        ("answered_at", Number),
        ("ended_at", Number),
        ("call_id", Text),
        ("direction", Text),
        ("end_reason", Text),
        ("reroute_reason", Text),
        ("status_code", Number),
        ("destination", Text),
        ("outbound_caller_id", Text),
        ("did_cid", Text),
        ("trunk", Text),
        ("service_number", Text),
        ("user_data", Text),
        ("cost", Number),
        ("billed_account", Text),
        ("created_at", Number),
        ("search_text", Text),
    ];
    const MORE: &'static str = ", CASE WHEN r.answered_at IS NULL THEN 0 \
                                ELSE (r.ended_at - r.answered_at) / 1000000 END AS duration";
    const USERS: [&'static str; 2] = ["caller_user", "callee_user"];
    const ID: CallRecordField = CallRecordField::Id;

    fn tables() -> &'static Tables {
        static TABLES: LazyLock<Tables> =
            LazyLock::new(|| Tables::of::<CallRecord>("call_records", "call_record_entries"));
        &TABLES
    }

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn users(&self) -> [Option<UserId>; 2] {
        [self.caller_user, self.callee_user]
    }

    fn at(&self) -> Timestamp {
        self.call.started_at
    }

    fn search_text(&self) -> String {
        let call = &self.call;
        fold(
            &[
                call.caller.as_str(),
                &call.caller_display_name,
                &call.callee,
                &call.callee_display_name,
                &call.destination,
            ]
            .join("\n"),
        )
    }

    fn cells<'a>(&'a self, search_text: &'a str) -> Vec<Cell<'a>> {
        let call = &self.call;
        vec![
            (&call.external_id).into(),
            self.caller_user.map(UserId::get).into(),
            self.callee_user.map(UserId::get).into(),
            (&call.caller).into(),
            (&call.caller_domain).into(),
            (&call.caller_display_name).into(),
            (&call.callee).into(),
            (&call.callee_domain).into(),
            (&call.callee_display_name).into(),
            call.started_at.as_micros().into(),
            call.rang_at.map(Timestamp::as_micros).into(),
            call.answered_at.map(Timestamp::as_micros).into(),
            call.ended_at.as_micros().into(),
            (&call.call_id).into(),
            call.direction.word().into(),
            call.end_reason.map_or("", EndReason::word).into(),
            call.reroute_reason.map_or("", RerouteReason::word).into(),
            call.status_code.into(),
            (&call.destination).into(),
            (&call.outbound_caller_id).into(),
            (&call.did_cid).into(),
            (&call.trunk).into(),
            (&call.service_number).into(),
            (&call.user_data).into(),
            call.cost.units().into(),
            (&call.billed_account).into(),
            self.created_at.as_micros().into(),
            search_text.into(),
        ]
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            tenant: TenantId::new(row.get(0)?),
            id: CallRecordId::new(row.get(1)?),
            caller_user: row.get::<Option<i64>>(3)?.map(UserId::new),
            callee_user: row.get::<Option<i64>>(4)?.map(UserId::new),
            call: NewCallRecord {
                external_id: row.get(2)?,
                caller: row.get(5)?,
                caller_domain: row.get(6)?,
                caller_display_name: row.get(7)?,
                callee: row.get(8)?,
                callee_domain: row.get(9)?,
                callee_display_name: row.get(10)?,
                started_at: moment(row, 11)?,
                rang_at: row.get::<Option<i64>>(12)?.map(Timestamp::from_micros),
                answered_at: row.get::<Option<i64>>(13)?.map(Timestamp::from_micros),
                ended_at: moment(row, 14)?,
                call_id: row.get(15)?,
                direction: word(CallDirection::from_word(row.text(16)?), "direction of a call")?,
                end_reason: optional(row.text(17)?, EndReason::from_word, "end of a call")?,
                reroute_reason: optional(row.text(18)?, RerouteReason::from_word, "reason of a call")?,
                status_code: row.get(19)?,
                destination: row.get(20)?,
                outbound_caller_id: row.get(21)?,
                did_cid: row.get(22)?,
                trunk: row.get(23)?,
                service_number: row.get(24)?,
                user_data: row.get(25)?,
                cost: Money::from_units(row.get(26)?),
                billed_account: row.get(27)?,
            },
            created_at: moment(row, 28)?,
        })
    }
}
