//! `jackfield key`.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use jackfield_domain::{
    ApiKeyId, Error, NewApiKey, Thing,
    capability::{ManageCompany, ManageUsers},
};

use super::{Failed, Outcome, open, program_grant, say, tenant_named};
use crate::config::SettingsArgs;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a key and print it: only now, for only its digest is kept. The key is the last word of the line.
    Create(Create),
    /// List the keys of a tenant: id, purpose, when it was made, name, and of one that belongs to a user his id and what it
    /// allows; one a line, separated by tabs.
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
    #[arg(long, required_unless_present = "dialect", conflicts_with = "dialect")]
    feed: bool,
    /// For a program that speaks this dialect and acts for a user.
    #[arg(long, value_enum, requires_all = ["user", "permissions"])]
    dialect: Option<KeyDialect>,
    /// The SIP domain of the tenant that it is for.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// The name of the user that the program acts for. The key ends with him.
    #[arg(long, requires = "dialect")]
    user: Option<String>,
    /// What the key allows; may be given several times. Nobody's role is exceeded by it but for the management of users.
    #[arg(long = "permission", value_name = "PERMISSION", requires = "dialect", value_parser = permissions())]
    permissions: Vec<String>,
    /// What to call it, so that you know later which one to revoke.
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The dialects whose programs come with such keys.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KeyDialect {
    Omnidesk,
}

fn permissions() -> PossibleValuesParser {
    PossibleValuesParser::new(jackfield_dialect_omnidesk::PERMISSIONS.map(|(word, _)| word))
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
    let new = match (args.dialect, args.user) {
        (Some(KeyDialect::Omnidesk), Some(user)) => {
            let users = program_grant::<ManageUsers>(tenant.id)?;
            let Ok(owner) = app.directory.user_named(&users, &user).await else {
                return Err(Failed(format!("the tenant {} has no user {user}", tenant.domain)));
            };
            let words = args.permissions.iter().map(String::as_str);
            let permissions = words.filter_map(jackfield_dialect_omnidesk::permission).collect();
            NewApiKey::desk(args.name, owner, permissions)
        }
        _ => NewApiKey::feed(args.name),
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
        let owner = key.owner.map_or_else(String::new, |owner| {
            let words = owner
                .permissions
                .into_iter()
                .map(jackfield_dialect_omnidesk::permission_word);
            let words: Vec<&str> = words.collect();
            format!("{}\t{}", owner.user, words.join(" "))
        });
        say(&format!(
            "{}\t{purpose}\t{}\t{}\t{owner}",
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
