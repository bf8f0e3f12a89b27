//! First and last names.

/// The first and the last name in a name that people see, for doors that know only the two. `Smith, Alice` is read as
/// last and first name; otherwise the last word is the last name, together with the small words before it that belong to
/// it in many languages (`van`, `de la`, `zu`). One word alone is a first name.
pub fn split_name(display_name: &str) -> (String, String) {
    if let Some((last, first)) = display_name.split_once(',') {
        let (first, last) = (words(first), words(last));
        if !first.is_empty() && !last.is_empty() {
            return (first, last);
        }
    }
    let all: Vec<&str> = display_name.split_whitespace().collect();
    let Some(before) = all.len().checked_sub(1).filter(|before| *before > 0) else {
        return (all.concat(), String::new());
    };
    // The first word is a first name, whatever it is.
    let particles = all
        .iter()
        .take(before)
        .skip(1)
        .rev()
        .take_while(|word| PARTICLES.contains(*word))
        .count();
    let (first, last) = all.split_at(before - particles);
    (first.join(" "), last.join(" "))
}

/// Small words at the beginning of a last name. Only in lower case: `Van` may well be a second first name.
const PARTICLES: [&str; 17] = [
    "von", "van", "der", "den", "de", "la", "le", "du", "del", "della", "di", "da", "dos", "zu", "zum",
    "ter", "bin",
];

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
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
            ("Reception,", "Reception,", ""),
            (", Alice", ",", "Alice"),
            ("", "", ""),
            ("李 小龍", "李", "小龍"),
        ] {
            let expected = (first.to_owned(), last.to_owned());
            assert_eq!(split_name(display), expected, "{display:?}");
        }
    }
}
