//! Signing in and out, as clients of the older generations do it.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use jackfield_directory::{Directory, SignIn, SignInOutcome, TokenPair};
use jackfield_domain::{Error, Field, Result, Rule, Violation, Violations};
use jackfield_edge::Source;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, PortSip, Reply, Session,
    auth::{Credentials, seconds},
};

/// The one client that the vendor's OAuth endpoint knows. It is published in its documentation and no secret.
const CLIENT_ID: &str = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a";

/// A session, as the oldest clients read it. `GET` leaves out what gets the next tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Login {
    /// Opens requests.
    access_token: String,
    /// Until when the access token serves.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Option<String>,
    /// How many seconds the access token serves.
    expires_in: u64,
    /// Gets the next pair of tokens, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    refresh_token: Option<String>,
    /// The name of the account's role.
    #[schema(min_length = 1, max_length = 64)]
    role: String,
}

/// Sign in, the oldest way
#[utoipa::path(
    post, path = "/login", tag = "session (older clients)", security(()),
    request_body = Credentials, responses((status = 200, body = Login))
)]
pub(crate) async fn login(
    State(directory): State<Directory>,
    source: Source,
    credentials: Body<Credentials>,
) -> Reply<Json<Login>> {
    let pair = tokens(&directory, credentials.0.read(source)?).await?;
    Ok(Json(Login {
        access_token: pair.access,
        expires_at: Some(pair.expires_at.to_string()),
        expires_in: seconds(pair.expires_in),
        refresh_token: Some(pair.refresh),
        role: pair.role,
    }))
}

/// These generations know nothing of a second step.
async fn tokens(directory: &Directory, sign_in: SignIn) -> Result<TokenPair> {
    match directory.sign_in(sign_in).await? {
        SignInOutcome::Tokens(pair) => Ok(pair),
        SignInOutcome::CodeNeeded { .. } => Err(Error::invalid(Violation::new(
            Field::Username,
            Rule::Other("needs a code to sign in, which only /auth/sign_in can ask for".into()),
        ))),
    }
}

/// Read the session, the oldest way
#[utoipa::path(
    get, path = "/login", tag = "session (older clients)", responses((status = 200, body = Login))
)]
pub(crate) async fn current(
    session: Session,
    State(directory): State<Directory>,
    headers: HeaderMap,
) -> Json<Login> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '));
    Json(Login {
        access_token: token
            .map(|(_, token)| token.trim().to_owned())
            .unwrap_or_default(),
        expires_at: session.ends_at.map(|moment| moment.to_string()),
        expires_in: seconds(directory.time_left(&session)),
        refresh_token: None,
        role: session.role.clone(),
    })
}

