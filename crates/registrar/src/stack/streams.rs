//! Connections: taken, counted, and handed to the library once they speak SIP.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    platform::CancellationToken,
    transaction::endpoint::EndpointInnerRef,
    transport::{
        SipAddr, SipConnection, TcpListenerConnection, TlsConfig, TlsListenerConnection,
        WebSocketListenerConnection,
        tcp::TcpConnection,
        websocket::{WebSocketConnection, WebSocketInner},
    },
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::{
    MaybeTlsStream, accept_hdr_async_with_config,
    tungstenite::{
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::WebSocketConfig,
    },
};

use super::{
    Wire, carried,
    reading::{Reader, Source},
};
use crate::guard::Guard;

/// A connection on which nothing comes for so long is closed: longer than a binding lives, because a telephone that keeps
/// quiet in between can still be called over it.
pub(super) const IDLE: Duration = Duration::from_mins(70);
/// A telephone that has gone without a word is found out by the system within some minutes.
const KEEP_ALIVE: Duration = Duration::from_secs(90);
/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// After a failure to take a connection (no free descriptor) the next try waits for so long.
const PAUSE: Duration = Duration::from_millis(50);
/// The most bytes of a message over WebSocket.
const MESSAGE: usize = 64 * 1024;

/// A port that is taken, and what is spoken there.
pub(super) struct StreamListener {
    wire: Wire,
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
}

impl StreamListener {
    pub(super) fn plain(wire: Wire, listener: TcpListener) -> Self {
        Self {
            wire,
            listener,
            acceptor: None,
        }
    }

    pub(super) fn tls(listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self {
            wire: Wire::Tls,
            listener,
            acceptor: Some(acceptor),
        }
    }

    pub(super) fn address(&self) -> Option<(Wire, SocketAddr)> {
        Some((self.wire, self.listener.local_addr().ok()?))
    }

    /// As the library lists it, for the addresses in what it sends.
    pub(super) async fn announced(&self) -> Result<SipConnection, rsipstack::Error> {
        let address = SipConnection::resolve_bind_address(self.listener.local_addr()?);
        Ok(match self.wire {
            Wire::Tls => {
                let tls = TlsConfig::default();
                SipConnection::TlsListener(TlsListenerConnection::new(address, None, tls).await?)
            }
            Wire::WebSocket => SipConnection::WebSocketListener(
                WebSocketListenerConnection::new(address, None, false).await?,
            ),
            Wire::Tcp | Wire::Udp => {
                SipConnection::TcpListener(TcpListenerConnection::new(address, None).await?)
            }
        })
    }

    /// Takes connections until it is stopped.
    pub(super) async fn accept(
        self,
        endpoint: EndpointInnerRef,
        guard: Arc<Guard>,
        reader: Reader,
        stop: CancellationToken,
    ) {
        let Ok(local) = self.listener.local_addr() else {
            return;
        };
        let local = SipAddr {
            r#type: Some(self.wire.transport()),
            addr: SipConnection::resolve_bind_address(local).into(),
        };
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("a SIP connection could not be taken: {error}");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(connected) = guard.connect(peer.ip()) else {
                continue;
            };
            let (wire, acceptor) = (self.wire, self.acceptor.clone());
            let (endpoint, local, token) = (Arc::clone(&endpoint), local.clone(), stop.child_token());
            let reader = reader.clone();
            tokio::spawn(async move {
                let opening = open(wire, acceptor, stream, local, peer, token.clone());
                match timeout(HANDSHAKE, opening).await {
                    Ok(Ok(opened)) => {
                        carry(opened, peer, &endpoint, &reader, &token).await;
                        // The library cancels the connection's own token when it has ended.
                        token.cancelled().await;
                    }
                    Ok(Err(error)) => tracing::debug!(%peer, "a SIP connection did not come about: {error}"),
                    Err(_) => tracing::debug!(%peer, "a SIP connection took too long to come about"),
                }
                drop(connected);
            });
        }
    }
}

