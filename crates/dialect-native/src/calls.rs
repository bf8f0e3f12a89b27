//! Calls that are going on, and the legs of those that took place.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    CallLeg, CallRecordId, Field, LegResult, LiveCall, LiveCallId, LiveCallState, Result, Timestamp, UserId,
    Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Body, PathOf, Reply, Session, wire::required_text};

/// How far a call has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallProgress {
    /// Somebody rings.
    Ringing,
    /// Both sides speak.
    Answered,
    /// One side waits.
    Held,
}

/// A call that is going on.
#[derive(Serialize, ToSchema)]
pub(crate) struct GoingOn {
    /// Its id, from its beginning to its end.
    #[schema(minimum = 100_000)]
    id: i64,
    /// How far it has come.
    state: CallProgress,
    /// The calling number.
    caller: String,
    /// Its name.
    caller_display_name: String,
    /// The user who calls; left out when he is nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    caller_user_id: Option<i64>,
    /// The number that is called now.
    callee: String,
    /// Its name.
    callee_display_name: String,
    /// The user who is called; left out when he is nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    callee_user_id: Option<i64>,
    /// The number that was dialled.
    destination: String,
    /// The trunk; empty for a call inside.
    trunk: String,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it was answered; left out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    answered_at: Option<String>,
}

impl From<LiveCall> for GoingOn {
    fn from(live: LiveCall) -> Self {
        let call = live.call;
        Self {
            id: live.id.get(),
            state: match call.state {
                LiveCallState::Ringing => CallProgress::Ringing,
                LiveCallState::Held => CallProgress::Held,
                // One that has ended has no entry.
                LiveCallState::Answered | LiveCallState::Ended => CallProgress::Answered,
            },
            caller: call.caller,
            caller_display_name: call.caller_display_name,
            caller_user_id: live.caller_user.map(UserId::get),
            callee: call.callee,
            callee_display_name: call.callee_display_name,
            callee_user_id: live.callee_user.map(UserId::get),
            destination: call.destination,
            trunk: call.trunk,
            started_at: call.started_at.to_string(),
            answered_at: call.answered_at.map(|at| at.to_string()),
        }
    }
}

/// Calls that are going on.
#[derive(Serialize, ToSchema)]
pub(crate) struct AllGoingOn {
    /// In the order in which they began.
    items: Vec<GoingOn>,
}

/// A call to be placed.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct PlaceCall {
    /// The number of the extension that calls; your own, when it is left out.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 256, example = "1001")]
    from: Input<String>,
    /// What to call, as the extension would dial it.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256, example = "1002")]
    to: Input<String>,
}

impl PlaceCall {
    fn read(self) -> Result<(Option<String>, String)> {
        let mut found = Violations::new();
        let from = self.from.optional(&mut found, Field::RouteFrom);
        let to = required_text(self.to, &mut found, Field::RouteTo);
        conclude(found, Violations::new)?;
        Ok((from, to))
    }
}

/// What a leg came to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RungLegOutcome {
    /// Somebody answered.
    Answered,
    /// It was answered on another telephone.
    Elsewhere,
    /// Somebody was busy, or wanted no call then.
    Busy,
    /// Somebody wanted no such call on any of his telephones.
    Declined,
    /// It rang, and time ran out.
    NoAnswer,
    /// It could not be reached, or refused for another reason.
    Unreachable,
    /// The caller gave up.
    Cancelled,
}

/// One telephone, or number outside, that a call was for.
#[derive(Serialize, ToSchema)]
pub(crate) struct RungLeg {
    /// The number of the extension, or the number outside.
    number: String,
    /// The id of the extension's device; left out for a number outside, the media engine and a telephone that picked the
    /// call up.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    instance_id: String,
    /// The name of the trunk; left out for an extension and the media engine.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    trunk: String,
    /// The numbers that the call was for until then, one after the other.
    path: Vec<String>,
    /// Why it came here.
    because: String,
    /// When it was asked.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it began to ring; left out when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    rang_at: Option<String>,
    /// When it was answered; left out when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    answered_at: Option<String>,
    /// When it was over.
    #[schema(format = DateTime)]
    ended_at: String,
    /// What it came to.
    result: RungLegOutcome,
    /// The SIP status that it answered with; left out when it said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    status_code: Option<i64>,
}

