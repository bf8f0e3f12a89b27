//! Collections: many small records of one kind that belong to a user, or to the tenant itself.
//!
//! They share one form here: what is asked for by is a column, the rest is a document.

use async_trait::async_trait;
use jackfield_domain::{Listing, Page, TenantId, Timestamp, UserId};

use crate::Result;

/// Which collection of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf {
    /// The tenant.
    pub tenant: TenantId,
    /// The user; none for the tenant's own.
    pub owner: Option<UserId>,
    /// The word of the collection.
    pub collection: &'static str,
}

/// A record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Its id.
    pub id: i64,
    /// The value by which no two of the shelf are alike, if there is one.
    pub key: Option<String>,
    /// What it holds, as JSON.
    pub document: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Reading collections.
#[async_trait]
pub trait OwnedReads: Send + Sync {
    /// The record of this id on this shelf.
    async fn owned(&self, shelf: Shelf, id: i64) -> Result<Option<OwnedRecord>>;

    /// A page of the shelf, by their ids.
    async fn list_owned(&self, shelf: Shelf, page: Page) -> Result<Listing<OwnedRecord>>;

    /// How many records are on the shelf.
    async fn count_owned(&self, shelf: Shelf) -> Result<i64>;

    /// Those of these ids that are on the shelf, by their ids.
    async fn owned_among(&self, shelf: Shelf, ids: &[i64]) -> Result<Vec<OwnedRecord>>;
}

/// Changing collections.
#[async_trait]
pub trait OwnedWrites: OwnedReads {
    /// Puts a new record on the shelf. Tells whether its key was free.
    async fn insert_owned(&mut self, shelf: Shelf, record: &OwnedRecord) -> Result<bool>;

    /// Stores a changed record: key, document and version. Tells whether its key was free.
    async fn update_owned(&mut self, shelf: Shelf, record: &OwnedRecord) -> Result<bool>;

    /// Removes a record. Tells whether it was there.
    async fn delete_owned(&mut self, shelf: Shelf, id: i64) -> Result<bool>;
}
