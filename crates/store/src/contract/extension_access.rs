//! Extensions, and who may use them.

use std::sync::Arc;

use jackfield_domain::{
    AccessLevel, Comparison, Extension, ExtensionAccess, ExtensionField, ExtensionId, ExtensionMember,
    ExtensionMemberField as F, Filter, Literal, Order, Page, Query, TenantId, User, UserId,
};

use super::samples::{at, change, insert, make_tenant, refused, user, with_extension};
use crate::{Error, Store};

fn said(extension: ExtensionId, level: AccessLevel) -> ExtensionAccess {
    ExtensionAccess {
        extension,
        level,
        comment: "Nachtschicht \u{1f4de}".into(),
        custom_options: "{\"a\": 1}".into(),
        timezone: "Europe/Moscow".into(),
    }
}

fn member(user: &User, access: ExtensionAccess) -> ExtensionMember {
    ExtensionMember {
        id: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        enabled: user.enabled,
        access,
    }
}

/// A tenant with an owner of 1001, an owner of 1002, somebody without an extension, and a guest at 1001 who may only look.
async fn company(store: &dyn Store, domain: &str) -> (TenantId, [User; 4]) {
    let tenant = make_tenant(store, domain).await;
    let people = [
        with_extension(user(tenant, 1, "ada"), "1001"),
        with_extension(user(tenant, 2, "ben"), "1002"),
        user(tenant, 3, "carla"),
        user(tenant, 4, "dave"),
    ];
    change(store, tenant, async |tx| {
        for user in &people {
            insert(tx, user).await;
        }
        let access = said(people[0].extension.unwrap(), AccessLevel::ReadOnly);
        tx.set_extension_access(tenant, people[3].id, &access)
            .await
            .unwrap();
    })
    .await;
    (tenant, people)
}

/// Owners and guests are found, each with what was said of him; nobody else, and nobody of another tenant.
pub async fn owners_and_guests_are_found(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, people) = company(store, "one.example").await;
    let (two, _) = company(store, "two.example").await;
    let [ada, ben, carla, dave] = &people;
    let first = ada.extension.unwrap();
    let guest = said(first, AccessLevel::ReadOnly);
    let expected = [
        member(ada, ExtensionAccess::of_owner(first)),
        member(ben, ExtensionAccess::of_owner(ben.extension.unwrap())),
        member(dave, guest.clone()),
    ];
    assert_eq!(
        store
            .list_extension_members(one, &Query::default())
            .await
            .unwrap(),
        expected
    );
    assert_eq!(
        store.extension_member(one, dave.id).await.unwrap(),
        Some(expected[2].clone())
    );
    assert_eq!(store.extension_member(one, carla.id).await.unwrap(), None);
    assert_eq!(
        store.extension_member(TenantId::SYSTEM, ada.id).await.unwrap(),
        None
    );
    assert_eq!(store.extension_access(one, ada.id).await.unwrap(), None);
    assert_eq!(store.extension_access(one, dave.id).await.unwrap(), Some(guest));
    assert_eq!(store.users_with_access(one, first).await.unwrap(), [dave.id]);
    assert_eq!(
        store.users_with_access(one, ExtensionId::new(7)).await.unwrap(),
        []
    );

    // A second word takes the place of the first, for an owner too.
    let other = said(first, AccessLevel::Full);
    change(store, one, async |tx| {
        for id in [ada.id, dave.id] {
            tx.set_extension_access(one, id, &other).await.unwrap();
        }
    })
    .await;
    assert_eq!(
        store.extension_access(one, dave.id).await.unwrap(),
        Some(other.clone())
    );
    assert_eq!(
        store.extension_member(one, ada.id).await.unwrap(),
        Some(member(ada, other))
    );
    assert_eq!(
        store.users_with_access(one, first).await.unwrap(),
        [ada.id, dave.id]
    );
    assert_eq!(
        store
            .extension_access(two, UserId::new(4))
            .await
            .unwrap()
            .unwrap()
            .level,
        AccessLevel::ReadOnly
    );
    let stranger = said(ExtensionId::new(7), AccessLevel::Full);
    let error = refused(store, one, async |tx| {
        tx.set_extension_access(one, dave.id, &stranger).await
    })
    .await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// Both lists are filtered, ordered and paged.
