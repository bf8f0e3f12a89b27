//! The program as a person at a terminal, or a service manager, meets it. One test program, because each has to be linked.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where its ground gives way"
)]

mod apps;
mod edge;
mod folder;
mod import;
mod keys;
mod meeting_numbers;
mod pasted;
mod route;
mod serve;
