//! The stored form of holidays, and of who keeps which.

use jackfield_domain::{Holiday, HolidayChoice, HolidayMoment};

use super::owned::OwnedDocument;
use super::wire::object;
use super::{decode, encode};

/// A moment of which nothing is known.
const NEW_YEAR: HolidayMoment = HolidayMoment {
    year: None,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
};

object!(HolidayMoment = NEW_YEAR; { year, month, day, hour, minute });

object!(Holiday = Self {
    name: String::new(),
    region: String::new(),
    consecutive: false,
    every_year: false,
    start: NEW_YEAR,
    end: NEW_YEAR,
}; { name, region, consecutive, every_year, start, end });

object!(HolidayChoice = Self::default(); { holidays });

impl OwnedDocument for Holiday {
    fn encode(&self) -> String {
        encode(self)
    }

    fn decode(text: &str) -> crate::Result<Self> {
        decode("a holiday", text)
    }
}

impl OwnedDocument for HolidayChoice {
    fn encode(&self) -> String {
        encode(self)
    }

    fn decode(text: &str) -> crate::Result<Self> {
        decode("a choice of holidays", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_come_back() {
        let mut holiday = Holiday {
            name: "Tag der Arbeit \u{1F3D6}".into(),
            region: "DEU".into(),
            consecutive: true,
            every_year: true,
            start: HolidayMoment { month: 5, ..NEW_YEAR },
            end: HolidayMoment {
                month: 5,
                hour: 23,
                minute: 59,
                ..NEW_YEAR
            },
        };
        assert_eq!(Holiday::decode(&holiday.encode()).unwrap(), holiday);
        holiday.start.year = Some(2026);
        assert_eq!(Holiday::decode(&holiday.encode()).unwrap(), holiday);
        assert!(Holiday::decode("7").is_err());
    }

    #[test]
    fn choices_come_back() {
        for ids in [vec![], vec![100_000, i64::MAX]] {
            let choice = HolidayChoice::of(ids);
            assert_eq!(HolidayChoice::decode(&choice.encode()).unwrap(), choice);
        }
        assert_eq!(HolidayChoice::decode("{}").unwrap(), HolidayChoice::default());
        assert!(HolidayChoice::decode(r#"{"holidays":["x"]}"#).is_err());
    }
}
