//! `jackfield export`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use jackfield_domain::{Grant, UserId, capability::ManageUsers};

use super::{Failed, Outcome, complain, open, program_grant, tenant_named};
use crate::{App, config::SettingsArgs, users_csv::UserWriter};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Write the users of a tenant as a table of comma-separated values, which `jackfield import users` reads.
    Users(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The SIP domain of the tenant.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// The file to write; a present one is replaced when the new one is complete.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write passwords (hashed), SIP passwords and voicemail PINs (both in clear) too. The file is for its owner only.
    #[arg(long)]
    with_secrets: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Users that are in memory at a time.
const BATCH: i64 = 500;

pub(super) async fn run(command: Command) -> Outcome {
    let Command::Users(args) = command;
    let app = open(&args.settings).await?;
    let tenant = tenant_named(&app, &args.tenant).await?;
    let grant = program_grant::<ManageUsers>(tenant.id)?;
    let written = match &args.output {
        None => {
            let out = io::stdout().lock();
            match export(&app, &grant, args.with_secrets, out).await {
                Ok((count, _)) => Ok(count),
                // Whoever reads has seen enough, as `head` does.
                Err(Broken::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(ExitCode::SUCCESS);
                }
                Err(error) => Err(error),
            }
        }
        Some(path) => to_file(&app, &grant, args.with_secrets, path).await,
    };
    let count = written.map_err(|error| match (error, &args.output) {
        (Broken::Read(error), _) => error.into(),
        (Broken::Write(error), Some(path)) => {
            Failed(format!("{} cannot be written: {error}", path.display()))
        }
        (Broken::Write(error), None) => Failed(format!("the table cannot be written: {error}")),
    })?;
    complain(&format!("{count} users written"));
    Ok(ExitCode::SUCCESS)
}

/// Why an export ended early.
enum Broken {
    Read(jackfield_domain::Error),
    Write(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

async fn export<W: Write>(
    app: &App,
    grant: &Grant<ManageUsers>,
    with_secrets: bool,
    out: W,
) -> Result<(u64, W), Broken> {
    let mut writer = UserWriter::new(out)?;
    let (mut count, mut after): (u64, Option<UserId>) = (0, None);
    loop {
        let users = app
            .directory
            .export_users(grant, after, BATCH, with_secrets)
            .await
            .map_err(Broken::Read)?;
        let Some(last) = users.last() else { break };
        after = Some(last.user.id);
        for user in &users {
            writer.write(user)?;
            count += 1;
        }
    }
    let mut out = writer.finish()?;
    out.flush()?;
    Ok((count, out))
}

/// Writes a file beside the one that is asked for and renames it at the end: a broken export leaves the former file, and
/// one with secrets has never been open to others, whatever was there before.
async fn to_file(
    app: &App,
    grant: &Grant<ManageUsers>,
    with_secrets: bool,
    path: &Path,
) -> Result<u64, Broken> {
    if fs::metadata(path).is_ok_and(|present| !present.is_file()) {
        // A device or a pipe cannot be replaced.
        let out = OpenOptions::new().write(true).open(path)?;
        return Ok(export(app, grant, with_secrets, out).await?.0);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let out = create(&part, with_secrets)?;
    let written = export(app, grant, with_secrets, out).await;
    let written = written.and_then(|(count, out)| {
        out.sync_all()?;
        fs::rename(&part, path)?;
        Ok(count)
    });
    if written.is_err() {
        // What is half written helps nobody; that it cannot be removed either would hide the first error.
        let _ = fs::remove_file(&part);
    }
    written
}

fn create(path: &Path, with_secrets: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if with_secrets {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = with_secrets;
    options.open(path)
}
