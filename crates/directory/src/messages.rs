//! Messages through outside channels, as their users read them.

use jackfield_domain::{
    ChatMessage, ChatMessageField, Error, Listing, Message, MessageField, Owner, Query, Result, Thing,
};

use crate::{Directory, call_records::history, policy};

impl Directory {
    /// Messages of a user; without an order, the latest reported first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_messages(
        &self,
        owner: &Owner,
        query: &Query<MessageField>,
    ) -> Result<Listing<Message>> {
        Ok(self.store().list_messages(history(owner), query).await?)
    }

    /// A message of a user.
    ///
    /// # Errors
    /// `Absent(Message)`, for those of others too.
    pub async fn message(&self, owner: &Owner, id: i64) -> Result<Message> {
        let message = self.store().message(history(owner), id).await?;
        message.ok_or(Error::Absent(Thing::Message))
    }

    /// Messages between a user and others of his tenant; without an order, the latest reported first.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn list_chat_messages(
        &self,
        owner: &Owner,
        query: &Query<ChatMessageField>,
    ) -> Result<Listing<ChatMessage>> {
        policy::existing_user(self.store().as_reads(), owner.tenant(), owner.user()).await?;
        Ok(self.store().list_chat_messages(history(owner), query).await?)
    }
}
