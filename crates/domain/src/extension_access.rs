//! Who may use which extension.
//!
//! Whoever an extension was made with uses it in full. Others may be let in beside him, to do everything or only to look.

use crate::{
    ExtensionId, Field, Patch, Queried, Rule, TenantId, Timestamp, UserId, ValueKind, Violations,
    change::words, limits,
};

words! {
    /// What a user may do at all.
    AccessLevel {
        /// Whatever his role allows.
        Full = "full",
        /// Of that, only what changes nothing.
        ReadOnly = "read_only",
    }
}

/// The right of a user to use an extension, with what is noted about him there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionAccess {
    /// The extension.
    pub extension: ExtensionId,
    /// What he may do.
    pub level: AccessLevel,
    /// A note for people; empty for none.
    pub comment: String,
    /// What an integration keeps with him, as text; empty for nothing.
    pub custom_options: String,
    /// His time zone, an IANA name; empty for the tenant's.
    pub timezone: String,
}

impl ExtensionAccess {
    /// That of whom the extension was made with, and of whom nothing else is noted.
    pub fn of_owner(extension: ExtensionId) -> Self {
        Self {
            extension,
            level: AccessLevel::Full,
            comment: String::new(),
            custom_options: String::new(),
            timezone: String::new(),
        }
    }

    /// Every rule that it breaks on its own.
    pub fn check(&self, found: &mut Violations) {
        found.text(Field::Comment, &self.comment, limits::DESCRIPTION);
        found.text(Field::CustomOptions, &self.custom_options, limits::CUSTOM_OPTIONS);
        if !self.timezone.is_empty() && jiff::tz::TimeZone::get(&self.timezone).is_err() {
            found.add(
                Field::Timezone,
                Rule::Form("an IANA time zone like Europe/Berlin"),
            );
        }
    }
}

/// A change to that right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `ExtensionAccess`"
)]
pub struct ExtensionAccessPatch {
    pub extension: Patch<ExtensionId>,
    pub level: Patch<AccessLevel>,
    pub comment: Patch<String>,
    pub custom_options: Patch<String>,
    pub timezone: Patch<String>,
}

impl ExtensionAccessPatch {
    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, access: &mut ExtensionAccess) -> bool {
        let mut changed = self.extension.apply(&mut access.extension);
        changed |= self.level.apply(&mut access.level);
        changed |= self.comment.apply(&mut access.comment);
        changed |= self.custom_options.apply(&mut access.custom_options);
        changed | self.timezone.apply(&mut access.timezone)
    }
}

/// A line of the list of users who may use an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value of the same name in `User`")]
pub struct ExtensionMember {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub display_name: String,
    pub enabled: bool,
    /// What he may use, and how.
    pub access: ExtensionAccess,
}

/// A value of [`ExtensionMember`] that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `ExtensionMember`"
)]
pub enum ExtensionMemberField {
    Id,
    Name,
    Email,
    DisplayName,
    Enabled,
    Extension,
    Level,
    Comment,
    Timezone,
}

impl Queried for ExtensionMemberField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id | Self::Extension => ValueKind::Number,
            Self::Enabled => ValueKind::Flag,
            _ => ValueKind::Text,
        }
    }
}

/// An extension, with whom it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ExtensionId,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub owner: UserId,
    /// The name that people see of him.
    pub display_name: String,
    /// Whether it works.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A value of [`Extension`] that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Extension`")]
pub enum ExtensionField {
    Id,
    Number,
    DisplayName,
    Enabled,
}

impl Queried for ExtensionField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::Enabled => ValueKind::Flag,
            Self::Number | Self::DisplayName => ValueKind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_judged() {
        let judge = |change: fn(&mut ExtensionAccess)| {
            let mut access = ExtensionAccess::of_owner(ExtensionId::FIRST);
            change(&mut access);
            let mut found = Violations::new();
            access.check(&mut found);
            found.into_vec().into_iter().map(|one| one.field).next()
        };
        assert_eq!(judge(|_| {}), None);
        assert_eq!(judge(|access| access.timezone = "Europe/Moscow".into()), None);
        assert_eq!(
            judge(|access| access.timezone = "Mars/Olympus".into()),
            Some(Field::Timezone)
        );
        assert_eq!(
            judge(|access| access.comment = "x".repeat(limits::DESCRIPTION + 1)),
            Some(Field::Comment)
        );
        assert_eq!(
            judge(|access| access.custom_options = "a\u{0}b".into()),
            Some(Field::CustomOptions)
        );
    }

    #[test]
    fn a_change_to_the_present_values_is_none() {
        let mut access = ExtensionAccess::of_owner(ExtensionId::FIRST);
        let patch = ExtensionAccessPatch {
            level: Patch::Set(AccessLevel::Full),
            ..ExtensionAccessPatch::default()
        };
        assert!(!patch.apply(&mut access));
        let patch = ExtensionAccessPatch {
            level: Patch::Set(AccessLevel::ReadOnly),
            ..ExtensionAccessPatch::default()
        };
        assert!(patch.apply(&mut access));
        assert_eq!(access.level, AccessLevel::ReadOnly);
    }
}
