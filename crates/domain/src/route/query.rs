//! What is asked for when a way is to be explained.

use crate::{Field, Rule, Timestamp, Violations, limits};

/// A call whose way is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteQuery {
    /// The SIP domain of the tenant; none for the one that the right is for.
    pub tenant: Option<String>,
    /// Who calls: the number of an extension, else a number outside.
    pub from: String,
    /// What is dialled.
    pub to: String,
    /// When; none for now.
    pub at: Option<Timestamp>,
}

impl RouteQuery {
    /// Every rule that the question breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        for (field, text) in [(Field::RouteFrom, &self.from), (Field::RouteTo, &self.to)] {
            found.length(field, text, 1..=limits::CALL_PARTY);
            if text.chars().any(char::is_control) {
                found.add(field, Rule::Form("text without control characters"));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_named() {
        let query = |from: &str, to: &str| RouteQuery {
            tenant: None,
            from: from.into(),
            to: to.into(),
            at: None,
        };
        assert!(query("1001", "+49 30 123456").check().is_empty());
        for (query, field) in [
            (query("", "1"), Field::RouteFrom),
            (query("1", ""), Field::RouteTo),
            (query("1", "a\nb"), Field::RouteTo),
            (query(&"1".repeat(257), "1"), Field::RouteFrom),
        ] {
            assert!(query.check().concerns(field), "{query:?}");
        }
    }
}
