//! Weekly hours: of a user, of a tenant, of a rule.

use jackfield_domain::{Day, OfficeHoursPatch, Patch, Rule, TimeOfDay, TimeRange, Violations, Week, Weekday};
use jackfield_edge::{Expected, Input, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::{HoursModeWord, choice};

/// Hours as a request writes them. Where hours have no mode (a tenant's, a rule's), a mode is an unknown field: ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct HoursInput {
    mode: Input<String>,
    monday: Input<DayInput>,
    tuesday: Input<DayInput>,
    wednesday: Input<DayInput>,
    thursday: Input<DayInput>,
    friday: Input<DayInput>,
    saturday: Input<DayInput>,
    sunday: Input<DayInput>,
}

impl Expected for HoursInput {
    const WORDS: &'static str = "an object";
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DayInput {
    enabled: Input<bool>,
    ranges: Input<Vec<Input<RangeInput>>>,
}

impl Expected for DayInput {
    const WORDS: &'static str = "an object";
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RangeInput {
    from: Input<String>,
    to: Input<String>,
}

impl Expected for RangeInput {
    const WORDS: &'static str = "an object";
}

impl HoursInput {
    /// A change of a user's hours: what is not mentioned stays.
    pub(crate) fn patch(self, found: &mut Violations, place: &Place) -> OfficeHoursPatch {
        let at = place.part("mode");
        OfficeHoursPatch {
            mode: choice(self.mode).patch(found, at),
            days: [
                (Weekday::Monday, self.monday),
                (Weekday::Tuesday, self.tuesday),
                (Weekday::Wednesday, self.wednesday),
                (Weekday::Thursday, self.thursday),
                (Weekday::Friday, self.friday),
                (Weekday::Saturday, self.saturday),
                (Weekday::Sunday, self.sunday),
            ]
            .map(|(weekday, day)| day_change(day, found, place.part(weekday.name()))),
        }
    }

    /// A change of hours that have no mode.
    pub(crate) fn days(mut self, found: &mut Violations, place: &Place) -> OfficeHoursPatch {
        self.mode = Input::Absent;
        self.patch(found, place)
    }

    /// A whole week: days that are not mentioned are closed.
    pub(crate) fn week(self, found: &mut Violations, place: &Place) -> Week {
        let mut week = Week::default();
        self.days(found, place).apply_week(&mut week);
        week
    }
}

fn day_change(day: Input<DayInput>, found: &mut Violations, place: Place) -> Patch<Day> {
    day.open(found, place, |day, found, place| Day {
        // A day without this word would have to be guessed open or closed, and either guess rings at the wrong hour.
        enabled: day
            .enabled
            .required(found, place.part("enabled"))
            .unwrap_or_default(),
        ranges: ranges(day.ranges, found, place.part("ranges")),
    })
    .patch(found, place)
}

fn ranges(list: Input<Vec<Input<RangeInput>>>, found: &mut Violations, place: Place) -> Vec<TimeRange> {
    list.entries(found, place, |range, found, place| {
        let from = time(range.from, found, place.part("from"));
        let to = time(range.to, found, place.part("to"));
        Some(TimeRange { from: from?, to: to? })
    })
    .optional(found, place)
    .into_iter()
    .flatten()
    .flatten()
    .collect()
}

fn time(text: Input<String>, found: &mut Violations, place: Place) -> Option<TimeOfDay> {
    text.convert(|text| TimeOfDay::parse(&text).ok_or(Rule::Form("a time like 09:30")))
        .required(found, place)
}

/// A part of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct RangeWire {
    /// The start, on the 24-hour clock.
    #[schema(example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub(crate) from: String,
    /// The end, after the start; `24:00` is the end of the day.
    #[schema(example = "17:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub(crate) to: String,
}

/// The hours of one weekday.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct DayWire {
    /// Whether it is a working day. When not, its ranges are kept and have no effect.
    pub(crate) enabled: bool,
    /// The working hours; none means all day.
    #[schema(required = false, max_items = 24)]
    pub(crate) ranges: Vec<RangeWire>,
}

