//! Tenants.

use std::sync::Arc;

use jackfield_domain::{
    Actor, ChangeType, GroupId, Kind, PasswordPolicy, Query, SealedSecret, SessionId, Tenant, TenantId,
    UserId,
};

use super::samples::{
    assert_taken, at, change, group, hash, insert, make_tenant, refused, role, session, token, user,
    with_extension,
};
use crate::{NewChange, Store};

/// Every value is kept, at the creation and at a change.
pub async fn a_tenant_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let mut tenant = Tenant {
        name: "Demo \u{e9}".into(),
        domain: "demo.example".into(),
        enabled: false,
        website: "https://demo.example".into(),
        timezone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        region: "DEU".into(),
        max_extensions: 5,
        max_concurrent_calls: 6,
        password_policy: PasswordPolicy {
            min_length: 9,
            ..PasswordPolicy::default()
        },
        version: 3,
        ..Tenant::blank(TenantId::new(200_000), at(5))
    };
    tenant.settings.stir_shaken_key = SealedSecret(vec![0, 200, 13]);
    change(store, TenantId::SYSTEM, async |tx| {
        tx.insert_tenant(&tenant).await.unwrap();
        assert_eq!(tx.tenant(tenant.id).await.unwrap().as_ref(), Some(&tenant));
    })
    .await;
    assert_eq!(store.tenant(tenant.id).await.unwrap().as_ref(), Some(&tenant));
    let found = store.tenant_by_domain("demo.example").await.unwrap();
    assert_eq!(found.as_ref(), Some(&tenant));
    assert_eq!(store.tenant_by_domain("other.example").await.unwrap(), None);

    tenant.name = "Other".into();
    tenant.domain = "other.example".into();
    tenant.enabled = true;
    tenant.website = String::new();
    tenant.timezone = "UTC".into();
    tenant.currency = "USD".into();
    tenant.region = "USA".into();
    tenant.max_extensions = 7;
    tenant.max_concurrent_calls = 8;
    tenant.password_policy.max_length = 20;
    tenant.settings.enable_night_mode = true;
    tenant.version = 4;
    change(store, tenant.id, async |tx| {
        tx.update_tenant(&tenant).await.unwrap();
    })
    .await;
    assert_eq!(store.tenant(tenant.id).await.unwrap().as_ref(), Some(&tenant));
    assert_eq!(store.tenant_version(tenant.id).await.unwrap(), Some(4));
    assert_eq!(store.tenant_version(TenantId::new(999_999)).await.unwrap(), None);
    assert_eq!(store.tenant_by_domain("demo.example").await.unwrap(), None);
}

/// No two tenants have the same domain.
pub async fn domains_are_unique(store: Arc<dyn Store>) {
    let store = &*store;
    let first = make_tenant(store, "one.example").await;
    let second = make_tenant(store, "two.example").await;
    let twin = Tenant {
        domain: "one.example".into(),
        ..Tenant::blank(TenantId::new(300_000), at(0))
    };
    let error = refused(store, TenantId::SYSTEM, async |tx| tx.insert_tenant(&twin).await).await;
    assert_taken!(error, Tenant, Domain);
    let mut other = store.tenant(second).await.unwrap().unwrap();
    other.domain = "one.example".into();
    let error = refused(store, second, async |tx| tx.update_tenant(&other).await).await;
    assert_taken!(error, Tenant, Domain);
    let found = store.tenant_by_domain("one.example").await.unwrap().unwrap();
    assert_eq!(found.id, first);
}

/// The installation has a journal and users, and is not found as a tenant.
pub async fn the_installation_is_no_tenant(store: Arc<dyn Store>) {
    let store = &*store;
    assert_eq!(store.tenant(TenantId::SYSTEM).await.unwrap(), None);
    assert_eq!(store.list_tenants(&Query::default()).await.unwrap().total, 0);
    change(store, TenantId::SYSTEM, async |tx| {
        insert(tx, &user(TenantId::SYSTEM, 1, "admin")).await;
        let number = tx.append(&entry(1)).await.unwrap();
        assert_eq!(number, 1);
        assert!(!tx.delete_tenant(TenantId::SYSTEM).await.unwrap());
    })
    .await;
    assert_eq!(store.last_change(TenantId::SYSTEM).await.unwrap(), 1);
    assert_eq!(store.tenant(TenantId::SYSTEM).await.unwrap(), None);
}

