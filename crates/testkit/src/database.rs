//! The database under a test: a file in a folder of its own, or a database of its own on a PostgreSQL server. Both go away
//! with the test.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use rusqlite::OpenFlags;
use tokio_postgres::NoTls;

/// Chooses the engine: `sqlite`, also when it is not set, or `postgres`.
const ENGINE: &str = "JACKFIELD_TEST_ENGINE";
/// The URL of a PostgreSQL server on which tests may create databases.
const SERVER: &str = "JACKFIELD_TEST_POSTGRES";

/// A line of the journal, as the tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Its number in its tenant.
    pub sequence: i64,
    /// The kind of record.
    pub kind: String,
    /// The record's id.
    pub record: i64,
    /// What happened.
    pub change: String,
    /// More about it.
    pub detail: Option<String>,
}

const JOURNAL: &str =
    "SELECT sequence, kind, record, change, detail FROM journal WHERE tenant_id = $1 ORDER BY sequence";

/// A folder and, on PostgreSQL, a database.
pub struct Database {
    folder: PathBuf,
    postgres: Option<Postgres>,
}

struct Postgres {
    server: String,
    name: String,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let server =
            match std::env::var(ENGINE).as_deref() {
                Err(_) | Ok("" | "sqlite") => None,
                Ok("postgres") => {
                    let server = std::env::var(SERVER);
                    Some(server.unwrap_or_else(|_| {
                        panic!("{ENGINE}=postgres needs {SERVER}; scripts/test sets both")
                    }))
                }
                Ok(other) => panic!("{ENGINE}={other}: write sqlite or postgres"),
            };
        Self::create_on(server).await
    }

    /// One on PostgreSQL, whichever engine the suite runs on, for what SQLite cannot do: several processes. None where no server
    /// is named.
    pub async fn shared() -> Option<Self> {
        let server = std::env::var(SERVER).ok()?;
        Some(Self::create_on(Some(server)).await)
    }

    async fn create_on(server: Option<String>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "api_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(format!("jackfield-{name}"));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let postgres = match server {
            None => None,
            Some(server) => {
                let postgres = Postgres { server, name };
                postgres
                    .run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", postgres.name))
                    .await;
                postgres.run(&format!("CREATE DATABASE {}", postgres.name)).await;
                Some(postgres)
            }
        };
        Self { folder, postgres }
    }

    /// The folder for what the server keeps itself.
    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The value of `JACKFIELD_DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.url(),
            None => format!("sqlite:{}", self.file().display()),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("test.db")
    }

    pub(crate) async fn blob_key(&self, id: i64) -> String {
        const KEY: &str = "SELECT key FROM blobs WHERE id = $1";
        if let Some(postgres) = &self.postgres {
            let client = connect(&postgres.url()).await;
            let row = client.query_one(KEY, &[&id]).await.expect("the file is there");
            return row.get(0);
        }
        let reader = rusqlite::Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the database opens");
        let key = reader.query_row(KEY, [id], |row| row.get(0));
        key.expect("the file is there")
    }

    pub(crate) async fn journal(&self, tenant: i64) -> Vec<JournalLine> {
        if let Some(postgres) = &self.postgres {
            let client = connect(&postgres.url()).await;
            let rows = client
                .query(JOURNAL, &[&tenant])
                .await
                .expect("the journal can be read");
            return rows
                .iter()
                .map(|row| JournalLine {
                    sequence: row.get(0),
                    kind: row.get(1),
                    record: row.get(2),
                    change: row.get(3),
                    detail: row.get(4),
                })
                .collect();
        }
        let reader = rusqlite::Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the database opens");
        let mut statement = reader.prepare(JOURNAL).expect("the journal can be read");
        let lines = statement.query_map([tenant], |row| {
            Ok(JournalLine {
                sequence: row.get(0)?,
                kind: row.get(1)?,
                record: row.get(2)?,
                change: row.get(3)?,
                detail: row.get(4)?,
            })
        });
        lines
            .expect("the journal can be read")
            .map(|line| line.expect("a line"))
            .collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
        if let Some(Postgres { server, name }) = self.postgres.take() {
            // A test's runtime cannot be waited on from here, so a thread brings its own.
            let cleaner = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let postgres = Postgres { server, name };
                runtime.expect("a runtime starts").block_on(
                    postgres.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", postgres.name)),
                );
            });
            // A database that stays behind does not harm; a panic in here would abort the process.
            let _ = cleaner.join();
        }
    }
}

impl Postgres {
    fn url(&self) -> String {
        let (server, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (_, authority) = server.split_once("://").expect("a postgres:// URL");
        let authority = authority.split('/').next().unwrap_or_default();
        let joint = if options.is_empty() { "" } else { "?" };
        format!("postgres://{authority}/{}{joint}{options}", self.name)
    }

    async fn run(&self, statement: &str) {
        connect(&self.server)
            .await
            .batch_execute(statement)
            .await
            .expect("the server does as told");
    }
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    client
}
