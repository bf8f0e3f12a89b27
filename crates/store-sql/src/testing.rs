//! Databases for this crate's tests.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio_postgres::NoTls;

use crate::db::{Config, Db, LiteConfig, Location};

/// Holds the URL of a PostgreSQL server on which tests may create databases.
const VARIABLE: &str = "JACKFIELD_TEST_POSTGRES";

/// Runs `test` on a new SQLite database, and on a new PostgreSQL one if a server is given.
pub(crate) async fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(Config) -> F) {
    let (_folder, config) = file();
    test(config).await;
    on_postgres(test).await;
}

/// Runs `test` on a new PostgreSQL database, or says that it was skipped.
pub(crate) async fn on_postgres<F: Future<Output = ()>>(test: impl Fn(Config) -> F) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Ok(url) = std::env::var(VARIABLE) else {
        println!("skipped on PostgreSQL: {VARIABLE} is not set");
        return;
    };
    let (client, connection) = tokio_postgres::connect(&url, NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    let name = format!(
        "store_sql_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let (server, options) = url.split_once('?').unwrap_or((&url, ""));
    let (_, authority) = server.split_once("://").expect("a postgres:// URL");
    let authority = authority.split('/').next().unwrap_or_default();
    test(Config::postgres(format!(
        "postgres://{authority}/{name}?{options}"
    )))
    .await;
    client
        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
}

/// A database file that is synced as in production.
pub(crate) fn file() -> (Folder, Config) {
    let folder = Folder::new();
    let config = LiteConfig {
        location: Location::File(folder.0.join("test.db")),
        ..LiteConfig::default()
    };
    (folder, Config::Lite(config))
}

/// Opens the database and runs the statements.
pub(crate) async fn prepared(config: &Config, sql: &str) -> Db {
    let db = Db::open(config).await.expect("opens");
    let tx = db.begin().await.unwrap();
    tx.batch(sql).await.unwrap();
    tx.commit().await.unwrap();
    db
}

/// A folder that goes away with its test.
pub(crate) struct Folder(pub(crate) std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("store-sql-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
