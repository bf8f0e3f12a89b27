//! How holidays look, and the operations on a user's own. Those on the tenant's are in `tenant_holidays.rs`.

use jackfield_domain::{
    Field, Holiday, HolidayParts, HolidayPatch, Item, NewHoliday, Owned, Result, Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::owned::{Shape, mount};

macro_rules! holiday_wire {
    (start { $($(#[doc = $sdoc:literal])* $start:ident = $svalue:ident, $sfield:ident, $sleast:tt to $smost:tt;)* }
     end { $($(#[doc = $edoc:literal])* $end:ident = $evalue:ident, $efield:ident, $eleast:tt to $emost:tt;)* }) => {
        /// A holiday to be made. The first month and day have to be given, and the first year unless it is one of every
        /// year; what is left out of the last day is that of the first, and without hours it lasts from the beginning of
        /// the first day to the end of the last.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct CreateHoliday {
            /// What people call it.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
            name: Input<String>,
            /// The country that keeps it, as an ISO 3166-1 alpha-3 code.
            #[serde(default)]
            #[schema(value_type = String, required = true, example = "DEU")]
            region: Input<String>,
            /// One span from the first moment to the last, and not the same hours on each day.
            #[serde(default)]
            #[schema(value_type = bool, required = true)]
            consecutive: Input<bool>,
            /// Kept every year.
            #[serde(default)]
            #[schema(value_type = bool, required = true)]
            every_year: Input<bool>,
            $($(#[doc = $sdoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $sleast, maximum = $smost)] $start: Input<i64>,)*
            $($(#[doc = $edoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $eleast, maximum = $emost)] $end: Input<i64>,)*
        }

        /// A change to a holiday: what is left out stays.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct UpdateHoliday {
            /// What people call it.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Input<String>,
            /// The country that keeps it, as an ISO 3166-1 alpha-3 code.
            #[serde(default)]
            #[schema(value_type = String, required = false, example = "DEU")]
            region: Input<String>,
            /// One span from the first moment to the last, and not the same hours on each day.
            #[serde(default)]
            #[schema(value_type = bool, required = false)]
            consecutive: Input<bool>,
            /// Kept every year.
            #[serde(default)]
            #[schema(value_type = bool, required = false)]
            every_year: Input<bool>,
            $($(#[doc = $sdoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $sleast, maximum = $smost)] $start: Input<i64>,)*
            $($(#[doc = $edoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $eleast, maximum = $emost)] $end: Input<i64>,)*
        }

        /// A holiday.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct HolidayAnswer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// What people call it.
            #[schema(min_length = 1, max_length = 64)]
            name: String,
            /// The country that keeps it, as an ISO 3166-1 alpha-3 code.
            #[schema(example = "DEU")]
            region: String,
            /// One span from the first moment to the last, and not the same hours on each day.
            consecutive: bool,
            /// Kept every year.
            every_year: bool,
            $($(#[doc = $sdoc])* #[serde(skip_serializing_if = "Option::is_none")] #[schema(value_type = i32, required = false, minimum = $sleast, maximum = $smost)] $start: Option<i64>,)*
            $($(#[doc = $edoc])* #[serde(skip_serializing_if = "Option::is_none")] #[schema(value_type = i32, required = false, minimum = $eleast, maximum = $emost)] $end: Option<i64>,)*
        }

        impl CreateHoliday {
            /// What is to be made.
            pub(crate) fn read(self) -> Result<NewHoliday> {
                let mut found = Violations::new();
                let new = NewHoliday {
                    name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
                    region: self.region.required(&mut found, Field::Region).unwrap_or_default(),
                    consecutive: self.consecutive.required(&mut found, Field::Consecutive).unwrap_or_default(),
                    every_year: self.every_year.required(&mut found, Field::EveryYear).unwrap_or_default(),
                    start: HolidayParts { $($svalue: self.$start.optional(&mut found, Field::$sfield),)* },
                    end: HolidayParts { $($evalue: self.$end.optional(&mut found, Field::$efield),)* },
                };
                conclude(found, || <Holiday as Owned>::check(&new))?;
                Ok(new)
            }
        }

        impl UpdateHoliday {
            /// What is to be changed. A part of a moment cannot be taken away, so `null` leaves it as it is.
            pub(crate) fn read(self) -> Result<HolidayPatch> {
                let mut found = Violations::new();
                let patch = HolidayPatch {
                    name: self.name.patch(&mut found, Field::Name),
                    region: self.region.patch(&mut found, Field::Region),
                    consecutive: self.consecutive.patch(&mut found, Field::Consecutive),
                    every_year: self.every_year.patch(&mut found, Field::EveryYear),
                    start: HolidayParts { $($svalue: self.$start.optional(&mut found, Field::$sfield),)* },
                    end: HolidayParts { $($evalue: self.$end.optional(&mut found, Field::$efield),)* },
                };
                found.finish()?;
                Ok(patch)
            }
        }

        impl From<Item<Holiday>> for HolidayAnswer {
            fn from(item: Item<Holiday>) -> Self {
                let (start, end) = (&item.value.start, &item.value.end);
                Self {
                    id: item.id.to_string(),
                    consecutive: item.value.consecutive,
                    every_year: item.value.every_year,
                    $($start: start.$svalue.into(),)*
                    $($end: end.$evalue.into(),)*
                    name: item.value.name,
                    region: item.value.region,
                }
            }
        }
    };
}

holiday_wire! {
    start {
        /// The year of its first day; absent for every year.
        year_start = year, YearStart, 1 to 9999;
        /// The month of its first day.
        month_start = month, MonthStart, 1 to 12;
        /// Its first day.
        day_start = day, DayStart, 1 to 31;
        /// The hour at which it begins.
        hour_start = hour, HourStart, 0 to 23;
        /// The minute at which it begins.
        minute_start = minute, MinuteStart, 0 to 59;
    }
    end {
        /// The year of its last day; absent for every year.
        year_end = year, YearEnd, 1 to 9999;
        /// The month of its last day.
        month_end = month, MonthEnd, 1 to 12;
        /// Its last day.
        day_end = day, DayEnd, 1 to 31;
        /// The hour at which it ends; 23:59 and 24:00 both mean the end of the day.
        hour_end = hour, HourEnd, 0 to 24;
        /// The minute at which it ends.
        minute_end = minute, MinuteEnd, 0 to 59;
    }
}

/// All holidays of a user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the list that `owned` writes")]
pub(crate) struct HolidaysAnswer {
    /// How many there are.
    #[schema(minimum = 0)]
    count: i64,
    /// In the order in which they were made.
    items: Vec<HolidayAnswer>,
}

impl Shape for Holiday {
    type Create = CreateHoliday;
    type Update = UpdateHoliday;
    type Detail = HolidayAnswer;

    const COUNTED: bool = true;

    fn create(body: CreateHoliday) -> Result<NewHoliday> {
        body.read()
    }

    fn update(body: UpdateHoliday) -> Result<HolidayPatch> {
        body.read()
    }

    fn detail(item: Item<Self>) -> HolidayAnswer {
        item.into()
    }
}

mount! {
    /// One's own.
    own: jackfield_domain::Holiday, tag "holidays",
    list "/user/holidays", item "/user/holidays/{item_id}", destroy "/user/holidays/{item_id}/destroy",
    id "item_id",
    create CreateHoliday, update UpdateHoliday, detail HolidayAnswer, items HolidaysAnswer
}

mount! {
    /// A user's.
    of: jackfield_domain::Holiday, tag "holidays",
    list "/users/{user_id}/holidays", item "/users/{user_id}/holidays/{item_id}",
    destroy "/users/{user_id}/holidays/{item_id}/destroy",
    user "user_id",
    id "item_id",
    create CreateHoliday, update UpdateHoliday, detail HolidayAnswer, items HolidaysAnswer
}
