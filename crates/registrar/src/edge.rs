//! The edge put together: what listens, who judges, and who answers what.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use jackfield_directory::Directory;
use jackfield_domain::{Clock, Entropy, Error, Result, TenantId, UserId};
use tokio::sync::SetOnce;

use crate::{
    MediaEngine, Phone, SipConfig,
    auth::Authenticator,
    guard::Guard,
    register,
    stack::{Asked as _, BindError, Bound, Direct, Dispatch, Incoming, Stack, Wire},
    trunk::{self, Trunks},
};

/// Answers requests of some methods: calls, subscriptions. The edge hands it each request of its methods; `ACK` and `CANCEL`
/// belong to the transactions of `INVITE` and reach it through those.
#[async_trait]
pub trait RequestHandler: Send + Sync + 'static {
    /// The methods it answers, in capitals; `REGISTER` and `OPTIONS` are the edge's own. Of two handlers with the same method the
    /// first has it.
    fn methods(&self) -> &'static [&'static str];

    /// The event packages that can be subscribed to with it (RFC 6665).
    fn events(&self) -> &'static [&'static str] {
        &[]
    }

    /// Answers a request. Runs as a task of its own, for as long as it likes. Nobody has proved anything yet: see
    /// [`Authenticator::prove`].
    async fn handle(&self, context: &Context, incoming: Incoming);
}

/// What answering needs. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

struct Inner {
    directory: Directory,
    authenticator: Authenticator,
    guard: Arc<Guard>,
    stack: Stack,
    trunks: Trunks,
    engine: Option<Arc<dyn MediaEngine>>,
    name: String,
}

impl Context {
    /// The directory.
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// Who says who sent a request.
    pub fn authenticator(&self) -> &Authenticator {
        &self.inner.authenticator
    }

    /// The listeners and what is sent over them.
    pub fn stack(&self) -> &Stack {
        &self.inner.stack
    }

    /// The trunks as this process knows them.
    pub(crate) fn trunks(&self) -> &Trunks {
        &self.inner.trunks
    }

    /// What takes calls that need a sound of their own; none when nobody set one up.
    pub(crate) fn engine(&self) -> Option<&dyn MediaEngine> {
        self.inner.engine.as_deref()
    }

    /// Lets other processes keep at once what this one kept, when it is about to stop. What follows trunks
    /// ([`Calls::upkeep`](crate::Calls::upkeep)) has to be over by then.
    pub async fn leave(&self) {
        trunk::leave(self).await;
    }

    /// The name of this process among the edges of an installation, new with each start.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Whether an address is a proxy of ours.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.inner.guard.trusts(address)
    }

    /// The devices of a user that can be called now, the most preferred first. Asked of the store each time: a binding that was
    /// ended a moment ago, wherever, is not among them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn phones(&self, tenant: TenantId, user: UserId) -> Result<Vec<Phone>> {
        let bound = self.inner.directory.bound_devices(tenant, user).await?;
        let phones = bound.iter().filter_map(|one| Phone::of(one, &self.inner.name));
        let mut phones: Vec<Phone> = phones.collect();
        phones.sort_by_key(|phone| std::cmp::Reverse(phone.preference));
        Ok(phones)
    }
}

/// An edge whose ports are taken.
pub struct BoundEdge {
    config: SipConfig,
    bound: Bound,
}

impl BoundEdge {
    /// Takes the ports.
    ///
    /// # Errors
    /// [`BindError`] for the first that cannot be had.
    pub fn bind(config: SipConfig) -> std::result::Result<Self, BindError> {
        let bound = Bound::bind(&config)?;
        Ok(Self { config, bound })
    }

    /// Which they are.
    pub fn addresses(&self) -> Vec<(Wire, SocketAddr)> {
        self.bound.addresses()
    }

    /// Begins to answer. Methods that none of the handlers has are answered with 405.
    ///
    /// # Errors
    /// [`Error::Internal`] when the SIP library refuses a listener.
    pub async fn start(
        self,
        directory: Directory,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        handlers: Vec<Arc<dyn RequestHandler>>,
    ) -> Result<Edge> {
        describe();
        let SipConfig {
            limits,
            trusted,
            algorithms,
            engine,
            ..
        } = self.config;
        let guard = Arc::new(Guard::new(limits, trusted, Arc::clone(&clock)));
        let allow = allow(&handlers);
        let dispatcher = Arc::new(Dispatcher {
            context: SetOnce::new(),
            events: events(&handlers),
            handlers,
            allow: allow.clone(),
        });
        let mut name = [0; 8];
        entropy.fill(&mut name);
        let authenticator =
            Authenticator::new(directory.clone(), clock, entropy, Arc::clone(&guard), algorithms);
        let stack = Stack::start(
            self.bound,
            Arc::clone(&guard),
            &allow,
            Arc::clone(&dispatcher) as _,
        )
        .await
        .map_err(Error::internal)?;
        let context = Context {
            inner: Arc::new(Inner {
                directory,
                authenticator,
                guard,
                stack,
                trunks: Trunks::default(),
                engine,
                name: hex::encode(name),
            }),
        };
        // Set once, here.
        let _ = dispatcher.context.set(context.clone());
        Ok(Edge { context })
    }
}

