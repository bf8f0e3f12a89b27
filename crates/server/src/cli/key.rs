//! `jackfield key`.

use std::process::ExitCode;

use jackfield_domain::{ApiKeyId, Error, KeyPurpose, NewApiKey, Thing, capability::ManageCompany};

use super::{Failed, Outcome, open, program_grant, say, tenant_named};
use crate::config::SettingsArgs;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a key and print it: only now, for only its digest is kept. The key is the last word of the line.
    Create(Create),
    /// List the keys of a tenant: id, purpose, when it was made, name, one a line, separated by tabs.
    List {
        /// The SIP domain of the tenant.
        #[arg(long, value_name = "DOMAIN")]
        tenant: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Revoke a key. A running server refuses it within a second.
    Revoke {
        /// Its id, as `jackfield key list` prints it.
        id: i64,
        /// The SIP domain of its tenant.
        #[arg(long, value_name = "DOMAIN")]
        tenant: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// For a telephone system that reports its calls to /jackfield/v1/feed.
    #[arg(long, required = true)]
    feed: bool,
    /// The SIP domain of the tenant whose calls are reported with it.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// What to call it, so that you know later which one to revoke.
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) async fn run(command: Command) -> Outcome {
    match command {
        Command::Create(args) => create(args).await,
        Command::List { tenant, settings } => list(&tenant, &settings).await,
        Command::Revoke { id, tenant, settings } => revoke(id, &tenant, &settings).await,
    }
}

async fn create(args: Create) -> Outcome {
    let app = open(&args.settings).await?;
    let tenant = tenant_named(&app, &args.tenant).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    let new = NewApiKey {
        purpose: KeyPurpose::Feed,
        name: args.name,
    };
    let made = app.directory.create_key(&grant, new).await?;
    say(&format!("key {} of {}: {}", made.id, tenant.domain, made.key));
    Ok(ExitCode::SUCCESS)
}

async fn list(tenant: &str, settings: &SettingsArgs) -> Outcome {
    let app = open(settings).await?;
    let tenant = tenant_named(&app, tenant).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    for key in app.directory.list_keys(&grant).await? {
        let purpose = key.purpose.word();
        say(&format!(
            "{}\t{purpose}\t{}\t{}",
            key.id, key.created_at, key.name
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(id: i64, domain: &str, settings: &SettingsArgs) -> Outcome {
    let app = open(settings).await?;
    let tenant = tenant_named(&app, domain).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    match app.directory.destroy_key(&grant, ApiKeyId::new(id)).await {
        Err(Error::Absent(Thing::ApiKey)) => Err(Failed(format!(
            "the tenant {} has no key {id}; `jackfield key list --tenant {}` shows those it has",
            tenant.domain, tenant.domain
        ))),
        outcome => {
            outcome?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
