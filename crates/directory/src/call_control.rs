//! Steering calls from outside of the telephones: ending them, and placing them for somebody.
//!
//! The process that is asked may not be the one that carries the call. So an order is stored and journalled, which every
//! process hears of; the edge that carries the call, or reaches the telephones, takes it, and what became of it is stored and
//! heard in the same way. One that nobody has carried out in time is given up, and never carried out later.

use std::time::Duration;

use jackfield_domain::{
    CallDeed, CallOrder, ChangeType, Denial, Error, Field, Kind, LiveCall, LiveCallId, Member, OrderOutcome,
    Owner, Result, Rule, TenantId, Thing, Violations,
    capability::ManageUsers,
    route::{Action, Origin, Refusal, RouteQuery},
};
use jackfield_store::Sequence;
use tokio::{sync::watch, time::Instant};

use crate::{Directory, EDGE_CALLS, report::live_calls::silent_since, work::in_work};

/// Hearing of an order may fail; who waits looks by himself as often as this.
const LOOK: Duration = Duration::from_millis(500);

const REPORTED: &str =
    "the telephone system that reported this call carries it, and can only be asked there to end it";
const NO_EDGE: &str = "no SIP edge carried this out in time: see that one runs (JACKFIELD_SIP, jackfield edge) on this database";
const NO_PHONE: &str = "no telephone of who calls can be reached: let one register first";

/// Whether a call is about a user, or anybody may look who manages them.
fn may_see(member: &Member, call: &LiveCall) -> bool {
    let own = |user| member.caller().user == Some(user) && member.caller().home == call.tenant;
    call.caller_user.is_some_and(own)
        || call.callee_user.is_some_and(own)
        || member.caller().grant::<ManageUsers>().is_ok()
}

