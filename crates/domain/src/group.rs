//! Groups of users.

use crate::{
    Field, GroupId, OutboundCallerId, Patch, Queried, Rule, TenantId, Timestamp, UserId, ValueKind,
    Violations, caller_id, limits,
};

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in the tenant without regard to case.
    pub name: String,
    /// A note for people.
    pub description: String,
    /// The colour that some programs show it in, as they wrote it; empty when none was chosen.
    pub color: String,
    /// The caller ids that its members may show.
    pub outbound_caller_ids: Vec<OutboundCallerId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Group`")]
pub struct NewGroup {
    pub name: String,
    pub description: String,
    pub color: String,
    pub outbound_caller_ids: Vec<OutboundCallerId>,
}

/// A change to a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `Group`")]
pub struct GroupPatch {
    pub name: Patch<String>,
    pub description: Patch<String>,
    pub color: Patch<String>,
    pub outbound_caller_ids: Patch<Vec<OutboundCallerId>>,
}

/// A user as a member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub struct GroupMember {
    pub id: UserId,
    pub name: String,
    pub display_name: String,
    pub extension_number: Option<String>,
}

/// A value of a group that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Group`")]
pub enum GroupField {
    Id,
    Name,
    Description,
    Color,
}

impl Queried for GroupField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::Name | Self::Description | Self::Color => ValueKind::Text,
        }
    }
}

/// Checks a colour. What is one is for the program to say that shows it: `#3366cc` and `red` are both in use.
pub(crate) fn check_color(found: &mut Violations, color: &str) {
    found.length(Field::Color, color, 0..=limits::COLOR);
    if color.chars().any(char::is_control) {
        found.add(Field::Color, Rule::Form("text without control characters"));
    }
}

pub(crate) fn check_name(found: &mut Violations, name: &str) {
    found.length(Field::Name, name, limits::GROUP_NAME);
    if name.chars().any(char::is_control) || name.trim() != name {
        found.add(
            Field::Name,
            Rule::Form("a name without control characters or spaces at its ends"),
        );
    }
}

impl NewGroup {
    /// Every rule that the group breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        check_name(&mut found, &self.name);
        found.text(Field::Description, &self.description, limits::DESCRIPTION);
        check_color(&mut found, &self.color);
        caller_id::check(&mut found, &self.outbound_caller_ids);
        found
    }
}

impl GroupPatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(name) = &self.name {
            check_name(&mut found, name);
        }
        if let Patch::Set(description) = &self.description {
            found.text(Field::Description, description, limits::DESCRIPTION);
        }
        if let Patch::Set(color) = &self.color {
            check_color(&mut found, color);
        }
        if let Patch::Set(list) = &self.outbound_caller_ids {
            caller_id::check(&mut found, list);
        }
        found
    }

    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, group: &mut Group) -> bool {
        let mut changed = self.name.apply(&mut group.name);
        changed |= self.description.apply(&mut group.description);
        changed |= self.color.apply(&mut group.color);
        changed | self.outbound_caller_ids.apply(&mut group.outbound_caller_ids)
    }
}
