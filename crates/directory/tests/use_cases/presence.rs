//! Registrations and presence: who may report, what is refused, and when devices are forgotten.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{Reported, ReportedRegistration};
use jackfield_domain::{
    AccessLevel, ApiKeyId, BuiltInRole, Caller, Clock as _, Denial, Error, ExtensionAccessPatch, Field, Kind,
    NewRegistration, Owner, Patch, Presence, PresencePatch, PublishedPresence, Reporter, SeenPresence, Thing,
    UserPatch, UserStatus, capability::ManageUsers, limits,
};

use crate::support::{House, house, on_each_engine};

const MINUTE: Duration = Duration::from_mins(1);

fn engine(house: &House) -> Reporter {
    Arc::new(Caller::engine(house.tenant, ApiKeyId::new(1)))
        .reporter()
        .unwrap()
}

/// A report of a device that is bound for so long from now.
fn report(house: &House, number: &str, instance_id: &str, span: Duration) -> ReportedRegistration {
    ReportedRegistration {
        extension_number: number.into(),
        binding: NewRegistration {
            instance_id: instance_id.into(),
            user_agent: "Desk phone 1.0".into(),
            application: String::new(),
            ip: "192.0.2.7".into(),
            enable_push: false,
            contact_address: "sip:1001@192.0.2.7".into(),
            expires_at: house.clock.now().plus(span),
        },
    }
}

async fn say(house: &House, reports: Vec<ReportedRegistration>) -> Vec<Reported> {
    house
        .directory
        .report_registrations(&engine(house), reports)
        .await
        .unwrap()
}

async fn bound(house: &House, owner: &Owner) -> Vec<String> {
    let state = house.directory.status(owner).await.unwrap();
    let ids = state.registrations.into_iter();
    ids.map(|one| one.binding.instance_id).collect()
}

fn concerns(outcome: &Reported, field: Field) -> bool {
    matches!(outcome, Reported::Refused(Error::Invalid(found)) if found.iter().any(|one| one.field == field))
}

#[tokio::test]
async fn each_item_of_a_batch_is_judged_for_itself() {
    on_each_engine(async |house| {
        let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let owner = caller.own().unwrap();
        let entries = house.journal(house.tenant).await.len();
        let mut wrong = report(&house, "9999", "x", MINUTE);
        wrong.binding.ip = "here".into();
        let outcomes = say(
            &house,
            vec![
                report(&house, "1001", "desk", MINUTE),
                report(&house, "9999", "desk", MINUTE),
                wrong,
                report(&house, "1001", "cell", MINUTE * 2),
                report(&house, "1001", "gone", Duration::ZERO),
                report(&house, "1001", "desk", MINUTE * 3),
            ],
        )
        .await;
        let id = ada.get();
        assert!(matches!(outcomes[0], Reported::New(user) if user == id));
        assert!(concerns(&outcomes[1], Field::ExtensionNumber));
        assert!(concerns(&outcomes[2], Field::ExtensionNumber) && concerns(&outcomes[2], Field::Ip));
        assert!(matches!(outcomes[3], Reported::New(user) if user == id));
        assert!(matches!(outcomes[4], Reported::Known(user) if user == id));
        assert!(matches!(outcomes[5], Reported::Replaced(user) if user == id));
        assert_eq!(outcomes.len(), 6);

        assert_eq!(bound(&house, &owner).await, ["cell", "desk"]);
        house.clock.advance(MINUTE * 2);
        assert_eq!(bound(&house, &owner).await, ["desk"]);
        assert_eq!(house.directory.purge_registrations().await.unwrap(), 1);
        assert_eq!(house.directory.purge_registrations().await.unwrap(), 0);

        let outcomes = say(&house, vec![report(&house, "1001", "desk", Duration::ZERO)]).await;
        assert!(matches!(outcomes[..], [Reported::Replaced(_)]));
        assert_eq!(bound(&house, &owner).await, Vec::<String>::new());
        assert_eq!(house.journal(house.tenant).await.len(), entries);
    })
    .await;
}

