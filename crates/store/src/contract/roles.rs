//! Custom roles.

use std::sync::Arc;

use jackfield_domain::{Permission, Permissions, Role};

use super::samples::{assert_taken, change, make_tenant, refused, role};
use crate::{Error, Store};

/// Every value is kept, and roles are listed by name.
pub async fn a_role_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let desk = role(tenant, 2, "Desk");
    let back = role(tenant, 1, "back office");
    change(store, tenant, async |tx| {
        tx.insert_role(&back).await.unwrap();
        tx.insert_role(&desk).await.unwrap();
    })
    .await;
    // Upper-case letters come first, on every engine.
    assert_eq!(store.roles(tenant).await.unwrap(), [desk.clone(), back.clone()]);
    assert_eq!(
        store.role_by_name(tenant, "desk").await.unwrap(),
        Some(desk.clone())
    );
    assert_eq!(store.role_by_name(tenant, "Desk").await.unwrap(), None);
    assert_eq!(store.role_by_name(other, "desk").await.unwrap(), None);
    assert!(store.roles(other).await.unwrap().is_empty());

    let changed = Role {
        name: "Front".into(),
        description: "d".into(),
        permissions: Permissions::of(&[Permission::BillingFull]),
        version: 2,
        ..desk.clone()
    };
    change(store, tenant, async |tx| tx.update_role(&changed).await.unwrap()).await;
    assert_eq!(store.role_by_name(tenant, "front").await.unwrap(), Some(changed));
    assert_eq!(store.role_by_name(tenant, "desk").await.unwrap(), None);
    change(store, other, async |tx| {
        assert!(!tx.delete_role(other, desk.id).await.unwrap());
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_role(tenant, desk.id).await.unwrap());
        assert!(!tx.delete_role(tenant, desk.id).await.unwrap());
    })
    .await;
    assert_eq!(store.roles(tenant).await.unwrap(), [back]);
    let error = refused(store, tenant, async |tx| tx.update_role(&desk).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// Case does not tell two roles apart; tenants do.
pub async fn names_of_roles_are_unique_in_any_case(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        tx.insert_role(&role(tenant, 1, "Desk")).await.unwrap();
        tx.insert_role(&role(tenant, 2, "Back")).await.unwrap();
    })
    .await;
    change(store, other, async |tx| {
        tx.insert_role(&role(other, 1, "Desk")).await.unwrap();
    })
    .await;
    let twin = role(tenant, 3, "dESK");
    let error = refused(store, tenant, async |tx| tx.insert_role(&twin).await).await;
    assert_taken!(error, Role, Name);
    let renamed = role(tenant, 2, "desk");
    let error = refused(store, tenant, async |tx| tx.update_role(&renamed).await).await;
    assert_taken!(error, Role, Name);
}
