use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::config::SettingsArgs;

/// Bytes that differ from call to call and are the same in every run.
struct Dice(AtomicU8);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn dice() -> Dice {
    Dice(AtomicU8::new(1))
}

/// A folder of its own for a test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-keys-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        set_mode(&path, mode);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

fn settings(folder: &Folder, more: &[(&str, &str)]) -> Settings {
    let data_dir = folder.0.join("data");
    let environment = |name: &str| match name {
        "JACKFIELD_DATA_DIR" => Some(data_dir.clone().into_os_string()),
        name => more
            .iter()
            .find(|(more, _)| *more == name)
            .map(|(_, value)| OsString::from(value)),
    };
    Settings::load_with(
        &SettingsArgs::default(),
        &environment,
        &folder.0.join("none.toml"),
    )
    .unwrap()
}

#[test]
fn both_forms_are_read_and_others_are_refused() {
    let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 8).unwrap() | 0b11);
    let key = MasterKey::from_bytes(bytes);
    let forms = [
        hex::encode(bytes),
        hex::encode_upper(bytes),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        format!("\n  {}\n", URL_SAFE_NO_PAD.encode(bytes)),
    ];
    for form in forms {
        assert_eq!(MasterKey::parse(&form), Ok(key.clone()), "{form:?}");
    }
    let faults = [
        ("", "of 0 bytes"),
        ("correct horse battery staple", "neither hexadecimal nor base64"),
        (&hex::encode([7; 31]), "of 31 bytes"),
        (&STANDARD.encode([7; 33]), "of 33 bytes"),
    ];
    for (form, part) in faults {
        let wrong = MasterKey::parse(form).unwrap_err();
        assert!(wrong.wrong.contains(part), "{form:?}: {wrong:?}");
        assert!(wrong.instead.contains("openssl rand -hex 32"), "{wrong:?}");
    }
    assert_eq!(format!("{key:?}"), "…");
}

#[test]
fn sqlite_makes_a_key_once_and_keeps_it() {
    let folder = Folder::new("made");
    let settings = settings(&folder, &[]);
    let dice = dice();
    let first = master_key(&settings, &dice).unwrap();
    assert_eq!(
        first.expose(),
        &[1; 32],
        "the key is drawn from the entropy that is handed in"
    );
    // The second start finds both the key and the database.
    fs::write(settings.data_dir.join("jackfield.db"), "").unwrap();
    assert_eq!(master_key(&settings, &dice).unwrap(), first);

    let names: Vec<_> = fs::read_dir(&settings.data_dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "drafts are left behind: {names:?}");
    #[cfg(unix)]
    {
        assert_eq!(mode(&settings.data_dir.join("master.key")), 0o600);
        assert_eq!(mode(&settings.data_dir), 0o700);
    }
}

#[test]
fn servers_that_start_at_once_share_one_key() {
    let folder = Folder::new("race");
    let settings = settings(&folder, &[]);
    let dice = dice();
    let keys: Vec<MasterKey> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| master_key(&settings, &dice).unwrap()))
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(
        keys.windows(2).all(|pair| pair[0] == pair[1]),
        "the servers hold different keys"
    );
}

#[test]
fn an_old_database_without_its_key_is_no_first_start() {
    let folder = Folder::new("lost");
    let settings = settings(&folder, &[]);
    fs::create_dir(&settings.data_dir).unwrap();
    fs::write(settings.data_dir.join("jackfield.db"), "").unwrap();
    let error = master_key(&settings, &dice()).unwrap_err();
    assert!(matches!(error, KeyError::Lost { .. }), "{error}");
    assert!(!settings.data_dir.join("master.key").exists());
}

#[test]
fn postgres_wants_a_key_and_says_how_to_make_one() {
    let folder = Folder::new("needed");
    let url = ("JACKFIELD_DATABASE_URL", "postgres://a:b@127.0.0.1/c");
    let error = master_key(&settings(&folder, &[url]), &dice()).unwrap_err();
    assert!(matches!(error, KeyError::Needed), "{error}");
    assert!(error.to_string().contains("openssl rand -hex 32"), "{error}");

    let key = hex::encode([9; 32]);
    let given = settings(&folder, &[url, ("JACKFIELD_MASTER_KEY", &key)]);
    assert_eq!(master_key(&given, &dice()).unwrap().expose(), &[9; 32]);
}

#[test]
fn a_key_file_is_read_if_others_cannot() {
    let folder = Folder::new("file");
    let text = format!("{}\n", hex::encode([5; 32]));
    let from = |path: &Path| {
        let named = settings(&folder, &[("JACKFIELD_MASTER_KEY_FILE", path.to_str().unwrap())]);
        master_key(&named, &dice())
    };
    for mode in [0o600, 0o400, 0o440] {
        let path = folder.file("good", &text, mode);
        assert_eq!(from(&path).unwrap().expose(), &[5; 32], "mode {mode:o}");
        fs::remove_file(path).unwrap();
    }
    #[cfg(unix)]
    for mode in [0o644, 0o604, 0o606] {
        let path = folder.file("open", &text, mode);
        let error = from(&path).unwrap_err();
        assert!(matches!(error, KeyError::Exposed(_)), "mode {mode:o}: {error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    let error = from(&folder.file("bad", "not a key", 0o600)).unwrap_err();
    assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
    assert!(
        !error.to_string().contains("not a key"),
        "the content is shown: {error}"
    );
    let error = from(&folder.0.join("absent")).unwrap_err();
    assert!(matches!(error, KeyError::Io { verb: "read", .. }), "{error}");
}

#[test]
fn two_keys_are_one_too_many() {
    let folder = Folder::new("both");
    let (key, path) = (
        hex::encode([5; 32]),
        folder.file("key", &hex::encode([6; 32]), 0o600),
    );
    let both = settings(
        &folder,
        &[
            ("JACKFIELD_MASTER_KEY", &key),
            ("JACKFIELD_MASTER_KEY_FILE", path.to_str().unwrap()),
        ],
    );
    assert!(matches!(master_key(&both, &dice()), Err(KeyError::Both)));
}
