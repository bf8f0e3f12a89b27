//! What telephones say of their users (RFC 3903): presence documents, which become what a user says of himself in the directory, by
//! the same use case that the APIs have.
//!
//! A publication lasts for a while and is known by its entity tag; the directory knows nothing of either. So what a publication said
//! is kept here, in the memory of the process that took it, and taken back when it ends, unless somebody has said something else
//! meanwhile. A telephone whose publication is not known, because another process took it or this one was started again, is told so
//! (412) and publishes anew.

mod kept;
mod pidf;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use jackfield_directory::SipIdentity;
use jackfield_domain::{Clock, Entropy, Error, PublishedPresence};
use tokio::time::MissedTickBehavior;

use self::{kept::Kept, pidf::Fault};
use crate::{
    Context, RequestHandler,
    stack::Incoming,
    syntax::{Address, warning},
    watch::{
        later,
        request::{Answer, bad, granted, party},
    },
};

/// What can be published.
const EVENT: &str = "presence";
/// The documents of it.
const DOCUMENT: &str = "application/pidf+xml";
/// How often those that are over are looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// What is kept of a publication: who proved himself for it, and what it says.
type Publication = (Arc<SipIdentity>, PublishedPresence);

/// Answers what telephones publish.
pub struct Publications {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    kept: Arc<Kept<Publication>>,
    sweeps: OnceLock<()>,
}

/// What is asked for (RFC 3903 §4), before it is known who asks.
struct Asked {
    from: Address,
    /// Whose state it is.
    of: Address,
    /// The publication that it goes on with.
    tag: Option<String>,
    /// For how many seconds; 0 ends it.
    expires: u32,
}

impl Asked {
    fn read(incoming: &Incoming) -> Result<Self, Answer> {
        let required: Vec<&str> = incoming.headers("Require").collect();
        if !required.is_empty() {
            return Err((420, vec![("Unsupported", required.join(", "))]));
        }
        let event = incoming.header("Event").unwrap_or_default();
        let name = event.split(';').next().unwrap_or_default().trim();
        if !name.eq_ignore_ascii_case(EVENT) {
            return Err((489, vec![("Allow-Events", EVENT.to_owned())]));
        }
        let (_, _, from) =
            party(incoming.header("From")).ok_or_else(|| bad("From names no extension at a domain"))?;
        let of = Address::read(&incoming.target()).ok_or_else(|| bad("the request is for nobody"))?;
        let mut tags = incoming.headers("SIP-If-Match").map(str::trim);
        let tag = match (tags.next(), tags.next()) {
            (tag, None) if tag.is_none_or(|tag| !tag.contains(',')) => tag.map(str::to_owned),
            _ => return Err(bad("SIP-If-Match names one publication")),
        };
        Ok(Self {
            from,
            of,
            tag,
            expires: granted(incoming.header("Expires"))?,
        })
    }
}

/// What a request says of its user; none when it says nothing new.
fn said(incoming: &Incoming, number: &str) -> Result<Option<PublishedPresence>, Answer> {
    if incoming.body().is_empty() {
        return Ok(None);
    }
    let kind = incoming.header("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(DOCUMENT) {
        return Err((415, vec![("Accept", DOCUMENT.to_owned())]));
    }
    let encoding = incoming.header("Content-Encoding").unwrap_or("identity");
    if !encoding.trim().eq_ignore_ascii_case("identity") {
        return Err((415, vec![("Accept-Encoding", "identity".to_owned())]));
    }
    match pidf::read(incoming.body(), number) {
        Ok(said) => Ok(Some(said)),
        Err(Fault::Unreadable) => Err(bad("the body is no presence document")),
        Err(Fault::Another) => Err((403, warning("the document is about another extension"))),
    }
}

/// Why the directory does not take it.
fn refused(error: &Error) -> Answer {
    match error {
        Error::Invalid(_) => (400, warning(&error.to_string())),
        Error::Denied(_) => (403, warning(&error.to_string())),
        Error::Absent(_) => (404, Vec::new()),
        error => {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "what a telephone says of its user could not be stored"
            );
            later()
        }
    }
}

