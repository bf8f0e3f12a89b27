//! Rings several telephones at once: the first who answers has the call, the others are cancelled.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    LegResult, TenantId,
    route::{Headers, Ring, Target},
};
use rsipstack::{
    dialog::{
        DialogId,
        dialog::{DialogState, DialogStateReceiver},
        dialog_layer::DialogLayer,
        invitation::InviteOption,
        invite_dialog::InviteDialog,
    },
    sip::{HasHeaders, Header, Response, StatusCodeKind, Uri},
    transaction::key::TransactionRole,
    transport::SipAddr,
};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Calls,
    front::{Front, Interrupted},
    legs::OpenLeg,
    media::Origin,
    record::Record,
    replace::Picker,
    sip,
};
use crate::{Context, Phone, stack::SHOWN_TO, trunk::dial::Outside};

/// What called sides may say that was not looked at yet; who has more to say waits.
const SIGNS: usize = 8;

/// What every telephone of a fork is sent.
#[derive(Clone)]
pub(crate) struct Offer {
    /// The calling number.
    pub(crate) caller: Uri,
    /// His name; empty for none.
    pub(crate) name: String,
    /// The session description of the caller.
    pub(crate) body: Vec<u8>,
    /// What it is.
    pub(crate) content_type: Option<String>,
    /// How many hops it may still go.
    pub(crate) hops: u32,
    /// What else they are told.
    pub(crate) headers: Vec<Header>,
}

impl Offer {
    /// The calling number.
    pub(crate) fn number(&self) -> &str {
        self.caller.auth.as_ref().map_or("", |auth| auth.user.as_str())
    }

    /// What one of those is sent who are called, with more headers before the usual ones.
    pub(crate) fn invitation(
        &self,
        callee: Uri,
        destination: SipAddr,
        contact: Uri,
        more: Vec<Header>,
    ) -> InviteOption {
        let mut headers = vec![Header::MaxForwards(self.hops.to_string().into())];
        headers.extend(more);
        headers.extend(self.headers.iter().cloned());
        InviteOption {
            caller_display_name: (!self.name.is_empty()).then(|| sip::quoted(&self.name)),
            caller: self.caller.clone(),
            callee,
            destination: Some(destination),
            content_type: self.content_type.clone(),
            offer: Some(self.body.clone()),
            contact,
            headers: Some(headers),
            ..InviteOption::default()
        }
    }
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
    /// How he described himself: in the answer, or before it.
    pub(super) said: Vec<u8>,
    /// What he was shown, when that was more than one description.
    pub(super) shown: Option<Origin>,
    /// His leg.
    pub(super) open: OpenLeg,
    /// What happens to his side from now on.
    pub(super) states: DialogStateReceiver,
}

impl Winner {
    /// Who picked the call up.
    pub(super) fn picked(picker: Picker, record: &Record) -> Self {
        let open = record.asks(&picker.number, "", "");
        open.ends(LegResult::Answered, sip::status(&picker.response));
        Self {
            said: picker.response.body.clone(),
            shown: Some(picker.shown),
            number: picker.number,
            extension: true,
            dialog: picker.dialog,
            response: picker.response,
            states: picker.states,
            open,
        }
    }
}

/// What a called side says before it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(super) status: u16,
    /// Its dialog and its number, where it may be picked up.
    pub(super) leg: Option<(DialogId, String)>,
    /// How it describes itself; empty when it does not.
    pub(super) said: Vec<u8>,
}

impl Sign {
    /// It rings.
    pub(super) fn ringing() -> Self {
        Self {
            status: 180,
            leg: None,
            said: Vec::new(),
        }
    }

    fn of(response: &Response, number: &str) -> Self {
        let dialog = DialogId::try_from((response, TransactionRole::Client)).ok();
        Self {
            status: sip::status(response),
            leg: dialog.map(|dialog| (dialog, number.to_owned())),
            said: if sip::is_description(response.headers()) {
                response.body.clone()
            } else {
                Vec::new()
            },
        }
    }
}

/// What legs tell of themselves before they are over.
pub(super) fn signs() -> (mpsc::Sender<Sign>, mpsc::Receiver<Sign>) {
    mpsc::channel(SIGNS)
}

