//! The keys with lamps of a user's phone.

use jackfield_domain::{Blf, Violations};
use jackfield_edge::{Expected, Input, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key as a request writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct BlfInput {
    key: Input<String>,
    value: Input<String>,
    first_name: Input<String>,
    last_name: Input<String>,
}

impl Expected for BlfInput {
    const WORDS: &'static str = "an object";
}

impl BlfInput {
    /// Reads an entry of the list.
    pub(crate) fn read(self, found: &mut Violations, place: &Place) -> Blf {
        let mut text =
            |input: Input<String>, part| input.optional(found, place.part(part)).unwrap_or_default();
        Blf {
            key: text(self.key, "key"),
            value: text(self.value, "value"),
            first_name: text(self.first_name, "first_name"),
            last_name: text(self.last_name, "last_name"),
        }
    }
}

/// A key with a lamp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct BlfWire {
    /// What the key does, in the phone's terms.
    #[schema(required = false, max_length = 256)]
    pub(crate) key: String,
    /// The number or state it is for.
    #[schema(required = false, max_length = 256)]
    pub(crate) value: String,
    /// The given name on its label.
    #[schema(required = false, max_length = 256)]
    pub(crate) first_name: String,
    /// The family name on its label.
    #[schema(required = false, max_length = 256)]
    pub(crate) last_name: String,
}
