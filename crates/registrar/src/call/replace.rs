//! An `INVITE` that takes the place of another dialog (RFC 3891).
//!
//! Whose dialogs may be replaced: one's own, those of the extension that proved itself, when they speak; so a call moves from one of
//! somebody's telephones to another. And those of a telephone that rings: one's own, or that of another member of a ring group
//! or queue that one belongs to, while it rings for that team; this picks the call up. A call that somebody else speaks in is never taken over: whoever could, could listen.
//! What may not be replaced is answered like what is not there, so that nobody learns of it.

use std::{sync::Arc, time::Duration};

use rsipstack::{
    dialog::{DialogId, dialog::DialogStateReceiver, invite_dialog::InviteDialog},
    sip::Response,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Calls,
    bridge::{Party, Side},
    front::Waits,
    media::{self, Origin},
    place::ACKNOWLEDGE,
    ringing::{PickUp, Rings},
    sip,
    table::Ask,
    transfer::Replaced,
};
use crate::{Context, stack::Incoming, trunk::inbound};

/// How long the other side of a call may take to answer that it hears somebody else now.
const ANSWERS: Duration = Duration::from_secs(40);
/// How often a side is asked that asks for something at the same moment.
const TRIES: usize = 3;

/// What an `INVITE` wants to replace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    dialog: DialogId,
    /// Only while it rings.
    early_only: bool,
}

impl Wanted {
    /// Reads the header of a request; none without one.
    ///
    /// # Errors
    /// When there are several, or what it says is not a dialog.
    pub(super) fn of(incoming: &Incoming) -> Result<Option<Self>, ()> {
        let mut values = incoming.headers("Replaces");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Self::read(value).map(Some).ok_or(()),
            (Some(_), Some(_)) => Err(()),
        }
    }

    fn read(value: &str) -> Option<Self> {
        let early = |part: &str| part.trim().eq_ignore_ascii_case("early-only");
        Some(Self {
            dialog: Replaced::read(value)?.dialog(),
            early_only: value.split(';').skip(1).any(early),
        })
    }
}

/// Who picks a call up: he speaks with us already.
pub(super) struct Picker {
    pub(super) number: String,
    pub(super) dialog: InviteDialog,
    /// What he answered to the caller's offer.
    pub(super) response: Response,
    /// What he was shown until now.
    pub(super) shown: Origin,
    pub(super) states: DialogStateReceiver,
}

/// A telephone that offers itself in place of another dialog.
struct Newcomer {
    dialog: InviteDialog,
    /// Told when it gives up.
    given_up: mpsc::Receiver<()>,
    acknowledged: oneshot::Receiver<DialogStateReceiver>,
    number: String,
    offer: Vec<u8>,
}

/// Answers an `INVITE` that replaces a dialog, for a telephone that proved itself.
pub(super) async fn replace(
    calls: &Arc<Calls>,
    context: &Context,
    incoming: Incoming,
    who: &inbound::Party,
    wanted: Wanted,
) {
    let speaks = calls.table.having(who.tenant, &wanted.dialog, &who.number);
    let rings = calls.ringing.find(who.tenant, &wanted.dialog);
    let rings = match rings {
        Some(rings) if may_pick_up(context, who, &rings).await => Some(rings),
        _ => None,
    };
    let contact = sip::contact(&context.stack().endpoint().transport_layer, incoming.wire());
    let mut transaction = incoming.into_transaction();
    let offer = transaction.original.body.clone();
    let refused = match (&speaks, &rings) {
        (None, None) => Some(481),
        // It was answered meanwhile (RFC 3891 §3).
        (Some(_), None) if wanted.early_only => Some(486),
        // Whom the other side is to hear has to say where.
        _ if offer.is_empty() => Some(488),
        _ if contact.is_none() => Some(500),
        _ => None,
    };
    if let Some(status) = refused {
        if let Err(error) = transaction.reply(sip::code(status)).await {
            tracing::debug!("a call could not be refused: {error}");
        }
        return;
    }
    let dialogs = calls.dialogs(context);
    let (changes, states) = dialogs.new_dialog_state_channel();
    let dialog = match dialogs.get_or_create_server_invite(&transaction, changes, None, contact) {
        Ok(dialog) => dialog,
        Err(error) => {
            tracing::debug!("no dialog could be made of a call: {error}");
            if let Err(error) = transaction.reply(sip::code(400)).await {
                tracing::debug!("a call could not be refused: {error}");
            }
            return;
        }
    };
    let waits = super::place::watch(dialog.clone(), states, transaction.tu_sender.clone(), true);
    let mut server = dialog.clone();
    tokio::spawn(async move {
        if let Err(error) = server.handle(&mut transaction).await {
            tracing::debug!("the side of a call that replaces another broke: {error}");
        }
    });
    let Waits::Caller {
        given_up,
        acknowledged,
        ..
    } = waits
    else {
        return;
    };
    let newcomer = Newcomer {
        dialog,
        given_up,
        acknowledged,
        number: who.number.clone(),
        offer,
    };
    match (rings, speaks) {
        (Some(rings), _) => newcomer.picks_up(calls, rings).await,
        (None, Some(call)) => newcomer.moves(calls, call, wanted.dialog).await,
        (None, None) => {}
    }
}

