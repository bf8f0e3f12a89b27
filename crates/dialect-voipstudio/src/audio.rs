//! What callers hear before they leave a user a message.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{Greeting, Item};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Reply, Target, envelope::One, user_view::UserAnswer};

/// The greeting that callers hear.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audio {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// The name of its file.
    name: String,
    /// The bytes of its file.
    #[schema(minimum = 0)]
    size: u64,
}

impl From<Item<Greeting>> for Audio {
    fn from(item: Item<Greeting>) -> Self {
        Self {
            id: item.id,
            name: item.value.name,
            size: item.value.size,
        }
    }
}

/// Read a user with his greeting
///
/// Without `audio`, callers hear the built-in greeting.
#[utoipa::path(
    get, path = "/users/{user_id}/audio", tag = "users",
    params(("user_id" = i64, Path, description = "The user.")),
    responses((status = 200, body = One<UserAnswer>))
)]
pub(crate) async fn show(target: Target, State(directory): State<Directory>) -> Reply<Json<One<UserAnswer>>> {
    let facts = directory.tenant_facts(target.tenant()).await?;
    let mut user = UserAnswer::of(&directory.user(&target).await?, &facts);
    let greetings = directory.greetings(&target).await?;
    user.audio = greetings
        .into_iter()
        .find(|greeting| greeting.item.value.enabled)
        .map(|greeting| greeting.item.into());
    Ok(Json(One::of(user)))
}

/// Put the built-in greeting back
///
/// The user's greetings stay; callers hear none of them.
#[utoipa::path(
    delete, path = "/users/{user_id}/audio", tag = "users",
    params(("user_id" = i64, Path, description = "The user.")), responses((status = 204))
)]
pub(crate) async fn reset(target: Target, State(directory): State<Directory>) -> Reply<StatusCode> {
    let greetings = directory.greetings(&target).await?;
    let enabled = greetings.iter().find(|greeting| greeting.item.value.enabled);
    if let Some(greeting) = enabled {
        directory
            .enable_greeting(&target, greeting.item.id, false)
            .await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
