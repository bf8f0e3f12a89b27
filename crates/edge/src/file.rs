//! Files over HTTP: taking the bytes of one in, and handing one out, whole or in part (RFC 9110 §13 and §14).

use std::{fmt::Write as _, ops::Range};

use async_trait::async_trait;
use axum::{
    body::Body as HttpBody,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use jackfield_directory::{ContentReader, Incoming, Interrupted, OpenBlob};
use jackfield_domain::{Error, MediaType};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{KnownFormat, SchemaFormat, Type},
    },
};

use crate::{Dialect, Failure, Refusal, body::DRAIN_LIMIT, context};

/// Bytes that a file has to bring before its time limit begins anew.
const HEADWAY: usize = 64 << 10;

/// Bytes of any kind, in an OpenAPI document.
#[derive(Debug)]
pub struct Binary;

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}

impl ToSchema for Binary {}

/// A body of bytes that is handed on as it comes, whatever its media type says. As long as it brings 64 KiB within the time
/// limit of a request, it may take longer than that.
pub struct RawBody {
    body: HttpBody,
    /// The bytes that came since the time limit last began.
    since: usize,
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            body: request.into_body(),
            since: 0,
        })
    }
}

#[async_trait]
impl Incoming for RawBody {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        while let Some(frame) = self.body.frame().await {
            // Frames that hold no data are trailers, of which nothing is wanted.
            if let Ok(data) = frame.map_err(|_| Interrupted)?.into_data()
                && !data.is_empty()
            {
                self.since += data.len();
                if self.since >= HEADWAY {
                    self.since = 0;
                    context::still_moving();
                }
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl RawBody {
    /// Takes in what is still to come and throws it away, up to a point: a client that is cut off while it sends does not read
    /// the answer that would tell it why.
    pub async fn drain(&mut self) {
        let mut seen = 0;
        while let Ok(Some(bytes)) = self.next().await {
            seen += bytes.len();
            if seen > DRAIN_LIMIT {
                break;
            }
        }
    }
}

/// A page of the file must not run scripts of its own, whatever is in it.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// The content of an address never changes, and whoever has the address may have the content.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// The client has it already.
    Nothing,
    Whole,
    Part(Range<u64>),
}

/// Hands a file out: as what it was recognised as when it is sound or a picture, and for saving otherwise. Nothing in it is ever
/// run in a browser with the rights of this server's address.
///
/// # Errors
/// [`Refusal::Range`]; what reading the file gives.
pub async fn serve_file<D: Dialect>(headers: &HeaderMap, file: OpenBlob) -> Result<Response, Failure<D>> {
    let tag = tag(&file.blob.digest);
    let size = file.blob.size;
    let wanted = wanted(headers, &tag, size)?;
    let mut answer = match &wanted {
        Wanted::Nothing => StatusCode::NOT_MODIFIED.into_response(),
        Wanted::Whole => (StatusCode::OK, body::<D>(file.read(0..size).await?)).into_response(),
        Wanted::Part(range) => {
            let body = body::<D>(file.read(range.clone()).await?);
            (StatusCode::PARTIAL_CONTENT, body).into_response()
        }
    };
    let fields = answer.headers_mut();
    fields.insert(header::ETAG, value(&tag)?);
    fields.insert(header::CACHE_CONTROL, CACHE);
    let length = match &wanted {
        Wanted::Nothing => return Ok(answer),
        Wanted::Whole => size,
        Wanted::Part(range) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
            fields.insert(header::CONTENT_RANGE, value(&place)?);
            range.end - range.start
        }
    };
    let media = file
        .blob
        .media_type
        .map_or("application/octet-stream", MediaType::word);
    fields.insert(header::CONTENT_LENGTH, length.into());
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    fields.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let how = if file.blob.media_type.is_some() {
        "inline"
    } else {
        "attachment"
    };
    fields.insert(
        header::CONTENT_DISPOSITION,
        value(&disposition(how, &file.blob.name))?,
    );
    Ok(answer)
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(Error::internal)
}

/// The entity tag of a content: its digest. It is a strong one.
fn tag(digest: &[u8; 32]) -> String {
    let mut text = String::with_capacity(66);
    text.push('"');
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}

/// `attachment; filename="…"`, with the exact name beside the one for clients that know no other characters (RFC 6266).
fn disposition(how: &str, name: &str) -> String {
    let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%');
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if fallback == name {
        return format!("{how}; filename=\"{fallback}\"");
    }
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            exact.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("{how}; filename=\"{fallback}\"; filename*=UTF-8''{exact}")
}

/// A header that occurs once; none when it is not there or is no text.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Result<Wanted, Refusal> {
    let has = |list: &str| {
        let mut tags = list.split(',').map(str::trim);
        tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    };
    if text(headers, header::IF_NONE_MATCH).is_some_and(has) {
        return Ok(Wanted::Nothing);
    }
    // A part serves only who has the rest of the same content.
    if text(headers, header::IF_RANGE).is_some_and(|condition| condition.trim() != tag) {
        return Ok(Wanted::Whole);
    }
    match text(headers, header::RANGE).and_then(|range| part(range, size)) {
        None => Ok(Wanted::Whole),
        Some(Some(range)) => Ok(Wanted::Part(range)),
        Some(None) => Err(Refusal::Range(size)),
    }
}

