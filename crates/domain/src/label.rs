//! Names of a tenant that other programs sort things by: policies for groups of users, and groups of call queues.
//!
//! They say nothing by themselves; the programs that use them keep what they mean.

use crate::{
    Field, Kind, Owned, Patch, Queried, SealedSecret, Thing, ValueKind, Violations,
    group::{check_color, check_name},
    limits,
    text::fold,
};

/// A policy for groups of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupPolicy {
    /// Its name, unique in the tenant without regard to case.
    pub name: String,
    /// The colour that programs show it in; empty when none was chosen.
    pub color: String,
}

/// A group of call queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueGroup {
    /// Its name, unique in the tenant without regard to case.
    pub name: String,
}

/// A policy to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `GroupPolicy`")]
pub struct NewGroupPolicy {
    pub name: String,
    pub color: String,
}

/// A change to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `GroupPolicy`")]
pub struct GroupPolicyPatch {
    pub name: Patch<String>,
    pub color: Patch<String>,
}

/// A group of call queues to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `QueueGroup`")]
pub struct NewQueueGroup {
    pub name: String,
}

/// A change to a group of call queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `QueueGroup`")]
pub struct QueueGroupPatch {
    pub name: Patch<String>,
}

/// A value of either that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named by what they ask")]
pub enum LabelField {
    Id,
    Name,
    Color,
}

impl Queried for LabelField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::Name | Self::Color => ValueKind::Text,
        }
    }
}

impl Owned for GroupPolicy {
    const THING: Thing = Thing::GroupPolicy;
    const KIND: Kind = Kind::GroupPolicy;
    const COLLECTION: &'static str = "group_policy";
    const MOST: i64 = limits::LABELS;
    const KEY: Field = Field::Name;

    type New = NewGroupPolicy;
    type Patch = GroupPolicyPatch;

    fn check(new: &NewGroupPolicy) -> Violations {
        let mut found = Violations::new();
        check_name(&mut found, &new.name);
        check_color(&mut found, &new.color);
        found
    }

    fn check_patch(&self, patch: &GroupPolicyPatch) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &patch.name {
            check_name(&mut found, name);
        }
        if let Patch::Set(color) = &patch.color {
            check_color(&mut found, color);
        }
        found
    }

    fn make(new: NewGroupPolicy, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self {
            name: new.name,
            color: new.color,
        }
    }

    fn apply(&mut self, patch: GroupPolicyPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        let changed = patch.name.apply(&mut self.name);
        patch.color.apply(&mut self.color) | changed
    }

    fn key(&self) -> Option<String> {
        Some(fold(&self.name))
    }
}

impl Owned for QueueGroup {
    const THING: Thing = Thing::QueueGroup;
    const KIND: Kind = Kind::QueueGroup;
    const COLLECTION: &'static str = "queue_group";
    const MOST: i64 = limits::LABELS;
    const KEY: Field = Field::Name;

    type New = NewQueueGroup;
    type Patch = QueueGroupPatch;

    fn check(new: &NewQueueGroup) -> Violations {
        let mut found = Violations::new();
        check_name(&mut found, &new.name);
        found
    }

    fn check_patch(&self, patch: &QueueGroupPatch) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &patch.name {
            check_name(&mut found, name);
        }
        found
    }

    fn make(new: NewQueueGroup, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
        Self { name: new.name }
    }

    fn apply(&mut self, patch: QueueGroupPatch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
        patch.name.apply(&mut self.name)
    }

    fn key(&self) -> Option<String> {
        Some(fold(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_colours_are_judged_and_told_apart_without_case() {
        let mut seal = |_: &str| SealedSecret::default();
        let new = |name: &str, color: &str| NewGroupPolicy {
            name: name.into(),
            color: color.into(),
        };
        assert!(GroupPolicy::check(&new("Sales", "#36c")).is_empty());
        let bad = new("", &"x".repeat(33));
        assert_eq!(GroupPolicy::check(&bad).into_vec().len(), 2);
        let mut policy = GroupPolicy::make(new("Sales", ""), &mut seal);
        assert_eq!(policy.key().as_deref(), Some("sales"));
        let patch = GroupPolicyPatch {
            color: Patch::Set("red".into()),
            ..GroupPolicyPatch::default()
        };
        assert!(policy.apply(patch.clone(), &mut seal) && !policy.apply(patch, &mut seal));
        let queues = NewQueueGroup { name: " x".into() };
        assert!(QueueGroup::check(&queues).concerns(Field::Name));
        let group = QueueGroup::make(NewQueueGroup { name: "Ä".into() }, &mut seal);
        assert_eq!(group.key().as_deref(), Some("ä"));
    }
}
