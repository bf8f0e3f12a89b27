//! The binary: configuration, wiring and the command line.

pub mod config;
pub mod entropy;
pub mod keys;
pub mod log;
pub mod mail;
pub mod metrics;
