//! A telephone that is to take the place of another one in a call that is spoken (`replace.rs`): the other side is asked to hear it,
//! then it is answered itself. Both may take half a minute each, and the call goes on listening meanwhile.

use std::sync::Arc;

use tokio::{sync::oneshot, task::JoinHandle};

use super::{
    Calls,
    bridge::{Party, Side},
    lead::invited,
    media,
};

/// What a side says when it is asked to hear another one; none when it does not want to.
type Says = Option<Vec<u8>>;

/// Who is to come in place of a side.
pub(super) struct Moving {
    /// The place of the side that is to go.
    pub(super) place: usize,
    /// The question to the other side, until it is answered, and who waits for what it says. A call that ends lets go of the question,
    /// which is asked to its end all the same: its answer has to be acknowledged.
    asks: Option<(JoinHandle<Says>, oneshot::Sender<Says>)>,
    /// The new side, once it has acknowledged its answer.
    new: oneshot::Receiver<Side>,
}

/// What became of it.
pub(super) enum Moved {
    /// The new side is there, and the other one hears it.
    Comes(Box<Side>),
    /// The other side does not want to hear it.
    Refused,
    /// The other side would have heard it, but it has gone.
    Gone,
}

impl Moving {
    /// Asks the side that is kept to hear one that offers this.
    pub(super) fn begin(
        place: usize,
        kept: Arc<Party>,
        offer: &[u8],
        answer: oneshot::Sender<Says>,
        new: oneshot::Receiver<Side>,
    ) -> Self {
        let offer = media::unheld(offer);
        let asks = tokio::spawn(async move { invited(&kept, &offer).await });
        Self {
            place,
            asks: Some((asks, answer)),
            new,
        }
    }

    /// Waits for what becomes of it. May be dropped and begun again.
    pub(super) async fn ends(&mut self) -> Moved {
        if let Some((asks, _)) = &mut self.asks {
            let said = asks.await.unwrap_or_default();
            let refused = said.is_none();
            if let Some((_, answer)) = self.asks.take() {
                // Whoever gave up drops the new side too.
                let _ = answer.send(said);
            }
            if refused {
                return Moved::Refused;
            }
        }
        match (&mut self.new).await {
            Ok(side) => Moved::Comes(Box::new(side)),
            Err(_) => Moved::Gone,
        }
    }

    /// The call is over: so it is for the new side, which may have come at this moment.
    pub(super) fn give_up(mut self, calls: &Calls) {
        self.new.close();
        if let Ok(side) = self.new.try_recv() {
            side.party.leave(calls, None);
        }
    }
}
