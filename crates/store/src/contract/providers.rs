//! Trunks to providers, and who refers to them.

use std::sync::Arc;

use jackfield_domain::{
    Kind, Literal, NewRegistration, Provider, ProviderField, ProviderId, ProviderSettings, SealedSecret,
    SipRoute, TenantId, Transport, TrunkAuth, TrunkBinding,
};
use proptest::prelude::*;

use super::lists::{same, text, try_many, wait};
use super::samples::{at, change, make_tenant, refused};
use crate::{Error, Store, TrunkHold};

fn provider(tenant: TenantId, id: i64) -> Provider {
    Provider {
        tenant,
        id: ProviderId::new(id),
        name: format!("trunk {id}"),
        hostname: "sip.carrier.example".into(),
        brand: "Generic".into(),
        auth_mode: TrunkAuth::AcceptRegister,
        password: SealedSecret(vec![1, 0, 255]),
        settings: ProviderSettings {
            transport: Transport::Tls,
            username: "acct \"7\"".into(),
            did_numbers: "3000;12000-18000".into(),
            ..ProviderSettings::default()
        },
        created_at: at(6),
        version: 1,
    }
}

/// One process at a time keeps a trunk registered; another takes it when it was given up or not renewed in time.
pub async fn one_process_holds_a_trunk(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let trunk = provider(tenant, 1);
    let mut off = provider(tenant, 2);
    off.settings.enabled = false;
    let foreign = provider(other, 3);
    change(store, tenant, async |tx| {
        tx.insert_provider(&trunk).await.unwrap();
        tx.insert_provider(&off).await.unwrap();
    })
    .await;
    change(store, other, async |tx| {
        tx.insert_provider(&foreign).await.unwrap();
    })
    .await;
    assert_eq!(store.enabled_providers().await.unwrap(), [trunk.clone(), foreign]);
    let hold = |edge: &str, until: i64, registered: i64| TrunkHold {
        tenant,
        provider: trunk.id,
        edge: edge.into(),
        held_until: at(until),
        registered_until: at(registered),
    };
    for (edge, until, now, had) in [
        ("a", 10, 1, true),
        ("b", 20, 5, false),
        ("a", 15, 6, true),
        ("b", 20, 14, false),
        // Not renewed in time.
        ("b", 25, 15, true),
        ("a", 30, 16, false),
    ] {
        let wanted = hold(edge, until, until + 1);
        change(store, tenant, async |tx| {
            assert_eq!(
                tx.hold_trunk(&wanted, at(now)).await.unwrap(),
                had,
                "{edge} {now}"
            );
        })
        .await;
        let kept = store.trunk_hold(tenant, trunk.id).await.unwrap().unwrap();
        assert_eq!(kept == wanted, had, "{edge} {now}");
    }
    change(store, tenant, async |tx| {
        tx.release_trunk(tenant, trunk.id, "a").await.unwrap();
        assert!(!tx.hold_trunk(&hold("a", 30, 0), at(17)).await.unwrap());
        tx.release_trunk(tenant, trunk.id, "b").await.unwrap();
        assert!(tx.hold_trunk(&hold("a", 30, 0), at(17)).await.unwrap());
        assert!(tx.delete_provider(tenant, trunk.id).await.unwrap());
    })
    .await;
    assert_eq!(store.trunk_hold(tenant, trunk.id).await.unwrap(), None);
}

