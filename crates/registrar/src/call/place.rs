//! A new call: who calls, what is planned, and step after step of it.

use std::{sync::Arc, time::Duration};

use jackfield_directory::TrunkAccount;
use jackfield_domain::{EndReason, TenantId, route::Refusal};
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver, TerminatedReason},
        invite_dialog::InviteDialog,
    },
    sip::{HasHeaders, Header, Request, Uri},
    transaction::transaction::TransactionEventSender,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Calls,
    bridge::{Party, Side, Talk},
    fork::{Offer, Winner},
    front::{Front, Waits},
    lead::{Goal, Lead, Led, Way, describe, join, lead, plan},
    media::{self, Origin},
    record::Record,
    replace::{Wanted, replace},
    sip,
    table::Seat,
    waiting::{Music, Waiting},
};
use crate::{
    Context,
    auth::{Door, Proved},
    stack::Incoming,
    syntax::{Address, NameAddr, warning},
    trunk::inbound,
};

/// How long the caller's telephone has to acknowledge that it was answered (RFC 3261 §13.3.1.4: 64 times T1).
pub(super) const ACKNOWLEDGE: Duration = Duration::from_secs(32);

/// For how many seconds a session has to last at least without being renewed (RFC 4028 §4).
const LEAST_SESSION: u32 = 90;

/// What may be demanded of the server: session timers are agreed between the sides, and dialogs are replaced here.
const KNOWN: [&str; 2] = ["timer", "replaces"];

/// Who asks for a call, once he has proved it or come from a provider; an answer was given otherwise.
async fn caller(context: &Context, incoming: Incoming) -> Option<(Incoming, inbound::Party)> {
    match inbound::party(context, &incoming) {
        Ok(None) => prove(context, incoming).await,
        Ok(Some(party)) => Some((incoming, party)),
        Err((status, reason)) => {
            incoming.answer(status, warning(reason)).await;
            None
        }
    }
}

async fn prove(context: &Context, incoming: Incoming) -> Option<(Incoming, inbound::Party)> {
    let from = incoming
        .header("From")
        .and_then(NameAddr::read)
        .and_then(|from| Address::read(from.uri));
    let Some(from) = from else {
        incoming
            .answer(400, warning("From names no extension at a domain"))
            .await;
        return None;
    };
    let proved = context
        .authenticator()
        .prove_any(&incoming, Door::Proxy, &from.host);
    let identity = match proved.await {
        Ok(Proved::Extension(identity)) => identity,
        Ok(Proved::Trunk(account)) => return provider(context, incoming, &account).await,
        Err(denied) => {
            context.authenticator().deny(incoming, denied).await;
            return None;
        }
    };
    let refused = if identity.number != from.user {
        Some("From is another extension than the one that proved itself")
    } else if incoming.target_host() != identity.domain {
        Some("calls to other domains are not made")
    } else {
        None
    };
    if let Some(reason) = refused {
        incoming.answer(403, warning(reason)).await;
        return None;
    }
    Some((incoming, inbound::Party::of(&identity)))
}

/// A provider that registers here, calling from elsewhere than where it did.
async fn provider(
    context: &Context,
    incoming: Incoming,
    account: &TrunkAccount,
) -> Option<(Incoming, inbound::Party)> {
    let trunk = if account.enabled {
        context.directory().trunk(account.tenant, account.provider).await
    } else {
        Ok(None)
    };
    let party = match trunk {
        Ok(Some(trunk)) => inbound::proved(&incoming, trunk),
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a trunk could not be looked up"
            );
            Err((503, "try again"))
        }
    };
    match party {
        Ok(Some(party)) => return Some((incoming, party)),
        Ok(None) => incoming.answer(403, warning("the trunk is disabled")).await,
        Err((status, reason)) => incoming.answer(status, warning(reason)).await,
    }
    None
}

/// What a call demands that the edge does not know or allow: the status to refuse it with, and what to do instead.
fn demands(incoming: &Incoming) -> Option<(u16, Vec<(&'static str, String)>)> {
    let tags = incoming.headers("Require").flat_map(|value| value.split(','));
    let unknown: Vec<&str> = tags
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && !KNOWN.iter().any(|known| tag.eq_ignore_ascii_case(known)))
        .collect();
    if !unknown.is_empty() {
        return Some((420, vec![("Unsupported", unknown.join(", "))]));
    }
    let expires = incoming.header("Session-Expires")?.split(';').next()?;
    match expires.trim().parse::<u32>() {
        Ok(seconds) if seconds >= LEAST_SESSION => None,
        Ok(_) => Some((422, vec![("Min-SE", LEAST_SESSION.to_string())])),
        Err(_) => Some((400, warning("Session-Expires is no number of seconds"))),
    }
}

/// How many hops a request may still go. One without the header has come from a telephone that is older than it.
fn hops_of(incoming: &Incoming) -> u32 {
    let hops = incoming.header("Max-Forwards");
    hops.and_then(|text| text.trim().parse().ok()).unwrap_or(70)
}

