//! Office hours or not, and why: the one answer for call routing, the API and every test.
//!
//! An instant is turned into civil time first, and everything after that is about the clock on the wall. So no case of
//! daylight saving needs a rule of its own: a range that lies in the hour that is left out is never reached, the part of
//! it behind the gap is, and a range in the repeated hour is open both times.

use std::fmt;

use crate::{Day, Holiday, HoursMode, Item, OfficeHours, TimeRange, Timestamp, Week, Weekday};

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// The zone of a name such as `Europe/Berlin`.
    pub fn named(name: &str) -> Option<Self> {
        jiff::tz::TimeZone::get(name).ok().map(Self)
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// The moment at which calendar and clock show this text there: `2026-03-02 09:00:00`. What they show twice, when clocks are put
    /// back, is the first of the two; what they skip, when clocks are put forward, is as much later as was skipped.
    pub fn at_clock_time(&self, text: &str) -> Option<Timestamp> {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let instant = self.0.to_timestamp(civil).ok()?;
        Some(Timestamp::from_micros(instant.as_microsecond()))
    }

    /// What calendar and clock show there.
    pub fn civil(&self, at: Timestamp) -> CivilMinute {
        let nearest = if at.as_micros() < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        let instant = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(nearest);
        let civil = self.0.to_datetime(instant);
        let weekday = match civil.weekday() {
            jiff::civil::Weekday::Monday => Weekday::Monday,
            jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
            jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
            jiff::civil::Weekday::Thursday => Weekday::Thursday,
            jiff::civil::Weekday::Friday => Weekday::Friday,
            jiff::civil::Weekday::Saturday => Weekday::Saturday,
            jiff::civil::Weekday::Sunday => Weekday::Sunday,
        };
        CivilMinute {
            year: i64::from(civil.year()),
            month: i64::from(civil.month()),
            day: i64::from(civil.day()),
            weekday,
            minute: i64::from(civil.hour()) * 60 + i64::from(civil.minute()),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

/// A minute as calendar and clock show it at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CivilMinute {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// The weekday of that date.
    pub weekday: Weekday,
    /// Minutes after midnight by the clock: 0 to 1439.
    pub minute: i64,
}

/// What of a tenant counts for its office hours.
#[derive(Debug, Clone, Copy)]
pub struct TenantSchedule<'a> {
    /// Its time zone.
    pub zone: &'a Zone,
    /// Its week.
    pub week: &'a Week,
    /// Whether somebody closed it by hand, whatever the week says.
    pub night_mode: bool,
    /// Its holidays. They close the tenant; for a user only those that he chose count.
    pub holidays: &'a [Item<Holiday>],
}

/// What of a user counts for his office hours.
#[derive(Debug, Clone, Copy)]
pub struct UserSchedule<'a> {
    /// His time zone; none for the tenant's. His own week and all of his holidays are kept by it.
    pub zone: Option<&'a Zone>,
    /// Whose week counts, and his own.
    pub hours: &'a OfficeHours,
    /// The holidays of the tenant that he chose.
    pub chosen: &'a [Item<Holiday>],
    /// His own holidays.
    pub own: &'a [Item<Holiday>],
}

/// Whose week or holiday it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The tenant's.
    Tenant,
    /// The user's own.
    User,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is within office hours.
    pub open: bool,
    /// Why.
    pub because: Reason,
}

/// Why it is within office hours or not. [`Display`](fmt::Display) says it in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The tenant was closed by hand.
    NightMode,
    /// A holiday.
    Holiday {
        /// Its id.
        id: i64,
        /// Its name.
        name: String,
        /// Whose list it is from.
        whose: Whose,
    },
    /// The weekday is no working day.
    DayOff(Moment),
    /// It is a working day, but none of its ranges.
    Outside(Moment),
    /// It is a working day without ranges, which is open throughout.
    AllDay(Moment),
    /// It is in a range of a working day.
    Within(Moment, TimeRange),
}

/// When and by whose week it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What calendar and clock show.
    pub civil: CivilMinute,
    /// Where.
    pub zone: Zone,
    /// Whose week counted.
    pub week: Whose,
}

