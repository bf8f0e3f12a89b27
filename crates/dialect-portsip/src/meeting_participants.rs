//! The people in a meeting that goes on.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    ConferenceCommand, Field, MeetingId, Participant, ParticipantId, Result, Rule, Violations,
};
use jackfield_edge::Input;
use jackfield_edge::{Table, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, PathOf, Reply, Target,
    id::{self, PathId},
    meetings::meeting,
    page::Items,
};

/// Somebody in a meeting.
#[derive(Serialize, ToSchema)]
struct ParticipantWire {
    /// His id.
    #[schema(required = false, example = "100001")]
    id: String,
    /// The name that people see.
    #[schema(required = false)]
    display_name: String,
    /// Nobody hears him.
    #[schema(required = false)]
    muted: bool,
    /// He leads.
    #[schema(required = false)]
    chairman: bool,
    /// Where the picture shows him; -1 for nowhere.
    #[schema(value_type = i32, required = false, minimum = -1, maximum = 8)]
    position: i64,
}

impl From<&Participant> for ParticipantWire {
    fn from(participant: &Participant) -> Self {
        Self {
            id: participant.who.id.to_string(),
            display_name: participant.who.display_name.clone(),
            muted: participant.muted,
            chairman: participant.chairman,
            position: participant.position,
        }
    }
}

/// The parameters of a path that names a participant.
#[derive(Deserialize)]
struct Attendance {
    id: PathId,
    participant_id: PathId,
}

impl Attendance {
    fn both(&self) -> (MeetingId, ParticipantId) {
        (meeting(self.id), ParticipantId::new(self.participant_id.get()))
    }
}

/// Who is shown.
#[derive(Default, Deserialize, ToSchema)]
struct SetLayout {
    /// The ids of the participants at the places 0, 1, 2 and so on; nobody else is shown.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = true, max_items = 9)]
    items: Input<Vec<Input<String>>>,
}

impl SetLayout {
    fn read(self) -> Result<ConferenceCommand> {
        let mut found = Violations::new();
        let field = Field::Participants;
        let shown = self
            .items
            .entries(&mut found, field, |text, found, place| {
                let participant = id::read(&text);
                if participant.is_none() {
                    place.report(found, Rule::Unknown);
                }
                ParticipantId::new(participant.unwrap_or_default())
            })
            .required(&mut found, field);
        found.finish()?;
        Ok(ConferenceCommand::SetLayout(shown.unwrap_or_default()))
    }
}

/// Whom to call.
#[derive(Default, Deserialize, ToSchema)]
struct Invite {
    /// The number.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 64)]
    number: Input<String>,
}

impl Invite {
    fn read(self) -> Result<ConferenceCommand> {
        let mut found = Violations::new();
        let number = self.number.required(&mut found, Field::Number);
        found.finish()?;
        Ok(ConferenceCommand::Invite(number.unwrap_or_default()))
    }
}

/// Where to show somebody.
#[derive(Default, Deserialize, ToSchema)]
struct SetPosition {
    /// The place; -1 for nowhere.
    #[serde(default)]
    #[schema(value_type = i32, required = true, minimum = -1, maximum = 8)]
    position: Input<i64>,
}

impl SetPosition {
    fn read(self, participant: ParticipantId) -> Result<ConferenceCommand> {
        let mut found = Violations::new();
        let position = self.position.required(&mut found, Field::Position);
        found.finish()?;
        Ok(ConferenceCommand::SetPosition(
            participant,
            position.unwrap_or_default(),
        ))
    }
}

/// List the people in a meeting
///
/// Nobody, when it does not go on.
#[utoipa::path(
    get, path = "/user/meetings/{id}/participants", tag = "meetings",
    params(("id" = String, Path, description = "The meeting.")),
    responses((status = 200, body = Items<ParticipantWire>))
)]
async fn list(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<Items<ParticipantWire>>> {
    let conference = directory.conference(&target, meeting(id.0)).await?;
    Ok(Json(Items {
        items: conference.participants().iter().map(Into::into).collect(),
    }))
}

/// Read somebody in a meeting
#[utoipa::path(
    get, path = "/user/meetings/{id}/participants/{participant_id}", tag = "meetings",
    params(
        ("id" = String, Path, description = "The meeting."),
        ("participant_id" = String, Path, description = "The participant.")
    ),
    responses((status = 200, body = ParticipantWire))
)]
async fn show(
    target: Target,
    State(directory): State<Directory>,
    path: PathOf<Attendance>,
) -> Reply<Json<ParticipantWire>> {
    let (meeting, participant) = path.0.both();
    let found = directory.participant(&target, meeting, participant).await?;
    Ok(Json((&found).into()))
}

