//! The OpenAPI documents of the dialects, and the page that shows them.
//!
//! A document is put together when somebody asks for it the first time, and kept as the bytes that are sent. As the values it
//! is made of, each would take several megabytes of a server whose documents hardly anybody reads.

use std::sync::LazyLock;

use axum::{Router, http::header, response::IntoResponse, routing::get};
use bytes::Bytes;
use jackfield_dialect_voipstudio::Version;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A document that is asked for.
type Page = LazyLock<Bytes>;

/// Where each document is. A line here is all that a new one needs.
static DOCUMENTS: [(&str, Page); 4] = [
    (
        "/openapi/portsip.json",
        LazyLock::new(|| json(&jackfield_dialect_portsip::document())),
    ),
    (
        "/openapi/jackfield.json",
        LazyLock::new(|| json(&jackfield_dialect_native::document())),
    ),
    (
        "/openapi/voipstudio.json",
        LazyLock::new(|| json(&jackfield_dialect_voipstudio::document(Version::V1_2))),
    ),
    (
        "/openapi/voipstudio-v1.1.json",
        LazyLock::new(|| json(&jackfield_dialect_voipstudio::document(Version::V1_1))),
    ),
];

fn json(document: &OpenApi) -> Bytes {
    match document.to_json() {
        Ok(text) => text.into(),
        Err(error) => {
            // It is made of texts and numbers; a test reads each of them.
            tracing::error!(%error, "a document cannot be written");
            Bytes::from_static(b"{}")
        }
    }
}

/// The routes: a document each, and `/docs`.
pub(crate) fn router() -> Router {
    let page = Config::new(DOCUMENTS.iter().map(|(path, _)| *path))
        // The page would otherwise ask a public service for a badge.
        .validator_url("none")
        .try_it_out_enabled(true);
    let router = Router::new().merge(SwaggerUi::new("/docs").config(page));
    DOCUMENTS.iter().fold(router, |router, (path, document)| {
        router.route(path, get(move || async move { answer(document) }))
    })
}

fn answer(document: &'static Page) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, (**document).clone())
}
