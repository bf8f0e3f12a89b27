//! Calls that are going on: listing them, placing one, ending one.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, Literal, LiveCall, LiveCallId, LiveCallState, Queried, Result, Rule, Timestamp, UserId, ValueKind,
    Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Params, PathId, PathOf, Reply, Session, Target,
    envelope::{Many, One},
    id,
    listing::ListParams,
};

/// A call to be placed.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateCall {
    /// What to call, as the user would dial it.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256, example = "1002")]
    to: Input<String>,
    /// The id of the user who calls; oneself, when it is left out.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "100001")]
    from: Input<String>,
    /// Has to be empty or left out: what the called side sees is set up for the user's groups.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 0)]
    caller_id: Input<String>,
}

impl CreateCall {
    fn read(self) -> Result<(String, Option<UserId>)> {
        let mut found = Violations::new();
        let to = self.to.required(&mut found, Field::RouteTo).unwrap_or_default();
        let from = self
            .from
            .convert(|text| id(&text).ok_or(Rule::Form("the id of a user")));
        let from = from.optional(&mut found, Field::RouteFrom).map(UserId::new);
        let shown = self.caller_id.optional(&mut found, Field::OutboundCallerId);
        if shown.is_some_and(|text| !text.is_empty()) {
            found.add(
                Field::OutboundCallerId,
                Rule::Form("empty: what the called side sees is set up for the groups of the user"),
            );
        }
        conclude(found, Violations::new)?;
        Ok((to, from))
    }
}

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

/// List the calls that are going on
///
/// All of the account for who manages users, else one's own.
#[utoipa::path(
    get, path = "/calls", tag = "calls", params(ListParams), responses((status = 200, body = Many<Call>))
)]
pub(crate) async fn list_all(
    session: Session,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<Call>>> {
    let query = params.0.query(names)?;
    let calls = directory.calls_going_on(&session.member()?).await?;
    Ok(Json(Many::of(query.run(calls, value, |_| String::new()))))
}

/// Place a call
///
/// The user's own telephones ring; when he answers, the number is called as if he had dialled it.
#[utoipa::path(
    post, path = "/calls", tag = "calls", request_body = CreateCall, responses((status = 201, body = One<Call>))
)]
pub(crate) async fn place(
    session: Session,
    State(directory): State<Directory>,
    body: Body<CreateCall>,
) -> Reply<(StatusCode, Json<One<Call>>)> {
    let (to, from) = body.0.read()?;
    let owner = match from {
        Some(user) => session.owner_of(user)?,
        None => session.own()?,
    };
    let call = directory.place_call(&owner, &to).await?;
    Ok((StatusCode::CREATED, Json(One::of(call))))
}

/// End a call
///
/// One's own, or any of the account for who manages users.
#[utoipa::path(
    delete, path = "/calls/{id}", tag = "calls", params(("id" = i64, Path, description = "The call.")),
    responses((status = 204))
)]
pub(crate) async fn hang_up(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory
        .hang_up(&session.member()?, LiveCallId::new(id.0.0))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
