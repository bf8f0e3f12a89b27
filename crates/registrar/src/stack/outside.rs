//! The way to those who do not register here: providers.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc};

use parking_lot::Mutex;

use rsipstack::{
    platform::CancellationToken,
    sip::{Auth, Host, Param, Scheme, Uri},
    transport::SipAddr,
};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{DIAL, Stack, Unreachable, Wire, carried};

/// A connection that speaks whatever it speaks.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What connections are opened with, and those that were; the library cancels the token of one that has ended.
#[derive(Clone)]
pub(super) struct Opened {
    config: Arc<ClientConfig>,
    open: Arc<Mutex<HashMap<(Wire, SocketAddr), CancellationToken>>>,
}

impl Opened {
    /// Trusts what the authorities have signed.
    pub(super) fn new(authorities: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
            open: Arc::default(),
        })
    }

    async fn connect(&self, wire: Wire, address: SocketAddr, host: &str) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        if wire != Wire::Tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        Ok(Box::new(connector.connect(name, stream).await?))
    }
}

impl Stack {
    /// Makes sure that there is a way to an address, and gives what to send to. Over TLS the other side has to have a
    /// certificate for its host that a public authority has signed, or one of those that this server was told of.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub(crate) async fn dial(
        &self,
        wire: Wire,
        address: SocketAddr,
        host: &str,
    ) -> Result<SipAddr, Unreachable> {
        if !matches!(wire, Wire::Tcp | Wire::Tls) {
            let (_, target) = self.reach(wire, address).await?;
            return Ok(target);
        }
        let (way, target) = ((wire, address), Self::target(wire, address));
        let lives = |token: &CancellationToken| !token.is_cancelled();
        if self.opened.open.lock().get(&way).is_some_and(lives) {
            return Ok(target);
        }
        let failed = |error: String| Unreachable::NoConnection(error);
        let stream = tokio::time::timeout(DIAL, self.opened.connect(wire, address, host))
            .await
            .map_err(|_| failed(format!("no answer within {DIAL:?}")))?
            .map_err(|error| failed(error.to_string()))?;
        let token = self.stop.child_token();
        let carried = carried::carry(stream, way, &self.endpoint, &self.reader, &token)
            .await
            .map_err(|error| failed(error.to_string()))?;
        tokio::spawn(carried);
        let mut open = self.opened.open.lock();
        open.retain(|_, token| lives(token));
        open.insert(way, token);
        Ok(target)
    }

    /// The address of ours, with this user, that requests come to over a protocol and a family of addresses. Without a listener for the protocol it is
    /// the address of another, with this one's name: then they come over the connection that we opened.
    pub(crate) fn contact(&self, wire: Wire, ipv4: bool, user: &str) -> Option<Uri> {
        Some(Uri {
            scheme: Some(Scheme::Sip),
            auth: Some(Auth {
                user: user.to_owned(),
                password: None,
            }),
            host_with_port: self.own(wire, ipv4)?.addr,
            // The library takes a contact that names its protocol as it is.
            params: vec![Param::Transport(wire.transport())],
            ..Uri::default()
        })
    }

    /// The address of ours that requests come to over a protocol and a family of addresses, or one that comes close, with that protocol.
    pub(super) fn own(&self, wire: Wire, ipv4: bool) -> Option<SipAddr> {
        let family = |address: &&SipAddr| match &address.addr.host {
            Host::IpAddr(ip) => ip.is_ipv4() == ipv4,
            Host::Domain(_) => false,
        };
        let addresses = self.endpoint.transport_layer.get_listen_addrs();
        let same = |address: &&SipAddr| match (address.r#type, wire) {
            (None, Wire::Udp) => true,
            (own, wire) => own == Some(wire.transport()),
        };
        let found = addresses
            .iter()
            .find(|address| family(address) && same(address))
            .or_else(|| addresses.iter().find(family))
            .or_else(|| addresses.iter().find(same))?;
        Some(SipAddr {
            r#type: Some(wire.transport()),
            addr: found.addr.clone(),
        })
    }
}
