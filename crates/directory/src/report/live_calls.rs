//! Reports of calls that are going on: a present state for each, not a history.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jackfield_domain::{
    Error, Kind, LiveCall, LiveCallId, LiveCallState, NewLiveCall, Owner, Reporter, Result, Timestamp,
    UserId, limits,
};
use jackfield_store::Sequence;

use super::{Reported, Users};
use crate::{Directory, work::Work, work::in_work};

/// A good item of a batch, with its place.
struct Item {
    place: usize,
    call: LiveCall,
    /// Whether a later item of the batch is about the same call.
    overtaken: bool,
}

impl Directory {
    /// Stores the present state of calls that are going on. Of several items about one call the last counts; one that says
    /// that the call is over removes it, and is `Known` with id 0 when there was no such call. A call that no report speaks of
    /// for a day is forgotten. A call that reaches a user ends his reservation.
    ///
    /// # Errors
    /// As of [`report_call_records`](Self::report_call_records).
    pub async fn report_live_calls(
        &self,
        reporter: &Reporter,
        calls: Vec<NewLiveCall>,
    ) -> Result<Vec<Reported>> {
        let (tenant, updated_at) = (reporter.tenant(), self.now());
        let mut told: Vec<Reported> = (0..calls.len()).map(|_| Reported::Known(0)).collect();
        let mut items = Vec::with_capacity(calls.len());
        for (place, call) in calls.into_iter().enumerate() {
            match (call.check().finish(), told.get_mut(place)) {
                (Err(error), Some(told)) => *told = Reported::Refused(error),
                _ => items.push(Item {
                    place,
                    call: LiveCall {
                        tenant,
                        id: LiveCallId::new(0),
                        caller_user: None,
                        callee_user: None,
                        call,
                        updated_at,
                    },
                    overtaken: false,
                }),
            }
        }
        let mut later = HashSet::new();
        for item in items.iter_mut().rev() {
            item.overtaken = !later.insert(item.call.call.external_id.clone());
        }
        if items.is_empty() {
            return Ok(told);
        }
        let outcome = in_work!(self, tenant, reporter.caller().actor(), |work| {
            let outcome = prepare(&mut work, &mut items).await?;
            let standing = || items.iter().filter(|item| !item.overtaken).map(|item| &item.call);
            let over = |call: &&LiveCall| call.call.state == LiveCallState::Ended;
            let ended: Vec<&str> = standing()
                .filter(over)
                .map(|call| call.call.external_id.as_str())
                .collect();
            let present: Vec<&LiveCall> = standing().filter(|call| !over(call)).collect();
            work.end_live_calls(tenant, &ended).await?;
            work.put_live_calls(&present).await?;
            work.announce(Kind::LiveCalls, 0).await?;
            // Whoever was kept free for a call has got one.
            let reached: Vec<UserId> = present.iter().filter_map(|call| call.callee_user).collect();
            work.end_reservations(tenant, &reached).await?;
            work.purge_live_calls(tenant, silent_since(updated_at)).await?;
            outcome
        })?;
        for (item, what) in items.iter().zip(outcome) {
            if let Some(told) = told.get_mut(item.place) {
                *told = what;
            }
        }
        Ok(told)
    }

    /// The calls that a user has now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn live_calls(&self, owner: &Owner) -> Result<Vec<LiveCall>> {
        let since = silent_since(self.now());
        Ok(self
            .store()
            .live_calls(owner.tenant(), Some(owner.user()), since)
            .await?)
    }
}

/// Gives each call its id and its users, and tells what becomes of each item.
async fn prepare(work: &mut Work, items: &mut [Item]) -> Result<Vec<Reported>> {
    let tenant = work.scope();
    let ids: Vec<&str> = items
        .iter()
        .map(|item| item.call.call.external_id.as_str())
        .collect();
    let known = work.live_calls_among(tenant, &ids).await?;
    let mut known: HashMap<String, i64> = known.into_iter().collect();
    // Most reports are of one call that is known and goes on. An end in between makes the next item of that call a new one.
    let goes_on = |item: &Item| {
        item.call.call.state != LiveCallState::Ended && known.contains_key(&item.call.call.external_id)
    };
    let new = if items.iter().all(goes_on) { 0 } else { items.len() };
    let mut next = work.next_ids(Sequence::LiveCall, new).await?.into_iter();
    let numbers = items
        .iter()
        .flat_map(|item| [item.call.call.caller.as_str(), &item.call.call.callee]);
    let users = Users::find(work, tenant, numbers, std::iter::empty()).await?;
    let mut outcome = Vec::with_capacity(items.len());
    for item in items {
        let call = &mut item.call;
        let over = call.call.state == LiveCallState::Ended;
        let id = match (known.get(&call.call.external_id), over) {
            (Some(id), _) => {
                outcome.push(Reported::Replaced(*id));
                *id
            }
            (None, true) => {
                outcome.push(Reported::Known(0));
                continue;
            }
            (None, false) => {
                let id = next
                    .next()
                    .ok_or_else(|| Error::internal("the store gave out fewer ids than were asked for"))?;
                outcome.push(Reported::New(id));
                id
            }
        };
        if over {
            known.remove(&call.call.external_id);
        } else {
            known.insert(call.call.external_id.clone(), id);
        }
        call.id = LiveCallId::new(id);
        call.caller_user = users.numbered(&call.call.caller);
        call.callee_user = users.numbered(&call.call.callee);
    }
    Ok(outcome)
}

/// Calls that were last reported then, or before, are forgotten.
pub(crate) fn silent_since(now: Timestamp) -> Timestamp {
    let span = Duration::from_secs(limits::LIVE_CALL_SECONDS);
    Timestamp::from_micros(
        now.as_micros()
            .saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
    )
}
