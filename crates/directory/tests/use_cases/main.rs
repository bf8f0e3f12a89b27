//! The use cases over a real store, with a clock that the test moves.

mod accounts;
mod directory_rules;
mod following;
mod import;
mod replicas;
mod support;
