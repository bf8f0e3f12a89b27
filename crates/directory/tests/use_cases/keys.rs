//! Keys of programs.

use std::sync::Arc;

use jackfield_directory::CreatedKey;
use jackfield_domain::{
    ApiKeyId, BuiltInRole, Caller, ChangeType, Denial, Error, Grant, Kind, NewApiKey, Patch, TenantPatch,
    Thing,
    capability::{ManageCompany, ManageTenants},
    limits,
};

use crate::support::{House, house};

fn named(name: &str) -> NewApiKey {
    NewApiKey::feed(name)
}

async fn key(house: &House, name: &str) -> CreatedKey {
    let grant = house.program::<ManageCompany>();
    house.directory.create_key(&grant, named(name)).await.unwrap()
}

#[tokio::test]
async fn a_key_opens_the_feed_of_its_tenant_until_it_is_revoked() {
    let house = house().await;
    let directory = &house.directory;
    let (one, two) = (key(&house, "Berlin").await, key(&house, "Bonn").await);
    assert_ne!(one.key, two.key);
    assert!(one.key.starts_with("jfk_") && one.key.len() == 56, "{}", one.key);
    assert!(!format!("{one:?}").contains(&one.key));
    // Twice: read from the store, and remembered.
    for _ in 0..2 {
        let caller = directory.authenticate_key(&one.key).await.unwrap();
        assert_eq!(*caller, Caller::engine(house.tenant, one.id));
        assert_eq!(
            caller.reporter().map(|reporter| reporter.tenant()).unwrap(),
            house.tenant
        );
    }
    let grant = house.program::<ManageCompany>();
    let listed: Vec<_> = directory
        .list_keys(&grant)
        .await
        .unwrap()
        .into_iter()
        .map(|key| (key.id, key.name))
        .collect();
    assert_eq!(
        listed,
        [(one.id, "Berlin".to_owned()), (two.id, "Bonn".to_owned())]
    );

    directory.destroy_key(&grant, one.id).await.unwrap();
    assert!(matches!(
        directory.authenticate_key(&one.key).await,
        Err(Error::Unauthenticated)
    ));
    assert!(directory.authenticate_key(&two.key).await.is_ok());
    for id in [one.id, ApiKeyId::new(7)] {
        assert!(matches!(
            directory.destroy_key(&grant, id).await,
            Err(Error::Absent(Thing::ApiKey))
        ));
    }
    let journal = house.journal(house.tenant).await;
    let changes: Vec<_> = journal
        .iter()
        .filter(|change| change.kind == Kind::ApiKey)
        .map(|change| (change.record, change.change))
        .collect();
    assert_eq!(
        changes,
        [
            (one.id.get(), ChangeType::Created),
            (two.id.get(), ChangeType::Created),
            (one.id.get(), ChangeType::Deleted)
        ]
    );
}

#[tokio::test]
async fn keys_and_sessions_are_not_taken_for_each_other() {
    let house = house().await;
    let made = key(&house, "").await;
    house.person("ada", "1001", BuiltInRole::Admin).await;
    let session = house.sign_in("ada").await.access;
    // The key first through its own door, so that it is remembered.
    assert!(house.directory.authenticate_key(&made.key).await.is_ok());
    for wrong in [
        house.directory.authenticate(&made.key).await,
        house.directory.authenticate_key(&session).await,
        house.directory.authenticate_key("").await,
        house.directory.authenticate_key("jfk_").await,
        house
            .directory
            .authenticate_key(&made.key.to_ascii_lowercase())
            .await,
    ] {
        assert!(matches!(wrong, Err(Error::Unauthenticated)), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_key_of_a_closed_tenant_is_refused_and_one_of_a_gone_tenant_unknown() {
    let house = house().await;
    let directory = &house.directory;
    let made = key(&house, "").await;
    assert!(directory.authenticate_key(&made.key).await.is_ok());
    let tenants = house.program::<ManageTenants>();
    for (enabled, works) in [(false, false), (true, true)] {
        let patch = TenantPatch {
            enabled: Patch::Set(enabled),
            ..TenantPatch::default()
        };
        directory
            .update_tenant(&tenants, house.tenant, patch)
            .await
            .unwrap();
        match directory.authenticate_key(&made.key).await {
            Ok(_) => assert!(works),
            Err(Error::Denied(Denial::TenantDisabled)) => assert!(!works),
            Err(error) => panic!("{error:?}"),
        }
    }
    let company = house.program::<ManageCompany>();
    directory.destroy_tenant(&tenants, house.tenant).await.unwrap();
    assert!(matches!(
        directory.authenticate_key(&made.key).await,
        Err(Error::Unauthenticated)
    ));
    assert!(matches!(
        directory.create_key(&company, named("")).await,
        Err(Error::Absent(Thing::Tenant))
    ));
}

#[tokio::test]
async fn keys_belong_to_one_tenant_and_have_a_limit() {
    let house = house().await;
    let directory = &house.directory;
    let made = key(&house, "").await;
    let other = house.make_tenant("two.example").await;
    let foreign: Grant<ManageCompany> = Arc::new(Caller::program(other)).grant().unwrap();
    assert!(directory.list_keys(&foreign).await.unwrap().is_empty());
    assert!(matches!(
        directory.destroy_key(&foreign, made.id).await,
        Err(Error::Absent(Thing::ApiKey))
    ));
    let grant = house.program::<ManageCompany>();
    for _ in 1..limits::API_KEYS {
        key(&house, "x").await;
    }
    assert!(matches!(
        directory.create_key(&grant, named("")).await,
        Err(Error::Full(Thing::ApiKey, 100))
    ));
    assert!(matches!(
        directory.create_key(&foreign, named("a\nb")).await,
        Err(Error::Invalid(_))
    ));
    assert!(directory.create_key(&foreign, named("")).await.is_ok());
}