/// A trunk has one binding, which ends by itself, and with its trunk or when it is told to.
pub async fn a_provider_that_registers_is_bound(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let trunk = provider(tenant, 1);
    let second = provider(tenant, 2);
    let mut by_address = provider(tenant, 3);
    by_address.auth_mode = TrunkAuth::Ip;
    let foreign = provider(other, 1);
    let bound = |of: &Provider, call_id: &str, until: i64| TrunkBinding {
        tenant: of.tenant,
        provider: of.id,
        binding: NewRegistration {
            instance_id: "<urn:uuid:1>".into(),
            user_agent: "Gateway 1.0".into(),
            application: "app".into(),
            ip: "192.0.2.7".into(),
            enable_push: true,
            contact_address: "sip:acct@192.0.2.7:5062".into(),
            expires_at: at(until),
        },
        route: SipRoute {
            received: "udp:192.0.2.7:5062".into(),
            path: "<sip:proxy;lr>".into(),
            call_id: call_id.into(),
            cseq: 4_000_000,
            preference: 1000,
            edge: "edge-1".into(),
        },
        updated_at: at(1),
    };
    change(store, tenant, async |tx| {
        for trunk in [&second, &by_address, &trunk] {
            tx.insert_provider(trunk).await.unwrap();
        }
        tx.put_trunk_binding(&bound(&trunk, "a", 10)).await.unwrap();
        tx.put_trunk_binding(&bound(&trunk, "b", 20)).await.unwrap();
        tx.put_trunk_binding(&bound(&second, "c", 30)).await.unwrap();
    })
    .await;
    change(store, other, async |tx| {
        tx.insert_provider(&foreign).await.unwrap();
        tx.put_trunk_binding(&bound(&foreign, "d", 30)).await.unwrap();
    })
    .await;
    assert_eq!(
        store.accepting_providers(tenant).await.unwrap(),
        [trunk.clone(), second.clone()]
    );
    let of = async |of: &Provider, now: i64| store.trunk_binding(of.tenant, of.id, at(now)).await.unwrap();
    assert_eq!(of(&trunk, 19).await, Some(bound(&trunk, "b", 20)));
    assert_eq!(of(&trunk, 20).await, None);
    assert_eq!(of(&by_address, 1).await, None);
    let mut all = vec![
        bound(&trunk, "b", 20),
        bound(&second, "c", 30),
        bound(&foreign, "d", 30),
    ];
    assert_eq!(store.trunk_bindings(at(19)).await.unwrap(), all);
    assert_eq!(store.trunk_bindings(at(20)).await.unwrap(), all.split_off(1));
    let unknown = bound(&provider(tenant, 9), "e", 30);
    let error = refused(store, tenant, async |tx| tx.put_trunk_binding(&unknown).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    change(store, tenant, async |tx| {
        assert!(tx.delete_trunk_binding(tenant, trunk.id).await.unwrap());
        assert!(!tx.delete_trunk_binding(tenant, trunk.id).await.unwrap());
        tx.put_trunk_binding(&bound(&trunk, "f", 30)).await.unwrap();
        assert!(tx.delete_provider(tenant, trunk.id).await.unwrap());
        assert_eq!(tx.delete_trunk_bindings(tenant).await.unwrap(), 1);
    })
    .await;
    assert_eq!(
        store.trunk_bindings(at(1)).await.unwrap(),
        [bound(&foreign, "d", 30)]
    );
}

/// Every value is kept; product and authentication are not changed with the others.
pub async fn a_provider_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let trunk = provider(tenant, 1);
    change(store, tenant, async |tx| {
        tx.insert_provider(&trunk).await.unwrap();
    })
    .await;
    assert_eq!(
        store.provider(tenant, trunk.id).await.unwrap(),
        Some(trunk.clone())
    );
    assert_eq!(store.provider(other, trunk.id).await.unwrap(), None);
    let changed = Provider {
        name: "Other".into(),
        hostname: "192.0.2.1".into(),
        password: SealedSecret::default(),
        settings: ProviderSettings {
            enabled: false,
            port: 5061,
            ..ProviderSettings::default()
        },
        version: 2,
        ..trunk.clone()
    };
    change(store, tenant, async |tx| {
        tx.update_provider(&changed).await.unwrap();
    })
    .await;
    assert_eq!(store.provider(tenant, trunk.id).await.unwrap(), Some(changed));
    change(store, other, async |tx| {
        assert!(!tx.delete_provider(other, trunk.id).await.unwrap());
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_provider(tenant, trunk.id).await.unwrap());
        assert!(!tx.delete_provider(tenant, trunk.id).await.unwrap());
    })
    .await;
    assert_eq!(store.provider(tenant, trunk.id).await.unwrap(), None);
    let error = refused(store, tenant, async |tx| tx.update_provider(&trunk).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// A trunk tells who refers to it, cannot go before them, and none can be referred to that is not there.
pub async fn references_hold_a_provider(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (first, second) = (provider(tenant, 1), provider(tenant, 2));
    let both = [second.id, first.id, second.id];
    change(store, tenant, async |tx| {
        for trunk in [&first, &second] {
            tx.insert_provider(trunk).await.unwrap();
        }
        tx.set_providers_of(tenant, Kind::User, 7, &both).await.unwrap();
        tx.set_providers_of(tenant, Kind::Group, 7, &[second.id])
            .await
            .unwrap();
    })
    .await;
    let asked = [second.id, ProviderId::new(9), first.id, second.id];
    assert_eq!(
        store.providers_among(tenant, &asked).await.unwrap(),
        [first.id, second.id]
    );
    assert!(store.providers_among(other, &asked).await.unwrap().is_empty());
    assert!(store.providers_among(tenant, &[]).await.unwrap().is_empty());
    let user = store.provider_user(tenant, first.id).await.unwrap();
    assert_eq!(user, Some(Kind::User));
    assert_eq!(store.provider_user(other, first.id).await.unwrap(), None);
    let error = refused(store, tenant, async |tx| {
        tx.delete_provider(tenant, first.id).await
    })
    .await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    for (tenant, missing) in [(tenant, ProviderId::new(9)), (other, first.id)] {
        let error = refused(store, tenant, async |tx| {
            tx.set_providers_of(tenant, Kind::User, 8, &[missing]).await
        })
        .await;
        assert!(matches!(error, Error::Reference), "{error:?}");
    }
    change(store, tenant, async |tx| {
        tx.set_providers_of(tenant, Kind::User, 7, &[second.id])
            .await
            .unwrap();
        assert!(tx.delete_provider(tenant, first.id).await.unwrap());
        for kind in [Kind::User, Kind::Group] {
            tx.set_providers_of(tenant, kind, 7, &[]).await.unwrap();
        }
    })
    .await;
    assert_eq!(store.provider_user(tenant, second.id).await.unwrap(), None);
    // A tenant goes with its trunks and whoever refers to them.
    change(store, tenant, async |tx| {
        tx.set_providers_of(tenant, Kind::Tenant, 1, &[second.id])
            .await
            .unwrap();
    })
    .await;
    change(store, TenantId::SYSTEM, async |tx| {
        assert!(tx.delete_tenant(tenant).await.unwrap());
    })
    .await;
    assert_eq!(store.provider(tenant, second.id).await.unwrap(), None);
}

fn value(provider: &Provider, field: ProviderField) -> Literal {
    let text = |text: &String| Literal::Text(text.clone());
    match field {
        ProviderField::Id => Literal::Number(provider.id.get()),
        ProviderField::Name => text(&provider.name),
        ProviderField::Enabled => Literal::Flag(provider.settings.enabled),
        ProviderField::Brand => text(&provider.brand),
        ProviderField::Hostname => text(&provider.hostname),
        ProviderField::Port => Literal::Number(provider.settings.port),
        ProviderField::DidNumbers => text(&provider.settings.did_numbers),
    }
}

const FIELDS: &[ProviderField] = &[
    ProviderField::Id,
    ProviderField::Name,
    ProviderField::Enabled,
    ProviderField::Brand,
    ProviderField::Hostname,
    ProviderField::Port,
    ProviderField::DidNumbers,
];

/// Filters, searches, orders and pages of trunks, at random.
#[expect(clippy::unused_async, reason = "every case of the suite is called alike")]
pub async fn providers_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let worlds = std::cell::Cell::new(0);
    let record = (prop::array::uniform4(text()), any::<bool>(), 0..30_i64);
    try_many(
        prop::collection::vec(record, 0..16),
        FIELDS,
        |records, queries| {
            worlds.set(worlds.get() + 1);
            let tenant = wait(make_tenant(&*store, &format!("{}.example", worlds.get())));
            let trunks: Vec<Provider> = (0_i64..)
                .zip(records)
                .map(
                    |(id, ([name, brand, hostname, did_numbers], enabled, port))| Provider {
                        name,
                        brand,
                        hostname,
                        settings: ProviderSettings {
                            enabled,
                            port,
                            did_numbers,
                            ..ProviderSettings::default()
                        },
                        ..provider(tenant, id)
                    },
                )
                .collect();
            wait(change(&*store, tenant, async |tx| {
                for trunk in &trunks {
                    tx.insert_provider(trunk).await.unwrap();
                }
            }));
            let searched = |trunk: &Provider| {
                [
                    &*trunk.name,
                    &trunk.brand,
                    &trunk.hostname,
                    &trunk.settings.did_numbers,
                ]
                .join("\n")
            };
            for query in queries {
                let expected = query.run(trunks.clone(), value, searched);
                let found = wait(store.list_providers(tenant, &query)).unwrap();
                same(&query, &found, &expected)?;
            }
            Ok(())
        },
    );
}
