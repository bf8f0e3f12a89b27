//! Messages through outside channels.

use std::sync::LazyLock;

use jackfield_domain::{
    Delivery, Message, MessageDirection, MessageField, MessageId, MessageKind, NewMessage, TenantId,
    Timestamp, UserId, text::fold,
};

use super::{
    Report, Tables,
    Type::{self, Number, Text},
};
use crate::db::{Cell, Error, Row};
use crate::query::Columns;
use crate::repo::word;

impl Columns for MessageField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sender => "sender",
            Self::SenderName => "sender_name",
            Self::Receiver => "receiver",
            Self::ReceiverName => "receiver_name",
            Self::ChannelName => "channel_name",
            Self::ChannelNumber => "channel_number",
            Self::Brand => "brand",
            Self::Did => "did",
            Self::Kind => "kind",
            Self::Direction => "direction",
            Self::Content => "content",
            Self::Delivery => "delivery",
            Self::ProviderMessageId => "provider_message_id",
            Self::CreatedAt => "created_at",
        }
    }
}

impl Report for Message {
    type Field = MessageField;

    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("external_id", Text),
        ("owner", Number),
        ("config_id", Text),
        ("sender", Text),
        ("sender_name", Text),
        ("receiver", Text),
        ("receiver_name", Text),
        ("channel_name", Text),
        ("channel_number", Text),
        ("brand", Text),
        ("did", Text),
        ("kind", Text),
        ("direction", Text),
        ("content", Text),
        ("reason", Text),
        ("delivery", Text),
        ("provider_message_id", Text),
        ("created_at", Number),
        ("search_text", Text),
    ];
    const USERS: [&'static str; 2] = ["owner", "owner"];
    const ID: MessageField = MessageField::Id;

    fn tables() -> &'static Tables {
        static TABLES: LazyLock<Tables> =
            LazyLock::new(|| Tables::of::<Message>("messages", "message_entries"));
        &TABLES
    }

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn users(&self) -> [Option<UserId>; 2] {
        [self.user, None]
    }

    fn at(&self) -> Timestamp {
        self.message.created_at
    }

    fn search_text(&self) -> String {
        let message = &self.message;
        fold(
            &[
                message.sender.as_str(),
                &message.sender_name,
                &message.receiver,
                &message.receiver_name,
                &message.channel_name,
                &message.content,
            ]
            .join("\n"),
        )
    }

    fn cells<'a>(&'a self, search_text: &'a str) -> Vec<Cell<'a>> {
        let message = &self.message;
        vec![
            (&message.external_id).into(),
            self.user.map(UserId::get).into(),
            (&message.config_id).into(),
            (&message.sender).into(),
            (&message.sender_name).into(),
            (&message.receiver).into(),
            (&message.receiver_name).into(),
            (&message.channel_name).into(),
            (&message.channel_number).into(),
            (&message.brand).into(),
            (&message.did).into(),
            message.kind.word().into(),
            message.direction.word().into(),
            (&message.content).into(),
            (&message.reason).into(),
            message.delivery.word().into(),
            (&message.provider_message_id).into(),
            message.created_at.as_micros().into(),
            search_text.into(),
        ]
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            tenant: TenantId::new(row.get(0)?),
            id: MessageId::new(row.get(1)?),
            user: row.get::<Option<i64>>(3)?.map(UserId::new),
            message: NewMessage {
                external_id: row.get(2)?,
                config_id: row.get(4)?,
                sender: row.get(5)?,
                sender_name: row.get(6)?,
                receiver: row.get(7)?,
                receiver_name: row.get(8)?,
                channel_name: row.get(9)?,
                channel_number: row.get(10)?,
                brand: row.get(11)?,
                did: row.get(12)?,
                kind: word(MessageKind::from_word(row.text(13)?), "kind of a message")?,
                direction: word(
                    MessageDirection::from_word(row.text(14)?),
                    "direction of a message",
                )?,
                content: row.get(15)?,
                reason: row.get(16)?,
                delivery: word(Delivery::from_word(row.text(17)?), "delivery of a message")?,
                provider_message_id: row.get(18)?,
                created_at: Timestamp::from_micros(row.get(19)?),
            },
        })
    }
}
