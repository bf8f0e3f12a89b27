//! Calls that took place.

use jackfield_domain::{CallDirection, Field, Money, MoneyError, NewCallRecord, Result, Rule, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    batch::takes,
    wire::{choice, moment, required_moment, required_text, text, words},
};

words! {
    /// From where to where a call went.
    Direction is CallDirection {
        "inbound" Inbound, "outbound" Outbound, "internal" Internal, "inbound_outbound" InboundOutbound,
    }
    /// How a call ended.
    Ending is EndReason {
        "caller_disconnected" CallerDisconnected, "callee_disconnected" CalleeDisconnected,
        "blind_transfer_completed" BlindTransferCompleted, "consult_transfer_completed" ConsultTransferCompleted,
        "replaced" Replaced, "referred" Referred, "redirected" Redirected, "cancelled" Cancelled,
    }
    /// Why a call went to another destination than the one dialled.
    Rerouting is RerouteReason { "transfer" Transfer, "overflow" Overflow }
}

/// A call that took place. Texts that are left out are unknown.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Cdr {
    /// Your own id of the record, unique in the tenant. A second report with it is answered as known and changes nothing.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// From where to where it went: `inbound` from outside, `outbound` to the outside, `internal` between two extensions,
    /// `inbound_outbound` from outside and out again.
    #[serde(default)]
    #[schema(value_type = Direction, required = true)]
    direction: Input<String>,
    /// When it began.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    started_at: Input<String>,
    /// When the called side began to ring; left out when it did not.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = false)]
    rang_at: Input<String>,
    /// When it was answered; left out when it was not.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = false)]
    answered_at: Input<String>,
    /// When it ended, at most 31 days after it began.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    ended_at: Input<String>,
    /// The calling number. The call shows up with the user whose extension it is.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    caller: Input<String>,
    /// Its domain.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    caller_domain: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    caller_display_name: Input<String>,
    /// The number that took the call, or was meant to.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    callee: Input<String>,
    /// Its domain.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    callee_domain: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    callee_display_name: Input<String>,
    /// The number that was dialled.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    destination: Input<String>,
    /// The SIP Call-ID, or what you have instead; shared by the records of one call.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    call_id: Input<String>,
    /// How it ended.
    #[serde(default)]
    #[schema(value_type = Ending, required = false)]
    end_reason: Input<String>,
    /// Why it went elsewhere.
    #[serde(default)]
    #[schema(value_type = Rerouting, required = false)]
    reroute_reason: Input<String>,
    /// The last SIP status code; 0 when unknown.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 699)]
    status_code: Input<i64>,
    /// The number that was shown to the outside.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    outbound_caller_id: Input<String>,
    /// The number from outside that was called.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    did_cid: Input<String>,
    /// The name of the trunk.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    trunk: Input<String>,
    /// The number of the queue, group or menu that served it.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    service_number: Input<String>,
    /// What you want to keep with it.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 16_384)]
    user_data: Input<String>,
    /// What it cost in the tenant's currency, as a number or as text, exact to five fraction digits; not negative.
    #[serde(default)]
    #[schema(value_type = f64, required = false, minimum = 0)]
    cost: Input<Box<RawValue>>,
    /// Who pays.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    billed_account: Input<String>,
}

/// An amount: a number, or a text with one, exact to the last digit.
fn amount(input: Input<Box<RawValue>>) -> Input<Money> {
    input.convert(|raw| {
        let text = raw.get();
        let digits = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        digits.parse().map_err(|problem| match problem {
            MoneyError::NotDecimal => Rule::WrongType("a decimal number"),
            MoneyError::TooPrecise => Rule::Form("a number with at most five fraction digits"),
            MoneyError::TooLarge => Rule::Form("a number between -92233720368547 and 92233720368547"),
        })
    })
}

impl Cdr {
    fn into_report(self) -> Result<NewCallRecord> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = NewCallRecord {
            external_id: required_text(self.external_id, at, Field::ExternalId),
            caller: text(self.caller, at, Field::Caller),
            caller_domain: text(self.caller_domain, at, Field::CallerDomain),
            caller_display_name: text(self.caller_display_name, at, Field::CallerDisplayName),
            callee: text(self.callee, at, Field::Callee),
            callee_domain: text(self.callee_domain, at, Field::CalleeDomain),
            callee_display_name: text(self.callee_display_name, at, Field::CalleeDisplayName),
            started_at: required_moment(self.started_at, at, Field::StartedAt),
            rang_at: moment(self.rang_at).optional(at, Field::RangAt),
            answered_at: moment(self.answered_at).optional(at, Field::AnsweredAt),
            ended_at: required_moment(self.ended_at, at, Field::EndedAt),
            call_id: text(self.call_id, at, Field::CallId),
            direction: choice(self.direction)
                .required(at, Field::Direction)
                .unwrap_or(CallDirection::Internal),
            end_reason: choice(self.end_reason).optional(at, Field::EndReason),
            reroute_reason: choice(self.reroute_reason).optional(at, Field::RerouteReason),
            status_code: self
                .status_code
                .optional(at, Field::StatusCode)
                .unwrap_or_default(),
            destination: text(self.destination, at, Field::Destination),
            outbound_caller_id: text(self.outbound_caller_id, at, Field::OutboundCallerId),
            did_cid: text(self.did_cid, at, Field::DidCid),
            trunk: text(self.trunk, at, Field::Trunk),
            service_number: text(self.service_number, at, Field::ServiceNumber),
            user_data: text(self.user_data, at, Field::UserData),
            cost: amount(self.cost).optional(at, Field::Cost).unwrap_or_default(),
            billed_account: text(self.billed_account, at, Field::BilledAccount),
        };
        // Of times of which one cannot be read, the order says nothing.
        let times = [Field::StartedAt, Field::RangAt, Field::AnsweredAt, Field::EndedAt];
        let blurred = times.iter().any(|time| found.concerns(*time));
        conclude(found, || {
            if !blurred {
                return new.check();
            }
            let timeless = NewCallRecord {
                rang_at: None,
                answered_at: None,
                ended_at: new.started_at,
                ..new.clone()
            };
            timeless.check()
        })?;
        Ok(new)
    }
}

takes! {
    /// Report calls that took place
    ///
    /// One, a list of up to 10,000, or a stream of lines. A list is stored in one commit. Items are judged each for itself; the
    /// receipt names those that were refused. Report a record again whenever you are in doubt: it is known by its `external_id`.
    "/feed/cdrs" of Cdr as NewCallRecord, by report_call_records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Input<Box<RawValue>> {
        Input::Value(RawValue::from_string(text.into()).unwrap())
    }

    #[test]
    fn amounts_are_numbers_or_texts_and_exact() {
        for (text, units) in [
            ("1.25", 125_000),
            ("\"0.00001\"", 1),
            ("0", 0),
            ("1e2", 10_000_000),
        ] {
            assert_eq!(
                amount(raw(text)),
                Input::Value(Money::from_units(units)),
                "{text}"
            );
        }
        for text in [
            "\"\"",
            "\"one\"",
            "true",
            "[1]",
            "0.000001",
            "1e99",
            "\"\\u0031\"",
        ] {
            assert!(matches!(amount(raw(text)), Input::Wrong(_)), "{text}");
        }
    }
}
