//! `/users`: the users of a tenant, for who manages them.

use axum::{
    Json,
    body::Body as ResponseBody,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use jackfield_directory::{Directory, View};
use jackfield_domain::{
    Error, Field, NewPassword, Result, Rule, UserId, Violation, Violations,
    capability::{ManageBilling, ManageUsers},
};
use jackfield_edge::Input;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Body, Granted, Params, PathOf, Reply, Target,
    id::{Created, PathId},
    money::{Balance, SetBalance},
    page::ListParams,
    user_answer::{UserAnswer, UsersAnswer},
    user_body::{CreateUser, UpdateUser},
    user_columns, user_view,
};

/// The name under which finished answers of this form are remembered.
const VIEW: &str = "portsip.user";

/// Lists the users of the tenant.
#[utoipa::path(get, path = "/users", tag = "users", params(ListParams), responses((status = 200, body = UsersAnswer)))]
pub(crate) async fn list(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ListParams>,
) -> Reply<Response> {
    let query = user_columns::translate(params.0.query(user_columns::named)?);
    let listing = directory.list_users(&grant, &query).await?;
    Ok(json(user_view::users(&listing)?))
}

/// Creates a user with his extension.
#[utoipa::path(
    post, path = "/users", tag = "users",
    request_body = CreateUser,
    responses((status = 201, body = Created))
)]
pub(crate) async fn create(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    body: Body<CreateUser>,
) -> Reply<(StatusCode, Json<Created>)> {
    let (new, found) = body.0.into_new_user();
    Ok(Created::answer(
        directory.create_user_from(&grant, new, found).await?,
    ))
}

/// Reads a user.
#[utoipa::path(
    get, path = "/users/{user_id}", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = UserAnswer), (status = 304, description = "The user is as `If-None-Match` knows him."))
)]
pub(crate) async fn read(
    target: Target,
    State(directory): State<Directory>,
    headers: HeaderMap,
) -> Reply<Response> {
    let view = directory.user_view(&target, VIEW, user_view::user).await?;
    Ok(tagged(view, &headers))
}

/// Changes a user. Fields that are left out stay as they are.
#[utoipa::path(
    post, path = "/users/{user_id}", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = UpdateUser,
    responses((status = 200))
)]
pub(crate) async fn update(
    target: Target,
    State(directory): State<Directory>,
    body: Body<UpdateUser>,
) -> Reply<()> {
    Ok(directory.update_user(&target, body.0.into_patch()?).await?)
}

/// Destroys a user, his extension and everything else of his.
#[utoipa::path(
    post, path = "/users/{user_id}/destroy", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.destroy_user(&grant, UserId::new(id.0.get())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password for a user.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SetPassword {
    /// The password, as the tenant's policy wants it.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    password: Input<String>,
}

impl SetPassword {
    fn password(self) -> Result<String> {
        only(self.password, Field::Password)
    }
}

/// Gives a user another password. His sessions end.
#[utoipa::path(
    post, path = "/users/{user_id}/password", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = SetPassword,
    responses((status = 200))
)]
pub(crate) async fn set_password(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<SetPassword>,
) -> Reply<()> {
    let password = NewPassword::Plain(body.0.password()?);
    Ok(directory
        .set_password(&grant, UserId::new(id.0.get()), password)
        .await?)
}

/// Gives a user's SIP devices another password.
#[utoipa::path(
    post, path = "/users/{user_id}/extension_password", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = SetPassword,
    responses((status = 200))
)]
pub(crate) async fn set_extension_password(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<SetPassword>,
) -> Reply<()> {
    let password = body.0.password()?;
    Ok(directory
        .set_extension_password(&grant, UserId::new(id.0.get()), &password)
        .await?)
}

/// A role to give.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SetRole {
    /// The name of a role of the tenant.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
    role: Input<String>,
}

/// Gives a user another role. Nobody hands out a permission that he lacks himself.
#[utoipa::path(
    post, path = "/users/{user_id}/role", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = SetRole,
    responses((status = 200))
)]
pub(crate) async fn set_role(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<SetRole>,
) -> Reply<()> {
    let role = only(body.0.role, Field::Role)?;
    Ok(directory.set_role(&grant, UserId::new(id.0.get()), &role).await?)
}

