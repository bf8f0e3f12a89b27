//! Calls that took place, as the engines report them.

use std::time::Duration;

use crate::{
    CallRecordId, Field, Money, Queried, Rule, TenantId, Timestamp, UserId, ValueKind, Violations,
    change::words, limits,
};

words! {
    /// From where to where a call went.
    CallDirection {
        /// From outside to an extension.
        Inbound = "inbound",
        /// From an extension to the outside.
        Outbound = "outbound",
        /// Between two extensions.
        Internal = "internal",
        /// From outside, and out again: forwarded.
        InboundOutbound = "inbound_outbound",
    }
}

words! {
    /// How a call ended.
    EndReason {
        /// The caller hung up.
        CallerDisconnected = "caller_disconnected",
        /// The called side hung up.
        CalleeDisconnected = "callee_disconnected",
        /// It was handed over at once.
        BlindTransferCompleted = "blind_transfer_completed",
        /// It was handed over after a word with the new side.
        ConsultTransferCompleted = "consult_transfer_completed",
        /// Another call took its place.
        Replaced = "replaced",
        /// A side was asked to call elsewhere.
        Referred = "referred",
        /// It was sent elsewhere before it was answered.
        Redirected = "redirected",
        /// The caller gave up before it was answered.
        Cancelled = "cancelled",
    }
}

words! {
    /// Why a call went to another destination than the one dialled.
    RerouteReason {
        /// Somebody handed it over.
        Transfer = "transfer",
        /// Nobody was free.
        Overflow = "overflow",
    }
}

/// A call that took place. It is reported once and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: CallRecordId,
    /// The user who called, when he was one of the tenant's.
    pub caller_user: Option<UserId>,
    /// The user who was called, when he was one of the tenant's.
    pub callee_user: Option<UserId>,
    /// What happened.
    pub call: NewCallRecord,
    /// When the report came in.
    pub created_at: Timestamp,
}

/// A call as an engine reports it. Empty text means that the engine did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCallRecord {
    /// The engine's own id of the record, unique in the tenant: a repeated report with it is the same one.
    pub external_id: String,
    /// The calling number.
    pub caller: String,
    /// Its domain.
    pub caller_domain: String,
    /// Its name.
    pub caller_display_name: String,
    /// The number that took the call, or was meant to.
    pub callee: String,
    /// Its domain.
    pub callee_domain: String,
    /// Its name.
    pub callee_display_name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When the called side began to ring.
    pub rang_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The SIP Call-ID or what the engine has instead; shared by the records of one call.
    pub call_id: String,
    /// From where to where.
    pub direction: CallDirection,
    /// How it ended, when the engine knows.
    pub end_reason: Option<EndReason>,
    /// Why it went elsewhere, when it did.
    pub reroute_reason: Option<RerouteReason>,
    /// The last SIP status code; 0 when unknown.
    pub status_code: i64,
    /// The number that was dialled.
    pub destination: String,
    /// The number that was shown to the outside.
    pub outbound_caller_id: String,
    /// The number from outside that was called.
    pub did_cid: String,
    /// The name of the trunk.
    pub trunk: String,
    /// The number of the queue, group or menu that served it.
    pub service_number: String,
    /// What an integration keeps with it.
    pub user_data: String,
    /// What it cost; not negative.
    pub cost: Money,
    /// Who pays.
    pub billed_account: String,
}

/// A value of a call record that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `NewCallRecord`; `Duration` is that method, in seconds"
)]
pub enum CallRecordField {
    Id,
    Caller,
    CallerDomain,
    CallerDisplayName,
    Callee,
    CalleeDomain,
    CalleeDisplayName,
    StartedAt,
    RangAt,
    AnsweredAt,
    EndedAt,
    CallId,
    Direction,
    EndReason,
    RerouteReason,
    StatusCode,
    Destination,
    OutboundCallerId,
    DidCid,
    Trunk,
    Duration,
    ServiceNumber,
}

impl Queried for CallRecordField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::StatusCode | Self::Duration => ValueKind::Number,
            Self::StartedAt | Self::RangAt | Self::AnsweredAt | Self::EndedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

/// An id from outside: one line, not empty.
pub(crate) fn check_external_id(found: &mut Violations, id: &str) {
    found.length(Field::ExternalId, id, limits::EXTERNAL_ID);
    if id.chars().any(char::is_control) {
        found.add(Field::ExternalId, Rule::Form("an id without control characters"));
    }
}

/// A span of time that something real may have taken.
pub(crate) fn check_span(found: &mut Violations, field: Field, from: Timestamp, to: Timestamp) {
    if to < from {
        found.add(field, Rule::Form("a moment that is not before the start"));
    } else if to.since(from) > Duration::from_secs(limits::CALL_SECONDS) {
        found.add(field, Rule::Form("a moment at most 31 days after the start"));
    }
}

impl NewCallRecord {
    /// A call of which nothing is known but these; for builders.
    pub fn between(
        external_id: impl Into<String>,
        direction: CallDirection,
        started_at: Timestamp,
        ended_at: Timestamp,
    ) -> Self {
        Self {
            external_id: external_id.into(),
            caller: String::new(),
            caller_domain: String::new(),
            caller_display_name: String::new(),
            callee: String::new(),
            callee_domain: String::new(),
            callee_display_name: String::new(),
            started_at,
            rang_at: None,
            answered_at: None,
            ended_at,
            call_id: String::new(),
            direction,
            end_reason: None,
            reroute_reason: None,
            status_code: 0,
            destination: String::new(),
            outbound_caller_id: String::new(),
            did_cid: String::new(),
            trunk: String::new(),
            service_number: String::new(),
            user_data: String::new(),
            cost: Money::ZERO,
            billed_account: String::new(),
        }
    }

