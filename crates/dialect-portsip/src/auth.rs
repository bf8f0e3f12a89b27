//! Signing in and out, as clients of version 22.2 do it.

use std::time::Duration;

use axum::{Json, extract::State};
use jackfield_directory::{Directory, ForgottenPassword, SignIn, SignInOutcome, TokenPair};
use jackfield_domain::{Field, Result, Rule, Violations, limits};
use jackfield_edge::{Input, Source};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Body, Reply, Session};

/// A name and a password.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// The name of the account.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    username: Input<String>,
    /// Its password.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    password: Input<String>,
    /// The SIP domain of the account's tenant. Left out for accounts of the installation.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 280)]
    domain: Input<String>,
}

impl Credentials {
    /// The same from the fields of a form.
    pub(crate) fn of(username: Option<String>, password: Option<String>, domain: Option<String>) -> Self {
        let input = |text: Option<String>| text.map_or(Input::Absent, Input::Value);
        Self {
            username: input(username),
            password: input(password),
            domain: input(domain),
        }
    }

    /// What is to be tried. An empty domain counts as none.
    pub(crate) fn read(self, source: Source) -> Result<SignIn> {
        let mut found = Violations::new();
        let username = required(
            self.username,
            Field::Username,
            *limits::USER_NAME.end(),
            &mut found,
        );
        let password = required(self.password, Field::Password, limits::PASSWORD, &mut found);
        let domain = at_most(self.domain, *limits::TENANT_DOMAIN.end()).optional(&mut found, Field::Domain);
        found.finish()?;
        Ok(SignIn {
            username,
            password,
            domain: domain.filter(|domain| !domain.is_empty()),
            source: source.0,
        })
    }
}

/// A text that must be there, not empty and not longer than `most` characters.
fn required(input: Input<String>, field: Field, most: usize, found: &mut Violations) -> String {
    at_most(input, most)
        .convert(|text| {
            if text.is_empty() {
                Err(Rule::Required)
            } else {
                Ok(text)
            }
        })
        .required(found, field)
        .unwrap_or_default()
}

fn at_most(input: Input<String>, most: usize) -> Input<String> {
    input.convert(|text| {
        if text.chars().count() > most {
            Err(Rule::TooLong(most))
        } else {
            Ok(text)
        }
    })
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Always `Bearer`.
    token_type: &'static str,
    /// Opens requests.
    access_token: String,
    /// Gets the next pair, once.
    refresh_token: String,
    /// How many seconds the access token serves.
    expires_in: u64,
}

impl From<TokenPair> for Tokens {
    fn from(pair: TokenPair) -> Self {
        Self {
            token_type: "Bearer",
            access_token: pair.access,
            refresh_token: pair.refresh,
            expires_in: seconds(pair.expires_in),
        }
    }
}

/// Whole seconds.
pub(crate) fn seconds(span: Duration) -> u64 {
    span.as_secs()
}

/// The password was right, and the tenant demands a code too.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeNeeded {
    /// Always `true`.
    two_factor_enabled: bool,
    /// Asks for the code, and redeems it.
    token: String,
}

/// What comes of signing in.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum SignedIn {
    /// Tokens.
    Tokens(Tokens),
    /// A question for a code.
    Code(CodeNeeded),
}

impl From<SignInOutcome> for SignedIn {
    fn from(outcome: SignInOutcome) -> Self {
        match outcome {
            SignInOutcome::Tokens(pair) => Self::Tokens(pair.into()),
            SignInOutcome::CodeNeeded { token } => Self::Code(CodeNeeded {
                two_factor_enabled: true,
                token,
            }),
        }
    }
}

/// How to sign in.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by nobody; it stands here for the document")]
pub(crate) struct SignInParams {
    /// Taken from clients that send it, and without effect.
    #[param(value_type = Option<bool>, default = false)]
    qr: Option<String>,
}

/// Sign in
///
/// With the right name and password: tokens, or, when the tenant demands a second step, a token for that step.
#[utoipa::path(
    post, path = "/auth/sign_in", tag = "session", security(()), params(SignInParams),
    request_body = Credentials, responses((status = 200, body = SignedIn))
)]
pub(crate) async fn sign_in(
    State(directory): State<Directory>,
    source: Source,
    credentials: Body<Credentials>,
) -> Reply<Json<SignedIn>> {
    let outcome = directory.sign_in(credentials.0.read(source)?).await?;
    Ok(Json(outcome.into()))
}

/// A refresh token.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Refresh {
    /// The refresh token of the last pair.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    refresh_token: Input<String>,
}

/// Get new tokens
///
/// Each refresh token serves once. One that comes a second time ends the session and all that came of it: somebody has a copy.
#[utoipa::path(
    post, path = "/auth/refresh_token", tag = "session", security(()),
    request_body = Refresh, responses((status = 200, body = Tokens))
)]
pub(crate) async fn refresh_token(
    State(directory): State<Directory>,
    body: Body<Refresh>,
) -> Reply<Json<Tokens>> {
    let mut found = Violations::new();
    let token = required(body.0.refresh_token, Field::RefreshToken, TOKEN, &mut found);
    found.finish()?;
    Ok(Json(directory.refresh(&token).await?.into()))
}

