//! Asking a user, in his browser, whether a program may act as him (RFC 6749 §4.1, RFC 7636).
//!
//! One page signs in and asks: no session is kept in the browser, so there is nothing that another site could use behind the
//! user's back. A random value, in a cookie and in the form, tells our form from one that another site made. Nobody is ever
//! sent to an address that is not registered; what is wrong before that is known is said on a page.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jackfield_directory::{CodeRequest, Directory, ProgramCode, SignInOutcome};
use jackfield_domain::{
    ApplicationAccess, Error, Field, Rule, Thing, TokenHash, Violations, limits, origin_of,
};
use jackfield_edge::{Failure, Input, Source};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Fields, OAuth, QueryFields,
    client::parameter,
    error::{describe, word},
    page::{Form, Page},
    token::check_scope,
};

const HERE: &str = "/oauth/authorize";
const COOKIE: &str = "jackfield_form";
const TITLE: &str = "Allow an application";
/// The longest state that is handed back.
const STATE: usize = 2048;
/// The longest name, code and other short text of the form.
const SHORT: usize = 1024;
/// The only method by which a program proves that a code is its own. The other one of the standard proves nothing.
const METHODS: &[&str] = &["S256"];

/// What a program asks for, and what the user answers.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Asked {
    /// `code`.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "code")]
    response_type: Input<String>,
    /// The application.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    client_id: Input<String>,
    /// One of its registered addresses, letter by letter; may be left out when it has only one.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    redirect_uri: Input<String>,
    /// `all` or `call_api`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    scope: Input<String>,
    /// Comes back as it is.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    state: Input<String>,
    /// SHA-256 of the verifier, in base64url.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    code_challenge: Input<String>,
    /// `S256`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    code_challenge_method: Input<String>,
    /// The value of the page's cookie.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    form_key: Input<String>,
    /// `allow` or `deny`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    decision: Input<String>,
    /// The user's login.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    login: Input<String>,
    /// His password.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    password: Input<String>,
    /// Names the sign-in that a one-time code is for.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    step: Input<String>,
    /// The one-time code that was mailed.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    code: Input<String>,
}

/// What the user answers.
struct Said {
    form_key: Option<String>,
    allows: bool,
    login: String,
    password: String,
    step: Option<String>,
    code: String,
}

