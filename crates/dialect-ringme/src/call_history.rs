//! Calls that took place.

use std::collections::HashMap;

use axum::{Json, extract::State};
use jackfield_directory::{CallHistory, Directory};
use jackfield_domain::{
    CallDirection, CallRecord, CallRecordField, CallRecordId, Comparison, EndReason, ExtensionId, Field,
    Filter, Literal, Order, Query, Result, Rule, TenantId, Timestamp,
};
use jackfield_edge::{Input, Whole, read_moment, write_moment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    PathId, PathOf, QueryFields, Reply,
    listing::{self, Conditions, Texts},
    or_null,
    visitor::Visitor,
};

const FLOWS: &[&str] = &["in", "out"];
const ORDERS: &[&str] = &["asc", "desc"];

/// What the list can be asked for.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCalls {
    /// Only those that began then or later, in UTC.
    #[param(value_type = Option<String>, example = "2026-03-02 08:00:00")]
    start_datetime: Input<String>,
    /// Only those that began then or before, in UTC.
    #[param(value_type = Option<String>, example = "2026-03-02 18:00:00")]
    end_datetime: Input<String>,
    /// Only those that came from outside, `in`, or that an extension made, `out`.
    #[param(value_type = Option<Vec<String>>)]
    flow: Input<Texts>,
    /// Only those that this extension took part in.
    #[param(value_type = Option<i64>)]
    extension_id: Input<Whole>,
    /// Only those to one of these numbers.
    #[param(value_type = Option<Vec<String>>)]
    to_username: Input<Texts>,
    /// `asc`: those that began first come first; `desc`, which it is when it is left out: last.
    #[param(value_type = Option<String>, default = "desc")]
    order: Input<String>,
    /// Which page, from 1. One past the end is empty.
    #[param(value_type = Option<i32>, minimum = 1, default = 1)]
    page: Input<Whole>,
    /// How many rows a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 1000, default = 1000)]
    per_page: Input<Whole>,
}

impl ListCalls {
    fn query(self) -> Result<(Query<CallRecordField>, Option<ExtensionId>)> {
        use CallRecordField as F;
        let mut all = Conditions::new();
        let page = listing::page(self.page, self.per_page, all.found());
        for (input, place, comparison) in [
            (self.start_datetime, Field::StartedAt, Comparison::GreaterOrEqual),
            (self.end_datetime, Field::EndedAt, Comparison::LessOrEqual),
        ] {
            let moment = input
                .convert(|text| read_moment(&text).ok_or(Rule::Form("YYYY-MM-DD HH:MM:SS")))
                .optional(all.found(), place);
            if let Some(moment) = moment {
                // Answers show no more of a moment than its second, so all of that second counts.
                let (comparison, moment) = match comparison {
                    Comparison::LessOrEqual => {
                        (Comparison::Less, moment.plus(std::time::Duration::from_secs(1)))
                    }
                    other => (other, moment),
                };
                all.that(Filter::Compare(F::StartedAt, comparison, Literal::Time(moment)));
            }
        }
        all.texts(self.to_username, Field::Callee, F::Callee);
        if let Some(flows) = self.flow.optional(all.found(), Field::Direction) {
            if !flows.all_of(FLOWS) {
                all.found().add(Field::Direction, Rule::NotOneOf(FLOWS));
            }
            let directions = CallDirection::ALL.iter().filter(|one| flows.has(flow(**one)));
            let equal = |one: &CallDirection| {
                Filter::Compare(
                    F::Direction,
                    Comparison::Equal,
                    Literal::Text(one.word().to_owned()),
                )
            };
            all.any(directions.map(equal).collect());
        }
        let extension = self.extension_id.optional(all.found(), Field::Extension);
        let order = self
            .order
            .convert(|text| match text.to_ascii_lowercase().as_str() {
                "asc" => Ok(Order::Ascending),
                "desc" => Ok(Order::Descending),
                _ => Err(Rule::NotOneOf(ORDERS)),
            })
            .optional(all.found(), Field::OrderBy)
            .unwrap_or(Order::Descending);
        let query = Query {
            order: vec![(F::StartedAt, order)],
            ..all.query(page)?
        };
        Ok((query, extension.map(|Whole(id)| ExtensionId::new(id))))
    }
}

