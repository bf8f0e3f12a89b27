//! Reports: whose they are, in which order, and how they are listed.

use std::{cell::Cell, sync::Arc};

use jackfield_domain::{
    BlobKey, CallDirection, CallLeg, CallRecord, CallRecordField, CallRecordId, ChatMessage,
    ChatMessageField, ChatMessageId, Delivery, EndReason, Entropy, LegResult, Literal, Message,
    MessageDirection, MessageField, MessageId, MessageKind, Money, NewCallRecord, NewChatMessage, NewMessage,
    NewRecording, Order, Page, Query, Recording, RecordingId, RerouteReason, TenantId, UserId,
};
use proptest::prelude::*;

use super::{
    lists::{same, text, try_many, wait},
    samples::{at, change, insert, make_tenant, user, with_extension},
};
use crate::{History, ReportKind, Sequence, Store};

fn call(tenant: TenantId, id: i64, users: [Option<i64>; 2], second: i64) -> CallRecord {
    let [one, other] = users.map(|user| user.map(UserId::new));
    CallRecord {
        tenant,
        id: CallRecordId::new(id),
        caller_user: one,
        callee_user: other,
        call: NewCallRecord {
            caller: format!("10{id}"),
            callee: "+49 \"30\" 1".into(),
            caller_display_name: "Zo\u{eb} \u{1f4de}".into(),
            rang_at: Some(at(second + 1)),
            end_reason: Some(EndReason::Replaced),
            reroute_reason: Some(RerouteReason::Overflow),
            status_code: 200,
            user_data: "{\"a\": 1}".into(),
            cost: Money::from_units(12_345),
            billed_account: "acme".into(),
            ..NewCallRecord::between(
                format!("call-{id}"),
                CallDirection::Inbound,
                at(second),
                at(second + 60),
            )
        },
        created_at: at(second + 61),
    }
}

/// The legs of a call are the tenant's, in their order.
pub async fn legs_come_back_in_their_order(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let leg = |number: &str, result| CallLeg {
        number: number.into(),
        device: "urn:uuid:1".into(),
        trunk: String::new(),
        path: vec!["2000".into(), number.into()],
        because: "rings \"here\"".into(),
        started_at: at(1),
        rang_at: Some(at(2)),
        answered_at: None,
        ended_at: at(9),
        result,
        status_code: 487,
    };
    let legs = [
        leg("1002", LegResult::NoAnswer),
        leg("1001", LegResult::Cancelled),
    ];
    let record = call(tenant, 5, [None, None], 1);
    change(store, tenant, async |tx| {
        tx.insert_call_records(&[&record]).await.unwrap();
        tx.insert_call_legs(tenant, record.id, &[]).await.unwrap();
        tx.insert_call_legs(tenant, record.id, &legs).await.unwrap();
    })
    .await;
    assert_eq!(store.call_legs(tenant, record.id).await.unwrap(), legs);
    assert_eq!(store.call_legs(other, record.id).await.unwrap(), []);
}

fn recording(tenant: TenantId, id: i64, users: [Option<i64>; 2]) -> Recording {
    let [one, other] = users.map(|user| user.map(UserId::new));
    Recording {
        tenant,
        id: RecordingId::new(id),
        caller_user: one,
        callee_user: other,
        recording: NewRecording {
            external_id: format!("rec-{id}"),
            call_id: "c".into(),
            caller: "1".into(),
            callee: "2".into(),
            started_at: at(1),
            ended_at: at(9),
            file_name: "a.wav".into(),
        },
        file_key: None,
        file_size: 0,
        created_at: at(10),
    }
}

fn message(tenant: TenantId, id: i64, owner: Option<i64>) -> Message {
    Message {
        tenant,
        id: MessageId::new(id),
        user: owner.map(UserId::new),
        message: NewMessage {
            external_id: format!("sms-{id}"),
            config_id: "cfg".into(),
            sender: "+49301".into(),
            sender_name: "Bob".into(),
            receiver: "1001".into(),
            receiver_name: "Ada".into(),
            channel_name: "main".into(),
            channel_number: "+49302".into(),
            brand: "telco".into(),
            did: "+49303".into(),
            kind: MessageKind::Sms,
            direction: MessageDirection::In,
            content: "line\nline".into(),
            reason: "none".into(),
            delivery: Delivery::Delivered,
            provider_message_id: "p-1".into(),
            created_at: at(5),
        },
    }
}

fn chat(tenant: TenantId, id: i64, users: [Option<i64>; 2]) -> ChatMessage {
    let [sender, receiver] = users.map(|user| user.map(UserId::new));
    ChatMessage {
        tenant,
        id: ChatMessageId::new(id),
        sender_user: sender,
        receiver_user: receiver,
        message: NewChatMessage {
            external_id: format!("chat-{id}"),
            conversation: "team".into(),
            sender: "ada".into(),
            receiver: "ben".into(),
            content: "\u{1f4de}".into(),
            created_at: at(6),
        },
    }
}

