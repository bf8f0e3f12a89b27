//! Recorded calls.

use axum::{extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{Field, NewRecording, Result, Violations};
use jackfield_edge::{Binary, Input, RawBody, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    PathOf, Reply, Reporting,
    batch::takes,
    wire::{required_moment, required_text, text},
};

/// A recorded call, without its file.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct RecordingReport {
    /// Your own id of the recording, unique in the tenant. A second report with it is answered as known and changes nothing.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// The call it is of, as its record has it.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    call_id: Input<String>,
    /// The calling number.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    caller: Input<String>,
    /// The called number.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    callee: Input<String>,
    /// When it begins.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    started_at: Input<String>,
    /// When it ends, at most 31 days after it begins.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    ended_at: Input<String>,
    /// The name that its file is handed out with.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 255)]
    file_name: Input<String>,
}

impl RecordingReport {
    fn into_report(self) -> Result<NewRecording> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = NewRecording {
            external_id: required_text(self.external_id, at, Field::ExternalId),
            call_id: text(self.call_id, at, Field::CallId),
            caller: text(self.caller, at, Field::Caller),
            callee: text(self.callee, at, Field::Callee),
            started_at: required_moment(self.started_at, at, Field::StartedAt),
            ended_at: required_moment(self.ended_at, at, Field::EndedAt),
            file_name: required_text(self.file_name, at, Field::FileName),
        };
        // Of times of which one cannot be read, the order says nothing.
        let blurred = found.concerns(Field::StartedAt) || found.concerns(Field::EndedAt);
        conclude(found, || {
            if !blurred {
                return new.check();
            }
            let timeless = NewRecording {
                ended_at: new.started_at,
                ..new.clone()
            };
            timeless.check()
        })?;
        Ok(new)
    }
}

takes! {
    /// Report recorded calls
    ///
    /// One, a list of up to 10,000, or a stream of lines. The file of each follows at
    /// `/feed/recordings/{external_id}/file`.
    "/feed/recordings" of RecordingReport as NewRecording, by report_recordings
}

/// Hand in the file of a recording
///
/// The recording has to be reported before; its file gets the `file_name` of the report. What the file is, its content says: WAV
/// in any coding, or MP3. The same content again changes nothing, another one takes the place of the first.
#[utoipa::path(
    put, path = "/feed/recordings/{external_id}/file", tag = "feed",
    params(("external_id" = String, Path, description = "Your own id of the recording, URL-encoded.")),
    request_body(content(
        (Binary = "audio/wav"), (Binary = "audio/mpeg"), (Binary = "application/octet-stream")
    )),
    responses((status = 204, description = "The file is on disk."))
)]
pub(crate) async fn put_file(
    reporting: Reporting,
    State(directory): State<Directory>,
    external_id: PathOf<String>,
    mut body: RawBody,
) -> Reply<StatusCode> {
    let outcome = directory
        .put_recording_file(&reporting, &external_id.0, &mut body)
        .await;
    if outcome.is_err() {
        body.drain().await;
    }
    outcome?;
    Ok(StatusCode::NO_CONTENT)
}
