//! Contents in memory, with what a killed program leaves behind.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_directory::{BlobContents, ContentReader, ContentWriter, FoundContent, StoreError};
use jackfield_domain::Clock;

use crate::support::FixedClock;

type Kept = Arc<Mutex<BTreeMap<String, (Vec<u8>, i64)>>>;

pub(crate) struct Contents {
    pub(crate) kept: Kept,
    clock: Arc<FixedClock>,
}

impl Contents {
    pub(crate) fn new(clock: Arc<FixedClock>) -> Self {
        Self {
            kept: Arc::default(),
            clock,
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }
}

struct Writer {
    name: String,
    bytes: Vec<u8>,
    kept: Kept,
    clock: Arc<FixedClock>,
}

#[async_trait]
impl ContentWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let now = self.clock.now().as_micros();
        self.kept.lock().unwrap().insert(self.name, (self.bytes, now));
        Ok(())
    }
}

struct Reader(Vec<u8>);

#[async_trait]
impl ContentReader for Reader {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        // In small portions, so that whoever expects one is found out.
        let rest = self.0.split_off(self.0.len().min(1000));
        let bytes = std::mem::replace(&mut self.0, rest);
        Ok((!bytes.is_empty()).then(|| bytes.into()))
    }
}

#[async_trait]
impl BlobContents for Contents {
    async fn create(&self, name: &str) -> Result<Box<dyn ContentWriter>, StoreError> {
        assert!(
            !self.kept.lock().unwrap().contains_key(name),
            "every content has a new name"
        );
        Ok(Box::new(Writer {
            name: name.into(),
            bytes: Vec::new(),
            kept: Arc::clone(&self.kept),
            clock: Arc::clone(&self.clock),
        }))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Box<dyn ContentReader>, StoreError> {
        let kept = self.kept.lock().unwrap();
        let (bytes, _) = kept
            .get(name)
            .ok_or_else(|| StoreError::Internal("it is gone".into()))?;
        let (start, end) = (
            usize::try_from(range.start).unwrap(),
            usize::try_from(range.end).unwrap(),
        );
        Ok(Box::new(Reader(bytes[start..end].to_vec())))
    }

    async fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.kept.lock().unwrap().remove(name);
        Ok(())
    }

    async fn list(&self, after: Option<&str>) -> Result<Vec<FoundContent>, StoreError> {
        let kept = self.kept.lock().unwrap();
        let behind = kept
            .iter()
            .filter(|(name, _)| after.is_none_or(|after| name.as_str() > after));
        let found = behind.take(3).map(|(name, (_, at))| FoundContent {
            name: name.clone(),
            written_at: jackfield_domain::Timestamp::from_micros(*at),
        });
        Ok(found.collect())
    }
}
