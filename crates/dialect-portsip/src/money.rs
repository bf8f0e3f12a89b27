//! Amounts: JSON numbers whose digits count. They are read and written as text, never through binary floating point.

use jackfield_domain::{Error, Field, Money, MoneyError, Result, Rule, Violation};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The body of `POST /users/{user_id}/balance`.
#[derive(Debug, serde::Deserialize, ToSchema)]
pub(crate) struct SetBalance {
    /// The new balance in the tenant's currency; at most five fraction digits.
    #[serde(default)]
    #[schema(value_type = f64, example = 12.5)]
    balance: Option<Box<RawValue>>,
}

impl SetBalance {
    /// The amount.
    ///
    /// # Errors
    /// A violation when it is missing, no number, too precise or too large.
    pub(crate) fn amount(&self) -> Result<Money> {
        let wrong = |rule| Error::invalid(Violation::new(Field::Balance, rule));
        let text = self.balance.as_ref().ok_or_else(|| wrong(Rule::Required))?.get();
        text.parse().map_err(|problem| {
            wrong(match problem {
                MoneyError::NotDecimal => Rule::WrongType("a number"),
                MoneyError::TooPrecise => Rule::Form("a number with at most five fraction digits"),
                MoneyError::TooLarge => Rule::Form("a number between -92233720368547 and 92233720368547"),
            })
        })
    }
}

/// The answer to both ways of reading a balance.
#[derive(Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub(crate) struct Balance {
    /// What is left, in the tenant's currency, exact to five fraction digits.
    #[schema(value_type = f64, example = 12.5)]
    balance: Box<RawValue>,
}

impl Balance {
    /// The answer for an amount.
    pub(crate) fn of(amount: Money) -> Result<Self> {
        RawValue::from_string(amount.to_string())
            .map(|balance| Self { balance })
            .map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        for (body, units, printed) in [
            (r#"{"balance": 0}"#, 0, "0"),
            (r#"{"balance":12.5}"#, 1_250_000, "12.5"),
            (r#"{"balance": 0.1}"#, 10_000, "0.1"),
            (r#"{"balance":-3.00001}"#, -300_001, "-3.00001"),
            (r#"{"balance":1e2}"#, 10_000_000, "100"),
            // Binary floating point holds neither of these.
            (
                r#"{"balance":90071992547409.93}"#,
                9_007_199_254_740_993_000,
                "90071992547409.93",
            ),
            (
                r#"{"balance":12345678901234.56789,"more":1}"#,
                1_234_567_890_123_456_789,
                "12345678901234.56789",
            ),
        ] {
            let amount = serde_json::from_str::<SetBalance>(body)
                .unwrap()
                .amount()
                .unwrap();
            assert_eq!(amount, Money::from_units(units), "{body}");
            let answer = serde_json::to_string(&Balance::of(amount).unwrap()).unwrap();
            assert_eq!(answer, format!("{{\"balance\":{printed}}}"));
            serde_json::from_str::<Balance>(&answer).unwrap();
        }
    }

    #[test]
    fn what_is_no_amount_is_named() {
        for (body, message) in [
            ("{}", "balance is required"),
            (r#"{"balance":null}"#, "balance is required"),
            (r#"{"balance":"12.5"}"#, "balance must be a number"),
            (r#"{"balance":[1]}"#, "balance must be a number"),
            (
                r#"{"balance":0.000001}"#,
                "balance must be a number with at most five fraction digits",
            ),
            (
                r#"{"balance":1e30}"#,
                "balance must be a number between -92233720368547 and 92233720368547",
            ),
        ] {
            let error = serde_json::from_str::<SetBalance>(body)
                .unwrap()
                .amount()
                .unwrap_err();
            assert_eq!(error.to_string(), message, "{body}");
        }
    }
}