/// Replaces the file that sets up a user's softphone; the former address stops working.
#[utoipa::path(
    post, path = "/users/{user_id}/profile", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200))
)]
pub(crate) async fn reset_profile(target: Target, State(directory): State<Directory>) -> Reply<()> {
    Ok(directory.reset_profile(&target).await?)
}

/// Whose file to replace.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProfileParams {
    /// The id of one user. Without it, the files of all enabled users of the tenant are replaced.
    #[serde(default)]
    #[param(value_type = String, required = false)]
    id: Option<PathId>,
}

/// Replaces the files that set up the softphones of one user or of all enabled ones.
#[utoipa::path(post, path = "/users/profile", tag = "users", params(ProfileParams), responses((status = 200)))]
pub(crate) async fn reset_profiles(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    params: Params<ProfileParams>,
) -> Reply<()> {
    let Some(user) = params.0.id else {
        return Ok(directory.reset_profiles(&grant).await?);
    };
    let owner = grant.caller().owner_of(UserId::new(user.get()))?;
    Ok(directory.reset_profile(&owner).await?)
}

/// An identity in Microsoft 365.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct BindIdentity {
    /// The object id or the principal name of the user there.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 256, example = "alice@example.com")]
    id: Input<String>,
}

/// Binds a user to his identity in Microsoft 365.
#[utoipa::path(
    post, path = "/users/{user_id}/ms365_binding", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = BindIdentity,
    responses((status = 200))
)]
pub(crate) async fn bind(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<BindIdentity>,
) -> Reply<()> {
    let identity = only(body.0.id, Field::ExternalIdentity)?;
    Ok(directory
        .bind_external_identity(&grant, UserId::new(id.0.get()), &identity)
        .await?)
}

/// Ends the binding of a user to Microsoft 365.
#[utoipa::path(
    post, path = "/users/{user_id}/ms365_binding/destroy", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 204))
)]
pub(crate) async fn unbind(
    grant: Granted<ManageUsers>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory
        .unbind_external_identity(&grant, UserId::new(id.0.get()))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what is left of a user's credit.
#[utoipa::path(
    get, path = "/users/{user_id}/balance", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    responses((status = 200, body = Balance))
)]
pub(crate) async fn balance(target: Target, State(directory): State<Directory>) -> Reply<Json<Balance>> {
    Ok(Json(Balance::of(directory.balance(&target).await?)?))
}

/// Sets a user's credit. It is set, not added to; the journal keeps the difference.
#[utoipa::path(
    post, path = "/users/{user_id}/balance", tag = "users",
    params(("user_id" = String, Path, description = "The user's id.")),
    request_body = SetBalance,
    responses((status = 200))
)]
pub(crate) async fn set_balance(
    grant: Granted<ManageBilling>,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
    body: Body<SetBalance>,
) -> Reply<()> {
    let amount = body.0.amount()?;
    Ok(directory
        .set_balance(&grant, UserId::new(id.0.get()), amount)
        .await?)
}

/// The value of a body that has only this field.
fn only(input: Input<String>, field: Field) -> Result<String> {
    let mut found = Violations::new();
    let value = input.required(&mut found, field);
    found.finish()?;
    value.ok_or_else(|| Error::invalid(Violation::new(field, Rule::Required)))
}

/// A finished body of JSON.
fn json(bytes: Bytes) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], ResponseBody::from(bytes)).into_response()
}

/// The answer about a user, or, to a client that knows this version of him already, that there is nothing new (RFC 9110
/// §13.1.2).
pub(crate) fn tagged(view: View, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", view.version);
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| names(list, &tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(view.bytes)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether a list of tags names this one. A weak tag counts as its strong twin.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_knows_the_version_gets_no_body() {
        for (header, known) in [
            (None, false),
            (Some("\"7\""), true),
            (Some("W/\"7\""), true),
            (Some("\"6\", \"7\""), true),
            (Some("*"), true),
            (Some("\"77\""), false),
            (Some("7"), false),
            (Some(""), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(header));
            }
            let view = View {
                bytes: Bytes::from_static(b"{}"),
                version: 7,
            };
            let response = tagged(view, &headers);
            let expected = if known {
                StatusCode::NOT_MODIFIED
            } else {
                StatusCode::OK
            };
            assert_eq!(response.status(), expected, "{header:?}");
            assert_eq!(response.headers()[header::ETAG], "\"7\"");
            assert_eq!(response.headers().contains_key(header::CONTENT_TYPE), !known);
        }
    }
}
