//! Call queues, ring groups and trunks: rules that take more than one record.

use std::time::Duration;

use jackfield_directory::{ImportMode, ImportedUser};
use jackfield_domain::{
    AgentRequest, AgentStatus, BuiltInRole, CallQueueSettings, CallQueueSettingsPatch, ChangeType, Error,
    Field, GroupPatch, Kind, NewAgent, NewGroup, NewTeam, OutboundCallerId, Patch, ProviderId, ProviderPatch,
    Query, RingGroupSettings, RingGroupSettingsPatch, Rule, Secret, TeamKind, TeamPatch, TenantPatch, Thing,
    UserPatch,
    capability::{
        ManageCompany, ManagePhoneSystem, ManageTenants, ManageTrunks, ManageUsers, ViewPhoneSystem,
        ViewTrunks,
    },
};
use jackfield_store::{ProviderReads, TeamKey, TeamReads};

use crate::support::{House, house, new_user};

fn new_queue(number: &str) -> NewTeam<CallQueueSettings> {
    NewTeam {
        name: format!("Queue {number}"),
        extension_number: number.into(),
        settings: CallQueueSettings::default(),
    }
}

fn new_group(number: &str) -> NewTeam<RingGroupSettings> {
    NewTeam {
        name: format!("Ring {number}"),
        extension_number: number.into(),
        settings: RingGroupSettings::default(),
    }
}

fn agent(number: &str, skill_level: i64) -> NewAgent {
    NewAgent {
        extension_number: number.into(),
        skill_level,
    }
}

fn caller_id(provider: ProviderId) -> OutboundCallerId {
    OutboundCallerId {
        provider,
        caller_id: "+491".into(),
        preferred: false,
        description: String::new(),
    }
}

fn key(house: &House, id: i64) -> TeamKey {
    TeamKey {
        tenant: house.tenant,
        kind: TeamKind::CallQueue,
        id,
    }
}

/// Where a list of caller ids is refused because of its first trunk.
fn unknown_trunk<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    matches!(
        result,
        Err(Error::Invalid(found)) if found.len() == 1
            && found[0].field == Field::OutboundCallerIds
            && found[0].at == "[0].provider_id"
            && found[0].rule == Rule::Unknown
    )
}

