//! Messages of the caller through outside channels.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{Delivery, Message, MessageDirection, MessageField, MessageKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Params, PathOf, Reply, Target,
    id::PathId,
    page::{List, ListParams},
    vocabulary::{Words, translate, words},
    words::{DeliveryWord, MessageWord, WayWord},
};

/// The value that the vendor's name of a field stands for.
fn named(name: &str) -> Option<MessageField> {
    Some(match name {
        "id" => MessageField::Id,
        "sender" => MessageField::Sender,
        "sender_name" => MessageField::SenderName,
        "receiver" => MessageField::Receiver,
        "receiver_name" => MessageField::ReceiverName,
        "channel_name" => MessageField::ChannelName,
        "channel_number" => MessageField::ChannelNumber,
        "brand" => MessageField::Brand,
        "did" => MessageField::Did,
        "msg_type" => MessageField::Kind,
        "direction" => MessageField::Direction,
        "content" => MessageField::Content,
        "delivery" => MessageField::Delivery,
        "provider_msg_id" => MessageField::ProviderMessageId,
        "created_at" => MessageField::CreatedAt,
        _ => return None,
    })
}

fn vocabulary(field: MessageField) -> Option<Words> {
    match field {
        MessageField::Kind => Some(words(MessageKind::word)),
        MessageField::Direction => Some(words(MessageDirection::word)),
        MessageField::Delivery => Some(words(Delivery::word)),
        _ => None,
    }
}

/// A message.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageAnswer {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// The id of the channel's settings at the telephone system.
    config_id: String,
    /// The number or account that sent it.
    sender: String,
    /// Its name.
    sender_name: String,
    /// The number or account that it was sent to.
    receiver: String,
    /// Its name.
    receiver_name: String,
    /// The name of the channel.
    channel_name: String,
    /// The number of the channel.
    channel_number: String,
    /// The provider behind the channel.
    brand: String,
    /// The tenant's number that it came to or went out under.
    did: String,
    /// How it travelled.
    msg_type: MessageWord,
    /// To the tenant or from it.
    direction: WayWord,
    /// Its text.
    content: String,
    /// Why it failed.
    reason: String,
    /// How far it came.
    delivery: DeliveryWord,
    /// The provider's id of the message.
    provider_msg_id: String,
    /// When it was sent or received.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Message> for MessageAnswer {
    fn from(message: Message) -> Self {
        let (id, message) = (message.id.to_string(), message.message);
        Self {
            id,
            config_id: message.config_id,
            sender: message.sender,
            sender_name: message.sender_name,
            receiver: message.receiver,
            receiver_name: message.receiver_name,
            channel_name: message.channel_name,
            channel_number: message.channel_number,
            brand: message.brand,
            did: message.did,
            msg_type: message.kind.into(),
            direction: message.direction.into(),
            content: message.content,
            reason: message.reason,
            delivery: message.delivery.into(),
            provider_msg_id: message.provider_message_id,
            created_at: message.created_at.to_string(),
        }
    }
}

/// List one's messages
///
/// Short messages and the like, to one's number and from it, the latest reported first.
#[utoipa::path(
    get, path = "/user/external_messages", tag = "external messages", params(ListParams),
    responses((status = 200, body = List<MessageAnswer>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<MessageAnswer>>> {
    let query = translate(params.0.query(named)?, &vocabulary);
    Ok(Json(List::of(directory.list_messages(&target, &query).await?)))
}

/// Read a message
#[utoipa::path(
    get, path = "/user/external_messages/{id}", tag = "external messages",
    params(("id" = String, Path, description = "The message.")),
    responses((status = 200, body = MessageAnswer))
)]
pub(crate) async fn show(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<MessageAnswer>> {
    Ok(Json(directory.message(&target, id.0.get()).await?.into()))
}
