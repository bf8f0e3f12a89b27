//! A side that speaks already and waits for somebody: its own telephone answered first, or it hears the music of a queue.

use std::{pin::Pin, sync::Arc};

use rsipstack::dialog::dialog::DialogState;

use super::{
    Calls,
    bridge::{Party, Side, Talk, hand_on},
    fork::Winner,
    lead::{Lead, News, join},
    legs::OpenLeg,
    sip,
    table::{Ask, Seat},
};
use crate::Context;

/// Somebody who waits.
pub(super) struct Waiting {
    pub(super) side: Side,
    /// The engine, when it plays music.
    pub(super) music: Option<Music>,
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
}

impl Waiting {
    async fn next(&mut self) -> Event {
        let Self {
            side,
            music,
            seat,
            lead,
        } = self;
        let played = async {
            match music {
                Some(music) if !music.side.over => music.side.states.recv().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            state = side.states.recv() => Event::Side(state),
            state = played => Event::Music(state),
            ask = seat.asks.recv() => Event::Asked(ask),
            news = lead.news.recv() => Event::News(news),
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
                        self.stops(&calls);
                        return self.lead.give_up().await;
                    }
                    Event::Side(Some(state)) => {
                        let music = self.music.as_ref().filter(|music| !music.side.over);
                        hand_on(&self.side.party, music.map(|music| &music.side.party), state);
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
                            hand_on(&music.side.party, Some(&self.side.party), state);
                        }
                    }
                    Event::Asked(Some(Ask::HangUp(done))) => {
                        self.side.party.leave(&calls, None);
                        self.stops(&calls);
                        self.lead.give_up().await;
                        // Whoever asked may have gone.
                        let _ = done.send(());
                        return;
                    }
                    // There is nobody to be given away.
                    Event::Asked(_) | Event::News(Some(News::Rings)) => {}
                    Event::News(Some(News::Music(winner))) => self.hears(&calls, *winner).await,
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
                        let joined = join(&self.side.party, &called.party, &self.lead.shown).await;
                        self.stops(&calls);
                        if joined {
                            let talk = Talk::new(self.side, called, record, self.seat);
                            return talk.run(&calls, &context).await;
                        }
                        called.party.leave(&calls, None);
                        self.side.party.leave(&calls, None);
                        return record.end(488, None).await;
                    }
                }
            }
        })
    }

    /// The music of another queue, or of the first one.
    async fn hears(&mut self, calls: &Calls, winner: Winner) {
        let music = Music::of(winner, &self.lead.shown);
        if join(&self.side.party, &music.side.party, &self.lead.shown).await {
            if let Some(before) = self.music.replace(music) {
                before.ends(calls);
            }
        } else {
            music.ends(calls);
        }
    }

    /// The music stops.
    fn stops(&mut self, calls: &Calls) {
        if let Some(music) = self.music.take() {
            music.ends(calls);
        }
    }
}
