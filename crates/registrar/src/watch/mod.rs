//! What a telephone can watch (RFC 6665): the calls of another extension, which lamps show, what its user says of
//! himself, and whether messages wait for oneself.
//!
//! A `SUBSCRIBE` has to be proved (401), and is for an extension of the same tenant. Each subscription is a task of its own
//! (`subscription.rs`) that tells its watcher, over the way that the request came by, what has changed. What it is now is looked at
//! once for everybody who watches it (`board.rs`), when something was committed that may concern it: by whatever process, because
//! the store is what tells. Only which telephones ring for a ring group or queue is told by whoever rings them, within the process.
//!
//! Subscriptions are in the memory of the process that took them. Who is told nothing any more, because it stopped, notices when he
//! renews: the answer is 481, and he subscribes again.

mod board;
mod document;
mod places;
pub(crate) mod request;
mod subscription;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use jackfield_directory::{SipIdentity, Standing};
use jackfield_domain::{Entropy, Error};

use self::{
    board::{Board, Topic, Watching},
    places::{Full, Places, Refused},
    request::{Answer, Asked, Package},
    subscription::{Renewal, Sources, Subscription},
};
use crate::{
    Calls, Context, RequestHandler,
    call::{ringing::RingingCalls, sip},
    stack::Incoming,
    syntax::warning,
};

/// Answers what telephones ask to watch.
pub struct Watches {
    entropy: Arc<dyn Entropy>,
    board: Arc<Board>,
    places: Arc<Places>,
    ringing: Arc<RingingCalls>,
    follows: OnceLock<()>,
}

impl Watches {
    /// Somebody for subscriptions, to be handed to [`BoundEdge::start`](crate::BoundEdge::start) with whoever carries calls.
    pub fn new(entropy: Arc<dyn Entropy>, calls: &Calls) -> Arc<Self> {
        metrics::describe_gauge!(
            "jackfield_sip_subscriptions",
            "Subscriptions of telephones, by event."
        );
        metrics::describe_counter!(
            "jackfield_sip_notifies_total",
            "What telephones that watch were told, by event and by the status of their answer."
        );
        Arc::new(Self {
            entropy,
            board: Arc::default(),
            places: Arc::default(),
            ringing: Arc::clone(&calls.ringing),
            follows: OnceLock::new(),
        })
    }

    /// Answers a request that was proved.
    async fn carry_out(
        &self,
        context: &Context,
        mut incoming: Incoming,
        asked: Asked,
        identity: Arc<SipIdentity>,
    ) {
        let watcher = (identity.tenant, identity.user);
        let flow = incoming.flow();
        if asked.to_tag.is_some() {
            let (status, headers) = match self.places.renew(watcher, &asked) {
                Ok(permit) => {
                    let (status, headers) = accepted(context, &incoming, &asked);
                    incoming.answer(status, headers).await;
                    permit.send(Renewal {
                        expires: asked.expires,
                        contact: asked.contact,
                        flow,
                    });
                    return;
                }
                Err(Refused::Unknown) => (481, Vec::new()),
                Err(Refused::Late) => (500, warning("a later request came first")),
                Err(Refused::Busy) => later(),
            };
            return incoming.answer(status, headers).await;
        }
        let of = match self.watched(context, &incoming, &asked, &identity).await {
            Ok(of) => of,
            Err((status, headers)) => return incoming.answer(status, headers).await,
        };
        let mut tag = [0; 12];
        self.entropy.fill(&mut tag);
        let tag = hex::encode(tag);
        let (place, renewals) = match self.places.take(watcher, &tag, &asked) {
            Ok(taken) => taken,
            Err(Full::Extension) => {
                let headers = warning("no more subscriptions for this extension");
                return incoming.answer(403, headers).await;
            }
            Err(Full::Process) => {
                let (status, headers) = later();
                return incoming.answer(status, headers).await;
            }
        };
        let (status, headers) = accepted(context, &incoming, &asked);
        incoming.tag(&tag);
        incoming.answer(status, headers).await;
        let resource = match asked.package {
            Package::Dialog => Topic::Calls(of.user, of.number.clone()),
            Package::Presence => Topic::User(of.user),
            Package::Messages => Topic::Messages(of.user),
        };
        let sources = Sources {
            resource: self.board.watch(of.tenant, resource),
            watcher: self.standing(&identity),
            watched: self.standing(&of),
        };
        let subscription = Subscription {
            context: context.clone(),
            asked,
            identity,
            of,
            tag,
            flow,
            sources,
            renewals,
            place: Some(place),
        };
        tokio::spawn(subscription.run());
    }

