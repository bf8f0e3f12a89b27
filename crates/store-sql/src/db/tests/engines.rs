//! One text, two engines, the same answers.

use std::fmt::Write as _;

use async_trait::async_trait;

use super::super::{Db, Error, Row, Sql, SqlWrite};
use crate::testing::{on_each_engine, prepared};

fn blob(config: &crate::db::Config) -> &'static str {
    match config {
        crate::db::Config::Lite(_) => "BLOB",
        crate::db::Config::Postgres(_) => "BYTEA",
    }
}

fn schema(config: &crate::db::Config) -> String {
    format!(
        "CREATE TABLE parent (id BIGINT PRIMARY KEY);
         CREATE TABLE item (
           id BIGINT PRIMARY KEY, name TEXT NOT NULL, note TEXT, active BOOLEAN NOT NULL, data {}, size BIGINT,
           parent BIGINT REFERENCES parent (id), CONSTRAINT item_name UNIQUE (name, active)
         );",
        blob(config)
    )
}

const INSERT: &str = "INSERT INTO item (id, name, note, active, data, size) VALUES ($1, $2, $3, $4, $5, $6)";

async fn add(db: &Db, id: i64, name: &str) -> Result<(), Error> {
    let tx = db.begin().await?;
    tx.exec(
        INSERT,
        &[&id, &name, &None::<&str>, &true, &Vec::<u8>::new(), &None::<i64>],
    )
    .await?;
    tx.commit().await
}

async fn count(db: &Db) -> i64 {
    db.one("SELECT COUNT(*) FROM item", &[], |row| row.get(0))
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn every_type_comes_back_as_it_went() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        let tx = db.begin().await.unwrap();
        let (bytes, owned, boxed): (&[u8], String, Box<str>) = (&[0, 1, 255], "ünï".into(), "note".into());
        let changed = tx
            .exec(
                INSERT,
                &[&i64::MAX, &owned, &Some(&*boxed), &true, &bytes, &Some(-1_i64)],
            )
            .await;
        assert_eq!(changed.unwrap(), 1);
        let none = (None::<String>, None::<Vec<u8>>, None::<i64>);
        tx.exec(INSERT, &[&i64::MIN, &"", &none.0, &false, &none.1, &none.2])
            .await
            .unwrap();
        tx.commit().await.unwrap();

        let sql = "SELECT id, name, note, active, data, size FROM item ORDER BY id";
        let rows = db
            .all(sql, &[], |row| {
                assert_eq!(row.text(1)?, row.get::<String>(1)?);
                assert_eq!(row.opt_text(2)?, row.get::<Option<String>>(2)?.as_deref());
                Ok((
                    row.get::<i64>(0)?,
                    row.get::<Box<str>>(1)?,
                    row.get::<Option<Box<str>>>(2)?,
                    row.get::<bool>(3)?,
                    row.get::<Option<Vec<u8>>>(4)?,
                    row.get::<Option<i64>>(5)?,
                ))
            })
            .await
            .unwrap();
        let full = (
            i64::MAX,
            "ünï".into(),
            Some("note".into()),
            true,
            Some(vec![0, 1, 255]),
            Some(-1),
        );
        assert_eq!(rows, [(i64::MIN, "".into(), None, false, None, None), full]);
        assert_eq!(
            db.all_long(sql, &[], |row| row.get::<i64>(0)).await.unwrap(),
            [i64::MIN, i64::MAX]
        );
        let borrowed = db
            .one("SELECT data FROM item WHERE active", &[], |row| {
                Ok(row.bytes(0)?.len())
            })
            .await;
        assert_eq!(borrowed.unwrap(), Some(3));
        let literal = db
            .one("SELECT 1, TRUE", &[], |row| {
                Ok((row.get::<i64>(0)?, row.get::<i64>(0)?))
            })
            .await;
        assert_eq!(literal.unwrap(), Some((1, 1)));
    })
    .await;
}

