//! Call queues and ring groups, with their people.

use std::sync::Arc;

use jackfield_domain::{
    Agent, AgentStatus, CallQueueSettings, Field, Literal, Strategy, Team, TeamField, TeamKind, TeamName,
    TenantId, Thing, User,
};
use proptest::prelude::*;

use super::lists::{same, text, try_many, wait};
use super::samples::{
    assert_taken, at, change, extension_of, insert, make_tenant, refused, user, with_extension,
};
use crate::{AgentRecord, Error, Store, TeamKey, TeamRecord};

const KINDS: [TeamKind; 2] = [TeamKind::CallQueue, TeamKind::RingGroup];

fn queue(tenant: TenantId, id: i64, number: &str) -> TeamRecord {
    TeamRecord::of(&Team {
        tenant,
        id,
        name: format!("team {id}"),
        extension_number: number.into(),
        settings: CallQueueSettings {
            polling_strategy: Strategy::CyclicHunt,
            ring_time: 7,
            ..CallQueueSettings::default()
        },
        created_at: at(5),
        version: 1,
    })
}

fn of_kind(kind: TeamKind, mut team: TeamRecord) -> TeamRecord {
    team.key.kind = kind;
    team
}

fn agent(user: &User, skill_level: i64, status: AgentStatus, since: i64) -> AgentRecord {
    AgentRecord {
        user: user.id,
        skill_level,
        status,
        since: at(since),
    }
}

fn seen(user: &User, record: AgentRecord) -> Agent {
    Agent {
        user: user.id,
        extension_number: user.extension_number.clone().unwrap(),
        display_name: user.display_name.clone(),
        skill_level: record.skill_level,
        status: record.status,
        since: record.since,
    }
}

/// Every value is kept; the number is not changed with the others.
pub async fn a_team_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    for kind in KINDS {
        let number = format!("60{}", kind.word().len());
        let team = of_kind(kind, queue(tenant, 1, &number));
        let elsewhere = TeamKey {
            tenant: other,
            ..team.key
        };
        change(store, tenant, async |tx| tx.insert_team(&team).await.unwrap()).await;
        assert_eq!(store.team(team.key).await.unwrap(), Some(team.clone()));
        assert_eq!(store.team(elsewhere).await.unwrap(), None);
        assert_eq!(
            store.team_numbered(tenant, &number).await.unwrap(),
            Some(team.clone())
        );
        for (tenant, number) in [(other, number.as_str()), (tenant, "1"), (tenant, "\0")] {
            assert_eq!(store.team_numbered(tenant, number).await.unwrap(), None);
        }
        let changed = TeamRecord {
            name: "Other".into(),
            ring_time: 9,
            strategy: "PRIORITIZED_HUNT".into(),
            settings: "{}".into(),
            version: 2,
            ..team.clone()
        };
        change(store, tenant, async |tx| {
            tx.update_team(&changed).await.unwrap();
        })
        .await;
        assert_eq!(store.team(team.key).await.unwrap(), Some(changed));
        change(store, other, async |tx| {
            assert!(!tx.delete_team(elsewhere).await.unwrap());
        })
        .await;
        change(store, tenant, async |tx| {
            assert_eq!(tx.count_teams(tenant, kind).await.unwrap(), 1);
            assert!(tx.delete_team(team.key).await.unwrap());
            assert!(!tx.delete_team(team.key).await.unwrap());
            assert_eq!(tx.count_teams(tenant, kind).await.unwrap(), 0);
        })
        .await;
        assert_eq!(store.team(team.key).await.unwrap(), None);
        let error = refused(store, tenant, async |tx| tx.update_team(&team).await).await;
        assert!(matches!(error, Error::Reference), "{error:?}");
    }
}

