//! Two sides that speak: what one asks is asked of the other, until one of them hangs up or is transferred.

use std::sync::Arc;

use jackfield_domain::EndReason;
use parking_lot::Mutex;
use rsipstack::{
    dialog::{
        DialogId,
        dialog::{DialogState, DialogStateReceiver, TransactionHandle},
        invite_dialog::InviteDialog,
    },
    sip::{Method, Request, StatusCodeKind},
};
use tokio::sync::oneshot;

use super::{
    Calls,
    joining::Joining,
    lead::{Lead, News, invited},
    media::{self, Origin},
    moving::{Moved, Moving},
    record::Record,
    sip,
    table::{Ask, Seat},
    transfer,
    waiting::{Music, Waiting},
};
use crate::Context;

/// A side of a call: its dialog with us, and what was said of sound and picture on it.
pub(super) struct Party {
    pub(super) dialog: InviteDialog,
    /// Its number.
    pub(super) number: String,
    /// Whether it is an extension of the tenant, on whose account calls may be transferred.
    pub(super) extension: bool,
    /// The description that it sent last.
    said: Mutex<Vec<u8>>,
    /// What it was shown of the other side.
    shown: Mutex<Origin>,
}

impl Party {
    /// A side that has answered, or was answered: with the description that it sent and what it was shown.
    pub(super) fn new(
        dialog: InviteDialog,
        (number, extension): (String, bool),
        said: &[u8],
        shown: Origin,
    ) -> Arc<Self> {
        Arc::new(Self {
            dialog,
            number,
            extension,
            said: Mutex::new(said.to_vec()),
            shown: Mutex::new(shown),
        })
    }

    /// Notes what it says of itself.
    pub(super) fn says(&self, description: &[u8]) {
        if !description.is_empty() {
            *self.said.lock() = description.to_vec();
        }
    }

    /// A description as it is shown this one.
    pub(super) fn show(&self, description: &[u8]) -> Vec<u8> {
        self.shown.lock().show(description)
    }

    /// What it was shown until now.
    pub(super) fn shown(&self) -> Origin {
        self.shown.lock().clone()
    }

    /// What it said last, as an offer to somebody new; none when it never described anything.
    pub(super) fn described(&self) -> Option<Vec<u8>> {
        let said = self.said.lock();
        (!said.is_empty()).then(|| media::unheld(&said))
    }

    /// Hangs up, as a task of its own: whoever is gone does not answer.
    pub(super) fn leave(self: &Arc<Self>, calls: &Calls, reason: Option<String>) {
        let (party, dialogs) = (Arc::clone(self), calls.dialogs.get().cloned());
        tokio::spawn(async move {
            let ended = match reason {
                Some(reason) => party.dialog.bye_with_reason(reason).await,
                None => party.dialog.bye().await,
            };
            if let Err(error) = ended {
                tracing::debug!("a side of a call could not be told that it is over: {error}");
            }
            if let Some(dialogs) = dialogs {
                dialogs.remove_dialog(&party.dialog.id());
            }
        });
    }
}

/// A side of a call, and what happens to it.
pub(super) struct Side {
    pub(super) party: Arc<Party>,
    pub(super) states: DialogStateReceiver,
    /// Whether it has hung up.
    pub(super) over: bool,
}

impl Side {
    pub(super) fn new(party: Arc<Party>, states: DialogStateReceiver) -> Self {
        Self {
            party,
            states,
            over: false,
        }
    }
}

/// A call between two sides.
pub(super) struct Talk {
    /// The caller, and who answered.
    pub(super) sides: [Side; 2],
    pub(super) record: Record,
    /// Its place among the calls that go on.
    pub(super) seat: Seat,
    /// The transfer that is going on.
    pub(super) transfer: Option<Transfer>,
    /// Who is to come in place of a side; never during a transfer.
    pub(super) moving: Option<Moving>,
}

