//! A new side that is to speak with one that is kept: both are asked to hear the other, which may take half a minute, and the call goes
//! on listening meanwhile.

use std::sync::Arc;

use rsipstack::dialog::dialog::DialogState;
use tokio::task::JoinHandle;

use super::{
    Calls,
    bridge::{Party, Side, hand_on},
    lead::join,
    legs::OpenLeg,
    waiting::Music,
};

/// What a new side is: the engine that plays music, or somebody who answered, with what is kept of that.
pub(super) enum Comes<R> {
    Music(OpenLeg),
    Called(R),
}

/// Who is to come.
pub(super) struct Joining<R> {
    pub(super) new: Side,
    pub(super) comes: Comes<R>,
    /// A call that ends lets go of it, and it goes on to its end all the same: the answers have to be acknowledged.
    joins: JoinHandle<bool>,
}

impl<R> Joining<R> {
    /// Asks both; `shown` is what the new side was shown of the one that is kept, nothing when that was somebody else.
    pub(super) fn begin(kept: &Arc<Party>, new: Side, shown: &[u8], comes: Comes<R>) -> Self {
        let (kept, party, shown) = (Arc::clone(kept), Arc::clone(&new.party), shown.to_vec());
        let joins = tokio::spawn(async move { join(&kept, &party, &shown).await });
        Self { new, comes, joins }
    }

    /// Waits until they speak with each other; tells whether they do. Of a new side that has hung up, what happens to it tells that
    /// next. May be dropped and begun again.
    pub(super) async fn ends(&mut self) -> bool {
        loop {
            tokio::select! {
                joined = &mut self.joins => return joined.unwrap_or_default(),
                state = self.new.states.recv() => match state {
                    None | Some(DialogState::Terminated(..)) => {
                        self.new.states.close();
                        return true;
                    }
                    Some(state) => hand_on(&self.new.party, None, state),
                },
            }
        }
    }

    /// It does not come: it is left. Gives what is kept of who answered.
    pub(super) fn give_up(self, calls: &Calls) -> Option<R> {
        match self.comes {
            Comes::Music(open) => {
                let side = self.new;
                Music { side, open }.ends(calls);
                None
            }
            Comes::Called(kept) => {
                self.new.party.leave(calls, None);
                Some(kept)
            }
        }
    }
}
