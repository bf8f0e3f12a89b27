//! What is around every answer.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What `type` says of every answer that is no error.
const RESULT: &str = "result";

/// That something was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Always `result`.
    #[serde(rename = "type")]
    #[schema(pattern = "^result$")]
    kind: &'static str,
    /// A sentence for people.
    message: &'static str,
}

impl Done {
    pub(crate) fn say(message: &'static str) -> Json<Self> {
        Json(Self {
            kind: RESULT,
            message,
        })
    }
}

/// That a user was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    /// Always `result`.
    #[serde(rename = "type")]
    #[schema(pattern = "^result$")]
    kind: &'static str,
    /// A sentence for people.
    message: &'static str,
    /// His id.
    #[serde(rename = "userID")]
    #[schema(minimum = 100_000, example = 100_001)]
    user_id: i64,
}

impl Made {
    pub(crate) fn say(message: &'static str, user_id: i64) -> Json<Self> {
        Json(Self {
            kind: RESULT,
            message,
            user_id,
        })
    }
}

/// One record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct One<T> {
    /// Always `result`.
    #[serde(rename = "type")]
    #[schema(pattern = "^result$")]
    kind: &'static str,
    /// The record.
    result: T,
}

impl<T> One<T> {
    pub(crate) fn of(result: T) -> Json<Self> {
        Json(Self { kind: RESULT, result })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Many<T> {
    /// Always `result`.
    #[serde(rename = "type")]
    #[schema(pattern = "^result$")]
    kind: &'static str,
    /// The records of the page.
    result: Vec<T>,
    /// How many records match altogether.
    #[schema(minimum = 0)]
    total: i64,
}

impl<T> Many<T> {
    pub(crate) fn of(result: Vec<T>, total: i64) -> Json<Self> {
        Json(Self {
            kind: RESULT,
            result,
            total,
        })
    }
}
