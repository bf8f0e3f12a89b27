//! `jackfield route explain` as a person at a terminal meets it.

use crate::folder::Folder;

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
