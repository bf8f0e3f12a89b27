//! Programs of others: who may make one, what ends their tokens, and what a process remembers of them.

use std::{sync::Arc, time::Duration};

use jackfield_directory::{CodeRequest, CreatedApplication, ProgramTokens, ProvenApplication, SignInOutcome};
use jackfield_domain::{
    AccessLevel, ApplicationAccess, ApplicationKind, BuiltInRole, Caller, ChangeType, Denial, Error,
    ExtensionAccessPatch, Grant, Kind, NewApplication, Patch, TenantPatch, Thing, UserId, UserPatch,
    capability::{ManageCompany, ManageTenants, ManageUsers},
};

use crate::support::{House, PASSWORD, house, on_each_engine};

fn new(kind: ApplicationKind) -> NewApplication {
    let takes_codes = kind == ApplicationKind::Public;
    NewApplication {
        name: "CRM".into(),
        kind,
        access: ApplicationAccess::All,
        redirect_uris: takes_codes
            .then(|| "https://app.example/cb".into())
            .into_iter()
            .collect(),
    }
}

async fn make(house: &House, owner: &str, kind: ApplicationKind) -> CreatedApplication {
    let grant = house.program::<ManageCompany>();
    house
        .directory
        .create_application(&grant, owner, new(kind))
        .await
        .unwrap()
}

async fn prove(house: &House, made: &CreatedApplication) -> ProvenApplication {
    let id = &made.application.client_id;
    house.directory.prove_application(id, &made.secret).await.unwrap()
}

async fn by_password(house: &House, program: &ProvenApplication, name: &str) -> ProgramTokens {
    house
        .directory
        .tokens_by_password(program, name, PASSWORD, "192.0.2.1")
        .await
        .unwrap()
}

async fn opens(house: &House, tokens: &ProgramTokens) -> bool {
    house.directory.authenticate_program(&tokens.access).await.is_ok()
}

#[tokio::test]
async fn a_program_acts_as_its_user_and_shows_no_secret() {
    let house = house().await;
    let (ada, _) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let made = make(&house, "ADA", ApplicationKind::Trusted).await;
    assert!(!format!("{made:?}").contains(&made.secret));
    let program = prove(&house, &made).await;
    let tokens = house.directory.tokens_of_program(&program).await.unwrap();
    assert!(!format!("{tokens:?}").contains(&tokens.access));
    assert_eq!(tokens.refresh, None);
    for _ in 0..2 {
        let caller = house
            .directory
            .authenticate_program(&tokens.access)
            .await
            .unwrap();
        assert_eq!(
            (caller.user, caller.home, caller.session),
            (Some(ada), house.tenant, None)
        );
        assert_eq!(caller.application, Some(ApplicationAccess::All));
        assert!(caller.grant::<ManageUsers>().is_ok());
    }
    // It is no session, and no session is one.
    assert!(matches!(
        house.directory.authenticate(&tokens.access).await,
        Err(Error::Unauthenticated)
    ));
    let session = house.sign_in("ada").await;
    assert!(
        house
            .directory
            .authenticate_program(&session.access)
            .await
            .is_err()
    );
    for (id, secret) in [
        (made.application.client_id.as_str(), "x"),
        ("x", made.secret.as_str()),
        ("", ""),
    ] {
        let outcome = house.directory.prove_application(id, secret).await;
        assert!(matches!(outcome, Err(Error::Unauthenticated)), "{id}");
    }
}

#[tokio::test]
async fn nobody_makes_a_program_for_who_is_above_him() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let (_, farid) = house.person("farid", "1002", BuiltInRole::QueueManager).await;
    assert!(farid.grant::<ManageCompany>().is_err());
    let mut lifted = (*farid).clone();
    lifted.permissions = lifted.permissions.and(jackfield_domain::Permissions::of(&[
        jackfield_domain::Permission::CompanyFull,
    ]));
    let grant: Grant<ManageCompany> = Arc::new(lifted).grant().unwrap();
    let make = async |owner: &str| {
        house
            .directory
            .create_application(&grant, owner, new(ApplicationKind::Trusted))
            .await
    };
    assert!(matches!(
        make("ada").await,
        Err(Error::Denied(Denial::Escalation))
    ));
    assert!(matches!(make("nobody").await, Err(Error::Absent(Thing::User))));
    assert!(make("farid").await.is_ok());
}

