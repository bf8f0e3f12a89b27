//! Holidays: times that count as outside of office hours.
//!
//! # How they are counted
//!
//! All is civil time: what the calendar and the clock on the wall say where the holiday is kept. Where clocks are put
//! back, the repeated hour belongs to a holiday both times or not at all; where they are put forward, the hour that is
//! left out is nobody's.
//!
//! - A *consecutive* holiday is one span, from the first moment to the last.
//! - Any other is the same hours on each day from the first to the last. On a single day both mean the same.
//! - The end itself does not belong to it, but `23:59` means the end of the day as `24:00` does: clocks of forms cannot
//!   write `24:00`, and nobody wants to be open for the last minute of Christmas Day.
//! - A holiday of *every year* has no year (one that is given is kept and has no effect) and may run over New Year.
//! - 29 February of every year is kept on 28 February when the year has no 29th: a holiday at the end of February does
//!   not vanish for three years. When that leaves a span without time, it takes the rest of the day.

use crate::{
    CivilMinute, Field, Kind, Owned, Patch, Rule, SealedSecret, Thing, TimeOfDay, Violations, limits,
};

/// The first or last moment of a holiday, as far as a request gives it.
///
/// For a new holiday the first month and day are demanded, and the year too unless it is one of every year. What is not
/// given of the last day is that of the first; hours that are not given are from the day's beginning or to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the parts of a date and of a time")]
pub struct HolidayParts {
    pub year: Option<i64>,
    pub month: Option<i64>,
    pub day: Option<i64>,
    pub hour: Option<i64>,
    pub minute: Option<i64>,
}

/// The first or last moment of a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolidayMoment {
    /// The year; none for every year, unless a client insists on giving one.
    pub year: Option<i64>,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23, or 24 as the end of a day.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
}

/// A holiday of a user, or of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// What people call it.
    pub name: String,
    /// The country that keeps it, as an ISO 3166-1 alpha-3 code; a remark, with no effect.
    pub region: String,
    /// One span, and not the same hours on each day.
    pub consecutive: bool,
    /// Kept every year.
    pub every_year: bool,
    /// Its first moment.
    pub start: HolidayMoment,
    /// Its end, which does not belong to it.
    pub end: HolidayMoment,
}

/// A holiday to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Holiday`")]
pub struct NewHoliday {
    pub name: String,
    pub region: String,
    pub consecutive: bool,
    pub every_year: bool,
    pub start: HolidayParts,
    pub end: HolidayParts,
}

/// A change to a holiday. Parts of its moments that are not given stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Holiday`")]
pub struct HolidayPatch {
    pub name: Patch<String>,
    pub region: Patch<String>,
    pub consecutive: Patch<bool>,
    pub every_year: Patch<bool>,
    pub start: HolidayParts,
    pub end: HolidayParts,
}

/// The names of one moment's parts.
struct PartFields {
    year: Field,
    month: Field,
    day: Field,
    hour: Field,
    minute: Field,
    last_hour: i64,
}

const START: PartFields = PartFields {
    year: Field::YearStart,
    month: Field::MonthStart,
    day: Field::DayStart,
    hour: Field::HourStart,
    minute: Field::MinuteStart,
    last_hour: 23,
};
const END: PartFields = PartFields {
    year: Field::YearEnd,
    month: Field::MonthEnd,
    day: Field::DayEnd,
    hour: Field::HourEnd,
    minute: Field::MinuteEnd,
    last_hour: 24,
};

impl HolidayParts {
    /// This, with what is missing taken from elsewhere.
    fn or(self, other: HolidayMoment) -> HolidayMoment {
        HolidayMoment {
            year: self.year.or(other.year),
            month: self.month.unwrap_or(other.month),
            day: self.day.unwrap_or(other.day),
            hour: self.hour.unwrap_or(other.hour),
            minute: self.minute.unwrap_or(other.minute),
        }
    }

    /// An hour without a minute means the full hour, in a new holiday.
    fn full_hour(mut self) -> Self {
        if self.hour.is_some() {
            self.minute = self.minute.or(Some(0));
        }
        self
    }
}

impl HolidayMoment {
    fn date(self) -> (i64, i64) {
        (self.month, self.day)
    }

    /// Minutes after midnight.
    fn start_minute(self) -> i64 {
        self.hour * 60 + self.minute
    }

    /// Minutes after midnight, of an end: 23:59 is the end of the day.
    fn end_minute(self) -> i64 {
        let end = i64::from(TimeOfDay::END.minutes());
        match self.start_minute() {
            minute if minute >= end - 1 => end,
            minute => minute,
        }
    }

