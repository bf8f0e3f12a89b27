//! Greetings of the voicemail box: sound files that were uploaded, of which callers hear at most one.

use jackfield_directory::{Directory, SeenGreeting};
use jackfield_domain::{BlobId, Field, Result, Rule, Violations};
use jackfield_edge::Input;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Reply, Target, blobs, id};

/// A greeting to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateGreeting {
    /// The id of an uploaded file: WAV (PCM, 16 bit, mono, at 8, 16, 32 or 48 kHz) or MP3.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    file_id: Input<String>,
}

/// A greeting.
#[derive(Serialize, ToSchema)]
pub(crate) struct GreetingAnswer {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Whether callers hear it. At most one is.
    enabled: bool,
    /// The name of its file.
    file_name: String,
    /// The bytes of its file.
    #[schema(minimum = 0)]
    file_size: i64,
    /// The address of its file, without the server's own.
    file_url: String,
}

/// All greetings of a user.
#[derive(Serialize, ToSchema)]
pub(crate) struct GreetingsAnswer {
    /// In the order in which they were made.
    items: Vec<GreetingAnswer>,
}

impl CreateGreeting {
    fn read(self) -> Result<BlobId> {
        let mut found = Violations::new();
        let file = self
            .file_id
            .convert(|text| id::read(&text).map(BlobId::new).ok_or(Rule::Unknown))
            .required(&mut found, Field::File);
        found.finish()?;
        // Nothing was wrong, so it is there; no file has this id.
        Ok(file.unwrap_or(BlobId::new(-1)))
    }
}

impl From<SeenGreeting> for GreetingAnswer {
    fn from(seen: SeenGreeting) -> Self {
        let greeting = seen.item.value;
        Self {
            id: seen.item.id.to_string(),
            enabled: greeting.enabled,
            file_name: greeting.name,
            file_size: i64::try_from(greeting.size).unwrap_or(i64::MAX),
            file_url: seen.key.as_ref().map(blobs::url).unwrap_or_default(),
        }
    }
}

async fn all(directory: &Directory, target: &Target) -> Reply<GreetingsAnswer> {
    let greetings = directory.greetings(target).await?.into_iter();
    Ok(GreetingsAnswer {
        items: greetings.map(GreetingAnswer::from).collect(),
    })
}

/// The five operations at one of their two places.
macro_rules! greetings {
    ($(#[doc = $what:literal])* $module:ident: $list:literal, item $item:literal, id $id:literal $(, user $user:literal)?) => {
        $(#[doc = $what])*
        pub(crate) mod $module {
            use axum::{Json, extract::State, http::StatusCode};
            use jackfield_directory::Directory;

            use jackfield_edge::{Table, routes};

            use super::{CreateGreeting, GreetingsAnswer, all};
            use crate::{Body, Reply, Target, id::Created, owned::ItemId};

            /// Lists the greetings.
            #[utoipa::path(
                get, path = $list, tag = "greetings",
                params($(($user = String, Path, description = "The user's id."))?),
                responses((status = 200, body = GreetingsAnswer))
            )]
            async fn list(target: Target, State(directory): State<Directory>) -> Reply<Json<GreetingsAnswer>> {
                Ok(Json(all(&directory, &target).await?))
            }

            /// Makes a greeting of a file that the caller has uploaded. Callers do not hear it before it is enabled.
            #[utoipa::path(
                post, path = $list, tag = "greetings",
                params($(($user = String, Path, description = "The user's id."))?),
                request_body = CreateGreeting, responses((status = 201, body = Created))
            )]
            async fn create(
                target: Target,
                State(directory): State<Directory>,
                body: Body<CreateGreeting>,
            ) -> Reply<(StatusCode, Json<Created>)> {
                Ok(Created::answer(directory.create_greeting(&target, body.0.read()?).await?))
            }

            /// Lets callers hear this greeting, and no other.
            #[utoipa::path(
                post, path = concat!($item, "/enable"), tag = "greetings",
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                responses((status = 200))
            )]
            async fn enable(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<()> {
                Ok(directory.enable_greeting(&target, id.0, true).await?)
            }

            /// Lets callers hear this greeting no more. They hear the built-in one then.
            #[utoipa::path(
                post, path = concat!($item, "/disable"), tag = "greetings",
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                responses((status = 200))
            )]
            async fn disable(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<()> {
                Ok(directory.enable_greeting(&target, id.0, false).await?)
            }

            /// Removes a greeting.
            #[utoipa::path(
                post, path = concat!($item, "/destroy"), tag = "greetings",
                params($(($user = String, Path, description = "The user's id."),)? ($id = String, Path, description = "Its id.")),
                responses((status = 204))
            )]
            async fn destroy(target: Target, State(directory): State<Directory>, id: ItemId) -> Reply<StatusCode> {
                directory.remove_greeting(&target, id.0).await?;
                Ok(StatusCode::NO_CONTENT)
            }

            /// The routes of the five.
            pub(crate) fn routes() -> Table {
                Table::new()
                    .routes(routes!(list, create))
                    .routes(routes!(enable))
                    .routes(routes!(disable))
                    .routes(routes!(destroy))
            }
        }
    };
}

greetings! {
    /// One's own.
    own: "/user/greetings", item "/user/greetings/{item_id}", id "item_id"
}

greetings! {
    /// A user's.
    of: "/users/{user_id}/greetings", item "/users/{user_id}/greetings/{item_id}", id "item_id", user "user_id"
}
