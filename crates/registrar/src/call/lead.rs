//! Going through a plan until somebody answers: for a caller who waits, and for a side that speaks already and is led to
//! somebody else.

use std::sync::Arc;

use jackfield_directory::Calling;
use jackfield_domain::{
    Caller, EndReason, Error, TenantId,
    route::{Action, Plan, Refusal},
};
use rsipstack::{
    dialog::{dialog::DialogStateReceiver, invite_dialog::InviteDialog},
    transaction::transaction::TransactionEventSender,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    Calls,
    bridge::{Party, Side},
    fork::{Offer, Outcome, Sign, Winner, ring},
    media::{self, Origin},
    record::Record,
    sip,
    table::{Ask, Seat},
};
use crate::{Context, trunk::dial::Outside};

/// How going through a plan ended.
pub(super) enum Led {
    /// Somebody answered.
    Answered(Box<Winner>),
    /// Nobody did: with this status, and why.
    Refused(u16, String),
    /// Nobody waits any more.
    GivenUp,
}

/// Who waits for an answer.
pub(super) enum Waits {
    /// A caller.
    Caller {
        /// His side, which is not answered yet.
        dialog: InviteDialog,
        /// Told when he gives up.
        given_up: mpsc::Receiver<()>,
        /// The channel of states, when he has acknowledged the answer.
        acknowledged: oneshot::Receiver<DialogStateReceiver>,
        /// Sends his transaction an answer as it is.
        answers: TransactionEventSender,
        /// Whether he described himself, so that a description answers his.
        described: bool,
    },
    /// A side that speaks already; it gives up when it listens no more.
    Side(mpsc::Sender<News>),
    /// Nobody yet: who asked for the call is called himself.
    Nobody,
}

/// A call that nobody has answered.
pub(super) struct Front {
    pub(super) record: Record,
    pub(super) waits: Waits,
    /// Its place among the calls that go on; none for one that takes the place of another when it is answered.
    pub(super) seat: Option<Seat>,
    /// Whether it was said that it rings.
    told: bool,
    /// The description that the caller heard before anybody answered.
    pub(super) early: Option<Vec<u8>>,
    /// Who ended it from outside, and waits for its record.
    done: Option<oneshot::Sender<()>>,
}

impl Front {
    pub(super) fn new(record: Record, waits: Waits, seat: Option<Seat>) -> Self {
        Self {
            record,
            waits,
            seat,
            told: false,
            early: None,
            done: None,
        }
    }

    /// A called side rings: who waits hears of the first one, and a caller of the first description, so that he hears what that
    /// side plays to him. To a caller there is one dialog, in which the first description is the one that counts (RFC 3261 §13.2.1).
    pub(super) async fn rings(&mut self, sign: &Sign) {
        match &self.waits {
            // It is the caller's own.
            Waits::Nobody => return,
            Waits::Caller {
                dialog,
                answers,
                described: true,
                ..
            } if self.early.is_none() && !sign.said.is_empty() => {
                sip::early(dialog, answers, sign.status, &sign.said);
                self.early = Some(sign.said.clone());
            }
            _ if self.told => {}
            Waits::Caller { dialog, .. } => {
                if let Err(error) = dialog.ringing(None, None) {
                    tracing::debug!("the caller could not be told that it rings: {error}");
                }
            }
            Waits::Side(news) => {
                // Who listens no more has given up, which is noticed elsewhere.
                let _ = news.try_send(News::Rings);
            }
        }
        self.told = true;
        self.record.rings().await;
    }

    /// Done when nobody waits any more.
    pub(super) async fn gives_up(&mut self) {
        let seat = &mut self.seat;
        let asked = async {
            while let Some(seat) = seat {
                match seat.asks.recv().await {
                    Some(Ask::HangUp(done)) => return Some(done),
                    // There is nobody to be given away.
                    Some(Ask::Release { .. }) => {}
                    None => break,
                }
            }
            std::future::pending().await
        };
        let gone = async {
            match &mut self.waits {
                Waits::Caller { given_up, .. } => {
                    let _ = given_up.recv().await;
                }
                Waits::Side(news) => news.closed().await,
                Waits::Nobody => std::future::pending().await,
            }
        };
        tokio::select! {
            done = asked => self.done = done,
            () = gone => {}
        }
    }

