//! Messages to and from people outside.

use jackfield_domain::{Delivery, Field, MessageDirection, NewMessage, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    batch::takes,
    wire::{choice, required_moment, required_text, text, words},
};

words! {
    /// How a message travelled.
    Channel is MessageKind { "unknown" Unknown, "sms" Sms, "whatsapp" Whatsapp }
    /// To the tenant or from it.
    Way is MessageDirection { "in" In, "out" Out }
    /// How far a message came.
    Progress is Delivery { "failed" Failed, "sent" Sent, "received" Received, "delivered" Delivered }
}

/// A message to or from somebody outside.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct MessageReport {
    /// Your own id of the message, unique in the tenant. A second report with it is answered as known and changes nothing.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    external_id: Input<String>,
    /// To the tenant or from it.
    #[serde(default)]
    #[schema(value_type = Way, required = true)]
    direction: Input<String>,
    /// How it travelled; `unknown` when left out.
    #[serde(default)]
    #[schema(value_type = Channel, required = false)]
    message_type: Input<String>,
    /// How far it came. `received` when left out of one that came in, `sent` of one that went out.
    #[serde(default)]
    #[schema(value_type = Progress, required = false)]
    delivery: Input<String>,
    /// The number or account that sent it.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    sender: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    sender_name: Input<String>,
    /// The number or account that it was sent to.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 256)]
    receiver: Input<String>,
    /// Its name.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    receiver_name: Input<String>,
    /// Its text.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 65_536)]
    content: Input<String>,
    /// When it was sent or received.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = true)]
    created_at: Input<String>,
    /// Why it failed.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    reason: Input<String>,
    /// The tenant's number that it came to or went out under.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    did: Input<String>,
    /// The id of the channel's settings at your side.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    config_id: Input<String>,
    /// The name of the channel.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    channel_name: Input<String>,
    /// The number of the channel.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    channel_number: Input<String>,
    /// The provider behind the channel.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    brand: Input<String>,
    /// The provider's id of the message.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 256)]
    provider_message_id: Input<String>,
}

impl MessageReport {
    fn into_report(self) -> Result<NewMessage> {
        let mut found = Violations::new();
        let at = &mut found;
        let new = {
            let direction = choice(self.direction)
                .required(at, Field::Direction)
                .unwrap_or(MessageDirection::In);
            NewMessage {
                external_id: required_text(self.external_id, at, Field::ExternalId),
                config_id: text(self.config_id, at, Field::ConfigId),
                sender: required_text(self.sender, at, Field::Sender),
                sender_name: text(self.sender_name, at, Field::SenderName),
                receiver: required_text(self.receiver, at, Field::Receiver),
                receiver_name: text(self.receiver_name, at, Field::ReceiverName),
                channel_name: text(self.channel_name, at, Field::ChannelName),
                channel_number: text(self.channel_number, at, Field::ChannelNumber),
                brand: text(self.brand, at, Field::Brand),
                did: text(self.did, at, Field::Did),
                kind: choice(self.message_type)
                    .optional(at, Field::MessageType)
                    .unwrap_or_default(),
                direction,
                content: text(self.content, at, Field::Content),
                reason: text(self.reason, at, Field::Reason),
                delivery: choice(self.delivery)
                    .optional(at, Field::Delivery)
                    .unwrap_or(match direction {
                        MessageDirection::In => Delivery::Received,
                        MessageDirection::Out => Delivery::Sent,
                    }),
                provider_message_id: text(self.provider_message_id, at, Field::ProviderMessageId),
                created_at: required_moment(self.created_at, at, Field::CreatedAt),
            }
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

takes! {
    /// Report messages to and from people outside
    ///
    /// One, a list of up to 10,000, or a stream of lines. A message is reported once; what becomes of it later is not followed.
    "/feed/messages" of MessageReport as NewMessage, by report_messages
}
