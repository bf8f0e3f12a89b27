//! Groups of call queues.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, Item, LabelField, NewQueueGroup, Owned, QueueGroupPatch, Result, Violations,
    capability::{ManagePhoneSystem, ViewPhoneSystem},
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Body, Granted, Params, PathId, PathOf, Reply,
    envelope::{Many, One},
    listing::ListParams,
};

/// A group of queues to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct CreateQueueGroup {
    /// Its name, unique in the tenant without regard to case.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    name: Input<String>,
}

impl CreateQueueGroup {
    fn read(self) -> Result<NewQueueGroup> {
        let mut found = Violations::new();
        let new = NewQueueGroup {
            name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
        };
        conclude(found, || jackfield_domain::QueueGroup::check(&new))?;
        Ok(new)
    }
}

/// A change to a group of queues: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpdateQueueGroup {
    /// Another name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Input<String>,
}

impl UpdateQueueGroup {
    fn read(self) -> Result<QueueGroupPatch> {
        let mut found = Violations::new();
        let patch = QueueGroupPatch {
            name: self.name.patch(&mut found, Field::Name),
        };
        found.finish()?;
        Ok(patch)
    }
}

/// A group of queues.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueGroup {
    /// Its id.
    #[schema(example = 100_001)]
    id: i64,
    /// Its name.
    name: String,
}

impl From<Item<jackfield_domain::QueueGroup>> for QueueGroup {
    fn from(item: Item<jackfield_domain::QueueGroup>) -> Self {
        Self {
            id: item.id,
            name: item.value.name,
        }
    }
}

fn names(name: &str) -> Option<LabelField> {
    match name {
        "id" => Some(LabelField::Id),
        "name" => Some(LabelField::Name),
        _ => None,
    }
}

/// List groups of queues
#[utoipa::path(
    get, path = "/queuegroups", tag = "queue groups", params(ListParams),
    responses((status = 200, body = Many<QueueGroup>))
)]
pub(crate) async fn list(
    grant: Granted<ViewPhoneSystem>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Json<Many<QueueGroup>>> {
    let query = params.0.query(names)?;
    Ok(Json(Many::of(directory.list_queue_groups(&grant, &query).await?)))
}

/// Create a group of queues
#[utoipa::path(
    post, path = "/queuegroups", tag = "queue groups", request_body = CreateQueueGroup,
    responses((status = 201, body = One<QueueGroup>))
)]
pub(crate) async fn create(
    grant: Granted<ManagePhoneSystem>,
    State(directory): State<Directory>,
    body: Body<CreateQueueGroup>,
) -> Reply<(StatusCode, Json<One<QueueGroup>>)> {
    let id = directory.create_queue_group(&grant, body.0.read()?).await?;
    let made = directory.queue_group(&grant.caller().grant()?, id).await?;
    Ok((StatusCode::CREATED, Json(One::of(made))))
}

/// Read a group of queues
#[utoipa::path(
    get, path = "/queuegroups/{id}", tag = "queue groups", params(("id" = i64, Path, description = "The group of queues.")),
    responses((status = 200, body = One<QueueGroup>))
)]
pub(crate) async fn show(
    grant: Granted<ViewPhoneSystem>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<Json<One<QueueGroup>>> {
    Ok(Json(One::of(directory.queue_group(&grant, id.0.0).await?)))
}

/// Change a group of queues
#[utoipa::path(
    patch, path = "/queuegroups/{id}", tag = "queue groups", params(("id" = i64, Path, description = "The group of queues.")),
    request_body = UpdateQueueGroup, responses((status = 200, body = One<QueueGroup>))
)]
pub(crate) async fn update(
    grant: Granted<ManagePhoneSystem>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<UpdateQueueGroup>,
) -> Reply<Json<One<QueueGroup>>> {
    directory
        .update_queue_group(&grant, id.0.0, body.0.read()?)
        .await?;
    let changed = directory.queue_group(&grant.caller().grant()?, id.0.0).await?;
    Ok(Json(One::of(changed)))
}

/// Destroy a group of queues
#[utoipa::path(
    delete, path = "/queuegroups/{id}", tag = "queue groups", params(("id" = i64, Path, description = "The group of queues.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManagePhoneSystem>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_queue_group(&grant, id.0.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
