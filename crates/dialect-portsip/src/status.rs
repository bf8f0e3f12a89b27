//! What a user's phones do and what he says of himself, at both places.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Directory, UserState};
use jackfield_domain::{Field, PresencePatch, Registration, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, PathOf, Reply, Target,
    id::PathId,
    words::{PresenceWord, SeenPresenceWord, StatusWord, choice},
};

/// A SIP device that is bound to the user's extension.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegistrationAnswer {
    /// The id that the device gives itself.
    #[schema(max_length = 256)]
    instance_id: String,
    /// What it calls itself.
    #[schema(max_length = 256)]
    user_agent: String,
    /// The program it belongs to, for a softphone; else empty.
    #[schema(max_length = 256)]
    application: String,
    /// The address it was seen at; empty when that is not known.
    ip: String,
    /// It wants to be woken before a call.
    enable_push: bool,
    /// The SIP address that calls are sent to.
    #[schema(max_length = 1024)]
    contact_address: String,
}

impl From<Registration> for RegistrationAnswer {
    fn from(registration: Registration) -> Self {
        let binding = registration.binding;
        Self {
            instance_id: binding.instance_id,
            user_agent: binding.user_agent,
            application: binding.application,
            ip: binding.ip,
            enable_push: binding.enable_push,
            contact_address: binding.contact_address,
        }
    }
}

/// What others see of a user now.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusAnswer {
    /// What his phones do.
    status: StatusWord,
    /// What he says of himself; where he takes calls, what his phones do.
    presence: SeenPresenceWord,
    /// His note.
    #[schema(max_length = 128)]
    presence_note: String,
    /// The devices that are bound now.
    #[schema(max_items = 32)]
    registration: Vec<RegistrationAnswer>,
    /// He has switched "do not disturb" on.
    enable_dnd: bool,
    /// Calls to a busy user are made as soon as that one is free.
    enable_acb: bool,
}

impl From<UserState> for StatusAnswer {
    fn from(state: UserState) -> Self {
        Self {
            status: state.status.into(),
            presence: state.presence.into(),
            presence_note: state.note,
            registration: state.registrations.into_iter().map(Into::into).collect(),
            enable_dnd: state.dnd,
            enable_acb: state.acb,
        }
    }
}

/// What the caller says of himself. What is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SetPresence {
    /// Whether he takes calls, or why not.
    #[serde(default)]
    #[schema(value_type = PresenceWord, required = false)]
    presence: Input<String>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 128)]
    presence_note: Input<String>,
}

impl SetPresence {
    fn read(self) -> Result<PresencePatch> {
        let mut found = Violations::new();
        let patch = PresencePatch {
            presence: choice(self.presence).patch(&mut found, Field::Presence),
            note: self.presence_note.patch(&mut found, Field::PresenceNote),
        };
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

/// Reads what others see of the caller now.
#[utoipa::path(get, path = "/user/status", tag = "user", responses((status = 200, body = StatusAnswer)))]
pub(crate) async fn own(target: Target, State(directory): State<Directory>) -> Reply<Json<StatusAnswer>> {
    Ok(Json(directory.status(&target).await?.into()))
}

/// Reads what others see of a user now.
#[utoipa::path(
    get, path = "/users/{user_id}/status", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = StatusAnswer))
)]
pub(crate) async fn of(target: Target, State(directory): State<Directory>) -> Reply<Json<StatusAnswer>> {
    Ok(Json(directory.status(&target).await?.into()))
}

/// Ends the registration of a user's SIP device. It is not rung any more until it registers again.
#[utoipa::path(
    post, path = "/users/{user_id}/status/{instance_id}/destroy_status", tag = "users",
    params(
        ("user_id" = String, Path, description = "The user's id."),
        ("instance_id" = String, Path, description = "The id that the device gives itself.")
    ),
    responses((status = 204))
)]
pub(crate) async fn end_registration(
    target: Target,
    State(directory): State<Directory>,
    path: PathOf<(PathId, String)>,
) -> Reply<StatusCode> {
    directory.end_registration(&target, &path.0.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says whether the caller takes calls, or why not. What is left out stays.
#[utoipa::path(post, path = "/user/presence", tag = "user", request_body = SetPresence, responses((status = 200)))]
pub(crate) async fn set_presence(
    target: Target,
    State(directory): State<Directory>,
    body: Body<SetPresence>,
) -> Reply<()> {
    Ok(directory.set_presence(&target, body.0.read()?).await?)
}
