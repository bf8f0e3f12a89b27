//! SQLite and PostgreSQL behind the store's traits, from one body of SQL.
//!
//! [`db`] is the facade: one small asynchronous interface over both engines. [`migrate`] brings a database to the
//! schema that this build expects. [`SqlStore`] is the store; the repositories behind it are written once, generic over
//! [`db::Sql`], and name an engine in three places only: to lock a tenant's row, to draw an id, and to look for a text
//! within another.

pub mod db;
mod fault;
pub mod migrate;
mod planner;
mod query;
mod repo;
mod store;

pub use store::{Changes, Records, SqlStore, SqlTransaction};

#[cfg(test)]
mod testing;
