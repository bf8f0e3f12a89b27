//! What engines report, whose it is, and who may read it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jackfield_directory::Reported;
use jackfield_domain::{
    ApiKeyId, BuiltInRole, CallDirection, Caller, Clock, Delivery, Error, LiveCallState, MessageDirection,
    MessageKind, NewCallRecord, NewChatMessage, NewLiveCall, NewMessage, NewRecording, Owner, Query,
    Reporter, Thing, Timestamp,
    capability::{ReadCalls, ReadRecordings, RemoveRecordings},
};

use crate::support::{House, on_each_engine};

/// The key of an engine of the first tenant.
pub(crate) fn engine(house: &House) -> Reporter {
    let caller = Caller::engine(house.tenant, ApiKeyId::new(1));
    Arc::new(caller).reporter().unwrap()
}

pub(crate) fn call(external_id: &str, from: &str, to: &str, second: i64) -> NewCallRecord {
    let start = Timestamp::from_micros(1_600_000_000_000_000 + second * 1_000_000);
    NewCallRecord {
        caller: from.into(),
        callee: to.into(),
        ..NewCallRecord::between(
            external_id,
            CallDirection::Internal,
            start,
            start.plus(Duration::from_secs(9)),
        )
    }
}

fn recording(external_id: &str, from: &str, to: &str) -> NewRecording {
    NewRecording {
        external_id: external_id.into(),
        call_id: String::new(),
        caller: from.into(),
        callee: to.into(),
        started_at: Timestamp::from_micros(0),
        ended_at: Timestamp::from_micros(1),
        file_name: "a.wav".into(),
    }
}

fn message(external_id: &str, direction: MessageDirection, sender: &str, receiver: &str) -> NewMessage {
    NewMessage {
        external_id: external_id.into(),
        config_id: String::new(),
        sender: sender.into(),
        sender_name: String::new(),
        receiver: receiver.into(),
        receiver_name: String::new(),
        channel_name: String::new(),
        channel_number: String::new(),
        brand: String::new(),
        did: String::new(),
        kind: MessageKind::Sms,
        direction,
        content: "hello".into(),
        reason: String::new(),
        delivery: Delivery::Received,
        provider_message_id: String::new(),
        created_at: Timestamp::from_micros(0),
    }
}

fn live(external_id: &str, state: LiveCallState, callee: &str) -> NewLiveCall {
    NewLiveCall {
        external_id: external_id.into(),
        state,
        direction: CallDirection::Inbound,
        caller: "+4930".into(),
        caller_display_name: String::new(),
        callee: callee.into(),
        callee_display_name: String::new(),
        destination: callee.into(),
        trunk: String::new(),
        started_at: Timestamp::from_micros(0),
        answered_at: state.is_talking().then_some(Timestamp::from_micros(1)),
    }
}

/// What became of a batch, in short: the id with a sign of what happened to it.
fn told(reported: &[Reported]) -> Vec<(char, i64)> {
    let short = reported.iter().map(|reported| match reported {
        Reported::New(id) => ('n', *id),
        Reported::Replaced(id) => ('r', *id),
        Reported::Known(id) => ('k', *id),
        Reported::Refused(error) => {
            assert!(matches!(error, Error::Invalid(_)), "{error}");
            ('x', 0)
        }
    });
    short.collect()
}

async fn person(house: &House, name: &str, number: &str) -> Owner {
    let (_, caller) = house.person(name, number, BuiltInRole::StandardUser).await;
    caller.own().unwrap()
}

