//! Programs of others, what they were allowed, and their tokens.

use std::sync::Arc;

use jackfield_domain::{
    Application, ApplicationAccess, ApplicationId, ApplicationKind, Authorization, AuthorizationId,
    AuthorizationToken, AuthorizationTokenKind, TenantId, UserId,
};

use super::samples::{at, change, hash, insert, make_tenant, refused, user};
use crate::{Error, Sequence, Store, Transaction};

fn application(tenant: TenantId, id: i64, client_id: &str) -> Application {
    Application {
        tenant,
        id: ApplicationId::new(id),
        client_id: client_id.into(),
        name: "B\u{fc}ro \u{1f4de}".into(),
        kind: ApplicationKind::Public,
        access: ApplicationAccess::CallApi,
        owner: UserId::new(1),
        redirect_uris: vec!["https://a.example/1".into(), "https://a.example/2?x=y".into()],
        created_at: at(id),
    }
}

fn authorization(application: &Application, id: i64, user: i64, end: i64) -> Authorization {
    Authorization {
        tenant: application.tenant,
        id: AuthorizationId::new(id),
        application: application.id,
        user: UserId::new(user),
        created_at: at(id),
        expires_at: at(end),
        redirect_uri: Some("https://a.example/1".into()),
        challenge: Some(hash(id)),
    }
}

fn token(
    authorization: &Authorization,
    number: i64,
    kind: AuthorizationTokenKind,
    end: i64,
) -> AuthorizationToken {
    AuthorizationToken {
        tenant: authorization.tenant,
        authorization: authorization.id,
        hash: hash(number),
        kind,
        created_at: at(1),
        expires_at: at(end),
        used_at: None,
    }
}

/// A tenant with two users.
async fn company(store: &dyn Store, domain: &str) -> TenantId {
    let tenant = make_tenant(store, domain).await;
    change(store, tenant, async |tx| {
        insert(tx, &user(tenant, 1, "ada")).await;
        insert(tx, &user(tenant, 2, "ben")).await;
    })
    .await;
    tenant
}

async fn store_all(tx: &mut dyn Transaction, authorization: &Authorization, tokens: &[AuthorizationToken]) {
    tx.insert_authorization(authorization).await.unwrap();
    for token in tokens {
        tx.insert_authorization_token(token).await.unwrap();
    }
}

