//! Signing in, staying in, and what ends it.

use std::time::Duration;

use jackfield_directory::{ForgottenPassword, SignInOutcome};
use jackfield_domain::{
    BuiltInRole, Error, NewPassword, Patch, Thing, UserPatch,
    capability::{ManageCompany, ManageTenants, ManageUsers},
};

use crate::support::{PASSWORD, credentials, house};

#[tokio::test]
async fn a_session_ends_with_its_user_role_tenant_or_password() {
    let house = house().await;
    let directory = &house.directory;
    house.make_user("boss", "1000", "Admin").await;
    let users = house.program::<ManageUsers>();

    let (id, _) = house.person("ada", "1001", BuiltInRole::Admin).await;
    let tokens = house.sign_in("ada").await;
    assert_eq!(
        directory.authenticate(&tokens.access).await.unwrap().role,
        "Admin"
    );
    directory.set_role(&users, id, "StandardUser").await.unwrap();
    let caller = directory.authenticate(&tokens.access).await.unwrap();
    assert_eq!(caller.role, "StandardUser");
    assert!(
        caller.grant::<ManageUsers>().is_err(),
        "the new role counts at once"
    );

    directory
        .set_password(&users, id, NewPassword::Plain("N3w!passphrase".into()))
        .await
        .unwrap();
    assert!(matches!(
        directory.authenticate(&tokens.access).await,
        Err(Error::Unauthenticated)
    ));
    assert!(matches!(
        directory.refresh(&tokens.refresh).await,
        Err(Error::Spent(Thing::RefreshToken))
    ));

    house.make_user("ben", "1002", "StandardUser").await;
    let tokens = house.sign_in("ben").await;
    directory.authenticate(&tokens.access).await.unwrap();
    let tenants = house.program::<ManageTenants>();
    let closed = jackfield_domain::TenantPatch {
        enabled: Patch::Set(false),
        ..Default::default()
    };
    directory
        .update_tenant(&tenants, house.tenant, closed)
        .await
        .unwrap();
    assert!(matches!(
        directory.authenticate(&tokens.access).await,
        Err(Error::Unauthenticated)
    ));
    assert!(matches!(
        directory.sign_in(credentials("ben", PASSWORD)).await,
        Err(Error::BadCredentials)
    ));
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_stays_out_when_enabled_again() {
    let house = house().await;
    let (id, caller) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let tokens = house.sign_in("ben").await;
    house.directory.authenticate(&tokens.access).await.unwrap();
    let admin = std::sync::Arc::new(jackfield_domain::Caller::program(house.tenant));
    for enabled in [false, true] {
        let patch = UserPatch {
            enabled: Patch::Set(enabled),
            ..UserPatch::default()
        };
        house
            .directory
            .update_user(&admin.owner_of(id).unwrap(), patch)
            .await
            .unwrap();
        assert!(
            house.directory.authenticate(&tokens.access).await.is_err(),
            "enabled: {enabled}"
        );
    }
    let patch = UserPatch {
        enabled: Patch::Set(false),
        ..UserPatch::default()
    };
    let own = house.directory.update_user(&caller.own().unwrap(), patch).await;
    assert!(matches!(
        own,
        Err(Error::Denied(jackfield_domain::Denial::OwnAccount))
    ));
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_a_copied_one_ends_the_session() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let first = house.sign_in("ada").await;
    let second = house.directory.refresh(&first.refresh).await.unwrap();
    house.directory.authenticate(&second.access).await.unwrap();
    house.directory.authenticate(&first.access).await.unwrap();
    assert!(house.directory.refresh(&first.refresh).await.is_err());
    for token in [&first.access, &second.access] {
        assert!(matches!(
            house.directory.authenticate(token).await,
            Err(Error::Unauthenticated)
        ));
    }
    assert!(house.directory.refresh(&second.refresh).await.is_err());
}

#[tokio::test]
async fn tokens_end_with_time() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let tokens = house.sign_in("ada").await;
    house.clock.advance(Duration::from_secs(1799));
    house.directory.authenticate(&tokens.access).await.unwrap();
    house.clock.advance(Duration::from_secs(1));
    assert!(house.directory.authenticate(&tokens.access).await.is_err());
    house.clock.advance(Duration::from_hours(29 * 24));
    let next = house.directory.refresh(&tokens.refresh).await.unwrap();
    house.clock.advance(Duration::from_hours(30 * 24));
    assert!(house.directory.refresh(&next.refresh).await.is_err());
}

