//! The contents of files, which lie beside the database: in a folder, or in an object store.
//!
//! A content is written once, under a name that nobody had before, and never changes. It is there as a whole or not at all, and
//! it is durable before the row that speaks of it is written; so a program that dies at any moment leaves at most contents
//! that no row speaks of, and those are found by [`list`](BlobContents::list) and removed.

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_domain::Timestamp;

use crate::Result;

/// A content that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContent {
    /// Its name.
    pub name: String,
    /// When it was written, by the clock of whatever keeps it.
    pub written_at: Timestamp,
}

/// Keeps contents. Names are texts of digits, lower-case letters and `/`, of at most 100 bytes.
#[async_trait]
pub trait BlobContents: Send + Sync {
    /// Begins a content. Nothing is seen of it before it is finished; dropped, it leaves at most what [`list`](Self::list)
    /// finds.
    async fn create(&self, name: &str) -> Result<Box<dyn ContentWriter>>;

    /// Reads bytes of a content. The range lies inside of it.
    ///
    /// # Errors
    /// `Internal` when there is no such content: a row speaks of what is gone.
    async fn read(&self, name: &str, range: Range<u64>) -> Result<Box<dyn ContentReader>>;

    /// Removes a content. One that is not there is no error.
    async fn remove(&self, name: &str) -> Result<()>;

    /// The next names after this one, in their order, at most some thousand of them; none means that there are no more. What
    /// was begun and never finished is among them, under a name that [`remove`](Self::remove) takes.
    async fn list(&self, after: Option<&str>) -> Result<Vec<FoundContent>>;
}

/// Takes in a content.
#[async_trait]
pub trait ContentWriter: Send {
    /// Takes in its next bytes.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes it durable, and then visible.
    async fn finish(self: Box<Self>) -> Result<()>;
}

/// Hands out a content.
#[async_trait]
pub trait ContentReader: Send {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>>;
}
