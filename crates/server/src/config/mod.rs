//! The settings of a server: one table, from which the flags, the environment variables, the keys of the settings file,
//! the help and `docs/settings.md` all follow.
//!
//! To add a setting, add a row to the table below. Its name gives the three ways to set it, its type says how its text
//! is read (a new type implements `Value` in `value.rs`), its documentation is the help. Then refresh the page as the
//! test `settings_page` says.
//!
//! A flag goes before the environment, the environment before the file, the file before the default. All faults are
//! reported at once, each with where the value came from and what to write instead; a secret is never shown.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use jackfield_edge::Network;
use jackfield_registrar::EngineAddress;
use lettre::message::Mailbox;

use crate::keys::MasterKey;
use crate::log::{LogFilter, LogFormat};
use crate::mail::SmtpUrl;

mod args;
mod error;
mod file;
mod secret;
mod sip;
mod table;
mod value;

#[cfg(test)]
mod tests;

pub use args::SettingsArgs;
pub use error::{ConfigError, Origin, Problem};
pub use secret::Secret;
pub use sip::{Addresses, Count, Delay, Digests, Span, Switch};
pub use table::Setting;
pub use value::{BlobPlace, Bytes, DatabaseUrl, PublicUrl, Wrong};

use file::File;
use value::Value;

/// Makes [`Settings`], [`SETTINGS`] and the function that fills the one along the other.
macro_rules! settings {
    ($(
        $(#[doc = $help:literal])+
        $name:ident: $type:ty {
            default: $default:expr, otherwise: $otherwise:literal, example: $example:literal, secret: $secret:literal
        }
    )+) => {
        /// What the server was told, read and checked.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $($(#[doc = $help])+ pub $name: $type,)+
        }

        /// The table of settings, in the order in which help and documentation show them.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            help: concat!($($help, "\n"),+),
            default: $default,
            otherwise: $otherwise,
            example: $example,
            secret: $secret,
        }),+];

        impl Settings {
            /// Reads every setting; `None` when one cannot be used, which `problems` then explain.
            fn fill(sources: &Sources<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
                let mut rows = SETTINGS.iter();
                $(let $name: Option<$type> = rows.next().and_then(|row| sources.read(row, problems));)+
                Some(Self { $($name: $name?),+ })
            }
        }
    };
}

