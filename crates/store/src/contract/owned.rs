//! Collections, marks, and whose entries of the journal are.

use std::sync::Arc;

use jackfield_domain::{Actor, ChangeType, Kind, Page, TenantId, Timestamp, UserId};

use super::samples::{change, insert, make_tenant, user};
use crate::{Marks, NewChange, OwnedRecord, Shelf, Store};

fn record(id: i64, key: Option<&str>) -> OwnedRecord {
    OwnedRecord {
        id,
        key: key.map(str::to_owned),
        document: format!("{{\"id\":{id}}}"),
        created_at: Timestamp::from_micros(7),
        version: 1,
    }
}

fn shelf(tenant: TenantId, owner: Option<UserId>, collection: &'static str) -> Shelf {
    Shelf {
        tenant,
        owner,
        collection,
    }
}

/// Every value is kept, on its own shelf and on no other.
pub async fn a_record_comes_back_from_its_shelf(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let owner = user(tenant, 1, "ada");
    change(store, tenant, async |tx| insert(tx, &owner).await).await;
    let own = shelf(tenant, Some(owner.id), "speed_dial_8");
    let others = [
        shelf(tenant, None, "speed_dial_8"),
        shelf(tenant, Some(owner.id), "speed_dial_100"),
    ];
    change(store, tenant, async |tx| {
        assert!(tx.insert_owned(own, &record(1, Some("2"))).await.unwrap());
        assert!(tx.insert_owned(own, &record(2, None)).await.unwrap());
    })
    .await;
    assert_eq!(store.owned(own, 1).await.unwrap(), Some(record(1, Some("2"))));
    for other in others {
        assert_eq!(store.owned(other, 1).await.unwrap(), None);
        assert_eq!(store.count_owned(other).await.unwrap(), 0);
    }
    let changed = OwnedRecord {
        key: Some("3".into()),
        document: "{}".into(),
        version: 2,
        ..record(1, None)
    };
    change(store, tenant, async |tx| {
        assert!(tx.update_owned(own, &changed).await.unwrap());
    })
    .await;
    let page = store.list_owned(own, Page { skip: 0, take: 1 }).await.unwrap();
    assert_eq!((page.items, page.total), (vec![changed.clone()], 2));
    let page = store.list_owned(own, Page { skip: 1, take: 5 }).await.unwrap();
    assert_eq!((page.items, page.total), (vec![record(2, None)], 2));
    assert_eq!(
        store.owned_among(own, &[9, 2, 1]).await.unwrap(),
        [changed, record(2, None)]
    );
    change(store, tenant, async |tx| {
        assert!(tx.delete_owned(own, 1).await.unwrap());
        assert!(!tx.delete_owned(own, 1).await.unwrap());
    })
    .await;
    assert_eq!(store.count_owned(own).await.unwrap(), 1);
}

/// A key is free on every other shelf; a device exists once in the world.
pub async fn keys_are_unique_on_a_shelf(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let own = shelf(tenant, None, "speed_dial_8");
    change(store, tenant, async |tx| {
        assert!(tx.insert_owned(own, &record(1, Some("2"))).await.unwrap());
        assert!(!tx.insert_owned(own, &record(2, Some("2"))).await.unwrap());
        assert!(tx.insert_owned(own, &record(3, Some("3"))).await.unwrap());
        assert!(!tx.update_owned(own, &record(3, Some("2"))).await.unwrap());
        assert!(
            tx.insert_owned(shelf(tenant, None, "phone"), &record(4, Some("001565000001")))
                .await
                .unwrap()
        );
    })
    .await;
    change(store, other, async |tx| {
        assert!(
            tx.insert_owned(shelf(other, None, "speed_dial_8"), &record(1, Some("2")))
                .await
                .unwrap()
        );
        assert!(
            !tx.insert_owned(shelf(other, None, "phone"), &record(5, Some("001565000001")))
                .await
                .unwrap()
        );
    })
    .await;
}

/// What is a user's goes when he goes.
pub async fn collections_and_marks_go_with_their_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let owner = user(tenant, 1, "ada");
    change(store, tenant, async |tx| insert(tx, &owner).await).await;
    let own = shelf(tenant, Some(owner.id), "contact");
    let marks = Marks {
        tenant,
        user: owner.id,
        kind: Kind::BusinessContact,
    };
    change(store, tenant, async |tx| {
        assert!(tx.insert_owned(own, &record(1, None)).await.unwrap());
        assert!(tx.set_favorite(marks, 7, true).await.unwrap());
        assert!(!tx.set_favorite(marks, 7, true).await.unwrap());
        assert!(tx.set_favorite(marks, 8, true).await.unwrap());
        tx.forget_favorites(tenant, Kind::BusinessContact, 8)
            .await
            .unwrap();
    })
    .await;
    assert_eq!(store.favorites_among(marks, &[8, 7, 6]).await.unwrap(), [7]);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, owner.id).await.unwrap());
    })
    .await;
    assert_eq!(store.count_owned(own).await.unwrap(), 0);
    assert_eq!(
        store.favorites_among(marks, &[7]).await.unwrap(),
        Vec::<i64>::new()
    );
}

/// Who follows one owner's collection does not hear of another's.
pub async fn entries_are_found_by_kind_and_owner(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (one, two) = (Some(UserId::new(1)), Some(UserId::new(2)));
    let entry = |kind, record, owner| NewChange {
        kind,
        record,
        owner,
        change: ChangeType::Created,
        actor: Actor::SYSTEM,
        at: Timestamp::from_micros(1),
        detail: None,
    };
    change(store, tenant, async |tx| {
        for (kind, record, owner) in [
            (Kind::Contact, 11, one),
            (Kind::Contact, 12, two),
            (Kind::Phone, 13, one),
            (Kind::Contact, 14, one),
            (Kind::Contact, 15, None),
        ] {
            tx.append(&entry(kind, record, owner)).await.unwrap();
        }
    })
    .await;
    let all = store.changes_of(tenant, Kind::Contact, one, 0, 10).await.unwrap();
    let found: Vec<_> = all.iter().map(|(_, record, _)| *record).collect();
    assert_eq!(found, [11, 14]);
    let first = all.first().unwrap().0;
    assert_eq!(
        store
            .changes_of(tenant, Kind::Contact, one, first, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store
            .changes_of(tenant, Kind::Contact, one, 0, 1)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store.last_change_of(tenant, Kind::Contact, one).await.unwrap(),
        first + 3
    );
    assert_eq!(
        store.last_change_of(tenant, Kind::Greeting, one).await.unwrap(),
        0
    );
    let own = store
        .changes_of(tenant, Kind::Contact, None, 0, 10)
        .await
        .unwrap();
    assert_eq!(own.len(), 1);
}
