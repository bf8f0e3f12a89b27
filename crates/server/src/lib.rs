//! The binary: configuration, wiring and the command line.
//!
//! [`App`] is a directory over its store, [`routes::router`] everything it answers, [`serve`] the listener, [`cli`] the
//! commands. Tests start the same [`App`] with a fixed clock.

mod app;
pub mod blobs;
pub mod cli;
pub mod config;
pub mod demo;
mod documents;
pub mod entropy;
pub mod keys;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod routes;
pub mod serve;
pub mod users_csv;

pub use app::{App, StartError, World};
