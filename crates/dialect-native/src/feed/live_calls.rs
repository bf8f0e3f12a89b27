//! Calls that are going on.

use jackfield_domain::{CallDirection, Field, LiveCallState, NewLiveCall, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    batch::takes,
    feed::cdrs::Direction,
    wire::{choice, moment, required_moment, required_text, text, words},
};

words! {
    /// How far a call has come.
    Stage is LiveCallState { "ringing" Ringing, "answered" Answered, "held" Held, "ended" Ended }
}

/// The present state of a call that is going on.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct LiveCallReport {
    /// Your own id of the call, unique in the tenant. The last report with it counts.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// How far it has come. `ended` removes it; one that you no longer speak of is forgotten after a day.
    #[serde(default)]
    #[schema(value_type = Stage, required = true)]
    state: Input<String>,
    /// From where to where it goes.
    #[serde(default)]
    #[schema(value_type = Direction, required = true)]
    direction: Input<String>,
    /// When it began.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    started_at: Input<String>,
    /// When it was answered; needed when it is `answered` or `held`.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = false)]
    answered_at: Input<String>,
    /// The calling number.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    caller: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    caller_display_name: Input<String>,
    /// The number that is called.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    callee: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    callee_display_name: Input<String>,
    /// The number that was dialled.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    destination: Input<String>,
    /// The name of the trunk.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    trunk: Input<String>,
}

impl LiveCallReport {
    fn into_report(self) -> Result<NewLiveCall> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = NewLiveCall {
            external_id: required_text(self.external_id, at, Field::ExternalId),
            state: choice(self.state)
                .required(at, Field::State)
                .unwrap_or(LiveCallState::Ended),
            direction: choice(self.direction)
                .required(at, Field::Direction)
                .unwrap_or(CallDirection::Internal),
            caller: text(self.caller, at, Field::Caller),
            caller_display_name: text(self.caller_display_name, at, Field::CallerDisplayName),
            callee: text(self.callee, at, Field::Callee),
            callee_display_name: text(self.callee_display_name, at, Field::CalleeDisplayName),
            destination: text(self.destination, at, Field::Destination),
            trunk: text(self.trunk, at, Field::Trunk),
            started_at: required_moment(self.started_at, at, Field::StartedAt),
            answered_at: moment(self.answered_at).optional(at, Field::AnsweredAt),
        };
        // Of times of which one cannot be read, the order says nothing.
        let blurred = found.concerns(Field::StartedAt) || found.concerns(Field::AnsweredAt);
        conclude(found, || {
            if !blurred {
                return new.check();
            }
            let timeless = NewLiveCall {
                answered_at: Some(new.started_at),
                ..new.clone()
            };
            timeless.check()
        })?;
        Ok(new)
    }
}

takes! {
    /// Report calls that are going on
    ///
    /// One, a list of up to 10,000, or a stream of lines. A call has one present state: of several reports of it the last counts.
    "/feed/live_calls" of LiveCallReport as NewLiveCall, by report_live_calls
}
