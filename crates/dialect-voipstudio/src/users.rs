//! The users of a tenant.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jackfield_directory::Directory;
use jackfield_domain::{
    Field, GroupId, Result, UserField, UserId, UserPlacement, Violations, capability::ManageUsers,
};
use jackfield_edge::{Expected, Input, Place, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    Granted, ListBody, Params, PathId, PathOf, Reply, Target,
    envelope::{Many, One},
    listing::ListParams,
    user_view::{UserAnswer, WithGroups},
};

/// The names under which finished answers are remembered: what they say of the tenant is part of the name.
const VIEW: &str = "voipstudio.user";
const VIEW_WITH_CODE: &str = "voipstudio.user.2fa";

/// A user in a list takes about so many bytes.
const ROW_BYTES: usize = 384;

/// The fields by which the list can be filtered and ordered.
fn names(name: &str) -> Option<UserField> {
    match name {
        "id" => Some(UserField::Id),
        "active" => Some(UserField::Enabled),
        "created_at" => Some(UserField::CreatedAt),
        "email" => Some(UserField::Email),
        "roles" => Some(UserField::Role),
        "ext" => Some(UserField::ExtensionNumber),
        "dnd" => Some(UserField::Dnd),
        "location_id" => Some(UserField::Location),
        _ => None,
    }
}

/// List users
#[utoipa::path(
    get, path = "/users", tag = "users", params(ListParams, WithGroups),
    responses((status = 200, body = Many<UserAnswer>))
)]
pub(crate) async fn list(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
    with: Params<WithGroups>,
) -> Reply<Response> {
    let listing = directory.list_users(&grant, &params.0.query(names)?).await?;
    let facts = directory.tenant_facts(grant.tenant()).await?;
    let total = listing.total;
    let mut data: Vec<UserAnswer> = listing
        .items
        .into_iter()
        .map(|user| UserAnswer::of_line(user, grant.tenant(), &facts))
        .collect();
    if with.0.wanted() {
        let ids: Vec<UserId> = data.iter().map(|user| UserId::new(user.id)).collect();
        let memberships = directory.groups_of_users(&grant, &ids).await?;
        for user in &mut data {
            let own = memberships.iter().filter(|(member, _)| member.get() == user.id);
            user.groups = Some(own.map(|(_, group)| with.0.narrow(group)).collect());
        }
    }
    let page = Many {
        total,
        ..Many::whole(data)
    };
    Ok(page.printed(ROW_BYTES)?)
}

/// A change of one user among several.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct Placement {
    /// The user.
    #[serde(default)]
    #[schema(value_type = i64, required = true)]
    id: Input<i64>,
    /// Where he works: any number that your programs agree on. `null` for nowhere.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0)]
    location_id: Input<i64>,
    /// The ids of all groups that he is in from now on.
    #[serde(default)]
    #[schema(value_type = Vec<i64>, required = false)]
    groups: Input<Vec<Input<i64>>>,
}

impl Expected for Placement {
    const WORDS: &'static str = "an object with id, location_id and groups";
}

fn read(list: Vec<Input<Placement>>) -> Result<Vec<UserPlacement>> {
    let mut found = Violations::new();
    let mut placements = Vec::with_capacity(list.len());
    for (index, entry) in list.into_iter().enumerate() {
        let place = |field: Field| Place::from(field).entry(index);
        let Some(entry) = entry.required(&mut found, Place::from(Field::Body).entry(index)) else {
            continue;
        };
        let id = entry.id.required(&mut found, place(Field::Id));
        let placement = UserPlacement {
            user: UserId::new(id.unwrap_or(-1)),
            location: entry.location_id.patch_option(&mut found, place(Field::Location)),
            groups: entry
                .groups
                .entries(&mut found, place(Field::Groups), |id, _, _| GroupId::new(id))
                .patch(&mut found, place(Field::Groups)),
        };
        if id.is_some() {
            placements.push(placement);
        }
    }
    conclude(found, || UserPlacement::check(&placements))?;
    Ok(placements)
}

/// Change where users work and which groups they are in
///
/// All users of the array are changed, or none of them: an id that is unknown, of a user or of a group, changes nothing.
#[utoipa::path(
    patch, path = "/users", tag = "users", params(WithGroups), request_body = Vec<Placement>,
    responses((status = 200, body = Many<UserAnswer>))
)]
pub(crate) async fn place(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    with: Params<WithGroups>,
    body: ListBody<Input<Placement>>,
) -> Reply<Json<Many<UserAnswer>>> {
    let users = directory.place_users(&grant, &read(body.0)?).await?;
    let facts = directory.tenant_facts(grant.tenant()).await?;
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let mut data: Vec<UserAnswer> = users.iter().map(|user| UserAnswer::of(user, &facts)).collect();
    if with.0.wanted() {
        let memberships = directory.groups_of_users(&grant, &ids).await?;
        for user in &mut data {
            let own = memberships.iter().filter(|(member, _)| member.get() == user.id);
            user.groups = Some(own.map(|(_, group)| with.0.narrow(group)).collect());
        }
    }
    Ok(Json(Many::whole(data)))
}

/// Read a user
#[utoipa::path(
    get, path = "/users/{user_id}", tag = "users",
    params(("user_id" = i64, Path, description = "The user."), WithGroups),
    responses((status = 200, body = One<UserAnswer>))
)]
pub(crate) async fn show(
    target: Target,
    State(directory): State<Directory>,
    with: Params<WithGroups>,
) -> Reply<Response> {
    let facts = directory.tenant_facts(target.tenant()).await?;
    if with.0.wanted() {
        let mut user = UserAnswer::of(&directory.user(&target).await?, &facts);
        let groups = directory.groups_of(&target).await?;
        user.groups = Some(groups.iter().map(|group| with.0.narrow(group)).collect());
        return Ok(Json(One::<UserAnswer>::of(user)).into_response());
    }
    let name = if facts.demands_code { VIEW_WITH_CODE } else { VIEW };
    let view = directory
        .user_view(&target, name, |user, _| UserAnswer::finished(user, &facts))
        .await?;
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((json, view.bytes).into_response())
}

/// Destroy a user
///
/// His extension and everything else of his goes with him.
#[utoipa::path(
    delete, path = "/users/{user_id}", tag = "users",
    params(("user_id" = i64, Path, description = "The user.")), responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_user(&grant, UserId::new(id.0.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}