impl From<CallLeg> for RungLeg {
    fn from(leg: CallLeg) -> Self {
        let text = |at: Timestamp| at.to_string();
        Self {
            number: leg.number,
            instance_id: leg.device,
            trunk: leg.trunk,
            path: leg.path,
            because: leg.because,
            started_at: text(leg.started_at),
            rang_at: leg.rang_at.map(text),
            answered_at: leg.answered_at.map(text),
            ended_at: text(leg.ended_at),
            result: match leg.result {
                LegResult::Answered => RungLegOutcome::Answered,
                LegResult::Elsewhere => RungLegOutcome::Elsewhere,
                LegResult::Busy => RungLegOutcome::Busy,
                LegResult::Declined => RungLegOutcome::Declined,
                LegResult::NoAnswer => RungLegOutcome::NoAnswer,
                LegResult::Unreachable => RungLegOutcome::Unreachable,
                LegResult::Cancelled => RungLegOutcome::Cancelled,
            },
            status_code: (leg.status_code != 0).then_some(leg.status_code),
        }
    }
}

/// The legs of a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct RungLegs {
    /// In the order in which they were asked.
    items: Vec<RungLeg>,
}

/// List calls that are going on
///
/// All of the tenant for who manages users, else one's own.
#[utoipa::path(get, path = "/calls", tag = "calls", responses((status = 200, body = AllGoingOn)))]
pub(crate) async fn list(session: Session, State(directory): State<Directory>) -> Reply<Json<AllGoingOn>> {
    let calls = directory.calls_going_on(&session.member()?).await?;
    Ok(Json(AllGoingOn {
        items: calls.into_iter().map(Into::into).collect(),
    }))
}

/// Place a call
///
/// The telephones of the extension ring; when they are answered, the number is called as if it had been dialled there.
#[utoipa::path(
    post, path = "/calls", tag = "calls", request_body = PlaceCall, responses((status = 201, body = GoingOn))
)]
pub(crate) async fn place(
    session: Session,
    State(directory): State<Directory>,
    body: Body<PlaceCall>,
) -> Reply<(StatusCode, Json<GoingOn>)> {
    let member = session.member()?;
    let (from, to) = body.0.read()?;
    let call = directory.place_call_of(&member, from.as_deref(), &to).await?;
    Ok((StatusCode::CREATED, Json(call.into())))
}

/// End a call
///
/// One's own, or any of the tenant for who manages users. It is over, and its record is there, when this is answered.
#[utoipa::path(
    delete, path = "/calls/{id}", tag = "calls", params(("id" = i64, Path, description = "The call.")),
    responses((status = 204))
)]
pub(crate) async fn hang_up(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<i64>,
) -> Reply<StatusCode> {
    directory
        .hang_up(&session.member()?, LiveCallId::new(id.0))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the legs of a call
///
/// Each telephone and number outside that the call was for, and why. `id` is that of a call record, as every dialect has it; one
/// that an engine reported has no legs.
#[utoipa::path(
    get, path = "/cdrs/{id}/legs", tag = "calls", params(("id" = i64, Path, description = "The call record.")),
    responses((status = 200, body = RungLegs))
)]
pub(crate) async fn legs(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<i64>,
) -> Reply<Json<RungLegs>> {
    let legs = directory
        .call_legs(&session.member()?, CallRecordId::new(id.0))
        .await?;
    Ok(Json(RungLegs {
        items: legs.into_iter().map(Into::into).collect(),
    }))
}
