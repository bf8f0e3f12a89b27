//! Groups of users.

use std::sync::Arc;

use jackfield_domain::{Group, GroupMember, TenantId, User};

use super::samples::{assert_taken, change, group, insert, make_tenant, refused, user, with_extension};
use crate::{Error, Store};

/// Every value is kept.
pub async fn a_group_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let sales = group(tenant, 1, "Sales");
    change(store, tenant, async |tx| tx.insert_group(&sales).await.unwrap()).await;
    assert_eq!(store.group(tenant, sales.id).await.unwrap(), Some(sales.clone()));
    assert_eq!(store.group(other, sales.id).await.unwrap(), None);
    let changed = Group {
        name: "Other".into(),
        description: "d".into(),
        outbound_caller_ids: Vec::new(),
        version: 2,
        ..sales.clone()
    };
    change(store, tenant, async |tx| {
        tx.update_group(&changed).await.unwrap();
    })
    .await;
    assert_eq!(store.group(tenant, sales.id).await.unwrap(), Some(changed));
    change(store, other, async |tx| {
        assert!(!tx.delete_group(other, sales.id).await.unwrap());
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_group(tenant, sales.id).await.unwrap());
        assert!(!tx.delete_group(tenant, sales.id).await.unwrap());
    })
    .await;
    assert_eq!(store.group(tenant, sales.id).await.unwrap(), None);
    let error = refused(store, tenant, async |tx| tx.update_group(&sales).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// Case does not tell two groups apart; tenants do.
pub async fn names_of_groups_are_unique_in_any_case(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        tx.insert_group(&group(tenant, 1, "Sales")).await.unwrap();
        tx.insert_group(&group(tenant, 2, "Back")).await.unwrap();
    })
    .await;
    change(store, other, async |tx| {
        tx.insert_group(&group(other, 1, "Sales")).await.unwrap();
    })
    .await;
    let twin = group(tenant, 3, "SALES");
    let error = refused(store, tenant, async |tx| tx.insert_group(&twin).await).await;
    assert_taken!(error, Group, Name);
    let renamed = group(tenant, 2, "sales");
    let error = refused(store, tenant, async |tx| tx.update_group(&renamed).await).await;
    assert_taken!(error, Group, Name);
}

fn member(user: &User) -> GroupMember {
    GroupMember {
        id: user.id,
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        extension_number: user.extension_number.clone(),
    }
}

/// Memberships are told by both sides, and adding one twice is no error.
pub async fn members_come_and_go(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let ann = with_extension(user(tenant, 12, "ann"), "101");
    let bob = user(tenant, 11, "bob");
    let (sales, desk) = (group(tenant, 2, "Sales"), group(tenant, 1, "Desk"));
    change(store, tenant, async |tx| {
        insert(tx, &ann).await;
        insert(tx, &bob).await;
        tx.insert_group(&sales).await.unwrap();
        tx.insert_group(&desk).await.unwrap();
        assert!(tx.add_group_member(tenant, sales.id, ann.id).await.unwrap());
        assert!(!tx.add_group_member(tenant, sales.id, ann.id).await.unwrap());
        assert!(tx.add_group_member(tenant, sales.id, bob.id).await.unwrap());
        assert!(tx.add_group_member(tenant, desk.id, ann.id).await.unwrap());
    })
    .await;
    let members = store.group_members(tenant, sales.id).await.unwrap();
    assert_eq!(members, [member(&bob), member(&ann)]);
    assert!(store.group_members(other, sales.id).await.unwrap().is_empty());
    let found = store.group_member(tenant, sales.id, "101").await.unwrap();
    assert_eq!(found, Some(member(&ann)));
    assert_eq!(store.group_member(tenant, sales.id, "102").await.unwrap(), None);
    let groups = store.groups_of_user(tenant, ann.id).await.unwrap();
    assert_eq!(groups, [desk.clone(), sales.clone()]);
    assert!(store.groups_of_user(other, ann.id).await.unwrap().is_empty());
    change(store, tenant, async |tx| {
        assert!(tx.remove_group_member(tenant, sales.id, ann.id).await.unwrap());
        assert!(!tx.remove_group_member(tenant, sales.id, ann.id).await.unwrap());
        assert!(!tx.remove_group_member(other, sales.id, bob.id).await.unwrap());
    })
    .await;
    assert_eq!(store.groups_of_user(tenant, ann.id).await.unwrap(), [desk]);
    assert_eq!(
        store.group_members(tenant, sales.id).await.unwrap(),
        [member(&bob)]
    );
}

/// A membership ends with its user and with its group, and neither takes the other along.
pub async fn memberships_end_with_either_side(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (ann, bob) = (user(tenant, 11, "ann"), user(tenant, 12, "bob"));
    let (sales, desk) = (group(tenant, 1, "Sales"), group(tenant, 2, "Desk"));
    change(store, tenant, async |tx| {
        for user in [&ann, &bob] {
            insert(tx, user).await;
        }
        for group in [&sales, &desk] {
            tx.insert_group(group).await.unwrap();
            for user in [&ann, &bob] {
                assert!(tx.add_group_member(tenant, group.id, user.id).await.unwrap());
            }
        }
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann.id).await.unwrap());
        assert!(tx.delete_group(tenant, sales.id).await.unwrap());
    })
    .await;
    assert_eq!(
        store.groups_of_user(tenant, bob.id).await.unwrap(),
        std::slice::from_ref(&desk)
    );
    assert_eq!(
        store.group_members(tenant, desk.id).await.unwrap(),
        [member(&bob)]
    );
    assert!(store.group_members(tenant, sales.id).await.unwrap().is_empty());
    assert!(store.groups_of_user(tenant, ann.id).await.unwrap().is_empty());
}

/// Each membership of several users, by user and group, and of nobody else.
pub async fn groups_of_several_users_come_at_once(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (ann, bob, eve) = (
        user(tenant, 1, "ann"),
        user(tenant, 2, "bob"),
        user(tenant, 3, "eve"),
    );
    let (sales, support) = (group(tenant, 1, "Sales"), group(tenant, 2, "Support"));
    let ids = [sales.id, support.id];
    change(store, tenant, async |tx| {
        for user in [&ann, &bob, &eve] {
            insert(tx, user).await;
        }
        for group in [&sales, &support] {
            tx.insert_group(group).await.unwrap();
        }
        for (group, user) in [(&support, &ann), (&sales, &ann), (&sales, &bob), (&sales, &eve)] {
            tx.add_group_member(tenant, group.id, user.id).await.unwrap();
        }
    })
    .await;
    let found = store.groups_of_users(tenant, &[2, 1, 77]).await.unwrap();
    assert_eq!(
        found,
        [(ann.id, sales.clone()), (ann.id, support), (bob.id, sales)]
    );
    assert!(store.groups_of_users(tenant, &[]).await.unwrap().is_empty());
    assert!(
        store
            .groups_of_users(TenantId::SYSTEM, &[1, 2])
            .await
            .unwrap()
            .is_empty()
    );
    let found = store.members_of_groups(tenant, &[2, 1, 77]).await.unwrap();
    let found: Vec<_> = found.iter().map(|(group, member)| (*group, member.id)).collect();
    let [first, second] = ids;
    assert_eq!(
        found,
        [
            (first, ann.id),
            (first, bob.id),
            (first, eve.id),
            (second, ann.id)
        ]
    );
    assert!(
        store
            .members_of_groups(TenantId::SYSTEM, &[1, 2])
            .await
            .unwrap()
            .is_empty()
    );
}