settings! {
    /// Address and port on which the server answers.
    listen: SocketAddr {
        default: Some("127.0.0.1:8887"), otherwise: "", example: "0.0.0.0:8887", secret: false
    }
    /// The database: `sqlite:PATH`, or `postgres://user:password@host:port/database`. Several servers may share one
    /// PostgreSQL database, but not a SQLite file.
    database_url: Option<DatabaseUrl> {
        default: None, otherwise: "`jackfield.db` in the data directory",
        example: "postgres://jackfield:secret@db.example.com/jackfield", secret: true
    }
    /// The folder for what the server itself keeps; it is made when it is not there, for the server's user only.
    data_dir: PathBuf {
        default: Some("./data"), otherwise: "", example: "/var/lib/jackfield", secret: false
    }
    /// Where the contents of files are kept (greetings, pictures, recordings): a folder, or a bucket `s3://bucket/prefix` of an
    /// object store. How to reach a bucket is said in the variables that other programs read too: `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and for a store that is not Amazon's `AWS_ENDPOINT_URL` (with
    /// `AWS_ALLOW_HTTP=true` when it has no TLS). Several servers on one database need a place that all of them see.
    blobs: Option<BlobPlace> {
        default: None, otherwise: "the folder `blobs` in the data directory", example: "s3://jackfield/files", secret: false
    }
    /// The most bytes of one file that is uploaded; `K`, `M` and `G` stand for 1024, 1024² and 1024³.
    max_upload: Bytes {
        default: Some("16M"), otherwise: "", example: "64M", secret: false
    }
    /// The password that the administrator gets when an empty database is set up. It changes nothing later.
    admin_password: Option<Secret> {
        default: None, otherwise: "a random one is made and shown once", example: "a long sentence of yours", secret: true
    }
    /// The key under which SIP secrets are sealed in the database: 32 bytes, as 64 hexadecimal digits or in base64.
    /// Who loses it has to set every SIP secret anew, so keep a copy apart from the database's.
    master_key: Option<MasterKey> {
        default: None, otherwise: "the key file; on SQLite, `master.key` in the data directory, made at the first start",
        example: "the output of openssl rand -hex 32", secret: true
    }
    /// A file that holds the master key in one of its two forms, and that others may not read.
    master_key_file: Option<PathBuf> {
        default: None, otherwise: "see the master key", example: "/run/secrets/jackfield-master-key", secret: false
    }
    /// The mail server: `smtps://user:password@host` speaks TLS from the start, `smtp://user:password@host` turns it on
    /// (STARTTLS) and refuses to go on without. A server on this machine, or one with `?tls=none`, is spoken to in the
    /// clear. Special characters in the user and the password are percent-encoded.
    smtp_url: Option<SmtpUrl> {
        default: None, otherwise: "no mail is sent", example: "smtps://user:password@mail.example.com", secret: true
    }
    /// The address that mails come from.
    smtp_from: Option<Mailbox> {
        default: None, otherwise: "must be set when there is a mail server",
        example: "Telephones <jackfield@example.com>", secret: false
    }
    /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`), or a list of `module=level` with commas
    /// between them.
    log: LogFilter {
        default: Some("info"), otherwise: "", example: "info,jackfield_store_sql=debug", secret: false
    }
    /// How it is logged: `json`, an object a line for machines, or `pretty`, a line for people. Logs go to standard error.
    log_format: Option<LogFormat> {
        default: None, otherwise: "`pretty` on a terminal, `json` elsewhere", example: "json", secret: false
    }
    /// The address under which people and integrations reach the server, for links in mails and documents.
    public_url: Option<PublicUrl> {
        default: None, otherwise: "`http://` and the address on which the server answers",
        example: "https://phones.example.com", secret: false
    }
    /// IP addresses, or blocks of them, of the reverse proxies whose `X-Forwarded-For` is believed, with commas between them (in the file
    /// also a list of texts). From anyone else that header is ignored.
    trusted_proxies: Vec<Network> {
        default: None, otherwise: "nobody is believed", example: "10.0.0.2,192.168.7.0/24", secret: false
    }
    /// Whether telephones may register here over SIP.
    sip: Switch {
        default: Some("on"), otherwise: "", example: "off", secret: false
    }
    /// Addresses for SIP over UDP and TCP, each for both, with commas between them; `off` for none.
    sip_listen: Addresses {
        default: Some("127.0.0.1:5060"), otherwise: "", example: "0.0.0.0:5060,[::]:5060", secret: false
    }
    /// Addresses for SIP over TLS. It needs a certificate.
    sip_tls_listen: Addresses {
        default: None, otherwise: "no TLS", example: "0.0.0.0:5061", secret: false
    }
    /// The certificate for SIP over TLS, followed by those that lead to a root, in PEM form.
    sip_tls_cert: Option<PathBuf> {
        default: None, otherwise: "must be set for TLS", example: "/etc/jackfield/fullchain.pem", secret: false
    }
    /// The private key of that certificate, in PEM form.
    sip_tls_key: Option<PathBuf> {
        default: None, otherwise: "must be set for TLS", example: "/etc/jackfield/privkey.pem", secret: false
    }
    /// Certificates of authorities that a provider's own may be signed by where a trunk goes over TLS, in PEM form, beside
    /// those that browsers know.
    sip_tls_ca: Option<PathBuf> {
        default: None, otherwise: "those that browsers know", example: "/etc/jackfield/carrier-ca.pem", secret: false
    }
    /// Addresses for SIP over WebSocket. Browsers demand TLS, which a reverse proxy in front of it speaks.
    sip_ws_listen: Addresses {
        default: None, otherwise: "no WebSocket", example: "127.0.0.1:5066", secret: false
    }
    /// The hash functions with which telephones may prove themselves, in the order in which they are offered. Leave `md5` out
    /// only when every telephone knows the other one.
    sip_digests: Digests {
        default: Some("sha256,md5"), otherwise: "", example: "sha256", secret: false
    }
    /// SIP messages a second that are taken from one address (of IPv6, from one network of 64 bits), twice as many at once; the
    /// rest is dropped. 0 for no limit. Trusted proxies have none.
    sip_rate: Count {
        default: Some("500"), otherwise: "", example: "2000", secret: false
    }
    /// After so many failed proofs of identity over SIP an address is banned. 0 for never.
    sip_ban_failures: Count {
        default: Some("100"), otherwise: "", example: "20", secret: false
    }
    /// For how long it is banned.
    sip_ban_time: Span {
        default: Some("12h"), otherwise: "", example: "30m", secret: false
    }
    /// For how long a registration that is only renewed may be kept in memory before it is written down together with others, 10
    /// seconds at most; `0s` to write each one down before it is answered. What a power cut takes along is the new end: the
    /// old one holds.
    sip_renewal_delay: Delay {
        default: Some("3s"), otherwise: "", example: "0s", secret: false
    }
    /// The SIP address of a media engine that you run, such as Asterisk or FreeSWITCH: calls that need voicemail, the music of a queue or
    /// a meeting are handed to it ([what it is told](sip.md#with-a-media-engine)). Servers without telephones need it too, so that
    /// they explain routes as they are.
    sip_media_engine: Option<EngineAddress> {
        default: None, otherwise: "such calls are refused", example: "sip:127.0.0.1:5080;transport=udp", secret: false
    }
    /// How many requests under `/api/ver1.0` and `/client` each tenant may make in an hour of the clock; all of its
    /// applications share them. Each process counts for itself.
    requests_per_hour: NonZeroU32 {
        default: Some("36000"), otherwise: "", example: "5000", secret: false
    }
}

/// The setting that says where the settings file is. It cannot stand in that file, so it is not in the table.
pub const CONFIG: Setting = Setting {
    name: "config",
    help: "The settings file. Not itself a key of that file.",
    default: None,
    otherwise: "`jackfield.toml` in the folder in which the server is started, if it exists",
    example: "/etc/jackfield.toml",
    secret: false,
};

