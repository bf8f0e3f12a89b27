//! Fields of a body, read so that one answer can name everything that is wrong with it.
//!
//! A wire type derives `Deserialize` with `#[serde(default)]` and gives each field the type [`Input`]. Parsing then fails only
//! on malformed JSON; a field of a wrong type is remembered and becomes a violation like any other. The types inside of an
//! `Input` may have `Input` fields themselves. Not to be combined with `#[serde(flatten)]`, which buffers values in a form
//! that this cannot read.

use std::fmt::Write as _;

use jackfield_domain::{Field, Patch, Result, Rule, Violations};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// What a JSON value of this type is called in an error: "must be …".
pub trait Expected {
    /// The words.
    const WORDS: &'static str;
    /// Whether it may be a JSON array. The parser would take one for an object whose members are given by position.
    const LIST: bool = false;
}

macro_rules! expected {
    ($($type:ty = $words:literal;)*) => {$(
        impl Expected for $type {
            const WORDS: &'static str = $words;
        }
    )*};
}

expected! {
    String = "text";
    bool = "true or false";
    i32 = "a whole number";
    i64 = "a whole number";
    u16 = "a whole number";
    u32 = "a whole number";
}

impl Expected for Box<RawValue> {
    const WORDS: &'static str = "JSON";
    const LIST: bool = true;
}

impl<T> Expected for Vec<T> {
    const WORDS: &'static str = "a list";
    const LIST: bool = true;
}

/// A field of a body, before anything is said about it.
///
/// Numbers are exact: `1.0`, `1e3` and what does not fit are of a wrong type where a whole number belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Input<T> {
    /// The body does not mention it.
    #[default]
    Absent,
    /// The body says `null`.
    Null,
    /// The body gives it.
    Value(T),
    /// The body gives something that it cannot be: mostly of another type.
    Wrong(Rule),
}

impl<'de, T: DeserializeOwned + Expected> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // The parser checks the syntax and hands the text over without copying it; only that can fail here.
        let text = <&RawValue>::deserialize(deserializer)?.get();
        if text == "null" {
            return Ok(Self::Null);
        }
        let value = if T::LIST || !text.starts_with('[') {
            serde_json::from_str(text).ok()
        } else {
            None
        };
        Ok(value.map_or(Self::Wrong(Rule::WrongType(T::WORDS)), Self::Value))
    }
}

/// Where a violation is: a field, or a part of it.
///
/// Places are made for every value that is read and put into words only for one that is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    field: Field,
    steps: [Step; DEEPEST],
    depth: usize,
}

/// Steps from a field down to its innermost part, at most. What lies deeper is named by what holds it; no body has that.
const DEEPEST: usize = 8;

/// From a value to a part of it.
#[derive(Debug, Clone, Copy)]
enum Step {
    Member(&'static str),
    Entry(usize),
}

impl From<Field> for Place {
    fn from(field: Field) -> Self {
        Self {
            field,
            steps: [Step::Entry(0); DEEPEST],
            depth: 0,
        }
    }
}

impl From<(Field, &'static str)> for Place {
    fn from((field, at): (Field, &'static str)) -> Self {
        Self::from(field).part(at)
    }
}

impl Place {
    /// A member of an object here.
    #[must_use]
    pub fn part(&self, name: &'static str) -> Self {
        self.then(Step::Member(name))
    }

    /// An entry of a list here, counted from 0.
    #[must_use]
    pub fn entry(&self, index: usize) -> Self {
        self.then(Step::Entry(index))
    }

    fn then(mut self, step: Step) -> Self {
        if let Some(next) = self.steps.get_mut(self.depth) {
            *next = step;
            self.depth += 1;
        }
        self
    }

    /// Notes that a rule is broken here.
    pub fn report(self, found: &mut Violations, rule: Rule) {
        let mut at = String::new();
        for step in self.steps.iter().take(self.depth) {
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Member(name) if at.is_empty() => write!(at, "{name}"),
                Step::Member(name) => write!(at, ".{name}"),
                Step::Entry(index) => write!(at, "[{index}]"),
            };
        }
        found.add_at(self.field, at, rule);
    }
}

impl<T> Input<T> {
    /// Whether the body does not mention the field.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> Input<T> {
    /// The value of a field that must be given. Absent, `null` and something wrong are violations.
    pub fn required(self, found: &mut Violations, place: impl Into<Place>) -> Option<T> {
        match self {
            Self::Absent | Self::Null => {
                place.into().report(found, Rule::Required);
                None
            }
            given => given.optional(found, place),
        }
    }

