//! What people ask of calls over the API: every edge hears of an order, and the one that carries the call, or reaches the
//! telephones, takes it (`jackfield_directory`, `call_control.rs`).

use std::{sync::Arc, time::Duration};

use jackfield_directory::CallingCard;
use jackfield_domain::{
    CallDeed, CallOrder, Error, OrderOutcome,
    route::{Headers, Ring, Target},
};
use tokio::sync::oneshot;

use super::{
    Calls,
    fork::{Offer, Outcome, ring},
    front::{Front, Waits},
    lead::{Goal, Lead, Way},
    media,
    record::Record,
    sip,
    table::{Ask, Seat},
    waiting::Waiting,
};
use crate::{Context, Phone};

/// Hearing of an order may fail; an edge looks by itself as often as this.
const LOOK: Duration = Duration::from_secs(1);
/// For so long an order is left to the edge at which the telephones registered, whose connections they keep.
const YIELD: Duration = Duration::from_millis(300);
/// For how many seconds somebody's own telephones ring.
const RINGS: i64 = 30;
/// How far a call may still go that was placed.
const HOPS: u32 = 70;

fn warn(error: &Error) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "an order about a call could not be carried out"
    );
}

impl Calls {
    /// Carries out what is asked of calls over the API. Runs until it is dropped.
    pub async fn follow_orders(self: Arc<Self>, context: Context) {
        let mut heard = context.directory().call_orders();
        loop {
            heard.mark_unchanged();
            match context.directory().pending_call_orders().await {
                Ok(orders) => {
                    for order in orders {
                        self.look_at(&context, order);
                    }
                }
                Err(error) => warn(&error),
            }
            // Whoever is behind looks all the same.
            let _ = tokio::time::timeout(LOOK, heard.changed()).await;
        }
    }

    /// Takes an order, as a task of its own, when this process can carry it out. It may be looked at twice: one taking wins.
    fn look_at(self: &Arc<Self>, context: &Context, order: CallOrder) {
        let (calls, context) = (Arc::clone(self), context.clone());
        match order.deed {
            CallDeed::HangUp => {
                let Some(call) = self.table.named(order.tenant, &order.call) else {
                    return;
                };
                tokio::spawn(async move {
                    if !takes(&context, &order).await {
                        return;
                    }
                    let (done, ended) = oneshot::channel();
                    let asked = call.send(Ask::HangUp(done)).await.is_ok();
                    // A call that ends by itself at the same moment forgets who asked.
                    let outcome = if asked && ended.await.is_ok() {
                        OrderOutcome::Done
                    } else {
                        OrderOutcome::Gone
                    };
                    finishes(&context, &order, outcome, &order.call).await;
                });
            }
            CallDeed::Place => {
                tokio::spawn(async move { calls.places(&context, order).await });
            }
        }
    }

    /// Calls somebody's own telephones and then a number for him.
    async fn places(self: Arc<Self>, context: &Context, order: CallOrder) {
        let found = async {
            let card = context
                .directory()
                .calling_card(order.tenant, &order.number)
                .await?;
            let phones = match &card {
                Some(card) => context.phones(order.tenant, card.user).await?,
                None => Vec::new(),
            };
            Ok::<_, Error>((card, phones))
        };
        let (card, phones) = match found.await {
            Ok(found) => found,
            Err(error) => return warn(&error),
        };
        if !phones.iter().any(|phone| phone.here) {
            tokio::time::sleep(YIELD).await;
        }
        if !takes(context, &order).await {
            return;
        }
        let (Some(card), false) = (card, phones.is_empty()) else {
            return finishes(context, &order, OrderOutcome::NoPhone, "").await;
        };
        let mut record = Record::begin(
            context.directory().clone(),
            Arc::clone(&self.clock),
            order.tenant,
            &self.new_id(),
            (&order.number, &card.domain),
            &order.target,
            "",
        );
        record.goes_to(std::slice::from_ref(&order.target), None, "");
        record.announced().await;
        let seat = self.table.seat(order.tenant, record.id());
        finishes(context, &order, OrderOutcome::Done, record.id()).await;
        self.connects(context, &order, &card, phones, record, seat).await;
    }

    /// Rings the telephones of who asked; when he answers, leads him to the number.
    async fn connects(
        self: &Arc<Self>,
        context: &Context,
        order: &CallOrder,
        card: &CallingCard,
        phones: Vec<Phone>,
        mut record: Record,
        seat: Seat,
    ) {
        let shown = sip::address(&order.target, &card.domain);
        let caller = sip::address(&order.number, &card.domain);
        let (Some(shown), Some(caller)) = (shown, caller) else {
            return record.end(400, None).await;
        };
        let target = |phone: Phone| Target::Device {
            user: card.user,
            number: order.number.clone(),
            instance_id: phone.instance_id,
            contact: phone.contact,
        };
        let own = Ring {
            targets: phones.into_iter().map(target).collect(),
            seconds: RINGS,
            headers: Headers::default(),
            music: None,
        };
        let offer = Offer {
            caller: shown,
            name: String::new(),
            body: media::nowhere(self.new_number()),
            content_type: None,
            hops: HOPS,
            headers: Vec::new(),
        };
        let path = std::slice::from_ref(&order.number);
        record.goes_to(path, None, "asked for over the API: his own telephones first");
        let mut front = Front::new(record, Waits::Nobody, Some(seat));
        let outcome = ring(context, self, order.tenant, &own, &offer, &mut front).await;
        front
            .record
            .goes_to(std::slice::from_ref(&order.target), None, "");
        let winner = match outcome {
            Outcome::Answered(winner) => *winner,
            Outcome::Cancelled => return front.cancel(self).await,
            Outcome::Busy => return front.refuse(self, 486, "").await,
            Outcome::NoAnswer | Outcome::Unreachable => return front.refuse(self, 480, "").await,
        };
        let side = winner.into_side(&offer.body);
        let (Some(said), Some(seat)) = (side.party.described(), front.seat) else {
            side.party.leave(self, None);
            return front.record.end(488, None).await;
        };
        let way = Way {
            tenant: order.tenant,
            goal: Goal::Number {
                account: order.number.clone(),
                dialled: order.target.clone(),
            },
            offer: Offer {
                caller,
                name: card.name.clone(),
                body: said,
                ..offer
            },
            record: front.record,
        };
        seat.waits(&side.party);
        let waiting = Waiting {
            side,
            music: None,
            joining: None,
            lead: Lead::start(self, context, way),
            seat,
        };
        waiting.run(Arc::clone(self), context.clone()).await;
    }
}

/// Takes an order; tells whether it is this process's now.
async fn takes(context: &Context, order: &CallOrder) -> bool {
    let taken = context.directory().take_call_order(order, context.name()).await;
    taken.unwrap_or_else(|error| {
        warn(&error);
        false
    })
}

async fn finishes(context: &Context, order: &CallOrder, outcome: OrderOutcome, call: &str) {
    if let Err(error) = context.directory().finish_call_order(order, outcome, call).await {
        warn(&error);
    }
}
