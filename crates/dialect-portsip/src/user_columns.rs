//! The fields by which the list of users is filtered and ordered: all that a line of it has.
//!
//! Two of them are no values of the directory. `sync_type` says of every bound user the same word; the address of a picture is the
//! key of its file behind a path that is the same for all. Conditions on them become conditions on what the directory has.

use jackfield_domain::{Comparison, Filter, Literal, Queried, Query, TextMatch, UserField, ValueKind};

use crate::user_view::SYNC_TYPE;

/// A field of a line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// One that the directory has.
    Own(UserField),
    /// The directory outside that the user is bound to.
    SyncType,
    /// The address of the picture.
    AvatarUrl,
}

impl Queried for Column {
    fn kind(self) -> ValueKind {
        match self {
            Self::Own(field) => field.kind(),
            Self::SyncType | Self::AvatarUrl => ValueKind::Text,
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
        "avatar_file_name" => UserField::AvatarName,
        "avatar_file_size" => UserField::AvatarSize,
        "avatar_file_url" => return Some(Column::AvatarUrl),
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
            .map(|(column, order)| (order_key(column), order))
            .collect(),
        page: query.page,
    }
}

fn order_key(column: Column) -> UserField {
    match column {
        Column::Own(field) => field,
        Column::SyncType => UserField::ExternalIdentity,
        // The same text stands before every key.
        Column::AvatarUrl => UserField::AvatarKey,
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
        Filter::Compare(Column::AvatarUrl, how, literal) => compare_url(how, literal),
        Filter::Match(Column::AvatarUrl, how, part) => match_url(how, &part),
    }
}

/// What stands before the key in the address of every file. A key has no slash.
const URL: &str = concat!("/api", "/blobs/");

/// A comparison with the address of the picture, which is empty without one.
fn compare_url(how: Comparison, literal: Literal) -> Filter<UserField> {
    match literal {
        Literal::Text(text) => {
            if let Some(key) = text.strip_prefix(URL).filter(|key| !key.is_empty()) {
                return Filter::Compare(UserField::AvatarKey, how, Literal::Text(key.into()));
            }
            let holds = |url: &str| holds(&Literal::Text(url.into()), how, &Literal::Text(text.clone()));
            // Compared with this, all addresses are alike.
            by_picture(holds(&format!("{URL}x")), holds(""))
        }
        literal => Filter::Compare(UserField::AvatarKey, how, literal),
    }
}

/// A part of the address of the picture.
fn match_url(how: TextMatch, part: &str) -> Filter<UserField> {
    let key = |how, part: &str| Filter::Match(UserField::AvatarKey, how, part.into());
    if part.is_empty() {
        return of_everyone(true);
    }
    // Where the part has a slash, what is behind the last one is the beginning of the key.
    let behind = part.rfind('/').map(|at| part.split_at(at + 1));
    match (how, behind) {
        (TextMatch::StartsWith, _) if URL.starts_with(part) => by_picture(true, false),
        (TextMatch::StartsWith, Some((URL, start))) => key(TextMatch::StartsWith, start),
        (TextMatch::Contains, _) if URL.contains(part) => by_picture(true, false),
        (TextMatch::EndsWith, Some((path, end))) if URL.ends_with(path) && !end.is_empty() => {
            Filter::Compare(UserField::AvatarKey, Comparison::Equal, Literal::Text(end.into()))
        }
        (TextMatch::Contains, Some((path, start))) if URL.ends_with(path) => {
            key(TextMatch::StartsWith, start)
        }
        (TextMatch::StartsWith, _) | (_, Some(_)) => of_everyone(false),
        (how, None) => key(how, part),
    }
}

/// A condition that knows only who has a picture and who has none.
fn by_picture(with: bool, without: bool) -> Filter<UserField> {
    let how = match (with, without) {
        (true, true) | (false, false) => return of_everyone(with),
        (true, false) => Comparison::NotEqual,
        (false, true) => Comparison::Equal,
    };
    Filter::Compare(UserField::AvatarKey, how, Literal::Text(String::new()))
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
        let key = |how, literal| Filter::Compare(UserField::AvatarKey, how, literal);
        let part = |how, part: &str| Filter::Match(UserField::AvatarKey, how, part.into());
        let text = |text: &str| Literal::Text(text.into());
        for (text, expected) in [
            ("sync_type eq 'Microsoft 365'", bound(true)),
            ("sync_type ne 'Microsoft 365'", bound(false)),
            ("sync_type eq 'Google'", bound(false)),
            ("startswith(sync_type,'Micro')", bound(true)),
            (
                "sync_type eq null",
                Filter::Compare(UserField::ExternalIdentity, Comparison::Equal, Literal::Null),
            ),
            ("avatar_file_url eq null", key(Comparison::Equal, Literal::Null)),
            ("avatar_file_url ne ''", key(Comparison::NotEqual, text(""))),
            (
                "avatar_file_url eq '/api/blobs/abc'",
                key(Comparison::Equal, text("abc")),
            ),
            ("avatar_file_url eq '/api/blobs/'", all(false)),
            ("avatar_file_url gt 'x'", all(false)),
            ("avatar_file_url lt 'x'", all(true)),
            ("avatar_file_url gt '/api'", key(Comparison::NotEqual, text(""))),
            (
                "startswith(avatar_file_url,'/api/')",
                key(Comparison::NotEqual, text("")),
            ),
            (
                "startswith(avatar_file_url,'/api/blobs/a')",
                part(TextMatch::StartsWith, "a"),
            ),
            ("startswith(avatar_file_url,'a')", all(false)),
            ("endswith(avatar_file_url,'a')", part(TextMatch::EndsWith, "a")),
            (
                "endswith(avatar_file_url,'blobs/abc')",
                key(Comparison::Equal, text("abc")),
            ),
            ("endswith(avatar_file_url,'blobs/')", all(false)),
            (
                "contains(avatar_file_url,'blobs')",
                key(Comparison::NotEqual, text("")),
            ),
            (
                "contains(avatar_file_url,'s/a')",
                part(TextMatch::StartsWith, "a"),
            ),
            (
                "contains(avatar_file_url,'abc')",
                part(TextMatch::Contains, "abc"),
            ),
            ("contains(avatar_file_url,'a/b')", all(false)),
            (
                "avatar_file_size gt 0",
                Filter::Compare(UserField::AvatarSize, Comparison::Greater, Literal::Number(0)),
            ),
            (
                "not (id eq 5 and sync_type eq 'Google')",
                Filter::Not(Box::new(Filter::And(
                    Box::new(Filter::Compare(
                        UserField::Id,
                        Comparison::Equal,
                        Literal::Number(5),
                    )),
                    Box::new(bound(false)),
                ))),
            ),
        ] {
            assert_eq!(filter(parse_filter(text, named).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn orders() {
        let query = Query {
            order: parse_order("avatar_file_size, avatar_file_url, sync_type desc, name", named).unwrap(),
            ..Query::default()
        };
        assert_eq!(
            translate(query).order,
            [
                (UserField::AvatarSize, Order::Ascending),
                (UserField::AvatarKey, Order::Ascending),
                (UserField::ExternalIdentity, Order::Descending),
                (UserField::Name, Order::Ascending)
            ]
        );
    }
}