/// Whether a telephone that rings may be relieved of it.
async fn may_pick_up(context: &Context, who: &inbound::Party, rings: &Rings) -> bool {
    if rings.number == who.number {
        return true;
    }
    let Some(team) = &rings.service else {
        return false;
    };
    let may = context
        .directory()
        .may_pick_up(who.tenant, &who.number, (team, &rings.number))
        .await;
    may.unwrap_or_else(|error| {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "who may pick a call up could not be looked up"
        );
        false
    })
}

impl Newcomer {
    fn refused(&self, calls: &Calls, status: u16) {
        if let Err(error) = self.dialog.reject(Some(sip::code(status)), None) {
            tracing::debug!("a call could not be refused: {error}");
        }
        if let Some(dialogs) = calls.dialogs.get() {
            dialogs.remove_dialog(&self.dialog.id());
        }
    }

    /// Answers with a description; gives the side when that is acknowledged.
    async fn accepted(self, calls: &Calls, answer: Vec<u8>) -> Option<Side> {
        let accepted = self.dialog.accept(Some(vec![sip::sdp()]), Some(answer.clone()));
        let states = match accepted {
            Ok(()) => {
                let acknowledged = tokio::time::timeout(ACKNOWLEDGE, self.acknowledged).await;
                acknowledged.ok().and_then(Result::ok)
            }
            Err(error) => {
                tracing::debug!("a side that replaces another could not be answered: {error}");
                None
            }
        };
        let who = (self.number, true);
        let party = Party::new(self.dialog, who, &self.offer, Origin::of(&answer));
        if states.is_none() {
            // It gave up at the moment of the answer, or never acknowledged it.
            party.leave(calls, None);
        }
        states.map(|states| Side::new(party, states))
    }

    /// Takes the place of a side that speaks: the other side is asked to hear this one, and when it does the old one is left.
    async fn moves(mut self, calls: &Calls, call: mpsc::Sender<Ask>, dialog: DialogId) {
        let (answer, answered) = oneshot::channel();
        let (give, new) = oneshot::channel();
        let ask = Ask::Replace {
            dialog,
            offer: self.offer.clone(),
            answer,
            new,
        };
        if call.send(ask).await.is_err() {
            return self.refused(calls, 481);
        }
        let answered = tokio::select! {
            answered = tokio::time::timeout(ANSWERS, answered) => answered,
            _ = self.given_up.recv() => return self.refused(calls, 487),
        };
        let answer = match answered {
            Ok(Ok(Some(answer))) => answer,
            // The other side does not want to.
            Ok(Ok(None)) => return self.refused(calls, 488),
            // A call that still rings, or is over.
            Ok(Err(_)) | Err(_) => return self.refused(calls, 481),
        };
        if let Some(side) = self.accepted(calls, answer).await
            && let Err(side) = give.send(side)
        {
            side.party.leave(calls, None);
        }
    }

    /// Answers in place of a telephone that rings. The caller has offered a session and so has this side, and each needs an answer:
    /// this one is answered with silence and then offered what the caller has, so that its answer is one for the caller.
    async fn picks_up(self, calls: &Calls, rings: Rings) {
        let Some(silence) = media::silence(&self.offer) else {
            return self.refused(calls, 488);
        };
        let number = self.number.clone();
        let Some(side) = self.accepted(calls, silence).await else {
            return;
        };
        let party = &side.party;
        let (headers, offer) = (Some(vec![sip::sdp()]), Some(party.show(&rings.offer)));
        let response = match party
            .dialog
            .reinvite_with_glare_retry(headers, offer, TRIES)
            .await
        {
            Ok(Some(response)) if sip::is_good(&response) => response,
            _ => {
                return party.leave(
                    calls,
                    Some(sip::reason(488, "the caller offers nothing that fits")),
                );
            }
        };
        let (taken, took) = oneshot::channel();
        let ask = PickUp {
            picker: Box::new(Picker {
                number,
                dialog: party.dialog.clone(),
                response,
                shown: party.shown(),
                states: side.states,
            }),
            taken,
        };
        // Whoever answered first has the call; the question is dropped then.
        if rings.picks.send(ask).await.is_err() || took.await.is_err() {
            party.leave(calls, Some(sip::reason(481, "the call was answered elsewhere")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_one_dialog() {
        let read = Wanted::read("a@b;to-tag=1;from-tag=2;early-only").unwrap();
        assert!(read.early_only);
        let parts = (
            &*read.dialog.call_id,
            &*read.dialog.local_tag,
            &*read.dialog.remote_tag,
        );
        assert_eq!(parts, ("a@b", "1", "2"));
        assert!(!Wanted::read("early-only;to-tag=1;from-tag=2").unwrap().early_only);
        for bad in ["", "a@b", "a@b;to-tag=1", "a@b;from-tag=1;early-only"] {
            assert_eq!(Wanted::read(bad), None, "{bad}");
        }
    }
}
