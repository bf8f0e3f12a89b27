//! Extension contacts: the users of the tenant, as each of them sees the others.

use axum::{Json, extract::State, http::StatusCode};
use jackfield_directory::{Changed, Directory, Marked};
use jackfield_domain::UserSummary;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    PathOf, Reply, Target,
    contact_card::{ChangeWord, Changes, SyncToken, TokenPath},
    id::PathId,
};

/// A user who has changed, as he is now; of one who is gone, only the id.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct ExtensionContactChange {
    /// His id.
    #[schema(example = "100001")]
    id: String,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1024)]
    display_name: Option<String>,
    /// His e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    email: Option<String>,
    /// His mobile number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    mobile_phone: Option<String>,
    /// His number at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    work_phone: Option<String>,
    /// His number at home.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    home_phone: Option<String>,
    /// His postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    address: Option<String>,
    /// His department.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 128)]
    department: Option<String>,
    /// Where his picture is. Empty: users have no pictures yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, read_only)]
    avatar_file_url: Option<&'static str>,
    /// The number of his extension, if he has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: Option<String>,
    /// Whether one has marked him.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    favorite: Option<bool>,
    /// What the client has to do.
    #[schema(value_type = ChangeWord)]
    change_type: &'static str,
}

impl From<Changed<Marked<UserSummary>>> for ExtensionContactChange {
    fn from(changed: Changed<Marked<UserSummary>>) -> Self {
        let gone = Self {
            id: changed.id.to_string(),
            change_type: changed.change.word(),
            ..Self::default()
        };
        let Some(Marked {
            value: user,
            favorite,
        }) = changed.now
        else {
            return gone;
        };
        Self {
            display_name: Some(user.display_name),
            email: Some(user.email),
            mobile_phone: Some(user.mobile_phone),
            work_phone: Some(user.work_phone),
            home_phone: Some(user.home_phone),
            address: Some(user.address),
            department: Some(user.department),
            avatar_file_url: Some(""),
            extension_number: user.extension_number,
            favorite: Some(favorite),
            ..gone
        }
    }
}

/// Mark a user as one's favourite
#[utoipa::path(
    post, path = "/user/extension_contacts/{id}/favorite", tag = "extension contacts",
    params(("id" = String, Path, description = "The user.")), responses((status = 200))
)]
pub(crate) async fn favorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory
        .mark_extension_contact(&target, id.0.get(), true)
        .await?)
}

/// Take one's mark off a user
#[utoipa::path(
    post, path = "/user/extension_contacts/{id}/unfavorite", tag = "extension contacts",
    params(("id" = String, Path, description = "The user.")), responses((status = 200))
)]
pub(crate) async fn unfavorite(
    target: Target,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<()> {
    Ok(directory
        .mark_extension_contact(&target, id.0.get(), false)
        .await?)
}

/// Begin to follow the users of the tenant
///
/// The first question with this token is answered with all of them: there is no list of them that every user may read.
#[utoipa::path(
    post, path = "/user/extension_contacts/sync_tokens", tag = "extension contacts",
    responses((status = 201, body = SyncToken))
)]
pub(crate) async fn follow(
    target: Target,
    State(directory): State<Directory>,
) -> Reply<(StatusCode, Json<SyncToken>)> {
    let token = directory.follow_extension_contacts(&target)?;
    Ok((StatusCode::CREATED, Json(SyncToken { token })))
}

/// Ask what has changed in the users of the tenant
///
/// One's own marks count, those of others do not. A token that is unknown, of somebody else or too old gets 403; then begin
/// anew.
#[utoipa::path(
    post, path = "/user/extension_contacts/sync_tokens/{token}/diff", tag = "extension contacts",
    params(("token" = String, Path, description = "The token of the last answer.")),
    responses((status = 200, body = Changes<ExtensionContactChange>))
)]
pub(crate) async fn changes(
    target: Target,
    State(directory): State<Directory>,
    token: TokenPath,
) -> Reply<Json<Changes<ExtensionContactChange>>> {
    let difference = directory.changed_extension_contacts(&target, &token.0).await?;
    Ok(Json(Changes {
        token: difference.token,
        items: difference.changed.into_iter().map(Into::into).collect(),
    }))
}
