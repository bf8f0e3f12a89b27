//! Who joins meetings and who leaves them.

use axum::{
    extract::{Request, State},
    response::Response,
};
use jackfield_directory::{Directory, Reported};
use jackfield_domain::{Attendance, Field, MeetingId, ParticipantReport, Reporter, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    PathOf, Reply, Reporting,
    batch::{OneOrMany, Receipt, Sink, take},
    wire::{choice, required_text, text, words},
};

words! {
    /// What somebody did.
    Presence is Attendance { "joined" Joined, "left" Left }
}

/// That somebody joined the meeting or left it.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Participation {
    /// Your own id of this participation, unique in the meeting as long as that goes on: the report of joining and that of leaving
    /// have the same. A second report of the same is answered as known and changes nothing.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// What he did.
    #[serde(default)]
    #[schema(value_type = Presence, required = true)]
    attendance: Input<String>,
    /// The number that he called from, or was called at. A user is known by the number of his extension.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    number: Input<String>,
    /// The name that people see; without one it is that of the user, or the number.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    display_name: Input<String>,
}

struct Room {
    directory: Directory,
    reporter: Reporter,
    meeting: MeetingId,
}

impl Sink for Room {
    type Wire = Participation;
    type Item = ParticipantReport;

    fn read(&self, wire: Participation) -> Result<Option<ParticipantReport>> {
        let mut found = Violations::new();
        let at = &mut found;
        let attendance = choice(wire.attendance).required(at, Field::Attendance);
        let report = ParticipantReport {
            external_id: required_text(wire.external_id, at, Field::ExternalId),
            attendance: attendance.unwrap_or(Attendance::Left),
            number: text(wire.number, at, Field::Number),
            display_name: text(wire.display_name, at, Field::DisplayName),
        };
        conclude(found, || report.check())?;
        Ok(Some(report))
    }

    async fn store(&self, items: Vec<ParticipantReport>) -> Result<Vec<Reported>> {
        self.directory
            .report_participants(&self.reporter, self.meeting, items)
            .await
    }
}

/// Report who joins a meeting and who leaves it
///
/// One, a list of up to 10,000, or a stream of lines, in the order in which they happened. What the meeting does not allow is
/// refused: it is not running, locked or full, or nobody joined under the id that leaves.
#[utoipa::path(
    post, path = "/feed/meetings/{id}/participants", tag = "feed",
    params(("id" = i64, Path, description = "The meeting.")),
    request_body(content(
        (OneOrMany<Participation> = "application/json"),
        (Participation = "application/x-ndjson")
    )),
    responses((status = 200, body = Receipt))
)]
pub(crate) async fn report(
    reporting: Reporting,
    State(directory): State<Directory>,
    id: PathOf<i64>,
    request: Request,
) -> Reply<Response> {
    let sink = Room {
        directory,
        reporter: reporting.reporter,
        meeting: MeetingId::new(id.0),
    };
    take(&sink, request).await
}
