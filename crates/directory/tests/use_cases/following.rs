//! What is remembered is never out of date, and who listens hears of commits.

use std::sync::Arc;

use bytes::Bytes;
use jackfield_domain::{BuiltInRole, Caller, ChangeType, Kind, Patch, UserPatch};

use crate::support::{house, new_user};

#[tokio::test]
async fn a_remembered_answer_ends_with_the_change() {
    let house = house().await;
    let id = house.make_user("ada", "1001", "Admin").await;
    let owner = Arc::new(Caller::program(house.tenant)).owner_of(id).unwrap();
    let mut rendered = 0;
    for round in 0..20 {
        let name = format!("Ada the {round}th");
        let patch = UserPatch {
            display_name: Patch::Set(name.clone()),
            ..UserPatch::default()
        };
        house.directory.update_user(&owner, patch).await.unwrap();
        for _ in 0..2 {
            let view = house.directory.user_view(&owner, "test", |user, _| {
                rendered += 1;
                Ok(Bytes::from(user.display_name.clone()))
            });
            assert_eq!(view.await.unwrap().bytes, name);
        }
    }
    // The first answer of all is not remembered: one who asks once for each user would push out what others ask for.
    assert_eq!(rendered, 20 + 1, "unchanged users are not rendered again");
}

#[tokio::test]
async fn listeners_hear_of_commits_in_their_order_and_of_nothing_else() {
    let house = house().await;
    let mut events = house.directory.events();
    house.make_user("ada", "1001", "Admin").await;
    let taken = house
        .directory
        .create_user(&house.program(), new_user("ada", "1002", "Admin"))
        .await;
    assert!(taken.is_err());
    house.make_user("ben", "1003", "StandardUser").await;
    house
        .directory
        .destroy_user(&house.program(), jackfield_domain::UserId::new(1))
        .await
        .unwrap_err();
    let mut heard = Vec::new();
    while let Ok(event) = events.try_recv() {
        heard.push((event.kind, event.change, event.sequence));
    }
    assert_eq!(
        heard,
        [
            (Kind::User, ChangeType::Created, 1),
            (Kind::User, ChangeType::Created, 2)
        ]
    );
}

#[tokio::test]
async fn a_pin_is_shown_only_to_who_could_set_it() {
    let house = house().await;
    let (boss, boss_caller) = house.person("boss", "1000", BuiltInRole::Admin).await;
    let (_, manager) = house.person("queen", "1001", BuiltInRole::QueueManager).await;
    let (plain, _) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let shown = async |caller: &Arc<Caller>, user| {
        let owner = caller.owner_of(user).unwrap();
        let render = |_: &jackfield_domain::User, pin: Option<&jackfield_domain::VoicemailPin>| {
            Ok(Bytes::from(pin.map_or("none", |pin| pin.reveal()).to_owned()))
        };
        house
            .directory
            .user_view(&owner, "pin", render)
            .await
            .unwrap()
            .bytes
    };
    for _ in 0..2 {
        assert_eq!(shown(&boss_caller, boss).await, "135792");
        assert_eq!(
            shown(&manager, boss).await,
            "none",
            "not even when it is remembered for others"
        );
        assert_eq!(shown(&manager, plain).await, "135792");
    }
}
