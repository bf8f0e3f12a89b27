//! Call records of the caller: read and followed, never changed.

use axum::{Json, extract::State};
use jackfield_directory::{Changed, Difference, Directory};
use jackfield_domain::{
    CallDirection, CallRecord, CallRecordField, EndReason, Error, Field, Query, RerouteReason, Result, Rule,
    Timestamp, Violation, capability::ReadCalls,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Allowed, Params, PathOf, Reply,
    follow::{ChangeWord, Followed, follow},
    id::PathId,
    page::{List, ListParams},
    vocabulary::{Words, translate, words},
    words::{CallWord, EndWord, RerouteWord},
};

/// The value that the vendor's name of a field stands for.
fn named(name: &str) -> Option<CallRecordField> {
    Some(match name {
        "id" => CallRecordField::Id,
        "caller" => CallRecordField::Caller,
        "caller_domain" => CallRecordField::CallerDomain,
        "caller_display_name" => CallRecordField::CallerDisplayName,
        "callee" => CallRecordField::Callee,
        "callee_domain" => CallRecordField::CalleeDomain,
        "callee_display_name" => CallRecordField::CalleeDisplayName,
        "started_at" => CallRecordField::StartedAt,
        "rang_at" => CallRecordField::RangAt,
        "answered_at" => CallRecordField::AnsweredAt,
        "ended_at" => CallRecordField::EndedAt,
        "call_id" => CallRecordField::CallId,
        "direction" => CallRecordField::Direction,
        "end_reason" => CallRecordField::EndReason,
        "reroute_reason" => CallRecordField::RerouteReason,
        "status_code" => CallRecordField::StatusCode,
        "destination" => CallRecordField::Destination,
        "outbound_caller_id" => CallRecordField::OutboundCallerId,
        "did_cid" => CallRecordField::DidCid,
        "trunk" => CallRecordField::Trunk,
        "duration" => CallRecordField::Duration,
        "service_number" => CallRecordField::ServiceNumber,
        _ => return None,
    })
}

fn vocabulary(field: CallRecordField) -> Option<Words> {
    match field {
        CallRecordField::Direction => Some(words(CallDirection::word)),
        CallRecordField::EndReason => Some(words(EndReason::word)),
        CallRecordField::RerouteReason => Some(words(RerouteReason::word)),
        _ => None,
    }
}

/// What a line of the list and a single record share, and what each has beyond it.
macro_rules! answers {
    ($call:ident => $($(#[$attribute:meta])* $field:ident: $type:ty = $value:expr;)*) => {
        /// A call in a list.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct CallLine {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            $($(#[$attribute])* $field: $type,)*
            /// Seconds from the answer to the end; 0 for a call that nobody answered.
            #[schema(value_type = i32)]
            duration: i64,
        }

        impl From<CallRecord> for CallLine {
            fn from(record: CallRecord) -> Self {
                let (id, duration) = (record.id.to_string(), record.call.duration());
                let $call = record.call;
                Self { id, $($field: $value,)* duration }
            }
        }

        /// A call.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct CallDetail {
            $($(#[$attribute])* $field: $type,)*
            /// What it cost, in the tenant's currency, exact to five fraction digits.
            #[schema(value_type = f64, example = 0.12)]
            cost: Box<RawValue>,
            /// Who pays.
            billed_account: String,
        }

        impl CallDetail {
            fn of(record: CallRecord) -> Result<Self> {
                let $call = record.call;
                let cost = RawValue::from_string($call.cost.to_string()).map_err(Error::internal)?;
                let billed_account = $call.billed_account;
                Ok(Self { $($field: $value,)* cost, billed_account })
            }
        }
    };
}

answers! { call =>
    /// The calling number.
    #[schema(max_length = 256)]
    caller: String = call.caller;
    /// Its domain.
    #[schema(max_length = 1024)]
    caller_domain: String = call.caller_domain;
    /// Its name.
    #[schema(max_length = 1024)]
    caller_display_name: String = call.caller_display_name;
    /// The number that took the call, or was meant to.
    #[schema(max_length = 256)]
    callee: String = call.callee;
    /// Its domain.
    #[schema(max_length = 1024)]
    callee_domain: String = call.callee_domain;
    /// Its name.
    #[schema(max_length = 1024)]
    callee_display_name: String = call.callee_display_name;
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String = call.started_at.to_string();
    /// When the called side began to ring, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, format = DateTime)]
    rang_at: Option<String> = call.rang_at.map(text);
    /// When it was answered, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, format = DateTime)]
    answered_at: Option<String> = call.answered_at.map(text);
    /// When it ended.
    #[schema(format = DateTime)]
    ended_at: String = call.ended_at.to_string();
    /// Shared by the records of one call.
    call_id: String = call.call_id;
    /// From where to where.
    direction: CallWord = call.direction.into();
    /// How it ended, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = EndWord, required = false)]
    end_reason: Option<EndWord> = call.end_reason.map(Into::into);
    /// Why it went elsewhere, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RerouteWord, required = false)]
    reroute_reason: Option<RerouteWord> = call.reroute_reason.map(Into::into);
    /// The last SIP status code; 0 when it is not known.
    status_code: i64 = call.status_code;
    /// The number that was dialled.
    destination: String = call.destination;
    /// The number that was shown to the outside, if any was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    outbound_caller_id: Option<String> = some(&call.outbound_caller_id);
    /// The number from outside that was called.
    did_cid: String = call.did_cid;
    /// The trunk.
    trunk: String = call.trunk;
    /// The number of the queue, group or menu that served it.
    service_number: String = call.service_number;
    /// What an integration keeps with it.
    user_data: String = call.user_data;
}

fn text(moment: Timestamp) -> String {
    moment.to_string()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A call, in the vendor's wrapping.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallAnswer {
    /// The call: one, whatever the name says.
    items: CallDetail,
}

/// List one's calls
///
/// Those that one made or got, the latest reported first.
#[utoipa::path(
    get, path = "/user/cdrs", tag = "call records", params(ListParams),
    responses((status = 200, body = List<CallLine>))
)]
pub(crate) async fn list(
    owner: Allowed<ReadCalls>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<CallLine>>> {
    let query: Query<CallRecordField> = translate(params.0.query(named)?, &vocabulary);
    Ok(Json(List::of(directory.list_call_records(&owner, &query).await?)))
}

/// Read a call
#[utoipa::path(
    get, path = "/user/cdrs/{id}", tag = "call records",
    params(("id" = String, Path, description = "The call record.")),
    responses((status = 200, body = CallAnswer))
)]
pub(crate) async fn show(
    owner: Allowed<ReadCalls>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<CallAnswer>> {
    let record = directory.call_record(&owner, id.0.get()).await?;
    Ok(Json(CallAnswer {
        items: CallDetail::of(record)?,
    }))
}

/// From when on calls are followed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FromDate {
    /// All calls that began then or later, those that are known already included. Without it, those from now on.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-02T08:00:00Z")]
    date_from: Option<String>,
}

