//! From the text of a setting to its value.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use axum::http::Uri;
use jackfield_edge::Network;
use lettre::message::Mailbox;

use super::secret::Secret;
use crate::keys::MasterKey;
use crate::log::{LogFilter, LogFormat};
use crate::mail::SmtpUrl;

/// Why a text is no value of its setting.
///
/// Neither part repeats the text: who reports it knows whether it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, as the rest of a sentence that begins with the value: "is not …".
    pub wrong: String,
    /// What to write instead, as a request: "write …".
    pub instead: String,
}

impl Wrong {
    /// Both parts, from anything that reads like text.
    pub fn new(wrong: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            wrong: wrong.into(),
            instead: instead.into(),
        }
    }
}

/// A type that a setting may have.
pub(super) trait Value: Sized {
    /// Reads the text, which is never empty.
    fn read(text: &str) -> Result<Self, Wrong>;

    /// What holds when the setting has no default and nobody sets it; `None` when it must be set.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Value> Value for Option<T> {
    fn read(text: &str) -> Result<Self, Wrong> {
        T::read(text).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Value for SocketAddr {
    fn read(text: &str) -> Result<Self, Wrong> {
        text.parse().map_err(|_| {
            Wrong::new(
                "is not an IP address with a port",
                "write for example `127.0.0.1:8887`, or `0.0.0.0:8887` to be reached from outside, or `[::1]:8887`",
            )
        })
    }
}

impl Value for NonZeroU32 {
    fn read(text: &str) -> Result<Self, Wrong> {
        text.parse().map_err(|_| {
            Wrong::new(
                "is not a whole number from 1 to 4294967295",
                "write for example `5000`",
            )
        })
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, Wrong> {
        Ok(Self::from(text))
    }
}

impl Value for Secret {
    fn read(text: &str) -> Result<Self, Wrong> {
        Ok(Self::new(text))
    }
}

impl Value for MasterKey {
    fn read(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl Value for SmtpUrl {
    fn read(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl Value for LogFilter {
    fn read(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl Value for Mailbox {
    fn read(text: &str) -> Result<Self, Wrong> {
        text.parse().map_err(|_| {
            Wrong::new(
                "is not a mail address",
                "write for example `jackfield@example.com` or `Telephones <jackfield@example.com>`",
            )
        })
    }
}

/// A comma-separated list; spaces around its members do not count.
impl Value for Vec<Network> {
    fn read(text: &str) -> Result<Self, Wrong> {
        let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
        members
            .map(|member| {
                member.parse().map_err(|_| {
                    Wrong::new(
                        format!(
                            "has a member, `{member}`, that is neither an IP address nor a block of them"
                        ),
                        "write them with commas between them, for example `10.0.0.2,192.168.7.0/24`",
                    )
                })
            })
            .collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// Which database holds everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file; it is made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as the URL that its drivers read. It may hold a password.
    Postgres(Secret),
}

impl Value for DatabaseUrl {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write `sqlite:PATH` or `postgres://user:password@host:port/database`";
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite:///var/lib/x.db` is the same file as `sqlite:/var/lib/x.db`: other programs write it with slashes.
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(Wrong::new("names no file", instead)),
                ":memory:" => Err(Wrong::new(
                    "would forget everything when the server stops",
                    instead,
                )),
                path if path.contains('?') => Err(Wrong::new(
                    "has parameters after a `?`, which a SQLite file does not take",
                    instead,
                )),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Secret::new(text)));
        }
        Err(Wrong::new(
            "begins neither with `sqlite:` nor with `postgres://`",
            instead,
        ))
    }
}

/// Where the contents of files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobPlace {
    /// A folder; it is made when it is not there.
    Folder(PathBuf),
    /// A bucket of an object store, as a URL `s3://bucket/prefix`.
    Bucket(String),
}

impl Value for BlobPlace {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write the path of a folder, or `s3://bucket/prefix`";
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        if scheme != "s3" {
            return Err(Wrong::new("is neither a path nor begins with `s3://`", instead));
        }
        if rest.contains('@') {
            return Err(Wrong::new(
                "must not hold a key",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, and write `s3://bucket/prefix`",
            ));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest
            .split('/')
            .all(|part| !part.is_empty() && !matches!(part, "." | "..") && part.chars().all(plain))
        {
            Ok(Self::Bucket(format!("s3://{rest}")))
        } else {
            Err(Wrong::new(
                "does not name a bucket and a prefix in letters, digits, `.`, `-`, `_` and `/`",
                instead,
            ))
        }
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Value for Bytes {
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            Wrong::new(
                "is not a number of bytes",
                "write for example `16M`, or `16777216`",
            )
        };
        let (digits, unit) = match text.strip_suffix(['K', 'M', 'G']) {
            Some(digits) if text.ends_with('K') => (digits, 1 << 10),
            Some(digits) if text.ends_with('M') => (digits, 1 << 20),
            Some(digits) => (digits, 1 << 30),
            None => (text, 1),
        };
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        // What a column of the database can hold.
        let bytes = number
            .checked_mul(unit)
            .filter(|bytes| (1..=1 << 62).contains(bytes));
        bytes.map(Self).ok_or_else(wrong)
    }
}

/// The address under which people and integrations reach this server, for the links in mails and documents. It has no
/// slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a server that listens on `address` and has no public one.
    pub(super) fn local(address: SocketAddr) -> Self {
        // "All addresses" is nowhere to go; whoever reads the link is then most likely on this machine.
        match (address.ip().is_unspecified(), address) {
            (true, SocketAddr::V4(_)) => Self(format!("http://127.0.0.1:{}", address.port())),
            (true, SocketAddr::V6(_)) => Self(format!("http://[::1]:{}", address.port())),
            (false, address) => Self(format!("http://{address}")),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for PublicUrl {
    fn read(text: &str) -> Result<Self, Wrong> {
        let instead = "write for example `https://phones.example.com`";
        let uri: Uri = text.parse().map_err(|_| Wrong::new("is not a URL", instead))?;
        match uri.scheme_str() {
            Some("http" | "https") => {}
            _ => {
                return Err(Wrong::new(
                    "begins neither with `https://` nor with `http://`",
                    instead,
                ));
            }
        }
        if uri
            .authority()
            .is_none_or(|authority| authority.as_str().contains('@'))
        {
            return Err(Wrong::new("must not hold a user or a password", instead));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(Wrong::new(
                "has a query or a fragment, to which no path can be added",
                instead,
            ));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}
