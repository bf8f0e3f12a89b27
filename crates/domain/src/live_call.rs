//! Calls that are going on, as the engines report them.

use std::time::Duration;

use crate::{
    CallDirection, Field, LiveCallId, Rule, TenantId, Timestamp, UserId, Violations, call_record,
    change::words, limits,
};

words! {
    /// How far a call has come.
    LiveCallState {
        /// The called side rings.
        Ringing = "ringing",
        /// Both sides speak.
        Answered = "answered",
        /// One side waits.
        Held = "held",
        /// It is over: a report of this ends the entry.
        Ended = "ended",
    }
}

impl LiveCallState {
    /// Whether both sides are busy with it.
    pub fn is_talking(self) -> bool {
        matches!(self, Self::Answered | Self::Held)
    }
}

/// A call that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCall {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id, from its first report to its end.
    pub id: LiveCallId,
    /// The user who calls, when he is one of the tenant's.
    pub caller_user: Option<UserId>,
    /// The user who is called, when he is one of the tenant's.
    pub callee_user: Option<UserId>,
    /// The last report.
    pub call: NewLiveCall,
    /// When that came.
    pub updated_at: Timestamp,
}

/// A call that is going on, as far as the way of another one depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OngoingCall {
    /// The user who calls, when he is one of the tenant's.
    pub caller_user: Option<UserId>,
    /// The user who is called, when he is one of the tenant's.
    pub callee_user: Option<UserId>,
    /// How far it has come.
    pub state: LiveCallState,
    /// The number that was dialled first.
    pub destination: String,
    /// The trunk that it goes over; empty for none.
    pub trunk: String,
}

/// A call as an engine reports it. A later report with the same external id replaces the earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLiveCall {
    /// The engine's own id of the call, unique in the tenant.
    pub external_id: String,
    /// How far it has come.
    pub state: LiveCallState,
    /// From where to where.
    pub direction: CallDirection,
    /// The calling number.
    pub caller: String,
    /// Its name.
    pub caller_display_name: String,
    /// The number that is called.
    pub callee: String,
    /// Its name.
    pub callee_display_name: String,
    /// The number that was dialled.
    pub destination: String,
    /// The name of the trunk.
    pub trunk: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

impl NewLiveCall {
    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        call_record::check_external_id(&mut found, &self.external_id);
        for (field, text, max) in [
            (Field::Caller, &self.caller, limits::CALL_PARTY),
            (
                Field::CallerDisplayName,
                &self.caller_display_name,
                limits::CALL_NAME,
            ),
            (Field::Callee, &self.callee, limits::CALL_PARTY),
            (
                Field::CalleeDisplayName,
                &self.callee_display_name,
                limits::CALL_NAME,
            ),
            (Field::Destination, &self.destination, limits::CALL_PARTY),
            (Field::Trunk, &self.trunk, limits::CALL_TEXT),
        ] {
            found.text(field, text, max);
        }
        match self.answered_at {
            Some(answered) => {
                call_record::check_span(&mut found, Field::AnsweredAt, self.started_at, answered);
            }
            None if self.state.is_talking() => found.add(Field::AnsweredAt, Rule::Required),
            None => {}
        }
        found
    }
}

impl LiveCall {
    /// Whether a user is one of its sides.
    pub fn is_of(&self, user: UserId) -> bool {
        self.caller_user == Some(user) || self.callee_user == Some(user)
    }

    /// Whether the call may still be going on: not over, and its engine spoke of it within the last day. An engine that dies
    /// leaves calls behind that would otherwise last for ever.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.call.state != LiveCallState::Ended
            && now.since(self.updated_at) < Duration::from_secs(limits::LIVE_CALL_SECONDS)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn in_state(state: LiveCallState, updated_at: Timestamp) -> LiveCall {
        LiveCall {
            tenant: TenantId::FIRST,
            id: LiveCallId::FIRST,
            caller_user: None,
            callee_user: Some(UserId::FIRST),
            call: NewLiveCall {
                external_id: "channel-7".into(),
                state,
                direction: CallDirection::Inbound,
                caller: "+4930123456".into(),
                caller_display_name: String::new(),
                callee: "1001".into(),
                callee_display_name: String::new(),
                destination: "1001".into(),
                trunk: String::new(),
                started_at: Timestamp::from_micros(0),
                answered_at: state.is_talking().then_some(Timestamp::from_micros(5)),
            },
            updated_at,
        }
    }

    #[test]
    fn a_call_is_forgotten_when_its_engine_is_silent() {
        let start = Timestamp::from_micros(0);
        let call = in_state(LiveCallState::Answered, start);
        let day = Duration::from_secs(limits::LIVE_CALL_SECONDS);
        assert!(call.is_current(start));
        assert!(!call.is_current(start.plus(day)));
        assert!(!in_state(LiveCallState::Ended, start).is_current(start));
    }

    #[test]
    fn a_call_that_is_spoken_was_answered() {
        for state in LiveCallState::ALL {
            let mut call = in_state(*state, Timestamp::from_micros(0)).call;
            assert!(call.check().is_empty(), "{state:?}");
            call.answered_at = None;
            assert_eq!(
                call.check().concerns(Field::AnsweredAt),
                state.is_talking(),
                "{state:?}"
            );
            call.answered_at = Some(Timestamp::from_micros(-1));
            assert!(call.check().concerns(Field::AnsweredAt), "{state:?}");
        }
    }
}
