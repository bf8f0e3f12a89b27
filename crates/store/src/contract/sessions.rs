//! Sessions and their tokens.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{Session, SessionId, SessionKind, TenantId, Token, TokenPurpose, UserId};

use super::samples::{assert_taken, at, change, hash, insert, make_tenant, refused, session, token, user};
use crate::{Error, Store};

/// A tenant with one user.
async fn with_user(store: &dyn Store) -> (TenantId, UserId) {
    let tenant = make_tenant(store, "one.example").await;
    let ann = user(tenant, 1, "ann");
    change(store, tenant, async |tx| insert(tx, &ann).await).await;
    (tenant, ann.id)
}

/// Every value is kept, at the creation and at a change.
pub async fn a_session_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let first = Session {
        kind: SessionKind::AwaitingCode,
        acting_in: Some(TenantId::new(5)),
        code: Some((hash(1), 3)),
        ..session(tenant, 7, ann, 0)
    };
    change(store, tenant, async |tx| tx.insert_session(&first).await.unwrap()).await;
    assert_eq!(
        store.session(tenant, first.id).await.unwrap(),
        Some(first.clone())
    );
    assert_eq!(store.session(TenantId::new(5), first.id).await.unwrap(), None);
    let changed = Session {
        kind: SessionKind::Password,
        acting_in: None,
        code: None,
        expires_at: at(500),
        idle: Some(Duration::from_mins(30)),
        ..first.clone()
    };
    change(store, tenant, async |tx| {
        tx.update_session(&changed).await.unwrap();
    })
    .await;
    assert_eq!(store.session(tenant, first.id).await.unwrap(), Some(changed));
    change(store, tenant, async |tx| {
        assert!(!tx.delete_session(TenantId::SYSTEM, first.id).await.unwrap());
        assert!(tx.delete_session(tenant, first.id).await.unwrap());
        assert!(!tx.delete_session(tenant, first.id).await.unwrap());
    })
    .await;
    assert_eq!(store.session(tenant, first.id).await.unwrap(), None);
    let error = refused(store, tenant, async |tx| tx.update_session(&first).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    let of_nobody = session(tenant, 8, UserId::new(99), 0);
    let error = refused(store, tenant, async |tx| tx.insert_session(&of_nobody).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// A token is found without knowing its tenant, and goes with its session.
pub async fn a_token_finds_its_session(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let session = session(tenant, 7, ann, 0);
    let access = Token {
        purpose: TokenPurpose::Access,
        ..token(&session, 1, 10)
    };
    let used = Token {
        used_at: Some(at(3)),
        ..token(&session, 2, 20)
    };
    change(store, tenant, async |tx| {
        tx.insert_session(&session).await.unwrap();
        tx.insert_token(&access).await.unwrap();
        tx.insert_token(&used).await.unwrap();
    })
    .await;
    for token in [access, used] {
        let found = store.token(&token.hash).await.unwrap();
        assert_eq!(found, Some((token, session.clone())));
    }
    assert_eq!(store.token(&hash(3)).await.unwrap(), None);
    change(store, tenant, async |tx| {
        assert!(tx.delete_session(tenant, session.id).await.unwrap());
    })
    .await;
    assert_eq!(store.token(&hash(1)).await.unwrap(), None);
    let orphan = token(&session, 4, 10);
    let error = refused(store, tenant, async |tx| tx.insert_token(&orphan).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// Of many who use a token at the same time, one succeeds.
pub async fn a_token_is_used_once(store: Arc<dyn Store>) {
    let (tenant, ann) = with_user(&*store).await;
    let session = session(tenant, 7, ann, 0);
    let token = token(&session, 1, 10);
    change(&*store, tenant, async |tx| {
        tx.insert_session(&session).await.unwrap();
        tx.insert_token(&token).await.unwrap();
        assert!(!tx.use_token(TenantId::SYSTEM, &token.hash, at(1)).await.unwrap());
        assert!(!tx.use_token(tenant, &hash(2), at(1)).await.unwrap());
    })
    .await;
    let mut tasks = tokio::task::JoinSet::new();
    for second in 0..8 {
        let (store, hash) = (Arc::clone(&store), token.hash);
        tasks.spawn(async move {
            let mut tx = store.begin(tenant).await.unwrap();
            let used = tx.use_token(tenant, &hash, at(second)).await.unwrap();
            tx.commit().await.unwrap();
            used.then_some(at(second))
        });
    }
    let winners: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    let (found, _) = store.token(&token.hash).await.unwrap().unwrap();
    assert_eq!(found.used_at, winners.first().copied());
}

/// A user who goes takes his sessions and their tokens along.
pub async fn sessions_end_with_their_user(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let session = session(tenant, 7, ann, 0);
    change(store, tenant, async |tx| {
        tx.insert_session(&session).await.unwrap();
        tx.insert_token(&token(&session, 1, 10)).await.unwrap();
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann).await.unwrap());
    })
    .await;
    assert_eq!(store.session(tenant, session.id).await.unwrap(), None);
    assert_eq!(store.token(&hash(1)).await.unwrap(), None);
}

/// All sessions of a user end but the one that he keeps, and nobody else's.
pub async fn sessions_of_a_user_end_together(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let bob = user(tenant, 2, "bob");
    change(store, tenant, async |tx| {
        insert(tx, &bob).await;
        for id in [13, 11, 12] {
            tx.insert_session(&session(tenant, id, ann, 0)).await.unwrap();
        }
        tx.insert_session(&session(tenant, 14, bob.id, 0)).await.unwrap();
    })
    .await;
    let kept = SessionId::new(12);
    change(store, tenant, async |tx| {
        let gone = tx.delete_sessions_of_user(tenant, ann, Some(kept)).await.unwrap();
        assert_eq!(gone, [SessionId::new(11), SessionId::new(13)]);
        assert!(tx.session(tenant, kept).await.unwrap().is_some());
        let gone = tx.delete_sessions_of_user(tenant, ann, None).await.unwrap();
        assert_eq!(gone, [kept]);
    })
    .await;
    let others = store.session(tenant, SessionId::new(14)).await.unwrap();
    assert!(others.is_some());
}

/// What has ended goes; what has not, and what is another tenant's, stays.
pub async fn old_sessions_are_purged(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let other = make_tenant(store, "two.example").await;
    let eve = user(other, 1, "eve");
    let (old, young) = (session(tenant, 1, ann, 0), session(tenant, 2, ann, 50));
    let elsewhere = session(other, 3, eve.id, 0);
    change(store, tenant, async |tx| {
        tx.insert_session(&old).await.unwrap();
        tx.insert_session(&young).await.unwrap();
        // Outlives its session on paper.
        tx.insert_token(&token(&old, 1, 900)).await.unwrap();
        tx.insert_token(&token(&young, 2, 99)).await.unwrap();
        tx.insert_token(&token(&young, 3, 101)).await.unwrap();
    })
    .await;
    change(store, other, async |tx| {
        insert(tx, &eve).await;
        tx.insert_session(&elsewhere).await.unwrap();
    })
    .await;
    change(store, tenant, async |tx| {
        assert_eq!(tx.purge_sessions(at(99)).await.unwrap(), 0);
        assert_eq!(tx.purge_sessions(at(101)).await.unwrap(), 3);
        assert_eq!(tx.purge_sessions(at(101)).await.unwrap(), 0);
    })
    .await;
    assert_eq!(store.session(tenant, old.id).await.unwrap(), None);
    assert!(store.session(tenant, young.id).await.unwrap().is_some());
    assert!(store.session(other, elsewhere.id).await.unwrap().is_some());
    for (number, there) in [(1, false), (2, false), (3, true)] {
        assert_eq!(
            store.token(&hash(number)).await.unwrap().is_some(),
            there,
            "{number}"
        );
    }
}

/// A session under a name: found by its owner with the hash of its token, and no two of one owner have one name.
pub async fn named_sessions_are_their_owners(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let bob = user(tenant, 2, "bob");
    let named = |id, owner, name: &str| Session {
        kind: SessionKind::ApiToken,
        idle: Some(Duration::from_mins(10)),
        name: Some(name.into()),
        ..session(tenant, id, owner, 0)
    };
    let access = |session: &Session, number| Token {
        purpose: TokenPurpose::Access,
        ..token(session, number, 10)
    };
    let (crm, wallboard, his) = (
        named(7, ann, "crm"),
        named(8, ann, "CRM"),
        named(9, bob.id, "crm"),
    );
    change(store, tenant, async |tx| {
        insert(tx, &bob).await;
        tx.insert_session(&session(tenant, 6, ann, 0)).await.unwrap();
        for (session, number) in [(&crm, 1), (&wallboard, 2), (&his, 3)] {
            tx.insert_session(session).await.unwrap();
            tx.insert_token(&access(session, number)).await.unwrap();
        }
        tx.insert_token(&token(&crm, 4, 10)).await.unwrap();
    })
    .await;
    let found = store.api_tokens(tenant, ann).await.unwrap();
    assert_eq!(found, [(hash(1), crm.clone()), (hash(2), wallboard)]);
    assert_eq!(store.api_tokens(tenant, bob.id).await.unwrap(), [(hash(3), his)]);
    assert!(store.api_tokens(TenantId::SYSTEM, ann).await.unwrap().is_empty());
    let twin = named(10, ann, "crm");
    let error = refused(store, tenant, async |tx| tx.insert_session(&twin).await).await;
    assert_taken!(error, ApiToken, Name);
    let unnamed = session(tenant, 11, ann, 0);
    change(store, tenant, async |tx| {
        tx.insert_session(&unnamed).await.unwrap();
    })
    .await;
}

/// The end of a session moves to a later one and never back; one whose last uses may not be written down is purged later.
pub async fn sessions_are_renewed(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, ann) = with_user(store).await;
    let idle = Session {
        kind: SessionKind::Idle,
        idle: Some(Duration::from_secs(100)),
        ..session(tenant, 7, ann, 0)
    };
    change(store, tenant, async |tx| {
        tx.insert_session(&idle).await.unwrap();
        tx.insert_token(&token(&idle, 1, 100_000)).await.unwrap();
        for (end, expected) in [(300, 300), (200, 300)] {
            assert!(tx.renew_session(tenant, idle.id, at(end)).await.unwrap());
            let stored = tx.session(tenant, idle.id).await.unwrap().unwrap();
            assert_eq!(stored.expires_at, at(expected));
        }
        assert!(
            !tx.renew_session(TenantId::SYSTEM, idle.id, at(900))
                .await
                .unwrap()
        );
        assert!(
            !tx.renew_session(tenant, SessionId::new(8), at(900))
                .await
                .unwrap()
        );
        assert_eq!(tx.purge_sessions(at(310)).await.unwrap(), 0);
        assert_eq!(tx.purge_sessions(at(311)).await.unwrap(), 2);
    })
    .await;
    assert_eq!(store.session(tenant, idle.id).await.unwrap(), None);
}