    /// The value of a field that may be left out. `null` counts as left out.
    pub fn optional(self, found: &mut Violations, place: impl Into<Place>) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
            Self::Wrong(rule) => {
                place.into().report(found, rule);
                None
            }
        }
    }

    /// A change to a value that every record has. `null` is a violation.
    pub fn patch(self, found: &mut Violations, place: impl Into<Place>) -> Patch<T> {
        match self {
            Self::Absent => Patch::Keep,
            given => given.required(found, place).into(),
        }
    }

    /// A change to a value whose default means "none". `null` sets that.
    pub fn patch_or_default(self, found: &mut Violations, place: impl Into<Place>) -> Patch<T>
    where
        T: Default,
    {
        match self {
            Self::Null => Patch::Set(T::default()),
            given => given.optional(found, place).into(),
        }
    }

    /// A change to a value that a record may lack. `null` takes it away.
    pub fn patch_option(self, found: &mut Violations, place: impl Into<Place>) -> Patch<Option<T>> {
        match self {
            Self::Null => Patch::Set(None),
            given => given.optional(found, place).map(Some).into(),
        }
    }

    /// Turns the value into another, or says which rule forbids it. The result is asked for like any other input, and
    /// reports that rule then.
    #[must_use]
    pub fn convert<U>(self, read: impl FnOnce(T) -> std::result::Result<U, Rule>) -> Input<U> {
        match self {
            Self::Absent => Input::Absent,
            Self::Null => Input::Null,
            Self::Wrong(rule) => Input::Wrong(rule),
            Self::Value(value) => read(value).map_or_else(Input::Wrong, Input::Value),
        }
    }

    /// Turns the value into another whose parts may be wrong each on its own: an object. Its parts report themselves, at
    /// places under the one that `read` is given.
    #[must_use]
    pub fn open<U>(
        self,
        found: &mut Violations,
        place: impl Into<Place>,
        read: impl FnOnce(T, &mut Violations, &Place) -> U,
    ) -> Input<U> {
        let place = place.into();
        self.convert(|value| Ok(read(value, found, &place)))
    }
}

impl Input<String> {
    /// Turns one of a few words into what it stands for.
    #[must_use]
    pub fn word<U>(self, words: &'static [&'static str], read: impl FnOnce(&str) -> Option<U>) -> Input<U> {
        self.convert(|text| read(&text).ok_or(Rule::NotOneOf(words)))
    }
}

impl<T> Input<Vec<Input<T>>> {
    /// Reads each entry of a list. Entries of a wrong type are violations at their own place, and left out.
    #[must_use]
    pub fn entries<U>(
        self,
        found: &mut Violations,
        place: impl Into<Place>,
        mut read: impl FnMut(T, &mut Violations, &Place) -> U,
    ) -> Input<Vec<U>> {
        self.open(found, place, |entries, found, place| {
            let mut list = Vec::with_capacity(entries.len());
            for (index, entry) in entries.into_iter().enumerate() {
                let place = place.entry(index);
                if let Some(entry) = entry.required(found, place) {
                    list.push(read(entry, found, &place));
                }
            }
            list
        })
    }
}

