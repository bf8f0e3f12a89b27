//! Chores of the project, run as `cargo xtask <chore>`.
//!
//! A chore is a module with one function that returns whether it went well, and one arm of [`Chore`].

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use cargo_metadata::MetadataCommand;
use clap::Parser;

mod tidy;

/// Chores of the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Check the conventions that the compiler and clippy do not know.
    Tidy,
    /// Measure the released server beside a bare one (`cargo xtask bench --help` after the first build).
    #[command(disable_help_flag = true)]
    Bench {
        /// Options of the measurement.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Hold the PortSIP dialect against the vendor's OpenAPI document (`cargo xtask contract --help`).
    #[command(disable_help_flag = true)]
    Contract {
        /// The document, and options.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(&Chore::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            say(&format!("cargo xtask: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Carries out one chore; `Ok(false)` when it ran and found fault, `Err` when it could not run.
fn run(chore: &Chore) -> Result<bool, String> {
    match chore {
        Chore::Tidy => {
            let metadata = MetadataCommand::new()
                .manifest_path(root().join("Cargo.toml"))
                .no_deps()
                .exec()
                .map_err(|error| format!("`cargo metadata` failed: {error}"))?;
            let report = tidy::run(&metadata)?;
            say(&report.text);
            Ok(report.clean)
        }
        Chore::Bench { options } => bench(options),
        Chore::Contract { options } => contract(options),
    }
}

/// Builds the server and the program that measures it as they are released, and starts the latter. It is a crate of its
/// own, so that the other chores need not wait until the server is compiled.
fn bench(options: &[OsString]) -> Result<bool, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args([
            "build",
            "--release",
            "--package",
            "jackfield-server",
            "--package",
            "bench",
        ])
        .current_dir(root());
    if !succeeds(&mut build)? {
        return Ok(false);
    }
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .map_err(|error| format!("`cargo metadata` failed: {error}"))?;
    let program = metadata.target_directory.join("release").join("bench");
    succeeds(Command::new(program).args(options))
}

/// Builds and starts the program that compares. It is a crate of its own for the same reason.
fn contract(options: &[OsString]) -> Result<bool, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // It stays in the folder of who calls: the options name files.
    let mut run = Command::new(cargo);
    run.args(["run", "--quiet", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .args(["--package", "contract", "--"])
        .args(options);
    succeeds(&mut run)
}

fn succeeds(command: &mut Command) -> Result<bool, String> {
    command
        .status()
        .map(|status| status.success())
        .map_err(|error| format!("{} cannot be started: {error}", command.get_program().display()))
}

/// The root of the workspace, so that a chore may be started from any folder.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The only way by which a chore speaks: a command line tool answers on its standard output.
#[expect(
    clippy::print_stdout,
    reason = "the answer of a command line tool belongs on its standard output"
)]
fn say(text: &str) {
    println!("{text}");
}
