//! Sessions that last as long as they are used, sign-in without a tenant, and API tokens.

use std::time::Duration;

use jackfield_directory::{AddressSignIn, SignInOutcome, StayingSession};
use jackfield_domain::{
    ApiTokenField, BuiltInRole, ChangeType, Comparison, Denial, Error, Field, Filter, Kind, Literal,
    NewApiToken, NewPassword, Patch, Query, Thing, UserPatch,
    capability::{ManageTenants, ManageUsers},
};
use jackfield_store::SessionReads;

use crate::support::{House, PASSWORD, house, new_user, on_each_engine};

const MINUTE: Duration = Duration::from_mins(1);

fn login(address: &str, password: &str) -> AddressSignIn {
    AddressSignIn {
        address: address.into(),
        password: password.into(),
        source: "192.0.2.9".into(),
    }
}

async fn enter(house: &House, address: &str) -> StayingSession {
    match house
        .directory
        .sign_in_to_stay(login(address, PASSWORD))
        .await
        .unwrap()
    {
        SignInOutcome::Tokens(session) => session,
        SignInOutcome::CodeNeeded { .. } => panic!("a code is needed"),
    }
}

fn is_hex_40(text: &str) -> bool {
    text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

async fn written_end(house: &House, token: &str) -> i64 {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(token.as_bytes()).into();
    let (_, session) = house.store.token(&hash).await.unwrap().unwrap();
    session.expires_at.as_micros()
}

#[tokio::test]
async fn a_session_lives_as_long_as_requests_come_and_few_of_them_are_written_down() {
    on_each_engine(async |house| {
        house.make_user("ada", "1001", "Admin").await;
        let session = enter(&house, "ada@one.example").await;
        assert!(is_hex_40(&session.token), "{}", session.token);
        let directory = &house.directory;
        let mut writes = 0;
        let mut end = written_end(&house, &session.token).await;
        for _ in 0..60 {
            house.clock.advance(MINUTE);
            directory.authenticate(&session.token).await.unwrap();
            let now = written_end(&house, &session.token).await;
            writes += usize::from(now != end);
            end = now;
        }
        assert_eq!(writes, 15, "one use in four minutes is written down, of sixty");
        // The last use counts to the microsecond, though it is not written down.
        house.clock.advance(MINUTE);
        directory.authenticate(&session.token).await.unwrap();
        house.clock.advance(Duration::from_micros(30 * 60_000_000 - 1));
        directory.authenticate(&session.token).await.unwrap();
        house.clock.advance(30 * MINUTE);
        let late = directory.authenticate(&session.token).await;
        assert!(matches!(late, Err(Error::Unauthenticated)));
    })
    .await;
}

#[tokio::test]
async fn another_process_ends_a_session_a_tenth_early_at_most_and_hears_of_later_uses() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let session = enter(&house, "ada@one.example").await;
    let other = house.another_process();
    other.authenticate(&session.token).await.unwrap();
    // The other process sees nothing for half an hour, while this one serves a request each two minutes.
    for _ in 0..15 {
        house.clock.advance(2 * MINUTE);
        house.directory.authenticate(&session.token).await.unwrap();
    }
    other.authenticate(&session.token).await.unwrap();
    // 26 minutes after the last use it still serves, wherever it is asked for.
    house.clock.advance(26 * MINUTE);
    house
        .another_process()
        .authenticate(&session.token)
        .await
        .unwrap();
}

#[tokio::test]
async fn signing_out_ends_it_and_so_does_a_purge_once_it_is_over() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let (one, two) = (
        enter(&house, "ada@one.example").await,
        enter(&house, "ADA@one.example").await,
    );
    let caller = house.directory.authenticate(&one.token).await.unwrap();
    assert_eq!(caller.user, Some(one.user));
    house.directory.sign_out(&caller).await.unwrap();
    assert!(house.directory.authenticate(&one.token).await.is_err());
    house.directory.authenticate(&two.token).await.unwrap();
    // In its last tenth a session may live on uses that are not written down: no sign-in purges it before.
    house.clock.advance(2 * MINUTE);
    house.directory.authenticate(&two.token).await.unwrap();
    house.clock.advance(29 * MINUTE);
    enter(&house, "ada@one.example").await;
    house.directory.authenticate(&two.token).await.unwrap();
}

