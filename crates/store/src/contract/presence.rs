//! Registrations and presence.

use std::sync::Arc;

use jackfield_domain::{
    ExtensionId, NewRegistration, Patch, Presence, PresencePatch, Registration, Renewal, SipRoute, TenantId,
    UserId, UserPresence,
};

use super::samples::{at, change, insert, make_tenant, user, with_extension};
use crate::{ExtensionUser, Store};

fn bound(tenant: TenantId, user: i64, instance_id: &str, until: i64) -> Registration {
    Registration {
        tenant,
        user: UserId::new(user),
        binding: NewRegistration {
            instance_id: instance_id.into(),
            user_agent: "Desk phone 1.0 \u{1f4de}".into(),
            application: "Desk".into(),
            ip: "192.0.2.1".into(),
            enable_push: true,
            contact_address: "sip:1001@192.0.2.1:5060;transport=tcp".into(),
            expires_at: at(until),
        },
        updated_at: at(1),
        route: Some(SipRoute {
            received: "udp:[2001:db8::1]:5060".into(),
            path: "<sip:edge.example;lr>, <sip:two.example;lr>".into(),
            call_id: "a84b4c76e66710@192.0.2.1".into(),
            cseq: u32::MAX,
            preference: 250,
            edge: "e1".into(),
        }),
    }
}

