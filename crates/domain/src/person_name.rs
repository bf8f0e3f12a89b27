//! First and last names.

use std::borrow::Cow;

use crate::Patch;

/// The first and the last name in a name that people see, for doors that know only the two. `Smith, Alice` is read as
/// last and first name, and what has nothing on one side of the comma lacks that name; otherwise the last word is the last
/// name, together with the small words before it that belong to it in many languages (`van`, `de la`, `zu`). One word
/// alone is a first name.
pub fn split_name(display_name: &str) -> (String, String) {
    if let Some((last, first)) = display_name.split_once(',') {
        return (words(first), words(last));
    }
    let name = tidy(display_name);
    let Some((mut first, _)) = name.rsplit_once(' ') else {
        return (name.into_owned(), String::new());
    };
    // The first word is a first name, whatever it is.
    while let Some((before, word)) = first.rsplit_once(' ')
        && PARTICLES.contains(&word)
    {
        first = before;
    }
    let last = name.get(first.len() + 1..).unwrap_or_default();
    (first.to_owned(), last.to_owned())
}

/// The name that people see, of a first and a last name: what [`split_name`] reads as these two. The usual order wherever that
/// serves, else the last name first with a comma behind it. A comma in the last name cannot be kept and becomes a space.
pub fn join_name(first: &str, last: &str) -> String {
    let (first, last) = (words(first), words(&last.replace(',', " ")));
    let plain = words(&format!("{first} {last}"));
    if split_name(&plain) == (first.clone(), last.clone()) {
        return plain;
    }
    format!("{last}, {first}").trim_end().to_owned()
}

/// A change to one's first and last name, for doors that know the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonNamePatch {
    /// The first name.
    pub first: Patch<String>,
    /// The last name.
    pub last: Patch<String>,
}

impl PersonNamePatch {
    /// The name that people see after the change.
    pub fn over(self, display_name: &str) -> Patch<String> {
        if self.first.is_keep() && self.last.is_keep() {
            return Patch::Keep;
        }
        let (mut first, mut last) = split_name(display_name);
        self.first.apply(&mut first);
        self.last.apply(&mut last);
        Patch::Set(join_name(&first, &last))
    }
}

/// Small words at the beginning of a last name. Only in lower case: `Van` may well be a second first name.
const PARTICLES: [&str; 17] = [
    "von", "van", "der", "den", "de", "la", "le", "du", "del", "della", "di", "da", "dos", "zu", "zum",
    "ter", "bin",
];

/// The words of a text with one space between them. Lists split a name for each of their lines, and nearly all of them are
/// written so already.
fn tidy(text: &str) -> Cow<'_, str> {
    let is_tidy = text
        .split(' ')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()));
    if is_tidy {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn words(text: &str) -> String {
    tidy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn first_and_last_names() {
        for (display, first, last) in [
            ("Alice Smith", "Alice", "Smith"),
            ("Smith, Alice", "Alice", "Smith"),
            ("  Alice   Mary  Smith ", "Alice Mary", "Smith"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("Charles de la Tour", "Charles", "de la Tour"),
            ("van Halen", "van", "Halen"),
            ("Alice", "Alice", ""),
            ("Reception,", "", "Reception"),
            (", Alice Mary", "Alice Mary", ""),
            ("Smith, Alice, PhD", "Alice, PhD", "Smith"),
            (",", "", ""),
            ("", "", ""),
            ("李 小龍", "李", "小龍"),
        ] {
            let expected = (first.to_owned(), last.to_owned());
            assert_eq!(split_name(display), expected, "{display:?}");
        }
    }

    #[test]
    fn names_are_joined_in_the_usual_order_where_that_serves() {
        for (first, last, display) in [
            ("Alice", "Smith", "Alice Smith"),
            ("Ludwig", "van Beethoven", "Ludwig van Beethoven"),
            ("Anna", "Lopez Garcia", "Lopez Garcia, Anna"),
            ("Alice", "", "Alice"),
            ("Alice Mary", "", ", Alice Mary"),
            ("", "Smith", "Smith,"),
            ("", "", ""),
        ] {
            assert_eq!(join_name(first, last), display);
        }
    }

    #[test]
    fn one_name_changes_and_the_other_stays() {
        let change = |first: Option<&str>, last: Option<&str>| PersonNamePatch {
            first: first.map(str::to_owned).into(),
            last: last.map(str::to_owned).into(),
        };
        for (patch, before, after) in [
            (
                change(Some("Bob"), None),
                "Smith, Alice",
                Patch::Set("Bob Smith".to_owned()),
            ),
            (
                change(None, Some("van Dyk")),
                "Alice Smith",
                Patch::Set("Alice van Dyk".to_owned()),
            ),
            (
                change(None, Some("")),
                "Alice Smith",
                Patch::Set("Alice".to_owned()),
            ),
            (change(None, None), "Smith,  Alice", Patch::Keep),
        ] {
            assert_eq!(patch.over(before), after);
        }
    }

    proptest! {
        #[test]
        fn what_was_joined_is_split_again(first in "[a-zA-ZÀ-ÖØ-Þß-öø-ÿ\\- ]{0,12}", last in "([a-zA-Zß\\- ]{0,6} )?(van |de la )?[A-Za-z]{0,6}") {
            prop_assert_eq!(split_name(&join_name(&first, &last)), (words(&first), words(&last)));
        }
    }
}