/// The number of extensions follows what is made and removed.
pub async fn extensions_are_counted(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        insert(tx, &with_extension(user(tenant, 1, "ann"), "101")).await;
        insert(tx, &with_extension(user(tenant, 2, "bob"), "102")).await;
        insert(tx, &user(tenant, 3, "eve")).await;
        assert_eq!(tx.count_extensions(tenant).await.unwrap(), 2);
        assert_eq!(tx.count_users(tenant).await.unwrap(), 3);
    })
    .await;
    assert_eq!(store.count_extensions(tenant).await.unwrap(), 2);
    assert_eq!(store.count_extensions(other).await.unwrap(), 0);
    assert_eq!(store.count_extensions(TenantId::new(999_999)).await.unwrap(), 0);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, UserId::new(1)).await.unwrap());
        assert!(tx.delete_user(tenant, UserId::new(3)).await.unwrap());
    })
    .await;
    assert_eq!(store.count_extensions(tenant).await.unwrap(), 1);
}

fn entry(record: i64) -> NewChange {
    NewChange {
        kind: Kind::Tenant,
        record,
        owner: None,
        change: ChangeType::Deleted,
        actor: Actor::SYSTEM,
        at: at(6),
        detail: None,
    }
}

/// Removing a tenant leaves nothing of it, its journal included, and everything of others; the installation's journal keeps
/// what it is told.
pub async fn everything_goes_with_its_tenant(store: Arc<dyn Store>) {
    let store = &*store;
    let gone = make_tenant(store, "one.example").await;
    let stays = make_tenant(store, "two.example").await;
    for (tenant, offset) in [(gone, 0), (stays, 1000)] {
        change(store, tenant, async |tx| {
            let ann = with_extension(user(tenant, 1, "ann"), "101");
            insert(tx, &ann).await;
            tx.insert_role(&role(tenant, 2, "Desk")).await.unwrap();
            tx.insert_group(&group(tenant, 3, "Sales")).await.unwrap();
            tx.add_group_member(tenant, GroupId::new(3), ann.id)
                .await
                .unwrap();
            let session = session(tenant, 4 + offset, ann.id, 0);
            tx.insert_session(&session).await.unwrap();
            tx.insert_token(&token(&session, tenant.get(), 50)).await.unwrap();
            tx.append(&entry(1)).await.unwrap();
        })
        .await;
    }
    change(store, TenantId::SYSTEM, async |tx| {
        assert!(tx.delete_tenant(gone).await.unwrap());
        assert!(!tx.delete_tenant(gone).await.unwrap());
        tx.append(&entry(gone.get())).await.unwrap();
    })
    .await;
    for (tenant, there) in [(gone, false), (stays, true)] {
        let ann = UserId::new(1);
        assert_eq!(store.tenant(tenant).await.unwrap().is_some(), there);
        assert_eq!(store.user(tenant, ann).await.unwrap().is_some(), there);
        assert_eq!(store.roles(tenant).await.unwrap().len(), usize::from(there));
        assert_eq!(
            store.group_members(tenant, GroupId::new(3)).await.unwrap().len(),
            usize::from(there)
        );
        assert_eq!(store.token(&hash(tenant.get())).await.unwrap().is_some(), there);
        assert_eq!(store.last_change(tenant).await.unwrap(), i64::from(there));
        assert_eq!(
            store.changes_after(tenant, 0, 10).await.unwrap().len(),
            usize::from(there)
        );
        assert_eq!(store.count_extensions(tenant).await.unwrap(), i64::from(there));
    }
    let kept = store.changes_after(TenantId::SYSTEM, 0, 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    // A row left behind would stand in the way of the same tenant made anew.
    change(store, TenantId::SYSTEM, async |tx| {
        let again = Tenant {
            domain: "one.example".into(),
            ..Tenant::blank(gone, at(0))
        };
        tx.insert_tenant(&again).await.unwrap();
    })
    .await;
    change(store, gone, async |tx| {
        let ann = with_extension(user(gone, 1, "ann"), "101");
        insert(tx, &ann).await;
        tx.insert_group(&group(gone, 3, "Sales")).await.unwrap();
        assert!(tx.add_group_member(gone, GroupId::new(3), ann.id).await.unwrap());
        tx.insert_session(&session(gone, 4, ann.id, 0)).await.unwrap();
        assert_eq!(tx.append(&entry(1)).await.unwrap(), 1);
        assert!(tx.delete_session(gone, SessionId::new(4)).await.unwrap());
    })
    .await;
}
