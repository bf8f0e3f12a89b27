//! Groups of users, and their members.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, Group, GroupField, GroupId, GroupMember, GroupPatch, NewGroup, Patch, Result, Violations,
    capability::ManageUsers,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathOf, Reply,
    caller_ids::{CallerIdInput, PlainCallerIdWire},
    id::{Created, PathId},
    page::{Items, List, ListParams},
};

/// A group to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateGroup {
    /// Its name, unique in the tenant.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// The caller ids that its members may show.
    #[serde(default)]
    #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
    outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
    /// A note for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

impl CreateGroup {
    fn read(self) -> Result<NewGroup> {
        let mut found = Violations::new();
        let new = NewGroup {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
            description: self
                .description
                .optional(&mut found, Field::Description)
                .unwrap_or_default(),
            color: String::new(),
            outbound_caller_ids: self
                .outbound_caller_ids
                .entries(&mut found, Field::OutboundCallerIds, CallerIdInput::read_plain)
                .optional(&mut found, Field::OutboundCallerIds)
                .unwrap_or_default(),
        };
        conclude(found, || new.check())?;
        Ok(new)
    }
}

/// A change to a group: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateGroup {
    /// Another name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// Other caller ids, all of them.
    #[serde(default)]
    #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
    outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
    /// Another note.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1024)]
    description: Input<String>,
}

impl UpdateGroup {
    fn read(self) -> Result<GroupPatch> {
        let mut found = Violations::new();
        let patch = GroupPatch {
            name: self.name.patch(&mut found, Field::Name),
            description: self.description.patch_or_default(&mut found, Field::Description),
            color: Patch::Keep,
            outbound_caller_ids: self
                .outbound_caller_ids
                .entries(&mut found, Field::OutboundCallerIds, CallerIdInput::read_plain)
                .patch_or_default(&mut found, Field::OutboundCallerIds),
        };
        conclude(found, || patch.check())?;
        Ok(patch)
    }
}

/// A line of the list of groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// A note for people.
    #[schema(required = false, max_length = 1024)]
    description: String,
}

impl From<Group> for GroupLine {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name,
            description: group.description,
        }
    }
}

/// A group.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupAnswer {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The caller ids that its members may show.
    #[schema(required = false)]
    outbound_caller_ids: Vec<PlainCallerIdWire>,
    /// A note for people.
    #[schema(required = false, max_length = 1024)]
    description: String,
}

impl From<Group> for GroupAnswer {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name,
            outbound_caller_ids: group.outbound_caller_ids.iter().map(Into::into).collect(),
            description: group.description,
        }
    }
}

/// A member of a group.
#[derive(Serialize, ToSchema)]
pub(crate) struct Member {
    /// The user's id.
    #[schema(example = "100001")]
    id: String,
    /// His sign-in name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The name that people see.
    #[schema(required = false, max_length = 1024)]
    display_name: String,
    /// The number of his extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: Option<String>,
}

impl From<GroupMember> for Member {
    fn from(member: GroupMember) -> Self {
        Self {
            id: member.id.to_string(),
            name: member.name,
            display_name: member.display_name,
            extension_number: member.extension_number,
        }
    }
}

/// The parameters of a path that names a member.
#[derive(Deserialize)]
pub(crate) struct Membership {
    id: PathId,
    extension_number: String,
}

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<GroupField> {
    match name {
        "id" => Some(GroupField::Id),
        "name" => Some(GroupField::Name),
        "description" => Some(GroupField::Description),
        _ => None,
    }
}

/// List groups
#[utoipa::path(
    get, path = "/groups", tag = "groups", params(ListParams),
    responses((status = 200, body = List<GroupLine>))
)]
pub(crate) async fn list(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<List<GroupLine>>> {
    let listing = directory.list_groups(&grant, &params.0.query(names)?).await?;
    Ok(Json(List::of(listing)))
}

/// Create a group
#[utoipa::path(
    post, path = "/groups", tag = "groups", request_body = CreateGroup,
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    body: Body<CreateGroup>,
) -> Reply<(StatusCode, Json<Created>)> {
    let id = directory.create_group(&grant, body.0.read()?).await?;
    Ok(Created::answer(id))
}

/// Read a group
#[utoipa::path(
    get, path = "/groups/{id}", tag = "groups", params(("id" = String, Path, description = "The group.")),
    responses((status = 200, body = GroupAnswer))
)]
pub(crate) async fn show(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<GroupAnswer>> {
    Ok(Json(directory.group(&grant, group(id.0)).await?.into()))
}

/// Change a group
#[utoipa::path(
    post, path = "/groups/{id}", tag = "groups", params(("id" = String, Path, description = "The group.")),
    request_body = UpdateGroup, responses((status = 200))
)]
pub(crate) async fn update(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateGroup>,
) -> Reply<()> {
    Ok(directory
        .update_group(&grant, group(id.0), body.0.read()?)
        .await?)
}

/// Destroy a group
///
/// Its members stay users.
#[utoipa::path(
    post, path = "/groups/{id}/destroy", tag = "groups",
    params(("id" = String, Path, description = "The group.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_group(&grant, group(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the members of a group
#[utoipa::path(
    get, path = "/groups/{id}/members", tag = "groups",
    params(("id" = String, Path, description = "The group.")),
    responses((status = 200, body = Items<Member>))
)]
pub(crate) async fn members(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<Items<Member>>> {
    let members = directory.group_members(&grant, group(id.0)).await?;
    Ok(Json(Items {
        items: members.into_iter().map(Into::into).collect(),
    }))
}

/// Ask whether an extension is a member
#[utoipa::path(
    get, path = "/groups/{id}/members/{extension_number}", tag = "groups",
    params(
        ("id" = String, Path, description = "The group."),
        ("extension_number" = String, Path, description = "The number of the member's extension.")
    ),
    responses((status = 200, body = Member))
)]
pub(crate) async fn member(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    path: PathOf<Membership>,
) -> Reply<Json<Member>> {
    Ok(Json(
        directory
            .group_member(&grant, group(path.0.id), &path.0.extension_number)
            .await?
            .into(),
    ))
}

/// Make an extension's user a member
///
/// Who is one already stays one.
#[utoipa::path(
    post, path = "/groups/{id}/members/{extension_number}", tag = "groups",
    params(
        ("id" = String, Path, description = "The group."),
        ("extension_number" = String, Path, description = "The number of the user's extension.")
    ),
    responses((status = 200))
)]
pub(crate) async fn add_member(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    path: PathOf<Membership>,
) -> Reply<()> {
    Ok(directory
        .add_group_member(&grant, group(path.0.id), &path.0.extension_number)
        .await?)
}

/// End a membership
#[utoipa::path(
    post, path = "/groups/{id}/members/{extension_number}/destroy", tag = "groups",
    params(
        ("id" = String, Path, description = "The group."),
        ("extension_number" = String, Path, description = "The number of the member's extension.")
    ),
    responses((status = 204))
)]
pub(crate) async fn remove_member(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    path: PathOf<Membership>,
) -> Reply<StatusCode> {
    directory
        .remove_group_member(&grant, group(path.0.id), &path.0.extension_number)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn group(id: PathId) -> GroupId {
    GroupId::new(id.get())
}