#[tokio::test]
async fn a_list_of_agents_keeps_what_each_of_them_does() {
    let house = house().await;
    let manage = house.program::<ManagePhoneSystem>();
    for (name, number) in [("ada", "1001"), ("ben", "1002"), ("carl", "1003")] {
        house.make_user(name, number, "StandardUser").await;
    }
    let queue = house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
    let set = async |list: &[NewAgent]| {
        house
            .directory
            .set_agents(&manage, TeamKind::CallQueue, queue, list)
            .await
    };
    let stored = async || house.store.agents(key(&house, queue)).await.unwrap();
    set(&[agent("1001", 1), agent("1002", 50)]).await.unwrap();
    let first = stored().await;
    assert!(first.iter().all(|agent| agent.status == AgentStatus::LoggedOut));
    house.clock.advance(Duration::from_mins(1));
    let request = AgentRequest::LoggedIn;
    house
        .directory
        .set_agent_status(&manage, queue, "1002", request)
        .await
        .unwrap();
    let since = stored().await[1].since;
    assert!(since > first[1].since);
    house.clock.advance(Duration::from_mins(1));
    // Logging in again is no news, and neither is the same list.
    house
        .directory
        .set_agent_status(&manage, queue, "1002", request)
        .await
        .unwrap();
    let before = house.journal(house.tenant).await.len();
    set(&[agent("1001", 1), agent("1002", 50)]).await.unwrap();
    assert_eq!(house.journal(house.tenant).await.len(), before);
    set(&[agent("1003", 1), agent("1002", 60)]).await.unwrap();
    let now = stored().await;
    let told: Vec<_> = now
        .iter()
        .map(|agent| (agent.extension_number.as_str(), agent.skill_level, agent.status))
        .collect();
    assert_eq!(
        told,
        [
            ("1003", 1, AgentStatus::LoggedOut),
            ("1002", 60, AgentStatus::Ready)
        ]
    );
    assert_eq!(now[1].since, since, "who stays has waited as long as before");
    let journal = house.journal(house.tenant).await;
    let last = journal.last().unwrap();
    assert_eq!(
        (last.kind, last.record, last.change),
        (Kind::CallQueue, queue, ChangeType::Updated)
    );
    let detail = last.detail.as_deref().unwrap();
    let (carl, ada) = (now[0].user, first[0].user);
    assert_eq!(
        detail,
        format!(r#"{{"agents":{{"added":[{carl}],"removed":[{ada}]}}}}"#)
    );
    // Numbers that nobody has are named, and nothing changes.
    let error = set(&[agent("1003", 1), agent("9999", 1), agent("6000", 1)])
        .await
        .unwrap_err();
    let Error::Invalid(found) = error else {
        panic!("{error:?}")
    };
    let places: Vec<_> = found.iter().map(|violation| violation.at.as_str()).collect();
    assert_eq!(places, ["[1].extension_number", "[2].extension_number"]);
    assert_eq!(stored().await, now);
}

#[tokio::test]
async fn who_goes_leaves_his_teams_and_they_say_so() {
    let house = house().await;
    let manage = house.program::<ManagePhoneSystem>();
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    house.make_user("ben", "1002", "StandardUser").await;
    let queue = house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
    let group = house
        .directory
        .create_team(&manage, new_group("6001"))
        .await
        .unwrap();
    for (kind, id) in [(TeamKind::CallQueue, queue), (TeamKind::RingGroup, group)] {
        let list = [agent("1001", 1), agent("1002", 1)];
        house
            .directory
            .set_agents(&manage, kind, id, &list)
            .await
            .unwrap();
    }
    let before = house.journal(house.tenant).await.len();
    house
        .directory
        .destroy_user(&house.program::<ManageUsers>(), ada)
        .await
        .unwrap();
    let view = house.program::<ViewPhoneSystem>();
    for (kind, id) in [(TeamKind::CallQueue, queue), (TeamKind::RingGroup, group)] {
        let left = house.directory.agents(&view, kind, id).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].extension_number, "1002");
    }
    let journal = house.journal(house.tenant).await;
    let told: Vec<_> = journal[before..]
        .iter()
        .map(|change| (change.kind, change.record, change.change))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::CallQueue, queue, ChangeType::Updated),
            (Kind::RingGroup, group, ChangeType::Updated),
            (Kind::User, ada.get(), ChangeType::Deleted),
        ]
    );
}

#[tokio::test]
async fn one_sees_the_queues_that_one_belongs_to_and_no_others() {
    let house = house().await;
    let manage = house.program::<ManagePhoneSystem>();
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let (_, ben) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let queue = house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
    let list = [agent("1001", 7)];
    house
        .directory
        .set_agents(&manage, TeamKind::CallQueue, queue, &list)
        .await
        .unwrap();
    let (ada, ben) = (ada.own().unwrap(), ben.own().unwrap());
    let mine = house.directory.teams_of(&ada, TeamKind::CallQueue).await.unwrap();
    assert_eq!((mine.len(), mine[0].id), (1, queue));
    assert!(
        house
            .directory
            .teams_of(&ada, TeamKind::RingGroup)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        house
            .directory
            .teams_of(&ben, TeamKind::CallQueue)
            .await
            .unwrap()
            .is_empty()
    );
    house
        .directory
        .set_status_of(&ada, queue, AgentRequest::Break)
        .await
        .unwrap();
    let stored = house.store.agents(key(&house, queue)).await.unwrap();
    assert_eq!(stored[0].status, AgentStatus::Break);
    // No phone of hers is bound, so that is what others see.
    let seen = house.directory.agent_of(&ada, queue).await.unwrap();
    assert_eq!((seen.status, seen.skill_level), (AgentStatus::Offline, 7));
    assert!(matches!(
        house.directory.agent_of(&ben, queue).await,
        Err(Error::Absent(Thing::CallQueue))
    ));
    let refused = house
        .directory
        .set_status_of(&ben, queue, AgentRequest::Ready)
        .await;
    assert!(matches!(refused, Err(Error::Absent(Thing::CallQueue))));
}

