//! Giving tokens.

use axum::{Json, extract::State, http::HeaderMap};
use jackfield_directory::{Directory, ProgramTokens};
use jackfield_domain::{ApplicationAccess, Field, Result, Rule, Violations, limits};
use jackfield_edge::{Input, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Fields, QueryFields, Reply,
    client::{Client, parameter},
};

/// The grants that there are.
const GRANTS: &[&str] = &[
    "client_credentials",
    "authorization_code",
    "password",
    "refresh_token",
];
/// The scopes that there are.
pub(super) const SCOPES: &[&str] = &[ApplicationAccess::All.word(), ApplicationAccess::CallApi.word()];

/// What a program sends to get tokens: as a form, as multipart, or in the query.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// `client_credentials` for a trusted application, `authorization_code` for a public one, `password` for one of that type,
    /// `refresh_token` for the last two.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "client_credentials")]
    grant_type: Input<String>,
    /// The application; or HTTP Basic.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    client_id: Input<String>,
    /// Its secret; or HTTP Basic.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    client_secret: Input<String>,
    /// The code, for `authorization_code`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    code: Input<String>,
    /// The address that was named to get the code, for `authorization_code`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    redirect_uri: Input<String>,
    /// What the challenge was made of that was sent to get the code, for `authorization_code` (RFC 7636).
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    code_verifier: Input<String>,
    /// The refresh token, for `refresh_token`. It serves once: the answer has the next.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    refresh_token: Input<String>,
    /// The user's login, for `password`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    username: Input<String>,
    /// His password, for `password`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    password: Input<String>,
    /// `all` or `call_api`. What the application may do does not depend on it.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "all")]
    scope: Input<String>,
}

/// The tokens of an application.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenAnswer {
    /// Goes into `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How many seconds it serves.
    #[schema(example = 3600)]
    expires_in: u64,
    /// Gets the next tokens, once. Trusted applications have none: they ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    refresh_token: Option<String>,
    /// `all`, or `call_api`.
    #[schema(example = "all")]
    scope: &'static str,
}

impl From<ProgramTokens> for TokenAnswer {
    fn from(tokens: ProgramTokens) -> Self {
        Self {
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: tokens.expires_in.as_secs(),
            refresh_token: tokens.refresh,
            scope: tokens.scope.word(),
        }
    }
}

/// What the body says, and what the query says where the body says nothing.
fn either(body: Input<String>, query: Input<String>) -> Input<String> {
    if body.is_absent() { query } else { body }
}

/// Checks the scopes that are asked for. They do not narrow anything, so the answer says what there is.
pub(super) fn check_scope(input: Input<String>, found: &mut Violations) {
    let scope = input.convert(|text| {
        if text.split_whitespace().all(|word| SCOPES.contains(&word)) {
            Ok(())
        } else {
            Err(Rule::NotOneOf(SCOPES))
        }
    });
    scope.optional(found, Field::Scope);
}

enum Asked {
    Program,
    Code {
        code: String,
        redirect_uri: Option<String>,
        verifier: Option<String>,
    },
    Password {
        username: String,
        password: String,
    },
    Refresh(String),
}

fn needed(value: Option<String>, field: Field, found: &mut Violations) -> String {
    if value.is_none() && !found.concerns(field) {
        found.add(field, Rule::Required);
    }
    value.unwrap_or_default()
}

impl TokenRequest {
    fn read(self, query: Self) -> Result<(Client, Asked)> {
        let mut found = Violations::new();
        let mut value = |body, query, field| parameter(either(body, query), field, &mut found);
        let grant = value(self.grant_type, query.grant_type, Field::GrantType);
        let client = Client {
            id: value(self.client_id, query.client_id, Field::ClientId),
            secret: value(self.client_secret, query.client_secret, Field::ClientSecret),
        };
        let code = value(self.code, query.code, Field::Code);
        let redirect_uri = value(self.redirect_uri, query.redirect_uri, Field::RedirectUri);
        let verifier = value(self.code_verifier, query.code_verifier, Field::CodeVerifier);
        let refresh = value(self.refresh_token, query.refresh_token, Field::RefreshToken);
        let username = value(self.username, query.username, Field::Username);
        let password = value(self.password, query.password, Field::Password);
        check_scope(either(self.scope, query.scope), &mut found);
        let asked = match grant.as_deref() {
            Some("client_credentials") => Asked::Program,
            Some("authorization_code") => Asked::Code {
                code: needed(code, Field::Code, &mut found),
                redirect_uri,
                verifier,
            },
            Some("password") => {
                let asked = Asked::Password {
                    username: needed(username, Field::Username, &mut found),
                    password: needed(password, Field::Password, &mut found),
                };
                if let Asked::Password { password, .. } = &asked
                    && password.chars().count() > limits::PASSWORD
                {
                    found.add(Field::Password, Rule::TooLong(limits::PASSWORD));
                }
                asked
            }
            Some("refresh_token") => Asked::Refresh(needed(refresh, Field::RefreshToken, &mut found)),
            Some(_) => {
                found.add(Field::GrantType, Rule::NotOneOf(GRANTS));
                Asked::Program
            }
            None => {
                needed(None, Field::GrantType, &mut found);
                Asked::Program
            }
        };
        found.finish()?;
        Ok((client, asked))
    }
}

/// Get tokens
///
/// Parameters come as a form, as multipart or in the query. A code and a refresh token serve once; one that comes twice was copied,
/// and ends every token that came from it.
#[utoipa::path(
    post, path = "/token", tag = "OAuth 2", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenAnswer))
)]
pub(crate) async fn token(
    source: Source,
    headers: HeaderMap,
    State(directory): State<Directory>,
    query: QueryFields<TokenRequest>,
    body: Fields<TokenRequest>,
) -> Reply<Json<TokenAnswer>> {
    let (client, asked) = body.0.read(query.0)?;
    let program = client.prove(&headers, &directory).await?;
    let tokens = match asked {
        Asked::Program => directory.tokens_of_program(&program).await?,
        Asked::Code {
            code,
            redirect_uri,
            verifier,
        } => {
            directory
                .tokens_by_code(&program, &code, redirect_uri.as_deref(), verifier.as_deref())
                .await?
        }
        Asked::Password { username, password } => {
            directory
                .tokens_by_password(&program, &username, &password, &source.0)
                .await?
        }
        Asked::Refresh(token) => directory.tokens_by_refresh(&program, &token).await?,
    };
    Ok(Json(tokens.into()))
}
