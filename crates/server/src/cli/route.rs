//! `jackfield route`.

use std::process::ExitCode;

use jackfield_domain::{Timestamp, capability::ViewPhoneSystem, route::RouteQuery};

use super::{Failed, Outcome, open, program_grant, say, tenant_named};
use crate::config::SettingsArgs;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Tell which way a call would go, and why, without making it.
    Explain(Explain),
}

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The SIP domain of the tenant.
    #[arg(long, value_name = "DOMAIN")]
    tenant: String,
    /// Who calls: the number of an extension, else a number outside.
    #[arg(long, value_name = "NUMBER")]
    from: String,
    /// What is dialled.
    #[arg(long, value_name = "NUMBER")]
    to: String,
    /// When, such as 2026-11-24T19:30:00+01:00; now, when it is left out. Presence, phones and calls are those of now.
    #[arg(long, value_name = "MOMENT")]
    at: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) async fn run(command: Command) -> Outcome {
    match command {
        Command::Explain(args) => explain(args).await,
    }
}

async fn explain(args: Explain) -> Outcome {
    let read = |text: String| {
        Timestamp::parse(&text).ok_or_else(|| {
            Failed(format!(
                "--at is {text}; write a moment with its offset, such as 2026-11-24T19:30:00+01:00"
            ))
        })
    };
    let at = args.at.map(read).transpose()?;
    let app = open(&args.settings).await?;
    let tenant = tenant_named(&app, &args.tenant).await?;
    let grant = program_grant::<ViewPhoneSystem>(tenant.id)?;
    let query = RouteQuery {
        tenant: None,
        from: args.from,
        to: args.to,
        at,
    };
    let route = app.directory.explain_route(&grant, &query).await?;
    say(route.plan.to_string().trim_end());
    Ok(ExitCode::SUCCESS)
}
