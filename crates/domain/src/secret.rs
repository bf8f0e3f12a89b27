//! Secrets on their way in.

use std::fmt;

use crate::SealedSecret;

/// A secret in clear that has to be readable again, such as the password of a phone's web page: the directory seals it
/// before it is stored. Its [`Debug`](fmt::Debug) output shows nothing of it. Empty text stands for "none".
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps what a request gave.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sealed form. No secret stays no secret: sealing nothing would look like something.
    pub(crate) fn sealed(&self, seal: &mut dyn FnMut(&str) -> SealedSecret) -> SealedSecret {
        if self.0.is_empty() {
            SealedSecret::default()
        } else {
            seal(&self.0)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
