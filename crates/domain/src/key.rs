//! Keys by which programs are known, in place of a session.

use crate::{ApiKeyId, Field, Rule, TenantId, Timestamp, Violations, change::words, limits};

words! {
    /// What a key is for. It opens nothing else.
    KeyPurpose {
        /// Reporting what happened on the telephone system of the key's tenant.
        Feed = "feed",
    }
}

/// A key of a program, as it is listed. The key itself is shown once, when it is made; only its SHA-256 is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// What people call it; may be empty.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// What people call it, so that they know which one to revoke; may be empty.
    pub name: String,
}

impl NewApiKey {
    /// Every rule that is broken.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.length(Field::Name, &self.name, 0..=limits::API_KEY_NAME);
        // It is one cell of a table on a terminal.
        if self.name.chars().any(char::is_control) {
            found.add(Field::Name, Rule::Form("text without control characters"));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_of_one_line() {
        let named = |name: &str| NewApiKey {
            purpose: KeyPurpose::Feed,
            name: name.into(),
        };
        for good in ["", "FreeSWITCH, Berlin", &"ü".repeat(64)] {
            assert!(named(good).check().is_empty(), "{good}");
        }
        for bad in ["a\nb", "a\tb", &"x".repeat(65)] {
            assert!(named(bad).check().concerns(Field::Name), "{bad}");
        }
    }
}