impl Settings {
    /// Reads the settings from `args`, the environment of the process and the settings file.
    pub fn load(args: &SettingsArgs) -> Result<Self, ConfigError> {
        Self::load_with(args, &|name| std::env::var_os(name), Path::new("jackfield.toml"))
    }

    /// As [`Settings::load`], with the environment and the path of the settings file when nobody names one handed in.
    pub fn load_with(
        args: &SettingsArgs,
        environment: &dyn Fn(&str) -> Option<OsString>,
        default_file: &Path,
    ) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut sources = Sources {
            args,
            environment,
            file: File::default(),
        };
        // The file itself may be named by a flag or by the environment, which `sources` already knows.
        let (path, named) = match sources.find(&CONFIG, &mut problems) {
            Some((path, origin)) => (PathBuf::from(path.expose()), Some(origin)),
            None => (default_file.to_owned(), None),
        };
        sources.file = File::read(&path, named, SETTINGS, &mut problems);

        let settings = Self::fill(&sources, &mut problems);
        match settings {
            Some(settings) => {
                settings.check(&mut problems);
                if problems.is_empty() {
                    Ok(settings)
                } else {
                    Err(ConfigError { problems })
                }
            }
            None => Err(ConfigError { problems }),
        }
    }

    /// Rules across settings.
    fn check(&self, problems: &mut Vec<Problem>) {
        if self.smtp_url.is_some() && self.smtp_from.is_none() {
            let because = "mails need an address that they come from".to_owned();
            problems.push(Problem::Missing {
                name: "smtp_from",
                because,
            });
        }
        let files = [
            ("sip_tls_cert", &self.sip_tls_cert),
            ("sip_tls_key", &self.sip_tls_key),
        ];
        for (name, file) in files {
            if self.sip.0 && !self.sip_tls_listen.0.is_empty() && file.is_none() {
                let because = "SIP over TLS needs a certificate and its key".to_owned();
                problems.push(Problem::Missing { name, because });
            }
        }
    }

    /// The database; `jackfield.db` in the data directory unless another was named.
    pub fn database(&self) -> DatabaseUrl {
        match &self.database_url {
            Some(url) => url.clone(),
            None => DatabaseUrl::Sqlite(self.data_dir.join("jackfield.db")),
        }
    }

    /// Makes the data directory and the folders above it, open to the server's user only. One that is there stays as
    /// it is.
    pub fn make_data_dir(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data_dir)
    }

    /// The address under which the server is reached, without a slash at its end.
    pub fn public_address(&self) -> PublicUrl {
        self.public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::local(self.listen))
    }
}

/// Everything that can set a setting, the first going before the next.
struct Sources<'a> {
    args: &'a SettingsArgs,
    environment: &'a dyn Fn(&str) -> Option<OsString>,
    file: File,
}

impl Sources<'_> {
    /// What was written for `setting`, and where.
    fn find(&self, setting: &Setting, problems: &mut Vec<Problem>) -> Option<(Secret, Origin)> {
        if let Some(value) = self.args.get(setting) {
            return Some((value.clone(), Origin::Flag(setting.flag())));
        }
        let variable = setting.variable();
        // Container and service managers pass a variable on even when it was left empty.
        if let Some(value) = (self.environment)(&variable).filter(|value| !value.is_empty()) {
            let origin = Origin::Environment(variable);
            match value.into_string() {
                Ok(value) => return Some((Secret::new(value), origin)),
                Err(_) => problems.push(Problem::Value {
                    origin,
                    value: None,
                    wrong: "is not UTF-8".to_owned(),
                    instead: format!("write for example `{}`", setting.example),
                }),
            }
            return None;
        }
        self.file.get(setting).or_else(|| {
            let default = setting.default?;
            Some((Secret::new(default), Origin::Default(setting.name.to_owned())))
        })
    }

    /// Reads one setting. `None` when its text is no value, which `problems` then explain.
    fn read<V: Value>(&self, setting: &Setting, problems: &mut Vec<Problem>) -> Option<V> {
        let before = problems.len();
        let Some((text, origin)) = self.find(setting, problems) else {
            let absent = V::absent();
            if absent.is_none() && problems.len() == before {
                let because = format!("`{}` has no default", setting.name);
                problems.push(Problem::Missing {
                    name: setting.name,
                    because,
                });
            }
            return absent;
        };
        let read = match text.expose() {
            "" => Err(Wrong::new(
                "is empty",
                format!("write for example `{}`, or leave it out", setting.example),
            )),
            text => V::read(text),
        };
        match read {
            Ok(value) => Some(value),
            Err(Wrong { wrong, instead }) => {
                let text = text.expose();
                // A URL with a user may have a password, even where no setting wants one.
                let hidden =
                    setting.secret || text.is_empty() || (text.contains("://") && text.contains('@'));
                let value = (!hidden).then(|| text.to_owned());
                problems.push(Problem::Value {
                    origin,
                    value,
                    wrong,
                    instead,
                });
                None
            }
        }
    }
}
