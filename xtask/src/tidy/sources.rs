//! Conventions about the text of single files.

use super::Check;
use super::tree::File;

/// The most lines that a Rust file may have.
const LONGEST_FILE: usize = 600;

/// The most lines that the README may have.
const LONGEST_README: usize = 150;

/// The vendors whose dialects we speak, as their names appear in texts, in lower case.
const VENDORS: [&str; 5] = ["portsip", "voipstudio", "ringme", "telphin", "omnidesk"];

/// The crates that serve every dialect alike.
const COMMON: [&str; 5] = [
    "crates/domain/",
    "crates/store/",
    "crates/store-sql/",
    "crates/directory/",
    "crates/edge/",
];

/// No Rust file is longer than [`LONGEST_FILE`] lines.
pub(super) fn long_files(files: &[File]) -> Check {
    let places = files
        .iter()
        .filter(|file| file.is_rust())
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{}: {lines} lines, {} too many", file.path, lines - LONGEST_FILE))
        .collect();
    Check {
        title: "no Rust file is longer than 600 lines",
        why: "a file is read in one sitting or not at all; one resource has one file",
        remedy: "split along what it speaks of, not at a line: another resource, the wire types, the tests (a module of \
                 their own beside the file) are the usual seams",
        places,
    }
}

/// No test is switched off.
pub(super) fn ignored_tests(files: &[File]) -> Check {
    // In two parts, so that this file does not accuse itself.
    let needle = concat!("#[", "ignore");
    Check {
        title: "no test is ignored",
        why: "a test that does not run asserts nothing, and nobody notices when what it guarded breaks",
        remedy: "repair the test, or remove it together with what it claims; a slow one belongs behind a chore of its own",
        places: find(files, File::is_rust, |line| line.trim_start().starts_with(needle)),
    }
}

/// No code is left for later.
pub(super) fn unfinished(files: &[File]) -> Check {
    let needles = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    Check {
        title: "no code is left for later",
        why: "an endpoint that pretends is worse than one that is missing: the first answers, and then panics",
        remedy: "finish it, or take the way to it out (route, command, case) until it is finished",
        places: find(files, File::is_rust, |line| {
            needles.iter().any(|needle| line.contains(needle))
        }),
    }
}

/// No vendor's word stands in the crates that serve all of them, not even in a comment.
pub(super) fn vendor_words(files: &[File]) -> Check {
    let common = |file: &File| COMMON.iter().any(|folder| file.path.starts_with(folder));
    let named = |line: &str| {
        let line = line.to_lowercase();
        VENDORS.iter().any(|vendor| line.contains(vendor))
    };
    let mut places: Vec<String> = files
        .iter()
        .filter(|file| common(file) && named(&file.path))
        .map(|file| format!("{}: the name of the file", file.path))
        .collect();
    places.extend(find(files, common, named));
    Check {
        title: "no vendor's word stands in common code",
        why: "what serves four dialects may not know one of them: a rule named after a vendor becomes that vendor's rule",
        remedy: "say it in the field's own terms; if it cannot be said so, it belongs into that vendor's dialect crate",
        places,
    }
}

/// The README is short enough to be read.
pub(super) fn readme(files: &[File]) -> Check {
    let places = files
        .iter()
        .filter(|file| file.path == "README.md")
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_README)
        .map(|(file, lines)| {
            format!(
                "{}: {lines} lines, {} too many",
                file.path,
                lines - LONGEST_README
            )
        })
        .collect();
    Check {
        title: "the README has at most 150 lines",
        why: "a newcomer reads one page to learn what this is and how to start it",
        remedy: "move what only some readers need into a file under docs/ and leave a link",
        places,
    }
}

/// Every crate introduces itself at the top of its root file.
pub(super) fn crate_fronts(files: &[File], roots: &[String]) -> Check {
    let places = roots
        .iter()
        .filter(|root| {
            !files
                .iter()
                .any(|file| file.path == **root && introduces(&file.text))
        })
        .map(|root| format!("{root}: begins without `//!`"))
        .collect();
    Check {
        title: "every crate introduces itself",
        why: "the front page of a crate is where a newcomer learns what belongs into it and how to extend it",
        remedy: "begin the file with `//!` lines: what the crate is for, what it may not do, where to start reading",
        places,
    }
}

