//! Going through a plan until somebody answers: for a caller who waits, and for a side that speaks already and is led to
//! somebody else.

use std::sync::Arc;

use jackfield_directory::Calling;
use jackfield_domain::{
    Caller, EndReason, Error, TenantId,
    route::{Action, MediaService, Plan, Refusal, Step},
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

use super::{
    Calls,
    bridge::{Party, Side},
    engine::{Handed, hand, wait},
    fork::{Offer, Outcome, Winner, ring},
    front::{Front, Waits},
    media::{self, Origin},
    record::Record,
    sip,
};
use crate::{Context, engine::HandedBecause, trunk::dial::Outside};

/// How going through a plan ended.
pub(super) enum Led {
    /// Somebody answered.
    Answered(Box<Winner>),
    /// Nobody did: with this status, and why.
    Refused(u16, String),
    /// Nobody waits any more.
    GivenUp,
    /// The engine plays the music of a queue to a caller, who is to be answered with it; the plan goes on at this step.
    Waits(Box<Winner>, usize),
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

/// The queue that a step belongs to, whose music is heard meanwhile.
fn queue_of(step: &Step) -> Option<&str> {
    match &step.action {
        Action::Ring(ring) => ring.music.as_deref(),
        Action::Media {
            service: MediaService::Queue { number, .. },
            refusal: None,
        } => Some(number),
        Action::Media { .. } | Action::Refuse(_) => None,
    }
}

/// Goes through the plan, from a step on, until somebody answers or it ends.
pub(super) async fn lead(
    calls: &Calls,
    context: &Context,
    tenant: TenantId,
    (plan, mut place): (&Plan, usize),
    offer: &Offer,
    front: &mut Front,
) -> Led {
    let mut handed_because = HandedBecause::Unconditional;
    while let Some(step) = plan.steps.get(place) {
        let because = step.because.last().map_or("", String::as_str);
        let queue = queue_of(step);
        front.queues = queue.is_some();
        front.leaves_queue &= front.queues;
        if let (true, Some(next)) = (front.leaves_queue, step.next) {
            place = next.no_answer;
            continue;
        }
        front.record.goes_to(&step.path, step.service.as_deref(), because);
        let handed = Handed {
            tenant,
            path: &step.path,
            because: handed_because,
        };
        if let Some(queue) = queue
            && front.music.as_deref() != Some(queue)
        {
            front.music = Some(queue.to_owned());
            let service = MediaService::Queue {
                number: queue.to_owned(),
                seconds: 0,
            };
            match hand(calls, context, handed, &service, offer, front).await {
                Outcome::Answered(music) => {
                    if let Some(led) = plays(calls, front, music, place, &offer.body).await {
                        return led;
                    }
                }
                Outcome::Cancelled => return Led::GivenUp,
                // Agents are rung all the same; the caller hears that it rings.
                Outcome::Busy | Outcome::NoAnswer | Outcome::Unreachable => {
                    tracing::warn!(
                        queue,
                        "callers of a queue hear no music: the media engine does not play it"
                    );
                }
            }
        }
        let outcome = match &step.action {
            // There may be no engine to hand it to.
            Action::Refuse(refusal)
            | Action::Media {
                refusal: Some(refusal),
                ..
            } => return refused(*refusal, because, front),
            Action::Media {
                service: MediaService::Queue { number, seconds },
                ..
            } => wait(calls, context, (tenant, number, *seconds), offer, front).await,
            Action::Media { service, .. } => {
                return match hand(calls, context, handed, service, offer, front).await {
                    Outcome::Answered(winner) => {
                        front.record.is_served(service, handed_because);
                        Led::Answered(winner)
                    }
                    Outcome::Cancelled => Led::GivenUp,
                    Outcome::Busy | Outcome::NoAnswer | Outcome::Unreachable => unserved(front),
                };
            }
            Action::Ring(rung) => {
                let over = rung.targets.iter().find_map(|target| Outside::of(tenant, target));
                front.record.goes_over(match over {
                    Some(over) => over.over(context, front.record.caller()).await,
                    None => None,
                });
                ring(context, calls, tenant, rung, offer, front).await
            }
        };
        (place, handed_because) = match (outcome, step.next) {
            (Outcome::Answered(winner), _) => return Led::Answered(winner),
            (Outcome::Cancelled, _) => return Led::GivenUp,
            (Outcome::Busy, Some(next)) => (next.busy, HandedBecause::Busy),
            (Outcome::NoAnswer, Some(next)) => (next.no_answer, HandedBecause::NoAnswer),
            (Outcome::Unreachable, Some(next)) => (next.unreachable, HandedBecause::Unreachable),
            // A step that rings always leads on.
            (_, None) => break,
        };
    }
    Led::Refused(Refusal::UNAVAILABLE.status, "nobody answers".to_owned())
}

/// The engine plays music: who speaks already hears of it, and the plan goes on; a caller has to be answered first.
async fn plays(calls: &Calls, front: &Front, music: Box<Winner>, place: usize, shown: &[u8]) -> Option<Led> {
    match &front.waits {
        Waits::Caller { .. } => return Some(Led::Waits(music, place)),
        Waits::Side { news, .. } => {
            if let Err(mpsc::error::SendError(news)) = news.send(News::Music(music)).await {
                unheard(calls, news, shown).await;
            }
        }
        // Whose own telephones ring hears nothing before he answers.
        Waits::Nobody => music.into_side(shown).party.leave(calls, None),
    }
    None
}

/// The plan ends in a refusal. What a provider says of the number itself is of more use than that no other trunk is left.
fn refused(refusal: Refusal, because: &str, front: &Front) -> Led {
    match front.record.last_outside() {
        Some(status @ (404 | 410 | 484)) if refusal == Refusal::NO_WAY => {
            Led::Refused(status, "the provider knows no such number".to_owned())
        }
        _ => Led::Refused(refusal.status, because.to_owned()),
    }
}

/// The engine did not take the call: how the caller is refused.
fn unserved(front: &Front) -> Led {
    match front.record.last_status() {
        0 | 408 => Led::Refused(
            Refusal::NO_WAY.status,
            "the media engine does not answer".to_owned(),
        ),
        status @ 500..600 => Led::Refused(
            Refusal::NO_WAY.status,
            format!("the media engine failed with {status}"),
        ),
        status => Led::Refused(
            Refusal::UNAVAILABLE.status,
            format!("the media engine refused the call with {status}"),
        ),
    }
}

/// What a side that is led elsewhere hears.
pub(super) enum News {
    /// It rings there.
    Rings,
    /// Somebody answered.
    Answered(Box<(Winner, Record)>),
    /// The engine plays the music of a queue to it while agents are rung.
    Music(Box<Winner>),
    /// Nobody did, and why; that is recorded.
    Refused(u16, String),
}

/// A side that is led to somebody else. Dropping it gives that up.
pub(super) struct Lead {
    /// What happens.
    pub(super) news: mpsc::Receiver<News>,
    /// What the other side is shown meanwhile.
    pub(super) shown: Vec<u8>,
    /// The id of its call.
    pub(super) id: String,
    leaves: Arc<Notify>,
    task: JoinHandle<()>,
}

/// Where a side is led.
pub(super) struct Way {
    pub(super) tenant: TenantId,
    pub(super) goal: Goal,
    pub(super) offer: Offer,
    pub(super) record: Record,
}

/// What a side is led to.
pub(super) enum Goal {
    /// What this number leads to.
    Number {
        /// On whose account.
        account: String,
        /// What is dialled.
        dialled: String,
    },
    /// What a plan says from a step on, which belongs to a queue whose music is heard.
    Step(Plan, usize),
}

impl Lead {
    /// Begins to lead a side somewhere.
    pub(super) fn start(calls: &Arc<Calls>, context: &Context, way: Way) -> Self {
        let (sender, news) = mpsc::channel(4);
        let (calls, context, shown) = (Arc::clone(calls), context.clone(), way.offer.body.clone());
        let (id, leaves) = (way.record.id().to_owned(), Arc::new(Notify::new()));
        let waits = Waits::Side {
            news: sender.clone(),
            leaves: Arc::clone(&leaves),
        };
        let task = tokio::spawn(async move { go(&calls, &context, way, waits, sender).await });
        Self {
            news,
            shown,
            id,
            leaves,
            task,
        }
    }

    /// Has the side leave the queue that it waits in.
    pub(super) fn leaves_queue(&self) {
        self.leaves.notify_one();
    }

    /// Gives it up, and returns when that is recorded.
    pub(super) async fn give_up(mut self, calls: &Calls) {
        self.news.close();
        while let Some(news) = self.news.recv().await {
            unheard(calls, news, &self.shown).await;
        }
        // It is over in any case.
        let _ = self.task.await;
    }
}

/// Nobody waits for these news any more: whoever answered is left.
async fn unheard(calls: &Calls, news: News, shown: &[u8]) {
    match news {
        News::Answered(answer) => {
            let (winner, record) = *answer;
            winner.into_side(shown).party.leave(calls, None);
            record.end(487, Some(EndReason::Cancelled)).await;
        }
        News::Music(music) => music.into_side(shown).party.leave(calls, None),
        News::Rings | News::Refused(..) => {}
    }
}

async fn go(calls: &Calls, context: &Context, way: Way, waits: Waits, sender: mpsc::Sender<News>) {
    let Way {
        tenant,
        goal,
        offer,
        record,
    } = way;
    let mut front = Front::new(record, waits, None);
    let planned = match goal {
        Goal::Number { account, dialled } => {
            let planned = plan(context, tenant, Calling::Extension(account), &dialled);
            planned.await.map(|plan| (plan, 0))
        }
        Goal::Step(plan, place) => {
            front.music = plan.steps.get(place).and_then(queue_of).map(str::to_owned);
            Ok((plan, place))
        }
    };
    let led = match planned {
        Ok((plan, place)) => lead(calls, context, tenant, (&plan, place), &offer, &mut front).await,
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
            let answered = News::Answered(Box::new((*winner, record)));
            if let Err(mpsc::error::SendError(news)) = sender.send(answered).await {
                unheard(calls, news, &offer.body).await;
            }
        }
        Led::Refused(status, why) => {
            front.record.end(status, None).await;
            let _ = sender.send(News::Refused(status, why)).await;
        }
        Led::GivenUp => front.record.end(487, Some(EndReason::Cancelled)).await,
        // Only a caller has to be answered first.
        Led::Waits(music, _) => {
            music.into_side(&offer.body).party.leave(calls, None);
            front.record.end(500, None).await;
        }
    }
}

impl Winner {
    /// His side of the call, with what he was shown of the other.
    pub(super) fn into_side(self, shown: &[u8]) -> Side {
        let who = (self.number, self.extension);
        let shown = self.shown.unwrap_or_else(|| Origin::of(shown));
        let party = Party::new(self.dialog, who, &self.said, shown);
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
pub(super) async fn invited(party: &Party, description: &[u8]) -> Option<Vec<u8>> {
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