/// From outside, or made by an extension.
const fn flow(direction: CallDirection) -> &'static str {
    match direction {
        CallDirection::Inbound | CallDirection::InboundOutbound => "in",
        CallDirection::Outbound | CallDirection::Internal => "out",
    }
}

/// A call that took place. Times are in UTC.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryCall {
    /// Its id.
    #[schema(example = "100001")]
    call_uuid: String,
    /// `in` from outside, `out` when an extension made it.
    #[schema(example = "out")]
    flow: &'static str,
    /// When it began.
    #[schema(example = "2026-03-02 08:00:00")]
    init_time_gmt: String,
    /// The same.
    start_time_gmt: String,
    /// When it was answered; null when it was not.
    bridged_time_gmt: Option<String>,
    /// When it ended.
    hangup_time_gmt: String,
    /// Seconds from its beginning to its end.
    duration: i64,
    /// Whether it was answered.
    bridged: bool,
    /// Seconds from the answer to the end.
    bridged_duration: i64,
    /// The number that answered; null when none did.
    bridged_username: Option<String>,
    /// Its domain.
    bridged_domain: Option<String>,
    /// The extension whose call it is: the one that made it, else the one that was called. Null when that is none of the client's.
    extension_id: Option<i64>,
    /// Its name.
    extension_name: Option<String>,
    /// `phone`; null without an extension.
    extension_type: Option<&'static str>,
    /// Always null: extensions have no groups here.
    extension_group_owner_id: Option<i64>,
    /// The client.
    client_owner_id: i64,
    /// The calling number.
    from_username: String,
    /// Its domain.
    from_domain: String,
    /// Its name; null when it is not known.
    from_screen_name: Option<String>,
    /// The number that took the call, or was meant to.
    to_username: String,
    /// Its domain.
    to_domain: String,
    /// The number from outside that was called; null for other calls.
    did_number: Option<String>,
    /// Always null.
    did_domain: Option<String>,
    /// `bridged`, `busy`, `rejected`, `not answered` or `failed`.
    #[schema(example = "bridged")]
    result: &'static str,
    /// Why it ended, in the words of Q.850.
    #[schema(example = "NORMAL_CLEARING")]
    hangup_cause: &'static str,
    /// Who ended it: `caller_bye`, `callee_bye`, `caller_cancel`, `callee_refuse` or `internal_cancel`.
    #[schema(example = "caller_bye")]
    hangup_disposition: &'static str,
    /// Always empty.
    cdr: Vec<String>,
}

/// What became of a call: in a word, as a cause, and by whom.
fn outcome(record: &CallRecord) -> (&'static str, &'static str, &'static str) {
    let call = &record.call;
    let by = match call.end_reason {
        Some(EndReason::CallerDisconnected) => "caller_bye",
        Some(EndReason::CalleeDisconnected) => "callee_bye",
        Some(EndReason::Cancelled) => "caller_cancel",
        _ => "internal_cancel",
    };
    if call.answered_at.is_some() {
        return ("bridged", "NORMAL_CLEARING", by);
    }
    match call.status_code {
        486 | 600 => ("busy", "USER_BUSY", "callee_refuse"),
        603 => ("rejected", "CALL_REJECTED", "callee_refuse"),
        404 | 484 | 604 => ("failed", "UNALLOCATED_NUMBER", by),
        403 => ("failed", "OUTGOING_CALL_BARRED", by),
        487 => ("not answered", "ORIGINATOR_CANCEL", by),
        0 | 408 | 480 => ("not answered", "NO_ANSWER", by),
        _ => ("failed", "NETWORK_OUT_OF_ORDER", by),
    }
}

