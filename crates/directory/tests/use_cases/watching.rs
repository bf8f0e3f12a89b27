//! Following the store, and what telephones may see of each other.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Reported, ReportedMailbox, ReportedRegistration, StoreChange, StoreChanges};
use jackfield_domain::{
    BuiltInRole, CallDirection, Caller, Clock as _, Kind, LiveCallState, MessageCounts, NewLiveCall,
    NewRegistration, Patch, Presence, PresencePatch, SeenPresence, UserId, UserPatch, UserStatus,
};

use crate::support::{House, house, on_each_engine};

fn registration(house: &House, span: Duration) -> ReportedRegistration {
    ReportedRegistration {
        extension_number: "1001".into(),
        binding: NewRegistration {
            instance_id: "desk".into(),
            user_agent: String::new(),
            application: String::new(),
            ip: String::new(),
            enable_push: false,
            contact_address: String::new(),
            expires_at: house.clock.now().plus(span),
        },
    }
}

fn call(house: &House, state: LiveCallState, caller: &str, number: &str) -> NewLiveCall {
    NewLiveCall {
        external_id: "call-1".into(),
        state,
        direction: CallDirection::Internal,
        caller: caller.into(),
        caller_display_name: String::new(),
        callee: number.into(),
        callee_display_name: String::new(),
        destination: number.into(),
        trunk: String::new(),
        started_at: house.clock.now(),
        answered_at: state.is_talking().then(|| house.clock.now()),
    }
}

/// What was committed up to now.
async fn heard(changes: &mut StoreChanges) -> Vec<(Kind, i64)> {
    let mut heard = Vec::new();
    while let Ok(change) = tokio::time::timeout(Duration::from_millis(20), changes.next()).await {
        match change {
            StoreChange::Record { kind, record, .. } => heard.push((kind, record)),
            StoreChange::Anything => panic!("it is known what changed"),
        }
    }
    heard
}

#[tokio::test]
async fn whoever_follows_the_store_hears_of_records_and_of_present_states() {
    on_each_engine(async |house| {
        let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let (directory, owner) = (&house.directory, caller.own().unwrap());
        let reporter = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
        let mut changes = directory.store_changes();

        let say = |presence| PresencePatch {
            presence: Patch::Set(presence),
            ..PresencePatch::default()
        };
        directory
            .set_presence(&owner, say(Presence::Lunch))
            .await
            .unwrap();
        assert_eq!(heard(&mut changes).await, [(Kind::Presence, ada.get())]);

        let minute = Duration::from_mins(1);
        for (span, news) in [
            (minute, 1),
            (minute * 2, 0),
            (Duration::ZERO, 1),
            (Duration::ZERO, 0),
        ] {
            let report = vec![registration(&house, span)];
            directory.report_registrations(&reporter, report).await.unwrap();
            let expected = vec![(Kind::Registrations, ada.get()); news];
            assert_eq!(heard(&mut changes).await, expected, "{span:?}");
        }

        let entries = house.journal(house.tenant).await.len();
        for state in [
            LiveCallState::Ringing,
            LiveCallState::Answered,
            LiveCallState::Ended,
        ] {
            let report = vec![call(&house, state, "1001", "1002")];
            directory.report_live_calls(&reporter, report).await.unwrap();
            assert_eq!(heard(&mut changes).await, [(Kind::LiveCalls, 0)], "{state:?}");
        }
        assert_eq!(house.journal(house.tenant).await.len(), entries);
    })
    .await;
}

