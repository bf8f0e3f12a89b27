//! The calls that a user has made and received.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{CallRecord, CallRecordField, Error, UserId};
use jackfield_edge::write_moment;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{Params, Reply, Target, envelope::Many, listing::ListParams};

/// A call that took place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cdr {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// Whose record this is.
    user_id: i64,
    /// `O` when the user called, `I` when he was called, `M` when he was called and did not answer.
    #[serde(rename = "type")]
    #[schema(example = "O")]
    kind: &'static str,
    /// When it began, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    calldate: String,
    /// The number that was shown.
    clid: String,
    /// The calling number.
    src: String,
    /// Its name.
    src_name: String,
    /// The user who called; left out when it was nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    src_id: Option<i64>,
    /// The number that took the call, or was meant to.
    dst: String,
    /// Its name.
    dst_name: String,
    /// The user who was called; left out when it was nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    dst_id: Option<i64>,
    /// The number that was dialled.
    destination: String,
    /// Seconds from the answer to the end.
    #[schema(minimum = 0)]
    duration: i64,
    /// The same.
    #[schema(minimum = 0)]
    billsec: i64,
    /// Whether it was answered.
    #[schema(example = "ANSWERED")]
    disposition: &'static str,
    /// What it cost.
    #[schema(value_type = f64)]
    charge: Box<RawValue>,
}

impl Cdr {
    fn of(record: CallRecord, user: UserId) -> Result<Self, Error> {
        let seconds = record.call.duration();
        let call = record.call;
        let answered = call.answered_at.is_some();
        Ok(Self {
            id: record.id.get(),
            user_id: user.get(),
            kind: match (record.caller_user == Some(user), answered) {
                (true, _) => "O",
                (false, true) => "I",
                (false, false) => "M",
            },
            calldate: write_moment(call.started_at),
            clid: if call.outbound_caller_id.is_empty() {
                call.caller.clone()
            } else {
                call.outbound_caller_id
            },
            src: call.caller,
            src_name: call.caller_display_name,
            src_id: record.caller_user.map(UserId::get),
            dst: call.callee,
            dst_name: call.callee_display_name,
            dst_id: record.callee_user.map(UserId::get),
            destination: call.destination,
            duration: seconds,
            billsec: seconds,
            disposition: if answered { "ANSWERED" } else { "NO ANSWER" },
            charge: RawValue::from_string(call.cost.to_string()).map_err(Error::internal)?,
        })
    }
}

fn names(name: &str) -> Option<CallRecordField> {
    match name {
        "id" => Some(CallRecordField::Id),
        "calldate" => Some(CallRecordField::StartedAt),
        "src" => Some(CallRecordField::Caller),
        "src_name" => Some(CallRecordField::CallerDisplayName),
        "dst" => Some(CallRecordField::Callee),
        "dst_name" => Some(CallRecordField::CalleeDisplayName),
        "destination" => Some(CallRecordField::Destination),
        "duration" | "billsec" => Some(CallRecordField::Duration),
        _ => None,
    }
}

/// List a user's calls
///
/// Without an order, the latest reported first.
#[utoipa::path(
    get, path = "/users/{user_id}/cdrs", tag = "history",
    params(("user_id" = i64, Path, description = "The user."), ListParams),
    responses((status = 200, body = Many<Cdr>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<Cdr>>> {
    let query = params.0.query(names)?;
    let user = target.user();
    // An empty history of a user who is not there is no empty history.
    directory.user(&target).await?;
    let listing = directory
        .list_call_records(&target.owner.permitted()?, &query)
        .await?;
    let rows = listing.items.into_iter().map(|record| Cdr::of(record, user));
    Ok(Json(Many {
        total: listing.total,
        ..Many::whole(rows.collect::<Result<_, _>>()?)
    }))
}