/// A request that can be asked about, and everything that its page repeats.
struct Valid {
    request: CodeRequest,
    /// The registered address.
    redirect: String,
    state: Option<String>,
    /// What the program sent, to come back with the form.
    hidden: Vec<(&'static str, String)>,
}

impl Asked {
    /// Checks what the program asks for.
    ///
    /// # Errors
    /// The answer: a page while it is not known where the browser may be sent, and a way back with an error from then on.
    async fn read(self, directory: &Directory) -> Result<(Valid, Said), Response> {
        let mut found = Violations::new();
        let client_id = parameter(self.client_id, Field::ClientId, &mut found);
        let named = parameter(self.redirect_uri, Field::RedirectUri, &mut found);
        let application = match client_id {
            Some(id) if id.len() <= SHORT => directory.application(&id).await,
            _ => Err(Error::Absent(Thing::Application)),
        };
        let application = match application {
            Ok(application) => application,
            Err(Error::Absent(_)) => {
                return Err(stop("The application that sent you here is not known."));
            }
            Err(error) => return Err(Failure::<OAuth>::from(error).into_response()),
        };
        let redirect = application.redirect_uri(named.as_deref()).map(str::to_owned);
        let Some(redirect) = redirect.filter(|_| found.is_empty()) else {
            return Err(stop(
                "The application wants you to be sent back to an address that is not registered for it.",
            ));
        };

        let kind = parameter(self.response_type, Field::ResponseType, &mut found);
        match kind.as_deref() {
            Some("code") => {}
            Some(_) => found.add(Field::ResponseType, Rule::NotOneOf(&["code"])),
            None => found.add(Field::ResponseType, Rule::Required),
        }
        let state = parameter(self.state, Field::State, &mut found);
        let state = state.filter(|state| {
            let fits = state.len() <= STATE;
            if !fits {
                found.add(Field::State, Rule::TooLong(STATE));
            }
            fits
        });
        let scope = match &self.scope {
            Input::Value(text) => Some(text.clone()),
            _ => None,
        };
        check_scope(self.scope, &mut found);
        let challenge = parameter(self.code_challenge, Field::CodeChallenge, &mut found);
        let method = parameter(self.code_challenge_method, Field::CodeChallengeMethod, &mut found);
        let digest = read_challenge(challenge.as_deref(), method.as_deref(), &mut found);
        if let Err(Error::Invalid(violations)) = found.finish() {
            let text = Error::Invalid(violations.clone()).to_string();
            return Err(back(&redirect, state.as_deref(), word(&violations), &text));
        }

        let hidden = [
            ("response_type", kind),
            ("client_id", Some(application.client_id.clone())),
            ("redirect_uri", named.clone()),
            ("scope", scope),
            ("state", state.clone()),
            ("code_challenge", challenge),
            ("code_challenge_method", method),
        ];
        let hidden = hidden
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let valid = Valid {
            request: CodeRequest {
                application,
                redirect_uri: named,
                challenge: digest,
            },
            redirect,
            state,
            hidden,
        };
        let mut ignored = Violations::new();
        let mut short = |input: Input<String>| {
            parameter(input, Field::Code, &mut ignored).filter(|text| text.len() <= SHORT)
        };
        let said = Said {
            form_key: short(self.form_key),
            allows: short(self.decision).as_deref() == Some("allow"),
            login: short(self.login).unwrap_or_default(),
            step: short(self.step),
            code: short(self.code).unwrap_or_default(),
            password: parameter(self.password, Field::Password, &mut Violations::new())
                .filter(|text| text.chars().count() <= limits::PASSWORD)
                .unwrap_or_default(),
        };
        Ok((valid, said))
    }
}

/// The digest in a challenge.
fn read_challenge(
    challenge: Option<&str>,
    method: Option<&str>,
    found: &mut Violations,
) -> Option<TokenHash> {
    let challenge = match (challenge, method) {
        (None, None) => return None,
        (Some(challenge), Some("S256")) => challenge,
        (None, Some(_)) => {
            found.add(Field::CodeChallenge, Rule::Required);
            return None;
        }
        (Some(_), _) => {
            found.add(Field::CodeChallengeMethod, Rule::NotOneOf(METHODS));
            return None;
        }
    };
    let digest = URL_SAFE_NO_PAD.decode(challenge).ok();
    let digest = digest.and_then(|bytes| bytes.try_into().ok());
    if digest.is_none() {
        let rule = Rule::Form("the SHA-256 of the verifier in base64url, 43 characters");
        found.add(Field::CodeChallenge, rule);
    }
    digest
}

/// A page on which everything ends.
fn stop(why: &str) -> Response {
    Page::new(TITLE)
        .text(why)
        .text("You are not sent anywhere. Tell whoever runs the application.")
        .answer(StatusCode::BAD_REQUEST)
}

/// Sends the browser to a registered address, with parameters.
fn send(redirect: &str, parameters: &[(&str, Option<&str>)]) -> Response {
    let mut location = redirect.to_owned();
    let mut joint = if redirect.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
        if let Some(value) = value {
            location.push(joint);
            location.push_str(name);
            location.push('=');
            location.extend(form_urlencoded::byte_serialize(value.as_bytes()));
            joint = '&';
        }
    }
    match HeaderValue::from_str(&location) {
        // 303: whatever was posted here is not posted there.
        Ok(location) => (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, location),
                (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ],
        )
            .into_response(),
        Err(_) => stop("The address that the application registered cannot be used."),
    }
}

/// Sends the browser back with an error.
fn back(redirect: &str, state: Option<&str>, error: &str, description: &str) -> Response {
    let description = describe(description);
    send(
        redirect,
        &[
            ("error", Some(error)),
            ("error_description", Some(&description)),
            ("state", state),
        ],
    )
}

impl Valid {
    fn form(&self, key: &str) -> Form {
        let form = Form::default().hidden("form_key", key);
        self.hidden
            .iter()
            .fold(form, |form, (name, value)| form.hidden(name, value))
    }

