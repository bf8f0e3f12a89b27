//! How values travel: moments as RFC 3339 text, a choice as one of a few words.

use jackfield_domain::{Field, Rule, Timestamp, Violations};
use jackfield_edge::Input;

/// A text that may be left out.
pub(crate) fn text(input: Input<String>, found: &mut Violations, field: Field) -> String {
    input.optional(found, field).unwrap_or_default()
}

/// A text that must be given.
pub(crate) fn required_text(input: Input<String>, found: &mut Violations, field: Field) -> String {
    input.required(found, field).unwrap_or_default()
}

/// A moment.
pub(crate) fn moment(input: Input<String>) -> Input<Timestamp> {
    input.convert(|text| {
        Timestamp::parse(&text).ok_or(Rule::Form(
            "a moment with its offset, such as 2026-03-02T09:00:00Z",
        ))
    })
}

/// A moment that must be given.
pub(crate) fn required_moment(input: Input<String>, found: &mut Violations, field: Field) -> Timestamp {
    let moment = moment(input).required(found, field);
    moment.unwrap_or(Timestamp::from_micros(0))
}

/// A value of the directory that travels as one of a few words.
pub(crate) trait Worded: Sized + Copy + 'static {
    /// All words, for the answer to a request that has another.
    const WORDS: &'static [&'static str];

    /// What a word stands for.
    fn of(word: &str) -> Option<Self>;
}

/// Reads one of the words.
pub(crate) fn choice<W: Worded>(input: Input<String>) -> Input<W> {
    input.word(W::WORDS, W::of)
}

/// The words of a value of the directory, and their schema.
macro_rules! words {
    ($($(#[$doc:meta])* $wire:ident is $value:ident { $($word:literal $name:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "for the document; what is sent is read word by word")]
        pub(crate) enum $wire { $(#[schema(rename = $word)] $name),* }

        impl $crate::wire::Worded for jackfield_domain::$value {
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    )*};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_an_offset() {
        let read = |text: &str| moment(Input::Value(text.to_owned()));
        assert_eq!(
            read("1970-01-01T01:00:00.5+01:00"),
            Input::Value(Timestamp::from_micros(500_000))
        );
        for text in ["2026-03-02T09:00:00", "2026-03-02", "1772438400", ""] {
            assert!(matches!(read(text), Input::Wrong(_)), "{text}");
        }
    }
}
