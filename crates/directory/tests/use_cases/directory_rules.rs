//! Rules that take more than one record.

use jackfield_domain::{
    BuiltInRole, ChangeType, Denial, Error, Field, GroupPatch, Kind, Money, NewGroup, NewRole,
    OutboundCallerId, Patch, Permission, Permissions, RolePatch, Thing, UserPatch,
    capability::{ManageBilling, ManageRoles, ManageTenants, ManageUsers},
};
use jackfield_store::{ExtensionSecrets, Store, TenantReads, UserReads};

use crate::support::{house, new_user};

#[tokio::test]
async fn every_change_is_in_the_journal_once_and_without_gaps() {
    let house = house().await;
    let (id, _) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let admin = std::sync::Arc::new(jackfield_domain::Caller::program(house.tenant));
    let owner = admin.owner_of(id).unwrap();
    let patch = UserPatch {
        department: Patch::Set("Sales".into()),
        ..UserPatch::default()
    };
    house.directory.update_user(&owner, patch.clone()).await.unwrap();
    house.directory.update_user(&owner, patch).await.unwrap();
    house
        .directory
        .set_balance(&house.program::<ManageBilling>(), id, "12.5".parse().unwrap())
        .await
        .unwrap();
    house
        .directory
        .set_balance(&house.program::<ManageBilling>(), id, "10.00001".parse().unwrap())
        .await
        .unwrap();
    let journal = house.journal(house.tenant).await;
    let sequence: Vec<_> = journal.iter().map(|change| change.sequence).collect();
    assert_eq!(
        sequence,
        (1..=i64::try_from(journal.len()).unwrap()).collect::<Vec<_>>()
    );
    let of_user: Vec<_> = journal
        .iter()
        .filter(|change| change.kind == Kind::User)
        .collect();
    let kinds: Vec<_> = of_user.iter().map(|change| change.change).collect();
    // The second update changed nothing and is not there.
    assert_eq!(
        kinds,
        [
            ChangeType::Created,
            ChangeType::Updated,
            ChangeType::Updated,
            ChangeType::Updated
        ]
    );
    assert_eq!(
        of_user[3].detail.as_deref(),
        Some(r#"{"balance":{"from":12.5,"to":10.00001,"difference":-2.49999}}"#)
    );
    assert_eq!(
        house.directory.balance(&owner).await.unwrap(),
        "10.00001".parse::<Money>().unwrap()
    );
}

#[tokio::test]
async fn who_manages_users_cannot_reach_above_himself() {
    let house = house().await;
    let (boss, _) = house.person("boss", "1000", BuiltInRole::Admin).await;
    let (plain, _) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let (_, manager) = house.person("queen", "1001", BuiltInRole::QueueManager).await;
    let grant = manager.grant::<ManageUsers>().unwrap();
    let directory = &house.directory;
    let escalation = |result: Result<(), Error>| matches!(result, Err(Error::Denied(Denial::Escalation)));
    let password = || jackfield_domain::NewPassword::Plain("N3w!passphrase".into());
    let patch = UserPatch {
        email: Patch::Set("mine@evil.example".into()),
        ..UserPatch::default()
    };
    assert!(escalation(directory.set_password(&grant, boss, password()).await));
    assert!(escalation(
        directory
            .set_extension_password(&grant, boss, "N3w!passphrase")
            .await
    ));
    assert!(escalation(
        directory
            .update_user(&manager.owner_of(boss).unwrap(), patch)
            .await
    ));
    assert!(escalation(directory.destroy_user(&grant, boss).await));
    assert!(escalation(directory.set_role(&grant, boss, "StandardUser").await));
    assert!(escalation(directory.set_role(&grant, plain, "Admin").await));
    assert!(escalation(
        directory
            .create_user(&grant, new_user("eve", "1009", "Admin"))
            .await
            .map(|_| ())
    ));
    directory.set_password(&grant, plain, password()).await.unwrap();
    directory
        .set_role(&grant, plain, "StandardInternationalUser")
        .await
        .unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = house().await;
    let (ada, _) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let (carl, _) = house.person("carl", "1002", BuiltInRole::Admin).await;
    let program = std::sync::Arc::new(jackfield_domain::Caller::program(house.tenant));
    let users = program.grant::<ManageUsers>().unwrap();
    let directory = &house.directory;
    let off = UserPatch {
        enabled: Patch::Set(false),
        ..UserPatch::default()
    };
    directory
        .update_user(&program.owner_of(carl).unwrap(), off.clone())
        .await
        .unwrap();
    let last = |result: Result<(), Error>| matches!(result, Err(Error::Denied(Denial::LastAdministrator)));
    assert!(last(
        directory.update_user(&program.owner_of(ada).unwrap(), off).await
    ));
    assert!(last(directory.destroy_user(&users, ada).await));
    assert!(last(directory.set_role(&users, ada, "QueueManager").await));
    let on = UserPatch {
        enabled: Patch::Set(true),
        ..UserPatch::default()
    };
    directory
        .update_user(&program.owner_of(carl).unwrap(), on)
        .await
        .unwrap();
    // Two who take the post from each other at once: one of them keeps it.
    let (one, two) = tokio::join!(
        directory.set_role(&users, ada, "QueueManager"),
        directory.set_role(&users, carl, "QueueManager")
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
}

#[tokio::test]
async fn custom_roles() {
    let house = house().await;
    let (_, admin) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let roles = admin.grant::<ManageRoles>().unwrap();
    let users = admin.grant::<ManageUsers>().unwrap();
    let directory = &house.directory;
    let role = |name: &str, permissions: &[Permission]| NewRole {
        name: name.into(),
        description: String::new(),
        permissions: Permissions::of(permissions),
    };
    let beyond = directory
        .create_role(&roles, role("Root", &[Permission::SystemTenant]))
        .await;
    assert!(matches!(beyond, Err(Error::Denied(Denial::Escalation))));
    directory
        .create_role(&roles, role("Desk", &[Permission::Users]))
        .await
        .unwrap();
    let twice = directory.create_role(&roles, role("DESK", &[])).await;
    assert!(matches!(twice, Err(Error::Taken(Thing::Role, Field::Name))));

    let id = house.make_user("ben", "1002", "Desk").await;
    let desk = house.sign_in("ben").await;
    let caller = directory.authenticate(&desk.access).await.unwrap();
    assert!(caller.grant::<ManageUsers>().is_ok() && caller.grant::<ManageRoles>().is_err());
    assert!(matches!(
        directory.destroy_role(&roles, "Desk").await,
        Err(Error::InUse(Thing::Role, Thing::User))
    ));

    let rename = RolePatch {
        name: Patch::Set("Front".into()),
        ..RolePatch::default()
    };
    directory.update_role(&roles, "Desk", rename).await.unwrap();
    assert_eq!(directory.authenticate(&desk.access).await.unwrap().role, "Front");
    let fewer = RolePatch {
        permissions: Patch::Set(Permissions::NONE),
        ..RolePatch::default()
    };
    directory.update_role(&roles, "Front", fewer).await.unwrap();
    let caller = directory.authenticate(&desk.access).await.unwrap();
    assert!(
        caller.grant::<ManageUsers>().is_err(),
        "a changed role counts at once"
    );

    directory.set_role(&users, id, "StandardUser").await.unwrap();
    directory.destroy_role(&roles, "Front").await.unwrap();
    assert!(matches!(
        directory.destroy_role(&roles, "Admin").await,
        Err(Error::Denied(Denial::BuiltIn))
    ));
}

#[tokio::test]
async fn caller_ids_come_from_user_groups_and_tenant_each_once() {
    let house = house().await;
    let trunk = house.make_provider("Carrier").await;
    let caller_id = |number: &str| OutboundCallerId {
        provider: trunk,
        caller_id: number.into(),
        preferred: false,
        description: String::new(),
    };
    let mut new = new_user("ada", "1001", "Admin");
    new.settings.outbound_caller_ids = vec![caller_id("+491")];
    let users = house.program::<ManageUsers>();
    let id = house.directory.create_user(&users, new).await.unwrap();
    let group = NewGroup {
        name: "Sales".into(),
        ..NewGroup::default()
    };
    let group = house.directory.create_group(&users, group).await.unwrap();
    house
        .directory
        .add_group_member(&users, group, "1001")
        .await
        .unwrap();
    house
        .directory
        .add_group_member(&users, group, "1001")
        .await
        .unwrap();
    let list = vec![caller_id("+491"), caller_id("+492")];
    let patch = GroupPatch {
        outbound_caller_ids: Patch::Set(list),
        ..GroupPatch::default()
    };
    house.directory.update_group(&users, group, patch).await.unwrap();
    let owner = users.caller().owner_of(id).unwrap();
    let numbers = async || {
        let all = house.directory.outbound_caller_ids(&owner).await.unwrap();
        all.into_iter().map(|entry| entry.caller_id).collect::<Vec<_>>()
    };
    assert_eq!(numbers().await, ["+491", "+492"]);
    house
        .directory
        .remove_group_member(&users, group, "1001")
        .await
        .unwrap();
    assert_eq!(numbers().await, ["+491"]);
    let again = house.directory.remove_group_member(&users, group, "1001").await;
    assert!(matches!(again, Err(Error::Absent(Thing::Member))));
    let members: Vec<_> = house
        .journal(house.tenant)
        .await
        .into_iter()
        .filter(|change| change.kind == Kind::Group)
        .filter_map(|change| change.detail)
        .collect();
    assert_eq!(
        members,
        [
            format!(r#"{{"member":{{"added":{id}}}}}"#),
            format!(r#"{{"member":{{"removed":{id}}}}}"#)
        ]
    );
}

#[tokio::test]
async fn another_domain_means_other_sip_digests() {
    let house = house().await;
    let id = house.make_user("ada", "1001", "Admin").await;
    let secrets = async || -> ExtensionSecrets {
        let user = house.store.user(house.tenant, id).await.unwrap().unwrap();
        house
            .store
            .extension_secrets(house.tenant, user.extension.unwrap())
            .await
            .unwrap()
            .unwrap()
    };
    let before = secrets().await;
    let patch = jackfield_domain::TenantPatch {
        domain: Patch::Set("Two.Example".into()),
        ..Default::default()
    };
    house
        .directory
        .update_tenant(&house.program::<ManageTenants>(), house.tenant, patch)
        .await
        .unwrap();
    let after = secrets().await;
    assert_ne!(before.ha1_md5, after.ha1_md5);
    assert_ne!(before.ha1_sha256, after.ha1_sha256);
    assert_eq!(before.sealed_password, after.sealed_password);
}

#[tokio::test]
async fn a_destroyed_tenant_leaves_only_the_entry_that_it_was() {
    let house = house().await;
    let (_, caller) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let tokens = house.sign_in("ada").await;
    let tenants = house.program::<ManageTenants>();
    house
        .directory
        .destroy_tenant(&tenants, house.tenant)
        .await
        .unwrap();
    assert!(house.directory.authenticate(&tokens.access).await.is_err());
    assert!(house.journal(house.tenant).await.is_empty());
    let last = house
        .journal(jackfield_domain::TenantId::SYSTEM)
        .await
        .pop()
        .unwrap();
    assert_eq!(
        (last.kind, last.record, last.change),
        (Kind::Tenant, house.tenant.get(), ChangeType::Deleted)
    );
    let new = NewGroup {
        name: "x".into(),
        ..NewGroup::default()
    };
    let late = house.directory.create_group(&caller.grant().unwrap(), new).await;
    assert!(
        late.is_err(),
        "a caller who was let in before writes nothing after"
    );
    assert!(matches!(
        house.directory.destroy_tenant(&tenants, house.tenant).await,
        Err(Error::Absent(Thing::Tenant))
    ));
}

#[tokio::test]
async fn the_limit_of_extensions_holds() {
    let house = house().await;
    let patch = jackfield_domain::TenantPatch {
        max_extensions: Patch::Set(1),
        ..Default::default()
    };
    house
        .directory
        .update_tenant(&house.program::<ManageTenants>(), house.tenant, patch)
        .await
        .unwrap();
    house.make_user("ada", "1001", "Admin").await;
    let users = house.program::<ManageUsers>();
    let over = house
        .directory
        .create_user(&users, new_user("ben", "1002", "StandardUser"))
        .await;
    assert!(matches!(over, Err(Error::Full(Thing::Extension, 1))));
    let mut without = new_user("ben", "1002", "StandardUser");
    without.extension = None;
    house.directory.create_user(&users, without).await.unwrap();
}

#[tokio::test]
async fn a_tenant_that_changes_is_not_remembered_as_he_was() {
    let house = house().await;
    let (users, tenants) = (house.program::<ManageUsers>(), house.program::<ManageTenants>());
    house.make_user("ada", "1001", "Admin").await;
    let limit = |most| jackfield_domain::TenantPatch {
        max_extensions: Patch::Set(most),
        ..Default::default()
    };
    let create = async |name: &str, number: &str| {
        let new = new_user(name, number, "StandardUser");
        house.directory.create_user(&users, new).await
    };
    house
        .directory
        .update_tenant(&tenants, house.tenant, limit(1))
        .await
        .unwrap();
    assert!(matches!(
        create("ben", "1002").await,
        Err(Error::Full(Thing::Extension, 1))
    ));
    house
        .directory
        .update_tenant(&tenants, house.tenant, limit(2))
        .await
        .unwrap();
    create("ben", "1002").await.unwrap();
    // Another process, of which this one has not heard yet.
    let mut tenant = house.store.tenant(house.tenant).await.unwrap().unwrap();
    tenant.max_extensions = 3;
    tenant.version += 1;
    let mut elsewhere = house.store.begin(house.tenant).await.unwrap();
    elsewhere.update_tenant(&tenant).await.unwrap();
    elsewhere.commit().await.unwrap();
    create("eve", "1003").await.unwrap();
    assert!(matches!(
        create("joe", "1004").await,
        Err(Error::Full(Thing::Extension, 3))
    ));
}

#[tokio::test]
async fn of_many_who_want_a_number_one_gets_it() {
    let house = house().await;
    let users = house.program::<ManageUsers>();
    let attempts = (0..16).map(|index| {
        let (directory, users) = (house.directory.clone(), users.clone());
        tokio::spawn(async move {
            directory
                .create_user(&users, new_user(&format!("u{index}"), "1001", "StandardUser"))
                .await
        })
    });
    let mut winners = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(
                matches!(error, Error::Taken(Thing::Extension, Field::ExtensionNumber)),
                "{error:?}"
            ),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn what_never_changes_may_be_repeated_and_nothing_else() {
    let house = house().await;
    let id = house.make_user("ada", "1001", "Admin").await;
    let owner = house.program::<ManageUsers>().caller().owner_of(id).unwrap();
    let say = |name: &str, number: &str| UserPatch {
        name: Patch::Set(name.into()),
        extension_number: Patch::Set(number.into()),
        department: Patch::Set("Sales".into()),
        ..UserPatch::default()
    };
    let Err(Error::Invalid(found)) = house.directory.update_user(&owner, say("Ada", "1002")).await else {
        panic!("a name and a number changed")
    };
    let fields: Vec<_> = found.iter().map(|violation| violation.field).collect();
    assert_eq!(fields, [Field::Name, Field::ExtensionNumber]);
    assert_eq!(
        house.directory.user(&owner).await.unwrap().department,
        "",
        "nothing of it was done"
    );
    house
        .directory
        .update_user(&owner, say("ada", "1001"))
        .await
        .unwrap();
}
