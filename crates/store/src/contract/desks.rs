//! The desks of users, and reservations.

use std::sync::Arc;

use jackfield_domain::{DeskSettings, Reservation, TenantId, UserId};

use super::samples::{at, change, insert, make_tenant, user};
use crate::Store;

/// The last settings count, of the one user, and go with him.
pub async fn a_desk_comes_back_and_goes_with_its_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (ada, ben) = (user(tenant, 1, "ada"), user(tenant, 2, "ben"));
    change(store, tenant, async |tx| {
        insert(tx, &ada).await;
        insert(tx, &ben).await;
    })
    .await;
    assert_eq!(store.desk(tenant, ada.id).await.unwrap(), None);
    let mut desk = DeskSettings {
        views: [7, 8].into(),
        language: "nl".into(),
        ..DeskSettings::default()
    };
    for incognito in [true, false] {
        desk.incognito = incognito;
        change(store, tenant, async |tx| {
            tx.put_desk(tenant, ada.id, &desk).await.unwrap();
        })
        .await;
        assert_eq!(store.desk(tenant, ada.id).await.unwrap(), Some(desk.clone()));
    }
    assert_eq!(store.desk(tenant, ben.id).await.unwrap(), None);
    assert_eq!(store.desk(other, ada.id).await.unwrap(), None);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ada.id).await.unwrap());
    })
    .await;
    assert_eq!(store.desk(tenant, ada.id).await.unwrap(), None);
}

/// A user has one reservation, the last, until it is ended or he goes.
pub async fn reservations_are_one_for_each_user_and_end(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let made = |tenant: TenantId, user, channel, until| Reservation {
        tenant,
        user: UserId::new(user),
        channel,
        ends_at: at(until),
    };
    for (tenant, names) in [(tenant, vec!["ada", "ben", "eve"]), (other, vec!["ada"])] {
        change(store, tenant, async |tx| {
            for (id, name) in (1..).zip(names) {
                insert(tx, &user(tenant, id, name)).await;
                tx.put_reservation(&made(tenant, id, None, 30)).await.unwrap();
            }
        })
        .await;
    }
    let later = made(tenant, 1, Some(8), 60);
    change(store, tenant, async |tx| {
        tx.put_reservation(&later).await.unwrap();
    })
    .await;
    let known = async |tenant, user| store.reservation(tenant, UserId::new(user)).await.unwrap();
    assert_eq!(known(tenant, 1).await, Some(later));
    assert_eq!(known(tenant, 2).await, Some(made(tenant, 2, None, 30)));
    change(store, tenant, async |tx| {
        tx.end_reservations(tenant, &[]).await.unwrap();
        let users = [UserId::new(1), UserId::new(9), UserId::new(1)];
        tx.end_reservations(tenant, &users).await.unwrap();
        assert!(tx.delete_user(tenant, UserId::new(3)).await.unwrap());
    })
    .await;
    assert_eq!(known(tenant, 1).await, None);
    assert!(known(tenant, 2).await.is_some());
    assert_eq!(known(tenant, 3).await, None);
    assert!(known(other, 1).await.is_some(), "another tenant's stays");
}
