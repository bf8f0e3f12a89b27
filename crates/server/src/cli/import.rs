//! `jackfield import`.

use std::{
    io::IsTerminal as _,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use jackfield_directory::{ImportMode, ImportProgress, ImportReport};
use jackfield_domain::{Error, capability::ManageUsers};

use super::{Failed, Outcome, complain, open, program_grant, say, tenant_named};
use crate::{config::SettingsArgs, users_csv};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create and update users from a table of comma-separated values.
    ///
    /// Writes all of them, or none when any row is bad. Users who are there already get the values that the table gives; an
    /// empty cell leaves a value as it is. docs/import.md describes the columns.
    ///
    /// The exit code is 0 when all rows are good, 1 when nothing was written, 2 when some rows were left out.
    Users(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The table.
    file: PathBuf,
    /// The SIP domain of the tenant.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// Write nothing; say what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Leave bad rows out instead of writing nothing.
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The exit code when some rows were left out, for scripts to tell it from complete success and complete failure.
const LEFT_OUT: u8 = 2;

pub(super) async fn run(command: Command) -> Outcome {
    let Command::Users(args) = command;
    let file = args.file.display();
    let bytes =
        std::fs::read(&args.file).map_err(|error| Failed(format!("{file} cannot be read: {error}")))?;
    let table = users_csv::read(&bytes).map_err(|error| Failed(format!("{file}: {error}")))?;
    drop(bytes);
    let app = open(&args.settings).await?;
    let tenant = tenant_named(&app, &args.tenant).await?;
    let grant = program_grant::<ManageUsers>(tenant.id)?;
    let mode = match (args.dry_run, args.keep_going) {
        (true, _) => ImportMode::DryRun,
        (false, true) => ImportMode::KeepGoing,
        (false, false) => ImportMode::AllOrNothing,
    };
    let bar = Bar::new();
    let report = app
        .directory
        .import_users(&grant, &table.rows, mode, |progress| bar.show(progress))
        .await;
    bar.clear();
    let report = report.map_err(|error| match error {
        Error::Full(_, most) => Failed(format!(
            "nothing was written: with these rows the tenant {} would have more than {most} extensions, which is its limit; \
             raise its `max_extensions` first",
            tenant.domain
        )),
        error => error.into(),
    })?;
    for failure in &report.failures {
        for line in table.describe(failure) {
            complain(&line);
        }
    }
    Ok(conclude(&report, table.rows.len(), &args))
}

/// Says what became of the import.
fn conclude(report: &ImportReport, rows: usize, args: &Args) -> ExitCode {
    let bad = report.failures.len();
    let rows = if rows == 1 {
        "1 row".to_owned()
    } else {
        format!("{rows} rows")
    };
    let counts = format!(
        "{} created, {} updated, {} unchanged",
        report.created, report.updated, report.unchanged
    );
    if args.dry_run {
        let would = if bad > 0 && !args.keep_going {
            format!("nothing would be written; without the bad rows: {counts}")
        } else {
            format!("would be {counts}")
        };
        say(&format!("dry run: {rows}, {bad} bad; {would}"));
    } else if report.written {
        say(&format!("{rows}: {counts}, {bad} left out"));
    } else {
        complain(&format!(
            "{rows}, {bad} bad: nothing was written; correct them, or leave them out with --keep-going"
        ));
    }
    match (bad, args.keep_going) {
        (0, _) => ExitCode::SUCCESS,
        (_, true) => LEFT_OUT.into(),
        (_, false) => ExitCode::FAILURE,
    }
}

/// The bar on a terminal; nothing elsewhere.
struct Bar {
    bar: ProgressBar,
    /// Which part of the work it shows, as an index of [`PHASES`].
    phase: AtomicU8,
}

const PHASES: [&str; 3] = [
    "checking rows",
    "hashing passwords (most of the time)",
    "writing users",
];

impl Bar {
    fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        let phase = AtomicU8::new(0);
        let bar = Self { bar, phase };
        bar.bar.set_message(PHASES[0]);
        bar.bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    fn show(&self, progress: ImportProgress) {
        let (phase, done, total) = match progress {
            ImportProgress::Hashing(done, total) => (1, done, total),
            ImportProgress::Writing(done, total) => (2, done, total),
        };
        if self.phase.swap(phase, Ordering::Relaxed) != phase {
            self.bar.set_length(total as u64);
            self.bar
                .set_message(PHASES.get(usize::from(phase)).copied().unwrap_or_default());
            self.bar.reset_eta();
        }
        self.bar.set_position(done as u64);
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