#[tokio::test]
async fn each_kind_of_program_has_its_own_ways() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let of_kind = async |kind| prove(&house, &make(&house, "ada", kind).await).await;
    let (trusted, public, password) = (
        of_kind(ApplicationKind::Trusted).await,
        of_kind(ApplicationKind::Public).await,
        of_kind(ApplicationKind::Password).await,
    );
    let directory = &house.directory;
    let refused = |outcome| matches!(outcome, Err(Error::Denied(Denial::GrantType)));
    for other in [&public, &password] {
        assert!(refused(directory.tokens_of_program(other).await));
    }
    for other in [&trusted, &public] {
        assert!(refused(
            directory.tokens_by_password(other, "ada", PASSWORD, "x").await
        ));
    }
    for other in [&trusted, &password] {
        assert!(refused(directory.tokens_by_code(other, "x", None, None).await));
    }
    assert!(refused(directory.tokens_by_refresh(&trusted, "x").await));
    let request = CodeRequest {
        application: password.application().clone(),
        redirect_uri: None,
        challenge: None,
    };
    let asked = directory.allow_program(&request, "ada", PASSWORD, "x").await;
    assert!(matches!(asked, Err(Error::Denied(Denial::GrantType))));
}

/// Two that redeem one code at the same moment: one gets tokens and loses them again, for it was copied.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_two_redeem_at_once_is_good_for_neither() {
    on_each_engine(async |house| {
        house.make_user("ada", "1001", "Admin").await;
        let program = prove(&house, &make(&house, "ada", ApplicationKind::Public).await).await;
        let request = CodeRequest {
            application: program.application().clone(),
            redirect_uri: None,
            challenge: None,
        };
        let outcome = house
            .directory
            .allow_program(&request, "ada", PASSWORD, "192.0.2.1")
            .await
            .unwrap();
        let SignInOutcome::Tokens(code) = outcome else {
            panic!("a code is needed")
        };
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let (directory, program, code) = (house.directory.clone(), program.clone(), code.0.clone());
            running.spawn(async move { directory.tokens_by_code(&program, &code, None, None).await });
        }
        let outcomes = running.join_all().await;
        let got: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().ok())
            .collect();
        assert_eq!(got.len(), 1, "{outcomes:?}");
        assert!(!opens(&house, got[0]).await);
        let refresh = got[0].refresh.clone().unwrap();
        let renewed = house.directory.tokens_by_refresh(&program, &refresh).await;
        assert!(matches!(renewed, Err(Error::Spent(Thing::RefreshToken))));
    })
    .await;
}

#[tokio::test]
async fn another_process_sees_the_end_of_a_token() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "Admin").await;
    let made = make(&house, "ada", ApplicationKind::Password).await;
    let program = prove(&house, &made).await;
    let tokens = by_password(&house, &program, "ada").await;
    let other = house.another_process();
    assert_eq!(
        other.authenticate_program(&tokens.access).await.unwrap().user,
        Some(ada)
    );
    house
        .directory
        .revoke_token(&program, tokens.refresh.as_deref().unwrap())
        .await
        .unwrap();
    assert!(!opens(&house, &tokens).await);
    let fresh = house.another_process();
    assert!(fresh.authenticate_program(&tokens.access).await.is_err());
}

