//! Speed dials: short codes for long numbers.

use crate::{Field, Kind, Owned, Patch, Rule, SealedSecret, Thing, Violations, limits};

/// Which codes a list of speed dials has. A user has one list of each range, apart from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpeedDialRange {
    /// One digit, `2` to `9`.
    Eight,
    /// Two digits, `00` to `99`.
    Hundred,
}

impl SpeedDialRange {
    /// Whether the code belongs to the range.
    pub fn contains(self, code: &str) -> bool {
        match self {
            Self::Eight => matches!(code.as_bytes(), [b'2'..=b'9']),
            Self::Hundred => matches!(code.as_bytes(), [b'0'..=b'9', b'0'..=b'9']),
        }
    }

    /// What a code must look like.
    const fn form(self) -> &'static str {
        match self {
            Self::Eight => "a digit from 2 to 9",
            Self::Hundred => "two digits from 00 to 99",
        }
    }
}

/// A speed dial of the range whose codes have so many digits: 1 or 2. The range is part of the type because a user's two
/// lists are two collections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeedDial<const DIGITS: usize> {
    /// What is dialled; unique in the list.
    pub code: String,
    /// The number that is called, as free text.
    pub phone_number: String,
    /// A note for people.
    pub description: String,
}

/// A speed dial under a code from `2` to `9`.
pub type SpeedDial8 = SpeedDial<1>;
/// A speed dial under a code from `00` to `99`.
pub type SpeedDial100 = SpeedDial<2>;

/// A speed dial to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `SpeedDial`")]
pub struct NewSpeedDial {
    pub code: String,
    pub phone_number: String,
    pub description: String,
}

/// A change to a speed dial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `SpeedDial`")]
pub struct SpeedDialPatch {
    pub code: Patch<String>,
    pub phone_number: Patch<String>,
    pub description: Patch<String>,
}

fn check_code(found: &mut Violations, range: SpeedDialRange, code: &str) {
    if code.is_empty() {
        found.add(Field::Code, Rule::Required);
    } else if !range.contains(code) {
        found.add(Field::Code, Rule::Form(range.form()));
    }
}

fn check_number(found: &mut Violations, number: &str) {
    found.length(Field::PhoneNumber, number, limits::SPEED_DIAL_NUMBER);
    if number.chars().any(char::is_control) {
        found.add(Field::PhoneNumber, Rule::Form("text without control characters"));
    }
}

impl<const DIGITS: usize> SpeedDial<DIGITS> {
    /// The range of these.
    pub const RANGE: SpeedDialRange = match DIGITS {
        1 => SpeedDialRange::Eight,
        _ => SpeedDialRange::Hundred,
    };
}

impl<const DIGITS: usize> Owned for SpeedDial<DIGITS> {
    const THING: Thing = Thing::SpeedDial;
    const KIND: Kind = Kind::SpeedDial;
    const COLLECTION: &'static str = match Self::RANGE {
        SpeedDialRange::Eight => "speed_dial_8",
        SpeedDialRange::Hundred => "speed_dial_100",
    };
    const MOST: i64 = match Self::RANGE {
        SpeedDialRange::Eight => 8,
        SpeedDialRange::Hundred => 100,
    };
    const KEY: Field = Field::Code;

    type New = NewSpeedDial;
    type Patch = SpeedDialPatch;

    fn check(new: &NewSpeedDial) -> Violations {
        let mut found = Violations::new();
        check_code(&mut found, Self::RANGE, &new.code);
        check_number(&mut found, &new.phone_number);
        found.text(Field::Description, &new.description, limits::DESCRIPTION);
        found
    }

    fn check_patch(&self, patch: &SpeedDialPatch) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(code) = &patch.code {
            check_code(&mut found, Self::RANGE, code);
        }
        if let Patch::Set(number) = &patch.phone_number {
            check_number(&mut found, number);
        }
        if let Patch::Set(description) = &patch.description {
            found.text(Field::Description, description, limits::DESCRIPTION);
        }
        found
    }

    fn make(new: NewSpeedDial, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self {
            code: new.code,
            phone_number: new.phone_number,
            description: new.description,
        }
    }

    fn apply(&mut self, patch: SpeedDialPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let mut changed = patch.code.apply(&mut self.code);
        changed |= patch.phone_number.apply(&mut self.phone_number);
        changed | patch.description.apply(&mut self.description)
    }

    fn key(&self) -> Option<String> {
        Some(self.code.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(code: &str) -> NewSpeedDial {
        NewSpeedDial {
            code: code.into(),
            phone_number: "+49 30 123456".into(),
            description: String::new(),
        }
    }

    #[test]
    fn codes_of_the_two_ranges() {
        for (code, eight, hundred) in [
            ("2", true, false),
            ("9", true, false),
            ("1", false, false),
            ("0", false, false),
            ("00", false, true),
            ("99", false, true),
            ("100", false, false),
            ("", false, false),
            ("x", false, false),
            ("0x", false, false),
            ("٣", false, false),
        ] {
            assert_eq!(SpeedDial8::check(&new(code)).is_empty(), eight, "{code}");
            assert_eq!(SpeedDial100::check(&new(code)).is_empty(), hundred, "{code}");
        }
        assert_eq!((SpeedDial8::COLLECTION, SpeedDial8::MOST), ("speed_dial_8", 8));
        assert_eq!(
            (SpeedDial100::COLLECTION, SpeedDial100::MOST),
            ("speed_dial_100", 100)
        );
    }

    #[test]
    fn a_change_is_judged_like_a_new_one() {
        let mut seal = |_: &str| SealedSecret::default();
        let mut dial = SpeedDial8::make(new("2"), &mut seal);
        let bad = SpeedDialPatch {
            code: Patch::Set("22".into()),
            phone_number: Patch::Set(String::new()),
            description: Patch::Set("x".repeat(1025)),
        };
        assert_eq!(dial.check_patch(&bad).into_vec().len(), 3);
        let good = SpeedDialPatch {
            code: Patch::Set("3".into()),
            ..SpeedDialPatch::default()
        };
        assert!(dial.check_patch(&good).is_empty());
        assert!(dial.apply(good.clone(), &mut seal) && !dial.apply(good, &mut seal));
        assert_eq!(dial.key().as_deref(), Some("3"));
    }
}
