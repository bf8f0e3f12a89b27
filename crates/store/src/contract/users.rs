//! Users and their extensions.

use std::sync::Arc;

use jackfield_domain::{ExtensionId, GroupId, Money, Query, SessionId, User, UserId, UserSettings};

use super::samples::{
    assert_taken, at, avatar, change, extension_of, insert, make_tenant, refused, secrets, user,
    with_extension,
};
use crate::{Error, Store, encode_user_settings};

/// Every value is kept, at the creation and at a change, and he is found by each of his keys.
pub async fn a_user_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let mut ann = with_extension(user(tenant, 1, "Ann"), "101");
    ann.external_identity = Some("object-1".into());
    ann.avatar = Some(avatar(1));
    let extension = ann.extension.unwrap();
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    let found = |found: Option<User>| assert_eq!(found.as_ref(), Some(&ann));
    found(store.user(tenant, ann.id).await.unwrap());
    found(store.user_by_name(tenant, "ann").await.unwrap());
    found(store.user_by_extension(tenant, "101").await.unwrap());
    assert_eq!(store.user_by_name(tenant, "Ann").await.unwrap(), None);
    assert_eq!(
        store.password_hash(tenant, ann.id).await.unwrap().as_deref(),
        Some("$argon2id$1")
    );
    assert_eq!(
        store.extension_secrets(tenant, extension).await.unwrap(),
        Some(secrets(1))
    );

    let settings = UserSettings {
        custom_options: "{\"a\": \"\u{0}\"}".into(),
        ..UserSettings::default()
    };
    let changed = User {
        email: "New@Example.com".into(),
        display_name: "A".into(),
        enabled: false,
        role: "Admin".into(),
        mobile_phone: "1".into(),
        work_phone: "2".into(),
        home_phone: "3".into(),
        address: "4".into(),
        department: "5".into(),
        dnd: true,
        acb: false,
        balance: Money::from_units(i64::MAX),
        external_identity: None,
        avatar: None,
        profile: "p".into(),
        must_change_password: false,
        sealed_pin: Vec::new(),
        settings: encode_user_settings(&settings),
        updated_at: at(9),
        version: 2,
        ..ann.clone()
    };
    change(store, tenant, async |tx| {
        tx.update_user(&changed).await.unwrap();
        tx.set_password_hash(tenant, ann.id, "$argon2id$2").await.unwrap();
        tx.set_extension_secrets(tenant, extension, &secrets(2))
            .await
            .unwrap();
        assert_eq!(tx.user(tenant, ann.id).await.unwrap().as_ref(), Some(&changed));
    })
    .await;
    assert_eq!(store.user(tenant, ann.id).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(
        store.password_hash(tenant, ann.id).await.unwrap().as_deref(),
        Some("$argon2id$2")
    );
    assert_eq!(
        store.extension_secrets(tenant, extension).await.unwrap(),
        Some(secrets(2))
    );

    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann.id).await.unwrap());
        assert!(!tx.delete_user(tenant, ann.id).await.unwrap());
    })
    .await;
    assert_eq!(store.user(tenant, ann.id).await.unwrap(), None);
    assert_eq!(store.password_hash(tenant, ann.id).await.unwrap(), None);
    assert_eq!(store.extension_secrets(tenant, extension).await.unwrap(), None);
}

