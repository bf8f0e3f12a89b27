//! What is kept of a call: its entry while it is going on, and its record when it is over.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Directory, EDGE_CALLS};
use jackfield_domain::{
    CallDirection, Caller, Clock, EndReason, LiveCallState, Money, NewCallRecord, NewLiveCall, Reporter,
    TenantId, Timestamp, limits,
};

use crate::trunk::dial::Over;

/// How often a record is tried to be written, and how long is waited before the second time; each time twice as long.
const TRIES: u32 = 8;
const WAIT: Duration = Duration::from_millis(500);
/// How often the entry of a call is renewed: a process that does not is taken for gone.
const RENEW: Duration = Duration::from_mins(1);

/// What is known of a call.
#[derive(Clone)]
pub(super) struct Record {
    directory: Directory,
    clock: Arc<dyn Clock>,
    tenant: TenantId,
    call: NewCallRecord,
    /// The name of the trunk that it came in by.
    came: Option<String>,
    /// Whether an entry was made for it.
    shown: bool,
}

impl Record {
    /// A call that begins now.
    pub(super) fn begin(
        directory: Directory,
        clock: Arc<dyn Clock>,
        tenant: TenantId,
        id: &str,
        (caller, domain): (&str, &str),
        destination: &str,
        call_id: &str,
    ) -> Self {
        let now = clock.now();
        let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        Self {
            tenant,
            call: NewCallRecord {
                external_id: format!("{EDGE_CALLS}{id}"),
                caller: caller.to_owned(),
                caller_domain: domain.to_owned(),
                caller_display_name: String::new(),
                callee: short(destination, limits::CALL_PARTY),
                callee_domain: domain.to_owned(),
                callee_display_name: String::new(),
                started_at: now,
                rang_at: None,
                answered_at: None,
                ended_at: now,
                call_id: short(call_id, limits::CALL_TEXT),
                direction: CallDirection::Internal,
                end_reason: None,
                reroute_reason: None,
                status_code: 0,
                destination: short(destination, limits::CALL_PARTY),
                outbound_caller_id: String::new(),
                did_cid: String::new(),
                trunk: String::new(),
                service_number: String::new(),
                user_data: String::new(),
                cost: Money::default(),
                billed_account: String::new(),
            },
            came: None,
            shown: false,
            directory,
            clock,
        }
    }

    /// The call is now for this number, through a team or not.
    pub(super) fn goes_to(&mut self, number: &str, service: Option<&str>) {
        number.clone_into(&mut self.call.callee);
        if let Some(service) = service {
            service.clone_into(&mut self.call.service_number);
        }
    }

    /// The call goes out over a trunk now, or stays in the house.
    pub(super) fn goes_over(&mut self, over: Option<Over>) {
        self.call.direction = match (&self.came, &over) {
            (None, None) => CallDirection::Internal,
            (None, Some(_)) => CallDirection::Outbound,
            (Some(_), None) => CallDirection::Inbound,
            (Some(_), Some(_)) => CallDirection::InboundOutbound,
        };
        let came = || Over {
            trunk: self.came.clone().unwrap_or_default(),
            caller_id: String::new(),
        };
        let over = over.unwrap_or_else(came);
        (self.call.trunk, self.call.outbound_caller_id) = (over.trunk, over.caller_id);
    }

    /// Somebody rings.
    pub(super) async fn rings(&mut self) {
        if self.call.rang_at.is_none() {
            self.call.rang_at = Some(self.clock.now());
        }
        self.show(LiveCallState::Ringing).await;
    }

    /// Somebody has answered. Returns when that is on disk.
    pub(super) async fn answered(&mut self, number: &str) {
        let now = self.clock.now();
        number.clone_into(&mut self.call.callee);
        self.call.rang_at.get_or_insert(now);
        self.call.answered_at = Some(now);
        self.show(LiveCallState::Answered).await;
    }

    /// Renews the entry for as long as the call lasts. To be dropped when it is over.
    pub(super) async fn renew(mut self) {
        loop {
            tokio::time::sleep(RENEW).await;
            self.show(LiveCallState::Answered).await;
        }
    }

    /// The call is over: writes its record, once, and takes its entry away. Tries again when the store does not answer.
    pub(super) async fn end(mut self, status: u16, reason: Option<EndReason>) {
        self.call.ended_at = self.latest();
        self.call.status_code = i64::from(status);
        self.call.end_reason = reason;
        let mut wait = WAIT;
        for _ in 0..TRIES {
            let Some(reporter) = self.reporter() else { return };
            let calls = vec![self.call.clone()];
            match self.directory.report_call_records(&reporter, calls).await {
                Ok(_) => {
                    if self.shown {
                        self.show(LiveCallState::Ended).await;
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a call could not be recorded; the next try is in {wait:?}"
                    );
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
            }
        }
        tracing::error!(call = %self.call.external_id, "a call was not recorded");
    }

    /// Now, and not before what happened last: clocks may be put back.
    fn latest(&self) -> Timestamp {
        let last = self.call.answered_at.or(self.call.rang_at);
        self.clock.now().max(last.unwrap_or(self.call.started_at))
    }

    fn reporter(&self) -> Option<Reporter> {
        Arc::new(Caller::program(self.tenant)).reporter().ok()
    }

    async fn show(&mut self, state: LiveCallState) {
        let Some(reporter) = self.reporter() else { return };
        self.shown = true;
        let live = NewLiveCall {
            external_id: self.call.external_id.clone(),
            state,
            direction: self.call.direction,
            caller: self.call.caller.clone(),
            caller_display_name: String::new(),
            callee: self.call.callee.clone(),
            callee_display_name: String::new(),
            destination: self.call.destination.clone(),
            trunk: self.call.trunk.clone(),
            started_at: self.call.started_at,
            answered_at: self.call.answered_at,
        };
        if let Err(error) = self.directory.report_live_calls(&reporter, vec![live]).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the state of a call could not be stored"
            );
        }
    }
}
