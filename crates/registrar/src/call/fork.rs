//! Rings several telephones at once: the first who answers has the call, the others are cancelled.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    LegResult, TenantId,
    route::{Headers, Ring, Target},
};
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

use super::{lead::Front, legs::OpenLeg, sip};
use crate::{Context, Phone};

/// What every telephone of a fork is sent.
#[derive(Clone)]
pub(super) struct Offer {
    /// The calling number.
    pub(super) caller: Uri,
    /// His name; empty for none.
    pub(super) name: String,
    /// The session description of the caller.
    pub(super) body: Vec<u8>,
    /// What it is.
    pub(super) content_type: Option<String>,
    /// How many hops it may still go.
    pub(super) hops: u32,
    /// What else they are told.
    pub(super) headers: Vec<Header>,
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
    /// Whether it is an extension of the tenant.
    pub(super) extension: bool,
    /// His side of the call.
    pub(super) dialog: InviteDialog,
    /// His answer.
    pub(super) response: Response,
    /// What happens to his side from now on.
    pub(super) states: DialogStateReceiver,
}

/// What a leg of the fork came to.
struct Leg {
    number: String,
    open: OpenLeg,
    outcome: rsipstack::Result<(InviteDialog, Option<Response>)>,
    states: DialogStateReceiver,
}

/// The telephones of a target that can be called now. What registered elsewhere, or is a number outside, is not among them.
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

/// What the telephones of a team are told of the caller beside the usual.
fn told(wanted: &Headers, offer: &Offer) -> Vec<Header> {
    let quoted = sip::quoted(&offer.name);
    let caller = if quoted.is_empty() {
        format!("<{}>", offer.caller)
    } else {
        format!("\"{quoted}\" <{}>", offer.caller)
    };
    let mut headers = Vec::new();
    if wanted.asserted {
        headers.push(Header::PAssertedIdentity(caller.clone().into()));
    }
    if wanted.remote_party {
        let value = format!("{caller};party=calling;screen=yes;privacy=off");
        headers.push(Header::Other("Remote-Party-ID".to_owned(), value));
    }
    headers
}

/// What a telephone is asked.
async fn invitation(
    context: &Context,
    phone: &Phone,
    offer: &Offer,
    wanted: &Headers,
) -> Option<InviteOption> {
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
    headers.extend(offer.headers.iter().cloned());
    headers.extend(told(wanted, offer));
    Some(InviteOption {
        caller_display_name: (!offer.name.is_empty()).then(|| sip::quoted(&offer.name)),
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
    wanted: &Ring,
    offer: &Offer,
    front: &mut Front,
) -> Outcome {
    let (rung, mut rings) = mpsc::channel::<()>(1);
    let mut legs = JoinSet::new();
    for (number, phone) in phones(context, tenant, &wanted.targets).await {
        let open = front.record.asks(&number, &phone.instance_id, "");
        let Some(option) = invitation(context, &phone, offer, &wanted.headers).await else {
            open.ends(LegResult::Unreachable, 0);
            continue;
        };
        let (dialogs, rung) = (Arc::clone(dialogs), rung.clone());
        legs.spawn(async move { leg(dialogs, (number, open), option, rung).await });
    }
    drop(rung);
    let end = Instant::now() + Duration::from_secs(u64::try_from(wanted.seconds).unwrap_or(0));
    let (mut busy, mut rings_on) = (false, true);
    let outcome = loop {
        tokio::select! {
            finished = legs.join_next() => match finished {
                None => break if busy { Outcome::Busy } else { Outcome::Unreachable },
                Some(Ok(leg)) => match judge(leg) {
                    Judged::Answered(winner) => break Outcome::Answered(winner),
                    // Whoever declines does so for all of his telephones.
                    Judged::Declined => break Outcome::Busy,
                    Judged::Busy => busy = true,
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
            () = front.gives_up() => break Outcome::Cancelled,
            () = tokio::time::sleep_until(end) => break Outcome::NoAnswer,
        }
    };
    front.record.asks_no_more(match &outcome {
        Outcome::Answered(_) => LegResult::Elsewhere,
        Outcome::NoAnswer => LegResult::NoAnswer,
        Outcome::Busy => LegResult::Declined,
        Outcome::Cancelled | Outcome::Unreachable => LegResult::Cancelled,
    });
    if !legs.is_empty() {
        tokio::spawn(silence(legs, Arc::clone(dialogs)));
    }
    outcome
}

/// One telephone, from its invitation to its final answer. Dropping it cancels the invitation, and the library ends a call that
/// was answered in between.
async fn leg(
    dialogs: Arc<DialogLayer>,
    (number, open): (String, OpenLeg),
    option: InviteOption,
    rung: mpsc::Sender<()>,
) -> Leg {
    let (sender, mut states) = dialogs.new_dialog_state_channel();
    let invite = dialogs.do_invite(option, sender);
    tokio::pin!(invite);
    let outcome = loop {
        tokio::select! {
            outcome = &mut invite => break outcome,
            state = states.recv() => match state {
                Some(DialogState::Early(..)) => {
                    open.rings();
                    // Full when another rings already, which is all that it says.
                    let _ = rung.try_send(());
                }
                Some(_) => {}
                None => break (&mut invite).await,
            },
        }
    };
    Leg {
        number,
        open,
        outcome,
        states,
    }
}

enum Judged {
    Answered(Box<Winner>),
    Declined,
    Busy,
    Nothing,
}

fn judge(leg: Leg) -> Judged {
    match leg.outcome {
        Ok((dialog, Some(response))) => {
            let status = sip::status(&response);
            let (result, judged) = match (response.status_code.kind(), status) {
                (StatusCodeKind::Successful, _) => {
                    let winner = Winner {
                        number: leg.number,
                        extension: true,
                        dialog,
                        response,
                        states: leg.states,
                    };
                    (LegResult::Answered, Judged::Answered(Box::new(winner)))
                }
                (_, 600..700) => (LegResult::Declined, Judged::Declined),
                (_, 486) => (LegResult::Busy, Judged::Busy),
                _ => (LegResult::Unreachable, Judged::Nothing),
            };
            leg.open.ends(result, status);
            judged
        }
        Ok((_, None)) => {
            leg.open.ends(LegResult::Unreachable, 0);
            Judged::Nothing
        }
        Err(error) => {
            leg.open.ends(LegResult::Unreachable, 0);
            tracing::debug!("a telephone did not answer: {error}");
            Judged::Nothing
        }
    }
}

/// Cancels the legs that lost. Those that were answered at the same moment are ended.
async fn silence(mut legs: JoinSet<Leg>, dialogs: Arc<DialogLayer>) {
    legs.abort_all();
    while let Some(finished) = legs.join_next().await {
        if let Ok(leg) = finished
            && let Judged::Answered(late) = judge(leg)
        {
            if let Err(error) = late.dialog.bye().await {
                tracing::debug!("a call that was answered too late could not be ended: {error}");
            }
            dialogs.remove_dialog(&late.dialog.id());
        }
    }
}
