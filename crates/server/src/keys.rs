//! The master key, under which SIP secrets are sealed in the database.
//!
//! It comes from a setting, or from a file that a setting names, or, on SQLite, from `master.key` in the data directory,
//! which is made at the first start. On PostgreSQL it must be given: several servers share that database, and a key that
//! one of them made for itself would be unknown to the others.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jackfield_domain::Entropy;

use crate::config::{DatabaseUrl, Settings, Wrong};

/// The name of the file in the data directory that holds the key when no setting gives one.
const KEY_FILE: &str = "master.key";

/// The most bytes that are read from a key file; both forms of the key fit well.
const LONGEST_FILE: u64 = 1024;

/// 32 bytes that seal and open SIP secrets. Its `Debug` prints `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits or the base64 form (standard or URL-safe, padded or not) of 32 bytes. White space
    /// around it does not count.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        let decoded = match hex::decode(text) {
            Ok(bytes) => Some(bytes),
            Err(_) => engines.iter().find_map(|engine| engine.decode(text).ok()),
        };
        let wrong = match decoded.map(<[u8; 32]>::try_from) {
            Some(Ok(bytes)) => return Ok(Self(bytes)),
            Some(Err(bytes)) => format!("is a key of {} bytes, not of 32", bytes.len()),
            None => "is neither hexadecimal nor base64".to_owned(),
        };
        Err(Wrong::new(wrong, "make one with `openssl rand -hex 32`"))
    }

    /// The bytes, for the one who seals with them.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why there is no master key. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Two settings each name a key.
    #[error(
        "JACKFIELD_MASTER_KEY and JACKFIELD_MASTER_KEY_FILE are both set; remove one of them, so that it is plain which \
         key seals"
    )]
    Both,
    /// PostgreSQL without a key.
    #[error(
        "a server on PostgreSQL needs a master key; make one with `openssl rand -hex 32` and give the same to every \
         server of this database, in JACKFIELD_MASTER_KEY or in the file that JACKFIELD_MASTER_KEY_FILE names"
    )]
    Needed,
    /// A SQLite database, and no key beside it.
    #[error(
        "{database} exists, but its master key {key} does not: put the key back from your backup, or set \
         JACKFIELD_MASTER_KEY or JACKFIELD_MASTER_KEY_FILE if the key was there. If it is lost, every SIP secret must be \
         set anew: accept that with `openssl rand -hex 32 > {key} && chmod 600 {key}`"
    )]
    Lost {
        /// The database file.
        database: String,
        /// Where its key should be.
        key: String,
    },
    /// Others may read the key file.
    #[error("other users of this machine can read the master key in {0}; run `chmod 600 {0}`")]
    Exposed(String),
    /// What the key file holds is no key.
    #[error("what {path} holds {wrong}; {instead}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with what it holds.
        wrong: String,
        /// What to do.
        instead: String,
    },
    /// The system did not let us read or write.
    #[error("{path} cannot be {verb}: {error}; {instead}")]
    Io {
        /// The file or folder.
        path: String,
        /// What was tried: "read", "made".
        verb: &'static str,
        /// What the system said.
        error: io::Error,
        /// What to do.
        instead: &'static str,
    },
}

/// The master key that `settings` ask for. On SQLite it is made at the first start, drawn from `entropy`.
pub fn master_key(settings: &Settings, entropy: &dyn Entropy) -> Result<MasterKey, KeyError> {
    match (
        &settings.master_key,
        &settings.master_key_file,
        settings.database(),
    ) {
        (Some(_), Some(_), _) => Err(KeyError::Both),
        (Some(key), None, _) => Ok(key.clone()),
        (None, Some(path), _) => read(path)
            .map_err(|error| unreadable(path, error))
            .and_then(|text| parse(path, &text)),
        (None, None, DatabaseUrl::Postgres(_)) => Err(KeyError::Needed),
        (None, None, DatabaseUrl::Sqlite(database)) => beside(settings, &database, entropy),
    }
}

/// The key in the data directory, made when neither it nor the database is there.
fn beside(settings: &Settings, database: &Path, entropy: &dyn Entropy) -> Result<MasterKey, KeyError> {
    let path = settings.data_dir.join(KEY_FILE);
    // Looked at before the key: another server that starts now makes the key first and the database second.
    let old = database.exists();
    match read(&path) {
        Ok(text) => return parse(&path, &text),
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(&path, error)),
    }
    // A new key beside an old database would seal new secrets and leave the old ones shut, unnoticed.
    if old {
        return Err(KeyError::Lost {
            database: show(database),
            key: show(&path),
        });
    }
    let failed = |path: &Path| {
        let path = show(path);
        let instead = "make the data directory writable, or give the key in JACKFIELD_MASTER_KEY";
        move |error| KeyError::Io {
            path,
            verb: "made",
            error,
            instead,
        }
    };
    settings.make_data_dir().map_err(failed(&settings.data_dir))?;
    create(&path, entropy).map_err(failed(&path))?;
    // Another server may have made it meanwhile; what the file holds is the truth.
    read(&path)
        .map_err(|error| unreadable(&path, error))
        .and_then(|text| parse(&path, &text))
}

/// Makes the key file whole or not at all: the key reaches the disk under another name, and then gets its own, unless
/// someone else was faster.
fn create(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut key = [0_u8; 32];
    entropy.fill(&mut key);
    let mut tag = [0_u8; 8];
    entropy.fill(&mut tag);
    let draft = path.with_file_name(format!("{KEY_FILE}.{}.new", hex::encode(tag)));

    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        writeln!(file, "{}", hex::encode(key))?;
        file.sync_all()
    });
    // A link, not a rename: a rename would put our key over that of another server, which may have used it already.
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&draft);
    linked?;
    removed?;
    // The name is on disk only when the folder is. Folders cannot be opened as files everywhere.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

enum ReadError {
    Exposed,
    Io(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a key file that others may not read. The file that is checked is the one that is read, because it is opened
/// first.
fn read(path: &Path) -> Result<String, ReadError> {
    let file = File::open(path)?;
    // The group may read: that is how a container's secret reaches a server that does not run as root.
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o007 != 0 {
        return Err(ReadError::Exposed);
    }
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ok(text)
}

fn unreadable(path: &Path, error: ReadError) -> KeyError {
    match error {
        ReadError::Exposed => KeyError::Exposed(show(path)),
        ReadError::Io(error) => KeyError::Io {
            path: show(path),
            verb: "read",
            error,
            instead: "name a file that exists and that the server's user may read",
        },
    }
}

fn parse(path: &Path, text: &str) -> Result<MasterKey, KeyError> {
    MasterKey::parse(text).map_err(|Wrong { wrong, instead }| KeyError::Malformed {
        path: show(path),
        wrong,
        instead,
    })
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
