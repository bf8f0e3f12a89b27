//! The migrations of the two engines are twins.

use std::collections::BTreeMap;

use super::Check;
use super::tree::File;

const FOLDER: &str = "crates/store-sql/migrations/";
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// Each engine has a migration of the same number and name, `0001_what_it_does.sql`, and the numbers leave no gap.
pub(super) fn twins(files: &[File]) -> Check {
    let mut places = Vec::new();
    let mut engines: BTreeMap<&str, Vec<&str>> = ENGINES.iter().map(|engine| (*engine, Vec::new())).collect();
    for file in files {
        let Some(path) = file.path.strip_prefix(FOLDER) else {
            continue;
        };
        match path.split_once('/') {
            Some((engine, name)) if engines.contains_key(engine) => {
                engines.entry(engine).or_default().push(name);
            }
            _ => places.push(format!("{}: belongs into {}", file.path, ENGINES.join("/ or "))),
        }
    }
    for (engine, names) in &engines {
        places.extend(numbering(engine, names));
        for (other, theirs) in engines.iter().filter(|(other, _)| *other != engine) {
            let missing = names.iter().filter(|name| !theirs.contains(name));
            places.extend(missing.map(|name| format!("{FOLDER}{engine}/{name}: has no twin in {other}/")));
        }
    }
    Check {
        title: "migrations of both engines are twins",
        why: "a database must be at the same version on both engines, or the same release runs on one and not on the other",
        remedy: "give both folders a file of the same name, `NNNN_what_it_does.sql`, numbered on from the last; where an \
                 engine has nothing to do, say so in a comment inside it",
        places,
    }
}

/// Names of the wrong form, and numbers that do not count 1, 2, 3, …
fn numbering(engine: &str, names: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    // `files` come in the order of their paths, and the numbers have four digits, so that the order is theirs too.
    for (name, expected) in names.iter().zip(1_u32..) {
        let number = name
            .strip_suffix(".sql")
            .and_then(|stem| stem.split_once('_'))
            .map(|(number, _)| number);
        match number
            .filter(|number| number.len() == 4)
            .and_then(|number| number.parse::<u32>().ok())
        {
            Some(number) if number == expected => {}
            Some(_) => faults.push(format!(
                "{FOLDER}{engine}/{name}: its number should be {expected:04}"
            )),
            None => faults.push(format!(
                "{FOLDER}{engine}/{name}: is not called `NNNN_what_it_does.sql`"
            )),
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(names: &[&str]) -> Vec<String> {
        let file = |name: &&str| File {
            path: format!("{FOLDER}{name}"),
            text: String::new(),
        };
        twins(&names.iter().map(file).collect::<Vec<_>>()).places
    }

    #[test]
    fn twins_pass_and_everything_else_is_named() {
        let cases: &[(&[&str], &[&str])] = &[
            (&[], &[]),
            (
                &[
                    "postgres/0001_first.sql",
                    "postgres/0002_next.sql",
                    "sqlite/0001_first.sql",
                    "sqlite/0002_next.sql",
                ],
                &[],
            ),
            (&["postgres/0001_first.sql"], &["no twin in sqlite/"]),
            (
                &["postgres/0001_a.sql", "sqlite/0001_b.sql"],
                &["no twin in sqlite/", "no twin in postgres/"],
            ),
            (
                &["postgres/0002_first.sql", "sqlite/0002_first.sql"],
                &["should be 0001", "should be 0001"],
            ),
            (
                &["postgres/first.sql", "sqlite/first.sql"],
                &["is not called", "is not called"],
            ),
            (&["mysql/0001_first.sql"], &["belongs into sqlite/ or postgres"]),
            (&["0001_first.sql"], &["belongs into sqlite/ or postgres"]),
        ];
        for (names, expected) in cases {
            let found = faults(names);
            assert_eq!(found.len(), expected.len(), "{names:?}: {found:?}");
            for part in *expected {
                assert!(
                    found.iter().any(|fault| fault.contains(part)),
                    "{part:?} is not in {found:?}"
                );
            }
        }
    }
}