impl Publications {
    /// Somebody for publications, to be handed to [`BoundEdge::start`](crate::BoundEdge::start).
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            entropy,
            kept: Arc::default(),
            sweeps: OnceLock::new(),
        })
    }

    fn new_tag(&self) -> String {
        let mut tag = [0; 12];
        self.entropy.fill(&mut tag);
        hex::encode(tag)
    }

    /// Carries out what somebody asks for who has proved himself; gives the new tag.
    async fn carry_out(
        &self,
        context: &Context,
        incoming: &Incoming,
        asked: &Asked,
        identity: &Arc<SipIdentity>,
    ) -> Result<String, Answer> {
        if (asked.of.user.as_str(), asked.of.host.as_str()) != (&*identity.number, &*identity.domain) {
            return Err((403, warning("an extension publishes its own state alone")));
        }
        let said = said(incoming, &identity.number)?;
        let (whose, now) = ((identity.tenant, identity.user), self.clock.now());
        let goes_on = match &asked.tag {
            Some(tag) => Some((tag, self.kept.take(whose, tag, now).ok_or((412, Vec::new()))?)),
            None if said.is_none() => {
                return Err(bad("there is neither a document nor a publication to go on with"));
            }
            None if self.kept.has_room() => None,
            None => return Err(later()),
        };
        let had = match &goes_on {
            Some((_, (_, (_, said)))) => said.clone(),
            None => PublishedPresence::default(),
        };
        let has = match said {
            _ if asked.expires == 0 => PublishedPresence::default(),
            Some(said) => said,
            None => had.clone(),
        };
        if let Err(error) = context.directory().publish_presence(identity, &had, &has).await {
            if let Some((tag, (ends, before))) = goes_on {
                self.kept.put(whose, (tag.clone(), ends), before);
            }
            return Err(refused(&error));
        }
        let tag = self.new_tag();
        if asked.expires > 0 {
            let ends = now.plus(Duration::from_secs(asked.expires.into()));
            self.kept
                .put(whose, (tag.clone(), ends), (Arc::clone(identity), has));
        }
        Ok(tag)
    }
}

/// Takes back what publications said that are over, until the edge stops.
async fn sweep(kept: Arc<Kept<Publication>>, clock: Arc<dyn Clock>, context: Context) {
    let mut tick = tokio::time::interval(SWEEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = context.stack().stopped() => return,
        }
        for (whose, (identity, said)) in kept.over(clock.now()) {
            let nothing = PublishedPresence::default();
            let taken = context
                .directory()
                .publish_presence(&identity, &said, &nothing)
                .await;
            match taken {
                Ok(()) | Err(Error::Absent(_) | Error::Denied(_)) => {}
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what a telephone said could not be taken back; the next try is in {SWEEP:?}"
                    );
                    kept.put(whose, (String::new(), clock.now()), (identity, said));
                }
            }
        }
    }
}

#[async_trait]
impl RequestHandler for Publications {
    fn methods(&self) -> &'static [&'static str] {
        &["PUBLISH"]
    }

    async fn handle(&self, context: &Context, incoming: Incoming) {
        self.sweeps.get_or_init(|| {
            tokio::spawn(sweep(
                Arc::clone(&self.kept),
                Arc::clone(&self.clock),
                context.clone(),
            ));
        });
        let asked = match Asked::read(&incoming) {
            Ok(asked) => asked,
            Err((status, headers)) => return incoming.answer(status, headers).await,
        };
        let Some((incoming, identity)) = context.authenticator().admit(incoming, &asked.from).await else {
            return;
        };
        let (status, headers) = match self.carry_out(context, &incoming, &asked, &identity).await {
            Ok(tag) => (
                200,
                vec![("SIP-ETag", tag), ("Expires", asked.expires.to_string())],
            ),
            Err(refused) => refused,
        };
        incoming.answer(status, headers).await;
    }
}