impl FromDate {
    fn moment(&self) -> Result<Option<Timestamp>> {
        let given = self
            .date_from
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let Some(text) = given else { return Ok(None) };
        // A plus sign that was not escaped arrives as a space.
        let moment = Timestamp::parse(text).or_else(|| Timestamp::parse(&text.replace(' ', "+")));
        let rule = Rule::Form("a moment like 2026-03-02T08:00:00Z");
        moment
            .map(Some)
            .ok_or_else(|| Error::invalid(Violation::new(Field::DateFrom, rule)))
    }
}

/// What a client keeps of a call that it follows.
#[derive(Serialize, ToSchema)]
pub(crate) struct FollowedCall {
    /// The calling number.
    #[schema(max_length = 256)]
    caller: String,
    /// The number that took the call, or was meant to.
    #[schema(max_length = 256)]
    callee: String,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it was answered, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, format = DateTime)]
    answered_at: Option<String>,
    /// When it ended.
    #[schema(format = DateTime)]
    ended_at: String,
    /// The number that was shown to the outside, if any was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    outbound_caller_id: Option<String>,
    /// The number from outside that was called.
    did_cid: String,
    /// The trunk.
    trunk: String,
    /// The last SIP status code; 0 when it is not known.
    status_code: i64,
}

/// A call that is new to the client.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallChange {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// What the client has to do. Calls never change, so it is always `CREATED`.
    #[schema(value_type = ChangeWord)]
    change_type: &'static str,
    /// The call: one.
    items: Vec<FollowedCall>,
}

/// One's calls, to be followed.
pub(crate) struct OwnCalls;

impl Followed for OwnCalls {
    type Who = Allowed<ReadCalls>;
    type From = FromDate;
    type Record = CallRecord;
    type Change = CallChange;

    async fn begin(directory: &Directory, who: &Self::Who, from: &FromDate) -> Result<String> {
        directory.follow_call_records(who, from.moment()?).await
    }

    async fn changes(directory: &Directory, who: &Self::Who, token: &str) -> Result<Difference<CallRecord>> {
        directory.changed_call_records(who, token).await
    }

    fn change(changed: Changed<CallRecord>) -> CallChange {
        let items = changed.now.into_iter().map(|record| {
            let call = record.call;
            FollowedCall {
                started_at: call.started_at.to_string(),
                answered_at: call.answered_at.map(text),
                ended_at: call.ended_at.to_string(),
                outbound_caller_id: some(&call.outbound_caller_id),
                caller: call.caller,
                callee: call.callee,
                did_cid: call.did_cid,
                trunk: call.trunk,
                status_code: call.status_code,
            }
        });
        CallChange {
            id: changed.id.to_string(),
            change_type: changed.change.word(),
            items: items.collect(),
        }
    }
}

follow! {
    OwnCalls, tag "call records", change CallChange, query FromDate,
    /// Begin to follow one's calls
    ///
    /// Without a date the token stands for this moment. With one, the first difference also names the calls since then that
    /// are known already, so that nothing need be listed.
    begin "/user/cdrs/sync_tokens",
    /// Ask which calls are new
    ///
    /// One answer names at most 10,000; ask again with its token until `items` is empty. A token that is unknown, of somebody
    /// else or too old gets 403; then begin anew.
    diff "/user/cdrs/sync_tokens/{token}/diff"
}
