//! How many messages lie in the voicemail boxes of users, as the engines that keep them report.

use crate::{Field, TenantId, Timestamp, UserId, Violations, limits};

/// The voicemail box of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// His tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// What lies in it.
    pub messages: MessageCounts,
    /// When that was last reported.
    pub updated_at: Timestamp,
}

/// How many messages there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageCounts {
    /// Those that nobody has heard.
    pub new: i64,
    /// Those that somebody has heard.
    pub old: i64,
    /// Of the new ones those that are urgent.
    pub urgent_new: i64,
    /// Of the old ones those that are urgent.
    pub urgent_old: i64,
}

impl MessageCounts {
    /// Every rule that they break.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        let most = limits::MAILBOX_MESSAGES;
        found.range(Field::NewMessages, self.new, 0..=most);
        found.range(Field::OldMessages, self.old, 0..=most);
        found.range(
            Field::UrgentNewMessages,
            self.urgent_new,
            0..=self.new.clamp(0, most),
        );
        found.range(
            Field::UrgentOldMessages,
            self.urgent_old,
            0..=self.old.clamp(0, most),
        );
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urgent_ones_are_among_the_others() {
        let counts = |new, old, urgent_new, urgent_old| MessageCounts {
            new,
            old,
            urgent_new,
            urgent_old,
        };
        let fields = |counts: MessageCounts| -> Vec<Field> {
            let found = counts.check().into_vec();
            found.iter().map(|one| one.field).collect()
        };
        assert_eq!(fields(counts(0, 0, 0, 0)), []);
        assert_eq!(fields(counts(limits::MAILBOX_MESSAGES, 2, 5, 2)), []);
        assert_eq!(
            fields(counts(-1, limits::MAILBOX_MESSAGES + 1, 0, 0)),
            [Field::NewMessages, Field::OldMessages]
        );
        assert_eq!(
            fields(counts(2, 1, 3, 2)),
            [Field::UrgentNewMessages, Field::UrgentOldMessages]
        );
    }
}