    fn standing(&self, identity: &SipIdentity) -> Watching {
        let topic = Topic::Standing(identity.user, identity.domain.clone(), identity.number.clone());
        self.board.watch(identity.tenant, topic)
    }

    /// Whom a request is for, when its sender may watch him.
    ///
    /// Who watches must find out no more than who calls. A call to a number that is nobody's is told from one that somebody has, by
    /// whoever may call other extensions at all, and so is this; who may not is refused here and there whatever the number is. Of a
    /// domain that is not his own nobody learns anything.
    async fn watched(
        &self,
        context: &Context,
        incoming: &Incoming,
        asked: &Asked,
        identity: &Arc<SipIdentity>,
    ) -> Result<Arc<SipIdentity>, Answer> {
        if incoming.target_host() != identity.domain {
            return Err((403, warning("extensions of other domains are not to be watched")));
        }
        let own = asked.watched.user == identity.number;
        if asked.package == Package::Messages && !own {
            return Err((403, warning("a voicemail box is watched by its owner")));
        }
        let unavailable = |error: Error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an extension to be watched could not be looked up"
            );
            later()
        };
        let standing = context.directory().standing(&identity.domain, &identity.number);
        let standing = standing.await.map_err(unavailable)?;
        if !standing.is_some_and(|standing| asked.package.permits(&standing, own)) {
            return Err((403, warning("your role does not allow that")));
        }
        if own {
            return Ok(Arc::clone(identity));
        }
        let of = context
            .directory()
            .sip_identity(&identity.domain, &asked.watched.user);
        let of = of.await.map_err(unavailable)?;
        of.filter(|of| of.enabled).ok_or((404, Vec::new()))
    }
}

impl Package {
    /// Whether somebody may watch this of himself, or of others.
    fn permits(self, watcher: &Standing, own: bool) -> bool {
        match self {
            Self::Dialog | Self::Presence => own || watcher.may_watch,
            Self::Messages => own && watcher.hears_voicemail,
        }
    }
}

/// Come back later.
pub(crate) fn later() -> Answer {
    (503, vec![("Retry-After", "5".to_owned())])
}

/// The answer to what is carried out.
fn accepted(context: &Context, incoming: &Incoming, asked: &Asked) -> Answer {
    let transport = &context.stack().endpoint().transport_layer;
    let mut headers = vec![("Expires", asked.expires.to_string())];
    headers
        .extend(sip::contact(transport, incoming.wire()).map(|contact| ("Contact", format!("<{contact}>"))));
    // The proxies on the way stay there (RFC 3261 §12.1.1).
    headers.extend(asked.routes.iter().map(|route| ("Record-Route", route.clone())));
    (200, headers)
}

#[async_trait]
impl RequestHandler for Watches {
    fn methods(&self) -> &'static [&'static str] {
        &["SUBSCRIBE"]
    }

    fn events(&self) -> &'static [&'static str] {
        &Package::NAMES
    }

    async fn handle(&self, context: &Context, incoming: Incoming) {
        self.follows.get_or_init(|| {
            let (board, stack) = (Arc::clone(&self.board), context.stack().clone());
            let follow = board::follow(
                board,
                context.directory().clone(),
                Arc::clone(&self.ringing),
                stack,
            );
            tokio::spawn(follow);
        });
        let asked = match Asked::read(&incoming) {
            Ok(asked) => asked,
            Err((status, headers)) => return incoming.answer(status, headers).await,
        };
        let Some((incoming, identity)) = context.authenticator().admit(incoming, &asked.watcher).await else {
            return;
        };
        self.carry_out(context, incoming, asked, identity).await;
    }
}
