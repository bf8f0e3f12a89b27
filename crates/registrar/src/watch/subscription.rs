//! One subscription from its first answer to its last word: a task that tells its watcher what has changed.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{SeenUser, SipIdentity, Standing};
use jackfield_domain::MessageCounts;
use rsipstack::sip::Method;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    board::{Line, State, Watching},
    document,
    places::Place,
    request::Asked,
};
use crate::{
    Context,
    call::sip,
    stack::{Flow, Outgoing},
};

/// At most one unasked word within this time.
const APART: Duration = Duration::from_millis(100);
/// How long a watcher waits for the first word when the store does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the watcher asks within the subscription.
#[derive(Clone)]
pub(super) struct Renewal {
    /// For how many seconds more; 0 ends it.
    pub(super) expires: u32,
    /// Where the watcher wants to be told from now on.
    pub(super) contact: String,
    /// The way there.
    pub(super) flow: Flow,
}

/// What is looked at for it.
pub(super) struct Sources {
    /// What is watched.
    pub(super) resource: Watching,
    /// How the watcher stands.
    pub(super) watcher: Watching,
    /// How the watched extension stands.
    pub(super) watched: Watching,
}

/// What the watcher is told, or was told last.
#[derive(Debug, Clone, PartialEq, Eq)]
enum View {
    Calls(Vec<Line>),
    User(SeenUser),
    Messages(MessageCounts),
}

/// A subscription.
pub(super) struct Subscription {
    pub(super) context: Context,
    /// What was asked for at its beginning.
    pub(super) asked: Asked,
    /// Who proved it.
    pub(super) identity: Arc<SipIdentity>,
    /// Whose extension is watched.
    pub(super) of: Arc<SipIdentity>,
    /// Our tag.
    pub(super) tag: String,
    pub(super) flow: Flow,
    pub(super) sources: Sources,
    pub(super) renewals: mpsc::Receiver<Renewal>,
    /// Its place among the others, until its last word.
    pub(super) place: Option<Place>,
}

/// What a subscription has told.
struct Told {
    view: Option<View>,
    version: u32,
    cseq: u32,
    at: Instant,
}

impl Subscription {
    /// Tells its watcher what there is to tell until it is over.
    pub(super) async fn run(mut self) {
        let mut end = Instant::now() + Duration::from_secs(self.asked.expires.into());
        // Without an answer of the store the first word is empty.
        let _ = timeout(PATIENCE, self.sources.known()).await;
        let mut told = Told {
            view: None,
            version: 0,
            cseq: 0,
            at: Instant::now(),
        };
        // He is owed a word about what he asked for, whether it is news or not.
        let mut owed = true;
        loop {
            let view = self.view();
            let over = (Instant::now() >= end).then_some("timeout");
            let ending = self.ended().or(over);
            // Who may not watch any more is not told what he may not see.
            let view = view.filter(|_| matches!(ending, None | Some("timeout")));
            if owed || ending.is_some() || view != told.view {
                if ending.is_some() {
                    // Who has heard the last word must not be able to renew it.
                    self.place = None;
                }
                if !self.tell(&mut told, view, ending, end, owed).await || ending.is_some() {
                    return;
                }
                owed = false;
            }
            tokio::select! {
                renewal = self.renewals.recv() => {
                    let Some(renewal) = renewal else { return };
                    end = Instant::now() + Duration::from_secs(renewal.expires.into());
                    self.asked.contact = renewal.contact;
                    self.flow = renewal.flow;
                    owed = true;
                }
                news = self.sources.changed() => {
                    if !news {
                        return;
                    }
                    sleep_until(told.at + APART).await;
                }
                () = sleep_until(end) => {}
                () = self.context.stack().stopped() => return,
            }
        }
    }

