//! Requests dropped at any moment leave the database whole and usable.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::super::{Db, Engine, Error, Sql, SqlWrite};
use crate::testing::{on_each_engine, prepared};

/// A small generator (`SplitMix64`): the same seed, the same storm.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

const ROWS: i64 = 3;

/// How a unit ends, if it is not dropped from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    Abandon,
    Fail,
}

async fn unit(db: Db, unit: i64, end: End, acknowledged: Arc<Mutex<Vec<i64>>>) -> Result<(), Error> {
    let tx = db.begin().await?;
    for row in 0..ROWS {
        tx.exec(
            "INSERT INTO t (id, unit) VALUES ($1, $2)",
            &[&(unit * ROWS + row), &unit],
        )
        .await?;
        if row % 2 == 0 {
            tokio::task::yield_now().await;
        }
    }
    match end {
        End::Commit => {}
        End::Abandon => return Ok(()),
        End::Fail => drop(
            tx.exec(
                "INSERT INTO t (id, unit) VALUES ($1, $2)",
                &[&(unit * ROWS), &unit],
            )
            .await,
        ),
    }
    tx.commit().await?;
    acknowledged.lock().push(unit);
    Ok(())
}

async fn storm(db: &Db, seed: u64) {
    let mut dice = Dice(seed);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let first = i64::try_from(seed).unwrap() * 1000;
    let mut never = Vec::new();
    let mut tasks = Vec::new();
    for number in first..first + 60 {
        let end = match dice.roll(6) {
            0 => End::Abandon,
            1 => End::Fail,
            _ => End::Commit,
        };
        if end != End::Commit {
            never.push(number);
        }
        tasks.push(tokio::spawn(unit(
            db.clone(),
            number,
            end,
            Arc::clone(&acknowledged),
        )));
        if dice.roll(2) == 0 {
            let victim = usize::try_from(dice.roll(tasks.len() as u64)).unwrap();
            tasks[victim].abort();
        }
        match dice.roll(4) {
            0 => tokio::time::sleep(Duration::from_micros(dice.roll(400))).await,
            1 => tokio::task::yield_now().await,
            _ => {}
        }
    }
    for task in tasks {
        // Cancelled, or its own error.
        drop(task.await);
    }
    let last = unit(db.clone(), first + 99, End::Commit, Arc::clone(&acknowledged));
    tokio::time::timeout(Duration::from_secs(20), last)
        .await
        .expect("the writer still works")
        .unwrap();

    let sql = "SELECT unit, COUNT(*) FROM t WHERE unit >= $1 GROUP BY unit";
    let found = db
        .all(sql, &[&first], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))
        .await
        .unwrap();
    for (unit, rows) in &found {
        assert_eq!(*rows, ROWS, "unit {unit} is there in part");
        assert!(!never.contains(unit), "unit {unit} was never committed");
    }
    for unit in acknowledged.lock().iter() {
        assert!(
            found.iter().any(|(present, _)| present == unit),
            "unit {unit} was acknowledged and is not there"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn aborted_requests_lose_nothing_and_leave_nothing_half() {
    on_each_engine(async |config| {
        let db = prepared(
            &config,
            "CREATE TABLE t (id BIGINT PRIMARY KEY, unit BIGINT NOT NULL)",
        )
        .await;
        let rounds = if db.engine() == Engine::Sqlite { 40 } else { 4 };
        for seed in 1..=rounds {
            println!("{:?}, seed {seed}", db.engine());
            storm(&db, seed).await;
        }
    })
    .await;
}

#[tokio::test]
async fn aborted_requests_on_one_thread() {
    on_each_engine(async |config| {
        let db = prepared(
            &config,
            "CREATE TABLE t (id BIGINT PRIMARY KEY, unit BIGINT NOT NULL)",
        )
        .await;
        for seed in 1..=3 {
            println!("{:?}, seed {seed}", db.engine());
            storm(&db, seed).await;
        }
    })
    .await;
}
