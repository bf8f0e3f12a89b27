//! Policies for groups of users.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, GroupPolicy, GroupPolicyPatch, Item, LabelField, NewGroupPolicy, Owned, Result, Violations,
    capability::ManageUsers,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathId, PathOf, Reply,
    envelope::{Many, One},
    listing::ListParams,
};

/// A policy to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateUserGroupPolicy {
    /// Its name, unique in the tenant without regard to case.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// The colour that programs show it in.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    color: Input<String>,
}

impl CreateUserGroupPolicy {
    fn read(self) -> Result<NewGroupPolicy> {
        let mut found = Violations::new();
        let new = NewGroupPolicy {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
            color: self.color.optional(&mut found, Field::Color).unwrap_or_default(),
        };
        conclude(found, || GroupPolicy::check(&new))?;
        Ok(new)
    }
}

/// A change to a policy: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateUserGroupPolicy {
    /// Another name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Input<String>,
    /// Another colour.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 32)]
    color: Input<String>,
}

impl UpdateUserGroupPolicy {
    fn read(self) -> Result<GroupPolicyPatch> {
        let mut found = Violations::new();
        let patch = GroupPolicyPatch {
            name: self.name.patch(&mut found, Field::Name),
            color: self.color.patch_or_default(&mut found, Field::Color),
        };
        conclude(found, || GroupPolicy::default().check_patch(&patch))?;
        Ok(patch)
    }
}

/// A policy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserGroupPolicy {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// The colour that programs show it in; empty when none was chosen.
    color: String,
    /// Its name.
    name: String,
}

impl From<Item<GroupPolicy>> for UserGroupPolicy {
    fn from(item: Item<GroupPolicy>) -> Self {
        Self {
            id: item.id,
            color: item.value.color,
            name: item.value.name,
        }
    }
}

fn names(name: &str) -> Option<LabelField> {
    match name {
        "id" => Some(LabelField::Id),
        "name" => Some(LabelField::Name),
        "color" => Some(LabelField::Color),
        _ => None,
    }
}

/// List policies for groups of users
#[utoipa::path(
    get, path = "/usergrouppolicies", tag = "user group policies", params(ListParams),
    responses((status = 200, body = Many<UserGroupPolicy>))
)]
pub(crate) async fn list(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<UserGroupPolicy>>> {
    let query = params.0.query(names)?;
    Ok(Json(Many::of(
        directory.list_group_policies(&grant, &query).await?,
    )))
}

/// Create a policy
#[utoipa::path(
    post, path = "/usergrouppolicies", tag = "user group policies", request_body = CreateUserGroupPolicy,
    responses((status = 201, body = One<UserGroupPolicy>))
)]
pub(crate) async fn create(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    body: Body<CreateUserGroupPolicy>,
) -> Reply<(StatusCode, Json<One<UserGroupPolicy>>)> {
    let id = directory.create_group_policy(&grant, body.0.read()?).await?;
    let made = directory.group_policy(&grant.caller().grant()?, id).await?;
    Ok((StatusCode::CREATED, Json(One::of(made))))
}

/// Read a policy
#[utoipa::path(
    get, path = "/usergrouppolicies/{id}", tag = "user group policies", params(("id" = i64, Path, description = "The policy.")),
    responses((status = 200, body = One<UserGroupPolicy>))
)]
pub(crate) async fn show(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<One<UserGroupPolicy>>> {
    Ok(Json(One::of(directory.group_policy(&grant, id.0.0).await?)))
}

/// Change a policy
#[utoipa::path(
    patch, path = "/usergrouppolicies/{id}", tag = "user group policies", params(("id" = i64, Path, description = "The policy.")),
    request_body = UpdateUserGroupPolicy, responses((status = 200, body = One<UserGroupPolicy>))
)]
pub(crate) async fn update(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateUserGroupPolicy>,
) -> Reply<Json<One<UserGroupPolicy>>> {
    directory
        .update_group_policy(&grant, id.0.0, body.0.read()?)
        .await?;
    let changed = directory.group_policy(&grant.caller().grant()?, id.0.0).await?;
    Ok(Json(One::of(changed)))
}

/// Destroy a policy
#[utoipa::path(
    delete, path = "/usergrouppolicies/{id}", tag = "user group policies", params(("id" = i64, Path, description = "The policy.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_group_policy(&grant, id.0.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
