//! The journal.

use std::sync::Arc;

use jackfield_domain::{Actor, Change, ChangeType, Kind, TenantId, UserId};

use super::samples::{at, change, make_tenant, refused};
use crate::{Error, NewChange, Store};

fn entry(record: i64) -> NewChange {
    NewChange {
        kind: Kind::User,
        record,
        owner: None,
        change: ChangeType::Updated,
        actor: Actor::SYSTEM,
        at: at(record),
        detail: None,
    }
}

/// Every value is kept, for every kind, and entries are read from any point on.
pub async fn entries_come_back_in_order(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    assert_eq!(store.last_change(tenant).await.unwrap(), 0);
    let mut expected = Vec::new();
    let mut tx = store.begin(tenant).await.unwrap();
    for kind in Kind::ALL {
        for change in ChangeType::ALL {
            let sequence = i64::try_from(expected.len()).unwrap() + 1;
            let new = NewChange {
                kind: *kind,
                record: 100 - sequence,
                owner: None,
                change: *change,
                actor: Actor {
                    tenant: TenantId::SYSTEM,
                    user: (sequence % 2 == 0).then(|| UserId::new(sequence)),
                },
                at: at(sequence),
                detail: (sequence % 3 == 0).then(|| "{\"by\":\"-1.5\"}".into()),
            };
            assert_eq!(tx.append(&new).await.unwrap(), sequence);
            expected.push(Change {
                tenant,
                sequence,
                kind: new.kind,
                record: new.record,
                change: new.change,
                actor: new.actor,
                at: new.at,
                detail: new.detail,
            });
        }
    }
    tx.commit().await.unwrap();
    let count = i64::try_from(expected.len()).unwrap();
    assert_eq!(store.changes_after(tenant, 0, 1000).await.unwrap(), expected);
    let part = store.changes_after(tenant, 4, 3).await.unwrap();
    assert_eq!(Some(&*part), expected.get(4..7));
    assert!(store.changes_after(tenant, count, 10).await.unwrap().is_empty());
    assert_eq!(store.last_change(tenant).await.unwrap(), count);
}

/// Many writers of one tenant number their entries without a gap, whatever is rolled back, and writers of another tenant
/// count for themselves.
pub async fn numbers_have_no_gaps_under_concurrency(store: Arc<dyn Store>) {
    let tenants = [
        make_tenant(&*store, "one.example").await,
        make_tenant(&*store, "two.example").await,
    ];
    let mut tasks = tokio::task::JoinSet::new();
    for tenant in tenants {
        for writer in 0..6_i64 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                for round in 0..5 {
                    let mut tx = store.begin(tenant).await.unwrap();
                    let first = tx.append(&entry(writer)).await.unwrap();
                    let second = tx.append(&entry(round)).await.unwrap();
                    assert_eq!(second, first + 1);
                    if (writer + round) % 3 == 0 {
                        drop(tx);
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            });
        }
    }
    tasks.join_all().await;
    for tenant in tenants {
        let entries = store.changes_after(tenant, 0, 1000).await.unwrap();
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.sequence).collect();
        let expected: Vec<i64> = (1..=40).collect();
        assert_eq!(numbers, expected);
        assert_eq!(store.last_change(tenant).await.unwrap(), 40);
    }
}

/// A transaction for a tenant that has gone opens, so that its work can find that out, and writes nothing.
pub async fn a_tenant_that_is_not_there_has_no_journal(store: Arc<dyn Store>) {
    let store = &*store;
    let nowhere = TenantId::new(999_999);
    let error = refused(store, nowhere, async |tx| tx.append(&entry(1)).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    assert_eq!(store.last_change(nowhere).await.unwrap(), 0);
    change(store, nowhere, async |tx| {
        assert_eq!(tx.tenant(nowhere).await.unwrap(), None);
    })
    .await;
}

/// An announcement is for who listens, and is kept nowhere.
pub async fn what_is_announced_has_no_entry(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let mut tx = store.begin(tenant).await.unwrap();
    tx.announce(Kind::LiveCalls, 0).await.unwrap();
    assert_eq!(tx.append(&entry(1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let entries = store.changes_after(tenant, 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
}
