//! A side that speaks already and waits for somebody: its own telephone answered first, or it hears the music of a queue.

use std::{pin::Pin, sync::Arc};

use jackfield_domain::EndReason;
use rsipstack::dialog::dialog::DialogState;

use super::{
    Calls,
    bridge::{Party, Side, Talk, hand_on},
    fork::Winner,
    joining::{Comes, Joining},
    lead::{Lead, News},
    legs::OpenLeg,
    record::Record,
    sip,
    table::{Ask, Seat},
};
use crate::Context;

/// Somebody who waits.
pub(super) struct Waiting {
    pub(super) side: Side,
    /// The engine, when it plays music.
    pub(super) music: Option<Music>,
    /// Who is to be heard next.
    pub(super) joining: Option<Joining<Record>>,
    pub(super) seat: Seat,
    pub(super) lead: Lead,
}

/// The engine that plays.
pub(super) struct Music {
    pub(super) side: Side,
    pub(super) open: OpenLeg,
}

impl Music {
    /// That of an engine that has taken the call.
    pub(super) fn of(winner: Winner, shown: &[u8]) -> Self {
        Self {
            open: winner.open.clone(),
            side: winner.into_side(shown),
        }
    }

    /// It stops, and the engine is left.
    pub(super) fn ends(self, calls: &Calls) {
        self.open.is_left();
        if self.side.over {
            forget(calls, &self.side.party);
        } else {
            self.side.party.leave(calls, None);
        }
    }
}

fn forget(calls: &Calls, party: &Party) {
    if let Some(dialogs) = calls.dialogs.get() {
        dialogs.remove_dialog(&party.dialog.id());
    }
}

enum Event {
    Side(Option<DialogState>),
    Music(Option<DialogState>),
    Asked(Option<Ask>),
    News(Option<News>),
    Joined(bool),
}

impl Waiting {
    async fn next(&mut self) -> Event {
        let Self {
            side,
            music,
            joining,
            seat,
            lead,
        } = self;
        let played = async {
            match music {
                Some(music) if !music.side.over => music.side.states.recv().await,
                _ => std::future::pending().await,
            }
        };
        let led = async {
            match joining {
                // What comes next is looked at once that is done.
                Some(joining) => Event::Joined(joining.ends().await),
                None => Event::News(lead.news.recv().await),
            }
        };
        tokio::select! {
            state = side.states.recv() => Event::Side(state),
            state = played => Event::Music(state),
            ask = seat.asks.recv() => Event::Asked(ask),
            event = led => event,
        }
    }

    /// Waits until somebody answers or the side has gone.
    pub(super) fn run(
        mut self,
        calls: Arc<Calls>,
        context: Context,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // A call that is waited for may be transferred to where is waited again.
        Box::pin(async move {
            loop {
                match self.next().await {
                    Event::Side(None | Some(DialogState::Terminated(..))) => {
                        forget(&calls, &self.side.party);
                        return self.ends(&calls, Some(EndReason::CallerDisconnected)).await;
                    }
                    Event::Side(Some(state)) => {
                        let heard = self.heard().filter(|music| !music.side.over);
                        hand_on(&self.side.party, heard.map(|music| &music.side.party), state);
                    }
                    Event::Music(None | Some(DialogState::Terminated(..))) => {
                        if let Some(music) = &mut self.music {
                            music.side.over = true;
                        }
                        // Nobody waits in silence: it goes on to where nobody of the queue answers.
                        self.lead.leaves_queue();
                    }
                    Event::Music(Some(state)) => {
                        if let Some(music) = &self.music {
                            let hears = self.heard().map(|_| &self.side.party);
                            hand_on(&music.side.party, hears, state);
                        }
                    }
                    Event::Asked(Some(Ask::HangUp(done))) => {
                        self.side.party.leave(&calls, None);
                        self.ends(&calls, None).await;
                        // Whoever asked may have gone.
                        let _ = done.send(());
                        return;
                    }
                    // There is nobody to be given away.
                    Event::Asked(_) | Event::News(Some(News::Rings)) => {}
                    Event::News(Some(News::Music(winner))) => {
                        let Music { side, open } = Music::of(*winner, &self.lead.shown);
                        self.joins(side, Comes::Music(open));
                    }
                    Event::News(Some(News::Refused(status, why))) => {
                        self.stops(&calls);
                        return self.side.party.leave(&calls, Some(sip::reason(status, &why)));
                    }
                    Event::News(None) => {
                        self.stops(&calls);
                        return self.side.party.leave(&calls, None);
                    }
                    Event::News(Some(News::Answered(answer))) => {
                        let (winner, record) = *answer;
                        let called = winner.into_side(&self.lead.shown);
                        self.joins(called, Comes::Called(record));
                    }
                    Event::Joined(joined) => {
                        let Some(joining) = self.joining.take() else {
                            continue;
                        };
                        if !joined {
                            if let Some(record) = joining.give_up(&calls) {
                                self.stops(&calls);
                                self.side.party.leave(&calls, None);
                                return record.end(488, None).await;
                            }
                            continue;
                        }
                        self.stops(&calls);
                        let side = joining.new;
                        match joining.comes {
                            Comes::Music(open) => self.music = Some(Music { side, open }),
                            Comes::Called(record) => {
                                let talk = Talk::new(self.side, side, record, self.seat);
                                return talk.run(&calls, &context).await;
                            }
                        }
                    }
                }
            }
        })
    }

    /// Lets the side hear somebody else.
    fn joins(&mut self, new: Side, comes: Comes<Record>) {
        let shown = &self.lead.shown;
        self.joining = Some(Joining::begin(&self.side.party, new, shown, comes));
    }

    /// The music that the side hears, unless it is on its way to hear somebody else: two offers at once do not go (RFC 3261 §14.1).
    fn heard(&self) -> Option<&Music> {
        self.music.as_ref().filter(|_| self.joining.is_none())
    }

    /// The side has gone, for this reason: whoever was to come is left, and what is led is given up. Over the API there is no reason.
    async fn ends(mut self, calls: &Calls, reason: Option<EndReason>) {
        self.stops(calls);
        if let Some(mut record) = self.joining.and_then(|joining| joining.give_up(calls)) {
            if reason.is_none() {
                record.notes("ended over the API");
            }
            record.end(200, reason).await;
        }
        self.lead.give_up(calls).await;
    }

    /// The music stops.
    fn stops(&mut self, calls: &Calls) {
        if let Some(music) = self.music.take() {
            music.ends(calls);
        }
    }
}
