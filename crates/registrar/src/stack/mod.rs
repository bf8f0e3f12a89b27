//! The one module that knows the SIP library: listeners and transactions in, requests out.
//!
//! What the library is guarded against, and where:
//!
//! - its queues have no limit: `Guard` is asked before a datagram is parsed (`udp.rs`), before a
//!   connection is taken (`streams.rs`) and before a message of a connection becomes a transaction (`Gate`); requests that are
//!   being answered are counted (`Room`);
//! - it drops requests of a method that it does not know, and closes a connection that carries one: `refuse.rs` answers them,
//!   `reading.rs` reads connections in the library's place, and those over TLS are channels of its (`carried.rs`);
//! - it makes a tree, a task, queues and timers of each request: `direct.rs` answers the two that telephones send all day from
//!   their text;
//! - it drops requests that are right but old or oddly written: `head.rs` mends them;
//! - its listeners take their port late and cannot say which: ours are bound before the server says that it is ready, and
//!   hand the connections on;
//! - it logs whole messages, digests included: the server's log filter silences its target;
//! - it fails at challenges that are usual elsewhere: `digest.rs` translates them;
//! - it fills `To` with the request URI: `shown.rs` puts another number there;
//! - its `Call-ID`s end in the vendor's domain: `CALL_ID_SUFFIX`;
//! - its typed `Contact` and `Authorization` lose what must be kept: [`Incoming::headers`] gives the text.
//!
//! The library's types leave this module only through [`Incoming::into_transaction`] and [`Stack::endpoint`], for what builds
//! dialogs on it.

mod answers;
mod asked;
mod carried;
mod digest;
mod direct;
mod head;
mod incoming;
mod listeners;
mod outgoing;
mod outside;
mod reading;
mod refuse;
mod shown;
mod streams;
mod udp;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

pub use asked::Asked;
use async_trait::async_trait;
pub use direct::Direct;
pub use incoming::{Incoming, Wire};
pub use listeners::{BindError, Bound};
pub use outgoing::{Flow, Outgoing};
use parking_lot::Mutex;
pub use rsipstack;
use rsipstack::{
    EndpointBuilder,
    platform::CancellationToken,
    transaction::endpoint::{EndpointInnerRef, EndpointOption, TransportEventInspector},
    transport::{
        SipAddr, SipConnection, TransportEvent, TransportLayer,
        channel::ChannelConnection,
        connection::TransportSender,
        udp::{UdpConnection, UdpInner},
    },
};
pub(crate) use shown::SHOWN_TO;
use tokio::sync::oneshot;

use crate::guard::{Guard, dropped};

/// What `Call-ID`s of ours end in.
const CALL_ID_SUFFIX: &str = "jackfield.invalid";
/// What the edge calls itself.
pub(crate) const USER_AGENT: &str = "Jackfield";
/// Requests that are being answered at the same time. One takes some 20 kB; what comes above it is dropped, and a telephone
/// sends it again.
const REQUESTS: usize = 5000;
/// A connection to a telephone comes about within this time or not at all: somebody waits for the ringing.
const DIAL: Duration = Duration::from_secs(4);

/// How many requests may still be taken.
pub(crate) struct Room(Arc<AtomicUsize>);

impl Room {
    fn take(used: &Arc<AtomicUsize>) -> Option<Self> {
        let room = Self(Arc::clone(used));
        let before = used.fetch_add(1, Ordering::Relaxed);
        (before < REQUESTS).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where requests go.
#[async_trait]
pub(crate) trait Dispatch: Send + Sync + 'static {
    /// Done when requests can be taken; those that come before wait.
    async fn ready(&self);

    /// Takes a request. Must not wait: it is called from the loop that reads all of them.
    fn dispatch(&self, incoming: Incoming);

    /// The same for one that the library has not seen.
    fn direct(&self, direct: Direct);
}

/// Stands where every message of the library passes: counts those of connections, which are parsed already but are no
/// transaction yet, and tells when the first event has passed.
struct Gate {
    guard: Arc<Guard>,
    started: Mutex<Option<oneshot::Sender<()>>>,
}

#[async_trait]
impl TransportEventInspector for Gate {
    async fn handle(&self, event: TransportEvent) -> Option<TransportEvent> {
        if let TransportEvent::Incoming(_, connection, from) = &event
            && connection.is_reliable()
            && !from
                .get_socketaddr()
                .is_ok_and(|from| self.guard.admits(from.ip()))
        {
            return None;
        }
        if let Some(started) = self.started.lock().take() {
            // Nobody waits any more when the start was given up.
            let _ = started.send(());
        }
        Some(event)
    }
}

/// A running stack. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Stack {
    endpoint: EndpointInnerRef,
    stop: CancellationToken,
    addresses: Arc<[(Wire, SocketAddr)]>,
    udp: Arc<[(SocketAddr, SipConnection)]>,
    opened: outside::Opened,
    reader: reading::Reader,
}

/// Why a telephone cannot be reached over the way that it registered by.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// There is no listener that could send to it.
    #[error("no listener here speaks its protocol and family of addresses")]
    NoListener,
    /// Its connection is gone and no new one came about.
    #[error("no connection to it: {0}")]
    NoConnection(String),
    /// What was to be sent is no request that could go out.
    #[error("not sent: {0}")]
    NotARequest(String),
}

