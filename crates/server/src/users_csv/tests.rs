//! What is read, what is refused, and that what is written is read to the same users.

mod good;
mod refused;
mod round_trip;
mod store;

use jackfield_directory::{ImportedUser, RowFailure};

use super::{UserTable, read};

fn table(text: &str) -> UserTable {
    read(text.as_bytes()).unwrap()
}

fn row(text: &str) -> ImportedUser {
    let table = table(text);
    assert_eq!(table.rows.len(), 1, "{text}");
    table.rows.into_iter().next().unwrap()
}

/// What is said of the rows of a file that cannot be read.
fn complaints(text: &str) -> Vec<String> {
    let table = table(text);
    let failures = table
        .rows
        .iter()
        .filter(|row| !row.unreadable.is_empty())
        .map(|row| RowFailure {
            line: row.line,
            name: row.name.clone(),
            violations: row.unreadable.clone(),
        });
    failures.flat_map(|failure| table.describe(&failure)).collect()
}
