//! Keys of programs.

use std::sync::Arc;

use jackfield_domain::{ApiKey, ApiKeyId, KeyOwner, KeyPermission, KeyPurpose, TenantId, UserId};

use super::samples::{at, change, hash, insert, make_tenant, refused, user};
use crate::{Error, Sequence, Store};

fn key(tenant: TenantId, id: i64, name: &str) -> ApiKey {
    ApiKey {
        tenant,
        id: ApiKeyId::new(id),
        purpose: KeyPurpose::Feed,
        owner: None,
        name: name.into(),
        created_at: at(id),
    }
}

/// Every value is kept, and a key is found by its hash without knowing its tenant.
pub async fn a_key_is_found_by_its_hash(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, two) = (
        make_tenant(store, "one.example").await,
        make_tenant(store, "two.example").await,
    );
    // An id may occur in two tenants: nothing relies on its being the only one.
    let (first, second, foreign) = (key(one, 7, "Büro"), key(one, 5, ""), key(two, 7, "x"));
    for (key, number) in [(&first, 1), (&second, 2), (&foreign, 3)] {
        change(store, key.tenant, async |tx| {
            tx.insert_api_key(key, &hash(number)).await.unwrap();
        })
        .await;
    }
    for (number, expected) in [
        (1, Some(&first)),
        (2, Some(&second)),
        (3, Some(&foreign)),
        (4, None),
    ] {
        assert_eq!(store.api_key(&hash(number)).await.unwrap().as_ref(), expected);
    }
    assert_eq!(store.api_keys(one).await.unwrap(), [second, first]);
    assert_eq!(store.api_keys(two).await.unwrap(), [foreign]);
    assert_eq!(store.api_keys(TenantId::SYSTEM).await.unwrap(), []);
}

/// A key goes when it is removed, and with its tenant; only the tenant that it is of removes it.
pub async fn keys_come_and_go(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, two) = (
        make_tenant(store, "one.example").await,
        make_tenant(store, "two.example").await,
    );
    change(store, one, async |tx| {
        let id = tx.next_id(Sequence::ApiKey).await.unwrap();
        assert!(id >= ApiKeyId::FIRST.get());
        tx.insert_api_key(&key(one, 1, "a"), &hash(1)).await.unwrap();
        tx.insert_api_key(&key(one, 2, "b"), &hash(2)).await.unwrap();
    })
    .await;
    change(store, two, async |tx| {
        tx.insert_api_key(&key(two, 3, "c"), &hash(3)).await.unwrap();
        assert!(!tx.delete_api_key(two, ApiKeyId::new(1)).await.unwrap());
    })
    .await;
    change(store, one, async |tx| {
        assert!(tx.delete_api_key(one, ApiKeyId::new(1)).await.unwrap());
        assert!(!tx.delete_api_key(one, ApiKeyId::new(1)).await.unwrap());
    })
    .await;
    assert_eq!(store.api_key(&hash(1)).await.unwrap(), None);
    assert!(store.api_key(&hash(2)).await.unwrap().is_some());
    change(store, TenantId::SYSTEM, async |tx| {
        assert!(tx.delete_tenant(one).await.unwrap());
    })
    .await;
    assert_eq!(store.api_key(&hash(2)).await.unwrap(), None);
    assert!(store.api_key(&hash(3)).await.unwrap().is_some());
    let orphan = key(one, 4, "d");
    let error = refused(store, one, async |tx| tx.insert_api_key(&orphan, &hash(4)).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// Whose a key is and what it allows comes back; the keys of an account are removed together, and no others.
pub async fn keys_of_an_account_end_with_it(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, two) = (
        make_tenant(store, "one.example").await,
        make_tenant(store, "two.example").await,
    );
    let owned = |tenant, id, user, permissions: &[KeyPermission]| ApiKey {
        purpose: KeyPurpose::Desk,
        owner: Some(KeyOwner {
            user: UserId::new(user),
            permissions: permissions.to_vec(),
        }),
        ..key(tenant, id, "desk")
    };
    let all = owned(one, 4, 1, KeyPermission::ALL);
    let few = owned(one, 2, 1, &[KeyPermission::ReserveUsers]);
    let others = [owned(one, 3, 2, KeyPermission::ALL), key(one, 5, "feed")];
    let foreign = owned(two, 6, 1, KeyPermission::ALL);
    for tenant in [one, two] {
        change(store, tenant, async |tx| {
            insert(tx, &user(tenant, 1, "ada")).await;
            insert(tx, &user(tenant, 2, "ben")).await;
        })
        .await;
    }
    for (key, number) in [&all, &few, &others[0], &others[1], &foreign]
        .into_iter()
        .zip(1..)
    {
        change(store, key.tenant, async |tx| {
            tx.insert_api_key(key, &hash(number)).await.unwrap();
        })
        .await;
    }
    assert_eq!(store.api_key(&hash(1)).await.unwrap(), Some(all.clone()));
    assert_eq!(
        store.api_keys(one).await.unwrap(),
        [few, others[0].clone(), all, others[1].clone()]
    );
    let gone = change(store, one, async |tx| {
        tx.delete_api_keys_of_user(one, UserId::new(1)).await.unwrap()
    })
    .await;
    assert_eq!(gone, [ApiKeyId::new(2), ApiKeyId::new(4)]);
    assert_eq!(store.api_keys(one).await.unwrap(), others);
    assert_eq!(store.api_keys(two).await.unwrap(), [foreign]);
    // Nobody is the owner of a key without one.
    let none = change(store, one, async |tx| {
        tx.delete_api_keys_of_user(one, UserId::new(0)).await.unwrap()
    })
    .await;
    assert_eq!(none, []);
}
