//! `jackfield serve`.

use std::{process::ExitCode, sync::Arc, time::Instant};

use jackfield_registrar::BoundEdge;
use tokio::net::TcpListener;

use super::{Failed, Outcome, complain};
use crate::{
    App, World,
    config::{Settings, SettingsArgs},
    demo,
    metrics::Metrics,
    serve::{self, Ports},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Add the tenant demo.example with users, groups and a role to play with, and print how.
    #[arg(long)]
    demo: bool,
}

pub(super) async fn run(args: Args) -> Outcome {
    let started = Instant::now();
    let settings = Settings::load(&args.settings)?;
    // To the end of the function: the last lines are written when it goes. Only a test sets up logs twice in one process.
    let _flush = crate::log::init_serving(&settings);
    let world = World::real();
    let metrics = Arc::new(Metrics::install(&*world.clock)?);
    let ports = take_ports(&settings).await?;
    let address = ports.http.local_addr()?;
    let app = App::open(settings, world).await?;
    if let Some(password) = app.ensure_administrator().await? {
        complain(&format!(
            "First start: the system administrator is `admin`, the password is {password}\n\
             It is shown only now. Set your own with POST /api/user/password."
        ));
    }
    if args.demo {
        complain(&demo::install(&app, &format!("http://{address}")).await?);
    }
    tracing::info!(%address, ready_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "ready");
    serve::serve(&app, ports, Some(metrics), serve::stop_signal()).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Takes the ports, before the database is touched: a second server on them changes nothing.
pub(super) async fn take_ports(settings: &Settings) -> Result<Ports, Failed> {
    let http = TcpListener::bind(settings.listen).await.map_err(|error| {
        Failed(format!(
            "cannot listen on {}: {error}; choose another address with --listen",
            settings.listen
        ))
    })?;
    let sip = settings.sip_edge().map(BoundEdge::bind).transpose().map_err(|error| {
        Failed(format!(
            "{error}; choose other addresses with --sip-listen, --sip-tls-listen or --sip-ws-listen, or go without telephones \
             with --sip off"
        ))
    })?;
    Ok(Ports { http, sip })
}
