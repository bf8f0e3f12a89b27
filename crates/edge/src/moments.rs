//! Moments as several vendors write them: `2026-03-02 08:00:00`, in UTC.

use jackfield_domain::Timestamp;
use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone},
};

/// A moment in whole seconds. Digit by digit: lists have a moment in each line, and a pattern takes ten times as long.
pub fn write_moment(moment: Timestamp) -> String {
    let time = jiff::Timestamp::from_second(moment.as_seconds()).map(|time| Offset::UTC.to_datetime(time));
    let Some(time) = time.ok().filter(|time| time.year() >= 0) else {
        // Outside of the years that can be written; such a moment only comes from a damaged row.
        return String::new();
    };
    let mut text = String::with_capacity("YYYY-MM-DD HH:MM:SS".len());
    let part = |year: i16| i8::try_from(year).unwrap_or_default();
    for (before, value) in [
        ("", part(time.year() / 100)),
        ("", part(time.year() % 100)),
        ("-", time.month()),
        ("-", time.day()),
        (" ", time.hour()),
        (":", time.minute()),
        (":", time.second()),
    ] {
        let value = value.unsigned_abs();
        text.push_str(before);
        text.push(char::from(b'0' + value / 10));
        text.push(char::from(b'0' + value % 10));
    }
    text
}

/// Reads a moment or a date, which stands for its midnight.
pub fn read_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let digits = |place: &[u8], separators: &[(usize, u8)]| {
        place.iter().enumerate().all(|(at, byte)| {
            separators
                .iter()
                .find(|(position, _)| *position == at)
                .map_or(byte.is_ascii_digit(), |(_, separator)| byte == separator)
        })
    };
    let date = [(4, b'-'), (7, b'-')];
    let time = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    let civil: DateTime = match text.len() {
        10 if digits(text.as_bytes(), &date) => format!("{text}T00:00:00").parse().ok()?,
        19 if digits(text.as_bytes(), &time) => text.replacen(' ', "T", 1).parse().ok()?,
        _ => return None,
    };
    let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_back_in_seconds() {
        let moment = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(write_moment(moment), "2023-11-14 22:13:20");
        assert_eq!(write_moment(Timestamp::from_micros(-1)), "1969-12-31 23:59:59");
        assert_eq!(write_moment(Timestamp::from_micros(i64::MAX)), "");
        assert_eq!(
            read_moment("2023-11-14 22:13:20"),
            Some(Timestamp::from_micros(1_700_000_000_000_000))
        );
        assert_eq!(
            read_moment("2023-11-14").map(write_moment).as_deref(),
            Some("2023-11-14 00:00:00")
        );
        for bad in [
            "",
            "yesterday",
            "2023-13-01",
            "2023-11-14T22:13:20",
            "2023-11-14 25:00:00",
            "2023-11-14 22:13",
            "2023-11-14 22:13:20Z",
            "٢٠٢٣-١١",
        ] {
            assert_eq!(read_moment(bad), None, "{bad}");
        }
    }
}
