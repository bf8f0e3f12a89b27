//! Hands a call to the media engine, and lets callers of a queue wait.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{Caller, TenantId, route::MediaService};
use rsipstack::{
    dialog::dialog_layer::DialogLayer,
    sip::{Header, Uri},
};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use super::{
    Calls,
    fork::{Leg, Offer, Outcome, Sign, race, ring, signs},
    front::{Front, Interrupted},
    legs::OpenLeg,
    peer::Peer,
    sip,
};
use crate::{
    Context,
    engine::{EngineAddress, EngineRequest, HandedBecause, HandedCall},
};

/// For how many seconds an engine may ring.
const RINGS: i64 = 60;
/// How long is waited until the agents of a queue are looked at again.
const PAUSE: Duration = Duration::from_secs(2);
/// How often it is said that a caller still waits: one who is not spoken of for three minutes is taken for lost.
const SAID: Duration = Duration::from_mins(1);

/// Where a call comes from that is for the engine.
#[derive(Clone, Copy)]
pub(super) struct Handed<'a> {
    pub(super) tenant: TenantId,
    /// The numbers that the call was for.
    pub(super) path: &'a [String],
    pub(super) because: HandedBecause,
}

/// Asks the engine to take a call.
pub(super) async fn hand(
    calls: &Calls,
    context: &Context,
    handed: Handed<'_>,
    service: &MediaService,
    offer: &Offer,
    front: &mut Front,
) -> Outcome {
    // The record is about the number that was called.
    let number = handed.path.last().cloned().unwrap_or_default();
    let open = front.record.asks(&number, "", "");
    let (rung, rings) = signs();
    let mut legs = JoinSet::new();
    match question(context, handed, service, front.record.call_id()).await {
        Some((address, request)) => {
            let (context, dialogs) = (context.clone(), Arc::clone(calls.dialogs(context)));
            let asks = ask(
                context,
                dialogs,
                (address, request),
                offer.clone(),
                (number, open),
                rung,
            );
            legs.spawn(asks);
        }
        None => drop(rung),
    }
    race(calls.dialogs(context), legs, rings, RINGS, front).await
}

/// How the engine is asked; none without an engine, and when what it has to know cannot be looked up.
async fn question(
    context: &Context,
    handed: Handed<'_>,
    service: &MediaService,
    call_id: &str,
) -> Option<(EngineAddress, EngineRequest)> {
    let engine = context.engine()?;
    let briefing = context.directory().media_briefing(handed.tenant, service);
    match briefing.await {
        Ok(briefing) => {
            let call = HandedCall {
                service,
                briefing: &briefing,
                path: handed.path,
                because: handed.because,
                call_id,
            };
            Some((engine.address().clone(), engine.request(&call)))
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what the media engine has to know could not be looked up"
            );
            None
        }
    }
}

/// Asks the engine at its address; none when there is no way to it.
async fn ask(
    context: Context,
    dialogs: Arc<DialogLayer>,
    (address, request): (EngineAddress, EngineRequest),
    mut offer: Offer,
    whom: (String, OpenLeg),
    rung: mpsc::Sender<Sign>,
) -> Option<Leg> {
    let EngineAddress { host, port, wire } = &address;
    let mut callee: Uri = sip::address(&request.user, host)?;
    callee.host_with_port.port = Some((*port).into());
    let told = request.headers.into_iter();
    offer
        .headers
        .extend(told.map(|(name, value)| Header::Other(name.to_owned(), value)));
    let engine = Peer {
        name: "the media engine",
        host,
        port: *port,
        wire: *wire,
        callee,
        line: "jackfield",
        credential: None,
    };
    engine.call(&context, &dialogs, &offer, whom, rung).await
}

/// Lets a caller wait in a queue for so many seconds at most: agents who are ready are rung, again and again, until one answers.
pub(super) async fn wait(
    calls: &Calls,
    context: &Context,
    (tenant, queue, seconds): (TenantId, &str, i64),
    offer: &Offer,
    front: &mut Front,
) -> Outcome {
    let end = Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    // Where no engine plays to him, he hears that it rings.
    front.rings(&Sign::ringing()).await;
    let mut said = Instant::now();
    loop {
        tokio::select! {
            interrupted = front.interrupted() => return match interrupted {
                Interrupted::GivenUp => Outcome::Cancelled,
                Interrupted::LeavesQueue => Outcome::NoAnswer,
                Interrupted::PickedUp(winner) => Outcome::Answered(winner),
            },
            () = tokio::time::sleep_until((Instant::now() + PAUSE).min(end)) => {}
        }
        if said.elapsed() >= SAID {
            front.record.rings().await;
            said = Instant::now();
        }
        for mut rung in ready(context, tenant, queue, left(end)).await {
            // Those before took some of the time.
            rung.seconds = rung.seconds.min(left(end));
            if rung.seconds <= 0 {
                break;
            }
            match ring(context, calls, tenant, &rung, offer, front).await {
                Outcome::Busy | Outcome::NoAnswer | Outcome::Unreachable if !front.leaves_queue => {}
                outcome => return outcome,
            }
        }
        if left(end) == 0 {
            return Outcome::NoAnswer;
        }
    }
}

/// The whole seconds until an instant.
fn left(end: Instant) -> i64 {
    let left = end.saturating_duration_since(Instant::now());
    i64::try_from(left.as_secs()).unwrap_or(i64::MAX)
}

async fn ready(
    context: &Context,
    tenant: TenantId,
    queue: &str,
    seconds: i64,
) -> Vec<jackfield_domain::route::Ring> {
    let Ok(reporter) = Arc::new(Caller::program(tenant)).reporter() else {
        return Vec::new();
    };
    let round = context.directory().queue_round(&reporter, queue, seconds).await;
    round.unwrap_or_else(|error| {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the agents of a queue could not be looked up"
        );
        Vec::new()
    })
}
