//! Contents in a bucket of an object store that speaks S3.
//!
//! An object is there as a whole or not at all, and durable once the store says so. A file that is sent in parts and never finished
//! is given up by a request of ours; where that fails too, by the bucket's own rule for incomplete uploads, which an operator
//! should set.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use jackfield_directory::{BlobContents, ContentReader, ContentWriter, FoundContent, StoreError};
use jackfield_domain::Timestamp;
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig, WriteMultipart,
    aws::AmazonS3Builder, path::Path,
};

use super::Cause;

/// Up to here a file is sent as one object; from here on in parts of this size, the least that S3 allows.
const PART: usize = 5 << 20;
/// Parts that are on their way at once, each in memory.
const PARTS_UNDER_WAY: usize = 1;
/// Names in one answer of `list`.
const NAMES: usize = 1000;
/// For so long a request is tried again: a person is waiting.
const RETRY: Duration = Duration::from_secs(10);

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A bucket, and the prefix of all names in it.
#[derive(Debug, Clone)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

fn failed(error: object_store::Error) -> StoreError {
    match error {
        // A row speaks of it, so it ought to be there.
        error @ object_store::Error::NotFound { .. } => StoreError::Internal(Box::new(error)),
        error => StoreError::Unavailable(Box::new(error)),
    }
}

impl Bucket {
    /// The bucket of a URL `s3://bucket/prefix`. Where it is and how to get in is taken from the environment variables that other
    /// programs read too: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP`.
    ///
    /// # Errors
    /// They are not complete.
    pub fn from_environment(url: &str) -> Result<Self, Cause> {
        Self::build(url, AmazonS3Builder::from_env())
    }

    /// The same with settings that are handed in.
    ///
    /// # Errors
    /// They are not complete.
    pub fn build(url: &str, builder: AmazonS3Builder) -> Result<Self, Cause> {
        // The program has one implementation of TLS. When it was chosen before, that is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let address = url.strip_prefix("s3://").unwrap_or(url);
        let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: RETRY,
            ..RetryConfig::default()
        };
        let store = builder
            .with_bucket_name(bucket)
            .with_retry(retry)
            // One object at a time: not every store that speaks S3 knows how to remove several.
            .with_disable_bulk_delete(true)
            .build()?;
        Ok(Self {
            store: Arc::new(store),
            prefix: Path::parse(prefix)?,
        })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix).trim_start_matches('/'))
    }
}

enum Sending {
    /// So far it is small enough for one object.
    Whole(Vec<Bytes>, usize),
    Parts(WriteMultipart),
    Over,
}

struct Writer {
    store: Arc<dyn ObjectStore>,
    path: Path,
    sending: Sending,
}

#[async_trait]
impl ContentWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        match &mut self.sending {
            Sending::Whole(kept, size) => {
                *size += bytes.len();
                kept.push(bytes);
                if *size > PART {
                    let kept = std::mem::take(kept);
                    let upload = self.store.put_multipart(&self.path).await.map_err(failed)?;
                    let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
                    for bytes in kept {
                        parts.put(bytes);
                    }
                    self.sending = Sending::Parts(parts);
                }
                Ok(())
            }
            Sending::Parts(parts) => {
                parts.wait_for_capacity(PARTS_UNDER_WAY).await.map_err(failed)?;
                parts.put(bytes);
                Ok(())
            }
            Sending::Over => Err(StoreError::Internal(
                "a content is written to after its end".into(),
            )),
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<()> {
        match std::mem::replace(&mut self.sending, Sending::Over) {
            Sending::Whole(kept, _) => {
                let payload = PutPayload::from_iter(kept);
                self.store.put(&self.path, payload).await.map_err(failed)?;
            }
            Sending::Parts(parts) => {
                parts.finish().await.map_err(failed)?;
            }
            Sending::Over => {}
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Sending::Parts(parts) = std::mem::replace(&mut self.sending, Sending::Over)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                if let Err(error) = parts.abort().await {
                    tracing::debug!("parts of a file stay in the bucket: {error}");
                }
            });
        }
    }
}

struct Reader(BoxStream<'static, object_store::Result<Bytes>>);

#[async_trait]
impl ContentReader for Reader {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.0.next().await.transpose().map_err(failed)
    }
}

#[async_trait]
impl BlobContents for Bucket {
    async fn create(&self, name: &str) -> Result<Box<dyn ContentWriter>> {
        Ok(Box::new(Writer {
            store: Arc::clone(&self.store),
            path: self.path(name),
            sending: Sending::Whole(Vec::new(), 0),
        }))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Box<dyn ContentReader>> {
        if range.is_empty() {
            return Ok(Box::new(Reader(futures_util::stream::empty().boxed())));
        }
        let options = GetOptions::new().with_range(Some(range));
        let found = self
            .store
            .get_opts(&self.path(name), options)
            .await
            .map_err(failed)?;
        Ok(Box::new(Reader(found.into_stream())))
    }

    async fn remove(&self, name: &str) -> Result<()> {
        match self.store.delete(&self.path(name)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => other.map_err(failed),
        }
    }

    async fn list(&self, after: Option<&str>) -> Result<Vec<FoundContent>> {
        let found = match after {
            Some(name) => self.store.list_with_offset(Some(&self.prefix), &self.path(name)),
            None => self.store.list(Some(&self.prefix)),
        };
        let mut found = found.take(NAMES);
        let mut names = Vec::new();
        while let Some(object) = found.next().await {
            let object = object.map_err(failed)?;
            let parts = object.location.prefix_match(&self.prefix);
            let Some(parts) = parts else { continue };
            let parts: Vec<_> = parts.map(|part| part.as_ref().to_owned()).collect();
            names.push(FoundContent {
                name: parts.join("/"),
                written_at: Timestamp::from_micros(object.last_modified.timestamp_micros()),
            });
        }
        Ok(names)
    }
}

#[cfg(test)]
#[path = "s3_tests.rs"]
mod tests;
