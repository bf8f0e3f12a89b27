//! Moments as the vendor writes them: `2026-03-02 08:00:00`, in UTC.

use jackfield_domain::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};

/// A moment in whole seconds.
pub(crate) fn write(moment: Timestamp) -> String {
    match jiff::Timestamp::from_second(moment.as_seconds()) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        // Outside of the years that can be written; such a moment only comes from a damaged row.
        Err(_) => String::new(),
    }
}

/// Reads a moment or a date, which stands for its midnight.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
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
        assert_eq!(write(moment), "2023-11-14 22:13:20");
        assert_eq!(
            read("2023-11-14 22:13:20"),
            Some(Timestamp::from_micros(1_700_000_000_000_000))
        );
        assert_eq!(
            read("2023-11-14").map(write).as_deref(),
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
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
