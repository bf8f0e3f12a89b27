//! The store on PostgreSQL, where `JACKFIELD_TEST_POSTGRES` names a server on which tests may create databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "the helpers of tests are tests"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jackfield_domain::{Actor, ChangeType, Kind, TenantId, Timestamp};
use jackfield_store::{NewChange, Store};
use jackfield_store_sql::{SqlStore, db::Config};
use tokio_postgres::{Client, NoTls};

const VARIABLE: &str = "JACKFIELD_TEST_POSTGRES";

/// Runs `test` on a new database, given by its URL, or says that it was skipped.
async fn on_fresh_database<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Ok(url) = std::env::var(VARIABLE) else {
        println!("skipped: {VARIABLE} is not set");
        return;
    };
    let (client, connection) = tokio_postgres::connect(&url, NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("store_contract_{}_{number}", std::process::id());
    create(&client, &name).await;
    let (server, options) = url.split_once('?').unwrap_or((&url, ""));
    let (_, authority) = server.split_once("://").expect("a postgres:// URL");
    let authority = authority.split('/').next().unwrap_or_default();
    test(format!("postgres://{authority}/{name}?{options}")).await;
    run(&client, &format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
}

/// Creates a database that orders text as people do, not by its bytes: the schema must not depend on it. Not every server was
/// built with such locales; then it is one of the server's default.
async fn create(client: &Client, name: &str) {
    run(client, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .unwrap();
    let plain = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    let human = format!("{plain} LOCALE_PROVIDER icu ICU_LOCALE 'en'");
    if run(client, &human).await.is_err() {
        run(client, &plain).await.unwrap();
    }
}

async fn run(client: &Client, sql: &str) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(sql).await
}

async fn on_fresh_store<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) {
    on_fresh_database(async |url| {
        let store = SqlStore::open(&Config::postgres(url)).await.unwrap();
        case(Arc::new(store)).await;
    })
    .await;
}

jackfield_store::contract_suite!(on_fresh_store);

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_changes_is_heard_by_its_name() {
    on_fresh_database(async |url| {
        let here = SqlStore::open(&Config::postgres(url.clone())).await.unwrap();
        let there = SqlStore::open(&Config::postgres(url)).await.unwrap();
        assert!(here.foreign_changes().await.unwrap().is_empty());
        let mut tx = there.begin(TenantId::SYSTEM).await.unwrap();
        for record in [7, 8] {
            let change = NewChange {
                kind: Kind::User,
                record,
                owner: None,
                change: ChangeType::Created,
                actor: Actor::SYSTEM,
                at: Timestamp::from_micros(0),
                detail: None,
            };
            tx.append(&change).await.unwrap();
        }
        tx.announce(Kind::LiveCalls, 0).await.unwrap();
        tx.commit().await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < 3 {
            let part = tokio::time::timeout(Duration::from_secs(10), here.foreign_changes()).await;
            heard.extend(part.expect("hears within ten seconds").unwrap());
        }
        assert_eq!(
            heard,
            [
                (TenantId::SYSTEM, Kind::User, 7),
                (TenantId::SYSTEM, Kind::User, 8),
                (TenantId::SYSTEM, Kind::LiveCalls, 0)
            ]
        );
    })
    .await;
}