    fn check(self, found: &mut Violations, fields: &PartFields, every_year: bool) {
        match self.year {
            _ if every_year => {}
            None => found.add(fields.year, Rule::Required),
            Some(year) => found.range(fields.year, year, limits::HOLIDAY_YEAR),
        }
        found.range(fields.month, self.month, 1..=12);
        found.range(fields.day, self.day, 1..=31);
        found.range(fields.hour, self.hour, 0..=fields.last_hour);
        let last_minute = if self.hour == 24 { 0 } else { 59 };
        found.range(fields.minute, self.minute, 0..=last_minute);
        let named = [fields.year, fields.month, fields.day];
        if named.into_iter().any(|field| found.concerns(field)) {
            return;
        }
        // Any leap year serves to judge a date of every year.
        let year = self.year.filter(|_| !every_year).unwrap_or(2024);
        if self.day > days_in(year, self.month) {
            found.add(
                fields.day,
                Rule::Other(format!(
                    "must be a day of month {}, which has {} in that year",
                    self.month,
                    days_in(year, self.month)
                )),
            );
        }
    }

    /// Its month and day in a year that may lack 29 February.
    fn date_in(self, year: i64) -> (i64, i64) {
        (self.month, self.day.min(days_in(year, self.month)))
    }
}

/// The days of a month of the Gregorian calendar.
fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Holiday {
    /// Every rule that the holiday breaks, complete as it is.
    pub(crate) fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.length(Field::Name, &self.name, limits::HOLIDAY_NAME);
        if self.name.chars().any(char::is_control) {
            found.add(Field::Name, Rule::Form("text without control characters"));
        }
        if rust_iso3166::from_alpha3(&self.region).is_none() {
            found.add(Field::Region, Rule::Form("an ISO 3166-1 alpha-3 code like DEU"));
        }
        let mut times = Violations::new();
        self.start.check(&mut times, &START, self.every_year);
        self.end.check(&mut times, &END, self.every_year);
        if times.is_empty() {
            self.check_direction(&mut times);
        }
        found.extend(times.into_vec());
        found
    }

    /// A holiday goes forward: in days unless it may run over New Year, and in hours where those are of one day.
    fn check_direction(&self, found: &mut Violations) {
        let year = |moment: HolidayMoment| moment.year.filter(|_| !self.every_year);
        let first = (year(self.start), self.start.date());
        let last = (year(self.end), self.end.date());
        if last < first && !self.every_year {
            found.add(Field::DayEnd, Rule::Form("a date that is not before the first"));
        }
        if (first == last || !self.consecutive) && self.end.end_minute() <= self.start.start_minute() {
            found.add(Field::HourEnd, Rule::Form("a time after the start"));
        }
    }

    /// Whether a moment of civil time belongs to it.
    pub fn contains(&self, at: CivilMinute) -> bool {
        let (from, mut to) = (self.start.start_minute(), self.end.end_minute());
        let (now, minute) = ((at.year, at.month, at.day), at.minute);
        let (first, last, wraps) = if self.every_year {
            let (first, last) = (self.start.date_in(at.year), self.end.date_in(at.year));
            let wraps = self.end.date() < self.start.date();
            if first == last && !wraps && to <= from {
                to = i64::from(TimeOfDay::END.minutes());
            }
            let in_year = |(month, day)| (at.year, month, day);
            (in_year(first), in_year(last), wraps)
        } else {
            let of = |moment: HolidayMoment| (moment.year.unwrap_or(0), moment.month, moment.day);
            (of(self.start), of(self.end), false)
        };
        let (begun, going) = if self.consecutive {
            ((first, from) <= (now, minute), (now, minute) < (last, to))
        } else if from <= minute && minute < to {
            (first <= now, now <= last)
        } else {
            return false;
        };
        if wraps { begun || going } else { begun && going }
    }
}

impl NewHoliday {
    /// The holiday with everything that was not said filled in; zeros stand for what had to be said.
    fn complete(self) -> Holiday {
        let start = self.start.or(HolidayMoment {
            year: None,
            month: 0,
            day: 0,
            hour: 0,
            minute: 0,
        });
        let end = self.end.full_hour().or(HolidayMoment {
            hour: 23,
            minute: 59,
            ..start
        });
        Holiday {
            name: self.name,
            region: self.region,
            consecutive: self.consecutive,
            every_year: self.every_year,
            start,
            end,
        }
    }
}

impl HolidayPatch {
    fn apply(self, holiday: &mut Holiday) -> bool {
        let mut changed = self.name.apply(&mut holiday.name);
        changed |= self.region.apply(&mut holiday.region);
        changed |= self.consecutive.apply(&mut holiday.consecutive);
        changed |= self.every_year.apply(&mut holiday.every_year);
        changed |= Patch::Set(self.start.or(holiday.start)).apply(&mut holiday.start);
        changed | Patch::Set(self.end.or(holiday.end)).apply(&mut holiday.end)
    }
}

