//! The writer's promises: see [`super::writer`].

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rusqlite::Connection;

use super::super::{Backend, Config, Db, Error, LiteConfig, Location, Sql, SqlWrite};
use super::{Lite, blocking};
use crate::testing::{file, prepared};

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, unit BIGINT NOT NULL)";

fn lite(db: &Db) -> &Lite {
    match &db.0 {
        Backend::Lite(lite) => lite,
        Backend::Pg(_) => unreachable!("these tests open SQLite"),
    }
}

fn path(config: &Config) -> PathBuf {
    match config {
        Config::Lite(LiteConfig {
            location: Location::File(path),
            ..
        }) => path.clone(),
        _ => unreachable!("these tests use a file"),
    }
}

async fn insert(db: &Db, id: i64) -> Result<(), Error> {
    let tx = db.begin().await?;
    tx.exec("INSERT INTO t (id, unit) VALUES ($1, $1)", &[&id])
        .await?;
    tx.commit().await
}

async fn ids(db: &Db) -> Vec<i64> {
    db.all("SELECT id FROM t ORDER BY id", &[], |row| row.get(0))
        .await
        .unwrap()
}

async fn queued(db: &Db, count: usize) {
    while lite(db).writer.queued() < count {
        tokio::task::yield_now().await;
    }
}

