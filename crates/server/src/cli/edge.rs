//! `jackfield edge`.

use std::{process::ExitCode, sync::Arc, time::Instant};

use super::{Failed, Outcome, serve::take_ports};
use crate::{
    App, World,
    config::{DatabaseUrl, Settings, SettingsArgs},
    metrics::Metrics,
    serve,
};

pub(super) async fn run(settings: SettingsArgs) -> Outcome {
    let started = Instant::now();
    let settings = Settings::load(&settings)?;
    // A SQLite file has one writer, and what its other processes change is noticed only now and then.
    if matches!(settings.database(), DatabaseUrl::Sqlite(_)) {
        return Err(Failed(
            "an edge alone shares its database with servers, which a SQLite file cannot be: name a PostgreSQL with \
             --database-url, or let `jackfield serve` answer the telephones"
                .to_owned(),
        ));
    }
    if !settings.sip.0 {
        return Err(Failed(
            "an edge answers telephones and nothing else: leave --sip on".to_owned(),
        ));
    }
    // As in `serve`.
    let _flush = crate::log::init_serving(&settings);
    let world = World::real();
    let metrics = Arc::new(Metrics::install(&*world.clock)?);
    let ports = take_ports(&settings).await?;
    let address = ports.http.local_addr()?;
    let app = App::open(settings, world).await?;
    tracing::info!(%address, ready_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "ready");
    serve::serve_edge(&app, ports, Some(metrics), serve::stop_signal()).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
