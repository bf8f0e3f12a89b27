//! Users: the list, and those who are made and changed as a whole.

use axum::{Json, extract::State};
use jackfield_directory::{Belongings, Directory, ProfilePatch, WelcomeTo};
use jackfield_domain::{
    Comparison, DeskLocale, Field, Filter, Group, GroupId, Literal, NewPassword, NewUser, Page,
    PersonNamePatch, Query, Result, Rule, TenantId, TextMatch, UserField, UserId, UserPresence, UserSummary,
    Violations,
    capability::ManageUsers,
    join_name,
    key_right::{ManageUsers as Cud, ReadUsers},
    split_name,
};
use jackfield_edge::{Flag, IdList, Input, Whole, conclude};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Asked, Fields, Keyed, PathOf, Reply, at,
    envelope::{Done, Made, Many},
    patterns, status,
    who::username,
};

/// The most users of one answer.
const MOST: i64 = 999;
/// As many, unless the request says how many.
const USUAL: i64 = 15;

/// Which users, and how much of each.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Index {
    /// Part of a user name, of an e-mail address or of a telephone or extension number. All users, when it is left out or empty.
    #[param(value_type = String, required = false)]
    query: Input<String>,
    /// How many users to leave out at the start; 0 when it is left out.
    #[serde(rename = "itemStart")]
    #[param(rename = "itemStart", value_type = i64, required = false, minimum = 0)]
    item_start: Input<Whole>,
    /// How many to give at most; 15 when it is left out.
    #[serde(rename = "itemLimit")]
    #[param(rename = "itemLimit", value_type = i64, required = false, minimum = 1, maximum = 999)]
    item_limit: Input<Whole>,
    /// Without those who may not sign in; false when it is left out.
    #[serde(rename = "activeOnly")]
    #[param(rename = "activeOnly", value_type = bool, required = false)]
    active_only: Input<Flag>,
    /// All of each user, or only his names; true when it is left out.
    #[param(value_type = bool, required = false)]
    extended: Input<Flag>,
}

/// A part of a list, by the vendor's names for it.
pub(crate) fn page(start: Input<Whole>, limit: Input<Whole>, most: i64, found: &mut Violations) -> Page {
    let within = |range: std::ops::RangeInclusive<i64>| {
        move |Whole(number)| {
            if range.contains(&number) {
                Ok(number)
            } else {
                Err(Rule::OutOfRange(*range.start(), *range.end()))
            }
        }
    };
    let skip = start.convert(within(0..=i64::MAX)).optional(found, Field::Skip);
    let take = limit.convert(within(1..=most)).optional(found, Field::Top);
    Page {
        skip: skip.unwrap_or(0),
        take: take.unwrap_or(USUAL),
    }
}

impl Index {
    /// The query, and whether all of each user is wanted.
    fn read(self) -> Result<(Query<UserField>, bool)> {
        let mut found = Violations::new();
        let words = patterns::QUERY
            .check_unless_empty(self.query)
            .optional(&mut found, Field::Search)
            .unwrap_or_default();
        let page = page(self.item_start, self.item_limit, MOST, &mut found);
        let active = self.active_only.optional(&mut found, at("activeOnly"));
        let extended = self.extended.optional(&mut found, at("extended"));
        found.finish()?;
        let active = active.is_some_and(|Flag(only)| only).then_some(Filter::Compare(
            UserField::Enabled,
            Comparison::Equal,
            Literal::Flag(true),
        ));
        let query = Query {
            filter: both(active, containing(&words)),
            page,
            ..Query::default()
        };
        Ok((query, extended.is_none_or(|Flag(wanted)| wanted)))
    }
}

/// Who has these words in his user name, his address or one of his numbers.
fn containing(words: &str) -> Option<Filter<UserField>> {
    const WHERE: [UserField; 6] = [
        UserField::Name,
        UserField::Email,
        UserField::ExtensionNumber,
        UserField::MobilePhone,
        UserField::WorkPhone,
        UserField::HomePhone,
    ];
    let conditions = WHERE
        .into_iter()
        .map(|field| Filter::Match(field, TextMatch::Contains, words.to_owned()));
    let any = conditions.reduce(|one, other| Filter::Or(Box::new(one), Box::new(other)));
    any.filter(|_| !words.is_empty())
}

fn both(one: Option<Filter<UserField>>, other: Option<Filter<UserField>>) -> Option<Filter<UserField>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Filter::And(Box::new(one), Box::new(other))),
        (one, other) => one.or(other),
    }
}