/// Whether an instant is within office hours, and why: of a user, or of the tenant when none is given.
///
/// Night mode goes before holidays, and holidays before the week. The tenant's week and holidays are kept by its clock.
/// A user's own week, his own holidays and the tenant's holidays that he chose are kept by his: on the day that is
/// Christmas where he is.
pub fn office_hours_at(
    at: Timestamp,
    tenant: &TenantSchedule<'_>,
    user: Option<&UserSchedule<'_>>,
) -> Decision {
    let because = judge(at, tenant, user);
    let open = matches!(because, Reason::AllDay(_) | Reason::Within(..));
    Decision { open, because }
}

fn judge(at: Timestamp, tenant: &TenantSchedule<'_>, user: Option<&UserSchedule<'_>>) -> Reason {
    if tenant.night_mode {
        return Reason::NightMode;
    }
    let (common, own): (_, &[_]) = user.map_or((tenant.holidays, &[]), |user| (user.chosen, user.own));
    let zone = user.and_then(|user| user.zone).unwrap_or(tenant.zone);
    let civil = zone.civil(at);
    let today = |list: &[Item<Holiday>], whose| {
        let item = list.iter().find(|item| item.value.contains(civil))?;
        Some(Reason::Holiday {
            id: item.id,
            name: item.value.name.clone(),
            whose,
        })
    };
    if let Some(holiday) = today(own, Whose::User).or_else(|| today(common, Whose::Tenant)) {
        return holiday;
    }
    match user {
        Some(user) if user.hours.mode == HoursMode::Custom => {
            by_week(civil, zone, &user.hours.week, Whose::User)
        }
        _ => by_week(tenant.zone.civil(at), tenant.zone, tenant.week, Whose::Tenant),
    }
}

/// Whether an instant is within a week that a zone's clock keeps and no holiday interrupts, and what the clock shows.
pub(crate) fn open_at(at: Timestamp, zone: &Zone, week: &Week) -> (bool, Moment) {
    let moment = Moment {
        civil: zone.civil(at),
        zone: zone.clone(),
        week: Whose::User,
    };
    let because = by_week(moment.civil, zone, week, moment.week);
    (matches!(because, Reason::AllDay(_) | Reason::Within(..)), moment)
}

fn by_week(civil: CivilMinute, zone: &Zone, week: &Week, whose: Whose) -> Reason {
    let moment = Moment {
        civil,
        zone: zone.clone(),
        week: whose,
    };
    let today = week.days().find(|(weekday, _)| *weekday == civil.weekday);
    match today {
        Some((
            _,
            Day {
                enabled: true,
                ranges,
            },
        )) if ranges.is_empty() => Reason::AllDay(moment),
        Some((
            _,
            Day {
                enabled: true,
                ranges,
            },
        )) => {
            let contains = |range: &&TimeRange| {
                let (from, to) = (i64::from(range.from.minutes()), i64::from(range.to.minutes()));
                (from..to).contains(&civil.minute)
            };
            match ranges.iter().find(contains) {
                Some(range) => Reason::Within(moment, *range),
                None => Reason::Outside(moment),
            }
        }
        _ => Reason::DayOff(moment),
    }
}

/// The name as it begins a sentence.
const fn capital(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CivilMinute { weekday, minute, .. } = self.civil;
        let (hours, minutes) = (minute / 60, minute % 60);
        write!(f, "{} {hours:02}:{minutes:02} {}", capital(weekday), self.zone)
    }
}

impl Reason {
    /// The same sentence, with a name for the user.
    pub(crate) fn said_of(&self, user: &str) -> String {
        let named = |whose| match whose {
            Whose::Tenant => "the tenant",
            Whose::User => user,
        };
        match self {
            Self::NightMode => "the tenant is in night mode".to_owned(),
            Self::Holiday { name, whose, .. } => format!("holiday {name} of {}", named(*whose)),
            Self::DayOff(moment) => {
                let (day, whose) = (capital(moment.civil.weekday), named(moment.week));
                format!("{moment}: {day} is no working day of {whose}")
            }
            Self::Outside(moment) => {
                format!(
                    "{moment} is outside of the office hours of {}",
                    named(moment.week)
                )
            }
            Self::AllDay(moment) => format!(
                "{moment} is within the office hours of {}, open all day",
                named(moment.week)
            ),
            Self::Within(moment, range) => format!(
                "{moment} is within the office hours of {}, {} to {}",
                named(moment.week),
                range.from,
                range.to
            ),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said_of("the user"))
    }
}

#[cfg(test)]
mod tests;
