//! The RingMe dialect, and OAuth 2.

mod access;
mod authorize;
mod budget;
mod call_history;
mod coverage;
mod lists;
mod mail;
mod oauth;
mod users;

use jackfield_testkit::{Answer, PASSWORD, RingMe};
use serde_json::{Value, json};

/// Fails unless this is an error with this status code and word.
#[track_caller]
pub(crate) fn fails(answer: Answer, code: u16, status: Option<&str>) -> Answer {
    let answer = answer.is(code);
    assert_eq!(answer["status"].as_str(), status, "{answer}");
    assert!(
        answer["message"].as_str().is_some_and(|text| !text.is_empty()),
        "{answer}"
    );
    answer
}

/// Fails unless the message has these words.
#[track_caller]
pub(crate) fn says(answer: &Answer, words: &str) {
    assert!(
        answer["message"].as_str().unwrap_or_default().contains(words),
        "\"{words}\" is not in {answer}"
    );
}

pub(crate) fn new_user(login: &str, extension: &Value) -> Value {
    json!({
        "name": format!("Person {login}"), "login": login, "password": PASSWORD,
        "email": format!("{login}@mail.test"), "extension_id": extension
    })
}

pub(crate) fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

/// The id of the extension of this number.
pub(crate) async fn extension(door: &RingMe, number: &str) -> Value {
    let found = door
        .get(&format!("/client/@me/extension/?name={number}"))
        .await
        .is(200);
    found.json()[0]["id"].clone()
}

pub(crate) fn column(answer: &Answer, member: &str) -> Vec<Value> {
    let rows = answer.json().as_array().expect("a bare array");
    rows.iter().map(|row| row[member].clone()).collect()
}