/// Case does not tell two names or addresses apart; an empty address is none; another tenant is another world.
pub async fn names_and_addresses_are_unique_in_any_case(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let with_email = |id, name: &str, email: &str| User {
        email: email.into(),
        ..user(tenant, id, name)
    };
    change(store, tenant, async |tx| {
        insert(tx, &with_email(1, "Ann", "Ann@\u{c4}.example")).await;
        insert(tx, &with_email(2, "bob", "")).await;
        insert(tx, &with_email(3, "cid", "")).await;
    })
    .await;
    change(store, other, async |tx| insert(tx, &user(other, 4, "ann")).await).await;

    let twin = with_email(5, "aNN", "");
    let error = refused(store, tenant, async |tx| tx.insert_user(&twin, "").await).await;
    assert_taken!(error, User, Name);
    let twin = with_email(5, "eve", "ANN@\u{e4}.example");
    let error = refused(store, tenant, async |tx| tx.insert_user(&twin, "").await).await;
    assert_taken!(error, User, Email);
    let bob = with_email(2, "bob", "ann@\u{e4}.EXAMPLE");
    let error = refused(store, tenant, async |tx| tx.update_user(&bob).await).await;
    assert_taken!(error, User, Email);
    change(store, tenant, async |tx| {
        let same = with_email(1, "Ann", "ann@\u{e4}.example");
        tx.update_user(&same).await.unwrap();
    })
    .await;
}

/// A number is taken once in a tenant, and free again when its user has gone.
pub async fn numbers_are_unique_and_come_free(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let ann = with_extension(user(tenant, 1, "ann"), "101");
    let bob = with_extension(user(tenant, 2, "bob"), "101");
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    let there = with_extension(user(other, 3, "ann"), "101");
    change(store, other, async |tx| insert(tx, &there).await).await;
    let error = refused(store, tenant, async |tx| {
        tx.insert_extension(&extension_of(&bob)).await
    })
    .await;
    assert_taken!(error, Extension, ExtensionNumber);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann.id).await.unwrap());
        insert(tx, &bob).await;
    })
    .await;
    let found = store.user_by_extension(tenant, "101").await.unwrap().unwrap();
    assert_eq!(found.id, bob.id);
    let found = store.user_by_extension(other, "101").await.unwrap().unwrap();
    assert_eq!(found.id, there.id);
}

/// An extension has to be there before its user, and is his alone.
pub async fn an_extension_has_one_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = with_extension(user(tenant, 1, "ann"), "101");
    let error = refused(store, tenant, async |tx| tx.insert_user(&ann, "").await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    let bob = User {
        extension: ann.extension,
        extension_number: ann.extension_number.clone(),
        ..user(tenant, 2, "bob")
    };
    let error = refused(store, tenant, async |tx| tx.insert_user(&bob, "").await).await;
    assert_taken!(error, User, ExtensionNumber);
}

/// The same ids, names and numbers in two tenants do not touch each other.
pub async fn tenants_do_not_see_each_other(store: Arc<dyn Store>) {
    let store = &*store;
    let here = make_tenant(store, "one.example").await;
    let there = make_tenant(store, "two.example").await;
    let ann = with_extension(user(here, 1, "ann"), "101");
    let twin = with_extension(user(there, 1, "ann"), "101");
    let only_there = with_extension(user(there, 2, "bob"), "102");
    change(store, here, async |tx| insert(tx, &ann).await).await;
    change(store, there, async |tx| {
        insert(tx, &twin).await;
        insert(tx, &only_there).await;
    })
    .await;

    assert_eq!(store.user(here, only_there.id).await.unwrap(), None);
    assert_eq!(store.user_by_name(here, "bob").await.unwrap(), None);
    assert_eq!(store.user_by_extension(here, "102").await.unwrap(), None);
    assert_eq!(store.password_hash(here, only_there.id).await.unwrap(), None);
    let extension = only_there.extension.unwrap();
    assert_eq!(store.extension_secrets(here, extension).await.unwrap(), None);
    assert_eq!(store.list_users(here, &Query::default()).await.unwrap().total, 1);
    assert_eq!(
        store.users_after(here, 0, 10).await.unwrap(),
        std::slice::from_ref(&ann)
    );
    assert_eq!(
        store
            .count_users_with_role(here, "StandardUser", false, None)
            .await
            .unwrap(),
        1
    );

    change(store, here, async |tx| {
        assert!(!tx.delete_user(here, only_there.id).await.unwrap());
        let changed = User {
            display_name: "changed".into(),
            ..ann.clone()
        };
        tx.update_user(&changed).await.unwrap();
        tx.set_password_hash(here, ann.id, "changed").await.unwrap();
        tx.set_extension_secrets(here, ann.extension.unwrap(), &secrets(9))
            .await
            .unwrap();
        let replaced = tx
            .replace_role(here, "StandardUser", "Admin", at(9))
            .await
            .unwrap();
        assert_eq!(replaced, [ann.id]);
        assert!(tx.delete_user(here, ann.id).await.unwrap());
    })
    .await;
    assert_eq!(store.user(there, twin.id).await.unwrap(), Some(twin.clone()));
    assert_eq!(
        store.password_hash(there, twin.id).await.unwrap().as_deref(),
        Some("$argon2id$1")
    );
    let kept = store
        .extension_secrets(there, twin.extension.unwrap())
        .await
        .unwrap();
    assert_eq!(kept, Some(secrets(1)));
}