macro_rules! weeks {
    ($($(#[$doc:meta])* $week:ident { $($first:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[cfg_attr(test, serde(deny_unknown_fields))]
        pub(crate) struct $week {
            $($first)*
            /// Monday.
            #[schema(required = false)]
            pub(crate) monday: DayWire,
            /// Tuesday.
            #[schema(required = false)]
            pub(crate) tuesday: DayWire,
            /// Wednesday.
            #[schema(required = false)]
            pub(crate) wednesday: DayWire,
            /// Thursday.
            #[schema(required = false)]
            pub(crate) thursday: DayWire,
            /// Friday.
            #[schema(required = false)]
            pub(crate) friday: DayWire,
            /// Saturday.
            #[schema(required = false)]
            pub(crate) saturday: DayWire,
            /// Sunday.
            #[schema(required = false)]
            pub(crate) sunday: DayWire,
        }
    )*};
}

weeks! {
    /// Hours of a week. An answer has all days; in a request, days that are left out stay as they are.
    WeekWire {}

    /// A user's office hours. An answer has all parts; in a request, what is left out stays as it is.
    OfficeHoursWire {
        /// Whose hours count.
        #[schema(required = false)]
        pub(crate) mode: HoursModeWord,
    }
}

impl From<&Day> for DayWire {
    fn from(day: &Day) -> Self {
        let range = |range: &TimeRange| RangeWire {
            from: range.from.to_string(),
            to: range.to.to_string(),
        };
        Self {
            enabled: day.enabled,
            ranges: day.ranges.iter().map(range).collect(),
        }
    }
}

impl From<&Week> for WeekWire {
    fn from(week: &Week) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            week.0.each_ref().map(DayWire::from);
        Self {
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            saturday,
            sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{Field, HoursMode, OfficeHours};

    use super::*;

    fn read(json: &str) -> (OfficeHoursPatch, Vec<String>) {
        let mut found = Violations::new();
        let input: Input<HoursInput> = serde_json::from_str(json).unwrap();
        let patch = input
            .open(&mut found, Field::OfficeHours, HoursInput::patch)
            .optional(&mut found, Field::OfficeHours)
            .unwrap_or_default();
        (patch, found.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_mentioned_changes() {
        let (patch, found) = read(
            r#"{"mode": "CUSTOM",
                "monday": {"enabled": true, "ranges": [{"from": "09:00", "to": "12:30"}, {"from": "13:00", "to": "24:00"}]},
                "sunday": {"enabled": false, "ranges": null}, "public_holidays": 7}"#,
        );
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(patch.mode, Patch::Set(HoursMode::Custom));
        let mut hours = OfficeHours {
            mode: HoursMode::Global,
            week: Week::business(),
        };
        patch.apply(&mut hours);
        let wire = serde_json::to_value(WeekWire::from(&hours.week)).unwrap();
        assert_eq!(
            wire["monday"],
            serde_json::json!({"enabled": true, "ranges":
                [{"from": "09:00", "to": "12:30"}, {"from": "13:00", "to": "24:00"}]})
        );
        assert_eq!(wire["tuesday"]["ranges"][0]["to"], "17:00");
        assert_eq!(
            wire["sunday"],
            serde_json::json!({"enabled": false, "ranges": []})
        );
    }

    #[test]
    fn everything_wrong_is_named_with_its_place() {
        for (json, expected) in [
            (
                r#"{"mode": "custom"}"#,
                vec!["office_hours.mode must be one of GLOBAL, CUSTOM"],
            ),
            (r#"{"mode": null}"#, vec!["office_hours.mode is required"]),
            (r#"{"mode": 1}"#, vec!["office_hours.mode must be text"]),
            (r#"{"friday": null}"#, vec!["office_hours.friday is required"]),
            (r#"{"friday": []}"#, vec!["office_hours.friday must be an object"]),
            (
                r#"{"friday": {}}"#,
                vec!["office_hours.friday.enabled is required"],
            ),
            (
                r#"{"monday": {"enabled": 1, "ranges": [{"from": "9:00", "to": "17:00"}, "x", {"from": "10:00"}]},
                    "tuesday": {"enabled": true, "ranges": {}}}"#,
                vec![
                    "office_hours.monday.enabled must be true or false",
                    "office_hours.monday.ranges[0].from must be a time like 09:30",
                    "office_hours.monday.ranges[1] must be an object",
                    "office_hours.monday.ranges[2].to is required",
                    "office_hours.tuesday.ranges must be a list",
                ],
            ),
            ("[]", vec!["office_hours must be an object"]),
        ] {
            assert_eq!(read(json).1, expected, "{json}");
        }
    }

    #[test]
    fn a_whole_week_closes_the_days_it_leaves_out() {
        let mut found = Violations::new();
        let input: HoursInput =
            serde_json::from_str(r#"{"mode": "nonsense", "tuesday": {"enabled": true}}"#).unwrap();
        let week = input.week(&mut found, &Field::OfficeHours.into());
        assert!(found.is_empty());
        let open: Vec<bool> = week.0.iter().map(|day| day.enabled).collect();
        assert_eq!(open, [false, true, false, false, false, false, false]);
    }
}
