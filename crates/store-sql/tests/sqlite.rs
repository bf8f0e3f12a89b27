//! The store on SQLite.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jackfield_domain::{Actor, ChangeType, Kind, TenantId, Timestamp};
use jackfield_store::{JournalReads as _, NewChange, Store};
use jackfield_store_sql::{SqlStore, db::Config};

async fn on_fresh_store<F: Future<Output = ()>>(case: impl FnOnce(Arc<dyn Store>) -> F) {
    let store = Arc::new(SqlStore::open(&Config::temporary()).await.unwrap());
    case(Arc::clone(&store) as Arc<dyn Store>).await;
    for (statement, plan) in store.db().plans().await.unwrap() {
        assert!(
            !sweeps(&statement, &plan),
            "this reads the whole of a tenant to find a few of his records: {plan:?}\n{statement}"
        );
    }
}

/// Statements that are about all of a tenant's records, or about so few, or so rarely, that no index is worth its keep.
const WHOLE: [&str; 6] = [
    "DELETE FROM api_keys",
    "DELETE FROM call_orders",
    // Every ten minutes, by the system.
    "DELETE FROM registrations WHERE expires_at",
    // The calls that go on.
    "FROM live_calls WHERE tenant_id = ?1 AND +updated_at",
    // One for each trunk whose provider registers, and all of them are wanted.
    "FROM trunk_bindings WHERE expires_at",
    // Rows of the statement itself.
    "(VALUES (",
];

/// Whether a statement goes through a tenant, or a table, without being a list or about all of it.
fn sweeps(statement: &str, plan: &[String]) -> bool {
    let through = |step: &String| {
        let step = step.as_str();
        let made = step.contains("VIRTUAL TABLE") || step.contains("CONSTANT ROW");
        step.starts_with("SCAN ") && !made
            || step.ends_with("(tenant_id=?)") && !step.contains(" journal_heads ")
    };
    let conditions = statement
        .rsplit_once(" WHERE ")
        .map_or("", |(_, conditions)| conditions);
    let about_all = conditions.ends_with("tenant_id = ?1") || conditions.contains("tenant_id = ?1 ORDER BY");
    let list = statement.contains(" LIMIT ") || statement.starts_with("SELECT COUNT(");
    plan.iter().any(through) && !list && !about_all && !WHOLE.iter().any(|known| statement.contains(known))
}

jackfield_store::contract_suite!(on_fresh_store);

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("jackfield-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

async fn open(path: &Path) -> SqlStore {
    SqlStore::open(&Config::file(path)).await.unwrap()
}

async fn append(store: &SqlStore) {
    let mut tx = store.begin(TenantId::SYSTEM).await.unwrap();
    let change = NewChange {
        kind: Kind::Tenant,
        record: 1,
        owner: None,
        change: ChangeType::Updated,
        actor: Actor::SYSTEM,
        at: Timestamp::from_micros(0),
        detail: None,
    };
    tx.append(&change).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_writes_is_noticed_and_what_this_one_writes_is_not() {
    let folder = Folder::new("noticed");
    let path = folder.0.join("test.db");
    let (server, command_line) = (open(&path).await, open(&path).await);
    assert!(server.foreign_changes().await.unwrap().is_empty());
    append(&server).await;
    let quiet = tokio::time::timeout(Duration::from_millis(600), server.foreign_changes()).await;
    assert!(quiet.is_err(), "heard its own change");
    append(&command_line).await;
    let heard = tokio::time::timeout(Duration::from_secs(10), server.foreign_changes()).await;
    assert!(heard.unwrap().unwrap().is_empty());
    assert_eq!(server.last_change(TenantId::SYSTEM).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_what_was_committed() {
    let folder = Folder::new("backup");
    let store = open(&folder.0.join("test.db")).await;
    append(&store).await;
    let copy = folder.0.join("copy.db");
    store.backup_to(&copy).await.unwrap();
    append(&store).await;
    let copied = open(&copy).await;
    assert_eq!(copied.last_change(TenantId::SYSTEM).await.unwrap(), 1);
    assert!(store.backup_to(&copy).await.is_err(), "overwrote a file");
}
