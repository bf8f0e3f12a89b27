//! The meetings that the caller organizes or is invited to.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{ConferenceCommand, MeetingId};
use jackfield_edge::{Table, routes};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Body, Params, PathOf, Reply, Target,
    id::PathId,
    meeting_wire::{CreateMeeting, CreatedMeeting, MeetingAnswer, MeetingLine, UpdateMeeting, names},
    page::{List, ListParams},
};

pub(crate) fn meeting(id: PathId) -> MeetingId {
    MeetingId::new(id.get())
}

/// List meetings
///
/// Those that you organize and those that you are invited to; `ownership` tells them apart.
#[utoipa::path(
    get, path = "/user/meetings", tag = "meetings", params(ListParams),
    responses((status = 200, body = List<MeetingLine>))
)]
async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<MeetingLine>>> {
    let listing = directory.list_meetings(&target, &params.0.query(names)?).await?;
    Ok(Json(List::of(listing)))
}

/// Make a meeting
///
/// Its number comes from the tenant's range of numbers for meetings. Whoever is invited is told by mail, when the installation
/// can send mail.
#[utoipa::path(
    post, path = "/user/meetings", tag = "meetings", request_body = CreateMeeting,
    responses((status = 201, body = CreatedMeeting))
)]
async fn create(
    target: Target,
    State(directory): State<Directory>,
    body: Body<CreateMeeting>,
) -> Reply<(StatusCode, Json<CreatedMeeting>)> {
    let (id, extension_number) = directory.create_meeting(&target, body.0.read()?).await?;
    let answer = CreatedMeeting {
        id: id.to_string(),
        extension_number,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Read a meeting
#[utoipa::path(
    get, path = "/user/meetings/{id}", tag = "meetings", params(("id" = String, Path, description = "The meeting.")),
    responses((status = 200, body = MeetingAnswer))
)]
async fn show(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<MeetingAnswer>> {
    Ok(Json(directory.meeting(&target, meeting(id.0)).await?.into()))
}

/// Change a meeting
///
/// Only its organizer can. The invited people are told by mail of what concerns them.
#[utoipa::path(
    post, path = "/user/meetings/{id}", tag = "meetings", params(("id" = String, Path, description = "The meeting.")),
    request_body = UpdateMeeting, responses((status = 200))
)]
async fn update(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateMeeting>,
) -> Reply<()> {
    Ok(directory
        .update_meeting(&target, meeting(id.0), body.0.read()?)
        .await?)
}

/// Call a meeting off
///
/// One that goes on ends. The invited people are told by mail.
#[utoipa::path(
    post, path = "/user/meetings/{id}/destroy", tag = "meetings",
    params(("id" = String, Path, description = "The meeting.")), responses((status = 204))
)]
async fn destroy(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_meeting(&target, meeting(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a meeting goes on.
#[derive(Serialize, ToSchema)]
enum MeetingStatusWord {
    /// It goes on, and nobody is in it yet.
    #[serde(rename = "ONLINE")]
    Online,
    /// It does not go on.
    #[serde(rename = "OFFLINE")]
    Offline,
    /// It goes on, and somebody is in it.
    #[serde(rename = "ON_CALL")]
    OnCall,
}

/// The state of a meeting.
#[derive(Serialize, ToSchema)]
struct MeetingStatus {
    /// Whether it goes on.
    #[schema(required = false)]
    status: MeetingStatusWord,
    /// Nobody else can join.
    #[schema(required = false)]
    locked: bool,
    /// All are muted, and whoever joins is.
    #[schema(required = false)]
    muted: bool,
    /// It is recorded.
    #[schema(required = false)]
    recording: bool,
}

/// Ask for the state of a meeting
#[utoipa::path(
    get, path = "/user/meetings/{id}/status", tag = "meetings",
    params(("id" = String, Path, description = "The meeting.")), responses((status = 200, body = MeetingStatus))
)]
async fn status(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<MeetingStatus>> {
    let conference = directory.conference(&target, meeting(id.0)).await?;
    let room = conference.room();
    let status = match room {
        None => MeetingStatusWord::Offline,
        Some(room) if room.participants.is_empty() => MeetingStatusWord::Online,
        Some(_) => MeetingStatusWord::OnCall,
    };
    Ok(Json(MeetingStatus {
        status,
        locked: room.is_some_and(|room| room.locked),
        muted: room.is_some_and(|room| room.muted),
        recording: room.is_some_and(|room| room.recording),
    }))
}

/// An operation that has one command carried out.
macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident $path:literal $command:ident;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(
            post, path = $path, tag = "meetings",
            params(("id" = String, Path, description = "The meeting.")), responses((status = 200))
        )]
        async fn $name(target: Target, State(directory): State<Directory>, id: PathOf<PathId>) -> Reply<()> {
            Ok(directory
                .command(&target, meeting(id.0), ConferenceCommand::$command)
                .await?)
        }
    )*};
}

commands! {
    /// Start a meeting
    ///
    /// One that goes on cannot be started: 409.
    start "/user/meetings/{id}/start" Start;
    /// Stop a meeting
    ///
    /// Whoever is in it is put out.
    stop "/user/meetings/{id}/stop" Stop;
    /// Lock a meeting
    ///
    /// Nobody else can join.
    lock "/user/meetings/{id}/lock" Lock;
    /// Unlock a meeting
    unlock "/user/meetings/{id}/unlock" Unlock;
    /// Mute a meeting
    ///
    /// Everybody but the chairman, and whoever joins.
    mute "/user/meetings/{id}/mute" Mute;
    /// Unmute a meeting
    unmute "/user/meetings/{id}/unmute" Unmute;
    /// Start to record a meeting
    start_recording "/user/meetings/{id}/start_recording" StartRecording;
    /// Stop recording a meeting
    stop_recording "/user/meetings/{id}/stop_recording" StopRecording;
}

/// The routes of meetings, but for those of their participants.
pub(crate) fn routes() -> Table {
    Table::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
        .routes(routes!(destroy))
        .routes(routes!(status))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(lock))
        .routes(routes!(unlock))
        .routes(routes!(mute))
        .routes(routes!(unmute))
        .routes(routes!(start_recording))
        .routes(routes!(stop_recording))
}
