//! What browsers ask before they let a page of another origin call us (the Fetch standard, §3.2).
//!
//! Any origin may: a token travels in a header that a page has to know, never in a cookie, so a foreign page can do nothing
//! that a foreign program could not.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
/// `*` would not stand for `Authorization`.
const HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, X-Auth-Token, X-Request-Id");
const SHOWN: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-Id");
/// How many seconds a browser may keep the answer: what browsers allow at most.
const KEPT: HeaderValue = HeaderValue::from_static("7200");

/// Answers the question before a request, which comes without a token, and lets pages read every other answer.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if asks {
        let answer = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY),
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, KEPT),
        ];
        return (StatusCode::NO_CONTENT, answer).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    response
}
