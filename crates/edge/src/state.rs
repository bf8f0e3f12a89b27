//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use jackfield_directory::Directory;
use jackfield_domain::Entropy;

use crate::{RequestIds, TrustedProxies};

/// The state of every dialect's router. A handler takes the part it needs: `State(directory): State<Directory>`.
///
/// One reference count for all of it: the router clones its state several times a request, and cores that count at the same
/// place wait for each other.
#[derive(Clone)]
pub struct Edge(Arc<Parts>);

struct Parts {
    directory: Directory,
    trusted_proxies: TrustedProxies,
    request_ids: RequestIds,
}

impl Edge {
    /// The state around a directory. `trusted_proxies` are those whose word on a client's address counts.
    pub fn new(directory: Directory, trusted_proxies: TrustedProxies, entropy: &dyn Entropy) -> Self {
        Self(Arc::new(Parts {
            directory,
            trusted_proxies,
            request_ids: RequestIds::new(entropy),
        }))
    }

    /// Names requests.
    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }
}

impl FromRef<Edge> for Directory {
    fn from_ref(edge: &Edge) -> Self {
        edge.0.directory.clone()
    }
}

impl FromRef<Edge> for TrustedProxies {
    fn from_ref(edge: &Edge) -> Self {
        edge.0.trusted_proxies.clone()
    }
}
