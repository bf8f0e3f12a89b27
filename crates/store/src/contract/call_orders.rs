//! What people ask of calls.

use std::sync::Arc;

use jackfield_domain::{CallDeed, CallOrder, OrderOutcome, TenantId};

use super::samples::{at, change, make_tenant};
use crate::Store;

fn order(tenant: TenantId, id: i64, seconds: i64) -> CallOrder {
    CallOrder {
        tenant,
        id,
        deed: CallDeed::Place,
        call: String::new(),
        number: "1001".into(),
        target: "+4930".into(),
        created_at: at(seconds),
        edge: String::new(),
        outcome: None,
    }
}

/// An order is taken by one edge and ends once; another tenant's is not touched.
pub async fn an_order_is_taken_once(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (late, early) = (order(tenant, 7, 9), order(other, 7, 3));
    for order in [&late, &early] {
        change(store, order.tenant, async |tx| tx.insert_call_order(order).await)
            .await
            .unwrap();
    }
    assert_eq!(
        store.pending_call_orders().await.unwrap(),
        [early.clone(), late.clone()]
    );
    let take = async |edge| {
        change(store, tenant, async |tx| {
            tx.take_call_order(tenant, 7, edge).await
        })
        .await
    };
    assert!(take("e1").await.unwrap());
    assert!(!take("e2").await.unwrap());
    assert_eq!(store.pending_call_orders().await.unwrap(), [early]);
    let finish = async |outcome| {
        change(store, tenant, async |tx| {
            tx.finish_call_order(tenant, 7, outcome, "edge:1").await
        })
        .await
    };
    assert!(finish(OrderOutcome::Done).await.unwrap());
    assert!(!finish(OrderOutcome::Expired).await.unwrap());
    let done = CallOrder {
        edge: "e1".into(),
        call: "edge:1".into(),
        outcome: Some(OrderOutcome::Done),
        ..late
    };
    assert_eq!(store.call_order(tenant, 7).await.unwrap(), Some(done));
    assert_eq!(store.call_order(tenant, 8).await.unwrap(), None);
}

/// What was given up is not taken, and old orders go.
pub async fn orders_are_given_up_and_forgotten(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        tx.insert_call_order(&order(tenant, 1, 1)).await.unwrap();
        tx.insert_call_order(&order(tenant, 2, 2)).await.unwrap();
        assert!(
            tx.finish_call_order(tenant, 1, OrderOutcome::Expired, "")
                .await
                .unwrap()
        );
        assert!(!tx.take_call_order(tenant, 1, "e1").await.unwrap());
        tx.purge_call_orders(tenant, at(2)).await.unwrap();
    })
    .await;
    assert_eq!(store.call_order(tenant, 1).await.unwrap(), None);
    assert_eq!(store.pending_call_orders().await.unwrap(), [order(tenant, 2, 2)]);
}
