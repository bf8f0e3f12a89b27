//! Our own API.

mod cdrs;
mod coverage;
mod engines;
mod keys;
mod registrations;
mod reports;
