//! Users as a table of comma-separated values: the columns of the PortSIP portal's own import, and those that it lacks.
//!
//! [`read()`] makes rows for [`Directory::import_users`](jackfield_directory::Directory::import_users) of a file, and
//! [`UserWriter`] makes a file of [`export_users`](jackfield_directory::Directory::export_users); what the one writes the
//! other reads to the same users. `docs/import.md` describes the file.
//!
//! To add a column: a row in `column.rs`; how its cell is read, in `row.rs`. Settings are written without a further line,
//! because their stored form has the names of the columns; another value needs one in `write.rs`.

mod cell;
mod column;
mod fault;
mod json;
mod read;
mod row;
mod write;

pub use fault::UnreadableFile;
pub use read::{UserTable, read};
pub use write::UserWriter;

#[cfg(test)]
mod tests;
