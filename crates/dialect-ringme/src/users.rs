//! Users of extensions.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Belongings, Directory, WelcomeTo};
use jackfield_domain::{
    AccessLevel, Comparison, ExtensionAccess, ExtensionAccessPatch, ExtensionId, ExtensionMemberField, Field,
    Filter, Literal, NewPassword, NewUser, Patch, Query, Result, Rule, TenantId, UserId, UserPatch,
    Violations, capability::ManageUsers,
};
use jackfield_edge::{Flag, IdList, Input, Whole, conclude};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Body, PathId, PathOf, QueryFields, Reply, Target,
    listing::{self, Conditions, Texts},
    user_view::{ACCESSES, STATUSES, UserAnswer, enabled},
    visitor::Visitor,
};

/// What the list can be asked for.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// Only with one of these notes.
    #[param(value_type = Option<Vec<String>>)]
    comment: Input<Texts>,
    /// Only with one of these states: `active`, `blocked`.
    #[param(value_type = Option<Vec<String>>)]
    status: Input<Texts>,
    /// Only with one of these names.
    #[param(value_type = Option<Vec<String>>)]
    name: Input<Texts>,
    /// Only with one of these ids.
    #[param(value_type = Option<Vec<i64>>)]
    id: Input<IdList>,
    /// Only with one of these kinds of access: `full`, `read_only`.
    #[param(value_type = Option<Vec<String>>)]
    access: Input<Texts>,
    /// Only of one of these extensions.
    #[param(value_type = Option<Vec<i64>>)]
    extension_id: Input<IdList>,
    /// Only in one of these time zones.
    #[param(value_type = Option<Vec<String>>)]
    timezone: Input<Texts>,
    /// Only with one of these logins.
    #[param(value_type = Option<Vec<String>>)]
    login: Input<Texts>,
    /// Only with one of these addresses.
    #[param(value_type = Option<Vec<String>>)]
    email: Input<Texts>,
    /// Which page, from 1. One past the end is empty.
    #[param(value_type = Option<i32>, minimum = 1, default = 1)]
    page: Input<Whole>,
    /// How many rows a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 1000, default = 1000)]
    per_page: Input<Whole>,
}

impl ListUsers {
    /// The query that they stand for, in a client with this time zone.
    fn query(self, zone: &str) -> Result<Query<ExtensionMemberField>> {
        use ExtensionMemberField as F;
        let mut all = Conditions::new();
        let page = listing::page(self.page, self.per_page, all.found());
        all.texts(self.comment, Field::Comment, F::Comment);
        all.words(self.status, Field::Enabled, F::Enabled, STATUSES, |word| {
            enabled(word).map(Literal::Flag)
        });
        all.texts(self.name, Field::DisplayName, F::DisplayName);
        all.numbers(self.id, Field::Id, F::Id);
        all.words(self.access, Field::Access, F::Level, ACCESSES, |word| {
            AccessLevel::from_word(word).map(|level| Literal::Text(level.word().to_owned()))
        });
        all.numbers(self.extension_id, Field::Extension, F::Extension);
        all.texts_or(self.timezone, Field::Timezone, F::Timezone, |text| {
            // Who has none of his own is shown with the client's.
            let equal = |literal| Box::new(Filter::Compare(F::Timezone, Comparison::Equal, literal));
            (text == zone).then(|| Filter::Or(equal(Literal::Text(text.to_owned())), equal(Literal::Null)))
        });
        all.texts(self.login, Field::Name, F::Name);
        all.texts(self.email, Field::Email, F::Email);
        all.query(page)
    }
}

/// List users of extensions
///
/// A filter with several values finds what has any of them, several filters what fits all. Values come as `status=a&status=b`, as
/// `status[]=a` or as `status[0]=a`.
#[utoipa::path(
    get, path = "/{client_id}/user/extension/", tag = "users of extensions",
    params(("client_id" = String, Path, description = "The client, or `@me`."), ListUsers),
    responses((status = 200, body = Vec<UserAnswer>))
)]
pub(crate) async fn list(
    visitor: Visitor,
    State(directory): State<Directory>,
    params: QueryFields<ListUsers>,
) -> Reply<Json<Vec<UserAnswer>>> {
    let grant = visitor.grant::<ManageUsers>()?;
    let facts = directory.tenant_facts(grant.tenant()).await?;
    let query = params.0.query(&facts.timezone)?;
    let members = directory.list_extension_members(&grant, &query).await?;
    let answers = members
        .into_iter()
        .map(|member| UserAnswer::of(member, &facts.timezone));
    Ok(Json(answers.collect()))
}