    /// Whole seconds from the answer to the end; zero for a call that nobody answered.
    pub fn duration(&self) -> i64 {
        self.answered_at.map_or(0, |answered| {
            i64::try_from(self.ended_at.since(answered).as_secs()).unwrap_or(i64::MAX)
        })
    }

    /// Whole seconds from the start to the end.
    pub fn total_duration(&self) -> i64 {
        i64::try_from(self.ended_at.since(self.started_at).as_secs()).unwrap_or(i64::MAX)
    }

    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_external_id(&mut found, &self.external_id);
        for (field, text, max) in [
            (Field::Caller, &self.caller, limits::CALL_PARTY),
            (Field::CallerDomain, &self.caller_domain, limits::CALL_DOMAIN),
            (
                Field::CallerDisplayName,
                &self.caller_display_name,
                limits::CALL_NAME,
            ),
            (Field::Callee, &self.callee, limits::CALL_PARTY),
            (Field::CalleeDomain, &self.callee_domain, limits::CALL_DOMAIN),
            (
                Field::CalleeDisplayName,
                &self.callee_display_name,
                limits::CALL_NAME,
            ),
            (Field::CallId, &self.call_id, limits::CALL_TEXT),
            (Field::Destination, &self.destination, limits::CALL_PARTY),
            (
                Field::OutboundCallerId,
                &self.outbound_caller_id,
                *limits::CALLER_ID.end(),
            ),
            (Field::DidCid, &self.did_cid, limits::CALL_TEXT),
            (Field::Trunk, &self.trunk, limits::CALL_TEXT),
            (Field::ServiceNumber, &self.service_number, limits::CALL_TEXT),
            (Field::UserData, &self.user_data, limits::USER_DATA),
            (Field::BilledAccount, &self.billed_account, limits::CALL_TEXT),
        ] {
            found.text(field, text, max);
        }
        found.range(Field::StatusCode, self.status_code, limits::STATUS_CODE);
        if self.cost < Money::ZERO {
            found.add(Field::Cost, Rule::Form("an amount that is not negative"));
        }
        self.check_times(&mut found);
        found
    }

    /// A call starts, rings, is answered and ends, in this order; what did not happen is left out.
    fn check_times(&self, found: &mut Violations) {
        check_span(found, Field::EndedAt, self.started_at, self.ended_at);
        let mut before = self.started_at;
        for (field, moment) in [
            (Field::RangAt, self.rang_at),
            (Field::AnsweredAt, self.answered_at),
        ] {
            let Some(moment) = moment else { continue };
            if moment < before || moment > self.ended_at.max(self.started_at) {
                found.add(
                    field,
                    Rule::Form("a moment in order: started, rang, answered, ended"),
                );
            } else {
                before = moment;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
    }

    fn call() -> NewCallRecord {
        NewCallRecord {
            rang_at: Some(at(2)),
            answered_at: Some(at(5)),
            ..NewCallRecord::between("engine-1:42", CallDirection::Inbound, at(0), at(65))
        }
    }

    #[test]
    fn times_come_in_order() {
        for (rang, answered, ended, wrong) in [
            (Some(2), Some(5), 65, None),
            (None, Some(5), 65, None),
            (None, None, 0, None),
            (Some(0), Some(0), 0, None),
            (Some(5), Some(2), 65, Some(Field::AnsweredAt)),
            (Some(-1), None, 65, Some(Field::RangAt)),
            (None, Some(66), 65, Some(Field::AnsweredAt)),
            (None, None, -1, Some(Field::EndedAt)),
            (None, None, 32 * 24 * 3600, Some(Field::EndedAt)),
        ] {
            let call = NewCallRecord {
                rang_at: rang.map(at),
                answered_at: answered.map(at),
                ended_at: at(ended),
                ..call()
            };
            let fields: Vec<_> = call.check().into_vec().iter().map(|found| found.field).collect();
            assert_eq!(fields, Vec::from_iter(wrong), "{rang:?} {answered:?} {ended}");
        }
    }

    #[test]
    fn durations_follow_from_the_times() {
        assert_eq!((call().duration(), call().total_duration()), (60, 65));
        let missed = NewCallRecord {
            answered_at: None,
            ..call()
        };
        assert_eq!((missed.duration(), missed.total_duration()), (0, 65));
    }

    #[test]
    fn texts_and_numbers_have_limits() {
        type Change = fn(&mut NewCallRecord);
        let table: [(Change, Field); 8] = [
            (|call| call.external_id = String::new(), Field::ExternalId),
            (|call| call.external_id = "a\nb".into(), Field::ExternalId),
            (|call| call.caller = "1".repeat(257), Field::Caller),
            (
                |call| call.callee_display_name = "x\u{0}".into(),
                Field::CalleeDisplayName,
            ),
            (
                |call| call.outbound_caller_id = "1".repeat(65),
                Field::OutboundCallerId,
            ),
            (|call| call.status_code = 700, Field::StatusCode),
            (|call| call.cost = Money::from_units(-1), Field::Cost),
            (|call| call.user_data = "x".repeat(16_385), Field::UserData),
        ];
        for (change, field) in table {
            let mut call = call();
            change(&mut call);
            let fields: Vec<_> = call.check().into_vec().iter().map(|found| found.field).collect();
            assert_eq!(fields, [field]);
        }
    }

    #[test]
    fn words_are_read_back() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::from_word(reason.word()), Some(*reason));
        }
        for direction in CallDirection::ALL {
            assert_eq!(CallDirection::from_word(direction.word()), Some(*direction));
        }
        assert_eq!(RerouteReason::from_word("TRANSFER"), None);
    }
}