/// Characters of a token, at most; ours are far shorter.
const TOKEN: usize = 1024;

/// Sign out
///
/// Ends the session: its access and refresh tokens serve no more.
#[utoipa::path(post, path = "/auth/sign_out", tag = "session", responses((status = 200)))]
pub(crate) async fn sign_out(session: Session, State(directory): State<Directory>) -> Reply<()> {
    Ok(directory.sign_out(&session).await?)
}

/// The signed-in account.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInUser {
    /// The name of its role.
    #[schema(min_length = 1, max_length = 64)]
    role: String,
    /// Whether the session came of a password that was right: always `true`.
    password_verified: bool,
    /// Whether the account must get a new password before anything else.
    password_force_reset: bool,
}

/// Read the session
#[utoipa::path(get, path = "/auth/user", tag = "session", responses((status = 200, body = SignedInUser)))]
pub(crate) async fn user(session: Session) -> Json<SignedInUser> {
    Json(SignedInUser {
        role: session.role.clone(),
        password_verified: true,
        password_force_reset: session.must_change_password,
    })
}

/// Who forgot a password.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Forgotten {
    /// The SIP domain of the account's tenant. Left out for accounts of the installation.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 280)]
    domain: Input<String>,
    /// The name of the account.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    username: Input<String>,
    /// The page that the mailed link leads to; it gets the token in its query.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    callback_url: Input<String>,
}

/// Ask for a link to a new password
///
/// The answer is the same whether there is such an account or not; the link goes to the account's mail address.
#[utoipa::path(
    post, path = "/auth/forget_password", tag = "session", security(()),
    request_body = Forgotten, responses((status = 200))
)]
pub(crate) async fn forget_password(
    State(directory): State<Directory>,
    source: Source,
    body: Body<Forgotten>,
) -> Reply<()> {
    let mut found = Violations::new();
    let forgotten = ForgottenPassword {
        username: required(
            body.0.username,
            Field::Username,
            *limits::USER_NAME.end(),
            &mut found,
        ),
        callback_url: required(body.0.callback_url, Field::CallbackUrl, TOKEN, &mut found),
        domain: at_most(body.0.domain, *limits::TENANT_DOMAIN.end())
            .optional(&mut found, Field::Domain)
            .filter(|domain| !domain.is_empty()),
        source: source.0,
    };
    found.finish()?;
    Ok(directory.forget_password(forgotten).await?)
}

/// A new password, and the token of a mailed link.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Reset {
    /// The token of the link.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    token: Input<String>,
    /// The new password; the tenant's password policy applies.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    new_password: Input<String>,
}

/// Set a new password with a mailed link
#[utoipa::path(
    post, path = "/auth/reset_password", tag = "session", security(()),
    request_body = Reset, responses((status = 200))
)]
pub(crate) async fn reset_password(State(directory): State<Directory>, body: Body<Reset>) -> Reply<()> {
    let mut found = Violations::new();
    let token = required(body.0.token, Field::Token, TOKEN, &mut found);
    let password = required(
        body.0.new_password,
        Field::NewPassword,
        limits::PASSWORD,
        &mut found,
    );
    found.finish()?;
    Ok(directory.reset_password(&token, &password).await?)
}

/// The token of a sign-in that waits for its code.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SendCode {
    /// As the sign-in gave it.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    token: Input<String>,
}

/// Have a code sent
///
/// It goes to the account's mail address.
#[utoipa::path(
    post, path = "/auth/send_otp", tag = "session", security(()),
    request_body = SendCode, responses((status = 200))
)]
pub(crate) async fn send_otp(State(directory): State<Directory>, body: Body<SendCode>) -> Reply<()> {
    let mut found = Violations::new();
    let token = required(body.0.token, Field::Token, TOKEN, &mut found);
    found.finish()?;
    Ok(directory.send_code(&token).await?)
}

/// A code, and the token of the sign-in that waits for it.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct VerifyCode {
    /// As the sign-in gave it.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    token: Input<String>,
    /// As the mail says.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 1024)]
    code: Input<String>,
}

/// Sign in with a code
#[utoipa::path(
    post, path = "/auth/verify_otp", tag = "session", security(()),
    request_body = VerifyCode, responses((status = 200, body = Tokens))
)]
pub(crate) async fn verify_otp(
    State(directory): State<Directory>,
    body: Body<VerifyCode>,
) -> Reply<Json<Tokens>> {
    let mut found = Violations::new();
    let token = required(body.0.token, Field::Token, TOKEN, &mut found);
    let code = required(body.0.code, Field::Code, TOKEN, &mut found);
    found.finish()?;
    Ok(Json(directory.verify_code(&token, &code).await?.into()))
}
