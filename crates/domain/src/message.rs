//! Messages to and from people outside: SMS and the like.

use crate::{
    Field, MessageId, Queried, TenantId, Timestamp, UserId, ValueKind, Violations, call_record,
    change::words, limits,
};

words! {
    /// How a message travelled.
    #[derive(Default)]
    MessageKind {
        /// The engine does not say.
        #[default]
        Unknown = "unknown",
        /// As a short message of the telephone network.
        Sms = "sms",
        /// Through WhatsApp.
        Whatsapp = "whatsapp",
    }
}

words! {
    /// To the tenant or from it.
    MessageDirection {
        /// To the tenant.
        In = "in",
        /// From the tenant.
        Out = "out",
    }
}

words! {
    /// How far a message came.
    Delivery {
        /// It failed; the reason says why.
        Failed = "err",
        /// It was handed to the provider.
        Sent = "sent",
        /// It was received here.
        Received = "recv",
        /// It reached the other side.
        Delivered = "delivered",
    }
}

/// A message of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: MessageId,
    /// The user it belongs to: he sent it, or it was for him. None when it could not be told.
    pub user: Option<UserId>,
    /// The message.
    pub message: NewMessage,
}

/// A message as an engine reports it. Empty text means that the engine did not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The engine's own id of the message, unique in the tenant.
    pub external_id: String,
    /// The id of the channel's settings at the engine.
    pub config_id: String,
    /// The number or account that sent it.
    pub sender: String,
    /// Its name.
    pub sender_name: String,
    /// The number or account that it was sent to.
    pub receiver: String,
    /// Its name.
    pub receiver_name: String,
    /// The name of the channel.
    pub channel_name: String,
    /// The number of the channel.
    pub channel_number: String,
    /// The provider behind the channel.
    pub brand: String,
    /// The tenant's number that it came to or went out under.
    pub did: String,
    /// How it travelled.
    pub kind: MessageKind,
    /// To the tenant or from it.
    pub direction: MessageDirection,
    /// Its text.
    pub content: String,
    /// Why it failed.
    pub reason: String,
    /// How far it came.
    pub delivery: Delivery,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// When it was sent or received.
    pub created_at: Timestamp,
}

/// A value of a message that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `NewMessage`")]
pub enum MessageField {
    Id,
    Sender,
    SenderName,
    Receiver,
    ReceiverName,
    ChannelName,
    ChannelNumber,
    Brand,
    Did,
    Kind,
    Direction,
    Content,
    Delivery,
    ProviderMessageId,
    CreatedAt,
}

impl Queried for MessageField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::CreatedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

impl NewMessage {
    /// The number that belongs to the tenant: the receiver of what came in, the sender of what went out.
    pub fn own_number(&self) -> &str {
        match self.direction {
            MessageDirection::In => &self.receiver,
            MessageDirection::Out => &self.sender,
        }
    }

    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        call_record::check_external_id(&mut found, &self.external_id);
        found.length(Field::Sender, &self.sender, 1..=limits::MESSAGE_TEXT);
        found.length(Field::Receiver, &self.receiver, 1..=limits::MESSAGE_TEXT);
        for (field, text, max) in [
            (Field::Sender, &self.sender, usize::MAX),
            (Field::Receiver, &self.receiver, usize::MAX),
            (Field::ConfigId, &self.config_id, limits::MESSAGE_TEXT),
            (Field::SenderName, &self.sender_name, limits::MESSAGE_TEXT),
            (Field::ReceiverName, &self.receiver_name, limits::MESSAGE_TEXT),
            (Field::ChannelName, &self.channel_name, limits::MESSAGE_TEXT),
            (Field::ChannelNumber, &self.channel_number, limits::MESSAGE_TEXT),
            (Field::Brand, &self.brand, limits::MESSAGE_TEXT),
            (Field::Did, &self.did, limits::MESSAGE_TEXT),
            (Field::Content, &self.content, limits::MESSAGE_CONTENT),
            (Field::Reason, &self.reason, limits::DESCRIPTION),
            (
                Field::ProviderMessageId,
                &self.provider_message_id,
                limits::MESSAGE_TEXT,
            ),
        ] {
            found.text(field, text, max);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> NewMessage {
        NewMessage {
            external_id: "sms-1".into(),
            config_id: String::new(),
            sender: "+4930123456".into(),
            sender_name: String::new(),
            receiver: "1001".into(),
            receiver_name: String::new(),
            channel_name: String::new(),
            channel_number: String::new(),
            brand: String::new(),
            did: String::new(),
            kind: MessageKind::Sms,
            direction: MessageDirection::In,
            content: "line one\nline two".into(),
            reason: String::new(),
            delivery: Delivery::Received,
            provider_message_id: String::new(),
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn the_tenants_side_depends_on_the_direction() {
        assert_eq!(message().own_number(), "1001");
        let out = NewMessage {
            direction: MessageDirection::Out,
            ..message()
        };
        assert_eq!(out.own_number(), "+4930123456");
    }

    #[test]
    fn both_sides_are_named_and_texts_are_bounded() {
        type Change = fn(&mut NewMessage);
        assert!(message().check().is_empty());
        let table: [(Change, Field); 6] = [
            (|new| new.external_id = String::new(), Field::ExternalId),
            (|new| new.sender = String::new(), Field::Sender),
            (|new| new.receiver = "1".repeat(257), Field::Receiver),
            (|new| new.receiver = "1\u{7}".into(), Field::Receiver),
            (|new| new.content = "x".repeat(65_537), Field::Content),
            (|new| new.reason = "x".repeat(1025), Field::Reason),
        ];
        for (change, field) in table {
            let mut message = message();
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
