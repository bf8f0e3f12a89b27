//! Calls whose SIP edge is gone: an edge renews the entry of each call that it carries, so one that is not renewed was lost with
//! its process, and nobody else writes its record.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    Caller, LiveCall, LiveCallState, Money, NewCallRecord, NewLiveCall, Page, Query, Result, TenantField,
};

use super::live_calls::silent_since;
use crate::Directory;

/// What the ids of calls begin with that an edge of ours carries.
pub const EDGE_CALLS: &str = "edge:";
/// A call whose entry was not renewed for so long is lost: three times what an edge takes.
const LOST: Duration = Duration::from_mins(3);
/// What the record of a lost call says.
const REASON: &str = "the process that carried this call is gone; it ended at some moment after this one";

impl Directory {
    /// Writes the records of calls of our SIP edges that nobody carries any more, in every tenant, and takes their entries away.
    /// Such a call ends, as far as is known, when its entry was last renewed. Tells how many there were.
    ///
    /// # Errors
    /// [`Error::Unavailable`](jackfield_domain::Error::Unavailable), [`Error::Internal`](jackfield_domain::Error::Internal); what
    /// was not done then is done the next time.
    pub async fn close_lost_calls(&self) -> Result<usize> {
        let (now, mut closed) = (self.now(), 0);
        let mut query = Query::<TenantField> {
            page: Page::default(),
            ..Query::default()
        };
        loop {
            let listing = self.store().list_tenants(&query).await?;
            for tenant in &listing.items {
                let calls = self
                    .store()
                    .live_calls(tenant.id, None, silent_since(now))
                    .await?;
                let lost = calls.into_iter().filter(|call| {
                    call.call.external_id.starts_with(EDGE_CALLS) && now.since(call.updated_at) >= LOST
                });
                let lost: Vec<LiveCall> = lost.collect();
                if lost.is_empty() {
                    continue;
                }
                closed += lost.len();
                let reporter = Arc::new(Caller::program(tenant.id)).reporter()?;
                // The record first: when it ends here, the entry is found again, and the record is known.
                let records = lost.iter().map(|call| record(call, &tenant.domain)).collect();
                self.report_call_records(&reporter, records).await?;
                let ended = lost.into_iter().map(|call| NewLiveCall {
                    state: LiveCallState::Ended,
                    ..call.call
                });
                self.report_live_calls(&reporter, ended.collect()).await?;
            }
            query.page.skip += query.page.take;
            if query.page.skip >= listing.total {
                return Ok(closed);
            }
        }
    }
}

fn record(lost: &LiveCall, domain: &str) -> NewCallRecord {
    let call = lost.call.clone();
    NewCallRecord {
        external_id: call.external_id,
        caller: call.caller,
        caller_domain: domain.to_owned(),
        caller_display_name: call.caller_display_name,
        callee: call.callee,
        callee_domain: domain.to_owned(),
        callee_display_name: call.callee_display_name,
        started_at: call.started_at,
        rang_at: None,
        answered_at: call.answered_at,
        ended_at: lost.updated_at.max(call.answered_at.unwrap_or(call.started_at)),
        call_id: String::new(),
        direction: call.direction,
        end_reason: None,
        reroute_reason: None,
        status_code: if call.answered_at.is_some() { 200 } else { 0 },
        destination: call.destination,
        outbound_caller_id: String::new(),
        did_cid: String::new(),
        trunk: call.trunk,
        service_number: String::new(),
        user_data: REASON.to_owned(),
        cost: Money::default(),
        billed_account: String::new(),
    }
}
