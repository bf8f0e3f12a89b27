//! Where users work and which groups they are in, changed for many at once.

use std::collections::HashSet;

use crate::{Field, GroupId, Patch, Rule, UserId, Violations, limits};

/// The site and the groups of a user, to be changed together with those of others. Groups that are not named are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPlacement {
    /// Who.
    pub user: UserId,
    /// His site; none for no site.
    pub location: Patch<Option<i64>>,
    /// All of his groups from now on.
    pub groups: Patch<Vec<GroupId>>,
}

impl UserPlacement {
    /// Every rule that a list of them breaks.
    pub fn check(list: &[Self]) -> Violations {
        let mut found = Violations::new();
        if list.len() > limits::PLACEMENTS {
            found.add(Field::Body, Rule::TooMany(limits::PLACEMENTS));
        }
        let mut seen = HashSet::new();
        for (index, one) in list.iter().enumerate() {
            if !seen.insert(one.user) {
                found.add_at(Field::Id, format!("[{index}]"), Rule::Repeated);
            }
            if let Patch::Set(Some(location)) = one.location
                && !(0..=i64::from(i32::MAX)).contains(&location)
            {
                let rule = Rule::OutOfRange(0, i64::from(i32::MAX));
                found.add_at(Field::Location, format!("[{index}]"), rule);
            }
            if let Patch::Set(groups) = &one.groups
                && groups.len() > limits::GROUPS_OF_USER
            {
                let rule = Rule::TooMany(limits::GROUPS_OF_USER);
                found.add_at(Field::Groups, format!("[{index}]"), rule);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placements_are_judged_together() {
        let one = |user, location, groups: usize| UserPlacement {
            user: UserId::new(user),
            location: Patch::Set(location),
            groups: Patch::Set(vec![GroupId::FIRST; groups]),
        };
        assert!(UserPlacement::check(&[one(1, None, 0), one(2, Some(415), 3)]).is_empty());
        let found = UserPlacement::check(&[one(1, Some(-1), 0), one(1, None, limits::GROUPS_OF_USER + 1)]);
        for field in [Field::Id, Field::Location, Field::Groups] {
            assert!(found.concerns(field), "{field:?}");
        }
        let many: Vec<_> = (0..=1000).map(|user| one(user, None, 0)).collect();
        assert!(UserPlacement::check(&many).concerns(Field::Body));
    }
}
