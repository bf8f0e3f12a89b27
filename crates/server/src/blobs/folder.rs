//! Contents in a folder.
//!
//! A content is written under a name of its own in `tmp`, forced to disk, renamed to its place, and the folders on the way there
//! are forced to disk too; only then is it said to be there. So a program that is killed leaves a file in `tmp`, or one in its
//! place that no row speaks of, and never half of one. (The local store of the crate `object_store` can do the same, but hides
//! what it began and never finished, so nobody could clean up after a crash.)

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_directory::{BlobContents, ContentReader, ContentWriter, FoundContent, StoreError};
use jackfield_domain::Timestamp;

/// Where contents are before they are finished.
const UNFINISHED: &str = "tmp";
/// Bytes that are read at a time.
const CHUNK: usize = 64 * 1024;
/// Names in one answer of `list`.
const NAMES: usize = 1000;

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A folder of contents.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

fn failed(error: io::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// Runs what waits for the disk away from the threads that answer requests.
async fn on_disk<R: Send + 'static>(work: impl FnOnce() -> io::Result<R> + Send + 'static) -> Result<R> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(failed),
        Err(error) => Err(StoreError::Internal(Box::new(error))),
    }
}

/// Makes a folder that only the server's user can look into; one that is there stays as it is.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Forces the entries of a folder to disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    // Only Unix can open a folder; elsewhere the file system's own journal has to do.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

impl Folder {
    /// A folder, which is made when it is not there.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.parent().unwrap_or(root))?;
        make_folder(root)?;
        make_folder(&root.join(UNFINISHED))?;
        sync_folder(root)?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        // Names are the directory's own. This is the last line of defence, should one ever come from elsewhere.
        let fits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if name.split('/').all(fits) {
            Ok(self.root.join(name))
        } else {
            Err(StoreError::Internal(
                "a content has a name that no content has".into(),
            ))
        }
    }
}

struct Writer {
    /// Not there any more while a write is under way, and after one that failed.
    file: Option<File>,
    root: PathBuf,
    unfinished: PathBuf,
    place: PathBuf,
    finished: bool,
}

impl Writer {
    fn taken(&mut self) -> Result<File> {
        let gone = || StoreError::Internal("a content is written to after a failure".into());
        self.file.take().ok_or_else(gone)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is found by `list` later.
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

#[async_trait]
impl ContentWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let mut file = self.taken()?;
        let work = move || file.write_all(&bytes).map(|()| file);
        self.file = Some(on_disk(work).await?);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<()> {
        let file = self.taken()?;
        let (root, unfinished, place) = (self.root.clone(), self.unfinished.clone(), self.place.clone());
        on_disk(move || {
            file.sync_all()?;
            let mut folders = Vec::new();
            let mut folder = place.parent();
            while let Some(path) = folder.filter(|path| **path != *root) {
                folders.push(path.to_owned());
                folder = path.parent();
            }
            let mut above = root;
            while let Some(path) = folders.pop() {
                if !path.is_dir() {
                    make_folder(&path)?;
                    sync_folder(&above)?;
                }
                above = path;
            }
            fs::rename(&unfinished, &place)?;
            sync_folder(&above)
        })
        .await?;
        self.finished = true;
        Ok(())
    }
}

struct Reader {
    file: Option<File>,
    left: u64,
}

#[async_trait]
impl ContentReader for Reader {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let Some(mut file) = self.file.take().filter(|_| self.left > 0) else {
            return Ok(None);
        };
        let wanted = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        let (file, bytes) = on_disk(move || {
            let mut bytes = vec![0; wanted];
            file.read_exact(&mut bytes)?;
            Ok((file, bytes))
        })
        .await?;
        self.left -= bytes.len() as u64;
        self.file = Some(file);
        Ok(Some(bytes.into()))
    }
}

#[async_trait]
impl BlobContents for Folder {
    async fn create(&self, name: &str) -> Result<Box<dyn ContentWriter>> {
        let place = self.path(name)?;
        let unfinished = self.root.join(UNFINISHED).join(name.replace('/', "x"));
        let path = unfinished.clone();
        let file = on_disk(move || {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path)
        })
        .await?;
        Ok(Box::new(Writer {
            file: Some(file),
            root: self.root.clone(),
            unfinished,
            place,
            finished: false,
        }))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Box<dyn ContentReader>> {
        let path = self.path(name)?;
        let start = range.start;
        let file = on_disk(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        })
        .await?;
        Ok(Box::new(Reader {
            file: Some(file),
            left: range.end.saturating_sub(start),
        }))
    }

    async fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name)?;
        on_disk(move || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        })
        .await
    }

    async fn list(&self, after: Option<&str>) -> Result<Vec<FoundContent>> {
        let (root, after) = (self.root.clone(), after.unwrap_or_default().to_owned());
        on_disk(move || {
            let mut found = Vec::new();
            walk(&root, "", &after, &mut found)?;
            Ok(found)
        })
        .await
    }
}

/// Collects the files behind `after`, in the order of their names: `/` comes before every letter and digit, so the order of the
/// parts is the order of the whole.
fn walk(folder: &Path, prefix: &str, after: &str, found: &mut Vec<FoundContent>) -> io::Result<()> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file that somebody else put there has perhaps no such name, and is none of ours.
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, entry));
        }
    }
    entries.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    for (name, entry) in entries {
        if found.len() >= NAMES {
            break;
        }
        let name = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let inside = format!("{name}/");
            if inside.as_str() > after || after.starts_with(&inside) {
                walk(&entry.path(), &inside, after, found)?;
            }
        } else if kind.is_file() && name.as_str() > after {
            match entry.metadata().and_then(|metadata| metadata.modified()) {
                Ok(time) => found.push(FoundContent {
                    name,
                    written_at: moment(time),
                }),
                // It was removed, or moved to its place, a moment ago.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn moment(time: std::time::SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