/// What a leg of the fork came to.
pub(crate) struct Leg {
    number: String,
    open: OpenLeg,
    outcome: rsipstack::Result<(InviteDialog, Option<Response>)>,
    states: DialogStateReceiver,
    /// Whether it rang before that.
    rang: bool,
    /// How it described itself then.
    said: Vec<u8>,
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

/// What the telephones of a team are told of the caller beside the usual.
fn told(wanted: &Headers, domain: &str, offer: &Offer) -> Vec<Header> {
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
    let to = wanted
        .to
        .as_deref()
        .and_then(|number| sip::address(number, domain));
    headers.extend(to.map(|to| Header::Other(SHOWN_TO.to_owned(), format!("<{to}>"))));
    headers
}

/// What a telephone is asked.
async fn invitation(
    context: &Context,
    phone: &Phone,
    offer: &Offer,
    (wanted, domain): (&Headers, &str),
) -> Option<InviteOption> {
    let callee = Uri::try_from(phone.contact.as_str()).ok()?;
    invited(context, phone, callee, offer, told(wanted, domain, offer)).await
}

/// What is asked for somebody at the place that he registered from.
pub(crate) async fn invited(
    context: &Context,
    place: &Phone,
    callee: Uri,
    offer: &Offer,
    more: Vec<Header>,
) -> Option<InviteOption> {
    let (_, destination) = match context.stack().reach(place.wire, place.address).await {
        Ok(way) => way,
        Err(error) => {
            tracing::debug!(instance = %place.instance_id, "a telephone cannot be reached: {error}");
            return None;
        }
    };
    let transport = &context.stack().endpoint().transport_layer;
    let mut headers: Vec<Header> = place
        .path
        .iter()
        .map(|hop| Header::Route(hop.clone().into()))
        .collect();
    headers.extend(more);
    Some(offer.invitation(callee, destination, sip::contact(transport, place.wire)?, headers))
}

/// Rings until somebody answers, everybody has refused, time is over or the caller gives up.
pub(super) async fn ring(
    context: &Context,
    calls: &Calls,
    tenant: TenantId,
    wanted: &Ring,
    offer: &Offer,
    front: &mut Front,
) -> Outcome {
    let dialogs = calls.dialogs(context);
    let (rung, rings) = signs();
    let mut legs = JoinSet::new();
    let domain = front.record.domain().to_owned();
    for (number, phone) in phones(context, tenant, &wanted.targets).await {
        let open = front.record.asks(&number, &phone.instance_id, "");
        let Some(option) = invitation(context, &phone, offer, (&wanted.headers, &domain)).await else {
            open.ends(LegResult::Unreachable, 0);
            continue;
        };
        let (dialogs, rung) = (Arc::clone(dialogs), rung.clone());
        legs.spawn(async move { Some(leg(dialogs, (number, open), option, rung, None).await) });
    }
    for target in &wanted.targets {
        if let (Some(outside), Target::Outside { trunk, number, .. }) = (Outside::of(tenant, target), target)
        {
            let open = front.record.asks(number, "", trunk);
            let (context, dialogs) = (context.clone(), Arc::clone(dialogs));
            legs.spawn(outside.call(context, dialogs, offer.clone(), rung.clone(), open));
        }
    }
    drop(rung);
    let (call, service) = ((tenant, front.record.id()), front.record.service());
    front.ringing = Some(calls.ringing.begin(call, &offer.body, service));
    let outcome = race(dialogs, legs, rings, wanted.seconds, front).await;
    front.ringing = None;
    outcome
}

/// Waits until one of the legs is answered, all have refused, so many seconds are over or the caller gives up.
pub(super) async fn race(
    dialogs: &Arc<DialogLayer>,
    mut legs: JoinSet<Option<Leg>>,
    mut rings: mpsc::Receiver<Sign>,
    seconds: i64,
    front: &mut Front,
) -> Outcome {
    let over = tokio::time::sleep(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    tokio::pin!(over);
    let (mut busy, mut silent, mut rings_on) = (false, false, true);
    let outcome = loop {
        tokio::select! {
            finished = legs.join_next() => match finished {
                None if busy => break Outcome::Busy,
                None if silent => break Outcome::NoAnswer,
                None => break Outcome::Unreachable,
                Some(Ok(leg)) => match ended(front, leg) {
                    Judged::Answered(winner) => break Outcome::Answered(winner),
                    // Whoever declines does so for all of his telephones.
                    Judged::Declined => break Outcome::Busy,
                    Judged::Busy => busy = true,
                    Judged::Silent => silent = true,
                    Judged::Nothing => {}
                },
                Some(Err(error)) => tracing::debug!("a leg of a call broke: {error}"),
            },
            sign = rings.recv(), if rings_on => match sign {
                Some(sign) => {
                    if let (Some((dialog, number)), Some(ringing)) = (&sign.leg, &front.ringing) {
                        ringing.rings(dialog.clone(), number);
                    }
                    front.rings(&sign).await;
                }
                None => rings_on = false,
            },
            interrupted = front.interrupted() => match interrupted {
                Interrupted::GivenUp => break Outcome::Cancelled,
                Interrupted::PickedUp(winner) => break Outcome::Answered(winner),
                // What comes after the queue is where nobody of it answers.
                Interrupted::LeavesQueue if front.leaves_queue => break Outcome::NoAnswer,
                Interrupted::LeavesQueue => {}
            },
            () = &mut over => break Outcome::NoAnswer,
        }
    };
    front.record.asks_no_more(match &outcome {
        Outcome::Answered(_) => LegResult::Elsewhere,
        Outcome::NoAnswer => LegResult::NoAnswer,
        Outcome::Busy => LegResult::Declined,
        Outcome::Cancelled => LegResult::Cancelled,
        Outcome::Unreachable => LegResult::Unreachable,
    });
    if !legs.is_empty() {
        tokio::spawn(silence(legs, Arc::clone(dialogs)));
    }
    outcome
}

/// One telephone or provider, from its invitation to its final answer. One that wants sessions to last longer until they are renewed
/// is invited once more, with what it demands (RFC 4028 §7.3). Dropping it cancels the invitation, and the library ends a
/// call that was answered in between. With a patience, one that has said nothing at all when it is over is given up; it is for
/// providers.
pub(crate) async fn leg(
    dialogs: Arc<DialogLayer>,
    (number, open): (String, OpenLeg),
    option: InviteOption,
    rung: mpsc::Sender<Sign>,
    patience: Option<Duration>,
) -> Leg {
    let again = sip::has_session(&option).then(|| option.clone());
    let whom = (number.clone(), open.clone());
    let leg = invite(Arc::clone(&dialogs), whom, option, rung.clone(), patience).await;
    let demanded = match &leg.outcome {
        Ok((_, Some(response))) if sip::status(response) == 422 => sip::least_session(response),
        _ => None,
    };
    match (again, demanded) {
        (Some(mut option), Some(least)) => {
            sip::lasts_longer(&mut option, least);
            invite(dialogs, (number, open), option, rung, patience).await
        }
        _ => leg,
    }
}

async fn invite(
    dialogs: Arc<DialogLayer>,
    (number, open): (String, OpenLeg),
    option: InviteOption,
    rung: mpsc::Sender<Sign>,
    patience: Option<Duration>,
) -> Leg {
    let (sender, mut states) = dialogs.new_dialog_state_channel();
    let invite = dialogs.do_invite(option, sender);
    tokio::pin!(invite);
    let (mut heard, mut early, mut said) = (patience.is_none(), false, Vec::new());
    let silence = tokio::time::sleep(patience.unwrap_or_default());
    tokio::pin!(silence);
    let outcome = loop {
        tokio::select! {
            outcome = &mut invite => break outcome,
            state = states.recv() => match state {
                Some(DialogState::Early(_, response)) => {
                    open.rings();
                    let mut sign = Sign::of(&response, &number);
                    if patience.is_some() {
                        // A number outside is no extension of somebody, whatever it looks like.
                        sign.leg = None;
                    }
                    let news = !early || (said.is_empty() && !sign.said.is_empty());
                    (heard, early) = (true, true);
                    if !sign.said.is_empty() {
                        sign.said.clone_into(&mut said);
                    }
                    if news {
                        // Nobody listens any more when another has answered.
                        let _ = rung.send(sign).await;
                    }
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
        open,
        outcome,
        states,
        rang: early,
        said,
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
        Ok((dialog, Some(response))) => {
            let status = sip::status(&response);
            let (result, judged) = match (response.status_code.kind(), status) {
                (StatusCodeKind::Successful, _) => {
                    let winner = Winner {
                        number: leg.number,
                        extension: !leg.outside,
                        dialog,
                        states: leg.states,
                        said: if response.body.is_empty() {
                            leg.said
                        } else {
                            response.body.clone()
                        },
                        shown: None,
                        response,
                        open: leg.open.clone(),
                    };
                    (LegResult::Answered, Judged::Answered(Box::new(winner)))
                }
                (_, 600..700) => (LegResult::Declined, Judged::Declined),
                (_, 486) => (LegResult::Busy, Judged::Busy),
                (_, 400..500) if leg.outside && leg.rang => (LegResult::NoAnswer, Judged::Silent),
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

/// What a leg came to that is over. When it was not answered its telephone rings no more, though others may.
fn ended(front: &Front, leg: Option<Leg>) -> Judged {
    let call_id = match leg.as_ref().map(|leg| &leg.outcome) {
        Some(Ok((dialog, _))) => dialog.id().call_id,
        _ => String::new(),
    };
    let judged = leg.map_or(Judged::Nothing, judge);
    if let (Some(ringing), false) = (&front.ringing, matches!(judged, Judged::Answered(_))) {
        ringing.stops(&call_id);
    }
    judged
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
