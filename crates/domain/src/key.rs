//! Keys by which programs are known, in place of a session.

use crate::{ApiKeyId, Field, Rule, TenantId, Timestamp, UserId, Violations, change::words, limits};

words! {
    /// What a key is for. It opens nothing else.
    KeyPurpose {
        /// Reporting what happened on the telephone system of the key's tenant.
        Feed = "feed",
        /// Working with the users of a tenant and their desk settings, in the name of the account that owns the key.
        Desk = "desk",
    }
}

words! {
    /// What a key for the [desk](KeyPurpose::Desk) allows.
    #[derive(PartialOrd, Ord)]
    KeyPermission {
        /// See users and their settings.
        ReadUsers = "read_users",
        /// Make and change users, their desk settings, their presence and its lock.
        ManageUsers = "manage_users",
        /// Reserve a user for a call or a chat.
        ReserveUsers = "reserve_users",
        /// Hide or show a user who looks at tickets.
        SetIncognito = "set_incognito",
    }
}

/// A permission as a type, so that a handler says in its arguments which one it needs.
pub trait KeyRight: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: KeyPermission;
}

/// The permissions as types.
pub mod key_right {
    use super::{KeyPermission, KeyRight};

    macro_rules! rights {
        ($($name:ident),*) => {$(
            #[doc = concat!("[`KeyPermission::", stringify!($name), "`].")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl KeyRight for $name {
                const PERMISSION: KeyPermission = KeyPermission::$name;
            }
        )*};
    }

    rights!(ReadUsers, ManageUsers, ReserveUsers, SetIncognito);
}

/// The account that owns a key, and what the key allows in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOwner {
    /// The account. Its keys go with it.
    pub user: UserId,
    /// What the key allows, ascending and each once.
    pub permissions: Vec<KeyPermission>,
}

/// A key of a program, as it is listed. The key itself is shown once, when it is made; only its SHA-256 is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Whose it is; only a key for the desk has an owner.
    pub owner: Option<KeyOwner>,
    /// What people call it; may be empty.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Whose it is; required for the desk, and for nothing else.
    pub owner: Option<KeyOwner>,
    /// What people call it, so that they know which one to revoke; may be empty.
    pub name: String,
}

impl NewApiKey {
    /// A key for the feed.
    pub fn feed(name: impl Into<String>) -> Self {
        Self {
            purpose: KeyPurpose::Feed,
            owner: None,
            name: name.into(),
        }
    }

    /// A key for the desk, with these permissions in any order.
    pub fn desk(name: impl Into<String>, user: UserId, mut permissions: Vec<KeyPermission>) -> Self {
        permissions.sort_unstable();
        permissions.dedup();
        Self {
            purpose: KeyPurpose::Desk,
            owner: Some(KeyOwner { user, permissions }),
            name: name.into(),
        }
    }

    /// Every rule that is broken.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.length(Field::Name, &self.name, 0..=limits::API_KEY_NAME);
        // It is one cell of a table on a terminal.
        if self.name.chars().any(char::is_control) {
            found.add(Field::Name, Rule::Form("text without control characters"));
        }
        match (self.purpose, &self.owner) {
            (KeyPurpose::Desk, None) => found.add(Field::Username, Rule::Required),
            (KeyPurpose::Desk, Some(owner)) if owner.permissions.is_empty() => {
                found.add(Field::Permissions, Rule::Required);
            }
            (KeyPurpose::Feed, Some(_)) => {
                found.add(
                    Field::Username,
                    Rule::Other("does not belong to such a key".into()),
                );
            }
            (KeyPurpose::Desk, Some(_)) | (KeyPurpose::Feed, None) => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_of_one_line() {
        for good in ["", "FreeSWITCH, Berlin", &"ü".repeat(64)] {
            assert!(NewApiKey::feed(good).check().is_empty(), "{good}");
        }
        for bad in ["a\nb", "a\tb", &"x".repeat(65)] {
            assert!(NewApiKey::feed(bad).check().concerns(Field::Name), "{bad}");
        }
    }

    #[test]
    fn a_key_for_the_desk_has_an_owner_and_permissions_and_no_other_has() {
        use KeyPermission::{ManageUsers, ReadUsers};
        let desk = NewApiKey::desk("", UserId::FIRST, vec![ManageUsers, ReadUsers, ManageUsers]);
        assert!(desk.check().is_empty());
        let owner = desk.owner.clone().unwrap();
        assert_eq!(owner.permissions, [ReadUsers, ManageUsers]);
        assert!(
            NewApiKey::desk("", UserId::FIRST, vec![])
                .check()
                .concerns(Field::Permissions)
        );
        let ownerless = NewApiKey {
            owner: None,
            ..desk.clone()
        };
        assert!(ownerless.check().concerns(Field::Username));
        let feed = NewApiKey {
            purpose: KeyPurpose::Feed,
            ..desk
        };
        assert!(feed.check().concerns(Field::Username));
    }
}