    /// Ends a call that nobody answered.
    pub(super) async fn refuse(self, calls: &Calls, status: u16, because: &str) {
        self.reject(calls, status, Some(reason(status, because)));
        self.record.end(status, None).await;
    }

    /// Ends a call that was given up.
    pub(super) async fn cancel(mut self, calls: &Calls) {
        // Who gave up himself is not there any more.
        self.reject(calls, 487, None);
        let ended = if self.done.is_some() {
            self.record.notes("ended over the API");
            None
        } else {
            Some(EndReason::Cancelled)
        };
        self.record.end(487, ended).await;
        if let Some(done) = self.done {
            let _ = done.send(());
        }
    }

    fn reject(&self, calls: &Calls, status: u16, reason: Option<String>) {
        let Waits::Caller { dialog, .. } = &self.waits else {
            return;
        };
        if let Err(error) = dialog.reject(Some(sip::code(status)), reason) {
            tracing::debug!("a call could not be refused: {error}");
        }
        if let Some(dialogs) = calls.dialogs.get() {
            dialogs.remove_dialog(&dialog.id());
        }
    }
}

/// The value of `Reason` (RFC 3326).
pub(super) fn reason(status: u16, because: &str) -> String {
    let text: String = because
        .chars()
        .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
        .collect();
    format!("SIP;cause={status};text=\"{text}\"")
}

/// Asks the directory which way a call goes.
pub(super) async fn plan(
    context: &Context,
    tenant: TenantId,
    from: Calling,
    dialled: &str,
) -> Result<Plan, Error> {
    let reporter = Arc::new(Caller::program(tenant)).reporter()?;
    context.directory().plan_call(&reporter, from, dialled).await
}

/// Goes through the plan until somebody answers or it ends.
pub(super) async fn lead(
    calls: &Calls,
    context: &Context,
    tenant: TenantId,
    plan: &Plan,
    offer: &Offer,
    front: &mut Front,
) -> Led {
    let mut place = 0;
    while let Some(step) = plan.steps.get(place) {
        let because = step.because.last().map_or("", String::as_str);
        front.record.goes_to(&step.path, step.service.as_deref(), because);
        let rung = match &step.action {
            Action::Refuse(refusal) => return Led::Refused(refusal.status, because.to_owned()),
            // There is no engine to hand it to.
            Action::Media { .. } => {
                return Led::Refused(Refusal::UNAVAILABLE.status, because.to_owned());
            }
            Action::Ring(rung) => rung,
        };
        let over = rung.targets.iter().find_map(|target| Outside::of(tenant, target));
        front.record.goes_over(match over {
            Some(over) => over.over(context, front.record.caller()).await,
            None => None,
        });
        let outcome = ring(context, calls.dialogs(context), tenant, rung, offer, front).await;
        place = match (outcome, step.next) {
            (Outcome::Answered(winner), _) => return Led::Answered(winner),
            (Outcome::Cancelled, _) => return Led::GivenUp,
            (Outcome::Busy, Some(next)) => next.busy,
            (Outcome::NoAnswer, Some(next)) => next.no_answer,
            (Outcome::Unreachable, Some(next)) => next.unreachable,
            // A step that rings always leads on.
            (_, None) => break,
        };
    }
    Led::Refused(Refusal::UNAVAILABLE.status, "nobody answers".to_owned())
}

/// What a side that is led elsewhere hears.
pub(super) enum News {
    /// It rings there.
    Rings,
    /// Somebody answered.
    Answered(Box<(Winner, Record)>),
    /// Nobody did; that is recorded.
    Refused(u16),
}

/// A side that is led to somebody else. Dropping it gives that up.
pub(super) struct Lead {
    /// What happens.
    pub(super) news: mpsc::Receiver<News>,
    /// What the other side is shown meanwhile.
    pub(super) shown: Vec<u8>,
    task: JoinHandle<()>,
}