#[tokio::test]
async fn an_address_of_several_tenants_means_the_account_whose_password_is_right() {
    let mut house = house().await;
    let first = house.make_user("ada", "1001", "Admin").await;
    let one = house.tenant;
    let two = house.make_tenant("two.example").await;
    house.tenant = two;
    let users = house.program::<ManageUsers>();
    let mut twin = new_user("ada", "1001", "Admin");
    twin.password = NewPassword::Plain("Qu1ck!River77".into());
    let second = house.directory.create_user(&users, twin).await.unwrap();
    let directory = &house.directory;

    assert_eq!(enter(&house, "ada@one.example").await.user, first);
    let session = directory
        .sign_in_to_stay(login("ada@one.example", "Qu1ck!River77"))
        .await
        .unwrap();
    let SignInOutcome::Tokens(session) = session else {
        panic!("a code is needed")
    };
    assert_eq!(session.user, second);
    assert_eq!(directory.authenticate(&session.token).await.unwrap().home, two);

    // One password for both: which was meant cannot be known, unless the name says it.
    directory
        .set_password(&users, second, NewPassword::Plain(PASSWORD.into()))
        .await
        .unwrap();
    let both = directory
        .sign_in_to_stay(login("ada@one.example", PASSWORD))
        .await;
    assert!(matches!(both, Err(Error::BadCredentials)));
    assert_eq!(enter(&house, "ada@TWO.example").await.user, second);

    // An account that may not sign in is none.
    house.tenant = one;
    let owner = std::sync::Arc::new(jackfield_domain::Caller::program(two));
    let keeper = new_user("boss", "1002", "Admin");
    directory.create_user(&users, keeper).await.unwrap();
    let patch = UserPatch {
        enabled: Patch::Set(false),
        ..UserPatch::default()
    };
    directory
        .update_user(&owner.owner_of(second).unwrap(), patch)
        .await
        .unwrap();
    assert_eq!(enter(&house, "ada@one.example").await.user, first);
}

#[tokio::test]
async fn wrong_passwords_are_delayed_whether_there_is_an_account_or_not() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    for address in [
        "ada@one.example",
        "nobody@one.example",
        "",
        "@",
        "ada@nowhere.example",
    ] {
        for _ in 0..4 {
            let failed = house.directory.sign_in_to_stay(login(address, "wrong")).await;
            assert!(matches!(failed, Err(Error::BadCredentials)), "{address}");
        }
        let failed = house.directory.sign_in_to_stay(login(address, PASSWORD)).await;
        assert!(matches!(failed, Err(Error::TooMany(_))), "{address}");
    }
}

#[tokio::test]
async fn two_factors_lead_to_the_same_kind_of_session() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let mut patch = jackfield_domain::TenantPatch::default();
    patch.settings.enable_two_factor_authentication = Patch::Set(true);
    let tenants = house.program::<ManageTenants>();
    assert!(
        !house
            .directory
            .tenant_facts(house.tenant)
            .await
            .unwrap()
            .demands_code
    );
    house
        .directory
        .update_tenant(&tenants, house.tenant, patch)
        .await
        .unwrap();
    assert!(
        house
            .directory
            .tenant_facts(house.tenant)
            .await
            .unwrap()
            .demands_code
    );
    let outcome = house
        .directory
        .sign_in_to_stay(login("ada@one.example", PASSWORD))
        .await;
    let Ok(SignInOutcome::CodeNeeded { token }) = outcome else {
        panic!("no code is needed")
    };
    assert!(
        house.directory.authenticate(&token).await.is_err(),
        "a challenge is no session"
    );
    house.directory.send_code(&token).await.unwrap();
    let mail = house.letters.next().await.text;
    let code: String = mail.chars().filter(char::is_ascii_digit).take(6).collect();
    let session = house.directory.verify_code_to_stay(&token, &code).await.unwrap();
    assert!(is_hex_40(&session.token));
    house.clock.advance(29 * MINUTE);
    house.directory.authenticate(&session.token).await.unwrap();
    house.clock.advance(29 * MINUTE);
    house.directory.authenticate(&session.token).await.unwrap();
    assert!(house.directory.verify_code_to_stay(&token, &code).await.is_err());
}