    fn page(&self) -> Page {
        let page = Page::new(TITLE);
        match origin_of(&self.redirect) {
            Some(origin) => page.leading_to(origin),
            None => page,
        }
    }

    /// The page that asks.
    fn question(&self, key: &str, wrong: Option<&str>, status: StatusCode) -> Response {
        let name = &self.request.application.name;
        let may = match self.request.application.access {
            ApplicationAccess::All => "It may then do whatever you may do.",
            ApplicationAccess::CallApi => "It may then steer your calls, and nothing else.",
        };
        let form = self
            .form(key)
            .field("login", "Login", "text", "username")
            .field("password", "Password", "password", "current-password")
            .button("decision", "allow", "Allow")
            .button("decision", "deny", "Deny");
        let origin = origin_of(&self.redirect).unwrap_or_default();
        self.page()
            .text(&format!("{name} asks to act as you. {may}"))
            .text(&format!(
                "Sign in to allow it. You will be sent back to {origin}."
            ))
            .wrong(wrong)
            .form(HERE, &form)
            .answer(status)
    }

    /// The page that asks for the code that was mailed.
    fn second_question(&self, key: &str, step: &str, wrong: Option<&str>, status: StatusCode) -> Response {
        let form = self
            .form(key)
            .hidden("step", step)
            .field("code", "Code", "text", "one-time-code")
            .button("decision", "allow", "Allow")
            .button("decision", "deny", "Deny");
        self.page()
            .text("A code was sent to your e-mail address.")
            .wrong(wrong)
            .form(HERE, &form)
            .answer(status)
    }

    fn allowed(&self, ProgramCode(code): &ProgramCode) -> Response {
        send(
            &self.redirect,
            &[("code", Some(code)), ("state", self.state.as_deref())],
        )
    }
}

