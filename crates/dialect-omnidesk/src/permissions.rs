//! The permissions of keys, by the vendor's words.

use jackfield_domain::KeyPermission;

/// Each permission that a key may have, with the vendor's word for it.
pub const PERMISSIONS: [(&str, KeyPermission); 4] = [
    ("USER_READ", KeyPermission::ReadUsers),
    ("USER_CUD", KeyPermission::ManageUsers),
    ("API_RESERVE_USER", KeyPermission::ReserveUsers),
    ("USER_ANONYMOUS_BROWSING_UPDATE", KeyPermission::SetIncognito),
];

/// The permission that a word names.
pub fn permission(word: &str) -> Option<KeyPermission> {
    let found = PERMISSIONS.iter().find(|(name, _)| *name == word);
    found.map(|(_, permission)| *permission)
}

/// The vendor's word for a permission.
pub const fn permission_word(permission: KeyPermission) -> &'static str {
    match permission {
        KeyPermission::ReadUsers => "USER_READ",
        KeyPermission::ManageUsers => "USER_CUD",
        KeyPermission::ReserveUsers => "API_RESERVE_USER",
        KeyPermission::SetIncognito => "USER_ANONYMOUS_BROWSING_UPDATE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_one_word() {
        for one in KeyPermission::ALL {
            assert_eq!(permission(permission_word(*one)), Some(*one));
        }
        assert_eq!(PERMISSIONS.len(), KeyPermission::ALL.len());
        assert_eq!(permission("user_read"), None);
    }
}