/// A running edge. Dropping it stops it.
pub struct Edge {
    context: Context,
}

impl Edge {
    /// Where it listens.
    pub fn addresses(&self) -> &[(Wire, SocketAddr)] {
        self.context.inner.stack.addresses()
    }

    /// What answering needs.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.context.inner.stack.stop();
    }
}

/// The methods that are answered, as the value of `Allow`.
fn allow(handlers: &[Arc<dyn RequestHandler>]) -> String {
    let mut methods = vec!["REGISTER", "OPTIONS"];
    methods.extend(handlers.iter().flat_map(|handler| handler.methods()));
    if methods.contains(&"INVITE") {
        methods.extend(["ACK", "CANCEL"]);
    }
    methods.join(", ")
}

/// The event packages that can be subscribed to, as the value of `Allow-Events`.
fn events(handlers: &[Arc<dyn RequestHandler>]) -> String {
    let events: Vec<&str> = handlers
        .iter()
        .flat_map(|handler| handler.events())
        .copied()
        .collect();
    events.join(", ")
}

/// Goes on with an answer as a task of its own when it has to wait for something, which most of these do not.
fn at_once(answering: impl Future<Output = ()> + Send + 'static) {
    let mut answering = Box::pin(answering);
    if answering.as_mut().now_or_never().is_none() {
        tokio::spawn(answering);
    }
}

struct Dispatcher {
    context: SetOnce<Context>,
    handlers: Vec<Arc<dyn RequestHandler>>,
    allow: String,
    events: String,
}

impl Dispatcher {
    /// What `OPTIONS` is told.
    fn abilities(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("Allow", self.allow.clone()),
            ("Accept", "application/sdp".to_owned()),
            ("Supported", "path, outbound, replaces".to_owned()),
        ];
        if !self.events.is_empty() {
            headers.push(("Allow-Events", self.events.clone()));
        }
        headers
    }
}

#[async_trait]
impl Dispatch for Dispatcher {
    async fn ready(&self) {
        self.context.wait().await;
    }

    fn direct(&self, direct: Direct) {
        // It is there since `ready` was done.
        let Some(context) = self.context.get().cloned() else {
            return;
        };
        if direct.method() == "REGISTER" {
            at_once(async move { register::register(&context, direct).await });
        } else {
            at_once(direct.answer(200, self.abilities()));
        }
    }

    fn dispatch(&self, incoming: Incoming) {
        // It is there since `ready` was done.
        let Some(context) = self.context.get().cloned() else {
            return;
        };
        if !incoming.is_numbered() {
            tokio::spawn(incoming.answer(400, Vec::new()));
            return;
        }
        // Each in a task of its own kind: one future for all of them would be as large as the largest, and is copied about.
        match incoming.method().as_str() {
            "REGISTER" => {
                tokio::spawn(async move { register::register(&context, incoming).await });
            }
            "OPTIONS" => {
                tokio::spawn(incoming.answer(200, self.abilities()));
            }
            method => match self.handlers.iter().find(|one| one.methods().contains(&method)) {
                Some(handler) => {
                    let handler = Arc::clone(handler);
                    // `async_trait` boxes the future already.
                    tokio::spawn(async move { handler.handle(&context, incoming).await });
                }
                None => {
                    tokio::spawn(incoming.answer(405, vec![("Allow", self.allow.clone())]));
                }
            },
        }
    }
}

fn describe() {
    metrics::describe_counter!(
        "jackfield_sip_requests_total",
        "SIP requests answered, by method and status."
    );
    metrics::describe_counter!(
        "jackfield_sip_dropped_total",
        "SIP messages and connections that got no answer, by reason."
    );
    metrics::describe_counter!(
        "jackfield_sip_auth_failures_total",
        "Proofs of identity that failed."
    );
    metrics::describe_counter!(
        "jackfield_sip_bans_total",
        "Sources that were banned for failures."
    );
    metrics::describe_gauge!("jackfield_sip_connections", "SIP connections that are open.");
}
