//! Groups of users: the same as in every other dialect.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, Group, GroupField, GroupId, GroupPatch, NewGroup, Result, Violations, capability::ManageUsers,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathId, PathOf, Reply,
    envelope::{Many, One},
    listing::ListParams,
    user_view::{UserOfGroup, WithUsers},
};

/// A group to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateUserGroup {
    /// Its name, unique in the tenant without regard to case.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// The colour that programs show it in.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    color: Input<String>,
}

impl CreateUserGroup {
    fn read(self) -> Result<NewGroup> {
        let mut found = Violations::new();
        let new = NewGroup {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
            color: self.color.optional(&mut found, Field::Color).unwrap_or_default(),
            ..NewGroup::default()
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

/// A change to a group: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateUserGroup {
    /// Another name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// Another colour.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    color: Input<String>,
}

impl UpdateUserGroup {
    fn read(self) -> Result<GroupPatch> {
        let mut found = Violations::new();
        let patch = GroupPatch {
            name: self.name.patch(&mut found, Field::Name),
            color: self.color.patch_or_default(&mut found, Field::Color),
            ..GroupPatch::default()
        };
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserGroup {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// The colour that programs show it in; empty when none was chosen.
    color: String,
    /// Its name.
    name: String,
    /// Its members, when they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<UserOfGroup>, required = false)]
    users: Option<Vec<UserOfGroup>>,
}

impl From<Group> for UserGroup {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.get(),
            color: group.color,
            name: group.name,
            users: None,
        }
    }
}

fn names(name: &str) -> Option<GroupField> {
    match name {
        "id" => Some(GroupField::Id),
        "name" => Some(GroupField::Name),
        "color" => Some(GroupField::Color),
        _ => None,
    }
}

fn group(id: &PathOf<PathId>) -> GroupId {
    GroupId::new(id.0.0)
}

/// Groups as they are answered, in the same order, with their members if they are asked for.
async fn answers(
    grant: &Granted<ManageUsers>,
    directory: &Directory,
    groups: Vec<Group>,
    with: &WithUsers,
) -> Result<Vec<UserGroup>> {
    let mut answers: Vec<UserGroup> = groups.into_iter().map(UserGroup::from).collect();
    if with.wanted() {
        let ids: Vec<GroupId> = answers.iter().map(|group| GroupId::new(group.id)).collect();
        let mut members: HashMap<i64, Vec<UserOfGroup>> = HashMap::new();
        for (group, member) in directory.members_of_groups(grant, &ids).await? {
            members.entry(group.get()).or_default().push(with.narrow(member));
        }
        for group in &mut answers {
            group.users = Some(members.remove(&group.id).unwrap_or_default());
        }
    }
    Ok(answers)
}

/// A group as it is answered, with its members if they are asked for.
async fn answer(
    grant: &Granted<ManageUsers>,
    directory: &Directory,
    group: Group,
    with: &WithUsers,
) -> Result<UserGroup> {
    let members = if with.wanted() {
        Some(directory.group_members(grant, group.id).await?)
    } else {
        None
    };
    Ok(UserGroup {
        users: members.map(|members| members.into_iter().map(|member| with.narrow(member)).collect()),
        ..group.into()
    })
}

/// List groups of users
#[utoipa::path(
    get, path = "/usergroups", tag = "user groups", params(ListParams, WithUsers),
    responses((status = 200, body = Many<UserGroup>))
)]
pub(crate) async fn list(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
    with: Params<WithUsers>,
) -> Reply<Json<Many<UserGroup>>> {
    let listing = directory.list_groups(&grant, &params.0.query(names)?).await?;
    let data = answers(&grant, &directory, listing.items, &with.0).await?;
    Ok(Json(Many {
        total: listing.total,
        ..Many::whole(data)
    }))
}

/// Create a group of users
#[utoipa::path(
    post, path = "/usergroups", tag = "user groups", request_body = CreateUserGroup,
    responses((status = 201, body = One<UserGroup>))
)]
pub(crate) async fn create(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    body: Body<CreateUserGroup>,
) -> Reply<(StatusCode, Json<One<UserGroup>>)> {
    let id = directory.create_group(&grant, body.0.read()?).await?;
    let made = directory.group(&grant, id).await?;
    Ok((StatusCode::CREATED, Json(One::of(made))))
}

/// Read a group of users
#[utoipa::path(
    get, path = "/usergroups/{id}", tag = "user groups",
    params(("id" = i64, Path, description = "The group."), WithUsers),
    responses((status = 200, body = One<UserGroup>))
)]
pub(crate) async fn show(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    with: Params<WithUsers>,
) -> Reply<Json<One<UserGroup>>> {
    let found = directory.group(&grant, group(&id)).await?;
    Ok(Json(One::of(answer(&grant, &directory, found, &with.0).await?)))
}

/// Change a group of users
#[utoipa::path(
    patch, path = "/usergroups/{id}", tag = "user groups",
    params(("id" = i64, Path, description = "The group."), WithUsers),
    request_body = UpdateUserGroup, responses((status = 200, body = One<UserGroup>))
)]
pub(crate) async fn update(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    with: Params<WithUsers>,
    body: Body<UpdateUserGroup>,
) -> Reply<Json<One<UserGroup>>> {
    directory.update_group(&grant, group(&id), body.0.read()?).await?;
    let changed = directory.group(&grant, group(&id)).await?;
    Ok(Json(One::of(answer(&grant, &directory, changed, &with.0).await?)))
}

/// Destroy a group of users
///
/// Its members stay users.
#[utoipa::path(
    delete, path = "/usergroups/{id}", tag = "user groups",
    params(("id" = i64, Path, description = "The group.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_group(&grant, group(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
