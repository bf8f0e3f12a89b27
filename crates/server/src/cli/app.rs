//! `jackfield app`.

use std::process::ExitCode;

use clap::ValueEnum;
use jackfield_domain::{
    ApplicationAccess, ApplicationKind, Error, NewApplication, Thing, capability::ManageCompany,
};
use serde_json::json;

use super::{Failed, Outcome, open, program_grant, say, tenant_named};
use crate::config::SettingsArgs;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an application and print its id and its secret: the secret only now, for only its digest is kept.
    Create(Create),
    /// List the applications of a tenant: client id, type, access, when it was made, name, one a line, separated by tabs.
    List {
        /// The SIP domain of the tenant.
        #[arg(long, value_name = "DOMAIN")]
        tenant: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Revoke an application with all of its tokens. A running server refuses them within a second.
    Revoke {
        /// Its client id, as `jackfield app list` prints it.
        client_id: String,
        /// The SIP domain of its tenant.
        #[arg(long, value_name = "DOMAIN")]
        tenant: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

/// How an application gets its tokens.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Type {
    /// By its own secret (`client_credentials`); it acts as the user that it is made for.
    Trusted,
    /// By a code that a user gives it in his browser (`authorization_code`).
    Public,
    /// By a user's login and password (password).
    Password,
}

/// What an application may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Access {
    /// Whatever the user may do that it acts as.
    All,
    /// Only steer calls.
    #[value(name = "call_api", alias = "call-api")]
    CallApi,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A line for people; the secret is its last word.
    Text,
    /// An object with `client_id` and `client_secret`.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// The SIP domain of the tenant whose users it acts for.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// The name of the user that it is made for, and whom a trusted one acts as.
    #[arg(long, value_name = "NAME")]
    user: String,
    /// How it gets its tokens.
    #[arg(long = "type", value_enum)]
    kind: Type,
    /// What it may do.
    #[arg(long, value_enum, default_value = "all")]
    access: Access,
    /// Where a browser may be sent back to, letter by letter; for the type public, which needs one. May be repeated.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// What users are told that it is called.
    #[arg(long, default_value = "Application")]
    name: String,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) async fn run(command: Command) -> Outcome {
    match command {
        Command::Create(args) => create(args).await,
        Command::List { tenant, settings } => list(&tenant, &settings).await,
        Command::Revoke {
            client_id,
            tenant,
            settings,
        } => revoke(&client_id, &tenant, &settings).await,
    }
}

async fn create(args: Create) -> Outcome {
    let app = open(&args.settings).await?;
    let tenant = tenant_named(&app, &args.tenant).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    let new = NewApplication {
        name: args.name,
        kind: match args.kind {
            Type::Trusted => ApplicationKind::Trusted,
            Type::Public => ApplicationKind::Public,
            Type::Password => ApplicationKind::Password,
        },
        access: match args.access {
            Access::All => ApplicationAccess::All,
            Access::CallApi => ApplicationAccess::CallApi,
        },
        redirect_uris: args.redirect_uris,
    };
    let made = match app.directory.create_application(&grant, &args.user, new).await {
        Err(Error::Absent(Thing::User)) => {
            return Err(Failed(format!(
                "the tenant {} has no user {}",
                tenant.domain, args.user
            )));
        }
        made => made?,
    };
    let (id, secret) = (&made.application.client_id, &made.secret);
    match args.format {
        Format::Text => say(&format!("application {id} of {}: {secret}", tenant.domain)),
        Format::Json => say(&json!({"client_id": id, "client_secret": secret}).to_string()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(tenant: &str, settings: &SettingsArgs) -> Outcome {
    let app = open(settings).await?;
    let tenant = tenant_named(&app, tenant).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    for one in app.directory.list_applications(&grant).await? {
        let (kind, access) = (one.kind.word(), one.access.word());
        say(&format!(
            "{}\t{kind}\t{access}\t{}\t{}",
            one.client_id, one.created_at, one.name
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(client_id: &str, domain: &str, settings: &SettingsArgs) -> Outcome {
    let app = open(settings).await?;
    let tenant = tenant_named(&app, domain).await?;
    let grant = program_grant::<ManageCompany>(tenant.id)?;
    match app.directory.destroy_application(&grant, client_id).await {
        Err(Error::Absent(Thing::Application)) => Err(Failed(format!(
            "the tenant {} has no application {client_id}; `jackfield app list --tenant {}` shows those it has",
            tenant.domain, tenant.domain
        ))),
        outcome => {
            outcome?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
