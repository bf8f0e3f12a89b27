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
    let portsip = jackfield_dialect_portsip::router(app.edge());
    let native = jackfield_dialect_native::router(app.edge());
    let omnidesk = jackfield_dialect_omnidesk::router(app.edge());
    let router = operations(app, metrics)
        .merge(crate::password_page::router(app.directory.clone()))
        .merge(documents::router())
        // Nesting leaves the slash itself out, and a client that asks for it wants an error in the vendor's shape.
        .route_service("/api/", portsip.clone().into_service())
        .nest("/api", portsip)
        .route_service("/api/v2/", omnidesk.clone().into_service())
        .nest(jackfield_dialect_omnidesk::PREFIX, omnidesk)
        .route_service("/jackfield/v1/", native.clone().into_service())
        .nest(jackfield_dialect_native::PREFIX, native);
    Version::ALL
        .into_iter()
        .fold(ringme(router, app), |router, version| {
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

/// What an edge alone answers over HTTP: what an operator's tools ask, and no API.
pub fn edge_router(app: &App, metrics: Option<Arc<Metrics>>) -> Router {
    operations(app, metrics).fallback(nothing_but_telephones)
}

fn operations(app: &App, metrics: Option<Arc<Metrics>>) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/metrics", get(counted))
        .with_state(Operations {
            directory: app.directory.clone(),
            metrics,
        })
}

/// Adds the RingMe dialect at its prefix, at the paths that its reference prints, and OAuth 2.
fn ringme(router: Router, app: &App) -> Router {
    use jackfield_dialect_ringme::{BARE_PREFIX, HourlyBudget, OAUTH_PREFIX, PREFIX};
    let limit = app.settings.requests_per_hour.get();
    let budget = Arc::new(HourlyBudget::new(limit, Arc::clone(&app.world.clock)));
    let whole = jackfield_dialect_ringme::router(app.edge(), Arc::clone(&budget));
    let clients = jackfield_dialect_ringme::clients_router(app.edge(), budget);
    let oauth = jackfield_dialect_ringme::oauth_router(app.edge());
    [(PREFIX, whole), (BARE_PREFIX, clients), (OAUTH_PREFIX, oauth)]
        .into_iter()
        .fold(router, |router, (prefix, dialect)| {
            router
                .route_service(&format!("{prefix}/"), dialect.clone().into_service())
                .nest(prefix, dialect)
        })
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
    let text = "nothing here; the APIs are under /api, /api/v2, /api/ver1.0, /v1.2/voipstudio and /jackfield/v1, their pages at /docs\n";
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn nothing_but_telephones() -> Response {
    let text =
        "nothing here: this process answers telephones alone; the APIs are where `jackfield serve` runs\n";
    (StatusCode::NOT_FOUND, text).into_response()
}