impl Directory {
    /// The calls that are going on: of the whole tenant for who manages users, else one's own.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn calls_going_on(&self, member: &Member) -> Result<Vec<LiveCall>> {
        let since = silent_since(self.now());
        let mut calls = self.store().live_calls(member.tenant(), None, since).await?;
        calls.retain(|call| may_see(member, call));
        Ok(calls)
    }

    /// Ends a call: one's own, or any of the tenant for who manages users. It is over, and its record on disk, when this
    /// returns.
    ///
    /// # Errors
    /// `Absent(LiveCall)`, for those of others too; [`Error::NotConfigured`] for a call that no edge of ours carries.
    pub async fn hang_up(&self, member: &Member, id: LiveCallId) -> Result<()> {
        let calls = self.calls_going_on(member).await?;
        let found = calls.into_iter().find(|call| call.id == id);
        let call = found.ok_or(Error::Absent(Thing::LiveCall))?;
        if !call.call.external_id.starts_with(EDGE_CALLS) {
            // Whoever may change nothing hears that first.
            member.caller().may_change()?;
            return Err(Error::NotConfigured(REPORTED));
        }
        let order = self.order(member.tenant(), CallDeed::HangUp, call.call.external_id);
        match self.carried_out(member.caller().actor(), order).await?.outcome {
            Some(OrderOutcome::Done) => Ok(()),
            Some(OrderOutcome::Gone) => Err(Error::Absent(Thing::LiveCall)),
            _ => Err(Error::NotConfigured(NO_EDGE)),
        }
    }

    /// Calls somebody's own telephones, and connects him with a number when he answers: with his rights, as if he had dialled
    /// it. Returns when his telephones are called.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for a number that is nobody's; `Absent(User)`; `Absent(Extension)`;
    /// [`Denial::Permission`] for a number that he may not call, [`Denial::UserDisabled`]; [`Error::NotConfigured`] when none of
    /// his telephones can be reached, and when no edge runs.
    pub async fn place_call(&self, owner: &Owner, target: &str) -> Result<LiveCall> {
        let tenant = owner.tenant();
        let user = self.user(owner).await?;
        let number = user.extension_number.ok_or(Error::Absent(Thing::Extension))?;
        let query = RouteQuery {
            tenant: None,
            from: number.clone(),
            to: target.to_owned(),
            at: None,
        };
        query.check().finish()?;
        let person = self.person_numbered(tenant, &number).await?;
        let person = person.ok_or(Error::Absent(Thing::Extension))?;
        if !person.enabled {
            return Err(Error::Denied(Denial::UserDisabled));
        }
        let from = Origin::User(std::sync::Arc::new(person));
        let plan = self.planned(tenant, from, target, self.now(), false).await?;
        // What is known beforehand is not found out with ringing telephones.
        if let Some(Action::Refuse(refusal)) = plan.steps.first().map(|step| &step.action) {
            match *refusal {
                Refusal::FORBIDDEN => return Err(Error::Denied(Denial::Permission)),
                Refusal::UNKNOWN => return Err(unknown_number()),
                _ => {}
            }
        }
        let mut order = self.order(tenant, CallDeed::Place, String::new());
        order.number = number;
        target.clone_into(&mut order.target);
        let order = self.carried_out(owner.caller().actor(), order).await?;
        match order.outcome {
            Some(OrderOutcome::Done) => {}
            Some(OrderOutcome::NoPhone) => return Err(Error::NotConfigured(NO_PHONE)),
            _ => return Err(Error::NotConfigured(NO_EDGE)),
        }
        let since = silent_since(self.now());
        let calls = self.store().live_calls(tenant, None, since).await?;
        let found = calls.into_iter().find(|call| call.call.external_id == order.call);
        // He declined it already.
        found.ok_or(Error::Absent(Thing::LiveCall))
    }

    /// The same for whoever has an extension; for oneself when none is named.
    ///
    /// # Errors
    /// As of [`place_call`](Self::place_call), and [`Denial::Permission`] for another's extension when the caller does not manage
    /// users.
    pub async fn place_call_of(
        &self,
        member: &Member,
        extension: Option<&str>,
        target: &str,
    ) -> Result<LiveCall> {
        let caller = member.caller();
        let Some(number) = extension else {
            return self.place_call(&caller.own()?, target).await;
        };
        // No row can hold such a text, and PostgreSQL answers a question with it by an error.
        let found = if number.contains('\0') {
            None
        } else {
            self.store().user_by_extension(member.tenant(), number).await?
        };
        let Some(user) = found else {
            caller.grant::<ManageUsers>()?;
            return Err(Error::Absent(Thing::Extension));
        };
        self.place_call(&caller.owner_of(user.id)?, target).await
    }

    fn order(&self, tenant: TenantId, deed: CallDeed, call: String) -> CallOrder {
        CallOrder {
            tenant,
            id: 0,
            deed,
            call,
            number: String::new(),
            target: String::new(),
            created_at: self.now(),
            edge: String::new(),
            outcome: None,
        }
    }

    /// Gives an order and waits until it is carried out, or gives it up.
    async fn carried_out(&self, actor: jackfield_domain::Author, mut order: CallOrder) -> Result<CallOrder> {
        let tenant = order.tenant;
        let mut heard = self.inner.call_orders.subscribe();
        let end = Instant::now() + CallOrder::PATIENCE;
        in_work!(self, tenant, actor, |work| {
            order.id = work.next_id(Sequence::LiveCall).await?;
            let old = work.now().minus(CallOrder::KEPT);
            work.purge_call_orders(tenant, old).await?;
            work.insert_call_order(&order).await?;
            work.journal(Kind::CallOrder, order.id, ChangeType::Created)
                .await?;
        })?;
        while Instant::now() < end {
            let soon = (Instant::now() + LOOK).min(end);
            // Whoever is behind looks all the same.
            let _ = tokio::time::timeout_at(soon, heard.changed()).await;
            let present = self.store().call_order(tenant, order.id).await?;
            if let Some(present) = present.filter(|order| order.outcome.is_some()) {
                return Ok(present);
            }
        }
        self.finish_call_order(&order, OrderOutcome::Expired, "").await?;
        let present = self.store().call_order(tenant, order.id).await?;
        Ok(present.unwrap_or(order))
    }

    /// Changes whenever [`pending_call_orders`](Self::pending_call_orders) may have.
    pub fn call_orders(&self) -> watch::Receiver<()> {
        self.inner.call_orders.subscribe()
    }

    /// The orders about calls of all tenants that nobody has taken.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn pending_call_orders(&self) -> Result<Vec<CallOrder>> {
        let now = self.now();
        let mut orders = self.store().pending_call_orders().await?;
        // Whoever gave an older one is gone, and waits for nothing.
        orders.retain(|order| now.since(order.created_at) < CallOrder::STALE);
        Ok(orders)
    }

    /// Takes an order for an edge. Tells whether it is that edge's now: another may have been first, or it was given up.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn take_call_order(&self, order: &CallOrder, edge: &str) -> Result<bool> {
        in_work!(self, order.tenant, jackfield_domain::Actor::SYSTEM, |work| {
            work.take_call_order(order.tenant, order.id, edge).await?
        })
    }

    /// Says what became of an order, and which call it is about. Tells whether nobody had said so before.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn finish_call_order(
        &self,
        order: &CallOrder,
        outcome: OrderOutcome,
        call: &str,
    ) -> Result<bool> {
        in_work!(self, order.tenant, jackfield_domain::Actor::SYSTEM, |work| {
            let first = work
                .finish_call_order(order.tenant, order.id, outcome, call)
                .await?;
            if first {
                work.journal(Kind::CallOrder, order.id, ChangeType::Updated)
                    .await?;
            }
            first
        })
    }
}

fn unknown_number() -> Error {
    let mut found = Violations::new();
    found.add(Field::RouteTo, Rule::Form("a number that somebody has"));
    match found.finish() {
        Err(error) => error,
        Ok(()) => Error::Absent(Thing::Extension),
    }
}