#[tokio::test]
async fn blocked_people_and_tenants_are_told_so_and_come_back() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    let program = prove(&house, &make(&house, "ada", ApplicationKind::Password).await).await;
    let tokens = by_password(&house, &program, "ada").await;
    let grant = house.program::<ManageUsers>();
    let owner = grant.caller().owner_of(ada).unwrap();
    let enable = async |enabled| {
        let patch = UserPatch {
            enabled: Patch::Set(enabled),
            ..UserPatch::default()
        };
        house.directory.update_user(&owner, patch).await.unwrap();
    };
    enable(false).await;
    let outcome = house.directory.authenticate_program(&tokens.access).await;
    assert!(
        matches!(outcome, Err(Error::Denied(Denial::UserDisabled))),
        "{outcome:?}"
    );
    assert_eq!(
        house
            .directory
            .inspect_token(&program, &tokens.access)
            .await
            .unwrap(),
        None
    );
    let renewed = house
        .directory
        .tokens_by_password(&program, "ada", PASSWORD, "192.0.2.1")
        .await;
    assert!(matches!(renewed, Err(Error::BadCredentials)));
    enable(true).await;
    assert!(opens(&house, &tokens).await);
    let patch = TenantPatch {
        enabled: Patch::Set(false),
        ..TenantPatch::default()
    };
    let system: Grant<ManageTenants> = Arc::new(Caller::program(jackfield_domain::TenantId::SYSTEM))
        .grant()
        .unwrap();
    house
        .directory
        .update_tenant(&system, house.tenant, patch)
        .await
        .unwrap();
    let outcome = house.directory.authenticate_program(&tokens.access).await;
    assert!(
        matches!(outcome, Err(Error::Denied(Denial::TenantDisabled))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn what_ends_is_journalled_once() {
    let house = house().await;
    let ada = house.make_user("ada", "1001", "StandardUser").await;
    house.make_user("ben", "1002", "Admin").await;
    let program = prove(&house, &make(&house, "ada", ApplicationKind::Password).await).await;
    let first = by_password(&house, &program, "ada").await;
    let second = by_password(&house, &program, "ben").await;
    let refresh = first.refresh.as_deref().unwrap();
    let next = house
        .directory
        .tokens_by_refresh(&program, refresh)
        .await
        .unwrap();
    assert!(
        house
            .directory
            .tokens_by_refresh(&program, refresh)
            .await
            .is_err()
    );
    assert!(!opens(&house, &next).await);
    let grant = house.program::<ManageUsers>();
    let _ = by_password(&house, &program, "ada").await;
    house.directory.destroy_user(&grant, ada).await.unwrap();
    // With her went the program that was made for her, and with that what it was allowed by others.
    assert!(!opens(&house, &second).await);
    let lines: Vec<_> = house
        .journal(house.tenant)
        .await
        .into_iter()
        .filter(|line| matches!(line.kind, Kind::Application | Kind::Authorization))
        .map(|line| (line.kind, line.change))
        .collect();
    assert_eq!(
        lines,
        [
            (Kind::Application, ChangeType::Created),
            (Kind::Authorization, ChangeType::Created),
            (Kind::Authorization, ChangeType::Created),
            (Kind::Authorization, ChangeType::Deleted),
            (Kind::Authorization, ChangeType::Created),
            (Kind::Authorization, ChangeType::Deleted),
            (Kind::Application, ChangeType::Deleted),
        ]
    );
    house.clock.advance(Duration::from_hours(1));
}

#[tokio::test]
async fn who_may_only_look_signs_in_out_and_changes_nothing() {
    let house = house().await;
    let (ada, admin) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let (ben, _) = house.person("ben", "1002", BuiltInRole::Admin).await;
    let grant = house.program::<ManageUsers>();
    let look = |level| UserPatch {
        access: ExtensionAccessPatch {
            level: Patch::Set(level),
            ..ExtensionAccessPatch::default()
        },
        ..UserPatch::default()
    };
    let set = async |grant: &Grant<ManageUsers>, user: UserId, level| {
        let owner = grant.caller().owner_of(user).unwrap();
        house.directory.update_user(&owner, look(level)).await
    };
    let own = admin.grant::<ManageUsers>().unwrap();
    assert!(matches!(
        set(&own, ada, AccessLevel::ReadOnly).await,
        Err(Error::Denied(Denial::OwnAccount))
    ));
    set(&own, ben, AccessLevel::ReadOnly).await.unwrap();

    let tokens = house.sign_in("ben").await;
    let looker = house.directory.authenticate(&tokens.access).await.unwrap();
    assert!(looker.read_only);
    let rename = |name: &str| UserPatch {
        display_name: Patch::Set(name.into()),
        ..UserPatch::default()
    };
    for owner in [looker.own().unwrap(), looker.owner_of(ada).unwrap()] {
        let outcome = house.directory.update_user(&owner, rename("x")).await;
        assert!(
            matches!(outcome, Err(Error::Denied(Denial::ReadOnly))),
            "{outcome:?}"
        );
        assert!(house.directory.user(&owner).await.is_ok());
    }
    let outcome = house
        .directory
        .change_password(&looker.own().unwrap(), PASSWORD, "Qx7!kvPz2W")
        .await;
    assert!(
        matches!(outcome, Err(Error::Denied(Denial::ReadOnly))),
        "{outcome:?}"
    );
    house.directory.sign_out(&looker).await.unwrap();
    assert!(house.directory.authenticate(&tokens.access).await.is_err());

    // The last administrator who may change anything stays one.
    let patch = UserPatch {
        enabled: Patch::Set(false),
        ..UserPatch::default()
    };
    let owner = grant.caller().owner_of(ben).unwrap();
    house.directory.update_user(&owner, patch).await.unwrap();
    assert!(matches!(
        set(&grant, ada, AccessLevel::ReadOnly).await,
        Err(Error::Denied(Denial::LastAdministrator))
    ));
    set(&grant, ben, AccessLevel::Full).await.unwrap();
}
