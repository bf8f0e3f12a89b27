//! Who sent a request: the digest scheme over the secrets that the directory keeps (RFC 3261 §22, RFC 8760).
//!
//! A stranger learns nothing of who exists: the challenge for a number that is nobody's, or at a domain that nobody has, is
//! made like any other, and the proof for it is computed and fails. A failure counts only when the nonce was ours for that
//! source, which nobody can have who writes another's address into his datagrams.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Directory, SipIdentity, TrunkAccount};
use jackfield_domain::{Clock, Entropy, Error};
use tokio::sync::Semaphore;

use crate::{
    Algorithm,
    credentials::{Credentials, Ha1, challenge},
    guard::{Guard, dropped},
    nonce::Nonces,
    stack::{Asked, Incoming},
    syntax::{Address, warning},
};

/// Answers that are held back at the same time. What comes above gets none.
const HELD: usize = 500;
/// The hashes of nobody: as long as real ones, so that comparing takes as long.
const NOBODY: Ha1<'static> = Ha1 {
    md5: &[0; 16],
    sha256: &[0; 32],
};

/// Which door a request stands at: each has its own status and headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The one of the registrar: 401.
    Registrar,
    /// The one that calls go through: 407.
    Proxy,
}

impl Door {
    const fn names(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Registrar => (401, "WWW-Authenticate", "Authorization"),
            Self::Proxy => (407, "Proxy-Authenticate", "Proxy-Authorization"),
        }
    }
}

/// Why a request is not believed, and what to answer.
#[derive(Debug)]
pub enum Denied {
    /// Ask again with this.
    Challenge {
        /// The status.
        status: u16,
        /// The challenges.
        headers: Vec<(&'static str, String)>,
        /// For how long the answer is held back.
        delay: Duration,
    },
    /// The directory cannot be asked.
    Unavailable,
}

/// Who sent a request.
#[derive(Debug, Clone)]
pub enum Proved {
    /// A telephone of an extension.
    Extension(Arc<SipIdentity>),
    /// The provider of a trunk that registers here.
    Trunk(Arc<TrunkAccount>),
}

/// Somebody who can be proved.
trait Provable {
    /// What he proves himself with.
    fn ha1(&self) -> Ha1<'_>;
}

impl Provable for Arc<SipIdentity> {
    fn ha1(&self) -> Ha1<'_> {
        Ha1 {
            md5: &self.ha1_md5,
            sha256: &self.ha1_sha256,
        }
    }
}

impl Provable for Proved {
    fn ha1(&self) -> Ha1<'_> {
        match self {
            Self::Extension(identity) => identity.ha1(),
            Self::Trunk(account) => Ha1 {
                md5: &account.ha1_md5,
                sha256: &account.ha1_sha256,
            },
        }
    }
}

/// Judges proofs of identity.
pub struct Authenticator {
    directory: Directory,
    clock: Arc<dyn Clock>,
    guard: Arc<Guard>,
    nonces: Nonces,
    algorithms: Vec<Algorithm>,
    held: Semaphore,
}

impl Authenticator {
    pub(crate) fn new(
        directory: Directory,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        guard: Arc<Guard>,
        algorithms: Vec<Algorithm>,
    ) -> Self {
        Self {
            directory,
            clock,
            guard,
            nonces: Nonces::new(entropy),
            algorithms,
            held: Semaphore::new(HELD),
        }
    }

    /// Which extension sent a request, proved for a domain (in lower case). It may be disabled: what that means is the caller's to say.
    ///
    /// # Errors
    /// [`Denied`], to be handed to [`Authenticator::deny`].
    pub async fn prove(
        &self,
        incoming: &impl Asked,
        door: Door,
        domain: &str,
    ) -> Result<Arc<SipIdentity>, Denied> {
        let known = async |name: &str| self.directory.sip_identity(domain, name).await;
        self.judge(incoming, door, domain, known).await
    }

