//! `jackfield key` as a person at a terminal meets it.

use std::fs;

use crate::folder::Folder;

#[test]
fn a_key_is_printed_once_listed_without_its_text_and_revoked() {
    let folder = Folder::new("life");
    for domain in ["one.example", "two.example"] {
        folder.says(&["tenant", "create", "--domain", domain, "--name", domain]);
    }
    let create = [
        "key",
        "create",
        "--feed",
        "--tenant",
        "one.example",
        "--name",
        "Berlin PBX",
    ];
    let printed = folder.says(&create);
    let words: Vec<_> = printed.split_whitespace().collect();
    let key = *words.last().unwrap();
    assert!(key.starts_with("jfk_") && key.len() == 56, "{printed}");
    assert_eq!(printed.lines().count(), 1);

    let listed = folder.says(&["key", "list", "--tenant", "one.example"]);
    let cells: Vec<_> = listed.trim_end().split('\t').collect();
    assert_eq!((cells[1], cells[3]), ("feed", "Berlin PBX"), "{listed}");
    assert!(!listed.contains(key), "{listed}");
    assert_eq!(folder.says(&["key", "list", "--tenant", "two.example"]), "");
    let id = cells[0];

    // The key is in no file of the data directory, in clear.
    for entry in fs::read_dir(folder.0.join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }

    let complaint = folder.complains(&["key", "revoke", id, "--tenant", "two.example"]);
    assert!(complaint.contains("has no key"), "{complaint}");
    assert_eq!(folder.says(&["key", "revoke", id, "--tenant", "one.example"]), "");
    assert_eq!(folder.says(&["key", "list", "--tenant", "one.example"]), "");
    let complaint = folder.complains(&["key", "revoke", id, "--tenant", "one.example"]);
    assert!(complaint.contains("jackfield key list"), "{complaint}");
}

#[test]
fn what_is_missing_is_said() {
    let folder = Folder::new("missing");
    let complaint = folder.complains(&["key", "create", "--feed", "--tenant", "nowhere.example"]);
    assert!(complaint.contains("there is no tenant"), "{complaint}");
    let complaint = folder.complains(&["key", "create", "--tenant", "nowhere.example"]);
    assert!(complaint.contains("--feed"), "{complaint}");
}
