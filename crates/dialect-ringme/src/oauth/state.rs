//! Ending tokens (RFC 7009) and asking about them (RFC 7662).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use jackfield_directory::{Directory, ProvenApplication};
use jackfield_domain::{Field, Result, Rule, Violations};
use jackfield_edge::Input;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Fields, Reply,
    client::{Client, parameter},
};

/// A token, and the application that it was given to. A `token_type_hint` is not needed and not looked at.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct OneToken {
    /// The token.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    token: Input<String>,
    /// The application; or HTTP Basic.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    client_id: Input<String>,
    /// Its secret; or HTTP Basic.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    client_secret: Input<String>,
}

impl OneToken {
    /// The token, and its program, proven.
    async fn read(self, headers: &HeaderMap, directory: &Directory) -> Result<(String, ProvenApplication)> {
        let mut found = Violations::new();
        let token = parameter(self.token, Field::Token, &mut found);
        let client = Client {
            id: parameter(self.client_id, Field::ClientId, &mut found),
            secret: parameter(self.client_secret, Field::ClientSecret, &mut found),
        };
        if token.is_none() && !found.concerns(Field::Token) {
            found.add(Field::Token, Rule::Required);
        }
        found.finish()?;
        let program = client.prove(headers, directory).await?;
        Ok((token.unwrap_or_default(), program))
    }
}

/// End a token
///
/// With it end all tokens of the same authorization. A token that is unknown, or not this application's, is left alone, and the
/// answer is the same.
#[utoipa::path(
    post, path = "/revoke", tag = "OAuth 2", security(()),
    request_body(content = OneToken, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It does not serve, or never did."))
)]
pub(crate) async fn revoke(
    headers: HeaderMap,
    State(directory): State<Directory>,
    body: Fields<OneToken>,
) -> Reply<StatusCode> {
    let (token, program) = body.0.read(&headers, &directory).await?;
    directory.revoke_token(&program, &token).await?;
    Ok(StatusCode::OK)
}

/// What a token is good for.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct TokenState {
    /// Whether it serves. All else is left out when it does not.
    active: bool,
    /// `all`, or `call_api`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    scope: Option<&'static str>,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    client_id: Option<String>,
    /// The login of the user that it acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    username: Option<String>,
    /// His id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "100001")]
    sub: Option<String>,
    /// `Bearer` for an access token; left out for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    token_type: Option<&'static str>,
    /// When it was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    iat: Option<i64>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    exp: Option<i64>,
}

/// Ask about a token
///
/// An application may ask about its own; all others do not serve, as far as it learns.
#[utoipa::path(
    post, path = "/introspect", tag = "OAuth 2", security(()),
    request_body(content = OneToken, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenState))
)]
pub(crate) async fn introspect(
    headers: HeaderMap,
    State(directory): State<Directory>,
    body: Fields<OneToken>,
) -> Reply<Json<TokenState>> {
    let (token, program) = body.0.read(&headers, &directory).await?;
    let live = directory.inspect_token(&program, &token).await?;
    let application = program.application();
    let state = live.map_or_else(TokenState::default, |live| TokenState {
        active: true,
        scope: Some(application.access.word()),
        client_id: Some(application.client_id.clone()),
        username: Some(live.username),
        sub: Some(live.user.to_string()),
        token_type: live.opens_requests.then_some("Bearer"),
        iat: Some(live.created_at.as_seconds()),
        exp: Some(live.expires_at.as_seconds()),
    });
    Ok(Json(state))
}