#[tokio::test]
async fn so_many_devices_and_no_more() {
    let house = house().await;
    let (_, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let owner = caller.own().unwrap();
    let reports = (0..=limits::REGISTRATIONS)
        .map(|number| report(&house, "1001", &format!("device{number:02}"), MINUTE))
        .collect();
    let outcomes = say(&house, reports).await;
    let (last, rest) = outcomes.split_last().unwrap();
    assert!(rest.iter().all(|one| matches!(one, Reported::New(_))));
    assert!(matches!(
        last,
        Reported::Refused(Error::Full(Thing::Registration, 32))
    ));
    // Those that are bound are renewed all the same, and one that leaves makes room.
    let outcomes = say(
        &house,
        vec![
            report(&house, "1001", "device00", MINUTE * 2),
            report(&house, "1001", "device01", Duration::ZERO),
            report(&house, "1001", "another", MINUTE),
        ],
    )
    .await;
    assert!(matches!(
        outcomes[..],
        [Reported::Replaced(_), Reported::Replaced(_), Reported::New(_)]
    ));
    // So do those that end by themselves.
    house.clock.advance(MINUTE);
    assert_eq!(bound(&house, &owner).await, ["device00"]);
    let outcomes = say(&house, vec![report(&house, "1001", "third", MINUTE)]).await;
    assert!(matches!(outcomes[..], [Reported::New(_)]));
}

#[tokio::test]
async fn who_is_disabled_or_gets_another_sip_password_loses_his_devices() {
    let house = house().await;
    let directory = &house.directory;
    let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let own = caller.own().unwrap();
    let program = Arc::new(Caller::program(house.tenant));
    let (owner, users) = (program.owner_of(ada).unwrap(), house.program::<ManageUsers>());
    let register = async || {
        let outcomes = say(&house, vec![report(&house, "1001", "desk", MINUTE)]).await;
        outcomes.into_iter().next().unwrap()
    };
    let enable = async |enabled| {
        let patch = UserPatch {
            enabled: Patch::Set(enabled),
            ..UserPatch::default()
        };
        directory.update_user(&owner, patch).await.unwrap();
    };

    assert!(matches!(register().await, Reported::New(_)));
    directory
        .set_extension_password(&users, ada, "N3w!passphrase")
        .await
        .unwrap();
    assert_eq!(bound(&house, &owner).await, Vec::<String>::new());

    register().await;
    directory
        .change_extension_password(&own, "N3w!passphrase", "Zx7!kq2Q")
        .await
        .unwrap();
    assert_eq!(bound(&house, &owner).await, Vec::<String>::new());

    register().await;
    enable(false).await;
    assert_eq!(bound(&house, &owner).await, Vec::<String>::new());
    assert!(concerns(&register().await, Field::ExtensionNumber));
    let outcomes = say(&house, vec![report(&house, "1001", "desk", Duration::ZERO)]).await;
    assert!(matches!(outcomes[..], [Reported::Known(_)]));
    enable(true).await;
    assert_eq!(bound(&house, &owner).await, Vec::<String>::new());

    register().await;
    directory.destroy_user(&users, ada).await.unwrap();
    assert!(matches!(
        directory.status(&owner).await,
        Err(Error::Absent(Thing::User))
    ));
    assert!(concerns(&register().await, Field::ExtensionNumber));
    house.clock.advance(MINUTE);
    assert_eq!(directory.purge_registrations().await.unwrap(), 0);
}

#[tokio::test]
async fn another_tenant_does_not_report_for_this_one() {
    let house = house().await;
    let (_, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let other = house.make_tenant("two.example").await;
    let stranger = Arc::new(Caller::engine(other, ApiKeyId::new(1)));
    let outcomes = house
        .directory
        .report_registrations(
            &stranger.reporter().unwrap(),
            vec![report(&house, "1001", "x", MINUTE)],
        )
        .await
        .unwrap();
    assert!(concerns(&outcomes[0], Field::ExtensionNumber));
    assert_eq!(bound(&house, &caller.own().unwrap()).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_user_says_and_what_others_see() {
    let house = house().await;
    let directory = &house.directory;
    let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let owner = caller.own().unwrap();
    let seen = async || {
        let state = directory.status(&owner).await.unwrap();
        (state.status, state.presence, state.note)
    };
    let none = String::new;
    assert_eq!(seen().await, (UserStatus::Offline, SeenPresence::Offline, none()));
    say(&house, vec![report(&house, "1001", "desk", MINUTE)]).await;
    assert_eq!(
        seen().await,
        (UserStatus::Online, SeenPresence::Available, none())
    );
    let lunch = PresencePatch {
        presence: Patch::Set(Presence::Lunch),
        note: Patch::Set("back at two".into()),
    };
    directory.set_presence(&owner, lunch.clone()).await.unwrap();
    directory.set_presence(&owner, lunch).await.unwrap();
    directory
        .set_presence(&owner, PresencePatch::default())
        .await
        .unwrap();
    house.clock.advance(MINUTE);
    let expected = (UserStatus::Offline, SeenPresence::Lunch, "back at two".to_owned());
    assert_eq!(seen().await, expected);
    let journal = house.journal(house.tenant).await;
    let said: Vec<_> = journal.iter().filter(|one| one.kind == Kind::Presence).collect();
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].record, said[0].actor.user), (ada.get(), Some(ada)));

    let long = PresencePatch {
        note: Patch::Set("x".repeat(129)),
        ..PresencePatch::default()
    };
    let refused = directory.set_presence(&owner, long).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert_eq!(seen().await.2, "back at two");
}

#[tokio::test]
async fn a_device_is_unbound_once() {
    let house = house().await;
    let directory = &house.directory;
    let (ada, _) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let owner = Arc::new(Caller::program(house.tenant)).owner_of(ada).unwrap();
    say(
        &house,
        vec![
            report(&house, "1001", "desk", MINUTE * 2),
            report(&house, "1001", "cell", MINUTE),
        ],
    )
    .await;
    directory.end_registration(&owner, "desk").await.unwrap();
    assert_eq!(bound(&house, &owner).await, ["cell"]);
    house.clock.advance(MINUTE);
    for gone in ["desk", "cell", "never", "", "\0"] {
        let again = directory.end_registration(&owner, gone).await;
        assert!(
            matches!(again, Err(Error::Absent(Thing::Registration))),
            "{gone:?}: {again:?}"
        );
    }
}

#[tokio::test]
async fn a_telephone_says_what_its_user_says() {
    on_each_engine(async |house| {
        let directory = &house.directory;
        let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let owner = caller.own().unwrap();
        let proved = async || {
            directory
                .sip_identity("one.example", "1001")
                .await
                .unwrap()
                .unwrap()
        };
        let says = |presence, note: &str| PublishedPresence {
            presence: Some(presence),
            note: Some(note.to_owned()),
        };
        let (nothing, away) = (PublishedPresence::default(), says(Presence::Away, "in a minute"));
        let stands = async || {
            let said = directory.said_presence(&owner).await.unwrap();
            (said.presence, said.note)
        };
        let publish = async |before: &PublishedPresence, now: &PublishedPresence| {
            directory.publish_presence(&*proved().await, before, now).await
        };
        publish(&nothing, &away).await.unwrap();
        assert_eq!(stands().await, (Presence::Away, "in a minute".to_owned()));
        let journal = house.journal(house.tenant).await;
        let last = journal.last().unwrap();
        assert_eq!(
            (last.kind, last.record, last.actor.user),
            (Kind::Presence, ada.get(), Some(ada))
        );
        // What breaks a rule changes nothing, and taking back takes back.
        let long = says(Presence::Lunch, &"x".repeat(129));
        assert!(matches!(publish(&away, &long).await, Err(Error::Invalid(_))));
        publish(&away, &nothing).await.unwrap();
        assert_eq!(stands().await, (Presence::Available, String::new()));
        publish(&away, &nothing).await.unwrap();
        assert_eq!(house.journal(house.tenant).await.len(), journal.len() + 1);
        // The lock, and who may only look.
        let grant = house.program::<ManageUsers>();
        directory
            .lock_presence(&grant, ada, Presence::Away)
            .await
            .unwrap();
        let busy = says(Presence::DoNotDisturb, "");
        let locked = publish(&nothing, &busy).await;
        assert!(
            matches!(locked, Err(Error::Denied(Denial::StatusLocked))),
            "{locked:?}"
        );
        publish(&away, &nothing).await.unwrap();
        assert_eq!(stands().await.0, Presence::Away);
        directory.unlock_presence(&grant, ada).await.unwrap();
        let look = UserPatch {
            access: ExtensionAccessPatch {
                level: Patch::Set(AccessLevel::ReadOnly),
                ..ExtensionAccessPatch::default()
            },
            ..UserPatch::default()
        };
        let managed = grant.caller().owner_of(ada).unwrap();
        directory.update_user(&managed, look).await.unwrap();
        let looks = publish(&nothing, &busy).await;
        assert!(matches!(looks, Err(Error::Denied(Denial::ReadOnly))), "{looks:?}");
        // And who is gone.
        let identity = proved().await;
        directory.destroy_user(&grant, ada).await.unwrap();
        let gone = directory.publish_presence(&identity, &nothing, &busy).await;
        assert!(matches!(gone, Err(Error::Absent(Thing::User))), "{gone:?}");
    })
    .await;
}
