//! The calls of a user that are going on.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{Literal, LiveCall, LiveCallState, Queried, Timestamp, UserId, ValueKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Params, Reply, Target, envelope::Many, listing::ListParams};

/// A call that is going on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Call {
    /// Its id, from its beginning to its end.
    #[schema(example = 100_001)]
    id: i64,
    /// The number that is shown.
    clid: String,
    /// `RINGING`, `CONNECTED` or `HELD`.
    #[schema(example = "RINGING")]
    state: &'static str,
    /// When it began, in seconds since 1970.
    start_time: i64,
    /// When it was answered, in seconds since 1970; left out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    connected_at: Option<i64>,
    /// The calling number.
    src: String,
    /// Its name.
    src_name: String,
    /// The user who calls; left out when it is nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    src_id: Option<i64>,
    /// The number that is called.
    dst: String,
    /// Its name.
    dst_name: String,
    /// The user who is called; left out when it is nobody of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    dst_id: Option<i64>,
}

impl From<LiveCall> for Call {
    fn from(live: LiveCall) -> Self {
        let call = live.call;
        Self {
            id: live.id.get(),
            clid: call.caller.clone(),
            state: word(call.state),
            start_time: call.started_at.as_seconds(),
            connected_at: call.answered_at.map(Timestamp::as_seconds),
            src: call.caller,
            src_name: call.caller_display_name,
            src_id: live.caller_user.map(UserId::get),
            dst: call.callee,
            dst_name: call.callee_display_name,
            dst_id: live.callee_user.map(UserId::get),
        }
    }
}

fn word(state: LiveCallState) -> &'static str {
    match state {
        LiveCallState::Ringing => "RINGING",
        LiveCallState::Answered => "CONNECTED",
        LiveCallState::Held => "HELD",
        LiveCallState::Ended => "ENDED",
    }
}

/// A value of a call that the list can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallField {
    Id,
    State,
    StartTime,
    Src,
    Dst,
}

impl Queried for CallField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::StartTime => ValueKind::Number,
            _ => ValueKind::Text,
        }
    }
}

fn names(name: &str) -> Option<CallField> {
    match name {
        "id" => Some(CallField::Id),
        "state" => Some(CallField::State),
        "start_time" => Some(CallField::StartTime),
        "src" => Some(CallField::Src),
        "dst" => Some(CallField::Dst),
        _ => None,
    }
}

fn value(live: &LiveCall, field: CallField) -> Literal {
    match field {
        CallField::Id => Literal::Number(live.id.get()),
        CallField::State => Literal::Text(word(live.call.state).to_owned()),
        CallField::StartTime => Literal::Number(live.call.started_at.as_seconds()),
        CallField::Src => Literal::Text(live.call.caller.clone()),
        CallField::Dst => Literal::Text(live.call.callee.clone()),
    }
}

/// List the calls of a user that are going on
#[utoipa::path(
    get, path = "/users/{user_id}/calls", tag = "history",
    params(("user_id" = i64, Path, description = "The user."), ListParams),
    responses((status = 200, body = Many<Call>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<Call>>> {
    let query = params.0.query(names)?;
    // No calls of a user who is not there are not the same as no calls.
    directory.user(&target).await?;
    let calls = directory.live_calls(&target).await?;
    Ok(Json(Many::of(query.run(calls, value, |_| String::new()))))
}
