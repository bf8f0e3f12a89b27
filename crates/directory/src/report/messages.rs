//! Reports of messages: through outside channels, and between users.

use jackfield_domain::{
    ChatMessage, ChatMessageId, Message, MessageId, NewChatMessage, NewMessage, Reporter, Result, Violations,
    text::fold,
};
use jackfield_store::{ReportKind, Sequence};

use super::{Batch, Report, Reported, Users, store_batch};
use crate::Directory;

impl Report for Message {
    type New = NewMessage;

    const KIND: ReportKind = ReportKind::Message;
    const SEQUENCE: Sequence = Sequence::Message;

    fn check(new: &NewMessage) -> Violations {
        new.check()
    }

    fn external_id(&self) -> &str {
        &self.message.external_id
    }

    fn set_id(&mut self, id: i64) {
        self.id = MessageId::new(id);
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.message.own_number())
    }

    fn set_users(&mut self, known: &Users) {
        self.user = known.numbered(self.message.own_number());
    }
}

impl Report for ChatMessage {
    type New = NewChatMessage;

    const KIND: ReportKind = ReportKind::ChatMessage;
    const SEQUENCE: Sequence = Sequence::ChatMessage;

    fn check(new: &NewChatMessage) -> Violations {
        new.check()
    }

    fn external_id(&self) -> &str {
        &self.message.external_id
    }

    fn set_id(&mut self, id: i64) {
        self.id = ChatMessageId::new(id);
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        [self.message.sender.as_str(), &self.message.receiver].into_iter()
    }

    fn names(&self) -> impl Iterator<Item = String> {
        [fold(&self.message.sender), fold(&self.message.receiver)].into_iter()
    }

    fn set_users(&mut self, known: &Users) {
        let find = |text: &str| known.numbered(text).or_else(|| known.named(&fold(text)));
        self.sender_user = find(&self.message.sender);
        self.receiver_user = find(&self.message.receiver);
    }
}

impl Directory {
    /// Stores messages through outside channels, as [`report_call_records`](Self::report_call_records) stores calls. A
    /// message is that of the user whose number it came to or went out from.
    ///
    /// # Errors
    /// As there.
    pub async fn report_messages(
        &self,
        reporter: &Reporter,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        let batch = Batch::judge(messages, |message| Message {
            tenant,
            id: MessageId::new(0),
            user: None,
            message,
        });
        store_batch!(self, reporter, batch, insert_messages)
    }

    /// Stores messages between users, as [`report_call_records`](Self::report_call_records) stores calls. Each side is known
    /// by the number of the extension, or by the sign-in name where the number is nobody's.
    ///
    /// # Errors
    /// As there.
    pub async fn report_chat_messages(
        &self,
        reporter: &Reporter,
        messages: Vec<NewChatMessage>,
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        let batch = Batch::judge(messages, |message| ChatMessage {
            tenant,
            id: ChatMessageId::new(0),
            sender_user: None,
            receiver_user: None,
            message,
        });
        store_batch!(self, reporter, batch, insert_chat_messages)
    }
}
