//! Meetings and the state of their conferences.

use std::sync::Arc;

use jackfield_domain::{
    Comparison, Filter, Literal, Meeting, MeetingControl, MeetingField, MeetingId, MeetingMode,
    MeetingSettings, NewParticipant, Order, Page, Participant, ParticipantId, Query, Room, Search, TenantId,
    UserId,
};

use super::samples::{at, change, insert, make_tenant, refused, user, with_extension};
use crate::{Error, MeetingRecord, NumberKind, Store};

fn record(tenant: TenantId, id: i64, owner: UserId, number: &str) -> MeetingRecord {
    MeetingRecord {
        meeting: Meeting {
            tenant,
            id: MeetingId::new(id),
            owner,
            extension_number: number.into(),
            mode: MeetingMode::Video,
            subject: format!("Meeting {id}"),
            settings: MeetingSettings {
                control: MeetingControl::Master,
                timezone: "Europe/Berlin".into(),
                scheduled_start_at: Some(at(id)),
                custom_options: "{}".into(),
                ..MeetingSettings::default()
            },
            created_at: at(1),
            version: 1,
        },
        sealed_admin_pin: vec![0, 255],
        sealed_room_pin: Vec::new(),
        invitation: 0,
    }
}

/// Two users, and meetings of the first with these ids; the second is invited to those with even ids.
async fn make_meetings(store: &dyn Store, tenant: TenantId, ids: &[i64]) -> (UserId, UserId) {
    let ann = with_extension(user(tenant, 11, "ann"), "101");
    let bob = user(tenant, 12, "bob");
    change(store, tenant, async |tx| {
        insert(tx, &ann).await;
        insert(tx, &bob).await;
        for id in ids {
            let mut record = record(tenant, *id, ann.id, &format!("80{id}"));
            if id % 2 == 0 {
                record.meeting.settings.internal_invitees = vec![bob.id];
            }
            tx.claim_number(tenant, &record.meeting.extension_number, NumberKind::Meeting)
                .await
                .unwrap();
            tx.insert_meeting(&record).await.unwrap();
        }
    })
    .await;
    (ann.id, bob.id)
}

/// Every value is kept.
pub async fn a_meeting_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (ann, bob) = make_meetings(store, tenant, &[1]).await;
    let id = MeetingId::new(1);
    let made = record(tenant, 1, ann, "801");
    assert_eq!(store.meeting(tenant, id).await.unwrap(), Some(made.clone()));
    assert_eq!(store.meeting(other, id).await.unwrap(), None);
    let mut changed = made.clone();
    changed.meeting.subject = "Zo\u{eb}".into();
    changed.meeting.version = 2;
    changed.meeting.settings.scheduled_start_at = None;
    changed.meeting.settings.scheduled_end_at = Some(at(9));
    changed.meeting.settings.internal_invitees = vec![bob];
    changed.sealed_admin_pin = Vec::new();
    changed.sealed_room_pin = vec![7];
    changed.invitation = 3;
    change(store, tenant, async |tx| {
        tx.update_meeting(&changed).await.unwrap();
    })
    .await;
    assert_eq!(store.meeting(tenant, id).await.unwrap(), Some(changed.clone()));
    changed.meeting.settings.internal_invitees = vec![UserId::new(77)];
    let error = refused(store, tenant, async |tx| tx.update_meeting(&changed).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    let unclaimed = record(tenant, 2, ann, "999");
    let error = refused(store, tenant, async |tx| tx.insert_meeting(&unclaimed).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    let absent = record(tenant, 3, ann, "801");
    let error = refused(store, tenant, async |tx| tx.update_meeting(&absent).await).await;
    assert!(matches!(error, Error::Reference), "{error:?}");
}

/// A list holds what the user organizes and what he is invited to.
pub async fn meetings_are_listed_for_their_people(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (ann, bob) = make_meetings(store, tenant, &[1, 2, 3, 4]).await;
    let ask = async |user, query: &Query<MeetingField>| {
        let listing = store.list_meetings(tenant, user, query).await.unwrap();
        let ids: Vec<i64> = listing.items.iter().map(|one| one.meeting.id.get()).collect();
        (listing.total, ids)
    };
    let all = Query::default();
    assert_eq!(ask(ann, &all).await, (4, vec![1, 2, 3, 4]));
    assert_eq!(ask(bob, &all).await, (2, vec![2, 4]));
    assert_eq!(store.list_meetings(other, ann, &all).await.unwrap().total, 0);
    let page = Query {
        page: Page { skip: 1, take: 1 },
        order: vec![(MeetingField::ScheduledStartAt, Order::Descending)],
        ..Query::default()
    };
    assert_eq!(ask(ann, &page).await, (4, vec![3]));
    let video = |word: &str| Query {
        filter: Some(Filter::Compare(
            MeetingField::Mode,
            Comparison::Equal,
            Literal::Text(word.into()),
        )),
        ..Query::default()
    };
    assert_eq!(ask(bob, &video("VIDEO")).await, (2, vec![2, 4]));
    assert_eq!(ask(bob, &video("AUDIO")).await, (0, vec![]));
    for (words, found) in [("meeting 4", vec![4]), ("804", vec![4]), ("nothing", vec![])] {
        let search = Query {
            search: Search::parse(words).unwrap(),
            ..Query::default()
        };
        assert_eq!(ask(ann, &search).await.1, found, "{words}");
    }
    let with = async |user| -> Vec<i64> {
        let found = store.meetings_with(tenant, user).await.unwrap();
        found.iter().map(|one| one.meeting.id.get()).collect()
    };
    assert_eq!(with(ann).await, [1, 2, 3, 4]);
    assert_eq!(with(bob).await, [2, 4]);
}

/// A meeting ends with its number and with its organizer, not with whom is invited; its number comes free.
pub async fn meetings_go_with_number_and_organizer(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let (ann, bob) = make_meetings(store, tenant, &[1, 2, 3]).await;
    let is_there = async |id| store.meeting(tenant, MeetingId::new(id)).await.unwrap().is_some();
    change(store, other, async |tx| {
        assert!(!tx.delete_meeting(other, MeetingId::new(1)).await.unwrap());
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_meeting(tenant, MeetingId::new(1)).await.unwrap());
        assert!(!tx.delete_meeting(tenant, MeetingId::new(1)).await.unwrap());
        assert!(tx.release_number(tenant, "803").await.unwrap());
        assert!(tx.delete_user(tenant, bob).await.unwrap());
    })
    .await;
    assert!(!is_there(1).await && is_there(2).await && !is_there(3).await);
    assert_eq!(store.number(tenant, "801").await.unwrap(), None);
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann).await.unwrap());
    })
    .await;
    assert!(!is_there(2).await);
    assert_eq!(store.number(tenant, "802").await.unwrap(), None);
}

