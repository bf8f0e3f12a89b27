//! SQLite and PostgreSQL behind the store's traits, from one body of SQL.
//!
//! [`db`] is the facade: one small asynchronous interface over both engines. [`migrate`] brings a database to the
//! schema that this build expects. The repositories are written once, generic over [`db::Sql`], and never name an
//! engine except to take a row lock.

pub mod db;
mod fault;
pub mod migrate;
mod query;
mod repo;
mod store;

pub use store::{Changes, Records, SqlStore, SqlTransaction};

#[cfg(test)]
mod testing;