/// Where a side is led.
pub(super) struct Way {
    pub(super) tenant: TenantId,
    /// On whose account.
    pub(super) account: String,
    /// What is dialled.
    pub(super) dialled: String,
    pub(super) offer: Offer,
    pub(super) record: Record,
}

impl Lead {
    /// Begins to lead a side somewhere.
    pub(super) fn start(calls: &Arc<Calls>, context: &Context, way: Way) -> Self {
        let (sender, news) = mpsc::channel(4);
        let (calls, context, shown) = (Arc::clone(calls), context.clone(), way.offer.body.clone());
        let task = tokio::spawn(async move { go(&calls, &context, way, sender).await });
        Self { news, shown, task }
    }

    /// Gives it up, and returns when that is recorded.
    pub(super) async fn give_up(self) {
        drop(self.news);
        // It is over in any case.
        let _ = self.task.await;
    }
}

async fn go(calls: &Calls, context: &Context, way: Way, sender: mpsc::Sender<News>) {
    let Way {
        tenant,
        account,
        dialled,
        offer,
        record,
    } = way;
    let mut front = Front::new(record, Waits::Side(sender.clone()), None);
    let planned = plan(context, tenant, Calling::Extension(account), &dialled).await;
    let led = match planned {
        Ok(plan) => lead(calls, context, tenant, &plan, &offer, &mut front).await,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a call could not be planned"
            );
            Led::Refused(Refusal::NO_WAY.status, String::new())
        }
    };
    match led {
        Led::Answered(winner) => {
            let mut record = front.record;
            record.answered(&winner.number).await;
            let unheard = sender.send(News::Answered(Box::new((*winner, record)))).await;
            if let Err(mpsc::error::SendError(News::Answered(answer))) = unheard {
                let (winner, record) = *answer;
                winner.into_side(&offer.body).party.leave(calls, None);
                record.end(487, Some(EndReason::Cancelled)).await;
            }
        }
        Led::Refused(status, _) => {
            front.record.end(status, None).await;
            let _ = sender.send(News::Refused(status)).await;
        }
        Led::GivenUp => front.record.end(487, Some(EndReason::Cancelled)).await,
    }
}

impl Winner {
    /// His side of the call, with what he was shown of the other.
    pub(super) fn into_side(self, shown: &[u8]) -> Side {
        let who = (self.number, self.extension);
        let party = Party::new(self.dialog, who, &self.said, Origin::of(shown));
        Side::new(party, self.states)
    }
}

/// Lets two sides speak with each other that did not until now; tells whether they do. `shown` is what the new one was shown of
/// the one that is kept, nothing when that was somebody else.
///
/// Every offer goes in an `INVITE` and every answer in its 200, because answers in an `ACK` are known to few telephones.
pub(super) async fn join(kept: &Party, new: &Party, shown: &[u8]) -> bool {
    let Some(offer) = new.described() else {
        return false;
    };
    let Some(answer) = invited(kept, &offer).await else {
        return false;
    };
    if !media::alike(&answer, shown)
        && let Some(back) = invited(new, &answer).await
        && !media::alike(&back, &offer)
    {
        invited(kept, &back).await;
    }
    true
}

/// Tells who answered what a caller is, who called without describing himself and did so when he acknowledged.
pub(super) async fn describe(caller: &Party, answerer: &Party, shown: &[u8]) {
    if let Some(late) = caller.described()
        && let Some(back) = invited(answerer, &late).await
        && !media::alike(&back, shown)
    {
        invited(caller, &back).await;
    }
}

/// Asks a side for its description opposite to this one; none when it refuses.
async fn invited(party: &Party, description: &[u8]) -> Option<Vec<u8>> {
    /// How often it is asked when it asks for something at the same moment.
    const TRIES: usize = 3;
    let headers = Some(vec![sip::sdp()]);
    let body = Some(party.show(description));
    match party.dialog.reinvite_with_glare_retry(headers, body, TRIES).await {
        Ok(Some(answer)) if sip::is_good(&answer) => {
            party.says(&answer.body);
            Some(answer.body)
        }
        Ok(_) => None,
        Err(error) => {
            tracing::debug!("a side could not be connected with another: {error}");
            None
        }
    }
}
