//! What every handler can reach.

use axum::extract::FromRef;
use jackfield_directory::Directory;
use jackfield_domain::Entropy;

use crate::{RequestIds, TrustedProxies};

/// The state of every dialect's router. A handler takes the part it needs: `State(directory): State<Directory>`.
#[derive(Clone)]
pub struct Edge {
    /// The use cases.
    pub directory: Directory,
    /// The proxies whose word on a client's address counts.
    pub trusted_proxies: TrustedProxies,
    /// Names requests.
    pub request_ids: RequestIds,
}

impl Edge {
    /// The state around a directory.
    pub fn new(directory: Directory, trusted_proxies: TrustedProxies, entropy: &dyn Entropy) -> Self {
        Self {
            directory,
            trusted_proxies,
            request_ids: RequestIds::new(entropy),
        }
    }
}

impl FromRef<Edge> for Directory {
    fn from_ref(edge: &Edge) -> Self {
        edge.directory.clone()
    }
}

impl FromRef<Edge> for TrustedProxies {
    fn from_ref(edge: &Edge) -> Self {
        edge.trusted_proxies.clone()
    }
}
