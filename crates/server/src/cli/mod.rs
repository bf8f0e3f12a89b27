//! The command line.

mod app;
mod export;
mod import;
mod key;
mod route;
mod serve;
mod tenant;

use std::{process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use jackfield_domain::{Caller, Capability, Grant, Tenant, TenantId, capability::ManageTenants};

use crate::{
    App, World,
    config::{Settings, SettingsArgs},
};

/// A self-hosted user directory and control plane for telephone systems.
#[derive(Debug, Parser)]
#[command(name = "jackfield", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests until told to stop.
    Serve(serve::Args),
    /// Create and list tenants.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Make, list and revoke the programs of others that act for users by OAuth 2.
    #[command(subcommand)]
    App(app::Command),
    /// Make, list and revoke the keys of programs.
    #[command(subcommand)]
    Key(key::Command),
    /// Explain where calls go.
    #[command(subcommand)]
    Route(route::Command),
    /// Bring records in from files.
    #[command(subcommand)]
    Import(import::Command),
    /// Give records out into files.
    #[command(subcommand)]
    Export(export::Command),
}

/// Why a command failed: a sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let part = error.to_string();
            // Some errors repeat their cause in their own words.
            if !text.contains(&part) {
                text.push_str(": ");
                text.push_str(&part);
            }
            cause = error.source();
        }
        Self(text)
    }
}

/// The result of a command.
pub(crate) type Outcome = Result<ExitCode, Failed>;

/// More threads than cores, because a read from SQLite runs on the thread of its request and may wait for the disk.
const EXTRA_WORKERS: usize = 2;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores + EXTRA_WORKERS)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli.command)),
        Err(error) => Err(Failed(format!(
            "the threads of the server cannot be started: {error}"
        ))),
    };
    outcome.unwrap_or_else(|Failed(text)| {
        complain(&format!("jackfield: {text}"));
        ExitCode::FAILURE
    })
}

async fn dispatch(command: Command) -> Outcome {
    match command {
        // As a task and not in place: what a start leaves behind in the allocator then serves the requests that follow. The
        // first thread only waits, and would keep some megabytes that nobody else gets.
        Command::Serve(args) => tokio::spawn(serve::run(args)).await?,
        Command::Tenant(command) => tenant::run(command).await,
        Command::App(command) => app::run(command).await,
        Command::Key(command) => key::run(command).await,
        Command::Route(command) => route::run(command).await,
        Command::Import(command) => import::run(command).await,
        Command::Export(command) => export::run(command).await,
    }
}

/// Prints a line of a command's result.
#[expect(
    clippy::print_stdout,
    reason = "the result of a command goes to standard output"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints a line about what a command does or why it failed.
#[expect(
    clippy::print_stderr,
    reason = "what is not the result goes to standard error"
)]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}

/// Opens the directory that the settings name, with logs on standard error.
pub(crate) async fn open(settings: &SettingsArgs) -> Result<App, Failed> {
    let settings = Settings::load(settings)?;
    // Only a test sets up logs twice in one process.
    let _ = crate::log::init(&settings);
    Ok(App::open(settings, World::real()).await?)
}

/// The program's own right to do something in a tenant: whoever may run it against the store may do everything.
pub(crate) fn program_grant<C: Capability>(tenant: TenantId) -> Result<Grant<C>, Failed> {
    Ok(Arc::new(Caller::program(tenant)).grant::<C>()?)
}

/// The tenant with this SIP domain.
pub(crate) async fn tenant_named(app: &App, domain: &str) -> Result<Tenant, Failed> {
    let tenants = program_grant::<ManageTenants>(TenantId::SYSTEM)?;
    let Ok(summary) = app.directory.tenant_info(domain).await else {
        return Err(Failed(format!(
            "there is no tenant {domain}; make it with `jackfield tenant create --domain {domain} --name NAME`"
        )));
    };
    Ok(app.directory.tenant(&tenants, summary.id).await?)
}