/// Queues, ring groups and users share the numbers of a tenant; a number comes free with its team.
pub async fn numbers_of_teams_are_unique_and_come_free(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let ann = with_extension(user(tenant, 11, "ann"), "101");
    let first = queue(tenant, 1, "600");
    change(store, tenant, async |tx| {
        insert(tx, &ann).await;
        tx.insert_team(&first).await.unwrap();
    })
    .await;
    for kind in KINDS {
        for number in ["600", "101"] {
            let twin = of_kind(kind, queue(tenant, 2, number));
            let error = refused(store, tenant, async |tx| tx.insert_team(&twin).await).await;
            assert_taken!(error, Extension, ExtensionNumber);
        }
    }
    let extension = extension_of(&with_extension(user(tenant, 12, "bob"), "600"));
    let error = refused(store, tenant, async |tx| tx.insert_extension(&extension).await).await;
    assert!(matches!(
        error,
        Error::Taken(Thing::Extension, Field::ExtensionNumber)
    ));
    change(store, other, async |tx| {
        tx.insert_team(&queue(other, 1, "600")).await.unwrap();
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_team(first.key).await.unwrap());
        let next = of_kind(TeamKind::RingGroup, queue(tenant, 2, "600"));
        tx.insert_team(&next).await.unwrap();
    })
    .await;
}

/// The list of a team keeps its order; it is told from both sides.
pub async fn agents_come_back_in_their_order(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let ann = with_extension(user(tenant, 11, "ann"), "101");
    let bob = with_extension(user(tenant, 12, "bob"), "102");
    let team = queue(tenant, 1, "600");
    let group = of_kind(TeamKind::RingGroup, queue(tenant, 1, "601"));
    let (first, second) = (
        agent(&bob, 100, AgentStatus::Ready, 7),
        agent(&ann, 1, AgentStatus::LoggedOut, 8),
    );
    change(store, tenant, async |tx| {
        for user in [&ann, &bob] {
            insert(tx, user).await;
        }
        for team in [&team, &group] {
            tx.insert_team(team).await.unwrap();
        }
        tx.set_agents(team.key, &[first, second]).await.unwrap();
        tx.set_agents(group.key, &[second]).await.unwrap();
    })
    .await;
    let both = [seen(&bob, first), seen(&ann, second)];
    assert_eq!(store.agents(team.key).await.unwrap(), both);
    assert_eq!(store.agents(group.key).await.unwrap(), [seen(&ann, second)]);
    let elsewhere = TeamKey {
        tenant: other,
        ..team.key
    };
    assert!(store.agents(elsewhere).await.unwrap().is_empty());
    assert_eq!(store.agent(team.key, "102").await.unwrap(), Some(both[0].clone()));
    for number in ["103", "", "\0"] {
        assert_eq!(store.agent(team.key, number).await.unwrap(), None, "{number:?}");
    }
    assert_eq!(
        store.agent_of_user(team.key, ann.id).await.unwrap(),
        Some(both[1].clone())
    );
    assert_eq!(store.agent_of_user(group.key, bob.id).await.unwrap(), None);
    let name = |team: &TeamRecord| TeamName {
        id: team.key.id,
        name: team.name.clone(),
        extension_number: team.extension_number.clone(),
    };
    for (kind, team) in [(TeamKind::CallQueue, &team), (TeamKind::RingGroup, &group)] {
        let found = store.teams_of_user(tenant, kind, ann.id).await.unwrap();
        assert_eq!(found, [name(team)]);
        assert!(store.teams_of_user(other, kind, ann.id).await.unwrap().is_empty());
    }
    // Another list takes the place of the first, and the other way round again.
    change(store, tenant, async |tx| {
        tx.set_agents(team.key, &[second, first]).await.unwrap();
        let status = AgentStatus::Lunch;
        assert!(
            tx.set_agent_status(team.key, ann.id, status, at(9))
                .await
                .unwrap()
        );
        assert!(
            !tx.set_agent_status(group.key, bob.id, status, at(9))
                .await
                .unwrap()
        );
        assert!(
            !tx.set_agent_status(elsewhere, ann.id, status, at(9))
                .await
                .unwrap()
        );
    })
    .await;
    let second = agent(&ann, 1, AgentStatus::Lunch, 9);
    assert_eq!(
        store.agents(team.key).await.unwrap(),
        [seen(&ann, second), seen(&bob, first)]
    );
}