/// Engines name extensions: whose they are is asked for many at once.
pub async fn users_are_found_by_their_extensions(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        for id in 1..=120 {
            let one = with_extension(user(tenant, id, &format!("user{id}")), &(2000 + id).to_string());
            let enabled = id != 7;
            insert(tx, &jackfield_domain::User { enabled, ..one }).await;
        }
        insert(tx, &user(tenant, 121, "without")).await;
    })
    .await;
    change(store, other, async |tx| {
        insert(tx, &with_extension(user(other, 130, "ada"), "3000")).await;
    })
    .await;
    let numbers: Vec<String> = (2000..=2121).map(|number| number.to_string()).collect();
    let mut asked: Vec<&str> = numbers.iter().map(String::as_str).collect();
    asked.extend(["", "\0", "3000"]);
    let mut found = store.users_of_extensions(tenant, &asked).await.unwrap();
    found.sort_by_key(|one| one.user);
    let expected: Vec<_> = (1..=120)
        .map(|id| ExtensionUser {
            number: (2000 + id).to_string(),
            user: UserId::new(id),
            enabled: id != 7,
            extension: ExtensionId::new(id + 1_000_000),
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(store.users_of_extensions(tenant, &[]).await.unwrap(), []);
}

/// Every value is kept; a second report with the same instance id replaces the first, and of no other user.
pub async fn a_registration_comes_back_until_it_ends(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (ada, ben) = (user(tenant, 1, "ada"), user(tenant, 2, "ben"));
    let (first, second) = (bound(tenant, 1, "b", 10), bound(tenant, 1, "a", 20));
    change(store, tenant, async |tx| {
        insert(tx, &ada).await;
        insert(tx, &ben).await;
        for registration in [&first, &second, &bound(tenant, 2, "a", 30)] {
            tx.put_registration(registration).await.unwrap();
        }
    })
    .await;
    let all = store.registrations(tenant, ada.id, at(9)).await.unwrap();
    assert_eq!(all, [second.clone(), first.clone()]);
    // At the very moment of its end it is bound no longer.
    let rest = store.registrations(tenant, ada.id, at(10)).await.unwrap();
    assert_eq!(rest, [second]);
    let renewed = Registration {
        binding: NewRegistration {
            user_agent: "2.0".into(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: String::new(),
            expires_at: at(40),
            ..first.binding
        },
        updated_at: at(2),
        route: None,
        ..first
    };
    change(store, tenant, async |tx| {
        tx.put_registration(&renewed).await.unwrap();
        assert!(tx.delete_registration(tenant, ada.id, "a").await.unwrap());
        assert!(!tx.delete_registration(tenant, ada.id, "a").await.unwrap());
        assert!(!tx.delete_registration(tenant, ada.id, "\0").await.unwrap());
    })
    .await;
    let all = store.registrations(tenant, ada.id, at(9)).await.unwrap();
    assert_eq!(all, [renewed]);
    assert_eq!(store.registrations(tenant, ben.id, at(9)).await.unwrap().len(), 1);
}

/// The people of a team are asked for at once, however many they are.
pub async fn states_of_several_users_come_at_once(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let said = |tenant, id, presence| UserPresence {
        tenant,
        user: UserId::new(id),
        presence,
        note: format!("note {id}"),
        locked: id == 1,
        updated_at: at(3),
    };
    change(store, tenant, async |tx| {
        for id in 1..=120 {
            insert(tx, &user(tenant, id, &format!("user{id}"))).await;
        }
        for (id, instance) in [(120, "b"), (120, "a"), (1, "x"), (2, "y")] {
            tx.put_registration(&bound(tenant, id, instance, 10))
                .await
                .unwrap();
        }
        for id in [1, 120] {
            tx.put_presence(&said(tenant, id, Presence::Lunch)).await.unwrap();
        }
    })
    .await;
    change(store, other, async |tx| {
        insert(tx, &user(other, 1, "ada")).await;
        tx.put_registration(&bound(other, 1, "z", 10)).await.unwrap();
        tx.put_presence(&said(other, 1, Presence::Away)).await.unwrap();
    })
    .await;
    let all: Vec<i64> = (0..=121).filter(|id| *id != 2).collect();
    let found = store.registrations_among(tenant, &all, at(9)).await.unwrap();
    let expected = [
        bound(tenant, 1, "x", 10),
        bound(tenant, 120, "a", 10),
        bound(tenant, 120, "b", 10),
    ];
    assert_eq!(found, expected);
    assert_eq!(store.registrations_among(tenant, &all, at(10)).await.unwrap(), []);
    let found = store.presences_among(tenant, &all).await.unwrap();
    assert_eq!(
        found,
        [
            said(tenant, 1, Presence::Lunch),
            said(tenant, 120, Presence::Lunch)
        ]
    );
    assert_eq!(store.presences_among(tenant, &[]).await.unwrap(), []);
}

/// What ended is removed in all tenants; what goes on stays.
pub async fn ended_registrations_are_purged(store: Arc<dyn Store>) {
    let store = &*store;
    let tenants = [
        make_tenant(store, "one.example").await,
        make_tenant(store, "two.example").await,
    ];
    for tenant in tenants {
        change(store, tenant, async |tx| {
            insert(tx, &user(tenant, 1, "ada")).await;
            tx.put_registration(&bound(tenant, 1, "old", 10)).await.unwrap();
            tx.put_registration(&bound(tenant, 1, "new", 11)).await.unwrap();
        })
        .await;
    }
    let purge = async |now| {
        change(store, TenantId::SYSTEM, async |tx| {
            tx.purge_registrations(at(now)).await.unwrap()
        })
        .await
    };
    assert_eq!(purge(10).await, 2);
    assert_eq!(purge(10).await, 0);
    for tenant in tenants {
        let left = store.registrations(tenant, UserId::new(1), at(0)).await.unwrap();
        assert_eq!(left, [bound(tenant, 1, "new", 11)]);
    }
}

/// Of many renewals at once those are carried out that still hold; what is gone, was bound anew or was renewed later stays as it is.
pub async fn registrations_are_renewed_and_none_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let at_seven = |tenant, id| {
        let mut one = bound(tenant, id, "a", 10);
        if let Some(route) = &mut one.route {
            route.cseq = 7;
        }
        one
    };
    for tenant in [tenant, other] {
        change(store, tenant, async |tx| {
            for id in 1..=70 {
                insert(tx, &user(tenant, id, &format!("user{id}"))).await;
                tx.put_registration(&at_seven(tenant, id)).await.unwrap();
            }
        })
        .await;
    }
    let renewal = |tenant, id| Renewal {
        tenant,
        user: UserId::new(id),
        instance_id: "a".into(),
        before: "a84b4c76e66710@192.0.2.1".into(),
        call_id: "a84b4c76e66710@192.0.2.1".into(),
        cseq: 8,
        expires_at: at(20),
        updated_at: at(5),
    };
    let renew = async |renewals: &[Renewal]| {
        change(store, TenantId::SYSTEM, async |tx| {
            tx.renew_registrations(renewals).await.unwrap()
        })
        .await
    };
    assert_eq!(renew(&[]).await, 0);
    change(store, tenant, async |tx| {
        assert!(tx.delete_registration(tenant, UserId::new(2), "a").await.unwrap());
    })
    .await;
    // More than one statement carries, in both tenants.
    let mut all: Vec<Renewal> = (1..=70).map(|id| renewal(tenant, id)).collect();
    all.extend((1..=70).map(|id| renewal(other, id)));
    let changes: [fn(&mut Renewal); 5] = [
        |one| one.before = "another".into(),
        |one| one.cseq = 7,
        |one| one.expires_at = at(9),
        |one| one.instance_id = "b".into(),
        |one| one.user = UserId::new(99),
    ];
    // From the third on: the second is gone.
    for (one, change) in all.iter_mut().skip(2).zip(changes) {
        change(one);
    }
    assert_eq!(renew(&all).await, 140 - 6);
    assert_eq!(renew(&all).await, 0, "the number has been used");
    for tenant in [tenant, other] {
        for id in 1..=70 {
            let found = store.registrations(tenant, UserId::new(id), at(0)).await.unwrap();
            let mut expected = at_seven(tenant, id);
            let untouched = tenant != other && (2..=7).contains(&id);
            if !untouched {
                expected.binding.expires_at = at(20);
                expected.updated_at = at(5);
                if let Some(route) = &mut expected.route {
                    route.cseq = 8;
                }
            }
            let expected: Vec<_> = [expected]
                .into_iter()
                .filter(|_| tenant == other || id != 2)
                .collect();
            assert_eq!(found, expected, "user {id}");
        }
    }
    // A device that was started anew counts from the beginning again.
    let mut anew = renewal(tenant, 1);
    (anew.call_id, anew.cseq) = ("new".into(), 1);
    assert_eq!(renew(&[anew.clone()]).await, 1);
    let found = store.registrations(tenant, UserId::new(1), at(0)).await.unwrap();
    let route = found.first().and_then(|one| one.route.clone()).unwrap();
    assert_eq!((route.call_id.as_str(), route.cseq), ("new", 1));
    assert_eq!(
        renew(&[anew]).await,
        0,
        "it follows another request than the last one"
    );
    // One that an engine reported is not the edge's to renew.
    change(store, tenant, async |tx| {
        let reported = Registration {
            route: None,
            ..bound(tenant, 1, "a", 10)
        };
        tx.put_registration(&reported).await.unwrap();
    })
    .await;
    let mut later = renewal(tenant, 1);
    later.cseq = 9;
    assert_eq!(renew(&[later]).await, 0);
}

/// What a user says comes back, and goes with him, as his registrations do.
pub async fn presence_and_registrations_go_with_their_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let ada = with_extension(user(tenant, 1, "ada"), "1001");
    change(store, tenant, async |tx| insert(tx, &ada).await).await;
    assert_eq!(store.presence(tenant, ada.id).await.unwrap(), None);
    let mut said = UserPresence::unsaid(tenant, ada.id, at(3));
    for presence in Presence::ALL {
        let patch = PresencePatch {
            presence: Patch::Set(*presence),
            note: Patch::Set(format!("{presence:?} \u{1f374}")),
        };
        let locked = said.locked;
        said.locked = false;
        patch.apply(&mut said).unwrap();
        said.locked = !locked;
        change(store, tenant, async |tx| tx.put_presence(&said).await.unwrap()).await;
        assert_eq!(store.presence(tenant, ada.id).await.unwrap(), Some(said.clone()));
        assert_eq!(store.presence(other, ada.id).await.unwrap(), None);
    }
    change(store, tenant, async |tx| {
        tx.put_registration(&bound(tenant, 1, "a", 10)).await.unwrap();
        tx.put_registration(&bound(tenant, 1, "b", 10)).await.unwrap();
        assert_eq!(tx.delete_registrations_of_user(tenant, ada.id).await.unwrap(), 2);
        tx.put_registration(&bound(tenant, 1, "a", 10)).await.unwrap();
        tx.put_registration(&bound(tenant, 1, "b", 10)).await.unwrap();
        assert_eq!(tx.delete_registrations_of_tenant(other).await.unwrap(), 0);
        assert_eq!(tx.delete_registrations_of_tenant(tenant).await.unwrap(), 2);
        tx.put_registration(&bound(tenant, 1, "a", 10)).await.unwrap();
        assert!(tx.delete_user(tenant, ada.id).await.unwrap());
    })
    .await;
    assert_eq!(store.presence(tenant, ada.id).await.unwrap(), None);
    assert_eq!(store.registrations(tenant, ada.id, at(0)).await.unwrap(), []);
}
