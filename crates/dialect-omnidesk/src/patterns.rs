//! The vendor's patterns, as its page writes them.
//!
//! They are matched by an engine that takes time in proportion to the text, whatever the text. What they let through that
//! nobody can have meant stays as it is written: `^a|b$` is "begins with a, or ends with b", and `A-z` has six signs between
//! the letters. The directory's own rules come after them.

use std::sync::LazyLock;

use jackfield_domain::Rule;
use jackfield_edge::Input;
use regex::Regex;

/// A pattern with the words that an error says it in.
pub(crate) struct Pattern {
    regex: LazyLock<Regex>,
    words: &'static str,
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)*) => {
        $(
            $(#[$doc])*
            pub(crate) static $name: Pattern = Pattern {
                regex: LazyLock::new(|| compile($pattern)),
                words: concat!("text that matches ", $pattern),
            };
        )*

        #[cfg(test)]
        static ALL: &[&Pattern] = &[$(&$name),*];
    };
}

patterns! {
    /// What the list of users is searched for.
    QUERY = r"^([0-9a-zA-Z \+]+)|([A-Za-z0-9._+\-\']+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,})$";
    /// What the list of views is searched for.
    VIEW_QUERY = r"^[0-9a-zA-Z \-\_]+$";
    /// A first or a last name.
    PERSON = r"^[a-zA-ZÀ-ÖØ-Þß-öø-ÿ\- ]+$";
    /// A user name.
    USERNAME = r"^[a-zA-Z0-9\.\-]+$";
    /// A telephone number.
    TELEPHONE = r"^\+[0-9]+$";
    /// A form of dates.
    DATE_FORMAT = r"^([a-z]{2}_[A-Z]{2})|(iso)$";
    /// The name of a statistic.
    STATISTIC = r"^[a-zA-Z\_]+$";
    /// What a statistic is narrowed to.
    STATISTIC_OPTION = r"^[0-9a-zA-Z]+$";
    /// The name of a tab.
    TAB = r"^[a-zA-Z0-9\_]+$";
    /// The name of a campaign.
    CAMPAIGN = r"^[a-zA-z0-9\-_]+$";
}

#[expect(clippy::expect_used, reason = "a test compiles each of them")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is one that the engine knows")
}

impl Pattern {
    /// Holds a text against the pattern.
    pub(crate) fn check(&self, input: Input<String>) -> Input<String> {
        input.convert(|text| {
            if self.regex.is_match(&text) {
                Ok(text)
            } else {
                Err(Rule::Form(self.words))
            }
        })
    }

    /// The same where empty text stands for no value.
    pub(crate) fn check_unless_empty(&self, input: Input<String>) -> Input<String> {
        match input {
            Input::Value(text) if text.is_empty() => Input::Value(text),
            input => self.check(input),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn fits(pattern: &Pattern, text: &str) -> bool {
        matches!(pattern.check(Input::Value(text.to_owned())), Input::Value(_))
    }

    #[test]
    fn patterns_are_taken_as_they_are_written() {
        for (pattern, good, bad) in [
            // Begins with some of these, or ends with an address.
            (
                &QUERY,
                vec!["ada", "+31 6", "o'neil.x@mail.example", "ada!", "!!a@b.nl"],
                vec!["", "!", "@", "é"],
            ),
            (&VIEW_QUERY, vec!["my view-1_a"], vec!["", "a.b", "a\n"]),
            (
                &PERSON,
                vec!["Zoë", "Jean-Luc", "van der Ö", "ÿ"],
                vec!["", "a1", "a.b", "×", "÷", "Ł", "a\n"],
            ),
            (&USERNAME, vec!["a.b-C1", ".a"], vec!["", "a b", "a_b", "ä"]),
            (
                &TELEPHONE,
                vec!["+31612345678", "+1"],
                vec!["", "+", "31612345678", "+31 6"],
            ),
            // Begins with a locale, or ends with iso.
            (
                &DATE_FORMAT,
                vec!["en_GB", "iso", "en_GBx", "xiso"],
                vec!["", "en", "en_gb", "isox"],
            ),
            (&STATISTIC, vec!["calls_today"], vec!["", "calls1"]),
            (&STATISTIC_OPTION, vec!["a1"], vec!["", "a_"]),
            (&TAB, vec!["tab_1"], vec!["", "tab-1"]),
            // A-z has [ \ ] ^ _ ` too.
            (
                &CAMPAIGN,
                vec!["spring-26_x", "a[b]^`\\"],
                vec!["", "a b", "a{", "é"],
            ),
        ] {
            for text in good {
                assert!(fits(pattern, text), "{}: {text}", pattern.words);
            }
            for text in bad {
                assert!(!fits(pattern, text), "{}: {text}", pattern.words);
            }
        }
    }

    #[test]
    fn no_text_takes_long() {
        let started = Instant::now();
        for pattern in ALL {
            for text in ["a", "a@", "a.", "-", "+1"] {
                fits(pattern, &format!("{}!", text.repeat(200_000)));
            }
        }
        // An engine that goes back would need years.
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn nothing_is_no_value_where_that_is_allowed() {
        assert_eq!(
            TELEPHONE.check_unless_empty(Input::Value(String::new())),
            Input::Value(String::new())
        );
        assert!(matches!(
            TELEPHONE.check_unless_empty(Input::Value("x".into())),
            Input::Wrong(_)
        ));
        assert_eq!(TELEPHONE.check(Input::Absent), Input::Absent);
    }
}