/// The bytes that a `Range` header asks for. None when it asks for nothing that is understood here, several parts for example:
/// then the whole file is the right answer. `Some(None)` when none of the bytes are there.
#[expect(
    clippy::option_option,
    reason = "ignored, impossible and possible are three outcomes"
)]
fn part(range: &str, size: u64) -> Option<Option<Range<u64>>> {
    let (unit, places) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || places.contains(',') {
        return None;
    }
    let (first, last) = places.trim().split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number that does not fit lies behind the end of every file.
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let count = number(last)?;
        return Some((count > 0).then(|| size.saturating_sub(count)..size));
    }
    let first = number(first)?;
    let end = if last.is_empty() {
        u64::MAX
    } else {
        number(last)?.saturating_add(1)
    };
    if !last.is_empty() && end <= first {
        return None;
    }
    Some((first < size).then(|| first..end.min(size)))
}

/// A content as the body of an answer. A failure in the middle of it breaks the connection off: the client has the length and
/// knows that something is missing.
fn body<D: Dialect>(reader: Box<dyn ContentReader>) -> HttpBody {
    let id = context::id().to_string();
    let next = move |mut reader: Box<dyn ContentReader>| {
        let id = id.clone();
        async move {
            match reader.next().await {
                Ok(Some(bytes)) => Some((Ok(bytes), reader)),
                Ok(None) => None,
                Err(error) => {
                    tracing::error!(dialect = D::NAME, request_id = %id, "a file cannot be read to its end: {error:?}");
                    Some((Err(error), reader))
                }
            }
        }
    };
    HttpBody::from_stream(stream::unfold(reader, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn ranges() {
        let whole = Ok(Wanted::Whole);
        let part = |range: Range<u64>| Ok(Wanted::Part(range));
        for (range, expected) in [
            ("bytes=0-0", part(0..1)),
            ("bytes=0-9", part(0..10)),
            ("bytes=0-", part(0..10)),
            ("Bytes = 3-5", part(3..6)),
            ("bytes=9-", part(9..10)),
            ("bytes=5-99999999999999999999", part(5..10)),
            ("bytes=-1", part(9..10)),
            ("bytes=-10", part(0..10)),
            ("bytes=-11", part(0..10)),
            ("bytes=-18446744073709551616", part(0..10)),
            ("bytes=10-", Err(Refusal::Range(10))),
            ("bytes=10-20", Err(Refusal::Range(10))),
            ("bytes=-0", Err(Refusal::Range(10))),
            ("bytes=99999999999999999999-", Err(Refusal::Range(10))),
            // Not understood, or several: the whole file is always a right answer.
            ("bytes=5-4", whole.clone()),
            ("bytes=0-1,3-4", whole.clone()),
            ("bytes=", whole.clone()),
            ("bytes=-", whole.clone()),
            ("bytes=a-b", whole.clone()),
            ("bytes=+1-2", whole.clone()),
            ("bytes=1", whole.clone()),
            ("lines=0-1", whole.clone()),
            ("", whole),
        ] {
            assert_eq!(
                wanted(&headers(&[(header::RANGE, range)]), "\"t\"", 10),
                expected,
                "{range}"
            );
        }
    }

    #[test]
    fn conditions() {
        let range = (header::RANGE, "bytes=0-1");
        for (condition, expected) in [
            ((header::IF_NONE_MATCH, "\"t\""), Wanted::Nothing),
            ((header::IF_NONE_MATCH, "\"a\", W/\"t\""), Wanted::Nothing),
            ((header::IF_NONE_MATCH, "*"), Wanted::Nothing),
            ((header::IF_NONE_MATCH, "\"a\""), Wanted::Part(0..2)),
            ((header::IF_RANGE, "\"t\""), Wanted::Part(0..2)),
            ((header::IF_RANGE, "\"a\""), Wanted::Whole),
            // A weak tag and a date do not prove that the content is the same to the byte.
            ((header::IF_RANGE, "W/\"t\""), Wanted::Whole),
            ((header::IF_RANGE, "Sun, 06 Nov 1994 08:49:37 GMT"), Wanted::Whole),
        ] {
            let map = headers(&[range.clone(), condition.clone()]);
            assert_eq!(wanted(&map, "\"t\"", 10), Ok(expected), "{condition:?}");
        }
    }

    #[test]
    fn names_cannot_break_out_of_their_header() {
        for (name, expected) in [
            ("hello.wav", "inline; filename=\"hello.wav\""),
            ("a b.wav", "inline; filename=\"a b.wav\""),
            (
                "a\".wav",
                "inline; filename=\"a_.wav\"; filename*=UTF-8''a%22.wav",
            ),
            (
                "Grüße.mp3",
                "inline; filename=\"Gr__e.mp3\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.mp3",
            ),
            (
                "100%.wav",
                "inline; filename=\"100_.wav\"; filename*=UTF-8''100%25.wav",
            ),
            ("a\\b", "inline; filename=\"a_b\"; filename*=UTF-8''a%5Cb"),
        ] {
            assert_eq!(disposition("inline", name), expected);
            assert!(value(&disposition("inline", name)).is_ok());
        }
    }
}