#[tokio::test]
async fn failures_delay_even_the_right_password() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    for _ in 0..4 {
        let outcome = house.directory.sign_in(credentials("ada", "wrong")).await;
        assert!(matches!(outcome, Err(Error::BadCredentials)));
    }
    let Err(Error::TooMany(wait)) = house.directory.sign_in(credentials("ada", PASSWORD)).await else {
        panic!("no delay")
    };
    let mut elsewhere = credentials("ada", PASSWORD);
    elsewhere.source = "192.0.2.2".into();
    assert!(
        house.directory.sign_in(elsewhere).await.is_ok(),
        "the owner is not locked out by a stranger"
    );
    house.clock.advance(wait);
    assert!(
        house
            .directory
            .sign_in(credentials("ada", PASSWORD))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn two_factors_by_mail() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let mut patch = jackfield_domain::TenantPatch::default();
    patch.settings.enable_two_factor_authentication = Patch::Set(true);
    house
        .directory
        .update_own_tenant(&house.program::<ManageCompany>(), patch)
        .await
        .unwrap();
    let begin = async || match house
        .directory
        .sign_in(credentials("ada", PASSWORD))
        .await
        .unwrap()
    {
        SignInOutcome::CodeNeeded { token } => token,
        SignInOutcome::Tokens(_) => panic!("no code was asked for"),
    };
    let challenge = begin().await;
    assert!(
        house.directory.authenticate(&challenge).await.is_err(),
        "half a sign-in opens nothing"
    );
    house.directory.send_code(&challenge).await.unwrap();
    let text = house.letters.next().await.text;
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(house.directory.verify_code(&challenge, wrong).await.is_err());
    let tokens = house.directory.verify_code(&challenge, &code).await.unwrap();
    house.directory.authenticate(&tokens.access).await.unwrap();
    assert!(
        house.directory.verify_code(&challenge, &code).await.is_err(),
        "a code serves once"
    );

    let challenge = begin().await;
    house.directory.send_code(&challenge).await.unwrap();
    let text = house.letters.next().await.text;
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(house.directory.verify_code(&challenge, wrong).await.is_err());
    }
    assert!(
        house.directory.verify_code(&challenge, &code).await.is_err(),
        "five wrong codes end the sign-in"
    );
}

#[tokio::test]
async fn a_forgotten_password() {
    let house = house().await;
    house.make_user("ada", "1001", "Admin").await;
    let tokens = house.sign_in("ada").await;
    let ask = |username: &str, callback: &str, source: &str| ForgottenPassword {
        domain: Some("one.example".into()),
        username: username.into(),
        callback_url: callback.into(),
        source: source.into(),
    };
    let directory = &house.directory;
    let stranger = directory
        .forget_password(ask("ada", "https://evil.example/x", "192.0.2.9"))
        .await;
    assert!(
        matches!(stranger, Err(Error::Invalid(_))),
        "a link with a key never leads elsewhere"
    );
    directory
        .forget_password(ask("nobody", "https://pbx.example.com/reset", "192.0.2.8"))
        .await
        .unwrap();
    directory
        .forget_password(ask("ada", "https://pbx.example.com/reset", "192.0.2.7"))
        .await
        .unwrap();
    let text = house.letters.next().await.text;
    let token = text
        .split("token=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert!(matches!(
        directory.reset_password(token, "short").await,
        Err(Error::Invalid(_))
    ));
    directory.reset_password(token, "N3w!passphrase").await.unwrap();
    assert!(
        directory.reset_password(token, "N3w!passphrase2").await.is_err(),
        "a link serves once"
    );
    assert!(
        directory.authenticate(&tokens.access).await.is_err(),
        "old sessions end"
    );
    assert!(
        directory
            .sign_in(credentials("ada", "N3w!passphrase"))
            .await
            .is_ok()
    );
}