/// A program is found by what it is known by, whatever its tenant, with the hash of its secret.
pub async fn a_program_is_found_by_its_client_id(store: Arc<dyn Store>) {
    let store = &*store;
    let (one, two) = (
        company(store, "one.example").await,
        company(store, "two.example").await,
    );
    let mut bare = application(one, 7, "b");
    bare.redirect_uris = Vec::new();
    bare.kind = ApplicationKind::Trusted;
    bare.access = ApplicationAccess::All;
    let (first, foreign) = (application(one, 5, "a"), application(two, 5, "c"));
    for (application, number) in [(&bare, 1), (&first, 2), (&foreign, 3)] {
        change(store, application.tenant, async |tx| {
            assert!(tx.next_id(Sequence::Application).await.unwrap() >= ApplicationId::FIRST.get());
            assert!(tx.next_id(Sequence::Authorization).await.unwrap() >= AuthorizationId::FIRST.get());
            tx.insert_application(application, &hash(number)).await.unwrap();
        })
        .await;
    }
    for (client_id, expected) in [
        ("a", Some((first.clone(), hash(2)))),
        ("b", Some((bare.clone(), hash(1)))),
        ("c", Some((foreign.clone(), hash(3)))),
        ("A", None),
        ("", None),
        ("a\0", None),
    ] {
        assert_eq!(store.application_by_client_id(client_id).await.unwrap(), expected);
    }
    assert_eq!(store.applications(one).await.unwrap(), [first.clone(), bare]);
    change(store, two, async |tx| {
        assert!(!tx.delete_application(two, ApplicationId::new(7)).await.unwrap());
    })
    .await;
    change(store, one, async |tx| {
        assert!(tx.delete_application(one, first.id).await.unwrap());
        assert!(!tx.delete_application(one, first.id).await.unwrap());
        // The others go with their owner.
        assert!(tx.delete_user(one, UserId::new(1)).await.unwrap());
    })
    .await;
    assert_eq!(store.applications(one).await.unwrap(), []);
    assert!(store.application_by_client_id("c").await.unwrap().is_some());
    let orphan = application(one, 9, "d");
    let error = refused(store, one, async |tx| {
        tx.insert_application(&orphan, &hash(9)).await
    })
    .await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// A token is found by its hash with what it came from, and is used once.
pub async fn a_token_finds_its_authorization(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = company(store, "one.example").await;
    let program = application(tenant, 5, "a");
    let whole = authorization(&program, 1, 2, 100);
    let mut bare = authorization(&program, 2, 1, 100);
    (bare.redirect_uri, bare.challenge) = (None, None);
    let (code, access) = (
        token(&whole, 1, AuthorizationTokenKind::Code, 60),
        token(&bare, 2, AuthorizationTokenKind::Access, 70),
    );
    change(store, tenant, async |tx| {
        tx.insert_application(&program, &hash(9)).await.unwrap();
        store_all(tx, &whole, std::slice::from_ref(&code)).await;
        store_all(tx, &bare, std::slice::from_ref(&access)).await;
    })
    .await;
    let find = async |number| store.authorization_token(&hash(number)).await.unwrap();
    assert_eq!(
        find(1).await,
        Some((code.clone(), whole.clone(), program.clone()))
    );
    assert_eq!(find(2).await, Some((access, bare.clone(), program.clone())));
    assert_eq!(find(3).await, None);
    change(store, tenant, async |tx| {
        assert!(
            tx.use_authorization_token(tenant, &hash(1), at(30))
                .await
                .unwrap()
        );
        assert!(
            !tx.use_authorization_token(tenant, &hash(1), at(31))
                .await
                .unwrap()
        );
        assert!(
            !tx.use_authorization_token(tenant, &hash(3), at(31))
                .await
                .unwrap()
        );
        assert!(tx.prolong_authorization(tenant, whole.id, at(900)).await.unwrap());
        assert!(
            !tx.prolong_authorization(tenant, AuthorizationId::new(9), at(900))
                .await
                .unwrap()
        );
    })
    .await;
    let (used, longer, _) = find(1).await.unwrap();
    assert_eq!((used.used_at, longer.expires_at), (Some(at(30)), at(900)));
}

/// Authorizations end alone, with their user, with their program, and by themselves; their tokens with them.
pub async fn authorizations_end(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, other) = (
        company(store, "one.example").await,
        company(store, "two.example").await,
    );
    let (program, second) = (application(tenant, 5, "a"), application(tenant, 6, "b"));
    let foreign = application(other, 5, "c");
    let all = [
        authorization(&program, 1, 1, 100),
        authorization(&program, 2, 2, 100),
        authorization(&program, 3, 2, 100),
        authorization(&second, 4, 1, 100),
        authorization(&program, 5, 1, 20),
        authorization(&foreign, 6, 2, 20),
    ];
    for (application, secret) in [(&program, 91), (&second, 92), (&foreign, 93)] {
        change(store, application.tenant, async |tx| {
            tx.insert_application(application, &hash(secret)).await.unwrap();
        })
        .await;
    }
    for authorization in &all {
        change(store, authorization.tenant, async |tx| {
            let number = authorization.id.get();
            let access = token(authorization, number, AuthorizationTokenKind::Access, 100);
            store_all(tx, authorization, &[access]).await;
        })
        .await;
    }
    let alive = async || {
        let mut found = Vec::new();
        for number in 1..=6 {
            if store.authorization_token(&hash(number)).await.unwrap().is_some() {
                found.push(number);
            }
        }
        found
    };
    assert_eq!(alive().await, [1, 2, 3, 4, 5, 6]);
    change(store, tenant, async |tx| {
        let refresh = token(&all[0], 11, AuthorizationTokenKind::Refresh, 10);
        let access = token(&all[0], 12, AuthorizationTokenKind::Access, 10);
        for token in [&refresh, &access] {
            tx.insert_authorization_token(token).await.unwrap();
        }
        tx.purge_authorizations(at(30)).await.unwrap();
    })
    .await;
    assert_eq!(
        alive().await,
        [1, 2, 3, 4, 6],
        "another tenant's is not this one's to end"
    );
    // An old refresh token stays as long as its authorization: it may come again.
    assert!(store.authorization_token(&hash(11)).await.unwrap().is_some());
    assert!(store.authorization_token(&hash(12)).await.unwrap().is_none());
    change(store, tenant, async |tx| {
        let ended = tx
            .delete_authorizations_of_user(tenant, UserId::new(2))
            .await
            .unwrap();
        assert_eq!(ended, [AuthorizationId::new(2), AuthorizationId::new(3)]);
    })
    .await;
    assert_eq!(alive().await, [1, 4, 6]);
    change(store, tenant, async |tx| {
        assert!(
            !tx.delete_authorization(tenant, AuthorizationId::new(6))
                .await
                .unwrap()
        );
        assert!(
            tx.delete_authorization(tenant, AuthorizationId::new(1))
                .await
                .unwrap()
        );
        assert!(tx.delete_application(tenant, second.id).await.unwrap());
    })
    .await;
    assert_eq!(alive().await, [6]);
    change(store, other, async |tx| {
        assert!(tx.delete_user(other, UserId::new(2)).await.unwrap());
    })
    .await;
    assert_eq!(alive().await, [0; 0]);
}
