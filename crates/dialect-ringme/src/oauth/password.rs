//! The page on which a user sets his password, with the link that was mailed.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jackfield_directory::Directory;
use jackfield_domain::{Error, Field, Rule, Violations, limits};
use jackfield_edge::{Failure, Input};
use serde::Deserialize;

use super::{
    Fields, OAuth, PASSWORD_PAGE, QueryFields,
    client::parameter,
    page::{Form, Page},
};

const TITLE: &str = "Set your password";

/// What the link carries.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Link {
    token: Input<String>,
}

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    token: Input<String>,
    password: Input<String>,
    repeated: Input<String>,
}

fn form(token: &str, wrong: Option<&str>, status: StatusCode) -> Response {
    let form = Form::default()
        .hidden("token", token)
        .field("password", "New password", "password", "new-password")
        .field("repeated", "The same again", "password", "new-password")
        .button("set", "1", "Set the password");
    Page::new(TITLE)
        .wrong(wrong)
        .form(PASSWORD_PAGE, &form)
        .answer(status)
}

fn no_link() -> Response {
    Page::new(TITLE)
        .text("This link is not whole, or has been used, or is too old. Ask whoever made your account for another.")
        .answer(StatusCode::BAD_REQUEST)
}

/// The form.
pub(crate) async fn ask(link: QueryFields<Link>) -> Response {
    match parameter(link.0.token, Field::Token, &mut Violations::new()) {
        Some(token) => form(&token, None, StatusCode::OK),
        None => no_link(),
    }
}

/// What became of it.
pub(crate) async fn answer(State(directory): State<Directory>, body: Fields<Chosen>) -> Response {
    let mut found = Violations::new();
    let Some(token) = parameter(body.0.token, Field::Token, &mut found) else {
        return no_link();
    };
    let password = parameter(body.0.password, Field::Password, &mut found).unwrap_or_default();
    let repeated = parameter(body.0.repeated, Field::Password, &mut found).unwrap_or_default();
    if password != repeated || password.chars().count() > limits::PASSWORD {
        let words = "Write the same password twice.";
        return form(&token, Some(words), StatusCode::BAD_REQUEST);
    }
    match directory.reset_password(&token, &password).await {
        Ok(()) => Page::new("Your password is set")
            .text("Sign in with it where you were told to. You can close this page.")
            .answer(StatusCode::OK),
        Err(Error::Spent(_)) => no_link(),
        Err(Error::Invalid(violations)) => {
            let rules: Vec<_> = violations.iter().map(|one| words(&one.rule)).collect();
            let words = format!("The password {}.", rules.join(", and "));
            form(&token, Some(&words), StatusCode::BAD_REQUEST)
        }
        Err(error) => Failure::<OAuth>::from(error).into_response(),
    }
}

fn words(rule: &Rule) -> String {
    rule.to_string()
}
