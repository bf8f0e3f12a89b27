//! `cargo xtask bench`: what a request costs the server, beside what it costs a bare one.
//!
//! [`rounds`] starts the servers and loads them in turns, [`report`] puts the figures beside the targets. The released
//! program `jackfield` is measured, in a process of its own; this program is the load, and, under other commands, the
//! servers to compare with: [`ceiling`], which has no store, and [`lone`], which has no group commit. Nothing is asserted:
//! a figure that misses its target is marked in the table.

use std::{fmt, io::Write as _, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

mod bare;
mod bindings;
mod calls;
mod ceiling;
mod data;
mod dial;
mod http;
mod lite;
mod load;
mod lone;
mod plan;
mod postgres;
mod process;
mod register;
mod report;
mod requests;
mod rounds;
mod server;
mod sip;

/// Why there are no figures.
#[derive(Debug)]
pub(crate) struct Failed(String);

impl Failed {
    /// With these words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        let mut words = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        Self(words)
    }
}

/// What most of this program gives.
pub(crate) type Result<T> = std::result::Result<T, Failed>;

/// Measures the server beside a bare one.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often each request is measured; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,
    /// How many users the database holds.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..10_000_000))]
    pub(crate) users: u32,
    /// In how many tenants; there should be 100 users and more in each, or the list is shorter than the target means.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(2..10_000))]
    pub(crate) tenants: u16,
    /// How many seconds each measurement takes.
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f32,
    /// The database. For `postgres`, `JACKFIELD_TEST_POSTGRES` names a server; the run makes databases of its own there.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub(crate) engine: Engine,
    /// Write the tables into this Markdown file, in place of those of the last run.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Another measurement, and the parts of a run that are processes of their own.
#[derive(Debug, Subcommand)]
enum Part {
    /// Measures reports of calls, and lists and differences where there are many.
    Calls(calls::Options),
    /// Measures what planning the way of a call takes.
    Plan(plan::Options),
    /// Measures a start on many bindings of telephones, and the memory that registered telephones take.
    Bindings(bindings::Options),
    /// Measures registrations of telephones, beside Kamailio.
    Register(register::Options),
    /// Measures calls between telephones.
    Dial(dial::Options),
    /// The bare server.
    #[command(hide = true)]
    Ceiling { port: u16, told: PathBuf },
    /// Our server without group commit.
    #[command(hide = true)]
    Lone { port: u16 },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.part {
        Some(Part::Ceiling { port, told }) => ceiling::serve(port, &told),
        Some(Part::Lone { port }) => lone::serve(port),
        Some(Part::Calls(options)) => calls::run(&options).map(|text| print(&text)),
        Some(Part::Plan(options)) => plan::run(&options).map(|text| print(&text)),
        Some(Part::Bindings(options)) => bindings::run(&options).map(|text| print(&text)),
        Some(Part::Register(options)) => register::run(&options).map(|text| print(&text)),
        Some(Part::Dial(options)) => dial::run(&options).map(|text| print(&text)),
        None => measure(&cli.options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            note(&format!("cargo xtask bench: {failed}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    let figures = rounds::run(options)?;
    let text = report::markdown(options, &figures);
    if let Some(path) = &options.write {
        report::write(path, &text)?;
        note(&format!("written to {}", path.display()));
    }
    print(&text);
    Ok(())
}

/// Prints tables.
fn print(text: &str) {
    // Whoever has closed the pipe does not want the rest.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Says what goes on to the person who waits.
pub(crate) fn note(text: &str) {
    // As there.
    let _ = writeln!(std::io::stderr(), "{text}");
}
