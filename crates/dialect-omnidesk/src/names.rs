//! The three operations that each change one name of a user.

use axum::{Json, extract::State};
use jackfield_directory::{Directory, ProfilePatch};
use jackfield_domain::{
    Field, Patch, PersonNamePatch, Result, UserId, Violations, capability::ManageUsers,
    key_right::ManageUsers as Cud,
};
use jackfield_edge::Input;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    Fields, Keyed, Reply, at,
    envelope::Done,
    patterns,
    who::{Who, username},
};

/// Another user name.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChangeUsername {
    /// The user.
    #[serde(default)]
    #[schema(value_type = i64, required = true)]
    id: Input<Who>,
    /// The name that he signs in with from now on, unique in the tenant.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 2, max_length = 64)]
    username: Input<String>,
}

/// Another first name.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChangeFirstname {
    /// The user.
    #[serde(default)]
    #[schema(value_type = i64, required = true)]
    id: Input<Who>,
    /// His first name from now on.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1)]
    firstname: Input<String>,
}

/// Another last name.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ChangeLastname {
    /// The user.
    #[serde(default)]
    #[schema(value_type = i64, required = true)]
    id: Input<Who>,
    /// His last name from now on.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1)]
    lastname: Input<String>,
}

/// Changes one name, when the request was right.
async fn change(
    key: Keyed<Cud>,
    directory: Directory,
    id: Input<Who>,
    name: impl FnOnce(&mut Violations) -> ProfilePatch,
) -> Result<()> {
    let mut found = Violations::new();
    let who = id.required(&mut found, at("id")).unwrap_or_default();
    let patch = name(&mut found);
    found.finish()?;
    let user: UserId = who.id(&key.caller)?;
    directory
        .update_profile(&key.grant::<ManageUsers>()?, user, patch)
        .await
}

fn person(first: Patch<String>, last: Patch<String>) -> ProfilePatch {
    ProfilePatch {
        person: PersonNamePatch { first, last },
        ..ProfilePatch::default()
    }
}

/// Update a user name
#[utoipa::path(
    put, path = "/user/usernameUpdate", tag = "user", request_body = ChangeUsername,
    responses((status = 200, body = Done))
)]
pub(crate) async fn user_name(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<ChangeUsername>,
) -> Reply<Json<Done>> {
    let ChangeUsername { id, username: name } = body.0;
    change(key, directory, id, |found| ProfilePatch {
        name: username(name).required(found, Field::Username).into(),
        ..ProfilePatch::default()
    })
    .await?;
    Ok(Done::say("User name updated."))
}

/// Update a first name
#[utoipa::path(
    put, path = "/user/firstnameUpdate", tag = "user", request_body = ChangeFirstname,
    responses((status = 200, body = Done))
)]
pub(crate) async fn first_name(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<ChangeFirstname>,
) -> Reply<Json<Done>> {
    let ChangeFirstname { id, firstname } = body.0;
    change(key, directory, id, |found| {
        let name = patterns::PERSON
            .check(firstname)
            .required(found, Field::FirstName);
        person(name.into(), Patch::Keep)
    })
    .await?;
    Ok(Done::say("First name updated."))
}

/// Update a last name
#[utoipa::path(
    put, path = "/user/lastnameUpdate", tag = "user", request_body = ChangeLastname,
    responses((status = 200, body = Done))
)]
pub(crate) async fn last_name(
    key: Keyed<Cud>,
    State(directory): State<Directory>,
    body: Fields<ChangeLastname>,
) -> Reply<Json<Done>> {
    let ChangeLastname { id, lastname } = body.0;
    change(key, directory, id, |found| {
        let name = patterns::PERSON.check(lastname).required(found, Field::LastName);
        person(Patch::Keep, name.into())
    })
    .await?;
    Ok(Done::say("Last name updated."))
}
