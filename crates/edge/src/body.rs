//! Bodies of requests.

use std::marker::PhantomData;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::{Dialect, Failure, Refusal, json};

/// The most bytes of a body of JSON or of a form: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// The most bytes that are taken in only to be thrown away.
const DRAIN_LIMIT: usize = 16 << 20;

/// A body of JSON. A key that occurs twice in one object of a wire type is refused: which of the two was meant cannot be
/// known. Keys that the type does not know are ignored. A missing `Content-Type` counts as JSON.
pub struct Body<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequest<S> for Body<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(json::read(&bytes_of_json(request).await?)?, PhantomData))
    }
}

/// A body of JSON that is an array, read by the same rules. What its entries are is for each to say: an `Input`.
pub struct ListBody<D, T>(pub Vec<T>, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequest<S> for ListBody<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(
            json::read_list(&bytes_of_json(request).await?)?,
            PhantomData,
        ))
    }
}

async fn bytes_of_json(request: Request) -> Result<Bytes, Refusal> {
    if !media_type(request.headers()).is_none_or(is_json) {
        return Err(Refusal::MediaType("application/json"));
    }
    read(request).await
}

/// A body of form fields, `application/x-www-form-urlencoded`.
pub struct Form<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequest<S> for Form<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        const FORM: &str = "application/x-www-form-urlencoded";
        if !media_type(request.headers()).is_some_and(|name| name.eq_ignore_ascii_case(FORM)) {
            return Err(Refusal::MediaType(FORM).into());
        }
        let (mut parts, body) = request.into_parts();
        let bytes = read(Request::new(body)).await?;
        // The whole body is here and within the limit; axum's own limit has nothing left to do.
        parts.headers.remove(header::CONTENT_LENGTH);
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        let axum::Form(value) = axum::Form::<T>::from_request(request, state)
            .await
            .map_err(|problem| Refusal::Form(problem.body_text()))?;
        Ok(Self(value, PhantomData))
    }
}

/// The media type of the body without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?;
    // A value that is no text is a media type, and one that nobody takes.
    let text = value.to_str().unwrap_or("?");
    Some(text.split(';').next().unwrap_or_default().trim())
}

/// `application/json` and the types that say they are JSON too (RFC 6839 §3.1).
fn is_json(name: &str) -> bool {
    name.eq_ignore_ascii_case("application/json")
        || name
            .rsplit_once('+')
            .is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("json"))
}

/// Reads the body. One that is too large is still taken in, up to a point, and thrown away: a client that is cut off while it
/// sends does not read the answer that would tell it why.
async fn read(request: Request) -> Result<Bytes, Refusal> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > DRAIN_LIMIT) {
        return Err(Refusal::TooLarge(BODY_LIMIT));
    }
    let mut body = request.into_body();
    let mut kept = Vec::with_capacity(announced.unwrap_or(0).min(64 << 10));
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Interrupted)?;
        let Some(data) = frame.data_ref() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= BODY_LIMIT {
            kept.extend_from_slice(data);
        } else if seen > DRAIN_LIMIT {
            break;
        }
    }
    if seen > BODY_LIMIT {
        return Err(Refusal::TooLarge(BODY_LIMIT));
    }
    Ok(kept.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        for (text, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            assert_eq!(media_type(&headers).is_some_and(is_json), json, "{text}");
        }
    }
}
