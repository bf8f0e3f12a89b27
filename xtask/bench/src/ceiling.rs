//! The bare server that everything is compared with: the same HTTP layer, the same check of the bearer, no store.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Result, data};

/// What the bare server is told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    /// The tokens that it knows.
    pub(crate) tokens: Vec<String>,
    /// The body of `GET /api/users/{id}`.
    pub(crate) user: String,
    /// The body of `GET /api/users`.
    pub(crate) list: String,
}

#[derive(Clone)]
struct Bare {
    sessions: Arc<HashSet<[u8; 32]>>,
    user: Bytes,
    list: Bytes,
    created: Bytes,
}

/// Serves on a port of this machine until the process is ended.
pub(crate) fn serve(port: u16, told: &PathBuf) -> Result<()> {
    let told: Told = serde_json::from_slice(&std::fs::read(told)?)?;
    let bare = Bare {
        sessions: Arc::new(
            told.tokens
                .iter()
                .map(|token| Sha256::digest(token).into())
                .collect(),
        ),
        user: told.user.into(),
        list: told.list.into(),
        created: Bytes::from_static(br#"{"id":"100000"}"#),
    };
    let router = Router::new()
        .route("/api/users/{id}", get(user))
        .route("/api/users", get(list).post(create))
        .route("/readyz", get(async || "ok"))
        .with_state(bare);
    data::server_runtime()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        Ok(axum::serve(listener, router).await?)
    })
}

impl Bare {
    fn knows(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .is_some_and(|token| self.sessions.contains::<[u8; 32]>(&Sha256::digest(token).into()))
    }

    fn answer(&self, headers: &HeaderMap, status: StatusCode, body: &Bytes) -> Response {
        if !self.knows(headers) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        (status, [(header::CONTENT_TYPE, "application/json")], body.clone()).into_response()
    }
}

async fn user(State(bare): State<Bare>, headers: HeaderMap) -> Response {
    bare.answer(&headers, StatusCode::OK, &bare.user)
}

async fn list(State(bare): State<Bare>, headers: HeaderMap) -> Response {
    bare.answer(&headers, StatusCode::OK, &bare.list)
}

/// Takes the body in and does nothing with it.
async fn create(State(bare): State<Bare>, headers: HeaderMap, body: Bytes) -> Response {
    drop(body);
    bare.answer(&headers, StatusCode::CREATED, &bare.created)
}
