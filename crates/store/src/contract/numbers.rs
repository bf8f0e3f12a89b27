//! The numbers of a tenant.

use std::sync::Arc;

use super::samples::{assert_taken, change, insert, make_tenant, refused, user, with_extension};
use crate::{NumberKind, Store};

/// A number is given once in a tenant, whatever has it, and comes free.
pub async fn a_number_is_claimed_once(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    for (index, kind) in NumberKind::ALL.iter().enumerate() {
        let number = format!("80{index}");
        change(store, tenant, async |tx| {
            tx.claim_number(tenant, &number, *kind).await.unwrap();
        })
        .await;
        assert_eq!(store.number(tenant, &number).await.unwrap(), Some(*kind));
        assert_eq!(store.number(other, &number).await.unwrap(), None);
        for second in NumberKind::ALL {
            let error = refused(store, tenant, async |tx| {
                tx.claim_number(tenant, &number, *second).await
            })
            .await;
            assert_taken!(error, Extension, ExtensionNumber);
        }
        change(store, other, async |tx| {
            tx.claim_number(other, &number, *kind).await.unwrap();
        })
        .await;
        change(store, tenant, async |tx| {
            assert!(tx.release_number(tenant, &number).await.unwrap());
            assert!(!tx.release_number(tenant, &number).await.unwrap());
            tx.claim_number(tenant, &number, NumberKind::Meeting)
                .await
                .unwrap();
        })
        .await;
    }
    assert_eq!(store.number(tenant, "8\0").await.unwrap(), None);
}

/// The number of a user is one of them, from the beginning to the end.
pub async fn extensions_have_their_numbers_here(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = with_extension(user(tenant, 1, "ann"), "101");
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    assert_eq!(
        store.number(tenant, "101").await.unwrap(),
        Some(NumberKind::Extension)
    );
    let error = refused(store, tenant, async |tx| {
        tx.claim_number(tenant, "101", NumberKind::CallQueue).await
    })
    .await;
    assert_taken!(error, Extension, ExtensionNumber);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann.id).await.unwrap());
    })
    .await;
    assert_eq!(store.number(tenant, "101").await.unwrap(), None);
}

/// What is taken of a range is told in order, and numbers of another length are not of the range.
pub async fn ranges_tell_what_is_taken(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        for number in ["805", "8005", "800", "80", "809", "810", "0801"] {
            tx.claim_number(tenant, number, NumberKind::Meeting)
                .await
                .unwrap();
        }
    })
    .await;
    let found = store.numbers_between(tenant, "800", "809").await.unwrap();
    assert_eq!(found, ["800", "805", "809"]);
    assert!(
        store
            .numbers_between(other, "800", "809")
            .await
            .unwrap()
            .is_empty()
    );
}
