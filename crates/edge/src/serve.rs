//! What every request passes on its way in and out.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use jackfield_domain::UserId;

use crate::{
    Dialect, Edge, Failure, Refusal, RequestIds,
    context::{CONTEXT, Context},
    metrics::{Meters, UNMATCHED},
    request_id,
};

/// How long a request may take. Generous, because it also ends a slow upload; whatever takes longer is a fault.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Finishes a dialect's router. Unknown paths and wrong methods answer in its words; each request gets an id (its own
/// `X-Request-Id` when that is harmless), which its answer carries; each leaves one line in the log and is counted; none takes
/// longer than [`TIME_LIMIT`] without [`still_moving`](crate::still_moving); a panic ends one request and not the process.
///
/// The log has the template of the path and never its query, which may hold a token.
pub fn serve<D: Dialect>(router: Router<Edge>, edge: Edge) -> Router {
    serve_within::<D>(router, edge, |router| router)
}

/// The same with layers of the dialect's own, which every request passes, one to an unknown path too, after it got its id and
/// before anything else.
pub fn serve_within<D: Dialect>(
    router: Router<Edge>,
    edge: Edge,
    within: impl FnOnce(Router<Edge>) -> Router<Edge>,
) -> Router {
    let gate = Gate {
        ids: edge.request_ids().clone(),
        meters: Meters::new(D::NAME),
        time_limit: TIME_LIMIT,
    };
    guard::<D, Edge>(router, gate, within).with_state(edge)
}

fn guard<D: Dialect, S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    gate: Gate,
    within: impl FnOnce(Router<S>) -> Router<S>,
) -> Router<S> {
    let router = router
        .fallback(async || Failure::<D>::from(Refusal::UnknownPath))
        .method_not_allowed_fallback(async || Failure::<D>::from(Refusal::WrongMethod));
    within(router).layer(middleware::from_fn_with_state(Arc::new(gate), pass::<D>))
}

struct Gate {
    ids: RequestIds,
    meters: Meters,
    time_limit: Duration,
}

async fn pass<D: Dialect>(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = gate.ids.accept(request.headers().get(&request_id::HEADER));
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or(UNMATCHED, MatchedPath::as_str);

    CONTEXT
        .scope(Context::new(id, gate.time_limit), async {
            let mut response = answer::<D>(gate.time_limit, request, next).await;
            let took = started.elapsed();
            let status = response.status().as_u16();
            gate.meters.count(path, &method, status, took);
            CONTEXT.with(|context| {
                if let Some(value) = context.id().header() {
                    response.headers_mut().insert(request_id::HEADER.clone(), value);
                }
                let caller = context.caller();
                tracing::info!(
                    dialect = D::NAME,
                    method = method.as_str(),
                    path,
                    status,
                    duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    tenant = caller.map(|(tenant, _)| tenant.get()),
                    user = caller.and_then(|(_, user)| user).map(UserId::get),
                    request_id = context.id().as_str(),
                    "request"
                );
            });
            response
        })
        .await
}

/// The handler's answer, or the one for a handler that panics or does not come to an end.
async fn answer<D: Dialect>(limit: Duration, request: Request, next: Next) -> Response {
    // Handlers keep nothing across requests but what is behind the directory, and a transaction that unwinds rolls back.
    let mut answer = std::pin::pin!(AssertUnwindSafe(next.run(request)).catch_unwind());
    let outcome = loop {
        let deadline = CONTEXT.with(Context::deadline);
        match tokio::time::timeout_at(deadline, &mut answer).await {
            // It moved meanwhile.
            Err(_) if CONTEXT.with(Context::deadline) > deadline => {}
            outcome => break outcome,
        }
    };
    match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            CONTEXT.with(|context| {
                tracing::error!(dialect = D::NAME, request_id = %context.id(), "a handler panicked: {}", text(&*panic));
            });
            Failure::<D>::from(Refusal::Panic).into_response()
        }
        Err(_) => {
            CONTEXT.with(|context| {
                tracing::error!(dialect = D::NAME, request_id = %context.id(), "a request took longer than {limit:?}");
            });
            Failure::<D>::from(Refusal::Timeout(limit)).into_response()
        }
    }
}

/// What a panic said.
fn text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it said nothing")
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