/// Whether the first line that is not empty and not a plain comment is documentation of the crate.
fn introduces(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && (!line.starts_with("//") || line.starts_with("//!")))
        .is_some_and(|line| {
            line.strip_prefix("//!")
                .is_some_and(|words| !words.trim().is_empty())
        })
}

/// Every line that `is` says yes to, in the files that `within` says yes to, as `path:line: the line`.
fn find(files: &[File], within: impl Fn(&File) -> bool, is: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for file in files.iter().filter(|file| within(file)) {
        for (line, number) in file.text.lines().zip(1_usize..).filter(|(line, _)| is(line)) {
            let shown: String = line.trim().chars().take(80).collect();
            places.push(format!("{}:{number}: {shown}", file.path));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn long_rust_files_are_named_and_other_long_files_are_not() {
        let at = |lines: usize| "x\n".repeat(lines);
        let files = [
            file("crates/edge/src/fine.rs", &at(600)),
            file("crates/edge/src/long.rs", &at(603)),
            file("crates/edge/src/table.json", &at(9000)),
        ];
        assert_eq!(
            long_files(&files).places,
            ["crates/edge/src/long.rs: 603 lines, 3 too many"]
        );
    }

    #[test]
    fn ignored_tests_are_named() {
        let text = format!("#[test]\n{}\nfn f() {{}}\n", concat!("#[", "ignore = \"slow\"]"));
        let files = [
            file("crates/edge/src/a.rs", &text),
            file("crates/edge/b.md", &text),
        ];
        assert_eq!(
            ignored_tests(&files).places,
            ["crates/edge/src/a.rs:2: #[ignore = \"slow\"]"]
        );
    }

    #[test]
    fn code_left_for_later_is_named() {
        let text = format!("fn f() {{\n    {}\n}}\n", concat!("todo", "!(\"soon\")"));
        assert_eq!(unfinished(&[file("a.rs", &text)]).places.len(), 1);
        assert_eq!(
            unfinished(&[file("a.rs", "// what is to do\nlet todo = list();\n")])
                .places
                .len(),
            0
        );
    }

    #[test]
    fn vendor_words_are_named_in_common_code_only() {
        let cases = [
            ("crates/domain/src/user.rs", "// As PortSIP does.", 1),
            (
                "crates/store-sql/migrations/sqlite/0001_first.sql",
                "-- the VoIPstudio list",
                1,
            ),
            (
                "crates/edge/Cargo.toml",
                "jackfield-dialect-ringme.workspace = true",
                1,
            ),
            ("crates/directory/src/telphin.rs", "", 1),
            ("crates/dialect-portsip/src/users.rs", "// As PortSIP does.", 0),
            (
                "crates/server/src/serve.rs",
                "jackfield_dialect_omnidesk::router()",
                0,
            ),
            (
                "crates/edge/src/lib.rs",
                "/// The port; sip addresses are elsewhere.",
                0,
            ),
        ];
        for (path, text, expected) in cases {
            let found = vendor_words(&[file(path, text)]).places;
            assert_eq!(found.len(), expected, "{path} with {text:?}: {found:?}");
        }
    }

    #[test]
    fn a_long_readme_is_named() {
        assert!(readme(&[file("README.md", &"x\n".repeat(150))]).places.is_empty());
        assert!(
            readme(&[file("crates/edge/README.md", &"x\n".repeat(500))])
                .places
                .is_empty()
        );
        assert_eq!(readme(&[file("README.md", &"x\n".repeat(151))]).places.len(), 1);
    }

    #[test]
    fn crate_roots_without_a_front_page_are_named() {
        let cases = [
            ("//! What it is.\n", 0),
            ("\n// SPDX or such.\n//! What it is.\n", 0),
            ("//!\nmod a;\n", 1),
            ("mod a;\n//! Too late.\n", 1),
            ("/// Of the wrong thing.\nmod a;\n", 1),
            ("", 1),
        ];
        for (text, expected) in cases {
            let found = crate_fronts(&[file("src/lib.rs", text)], &["src/lib.rs".to_owned()]).places;
            assert_eq!(found.len(), expected, "{text:?}: {found:?}");
        }
    }
}