/// A user who goes leaves every team; a team that goes takes its list along, and nobody.
pub async fn agents_end_with_either_side(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ann = with_extension(user(tenant, 11, "ann"), "101");
    let bob = with_extension(user(tenant, 12, "bob"), "102");
    let teams = [
        queue(tenant, 1, "600"),
        of_kind(TeamKind::RingGroup, queue(tenant, 1, "601")),
    ];
    let list = [&ann, &bob].map(|user| agent(user, 5, AgentStatus::Ready, 7));
    change(store, tenant, async |tx| {
        for user in [&ann, &bob] {
            insert(tx, user).await;
        }
        for team in &teams {
            tx.insert_team(team).await.unwrap();
            tx.set_agents(team.key, &list).await.unwrap();
        }
    })
    .await;
    change(store, tenant, async |tx| {
        assert!(tx.delete_user(tenant, ann.id).await.unwrap());
        assert!(tx.delete_team(teams[0].key).await.unwrap());
    })
    .await;
    assert!(store.agents(teams[0].key).await.unwrap().is_empty());
    assert_eq!(store.agents(teams[1].key).await.unwrap(), [seen(&bob, list[1])]);
    let queues = store.teams_of_user(tenant, TeamKind::CallQueue, bob.id).await;
    assert!(queues.unwrap().is_empty());
    // A tenant goes with all of it.
    change(store, TenantId::SYSTEM, async |tx| {
        assert!(tx.delete_tenant(tenant).await.unwrap());
    })
    .await;
    assert_eq!(store.team(teams[1].key).await.unwrap(), None);
}

fn value(team: &TeamRecord, field: TeamField) -> Literal {
    match field {
        TeamField::Id => Literal::Number(team.key.id),
        TeamField::Name => Literal::Text(team.name.clone()),
        TeamField::ExtensionNumber => Literal::Text(team.extension_number.clone()),
        TeamField::RingTime => Literal::Number(team.ring_time),
        TeamField::Strategy => Literal::Text(team.strategy.clone()),
    }
}

const FIELDS: &[TeamField] = &[
    TeamField::Id,
    TeamField::Name,
    TeamField::ExtensionNumber,
    TeamField::RingTime,
    TeamField::Strategy,
];

/// Filters, searches, orders and pages of teams, at random; the other kind is not seen.
#[expect(clippy::unused_async, reason = "every case of the suite is called alike")]
pub async fn teams_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let worlds = std::cell::Cell::new(0);
    let record = (text(), text(), 0..30_i64);
    try_many(
        prop::collection::vec(record, 0..16),
        FIELDS,
        |records, queries| {
            worlds.set(worlds.get() + 1);
            let tenant = wait(make_tenant(&*store, &format!("{}.example", worlds.get())));
            let (kind, other) = if worlds.get() % 2 == 0 {
                (TeamKind::CallQueue, TeamKind::RingGroup)
            } else {
                (TeamKind::RingGroup, TeamKind::CallQueue)
            };
            let teams: Vec<TeamRecord> = (0_i64..)
                .zip(records)
                .map(|(id, (name, strategy, ring_time))| TeamRecord {
                    name,
                    ring_time,
                    strategy,
                    ..of_kind(kind, queue(tenant, id, &id.to_string()))
                })
                .collect();
            wait(change(&*store, tenant, async |tx| {
                for team in &teams {
                    tx.insert_team(team).await.unwrap();
                }
                let other = of_kind(other, queue(tenant, 3, "u3"));
                tx.insert_team(&other).await.unwrap();
            }));
            let searched = |team: &TeamRecord| [&*team.name, &team.extension_number].join("\n");
            for query in queries {
                let expected = query.run(teams.clone(), value, searched);
                let found = wait(store.list_teams(tenant, kind, &query)).unwrap();
                same(&query, &found, &expected)?;
            }
            Ok(())
        },
    );
}
