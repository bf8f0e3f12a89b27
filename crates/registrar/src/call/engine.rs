//! Hands a call to the media engine, and lets callers of a queue wait.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{Caller, TenantId, route::MediaService};
use rsipstack::{
    dialog::{dialog_layer::DialogLayer, invitation::InviteOption},
    sip::{Header, Uri},
};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use super::{
    Calls,
    fork::{Leg, Offer, Outcome, Sign, leg, race, ring, signs},
    front::{Front, Interrupted},
    legs::OpenLeg,
    sip,
};
use crate::{
    Context,
    engine::{EngineAddress, EngineRequest, HandedBecause, HandedCall},
    trunk::{PATIENCE, resolve},
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
            let asks = Asks {
                address,
                request,
                offer: offer.clone(),
            };
            let (context, dialogs) = (context.clone(), Arc::clone(calls.dialogs(context)));
            legs.spawn(asks.call(context, dialogs, (number, open), rung));
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

/// A question to the engine.
struct Asks {
    address: EngineAddress,
    request: EngineRequest,
    offer: Offer,
}

impl Asks {
    /// At each address of the engine in turn, until one takes the call or refuses it.
    async fn call(
        self,
        context: Context,
        dialogs: Arc<DialogLayer>,
        (number, open): (String, OpenLeg),
        rung: mpsc::Sender<Sign>,
    ) -> Option<Leg> {
        let EngineAddress { host, port, .. } = &self.address;
        let mut last = None;
        for address in resolve(host, *port).await {
            let Some(option) = self.invitation(&context, address).await else {
                continue;
            };
            let whom = (number.clone(), open.clone());
            let leg = leg(Arc::clone(&dialogs), whom, option, rung.clone(), Some(PATIENCE)).await;
            if !leg.is_unheard() {
                return Some(leg);
            }
            tracing::warn!(%address, "the media engine does not answer at this address");
            last = Some(leg);
        }
        last
    }

    async fn invitation(&self, context: &Context, address: std::net::SocketAddr) -> Option<InviteOption> {
        let EngineAddress { host, port, wire } = &self.address;
        let destination = match context.stack().dial(*wire, address, host).await {
            Ok(destination) => destination,
            Err(error) => {
                tracing::warn!(%address, "the media engine cannot be reached: {error}");
                return None;
            }
        };
        let mut callee: Uri = sip::address(&self.request.user, host)?;
        callee.host_with_port.port = Some((*port).into());
        let contact = context.stack().contact(*wire, address.is_ipv4(), "jackfield")?;
        let mut headers = vec![Header::MaxForwards(self.offer.hops.to_string().into())];
        headers.extend(self.offer.headers.iter().cloned());
        let told = self.request.headers.iter();
        headers.extend(told.map(|(name, value)| Header::Other((*name).to_owned(), value.clone())));
        Some(InviteOption {
            caller_display_name: (!self.offer.name.is_empty()).then(|| sip::quoted(&self.offer.name)),
            caller: self.offer.caller.clone(),
            callee,
            destination: Some(destination),
            content_type: self.offer.content_type.clone(),
            offer: Some(self.offer.body.clone()),
            contact,
            headers: Some(headers),
            ..InviteOption::default()
        })
    }
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
