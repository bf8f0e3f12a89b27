//! The way to those who do not register here: providers.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use parking_lot::Mutex;

use rsipstack::{
    platform::CancellationToken,
    sip::{Host, Param, Scheme, Uri},
    transport::{SipAddr, SipConnection, tls::TlsConnection},
};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::{DIAL, Stack, Unreachable, Wire};

/// The connections over TLS that were opened here; the library cancels the token of one that has ended.
pub(super) type Secured = Arc<Mutex<HashMap<SocketAddr, CancellationToken>>>;

impl Stack {
    /// Makes sure that there is a way to an address, and gives what to send to. Over TLS the other side has to have a
    /// certificate for its host that a public authority has signed.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub(crate) async fn dial(
        &self,
        wire: Wire,
        address: SocketAddr,
        host: &str,
    ) -> Result<SipAddr, Unreachable> {
        let target = SipAddr {
            r#type: Some(wire.transport()),
            addr: address.into(),
        };
        if wire != Wire::Tls {
            let (_, target) = self.reach(wire, address).await?;
            return Ok(target);
        }
        let lives = |token: &CancellationToken| !token.is_cancelled();
        if self.secured.lock().get(&address).is_some_and(lives) {
            return Ok(target);
        }
        let token = self.stop.child_token();
        let failed = |error: String| Unreachable::NoConnection(error);
        let opening = tokio::time::timeout(DIAL, secure(address, host, &target, token.clone()));
        let connection = opening
            .await
            .map_err(|_| failed(format!("no answer within {DIAL:?}")))?
            .map_err(|error| failed(error.to_string()))?;
        self.endpoint.transport_layer.add_connection(connection);
        let mut secured = self.secured.lock();
        secured.retain(|_, token| !token.is_cancelled());
        secured.insert(address, token);
        Ok(target)
    }

    /// The address of ours that requests come to over a protocol and a family of addresses. Without a listener for the protocol it is
    /// the address of another, with this one's name: then they come over the connection that we opened.
    pub(crate) fn contact(&self, wire: Wire, ipv4: bool) -> Option<Uri> {
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
        let mut uri = Uri {
            scheme: Some(Scheme::Sip),
            host_with_port: found.addr.clone(),
            ..Uri::default()
        };
        // The library takes a contact that names its protocol as it is.
        uri.params = vec![Param::Transport(wire.transport())];
        Some(uri)
    }
}

async fn secure(
    address: SocketAddr,
    host: &str,
    target: &SipAddr,
    token: CancellationToken,
) -> std::io::Result<SipConnection> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let connection = TlsConnection::from_client_stream(stream, target.clone(), Some(token)).await;
    connection.map(SipConnection::Tls).map_err(std::io::Error::other)
}
