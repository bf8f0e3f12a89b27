//! Messages between users.

use jackfield_domain::{Field, NewChatMessage, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    batch::takes,
    wire::{required_moment, required_text, text},
};

/// A message between users, or from a user to a group.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChatMessageReport {
    /// Your own id of the message, unique in the tenant. A second report with it is answered as known and changes nothing.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// The extension number or the sign-in name of who wrote it.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    sender: Input<String>,
    /// The extension number or the sign-in name of who it is for, or the name of a group.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    receiver: Input<String>,
    /// Its text.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 65_536)]
    content: Input<String>,
    /// When it was sent.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    created_at: Input<String>,
    /// The thread it belongs to, in your own terms.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    conversation: Input<String>,
}

impl ChatMessageReport {
    fn into_report(self) -> Result<NewChatMessage> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = NewChatMessage {
            external_id: required_text(self.external_id, at, Field::ExternalId),
            conversation: text(self.conversation, at, Field::Conversation),
            sender: required_text(self.sender, at, Field::Sender),
            receiver: required_text(self.receiver, at, Field::Receiver),
            content: required_text(self.content, at, Field::Content),
            created_at: required_moment(self.created_at, at, Field::CreatedAt),
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

takes! {
    /// Report messages between users
    ///
    /// One, a list of up to 10,000, or a stream of lines.
    "/feed/chat_messages" of ChatMessageReport as NewChatMessage, by report_chat_messages
}
