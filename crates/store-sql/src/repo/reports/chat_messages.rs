//! Messages between users.

use std::sync::LazyLock;

use jackfield_domain::{
    ChatMessage, ChatMessageField, ChatMessageId, NewChatMessage, TenantId, Timestamp, UserId, text::fold,
};

use super::{
    Report, Tables,
    Type::{self, Number, Text},
};
use crate::db::{Cell, Error, Row};
use crate::query::Columns;

impl Columns for ChatMessageField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Conversation => "conversation",
            Self::Sender => "sender",
            Self::Receiver => "receiver",
            Self::Content => "content",
            Self::CreatedAt => "created_at",
        }
    }
}

impl Report for ChatMessage {
    type Field = ChatMessageField;

    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("external_id", Text),
        ("sender_user", Number),
        ("receiver_user", Number),
        ("conversation", Text),
        ("sender", Text),
        ("receiver", Text),
        ("content", Text),
        ("created_at", Number),
        ("search_text", Text),
    ];
    const USERS: [&'static str; 2] = ["sender_user", "receiver_user"];
    const ID: ChatMessageField = ChatMessageField::Id;

    fn tables() -> &'static Tables {
        static TABLES: LazyLock<Tables> =
            LazyLock::new(|| Tables::of::<ChatMessage>("chat_messages", "chat_message_entries"));
        &TABLES
    }

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn users(&self) -> [Option<UserId>; 2] {
        [self.sender_user, self.receiver_user]
    }

    fn at(&self) -> Timestamp {
        self.message.created_at
    }

    fn search_text(&self) -> String {
        let message = &self.message;
        fold(&[message.sender.as_str(), &message.receiver, &message.content].join("\n"))
    }

    fn cells<'a>(&'a self, search_text: &'a str) -> Vec<Cell<'a>> {
        let message = &self.message;
        vec![
            (&message.external_id).into(),
            self.sender_user.map(UserId::get).into(),
            self.receiver_user.map(UserId::get).into(),
            (&message.conversation).into(),
            (&message.sender).into(),
            (&message.receiver).into(),
            (&message.content).into(),
            message.created_at.as_micros().into(),
            search_text.into(),
        ]
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            tenant: TenantId::new(row.get(0)?),
            id: ChatMessageId::new(row.get(1)?),
            sender_user: row.get::<Option<i64>>(3)?.map(UserId::new),
            receiver_user: row.get::<Option<i64>>(4)?.map(UserId::new),
            message: NewChatMessage {
                external_id: row.get(2)?,
                conversation: row.get(5)?,
                sender: row.get(6)?,
                receiver: row.get(7)?,
                content: row.get(8)?,
                created_at: Timestamp::from_micros(row.get(9)?),
            },
        })
    }
}
