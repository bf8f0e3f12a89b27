//! The directory itself: its parts, and what every use case needs of them.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use jackfield_domain::{Clock, Entropy, Error, Result, TenantId, Timestamp, UserId};
use jackfield_store::{BlobContents, Store};
use moka::sync::Cache;
use tokio::sync::{broadcast, watch};

use crate::{
    ConferenceEngine, Hashing, Mailer, MasterKey,
    cache::Stamps,
    events::{Event, StoreChange, TabRefresh},
    keys::RememberedKey,
    programs::RememberedProgram,
    renewals::{Devices, Renewals},
    secrets::{Sealed, Sealer},
    sessions::RememberedCaller,
    sip::RememberedIdentity,
    tenants::RememberedTenant,
    throttle::Throttle,
    users::RememberedView,
};

/// What a directory is made of. All of it is handed in, so that tests decide what time it is.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where the contents of files are kept.
    pub contents: Arc<dyn BlobContents>,
    /// The most bytes of one file.
    pub max_upload: u64,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Sends mail; without one, what needs mail says so.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Keeps the conferences of meetings.
    pub conferences: Arc<dyn ConferenceEngine>,
    /// Whether calls can be handed to something that keeps voicemail, plays music and holds meetings.
    pub media_engine: bool,
    /// Hashes passwords.
    pub hashing: Hashing,
    /// The key that secrets are sealed with.
    pub master_key: MasterKey,
    /// The address under which the installation is reached, `https://pbx.example.com`; links in mails may lead there.
    pub public_url: Option<String>,
    /// For how long a binding that only goes on may be known to this process alone, 10 seconds at most. Zero to write each one
    /// down before it is answered; else [`Directory::keep_writing_renewals`] has to run.
    pub renewal_delay: Duration,
}

/// What anybody may know of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationInfo {
    /// The address under which it is reached, when it is set.
    pub public_url: Option<String>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) contents: Arc<dyn BlobContents>,
    pub(crate) max_upload: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    pub(crate) conferences: Arc<dyn ConferenceEngine>,
    pub(crate) media_engine: bool,
    pub(crate) hashing: Hashing,
    pub(crate) sealer: Sealer,
    pub(crate) public_url: Option<String>,
    pub(crate) stamps: Stamps,
    pub(crate) callers: Cache<jackfield_domain::TokenHash, RememberedCaller>,
    pub(crate) keys: Cache<jackfield_domain::TokenHash, RememberedKey>,
    pub(crate) programs: Cache<jackfield_domain::TokenHash, RememberedProgram>,
    pub(crate) tenants: Cache<TenantId, RememberedTenant>,
    pub(crate) identities: Cache<(String, String), RememberedIdentity>,
    pub(crate) renewals: Renewals,
    pub(crate) devices: Cache<(TenantId, UserId), Arc<Devices>>,
    pub(crate) views: Cache<(TenantId, UserId, &'static str), RememberedView>,
    /// Which answers were asked for lately: a walk over all users asks once for each, and would only push out of memory what
    /// others ask for again and again.
    pub(crate) looked_at: Vec<AtomicU32>,
    /// How many calls each team had, for those that ring their people in turn.
    pub(crate) turns: Cache<jackfield_store::TeamKey, Arc<AtomicU64>>,
    pub(crate) sign_ins: Throttle,
    pub(crate) sources: Throttle,
    pub(crate) codes: Throttle,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) store_changes: broadcast::Sender<StoreChange>,
    pub(crate) tab_refreshes: broadcast::Sender<TabRefresh>,
    /// Changes whenever an order about a call may have been given or carried out, in whichever process.
    pub(crate) call_orders: watch::Sender<()>,
}

/// The directory. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Directory {
    pub(crate) inner: Arc<Inner>,
}

