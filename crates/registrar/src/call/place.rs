//! A new call: who calls, what is planned, and step after step of it.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Calling, SipIdentity};
use jackfield_domain::{
    Caller, EndReason, Error,
    route::{Action, Plan, Refusal},
};
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver, TerminatedReason},
        dialog_layer::DialogLayer,
        invite_dialog::InviteDialog,
    },
    sip::{HasHeaders, Header},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Calls,
    bridge::{Side, bridge},
    fork::{Offer, Outcome, Winner, ring},
    record::Record,
    sip,
};
use crate::{
    Context,
    auth::Door,
    stack::Incoming,
    syntax::{Address, NameAddr},
    trunk::dial::Outside,
};

/// How long the caller's telephone has to acknowledge that it was answered (RFC 3261 §13.3.1.4: 64 times T1).
const ACKNOWLEDGE: Duration = Duration::from_secs(32);

/// The reason of a refusal, for whoever reads the telephone's log.
fn warning(text: &str) -> Vec<(&'static str, String)> {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
        .collect();
    vec![("Warning", format!("399 jackfield \"{text}\""))]
}

/// Who asks for a call, once he has proved it; an answer was given otherwise.
async fn caller(context: &Context, incoming: Incoming) -> Option<(Incoming, Arc<SipIdentity>)> {
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
    let proved = context.authenticator().prove(&incoming, Door::Proxy, &from.host);
    let identity = match proved.await {
        Ok(identity) => identity,
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
    Some((incoming, identity))
}

/// The caller's side before it is answered, and what is kept of the call.
pub(super) struct Front {
    dialog: InviteDialog,
    record: Record,
    /// Told when the caller gives up.
    pub(super) given_up: mpsc::Receiver<()>,
    /// The channel of states, when the caller has acknowledged the answer.
    acknowledged: oneshot::Receiver<DialogStateReceiver>,
    told: bool,
}

impl Front {
    /// A telephone rings: the caller hears of the first one.
    pub(super) async fn rings(&mut self) {
        if !self.told {
            self.told = true;
            if let Err(error) = self.dialog.ringing(None, None) {
                tracing::debug!("the caller could not be told that it rings: {error}");
            }
        }
        self.record.rings().await;
    }

    /// Ends a call that nobody answered.
    async fn refuse(self, dialogs: &DialogLayer, status: u16, because: &str) {
        let text: String = because
            .chars()
            .filter(|c| !matches!(c, '"' | '\\') && !c.is_control())
            .collect();
        let reason = format!("SIP;cause={status};text=\"{text}\"");
        if let Err(error) = self.dialog.reject(Some(sip::code(status)), Some(reason)) {
            tracing::debug!("a call could not be refused: {error}");
        }
        dialogs.remove_dialog(&self.dialog.id());
        self.record.end(status, None).await;
    }
}

/// Answers an `INVITE` that begins a call.
pub(super) async fn place(calls: &Calls, context: &Context, dialogs: &Arc<DialogLayer>, incoming: Incoming) {
    let Some((incoming, identity)) = caller(context, incoming).await else {
        return;
    };
    // A request without it has come from a telephone that is older than the header.
    let hops = incoming
        .header("Max-Forwards")
        .and_then(|text| text.trim().parse().ok());
    let hops: u32 = hops.unwrap_or(70);
    let (wire, call_id) = (
        incoming.wire(),
        incoming.header("Call-ID").unwrap_or_default().to_owned(),
    );
    let mut transaction = incoming.into_transaction();
    let request = transaction.original.clone();
    let dialled = Address::read(&request.uri.to_string()).map_or_else(String::new, |uri| uri.user);
    let mut id = [0; 16];
    calls.entropy.fill(&mut id);
    let record = Record::begin(
        context.directory().clone(),
        Arc::clone(&calls.clock),
        identity.tenant,
        &hex::encode(id),
        (&identity.number, &identity.domain),
        &dialled,
        &call_id,
    );
    let contact = sip::contact(&context.stack().endpoint().transport_layer, wire);
    let caller = sip::address(&identity.number, &identity.domain);
    let (Some(contact), Some(caller), true) = (contact, caller, hops > 0) else {
        let status = if hops == 0 { 483 } else { 500 };
        if let Err(error) = transaction.reply(sip::code(status)).await {
            tracing::debug!("a call could not be refused: {error}");
        }
        return record.end(status, None).await;
    };
    let (sender, states) = dialogs.new_dialog_state_channel();
    let dialog = match dialogs.get_or_create_server_invite(&transaction, sender, None, Some(contact)) {
        Ok(dialog) => dialog,
        Err(error) => {
            tracing::debug!("no dialog could be made of a call: {error}");
            if let Err(error) = transaction.reply(sip::code(400)).await {
                tracing::debug!("a call could not be refused: {error}");
            }
            return record.end(400, None).await;
        }
    };
    let front = watch(dialog.clone(), states, record);
    let mut server = dialog;
    tokio::spawn(async move {
        if let Err(error) = server.handle(&mut transaction).await {
            tracing::debug!("the caller's side of a call broke: {error}");
        }
    });
    let offer = Offer {
        caller,
        body: request.body.clone(),
        content_type: request.headers().iter().find_map(|header| match header {
            Header::ContentType(value) => Some(value.value().to_owned()),
            _ => None,
        }),
        hops: hops - 1,
    };
    let plan = match plan(context, &identity, &dialled).await {
        Ok(plan) => plan,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a call could not be planned"
            );
            return front.refuse(dialogs, Refusal::NO_WAY.status, "try again").await;
        }
    };
    tracing::debug!(call = %call_id, "{plan}");
    run(context, dialogs, &identity, &plan, &offer, front).await;
}

