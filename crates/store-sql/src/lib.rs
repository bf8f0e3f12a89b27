//! SQLite and PostgreSQL behind the store's traits, from one body of SQL.