/// A connection over which SIP can be spoken.
enum Opened {
    Tcp(TcpConnection),
    Tls(Box<TlsStream<TcpStream>>),
    WebSocket(WebSocketConnection),
}

/// Reads a connection until it ends.
async fn carry(
    opened: Opened,
    peer: SocketAddr,
    endpoint: &EndpointInnerRef,
    reader: &Reader,
    token: &CancellationToken,
) {
    // What the library would read is held before it can begin to. When it gets its turn nothing is left to be read, so that it takes
    // the connection for closed and out of its list.
    match opened {
        Opened::Tcp(tcp) => {
            let mut half = tcp.inner.read_half.lock().await;
            let connection = SipConnection::Tcp(tcp.clone());
            endpoint.transport_layer.add_connection(connection.clone());
            let source = Source {
                connection,
                wire: Wire::Tcp,
                peer,
                back: &tcp,
            };
            if let Some(mut half) = half.take() {
                reader.read(&mut half, &source, token).await;
            }
        }
        Opened::WebSocket(web_socket) => {
            let mut messages = web_socket.inner.ws_read.lock().await;
            let connection = SipConnection::WebSocket(web_socket.clone());
            endpoint.transport_layer.add_connection(connection.clone());
            let source = Source {
                connection,
                wire: Wire::WebSocket,
                peer,
                back: &web_socket,
            };
            if let Some(mut messages) = messages.take() {
                reader.read_messages(&mut messages, &source, token).await;
            }
        }
        Opened::Tls(stream) => match carried::carry(stream, (Wire::Tls, peer), endpoint, reader, token).await
        {
            Ok(carried) => carried.await,
            Err(error) => {
                tracing::debug!(%peer, "a SIP connection was refused: {error}");
                token.cancel();
            }
        },
    }
}

/// Speaks what has to be spoken before SIP.
async fn open(
    wire: Wire,
    acceptor: Option<TlsAcceptor>,
    stream: TcpStream,
    local: SipAddr,
    peer: SocketAddr,
    token: CancellationToken,
) -> io::Result<Opened> {
    stream.set_nodelay(true)?;
    let keep_alive = TcpKeepalive::new()
        .with_time(KEEP_ALIVE)
        .with_interval(KEEP_ALIVE);
    SockRef::from(&stream).set_tcp_keepalive(&keep_alive)?;
    let remote = SipAddr {
        r#type: local.r#type,
        addr: peer.into(),
    };
    match (wire, acceptor) {
        (Wire::Tls, Some(acceptor)) => {
            let stream = acceptor.accept(stream).await?;
            Ok(Opened::Tls(Box::new(stream)))
        }
        (Wire::WebSocket, _) => {
            let limits = WebSocketConfig::default()
                .max_message_size(Some(MESSAGE))
                .max_frame_size(Some(MESSAGE));
            let stream = MaybeTlsStream::Plain(stream);
            let stream = accept_hdr_async_with_config(stream, sub_protocol, Some(limits))
                .await
                .map_err(io::Error::other)?;
            let (sink, read) = futures_util::StreamExt::split(stream);
            Ok(Opened::WebSocket(WebSocketConnection {
                inner: Arc::new(WebSocketInner {
                    local_addr: local,
                    remote_addr: remote,
                    ws_sink: Mutex::new(sink),
                    ws_read: Mutex::new(Some(read)),
                }),
                cancel_token: Some(token),
            }))
        }
        _ => TcpConnection::from_stream(stream, local, Some(token))
            .map(Opened::Tcp)
            .map_err(io::Error::other),
    }
}

/// Agrees on the sub-protocol `sip`, without which a client speaks something else (RFC 7118 §4).
#[expect(clippy::result_large_err, reason = "the library's signature")]
fn sub_protocol(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let sip = offered
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("sip"));
    if !sip {
        let mut refused = ErrorResponse::new(Some("the sub-protocol has to be `sip`\n".to_owned()));
        *refused.status_mut() = StatusCode::BAD_REQUEST;
        return Err(refused);
    }
    response
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("sip"));
    Ok(response)
}
