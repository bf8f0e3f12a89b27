//! Signing in and out.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jackfield_directory::{AddressSignIn, Directory, SignInOutcome, StayingSession};
use jackfield_domain::{Field, Result, Rule, Violations, limits};
use jackfield_edge::{Input, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Body, Reply, Session, envelope::One};

/// The longest address that is looked for: a name, a domain and an `@`.
const ADDRESS: usize = 512;
/// The longest nonce that is looked for; ours are far shorter.
const NONCE: usize = 1024;
/// The longest code that is tried.
const CODE: usize = 16;

/// An e-mail address and a password.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// The e-mail address of the account; or its name and the SIP domain of its tenant, with `@` between them.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 512)]
    email: Input<String>,
    /// The password.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    password: Input<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// A word for people.
    message: &'static str,
    /// The token: 40 hexadecimal digits. It ends after 30 minutes without a request.
    #[schema(min_length = 40, max_length = 40)]
    user_token: String,
    /// Whose it is.
    #[schema(example = 100_001)]
    user_id: i64,
}

impl From<StayingSession> for SignedIn {
    fn from(session: StayingSession) -> Self {
        Self {
            message: "Login success",
            user_token: session.token,
            user_id: session.user.get(),
        }
    }
}

/// What is missing from a session: a code.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeNeeded {
    /// A word for people.
    message: &'static str,
    /// Names this sign-in in the second step.
    nonce: String,
}

/// The code that was mailed.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Code {
    /// The code.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 16)]
    code: Input<String>,
    /// What the first step answered.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    nonce: Input<String>,
}

/// A text that must be there, not empty and not longer than `most` characters.
fn required(input: Input<String>, field: Field, most: usize, found: &mut Violations) -> String {
    input
        .convert(|text| match text.chars().count() {
            0 => Err(Rule::Required),
            length if length > most => Err(Rule::TooLong(most)),
            _ => Ok(text),
        })
        .required(found, field)
        .unwrap_or_default()
}

impl Credentials {
    fn read(self, source: String) -> Result<AddressSignIn> {
        let mut found = Violations::new();
        let sign_in = AddressSignIn {
            address: required(self.email, Field::Email, ADDRESS, &mut found),
            password: required(self.password, Field::Password, limits::PASSWORD, &mut found),
            source,
        };
        found.finish()?;
        Ok(sign_in)
    }
}

/// Sign in
///
/// Where the tenant demands a second factor, a code is sent by mail and the answer is 202 with a nonce for `/login2fa`.
#[utoipa::path(
    post, path = "/login", tag = "session", request_body = Credentials, security(()),
    responses(
        (status = 200, body = SignedIn),
        (status = 202, body = CodeNeeded, description = "A code was mailed.")
    )
)]
pub(crate) async fn login(
    source: Source,
    State(directory): State<Directory>,
    body: Body<Credentials>,
) -> Reply<Response> {
    let sign_in = body.0.read(source.0)?;
    Ok(match directory.sign_in_to_stay(sign_in).await? {
        SignInOutcome::Tokens(session) => Json(SignedIn::from(session)).into_response(),
        SignInOutcome::CodeNeeded { token } => {
            directory.send_code(&token).await?;
            let answer = CodeNeeded {
                message: "A code was sent by e-mail",
                nonce: token,
            };
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
    })
}

/// Sign in with a code
#[utoipa::path(
    post, path = "/login2fa", tag = "session", request_body = Code, security(()),
    responses((status = 200, body = SignedIn))
)]
pub(crate) async fn login_with_code(
    State(directory): State<Directory>,
    body: Body<Code>,
) -> Reply<Json<SignedIn>> {
    let mut found = Violations::new();
    let code = required(body.0.code, Field::Code, CODE, &mut found);
    let nonce = required(body.0.nonce, Field::Token, NONCE, &mut found);
    found.finish()?;
    Ok(Json(directory.verify_code_to_stay(&nonce, &code).await?.into()))
}

/// Sign out
///
/// The token serves no more.
#[utoipa::path(post, path = "/logout", tag = "session", responses((status = 204)))]
pub(crate) async fn logout(session: Session, State(directory): State<Directory>) -> Reply<StatusCode> {
    directory.sign_out(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pong {
    /// Always `Pong`.
    response: &'static str,
}

/// Keep a session alive
#[utoipa::path(get, path = "/ping", tag = "session", responses((status = 200, body = One<Pong>)))]
pub(crate) async fn ping(_: Session) -> Json<One<Pong>> {
    Json(One::of(Pong { response: "Pong" }))
}