impl HistoryCall {
    fn of(record: CallRecord, extensions: &HashMap<String, ExtensionId>) -> Self {
        let (result, cause, by) = outcome(&record);
        let seconds = record.call.duration();
        let call = record.call;
        let own = [&call.caller, &call.callee]
            .iter()
            .find_map(|number| Some((extensions.get(*number)?.get(), name(record.tenant, number))));
        let (extension_id, extension_name) = own.unzip();
        let second = Timestamp::as_seconds;
        let answered = call.answered_at.is_some();
        Self {
            call_uuid: record.id.to_string(),
            flow: flow(call.direction),
            init_time_gmt: write_moment(call.started_at),
            start_time_gmt: write_moment(call.started_at),
            bridged_time_gmt: call.answered_at.map(write_moment),
            hangup_time_gmt: write_moment(call.ended_at),
            duration: second(call.ended_at) - second(call.started_at),
            bridged: answered,
            bridged_duration: seconds,
            bridged_username: answered.then(|| call.callee.clone()),
            bridged_domain: answered.then(|| call.callee_domain.clone()),
            extension_type: extension_id.map(|_| "phone"),
            extension_id,
            extension_name,
            extension_group_owner_id: None,
            client_owner_id: record.tenant.get(),
            from_username: call.caller,
            from_domain: call.caller_domain,
            from_screen_name: or_null(call.caller_display_name),
            to_username: call.callee,
            to_domain: call.callee_domain,
            did_number: or_null(call.did_cid),
            did_domain: None,
            result,
            hangup_cause: cause,
            hangup_disposition: by,
            cdr: Vec::new(),
        }
    }
}

/// The name of an extension: its number behind that of its client.
pub(crate) fn name(client: TenantId, number: &str) -> String {
    format!("{client}*{number}")
}

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryCalls {
    /// Which page this is.
    #[schema(minimum = 1)]
    page: i64,
    /// How many rows a page has.
    #[schema(minimum = 1)]
    per_page: i64,
    /// `asc` or `desc`.
    #[schema(example = "desc")]
    order: &'static str,
    /// The calls.
    call_history: Vec<HistoryCall>,
}

fn rows(history: CallHistory) -> impl Iterator<Item = HistoryCall> {
    let CallHistory { records, extensions } = history;
    records
        .items
        .into_iter()
        .map(move |record| HistoryCall::of(record, &extensions))
}

/// List calls
///
/// All of the client for who may see those, else one's own.
#[utoipa::path(
    get, path = "/{client_id}/call_history/", tag = "call history",
    params(("client_id" = String, Path, description = "The client, or `@me`."), ListCalls),
    responses((status = 200, body = HistoryCalls))
)]
pub(crate) async fn list(
    visitor: Visitor,
    State(directory): State<Directory>,
    params: QueryFields<ListCalls>,
) -> Reply<Json<HistoryCalls>> {
    let member = visitor.member()?;
    let (query, extension) = params.0.query()?;
    let (page, order) = (query.page, query.order.first().map(|(_, order)| *order));
    let history = directory.call_history(&member, query, extension).await?;
    Ok(Json(HistoryCalls {
        page: page.skip / page.take.max(1) + 1,
        per_page: page.take,
        order: if order == Some(Order::Ascending) {
            "asc"
        } else {
            "desc"
        },
        call_history: rows(history).collect(),
    }))
}

/// What a path names beside the client.
#[derive(Deserialize)]
pub(crate) struct Named {
    call_uuid: PathId,
}

/// Read a call
#[utoipa::path(
    get, path = "/{client_id}/call_history/{call_uuid}", tag = "call history",
    params(
        ("client_id" = String, Path, description = "The client, or `@me`."),
        ("call_uuid" = String, Path, description = "The call.")
    ),
    responses((status = 200, body = HistoryCall))
)]
pub(crate) async fn show(
    visitor: Visitor,
    State(directory): State<Directory>,
    named: PathOf<Named>,
) -> Reply<Json<HistoryCall>> {
    let id = CallRecordId::new(named.0.call_uuid.0);
    let history = directory.call_of_history(&visitor.member()?, id).await?;
    let mut rows = rows(history);
    Ok(Json(rows.next().ok_or(jackfield_domain::Error::Absent(
        jackfield_domain::Thing::CallRecord,
    ))?))
}
