//! `jackfield route explain` as a person at a terminal meets it.
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
        let path = std::env::temp_dir().join(format!("jackfield-route-{}-{name}", std::process::id()));
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

#[test]
fn a_way_is_explained_line_by_line() {
    let folder = Folder::new("explained");
    let create = folder.run(&["tenant", "create", "--domain", "one.example", "--name", "One"]);
    assert!(create.status.success(), "{create:?}");
    let explain = |more: &[&str]| {
        let arguments = ["route", "explain", "--from", "+4930901820", "--to", "1001"];
        folder.run(&[&arguments, more].concat())
    };
    let good = explain(&["--tenant", "one.example", "--at", "2026-11-24T19:30:00+01:00"]);
    assert!(good.status.success(), "{good:?}");
    assert_eq!(
        String::from_utf8_lossy(&good.stdout),
        "1. refuse with 404\n   because 1001 is the number of no trunk of the tenant\n"
    );
    for (more, says) in [
        (&["--tenant", "two.example"][..], "two.example"),
        (
            &["--tenant", "one.example", "--at", "yesterday"],
            "2026-11-24T19:30:00+01:00",
        ),
    ] {
        let bad = explain(more);
        let words = String::from_utf8_lossy(&bad.stderr);
        assert!(!bad.status.success() && words.contains(says), "{words}");
    }
}