/// Sign out, the oldest way
///
/// Without a session there is nothing to end, and the answer is the same.
#[utoipa::path(
    post, path = "/logout", tag = "session (older clients)", security(()), responses((status = 204))
)]
pub(crate) async fn logout(
    session: Option<Session>,
    State(directory): State<Directory>,
) -> Reply<StatusCode> {
    if let Some(session) = session {
        directory.sign_out(&session).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What the OAuth endpoint is asked for.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// `password` or `refresh_token`.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    grant_type: Option<String>,
    /// The one that the vendor's documentation prints: `9d806019-75b2-4b3d-bb8b-f5a3a412cc0a`.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    client_id: Option<String>,
    /// The name of the account, with `password`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64)]
    username: Option<String>,
    /// Its password, with `password`.
    #[serde(default)]
    #[schema(max_length = 1024)]
    password: Option<String>,
    /// The SIP domain of the account's tenant, with `password`. Left out for accounts of the installation.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 280)]
    domain: Option<String>,
    /// The refresh token of the last pair, with `refresh_token`.
    #[serde(default)]
    #[schema(max_length = 1024)]
    refresh_token: Option<String>,
    /// Taken from clients that send it, and without effect.
    #[expect(dead_code, reason = "read by nobody; it stands here for the document")]
    scope: Option<String>,
}

/// What is asked for, once it is understood.
enum Wanted {
    SignIn(Credentials),
    Refresh(String),
}

impl TokenRequest {
    fn read(self) -> Result<Wanted> {
        let mut found = Violations::new();
        match self.client_id.as_deref() {
            Some(CLIENT_ID) => {}
            None | Some("") => found.add(Field::ClientId, Rule::Required),
            Some(_) => found.add(Field::ClientId, Rule::NotOneOf(&[CLIENT_ID])),
        }
        let wanted = match self.grant_type.as_deref() {
            Some("password") => Some(Wanted::SignIn(Credentials::of(
                self.username,
                self.password,
                self.domain,
            ))),
            Some("refresh_token") => {
                if self.refresh_token.as_deref().unwrap_or_default().is_empty() {
                    found.add(Field::RefreshToken, Rule::Required);
                }
                Some(Wanted::Refresh(self.refresh_token.unwrap_or_default()))
            }
            None | Some("") => {
                found.add(Field::GrantType, Rule::Required);
                None
            }
            Some(_) => {
                found.add(Field::GrantType, Rule::NotOneOf(&["password", "refresh_token"]));
                None
            }
        };
        found.finish()?;
        wanted.ok_or_else(|| Error::invalid(Violation::new(Field::GrantType, Rule::Required)))
    }
}

/// Get tokens over OAuth
///
/// With a password or with a refresh token. Of OAuth there is only this form: one client for all.
#[utoipa::path(
    post, path = "/login/oauth/token", tag = "session (older clients)", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = crate::auth::Tokens))
)]
pub(crate) async fn token(
    State(directory): State<Directory>,
    source: Source,
    request: jackfield_edge::Form<PortSip, TokenRequest>,
) -> Reply<Json<crate::auth::Tokens>> {
    let pair = match request.0.read()? {
        Wanted::SignIn(credentials) => tokens(&directory, credentials.read(source)?).await?,
        Wanted::Refresh(token) => directory.refresh(&token).await?,
    };
    Ok(Json(pair.into()))
}

/// Sign out over OAuth
#[utoipa::path(post, path = "/login/oauth/revoke", tag = "session (older clients)", responses((status = 200)))]
pub(crate) async fn revoke(session: Session, State(directory): State<Directory>) -> Reply<()> {
    Ok(directory.sign_out(&session).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Wanted> {
        let value = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        TokenRequest {
            grant_type: value("grant_type"),
            client_id: value("client_id"),
            username: value("username"),
            password: value("password"),
            domain: value("domain"),
            refresh_token: value("refresh_token"),
            scope: None,
        }
        .read()
    }

    #[test]
    fn both_grants_are_understood() {
        let client = ("client_id", CLIENT_ID);
        assert!(matches!(
            read(&[client, ("grant_type", "password")]),
            Ok(Wanted::SignIn(_))
        ));
        let refresh = read(&[client, ("grant_type", "refresh_token"), ("refresh_token", "x")]);
        assert!(matches!(refresh, Ok(Wanted::Refresh(token)) if token == "x"));
    }

    #[test]
    fn everything_missing_is_named() {
        for (pairs, fields) in [
            (&[][..], &[Field::ClientId, Field::GrantType][..]),
            (
                &[("client_id", "x"), ("grant_type", "password")],
                &[Field::ClientId],
            ),
            (
                &[("client_id", CLIENT_ID), ("grant_type", "implicit")],
                &[Field::GrantType],
            ),
            (
                &[("client_id", CLIENT_ID), ("grant_type", "refresh_token")],
                &[Field::RefreshToken],
            ),
        ] {
            let Err(Error::Invalid(found)) = read(pairs) else {
                panic!("{pairs:?}")
            };
            let found: Vec<_> = found.iter().map(|violation| violation.field).collect();
            assert_eq!(found, fields, "{pairs:?}");
        }
    }
}