/// A user to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateUser {
    /// A note.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1024)]
    comment: Input<String>,
    /// `active`, which it is when it is left out, or `blocked`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "active")]
    status: Input<String>,
    /// The name that people see.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 1024)]
    name: Input<String>,
    /// `full`, which it is when it is left out, or `read_only`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "full")]
    access: Input<String>,
    /// The extension that he may use.
    #[serde(default)]
    #[schema(value_type = i64, required = true, example = 100_000)]
    extension_id: Input<i64>,
    /// What your integration keeps with him.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 65_536)]
    extra_params: Input<String>,
    /// His time zone, an IANA name; the client's when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Moscow")]
    timezone: Input<String>,
    /// The name that he signs in with; no two users of a client may have one. It never changes.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    login: Input<String>,
    /// His password, by the client's policy.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    password: Input<String>,
    /// His address; no two users of a client may have one.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 128)]
    email: Input<String>,
    /// Whether a mail is sent with the login and a link by which the password is set, once. The password itself is in no mail.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    email_notify: Input<Flag>,
    /// Where that mail goes; your own address when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email_for_notify: Input<String>,
}

/// A text that has to be there and to have something in it.
fn filled(text: String) -> std::result::Result<String, Rule> {
    if text.is_empty() {
        Err(Rule::Required)
    } else {
        Ok(text)
    }
}

fn state(input: Input<String>) -> Input<bool> {
    input.word(STATUSES, enabled)
}

fn level(input: Input<String>) -> Input<AccessLevel> {
    input.word(ACCESSES, AccessLevel::from_word)
}

impl CreateUser {
    /// The new user, whether he is told, and what is wrong so far: the rest is for the directory to say.
    fn read(self) -> (NewUser, Belongings, Violations) {
        let mut found = Violations::new();
        let mut text = |input: Input<String>, field| input.convert(filled).required(&mut found, field);
        let login = text(self.login, Field::Name).unwrap_or_default();
        let password = text(self.password, Field::Password).unwrap_or_default();
        let display_name = text(self.name, Field::DisplayName).unwrap_or_default();
        let email = text(self.email, Field::Email).unwrap_or_default();
        let extension = self.extension_id.required(&mut found, Field::Extension);
        let mut optional =
            |input: Input<String>, field| input.optional(&mut found, field).unwrap_or_default();
        let access = ExtensionAccess {
            extension: ExtensionId::new(extension.unwrap_or(-1)),
            comment: optional(self.comment, Field::Comment),
            custom_options: optional(self.extra_params, Field::CustomOptions),
            timezone: optional(self.timezone, Field::Timezone),
            level: level(self.access)
                .optional(&mut found, Field::Access)
                .unwrap_or(AccessLevel::Full),
        };
        let told = self.email_notify.optional(&mut found, Field::Welcome);
        let address = self.email_for_notify.optional(&mut found, Field::WelcomeAddress);
        let address = address.filter(|address| !address.is_empty());
        let belongings = Belongings {
            welcome: told
                .is_some_and(|Flag(told)| told)
                .then(|| address.map_or(WelcomeTo::Maker, WelcomeTo::Address)),
            ..Belongings::default()
        };
        let new = NewUser {
            display_name,
            email,
            enabled: state(self.status)
                .optional(&mut found, Field::Enabled)
                .unwrap_or(true),
            access: Some(access),
            ..NewUser::named(login, NewPassword::Plain(password))
        };
        (new, belongings, found)
    }
}

async fn shown(
    visitor: &Visitor,
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
) -> Result<Json<UserAnswer>> {
    let facts = directory.tenant_facts(tenant).await?;
    let member = directory.extension_member(&visitor.owner_of(user)?).await?;
    Ok(Json(UserAnswer::of(member, &facts.timezone)))
}

/// Create a user of an extension
///
/// He is a user like any other of the client, and may use the extension beside whom it was made with.
#[utoipa::path(
    post, path = "/{client_id}/user/extension/", tag = "users of extensions", request_body = CreateUser,
    params(("client_id" = String, Path, description = "The client, or `@me`.")),
    responses((status = 201, body = UserAnswer))
)]
pub(crate) async fn create(
    visitor: Visitor,
    State(directory): State<Directory>,
    body: Body<CreateUser>,
) -> Reply<(StatusCode, Json<UserAnswer>)> {
    let grant = visitor.grant::<ManageUsers>()?;
    let (new, belongings, found) = body.0.read();
    let id = directory
        .create_user_with(&grant, new, found, &belongings)
        .await?;
    let user = shown(&visitor, &directory, grant.tenant(), id).await?;
    Ok((StatusCode::CREATED, user))
}

