//! The fields by which the list of users is filtered and ordered: all that a line of it has.
//!
//! Four of them are no values of the directory. `sync_type` says of every bound user the same word; the three of the picture
//! are empty for everyone. Conditions on them are decided here, and become conditions on what the directory has.

use jackfield_domain::{Comparison, Filter, Literal, Queried, Query, TextMatch, UserField, ValueKind};

use crate::user_view::SYNC_TYPE;

/// A field of a line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// One that the directory has.
    Own(UserField),
    /// The directory outside that the user is bound to.
    SyncType,
    /// The name or the address of the picture.
    AvatarText,
    /// The size of the picture.
    AvatarSize,
}

impl Queried for Column {
    fn kind(self) -> ValueKind {
        match self {
            Self::Own(field) => field.kind(),
            Self::SyncType | Self::AvatarText => ValueKind::Text,
            Self::AvatarSize => ValueKind::Number,
        }
    }
}

/// The field that a name stands for.
pub(crate) fn named(name: &str) -> Option<Column> {
    Some(Column::Own(match name {
        "id" => UserField::Id,
        "name" => UserField::Name,
        "email" => UserField::Email,
        "display_name" => UserField::DisplayName,
        "enabled" => UserField::Enabled,
        "role" => UserField::Role,
        "mobile_phone" => UserField::MobilePhone,
        "work_phone" => UserField::WorkPhone,
        "home_phone" => UserField::HomePhone,
        "address" => UserField::Address,
        "department" => UserField::Department,
        "extension_number" => UserField::ExtensionNumber,
        "created_at" => UserField::CreatedAt,
        "sync_type" => return Some(Column::SyncType),
        "avatar_file_name" | "avatar_file_url" => return Some(Column::AvatarText),
        "avatar_file_size" => return Some(Column::AvatarSize),
        _ => return None,
    }))
}

/// The query in the directory's terms.
pub(crate) fn translate(query: Query<Column>) -> Query<UserField> {
    Query {
        filter: query.filter.map(filter),
        search: query.search,
        order: query
            .order
            .into_iter()
            .filter_map(|(column, order)| order_key(column).map(|field| (field, order)))
            .collect(),
        page: query.page,
    }
}

fn order_key(column: Column) -> Option<UserField> {
    match column {
        Column::Own(field) => Some(field),
        Column::SyncType => Some(UserField::ExternalIdentity),
        // The same for everyone: no order.
        Column::AvatarText | Column::AvatarSize => None,
    }
}

/// Recursion ends with the parser's limits of depth and comparisons.
fn filter(condition: Filter<Column>) -> Filter<UserField> {
    match condition {
        Filter::And(one, other) => Filter::And(Box::new(filter(*one)), Box::new(filter(*other))),
        Filter::Or(one, other) => Filter::Or(Box::new(filter(*one)), Box::new(filter(*other))),
        Filter::Not(inner) => Filter::Not(Box::new(filter(*inner))),
        Filter::Compare(Column::Own(field), how, literal) => Filter::Compare(field, how, literal),
        Filter::Match(Column::Own(field), how, part) => Filter::Match(field, how, part),
        Filter::Compare(Column::SyncType, how, Literal::Null) => {
            Filter::Compare(UserField::ExternalIdentity, how, Literal::Null)
        }
        Filter::Compare(Column::SyncType, how, literal) => {
            of_bound_users(holds(&Literal::Text(SYNC_TYPE.into()), how, &literal))
        }
        Filter::Match(Column::SyncType, how, part) => of_bound_users(matches(SYNC_TYPE, how, &part)),
        Filter::Compare(Column::AvatarText, how, literal) => {
            of_everyone(holds(&Literal::Text(String::new()), how, &literal))
        }
        Filter::Compare(Column::AvatarSize, how, literal) => {
            of_everyone(holds(&Literal::Number(0), how, &literal))
        }
        Filter::Match(Column::AvatarText | Column::AvatarSize, how, part) => {
            of_everyone(matches("", how, &part))
        }
    }
}

/// A condition with the same outcome for everyone. Every user has an id.
fn of_everyone(outcome: bool) -> Filter<UserField> {
    let how = if outcome {
        Comparison::NotEqual
    } else {
        Comparison::Equal
    };
    Filter::Compare(UserField::Id, how, Literal::Null)
}

/// A condition with the same outcome for all bound users, and none for the others, whose word is not there. No text comes
/// before the empty one.
fn of_bound_users(outcome: bool) -> Filter<UserField> {
    let how = if outcome {
        Comparison::GreaterOrEqual
    } else {
        Comparison::Less
    };
    Filter::Compare(UserField::ExternalIdentity, how, Literal::Text(String::new()))
}

/// Whether a comparison with a value that is known holds. Empty text is what `null` speaks of.
pub(crate) fn holds(value: &Literal, how: Comparison, literal: &Literal) -> bool {
    use std::cmp::Ordering;

    let order = match (value, literal) {
        (Literal::Text(value), Literal::Text(literal)) => value.cmp(literal),
        (Literal::Number(value), Literal::Number(literal)) => value.cmp(literal),
        (Literal::Text(value), Literal::Null) if value.is_empty() => Ordering::Equal,
        _ => return how == Comparison::NotEqual,
    };
    match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

/// Whether a text is found in a value.
pub(crate) fn matches(value: &str, how: TextMatch, part: &str) -> bool {
    match how {
        TextMatch::StartsWith => value.starts_with(part),
        TextMatch::EndsWith => value.ends_with(part),
        TextMatch::Contains => value.contains(part),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::Order;

    use super::*;
    use crate::odata::{parse_filter, parse_order};

    #[test]
    fn fields_that_are_the_same_for_many() {
        let bound = |outcome| of_bound_users(outcome);
        let all = |outcome| of_everyone(outcome);
        for (text, expected) in [
            ("sync_type eq 'Microsoft 365'", bound(true)),
            ("sync_type ne 'Microsoft 365'", bound(false)),
            ("sync_type eq 'Google'", bound(false)),
            ("startswith(sync_type,'Micro')", bound(true)),
            (
                "sync_type eq null",
                Filter::Compare(UserField::ExternalIdentity, Comparison::Equal, Literal::Null),
            ),
            ("avatar_file_name eq ''", all(true)),
            ("avatar_file_name eq null", all(true)),
            ("avatar_file_url ne null", all(false)),
            ("avatar_file_url eq 'x'", all(false)),
            ("avatar_file_size eq 0", all(true)),
            ("avatar_file_size gt 0", all(false)),
            ("avatar_file_size lt 1", all(true)),
            ("avatar_file_size eq null", all(false)),
            ("contains(avatar_file_name,'x')", all(false)),
            (
                "not (id eq 5 and avatar_file_size ge 1)",
                Filter::Not(Box::new(Filter::And(
                    Box::new(Filter::Compare(
                        UserField::Id,
                        Comparison::Equal,
                        Literal::Number(5),
                    )),
                    Box::new(all(false)),
                ))),
            ),
        ] {
            assert_eq!(filter(parse_filter(text, named).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn orders() {
        let query = Query {
            order: parse_order("avatar_file_size, sync_type desc, name", named).unwrap(),
            ..Query::default()
        };
        assert_eq!(
            translate(query).order,
            [
                (UserField::ExternalIdentity, Order::Descending),
                (UserField::Name, Order::Ascending)
            ]
        );
    }
}
