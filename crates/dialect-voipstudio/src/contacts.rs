//! The contacts of a user.

use axum::{Json, extract::State};
use jackfield_directory::{Directory, Keeper};
use jackfield_domain::{
    Contact, Item, Listing, Literal, Page, Queried, UserId, ValueKind, limits, split_name,
};
use jackfield_edge::write_moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Params, Reply, Target, envelope::Many, listing::ListParams};

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactAnswer {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// When it was made, in UTC.
    #[schema(example = "2026-03-02 08:00:00")]
    created_at: String,
    /// The first name, split off the name.
    first_name: String,
    /// The last name, split off the name.
    last_name: String,
    /// An address.
    email: String,
    /// A number at work.
    tel: String,
    /// A mobile number.
    mobile: String,
    /// Notes.
    notes: String,
    /// Always empty: contacts are not in folders.
    group_name: &'static str,
    /// Always false: the contacts of a user are seen by nobody else.
    global: bool,
    /// Always false: it is no user.
    internal: bool,
    /// Whose it is.
    user_id: i64,
}

/// A value of a contact that the list can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContactField {
    Id,
    CreatedAt,
    FirstName,
    LastName,
    Email,
    Tel,
    Mobile,
}

impl Queried for ContactField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::CreatedAt => ValueKind::Time,
            _ => ValueKind::Text,
        }
    }
}

fn names(name: &str) -> Option<ContactField> {
    match name {
        "id" => Some(ContactField::Id),
        "created_at" => Some(ContactField::CreatedAt),
        "first_name" => Some(ContactField::FirstName),
        "last_name" => Some(ContactField::LastName),
        "email" => Some(ContactField::Email),
        "tel" => Some(ContactField::Tel),
        "mobile" => Some(ContactField::Mobile),
        _ => None,
    }
}

fn value(item: &Item<Contact>, field: ContactField) -> Literal {
    let card = &item.value.card;
    match field {
        ContactField::Id => Literal::Number(item.id),
        ContactField::CreatedAt => Literal::Time(item.created_at),
        ContactField::FirstName => Literal::Text(split_name(&card.name).0),
        ContactField::LastName => Literal::Text(split_name(&card.name).1),
        ContactField::Email => Literal::Text(card.email.clone()),
        ContactField::Tel => Literal::Text(card.business.clone()),
        ContactField::Mobile => Literal::Text(card.mobile_phone.clone()),
    }
}

fn answer(item: Item<Contact>, owner: UserId) -> ContactAnswer {
    let card = item.value.card;
    let (first_name, last_name) = split_name(&card.name);
    ContactAnswer {
        id: item.id,
        created_at: write_moment(item.created_at),
        first_name,
        last_name,
        email: card.email,
        tel: card.business,
        mobile: card.mobile_phone,
        notes: card.notes,
        group_name: "",
        global: false,
        internal: false,
        user_id: owner.get(),
    }
}

/// List a user's contacts
#[utoipa::path(
    get, path = "/users/{user_id}/contacts", tag = "users",
    params(("user_id" = i64, Path, description = "The user."), ListParams),
    responses((status = 200, body = Many<ContactAnswer>))
)]
pub(crate) async fn list(
    target: Target,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<ContactAnswer>>> {
    let query = params.0.query(names)?;
    let keeper = Keeper::from(&*target);
    let plain = query.filter.is_none() && query.order.is_empty();
    let listing: Listing<Item<Contact>> = if plain {
        directory.list_items(&keeper, query.page).await?
    } else {
        // A user's contacts are few enough to be looked through.
        let all = Page {
            skip: 0,
            take: limits::CONTACTS,
        };
        let all = directory.list_items::<Contact>(&keeper, all).await?.items;
        query.run(all, value, |_| String::new())
    };
    let owner = target.user();
    Ok(Json(Many {
        total: listing.total,
        ..Many::whole(
            listing
                .items
                .into_iter()
                .map(|item| answer(item, owner))
                .collect(),
        )
    }))
}
