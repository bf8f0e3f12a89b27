//! What is kept of a call: its entry while it is going on, and its record when it is over.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Directory, EDGE_CALLS};
use jackfield_domain::{
    CallDirection, Caller, Clock, EndReason, LegResult, LiveCallState, Money, NewCallRecord, NewLiveCall,
    Reporter, RerouteReason, TenantId, Timestamp, limits, route::MediaService,
};

use super::{
    Calls,
    legs::{Legs, OpenLeg},
};
use crate::{engine::HandedBecause, trunk::dial::Over};

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
    legs: Legs,
    /// The numbers that the call was for, and why it came to the last one.
    path: Vec<String>,
    because: String,
    /// The numbers whose names are known.
    named: [Option<String>; 2],
    /// When it was over, before its record could be written.
    stopped: Option<Timestamp>,
    /// The name of the trunk that it came in by.
    came: Option<String>,
    /// Whether the media engine takes it in place of the called user.
    by_engine: bool,
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
                caller: short(caller, limits::CALL_PARTY),
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
            legs: Legs::new(Arc::clone(&clock)),
            path: Vec::new(),
            because: String::new(),
            named: [None, None],
            stopped: None,
            came: None,
            by_engine: false,
            directory,
            clock,
        }
    }

    /// A call that follows from this one, between the same people or others: it has the same `Call-ID`.
    pub(super) fn another(&self, calls: &Calls, caller: (&str, &str), destination: &str) -> Self {
        let (directory, clock) = (self.directory.clone(), Arc::clone(&self.clock));
        let id = calls.new_id();
        let mut other = Self::begin(
            directory,
            clock,
            self.tenant,
            &id,
            caller,
            destination,
            &self.call.call_id,
        );
        if let Some(trunk) = self.came.as_ref().filter(|_| caller.0 == self.call.caller) {
            other.comes_over(trunk, &self.call.did_cid);
        }
        other
    }

    /// Its external id.
    pub(super) fn id(&self) -> &str {
        &self.call.external_id
    }

    /// Its tenant.
    pub(super) fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The calling number.
    pub(super) fn caller(&self) -> &str {
        &self.call.caller
    }

    /// The domain of its tenant.
    pub(super) fn domain(&self) -> &str {
        &self.call.caller_domain
    }

    /// Says why it went elsewhere than dialled.
    pub(super) fn rerouted(&mut self, reason: RerouteReason) {
        self.call.reroute_reason = Some(reason);
    }

    /// Notes something that has no value of its own.
    pub(super) fn notes(&mut self, text: &str) {
        text.clone_into(&mut self.call.user_data);
    }

    /// It is over now, though its record cannot be written yet.
    pub(super) fn stops(&mut self) {
        self.stopped = Some(self.latest());
    }

    /// The call is now for the last of these numbers, through a team or not.
    pub(super) fn goes_to(&mut self, path: &[String], service: Option<&str>, because: &str) {
        path.last()
            .map_or("", String::as_str)
            .clone_into(&mut self.call.callee);
        if let Some(service) = service {
            service.clone_into(&mut self.call.service_number);
        }
        path.clone_into(&mut self.path);
        because.clone_into(&mut self.because);
    }

    /// The media engine takes the call for a service.
    pub(super) fn is_served(&mut self, service: &MediaService, because: HandedBecause) {
        if let MediaService::Voicemail(number)
        | MediaService::Mailbox(number)
        | MediaService::Meeting(number) = service
        {
            number.clone_into(&mut self.call.service_number);
        }
        if because != HandedBecause::Unconditional {
            self.call.reroute_reason.get_or_insert(RerouteReason::Overflow);
        }
        if matches!(service, MediaService::Voicemail(_)) {
            // Whoever has the box does not speak.
            self.by_engine = true;
        }
        self.notes(&service.to_string());
    }

    /// A telephone, or a number outside over a trunk, is asked now.
    pub(super) fn asks(&self, number: &str, device: &str, trunk: &str) -> OpenLeg {
        self.legs
            .open(number, (device, trunk), (&self.path, &self.because))
    }

    /// The ring group or queue that it comes through; none when it does not.
    pub(super) fn service(&self) -> Option<String> {
        let service = &self.call.service_number;
        (!service.is_empty()).then(|| service.clone())
    }

    /// What whoever was asked last answered with; 0 when he said nothing.
    pub(super) fn last_status(&self) -> u16 {
        self.legs.last_status()
    }

    /// The same, when whoever was asked last was asked over a trunk.
    pub(super) fn last_outside(&self) -> Option<u16> {
        self.legs.last_outside()
    }

    /// The `Call-ID` of the side that called; empty when it was called itself.
    pub(super) fn call_id(&self) -> &str {
        &self.call.call_id
    }

    /// Whoever was asked and has not said anything is asked no more.
    pub(super) fn asks_no_more(&self, result: LegResult) {
        self.legs.close(result);
    }

    /// What the caller is called; empty when he is nobody of the tenant.
    pub(super) async fn caller_name(&mut self) -> String {
        self.name().await;
        self.call.caller_display_name.clone()
    }

    /// Looks the names up that are not known.
    async fn name(&mut self) {
        let numbers = [self.call.caller.clone(), self.call.callee.clone()];
        for (place, number) in numbers.into_iter().enumerate() {
            if self.named.get(place).and_then(Option::as_ref) == Some(&number) {
                continue;
            }
            // A number from outside may look like anybody's.
            let outside = place == 0 && self.came.is_some();
            // A call is shown and recorded without names rather than not at all.
            let card = if outside {
                None
            } else {
                self.directory
                    .calling_card(self.tenant, &number)
                    .await
                    .ok()
                    .flatten()
            };
            let name = card.map_or_else(String::new, |card| card.name);
            let name = name.chars().take(limits::CALL_NAME).collect();
            if place == 0 {
                self.call.caller_display_name = name;
            } else {
                self.call.callee_display_name = name;
            }
            if let Some(known) = self.named.get_mut(place) {
                *known = Some(number);
            }
        }
    }

    /// It is there, though nobody rings who is called.
    pub(super) async fn announced(&mut self) {
        self.show(LiveCallState::Ringing).await;
    }

    /// The call came in over a trunk, for one of its numbers.
    pub(super) fn comes_over(&mut self, trunk: &str, number: &str) {
        self.came = Some(trunk.to_owned());
        self.call.did_cid = number.chars().take(limits::CALL_TEXT).collect();
        self.goes_over(None);
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
        self.call.ended_at = self.stopped.unwrap_or_else(|| self.latest());
        self.name().await;
        let legs = self.legs.all();
        self.call.status_code = i64::from(status);
        self.call.end_reason = reason;
        let mut wait = WAIT;
        for _ in 0..TRIES {
            let Some(reporter) = self.reporter() else { return };
            match self
                .directory
                .report_call(&reporter, self.call.clone(), &legs)
                .await
            {
                Ok(_) => return,
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
        self.name().await;
        let live = NewLiveCall {
            external_id: self.call.external_id.clone(),
            state,
            direction: self.call.direction,
            caller: self.call.caller.clone(),
            caller_display_name: self.call.caller_display_name.clone(),
            callee: if self.by_engine {
                String::new()
            } else {
                self.call.callee.clone()
            },
            callee_display_name: self.call.callee_display_name.clone(),
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
