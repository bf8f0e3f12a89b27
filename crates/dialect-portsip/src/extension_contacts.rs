//! Extension contacts: the users of the tenant, as each of them sees the others.

use axum::extract::State;
use jackfield_directory::{Changed, Difference, Directory, Marked};
use jackfield_domain::{Result, UserSummary};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    PathOf, Reply, Target,
    follow::{ChangeWord, Followed, FromNow, follow},
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
    /// The address of his picture, without the server's own; empty without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, read_only)]
    avatar_file_url: Option<String>,
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
            avatar_file_url: Some(
                user.avatar
                    .map(|avatar| crate::blobs::url(&avatar.key))
                    .unwrap_or_default(),
            ),
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

/// The users of the tenant, to be followed.
pub(crate) struct ExtensionContacts;

impl Followed for ExtensionContacts {
    type Who = Target;
    type From = FromNow;
    type Record = Marked<UserSummary>;
    type Change = ExtensionContactChange;

    async fn begin(directory: &Directory, who: &Target, _: &FromNow) -> Result<String> {
        directory.follow_extension_contacts(who)
    }

    async fn changes(directory: &Directory, who: &Target, token: &str) -> Result<Difference<Self::Record>> {
        directory.changed_extension_contacts(who, token).await
    }

    fn change(changed: Changed<Self::Record>) -> ExtensionContactChange {
        changed.into()
    }
}

follow! {
    ExtensionContacts, tag "extension contacts", change ExtensionContactChange,
    /// Begin to follow the users of the tenant
    ///
    /// The first question with this token is answered with all of them: there is no list of them that every user may read.
    begin "/user/extension_contacts/sync_tokens",
    /// Ask what has changed in the users of the tenant
    ///
    /// One's own marks count, those of others do not. A token that is unknown, of somebody else or too old gets 403; then begin
    /// anew.
    diff "/user/extension_contacts/sync_tokens/{token}/diff"
}