/// A side that is led to somebody else.
pub(super) struct Transfer {
    /// The place of the side that asked for it.
    pub(super) by: usize,
    /// The way to who is called for it; none when that side spoke with him already.
    pub(super) lead: Option<Lead>,
    /// Who is to speak with the other side; with the record of that call, when he was called for it.
    pub(super) joining: Option<Joining<Option<Record>>>,
    /// Tells that side how it goes.
    pub(super) notices: transfer::Notices,
}

enum Event {
    Side(usize, Option<DialogState>),
    Asked(Option<Ask>),
    News(Option<News>),
    Joined(bool),
    Moved(Moved),
}

impl Transfer {
    async fn next(&mut self) -> Event {
        match (&mut self.joining, &mut self.lead) {
            // What comes next is looked at once that is done.
            (Some(joining), _) => Event::Joined(joining.ends().await),
            (None, Some(lead)) => Event::News(lead.news.recv().await),
            (None, None) => std::future::pending().await,
        }
    }
}

impl Talk {
    pub(super) fn new(caller: Side, answerer: Side, record: Record, seat: Seat) -> Self {
        seat.speaks([&caller.party, &answerer.party]);
        Self {
            sides: [caller, answerer],
            record,
            seat,
            transfer: None,
            moving: None,
        }
    }

    /// The side at a place, and the other one.
    pub(super) fn seen_from(&self, place: usize) -> (&Side, &Side) {
        let [caller, answerer] = &self.sides;
        if place == 0 {
            (caller, answerer)
        } else {
            (answerer, caller)
        }
    }

