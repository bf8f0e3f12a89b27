//! What only a server can do to us.

use std::time::Duration;

use super::super::{Config, Db, Error, Notice, PostgresConfig, Sql, SqlWrite};
use crate::testing::{on_postgres, prepared};

const TABLE: &str =
    "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO t VALUES (1, 0), (2, 0)";

/// The same database with one connection only, so that whoever comes next gets the connection in question.
fn single(config: &Config) -> Config {
    match config {
        Config::Postgres(config) => Config::Postgres(PostgresConfig {
            url: config.url.clone(),
            connections: 1,
        }),
        Config::Lite(_) => unreachable!("these tests open PostgreSQL"),
    }
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    // Less than an abandoned connection is given to come to rest: closing it instead would not pass.
    tokio::time::timeout(Duration::from_secs(4), work)
        .await
        .expect("in time")
}

async fn transaction_open(db: &Db) -> bool {
    // A fresh statement sees the start of its transaction as its own start, unless one was open before.
    let sql = "SELECT CAST(pg_current_xact_id_if_assigned() IS NOT NULL AS BOOLEAN)";
    db.one(sql, &[], |row| row.get(0)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_dropped_transaction_gives_back_a_clean_connection() {
    on_postgres(async |config| {
        let db = prepared(&single(&config), TABLE).await;
        let pid = "SELECT CAST(pg_backend_pid() AS BIGINT)";
        let before: Option<i64> = db.one(pid, &[], |row| row.get(0)).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.exec("UPDATE t SET n = 1", &[]).await.unwrap();
        drop(tx);
        assert!(!soon(transaction_open(&db)).await);
        let tx = db.begin().await.unwrap();
        assert!(tx.exec("INSERT INTO t VALUES (1, 1)", &[]).await.is_err());
        drop(tx);
        let sum = "SELECT CAST(SUM(n) AS BIGINT) FROM t";
        assert_eq!(
            soon(db.one(sum, &[], |row| row.get::<i64>(0))).await.unwrap(),
            Some(0)
        );
        assert_eq!(
            db.one(pid, &[], |row| row.get(0)).await.unwrap(),
            before,
            "and it is the same connection"
        );
    })
    .await;
}

#[tokio::test]
async fn an_abandoned_statement_is_cancelled() {
    on_postgres(async |config| {
        let db = prepared(&single(&config), TABLE).await;
        let slow = db.all("SELECT pg_sleep(60)", &[], |_| Ok(()));
        assert!(
            tokio::time::timeout(Duration::from_millis(100), slow)
                .await
                .is_err()
        );
        let sum = "SELECT CAST(SUM(n) AS BIGINT) FROM t";
        assert_eq!(
            soon(db.one(sum, &[], |row| row.get::<i64>(0))).await.unwrap(),
            Some(0)
        );

        let tx = db.begin().await.unwrap();
        tx.exec("UPDATE t SET n = 5", &[]).await.unwrap();
        let slow = tx.exec("SELECT pg_sleep(60)", &[]);
        assert!(
            tokio::time::timeout(Duration::from_millis(100), slow)
                .await
                .is_err()
        );
        assert!(tx.commit().await.is_err(), "nobody knows how the statement ended");
        assert_eq!(
            soon(db.one(sum, &[], |row| row.get::<i64>(0))).await.unwrap(),
            Some(0)
        );
        let running = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                       AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
        soon(async {
            while !db.all(running, &[], |_| Ok(())).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_deadlock_asks_for_a_retry() {
    on_postgres(async |config| {
        let db = prepared(&config, TABLE).await;
        let (a, b) = (db.begin().await.unwrap(), db.begin().await.unwrap());
        let update = "UPDATE t SET n = n + 1 WHERE id = $1";
        a.exec(update, &[&1_i64]).await.unwrap();
        b.exec(update, &[&2_i64]).await.unwrap();
        let first = async {
            let result = a.exec(update, &[&2_i64]).await;
            drop(a);
            result
        };
        let second = async {
            let result = b.exec(update, &[&1_i64]).await;
            drop(b);
            result
        };
        let (first, second) = soon(async { tokio::join!(first, second) }).await;
        let victim = first.and(second).unwrap_err();
        assert!(victim.is_retry(), "{victim:?}");
    })
    .await;
}

#[tokio::test]
async fn data_errors_quote_no_values() {
    on_postgres(async |config| {
        let db = prepared(&config, TABLE).await;
        let sql = "SELECT CAST(CAST($1 AS TEXT) AS BIGINT)";
        let error = db
            .one(sql, &[&"secret"], |row| row.get::<i64>(0))
            .await
            .unwrap_err();
        assert!(matches!(&error, Error::Other(_)), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn listeners_hear_commits_and_of_a_lost_connection() {
    on_postgres(async |config| {
        let db = prepared(&config, TABLE).await;
        assert!(db.listen("Bad\"name").await.is_err());
        let mut listener = db.listen("changes").await.unwrap().expect("PostgreSQL");
        let tx = db.begin().await.unwrap();
        tx.notify("changes", "lost").await.unwrap();
        drop(tx);
        let tx = db.begin().await.unwrap();
        tx.notify("changes", "7").await.unwrap();
        tx.notify("elsewhere", "8").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(soon(listener.recv()).await, Some(Notice::Payload("7".into())));
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        assert_eq!(db.all(kill, &[], |row| row.get::<bool>(0)).await.unwrap(), [true]);
        assert_eq!(soon(listener.recv()).await, Some(Notice::Reconnected));
        let tx = db.begin().await.unwrap();
        tx.notify("changes", "9").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(soon(listener.recv()).await, Some(Notice::Payload("9".into())));
    })
    .await;
}

#[tokio::test]
async fn a_lost_connection_is_unavailable_and_the_next_one_works() {
    on_postgres(async |config| {
        let db = prepared(&config, TABLE).await;
        let tx = db.begin().await.unwrap();
        let pid: Option<i64> = tx
            .one("SELECT CAST(pg_backend_pid() AS BIGINT)", &[], |row| row.get(0))
            .await
            .unwrap();
        let kill = "SELECT pg_terminate_backend(CAST(CAST($1 AS BIGINT) AS INTEGER))";
        db.one(kill, &[&pid.unwrap()], |row| row.get::<bool>(0))
            .await
            .unwrap();
        let error = tx.exec("UPDATE t SET n = 1", &[]).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        drop(tx);
        let tx = soon(db.begin()).await.unwrap();
        assert_eq!(tx.exec("UPDATE t SET n = 1", &[]).await.unwrap(), 2);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_wrong_address_says_so_and_keeps_the_password() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    for url in [
        format!("postgres://u:secret@127.0.0.1:{port}/d"),
        "postgres://u:secret@[/d".to_owned(),
    ] {
        let config = Config::parse(&url);
        let error = Db::open(&config).await.err().expect("nobody is there");
        assert!(
            !format!("{error:?} {error} {config:?}").contains("secret"),
            "{error:?}"
        );
    }
}
