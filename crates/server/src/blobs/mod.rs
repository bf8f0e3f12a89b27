//! Where the contents of files are kept: a folder, or a bucket of an object store.

mod folder;
mod s3;

use std::sync::Arc;

use jackfield_directory::BlobContents;

use crate::config::{BlobPlace, Settings};

pub use folder::Folder;
pub use s3::Bucket;

/// A failure that people can do something about: the disk, the network, the rights.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Opens the place that the settings name.
///
/// # Errors
/// The folder cannot be made, or the settings of the bucket are not complete.
pub fn open(settings: &Settings) -> Result<Arc<dyn BlobContents>, Cause> {
    Ok(match &settings.blobs {
        None => {
            settings.make_data_dir()?;
            Arc::new(Folder::open(&settings.data_dir.join("blobs"))?)
        }
        Some(BlobPlace::Folder(path)) => Arc::new(Folder::open(path)?),
        Some(BlobPlace::Bucket(url)) => Arc::new(Bucket::from_environment(url)?),
    })
}