impl Stack {
    /// Starts to answer on listeners that are bound.
    ///
    /// # Errors
    /// When the library refuses a listener.
    pub(crate) async fn start(
        bound: Bound,
        guard: Arc<Guard>,
        allow: &str,
        dispatch: Arc<dyn Dispatch>,
    ) -> Result<Self, rsipstack::Error> {
        let stop = CancellationToken::new();
        let layer = TransportLayer::new(stop.clone());
        layer.set_stream_idle_timeout(streams::IDLE);
        let (started, ready) = oneshot::channel();
        let gate = Gate {
            guard: Arc::clone(&guard),
            started: Mutex::new(Some(started)),
        };
        let endpoint = EndpointBuilder::new()
            .with_user_agent(USER_AGENT)
            .with_transport_layer(layer)
            .with_cancel_token(stop.clone())
            .with_transport_inspector(Box::new(gate))
            .with_inspector(Box::new(digest::Translator))
            .with_option(EndpointOption {
                callid_suffix: Some(CALL_ID_SUFFIX.into()),
                ..EndpointOption::default()
            })
            .build();
        let mut requests = endpoint.incoming_transactions()?;
        let inner = Arc::clone(&endpoint.inner);
        tokio::spawn(async move { endpoint.serve().await });

        // The library starts the listeners that it knows when its loop begins, and would bind them a second time. So it is told
        // of ours afterwards, which this event marks; they are needed for the addresses in what it sends.
        let transport = Arc::clone(&inner.transport_layer.inner);
        let (events, funnel) = funnel().await?;
        transport.serve_connection(funnel);
        let _ = ready.await;
        let untagged = Arc::<head::Untagged>::default();
        let reader = reading::Reader {
            events,
            guard: Arc::clone(&guard),
            allow: allow.into(),
            untagged: Arc::clone(&untagged),
        };

        let opened = outside::Opened::new(bound.authorities.clone())
            .map_err(|error| rsipstack::Error::Error(error.to_string()))?;
        let addresses = bound.addresses().into();
        let mut udp = Vec::with_capacity(bound.udp.len());
        let used = Arc::default();
        for socket in bound.udp {
            let address = socket.local_addr()?;
            let guarded = udp::GuardedSocket::new(
                socket,
                Arc::clone(&guard),
                allow.to_owned(),
                Arc::downgrade(&dispatch),
                Arc::clone(&used),
                Arc::clone(&untagged),
            );
            let socket = UdpInner {
                addr: SipAddr {
                    r#type: Some(rsipstack::sip::Transport::Udp),
                    addr: SipConnection::resolve_bind_address(address).into(),
                },
                conn: Arc::new(guarded),
            };
            let connection = UdpConnection::attach(socket, None, Some(stop.child_token())).await;
            let connection = SipConnection::Udp(connection);
            transport.add_listener(connection.clone());
            udp.push((address, connection.clone()));
            transport.serve_connection(connection);
        }
        for listener in bound.streams {
            transport.add_listener(listener.announced().await?);
            let (inner, guard) = (Arc::clone(&inner), Arc::clone(&guard));
            tokio::spawn(listener.accept(inner, guard, reader.clone(), stop.clone()));
        }

        let endpoint = Arc::clone(&inner);
        tokio::spawn(async move {
            dispatch.ready().await;
            while let Some(transaction) = requests.recv().await {
                match Room::take(&used) {
                    Some(room) => {
                        if let Some(incoming) = Incoming::new(transaction, room) {
                            dispatch.dispatch(incoming);
                        }
                    }
                    None => dropped("busy"),
                }
            }
        });
        Ok(Self {
            endpoint,
            stop,
            addresses,
            udp: udp.into(),
            opened,
            reader,
        })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[(Wire, SocketAddr)] {
        &self.addresses
    }

    /// The library's endpoint, for what builds dialogs on it.
    pub fn endpoint(&self) -> &EndpointInnerRef {
        &self.endpoint
    }

    /// What reaches a telephone where it was last seen: the connection that it keeps open, a new one when that is gone, or our
    /// UDP port of its family of addresses. The second value is the destination to send to over it.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn reach(
        &self,
        wire: Wire,
        address: SocketAddr,
    ) -> Result<(SipConnection, SipAddr), Unreachable> {
        let target = Self::target(wire, address);
        if wire == Wire::Udp {
            let own = self
                .udp
                .iter()
                .find(|(own, _)| own.is_ipv4() == address.is_ipv4());
            let (_, connection) = own.ok_or(Unreachable::NoListener)?;
            return Ok((connection.clone(), target));
        }
        let found = self.endpoint.transport_layer.lookup(&target, None);
        match tokio::time::timeout(DIAL, found).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => Err(Unreachable::NoConnection(error.to_string())),
            Err(_) => Err(Unreachable::NoConnection(format!("no answer within {DIAL:?}"))),
        }
    }

    /// An address as the library has it.
    fn target(wire: Wire, address: SocketAddr) -> SipAddr {
        SipAddr {
            r#type: Some(wire.transport()),
            addr: address.into(),
        }
    }

    /// Waits until it stops to answer.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Stops to answer and closes every connection.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }
}

/// What takes messages into the library, and the connection that hands them over there. Its beginning is an event.
async fn funnel() -> Result<(TransportSender, SipConnection), rsipstack::Error> {
    let (events, incoming) = tokio::sync::mpsc::unbounded_channel();
    let (outgoing, _) = tokio::sync::mpsc::unbounded_channel();
    let nowhere = SipAddr::default();
    let channel = ChannelConnection::create_connection(incoming, outgoing, nowhere, None).await?;
    Ok((events, SipConnection::Channel(channel)))
}
