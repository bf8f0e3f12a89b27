//! The PIN that opens a voicemail box from a telephone.

use std::fmt;

use crate::{Field, Rule, Violations, limits, text::is_digits};

/// A voicemail PIN in clear. Its [`Debug`](fmt::Debug) output shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct VoicemailPin(String);

impl VoicemailPin {
    /// Wraps what a request or the store gave.
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Six to ten digits, with no run of three that are equal, ascending or descending.
    pub fn check(&self, found: &mut Violations) {
        let field = Field::VoicemailPin;
        found.length(field, &self.0, limits::VOICEMAIL_PIN);
        if !is_digits(&self.0) {
            found.add(field, Rule::Form("digits only"));
        } else if has_run(self.0.as_bytes()) {
            found.add(
                field,
                Rule::Form("digits without a run of three that are equal, ascending or descending"),
            );
        }
    }
}

impl fmt::Debug for VoicemailPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoicemailPin(…)")
    }
}

fn has_run(digits: &[u8]) -> bool {
    digits.windows(3).any(|three| match three {
        [a, b, c] => {
            let (first, second) = (i16::from(*b) - i16::from(*a), i16::from(*c) - i16::from(*b));
            first == second && first.abs() <= 1
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins() {
        for (pin, good) in [
            ("135792", true),
            ("9081726354", true),
            ("121212", true),
            ("890189", true),
            ("135790", true),
            ("111357", false),
            ("135012", false),
            ("789135", false),
            ("135321", false),
            ("13579", false),
            ("13579024681", false),
            ("13579a", false),
            ("", false),
            ("١٣٥٧٩٢", false),
        ] {
            let mut found = Violations::new();
            VoicemailPin::new(pin).check(&mut found);
            assert_eq!(found.is_empty(), good, "{pin}");
        }
    }
}
