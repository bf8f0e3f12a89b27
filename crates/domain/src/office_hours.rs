//! Weekly hours.

use std::fmt;

use crate::{Field, Patch, Rule, Violations, limits};

/// A time of day, `00:00` to `23:59`, or `24:00` as the end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Midnight at the end of a day.
    pub const END: Self = Self(24 * 60);

    /// From minutes after midnight: 0 to 1440.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= Self::END.0).then_some(Self(minutes))
    }

    /// Minutes after midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// Reads `HH:MM` on the 24-hour clock.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            (digits.len() == 2 && crate::text::is_digits(digits))
                .then(|| digits.parse::<u16>().ok())
                .flatten()
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (minutes < 60)
            .then(|| Self::from_minutes(hours * 60 + minutes))
            .flatten()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A part of a day, from its first minute up to but without its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The start.
    pub from: TimeOfDay,
    /// The end, after the start.
    pub to: TimeOfDay,
}

/// The hours of one weekday.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day {
    /// Whether it is a working day; when not, the ranges are kept and ignored.
    pub enabled: bool,
    /// The working hours; none means all day.
    pub ranges: Vec<TimeRange>,
}

/// A day of the week. Weeks begin on Monday, as in ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the days of the week")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The English name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

/// The hours of a week, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Week(pub [Day; 7]);

impl Week {
    /// Working days Monday to Friday, 09:00 to 17:00: what a tenant has until it sets its own.
    pub fn business() -> Self {
        let mut week = Self::default();
        let nine_to_five = TimeRange {
            from: TimeOfDay(9 * 60),
            to: TimeOfDay(17 * 60),
        };
        for day in week.0.iter_mut().take(5) {
            *day = Day {
                enabled: true,
                ranges: vec![nine_to_five],
            };
        }
        week
    }

    /// The days with their names.
    pub fn days(&self) -> impl Iterator<Item = (Weekday, &Day)> {
        Weekday::ALL.into_iter().zip(&self.0)
    }

    /// Every rule that the week breaks, under `prefix` inside of the field.
    pub(crate) fn check(&self, found: &mut Violations, field: Field, prefix: &str) {
        for (weekday, day) in self.days() {
            day.check(found, field, &format!("{prefix}{}", weekday.name()));
        }
    }
}

impl Day {
    fn check(&self, found: &mut Violations, field: Field, at: &str) {
        if self.ranges.len() > limits::RANGES_PER_DAY {
            found.add_at(
                field,
                format!("{at}.ranges"),
                Rule::TooMany(limits::RANGES_PER_DAY),
            );
        }
        for (index, range) in self.ranges.iter().enumerate() {
            if range.from >= range.to {
                found.add_at(
                    field,
                    format!("{at}.ranges[{index}]"),
                    Rule::Form("a range whose start is before its end"),
                );
            }
        }
    }
}

/// Whose hours count for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HoursMode {
    /// The tenant's.
    #[default]
    Global,
    /// His own.
    Custom,
}

/// The office hours of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfficeHours {
    /// Whose hours count.
    pub mode: HoursMode,
    /// His own hours; kept, and without effect, while the tenant's count.
    pub week: Week,
}

/// A change to office hours: days that are not mentioned stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfficeHoursPatch {
    /// Whose hours count from now on.
    pub mode: Patch<HoursMode>,
    /// New hours for each weekday that is mentioned, Monday first.
    pub days: [Patch<Day>; 7],
}

impl OfficeHoursPatch {
    /// Every rule that the change breaks.
    pub(crate) fn check(&self, found: &mut Violations) {
        for (weekday, day) in Weekday::ALL.into_iter().zip(&self.days) {
            if let Patch::Set(day) = day {
                day.check(found, Field::OfficeHours, weekday.name());
            }
        }
    }

    /// Carries the change out on a user's hours; tells whether anything changed.
    pub fn apply(self, hours: &mut OfficeHours) -> bool {
        let changed = self.mode.clone().apply(&mut hours.mode);
        self.apply_week(&mut hours.week) | changed
    }

    /// Carries the change out on a bare week, such as a tenant's; the mode has no meaning there.
    pub fn apply_week(self, week: &mut Week) -> bool {
        self.days
            .into_iter()
            .zip(&mut week.0)
            .fold(false, |changed, (new, day)| new.apply(day) | changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        for (text, minutes) in [("00:00", 0), ("09:30", 570), ("23:59", 1439), ("24:00", 1440)] {
            let time = TimeOfDay::parse(text).unwrap();
            assert_eq!(time.minutes(), minutes);
            assert_eq!(time.to_string(), text);
        }
        for bad in [
            "", "9:30", "09:60", "24:01", "25:00", "0930", "09:3x", "-1:00", "09:30:00",
        ] {
            assert_eq!(TimeOfDay::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_change_of_one_day_keeps_the_others() {
        let mut hours = OfficeHours {
            mode: HoursMode::Global,
            week: Week::business(),
        };
        let mut patch = OfficeHoursPatch {
            mode: Patch::Set(HoursMode::Custom),
            ..OfficeHoursPatch::default()
        };
        patch.days[6] = Patch::Set(Day {
            enabled: true,
            ranges: Vec::new(),
        });
        assert!(patch.clone().apply(&mut hours));
        assert!(!patch.apply(&mut hours), "the second time changes nothing");
        assert_eq!(hours.week.0[..5], Week::business().0[..5]);
        assert!(hours.week.0[6].enabled);
    }

    #[test]
    fn a_range_must_go_forward() {
        let mut week = Week::business();
        week.0[2].ranges.push(TimeRange {
            from: TimeOfDay(600),
            to: TimeOfDay(600),
        });
        let mut found = Violations::new();
        week.check(&mut found, Field::OfficeHours, "");
        let found = found.into_vec();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "wednesday.ranges[1]");
    }
}
