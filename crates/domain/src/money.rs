//! Exact amounts.

use std::{fmt, str::FromStr};

/// How many fraction digits an amount keeps.
const FRACTION_DIGITS: usize = 5;
const UNITS: i64 = 100_000;

/// An amount of the tenant's currency, exact to five fraction digits.
///
/// Kept as a whole number of hundred-thousandths; no amount passes through binary floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from its hundred-thousandths.
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// The amount in hundred-thousandths.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// `self - other`, or nothing when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a decimal number.
    NotDecimal,
    /// More than five fraction digits that are not zero.
    TooPrecise,
    /// Larger than about 92 million millions.
    TooLarge,
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads plain decimals, and the exponent form that JSON allows, without rounding.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let (mantissa, rest) = text.split_at(at);
                let exponent = rest.get(1..).unwrap_or_default().parse::<i32>();
                (mantissa, exponent.map_err(|_| MoneyError::NotDecimal)?)
            }
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !whole
                .bytes()
                .chain(fraction.bytes())
                .all(|byte| byte.is_ascii_digit())
        {
            return Err(MoneyError::NotDecimal);
        }
        let mut units: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            units = units
                .checked_mul(10)
                .and_then(|units| units.checked_add(i128::from(byte - b'0')))
                .ok_or(MoneyError::TooLarge)?;
        }
        let scale =
            i64::from(exponent) + 5 - i64::try_from(fraction.len()).map_err(|_| MoneyError::TooPrecise)?;
        if units != 0 {
            for _ in 0..scale.max(0) {
                units = units.checked_mul(10).ok_or(MoneyError::TooLarge)?;
            }
            for _ in 0..(-scale).max(0) {
                if units % 10 != 0 {
                    return Err(MoneyError::TooPrecise);
                }
                units /= 10;
            }
        }
        let units = if negative { -units } else { units };
        i64::try_from(units).map(Self).map_err(|_| MoneyError::TooLarge)
    }
}

impl fmt::Display for Money {
    /// The shortest decimal: `12`, `0.5`, `-3.00001`. It is a valid JSON number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let (whole, fraction) = (units / UNITS.unsigned_abs(), units % UNITS.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:0FRACTION_DIGITS$}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_exactly_or_says_why_not() {
        for (text, units) in [
            ("0", 0),
            ("12", 1_200_000),
            ("0.1", 10_000),
            ("-3.00001", -300_001),
            ("1e2", 10_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Money::from_units(units)), "{text}");
        }
        assert_eq!("1.50000000".parse(), Ok(Money::from_units(150_000)));
        assert_eq!("0.000001".parse::<Money>(), Err(MoneyError::TooPrecise));
        assert_eq!("1e400".parse::<Money>(), Err(MoneyError::TooLarge));
        assert_eq!("0e999999999".parse(), Ok(Money::ZERO));
        for text in ["", "-", ".", "1,5", "abc", "1.2.3", "1e", "+1", "NaN"] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::NotDecimal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn prints_what_it_reads(units in any::<i64>()) {
            let money = Money::from_units(units);
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }
    }
}