/// Arrange the picture of a meeting
#[utoipa::path(
    post, path = "/user/meetings/{id}/participants/layout", tag = "meetings",
    params(("id" = String, Path, description = "The meeting.")), request_body = SetLayout,
    responses((status = 200))
)]
async fn layout(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<SetLayout>,
) -> Reply<()> {
    Ok(directory.command(&target, meeting(id.0), body.0.read()?).await?)
}

/// Call a number into a meeting
///
/// The call is handed to the engine; whoever answers joins.
#[utoipa::path(
    post, path = "/user/meetings/{id}/participants/invite", tag = "meetings",
    params(("id" = String, Path, description = "The meeting.")), request_body = Invite,
    responses((status = 200))
)]
async fn invite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<Invite>,
) -> Reply<()> {
    Ok(directory.command(&target, meeting(id.0), body.0.read()?).await?)
}

/// Show somebody at another place
#[utoipa::path(
    post, path = "/user/meetings/{id}/participants/{participant_id}/position", tag = "meetings",
    params(
        ("id" = String, Path, description = "The meeting."),
        ("participant_id" = String, Path, description = "The participant.")
    ),
    request_body = SetPosition, responses((status = 200))
)]
async fn position(
    target: Target,
    State(directory): State<Directory>,
    path: PathOf<Attendance>,
    body: Body<SetPosition>,
) -> Reply<()> {
    let (meeting, participant) = path.0.both();
    Ok(directory
        .command(&target, meeting, body.0.read(participant)?)
        .await?)
}

/// Put somebody out of a meeting
#[utoipa::path(
    post, path = "/user/meetings/{id}/participants/{participant_id}/destroy", tag = "meetings",
    params(
        ("id" = String, Path, description = "The meeting."),
        ("participant_id" = String, Path, description = "The participant.")
    ),
    responses((status = 204))
)]
async fn kick(
    target: Target,
    State(directory): State<Directory>,
    path: PathOf<Attendance>,
) -> Reply<StatusCode> {
    let (meeting, participant) = path.0.both();
    directory
        .command(&target, meeting, ConferenceCommand::Kick(participant))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An operation that has one command carried out on somebody.
macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident $path:literal $command:ident;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(
            post, path = $path, tag = "meetings",
            params(
                ("id" = String, Path, description = "The meeting."),
                ("participant_id" = String, Path, description = "The participant.")
            ),
            responses((status = 200))
        )]
        async fn $name(target: Target, State(directory): State<Directory>, path: PathOf<Attendance>) -> Reply<()> {
            let (meeting, participant) = path.0.both();
            Ok(directory
                .command(&target, meeting, ConferenceCommand::$command(participant))
                .await?)
        }
    )*};
}

commands! {
    /// Mute somebody
    mute "/user/meetings/{id}/participants/{participant_id}/mute" MuteParticipant;
    /// Let somebody speak
    unmute "/user/meetings/{id}/participants/{participant_id}/unmute" UnmuteParticipant;
    /// Make somebody the chairman
    ///
    /// Whoever was it is it no longer.
    chairman "/user/meetings/{id}/participants/{participant_id}/chairman" SetChairman;
}

/// The routes of the people in a meeting.
pub(crate) fn routes() -> Table {
    Table::new()
        .routes(routes!(list))
        .routes(routes!(layout))
        .routes(routes!(invite))
        .routes(routes!(show))
        .routes(routes!(mute))
        .routes(routes!(unmute))
        .routes(routes!(chairman))
        .routes(routes!(position))
        .routes(routes!(kick))
}
