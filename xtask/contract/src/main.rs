//! `cargo xtask contract FILE`: what the PortSIP dialect does otherwise than the vendor's OpenAPI document says.
//!
//! [`documents`] are held against each other by [`compare`], operation by operation; with `--server`, [`live`] calls a
//! running demo server and holds its answers against the vendor's schemas. What differs on purpose has a row with its
//! reason in `docs/dialects/portsip-differences.md` ([`known`]) and is only counted. The vendor's file is named by its path;
//! nothing of it is part of the project.

#![expect(
    clippy::indexing_slicing,
    reason = "an index into JSON that leads nowhere gives null"
)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use serde_json::Value;

mod compare;
mod documents;
mod engine;
mod known;
mod live;
mod rounds;
mod schema;

use documents::{Document, Name};
use known::Known;

/// What went otherwise than it should, by operation.
pub(crate) type Findings = BTreeMap<Name, Vec<String>>;

/// Why nothing was compared, or no further.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

/// Hold the PortSIP dialect against the vendor's OpenAPI document.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask contract", bin_name = "cargo xtask contract")]
struct Options {
    /// The vendor's OpenAPI document, as JSON.
    file: PathBuf,
    /// Which operations count: a JSON list of objects with `method` and `path`, and perhaps `dialect`, of which `portsip`
    /// counts. Without it, those that our own document has.
    #[arg(long, value_name = "FILE")]
    operations: Option<PathBuf>,
    /// Also print what differs on purpose, with the reason.
    #[arg(long)]
    known: bool,
    /// Also call a running server, begun with `jackfield serve --demo`: `http://127.0.0.1:8887`.
    #[arg(long, value_name = "URL", requires = "password")]
    server: Option<String>,
    /// The administrator of a tenant who signs in there.
    #[arg(long, default_value = "ada")]
    user: String,
    /// His password.
    #[arg(long)]
    password: Option<String>,
    /// The SIP domain of his tenant.
    #[arg(long, default_value = "demo.example")]
    domain: String,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(clean) => ExitCode::from(u8::from(!clean)),
        Err(Failed(why)) => {
            say(&format!("cargo xtask contract: {why}\n"));
            ExitCode::from(2)
        }
    }
}

/// Compares, prints what was found, and tells whether nothing is left that has no reason.
fn run(options: &Options) -> Result<bool, Failed> {
    let theirs = Document::new(read(&options.file)?)?;
    let ours = serde_json::to_value(jackfield_dialect_portsip::document());
    let ours = Document::new(ours.map_err(|error| Failed(format!("our document does not print: {error}")))?)?;
    let wanted = match &options.operations {
        Some(file) => documents::listed(&read(file)?)?,
        None => ours.names().filter(|name| theirs.has(name)).collect(),
    };
    let mut known = Known::read(&root().join(known::FILE))?;

    let mut findings = Findings::new();
    for name in &wanted {
        let found = compare::operation(name, &theirs, &ours);
        findings.entry(name.clone()).or_default().extend(found);
    }
    if let (Some(server), Some(password)) = (&options.server, &options.password) {
        let door = live::Door {
            server,
            user: &options.user,
            password,
            domain: &options.domain,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failed(format!("no runtime: {error}")))?;
        // Of what is not served the comparison has told.
        let served: Vec<Name> = wanted.iter().filter(|name| ours.has(name)).cloned().collect();
        let report = runtime.block_on(live::call(&door, &served, &theirs))?;
        say(&format!("{}\n", report.summary));
        for (name, found) in report.findings {
            findings.entry(name).or_default().extend(found);
        }
    }
    Ok(print(&findings, &mut known, options))
}

/// Prints the findings and tells whether all of them are known.
fn print(findings: &Findings, known: &mut Known, options: &Options) -> bool {
    let (mut text, mut new, mut old) = (String::new(), 0, 0);
    for (name, found) in findings {
        let mut lines = String::new();
        for finding in found {
            if let Some(reason) = known.reason(name, finding) {
                old += 1;
                if options.known {
                    let _ = writeln!(lines, "    known: {finding} ({reason})");
                }
            } else {
                new += 1;
                let _ = writeln!(lines, "    {finding}");
            }
        }
        if !lines.is_empty() {
            let _ = write!(text, "{name}\n{lines}");
        }
    }
    say(&text);
    // Only a run over everything tells that a row serves no more.
    if options.operations.is_none() && options.server.is_some() {
        for row in known.idle() {
            say(&format!(
                "{}: nothing differs as this row says: {row}\n",
                known::FILE
            ));
        }
    }
    say(&format!(
        "{} operations: {new} differences, and {old} known ones\n",
        findings.len()
    ));
    new == 0
}

fn read(file: &Path) -> Result<Value, Failed> {
    let text = std::fs::read(file).map_err(|error| Failed(format!("{}: {error}", file.display())))?;
    serde_json::from_slice(&text).map_err(|error| Failed(format!("{}: {error}", file.display())))
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map_or(here.clone(), PathBuf::from)
}

/// A command line tool answers on its standard output; when nobody reads it any more, there is nobody to tell.
fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
