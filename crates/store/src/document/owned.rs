//! The stored form of records that come in collections. Each is a JSON object; what a later version adds is absent in what
//! an earlier one wrote, so every field has a default.

use jackfield_domain::Owned;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// A record of a collection that can be stored.
pub trait OwnedDocument: Owned {
    /// The JSON object.
    fn encode(&self) -> String;

    /// Reads what [`encode`](Self::encode) wrote, of this version or an earlier one.
    ///
    /// # Errors
    /// `Internal` when the text is damaged.
    fn decode(text: &str) -> Result<Self>;
}

/// Writes the mirror of a record. Mirrors are structures of texts and numbers, which always can be written.
pub(super) fn write(mirror: &impl Serialize) -> String {
    serde_json::to_string(mirror).unwrap_or_default()
}

/// Reads the mirror of a record.
pub(super) fn read<M: DeserializeOwned>(text: &str) -> Result<M> {
    serde_json::from_str(text).map_err(|error| Error::Internal(Box::new(error)))
}
