use std::borrow::Cow;

use axum::{
    body::Body,
    http::{Method, StatusCode, header, request::Parts},
    routing::get,
};
use jackfield_domain::{Entropy, Error};
use tower::ServiceExt;

use super::*;
use crate::{Params, PathOf, Reply};

struct Plain;

impl Dialect for Plain {
    const NAME: &'static str = "plain";

    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        crate::bearer(parts)
    }

    fn id(text: &str) -> Option<i64> {
        text.parse().ok()
    }

    fn error(error: &Error) -> Response {
        (StatusCode::BAD_REQUEST, format!("plain: {error}")).into_response()
    }

    fn refusal(refusal: &Refusal) -> Response {
        let status = match refusal {
            Refusal::UnknownPath => StatusCode::NOT_FOUND,
            Refusal::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Timeout(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Panic => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, format!("plain: {refusal}")).into_response()
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[derive(serde::Deserialize)]
struct Skip {
    skip: u32,
}

#[derive(serde::Deserialize)]
struct Grant {
    grant_type: String,
}

fn router() -> Router {
    let inner = Router::new()
        .route("/ok", get(async || "fine"))
        .route("/panics", get(panics))
        .route("/slow", get(std::future::pending::<()>))
        .route("/long", get(moving))
        .route(
            "/list",
            get(async |Params(skip, _): Params<Plain, Skip>| skip.skip.to_string()),
        )
        .route(
            "/item/{id}",
            get(async |PathOf(id, _): PathOf<Plain, u8>| id.to_string()),
        )
        .route(
            "/json",
            axum::routing::post(
                async |crate::Body(body, _): crate::Body<Plain, serde_json::Value>| body.to_string(),
            ),
        )
        .route(
            "/form",
            axum::routing::post(async |crate::Form(form, _): crate::Form<Plain, Grant>| form.grant_type),
        )
        .route("/broken", get(broken));
    let gate = Gate {
        ids: RequestIds::new(&Zeros),
        meters: Meters::new(Plain::NAME),
        time_limit: Duration::from_millis(50),
    };
    Router::new().nest("/plain", guard::<Plain, ()>(inner, gate, |router| router))
}

async fn panics() -> &'static str {
    panic!("with a secret")
}

/// Takes three times as long as a request may, and gets on.
async fn moving() -> &'static str {
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(25)).await;
        crate::still_moving();
    }
    "arrived"
}

async fn broken() -> Reply<Plain, &'static str> {
    Err(Error::internal("the row is damaged").into())
}

async fn ask(
    request: axum::http::request::Builder,
    body: impl Into<Body>,
) -> (u16, String, axum::http::HeaderMap) {
    let response = router()
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status.as_u16(),
        String::from_utf8(bytes.to_vec()).unwrap(),
        parts.headers,
    )
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

fn json(path: &str) -> axum::http::request::Builder {
    request(Method::POST, path).header(header::CONTENT_TYPE, "application/json")
}

#[tokio::test]
async fn whatever_goes_wrong_answers_in_the_dialect() {
    for (method, path, status) in [
        (Method::GET, "/plain/ok", 200),
        (Method::GET, "/plain/ok/", 404),
        (Method::GET, "/plain/nothing", 404),
        (Method::GET, "/plain", 404),
        (Method::POST, "/plain/ok", 405),
        (Method::GET, "/plain/panics", 500),
        (Method::GET, "/plain/slow", 503),
        (Method::GET, "/plain/long", 200),
        (Method::GET, "/plain/broken", 400),
        (Method::GET, "/plain/list?skip=7&other=1", 200),
        (Method::GET, "/plain/list?skip=-1", 400),
        (Method::GET, "/plain/list", 400),
        (Method::GET, "/plain/item/256", 400),
        (Method::GET, "/plain/item/%ff", 400),
    ] {
        let (got, body, headers) = ask(request(method, path), Body::empty()).await;
        assert_eq!(got, status, "{path}: {body}");
        assert!(status == 200 || body.starts_with("plain: "), "{path}: {body}");
        assert!(
            !body.contains("secret") && !body.contains("damaged"),
            "{path}: {body}"
        );
        assert!(headers.contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let (_, _, headers) = ask(request(Method::POST, "/plain/ok"), Body::empty()).await;
    assert_eq!(headers[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn an_id_that_the_client_gives_comes_back() {
    let (_, _, headers) = ask(
        request(Method::GET, "/plain/ok").header("X-Request-Id", "abc-1"),
        Body::empty(),
    )
    .await;
    assert_eq!(headers["x-request-id"], "abc-1");
}

#[tokio::test]
async fn bodies_are_limited_and_named() {
    let immense = (64_usize << 20).to_string();
    let large = "x".repeat(crate::BODY_LIMIT + 1);
    for (builder, body, status) in [
        (json("/plain/json"), r#"{"a": 1}"#.to_owned(), 200),
        (request(Method::POST, "/plain/json"), "{}".to_owned(), 200),
        (json("/plain/json"), "{".to_owned(), 400),
        (json("/plain/json"), large.clone(), 413),
        (
            json("/plain/json").header(header::CONTENT_LENGTH, immense.as_str()),
            String::new(),
            413,
        ),
        (json("/plain/form"), "grant_type=password".to_owned(), 415),
    ] {
        let (got, body, _) = ask(builder, body).await;
        assert_eq!(got, status, "{body}");
    }
    let form = |body: &'static str| {
        ask(
            request(Method::POST, "/plain/form")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            body,
        )
    };
    assert_eq!(form("grant_type=a+b%20c&x=1").await.1, "a b c");
    let (status, body, _) = form("x=1").await;
    assert_eq!(status, 400);
    assert!(body.contains("grant_type"), "{body}");
}