#[tokio::test]
async fn a_tenant_has_only_so_many_teams() {
    let house = house().await;
    let mut patch = TenantPatch::default();
    patch.settings.max_call_queues = Patch::Set(1);
    patch.settings.max_ring_groups = Patch::Set(0);
    house
        .directory
        .update_tenant(&house.program::<ManageTenants>(), house.tenant, patch)
        .await
        .unwrap();
    let manage = house.program::<ManagePhoneSystem>();
    let queue = house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
    assert!(matches!(
        house.directory.create_team(&manage, new_queue("6001")).await,
        Err(Error::Full(Thing::CallQueue, 1))
    ));
    assert!(matches!(
        house.directory.create_team(&manage, new_group("6002")).await,
        Err(Error::Full(Thing::RingGroup, 0))
    ));
    house
        .directory
        .destroy_team(&manage, TeamKind::CallQueue, queue)
        .await
        .unwrap();
    house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_there_cannot_be_heard() {
    let house = house().await;
    let manage = house.program::<ManagePhoneSystem>();
    let mut new = new_queue("6000");
    new.settings.moh_prompt_file = "100001".into();
    let error = house.directory.create_team(&manage, new).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(found) if found[0].field == Field::MohPromptFile));
    let queue = house
        .directory
        .create_team(&manage, new_queue("6000"))
        .await
        .unwrap();
    let mut patch = TeamPatch::<CallQueueSettingsPatch>::default();
    patch.settings.intro_prompt_file = Patch::Set("x".into());
    let error = house
        .directory
        .update_team::<CallQueueSettings>(&manage, queue, patch)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(found) if found[0].field == Field::IntroPromptFile));
}

#[tokio::test]
async fn caller_ids_need_their_trunk_whoever_keeps_them() {
    let house = house().await;
    let (directory, missing) = (&house.directory, vec![caller_id(ProviderId::new(99))]);
    let users = house.program::<ManageUsers>();
    let mut new = new_user("ada", "1001", "StandardUser");
    new.settings.outbound_caller_ids.clone_from(&missing);
    assert!(unknown_trunk(directory.create_user(&users, new).await));
    let id = house.make_user("ada", "1001", "StandardUser").await;
    let owner = users.caller().owner_of(id).unwrap();
    let mut patch = UserPatch::default();
    patch.settings.outbound_caller_ids = Patch::Set(missing.clone());
    assert!(unknown_trunk(directory.update_user(&owner, patch.clone()).await));
    let row = ImportedUser {
        line: 2,
        name: "ada".into(),
        patch: patch.clone(),
        ..ImportedUser::default()
    };
    let report = directory
        .import_users(&users, &[row], ImportMode::KeepGoing, |_| {})
        .await
        .unwrap();
    let failure = &report.failures[0];
    assert_eq!(failure.violations[0].field, Field::OutboundCallerIds);
    assert_eq!(failure.violations[0].at, "[0].provider_id");

    let group = NewGroup {
        name: "Sales".into(),
        outbound_caller_ids: missing.clone(),
        ..NewGroup::default()
    };
    assert!(unknown_trunk(directory.create_group(&users, group.clone()).await));
    let group = NewGroup {
        outbound_caller_ids: Vec::new(),
        ..group
    };
    let group = directory.create_group(&users, group).await.unwrap();
    let change = GroupPatch {
        outbound_caller_ids: Patch::Set(missing.clone()),
        ..GroupPatch::default()
    };
    assert!(unknown_trunk(directory.update_group(&users, group, change).await));

    let manage = house.program::<ManagePhoneSystem>();
    let mut team = new_queue("6000");
    team.settings.outbound_caller_ids.clone_from(&missing);
    assert!(unknown_trunk(directory.create_team(&manage, team).await));
    let mut team = new_group("6000");
    team.settings.outbound_caller_ids.clone_from(&missing);
    assert!(unknown_trunk(directory.create_team(&manage, team).await));

    let company = house.program::<ManageCompany>();
    let mut change = TenantPatch::default();
    change.settings.outbound_caller_ids = Patch::Set(missing);
    assert!(unknown_trunk(directory.update_own_tenant(&company, change).await));
}

