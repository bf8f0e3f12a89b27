//! Logs: what is logged and how, to standard error.
//!
//! The line that every request leaves is written where requests are served; this module only decides the form.

mod gather;
mod json;

use std::io::{self, IsTerminal};

pub use gather::Flush;
use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Settings, Wrong};

/// The SIP library. It logs every message as it came, digests included.
const LOUD: &str = "rsipstack";

/// A list of `module=level` with commas between them, known to be readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Reads a filter: a level, or directives with commas between them.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        // A bare word that is no level would be taken for a module's name, so that `inof` silences everything else.
        if text.contains(LOUD) {
            return Err(Wrong::new(
                "asks for the log of the SIP library, which holds whole messages with what telephones prove themselves by",
                "leave `rsipstack` out; `jackfield_registrar=debug` tells what becomes of requests",
            ));
        }
        let spans = text.contains(['[', '{']);
        let plain = spans
            || text
                .split(',')
                .all(|part| part.contains('=') || part.parse::<LevelFilter>().is_ok());
        match EnvFilter::builder().parse(text) {
            Ok(_) if plain => Ok(Self(text.to_owned())),
            _ => Err(Wrong::new(
                "is not a log filter",
                "write a level (`error`, `warn`, `info`, `debug`, `trace`), or for example \
                 `info,jackfield_store_sql=debug`",
            )),
        }
    }

    fn filter(&self) -> EnvFilter {
        // Its warnings are about what strangers send, so that anybody could fill the log with them; its failures are told by the
        // edge.
        EnvFilter::new(format!("{},{LOUD}=off", self.0))
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A JSON object a line, for machines.
    Json,
    /// A line for people.
    Pretty,
}

impl LogFormat {
    /// Reads `json` or `pretty`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(Wrong::new("is not a form of log", "write `json` or `pretty`")),
        }
    }
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Logging was set up before; it cannot be set up twice in one process.
    #[error("logging is already set up in this process; set it up once, at the start of the program")]
    AlreadySet,
    /// The thread that writes it cannot be started.
    #[error("the thread that writes the log cannot be started: {0}")]
    Thread(#[from] io::Error),
}

/// Sends the logs of the whole process to standard error, as the settings say, each line at once.
pub fn init(settings: &Settings) -> Result<(), LogError> {
    let subscriber = subscriber(&settings.log, form(settings), colour(), io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError::AlreadySet)
}

/// The same for a server, which writes a line for each request: JSON is gathered and written some milliseconds later, the
/// rest of it when what this returns is dropped. A person who watches sees each line at once.
pub fn init_serving(settings: &Settings) -> Result<Option<Flush>, LogError> {
    if io::stderr().is_terminal() || form(settings) != LogFormat::Json {
        return init(settings).map(|()| None);
    }
    let (lines, flush) = gather::start(io::stderr())?;
    let subscriber = subscriber(&settings.log, LogFormat::Json, false, lines);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError::AlreadySet)?;
    Ok(Some(flush))
}

/// The form that the settings name, or what suits where the log goes.
fn form(settings: &Settings) -> LogFormat {
    settings.log_format.unwrap_or(if io::stderr().is_terminal() {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    })
}

fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A subscriber that writes to `writer`.
fn subscriber<W>(
    filter: &LogFilter,
    format: LogFormat,
    colour: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter.filter())
        .with_writer(writer);
    match format {
        LogFormat::Pretty => Box::new(builder.with_ansi(colour).finish()),
        // Fields stand beside `timestamp` and `level`, where log collectors look for them.
        LogFormat::Json => Box::new(builder.event_format(json::JsonLine).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat) -> String {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(&LogFilter::parse(filter).unwrap(), format, false, move || {
            writer.clone()
        });
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!("unheard");
            tracing::info!(status = 204, path = "/x", "answered");
        });
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line_with_its_fields_on_top() {
        let text = logged("info", LogFormat::Json);
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["status"], 204);
        assert_eq!(line["path"], "/x");
        assert_eq!(line["message"], "answered");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn pretty_is_one_line_for_people() {
        let text = logged("info", LogFormat::Pretty);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("answered") && text.contains("status=204"), "{text}");
        assert!(!text.contains('\u{1b}'), "no colour was asked for: {text:?}");
    }

    #[test]
    fn messages_of_telephones_are_in_no_log() {
        let page = Page::default();
        let writer = page.clone();
        let filter = LogFilter::parse("trace").unwrap();
        let subscriber = subscriber(&filter, LogFormat::Json, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "rsipstack::transport::udp", "Authorization: Digest");
            tracing::trace!("heard");
        });
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("heard") && !text.contains("Digest"), "{text}");
    }

    #[test]
    fn the_filter_decides_what_is_heard() {
        assert_eq!(logged("debug", LogFormat::Pretty).lines().count(), 2);
        assert_eq!(logged("warn", LogFormat::Pretty), "");
        for bad in [
            "inof",
            "info,inof",
            "a=b=c",
            "jackfield=loud",
            "info,rsipstack::transport=debug",
        ] {
            assert!(LogFilter::parse(bad).is_err(), "{bad:?} was read");
        }
        for good in [
            "info",
            "WARN",
            "off",
            "info,jackfield_server=debug",
            "jackfield_edge[request{id=3}]=trace",
        ] {
            assert!(LogFilter::parse(good).is_ok(), "{good:?} was not read");
        }
    }
}
