//! Known cases, and the answer against a second one that is slow and thinks the other way round.

use std::{collections::HashSet, ops::Range};

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};
use proptest::prelude::*;

use super::*;
use crate::{HolidayMoment, TimeOfDay};

const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
];

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange {
        from: TimeOfDay::parse(from).unwrap(),
        to: TimeOfDay::parse(to).unwrap(),
    }
}

fn every_day(ranges: &[TimeRange]) -> Week {
    let day = Day {
        enabled: true,
        ranges: ranges.to_vec(),
    };
    Week(std::array::from_fn(|_| day.clone()))
}

fn moment(year: Option<i64>, month: i64, day: i64, minute: i64) -> HolidayMoment {
    HolidayMoment {
        year,
        month,
        day,
        hour: minute / 60,
        minute: minute % 60,
    }
}

fn christmas() -> Item<Holiday> {
    Item {
        id: 7,
        value: Holiday {
            name: "Christmas".into(),
            region: "DEU".into(),
            consecutive: true,
            every_year: true,
            start: moment(None, 12, 25, 0),
            end: moment(None, 12, 25, 1439),
        },
        created_at: Timestamp::from_micros(0),
        version: 1,
    }
}

#[test]
fn a_clock_time_is_a_moment_of_its_zone() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    for (text, moment) in [
        ("2026-03-02 09:00:00", Some("2026-03-02T08:00:00Z")),
        ("2026-07-01T09:00:00.25", Some("2026-07-01T07:00:00.25Z")),
        // Shown twice: the first.
        ("2026-10-25 02:30:00", Some("2026-10-25T00:30:00Z")),
        // Never shown.
        ("2026-03-29 02:30:00", Some("2026-03-29T01:30:00Z")),
        ("2026-02-30 09:00:00", None),
        ("2026-03-02T09:00:00Z", None),
        ("now", None),
    ] {
        assert_eq!(berlin.at_clock_time(text), moment.map(instant), "{text}");
    }
}

#[test]
fn the_week_on_the_clock_of_the_wall() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let night = every_day(&[range("01:30", "02:30"), range("22:00", "24:00")]);
    for (week, at, open) in [
        (Week::business(), "2026-07-07T06:59:59Z", false),
        (Week::business(), "2026-07-07T07:00:00Z", true),
        (Week::business(), "2026-07-07T14:59:59Z", true),
        (Week::business(), "2026-07-07T15:00:00Z", false),
        (Week::business(), "2026-07-04T10:00:00Z", false),
        (every_day(&[]), "2026-07-04T10:00:00Z", true),
        (Week::default(), "2026-07-07T10:00:00Z", false),
        // The end of a day is the last moment before midnight.
        (night.clone(), "2026-07-07T21:59:59Z", true),
        (night.clone(), "2026-07-07T22:00:00Z", false),
        // 31 March 2024: 02:00 to 03:00 does not exist.
        (night.clone(), "2024-03-31T00:59:59Z", true),
        (night.clone(), "2024-03-31T01:00:00Z", false),
        // 27 October 2024: 02:00 to 03:00 comes twice.
        (night.clone(), "2024-10-27T00:00:00Z", true),
        (night.clone(), "2024-10-27T00:30:00Z", false),
        (night.clone(), "2024-10-27T01:00:00Z", true),
        (night, "2024-10-27T01:30:00Z", false),
    ] {
        let tenant = TenantSchedule {
            zone: &zone,
            week: &week,
            night_mode: false,
            holidays: &[],
        };
        assert_eq!(office_hours_at(instant(at), &tenant, None).open, open, "{at}");
        let dark = TenantSchedule {
            night_mode: true,
            ..tenant
        };
        let decision = office_hours_at(instant(at), &dark, None);
        assert_eq!((decision.open, decision.because), (false, Reason::NightMode));
    }
}