#[tokio::test]
async fn a_trunk_stays_while_somebody_refers_to_it() {
    let house = house().await;
    let (directory, trunks) = (&house.directory, house.program::<ManageTrunks>());
    let trunk = house.make_provider("Carrier").await;
    let (list, none) = (vec![caller_id(trunk)], Vec::new());
    let users = house.program::<ManageUsers>();
    let blocked = async || match directory.destroy_provider(&trunks, trunk).await {
        Err(Error::InUse(Thing::Provider, by)) => by,
        other => panic!("{other:?}"),
    };
    // A user, from his creation to his end.
    let mut new = new_user("ada", "1001", "StandardUser");
    new.settings.outbound_caller_ids.clone_from(&list);
    let ada = directory.create_user(&users, new).await.unwrap();
    assert_eq!(blocked().await, Thing::User);
    directory.destroy_user(&users, ada).await.unwrap();
    // A group, from a change to another change.
    let new = NewGroup {
        name: "Sales".into(),
        ..NewGroup::default()
    };
    let group = directory.create_group(&users, new).await.unwrap();
    for (list, by) in [(&list, Some(Thing::Group)), (&none, None)] {
        let patch = GroupPatch {
            outbound_caller_ids: Patch::Set(list.clone()),
            ..GroupPatch::default()
        };
        directory.update_group(&users, group, patch).await.unwrap();
        if let Some(by) = by {
            assert_eq!(blocked().await, by);
        }
    }
    // The tenant.
    let company = house.program::<ManageCompany>();
    for list in [&list, &none] {
        let mut patch = TenantPatch::default();
        patch.settings.outbound_caller_ids = Patch::Set(list.clone());
        directory.update_own_tenant(&company, patch).await.unwrap();
        if !list.is_empty() {
            assert_eq!(blocked().await, Thing::Tenant);
        }
    }
    // Teams, until they go.
    let manage = house.program::<ManagePhoneSystem>();
    let mut new = new_queue("6000");
    new.settings.outbound_caller_ids.clone_from(&list);
    let queue = directory.create_team(&manage, new).await.unwrap();
    assert_eq!(blocked().await, Thing::CallQueue);
    directory
        .destroy_team(&manage, TeamKind::CallQueue, queue)
        .await
        .unwrap();
    let mut new = new_group("6000");
    new.settings.outbound_caller_ids = list;
    let ring = directory.create_team(&manage, new).await.unwrap();
    assert_eq!(blocked().await, Thing::RingGroup);
    let mut patch = TeamPatch::<RingGroupSettingsPatch>::default();
    patch.settings.outbound_caller_ids = Patch::Set(none);
    directory
        .update_team::<RingGroupSettings>(&manage, ring, patch)
        .await
        .unwrap();
    directory.destroy_provider(&trunks, trunk).await.unwrap();
    assert!(matches!(
        directory.destroy_provider(&trunks, trunk).await,
        Err(Error::Absent(Thing::Provider))
    ));
}

#[tokio::test]
async fn the_password_of_a_trunk_is_sealed() {
    let house = house().await;
    let trunk = house.make_provider("Carrier").await;
    let stored = async || house.store.provider(house.tenant, trunk).await.unwrap().unwrap();
    let first = stored().await;
    let clear = b"tr0nk-word";
    assert!(first.password.0.len() > clear.len());
    assert!(!first.password.0.windows(clear.len()).any(|part| part == clear));
    let grant = house.program::<ManageTrunks>();
    let change = async |patch: ProviderPatch| {
        house
            .directory
            .update_provider(&grant, trunk, patch)
            .await
            .unwrap();
        stored().await
    };
    let same = change(ProviderPatch {
        name: Patch::Set("Carrier".into()),
        ..ProviderPatch::default()
    })
    .await;
    assert_eq!(same, first, "a change to the present values leaves no trace");
    let other = change(ProviderPatch {
        password: Patch::Set(Secret::new("other")),
        ..ProviderPatch::default()
    })
    .await;
    assert!(other.password != first.password && other.version == 2);
    let none = change(ProviderPatch {
        password: Patch::Set(Secret::default()),
        ..ProviderPatch::default()
    })
    .await;
    assert!(none.password.0.is_empty());
    let view = house.program::<ViewTrunks>();
    let list = house
        .directory
        .list_providers(&view, &Query::default())
        .await
        .unwrap();
    assert_eq!(list.items, [none]);
}