/// A user of the list. Its short form ends with the names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserLine {
    /// His id.
    #[serde(rename = "userID")]
    #[schema(minimum = 100_000)]
    user_id: i64,
    /// His user name.
    name: String,
    /// His first name.
    firstname: String,
    /// His last name.
    lastname: String,
    /// His e-mail address; empty when he has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    email: Option<String>,
    /// His mobile number; empty when he has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    telephone: Option<String>,
    /// Whether he may sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
    /// The ids of his groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<i64>, required = false)]
    groups: Option<Vec<i64>>,
    /// The id of his status: what he says of himself.
    #[serde(rename = "statusID", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 5)]
    status_id: Option<i64>,
    /// Whether that is locked.
    #[serde(rename = "statusLocked", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    status_locked: Option<bool>,
    /// Whether he wants no calls, set as a switch. It counts for more than his status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    dnd: Option<bool>,
}

impl UserLine {
    /// The short form.
    fn short(user: &UserSummary) -> Self {
        let (firstname, lastname) = split_name(&user.display_name);
        Self {
            user_id: user.id.get(),
            name: user.name.clone(),
            firstname,
            lastname,
            email: None,
            telephone: None,
            active: None,
            groups: None,
            status_id: None,
            status_locked: None,
            dnd: None,
        }
    }

    /// The long form, with what is known of the users of the page.
    fn long(user: &UserSummary, groups: &[(UserId, Group)], said: &[UserPresence]) -> Self {
        let said = said.iter().find(|said| said.user == user.id);
        let own = groups.iter().filter(|(member, _)| *member == user.id);
        Self {
            groups: Some(own.map(|(_, group)| group.id.get()).collect()),
            status_id: Some(status::id(said.map(|said| said.presence).unwrap_or_default())),
            status_locked: Some(said.is_some_and(|said| said.locked)),
            active: Some(user.enabled),
            dnd: Some(user.dnd),
            email: Some(user.email.clone()),
            telephone: Some(user.mobile_phone.clone()),
            ..Self::short(user)
        }
    }
}

/// List users
///
/// By their ids, those that were made first before the others.
#[utoipa::path(get, path = "/user", tag = "user", params(Index), responses((status = 200, body = Many<UserLine>)))]
pub(crate) async fn index(
    key: Keyed<ReadUsers>,
    State(directory): State<Directory>,
    asked: Asked<Index>,
) -> Reply<Json<Many<UserLine>>> {
    let (query, extended) = asked.0.read()?;
    let grant = key.grant::<ManageUsers>()?;
    let listing = directory.list_users(&grant, &query).await?;
    let lines = if extended {
        let ids: Vec<UserId> = listing.items.iter().map(|user| user.id).collect();
        let groups = directory.groups_of_users(&grant, &ids).await?;
        let said = directory.said_presences(&grant, &ids).await?;
        let users = listing.items.iter();
        users.map(|user| UserLine::long(user, &groups, &said)).collect()
    } else {
        listing.items.iter().map(UserLine::short).collect()
    };
    Ok(Many::of(lines, listing.total))
}

/// A user to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateUser {
    /// His first name: letters, spaces and hyphens.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1)]
    firstname: Input<String>,
    /// His last name.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1)]
    lastname: Input<String>,
    /// The name that he signs in with, unique in the tenant: letters, digits, dots and hyphens.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 2, max_length = 64)]
    name: Input<String>,
    /// His e-mail address, unique in the tenant.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 128)]
    email: Input<String>,
    /// His mobile number: a plus sign and digits.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 32)]
    telephone_number: Input<String>,
    /// The language of his desk; `en` when it is left out.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    language: Input<String>,
    /// The form of his dates: a locale, or `iso`; `en_GB` when it is left out.
    #[serde(default, rename = "dateFormat")]
    #[schema(value_type = String, required = false, min_length = 3, max_length = 5)]
    date_format: Input<String>,
    /// The ids of the groups that he is in; none when it is left out.
    #[serde(default)]
    #[schema(value_type = Vec<i64>, required = false)]
    groups: Input<IdList>,
    /// Whether he gets a mail with a link to choose his password; true when it is left out.
    #[serde(default, rename = "sendActivationMail")]
    #[schema(value_type = bool, required = false)]
    send_activation_mail: Input<Flag>,
}

fn group_ids(list: Input<IdList>) -> Input<Vec<GroupId>> {
    list.convert(|IdList(ids)| Ok(ids.into_iter().map(GroupId::new).collect()))
}

