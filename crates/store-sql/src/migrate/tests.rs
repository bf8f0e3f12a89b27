//! The runner, with histories of its own.

use super::{MIGRATIONS, MigrateError, Migration, migrate};
use crate::db::{Config, Db, Sql};
use crate::testing::on_each_engine;

const fn change(number: i64, name: &'static str, sqlite: &'static str, postgres: &'static str) -> Migration {
    Migration {
        number,
        name,
        sqlite,
        postgres,
    }
}

const ONE: Migration = change(
    1,
    "0001_a",
    "CREATE TABLE a (data BLOB);\nCREATE TABLE b (id BIGINT);",
    "CREATE TABLE a (data BYTEA);\nCREATE TABLE b (id BIGINT);",
);
const TWO: Migration = change(
    2,
    "0002_c",
    "INSERT INTO b VALUES (5);",
    "INSERT INTO b VALUES (5);",
);
const BROKEN: &str = "INSERT INTO b VALUES (6); CREATE TABLE d (id BIGINT); INSERT INTO nonsense VALUES (1);";

async fn rows(db: &Db) -> Vec<i64> {
    db.all("SELECT id FROM b ORDER BY id", &[], |row| row.get(0))
        .await
        .unwrap()
}

#[tokio::test]
async fn each_change_is_applied_once() {
    on_each_engine(async |config| {
        let db = Db::open(&config).await.unwrap();
        assert_eq!(migrate(&db, &[]).await.unwrap(), 0);
        assert_eq!(migrate(&db, &[ONE]).await.unwrap(), 1);
        assert_eq!(migrate(&db, &[ONE, TWO]).await.unwrap(), 1);
        assert_eq!(migrate(&db, &[ONE, TWO]).await.unwrap(), 0);
        assert_eq!(rows(&db).await, [5]);
    })
    .await;
}

#[tokio::test]
async fn a_newer_or_another_history_is_refused() {
    on_each_engine(async |config| {
        let db = Db::open(&config).await.unwrap();
        migrate(&db, &[ONE, TWO]).await.unwrap();
        let newer = migrate(&db, &[ONE]).await.unwrap_err();
        assert!(
            matches!(newer, MigrateError::Newer { found: 2, known: 1 }),
            "{newer}"
        );
        let edited = change(
            2,
            "0002_c",
            "INSERT INTO b VALUES (6);",
            "INSERT INTO b VALUES (6);",
        );
        let edited = migrate(&db, &[ONE, edited]).await.unwrap_err();
        assert!(
            matches!(
                edited,
                MigrateError::Different {
                    number: 2,
                    name: "0002_c"
                }
            ),
            "{edited}"
        );
        let windows = change(
            1,
            ONE.name,
            "CREATE TABLE a (data BLOB);\r\nCREATE TABLE b (id BIGINT);",
            "CREATE TABLE a (data BYTEA);\r\nCREATE TABLE b (id BIGINT);",
        );
        assert_eq!(
            migrate(&db, &[windows, TWO]).await.unwrap(),
            0,
            "line ends do not matter"
        );
        assert_eq!(rows(&db).await, [5]);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_fails_leaves_nothing() {
    on_each_engine(async |config| {
        let db = Db::open(&config).await.unwrap();
        let three = change(3, "0003_d", BROKEN, BROKEN);
        let error = migrate(&db, &[ONE, TWO, three]).await.unwrap_err();
        assert!(matches!(error, MigrateError::Database(_)), "{error}");
        assert_eq!(rows(&db).await, [5]);
        let fixed = change(
            3,
            "0003_d",
            "CREATE TABLE d (id BIGINT)",
            "CREATE TABLE d (id BIGINT)",
        );
        assert_eq!(migrate(&db, &[ONE, TWO, fixed]).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_do_not_race() {
    on_each_engine(async |config: Config| {
        let nodes: Vec<_> = (0..6)
            .map(|_| {
                let config = config.clone();
                tokio::spawn(async move { migrate(&Db::open(&config).await.unwrap(), &[ONE, TWO]).await })
            })
            .collect();
        let mut applied = 0;
        for node in nodes {
            applied += node.await.unwrap().unwrap();
        }
        assert_eq!(applied, 2);
        assert_eq!(rows(&Db::open(&config).await.unwrap()).await, [5]);
    })
    .await;
}

#[test]
fn the_list_ascends_and_names_agree_with_numbers() {
    let mut last = 0;
    for migration in MIGRATIONS {
        assert!(migration.number > last, "{}", migration.name);
        last = migration.number;
        assert!(
            migration.name.starts_with(&format!("{last:04}_")),
            "{}",
            migration.name
        );
    }
}

#[tokio::test]
async fn accounts_of_trunks_that_exist_are_names_that_are_taken() {
    on_each_engine(async |config| {
        let db = Db::open(&config).await.unwrap();
        let before: Vec<Migration> = MIGRATIONS
            .iter()
            .filter(|migration| migration.number < 18)
            .copied()
            .collect();
        migrate(&db, &before).await.unwrap();
        let trunk = |id: i64, mode: &str, auth_id: &str, username: &str| {
            format!(
                "INSERT INTO providers (tenant_id, id, name, enabled, brand, hostname, port, did_numbers, auth_mode, \
                 created_at, version, search_text, sealed_password, settings) VALUES (5, {id}, '', TRUE, '', '', 0, \
                 '', '{mode}', 0, 1, '', '', '{{\"auth_id\":\"{auth_id}\",\"username\":\"{username}\"}}');"
            )
        };
        let sql = [
            "INSERT INTO journal_heads (tenant_id) VALUES (5);".to_owned(),
            "INSERT INTO numbers (tenant_id, number, kind) VALUES (5, '1001', 'extension');".to_owned(),
            trunk(1, "accept_register", "gateway", "acct"),
            trunk(2, "accept_register", "", "acct"),
            trunk(3, "accept_register", "", "acct"),
            trunk(4, "accept_register", "", ""),
            trunk(5, "accept_register", "", "1001"),
            trunk(6, "register_auth", "", "there"),
        ];
        let tx = db.begin().await.unwrap();
        tx.batch(&sql.join("\n")).await.unwrap();
        tx.commit().await.unwrap();
        migrate(&db, MIGRATIONS).await.unwrap();
        let names: Vec<(String, String)> = db
            .all("SELECT number, kind FROM numbers ORDER BY number", &[], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .await
            .unwrap();
        let pair = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        assert_eq!(
            names,
            [
                pair("1001", "extension"),
                pair("acct", "trunk_account"),
                pair("gateway", "trunk_account")
            ]
        );
    })
    .await;
}
