//! Rings several telephones at once: the first who answers has the call, the others are cancelled.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{TenantId, route::Target};
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver},
        dialog_layer::DialogLayer,
        invitation::InviteOption,
        invite_dialog::InviteDialog,
    },
    sip::{Header, Response, StatusCodeKind, Uri},
};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use super::{place::Front, sip};
use crate::{Context, Phone, trunk::dial::Outside};

/// What every telephone of a fork is sent.
#[derive(Clone)]
pub(crate) struct Offer {
    /// The calling number.
    pub(crate) caller: Uri,
    /// The session description of the caller.
    pub(crate) body: Vec<u8>,
    /// What it is.
    pub(crate) content_type: Option<String>,
    /// How many hops it may still go.
    pub(crate) hops: u32,
}

/// How ringing ended.
pub(super) enum Outcome {
    /// Somebody answered.
    Answered(Box<Winner>),
    /// Somebody said that he is busy, or declined; nobody else answered.
    Busy,
    /// Time ran out.
    NoAnswer,
    /// Nobody could be reached.
    Unreachable,
    /// The caller gave up.
    Cancelled,
}

/// Who answered.
pub(super) struct Winner {
    /// His number.
    pub(super) number: String,
    /// His side of the call.
    pub(super) dialog: InviteDialog,
    /// His answer.
    pub(super) response: Response,
    /// What happens to his side from now on.
    pub(super) states: DialogStateReceiver,
}

/// What a leg of the fork came to.
pub(crate) struct Leg {
    number: String,
    outcome: rsipstack::Result<(InviteDialog, Option<Response>)>,
    states: DialogStateReceiver,
    /// Whether it rang before that.
    rang: bool,
    /// Whether it is one over a trunk.
    outside: bool,
}

impl Leg {
    /// Whether nobody is there who could take the call or refuse it, so that another address may be tried (RFC 3263 §4.3).
    pub(crate) fn is_unheard(&self) -> bool {
        match &self.outcome {
            Ok((_, Some(response))) => !self.rang && matches!(sip::status(response), 408 | 503),
            Ok((_, None)) | Err(_) => true,
        }
    }
}

/// The telephones of a target that can be called now. What registered elsewhere is not among them.
async fn phones(context: &Context, tenant: TenantId, targets: &[Target]) -> Vec<(String, Phone)> {
    let mut found = Vec::new();
    for target in targets {
        let Target::Device {
            user,
            number,
            instance_id,
            ..
        } = target
        else {
            continue;
        };
        // Asked at this moment: a device that was dropped since the call was planned is not rung.
        match context.phones(tenant, *user).await {
            Ok(phones) => {
                let one = phones.into_iter().find(|phone| phone.instance_id == *instance_id);
                found.extend(one.map(|phone| (number.clone(), phone)));
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the telephones of a user could not be looked up"
            ),
        }
    }
    found
}

/// What a telephone is asked.
async fn invitation(context: &Context, phone: &Phone, offer: &Offer) -> Option<InviteOption> {
    let (_, destination) = match context.stack().reach(phone.wire, phone.address).await {
        Ok(way) => way,
        Err(error) => {
            tracing::debug!(instance = %phone.instance_id, "a telephone cannot be reached: {error}");
            return None;
        }
    };
    let transport = &context.stack().endpoint().transport_layer;
    let mut headers = vec![Header::MaxForwards(offer.hops.to_string().into())];
    headers.extend(phone.path.iter().map(|hop| Header::Route(hop.clone().into())));
    Some(InviteOption {
        caller: offer.caller.clone(),
        callee: Uri::try_from(phone.contact.as_str()).ok()?,
        destination: Some(destination),
        content_type: offer.content_type.clone(),
        offer: Some(offer.body.clone()),
        contact: sip::contact(transport, phone.wire)?,
        headers: Some(headers),
        ..InviteOption::default()
    })
}

