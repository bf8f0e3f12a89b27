//! Tokens of programs.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{ApiToken, ApiTokenField, Field, NewApiToken, Result, Violations};
use jackfield_edge::{Input, conclude, write_moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Params, PathOf, Reply, Session,
    envelope::{Many, One},
    listing::ListParams,
};

/// A token to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateApiToken {
    /// What you call it; no two of yours may have one name.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 128)]
    name: Input<String>,
    /// After how many seconds without a request it ends, at least 60. With 0, and when this is left out, it does not end.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 315_360_000)]
    expiry: Input<i64>,
}

impl CreateApiToken {
    fn read(self) -> Result<NewApiToken> {
        let mut found = Violations::new();
        let new = NewApiToken {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
            idle_seconds: self
                .expiry
                .optional(&mut found, Field::IdleSeconds)
                .unwrap_or_default(),
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiTokenAnswer {
    /// When it was made: the token, which is shown here and nowhere again. In a list: a name for the token that opens
    /// nothing and that `DELETE` takes in its place.
    #[schema(min_length = 40, max_length = 40)]
    token: String,
    /// What its owner calls it.
    name: String,
    /// After how many seconds without a request it ends; 0 for never.
    #[schema(minimum = 0)]
    expiry: u64,
    /// When it was made.
    #[schema(example = "2026-03-02 08:00:00")]
    created_at: String,
}

impl From<ApiToken> for ApiTokenAnswer {
    fn from(token: ApiToken) -> Self {
        Self {
            token: token.handle,
            name: token.name,
            expiry: token.idle.map_or(0, |idle| idle.as_secs()),
            created_at: write_moment(token.created_at),
        }
    }
}

fn names(name: &str) -> Option<ApiTokenField> {
    match name {
        "token" => Some(ApiTokenField::Handle),
        "name" => Some(ApiTokenField::Name),
        "created_at" => Some(ApiTokenField::CreatedAt),
        _ => None,
    }
}

/// List one's tokens
#[utoipa::path(
    get, path = "/apitokens", tag = "session", params(ListParams),
    responses((status = 200, body = Many<ApiTokenAnswer>))
)]
pub(crate) async fn list(
    session: Session,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<ApiTokenAnswer>>> {
    let query = params.0.query(names)?;
    let listing = directory.list_api_tokens(&session.own()?, &query).await?;
    Ok(Json(Many::of(listing)))
}

/// Make a token
#[utoipa::path(
    post, path = "/apitokens", tag = "session", request_body = CreateApiToken,
    responses((status = 201, body = One<ApiTokenAnswer>))
)]
pub(crate) async fn create(
    session: Session,
    State(directory): State<Directory>,
    body: Body<CreateApiToken>,
) -> Reply<(StatusCode, Json<One<ApiTokenAnswer>>)> {
    let new = body.0.read()?;
    let (token, made) = directory.create_api_token(&session.own()?, new).await?;
    let answer = ApiTokenAnswer { token, ..made.into() };
    Ok((StatusCode::CREATED, Json(One::of(answer))))
}

/// End a token
#[utoipa::path(
    delete, path = "/apitokens/{token}", tag = "session",
    params(("token" = String, Path, description = "The token, or what a list calls it.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    session: Session,
    State(directory): State<Directory>,
    token: PathOf<String>,
) -> Reply<StatusCode> {
    directory.remove_api_token(&session.own()?, &token.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
