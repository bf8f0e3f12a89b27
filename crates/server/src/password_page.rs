//! The page on which somebody chooses his password with the link that a mail brought him. It works without JavaScript, loads
//! nothing, and is in no dialect: the link is opened by a person.

use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use jackfield_directory::Directory;
use jackfield_domain::Error;
use jackfield_edge::escape_html;
use serde::Deserialize;

/// More than any password and its token.
const LIMIT: usize = 16 << 10;

/// What every answer carries: the address holds a key to an account, so nobody else may learn it.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
];

/// The page, at `/password`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(directory: Directory) -> Router<S> {
    Router::new()
        .route("/password", get(ask).post(set))
        .layer(DefaultBodyLimit::max(LIMIT))
        .with_state(directory)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Link {
    token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    token: String,
    password: String,
    again: String,
}

async fn ask(Query(link): Query<Link>) -> Response {
    form(StatusCode::OK, &link.token, "")
}

async fn set(State(directory): State<Directory>, Form(choice): Form<Choice>) -> Response {
    if choice.password != choice.again {
        let wrong = "The two passwords differ. Write the same one twice.";
        return form(StatusCode::BAD_REQUEST, &choice.token, wrong);
    }
    match directory.reset_password(&choice.token, &choice.password).await {
        Ok(()) => page(
            StatusCode::OK,
            "<p>Your password is set. You can sign in with it now.</p>",
        ),
        Err(error @ Error::Invalid(_)) => form(StatusCode::BAD_REQUEST, &choice.token, &error.to_string()),
        Err(Error::Spent(_)) => page(
            StatusCode::BAD_REQUEST,
            "<p>This link was used already, or it is too old. Ask your administrator for another one.</p>",
        ),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a password could not be set by its link"
            );
            form(
                StatusCode::SERVICE_UNAVAILABLE,
                &choice.token,
                "That did not work. Try again in a moment.",
            )
        }
    }
}

fn form(status: StatusCode, token: &str, wrong: &str) -> Response {
    let wrong = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p role=\"alert\">{}</p>", escape_html(wrong))
    };
    page(
        status,
        &format!(
            "{wrong}<form method=\"post\" action=\"password\">\
             <input type=\"hidden\" name=\"token\" value=\"{}\">\
             <p><label>Password<br><input type=\"password\" name=\"password\" required autocomplete=\"new-password\"></label></p>\
             <p><label>The same again<br><input type=\"password\" name=\"again\" required autocomplete=\"new-password\"></label></p>\
             <p><button>Set password</button></p></form>",
            escape_html(token)
        ),
    )
}

fn page(status: StatusCode, content: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Choose a password</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 sans-serif;max-width:28em;margin:3em auto;padding:0 1em}}</style></head>\
         <body><h1>Choose a password</h1>{content}</body></html>\n"
    );
    (status, HEADERS, Html(html)).into_response()
}
