//! Keys of programs, for who may change the tenant's settings.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    ApiKey, ApiKeyId, Field, KeyPurpose, NewApiKey, Result, Rule, Violations, capability::ManageCompany,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, PathOf, Reply,
    wire::{choice, text, words},
};

words! {
    /// What a key is for. It opens nothing else.
    Purpose is KeyPurpose { "feed" Feed, "desk" Desk }
}

/// A key to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateKey {
    /// What it is for: `feed` reports what happens on the tenant's telephone system. Keys for other purposes are made on the
    /// command line.
    #[serde(default)]
    #[schema(value_type = String, required = true, pattern = "^feed$", example = "feed")]
    purpose: Input<String>,
    /// What to call it, so that you know later which one to revoke.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    name: Input<String>,
}

impl CreateKey {
    fn read(self) -> Result<NewApiKey> {
        let mut found = Violations::new();
        // A key for the desk has an owner and permissions, which this body has no place for.
        let feed = choice(self.purpose).convert(|purpose| match purpose {
            KeyPurpose::Feed => Ok(()),
            KeyPurpose::Desk => Err(Rule::NotOneOf(&["feed"])),
        });
        feed.required(&mut found, Field::Purpose);
        let new = NewApiKey::feed(text(self.name, &mut found, Field::Name));
        conclude(found, || new.check())?;
        Ok(new)
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewKey {
    /// Its id, by which it is revoked.
    #[schema(minimum = 100_000)]
    id: i64,
    /// The key. It is shown now and never again.
    #[schema(example = "jfk_SMP4RRCQ5VGD2TQJ3VW3OOFGIX5OT6WUJ5BXJEB5BVTOQAZYKBKQ")]
    key: String,
}

/// A key as it is listed.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyLine {
    /// Its id.
    #[schema(minimum = 100_000)]
    id: i64,
    /// What it is for.
    #[schema(value_type = Purpose)]
    purpose: &'static str,
    /// What people call it.
    #[schema(max_length = 64)]
    name: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<ApiKey> for KeyLine {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.get(),
            purpose: match key.purpose {
                KeyPurpose::Feed => "feed",
                KeyPurpose::Desk => "desk",
            },
            name: key.name,
            created_at: key.created_at.to_string(),
        }
    }
}

/// The keys of a tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keys {
    /// All of them, in the order in which they were made.
    items: Vec<KeyLine>,
}

/// List keys
///
/// Without their texts, which nobody has but whom they were given to.
#[utoipa::path(get, path = "/keys", tag = "keys", responses((status = 200, body = Keys)))]
pub(crate) async fn list(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
) -> Reply<Json<Keys>> {
    let keys = directory.list_keys(&grant).await?;
    Ok(Json(Keys {
        items: keys.into_iter().map(Into::into).collect(),
    }))
}

/// Make a key
#[utoipa::path(
    post, path = "/keys", tag = "keys", request_body = CreateKey, responses((status = 201, body = NewKey))
)]
pub(crate) async fn create(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    body: Body<CreateKey>,
) -> Reply<(StatusCode, Json<NewKey>)> {
    let made = directory.create_key(&grant, body.0.read()?).await?;
    Ok((
        StatusCode::CREATED,
        Json(NewKey {
            id: made.id.get(),
            key: made.key,
        }),
    ))
}

/// Revoke a key
///
/// From now on it opens nothing.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "keys", params(("id" = i64, Path, description = "The key.")),
    responses((status = 204))
)]
pub(crate) async fn revoke(
    grant: Granted<ManageCompany>,
    State(directory): State<Directory>,
    id: PathOf<i64>,
) -> Reply<StatusCode> {
    directory.destroy_key(&grant, ApiKeyId::new(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}
