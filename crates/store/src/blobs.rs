//! Files and uploads: what is known of them, and what refers to them. Their contents lie elsewhere
//! ([`BlobContents`](crate::BlobContents)).

use async_trait::async_trait;
use jackfield_domain::{Blob, BlobId, BlobKey, Kind, TenantId, Timestamp, Upload, UploadId, UserId};

use crate::Result;

/// A file, and the name of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// The file.
    pub blob: Blob,
    /// The name of its content.
    pub content: String,
}

/// A piece of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes come before it.
    pub start: u64,
    /// Its bytes.
    pub size: u64,
    /// The name of its content.
    pub content: String,
}

/// A record that refers to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobUse {
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub record: i64,
    /// The user whose record it is: the use ends with him. None for a record of the tenant.
    pub owner: Option<UserId>,
}

/// Reading files and uploads.
#[async_trait]
pub trait BlobReads: Send + Sync {
    /// The upload of this id, whatever its age.
    async fn upload(&self, tenant: TenantId, id: UploadId) -> Result<Option<Upload>>;

    /// The pieces of an upload, in their order.
    async fn pieces(&self, tenant: TenantId, upload: UploadId) -> Result<Vec<Piece>>;

    /// How many uploads of a person are not complete.
    async fn count_uploads(&self, tenant: TenantId, uploader: UserId) -> Result<i64>;

    /// The file of this id.
    async fn blob(&self, tenant: TenantId, id: BlobId) -> Result<Option<StoredBlob>>;

    /// Those of these files that are there, by their ids.
    async fn blobs_among(&self, tenant: TenantId, ids: &[i64]) -> Result<Vec<Blob>>;

    /// The file of this key. Crosses tenants: the key is all that its bearer has.
    async fn blob_by_key(&self, key: &BlobKey) -> Result<Option<StoredBlob>>;

    /// Those of these contents that a file or a piece of an upload has. Crosses tenants.
    async fn contents_among(&self, names: &[String]) -> Result<Vec<String>>;

    /// Uploads that have expired before `now`, some at a time. Crosses tenants.
    async fn expired_uploads(&self, now: Timestamp, limit: i64) -> Result<Vec<(TenantId, UploadId)>>;

    /// Files that nothing has referred to since before `moment`, some at a time. Crosses tenants.
    async fn idle_blobs(&self, moment: Timestamp, limit: i64) -> Result<Vec<(TenantId, BlobId)>>;
}

/// Changing files and uploads.
#[async_trait]
pub trait BlobWrites: BlobReads {
    /// Stores a new upload.
    async fn insert_upload(&mut self, upload: &Upload) -> Result<()>;

    /// Stores a piece, and the upload as it is with it: the bytes that have arrived, and its end.
    async fn insert_piece(&mut self, upload: &Upload, piece: &Piece) -> Result<()>;

    /// Removes an upload and its pieces. Tells whether it was there.
    async fn delete_upload(&mut self, tenant: TenantId, id: UploadId) -> Result<bool>;

    /// Stores a new file, which nothing refers to.
    async fn insert_blob(&mut self, blob: &StoredBlob) -> Result<()>;

    /// Removes a file unless something refers to it. Tells whether it was removed.
    async fn delete_idle_blob(&mut self, tenant: TenantId, id: BlobId) -> Result<bool>;

    /// Notes that a record refers to a file. Noting it twice is no error.
    async fn use_blob(&mut self, tenant: TenantId, id: BlobId, by: BlobUse) -> Result<()>;

    /// Notes that a record refers to no file any more; what is idle from then on is counted from `now`.
    async fn release_blobs(
        &mut self,
        tenant: TenantId,
        kind: Kind,
        record: i64,
        now: Timestamp,
    ) -> Result<()>;

    /// The same for all records of a user.
    async fn release_blobs_of_user(&mut self, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()>;
}
