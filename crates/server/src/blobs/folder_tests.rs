use std::time::{Duration, SystemTime};

use super::*;

/// A folder that goes with its test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> (Self, Folder) {
        let path = std::env::temp_dir().join(format!("jackfield-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let folder = Folder::open(&path).unwrap();
        (Self(path), folder)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn put(folder: &Folder, name: &str, parts: &[&[u8]]) {
    let mut writer = folder.create(name).await.unwrap();
    for part in parts {
        writer.write(Bytes::copy_from_slice(part)).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn get(folder: &Folder, name: &str, range: Range<u64>) -> Vec<u8> {
    let mut reader = folder.read(name, range).await.unwrap();
    let mut all = Vec::new();
    while let Some(bytes) = reader.next().await.unwrap() {
        assert!(bytes.len() <= CHUNK);
        all.extend_from_slice(&bytes);
    }
    all
}

async fn names(folder: &Folder) -> Vec<String> {
    let (mut all, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let found = folder.list(after.as_deref()).await.unwrap();
        let Some(last) = found.last() else { return all };
        after = Some(last.name.clone());
        all.extend(found.into_iter().map(|content| content.name));
    }
}

#[tokio::test]
async fn contents_come_back_in_any_range() {
    let (_place, folder) = Place::new("ranges");
    let long: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    put(&folder, "1/ab/0", &[&long[..70_000], &long[70_000..]]).await;
    assert_eq!(get(&folder, "1/ab/0", 0..200_000).await, long);
    assert_eq!(
        get(&folder, "1/ab/0", 65_535..131_073).await,
        &long[65_535..131_073]
    );
    assert_eq!(get(&folder, "1/ab/0", 5..5).await, b"");
    folder.remove("1/ab/0").await.unwrap();
    folder.remove("1/ab/0").await.unwrap();
    assert!(folder.read("1/ab/0", 0..1).await.is_err());
}

#[tokio::test]
async fn what_was_begun_is_not_there_and_is_found() {
    let (place, folder) = Place::new("begun");
    let mut writer = folder.create("1/ab/0").await.unwrap();
    writer.write(Bytes::from_static(b"half")).await.unwrap();
    assert!(folder.read("1/ab/0", 0..4).await.is_err(), "it is not there yet");
    assert_eq!(names(&folder).await, ["tmp/1xabx0"]);
    // A program that is killed runs no destructor.
    std::mem::forget(writer);
    folder.remove("tmp/1xabx0").await.unwrap();
    assert!(names(&folder).await.is_empty());
    // A request that ends early does.
    drop(folder.create("1/ab/0").await.unwrap());
    assert!(names(&folder).await.is_empty());
    assert!(place.0.join(UNFINISHED).is_dir());
}

#[tokio::test]
async fn names_come_in_order_and_pages() {
    let (place, folder) = Place::new("pages");
    for tenant in [1, 10, 2] {
        for file in 0..700 {
            let path = place.0.join(format!("{tenant}/{:02x}", file % 3));
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(format!("{file:04x}")), "x").unwrap();
        }
    }
    let all = names(&folder).await;
    assert_eq!(all.len(), 2100);
    assert!(all.is_sorted(), "each comes once and in order");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
    let file = File::options().write(true).open(place.0.join(&all[0])).unwrap();
    file.set_modified(old).unwrap();
    let first = folder.list(None).await.unwrap().remove(0);
    assert_eq!(first.written_at, Timestamp::from_micros(7_000_000));
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let (_place, folder) = Place::new("names");
    for name in [
        "../x",
        "1/../x",
        "/etc/passwd",
        "1//2",
        "",
        "a\\b",
        "1/ab/..",
        "C:",
    ] {
        assert!(folder.create(name).await.is_err(), "{name}");
        assert!(folder.read(name, 0..1).await.is_err(), "{name}");
        assert!(folder.remove(name).await.is_err(), "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn others_cannot_look_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, folder) = Place::new("rights");
    put(&folder, "1/ab/0", &[b"x"]).await;
    for (path, mode) in [("", 0o700), ("1", 0o700), ("1/ab", 0o700), ("1/ab/0", 0o600)] {
        let found = fs::metadata(place.0.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}");
    }
}
