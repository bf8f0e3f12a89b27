//! The use cases over a real store, with a clock that the test moves.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do"
)]

mod accounts;
mod blobs;
mod call_replicas;
mod contents;
mod desks;
mod directory_rules;
mod distribution;
mod following;
mod import;
mod keys;
mod meetings;
mod placements;
mod presence;
mod programs;
mod renewals;
mod replicas;
mod reports;
mod routes;
mod staying;
mod support;
mod watching;