async fn calls_of(house: &House, owner: &Owner) -> Vec<String> {
    let owner = owner.clone().permitted::<ReadCalls>().unwrap();
    let list = house
        .directory
        .list_call_records(&owner, &Query::default())
        .await
        .unwrap();
    assert_eq!(usize::try_from(list.total).unwrap(), list.items.len());
    list.items
        .into_iter()
        .map(|record| record.call.external_id)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_stored_item_by_item_and_once() {
    on_each_engine(async |house| {
        let (directory, engine) = (&house.directory, engine(&house));
        let (ada, ben) = (
            person(&house, "ada", "1001").await,
            person(&house, "ben", "1002").await,
        );
        let before = house.journal(house.tenant).await.len();
        assert!(
            directory
                .report_call_records(&engine, Vec::new())
                .await
                .unwrap()
                .is_empty()
        );
        let bad = NewCallRecord {
            status_code: 999,
            ..call("bad", "1001", "", 0)
        };
        let first = vec![
            call("a", "1001", "1002", 5),
            bad.clone(),
            call("b", "+49301", "1001", 1),
            call("a", "1002", "1002", 7),
            call("c", "+49301", "+49302", 9),
        ];
        let outcome = directory.report_call_records(&engine, first).await.unwrap();
        let outcome = told(&outcome);
        let [a, _, b, again, c] = outcome[..] else {
            panic!("{outcome:?}")
        };
        assert_eq!([a.0, b.0, c.0], ['n', 'n', 'n']);
        assert!(a.1 < b.1 && b.1 < c.1, "ids follow the batch");
        assert_eq!((outcome[1].0, again), ('x', ('k', a.1)));
        let second = vec![bad, call("b", "1002", "1002", 1), call("d", "1002", "1002", 2)];
        let outcome = told(&directory.report_call_records(&engine, second).await.unwrap());
        assert_eq!(outcome[..2], [('x', 0), ('k', b.1)]);
        assert!(outcome[2].0 == 'n' && outcome[2].1 > c.1);
        // A repeat changed nothing, and a call between two is that of both, once.
        assert_eq!(calls_of(&house, &ada).await, ["b", "a"]);
        assert_eq!(calls_of(&house, &ben).await, ["d", "a"]);
        assert_eq!(
            house.journal(house.tenant).await.len(),
            before,
            "reports are not journalled"
        );

        let reader = ada.clone().permitted::<ReadCalls>().unwrap();
        let record = directory.call_record(&reader, a.1).await.unwrap();
        assert_eq!(
            (record.caller_user, record.callee_user),
            (Some(ada.user()), Some(ben.user()))
        );
        for unknown in [c.1, 7] {
            let result = directory.call_record(&reader, unknown).await;
            assert!(matches!(result, Err(Error::Absent(Thing::CallRecord))));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_another_tenant_are_nobodys() {
    on_each_engine(async |house| {
        let ada = person(&house, "ada", "1001").await;
        let other = house.make_tenant("two.example").await;
        let stranger = Caller::engine(other, ApiKeyId::new(2));
        let stranger = Arc::new(stranger).reporter().unwrap();
        let calls = || vec![call("a", "1001", "1001", 0)];
        let one = told(
            &house
                .directory
                .report_call_records(&stranger, calls())
                .await
                .unwrap(),
        );
        assert!(calls_of(&house, &ada).await.is_empty());
        // The same id of another engine's call is another call.
        let two = told(
            &house
                .directory
                .report_call_records(&engine(&house), calls())
                .await
                .unwrap(),
        );
        assert!(one[0].0 == 'n' && two[0].0 == 'n' && one[0].1 != two[0].1);
        assert_eq!(calls_of(&house, &ada).await, ["a"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_hear_of_each_call_once_and_from_their_date_on() {
    on_each_engine(async |house| {
        let (directory, engine) = (&house.directory, engine(&house));
        let (ada, ben) = (
            person(&house, "ada", "1001").await,
            person(&house, "ben", "1002").await,
        );
        let reader = ada.clone().permitted::<ReadCalls>().unwrap();
        let report = async |id: &str, second| {
            let batch = vec![call(id, "1001", "1002", second)];
            directory.report_call_records(&engine, batch).await.unwrap();
        };
        report("old", 10).await;
        report("recent", 20).await;
        let mut now = directory.follow_call_records(&reader, None).await.unwrap();
        let date = call("", "", "", 15).started_at;
        let mut dated = directory.follow_call_records(&reader, Some(date)).await.unwrap();
        let ask = async |token: &mut String| {
            let news = directory.changed_call_records(&reader, token).await.unwrap();
            *token = news.token;
            let told = news.changed.into_iter().filter_map(|changed| changed.now);
            told.map(|record| record.call.external_id).collect::<Vec<_>>()
        };
        assert!(ask(&mut now).await.is_empty());
        assert_eq!(ask(&mut dated).await, ["recent"]);
        report("late", 5).await;
        report("new", 30).await;
        assert_eq!(ask(&mut now).await, ["late", "new"]);
        assert_eq!(ask(&mut dated).await, ["new"]);
        assert!(ask(&mut now).await.is_empty() && ask(&mut dated).await.is_empty());

        let bens = ben.permitted::<ReadCalls>().unwrap();
        let contacts = directory
            .follow_items::<jackfield_domain::Contact>(&(&ada).into())
            .await
            .unwrap();
        for (reader, token) in [(&bens, &now), (&reader, &contacts), (&reader, &"00".to_owned())] {
            let result = directory.changed_call_records(reader, token).await;
            assert!(matches!(result, Err(Error::Spent(Thing::SyncToken))));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recordings_get_their_file_and_are_removed_by_who_may() {
    on_each_engine(async |house| {
        let (directory, engine) = (&house.directory, engine(&house));
        let (ada, ben) = (
            person(&house, "ada", "1001").await,
            person(&house, "ben", "1002").await,
        );
        let batch = vec![
            recording("r1", "1001", "1002"),
            recording("r1", "1", "2"),
            recording("", "", ""),
        ];
        let outcome = told(&directory.report_recordings(&engine, batch).await.unwrap());
        let id = outcome[0].1;
        assert_eq!(outcome, [('n', id), ('k', id), ('x', 0)]);
        let file = |length: u8| -> Bytes {
            let mut file =
                b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
                    .to_vec();
            file.extend([length, 0, 0, 0]);
            file.resize(file.len() + usize::from(length), 0);
            file.into()
        };
        let put = async |id: &str, mut content: Bytes| {
            directory.put_recording_file(&engine, id, &mut content).await
        };
        let reader = ben.clone().permitted::<ReadRecordings>().unwrap();
        let read = async || directory.recording(&reader, id).await.unwrap();
        assert_eq!(put("r1", file(2)).await.unwrap(), id);
        let first = read().await;
        assert_eq!(put("r1", file(2)).await.unwrap(), id);
        assert_eq!(read().await, first, "the same content changes nothing");
        for (name, wrong) in [("text", Bytes::from_static(b"hello")), ("nothing", Bytes::new())] {
            let refused = put("r1", wrong).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{name}");
        }
        let nobodys = put("r2", file(2)).await;
        assert!(matches!(nobodys, Err(Error::Absent(Thing::Recording))));
        assert_eq!(read().await, first);
        assert_eq!(first.file_size, 46);
        let key = first.file_key.clone().unwrap();
        let blob = directory.open_blob(key.as_str()).await.unwrap().blob;
        assert_eq!((blob.name, blob.owner), (first.recording.file_name.clone(), None));
        // Another content takes the place of the first, which goes when its day is over.
        assert_eq!(put("r1", file(4)).await.unwrap(), id);
        let second = read().await;
        assert_eq!(second.file_size, 48);
        assert_ne!(second.file_key, first.file_key);
        let later = Timestamp::from_micros(4_000_000_000_000_000);
        assert_eq!(directory.collect_blobs(later).await.unwrap().blobs, 1);
        assert!(directory.open_blob(key.as_str()).await.is_err());

        let cora = person(&house, "cora", "1003")
            .await
            .permitted::<RemoveRecordings>()
            .unwrap();
        let foreign = directory.remove_recording(&cora, id).await;
        assert!(matches!(foreign, Err(Error::Absent(Thing::Recording))));
        let remover = ada.permitted::<RemoveRecordings>().unwrap();
        directory.remove_recording(&remover, id).await.unwrap();
        let gone = directory.recording(&reader, id).await;
        assert!(matches!(gone, Err(Error::Absent(Thing::Recording))));
        assert!(matches!(
            put("r1", file(2)).await,
            Err(Error::Absent(Thing::Recording))
        ));
        let journal = house.journal(house.tenant).await;
        assert_eq!(journal.last().unwrap().record, id);
        assert_eq!(directory.collect_blobs(later).await.unwrap().blobs, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_those_of_the_users_number_or_name() {
    on_each_engine(async |house| {
        let (directory, engine) = (&house.directory, engine(&house));
        let ada = person(&house, "ada", "1001").await;
        let batch = vec![
            message("in", MessageDirection::In, "+4930", "1001"),
            message("out", MessageDirection::Out, "1001", "+4930"),
            message("other", MessageDirection::In, "1001", "+4930"),
        ];
        let outcome = told(&directory.report_messages(&engine, batch.clone()).await.unwrap());
        let again = told(&directory.report_messages(&engine, batch).await.unwrap());
        assert_eq!(
            again,
            outcome.iter().map(|(_, id)| ('k', *id)).collect::<Vec<_>>()
        );
        let list = directory.list_messages(&ada, &Query::default()).await.unwrap();
        let ids: Vec<_> = list
            .items
            .iter()
            .map(|item| item.message.external_id.as_str())
            .collect();
        assert_eq!(ids, ["out", "in"]);
        assert!(directory.message(&ada, outcome[0].1).await.is_ok());
        let unknown = directory.message(&ada, outcome[2].1).await;
        assert!(matches!(unknown, Err(Error::Absent(Thing::Message))));

        let chat = NewChatMessage {
            external_id: "m".into(),
            conversation: String::new(),
            sender: "ADA".into(),
            receiver: "1001".into(),
            content: "hello".into(),
            created_at: Timestamp::from_micros(0),
        };
        let outcome = told(&directory.report_chat_messages(&engine, vec![chat]).await.unwrap());
        let of = jackfield_store::History {
            tenant: house.tenant,
            user: Some(ada.user()),
        };
        let stored = jackfield_store::ReportReads::chat_message(&*house.store, of, outcome[0].1)
            .await
            .unwrap();
        let stored = stored.unwrap();
        assert_eq!(
            (stored.sender_user, stored.receiver_user),
            (Some(ada.user()), Some(ada.user()))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_call_has_its_last_state_until_it_ends_or_nobody_speaks_of_it() {
    use LiveCallState::{Answered, Ended, Held, Ringing};
    on_each_engine(async |house| {
        let (directory, engine) = (&house.directory, engine(&house));
        let ada = person(&house, "ada", "1001").await;
        let report = async |calls| told(&directory.report_live_calls(&engine, calls).await.unwrap());
        let states = async || {
            let calls = directory.live_calls(&ada).await.unwrap();
            calls
                .into_iter()
                .map(|call| (call.id.get(), call.call.state))
                .collect::<Vec<_>>()
        };
        let first = report(vec![
            live("x", Ringing, "1001"),
            live("y", Ended, "1001"),
            live("x", Answered, "1001"),
        ])
        .await;
        let id = first[0].1;
        assert_eq!(first, [('n', id), ('k', 0), ('r', id)]);
        assert_eq!(states().await, [(id, Answered)]);
        let wrong = NewLiveCall {
            answered_at: None,
            ..live("x", Held, "1001")
        };
        assert_eq!(report(vec![wrong]).await, [('x', 0)]);
        // Over, and again under the same id of the engine: another call.
        let next = report(vec![live("x", Ended, "1001"), live("x", Ringing, "1001")]).await;
        assert_eq!(next[0], ('r', id));
        assert!(next[1].0 == 'n' && next[1].1 > id);
        assert_eq!(states().await, [(next[1].1, Ringing)]);
        assert_eq!(report(vec![live("x", Ended, "1001")]).await, [('r', next[1].1)]);
        assert!(states().await.is_empty());
        report(vec![live("z", Held, "1001")]).await;
        assert_eq!(states().await.len(), 1);
        let begun = house.clock.now();
        house.clock.advance(Duration::from_hours(24));
        assert!(house.clock.now() > begun && states().await.is_empty());
    })
    .await;
}