/// What goes on is kept, and gone when it is over or the meeting is.
pub async fn a_room_is_kept_while_it_goes_on(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    make_meetings(store, tenant, &[1]).await;
    let id = MeetingId::new(1);
    let mut room = Room::default();
    for step in 0..3 {
        change(store, tenant, async |tx| {
            tx.set_room(tenant, id, Some(&room)).await.unwrap();
        })
        .await;
        assert_eq!(store.room(tenant, id).await.unwrap(), Some(room.clone()));
        assert_eq!(store.room(other, id).await.unwrap(), None);
        room.locked = !room.locked;
        room.participants.push(Participant {
            who: NewParticipant {
                id: ParticipantId::new(step),
                display_name: "Zo\u{eb}".into(),
                number: "1".into(),
                user: None,
            },
            muted: false,
            chairman: false,
            position: step,
        });
    }
    let absent = MeetingId::new(9);
    let error = refused(store, tenant, async |tx| {
        tx.set_room(tenant, absent, Some(&room)).await
    })
    .await;
    assert!(matches!(error, Error::Reference), "{error:?}");
    for _ in 0..2 {
        change(store, tenant, async |tx| {
            tx.set_room(tenant, id, None).await.unwrap();
        })
        .await;
        assert_eq!(store.room(tenant, id).await.unwrap(), None);
    }
    change(store, tenant, async |tx| {
        tx.set_room(tenant, id, Some(&room)).await.unwrap();
        tx.delete_meeting(tenant, id).await.unwrap();
    })
    .await;
    assert_eq!(store.room(tenant, id).await.unwrap(), None);
}

/// Who was let in is known by the engine's id in that meeting, also after the conference, until the next one.
pub async fn visits_are_known_until_forgotten(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    make_meetings(store, tenant, &[1, 2]).await;
    let (one, two) = (MeetingId::new(1), MeetingId::new(2));
    change(store, tenant, async |tx| {
        for (meeting, participant) in [(one, 5), (two, 6)] {
            tx.insert_visit(tenant, meeting, "a", ParticipantId::new(participant))
                .await
                .unwrap();
        }
    })
    .await;
    let find = async |meeting, id: &str| store.visit(tenant, meeting, id).await.unwrap();
    assert_eq!(find(one, "a").await, Some(ParticipantId::new(5)));
    assert_eq!(find(two, "a").await, Some(ParticipantId::new(6)));
    for unknown in ["A", "b", "", "a\0"] {
        assert_eq!(find(one, unknown).await, None, "{unknown:?}");
    }
    change(store, tenant, async |tx| {
        tx.forget_visits(tenant, one).await.unwrap();
    })
    .await;
    assert_eq!(find(one, "a").await, None);
    assert_eq!(find(two, "a").await, Some(ParticipantId::new(6)));
}
