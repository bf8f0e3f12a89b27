//! Voicemail boxes.

use std::sync::Arc;

use jackfield_domain::{Mailbox, MessageCounts, TenantId, UserId};

use super::samples::{at, change, insert, make_tenant, user};
use crate::Store;

fn mailbox(tenant: TenantId, user: i64, new: i64) -> Mailbox {
    Mailbox {
        tenant,
        user: UserId::new(user),
        messages: MessageCounts {
            new,
            old: 2,
            urgent_new: 1,
            urgent_old: 0,
        },
        updated_at: at(new),
    }
}

/// The last report counts, tenants are apart, and a box goes with its user.
pub async fn a_mailbox_comes_back_and_goes_with_its_user(store: Arc<dyn Store>) {
    let store = &*store;
    let (tenant, other) = (
        make_tenant(store, "one.example").await,
        make_tenant(store, "two.example").await,
    );
    change(store, tenant, async |tx| {
        for (id, name) in [(1, "ada"), (2, "ben"), (3, "carl")] {
            insert(tx, &user(tenant, id, name)).await;
        }
        tx.put_mailbox(&mailbox(tenant, 1, 7)).await.unwrap();
        tx.put_mailbox(&mailbox(tenant, 3, 9)).await.unwrap();
        tx.put_mailbox(&mailbox(tenant, 1, 8)).await.unwrap();
    })
    .await;
    let everybody: Vec<i64> = (1..=150).collect();
    let found = store.mailboxes_among(tenant, &everybody).await.unwrap();
    assert_eq!(found, [mailbox(tenant, 1, 8), mailbox(tenant, 3, 9)]);
    let found = store.mailboxes_among(tenant, &[2, 3]).await.unwrap();
    assert_eq!(found, [mailbox(tenant, 3, 9)]);
    assert_eq!(store.mailboxes_among(other, &everybody).await.unwrap(), []);
    change(store, tenant, async |tx| {
        tx.delete_user(tenant, UserId::new(3)).await.unwrap();
    })
    .await;
    let found = store.mailboxes_among(tenant, &everybody).await.unwrap();
    assert_eq!(found, [mailbox(tenant, 1, 8)]);
}
