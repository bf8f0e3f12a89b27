//! The messages between a user and other users.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{ChatMessage, ChatMessageField, UserId};
use jackfield_edge::write_moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Params, Reply, Target, envelope::Many, listing::ListParams};

/// A message between users. The vendor's names of its fields are in none of the material; these are those of a text message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChatMsg {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// When it was sent, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    created_at: String,
    /// The thread that it belongs to; empty when there is none.
    conversation: String,
    /// Who wrote it: an extension number or a name.
    from: String,
    /// The user who wrote it; left out when he is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    from_id: Option<i64>,
    /// Who it is for.
    to: String,
    /// The user whom it is for; left out when it is for a group, or he is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    to_id: Option<i64>,
    /// Its text.
    message: String,
}

impl From<ChatMessage> for ChatMsg {
    fn from(message: ChatMessage) -> Self {
        Self {
            id: message.id.get(),
            created_at: write_moment(message.message.created_at),
            conversation: message.message.conversation,
            from: message.message.sender,
            from_id: message.sender_user.map(UserId::get),
            to: message.message.receiver,
            to_id: message.receiver_user.map(UserId::get),
            message: message.message.content,
        }
    }
}

fn names(name: &str) -> Option<ChatMessageField> {
    match name {
        "id" => Some(ChatMessageField::Id),
        "created_at" => Some(ChatMessageField::CreatedAt),
        "conversation" => Some(ChatMessageField::Conversation),
        "from" => Some(ChatMessageField::Sender),
        "to" => Some(ChatMessageField::Receiver),
        "message" => Some(ChatMessageField::Content),
        _ => None,
    }
}

/// List a user's messages with other users
///
/// Without an order, the latest reported first.
#[utoipa::path(
    get, path = "/users/{user_id}/chatmsgs", tag = "history",
    params(("user_id" = i64, Path, description = "The user."), ListParams),
    responses((status = 200, body = Many<ChatMsg>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<ChatMsg>>> {
    let query = params.0.query(names)?;
    Ok(Json(Many::of(
        directory.list_chat_messages(&target, &query).await?,
    )))
}
