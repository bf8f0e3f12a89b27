//! Which crate may import which.

use super::Check;
use super::tree::Crate;

/// Who a crate may import in its code. A name that ends in `*` stands for every crate that begins so.
///
/// The first row that fits a crate holds. A crate without a row is a fault too: a new crate takes its place in the
/// table before it takes its first import.
const TABLE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("store-sql", &["domain", "store"]),
    ("directory", &["domain", "store"]),
    ("edge", &["domain", "directory"]),
    ("dialect-*", &["domain", "directory", "edge"]),
    ("registrar", &["domain", "directory"]),
    ("provisioning", &["domain", "directory", "edge"]),
    ("console", &["edge"]),
    (
        "server",
        &[
            "domain",
            "store",
            "store-sql",
            "directory",
            "edge",
            "dialect-*",
            "registrar",
            "provisioning",
            "console",
        ],
    ),
    ("testkit", &["*"]),
    ("xtask", &[]),
    // Fills a database and starts servers; nobody imports it.
    ("bench", &["domain", "store", "directory", "server"]),
    // Holds a dialect's document, and a running server, against a vendor's document; nobody imports it.
    ("contract", &["domain", "dialect-*", "testkit"]),
];

/// What the tests of a crate may not import either, even where its code may import more: a dialect's tests reach a
/// database only through `testkit`, which starts the whole server.
const NEVER: &[(&str, &[&str])] = &[
    ("dialect-*", &["store", "store-sql", "dialect-*", "server"]),
    ("domain", &["*"]),
];

/// Holds every import between crates of the workspace against [`TABLE`], and those of tests against [`NEVER`].
pub(super) fn table(crates: &[Crate]) -> Check {
    let mut places = Vec::new();
    for Crate { name, imports } in crates {
        let Some(allowed) = row(TABLE, name) else {
            places.push(format!(
                "{name}: has no row in the table of xtask/src/tidy/imports.rs"
            ));
            continue;
        };
        for (import, only_tests) in imports {
            let fault = if *only_tests {
                row(NEVER, name).is_some_and(|never| any(never, import))
            } else {
                !any(allowed, import)
            };
            if fault {
                let of = if *only_tests { " in its tests" } else { "" };
                places.push(format!("{name}: imports {import}{of}"));
            }
        }
    }
    Check {
        title: "imports between crates follow the table",
        why: "the list of crates tells the architecture: a rule in the wrong crate is passed by some doors and forgotten \
              by others, and a dialect that sees the store can go around the directory",
        remedy: "ask for what you need through the crate that may have it (a dialect asks `directory`; `directory` asks a \
                 trait of `store`); change the table only together with docs/ARCHITECTURE.md",
        places,
    }
}

fn row<'t>(table: &[(&str, &'t [&'t str])], name: &str) -> Option<&'t [&'t str]> {
    table
        .iter()
        .find(|(pattern, _)| fits(pattern, name))
        .map(|(_, row)| *row)
}

fn any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, name))
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, imports: &[&str], tests: &[&str]) -> Vec<String> {
        let imports = imports.iter().map(|import| ((*import).to_owned(), false));
        let tests = tests.iter().map(|import| ((*import).to_owned(), true));
        let one = imports.into_iter().chain(tests).collect();
        table(&[Crate {
            name: name.to_owned(),
            imports: one,
        }])
        .places
    }

    #[test]
    fn the_table_is_kept() {
        let cases: &[(&str, &[&str], &[&str], usize)] = &[
            ("domain", &[], &[], 0),
            ("domain", &["store"], &[], 1),
            ("domain", &[], &["testkit"], 1),
            ("store", &["domain"], &[], 0),
            ("store-sql", &["domain", "store"], &[], 0),
            ("store-sql", &["directory"], &[], 1),
            ("directory", &["store-sql"], &[], 1),
            // The use cases are tested on a real engine.
            ("directory", &["domain", "store"], &["store-sql"], 0),
            ("edge", &["dialect-portsip"], &[], 1),
            (
                "dialect-omnidesk",
                &["domain", "directory", "edge"],
                &["testkit"],
                0,
            ),
            (
                "dialect-omnidesk",
                &["dialect-portsip", "store"],
                &["store-sql"],
                3,
            ),
            ("console", &["edge"], &[], 0),
            ("console", &["directory"], &[], 1),
            ("server", &["store-sql", "dialect-ringme"], &["testkit"], 0),
            ("server", &["testkit"], &[], 1),
            ("testkit", &["server", "dialect-portsip", "anything"], &[], 0),
            ("bench", &["domain", "server"], &[], 0),
            ("bench", &["testkit"], &[], 1),
            ("contract", &["dialect-portsip", "testkit"], &[], 0),
            ("contract", &["store-sql"], &[], 1),
            ("newcomer", &[], &[], 1),
        ];
        for (name, imports, tests, expected) in cases {
            let found = faults(name, imports, tests);
            assert_eq!(
                found.len(),
                *expected,
                "{name} with {imports:?} and {tests:?}: {found:?}"
            );
        }
    }
}