/// Rings until somebody answers, everybody has refused, time is over or the caller gives up.
pub(super) async fn ring(
    context: &Context,
    dialogs: &Arc<DialogLayer>,
    tenant: TenantId,
    (targets, seconds): (&[Target], i64),
    offer: &Offer,
    front: &mut Front,
) -> Outcome {
    let (rung, mut rings) = mpsc::channel::<()>(1);
    let mut legs = JoinSet::new();
    for (number, phone) in phones(context, tenant, targets).await {
        let Some(option) = invitation(context, &phone, offer).await else {
            continue;
        };
        let (dialogs, rung) = (Arc::clone(dialogs), rung.clone());
        legs.spawn(async move { Some(leg(dialogs, number, option, rung, None).await) });
    }
    for outside in targets.iter().filter_map(|target| Outside::of(tenant, target)) {
        let (context, dialogs) = (context.clone(), Arc::clone(dialogs));
        legs.spawn(outside.call(context, dialogs, offer.clone(), rung.clone()));
    }
    drop(rung);
    let end = Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let (mut busy, mut silent, mut rings_on) = (false, false, true);
    let outcome = loop {
        tokio::select! {
            finished = legs.join_next() => match finished {
                None if busy => break Outcome::Busy,
                None if silent => break Outcome::NoAnswer,
                None => break Outcome::Unreachable,
                Some(Ok(leg)) => match leg.map_or(Judged::Nothing, judge) {
                    Judged::Answered(winner) => break Outcome::Answered(winner),
                    // Whoever declines does so for all of his telephones.
                    Judged::Declined => break Outcome::Busy,
                    Judged::Busy => busy = true,
                    Judged::Silent => silent = true,
                    Judged::Nothing => {}
                },
                Some(Err(error)) => tracing::debug!("a leg of a call broke: {error}"),
            },
            first = rings.recv(), if rings_on => {
                rings_on = first.is_some();
                if rings_on {
                    front.rings().await;
                }
            }
            _ = front.given_up.recv() => break Outcome::Cancelled,
            () = tokio::time::sleep_until(end) => break Outcome::NoAnswer,
        }
    };
    if !legs.is_empty() {
        tokio::spawn(silence(legs, Arc::clone(dialogs)));
    }
    outcome
}

/// One telephone or provider, from its invitation to its final answer. Dropping it cancels the invitation, and the library ends a
/// call that was answered in between. With a patience, one that has said nothing at all when it is over is given up; it is for
/// providers.
pub(crate) async fn leg(
    dialogs: Arc<DialogLayer>,
    number: String,
    option: InviteOption,
    rung: mpsc::Sender<()>,
    patience: Option<Duration>,
) -> Leg {
    let (sender, mut states) = dialogs.new_dialog_state_channel();
    let invite = dialogs.do_invite(option, sender);
    tokio::pin!(invite);
    let (mut heard, mut early) = (patience.is_none(), false);
    let silence = tokio::time::sleep(patience.unwrap_or_default());
    tokio::pin!(silence);
    let outcome = loop {
        tokio::select! {
            outcome = &mut invite => break outcome,
            state = states.recv() => match state {
                Some(DialogState::Early(..)) => {
                    (heard, early) = (true, true);
                    // Full when another rings already, which is all that it says.
                    let _ = rung.try_send(());
                }
                Some(DialogState::Trying(_)) => heard = true,
                Some(_) => {}
                None => break (&mut invite).await,
            },
            () = &mut silence, if !heard => {
                break Err(rsipstack::Error::Error("it says nothing".to_owned()));
            }
        }
    };
    Leg {
        number,
        outcome,
        states,
        rang: early,
        outside: patience.is_some(),
    }
}

enum Judged {
    Answered(Box<Winner>),
    Declined,
    Busy,
    /// It rang outside, and nobody took the call.
    Silent,
    Nothing,
}

fn judge(leg: Leg) -> Judged {
    match leg.outcome {
        Ok((dialog, Some(response))) => match (response.status_code.kind(), sip::status(&response)) {
            (StatusCodeKind::Successful, _) => Judged::Answered(Box::new(Winner {
                number: leg.number,
                dialog,
                response,
                states: leg.states,
            })),
            (_, 600..700) => Judged::Declined,
            (_, 486) => Judged::Busy,
            (_, 400..500) if leg.outside && leg.rang => Judged::Silent,
            _ => Judged::Nothing,
        },
        Ok((_, None)) => Judged::Nothing,
        Err(error) => {
            tracing::debug!("a telephone did not answer: {error}");
            Judged::Nothing
        }
    }
}

/// Cancels the legs that lost. Those that were answered at the same moment are ended.
async fn silence(mut legs: JoinSet<Option<Leg>>, dialogs: Arc<DialogLayer>) {
    legs.abort_all();
    while let Some(finished) = legs.join_next().await {
        if let Ok(Some(leg)) = finished
            && let Judged::Answered(late) = judge(leg)
        {
            if let Err(error) = late.dialog.bye().await {
                tracing::debug!("a call that was answered too late could not be ended: {error}");
            }
            dialogs.remove_dialog(&late.dialog.id());
        }
    }
}