/// Ends the reading of a body. When something was wrong, the rules of the record are checked too, so that the answer lists
/// both; a value that was already complained about is not complained about twice. When nothing was wrong, the use case
/// checks the record itself.
///
/// # Errors
/// [`Error::Invalid`](jackfield_domain::Error::Invalid) with everything found.
pub fn conclude(mut found: Violations, check: impl FnOnce() -> Violations) -> Result<()> {
    if !found.is_empty() {
        found.merge(check());
    }
    found.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Entry {
        number: Input<i64>,
    }

    impl Expected for Entry {
        const WORDS: &'static str = "an object";
    }

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Wire {
        name: Input<String>,
        enabled: Input<bool>,
        max_extensions: Input<i64>,
        blfs: Input<Vec<Input<Entry>>>,
    }

    fn wire(text: &str) -> Wire {
        serde_json::from_str(text).unwrap()
    }

    struct Read {
        name: Option<String>,
        enabled: Patch<bool>,
        max: Patch<i64>,
        blfs: Option<Vec<i64>>,
        found: Vec<String>,
    }

    fn read(text: &str) -> Read {
        let wire = wire(text);
        let mut found = Violations::new();
        let name = wire.name.required(&mut found, Field::Name);
        let enabled = wire.enabled.patch(&mut found, Field::Enabled);
        let max = wire
            .max_extensions
            .patch_or_default(&mut found, Field::MaxExtensions);
        let blfs = wire
            .blfs
            .entries(&mut found, Field::Blfs, |entry, found, place| {
                entry.number.required(found, place.part("number")).unwrap_or(-1)
            })
            .optional(&mut found, Field::Blfs);
        let found = found.into_vec().iter().map(ToString::to_string).collect();
        Read {
            name,
            enabled,
            max,
            blfs,
            found,
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let found = read(
            r#"{"enabled": "yes", "max_extensions": 1.0, "blfs": [{"number": 1}, [7], {"number": "x"}, {}]}"#,
        )
        .found;
        assert_eq!(
            found,
            [
                "name is required",
                "enabled must be true or false",
                "max_extensions must be a whole number",
                "blfs[1] must be an object",
                "blfs[2].number must be a whole number",
                "blfs[3].number is required",
            ]
        );
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let all = read(r#"{"name": "a", "max_extensions": null, "blfs": null}"#);
        assert_eq!(all.name.as_deref(), Some("a"));
        assert_eq!((all.enabled, all.max), (Patch::Keep, Patch::Set(0)));
        assert_eq!((all.blfs, all.found.len()), (None, 0));
        let no = read(r#"{"name": "a", "enabled": null}"#);
        assert_eq!(
            (no.enabled, no.found),
            (Patch::Keep, vec!["enabled is required".to_owned()])
        );
    }

    #[test]
    fn numbers_are_exact() {
        for text in ["1.0", "1e3", "9223372036854775808", "\"1\"", "true", "[]"] {
            let wire = wire(&format!("{{\"max_extensions\": {text}}}"));
            assert!(matches!(wire.max_extensions, Input::Wrong(_)), "{text}");
        }
        let wire = wire(r#"{"max_extensions": 9223372036854775807}"#);
        assert!(matches!(wire.max_extensions, Input::Value(i64::MAX)));
    }

    #[test]
    fn a_converted_value_is_reported_once() {
        let mut found = Violations::new();
        let value = wire(r#"{"name": "x"}"#)
            .name
            .convert(|text| text.parse::<i64>().map_err(|_| Rule::Form("a number")))
            .required(&mut found, Field::Name);
        assert_eq!(value, None);
        assert_eq!(found.into_vec().len(), 1);
    }

    #[test]
    fn a_value_is_not_complained_about_twice() {
        let mut found = Violations::new();
        found.add(Field::Name, Rule::WrongType("text"));
        let error = conclude(found, || {
            let mut more = Violations::new();
            more.add(Field::Name, Rule::Required);
            more.add(Field::Email, Rule::Form("an address"));
            more
        })
        .unwrap_err();
        let jackfield_domain::Error::Invalid(all) = error else {
            panic!("another error")
        };
        assert_eq!(all.len(), 2);
        assert!(conclude(Violations::new(), || unreachable!("nothing was wrong")).is_ok());
    }

    proptest! {
        #[test]
        fn no_value_of_a_field_fails_the_body(text in any::<String>(), number in any::<f64>(), pick in 0..5) {
            let value = match pick {
                0 => serde_json::json!(text),
                1 => serde_json::json!(number),
                2 => serde_json::json!({ text: [number] }),
                3 => serde_json::json!([[text]]),
                _ => serde_json::json!(null),
            };
            let body = serde_json::json!({"name": value, "enabled": value, "max_extensions": value, "blfs": value});
            prop_assert!(serde_json::from_str::<Wire>(&body.to_string()).is_ok());
        }
    }
}
