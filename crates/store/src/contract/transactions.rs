//! Transactions, ids, and signs of life.

use std::collections::HashSet;
use std::sync::Arc;

use jackfield_domain::{Query, TenantId, User, UserId};

use super::samples::{change, insert, make_tenant, user, with_extension};
use crate::{Sequence, Store};

/// The first proof of a master key stays.
pub async fn the_first_proof_of_a_key_stays(store: Arc<dyn Store>) {
    assert_eq!(store.master_key_proof(b"first").await.unwrap(), b"first");
    assert_eq!(store.master_key_proof(b"second").await.unwrap(), b"first");
}

/// What is not committed never was: records, numbers and counts.
pub async fn dropped_ones_leave_no_trace(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = with_extension(user(tenant, 1, "ann"), "101");
    let bob = with_extension(user(tenant, 2, "bob"), "102");
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    let mut tx = store.begin(tenant).await.unwrap();
    insert(&mut *tx, &bob).await;
    tx.delete_user(tenant, ann.id).await.unwrap();
    drop(tx);
    assert_eq!(store.user(tenant, ann.id).await.unwrap(), Some(ann));
    assert_eq!(store.user(tenant, bob.id).await.unwrap(), None);
    assert_eq!(store.count_extensions(tenant).await.unwrap(), 1);
    change(store, tenant, async |tx| {
        insert(tx, &bob).await;
        assert_eq!(tx.list_users(tenant, &Query::default()).await.unwrap().total, 2);
    })
    .await;
}

/// A transaction sees its own changes; nobody else does before its commit.
pub async fn uncommitted_changes_are_seen_inside_only(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = with_extension(user(tenant, 1, "ann"), "101");
    let mut tx = store.begin(tenant).await.unwrap();
    assert_eq!(tx.scope(), tenant);
    insert(&mut *tx, &ann).await;
    assert!(tx.user_by_name(tenant, "ann").await.unwrap().is_some());
    assert_eq!(tx.count_extensions(tenant).await.unwrap(), 1);
    assert_eq!(store.user_by_name(tenant, "ann").await.unwrap(), None);
    assert_eq!(store.count_extensions(tenant).await.unwrap(), 0);
    assert_eq!(
        store.list_users(tenant, &Query::default()).await.unwrap().total,
        0
    );
    tx.commit().await.unwrap();
    assert!(store.user_by_name(tenant, "ann").await.unwrap().is_some());
    assert_eq!(store.count_extensions(tenant).await.unwrap(), 1);
}

/// Ids of a kind begin at 100000 and are never given twice, at the same time or after a transaction was dropped.
pub async fn ids_are_never_given_twice(store: Arc<dyn Store>) {
    let tenant = make_tenant(&*store, "one.example").await;
    for sequence in Sequence::ALL {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..6 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let mut tx = store.begin(tenant).await.unwrap();
                let ids = [
                    tx.next_id(*sequence).await.unwrap(),
                    tx.next_id(*sequence).await.unwrap(),
                ];
                if task == 0 {
                    // Dropped: these ids may be given again, since nobody has kept them.
                    return Vec::new();
                }
                tx.commit().await.unwrap();
                ids.to_vec()
            });
        }
        let ids: Vec<i64> = tasks.join_all().await.into_iter().flatten().collect();
        assert!(
            ids.iter().all(|id| (100_000..100_100).contains(id)),
            "{sequence:?} {ids:?}"
        );
        let distinct: HashSet<i64> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "{sequence:?} {ids:?}");
    }
}

/// A rule that is judged by what was read still holds at the commit: many make users as long as there are fewer than five.
pub async fn one_at_a_time_in_a_tenant(store: Arc<dyn Store>) {
    let tenant = make_tenant(&*store, "one.example").await;
    let mut tasks = tokio::task::JoinSet::new();
    for id in 1..=12 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut tx = store.begin(tenant).await.unwrap();
            let there = tx.list_users(tenant, &Query::default()).await.unwrap();
            let counted = tx
                .count_users_with_role(tenant, "StandardUser", false, None)
                .await
                .unwrap();
            assert_eq!(there.total, counted);
            if counted < 5 {
                insert(&mut *tx, &user(tenant, id, &format!("u{id}"))).await;
                tx.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let there = store.list_users(tenant, &Query::default()).await.unwrap();
    assert_eq!((there.total, there.items.len()), (5, 5));
}

/// After an error a transaction can only be dropped; what it did before is not committed by accident.
pub async fn a_failed_statement_ends_the_transaction(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = user(tenant, 1, "ann");
    let twin = User {
        id: UserId::new(2),
        ..ann.clone()
    };
    let mut tx = store.begin(tenant).await.unwrap();
    insert(&mut *tx, &ann).await;
    assert!(tx.insert_user(&twin, "").await.is_err());
    assert!(tx.user(tenant, ann.id).await.is_err());
    assert!(tx.commit().await.is_err());
    assert_eq!(store.user(tenant, ann.id).await.unwrap(), None);
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
}

/// It answers, and says at once that nothing is known of the time before it was asked.
pub async fn the_store_is_alive(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
    assert!(store.foreign_changes().await.unwrap().is_empty());
    let tx = store.begin(TenantId::SYSTEM).await.unwrap();
    tx.commit().await.unwrap();
}
