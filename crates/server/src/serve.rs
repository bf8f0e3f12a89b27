//! Answering until told to stop.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use jackfield_directory::Directory;
use jackfield_domain::Clock;
use jackfield_registrar::{BoundEdge, Calls, Edge, Publications, Watches};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{App, metrics::Metrics, routes};

/// How long requests that are under way may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How often files that nobody wants any more are looked for.
const COLLECT: Duration = Duration::from_hours(1);
/// For so long after its start a server has better things to do.
const SETTLE: Duration = Duration::from_mins(1);
/// How often the counters are tidied.
const UPKEEP: Duration = Duration::from_secs(5);
/// How often registrations that have ended are removed. Nobody sees them meanwhile; they only take up room.
const PURGE: Duration = Duration::from_mins(10);

/// The ports of a server, taken before anything else is done.
pub struct Ports {
    /// For HTTP.
    pub http: TcpListener,
    /// For SIP, unless it is off.
    pub sip: Option<BoundEdge>,
}

/// Answers on its ports until `stop` is done, then lets requests that are under way end.
///
/// # Errors
/// When a listener fails.
pub async fn serve(
    app: &App,
    ports: Ports,
    metrics: Option<Arc<Metrics>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let _tasks = Tasks(vec![
        tokio::spawn(purge(app.directory.clone())),
        tokio::spawn(collect(app.directory.clone(), Arc::clone(&app.world.clock))),
    ]);
    let router = routes::router(app, metrics.clone());
    answer(app, ports, router, metrics, stop).await
}

/// Answers telephones, and over HTTP only what an operator's tools ask, until `stop` is done. What is done now and then for
/// all processes on a database is left to the servers.
///
/// # Errors
/// When a listener fails.
pub async fn serve_edge(
    app: &App,
    ports: Ports,
    metrics: Option<Arc<Metrics>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = routes::edge_router(app, metrics.clone());
    answer(app, ports, router, metrics, stop).await
}

/// Tasks that end with what started them.
struct Tasks(Vec<JoinHandle<()>>);

impl Tasks {
    /// Ends them, and returns when they have ended.
    async fn end(mut self) {
        for task in std::mem::take(&mut self.0) {
            task.abort();
            // It was told to end, and that is what it says.
            let _ = task.await;
        }
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// What a server and an edge alone have in common.
async fn answer(
    app: &App,
    ports: Ports,
    router: Router,
    metrics: Option<Arc<Metrics>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // To the end of the function: telephones may register until the last request is answered.
    let edge = match ports.sip {
        Some(sip) => Some(start_edge(app, sip).await?),
        None => None,
    };
    let mut tasks = Tasks(Vec::new());
    if let Some((edge, calls)) = &edge {
        let calls = Arc::clone(calls);
        tasks
            .0
            .push(tokio::spawn(calls.follow_orders(edge.context().clone())));
        tasks.0.push(tokio::spawn(Calls::upkeep(edge.context().clone())));
        let directory = app.directory.clone();
        tasks.0.push(tokio::spawn(async move {
            directory.keep_writing_renewals().await;
        }));
    }
    let directory = app.directory.clone();
    tasks.0.push(tokio::spawn(async move {
        directory.follow_other_processes().await;
    }));
    if let Some(metrics) = metrics {
        tasks.0.push(tokio::spawn(async move {
            let mut tick = tokio::time::interval(UPKEEP);
            loop {
                tick.tick().await;
                metrics.upkeep();
            }
        }));
    }
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(ports.http, router).with_graceful_shutdown(async move {
        stop.await;
        // The receiver is gone only when the server has ended by itself.
        let _ = stopping.send(());
    });
    let result = tokio::select! {
        result = async { server.await } => result,
        () = async {
            let _ = stopped.await;
            tokio::time::sleep(GRACE).await;
        } => {
            tracing::warn!("requests were still under way after {GRACE:?}; they are cut off");
            Ok(())
        }
    };
    tasks.end().await;
    if let Some((edge, _)) = edge {
        edge.context().leave().await;
    }
    if let Err(error) = app.directory.write_renewals().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "registrations that were renewed a moment ago end when they would have ended before"
        );
    }
    result
}

/// Begins to answer telephones.
async fn start_edge(app: &App, sip: BoundEdge) -> io::Result<(Edge, Arc<Calls>)> {
    let (clock, entropy) = (Arc::clone(&app.world.clock), Arc::clone(&app.world.entropy));
    let calls = Calls::new(Arc::clone(&clock), Arc::clone(&entropy));
    let watches = Watches::new(Arc::clone(&entropy), &calls);
    let publications = Publications::new(Arc::clone(&clock), Arc::clone(&entropy));
    let edge = sip
        .start(
            app.directory.clone(),
            clock,
            entropy,
            vec![Arc::clone(&calls) as _, watches, publications],
        )
        .await;
    let edge = edge.map_err(io::Error::other)?;
    for (wire, address) in edge.addresses() {
        tracing::info!(%wire, %address, "telephones may register");
    }
    Ok((edge, calls))
}

/// Removes now and then what has ended by itself.
async fn purge(directory: Directory) {
    let mut tick = tokio::time::interval(PURGE);
    loop {
        tick.tick().await;
        if let Err(error) = directory.purge_registrations().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "registrations that have ended could not be removed; the next try is in {PURGE:?}"
            );
        }
    }
}

/// Removes now and then files that nobody wants any more.
async fn collect(directory: Directory, clock: Arc<dyn Clock>) {
    tokio::time::sleep(SETTLE).await;
    loop {
        match directory.collect_blobs(clock.now()).await {
            Ok(gone) if gone == jackfield_directory::Collected::default() => {}
            Ok(gone) => {
                tracing::info!(gone.uploads, gone.blobs, gone.contents, "removed unused files");
            }
            Err(error) => tracing::warn!("unused files stay for now: {error}"),
        }
        tokio::time::sleep(COLLECT).await;
    }
}

/// Done when the process is told to stop: by SIGTERM, as service managers do, or by Ctrl-C.
pub async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler for signals only the one for Ctrl-C is left; failing that, the process runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
