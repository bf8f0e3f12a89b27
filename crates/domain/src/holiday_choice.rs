//! What is asked of the tenant's holidays: a list of them, and which of them a user keeps.

use crate::{
    Field, Holiday, Item, Kind, Literal, Owned, Queried, Rule, SealedSecret, Thing, ValueKind, Violations,
    limits,
};

/// A value of a holiday that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Holiday`")]
pub enum HolidayField {
    Id,
    Name,
    Region,
    Consecutive,
    EveryYear,
    YearStart,
    YearEnd,
    MonthStart,
    MonthEnd,
    DayStart,
    DayEnd,
    HourStart,
    HourEnd,
    MinuteStart,
    MinuteEnd,
}

impl Queried for HolidayField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Name | Self::Region => ValueKind::Text,
            Self::Consecutive | Self::EveryYear => ValueKind::Flag,
            _ => ValueKind::Number,
        }
    }
}

impl HolidayField {
    /// The value of a holiday, as a filter compares it.
    pub fn of(self, holiday: &Item<Holiday>) -> Literal {
        let (value, year) = (&holiday.value, |year: Option<i64>| {
            year.map_or(Literal::Null, Literal::Number)
        });
        match self {
            Self::Id => Literal::Number(holiday.id),
            Self::Name => Literal::Text(value.name.clone()),
            Self::Region => Literal::Text(value.region.clone()),
            Self::Consecutive => Literal::Flag(value.consecutive),
            Self::EveryYear => Literal::Flag(value.every_year),
            Self::YearStart => year(value.start.year),
            Self::YearEnd => year(value.end.year),
            Self::MonthStart => Literal::Number(value.start.month),
            Self::MonthEnd => Literal::Number(value.end.month),
            Self::DayStart => Literal::Number(value.start.day),
            Self::DayEnd => Literal::Number(value.end.day),
            Self::HourStart => Literal::Number(value.start.hour),
            Self::HourEnd => Literal::Number(value.end.hour),
            Self::MinuteStart => Literal::Number(value.start.minute),
            Self::MinuteEnd => Literal::Number(value.end.minute),
        }
    }
}

/// The holidays of the tenant that a user keeps: one record for each user who ever chose.
///
/// It holds ids, not holidays: a holiday that the tenant changes is changed for everybody who keeps it, and one that is
/// destroyed is kept by nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HolidayChoice {
    /// Their ids, ascending, each once.
    pub holidays: Vec<i64>,
}

impl HolidayChoice {
    /// A choice of these; what is named twice counts once.
    pub fn of(mut holidays: Vec<i64>) -> Self {
        holidays.sort_unstable();
        holidays.dedup();
        Self { holidays }
    }

    fn check(&self) -> Violations {
        let mut found = Violations::new();
        let most = usize::try_from(limits::HOLIDAYS).unwrap_or(usize::MAX);
        if self.holidays.len() > most {
            found.add(Field::GlobalHolidays, Rule::TooMany(most));
        }
        found
    }
}

impl Owned for HolidayChoice {
    const THING: Thing = Thing::Holiday;
    // Nobody follows holidays, and to whoever reads the journal a choice is a change of the user's holidays.
    const KIND: Kind = Kind::Holiday;
    const COLLECTION: &'static str = "holiday_choice";
    const MOST: i64 = 1;
    const KEY: Field = Field::GlobalHolidays;

    type New = Self;
    /// The whole choice takes the place of the old one.
    type Patch = Self;

    fn check(new: &Self) -> Violations {
        new.check()
    }

    fn check_patch(&self, patch: &Self) -> Violations {
        patch.check()
    }

    fn make(new: Self, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        new
    }

    fn apply(&mut self, patch: Self, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let changed = *self != patch;
        *self = patch;
        changed
    }

    /// The same for all, so that a user has one at most.
    fn key(&self) -> Option<String> {
        Some("choice".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_names_each_once_and_is_bounded() {
        assert_eq!(HolidayChoice::of(vec![3, 1, 3]).holidays, [1, 3]);
        assert!(HolidayChoice::of((1..=366).collect()).check().is_empty());
        let many = HolidayChoice::of((1..=367).collect());
        assert!(many.check().concerns(Field::GlobalHolidays));
        let mut seal = |_: &str| SealedSecret::default();
        let mut choice = HolidayChoice::default();
        assert!(choice.apply(HolidayChoice::of(vec![7]), &mut seal));
        assert!(!choice.apply(HolidayChoice::of(vec![7]), &mut seal));
        assert_eq!(choice.holidays, [7]);
    }
}
