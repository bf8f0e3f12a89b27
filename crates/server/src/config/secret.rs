//! A text that must not be seen.

use std::fmt;

/// A password, a key or a URL that holds one. It can be read with [`Secret::expose`] and in no other way: it has no
/// `Display`, and its `Debug` prints `…`, so that a log line or an error cannot carry it by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it. Do not log it and do not put it into an error.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_seen() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "… Some(\n    …,\n)");
        assert_eq!(secret.expose(), "hunter2");
    }
}
