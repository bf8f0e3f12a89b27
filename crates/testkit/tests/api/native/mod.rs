//! Our own API.

mod call_routes;
mod cdrs;
mod coverage;
mod engines;
mod explain;
mod keys;
mod mailboxes;
mod participants;
mod read_back;
mod recordings;
mod registrations;
mod reports;