/// Users are counted by role, and a renamed role renames it at all of them.
pub async fn roles_are_counted_and_replaced(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        for (id, role, enabled) in [
            (3, "Desk", true),
            (1, "Desk", true),
            (2, "Desk", false),
            (4, "desk", true),
        ] {
            let user = User {
                role: role.into(),
                enabled,
                ..user(tenant, id, &format!("u{id}"))
            };
            insert(tx, &user).await;
        }
    })
    .await;
    for (only_enabled, except, expected) in [
        (false, None, 3),
        (true, None, 2),
        (false, Some(UserId::new(2)), 2),
        (true, Some(UserId::new(1)), 1),
        (true, Some(UserId::new(4)), 2),
    ] {
        let count = store
            .count_users_with_role(tenant, "Desk", only_enabled, except)
            .await;
        assert_eq!(count.unwrap(), expected, "{only_enabled} {except:?}");
    }
    change(store, tenant, async |tx| {
        let ids = tx.replace_role(tenant, "Desk", "Front", at(8)).await.unwrap();
        assert_eq!(ids, [UserId::new(1), UserId::new(2), UserId::new(3)]);
        let none = tx.replace_role(tenant, "Desk", "Front", at(8)).await.unwrap();
        assert!(none.is_empty());
    })
    .await;
    let changed = store.user(tenant, UserId::new(2)).await.unwrap().unwrap();
    assert_eq!(
        (changed.role.as_str(), changed.version, changed.updated_at),
        ("Front", 2, at(8))
    );
    let same = store.user(tenant, UserId::new(4)).await.unwrap().unwrap();
    assert_eq!((same.role.as_str(), same.version), ("desk", 1));
}

/// Walking gives each user once.
pub async fn users_are_walked_in_the_order_of_their_ids(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        for id in [9, 2, 11, 5] {
            insert(tx, &user(tenant, id, &format!("u{id}"))).await;
        }
    })
    .await;
    let mut walked = Vec::new();
    let mut after = 0;
    loop {
        let part = store.users_after(tenant, after, 2).await.unwrap();
        let Some(last) = part.last() else { break };
        after = last.id.get();
        walked.extend(part.iter().map(|user| user.id.get()));
    }
    assert_eq!(walked, [2, 5, 9, 11]);
    assert!(store.users_after(tenant, 0, 0).await.unwrap().is_empty());
}

/// A change of a record that is not there does not pass in silence.
pub async fn what_is_not_there_cannot_be_changed(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ghost = user(tenant, 1, "ghost");
    let errors = [
        refused(store, tenant, async |tx| tx.update_user(&ghost).await).await,
        refused(store, tenant, async |tx| {
            tx.set_password_hash(tenant, ghost.id, "x").await
        })
        .await,
        refused(store, tenant, async |tx| {
            tx.set_extension_secrets(tenant, ExtensionId::new(1), &secrets(1))
                .await
        })
        .await,
        refused(store, tenant, async |tx| {
            tx.add_group_member(tenant, GroupId::new(1), ghost.id).await
        })
        .await,
    ];
    for error in errors {
        assert!(matches!(error, Error::Reference), "{error:?}");
    }
    change(store, tenant, async |tx| {
        assert!(!tx.delete_user(tenant, ghost.id).await.unwrap());
        assert!(!tx.delete_session(tenant, SessionId::new(1)).await.unwrap());
    })
    .await;
}

