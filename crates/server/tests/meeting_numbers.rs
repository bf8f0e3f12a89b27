//! `jackfield tenant meeting-numbers` as a person at a terminal meets it.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-numbers-{}-{name}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("JACKFIELD_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("JACKFIELD_LOG", "error")
            .current_dir(&self.0)
            .output()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// All that is stored.
fn stored(folder: &Folder) -> String {
    let mut text = String::new();
    for file in ["jackfield.db", "jackfield.db-wal"] {
        let bytes = fs::read(folder.0.join("data").join(file)).unwrap_or_default();
        text += &String::from_utf8_lossy(&bytes);
    }
    text
}

#[test]
fn the_range_of_a_tenant_is_set() {
    let folder = Folder::new("set");
    let create = folder.run(&["tenant", "create", "--domain", "one.example", "--name", "One"]);
    assert!(create.status.success(), "{create:?}");
    let set = |domain: &str, first: &str, last: &str| {
        folder.run(&["tenant", "meeting-numbers", "--domain", domain, first, last])
    };
    let good = set("one.example", "73107300", "73107399");
    assert!(good.status.success(), "{good:?}");
    assert!(good.stdout.is_empty(), "{good:?}");
    let text = stored(&folder);
    assert!(
        text.contains("73107300") && text.contains("73107399"),
        "the range is not stored"
    );

    for (domain, first, last, says) in [
        ("two.example", "73107300", "73107399", "two.example"),
        ("one.example", "73107399", "73107300", ""),
        ("one.example", "100", "73107399", ""),
        ("one.example", "x", "y", ""),
    ] {
        let bad = set(domain, first, last);
        let words = String::from_utf8_lossy(&bad.stderr);
        assert!(!bad.status.success(), "{domain} {first} {last}: {bad:?}");
        assert!(!words.trim().is_empty() && words.contains(says), "{words}");
        assert!(!words.contains("panicked"), "{words}");
    }
}
