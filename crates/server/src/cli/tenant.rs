//! `jackfield tenant`.

use std::process::ExitCode;

use jackfield_domain::{
    Error, NewTenant, NumberRange, Page, Patch, Query, TenantId, TenantPatch, TenantSettingsPatch,
    capability::ManageTenants,
};

use super::{Outcome, open, program_grant, say, tenant_named};
use crate::config::SettingsArgs;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create a tenant and print its id.
    Create(Create),
    /// Set the numbers that the meetings of a tenant get. Meetings that are there keep theirs.
    MeetingNumbers(MeetingNumbers),
    /// List all tenants: id, domain, name, one a line, separated by tabs.
    List {
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Its SIP domain, such as sip.example.com.
    #[arg(long)]
    domain: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its time zone, an IANA name.
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// Its currency, an ISO 4217 code.
    #[arg(long, default_value = "USD")]
    currency: String,
    /// Its country, an ISO 3166-1 alpha-3 code.
    #[arg(long, default_value = "USA")]
    region: String,
    /// How many extensions it may have. More than the 1,000 of a tenant that is made through the API: who sits at the
    /// operator's console is about to import what he has.
    #[arg(long, default_value_t = 50_000)]
    max_extensions: i64,
}

pub(super) async fn run(command: Command) -> Outcome {
    match command {
        Command::Create(args) => create(args).await,
        Command::MeetingNumbers(args) => meeting_numbers(args).await,
        Command::List { settings } => list(&settings).await,
    }
}

async fn create(args: Create) -> Outcome {
    let app = open(&args.settings).await?;
    let grant = program_grant::<ManageTenants>(TenantId::SYSTEM)?;
    let new = NewTenant {
        name: args.name,
        domain: args.domain,
        timezone: args.timezone,
        currency: args.currency,
        region: args.region,
        rest: TenantPatch {
            max_extensions: Patch::Set(args.max_extensions),
            ..TenantPatch::default()
        },
    };
    let id = app.directory.create_tenant(&grant, new).await?;
    say(&id.to_string());
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, clap::Args)]
pub(super) struct MeetingNumbers {
    #[command(flatten)]
    settings: SettingsArgs,
    /// The tenant's SIP domain.
    #[arg(long)]
    domain: String,
    /// The lowest number.
    first: String,
    /// The highest number, of the same length.
    last: String,
}

async fn meeting_numbers(args: MeetingNumbers) -> Outcome {
    let range = NumberRange::new(&args.first, &args.last).map_err(Error::invalid)?;
    let app = open(&args.settings).await?;
    let grant = program_grant::<ManageTenants>(TenantId::SYSTEM)?;
    let tenant = tenant_named(&app, &args.domain).await?;
    let patch = TenantPatch {
        settings: TenantSettingsPatch {
            meeting_numbers: Patch::Set(range),
            ..TenantSettingsPatch::default()
        },
        ..TenantPatch::default()
    };
    app.directory.update_tenant(&grant, tenant.id, patch).await?;
    Ok(ExitCode::SUCCESS)
}

async fn list(settings: &SettingsArgs) -> Outcome {
    let app = open(settings).await?;
    let grant = program_grant::<ManageTenants>(TenantId::SYSTEM)?;
    let mut query = Query {
        page: Page::default(),
        ..Query::default()
    };
    loop {
        let listing = app.directory.list_tenants(&grant, &query).await?;
        for tenant in &listing.items {
            say(&format!("{}\t{}\t{}", tenant.id, tenant.domain, tenant.name));
        }
        query.page.skip += query.page.take;
        if query.page.skip >= listing.total {
            return Ok(ExitCode::SUCCESS);
        }
    }
}
