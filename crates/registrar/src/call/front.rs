//! A call that nobody has answered yet, and who waits for that.

use std::sync::Arc;

use jackfield_domain::EndReason;
use rsipstack::{
    dialog::{dialog::DialogStateReceiver, invite_dialog::InviteDialog},
    transaction::transaction::TransactionEventSender,
};
use tokio::sync::{Notify, mpsc, oneshot};

use super::{
    Calls,
    fork::{Sign, Winner},
    lead::News,
    record::Record,
    ringing::{PickUp, Ringing},
    sip,
    table::{Ask, Seat},
};

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
    /// A side that speaks already.
    Side {
        /// What it hears; it gives up when it listens no more.
        news: mpsc::Sender<News>,
        /// Told when it is not to wait in its queue any longer.
        leaves: Arc<Notify>,
    },
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
    /// The queue whose music is heard, or was asked for.
    pub(super) music: Option<String>,
    /// Whether the present step belongs to a queue that may be left.
    pub(super) queues: bool,
    /// Whether that queue is left.
    pub(super) leaves_queue: bool,
    /// The telephones that ring for it now.
    pub(super) ringing: Option<Ringing>,
    /// Who ended it from outside, and waits for its record.
    done: Option<oneshot::Sender<()>>,
}

/// What interrupts waiting for an answer.
pub(super) enum Interrupted {
    /// Nobody waits any more.
    GivenUp,
    /// Who waits in a queue is to go on to where nobody of it answers.
    LeavesQueue,
    /// Somebody picks the call up.
    PickedUp(Box<Winner>),
}

impl Front {
    pub(super) fn new(record: Record, waits: Waits, seat: Option<Seat>) -> Self {
        Self {
            record,
            waits,
            seat,
            told: false,
            early: None,
            music: None,
            queues: false,
            leaves_queue: false,
            ringing: None,
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
            Waits::Side { news, .. } => {
                // Who listens no more has given up, which is noticed elsewhere.
                let _ = news.try_send(News::Rings);
            }
        }
        self.told = true;
        self.record.rings().await;
    }

    /// Done when nobody waits any more, or who waits is to leave his queue.
    pub(super) async fn interrupted(&mut self) -> Interrupted {
        let Self {
            seat,
            waits,
            record,
            ringing,
            ..
        } = self;
        let asked = async {
            while let Some(seat) = seat {
                match seat.asks.recv().await {
                    Some(Ask::HangUp(done)) => return done,
                    // There is nobody to be given away or replaced.
                    Some(Ask::Release { .. } | Ask::Replace { .. }) => {}
                    None => break,
                }
            }
            std::future::pending().await
        };
        let picked = async {
            let picked = match ringing {
                Some(ringing) => ringing.picks.recv().await,
                None => None,
            };
            match picked {
                Some(PickUp { picker, taken }) => {
                    // Who picks up learns that he has it, or he has gone.
                    let _ = taken.send(());
                    Winner::picked(*picker, record)
                }
                None => std::future::pending().await,
            }
        };
        let gone = async {
            match waits {
                Waits::Caller { given_up, .. } => {
                    let _ = given_up.recv().await;
                    Interrupted::GivenUp
                }
                Waits::Side { news, leaves } => tokio::select! {
                    () = news.closed() => Interrupted::GivenUp,
                    () = leaves.notified() => Interrupted::LeavesQueue,
                },
                Waits::Nobody => std::future::pending().await,
            }
        };
        tokio::select! {
            done = asked => {
                self.done = Some(done);
                Interrupted::GivenUp
            }
            winner = picked => Interrupted::PickedUp(Box::new(winner)),
            interrupted = gone => {
                self.leaves_queue |= self.queues && matches!(interrupted, Interrupted::LeavesQueue);
                interrupted
            }
        }
    }

    /// Ends a call that nobody answered.
    pub(super) async fn refuse(self, calls: &Calls, status: u16, because: &str) {
        self.reject(calls, status, Some(sip::reason(status, because)));
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