impl Owned for Holiday {
    const THING: Thing = Thing::Holiday;
    const KIND: Kind = Kind::Holiday;
    const COLLECTION: &'static str = "holiday";
    const MOST: i64 = limits::HOLIDAYS;
    const KEY: Field = Field::Name;

    type New = NewHoliday;
    type Patch = HolidayPatch;

    fn check(new: &NewHoliday) -> Violations {
        let mut missing = Violations::new();
        for (field, part) in [
            (Field::MonthStart, new.start.month),
            (Field::DayStart, new.start.day),
        ] {
            if part.is_none() {
                missing.add(field, Rule::Required);
            }
        }
        if missing.is_empty() {
            new.clone().complete().check()
        } else {
            missing
        }
    }

    fn check_patch(&self, patch: &HolidayPatch) -> Violations {
        let mut changed = self.clone();
        patch.clone().apply(&mut changed);
        Holiday::check(&changed)
    }

    fn make(new: NewHoliday, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        new.complete()
    }

    fn apply(&mut self, patch: HolidayPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        patch.apply(self)
    }

    /// Two may have the same name: Easter of this year and of the next.
    fn key(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weekday;

    /// A holiday from `(year, month, day, hour, minute)` to another; -1 stands for a part that is not given.
    fn new(start: [i64; 5], end: [i64; 5], consecutive: bool, every_year: bool) -> NewHoliday {
        let parts = |numbers: [i64; 5]| {
            let [year, month, day, hour, minute] =
                numbers.map(|number| Some(number).filter(|number| *number >= 0));
            HolidayParts {
                year,
                month,
                day,
                hour,
                minute,
            }
        };
        NewHoliday {
            name: "Christmas".into(),
            region: "DEU".into(),
            consecutive,
            every_year,
            start: parts(start),
            end: parts(end),
        }
    }

    const OPEN: [i64; 5] = [-1; 5];

    fn at(year: i64, month: i64, day: i64, time: &str) -> CivilMinute {
        CivilMinute {
            year,
            month,
            day,
            weekday: Weekday::Monday,
            minute: i64::from(TimeOfDay::parse(time).unwrap().minutes()),
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        let good = [
            new([2024, 2, 29, -1, -1], OPEN, true, false),
            new([-1, 2, 29, -1, -1], OPEN, true, true),
            new([2023, 2, 29, -1, -1], OPEN, true, true),
            new([2000, 2, 29, -1, -1], OPEN, true, false),
            new([2026, 12, 24, 12, 0], [2026, 12, 26, 24, 0], true, false),
            new([-1, 12, 24, 12, 0], [-1, 1, 2, 8, 0], true, true),
            new([-1, 12, 24, 8, 0], [-1, 1, 2, 12, 0], false, true),
            new([2026, 5, 1, 9, 0], [-1, -1, -1, 12, -1], false, false),
        ];
        for new in good {
            assert!(Holiday::check(&new.clone().complete()).is_empty(), "{new:?}");
        }
        for (new, field) in [
            (new([2023, 2, 29, -1, -1], OPEN, true, false), Field::DayStart),
            (new([1900, 2, 29, -1, -1], OPEN, true, false), Field::DayStart),
            (new([-1, 2, 30, -1, -1], OPEN, true, true), Field::DayStart),
            (
                new([2026, 4, 1, 0, 0], [2026, 4, 31, 0, 0], true, false),
                Field::DayEnd,
            ),
            (new([2026, 13, 1, -1, -1], OPEN, true, false), Field::MonthStart),
            (new([2026, 1, 0, -1, -1], OPEN, true, false), Field::DayStart),
            (new([-1, 5, 1, -1, -1], OPEN, true, false), Field::YearStart),
            (new([10_000, 5, 1, -1, -1], OPEN, true, false), Field::YearStart),
            (new([2026, -1, 1, -1, -1], OPEN, true, false), Field::MonthStart),
            (new([2026, 5, -1, -1, -1], OPEN, true, false), Field::DayStart),
            (new([2026, 5, 1, 24, 0], OPEN, true, false), Field::HourStart),
            (new([2026, 5, 1, 9, 60], OPEN, true, false), Field::MinuteStart),
            (
                new([2026, 5, 1, 9, 0], [-1, -1, -1, 24, 1], true, false),
                Field::MinuteEnd,
            ),
            (
                new([2026, 5, 2, 9, 0], [2026, 5, 1, 10, 0], true, false),
                Field::DayEnd,
            ),
            (
                new([2026, 5, 1, 9, 0], [2026, 5, 1, 9, 0], true, false),
                Field::HourEnd,
            ),
            (
                new([-1, 5, 1, 9, 0], [-1, 5, 1, 8, 0], true, true),
                Field::HourEnd,
            ),
            (
                new([2026, 5, 1, 9, 0], [2026, 5, 3, 8, 0], false, false),
                Field::HourEnd,
            ),
        ] {
            assert!(
                <Holiday as Owned>::check(&new).concerns(field),
                "{field:?} {new:?}"
            );
        }
        let mut named = new([2026, 5, 1, -1, -1], OPEN, true, false);
        named.name.clear();
        named.region = "DE".into();
        let found = <Holiday as Owned>::check(&named);
        assert!(found.concerns(Field::Name) && found.concerns(Field::Region));
    }

    #[test]
    fn what_belongs_to_a_holiday() {
        let day = new([2026, 5, 1, -1, -1], OPEN, false, false);
        let span = new([2026, 12, 24, 12, 0], [2026, 12, 26, 10, 30], true, false);
        let daily = new([2026, 12, 24, 12, 0], [2026, 12, 26, 18, 0], false, false);
        let winter = new([-1, 12, 24, 12, 0], [-1, 1, 2, 8, 0], true, true);
        let leap = new([-1, 2, 29, -1, -1], OPEN, true, true);
        let noon = new([-1, 2, 28, 18, 0], [-1, 2, 29, 12, 0], true, true);
        for (holiday, moment, inside) in [
            (&day, at(2026, 4, 30, "23:59"), false),
            (&day, at(2026, 5, 1, "00:00"), true),
            (&day, at(2026, 5, 1, "23:59"), true),
            (&day, at(2026, 5, 2, "00:00"), false),
            (&day, at(2027, 5, 1, "12:00"), false),
            (&span, at(2026, 12, 24, "11:59"), false),
            (&span, at(2026, 12, 24, "12:00"), true),
            (&span, at(2026, 12, 25, "03:00"), true),
            (&span, at(2026, 12, 26, "10:29"), true),
            (&span, at(2026, 12, 26, "10:30"), false),
            (&daily, at(2026, 12, 25, "11:59"), false),
            (&daily, at(2026, 12, 25, "12:00"), true),
            (&daily, at(2026, 12, 26, "17:59"), true),
            (&daily, at(2026, 12, 26, "18:00"), false),
            (&winter, at(2031, 12, 24, "11:59"), false),
            (&winter, at(2031, 12, 24, "12:00"), true),
            (&winter, at(2032, 1, 1, "00:00"), true),
            (&winter, at(2032, 1, 2, "07:59"), true),
            (&winter, at(2032, 1, 2, "08:00"), false),
            (&winter, at(2032, 7, 1, "12:00"), false),
            (&leap, at(2024, 2, 28, "12:00"), false),
            (&leap, at(2024, 2, 29, "12:00"), true),
            (&leap, at(2025, 2, 28, "12:00"), true),
            (&leap, at(2025, 2, 27, "12:00"), false),
            (&leap, at(2025, 3, 1, "00:00"), false),
            (&noon, at(2024, 2, 29, "11:59"), true),
            (&noon, at(2025, 2, 28, "18:00"), true),
            (&noon, at(2025, 2, 28, "17:59"), false),
            (&noon, at(2025, 3, 1, "00:00"), false),
        ] {
            let holiday = holiday.clone().complete();
            assert_eq!(holiday.contains(moment), inside, "{holiday:?} {moment:?}");
        }
    }

    #[test]
    fn a_change_is_judged_with_what_stays() {
        let mut seal = |_: &str| SealedSecret::default();
        let mut holiday = Holiday::make(new([2026, 5, 1, 9, 0], OPEN, true, false), &mut seal);
        assert_eq!(
            (holiday.end.day, holiday.end.hour, holiday.end.minute),
            (1, 23, 59)
        );
        let day = |first, last| HolidayPatch {
            start: HolidayParts {
                day: first,
                ..HolidayParts::default()
            },
            end: HolidayParts {
                day: last,
                ..HolidayParts::default()
            },
            ..HolidayPatch::default()
        };
        assert!(holiday.check_patch(&day(Some(2), None)).concerns(Field::DayEnd));
        assert!(holiday.check_patch(&day(Some(2), Some(3))).is_empty());
        assert!(holiday.apply(day(Some(2), Some(3)), &mut seal));
        assert!(!holiday.apply(day(Some(2), Some(3)), &mut seal));
        assert_eq!(
            (holiday.start.day, holiday.end.day, holiday.start.hour),
            (2, 3, 9)
        );
    }
}