/// A change to a user. What is left out stays as it is.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateUser {
    /// A note; `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1024)]
    comment: Input<String>,
    /// `active` or `blocked`. Who is blocked is signed out.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "active")]
    status: Input<String>,
    /// The name that people see.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 1024)]
    name: Input<String>,
    /// `full` or `read_only`.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "full")]
    access: Input<String>,
    /// The extension that he may use. Of whom an extension was made with it cannot be changed.
    #[serde(default)]
    #[schema(value_type = i64, required = false, example = 100_000)]
    extension_id: Input<i64>,
    /// What your integration keeps with him; `null` for nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 65_536)]
    extra_params: Input<String>,
    /// His time zone, an IANA name; `null` for the client's.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Moscow")]
    timezone: Input<String>,
    /// May only repeat what it is.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    login: Input<String>,
    /// Another password. It ends the user's sessions and the tokens by which applications act as him.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    password: Input<String>,
    /// Another address.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 128)]
    email: Input<String>,
}

impl UpdateUser {
    fn read(self) -> Result<(UserPatch, Option<String>)> {
        let mut found = Violations::new();
        let mut text = |input: Input<String>, field| input.convert(filled).patch(&mut found, field);
        let (name, email) = (
            text(self.name, Field::DisplayName),
            text(self.email, Field::Email),
        );
        let (login, password) = (
            text(self.login, Field::Name),
            text(self.password, Field::Password),
        );
        let mut note = |input: Input<String>, field| input.patch_or_default(&mut found, field);
        let comment = note(self.comment, Field::Comment);
        let custom_options = note(self.extra_params, Field::CustomOptions);
        let timezone = note(self.timezone, Field::Timezone);
        let patch = UserPatch {
            name: login,
            display_name: name,
            email,
            enabled: state(self.status).patch(&mut found, Field::Enabled),
            access: ExtensionAccessPatch {
                extension: self
                    .extension_id
                    .convert(|id| Ok(ExtensionId::new(id)))
                    .patch(&mut found, Field::Extension),
                level: level(self.access).patch(&mut found, Field::Access),
                comment,
                custom_options,
                timezone,
            },
            ..UserPatch::default()
        };
        conclude(found, || patch.check())?;
        let password = match password {
            Patch::Set(password) => Some(password),
            Patch::Keep => None,
        };
        Ok((patch, password))
    }
}

/// What a path names beside the client.
#[derive(Deserialize)]
pub(crate) struct Named {
    user_id: PathId,
}

impl Named {
    fn user(&self) -> UserId {
        UserId::new(self.user_id.0)
    }
}

/// Read a user of an extension
///
/// Whoever manages no users may read himself.
#[utoipa::path(
    get, path = "/{client_id}/user/extension/{user_id}", tag = "users of extensions",
    params(
        ("client_id" = String, Path, description = "The client, or `@me`."),
        ("user_id" = i64, Path, description = "The user.")
    ),
    responses((status = 200, body = UserAnswer))
)]
pub(crate) async fn show(
    visitor: Visitor,
    target: Target,
    State(directory): State<Directory>,
) -> Reply<Json<UserAnswer>> {
    Ok(shown(&visitor, &directory, target.tenant(), target.user()).await?)
}

/// Change a user of an extension
#[utoipa::path(
    put, path = "/{client_id}/user/extension/{user_id}", tag = "users of extensions", request_body = UpdateUser,
    params(
        ("client_id" = String, Path, description = "The client, or `@me`."),
        ("user_id" = i64, Path, description = "The user.")
    ),
    responses((status = 200, body = UserAnswer))
)]
pub(crate) async fn update(
    visitor: Visitor,
    State(directory): State<Directory>,
    named: PathOf<Named>,
    body: Body<UpdateUser>,
) -> Reply<Json<UserAnswer>> {
    let grant = visitor.grant::<ManageUsers>()?;
    let (patch, password) = body.0.read()?;
    let user = named.0.user();
    directory
        .update_extension_member(&grant, user, patch, password)
        .await?;
    Ok(shown(&visitor, &directory, grant.tenant(), user).await?)
}

/// Destroy a user of an extension
///
/// Through every door he is gone. The extension stays, unless it was made with him: then it goes too, and whoever else could
/// use it can no more.
#[utoipa::path(
    delete, path = "/{client_id}/user/extension/{user_id}", tag = "users of extensions",
    params(
        ("client_id" = String, Path, description = "The client, or `@me`."),
        ("user_id" = i64, Path, description = "The user.")
    ),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    visitor: Visitor,
    State(directory): State<Directory>,
    named: PathOf<Named>,
) -> Reply<StatusCode> {
    let grant = visitor.grant::<ManageUsers>()?;
    directory.destroy_extension_member(&grant, named.0.user()).await?;
    Ok(StatusCode::NO_CONTENT)
}
