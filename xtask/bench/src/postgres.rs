//! A PostgreSQL database for one run.

use tokio_postgres::{Client, NoTls};

use crate::{Failed, Result};

/// The variable that names the server to measure on, as for the tests: `postgres://user:password@host:port/database`.
const SERVER: &str = "JACKFIELD_TEST_POSTGRES";

/// A database that [`Database::remove`] takes away again.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Creates it.
    pub(crate) fn create(name: &str) -> Result<Self> {
        let server = std::env::var(SERVER).map_err(|_| {
            Failed::new(format!(
                "set {SERVER} to the URL of a PostgreSQL server to measure on"
            ))
        })?;
        let name = format!("jackfield_bench_{}_{name}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name}"))?;
        Ok(Self { server, name })
    }

    /// Its URL.
    pub(crate) fn url(&self) -> Result<String> {
        let (start, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (scheme, rest) = start
            .split_once("://")
            .ok_or_else(|| Failed::new(format!("{SERVER} is not a URL")))?;
        let authority = rest.split('/').next().unwrap_or_default();
        Ok(format!("{scheme}://{authority}/{}?{options}", self.name))
    }

    /// Removes it.
    pub(crate) fn remove(self) -> Result<()> {
        run(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name))
    }
}

fn run(server: &str, sql: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (client, connection): (Client, _) = tokio_postgres::connect(server, NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        connection.await??;
        Ok(())
    })
}