/// A request that begins a call of its own; one that replaces a dialog is answered.
async fn begins(
    calls: &Arc<Calls>,
    context: &Context,
    incoming: Incoming,
    identity: &inbound::Party,
) -> Option<Incoming> {
    match Wanted::of(&incoming) {
        Ok(None) => return Some(incoming),
        // No provider has dialogs here that are its to replace.
        Ok(Some(_)) if identity.came.is_some() => incoming.answer(481, Vec::new()).await,
        Ok(Some(wanted)) => replace(calls, context, incoming, identity, wanted).await,
        Err(()) => {
            let why = warning("Replaces is to name one dialog by its Call-ID, to-tag and from-tag");
            incoming.answer(400, why).await;
        }
    }
    None
}

/// Answers an `INVITE` that begins a call.
pub(super) async fn place(calls: &Arc<Calls>, context: &Context, incoming: Incoming) {
    let dialogs = calls.dialogs(context);
    let Some((incoming, identity)) = caller(context, incoming).await else {
        return;
    };
    if let Some((status, headers)) = demands(&incoming) {
        return incoming.answer(status, headers).await;
    }
    let Some(incoming) = begins(calls, context, incoming, &identity).await else {
        return;
    };
    let hops = hops_of(&incoming);
    let (wire, call_id) = (
        incoming.wire(),
        incoming.header("Call-ID").unwrap_or_default().to_owned(),
    );
    let mut transaction = incoming.into_transaction();
    let request = transaction.original.clone();
    let dialled = match &identity.came {
        Some((_, number)) => number.clone(),
        None => Address::read(&request.uri.to_string()).map_or_else(String::new, |uri| uri.user),
    };
    let mut record = Record::begin(
        context.directory().clone(),
        Arc::clone(&calls.clock),
        identity.tenant,
        &calls.new_id(),
        (&identity.number, &identity.domain),
        &dialled,
        &call_id,
    );
    if let Some((trunk, number)) = &identity.came {
        record.comes_over(trunk, number);
    }
    let contact = sip::contact(&context.stack().endpoint().transport_layer, wire);
    let caller = identity.address();
    let (Some(contact), Some(caller), true) = (contact, caller, hops > 0) else {
        let status = if hops == 0 { 483 } else { 500 };
        if let Err(error) = transaction.reply(sip::code(status)).await {
            tracing::debug!("a call could not be refused: {error}");
        }
        return record.end(status, None).await;
    };
    let (changes, states) = dialogs.new_dialog_state_channel();
    let dialog = match dialogs.get_or_create_server_invite(&transaction, changes, None, Some(contact)) {
        Ok(dialog) => dialog,
        Err(error) => {
            tracing::debug!("no dialog could be made of a call: {error}");
            if let Err(error) = transaction.reply(sip::code(400)).await {
                tracing::debug!("a call could not be refused: {error}");
            }
            return record.end(400, None).await;
        }
    };
    let offer_name = record.caller_name().await;
    let seat = calls.table.seat(identity.tenant, record.id());
    if identity.came.is_none() {
        seat.has(vec![(dialog.id(), identity.number.clone())]);
    }
    let waits = watch(
        dialog.clone(),
        states,
        transaction.tu_sender.clone(),
        !request.body.is_empty(),
    );
    let mut front = Front::new(record, waits, Some(seat));
    let mut server = dialog;
    tokio::spawn(async move {
        if let Err(error) = server.handle(&mut transaction).await {
            tracing::debug!("the caller's side of a call broke: {error}");
        }
    });
    let offer = offered(calls, &request, (caller, offer_name), hops - 1);
    let planned = plan(context, identity.tenant, identity.calling.clone(), &dialled);
    let plan = match planned.await {
        Ok(plan) => plan,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a call could not be planned"
            );
            return front.refuse(calls, Refusal::NO_WAY.status, "try again").await;
        }
    };
    tracing::debug!(call = %call_id, "{plan}");
    let led = lead(calls, context, identity.tenant, (&plan, 0), &offer, &mut front).await;
    let caller = (identity.number.clone(), identity.came.is_none());
    let shown = (offer.body.as_slice(), request.body.is_empty());
    match led {
        Led::Answered(winner) => speak(calls, context, front, caller, *winner, shown).await,
        Led::Waits(music, place) => {
            let way = (identity.tenant, Goal::Step(plan, place), offer.clone());
            queue(calls, context, front, caller, *music, (shown.0, shown.1, way)).await;
        }
        Led::Refused(code, why) => front.refuse(calls, code, &why).await,
        Led::GivenUp => front.cancel(calls).await,
    }
}

/// What telephones are sent of a caller's request.
fn offered(calls: &Calls, request: &Request, (caller, name): (Uri, String), hops: u32) -> Offer {
    Offer {
        caller,
        name,
        // Who describes himself later is called for all the same.
        body: if request.body.is_empty() {
            media::nowhere(calls.new_number())
        } else {
            request.body.clone()
        },
        content_type: request.headers().iter().find_map(|header| match header {
            Header::ContentType(value) => Some(value.value().to_owned()),
            _ => None,
        }),
        hops,
        headers: sip::passed_on(request.headers()),
    }
}