#[tokio::test]
async fn api_tokens_are_named_found_and_ended_by_their_owner() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let (ben_id, ben) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let bens_by_ada = ada.owner_of(ben_id).unwrap();
    let (ada, ben) = (ada.own().unwrap(), ben.own().unwrap());
    let directory = &house.directory;
    let new = |name: &str, idle_seconds| NewApiToken {
        name: name.into(),
        idle_seconds,
    };
    let (week, made) = directory
        .create_api_token(&ada, new("crm", 604_800))
        .await
        .unwrap();
    assert!(is_hex_40(&week) && is_hex_40(&made.handle) && week != made.handle);
    let (ever, endless) = directory
        .create_api_token(&ada, new("wallboard", 0))
        .await
        .unwrap();
    assert_eq!((endless.idle, endless.ends_at), (None, None));
    let again = directory.create_api_token(&ada, new("crm", 0)).await;
    assert!(matches!(again, Err(Error::Taken(Thing::ApiToken, Field::Name))));
    directory.create_api_token(&ben, new("crm", 0)).await.unwrap();
    assert!(directory.create_api_token(&ben, new("", -1)).await.is_err());
    // An administrator would act as him.
    let for_another = directory.create_api_token(&bens_by_ada, new("spare", 0)).await;
    assert!(matches!(for_another, Err(Error::Denied(Denial::Permission))));

    let all = directory.list_api_tokens(&ada, &Query::default()).await.unwrap();
    assert_eq!(all.items, [made.clone(), endless]);
    let named = Query {
        filter: Some(Filter::Compare(
            ApiTokenField::Name,
            Comparison::Equal,
            Literal::Text("crm".into()),
        )),
        ..Query::default()
    };
    let found = directory.list_api_tokens(&ada, &named).await.unwrap();
    assert_eq!((found.total, found.items), (1, vec![made.clone()]));

    assert!(
        directory.authenticate(&made.handle).await.is_err(),
        "a handle opens nothing"
    );
    house.clock.advance(Duration::from_hours(24 * 6));
    directory.authenticate(&week).await.unwrap();
    house.clock.advance(Duration::from_hours(24 * 6));
    directory.authenticate(&week).await.unwrap();
    for other in [made.handle.as_str(), &week] {
        let removed = directory.remove_api_token(&ben, other).await;
        assert!(matches!(removed, Err(Error::Absent(Thing::ApiToken))));
    }
    directory.remove_api_token(&ada, &made.handle).await.unwrap();
    assert!(directory.authenticate(&week).await.is_err());
    house.clock.advance(Duration::from_hours(24 * 3000));
    let caller = directory.authenticate(&ever).await.unwrap();
    directory.remove_api_token(&ada, &ever).await.unwrap();
    assert!(directory.authenticate(&ever).await.is_err());
    assert!(caller.session.is_some());
    let journal = house.journal(house.tenant).await;
    let ended = journal
        .iter()
        .filter(|entry| entry.kind == Kind::Session && entry.change == ChangeType::Deleted)
        .count();
    assert_eq!(ended, 2, "{journal:?}");
}

#[tokio::test]
async fn an_administrator_ends_his_tenant_and_nobody_elses() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let (_, ben) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let other = house.make_tenant("two.example").await;
    let directory = &house.directory;
    assert!(matches!(
        directory.close_account(&ben, house.tenant).await,
        Err(Error::Denied(_))
    ));
    let unknown = jackfield_domain::TenantId::new(999_999);
    for id in [other, unknown, jackfield_domain::TenantId::SYSTEM] {
        let closed = directory.close_account(&ada, id).await;
        assert!(matches!(closed, Err(Error::Absent(Thing::Tenant))), "{id}");
    }
    let session = enter(&house, "ada@one.example").await;
    directory.close_account(&ada, house.tenant).await.unwrap();
    assert!(directory.authenticate(&session.token).await.is_err());
    assert!(directory.tenant_info("one.example").await.is_err());
    directory.tenant_info("two.example").await.unwrap();
}
