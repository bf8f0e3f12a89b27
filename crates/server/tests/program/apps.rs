//! `jackfield app` as a person at a terminal meets it.

use std::fs;

use crate::folder::Folder;

#[test]
fn an_application_is_printed_once_listed_without_its_secret_and_revoked() {
    let folder = Folder::new("apps");
    folder.says(&["tenant", "create", "--domain", "one.example", "--name", "One"]);
    fs::write(
        folder.0.join("users.csv"),
        "name,password,extension_number,extension_password,voicemail_pin\nada,Wq7!zKpT9x,1001,Wq7!zKpT9x,274916\n",
    )
    .unwrap();
    folder.says(&["import", "users", "users.csv", "--tenant", "one.example"]);
    let create = |more: &[&'static str]| {
        let mut all = vec![
            "app",
            "create",
            "--tenant",
            "one.example",
            "--user",
            "ada",
            "--type",
        ];
        all.extend(more);
        all
    };
    let printed = folder.says(&create(&["trusted", "--access", "all", "--format", "json"]));
    let made: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let (id, secret) = (
        made["client_id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap(),
    );
    assert_eq!(
        (id.len(), secret.len(), made.as_object().unwrap().len()),
        (32, 52, 2)
    );
    let printed = folder.says(&create(&[
        "public",
        "--access",
        "call_api",
        "--redirect-uri",
        "https://app.example/cb",
        "--name",
        "Desk",
    ]));
    assert_eq!(printed.split_whitespace().last().unwrap().len(), 52, "{printed}");

    let listed = folder.says(&["app", "list", "--tenant", "one.example"]);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (lines[0][0], lines[0][1], lines[0][2], lines[0][4]),
        (id, "trusted", "all", "Application")
    );
    assert_eq!(
        (lines[1][1], lines[1][2], lines[1][4]),
        ("public", "call_api", "Desk")
    );
    assert!(!listed.contains(secret));
    for entry in fs::read_dir(folder.0.join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert_eq!(folder.says(&["app", "revoke", id, "--tenant", "one.example"]), "");
    let complaint = folder.complains(&["app", "revoke", id, "--tenant", "one.example"]);
    assert!(complaint.contains("jackfield app list"), "{complaint}");

    for (more, words) in [
        (&["public"][..], "redirect_uri is required"),
        (
            &["public", "--redirect-uri", "javascript:x"],
            "redirect_uri must be an address",
        ),
        (
            &["trusted", "--redirect-uri", "https://app.example/cb"],
            "redirect_uri",
        ),
        (&["secret"], "trusted"),
        (&["trusted", "--access", "some"], "call_api"),
    ] {
        let complaint = folder.complains(&create(more));
        assert!(complaint.contains(words), "{complaint}");
    }
    let stranger = [
        "app",
        "create",
        "--tenant",
        "one.example",
        "--user",
        "nobody",
        "--type",
        "trusted",
    ];
    let complaint = folder.complains(&stranger);
    assert!(complaint.contains("has no user nobody"), "{complaint}");
}
