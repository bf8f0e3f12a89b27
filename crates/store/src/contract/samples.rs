//! Records to store, and short ways to change a store.

use jackfield_domain::{
    Avatar, BlobId, BlobKey, ExtensionId, Group, GroupId, Money, OutboundCallerId, Permission, Permissions,
    ProviderId, Role, RoleId, Session, SessionId, SessionKind, Tenant, TenantId, Timestamp, Token, TokenHash,
    TokenPurpose, User, UserId, UserSettings,
};

use crate::{
    Error, ExtensionRecord, ExtensionSecrets, Result, Sequence, Store, Transaction, encode_user_settings,
};

/// The moment so many seconds after the start of the tests' time.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
}

/// Carries `work` out in a transaction and commits it.
pub(super) async fn change<R>(
    store: &dyn Store,
    tenant: TenantId,
    work: impl AsyncFnOnce(&mut dyn Transaction) -> R,
) -> R {
    let mut tx = store.begin(tenant).await.unwrap();
    let result = work(&mut *tx).await;
    tx.commit().await.unwrap();
    result
}

/// Carries `work` out in a transaction, expects it to fail, and gives the error.
pub(super) async fn refused<R>(
    store: &dyn Store,
    tenant: TenantId,
    work: impl AsyncFnOnce(&mut dyn Transaction) -> Result<R>,
) -> Error {
    let mut tx = store.begin(tenant).await.unwrap();
    work(&mut *tx).await.err().unwrap()
}

/// Asserts that an error says which value is taken.
macro_rules! assert_taken {
    ($error:expr, $thing:ident, $field:ident) => {
        let error = $error;
        assert!(
            matches!(
                error,
                $crate::Error::Taken(jackfield_domain::Thing::$thing, jackfield_domain::Field::$field)
            ),
            "{error:?}"
        );
    };
}
pub(super) use assert_taken;

/// A tenant of this domain with everything else at its default, stored.
pub(super) async fn make_tenant(store: &dyn Store, domain: &str) -> TenantId {
    change(store, TenantId::SYSTEM, async |tx| {
        let id = TenantId::new(tx.next_id(Sequence::Tenant).await.unwrap());
        let tenant = Tenant {
            domain: domain.into(),
            ..Tenant::blank(id, at(0))
        };
        tx.insert_tenant(&tenant).await.unwrap();
        id
    })
    .await
}

/// A user without an extension and with values that tell him from others.
pub(super) fn user(tenant: TenantId, id: i64, name: &str) -> User {
    User {
        tenant,
        id: UserId::new(id),
        name: name.into(),
        email: format!("{name}@example.com"),
        display_name: format!("{name} of {id}"),
        enabled: true,
        role: "StandardUser".into(),
        mobile_phone: "+49 170 1".into(),
        work_phone: "+49 30 2".into(),
        home_phone: "+49 30 3".into(),
        address: "1 Main Street\nBerlin".into(),
        department: "Sales".into(),
        extension: None,
        extension_number: None,
        dnd: false,
        location: Some(415),
        initial: false,
        acb: true,
        balance: Money::from_units(-12_345),
        external_identity: None,
        avatar: None,
        profile: format!("profile-{id}"),
        must_change_password: true,
        sealed_pin: vec![0, 1, 255],
        settings: encode_user_settings(&UserSettings::default()),
        created_at: at(1),
        updated_at: at(2),
        version: 1,
    }
}

/// A picture; pictures differ by the number.
pub(super) fn avatar(number: i64) -> Avatar {
    let letter = char::from(b'a' + u8::try_from(number).unwrap());
    Avatar {
        file: BlobId::new(number),
        key: BlobKey::parse(&letter.to_string().repeat(32)).unwrap(),
        name: format!("{letter} \u{c4}.png"),
        size: number,
    }
}

/// The same user with an extension of this number, whose id is the user's plus a million.
pub(super) fn with_extension(user: User, number: &str) -> User {
    User {
        extension: Some(ExtensionId::new(user.id.get() + 1_000_000)),
        extension_number: Some(number.into()),
        ..user
    }
}

/// The extension of a user.
pub(super) fn extension_of(user: &User) -> ExtensionRecord {
    ExtensionRecord {
        tenant: user.tenant,
        id: user.extension.unwrap(),
        number: user.extension_number.clone().unwrap(),
        secrets: secrets(1),
    }
}

/// Secrets that differ by `seed`.
pub(super) fn secrets(seed: u8) -> ExtensionSecrets {
    ExtensionSecrets {
        ha1_md5: vec![seed; 16],
        ha1_sha256: vec![seed; 32],
        sealed_password: vec![0, seed, 255],
    }
}

/// Stores a user, and before him his extension if he has one.
pub(super) async fn insert(tx: &mut dyn Transaction, user: &User) {
    if user.extension.is_some() {
        tx.insert_extension(&extension_of(user)).await.unwrap();
    }
    tx.insert_user(user, "$argon2id$1").await.unwrap();
}

/// A custom role.
pub(super) fn role(tenant: TenantId, id: i64, name: &str) -> Role {
    Role {
        tenant,
        id: RoleId::new(id),
        name: name.into(),
        description: format!("role {id}"),
        permissions: Permissions::of(&[Permission::Users, Permission::VoicemailView]),
        created_at: at(3),
        version: 1,
    }
}

/// A group with a caller id.
pub(super) fn group(tenant: TenantId, id: i64, name: &str) -> Group {
    Group {
        tenant,
        id: GroupId::new(id),
        name: name.into(),
        description: format!("group {id}"),
        color: "#3366cc".into(),
        outbound_caller_ids: vec![OutboundCallerId {
            provider: ProviderId::new(7),
            caller_id: "+49 \"30\"".into(),
            preferred: false,
            description: "Zentrale \u{1f4de}".into(),
        }],
        created_at: at(4),
        version: 1,
    }
}

/// A session that ends 100 seconds after its start at second `start`.
pub(super) fn session(tenant: TenantId, id: i64, user: UserId, start: i64) -> Session {
    Session {
        tenant,
        id: SessionId::new(id),
        user,
        kind: SessionKind::Password,
        acting_in: None,
        created_at: at(start),
        expires_at: at(start + 100),
        idle: None,
        name: None,
        code: None,
    }
}

/// A hash that is like no other of the same tests.
pub(super) fn hash(number: i64) -> TokenHash {
    let mut hash = [0xff; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    hash
}

/// A refresh token of a session, with an end of its own.
pub(super) fn token(session: &Session, number: i64, end: i64) -> Token {
    Token {
        tenant: session.tenant,
        session: session.id,
        hash: hash(number),
        purpose: TokenPurpose::Refresh,
        expires_at: at(end),
        used_at: None,
    }
}