/// Bytes of finished answers that a process remembers: those of a thousand users. One that is read from the store instead costs
/// three times as much (docs/benchmarks.md).
const VIEW_BYTES: u64 = 4 * 1024 * 1024;
/// How many answers are remembered as having been asked for.
const LOOKS: usize = 16_384;
/// Sessions that a process remembers.
const CALLERS: u64 = 20_000;
/// Keys of programs that a process remembers.
const KEYS: u64 = 1000;
/// Tenants that a process remembers: a few kilobytes each.
const TENANTS: u64 = 1_000;
/// Teams whose turn a process remembers.
const TEAMS: u64 = 10_000;
/// Extensions whose secrets and devices a process remembers: a kilobyte and a half each.
const IDENTITIES: u64 = 20_000;
/// Failed sign-ins from one address, whatever the account, before it is delayed too.
const FREE_FROM_SOURCE: u32 = 50;
/// Events that a slow receiver may be behind.
const EVENTS: usize = 4096;

impl Inner {
    /// Whether an answer was asked for before, as far as is remembered; from now on it was.
    pub(crate) fn second_look(&self, key: &impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        let mark = (hash >> 32) as u32 | 1;
        let slot = usize::try_from(hash % LOOKS as u64).unwrap_or(0);
        self.looked_at
            .get(slot)
            .is_some_and(|seen| seen.swap(mark, Ordering::Relaxed) == mark)
    }
}

impl Directory {
    /// Puts a directory together.
    pub fn new(parts: Parts) -> Self {
        let weigh = |_: &(TenantId, UserId, &str), known: &RememberedView| {
            u32::try_from(known.view.bytes.len() + 200).unwrap_or(u32::MAX)
        };
        let inner = Inner {
            sealer: Sealer::new(&parts.master_key),
            store: parts.store,
            contents: parts.contents,
            max_upload: parts.max_upload,
            clock: parts.clock,
            entropy: parts.entropy,
            mailer: parts.mailer,
            conferences: parts.conferences,
            media_engine: parts.media_engine,
            hashing: parts.hashing,
            public_url: parts.public_url,
            stamps: Stamps::new(),
            callers: Cache::new(CALLERS),
            keys: Cache::new(KEYS),
            programs: Cache::new(CALLERS),
            tenants: Cache::new(TENANTS),
            identities: Cache::new(IDENTITIES),
            devices: Cache::new(IDENTITIES),
            renewals: Renewals::new(parts.renewal_delay),
            views: Cache::builder().max_capacity(VIEW_BYTES).weigher(weigh).build(),
            looked_at: (0..LOOKS).map(|_| AtomicU32::new(0)).collect(),
            turns: Cache::new(TEAMS),
            sign_ins: Throttle::new(),
            sources: Throttle::with_free(FREE_FROM_SOURCE),
            codes: Throttle::new(),
            events: broadcast::Sender::new(EVENTS),
            store_changes: broadcast::Sender::new(EVENTS),
            tab_refreshes: broadcast::Sender::new(EVENTS),
            call_orders: watch::Sender::new(()),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// What anybody may know of the installation.
    pub fn installation_info(&self) -> InstallationInfo {
        InstallationInfo {
            public_url: self.inner.public_url.clone(),
        }
    }

    /// Asks each dependency for a sign of life: its name, and what is wrong with it.
    pub async fn ready(&self) -> Vec<(&'static str, Result<(), String>)> {
        let store = self.inner.store.ping().await.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the database does not answer"
            );
            error.to_string()
        });
        vec![("database", store)]
    }

    /// Whether the master key is the one that this installation's secrets are sealed with. The first key that asks becomes
    /// it. To be called before anything else: a process with another key could read no secret, and would seal new ones so
    /// that no other process can.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] for another key.
    pub async fn check_master_key(&self) -> Result<()> {
        const WRITTEN: &str = "jackfield";
        const OTHER: &str = "the secrets in this database are sealed with another master key: start with the key that it was \
                             made with (JACKFIELD_MASTER_KEY or JACKFIELD_MASTER_KEY_FILE), or restore it from its copy";
        let proof = self
            .sealer()
            .seal(self.entropy(), Sealed::MasterKeyProof, 0, 0, WRITTEN)?;
        let kept = self.store().master_key_proof(&proof).await?;
        match self.sealer().open(Sealed::MasterKeyProof, 0, 0, &kept) {
            Ok(text) if text == WRITTEN => Ok(()),
            _ => Err(Error::NotConfigured(OTHER)),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }
}
