//! Keys that accounts own, the lock of a status, reservations and desks: rules across records, on each engine.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    BuiltInRole, Caller, Denial, DeskChange, Error, Grant, KeyPermission, Kind, NewApiKey, Patch, Permission,
    Presence, PresencePatch, Thing, UserId, UserPatch,
    capability::{ManageCompany, ManageUsers},
};
use tokio::task::JoinSet;

use crate::support::{House, house, on_each_engine};

async fn key(house: &House, owner: UserId, permissions: &[KeyPermission]) -> String {
    let grant = house.program::<ManageCompany>();
    let new = NewApiKey::desk("", owner, permissions.to_vec());
    house.directory.create_key(&grant, new).await.unwrap().key
}

#[tokio::test]
async fn a_key_allows_what_it_says_and_its_owner_reaches() {
    let house = house().await;
    let (ada, _) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let text = key(&house, ada, &[KeyPermission::ReadUsers]).await;
    // Twice: read from the store, and remembered.
    for _ in 0..2 {
        let holder = house.directory.authenticate_holder(&text).await.unwrap();
        let caller = holder.may(KeyPermission::ReadUsers).unwrap();
        assert_eq!((caller.user, caller.home), (Some(ada), house.tenant));
        assert!(caller.grant::<ManageUsers>().is_ok());
        assert!(caller.grant::<ManageCompany>().is_err() && caller.reporter().is_err());
        for other in [
            KeyPermission::ManageUsers,
            KeyPermission::ReserveUsers,
            KeyPermission::SetIncognito,
        ] {
            let refused = holder.may(other).unwrap_err();
            assert!(matches!(refused, Error::Denied(Denial::Key(lacks)) if lacks == other));
        }
    }
    assert!(matches!(
        house.directory.authenticate_key(&text).await,
        Err(Error::Denied(Denial::NotAnEngine))
    ));
    let grant = house.program::<ManageUsers>();
    house
        .directory
        .set_role(&grant, ada, BuiltInRole::QueueManager.name())
        .await
        .unwrap();
    let holder = house.directory.authenticate_holder(&text).await.unwrap();
    let caller = holder.may(KeyPermission::ReadUsers).unwrap();
    assert!(caller.permissions.covers(BuiltInRole::QueueManager.permissions()));
    house.directory.destroy_user(&grant, ada).await.unwrap();
    assert!(matches!(
        house.directory.authenticate_holder(&text).await,
        Err(Error::Unauthenticated)
    ));
}

#[tokio::test]
async fn nobody_makes_a_key_that_reaches_further_than_he() {
    let house = house().await;
    let directory = &house.directory;
    let (boss, _) = house.person("boss", "1001", BuiltInRole::Admin).await;
    let mut caller = (*house.person("clerk", "1002", BuiltInRole::Admin).await.1).clone();
    let few = [Permission::CompanyFull, Permission::Users];
    caller.permissions = jackfield_domain::Permissions::of(&few);
    let grant: Grant<ManageCompany> = Arc::new(caller).grant().unwrap();
    let new = NewApiKey::desk("", boss, vec![KeyPermission::ReadUsers]);
    assert!(matches!(
        directory.create_key(&grant, new).await,
        Err(Error::Denied(Denial::Escalation))
    ));
    let nobody = NewApiKey::desk("", UserId::new(7), vec![KeyPermission::ReadUsers]);
    assert!(matches!(
        directory.create_key(&house.program(), nobody).await,
        Err(Error::Absent(Thing::User))
    ));
}

#[tokio::test]
async fn a_lock_holds_against_every_door() {
    on_each_engine(async |house| {
        let directory = &house.directory;
        let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let owner = caller.own().unwrap();
        let grant = house.program::<ManageUsers>();
        directory
            .lock_presence(&grant, ada, Presence::Lunch)
            .await
            .unwrap();
        directory
            .lock_presence(&grant, ada, Presence::Lunch)
            .await
            .unwrap();
        let before = house.journal(house.tenant).await.len();
        let say = PresencePatch {
            presence: Patch::Set(Presence::Available),
            note: Patch::Set("x".into()),
        };
        let switch = UserPatch {
            dnd: Patch::Set(true),
            address: Patch::Set("x".into()),
            ..UserPatch::default()
        };
        let other = grant.caller().owner_of(ada).unwrap();
        for refused in [
            directory.set_presence(&owner, say.clone()).await,
            directory.set_presence(&other, say.clone()).await,
            directory.update_user(&owner, switch.clone()).await,
            directory.update_user(&other, switch.clone()).await,
        ] {
            assert!(
                matches!(refused, Err(Error::Denied(Denial::StatusLocked))),
                "{refused:?}"
            );
        }
        assert_eq!(house.journal(house.tenant).await.len(), before);
        assert_eq!(directory.user(&owner).await.unwrap().address, "");
        directory.unlock_presence(&grant, ada).await.unwrap();
        directory.unlock_presence(&grant, ada).await.unwrap();
        let journal = house.journal(house.tenant).await;
        let told = journal.iter().filter(|line| line.kind == Kind::Presence).count();
        assert_eq!(told, 2, "locked, unlocked");
        let said = directory.said_presence(&owner).await.unwrap();
        assert_eq!((said.presence, said.locked), (Presence::Lunch, false));
        directory.set_presence(&owner, say).await.unwrap();
        directory.update_user(&owner, switch).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_reservations_at_once_one_wins() {
    on_each_engine(async |house| {
        let (ada, _) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let program = Arc::new(Caller::program(house.tenant));
        // Two processes over one store, as a load balancer has them.
        let nodes = [house.directory.clone(), house.another_process()];
        for round in 0..5 {
            let mut tasks = JoinSet::new();
            for number in 0..20 {
                let (directory, program) = (nodes[number % 2].clone(), Arc::clone(&program));
                tasks.spawn(async move {
                    let owner = program.owner_of(ada).unwrap();
                    directory.reserve(&owner, i64::try_from(number).ok()).await
                });
            }
            let mut won = 0;
            while let Some(outcome) = tasks.join_next().await {
                match outcome.unwrap() {
                    Ok(_) => won += 1,
                    Err(error) => {
                        assert!(
                            matches!(error, Error::Denied(Denial::AlreadyReserved)),
                            "{error:?}"
                        );
                    }
                }
            }
            assert_eq!(won, 1, "round {round}");
            house.clock.advance(Duration::from_secs(30));
        }
    })
    .await;
}

#[tokio::test]
async fn the_settings_of_a_desk_are_its_users() {
    let house = house().await;
    let directory = &house.directory;
    let (ada, caller) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let (ben, other) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let own = caller.own().unwrap();
    for _ in 0..2 {
        directory
            .change_desk(&own, DeskChange::Incognito(true))
            .await
            .unwrap();
    }
    assert!(directory.desk(&own).await.unwrap().incognito);
    assert!(other.owner_of(ada).is_err(), "a colleague has no way to it");
    assert!(!directory.desk(&other.own().unwrap()).await.unwrap().incognito);
    let journal = house.journal(house.tenant).await;
    let told: Vec<_> = journal.iter().filter(|line| line.kind == Kind::Desk).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].record, ada.get());
    let grant = house.program::<ManageUsers>();
    let owner = grant.caller().owner_of(ben).unwrap();
    directory.destroy_user(&grant, ben).await.unwrap();
    assert!(matches!(
        directory.change_desk(&owner, DeskChange::Incognito(true)).await,
        Err(Error::Absent(Thing::User))
    ));
}
