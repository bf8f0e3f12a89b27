//! `jackfield tenant meeting-numbers` as a person at a terminal meets it.

use crate::folder::Folder;

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
    let text = folder.stored();
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