#[tokio::test]
async fn what_is_seen_of_many_is_what_is_seen_of_each() {
    on_each_engine(async |house| {
        let (ada, ada_caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let (ben, ben_caller) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
        let directory = &house.directory;
        let reporter = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
        let said = PresencePatch {
            presence: Patch::Set(Presence::BusinessTrip),
            note: Patch::Set("in Rome".into()),
        };
        directory
            .set_presence(&ben_caller.own().unwrap(), said)
            .await
            .unwrap();
        let bound = vec![registration(&house, Duration::from_mins(1))];
        directory.report_registrations(&reporter, bound).await.unwrap();
        let everyone = [ada, ben, UserId::new(999_999)];
        for (state, status) in [
            (None, UserStatus::Online),
            (Some(LiveCallState::Ringing), UserStatus::Online),
            (Some(LiveCallState::Answered), UserStatus::OnCall),
            (Some(LiveCallState::Ended), UserStatus::Online),
        ] {
            if let Some(state) = state {
                let report = vec![call(&house, state, "1001", "+4930123456")];
                directory.report_live_calls(&reporter, report).await.unwrap();
            }
            let seen = directory.seen_users(house.tenant, &everyone).await.unwrap();
            assert_eq!(seen.len(), 2, "who is gone is left out");
            assert_eq!(seen[&ada].status, status);
            for (id, caller) in [(ada, &ada_caller), (ben, &ben_caller)] {
                let alone = directory.status(&caller.own().unwrap()).await.unwrap();
                let one = &seen[&id];
                assert_eq!(
                    (one.presence, one.status, &one.note),
                    (alone.presence, alone.status, &alone.note)
                );
            }
        }
        assert_eq!(
            directory.seen_users(house.tenant, &[ben]).await.unwrap()[&ben].presence,
            SeenPresence::BusinessTrip
        );
    })
    .await;
}

#[tokio::test]
async fn who_may_watch_depends_on_what_he_may_call() {
    let house = house().await;
    let (directory, program) = (&house.directory, Arc::new(Caller::program(house.tenant)));
    let ada = house
        .make_user("ada", "1001", BuiltInRole::StandardUser.name())
        .await;
    let _ = house.make_user("max", "1002", BuiltInRole::Admin.name()).await;
    let standing = async |number: &str| directory.standing("one.example", number).await.unwrap();
    let before = standing("1001").await.unwrap();
    assert!(before.identity.enabled && before.may_watch && before.hears_voicemail && !before.sees_numbers);
    assert!(standing("1002").await.unwrap().sees_numbers);
    assert_eq!(standing("1003").await, None);
    assert_eq!(directory.standing("two.example", "1001").await.unwrap(), None);

    // His name is not what he proves himself with; whether he may be at all is asked apart.
    let renamed = UserPatch {
        display_name: Patch::Set("Ada".into()),
        enabled: Patch::Set(false),
        ..UserPatch::default()
    };
    let owner = program.owner_of(ada).unwrap();
    directory.update_user(&owner, renamed).await.unwrap();
    let after = standing("1001").await.unwrap();
    assert!(after.identity.proves(&before.identity) && !after.identity.enabled);
}

#[tokio::test]
async fn what_lies_in_a_box_is_told_when_it_changes() {
    on_each_engine(async |house| {
        let ada = house
            .make_user("ada", "1001", BuiltInRole::StandardUser.name())
            .await;
        let reporter = Arc::new(Caller::program(house.tenant)).reporter().unwrap();
        let directory = &house.directory;
        let entries = house.journal(house.tenant).await.len();
        let mut changes = directory.store_changes();
        for (new, news) in [(2, 1), (2, 0), (0, 1)] {
            let report = ReportedMailbox {
                extension_number: "1001".into(),
                messages: MessageCounts {
                    new,
                    ..MessageCounts::default()
                },
            };
            let messages = report.messages;
            let told = directory.report_mailboxes(&reporter, vec![report]).await.unwrap();
            assert_eq!(matches!(told[..], [Reported::Known(_)]), news == 0, "{told:?}");
            assert_eq!(heard(&mut changes).await, vec![(Kind::Mailbox, ada.get()); news]);
            let found = directory.mailboxes(house.tenant, &[ada]).await.unwrap();
            assert_eq!(found[&ada], messages);
        }
        assert_eq!(house.journal(house.tenant).await.len(), entries);
    })
    .await;
}