fn whole(tenant: TenantId) -> History {
    History { tenant, user: None }
}

fn of(tenant: TenantId, user: i64) -> History {
    History {
        tenant,
        user: Some(UserId::new(user)),
    }
}

/// Every value of each kind is kept, for the tenant and for the users it is about, and for nobody else.
pub async fn reports_come_back_to_whom_they_are_about(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (call, bare) = (
        call(tenant, 1, [Some(7), None], 0),
        CallRecord {
            call: NewCallRecord::between("x", CallDirection::Internal, at(0), at(0)),
            ..call(tenant, 2, [Some(8), Some(8)], 0)
        },
    );
    let recording = recording(tenant, 3, [None, Some(7)]);
    let (message, chat) = (message(tenant, 4, Some(7)), chat(tenant, 5, [Some(8), Some(7)]));
    change(store, tenant, async |tx| {
        tx.insert_call_records(&[&call, &bare]).await.unwrap();
        tx.insert_recordings(&[&recording]).await.unwrap();
        tx.insert_messages(&[&message]).await.unwrap();
        tx.insert_chat_messages(&[&chat]).await.unwrap();
        tx.insert_call_records(&[]).await.unwrap();
    })
    .await;
    for (history, seen) in [
        (whole(tenant), true),
        (of(tenant, 7), true),
        (of(tenant, 9), false),
        (of(other, 7), false),
        (whole(other), false),
    ] {
        let expected = seen.then_some(&call);
        assert_eq!(store.call_record(history, 1).await.unwrap().as_ref(), expected);
        let expected = seen.then_some(&recording);
        assert_eq!(store.recording(history, 3).await.unwrap().as_ref(), expected);
        let expected = seen.then_some(&message);
        assert_eq!(store.message(history, 4).await.unwrap().as_ref(), expected);
        let expected = seen.then_some(&chat);
        assert_eq!(store.chat_message(history, 5).await.unwrap().as_ref(), expected);
        let many = usize::from(seen);
        let recordings = store.list_recordings(history, &Query::default()).await.unwrap();
        assert_eq!(recordings.items.len(), many);
        let query = Query {
            search: jackfield_domain::Search::parse("LINE telco or bob").unwrap(),
            order: vec![(MessageField::Sender, Order::Ascending)],
            ..Query::default()
        };
        let messages = store.list_messages(history, &query).await.unwrap();
        assert_eq!(messages.items.len(), many);
        let query = Query {
            order: vec![(ChatMessageField::Content, Order::Descending)],
            ..Query::default()
        };
        let chats = store.list_chat_messages(history, &query).await.unwrap();
        assert_eq!(chats.items.len(), many);
    }
    assert_eq!(store.call_record(of(tenant, 8), 2).await.unwrap(), Some(bare));
    for (kind, id, number) in [
        (ReportKind::CallRecord, "call-1", 1),
        (ReportKind::Recording, "rec-3", 3),
        (ReportKind::Message, "sms-4", 4),
        (ReportKind::ChatMessage, "chat-5", 5),
    ] {
        let asked = ["nobody", id, "\"quoted\"", "\u{1f4de}"];
        let found = store.reported_among(tenant, kind, &asked).await.unwrap();
        assert_eq!(found, [(id.to_owned(), number)]);
        assert!(
            store
                .reported_among(other, kind, &asked)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(store.reported_among(tenant, kind, &[]).await.unwrap().is_empty());
    }
}

/// The numbers of each user's calls go up by one, whatever the calls of others, and tell where a page begins.
pub async fn reports_are_numbered_for_each_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let mut ids = Vec::new();
    for round in 0..4_i64 {
        change(store, tenant, async |tx| {
            let new = tx.next_ids(Sequence::CallRecord, 3).await.unwrap();
            let [one, two, three] = new[..] else {
                panic!("{new:?}")
            };
            let records = [
                call(tenant, one, [Some(7), Some(8)], 100 - round),
                call(tenant, two, [None, Some(8)], round),
                call(tenant, three, [None, None], round),
            ];
            tx.insert_call_records(&records.iter().collect::<Vec<_>>())
                .await
                .unwrap();
            ids.extend(new);
        })
        .await;
    }
    assert!(
        ids.is_sorted()
            && change(store, tenant, async |tx| tx.next_ids(Sequence::Group, 0).await)
                .await
                .unwrap()
                .is_empty()
    );
    for (history, count) in [
        (of(tenant, 7), 4),
        (of(tenant, 8), 8),
        (whole(tenant), 12),
        (of(tenant, 9), 0),
    ] {
        assert_eq!(store.last_call_record(history).await.unwrap(), count);
        let all = store.call_records_after(history, 0, None, 100).await.unwrap();
        let numbers: Vec<i64> = all.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
        let mine: Vec<i64> = all.iter().map(|(_, record)| record.id.get()).collect();
        assert!(mine.is_sorted());
        let later = store.call_records_after(history, 1, None, 2).await.unwrap();
        assert_eq!(later, all.iter().skip(1).take(2).cloned().collect::<Vec<_>>());
        let since = store
            .call_records_after(history, 0, Some(at(50)), 100)
            .await
            .unwrap();
        assert_eq!(
            since.len(),
            all.iter()
                .filter(|(_, record)| record.call.started_at >= at(50))
                .count()
        );
        for skip in 0..=count + 1 {
            let page = Page { skip, take: 3 };
            let query = Query {
                page,
                ..Query::default()
            };
            let list = store.list_call_records(history, &query).await.unwrap();
            assert_eq!(list.total, count);
            let seen: Vec<i64> = list.items.iter().map(|record| record.id.get()).collect();
            let expected: Vec<i64> = mine
                .iter()
                .rev()
                .skip(usize::try_from(skip).unwrap())
                .take(3)
                .copied()
                .collect();
            assert_eq!(seen, expected, "{history:?} {page:?}");
        }
    }
}

