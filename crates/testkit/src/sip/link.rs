//! What carries the telephone's messages.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpSocket, TcpStream, UdpSocket},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{CARRIER_CERTIFICATE, CARRIER_KEY, CERTIFICATE, Wire};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

enum Carrier {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>, Vec<u8>),
    WebSocket(Box<WebSocketStream<TcpStream>>),
}

/// A connection to a server, or a port of one's own to send datagrams from.
pub struct Link {
    wire: Wire,
    local: SocketAddr,
    carrier: Carrier,
}

impl Link {
    /// Connects.
    pub async fn open(wire: Wire, server: SocketAddr) -> Self {
        let any = if server.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        Self::open_from(wire, server, any).await
    }

    /// The connection that somebody else made, over TCP.
    pub fn accepted(stream: TcpStream) -> Self {
        Self {
            wire: Wire::Tcp,
            local: stream.local_addr().expect("an address"),
            carrier: Carrier::Stream(Box::new(stream), Vec::new()),
        }
    }

    /// The same over TLS, by who shows the certificate of a provider; none when the other side does not believe it.
    pub async fn accepted_tls(stream: TcpStream) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(CARRIER_CERTIFICATE.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(CARRIER_KEY.as_bytes()).expect("the key is one");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the versions are there")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("the certificate is one")], key)
            .expect("they belong together");
        let local = stream.local_addr().expect("an address");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let stream = acceptor.accept(stream).await.ok()?;
        Some(Self {
            wire: Wire::Tls,
            local,
            carrier: Carrier::Stream(Box::new(stream), Vec::new()),
        })
    }

    /// A port that was taken before the server was there.
    pub async fn of_port(socket: UdpSocket, server: SocketAddr) -> Self {
        socket.connect(server).await.expect("a way to the server");
        Self {
            wire: Wire::Udp,
            local: socket.local_addr().expect("an address"),
            carrier: Carrier::Datagrams(socket),
        }
    }

    /// Connects from an address of this machine.
    pub async fn open_from(wire: Wire, server: SocketAddr, own: IpAddr) -> Self {
        let connect = async || {
            let socket = if own.is_ipv4() {
                TcpSocket::new_v4()
            } else {
                TcpSocket::new_v6()
            };
            let socket = socket.expect("a socket");
            socket.bind(SocketAddr::new(own, 0)).expect("a free port");
            let stream = socket
                .connect(server)
                .await
                .expect("the server takes connections");
            (stream.local_addr().expect("an address"), stream)
        };
        let (local, carrier) = match wire {
            Wire::Udp => {
                // Datagrams come from where the server is, unless they are to come from elsewhere.
                let own = if own.is_unspecified() { server.ip() } else { own };
                let socket = UdpSocket::bind((own, 0)).await.expect("a free port");
                socket.connect(server).await.expect("a way to the server");
                (
                    socket.local_addr().expect("an address"),
                    Carrier::Datagrams(socket),
                )
            }
            Wire::Tcp => {
                let (local, stream) = connect().await;
                (local, Carrier::Stream(Box::new(stream), Vec::new()))
            }
            Wire::Tls => {
                let mut roots = rustls::RootCertStore::empty();
                let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes());
                roots
                    .add(certificate.expect("the certificate is one"))
                    .expect("it can be trusted");
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                let config = rustls::ClientConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .expect("the versions are there")
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                let (local, stream) = connect().await;
                let name = ServerName::try_from("localhost").expect("a name");
                let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
                let stream = connector.connect(name, stream).await.expect("a handshake");
                (local, Carrier::Stream(Box::new(stream), Vec::new()))
            }
            Wire::WebSocket => {
                let (local, stream) = connect().await;
                let mut request = format!("ws://{server}/")
                    .into_client_request()
                    .expect("an address");
                let name = "sec-websocket-protocol";
                request
                    .headers_mut()
                    .insert(name, "sip".parse().expect("a token"));
                let (stream, _) = client_async(request, stream).await.expect("a handshake");
                (local, Carrier::WebSocket(Box::new(stream)))
            }
        };
        Self { wire, local, carrier }
    }

    /// The protocol.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// The address that the server sees.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Sends bytes. That the other side has hung up is seen when nothing comes back.
    pub async fn send(&mut self, bytes: &[u8]) {
        match &mut self.carrier {
            Carrier::Datagrams(socket) => {
                socket.send(bytes).await.ok();
            }
            Carrier::Stream(stream, _) => {
                stream.write_all(bytes).await.ok();
                stream.flush().await.ok();
            }
            Carrier::WebSocket(stream) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                stream.send(Message::Text(text.into())).await.ok();
            }
        }
    }

    /// The next message; none when the other side has hung up.
    pub async fn receive(&mut self) -> Option<String> {
        match &mut self.carrier {
            Carrier::Datagrams(socket) => {
                let mut buffer = vec![0; 65_536];
                let length = socket.recv(&mut buffer).await.ok()?;
                Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
            }
            Carrier::Stream(stream, kept) => loop {
                if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
                    let head = String::from_utf8_lossy(&kept[..end + 4]).into_owned();
                    let length = head
                        .split("\r\n")
                        .find_map(|line| line.strip_prefix("Content-Length:")?.trim().parse().ok())
                        .unwrap_or(0);
                    if kept.len() >= end + 4 + length {
                        let rest = kept.split_off(end + 4 + length);
                        let whole = std::mem::replace(kept, rest);
                        return Some(String::from_utf8_lossy(&whole).into_owned());
                    }
                }
                let mut buffer = [0; 4096];
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => return None,
                    Ok(length) => kept.extend_from_slice(&buffer[..length]),
                }
            },
            Carrier::WebSocket(stream) => loop {
                match stream.next().await?.ok()? {
                    Message::Text(text) => return Some(text.to_string()),
                    Message::Close(_) => return None,
                    _ => {}
                }
            },
        }
    }
}