/// The value of our cookie.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
        .filter(|value| value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Ask a user in his browser
///
/// A page on which he signs in and says yes or no; it works without a script. It leads back to the application's registered
/// address with a `code` that serves once and for a minute, or with an `error`. Without a registered address it leads nowhere.
#[utoipa::path(
    get, path = "/authorize", tag = "OAuth 2", security(()),
    params(
        ("response_type" = String, Query, description = "`code`."),
        ("client_id" = String, Query, description = "The application, of the type public."),
        ("redirect_uri" = Option<String>, Query, description = "One of its registered addresses, letter by letter."),
        ("scope" = Option<String>, Query, description = "`all` or `call_api`."),
        ("state" = Option<String>, Query, description = "Comes back as it is."),
        ("code_challenge" = Option<String>, Query, description = "SHA-256 of a verifier, in base64url (RFC 7636)."),
        ("code_challenge_method" = Option<String>, Query, description = "`S256`.")
    ),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 303, description = "Back to the application with an error.")
    )
)]
pub(crate) async fn ask(
    headers: HeaderMap,
    State(directory): State<Directory>,
    asked: QueryFields<Asked>,
) -> Response {
    let (valid, _) = match asked.0.read(&directory).await {
        Ok(valid) => valid,
        Err(answer) => return answer,
    };
    // The same for all pages of a browser, so that two of them do not make each other's forms stale.
    let key = cookie(&headers).map_or_else(|| directory.form_key(), str::to_owned);
    let mut response = valid.question(&key, None, StatusCode::OK);
    let public = directory.installation_info().public_url;
    let secure = if public.is_some_and(|url| url.starts_with("https://")) {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{COOKIE}={key}; Path={HERE}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a form is the one that we sent to this browser.
fn is_ours(headers: &HeaderMap, key: Option<&str>) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    let same = site.is_none_or(|site| site == "same-origin");
    same && key.is_some() && cookie(headers) == key
}

/// What the user says
///
/// The form of the page above. It needs the page's cookie.
#[utoipa::path(
    post, path = "/authorize", tag = "OAuth 2", security(()),
    request_body(content = Asked, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page that asks for the code that was mailed.", body = String, content_type = "text/html"),
        (status = 303, description = "Back to the application with a code or an error.")
    )
)]
pub(crate) async fn answer(
    source: Source,
    headers: HeaderMap,
    State(directory): State<Directory>,
    asked: Fields<Asked>,
) -> Response {
    let (valid, said) = match asked.0.read(&directory).await {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    if !is_ours(&headers, said.form_key.as_deref()) {
        return Page::new(TITLE)
            .text("This form was not sent by our page, or your browser keeps no cookies. Begin again in the application.")
            .answer(StatusCode::FORBIDDEN);
    }
    let key = said.form_key.unwrap_or_default();
    if !said.allows {
        let words = "the user did not allow it";
        return back(&valid.redirect, valid.state.as_deref(), "access_denied", words);
    }
    let outcome = match &said.step {
        Some(step) => directory
            .allow_program_with_code(&valid.request, step, &said.code)
            .await
            .map(SignInOutcome::Tokens),
        None => {
            directory
                .allow_program(&valid.request, &said.login, &said.password, &source.0)
                .await
        }
    };
    let again = |error: &Error, status| valid.question(&key, Some(&error.to_string()), status);
    match outcome {
        Ok(SignInOutcome::Tokens(code)) => valid.allowed(&code),
        Ok(SignInOutcome::CodeNeeded { token }) => valid.second_question(&key, &token, None, StatusCode::OK),
        Err(Error::Spent(_)) => {
            let words =
                "The code is not right, or too old. After five wrong ones begin again in the application.";
            let step = said.step.unwrap_or_default();
            valid.second_question(&key, &step, Some(words), StatusCode::UNAUTHORIZED)
        }
        Err(Error::BadCredentials) => {
            let words = "The login or the password is not right.";
            valid.question(&key, Some(words), StatusCode::UNAUTHORIZED)
        }
        Err(error @ Error::TooMany(_)) => again(&error, StatusCode::TOO_MANY_REQUESTS),
        Err(error @ (Error::NotConfigured(_) | Error::Denied(_))) => again(&error, StatusCode::FORBIDDEN),
        Err(error) => Failure::<OAuth>::from(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        // The example of RFC 7636, appendix B.
        let digest = |challenge, method| {
            let mut found = Violations::new();
            let digest = read_challenge(challenge, method, &mut found);
            found.is_empty().then_some(digest)
        };
        let example = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let read = digest(example, Some("S256")).flatten();
        assert_eq!(read.map(|digest| digest[..2].to_vec()), Some(vec![0x13, 0xd3]));
        assert_eq!(digest(None, None), Some(None));
        for (challenge, method) in [
            (example, None),
            (example, Some("plain")),
            (example, Some("s256")),
            (None, Some("S256")),
            (Some("x"), Some("S256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="), Some("S256")),
        ] {
            assert_eq!(digest(challenge, method), None, "{challenge:?} {method:?}");
        }
    }

    #[test]
    fn parameters_are_joined_to_what_is_there() {
        let location = |redirect, parameters: &[(&str, Option<&str>)]| {
            let answer = send(redirect, parameters);
            answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(
            location("https://a.example/cb", &[("code", Some("x&y")), ("state", None)]),
            "https://a.example/cb?code=x%26y"
        );
        assert_eq!(
            location(
                "https://a.example/cb?a=b",
                &[("code", Some("x")), ("state", Some("ä b"))]
            ),
            "https://a.example/cb?a=b&code=x&state=%C3%A4+b"
        );
    }

    #[test]
    fn only_our_own_cookie_counts() {
        let key = "0123456789abcdef0123456789abcdef";
        let ours = |cookies: &str, site: Option<&str>, field: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().unwrap());
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            is_ours(&headers, field)
        };
        let cookies = format!("a=b; jackfield_form={key}; c");
        assert!(ours(&cookies, None, Some(key)));
        assert!(ours(&cookies, Some("same-origin"), Some(key)));
        assert!(!ours(&cookies, Some("cross-site"), Some(key)));
        assert!(!ours(&cookies, None, Some("fedcba98765432100123456789abcdef")));
        assert!(!ours(&cookies, None, None));
        assert!(!ours("a=b", None, None));
        assert!(!ours("jackfield_form=", None, Some("")));
    }
}
