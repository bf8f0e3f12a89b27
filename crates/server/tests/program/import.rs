//! `jackfield import users` and `jackfield export users` as a person at a terminal meets them.
use std::{fs, process::Output};

use crate::folder::Folder;

/// A folder with a tenant in its database.
struct Place(Folder);

impl Place {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        folder.says(&["tenant", "create", "--domain", "one.example", "--name", "One"]);
        Self(folder)
    }

    /// Imports a file of this text; gives the exit code, standard output and standard error.
    fn import(&self, text: &str, more: &[&str]) -> (Option<i32>, String, String) {
        fs::write(self.0.0.join("users.csv"), text).unwrap();
        let arguments = [&["import", "users", "users.csv", "--tenant", "one.example"], more].concat();
        let output = self.0.run(&arguments);
        (output.status.code(), said(output.stdout), said(output.stderr))
    }

    fn export(&self, more: &[&str]) -> Output {
        self.0
            .run(&[&["export", "users", "--tenant", "one.example"], more].concat())
    }
}

fn said(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$JYEZZ2Iyu2mmt6jWmQ8Z1yBcSgxTLmCyCvMCp0DcCHU";
const BAD: &str = "line 3 (ben), column extension_number: is a number that a spreadsheet has rounded";

/// One good row, and one whose number a spreadsheet has rounded.
fn mixed() -> String {
    let row = |name, number| format!("{name};{HASH};{number};Zz9-quark;=1+1\n");
    let (good, bad) = (row("ada", "1001"), row("ben", "1,23E+17"));
    format!("name;password_hash;extension_number;extension_password;display_name\n{good}{bad}")
}

#[test]
fn exit_codes_and_what_is_said() {
    let folder = Place::new("codes");
    let (code, out, err) = folder.import(&mixed(), &[]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.starts_with(BAD), "{err}");
    assert!(
        err.ends_with("nothing was written; correct them, or leave them out with --keep-going\n"),
        "{err}"
    );

    let (code, out, err) = folder.import(&mixed(), &["--dry-run"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.starts_with(BAD), "{err}");
    assert_eq!(
        out,
        "dry run: 2 rows, 1 bad; nothing would be written; without the bad rows: 1 created, 0 updated, 0 unchanged\n"
    );

    let (code, out, err) = folder.import(&mixed(), &["--keep-going"]);
    assert!(err.starts_with(BAD), "{err}");
    assert_eq!(
        (code, out.as_str()),
        (Some(2), "2 rows: 1 created, 0 updated, 0 unchanged, 1 left out\n")
    );

    let (code, out, err) = folder.import("name,department\nada,Sales\n", &[]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (
            Some(0),
            "1 row: 0 created, 1 updated, 0 unchanged, 0 left out\n",
            ""
        )
    );

    let (code, _, err) = folder.import("nmae\nada\n", &[]);
    assert_eq!(code, Some(1));
    assert!(
        err.contains("users.csv: the first line is wrong: there is no column `nmae`; did you mean `name`?"),
        "{err}"
    );

    fs::write(folder.0.0.join("users.csv"), "name\nada\n").unwrap();
    let output = folder
        .0
        .run(&["import", "users", "users.csv", "--tenant", "two.example"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(output.stderr).contains("there is no tenant two.example"));
}

#[test]
fn what_is_exported_can_be_imported() {
    let folder = Place::new("export");
    folder.import(&mixed(), &["--keep-going"]);
    let open = folder.export(&[]);
    assert!(open.status.success());
    let open = said(open.stdout);
    assert!(open.contains("\nada,TRUE,,1001,,,'=1+1,"), "{open}");
    assert!(!open.contains(HASH) && !open.contains("Zz9-quark"));
    assert!(folder.export(&["--output", "open.csv"]).status.success());
    assert_eq!(fs::read_to_string(folder.0.0.join("open.csv")).unwrap(), open);

    let secret = folder.0.0.join("secret.csv");
    // What was there before does not decide who may read the new one.
    fs::write(&secret, "old").unwrap();
    assert!(
        folder
            .export(&["--with-secrets", "--output", "secret.csv"])
            .status
            .success()
    );
    let whole = fs::read_to_string(&secret).unwrap();
    assert!(whole.contains(HASH) && whole.contains("Zz9-quark"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for text in [open, whole] {
        let (code, out, err) = folder.import(&text, &[]);
        assert_eq!(
            (code, out.as_str(), err.as_str()),
            (
                Some(0),
                "1 row: 0 created, 0 updated, 1 unchanged, 0 left out\n",
                ""
            )
        );
    }
}

#[test]
fn another_master_key_is_refused_before_anything_is_done() {
    let folder = Place::new("key");
    let right = fs::read(folder.0.0.join("data/master.key")).unwrap();
    fs::write(folder.0.0.join("data/master.key"), "7".repeat(64)).unwrap();
    let (code, _, err) = folder.import(&mixed(), &["--keep-going"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("sealed with another master key"), "{err}");
    fs::write(folder.0.0.join("data/master.key"), right).unwrap();
    let (code, out, err) = folder.import(&mixed(), &["--keep-going"]);
    assert!(out.contains("1 created"), "{code:?} {out} {err}");
}