/// Holds the writer until `count` inserts are queued behind it, then lets them go.
async fn together(db: &Db, count: i64) -> Vec<Result<(), Error>> {
    let holder = db.begin().await.unwrap();
    let tasks: Vec<_> = (0..count)
        .map(|id| {
            let db = db.clone();
            tokio::spawn(async move { insert(&db, id).await })
        })
        .collect();
    queued(db, usize::try_from(count).unwrap()).await;
    drop(holder);
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_units_are_durable_after_one_commit() {
    let (_folder, config) = file();
    let db = prepared(&config, TABLE).await;
    let before = db.commits().unwrap();
    assert!(together(&db, 64).await.iter().all(Result::is_ok));
    let after = db.commits().unwrap();
    assert_eq!(
        (after.commits - before.commits, after.units - before.units),
        (1, 64)
    );
    // Another connection, as after a crash: what is in the file and its log, not in this process.
    let count: i64 = Connection::open(path(&config))
        .unwrap()
        .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_group_ends_at_two_hundred_and_fifty_six() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let before = db.commits().unwrap().commits;
    assert!(together(&db, 300).await.iter().all(Result::is_ok));
    assert_eq!(db.commits().unwrap().commits - before, 2);
    assert_eq!(ids(&db).await.len(), 300);
}

#[tokio::test]
async fn it_works_on_one_thread_and_a_lone_writer_waits_for_nobody() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let before = db.commits().unwrap().commits;
    for id in 0..5 {
        insert(&db, id).await.unwrap();
    }
    assert_eq!(db.commits().unwrap().commits - before, 5);
    assert!(
        together(&db, 1).await.iter().all(Result::is_err),
        "the key exists"
    );
    assert!(together(&db, 20).await.iter().skip(5).all(Result::is_ok));
    assert_eq!(ids(&db).await, (0..20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_unit_takes_only_itself_back() {
    let db = prepared(&Config::temporary(), TABLE).await;
    insert(&db, 3).await.unwrap();
    let before = db.commits().unwrap();
    let results = together(&db, 8).await;
    for (id, result) in results.iter().enumerate() {
        match result {
            Err(Error::Unique { constraint }) => assert_eq!((id, constraint.as_str()), (3, "t.id")),
            other => assert!(other.is_ok() && id != 3, "{id}: {other:?}"),
        }
    }
    let after = db.commits().unwrap();
    assert_eq!(
        (after.commits - before.commits, after.units - before.units),
        (1, 7)
    );
    assert_eq!(ids(&db).await, (0..8).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_failed_commit_nothing_is_acknowledged_any_more() {
    let (_folder, config) = file();
    let db = prepared(&config, TABLE).await;
    insert(&db, 100).await.unwrap();
    lite(&db).writer.fail_next_commit();
    for result in together(&db, 6).await {
        assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
    }
    assert!(matches!(insert(&db, 50).await, Err(Error::Unavailable(_))));
    assert!(matches!(db.begin().await, Err(Error::Unavailable(_))));
    assert_eq!(
        ids(&db).await,
        [100],
        "reads go on, and show what was acknowledged"
    );
    drop(db);
    let db = Db::open(&config).await.unwrap();
    insert(&db, 51).await.unwrap();
    assert_eq!(
        ids(&db).await,
        [51, 100],
        "opening the file anew ends the refusal"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_fails_the_finished_units_of_the_group_and_no_later_one() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let holder = db.begin().await.unwrap();
    let first = tokio::spawn({
        let db = db.clone();
        async move { insert(&db, 1).await }
    });
    queued(&db, 1).await;
    let second = tokio::spawn({
        let db = db.clone();
        async move {
            let tx = db.begin().await?;
            // Not below what the file has: so the next page fails as on a full disk.
            tx.all("PRAGMA max_page_count = 1", &[], |_| Ok(())).await?;
            let big = vec![0_u8; 1 << 20];
            let sql = "INSERT INTO t (id, unit) VALUES (2, CAST(LENGTH($1) AS BIGINT))";
            tx.exec(sql, &[&big]).await?;
            let full = tx
                .exec("CREATE TABLE big AS SELECT randomblob(100000) AS b", &[])
                .await;
            assert!(matches!(full, Err(Error::Unavailable(_))), "{full:?}");
            let later = tx.exec("INSERT INTO t (id, unit) VALUES (9, 9)", &[]).await;
            assert!(later.is_err(), "would have been committed on its own");
            tx.commit().await
        }
    });
    queued(&db, 2).await;
    drop(holder);
    assert!(second.await.unwrap().is_err());
    let first = first.await.unwrap();
    // SQLite is free to roll back the statement only, or everything; both are told truthfully.
    assert_eq!(ids(&db).await, if first.is_ok() { vec![1] } else { vec![] });
    let tx = db.begin().await.unwrap();
    tx.all("PRAGMA max_page_count = 1000000", &[], |_| Ok(()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    insert(&db, 7).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rollback_of_everything_is_told_to_all() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let holder = db.begin().await.unwrap();
    let first = tokio::spawn({
        let db = db.clone();
        async move { insert(&db, 1).await }
    });
    queued(&db, 1).await;
    let second = tokio::spawn({
        let db = db.clone();
        async move {
            let tx = db.begin().await?;
            // What SQLite does by itself on an I/O error, on demand.
            let lost = tx
                .exec("INSERT OR ROLLBACK INTO t (id, unit) VALUES (1, 2)", &[])
                .await;
            assert!(matches!(lost, Err(Error::Unique { .. })), "{lost:?}");
            tx.commit().await
        }
    });
    queued(&db, 2).await;
    drop(holder);
    assert!(second.await.unwrap().is_err());
    assert!(matches!(first.await.unwrap(), Err(Error::Unavailable(_))));
    assert!(ids(&db).await.is_empty());
    insert(&db, 7).await.unwrap();
}

#[tokio::test]
async fn a_deferred_constraint_fails_its_group_but_does_not_stop_writing() {
    let db = prepared(
        &Config::temporary(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, unit BIGINT REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    let tx = db.begin().await.unwrap();
    tx.exec("INSERT INTO t (id, unit) VALUES (1, 2)", &[])
        .await
        .unwrap();
    assert!(matches!(tx.commit().await, Err(Error::ForeignKey)));
    insert(&db, 7).await.unwrap();
    assert_eq!(ids(&db).await, [7]);
}

/// Polls once.
async fn once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[tokio::test]
async fn a_waiter_that_leaves_with_the_turn_in_its_hands_lets_the_group_commit() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let first = db.begin().await.unwrap();
    first
        .exec("INSERT INTO t (id, unit) VALUES (1, 1)", &[])
        .await
        .unwrap();
    let mut second = Box::pin(db.begin());
    assert!(once(second.as_mut()).await.is_pending());
    let mut commit = pin!(first.commit());
    // The turn is now in the second one's channel, unread; the first waits for the group.
    assert!(once(commit.as_mut()).await.is_pending());
    drop(second);
    commit.await.unwrap();
    assert_eq!(ids(&db).await, [1]);
    insert(&db, 2).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_made_all_the_same() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let first = db.begin().await.unwrap();
    first
        .exec("INSERT INTO t (id, unit) VALUES (1, 1)", &[])
        .await
        .unwrap();
    let mut second = pin!(db.begin());
    assert!(once(second.as_mut()).await.is_pending());
    let mut commit = Box::pin(first.commit());
    assert!(once(commit.as_mut()).await.is_pending());
    drop(commit);
    drop(second.await.unwrap());
    assert_eq!(ids(&db).await, [1]);
}

#[tokio::test]
async fn a_transaction_of_another_process_is_waited_for_and_noticed() {
    let (_folder, config) = file();
    let db = prepared(&config, TABLE).await;
    let mut changes = db.external_changes().await.unwrap().expect("SQLite");
    insert(&db, 1).await.unwrap();
    assert!(!changes.poll().await.unwrap(), "our own");

    let other = Connection::open(path(&config)).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO t (id, unit) VALUES (2, 2)")
        .unwrap();
    let mut waiting = pin!(insert(&db, 3));
    assert!(
        tokio::time::timeout(Duration::from_millis(40), waiting.as_mut())
            .await
            .is_err()
    );
    assert_eq!(ids(&db).await, [1], "reads do not wait");
    other.execute_batch("COMMIT").unwrap();
    waiting.await.unwrap();
    assert!(changes.poll().await.unwrap());
    assert!(!changes.poll().await.unwrap());
    assert_eq!(ids(&db).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn read_connections_are_never_lost() {
    let config = LiteConfig {
        readers: 1,
        ..LiteConfig::default()
    };
    let db = prepared(&Config::Lite(config), TABLE).await;
    insert(&db, 1).await.unwrap();
    for round in 0..20 {
        let reading = db.clone();
        let panics = tokio::spawn(async move {
            let mapped = |_: &super::Row<'_>| -> Result<(), Error> { panic!("a mapping that panics") };
            if round % 2 == 0 {
                reading.all("SELECT 1", &[], mapped).await
            } else {
                reading.all_long("SELECT 1", &[], mapped).await
            }
        });
        assert!(panics.await.is_err());
        let reading = db.clone();
        let dropped = tokio::spawn(async move {
            loop {
                ids(&reading).await;
                tokio::task::yield_now().await;
            }
        });
        tokio::task::yield_now().await;
        dropped.abort();
    }
    assert_eq!(ids(&db).await, [1]);
    let refused = db
        .one(
            "INSERT INTO t (id, unit) VALUES (2, 2) RETURNING id",
            &[],
            |row| row.get::<i64>(0),
        )
        .await;
    assert!(refused.is_err(), "writing needs a transaction");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn long_statements_leave_connections_for_short_ones() {
    let config = LiteConfig {
        readers: 2,
        ..LiteConfig::default()
    };
    let db = prepared(&Config::Lite(config), TABLE).await;
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Arc::new(parking_lot::Mutex::new(released));
    let (started, mut running) = tokio::sync::mpsc::unbounded_channel();
    let long: Vec<_> = (0..3)
        .map(|_| {
            let (db, released, started) = (db.clone(), released.clone(), started.clone());
            tokio::spawn(async move {
                let wait = |_: &super::Row<'_>| {
                    started.send(()).ok();
                    released.lock().recv().ok();
                    Ok(())
                };
                db.all_long("SELECT 1", &[], wait).await
            })
        })
        .collect();
    running.recv().await.unwrap();
    assert!(
        ids(&db).await.is_empty(),
        "a short read is served while three long ones run or wait"
    );
    for _ in &long {
        release.send(()).unwrap();
    }
    for task in long {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_backup_is_a_whole_database_and_overwrites_nothing() {
    let (folder, config) = file();
    let db = prepared(&config, TABLE).await;
    insert(&db, 1).await.unwrap();
    let target = folder.0.join("copy.db");
    db.backup_to(&target).await.unwrap();
    insert(&db, 2).await.unwrap();
    assert!(db.backup_to(&target).await.is_err());
    let copy = Db::open(&Config::file(&target)).await.unwrap();
    assert_eq!(ids(&copy).await, [1]);
    assert!(!folder.0.join("copy.db.partial").exists());
}

#[tokio::test]
async fn a_temporary_database_leaves_nothing_behind() {
    let db = prepared(&Config::temporary(), TABLE).await;
    let file = lite(&db).path.clone();
    assert!(file.exists());
    drop(db);
    assert!(!file.parent().unwrap().exists());
}

#[test]
fn blocking_work_runs_without_a_runtime() {
    assert_eq!(blocking(|| 1), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_prepared_once_whatever_is_bound() {
    let (_folder, config) = file();
    let db = prepared(&config, TABLE).await;
    let reader = lite(&db).readers.check_out().await.unwrap();
    for sql in [
        "SELECT id FROM t WHERE unit = ?1 ORDER BY id LIMIT ?2",
        "SELECT a.id FROM t a JOIN t b ON b.id = a.unit WHERE a.id = ?1 AND b.unit = ?2",
    ] {
        let mut statement = reader.connection().unwrap().prepare(sql).unwrap();
        for value in 0..3_i64 {
            statement.raw_bind_parameter(1, value).unwrap();
            statement.raw_bind_parameter(2, value).unwrap();
            assert!(statement.raw_query().next().unwrap().is_none());
            statement.clear_bindings();
        }
        assert_eq!(
            statement.get_status(rusqlite::StatementStatus::RePrepare),
            0,
            "{sql}"
        );
    }
}
