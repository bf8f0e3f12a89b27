//! Messages between users.

use crate::{
    ChatMessageId, Field, Queried, Rule, TenantId, Timestamp, UserId, ValueKind, Violations, call_record,
    limits,
};

/// A message between users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: ChatMessageId,
    /// The user who wrote it, while there is one.
    pub sender_user: Option<UserId>,
    /// The user it is for; none for one to a group.
    pub receiver_user: Option<UserId>,
    /// The message.
    pub message: NewChatMessage,
}

/// A message as an engine reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChatMessage {
    /// The engine's own id of the message, unique in the tenant.
    pub external_id: String,
    /// The thread it belongs to, in the engine's own terms; empty when there is none.
    pub conversation: String,
    /// The extension number or the sign-in name of who wrote it.
    pub sender: String,
    /// The extension number or the sign-in name of who it is for, or the name of a group.
    pub receiver: String,
    /// Its text.
    pub content: String,
    /// When it was sent.
    pub created_at: Timestamp,
}

/// A value of a chat message that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each is the value of the same name in `NewChatMessage`"
)]
pub enum ChatMessageField {
    Id,
    Conversation,
    Sender,
    Receiver,
    Content,
    CreatedAt,
}

impl Queried for ChatMessageField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::CreatedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

impl NewChatMessage {
    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        call_record::check_external_id(&mut found, &self.external_id);
        found.text(Field::Conversation, &self.conversation, limits::MESSAGE_TEXT);
        for (field, text) in [(Field::Sender, &self.sender), (Field::Receiver, &self.receiver)] {
            found.length(field, text, 1..=limits::MESSAGE_TEXT);
            if text.chars().any(char::is_control) {
                found.add(field, Rule::Form("text without control characters"));
            }
        }
        found.length(Field::Content, &self.content, 1..=limits::MESSAGE_CONTENT);
        found.text(Field::Content, &self.content, usize::MAX);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_two_sides_and_a_text() {
        type Change = fn(&mut NewChatMessage);
        let good = NewChatMessage {
            external_id: "m-1".into(),
            conversation: String::new(),
            sender: "1001".into(),
            receiver: "bob".into(),
            content: "Hello,\n\tBob".into(),
            created_at: Timestamp::from_micros(0),
        };
        assert!(good.check().is_empty());
        let table: [(Change, Field); 6] = [
            (|new| new.external_id = String::new(), Field::ExternalId),
            (|new| new.sender = String::new(), Field::Sender),
            (|new| new.receiver = "a\r\nb".into(), Field::Receiver),
            (|new| new.content = String::new(), Field::Content),
            (|new| new.content = "\u{1b}[31m".into(), Field::Content),
            (|new| new.conversation = "x".repeat(257), Field::Conversation),
        ];
        for (change, field) in table {
            let mut message = good.clone();
            change(&mut message);
            let fields: Vec<_> = message
                .check()
                .into_vec()
                .iter()
                .map(|found| found.field)
                .collect();
            assert_eq!(fields, [field]);
        }
    }
}