#[tokio::test]
async fn wrong_reading_is_an_error_not_a_panic() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        add(&db, 1, "secret-name").await.unwrap();
        let sql = "SELECT id, name, note FROM item";
        let errors = [
            db.one(sql, &[], |row| row.get::<i64>(1)).await.err(),
            db.one(sql, &[], |row| row.get::<i64>(9)).await.err(),
            db.one(sql, &[], |row| row.get::<String>(2)).await.err(),
            db.one(sql, &[], |row| row.text(2).map(str::len)).await.err(),
            db.one(sql, &[], |row| row.text(0).map(str::len)).await.err(),
            db.one(sql, &[&1_i64], |row| row.get::<i64>(0)).await.err(),
            db.one("SELECT nonsense FROM item", &[], |row| row.get::<i64>(0))
                .await
                .err(),
            db.one(sql, &[], |_| Err::<(), _>(Error::corrupt("no")))
                .await
                .err(),
        ];
        for (case, error) in errors.into_iter().enumerate() {
            let error = error.unwrap_or_else(|| panic!("case {case} on {:?}", db.engine()));
            assert!(matches!(error, Error::Other(_)), "case {case}: {error:?}");
            assert!(!format!("{error:?} {error}").contains("secret-name"), "{error:?}");
        }
        assert_eq!(count(&db).await, 1, "the connections are in order");
    })
    .await;
}

#[tokio::test]
async fn placeholders_bind_by_number() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        add(&db, 1, "a").await.unwrap();
        let tx = db.begin().await.unwrap();
        let sql = "UPDATE item SET note = $2, size = $3 WHERE id = $1 AND name <> '$2' AND id = $1";
        assert_eq!(tx.exec(sql, &[&1_i64, &"n", &7_i64]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let note = "SELECT note FROM item WHERE size = $1";
        assert_eq!(
            db.one(note, &[&7_i64], |row| row.get::<String>(0))
                .await
                .unwrap()
                .as_deref(),
            Some("n")
        );
        let many: Vec<i64> = (1..=12).collect();
        let params: Vec<&dyn crate::db::Param> = many.iter().map(|n| n as _).collect();
        let terms: Vec<String> = (1..=12)
            .rev()
            .map(|n| format!("CAST(${n} AS BIGINT) * {n}"))
            .collect();
        let sum = db
            .one(&format!("SELECT {}", terms.join(" + ")), &params, |row| {
                row.get::<i64>(0)
            })
            .await
            .unwrap();
        assert_eq!(sum, Some((1..=12).map(|n| n * n).sum()));
    })
    .await;
}