/// Nobody reads what a user had who is gone; the tenant keeps the calls.
pub async fn histories_go_with_their_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        insert(tx, &user(tenant, 7, "ada")).await;
        let call = call(tenant, 1, [Some(7), None], 0);
        tx.insert_call_records(&[&call]).await.unwrap();
        tx.insert_recordings(&[&recording(tenant, 1, [Some(7), None])])
            .await
            .unwrap();
        tx.insert_messages(&[&message(tenant, 1, Some(7))]).await.unwrap();
        tx.insert_chat_messages(&[&chat(tenant, 1, [Some(7), None])])
            .await
            .unwrap();
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, UserId::new(7)).await.unwrap());
    })
    .await;
    assert_eq!(store.last_call_record(of(tenant, 7)).await.unwrap(), 0);
    assert_eq!(store.last_call_record(whole(tenant)).await.unwrap(), 1);
    let list = store
        .list_recordings(of(tenant, 7), &Query::default())
        .await
        .unwrap();
    assert_eq!((list.items.len(), list.total), (0, 0));
}

/// A recording gets a file, and goes from every list.
pub async fn recordings_come_and_go(store: Arc<dyn Store>) {
    struct Same;
    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let key = BlobKey::generate(&Same);
    change(store, tenant, async |tx| {
        let one = recording(tenant, 1, [Some(7), Some(8)]);
        let two = recording(tenant, 2, [Some(7), None]);
        tx.insert_recordings(&[&one, &two]).await.unwrap();
        tx.set_recording_file(tenant, RecordingId::new(2), &key, 99)
            .await
            .unwrap();
    })
    .await;
    let two = store.recording(of(tenant, 7), 2).await.unwrap().unwrap();
    assert_eq!((two.file_key, two.file_size), (Some(key), 99));
    change(store, tenant, async |tx| {
        assert!(tx.delete_recording(tenant, RecordingId::new(1)).await.unwrap());
        assert!(!tx.delete_recording(tenant, RecordingId::new(1)).await.unwrap());
        tx.insert_recordings(&[&recording(tenant, 3, [Some(8), None])])
            .await
            .unwrap();
    })
    .await;
    for (history, expected) in [
        (whole(tenant), vec![3, 2]),
        (of(tenant, 7), vec![2]),
        (of(tenant, 8), vec![3]),
    ] {
        let list = store.list_recordings(history, &Query::default()).await.unwrap();
        let ids: Vec<i64> = list.items.iter().map(|recording| recording.id.get()).collect();
        assert_eq!(ids, expected);
        assert_eq!(list.total, i64::try_from(expected.len()).unwrap());
    }
}

/// Names are looked up many at a time.
pub async fn users_are_found_by_their_names(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    change(store, tenant, async |tx| {
        insert(tx, &with_extension(user(tenant, 7, "Ada"), "1001")).await;
        insert(tx, &with_extension(user(tenant, 8, "ben"), "1002")).await;
    })
    .await;
    let asked = ["1002", "ada", "", "1001", "\u{1f4de}", "9"];
    let found = store.users_by_names(tenant, &asked).await.unwrap();
    assert_eq!(found, [("ada".into(), UserId::new(7))]);
    assert!(store.users_by_names(other, &asked).await.unwrap().is_empty());
    assert!(store.users_by_names(tenant, &[]).await.unwrap().is_empty());
}

