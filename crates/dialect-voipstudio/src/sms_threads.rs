//! The text messages between a number of a user and somebody outside.

use axum::{Json, extract::State};
use jackfield_directory::Directory;
use jackfield_domain::{Comparison, Filter, Literal, Message, MessageDirection, MessageField, MessageKind};
use jackfield_edge::write_moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Params, PathOf, Reply, Target, envelope::Many, listing::ListParams};

/// A text message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sms {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// When it was sent or received, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    created_at: String,
    /// The number that sent it.
    from: String,
    /// The number that it was sent to.
    to: String,
    /// `I` when it came in, `O` when it went out.
    #[serde(rename = "type")]
    #[schema(example = "I")]
    kind: &'static str,
    /// Its text.
    message: String,
}

impl From<Message> for Sms {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.get(),
            created_at: write_moment(message.message.created_at),
            from: message.message.sender,
            to: message.message.receiver,
            kind: match message.message.direction {
                MessageDirection::In => "I",
                MessageDirection::Out => "O",
            },
            message: message.message.content,
        }
    }
}

/// The two sides of a thread.
#[derive(Deserialize)]
pub(crate) struct Sides {
    from: String,
    to: String,
}

fn names(name: &str) -> Option<MessageField> {
    match name {
        "id" => Some(MessageField::Id),
        "created_at" => Some(MessageField::CreatedAt),
        "from" => Some(MessageField::Sender),
        "to" => Some(MessageField::Receiver),
        "message" => Some(MessageField::Content),
        _ => None,
    }
}

/// Whether a side of a message is this number. The vendor writes numbers without the `+`, engines report them with it.
fn is(field: MessageField, number: &str) -> Filter<MessageField> {
    let compare = |text: String| Filter::Compare(field, Comparison::Equal, Literal::Text(text));
    let bare = number.strip_prefix('+').unwrap_or(number);
    Filter::Or(
        Box::new(compare(bare.to_owned())),
        Box::new(compare(format!("+{bare}"))),
    )
}

fn both(one: Filter<MessageField>, other: Filter<MessageField>) -> Filter<MessageField> {
    Filter::And(Box::new(one), Box::new(other))
}

/// The messages between two numbers, whichever sent them.
fn thread(sides: &Sides) -> Filter<MessageField> {
    let way = |from: &str, to: &str| both(is(MessageField::Sender, from), is(MessageField::Receiver, to));
    let short = Literal::Text(MessageKind::Sms.word().to_owned());
    both(
        Filter::Compare(MessageField::Kind, Comparison::Equal, short),
        Filter::Or(
            Box::new(way(&sides.from, &sides.to)),
            Box::new(way(&sides.to, &sides.from)),
        ),
    )
}

async fn answer(
    target: Target,
    directory: &Directory,
    sides: &Sides,
    params: &ListParams,
) -> Reply<Json<Many<Sms>>> {
    let mut query = params.query(names)?;
    query.filter = Some(match query.filter.take() {
        Some(filter) => both(thread(sides), filter),
        None => thread(sides),
    });
    // No messages of a user who is not there are not the same as no messages.
    directory.user(&target).await?;
    Ok(Json(Many::of(directory.list_messages(&target, &query).await?)))
}

/// List the text messages between two numbers
///
/// Both ways together, without an order the latest reported first.
#[utoipa::path(
    get, path = "/users/{user_id}/smsthreads/{from}/{to}", tag = "history",
    params(
        ("user_id" = i64, Path, description = "The user."),
        ("from" = String, Path, description = "His number, with or without the `+`."),
        ("to" = String, Path, description = "The other side's number, with or without the `+`."),
        ListParams
    ),
    responses((status = 200, body = Many<Sms>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    sides: PathOf<Sides>,
    params: Params<ListParams>,
) -> Reply<Json<Many<Sms>>> {
    answer(target, &directory, &sides.0, &params.0).await
}

/// List the text messages between two numbers
///
/// The other spelling of `/users/{user_id}/smsthreads/{from}/{to}`.
#[utoipa::path(
    get, path = "/users/{user_id}/sms/threads/{from}/{to}", tag = "history",
    params(
        ("user_id" = i64, Path, description = "The user."),
        ("from" = String, Path, description = "His number, with or without the `+`."),
        ("to" = String, Path, description = "The other side's number, with or without the `+`."),
        ListParams
    ),
    responses((status = 200, body = Many<Sms>))
)]
pub(crate) async fn list_spelt_apart(
    target: Target,
    State(directory): State<Directory>,
    sides: PathOf<Sides>,
    params: Params<ListParams>,
) -> Reply<Json<Many<Sms>>> {
    answer(target, &directory, &sides.0, &params.0).await
}