#[tokio::test]
async fn a_statement_can_be_checked_without_running_it() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        db.check_statement(INSERT).await.unwrap();
        db.check_statement("DELETE FROM item WHERE name = $2 AND id = $1")
            .await
            .unwrap();
        for wrong in [
            "SELECT nme FROM item",
            "SELECT name FRM item",
            "SELECT name FROM items WHERE id = $1",
        ] {
            assert!(
                matches!(db.check_statement(wrong).await, Err(Error::Other(_))),
                "{wrong}"
            );
        }
        assert_eq!(count(&db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn violations_are_told_apart_and_quote_no_values() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        add(&db, 1, "secret-name").await.unwrap();
        let by_name = add(&db, 2, "secret-name").await.unwrap_err();
        let by_key = add(&db, 1, "other").await.unwrap_err();
        let (name, key) = match db.engine() {
            crate::db::Engine::Sqlite => ("item.name, item.active", "item.id"),
            crate::db::Engine::Postgres => ("item_name", "item_pkey"),
        };
        for (error, wanted) in [(&by_name, name), (&by_key, key)] {
            assert!(
                matches!(error, Error::Unique { constraint } if constraint == wanted),
                "{error:?}"
            );
            assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
        }
        let tx = db.begin().await.unwrap();
        let orphan = "INSERT INTO item (id, name, active, parent) VALUES (5, 'x', TRUE, 77) RETURNING id";
        let error = tx.one(orphan, &[], |row| row.get::<i64>(0)).await.unwrap_err();
        assert!(matches!(error, Error::ForeignKey), "{error:?}");
        drop(tx);
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_committed_is_gone() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        let tx = db.begin().await.unwrap();
        tx.exec("INSERT INTO parent (id) VALUES ($1)", &[&1_i64])
            .await
            .unwrap();
        let own = tx
            .one("SELECT id FROM parent", &[], |row| row.get::<i64>(0))
            .await
            .unwrap();
        let outside = db
            .one("SELECT id FROM parent", &[], |row| row.get::<i64>(0))
            .await
            .unwrap();
        assert_eq!((own, outside), (Some(1), None));
        drop(tx);
        let tx = db.begin().await.unwrap();
        tx.exec("INSERT INTO parent (id) VALUES ($1)", &[&1_i64])
            .await
            .unwrap();
        tx.rollback().await.unwrap();
        // The same key again: neither of the two left anything.
        let tx = db.begin().await.unwrap();
        let returned = tx
            .one("INSERT INTO parent (id) VALUES (1) RETURNING id", &[], |row| {
                row.get::<i64>(0)
            })
            .await;
        assert_eq!(returned.unwrap(), Some(1));
        tx.notify("changes", "x").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            db.one("SELECT id FROM parent", &[], |row| row.get::<i64>(0))
                .await
                .unwrap(),
            Some(1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_transaction_with_a_failed_statement_cannot_be_committed() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        let tx = db.begin().await.unwrap();
        tx.exec("INSERT INTO parent (id) VALUES (1)", &[]).await.unwrap();
        assert!(tx.exec("INSERT INTO parent (id) VALUES (1)", &[]).await.is_err());
        assert!(tx.exec("INSERT INTO parent (id) VALUES (2)", &[]).await.is_err());
        assert!(tx.commit().await.is_err());
        assert!(
            db.one("SELECT id FROM parent", &[], |row| row.get::<i64>(0))
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

/// How the repositories are written: the futures must be `Send`, generically.
#[async_trait]
trait Names: Send + Sync {
    async fn name(&self, id: i64) -> Result<Option<String>, Error>;
    async fn search(&self, parts: Vec<String>) -> Result<Vec<String>, Error>;
}

struct Repository<S>(S);

fn name(row: &Row<'_>) -> Result<String, Error> {
    row.get(0)
}

#[async_trait]
impl<S: Sql> Names for Repository<S> {
    async fn name(&self, id: i64) -> Result<Option<String>, Error> {
        self.0
            .one("SELECT name FROM item WHERE id = $1", &[&id], name)
            .await
    }

    async fn search(&self, parts: Vec<String>) -> Result<Vec<String>, Error> {
        let mut params: Vec<Box<dyn crate::db::Param>> = vec![Box::new(true)];
        let mut sql = String::from("SELECT name FROM item WHERE active = $1");
        for (index, part) in parts.into_iter().enumerate() {
            write!(sql, " AND name LIKE ${}", index + 2).unwrap();
            params.push(Box::new(part));
        }
        let params: Vec<_> = params.iter().map(|param| &**param).collect();
        self.0.all_long(&sql, &params, name).await
    }
}

#[async_trait]
trait Renames: Send + Sync {
    async fn rename(&self, id: i64, name: &str) -> Result<bool, Error>;
}

#[async_trait]
impl<S: SqlWrite> Renames for Repository<S> {
    async fn rename(&self, id: i64, name: &str) -> Result<bool, Error> {
        Ok(self
            .0
            .exec("UPDATE item SET name = $2 WHERE id = $1", &[&id, &name])
            .await?
            == 1)
    }
}

#[tokio::test]
async fn one_repository_serves_inside_and_outside_a_transaction() {
    on_each_engine(async |config| {
        let db = prepared(&config, &schema(&config)).await;
        add(&db, 1, "alice").await.unwrap();
        let reads: Box<dyn Names> = Box::new(Repository(db.clone()));
        let tx = db.begin().await.unwrap();
        let inside = Repository(&tx);
        assert!(inside.rename(1, "bob").await.unwrap());
        assert_eq!(inside.name(1).await.unwrap().as_deref(), Some("bob"));
        assert_eq!(reads.name(1).await.unwrap().as_deref(), Some("alice"));
        tx.commit().await.unwrap();
        assert_eq!(
            reads.search(vec!["b%".into(), "%b".into()]).await.unwrap(),
            ["bob"]
        );
        assert_eq!(reads.name(2).await.unwrap(), None);
    })
    .await;
}
