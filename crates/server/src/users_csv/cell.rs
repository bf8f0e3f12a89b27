//! How the text of a value stands in a cell, so that a spreadsheet neither runs nor rounds it.
//!
//! A spreadsheet takes a cell that begins with `=` for a formula, and one that looks like a number, a date or a time for
//! that: it drops leading zeros, rounds after the fifteenth digit and writes something else back. Such a text gets an
//! apostrophe in front. So does one that begins with an apostrophe before which another would be taken away again; that
//! makes reading the exact inverse of writing for every text.

use std::borrow::Cow;

/// What makes a formula: the four signs, the white space that some programs skip before them, and the wide forms of the
/// signs, which East Asian versions take for the same.
fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

/// The most digits that a spreadsheet's numbers keep.
const EXACT: usize = 15;

/// Whether a spreadsheet would read a number, date or time and write it back in another form.
fn is_reformed(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        return text.len() > EXACT || (text.len() > 1 && text.starts_with('0'));
    }
    text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | 'e' | 'E' | '+' | '-' | '/' | ':' | ' '))
}

/// Whether an apostrophe before this text is one that [`defuse`] may have written.
fn may_be_defused(text: &str) -> bool {
    text.starts_with(|c: char| begins_formula(c) || c == '\'' || c.is_ascii_digit())
}

/// The cell for a text.
pub(super) fn defuse(text: &str) -> Cow<'_, str> {
    let ambiguous = text.strip_prefix('\'').is_some_and(may_be_defused);
    if ambiguous || text.starts_with(begins_formula) || is_reformed(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text in a cell.
pub(super) fn undo(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if may_be_defused(text) => text,
        _ => cell,
    }
}

/// Whether a cell shows a number in scientific notation, `1.23E+17` or `1,23E+17`, whose other digits are lost.
pub(super) fn is_rounded(cell: &str) -> bool {
    let Some((number, power)) = cell.trim().split_once(['e', 'E']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.strip_prefix('-').unwrap_or(number);
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    let whole = match number.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(number),
    };
    whole && digits(power)
}

/// Whether a cell says yes or no; none if neither.
pub(super) fn flag(cell: &str) -> Option<bool> {
    let cell = cell.trim();
    let is = |words: [&str; 3]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is(["TRUE", "1", "YES"]) {
        Some(true)
    } else if is(["FALSE", "0", "NO"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_defused() {
        for (text, cell) in [
            ("", ""),
            ("Ada", "Ada"),
            ("1001", "1001"),
            ("0", "0"),
            ("=1+1", "'=1+1"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-", "'-"),
            ("@home", "'@home"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''", "'''"),
            ("'", "'"),
            ("'tis", "'tis"),
            ("'7", "''7"),
            ("0049301234", "'0049301234"),
            ("1234567890123456", "'1234567890123456"),
            ("123456789012345", "123456789012345"),
            ("1E5", "'1E5"),
            ("1/2", "'1/2"),
            ("12:30", "'12:30"),
            ("2nd floor", "2nd floor"),
            ("{\"a\":1}", "{\"a\":1}"),
        ] {
            assert_eq!(defuse(text), cell, "{text:?}");
            assert_eq!(undo(cell), text, "{cell:?}");
        }
    }

    #[test]
    fn an_apostrophe_of_the_text_itself_stays() {
        for cell in ["'", "'tis", "' ", "o'brien"] {
            assert_eq!(undo(cell), cell);
        }
    }

    #[test]
    fn rounded_numbers() {
        for cell in ["1.23E+17", "1,23E+17", "4E+11", "1e5", " 1.2e-3 ", "-1.5E+10"] {
            assert!(is_rounded(cell), "{cell}");
        }
        for cell in [
            "",
            "e",
            "1E",
            "E5",
            "1.E5",
            "12",
            "+49301234",
            "1.23",
            "1.2.3E5",
            "beta1e",
        ] {
            assert!(!is_rounded(cell), "{cell}");
        }
    }

    #[test]
    fn flags() {
        for cell in ["TRUE", "true", "True", "1", "yes", " YES "] {
            assert_eq!(flag(cell), Some(true), "{cell}");
        }
        for cell in ["FALSE", "false", "0", "no", "No"] {
            assert_eq!(flag(cell), Some(false), "{cell}");
        }
        for cell in ["", "wahr", "2", "y", "on"] {
            assert_eq!(flag(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn undoing_is_the_inverse(text in "['=+@\\-\t\r\n0-9.eE/:,＝a ]{0,8}|.*") {
            let cell = defuse(&text);
            prop_assert_eq!(undo(&cell), text.as_str());
            prop_assert!(!cell.starts_with(begins_formula));
            prop_assert!(!is_reformed(&cell));
        }
    }
}