#[test]
fn whose_hours_and_holidays_count() {
    let (berlin, york) = (
        Zone::named("Europe/Berlin").unwrap(),
        Zone::named("America/New_York").unwrap(),
    );
    let (week, holidays) = (Week::business(), [christmas()]);
    let tenant = TenantSchedule {
        zone: &berlin,
        week: &week,
        night_mode: false,
        holidays: &holidays,
    };
    let own_week = OfficeHours {
        mode: HoursMode::Custom,
        week: every_day(&[range("08:00", "20:00")]),
    };
    let global = OfficeHours {
        mode: HoursMode::Global,
        ..own_week.clone()
    };
    let mine = UserSchedule {
        zone: None,
        hours: &own_week,
        chosen: &[],
        own: &[],
    };
    let abroad = UserSchedule {
        zone: Some(&york),
        ..mine
    };
    let follower = UserSchedule {
        hours: &global,
        ..abroad
    };
    let festive = UserSchedule {
        chosen: &holidays,
        ..abroad
    };
    let private = UserSchedule {
        own: &holidays,
        ..mine
    };
    for (user, at, sentence) in [
        (None, "2025-12-25T10:00:00Z", "holiday Christmas of the tenant"),
        (
            None,
            "2026-07-04T10:00:00Z",
            "Saturday 12:00 Europe/Berlin: Saturday is no working day of the tenant",
        ),
        (
            Some(&mine),
            "2026-07-07T18:30:00Z",
            "Tuesday 20:30 Europe/Berlin is outside of the office hours of the user",
        ),
        (
            Some(&mine),
            "2025-12-25T10:00:00Z",
            "Thursday 11:00 Europe/Berlin is within the office hours of the user, 08:00 to 20:00",
        ),
        (
            Some(&abroad),
            "2026-07-07T18:30:00Z",
            "Tuesday 14:30 America/New_York is within the office hours of the user, 08:00 to 20:00",
        ),
        (
            Some(&follower),
            "2026-07-07T18:30:00Z",
            "Tuesday 20:30 Europe/Berlin is outside of the office hours of the tenant",
        ),
        (
            Some(&festive),
            "2025-12-26T04:59:59Z",
            "holiday Christmas of the tenant",
        ),
        (
            Some(&festive),
            "2025-12-26T05:00:00Z",
            "Friday 00:00 America/New_York is outside of the office hours of the user",
        ),
        (
            Some(&private),
            "2025-12-25T10:00:00Z",
            "holiday Christmas of the user",
        ),
    ] {
        let decision = office_hours_at(instant(at), &tenant, user);
        assert_eq!(decision.because.to_string(), sentence);
        assert_eq!(decision.open, sentence.contains("within"), "{sentence}");
    }
}

#[test]
fn moments_that_no_calendar_has_are_survived() {
    let (zone, week) = (Zone::utc(), every_day(&[]));
    let tenant = TenantSchedule {
        zone: &zone,
        week: &week,
        night_mode: false,
        holidays: &[],
    };
    for micros in [i64::MIN, i64::MAX] {
        assert!(office_hours_at(Timestamp::from_micros(micros), &tenant, None).open);
    }
    assert_eq!(Zone::named("Mars/Olympus"), None);
}

/// The second answer goes from civil time to instants, the opposite way: it paints every minute of every calendar day
/// around a moment and notes at which instants clocks show the painted ones.
struct Slow {
    open: HashSet<i64>,
    festive: HashSet<i64>,
}

/// The instants, in minutes since the epoch, at which a clock shows this: none in a gap, two where it repeats.
fn instants(zone: &TimeZone, civil: DateTime) -> Vec<i64> {
    let offsets = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Gap { .. } => Vec::new(),
        AmbiguousOffset::Fold { before, after } => vec![before, after],
    };
    offsets
        .into_iter()
        .map(|offset| offset.to_timestamp(civil).unwrap().as_second() / 60)
        .collect()
}

/// A date of a holiday in a year: the last of February when the year has no 29th.
fn date(year: i64, moment: HolidayMoment) -> Date {
    let (year, month, day) = (
        i16::try_from(year).unwrap(),
        i8::try_from(moment.month).unwrap(),
        i8::try_from(moment.day).unwrap(),
    );
    Date::new(year, month, day).unwrap_or_else(|_| Date::new(year, 2, 28).unwrap())
}

fn minutes_of(moment: HolidayMoment) -> i64 {
    moment.hour * 60 + moment.minute
}

fn after_midnight(date: Date, minutes: i64) -> DateTime {
    date.to_datetime(jiff::civil::Time::midnight())
        .checked_add(minutes.minutes())
        .unwrap()
}

/// The spans of civil time that a holiday takes up in the years around one.
fn spans(holiday: &Holiday, around: i64) -> Vec<(DateTime, DateTime)> {
    let years: Vec<(i64, i64)> = if holiday.every_year {
        let wraps = (holiday.end.month, holiday.end.day) < (holiday.start.month, holiday.start.day);
        (around - 1..=around + 1)
            .map(|year| (year, year + i64::from(wraps)))
            .collect()
    } else {
        vec![(holiday.start.year.unwrap(), holiday.end.year.unwrap())]
    };
    let from = minutes_of(holiday.start);
    let to = match minutes_of(holiday.end) {
        1439 => 1440,
        to => to,
    };
    let mut spans = Vec::new();
    for (first, last) in years {
        let (first, last) = (date(first, holiday.start), date(last, holiday.end));
        if holiday.consecutive {
            let begin = after_midnight(first, from);
            let end = after_midnight(last, to);
            // Only where 29 February fell back onto the day before.
            let end = if end <= begin {
                after_midnight(first, 1440)
            } else {
                end
            };
            spans.push((begin, end));
        } else {
            let mut day = first;
            while day <= last {
                spans.push((after_midnight(day, from), after_midnight(day, to)));
                day = day.tomorrow().unwrap();
            }
        }
    }
    spans
}