    async fn next(&mut self) -> Event {
        let [caller, answerer] = &mut self.sides;
        let (transfer, moving) = (&mut self.transfer, &mut self.moving);
        let transferred = async {
            match transfer {
                Some(transfer) => transfer.next().await,
                None => std::future::pending().await,
            }
        };
        let moved = async {
            match moving {
                Some(moving) => moving.ends().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            state = caller.states.recv(), if !caller.over => Event::Side(0, state),
            state = answerer.states.recv(), if !answerer.over => Event::Side(1, state),
            ask = self.seat.asks.recv() => Event::Asked(ask),
            event = transferred => event,
            moved = moved => Event::Moved(moved),
        }
    }

    /// The reason when the side at this place hangs up.
    pub(super) fn reason(place: usize) -> EndReason {
        if place == 0 {
            EndReason::CallerDisconnected
        } else {
            EndReason::CalleeDisconnected
        }
    }

    /// Carries the call on until it is over, and writes its record.
    pub(super) async fn run(mut self, calls: &Arc<Calls>, context: &Context) {
        let mut renewed = tokio::spawn(self.record.clone().renew());
        loop {
            match self.next().await {
                Event::Side(place, None | Some(DialogState::Terminated(..))) => {
                    if self.leaves(calls, place).await {
                        renewed.abort();
                        return self.record.end(200, Some(Self::reason(place))).await;
                    }
                }
                Event::Side(place, Some(DialogState::Refer(_, request, handle))) => {
                    transfer::asked(&mut self, calls, context, place, &request, handle).await;
                }
                Event::Side(place, Some(state)) => self.hands_on(place, state),
                Event::News(news) => {
                    if let Some(reason) = transfer::news(&mut self, calls, news) {
                        renewed.abort();
                        return self.record.end(200, Some(reason)).await;
                    }
                }
                Event::Joined(joined) => match transfer::joined(&mut self, calls, joined).await {
                    transfer::Went::On => {}
                    transfer::Went::Over(reason) => {
                        renewed.abort();
                        return self.record.end(200, Some(reason)).await;
                    }
                    transfer::Went::Waits(music) => {
                        renewed.abort();
                        return self.waits(calls, context, *music).await;
                    }
                    transfer::Went::Another(record, reason) => {
                        renewed.abort();
                        let before = std::mem::replace(&mut self.record, *record);
                        before.end(200, Some(reason)).await;
                        renewed = tokio::spawn(self.record.clone().renew());
                    }
                },
                Event::Asked(Some(Ask::HangUp(done))) => {
                    renewed.abort();
                    let next = self.give_up(calls);
                    for side in self.sides.iter().filter(|side| !side.over) {
                        side.party.leave(calls, None);
                    }
                    for mut record in std::iter::once(self.record).chain(next) {
                        record.notes("ended over the API");
                        record.end(200, None).await;
                    }
                    // Whoever asked may have gone.
                    let _ = done.send(());
                    return;
                }
                Event::Asked(Some(Ask::Release { dialog, give })) => {
                    let by = self
                        .sides
                        .iter()
                        .position(|side| side.party.dialog.id() == dialog);
                    let (Some(by), false) = (by, self.is_changing()) else {
                        let _ = give.send(None);
                        continue;
                    };
                    renewed.abort();
                    let [mut asks, mut other] = self.sides;
                    if by == 1 {
                        std::mem::swap(&mut asks, &mut other);
                    }
                    asks.party.leave(calls, None);
                    if let Err(Some(unwanted)) = give.send(Some(other)) {
                        unwanted.party.leave(calls, None);
                    }
                    return self.record.end(200, Some(EndReason::Replaced)).await;
                }
                Event::Asked(Some(Ask::Replace {
                    dialog,
                    offer,
                    answer,
                    new,
                })) => self.is_replaced(&dialog, (&offer, answer), new),
                Event::Moved(moved) => self.moved(calls, moved),
                // Nobody rings who could be relieved of it.
                Event::Asked(None) => {}
            }
        }
    }

    /// Whether one of its sides is on its way to be another one.
    pub(super) fn is_changing(&self) -> bool {
        self.transfer.is_some() || self.moving.is_some()
    }

    /// Lets another telephone of the same extension take the place of one: its opposite is asked to hear it.
    fn is_replaced(
        &mut self,
        dialog: &DialogId,
        (offer, answer): (&[u8], oneshot::Sender<Option<Vec<u8>>>),
        new: oneshot::Receiver<Side>,
    ) {
        let mut sides = self.sides.iter();
        let place = sides.position(|side| side.party.dialog.id() == *dialog);
        let (Some(place), false) = (place, self.is_changing()) else {
            // Nobody waits any more when it gave up.
            let _ = answer.send(None);
            return;
        };
        let kept = Arc::clone(&self.seen_from(place).1.party);
        self.moving = Some(Moving::begin(place, kept, offer, answer, new));
    }

    /// What became of who was to come in place of a side.
    fn moved(&mut self, calls: &Calls, moved: Moved) {
        let Some(Moving { place, .. }) = self.moving.take() else {
            return;
        };
        match (moved, self.sides.get_mut(place)) {
            (Moved::Comes(side), Some(own)) => {
                let old = std::mem::replace(own, *side);
                old.party.leave(calls, None);
                let [caller, answerer] = &self.sides;
                self.seat.speaks([&caller.party, &answerer.party]);
            }
            (Moved::Gone, Some(_)) => {
                let (old, kept) = self.seen_from(place);
                // The other side is to hear again whom it heard before.
                if let Some(before) = old.party.described() {
                    let kept = Arc::clone(&kept.party);
                    tokio::spawn(async move { invited(&kept, &before).await });
                }
            }
            (Moved::Refused, _) | (_, None) => {}
        }
    }

    /// The side that is transferred waits in a queue now; who transferred it is done.
    async fn waits(self, calls: &Arc<Calls>, context: &Context, music: Music) {
        let Self {
            sides: [caller, answerer],
            record,
            mut seat,
            transfer,
            ..
        } = self;
        let Some(Transfer {
            by,
            lead: Some(lead),
            notices,
            ..
        }) = transfer
        else {
            return;
        };
        notices.end(200);
        record.end(200, Some(EndReason::BlindTransferCompleted)).await;
        let side = if by == 0 { answerer } else { caller };
        seat.becomes(&lead.id);
        seat.waits(&side.party);
        let waiting = Waiting {
            side,
            music: Some(music),
            joining: None,
            seat,
            lead,
        };
        waiting.run(Arc::clone(calls), context.clone()).await;
    }

    /// Ends a transfer that is going on, and lets nobody in any more. Gives the record of who answered it already, which has to be
    /// ended.
    fn give_up(&mut self, calls: &Arc<Calls>) -> Option<Record> {
        if let Some(moving) = self.moving.take() {
            moving.give_up(calls);
        }
        let Transfer { lead, joining, .. } = self.transfer.take()?;
        if let Some(lead) = lead {
            let calls = Arc::clone(calls);
            tokio::spawn(async move { lead.give_up(&calls).await });
        }
        joining?.give_up(calls).flatten()
    }

    /// A side has hung up; tells whether the call is over with it.
    async fn leaves(&mut self, calls: &Arc<Calls>, place: usize) -> bool {
        let by = self.transfer.as_ref().map(|transfer| transfer.by);
        let Some(side) = self.sides.get_mut(place) else {
            return true;
        };
        side.over = true;
        if let Some(dialogs) = calls.dialogs.get() {
            dialogs.remove_dialog(&side.party.dialog.id());
        }
        if by == Some(place) {
            // Whoever transfers need not wait for it; the other side is led on.
            self.record.stops();
            return false;
        }
        let next = self.give_up(calls);
        for side in self.sides.iter().filter(|side| !side.over) {
            side.party.leave(calls, None);
        }
        if let Some(record) = next {
            // Whoever is transferred calls.
            record.end(200, Some(EndReason::CallerDisconnected)).await;
        }
        true
    }

    /// Hands on what a side asks.
    fn hands_on(&self, place: usize, state: DialogState) {
        let (own, other) = self.seen_from(place);
        // Without him it is on its way to somebody else; and two offers at once do not go (RFC 3261 §14.1).
        let joins = self
            .transfer
            .as_ref()
            .is_some_and(|transfer| transfer.joining.is_some());
        let offers = (self.moving.is_some() || joins) && matches!(state, DialogState::Updated(..));
        hand_on(
            &own.party,
            (!other.over && !offers).then_some(&other.party),
            state,
        );
    }
}

/// Hands on what one side asks to the other; refuses it while there is none.
pub(super) fn hand_on(own: &Arc<Party>, other: Option<&Arc<Party>>, state: DialogState) {
    let (request, handle, other) = match state {
        DialogState::Updated(_, request, handle) | DialogState::Info(_, request, handle) => {
            (request, handle, other.map(Arc::clone))
        }
        // Who waits leads nobody elsewhere.
        DialogState::Refer(_, request, handle) => (request, handle, None),
        _ => return,
    };
    let own = Arc::clone(own);
    // Apart, so that hanging up does not wait for an answer.
    tokio::spawn(async move {
        if let Some(other) = other {
            return relay(&own, &other, request, handle).await;
        }
        let _ = handle.reply(sip::code(491)).await;
    });
}

/// Asks the other side the same and answers what it says.
async fn relay(own: &Party, other: &Party, request: Request, handle: TransactionHandle) {
    let (headers, body) = sip::body_of_request(&request);
    let body = body.map(|body| other.show(&body));
    // A digit that somebody dials describes nothing.
    let describes = matches!(request.method, Method::Invite | Method::Update);
    let answer = match request.method {
        Method::Invite => other.dialog.reinvite(headers, body).await,
        method => other.dialog.request(method, headers, body).await,
    };
    let answered = match answer {
        Ok(Some(response)) => {
            let (headers, body) = sip::body_of_response(&response);
            // What is refused leaves everything as it was (RFC 3261 §14.1).
            if describes && response.status_code.kind() == StatusCodeKind::Successful {
                own.says(&request.body);
                other.says(&response.body);
            }
            let body = body.map(|body| own.show(&body));
            handle.respond(response.status_code, headers, body).await
        }
        Ok(None) => handle.reply(sip::code(481)).await,
        Err(error) => {
            tracing::debug!("a request within a call could not be handed on: {error}");
            handle.reply(sip::code(408)).await
        }
    };
    if answered.is_err() {
        tracing::debug!("the side that asked has gone");
    }
}
