//! Everything that the server answers over HTTP.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jackfield_dialect_voipstudio::Version;
use jackfield_directory::Directory;
use serde_json::json;

use crate::{App, documents, metrics::Metrics};

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone)]
struct Operations {
    directory: Directory,
    metrics: Option<Arc<Metrics>>,
}

/// The whole router: the dialects under their prefixes, and what an operator's tools ask. Without `metrics`, `/metrics`
/// says that nothing is counted.
pub fn router(app: &App, metrics: Option<Arc<Metrics>>) -> Router {
    let operations = Operations {
        directory: app.directory.clone(),
        metrics,
    };
    let portsip = jackfield_dialect_portsip::router(app.edge());
    let native = jackfield_dialect_native::router(app.edge());
    let router = Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/metrics", get(counted))
        .with_state(operations)
        .merge(documents::router())
        // Nesting leaves the slash itself out, and a client that asks for it wants an error in the vendor's shape.
        .route_service("/api/", portsip.clone().into_service())
        .nest("/api", portsip)
        .route_service("/jackfield/v1/", native.clone().into_service())
        .nest(jackfield_dialect_native::PREFIX, native);
    Version::ALL
        .into_iter()
        .fold(router, |router, version| {
            let voipstudio = jackfield_dialect_voipstudio::router(version, app.edge());
            router
                .route_service(
                    &format!("{}/", version.prefix()),
                    voipstudio.clone().into_service(),
                )
                .nest(version.prefix(), voipstudio)
        })
        .fallback(nothing_here)
}

/// The process answers; nothing else is asked.
async fn live() -> &'static str {
    "ok\n"
}

/// Whether requests can be served, and if not, what is missing.
async fn ready(State(operations): State<Operations>) -> Response {
    let checks = operations.directory.ready().await;
    let ready = checks.iter().all(|(_, state)| state.is_ok());
    let list: serde_json::Map<_, _> = checks
        .into_iter()
        .map(|(name, state)| (name.to_owned(), json!(state.err().unwrap_or_else(|| "ok".into()))))
        .collect();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(json!({ "ready": ready, "dependencies": list }))).into_response()
}

async fn version() -> Json<serde_json::Value> {
    Json(json!({ "name": "jackfield", "version": VERSION }))
}

async fn counted(State(operations): State<Operations>) -> Response {
    match operations.metrics {
        Some(metrics) => (
            [(header::CONTENT_TYPE, crate::metrics::CONTENT_TYPE)],
            metrics.render(),
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "nothing is counted in this process\n").into_response(),
    }
}

async fn nothing_here() -> Response {
    let text =
        "nothing here; the APIs are under /api, /v1.2/voipstudio and /jackfield/v1, their pages at /docs\n";
    (StatusCode::NOT_FOUND, text).into_response()
}
