//! The server put together: the directory over its store, and the router over the directory.

use std::{path::PathBuf, sync::Arc};

use jackfield_directory::{Directory, Hashing, HashingCost, KeptConferences, Mailer, MasterKey, Parts};
use jackfield_domain::{Clock, Entropy};
use jackfield_edge::{Edge, TrustedProxies};
use jackfield_store_sql::{SqlStore, db::Config};

use crate::{
    blobs,
    config::{DatabaseUrl, Settings},
    keys,
    mail::SmtpMailer,
};

/// What the world hands in: the real one for the program, a fixed one for tests.
#[derive(Clone)]
pub struct World {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Sends mail; none to send it as the settings say.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// What hashing a password costs.
    pub hashing: HashingCost,
}

impl World {
    /// The real one.
    pub fn real() -> Self {
        Self {
            clock: Arc::new(crate::entropy::SystemClock),
            entropy: Arc::new(crate::entropy::OsEntropy),
            mailer: None,
            hashing: HashingCost::RECOMMENDED,
        }
    }
}

/// A directory that is open, and what was found on the way.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub directory: Directory,
    /// The store under them, for what concerns the whole database: backups.
    pub store: Arc<SqlStore>,
    /// The settings it was opened with.
    pub settings: Settings,
    /// The world it lives in.
    pub world: World,
}

/// Why a server does not start. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("the data directory {path} cannot be made: {error}; choose another with --data-dir")]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// There is no master key.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// The database cannot be opened or brought up to date.
    #[error("the database cannot be opened: {}", chain(.0.as_ref()))]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The place of files cannot be used.
    #[error("the place of files (--blobs) cannot be used: {}", chain(.0.as_ref()))]
    Blobs(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The mail server's settings cannot be used.
    #[error("mail cannot be set up: {}", chain(.0.as_ref()))]
    Mail(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The directory refuses to begin.
    #[error("{}", chain(.0.as_ref()))]
    Directory(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An error with all its causes on one line.
fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// How many passwords are hashed at once: one for each core.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl App {
    /// Opens the store, brings it up to date and puts the directory over it.
    ///
    /// # Errors
    /// [`StartError`] says what to do.
    pub async fn open(settings: Settings, world: World) -> Result<Self, StartError> {
        let database = settings.database();
        if matches!(database, DatabaseUrl::Sqlite(_)) {
            settings.make_data_dir().map_err(|error| StartError::DataDir {
                path: settings.data_dir.clone(),
                error,
            })?;
        }
        let key = keys::master_key(&settings, &*world.entropy)?;
        let config = match &database {
            DatabaseUrl::Sqlite(path) => Config::file(path),
            DatabaseUrl::Postgres(url) => Config::postgres(url.expose()),
        };
        let store = SqlStore::open(&config)
            .await
            .map_err(|error| StartError::Store(Box::new(error)))?;
        let store = Arc::new(store);
        let contents = blobs::open(&settings).map_err(StartError::Blobs)?;
        let mailer = match (&world.mailer, &settings.smtp_url, &settings.smtp_from) {
            (Some(mailer), _, _) => Some(Arc::clone(mailer)),
            (None, Some(url), Some(from)) => {
                let mailer =
                    SmtpMailer::new(url, from.clone()).map_err(|error| StartError::Mail(Box::new(error)))?;
                Some(Arc::new(mailer) as Arc<dyn Mailer>)
            }
            _ => None,
        };
        let hashing =
            Hashing::new(world.hashing, cores()).map_err(|error| StartError::Directory(Box::new(error)))?;
        let directory = Directory::new(Parts {
            store: Arc::clone(&store) as Arc<dyn jackfield_directory::Store>,
            contents,
            max_upload: settings.max_upload.0,
            clock: Arc::clone(&world.clock),
            entropy: Arc::clone(&world.entropy),
            mailer,
            conferences: Arc::new(KeptConferences),
            media_engine: settings.sip_media_engine.is_some(),
            hashing,
            master_key: MasterKey::new(*key.expose()),
            public_url: Some(settings.public_address().to_string()),
            renewal_delay: settings.sip_renewal_delay.0,
        });
        directory
            .check_master_key()
            .await
            .map_err(|error| StartError::Directory(Box::new(error)))?;
        Ok(Self {
            directory,
            store,
            settings,
            world,
        })
    }

    /// Creates the first administrator of an empty installation. Gives the password that was made for him, to be shown
    /// once.
    ///
    /// # Errors
    /// When the password of the settings breaks the policy.
    pub async fn ensure_administrator(&self) -> Result<Option<String>, StartError> {
        let password = self
            .settings
            .admin_password
            .as_ref()
            .map(|password| password.expose().to_owned());
        self.directory
            .ensure_administrator(password)
            .await
            .map_err(|error| StartError::Directory(Box::new(error)))
    }

    /// What the dialects' routers share.
    pub(crate) fn edge(&self) -> Edge {
        let trusted = TrustedProxies::new(self.settings.trusted_proxies.iter().copied());
        Edge::new(self.directory.clone(), trusted, &*self.world.entropy)
    }
}
