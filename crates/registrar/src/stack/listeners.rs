//! Taking the ports, before anything else is done: a server that cannot have them does not start.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::{Wire, streams::StreamListener};
use crate::{SipConfig, TlsFiles};

/// Datagrams that the system keeps while we are busy: some thousands.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// Connections that the system keeps until they are taken.
const BACKLOG: i32 = 1024;
/// How often a free port for UDP is looked for that is free for TCP too.
const ATTEMPTS: usize = 20;

/// Why an edge cannot listen. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An address cannot be had.
    #[error("cannot listen on {address} for SIP over {wire}: {error}")]
    Address {
        /// The protocol.
        wire: Wire,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// A file of the certificate cannot be used.
    #[error("{path} cannot be used for SIP over TLS: {wrong}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        wrong: String,
    },
    /// There is no certificate.
    #[error("SIP over TLS needs a certificate and its key")]
    NoCertificate,
}

/// Ports that are taken.
pub struct Bound {
    pub(super) udp: Vec<UdpSocket>,
    pub(super) streams: Vec<StreamListener>,
    /// Whose signature under a certificate is believed.
    pub(super) authorities: RootCertStore,
}

impl Bound {
    /// Takes the ports of a configuration.
    ///
    /// # Errors
    /// [`BindError`] for the first that cannot be had.
    pub fn bind(config: &SipConfig) -> Result<Self, BindError> {
        let mut bound = Self {
            udp: Vec::new(),
            streams: Vec::new(),
            authorities: authorities(config.authorities.as_deref())?,
        };
        for &address in &config.listen.plain {
            let (socket, listener) = pair(address)?;
            bound.udp.push(socket);
            bound.streams.push(StreamListener::plain(Wire::Tcp, listener));
        }
        if !config.listen.tls.is_empty() {
            let files = config.tls.as_ref().ok_or(BindError::NoCertificate)?;
            let acceptor = acceptor(files)?;
            for &address in &config.listen.tls {
                let listener = tcp(Wire::Tls, address)?;
                bound
                    .streams
                    .push(StreamListener::tls(listener, acceptor.clone()));
            }
        }
        for &address in &config.listen.web_socket {
            let listener = tcp(Wire::WebSocket, address)?;
            bound
                .streams
                .push(StreamListener::plain(Wire::WebSocket, listener));
        }
        Ok(bound)
    }

    /// Which they are.
    pub fn addresses(&self) -> Vec<(Wire, SocketAddr)> {
        let udp = self
            .udp
            .iter()
            .filter_map(|socket| Some((Wire::Udp, socket.local_addr().ok()?)));
        let streams = self.streams.iter().filter_map(StreamListener::address);
        udp.chain(streams).collect()
    }
}

/// The same port for UDP and TCP.
fn pair(address: SocketAddr) -> Result<(UdpSocket, TcpListener), BindError> {
    let mut attempt = 1;
    loop {
        let socket = udp(address)?;
        let port = socket.local_addr().map_or(address.port(), |own| own.port());
        match tcp(Wire::Tcp, SocketAddr::new(address.ip(), port)) {
            Err(_) if address.port() == 0 && attempt < ATTEMPTS => attempt += 1,
            listener => return Ok((socket, listener?)),
        }
    }
}

fn udp(address: SocketAddr) -> Result<UdpSocket, BindError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        // The system gives what it allows; less is no failure.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.bind(&address.into())?;
        UdpSocket::from_std(socket.into())
    };
    open().map_err(|error| BindError::Address {
        wire: Wire::Udp,
        address,
        error,
    })
}

fn tcp(wire: Wire, address: SocketAddr) -> Result<TcpListener, BindError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    open().map_err(|error| BindError::Address { wire, address, error })
}

/// The authorities that browsers know, and those of a file.
fn authorities(file: Option<&Path>) -> Result<RootCertStore, BindError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let Some(file) = file else { return Ok(roots) };
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(file, error.to_string()))?;
    }
    Ok(roots)
}

/// The certificates in a file, at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, BindError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(file, error.to_string()))?;
    if found.is_empty() {
        return Err(unusable(file, "it holds no certificate in PEM form".to_owned()));
    }
    Ok(found)
}

fn unusable(path: &Path, wrong: String) -> BindError {
    BindError::Certificate {
        path: path.to_owned(),
        wrong,
    }
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, BindError> {
    let certificates = certificates(&files.certificate)?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable(&files.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| unusable(&files.certificate, error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