/// Watches the caller's side until it is answered or given up.
pub(super) fn watch(
    dialog: InviteDialog,
    mut states: DialogStateReceiver,
    answers: TransactionEventSender,
    described: bool,
) -> Waits {
    let (gone, given_up) = mpsc::channel(1);
    let (ready, acknowledged) = oneshot::channel();
    tokio::spawn(async move {
        while let Some(state) = states.recv().await {
            match state {
                DialogState::Confirmed(..) => {
                    // Nobody waits when the call was given up at the same moment.
                    let _ = ready.send(states);
                    return;
                }
                DialogState::Terminated(_, TerminatedReason::UasDecline) => return,
                DialogState::Terminated(..) => {
                    let _ = gone.try_send(());
                    return;
                }
                _ => {}
            }
        }
    });
    Waits::Caller {
        dialog,
        given_up,
        acknowledged,
        answers,
        described,
    }
}

/// Somebody has answered: tells the caller, and carries the call on.
async fn speak(
    calls: &Arc<Calls>,
    context: &Context,
    mut front: Front,
    caller: (String, bool),
    winner: Winner,
    shown: (&[u8], bool),
) {
    front.record.answered(&winner.number).await;
    match accept(calls, context, front, caller, winner, shown).await {
        Ok(Accepted {
            sides: (caller, answerer),
            record,
            seat,
        }) => {
            Talk::new(caller, answerer, record, seat)
                .run(calls, context)
                .await;
        }
        Err(record) => record.end(200, Some(EndReason::CallerDisconnected)).await,
    }
}

/// The engine plays the music of a queue: the caller is answered with it, and waits for an agent.
async fn queue(
    calls: &Arc<Calls>,
    context: &Context,
    mut front: Front,
    caller: (String, bool),
    music: Winner,
    (offered, late, (tenant, goal, offer)): (&[u8], bool, (TenantId, Goal, Offer)),
) {
    // For him it is over with an agent's answer, and nobody has answered yet.
    front.record.rings().await;
    let open = music.open.clone();
    let Accepted {
        sides: (side, player),
        record,
        seat,
    } = match accept(calls, context, front, caller, music, (offered, late)).await {
        Ok(accepted) => accepted,
        Err(record) => return record.end(487, Some(EndReason::Cancelled)).await,
    };
    let way = Way {
        tenant,
        goal,
        offer: Offer {
            body: side.party.described().unwrap_or(offer.body),
            ..offer
        },
        record,
    };
    seat.waits(&side.party);
    let waiting = Waiting {
        side,
        music: Some(Music { side: player, open }),
        joining: None,
        lead: Lead::start(calls, context, way),
        seat,
    };
    waiting.run(Arc::clone(calls), context.clone()).await;
}

/// A caller who was answered.
struct Accepted {
    /// His side and the one that answered him.
    sides: (Side, Side),
    record: Record,
    seat: Seat,
}

/// Tells the caller that he is answered. When he gave up at the moment of the answer, or never acknowledged it, the other side is
/// left, and the record given back to be written.
async fn accept(
    calls: &Calls,
    context: &Context,
    front: Front,
    caller: (String, bool),
    winner: Winner,
    (offered, late): (&[u8], bool),
) -> Result<Accepted, Record> {
    let Front {
        record,
        waits,
        early,
        seat,
        ..
    } = front;
    let (
        Waits::Caller {
            dialog, acknowledged, ..
        },
        Some(seat),
    ) = (waits, seat)
    else {
        winner.into_side(offered).party.leave(calls, None);
        return Err(record);
    };
    // What he heard before is his answer (RFC 3261 §13.2.1); who answers may have another description, or none in his answer.
    let (headers, body) = match &early {
        Some(early) => sip::with_description(winner.response.headers(), early),
        None => sip::body_of_response(&winner.response),
    };
    let answer = body.clone().unwrap_or_default();
    let another = early.is_some_and(|early| !media::alike(&early, &winner.said));
    let states = match dialog.accept(headers, body) {
        Ok(()) => {
            let acknowledged = tokio::time::timeout(ACKNOWLEDGE, acknowledged).await;
            acknowledged.ok().and_then(Result::ok)
        }
        Err(error) => {
            tracing::debug!("the caller could not be told of the answer: {error}");
            None
        }
    };
    let answerer = winner.into_side(offered);
    let Some(states) = states else {
        answerer.party.leave(calls, None);
        calls.dialogs(context).remove_dialog(&dialog.id());
        return Err(record);
    };
    // Who called without an offer answers that of the other side when he acknowledges it.
    let said = match dialog.last_remote_ack() {
        Some(ack) if late => ack.body,
        _ => offered.to_vec(),
    };
    let caller = Side::new(Party::new(dialog, caller, &said, Origin::of(&answer)), states);
    let (one, other) = (Arc::clone(&caller.party), Arc::clone(&answerer.party));
    // Apart, so that hanging up does not wait for an answer.
    if another {
        let offered = offered.to_vec();
        tokio::spawn(async move { join(&one, &other, &offered).await });
    } else if late && !said.is_empty() {
        tokio::spawn(async move { describe(&one, &other, &answer).await });
    }
    Ok(Accepted {
        sides: (caller, answerer),
        record,
        seat,
    })
}