const FIELDS: &[CallRecordField] = &[
    CallRecordField::Id,
    CallRecordField::Caller,
    CallRecordField::CallerDomain,
    CallRecordField::CallerDisplayName,
    CallRecordField::Callee,
    CallRecordField::CalleeDomain,
    CallRecordField::CalleeDisplayName,
    CallRecordField::StartedAt,
    CallRecordField::RangAt,
    CallRecordField::AnsweredAt,
    CallRecordField::EndedAt,
    CallRecordField::CallId,
    CallRecordField::Direction,
    CallRecordField::EndReason,
    CallRecordField::RerouteReason,
    CallRecordField::StatusCode,
    CallRecordField::Destination,
    CallRecordField::OutboundCallerId,
    CallRecordField::DidCid,
    CallRecordField::Trunk,
    CallRecordField::Duration,
    CallRecordField::ServiceNumber,
];

fn value(record: &CallRecord, field: CallRecordField) -> Literal {
    let call = &record.call;
    let text = |text: &str| Literal::Text(text.to_owned());
    match field {
        CallRecordField::Id => Literal::Number(record.id.get()),
        CallRecordField::Caller => text(&call.caller),
        CallRecordField::CallerDomain => text(&call.caller_domain),
        CallRecordField::CallerDisplayName => text(&call.caller_display_name),
        CallRecordField::Callee => text(&call.callee),
        CallRecordField::CalleeDomain => text(&call.callee_domain),
        CallRecordField::CalleeDisplayName => text(&call.callee_display_name),
        CallRecordField::StartedAt => Literal::Time(call.started_at),
        CallRecordField::RangAt => call.rang_at.map_or(Literal::Null, Literal::Time),
        CallRecordField::AnsweredAt => call.answered_at.map_or(Literal::Null, Literal::Time),
        CallRecordField::EndedAt => Literal::Time(call.ended_at),
        CallRecordField::CallId => text(&call.call_id),
        CallRecordField::Direction => text(call.direction.word()),
        CallRecordField::EndReason => text(call.end_reason.map_or("", EndReason::word)),
        CallRecordField::RerouteReason => text(call.reroute_reason.map_or("", RerouteReason::word)),
        CallRecordField::StatusCode => Literal::Number(call.status_code),
        CallRecordField::Destination => text(&call.destination),
        CallRecordField::OutboundCallerId => text(&call.outbound_caller_id),
        CallRecordField::DidCid => text(&call.did_cid),
        CallRecordField::Trunk => text(&call.trunk),
        CallRecordField::Duration => Literal::Number(call.duration()),
        CallRecordField::ServiceNumber => text(&call.service_number),
    }
}

fn words(record: &CallRecord) -> String {
    let call = &record.call;
    [
        &*call.caller,
        &call.caller_display_name,
        &call.callee,
        &call.callee_display_name,
        &call.destination,
    ]
    .join("\n")
}

/// Filters, searches, orders and pages of a user's calls, at random; those of others in between do not show.
#[expect(clippy::unused_async, reason = "every case of the suite is called alike")]
pub async fn call_records_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let worlds = Cell::new(0);
    let record = (
        prop::array::uniform5(text()),
        prop::option::of(0..3_i64),
        prop::option::of(0..3_i64),
        0..4_i64,
        any::<bool>(),
    );
    try_many(
        prop::collection::vec(record, 0..24),
        FIELDS,
        |records, queries| {
            worlds.set(worlds.get() + 1);
            let tenant = wait(make_tenant(&*store, &format!("{}.example", worlds.get())));
            let records: Vec<CallRecord> = (0_i64..)
                .zip(records)
                .map(
                    |(id, ([caller, callee, name, trunk, destination], rang, answered, second, mine))| {
                        let mut record = call(tenant, id, [mine.then_some(7), Some(8)], second);
                        record.call = NewCallRecord {
                            caller,
                            callee,
                            callee_display_name: name,
                            trunk,
                            destination,
                            rang_at: rang.map(|more| at(second + more)),
                            answered_at: answered.map(|more| at(second + more)),
                            end_reason: rang.map(|_| EndReason::Cancelled),
                            ..record.call
                        };
                        record
                    },
                )
                .collect();
            wait(change(&*store, tenant, async |tx| {
                let all: Vec<&CallRecord> = records.iter().collect();
                tx.insert_call_records(&all).await.unwrap();
            }));
            for query in queries {
                for user in [7, 8] {
                    let mut mine = records.clone();
                    mine.retain(|record| {
                        [record.caller_user, record.callee_user].contains(&Some(UserId::new(user)))
                    });
                    if query.order.is_empty() {
                        mine.reverse();
                    }
                    let expected = query.run(mine, value, words);
                    let found = wait(store.list_call_records(of(tenant, user), &query)).unwrap();
                    same(&query, &found, &expected)?;
                }
            }
            Ok(())
        },
    );
}
