//! Recordings of the caller's calls.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Recording, RecordingField,
    capability::{ReadRecordings, RemoveRecordings},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Allowed, Params, PathOf, Reply, blobs,
    id::PathId,
    page::{Items, List, ListParams},
};

/// The value that the vendor's name of a field stands for.
fn named(name: &str) -> Option<RecordingField> {
    Some(match name {
        "id" => RecordingField::Id,
        "caller" => RecordingField::Caller,
        "callee" => RecordingField::Callee,
        "started_at" => RecordingField::StartedAt,
        "ended_at" => RecordingField::EndedAt,
        _ => return None,
    })
}

/// A recording in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingLine {
    /// Its id.
    #[schema(example = "100001", read_only)]
    id: String,
    /// The calling number.
    caller: String,
    /// The called number.
    callee: String,
    /// When it begins.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ends.
    #[schema(format = DateTime)]
    ended_at: String,
}

impl From<Recording> for RecordingLine {
    fn from(recording: Recording) -> Self {
        let (id, recording) = (recording.id.to_string(), recording.recording);
        Self {
            id,
            started_at: recording.started_at.to_string(),
            ended_at: recording.ended_at.to_string(),
            caller: recording.caller,
            callee: recording.callee,
        }
    }
}

/// A recording.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingDetail {
    /// The calling number.
    caller: String,
    /// The called number.
    callee: String,
    /// When it begins.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ends.
    #[schema(format = DateTime)]
    ended_at: String,
    /// Seconds that it lasts.
    #[schema(value_type = i32)]
    duration: i64,
    /// The name of its file.
    file_name: String,
    /// The bytes of its file, once that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 0)]
    file_size: Option<i64>,
    /// Where its file is, once that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, read_only)]
    file_url: Option<String>,
}

impl From<Recording> for RecordingDetail {
    fn from(recording: Recording) -> Self {
        let size = recording.file_size;
        let key = recording.file_key;
        let recording = recording.recording;
        Self {
            started_at: recording.started_at.to_string(),
            ended_at: recording.ended_at.to_string(),
            duration: recording.duration(),
            caller: recording.caller,
            callee: recording.callee,
            file_name: recording.file_name,
            file_size: key.is_some().then_some(size),
            file_url: key.as_ref().map(blobs::url),
        }
    }
}

/// List the recordings of one's calls
///
/// The latest reported first.
#[utoipa::path(
    get, path = "/user/recordings", tag = "recordings", params(ListParams),
    responses((status = 200, body = List<RecordingLine>))
)]
pub(crate) async fn list(
    owner: Allowed<ReadRecordings>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<RecordingLine>>> {
    let query = params.0.query(named)?;
    Ok(Json(List::of(directory.list_recordings(&owner, &query).await?)))
}

/// Read a recording
///
/// Its file is at `file_url`, once the telephone system has handed it in.
#[utoipa::path(
    get, path = "/user/recordings/{id}", tag = "recordings",
    params(("id" = String, Path, description = "The recording.")),
    responses((status = 200, body = Items<RecordingDetail>))
)]
pub(crate) async fn show(
    owner: Allowed<ReadRecordings>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<Items<RecordingDetail>>> {
    let recording = directory.recording(&owner, id.0.get()).await?;
    Ok(Json(Items {
        items: vec![recording.into()],
    }))
}

/// Destroy a recording
///
/// It is gone for both sides of the call.
#[utoipa::path(
    post, path = "/user/recordings/{id}/destroy", tag = "recordings",
    params(("id" = String, Path, description = "The recording.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    owner: Allowed<RemoveRecordings>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.remove_recording(&owner, id.0.get()).await?;
    Ok(StatusCode::NO_CONTENT)
}
