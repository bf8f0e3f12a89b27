//! Our own server with one difference: a request that creates is let in only when the one before it has been answered.
//!
//! Group commit has no switch, and needs none: with one unit of work at a time every group has one unit, so each request
//! has a commit and an fsync to itself. Everything else is the same code.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use jackfield_server::{App, World, metrics::Metrics, routes};
use tokio::sync::Semaphore;

use crate::{Result, data};

/// Serves on a port of this machine until the process is ended, with settings from the environment.
pub(crate) fn serve(port: u16) -> Result<()> {
    data::server_runtime()?.block_on(async {
        let settings = data::settings(&|name| std::env::var_os(name))?;
        let _flush = jackfield_server::log::init_serving(&settings)?;
        let world = World::real();
        let metrics = Arc::new(Metrics::install(&*world.clock)?);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let app = App::open(settings, world).await?;
        let gate = from_fn_with_state(Arc::new(Semaphore::new(1)), one_at_a_time);
        let router = routes::router(&app, Some(metrics)).layer(gate);
        Ok(axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .await?)
    })
}

async fn one_at_a_time(State(gate): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    match gate.acquire().await {
        Ok(_turn) => next.run(request).await,
        // Nobody closes it.
        Err(closed) => closed.to_string().into_response(),
    }
}