async fn plan(context: &Context, identity: &SipIdentity, dialled: &str) -> Result<Plan, Error> {
    let reporter = Arc::new(Caller::program(identity.tenant)).reporter()?;
    let from = Calling::Extension(identity.number.clone());
    context.directory().plan_call(&reporter, from, dialled).await
}

/// Watches the caller's side until it is answered or given up.
fn watch(dialog: InviteDialog, mut states: DialogStateReceiver, record: Record) -> Front {
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
    Front {
        dialog,
        record,
        given_up,
        acknowledged,
        told: false,
    }
}

/// Goes through the plan until somebody answers or it ends.
async fn run(
    context: &Context,
    dialogs: &Arc<DialogLayer>,
    identity: &SipIdentity,
    plan: &Plan,
    offer: &Offer,
    mut front: Front,
) {
    let mut place = 0;
    while let Some(step) = plan.steps.get(place) {
        let number = step.path.last().map_or("", String::as_str);
        front.record.goes_to(number, step.service.as_deref());
        let because = step.because.last().map_or("", String::as_str);
        let rung = match &step.action {
            Action::Refuse(refusal) => return front.refuse(dialogs, refusal.status, because).await,
            // There is no engine to hand it to.
            Action::Media { .. } => {
                return front.refuse(dialogs, Refusal::UNAVAILABLE.status, because).await;
            }
            Action::Ring(rung) => rung,
        };
        let over = rung
            .targets
            .iter()
            .find_map(|target| Outside::of(identity.tenant, target));
        front.record.goes_over(match over {
            Some(over) => over.over(context, &identity.number).await,
            None => None,
        });
        let whom = (rung.targets.as_slice(), rung.seconds);
        let outcome = ring(context, dialogs, identity.tenant, whom, offer, &mut front).await;
        place = match (outcome, step.next) {
            (Outcome::Answered(winner), _) => return speak(dialogs, front, *winner).await,
            (Outcome::Cancelled, _) => {
                dialogs.remove_dialog(&front.dialog.id());
                return front.record.end(487, Some(EndReason::Cancelled)).await;
            }
            (Outcome::Busy, Some(next)) => next.busy,
            (Outcome::NoAnswer, Some(next)) => next.no_answer,
            (Outcome::Unreachable, Some(next)) => next.unreachable,
            // A step that rings always leads on.
            (_, None) => break,
        };
    }
    front
        .refuse(dialogs, Refusal::UNAVAILABLE.status, "nobody answers")
        .await;
}

/// Somebody has answered: tells the caller, and carries the call on.
async fn speak(dialogs: &Arc<DialogLayer>, front: Front, winner: Winner) {
    let mut record = front.record;
    record.answered(&winner.number).await;
    let renewed = tokio::spawn(record.clone().renew());
    let (headers, body) = sip::body_of_response(&winner.response);
    let states = match front.dialog.accept(headers, body) {
        Ok(()) => {
            let acknowledged = tokio::time::timeout(ACKNOWLEDGE, front.acknowledged).await;
            acknowledged.ok().and_then(Result::ok)
        }
        Err(error) => {
            tracing::debug!("the caller could not be told of the answer: {error}");
            None
        }
    };
    let answered = Side {
        dialog: winner.dialog,
        states: winner.states,
    };
    let reason = if let Some(states) = states {
        let caller = Side {
            dialog: front.dialog,
            states,
        };
        bridge(dialogs, caller, answered).await
    } else {
        // He gave up at the moment of the answer, or never acknowledged it.
        if let Err(error) = answered.dialog.bye().await {
            tracing::debug!("the side that answered could not be told that nobody is there: {error}");
        }
        dialogs.remove_dialog(&answered.dialog.id());
        dialogs.remove_dialog(&front.dialog.id());
        EndReason::CallerDisconnected
    };
    renewed.abort();
    record.end(200, Some(reason)).await;
}