    /// As [`prove`](Self::prove), where a provider that registers here may ask as well.
    ///
    /// # Errors
    /// [`Denied`], to be handed to [`Authenticator::deny`].
    pub async fn prove_any(&self, incoming: &impl Asked, door: Door, domain: &str) -> Result<Proved, Denied> {
        let known = async |name: &str| {
            if let Some(identity) = self.directory.sip_identity(domain, name).await? {
                return Ok(Some(Proved::Extension(identity)));
            }
            let account = self.directory.trunk_account(domain, name).await?;
            Ok(account.map(Proved::Trunk))
        };
        self.judge(incoming, door, domain, known).await
    }

    async fn judge<T: Provable>(
        &self,
        incoming: &impl Asked,
        door: Door,
        domain: &str,
        known: impl AsyncFnOnce(&str) -> Result<Option<T>, Error>,
    ) -> Result<T, Denied> {
        let (_, _, header) = door.names();
        let offered = |one: &Credentials<'_>| self.algorithms.contains(&one.algorithm);
        let found = Credentials::find(incoming.headers(header), domain).filter(offered);
        let Some(credentials) = found else {
            return Err(self.challenge(incoming, door, domain, false, Duration::ZERO));
        };
        let (source, now) = (incoming.from().ip(), self.clock.now());
        // Before anything is asked of the directory: only who was given a nonce may cost that much.
        let Some(nonce) = self.nonces.read(&credentials.nonce, source, domain, now) else {
            return Err(self.challenge(incoming, door, domain, true, Duration::ZERO));
        };
        let sender = known(&credentials.username).await.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "who sent a request could not be looked up"
            );
            Denied::Unavailable
        })?;
        let ha1 = sender.as_ref().map_or(NOBODY, Provable::ha1);
        let proved = credentials.prove(&incoming.method(), &ha1);
        let Some(sender) = sender.filter(|_| proved) else {
            let delay = self.guard.failed(source, &credentials.username);
            return Err(self.challenge(incoming, door, domain, false, delay));
        };
        if !self.nonces.spend(nonce, credentials.count, now) {
            return Err(self.challenge(incoming, door, domain, true, Duration::ZERO));
        }
        self.guard.succeeded(source, &credentials.username);
        Ok(sender)
    }

    /// Who sent a request in his own name, `from`, and may do so; anybody else is answered.
    pub(crate) async fn admit(
        &self,
        incoming: Incoming,
        from: &Address,
    ) -> Option<(Incoming, Arc<SipIdentity>)> {
        let identity = match self.prove(&incoming, Door::Registrar, &from.host).await {
            Ok(identity) => identity,
            Err(denied) => {
                self.deny(incoming, denied).await;
                return None;
            }
        };
        if !identity.enabled {
            incoming.answer(403, Vec::new()).await;
            return None;
        }
        if identity.number != from.user {
            let headers = warning("From is another extension than the one that proved itself");
            incoming.answer(403, headers).await;
            return None;
        }
        Some((incoming, identity))
    }

    /// A new challenge, for who has proved himself but with what is out of date.
    pub(crate) fn again(&self, incoming: &impl Asked, door: Door, domain: &str) -> Denied {
        self.challenge(incoming, door, domain, true, Duration::ZERO)
    }

    fn challenge(
        &self,
        incoming: &impl Asked,
        door: Door,
        domain: &str,
        stale: bool,
        delay: Duration,
    ) -> Denied {
        let (status, header, _) = door.names();
        let nonce = self.nonces.make(incoming.from().ip(), domain, self.clock.now());
        let headers = self
            .algorithms
            .iter()
            .map(|algorithm| (header, challenge(domain, &nonce, *algorithm, stale)))
            .collect();
        Denied::Challenge {
            status,
            headers,
            delay,
        }
    }

    /// Answers a request that is not believed.
    pub async fn deny(&self, incoming: impl Asked, denied: Denied) {
        match denied {
            Denied::Challenge {
                status,
                headers,
                delay,
            } => {
                if !delay.is_zero() {
                    let Ok(_held) = self.held.try_acquire() else {
                        dropped("held");
                        return;
                    };
                    tokio::time::sleep(delay).await;
                }
                incoming.answer(status, headers).await;
            }
            Denied::Unavailable => {
                incoming.answer(503, vec![("Retry-After", "5".to_owned())]).await;
            }
        }
    }
}
