//! How an edge is set up. Everything is handed in by the program.

use std::{net::IpAddr, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use crate::MediaEngine;

/// Where an edge listens. Port 0 takes a free one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listen {
    /// Addresses for UDP and TCP, each for both.
    pub plain: Vec<SocketAddr>,
    /// Addresses for TLS.
    pub tls: Vec<SocketAddr>,
    /// Addresses for WebSocket.
    pub web_socket: Vec<SocketAddr>,
}

/// The certificate of the TLS listeners and its key, both as files in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those that lead to a root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A hash function of the digest scheme (RFC 8760).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// MD5, which most telephones still know alone.
    Md5,
}

impl Algorithm {
    /// Its name in a header.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }
}

/// What one source, and all of them together, may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages a second from one source; twice as many at once. 0 for no limit.
    pub rate: u32,
    /// Failed proofs of identity from one source until it is banned. 0 for never.
    pub failures: u32,
    /// For how long it is banned, and for how long after the last one its failures are remembered at least.
    pub ban: Duration,
    /// Connections from one source at the same time.
    pub connections_of_source: u32,
    /// Connections at the same time.
    pub connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: 500,
            failures: 100,
            ban: Duration::from_hours(12),
            connections_of_source: 1000,
            // Some 75 kB each.
            connections: 10_000,
        }
    }
}

/// Whether an address is a proxy of ours: its `Path` is believed and it is neither limited nor banned.
pub type Trusted = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// How an edge is set up.
#[derive(Clone)]
pub struct SipConfig {
    /// Where it listens.
    pub listen: Listen,
    /// The certificate for the TLS listeners.
    pub tls: Option<TlsFiles>,
    /// The certificates of authorities that providers may be signed by, beside those that browsers know: a file in PEM form.
    pub authorities: Option<PathBuf>,
    /// The hash functions that are offered and taken, in this order.
    pub algorithms: Vec<Algorithm>,
    /// The limits.
    pub limits: Limits,
    /// The proxies.
    pub trusted: Trusted,
    /// What takes calls that need a sound of their own.
    pub engine: Option<Arc<dyn MediaEngine>>,
}

impl Default for SipConfig {
    /// Listens nowhere and trusts nobody.
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            tls: None,
            authorities: None,
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            limits: Limits::default(),
            trusted: Arc::new(|_| false),
            engine: None,
        }
    }
}