impl Slow {
    fn around(at: i64, case: &Case) -> Self {
        let (tenant_zone, user_zone) = (
            TimeZone::get(ZONES[case.tenant_zone]).unwrap(),
            TimeZone::get(ZONES[case.user_zone.unwrap_or(case.tenant_zone)]).unwrap(),
        );
        let (zone, week) = match case.mode {
            Some(HoursMode::Custom) => (&user_zone, &case.own),
            _ => (&tenant_zone, &case.week),
        };
        let holiday_zone = if case.mode.is_some() {
            &user_zone
        } else {
            &tenant_zone
        };
        let middle = jiff::Timestamp::from_second(at * 60)
            .unwrap()
            .to_zoned(TimeZone::UTC)
            .date();
        let spans: Vec<_> = case
            .holidays
            .iter()
            .flat_map(|item| spans(&item.value, i64::from(middle.year())))
            .collect();
        let (mut open, mut festive) = (HashSet::new(), HashSet::new());
        for days in -3..=3 {
            let date = middle.checked_add(days.days()).unwrap();
            let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
            let day = &week.0[index];
            let mut clock = [day.enabled && day.ranges.is_empty(); 1440];
            for range in day.ranges.iter().filter(|_| day.enabled) {
                for minute in range.from.minutes()..range.to.minutes() {
                    clock[usize::from(minute)] = true;
                }
            }
            for (minute, painted) in (0_i64..).zip(clock) {
                let civil = after_midnight(date, minute);
                if painted {
                    open.extend(instants(zone, civil));
                }
                if spans.iter().any(|(begin, end)| *begin <= civil && civil < *end) {
                    festive.extend(instants(holiday_zone, civil));
                }
            }
        }
        Self { open, festive }
    }
}

/// One random tenant with a user.
#[derive(Debug, Clone)]
struct Case {
    tenant_zone: usize,
    user_zone: Option<usize>,
    /// None asks for the tenant.
    mode: Option<HoursMode>,
    week: Week,
    own: Week,
    holidays: Vec<Item<Holiday>>,
    /// Minutes since the epoch: what is asked about lies around it.
    anchor: i64,
    /// Seconds into the minute.
    second: i64,
}

fn weeks() -> impl Strategy<Value = Week> {
    let ranges = prop::collection::vec((0_u16..96, 1_u16..=96), 0..3).prop_map(|pairs| {
        let ordered = pairs.into_iter().filter(|(from, to)| from < to);
        let time = |quarters: u16| TimeOfDay::from_minutes(quarters * 15).unwrap();
        ordered
            .map(|(from, to)| TimeRange {
                from: time(from),
                to: time(to),
            })
            .collect::<Vec<_>>()
    });
    let day = (prop::bool::weighted(0.8), ranges).prop_map(|(enabled, ranges)| Day { enabled, ranges });
    prop::collection::vec(day, 7).prop_map(|days| Week(days.try_into().unwrap()))
}

/// The kind of moment that lies on 28 February.
const FEBRUARY: u8 = 3;

/// A moment worth asking about: a change of clocks, the end of February, New Year, the day that Samoa left out, or any.
fn anchors(kinds: Range<u8>) -> impl Strategy<Value = (usize, i64)> {
    let seconds = |date: Date| date.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
    let any = 800_000_000_i64..2_100_000_000;
    (0..ZONES.len(), any, kinds, 1996_i16..2037).prop_map(move |(zone, any, kind, year)| {
        let second = match kind {
            0..=2 => TimeZone::get(ZONES[zone])
                .unwrap()
                .following(jiff::Timestamp::from_second(any).unwrap())
                .next()
                .map_or(any, |transition| transition.timestamp().as_second()),
            FEBRUARY => seconds(Date::new(year, 2, 28).unwrap()) + any % 86_400,
            4 => seconds(Date::new(year, 12, 31).unwrap()) + any % 86_400,
            _ if zone == 3 => seconds(Date::new(2011, 12, 30).unwrap()) + any % 86_400,
            _ => any,
        };
        (zone, second.div_euclid(60))
    })
}

