//! Sites and groups of many users at once.

use jackfield_domain::{
    ChangeType, Error, GroupId, Kind, NewGroup, Patch, Thing, UserId, UserPlacement, capability::ManageUsers,
};

use crate::support::{house, on_each_engine};

fn placement(user: UserId, location: Option<i64>, groups: &[GroupId]) -> UserPlacement {
    UserPlacement {
        user,
        location: Patch::Set(location),
        groups: Patch::Set(groups.to_vec()),
    }
}

#[tokio::test]
async fn all_are_placed_or_none() {
    on_each_engine(async |mut house| {
        let (ada, ben) = (
            house.make_user("ada", "1001", "Admin").await,
            house.make_user("ben", "1002", "StandardUser").await,
        );
        let users = house.program::<ManageUsers>();
        let mut groups = Vec::new();
        for name in ["Sales", "Support"] {
            let new = NewGroup {
                name: name.into(),
                ..NewGroup::default()
            };
            groups.push(house.directory.create_group(&users, new).await.unwrap());
        }
        let (sales, support) = (groups[0], groups[1]);
        let home = house.tenant;
        house.tenant = house.make_tenant("two.example").await;
        let eve = house.make_user("eve", "1003", "StandardUser").await;
        let theirs = NewGroup {
            name: "Theirs".into(),
            ..NewGroup::default()
        };
        let theirs = house
            .directory
            .create_group(&house.program::<ManageUsers>(), theirs)
            .await
            .unwrap();
        house.tenant = home;

        let placed = house
            .directory
            .place_users(
                &users,
                &[
                    placement(ben, Some(415), &[sales]),
                    placement(ada, None, &[sales, support]),
                ],
            )
            .await
            .unwrap();
        assert_eq!(
            placed
                .iter()
                .map(|user| (user.id, user.location))
                .collect::<Vec<_>>(),
            [(ben, Some(415)), (ada, None)]
        );
        let before = house.journal(home).await;
        for (bad, absent) in [
            (placement(eve, None, &[]), Thing::User),
            (placement(UserId::new(1), None, &[]), Thing::User),
            (placement(ada, None, &[theirs]), Thing::Group),
            (placement(ada, None, &[GroupId::new(1)]), Thing::Group),
        ] {
            let list = [placement(ben, Some(7), &[support]), bad];
            let refused = house.directory.place_users(&users, &list).await;
            assert!(
                matches!(&refused, Err(Error::Absent(thing)) if *thing == absent),
                "{refused:?}"
            );
        }
        let twice = [placement(ben, Some(1), &[]), placement(ben, Some(2), &[])];
        assert!(matches!(
            house.directory.place_users(&users, &twice).await,
            Err(Error::Invalid(_))
        ));
        assert_eq!(house.journal(home).await, before);

        // Again the same: no trace. Then out of all groups: one entry for each membership that ends.
        let again = [placement(ben, Some(415), &[sales])];
        house.directory.place_users(&users, &again).await.unwrap();
        assert_eq!(house.journal(home).await, before);
        house
            .directory
            .place_users(&users, &[placement(ada, None, &[])])
            .await
            .unwrap();
        let journal = house.journal(home).await;
        let new: Vec<_> = journal[before.len()..]
            .iter()
            .map(|entry| (entry.kind, entry.record, entry.change))
            .collect();
        let ended = |group: GroupId| (Kind::Group, group.get(), ChangeType::Updated);
        assert_eq!(new, [ended(sales), ended(support)]);
        let left = house
            .directory
            .groups_of_users(&users, &[ada, ben])
            .await
            .unwrap();
        assert_eq!(
            left.iter()
                .map(|(user, group)| (*user, group.id))
                .collect::<Vec<_>>(),
            [(ben, sales)]
        );
    })
    .await;
}

#[tokio::test]
async fn the_first_user_of_a_tenant_is_told_from_all_others() {
    let house = house().await;
    let keeper = std::sync::Arc::new(jackfield_domain::Caller::program(house.tenant));
    for (name, number, first) in [("ada", "1001", true), ("ben", "1002", false)] {
        let id = house.make_user(name, number, "Admin").await;
        let user = house.directory.user(&keeper.owner_of(id).unwrap()).await.unwrap();
        assert_eq!(user.initial, first, "{name}");
    }
}