impl CreateUser {
    /// The user, without his password, and what belongs to him.
    fn read(self, tenant: TenantId) -> Result<(NewUser, Belongings)> {
        let mut violations = Violations::new();
        let found = &mut violations;
        let person = |input, field, found: &mut Violations| {
            let name = patterns::PERSON.check(input).required(found, field);
            name.unwrap_or_default()
        };
        let first = person(self.firstname, Field::FirstName, found);
        let last = person(self.lastname, Field::LastName, found);
        let name = username(self.name).required(found, Field::Name);
        let mut user = NewUser::named(name.unwrap_or_default(), NewPassword::Plain(String::new()));
        user.display_name = join_name(&first, &last);
        user.email = self.email.required(found, Field::Email).unwrap_or_default();
        if user.email.is_empty() && !found.concerns(Field::Email) {
            found.add(Field::Email, Rule::Required);
        }
        user.mobile_phone = patterns::TELEPHONE
            .check(self.telephone_number)
            .required(found, Field::MobilePhone)
            .unwrap_or_default();
        let welcome = self.send_activation_mail.optional(found, Field::Welcome);
        let belongings = Belongings {
            groups: group_ids(self.groups)
                .optional(found, Field::Groups)
                .unwrap_or_default(),
            locale: DeskLocale {
                language: self.language.optional(found, Field::Language).into(),
                date_format: patterns::DATE_FORMAT
                    .check(self.date_format)
                    .optional(found, Field::DateFormat)
                    .into(),
            },
            welcome: welcome
                .is_none_or(|Flag(wanted)| wanted)
                .then_some(WelcomeTo::User),
        };
        conclude(violations, || user.check(tenant))?;
        Ok((user, belongings))
    }
}

/// Create a user
///
/// He gets the role of a standard user and no extension. Nobody knows a password of his: with the activation mail he gets a link
/// to choose one, without it an administrator sets one.
#[utoipa::path(post, path = "/user", tag = "user", request_body = CreateUser, responses((status = 200, body = Made)))]
pub(crate) async fn create(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<CreateUser>,
) -> Reply<Json<Made>> {
    let grant = key.grant::<ManageUsers>()?;
    let (mut user, belongings) = body.0.read(grant.tenant())?;
    user.password = directory.unknown_password().await?;
    let none = Violations::new();
    let id = directory
        .create_user_with(&grant, user, none, &belongings)
        .await?;
    Ok(Made::say("User created.", id.get()))
}

/// A change to a user. What is left out stays; what is empty is stored empty.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateUser {
    /// Another first name.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    firstname: Input<String>,
    /// Another last name.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    lastname: Input<String>,
    /// Another user name. It cannot be empty.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 2, max_length = 64)]
    name: Input<String>,
    /// Another e-mail address.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 128)]
    email: Input<String>,
    /// Another mobile number.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    telephone: Input<String>,
    /// The same by the name that it has when a user is made.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    telephone_number: Input<String>,
    /// Another language.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64)]
    language: Input<String>,
    /// Another form of dates.
    #[serde(default, rename = "dateFormat")]
    #[schema(value_type = String, required = false, max_length = 5)]
    date_format: Input<String>,
    /// The ids of all groups that he is in from now on.
    #[serde(default)]
    #[schema(value_type = Vec<i64>, required = false)]
    groups: Input<IdList>,
}

impl UpdateUser {
    fn read(self, tenant: TenantId) -> Result<ProfilePatch> {
        let mut found = Violations::new();
        let person = |input, field, found: &mut Violations| {
            patterns::PERSON
                .check_unless_empty(input)
                .patch_or_default(found, field)
        };
        let telephone = match (self.telephone, self.telephone_number) {
            (telephone, Input::Absent) => telephone,
            (Input::Absent, number) => number,
            _ => Input::Wrong(Rule::Repeated),
        };
        let patch = ProfilePatch {
            name: username(self.name).patch(&mut found, Field::Name),
            person: PersonNamePatch {
                first: person(self.firstname, Field::FirstName, &mut found),
                last: person(self.lastname, Field::LastName, &mut found),
            },
            email: self.email.patch_or_default(&mut found, Field::Email),
            mobile_phone: patterns::TELEPHONE
                .check_unless_empty(telephone)
                .patch_or_default(&mut found, Field::MobilePhone),
            groups: group_ids(self.groups).patch_or_default(&mut found, Field::Groups),
            locale: DeskLocale {
                language: self.language.patch_or_default(&mut found, Field::Language),
                date_format: patterns::DATE_FORMAT
                    .check_unless_empty(self.date_format)
                    .patch_or_default(&mut found, Field::DateFormat),
            },
        };
        conclude(found, || patch.check(tenant))?;
        Ok(patch)
    }
}

/// Update a user
///
/// All of it is changed, or nothing.
#[utoipa::path(
    put, path = "/user/{user_id}", tag = "user",
    params(("user_id" = i64, Path, description = "The user.")),
    request_body = UpdateUser, responses((status = 200, body = Done))
)]
pub(crate) async fn update(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    id: PathOf<String>,
    body: Fields<UpdateUser>,
) -> Reply<Json<Done>> {
    let grant = key.grant::<ManageUsers>()?;
    // What is no id names no user, since no user has the id that it is read as.
    let id = UserId::new(id.0.parse().unwrap_or(-1));
    let patch = body.0.read(grant.tenant())?;
    directory.update_profile(&grant, id, patch).await?;
    Ok(Done::say("User updated."))
}