/// A question with characters that no record can have is answered, not refused.
pub async fn no_text_is_too_strange_to_ask_for(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        insert(tx, &user(tenant, 1, "ann")).await;
    })
    .await;
    for text in ["\0", "ann\0", "'; DROP TABLE users; --", "%", "\u{10ffff}", ""] {
        assert_eq!(store.user_by_name(tenant, text).await.unwrap(), None);
        assert_eq!(store.user_by_extension(tenant, text).await.unwrap(), None);
        assert_eq!(store.role_by_name(tenant, text).await.unwrap(), None);
        assert_eq!(store.tenant_by_domain(text).await.unwrap(), None);
        assert_eq!(
            store.group_member(tenant, GroupId::new(1), text).await.unwrap(),
            None
        );
        let count = store
            .count_users_with_role(tenant, text, false, None)
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}

/// Accounts with an address are found whatever their tenant, in any case, and empty addresses are no address.
pub async fn an_address_is_looked_for_in_all_tenants(store: Arc<dyn Store>) {
    let store = &*store;
    let mut expected = Vec::new();
    for (index, domain) in ["one.example", "two.example", "three.example"]
        .into_iter()
        .enumerate()
    {
        let tenant = make_tenant(store, domain).await;
        let first = i64::try_from(index).unwrap() * 10;
        let ann = User {
            email: "Ann@Example.com".into(),
            ..user(tenant, first + 1, "ann")
        };
        let silent = User {
            email: String::new(),
            initial: true,
            location: None,
            ..user(tenant, first + 2, "silent")
        };
        change(store, tenant, async |tx| {
            insert(tx, &ann).await;
            insert(tx, &silent).await;
        })
        .await;
        assert_eq!(
            store.user(tenant, silent.id).await.unwrap().as_ref(),
            Some(&silent)
        );
        expected.push(ann);
    }
    assert_eq!(
        store.users_by_email("ann@example.com", 9).await.unwrap(),
        expected
    );
    let two = store.users_by_email("ann@example.com", 2).await.unwrap();
    assert_eq!((two.len(), two.first()), (2, expected.first()));
    for nobody in ["", "bob@example.com", "ann", "a\0b"] {
        assert!(
            store.users_by_email(nobody, 9).await.unwrap().is_empty(),
            "{nobody:?}"
        );
    }
}

/// A user may get another name: he is found by the new one and no longer by the old, and no two have the same in any case.
pub async fn a_name_may_change_and_stays_unique(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (ann, bob) = (user(tenant, 1, "ann"), user(tenant, 2, "bob"));
    change(store, tenant, async |tx| {
        insert(tx, &ann).await;
        insert(tx, &bob).await;
    })
    .await;
    let named = |name: &str| User {
        name: name.into(),
        ..ann.clone()
    };
    let taken = named("BOB");
    let error = refused(store, tenant, async |tx| tx.update_user(&taken).await).await;
    assert_taken!(error, User, Name);
    for name in ["Ann", "Anna.B"] {
        let renamed = named(name);
        change(store, tenant, async |tx| tx.update_user(&renamed).await.unwrap()).await;
        let folded = name.to_lowercase();
        assert_eq!(store.user_by_name(tenant, &folded).await.unwrap(), Some(renamed));
    }
    assert_eq!(store.user_by_name(tenant, "ann").await.unwrap(), None);
    let search = Query {
        search: jackfield_domain::Search::parse("anna.b").unwrap(),
        ..Query::default()
    };
    assert_eq!(store.list_users(tenant, &search).await.unwrap().total, 1);
}