    /// Why it ends before its time, when it does (RFC 6665 §4.1.3).
    fn ended(&self) -> Option<&'static str> {
        if let Some(State::Standing(standing)) = &*self.sources.watcher.borrow() {
            match standing {
                Some(Standing { identity, .. }) if !identity.enabled => return Some("rejected"),
                None => return Some("rejected"),
                // He may prove himself anew.
                Some(standing) if !standing.identity.proves(&self.identity) => return Some("deactivated"),
                Some(standing) if !self.asked.package.permits(standing, self.is_own()) => {
                    return Some("rejected");
                }
                Some(_) => {}
            }
        }
        if let Some(State::Standing(standing)) = &*self.sources.watched.borrow() {
            let there = standing
                .as_ref()
                .is_some_and(|standing| standing.identity.enabled && standing.identity.user == self.of.user);
            if !there {
                return Some("noresource");
            }
        }
        None
    }

    /// Whether the watcher watches himself.
    fn is_own(&self) -> bool {
        self.identity.user == self.of.user
    }

    /// What the watcher may see; none when it is not known yet.
    fn view(&self) -> Option<View> {
        let sees_numbers = match &*self.sources.watcher.borrow() {
            Some(State::Standing(standing)) => {
                self.is_own() || standing.as_ref().is_some_and(|standing| standing.sees_numbers)
            }
            _ => return None,
        };
        match &*self.sources.resource.borrow() {
            Some(State::Calls(lines)) => {
                let lines = lines.iter().cloned().map(|mut line| {
                    if !line.inside && !sees_numbers {
                        line.number.clear();
                        line.name.clear();
                    }
                    line
                });
                Some(View::Calls(lines.collect()))
            }
            Some(State::User(seen)) => seen.clone().map(View::User),
            Some(State::Messages(messages)) => Some(View::Messages(*messages)),
            _ => None,
        }
    }

    /// Sends a word; tells whether it was taken.
    async fn tell(
        &self,
        told: &mut Told,
        view: Option<View>,
        ending: Option<&str>,
        end: Instant,
        whole: bool,
    ) -> bool {
        let body = view
            .as_ref()
            .map_or_else(String::new, |view| self.document(told, view, whole));
        told.version = told.version.saturating_add(1);
        told.cseq += 1;
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        let state = ending.map_or_else(
            || format!("active;expires={left}"),
            |reason| format!("terminated;reason={reason}"),
        );
        let package = self.asked.package;
        let event = match &self.asked.id {
            Some(id) => format!("{};id={id}", package.name()),
            None => package.name().to_owned(),
        };
        let contact = sip::contact(&self.context.stack().endpoint().transport_layer, self.flow.wire());
        let mut headers = vec![("Event", event), ("Subscription-State", state)];
        headers.extend(contact.map(|contact| ("Contact", format!("<{contact}>"))));
        if !body.is_empty() {
            headers.push(("Content-Type", package.content_type().to_owned()));
        }
        let notify = Outgoing {
            method: Method::Notify,
            target: self.asked.contact.clone(),
            from: format!("{};tag={}", self.asked.to, self.tag),
            to: self.asked.from.clone(),
            call_id: self.asked.call_id.clone(),
            cseq: told.cseq,
            routes: self.asked.routes.clone(),
            headers,
            body: body.into_bytes(),
        };
        told.view = view;
        told.at = Instant::now();
        let status = match self.context.stack().ask(&self.flow, notify).await {
            Ok(status) => status,
            Err(error) => {
                tracing::debug!(number = %self.identity.number, "a watcher could not be told: {error}");
                503
            }
        };
        metrics::counter!(
            "jackfield_sip_notifies_total",
            "event" => package.name(), "status" => status.to_string()
        )
        .increment(1);
        status < 300
    }

    fn document(&self, told: &Told, view: &View, whole: bool) -> String {
        let of = &self.asked.watched;
        match view {
            View::Calls(lines) => {
                let ended: Vec<Line> = match &told.view {
                    Some(View::Calls(before)) if !whole => {
                        let gone = |line: &&Line| lines.iter().all(|other| other.id != line.id);
                        before.iter().filter(gone).cloned().collect()
                    }
                    _ => Vec::new(),
                };
                document::dialog_info(of, told.version, lines, &ended)
            }
            View::User(seen) => document::pidf(of, seen),
            View::Messages(messages) => document::message_summary(of, *messages),
        }
    }
}

impl Sources {
    /// Waits until all of it was looked at once.
    async fn known(&mut self) {
        for source in [&mut self.resource, &mut self.watcher, &mut self.watched] {
            // Nobody looks any more when the edge stops, which is noticed elsewhere.
            let _ = source.wait_for(Option::is_some).await;
        }
    }

    /// Waits for something new; false when there will be nothing any more.
    async fn changed(&mut self) -> bool {
        let changed = tokio::select! {
            changed = self.resource.changed() => changed,
            changed = self.watcher.changed() => changed,
            changed = self.watched.changed() => changed,
        };
        changed.is_ok()
    }
}
