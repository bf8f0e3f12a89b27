//! PostgreSQL: a pool of connections, statements prepared once per connection.
//!
//! Connections are not encrypted: run the database on the same host or a private network. Encryption will be a choice
//! of the URL's `sslmode`; until then `sslmode=require` is refused rather than ignored.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::TryStreamExt as _;
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

use super::{Error, Param, PostgresConfig, Row, param};
pub use listen::{Listener, Notice};

mod listen;

/// Prepared statements kept by each connection; beyond it the connection's whole cache is dropped. List queries build
/// their text from filters, so there is no natural end to them, and the server pays for each.
const STATEMENTS: usize = 512;

/// How long a request waits for a connection, to be opened or to become free.
const CONNECTION_WAIT: Duration = Duration::from_secs(10);

/// How long an abandoned connection may take to come to rest before its statement is cancelled and it is closed.
const TIDY_WAIT: Duration = Duration::from_secs(1);

/// A database on a PostgreSQL server.
pub(super) struct Pg {
    pool: Pool,
    config: tokio_postgres::Config,
}

impl Pg {
    pub(super) async fn open(config: &PostgresConfig) -> Result<Self, Error> {
        let pg = parse(&config.url)?;
        let manager = Manager::from_config(
            pg.clone(),
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(config.connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECTION_WAIT))
            .create_timeout(Some(CONNECTION_WAIT))
            .build()
            .map_err(|error| Error::other(error.to_string()))?;
        // A wrong URL is reported at the start, not by the first request.
        drop(pool.get().await?);
        Ok(Self { pool, config: pg })
    }

    pub(super) async fn lease(&self) -> Result<Lease, Error> {
        let connection = self.pool.get().await?;
        Ok(Lease {
            connection: Some(connection),
            pending: AtomicUsize::new(0),
            in_transaction: false,
        })
    }

    pub(super) async fn begin(&self) -> Result<Lease, Error> {
        let mut lease = self.lease().await?;
        // Before the statement: a future that is dropped while it runs leaves a connection in an unknown state.
        lease.in_transaction = true;
        lease.batch("BEGIN").await?;
        Ok(lease)
    }

    pub(super) async fn listen(self: &Arc<Self>, channel: &str) -> Result<Listener, Error> {
        Listener::start(self.config.clone(), channel).await
    }
}

fn parse(url: &str) -> Result<tokio_postgres::Config, Error> {
    let mut config: tokio_postgres::Config = url
        .parse()
        // The driver's text may quote the URL, and with it the password.
        .map_err(|_| {
            Error::other("the database URL is not valid; write postgres://user:password@host:port/database")
        })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTION_WAIT);
    }
    // The default of two hours would leave a listener on a dead connection for as long.
    if config.get_keepalives_idle() > Duration::from_mins(1) {
        config.keepalives_idle(Duration::from_secs(30));
    }
    if config.get_application_name().is_none() {
        config.application_name("jackfield");
    }
    Ok(config)
}

/// A connection on loan.
///
/// On drop it goes back to the pool only if it is at rest. One that is inside a transaction, or whose statement's
/// future was dropped, is first brought to rest by a task; failing that its statement is cancelled and it is closed.
pub(super) struct Lease {
    connection: Option<Object>,
    /// Statements that were begun and not seen to their end. More than zero after the fact: someone stopped waiting.
    pending: AtomicUsize,
    in_transaction: bool,
}

impl Lease {
    fn connection(&self) -> Result<&Object, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::unavailable("the connection was given back"))
    }

    async fn tracked<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.pending.fetch_add(1, Ordering::Relaxed);
        let result = work.await;
        self.pending.fetch_sub(1, Ordering::Relaxed);
        result
    }

    async fn prepare(&self, sql: &str) -> Result<tokio_postgres::Statement, Error> {
        let connection = self.connection()?;
        if connection.statement_cache.size() >= STATEMENTS {
            connection.statement_cache.clear();
        }
        Ok(connection.prepare_cached(sql).await?)
    }

    pub(super) async fn select<T>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        limit: usize,
        mut map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.tracked(async {
            let statement = self.prepare(sql).await?;
            let params = params.iter().map(|value| param::pg(*value));
            let mut rows = pin!(self.connection()?.query_raw(&statement, params).await?);
            let mut found = Vec::new();
            while let Some(row) = rows.try_next().await? {
                if found.len() < limit {
                    found.push(map(&Row::pg(&row))?);
                }
            }
            Ok(found)
        })
        .await
    }

    pub(super) async fn check_statement(&self, sql: &str) -> Result<(), Error> {
        self.tracked(async { Ok(self.connection()?.prepare(sql).await.map(drop)?) })
            .await
    }

    pub(super) async fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<u64, Error> {
        self.tracked(async {
            let statement = self.prepare(sql).await?;
            let params = params.iter().map(|value| param::pg(*value));
            Ok(self.connection()?.execute_raw(&statement, params).await?)
        })
        .await
    }

    pub(super) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.tracked(async { Ok(self.connection()?.batch_execute(sql).await?) })
            .await
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        if self.pending.load(Ordering::Relaxed) > 0 {
            // Had it failed, COMMIT would quietly roll back and report success.
            return Err(Error::other(
                "a statement of the transaction was abandoned; its outcome is not known",
            ));
        }
        self.batch("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(super) async fn roll_back(mut self) -> Result<(), Error> {
        if self.pending.load(Ordering::Relaxed) == 0 {
            self.batch("ROLLBACK").await?;
            self.in_transaction = false;
        }
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let abandoned = *self.pending.get_mut() > 0;
        if !abandoned && !self.in_transaction {
            return;
        }
        let restless = Restless(Some(connection));
        // Without a runtime it is dropped here, that is, closed; the server then rolls back.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(restless.tidy());
        }
    }
}

/// A connection that must not go back to the pool as it is. Dropping it closes it.
struct Restless(Option<Object>);

impl Restless {
    async fn tidy(mut self) {
        let Some(connection) = &self.0 else { return };
        // Outside a transaction this is a warning; it waits for whatever is still running.
        let at_rest = tokio::time::timeout(TIDY_WAIT, connection.batch_execute("ROLLBACK")).await;
        if matches!(at_rest, Ok(Ok(()))) {
            drop(self.0.take());
            return;
        }
        // Closing alone does not stop a statement on the server. Afterwards the connection must go: the driver does not
        // wait for the server to act on the request, which could then hit the next user's statement.
        let cancel = connection.cancel_token();
        drop(tokio::time::timeout(TIDY_WAIT, cancel.cancel_query(NoTls)).await);
    }
}

impl Drop for Restless {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}