/// Holidays around a moment, beginning at most so many days before it; those that break a rule are left out.
fn holidays(anchor: i64, before: i64) -> impl Strategy<Value = Vec<Item<Holiday>>> {
    let today = jiff::Timestamp::from_second(anchor * 60)
        .unwrap()
        .to_zoned(TimeZone::UTC)
        .date();
    let hours = (0_i64..1440, prop_oneof![1_i64..=1440, Just(1439), Just(1440)]);
    let flags = (
        any::<[bool; 2]>(),
        prop::bool::weighted(0.7),
        any::<[bool; 2]>(),
        -4_i64..=4,
    );
    let one = (-before..=before / 2, 0..=before, hours, flags).prop_filter_map(
        "breaks a rule",
        move |(
            begins,
            lasts,
            (from, to),
            ([consecutive, long], every_year, [leap_first, leap_last], years),
        )| {
            let first = today.checked_add(begins.days()).ok()?;
            let last = first.checked_add(lasts.days()).ok()?;
            // A span of every year that ends before it begins goes nearly all the way round.
            let (first, last) = if long && every_year {
                (last, first)
            } else {
                (first, last)
            };
            let of = |date: Date, minute, leap: bool| {
                // In its place 29 February, which the rules have to bring back in years without one.
                let leap = leap && every_year && date.month() == 2 && date.day() == 28;
                moment(
                    Some(i64::from(date.year()) + if every_year { years } else { 0 }),
                    i64::from(date.month()),
                    i64::from(date.day()) + i64::from(leap),
                    minute,
                )
            };
            let holiday = Holiday {
                start: of(first, from, leap_first),
                end: of(last, to, leap_last),
                consecutive,
                every_year,
                ..christmas().value
            };
            holiday.check().is_empty().then(|| Item {
                value: holiday,
                ..christmas()
            })
        },
    );
    prop::collection::vec(one, 0..4)
}

fn cases(kinds: Range<u8>, before: i64) -> impl Strategy<Value = Case> {
    let mode = prop_oneof![
        Just(None),
        Just(Some(HoursMode::Global)),
        Just(Some(HoursMode::Custom))
    ];
    let user_zone = prop::option::of(0..ZONES.len());
    anchors(kinds).prop_flat_map(move |(tenant_zone, anchor)| {
        (
            (Just(tenant_zone), user_zone.clone(), mode.clone()),
            (weeks(), weeks()),
            holidays(anchor, before),
            (Just(anchor), 0_i64..60),
        )
            .prop_map(
                |((tenant_zone, user_zone, mode), (week, own), holidays, (anchor, second))| Case {
                    tenant_zone,
                    user_zone,
                    mode,
                    week,
                    own,
                    holidays,
                    anchor,
                    second,
                },
            )
    })
}

/// For a day and a half before and after the moment, both answers agree on every minute.
fn compare(case: &Case) -> Result<(), TestCaseError> {
    let slow = Slow::around(case.anchor, case);
    let zone = Zone::named(ZONES[case.tenant_zone]).unwrap();
    let user_zone = case.user_zone.map(|index| Zone::named(ZONES[index]).unwrap());
    let tenant = TenantSchedule {
        zone: &zone,
        week: &case.week,
        night_mode: false,
        holidays: &case.holidays,
    };
    let hours = OfficeHours {
        mode: case.mode.unwrap_or_default(),
        week: case.own.clone(),
    };
    // The user's holidays are his choice and his own, one after the other.
    let (chosen, own) = case.holidays.split_at(case.holidays.len() / 2);
    let user = UserSchedule {
        zone: user_zone.as_ref(),
        hours: &hours,
        chosen,
        own,
    };
    let user = case.mode.map(|_| &user);
    for minute in case.anchor - 36 * 60..=case.anchor + 36 * 60 {
        let at = Timestamp::from_micros((minute * 60 + case.second) * 1_000_000);
        let decision = office_hours_at(at, &tenant, user);
        let festive = slow.festive.contains(&minute);
        prop_assert_eq!(
            matches!(decision.because, Reason::Holiday { .. }),
            festive,
            "{} {:?}",
            at,
            decision
        );
        prop_assert_eq!(
            decision.open,
            slow.open.contains(&minute) && !festive,
            "{} {:?}",
            at,
            decision
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_answers_agree(case in cases(0..6, 4)) {
        compare(&case)?;
    }

    /// Also where 29 February of every year meets the years that have none.
    #[test]
    fn both_answers_agree_at_the_end_of_february(case in cases(FEBRUARY..FEBRUARY + 1, 1)) {
        compare(&case)?;
    }
}
