//! Ids as the vendor writes them.
//!
//! Its reference shows the base64 form of a decimal number, its live servers print the number itself; clients are told not to
//! look into either. We print the number, always as a string, and read both.

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::odata;

/// Reads an id in either form.
pub(crate) fn read(text: &str) -> Option<i64> {
    odata::number(text)
}

/// An id in a path. Whatever is not an id names no record, and is answered like an id that no record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathId(i64);

impl PathId {
    /// No sequence gives this out.
    const NOBODY: Self = Self(-1);

    pub(crate) fn get(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for PathId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(read(&text).map_or(Self::NOBODY, Self))
    }
}

/// The answer to a request that made a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Created {
    /// The id of the new record.
    #[schema(example = "100001")]
    pub(crate) id: String,
}

impl Created {
    /// `201` with the id.
    pub(crate) fn answer(id: impl std::fmt::Display) -> (StatusCode, Json<Self>) {
        (StatusCode::CREATED, Json(Self { id: id.to_string() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for (text, id) in [
            ("100001", Some(100_001)),
            ("700551909773148160", Some(700_551_909_773_148_160)),
            ("NzAwNTUxOTA5NzczMTQ4MTYw", Some(700_551_909_773_148_160)),
            ("MTAwMDAx", Some(100_001)),
            ("", None),
            ("x", None),
            ("1.5", None),
            ("99999999999999999999", None),
            ("/w==", None),
        ] {
            assert_eq!(read(text), id, "{text}");
        }
    }

    #[test]
    fn what_is_no_id_names_nobody() {
        let id: PathId = serde_json::from_str("\"nonsense\"").unwrap();
        assert_eq!(id, PathId::NOBODY);
        let id: PathId = serde_json::from_str("\"MTAwMDAx\"").unwrap();
        assert_eq!(id.get(), 100_001);
    }
}
