//! Against an object store of a few lines that answers on the loopback.

use std::collections::{BTreeMap, HashMap};

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use parking_lot::Mutex;

use super::*;

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<usize, Vec<u8>>,
    requests: Vec<String>,
    unsigned: usize,
    failures: usize,
}

type Shared = Arc<Mutex<Kept>>;

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let mut kept = shared.lock();
    let mut named: Vec<_> = query.keys().filter(|name| *name != "x-id").cloned().collect();
    named.sort();
    kept.requests
        .push(format!("{method} {}", named.join(",")).trim().to_owned());
    let signature = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if !signature.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=id/")) {
        kept.unsigned += 1;
    }
    if kept.failures > 0 {
        kept.failures -= 1;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let key = uri
        .path()
        .trim_start_matches("/bucket")
        .trim_start_matches('/')
        .to_owned();
    let tagged = || [(header::ETAG, "\"tag\"")];
    match method {
        Method::GET if query.contains_key("list-type") => {
            let prefix = query.get("prefix").cloned().unwrap_or_default();
            let after = query.get("start-after").cloned().unwrap_or_default();
            let found = kept
                .objects
                .iter()
                .filter(|(key, _)| key.starts_with(&prefix) && **key > after);
            let entries: String = found
                .map(|(key, content)| {
                    let size = content.len();
                    format!(
                        "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"t\"</ETag>\
                         <LastModified>2026-03-02T08:00:00.000Z</LastModified></Contents>"
                    )
                })
                .collect::<Vec<_>>()
                .concat();
            format!("<ListBucketResult>{entries}</ListBucketResult>").into_response()
        }
        Method::GET => {
            let Some(content) = kept.objects.get(&key) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let range = headers
                .get(header::RANGE)
                .and_then(|value| value.to_str().ok())
                .unwrap();
            let (start, end) = range.trim_start_matches("bytes=").split_once('-').unwrap();
            let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
            let place = format!("bytes {start}-{end}/{}", content.len());
            let fields = [
                (header::ETAG, "\"tag\"".to_owned()),
                (header::CONTENT_RANGE, place),
                (header::LAST_MODIFIED, "Mon, 02 Mar 2026 08:00:00 GMT".to_owned()),
            ];
            (StatusCode::PARTIAL_CONTENT, fields, content[start..=end].to_vec()).into_response()
        }
        Method::PUT => {
            match query.get("partNumber") {
                Some(number) => kept.parts.insert(number.parse().unwrap(), body),
                None => kept.objects.insert(key, body),
            };
            tagged().into_response()
        }
        Method::POST if query.contains_key("uploads") => {
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                .into_response()
        }
        Method::POST => {
            let parts = std::mem::take(&mut kept.parts);
            kept.objects.insert(key, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><ETag>\"t\"</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        Method::DELETE => {
            if query.contains_key("uploadId") {
                kept.parts.clear();
            } else {
                kept.objects.remove(&key);
            }
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn bucket(url: &str) -> (Bucket, Shared) {
    let shared = Shared::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let builder = AmazonS3Builder::new()
        .with_access_key_id("id")
        .with_secret_access_key("secret")
        .with_endpoint(format!("http://{address}"))
        .with_allow_http(true);
    (Bucket::build(url, builder).unwrap(), shared)
}

async fn put(bucket: &Bucket, name: &str, parts: &[Bytes]) {
    let mut writer = bucket.create(name).await.unwrap();
    for part in parts {
        writer.write(part.clone()).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn get(bucket: &Bucket, name: &str, range: Range<u64>) -> Vec<u8> {
    let mut reader = bucket.read(name, range).await.unwrap();
    let mut all = Vec::new();
    while let Some(bytes) = reader.next().await.unwrap() {
        all.extend_from_slice(&bytes);
    }
    all
}

#[tokio::test]
async fn a_small_file_is_one_request_each_way() {
    for (url, key) in [
        ("s3://bucket", "1/ab/0"),
        ("s3://bucket/files/x", "files/x/1/ab/0"),
    ] {
        let (bucket, shared) = bucket(url).await;
        put(
            &bucket,
            "1/ab/0",
            &[Bytes::from_static(b"hel"), Bytes::from_static(b"lo")],
        )
        .await;
        assert_eq!(shared.lock().objects.keys().collect::<Vec<_>>(), [key]);
        assert_eq!(get(&bucket, "1/ab/0", 1..4).await, b"ell");
        assert_eq!(get(&bucket, "1/ab/0", 4..4).await, b"");
        let found = bucket.list(None).await.unwrap();
        assert_eq!(found[0].name, "1/ab/0");
        assert_eq!(
            found[0].written_at,
            Timestamp::parse("2026-03-02T08:00:00Z").unwrap()
        );
        assert!(bucket.list(Some("1/ab/0")).await.unwrap().is_empty());
        bucket.remove("1/ab/0").await.unwrap();
        bucket.remove("1/ab/0").await.unwrap();
        let kept = shared.lock();
        assert!(kept.objects.is_empty());
        assert_eq!(kept.unsigned, 0);
        assert_eq!(kept.requests[..2], ["PUT", "GET"]);
    }
}

#[tokio::test]
async fn a_large_file_goes_in_parts() {
    let (bucket, shared) = bucket("s3://bucket").await;
    let pieces: Vec<Bytes> = (0..24_u8)
        .map(|number| Bytes::from(vec![number; 1 << 19]))
        .collect();
    put(&bucket, "1/ab/0", &pieces).await;
    let content = shared.lock().objects["1/ab/0"].clone();
    assert!(content == pieces.concat());
    let parts = shared
        .lock()
        .requests
        .iter()
        .filter(|request| request.contains("partNumber"))
        .count();
    assert_eq!(parts, 3, "5, 5 and 2 MiB");
}

#[tokio::test]
async fn a_file_that_breaks_off_is_given_up() {
    let (bucket, shared) = bucket("s3://bucket").await;
    let mut writer = bucket.create("1/ab/0").await.unwrap();
    for _ in 0..6 {
        writer.write(Bytes::from(vec![0; 1 << 20])).await.unwrap();
    }
    drop(writer);
    for _ in 0..500 {
        if shared
            .lock()
            .requests
            .iter()
            .any(|request| request == "DELETE uploadId")
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kept = shared.lock();
    assert!(
        kept.requests.iter().any(|request| request == "DELETE uploadId"),
        "{:?}",
        kept.requests
    );
    assert!(kept.objects.is_empty());
}

#[tokio::test]
async fn a_store_that_stumbles_is_asked_again() {
    let (bucket, shared) = bucket("s3://bucket").await;
    shared.lock().failures = 1;
    put(&bucket, "1/ab/0", &[Bytes::from_static(b"x")]).await;
    assert_eq!(shared.lock().requests, ["PUT", "PUT"]);
    let absent = bucket.read("1/ab/1", 0..1).await;
    assert!(matches!(absent, Err(StoreError::Internal(_))));
}
