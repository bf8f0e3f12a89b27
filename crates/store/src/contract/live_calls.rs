//! Calls that are going on.

use std::sync::Arc;

use jackfield_domain::{
    CallDirection, LiveCall, LiveCallId, LiveCallState, NewLiveCall, OngoingCall, TenantId, Timestamp, UserId,
};

use super::samples::{at, change, make_tenant};
use crate::Store;

fn live(tenant: TenantId, id: i64, users: [Option<i64>; 2], updated_at: Timestamp) -> LiveCall {
    let [one, other] = users.map(|user| user.map(UserId::new));
    LiveCall {
        tenant,
        id: LiveCallId::new(id),
        caller_user: one,
        callee_user: other,
        call: NewLiveCall {
            external_id: format!("channel-{id}"),
            state: LiveCallState::Ringing,
            direction: CallDirection::Outbound,
            caller: "1001".into(),
            caller_display_name: "Ada".into(),
            callee: "+49 30".into(),
            callee_display_name: String::new(),
            destination: "030".into(),
            trunk: "t".into(),
            started_at: at(0),
            answered_at: None,
        },
        updated_at,
    }
}

/// The last state counts, of the tenant and of both users.
pub async fn a_state_takes_the_place_of_the_last(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (one, two) = (
        live(tenant, 1, [Some(7), Some(8)], at(1)),
        live(tenant, 2, [None, Some(8)], at(1)),
    );
    let mut answered = live(tenant, 1, [Some(7), Some(9)], at(2));
    answered.call.state = LiveCallState::Answered;
    answered.call.answered_at = Some(at(2));
    change(store, tenant, async |tx| tx.put_live_calls(&[&one, &two]).await)
        .await
        .unwrap();
    change(store, tenant, async |tx| tx.put_live_calls(&[&answered]).await)
        .await
        .unwrap();
    for (tenant, user, expected) in [
        (tenant, None, vec![&answered, &two]),
        (tenant, Some(7), vec![&answered]),
        (tenant, Some(8), vec![&two]),
        (tenant, Some(9), vec![&answered]),
        (other, None, vec![]),
    ] {
        let found = store
            .live_calls(tenant, user.map(UserId::new), at(0))
            .await
            .unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{user:?}");
    }
    let ongoing = |call: &LiveCall| OngoingCall {
        caller_user: call.caller_user,
        callee_user: call.callee_user,
        state: call.call.state,
        destination: call.call.destination.clone(),
        trunk: call.call.trunk.clone(),
    };
    let mut found = store.ongoing_calls(tenant, at(0)).await.unwrap();
    found.sort_by_key(|call| call.caller_user);
    assert_eq!(found, [ongoing(&two), ongoing(&answered)]);
    assert_eq!(
        store.ongoing_calls(tenant, at(1)).await.unwrap(),
        [ongoing(&answered)]
    );
    assert_eq!(store.ongoing_calls(other, at(0)).await.unwrap(), []);
    let among = ["channel-2", "channel-9"];
    assert_eq!(
        store.live_calls_among(tenant, &among).await.unwrap(),
        [("channel-2".into(), 2)]
    );
    change(store, tenant, async |tx| {
        tx.end_live_calls(tenant, &among).await.unwrap();
        tx.end_live_calls(tenant, &[]).await.unwrap();
        tx.put_live_calls(&[]).await.unwrap();
    })
    .await;
    assert_eq!(store.live_calls(tenant, None, at(0)).await.unwrap(), [answered]);
}

/// What nobody speaks of is not shown, and goes.
pub async fn calls_that_are_silent_are_forgotten(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let (old, new) = (
        live(tenant, 1, [None, None], at(1)),
        live(tenant, 2, [None, None], at(2)),
    );
    change(store, tenant, async |tx| tx.put_live_calls(&[&old, &new]).await)
        .await
        .unwrap();
    assert_eq!(
        store.live_calls(tenant, None, at(1)).await.unwrap(),
        std::slice::from_ref(&new)
    );
    change(store, tenant, async |tx| tx.purge_live_calls(tenant, at(1)).await)
        .await
        .unwrap();
    assert_eq!(store.live_calls(tenant, None, at(0)).await.unwrap(), [new]);
}