pub async fn members_and_extensions_are_listed(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, people) = company(store, "one.example").await;
    let query = |filter, order: &[(F, Order)], skip, take| Query {
        filter,
        order: order.to_vec(),
        page: Page { skip, take },
        ..Query::default()
    };
    let equal = |field, literal| Some(Filter::Compare(field, Comparison::Equal, literal));
    let text = |text: &str| Literal::Text(text.to_owned());
    let first = people[0].extension.unwrap().get();
    for (query, names) in [
        (
            query(equal(F::Extension, Literal::Number(first)), &[], 0, 9),
            "ada dave",
        ),
        (query(equal(F::Level, text("read_only")), &[], 0, 9), "dave"),
        (query(equal(F::Level, text("full")), &[], 0, 9), "ada ben"),
        (query(equal(F::Comment, Literal::Null), &[], 0, 9), "ada ben"),
        (
            query(equal(F::Comment, text("Nachtschicht \u{1f4de}")), &[], 0, 9),
            "dave",
        ),
        (
            query(equal(F::Timezone, text("Europe/Moscow")), &[], 0, 9),
            "dave",
        ),
        (query(equal(F::Name, text("ben")), &[], 0, 9), "ben"),
        (query(equal(F::Name, text("BEN")), &[], 0, 9), ""),
        (
            query(equal(F::Email, text("dave@example.com")), &[], 0, 9),
            "dave",
        ),
        (query(equal(F::Enabled, Literal::Flag(false)), &[], 0, 9), ""),
        (query(equal(F::DisplayName, text("ada of 1")), &[], 0, 9), "ada"),
        (query(equal(F::Name, text("a\0")), &[], 0, 9), ""),
        (query(None, &[(F::Name, Order::Descending)], 0, 2), "dave ben"),
        (query(None, &[], 1, 1), "ben"),
        (query(None, &[], 3, 9), ""),
    ] {
        let list = store.list_extension_members(tenant, &query).await.unwrap();
        let found: Vec<_> = list.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(found.join(" "), names, "{query:?}");
    }
    let whole = store.list_extensions(tenant, &Query::default()).await.unwrap();
    let shown: Vec<_> = whole
        .iter()
        .map(|extension| {
            (
                extension.number.as_str(),
                extension.owner,
                extension.display_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("1001", people[0].id, "ada of 1"),
            ("1002", people[1].id, "ben of 2")
        ]
    );
    let [first, second] = <[Extension; 2]>::try_from(whole).unwrap();
    assert_eq!((first.enabled, first.created_at), (true, at(1)));
    assert_eq!(
        store.extension(tenant, second.id).await.unwrap().as_ref(),
        Some(&second)
    );
    assert_eq!(store.extension(TenantId::SYSTEM, second.id).await.unwrap(), None);
    let numbered = Query {
        filter: Some(Filter::Compare(
            ExtensionField::Number,
            Comparison::Equal,
            Literal::Text("1002".into()),
        )),
        order: vec![(ExtensionField::DisplayName, Order::Descending)],
        ..Query::default()
    };
    assert_eq!(store.list_extensions(tenant, &numbered).await.unwrap(), [second]);
}

/// A right ends with its user, and with the extension that it is a right to.
pub async fn rights_end_with_user_and_extension(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, [ada, ben, _, dave]) = company(store, "one.example").await;
    let at_ben = said(ben.extension.unwrap(), AccessLevel::Full);
    change(store, tenant, async |tx| {
        tx.set_extension_access(tenant, ada.id, &said(ada.extension.unwrap(), AccessLevel::Full))
            .await
            .unwrap();
        tx.set_extension_access(tenant, UserId::new(3), &at_ben)
            .await
            .unwrap();
        assert!(tx.delete_user(tenant, ada.id).await.unwrap());
        assert!(tx.delete_user(tenant, UserId::new(3)).await.unwrap());
    })
    .await;
    assert_eq!(store.extension_access(tenant, dave.id).await.unwrap(), None);
    assert!(store.user(tenant, dave.id).await.unwrap().is_some());
    let left = store
        .list_extension_members(tenant, &Query::default())
        .await
        .unwrap();
    let left: Vec<_> = left.iter().map(|member| member.id).collect();
    assert_eq!(left, [ben.id]);
    assert_eq!(
        store
            .users_with_access(tenant, ben.extension.unwrap())
            .await
            .unwrap(),
        []
    );
}
