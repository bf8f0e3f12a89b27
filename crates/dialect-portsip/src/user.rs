//! `/user`: the caller himself.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use jackfield_directory::Directory;
use jackfield_domain::{Field, Result, Violations};
use jackfield_edge::Input;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    Body, Reply, Target, caller_ids::PlainCallerIdWire, money::Balance, page::Items,
    user_answer::OwnUserAnswer, user_body::UpdateOwnUser, user_view, users::tagged,
};

/// The name under which finished answers of this form are remembered.
const VIEW: &str = "portsip.own_user";

/// Reads the caller himself.
#[utoipa::path(
    get, path = "/user", tag = "user",
    responses((status = 200, body = OwnUserAnswer), (status = 304, description = "Nothing is new since `If-None-Match`."))
)]
pub(crate) async fn read(
    target: Target,
    State(directory): State<Directory>,
    headers: HeaderMap,
) -> Reply<Response> {
    let view = directory.user_view(&target, VIEW, user_view::own_user).await?;
    Ok(tagged(view, &headers))
}

/// Changes the caller himself. Fields that are left out stay as they are.
#[utoipa::path(post, path = "/user", tag = "user", request_body = UpdateOwnUser, responses((status = 200)))]
pub(crate) async fn update(
    target: Target,
    State(directory): State<Directory>,
    body: Body<UpdateOwnUser>,
) -> Reply<()> {
    Ok(directory.update_user(&target, body.0.into_patch()?).await?)
}

/// An old password and the one that replaces it.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChangePassword {
    /// The password until now.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    old_password: Input<String>,
    /// The password from now on, as the tenant's policy wants it.
    #[serde(default)]
    #[schema(value_type = String, required = true)]
    new_password: Input<String>,
}

impl ChangePassword {
    /// The old one and the new one.
    fn both(self) -> Result<(String, String)> {
        let mut found = Violations::new();
        let old = self.old_password.required(&mut found, Field::OldPassword);
        let new = self.new_password.required(&mut found, Field::NewPassword);
        found.finish()?;
        Ok((old.unwrap_or_default(), new.unwrap_or_default()))
    }
}

/// Changes the caller's password. His other sessions end.
#[utoipa::path(post, path = "/user/password", tag = "user", request_body = ChangePassword, responses((status = 200)))]
pub(crate) async fn change_password(
    target: Target,
    State(directory): State<Directory>,
    body: Body<ChangePassword>,
) -> Reply<()> {
    let (old, new) = body.0.both()?;
    Ok(directory.change_password(&target, &old, &new).await?)
}

/// Changes the password of the caller's SIP devices.
#[utoipa::path(
    post, path = "/user/extension_password", tag = "user",
    request_body = ChangePassword,
    responses((status = 200))
)]
pub(crate) async fn change_extension_password(
    target: Target,
    State(directory): State<Directory>,
    body: Body<ChangePassword>,
) -> Reply<()> {
    let (old, new) = body.0.both()?;
    Ok(directory.change_extension_password(&target, &old, &new).await?)
}

/// Replaces the file that sets up the caller's softphone; the former address stops working.
#[utoipa::path(post, path = "/user/profile", tag = "user", responses((status = 200)))]
pub(crate) async fn reset_profile(target: Target, State(directory): State<Directory>) -> Reply<()> {
    Ok(directory.reset_profile(&target).await?)
}

/// Reads what is left of the caller's credit.
#[utoipa::path(get, path = "/user/balance", tag = "user", responses((status = 200, body = Balance)))]
pub(crate) async fn balance(target: Target, State(directory): State<Directory>) -> Reply<Json<Balance>> {
    Ok(Json(Balance::of(directory.balance(&target).await?)?))
}

/// Lists the caller ids that the caller may show: his own, his groups' and the tenant's.
#[utoipa::path(
    get, path = "/user/outbound_caller_ids", tag = "user",
    responses((status = 200, body = Items<PlainCallerIdWire>))
)]
pub(crate) async fn outbound_caller_ids(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<Json<Items<PlainCallerIdWire>>> {
    let list = directory.outbound_caller_ids(&target).await?;
    let items = list.iter().map(PlainCallerIdWire::from).collect();
    Ok(Json(Items { items }))
}
