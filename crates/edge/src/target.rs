//! Whose records a request concerns.

use std::{marker::PhantomData, ops::Deref};

use axum::{
    extract::{FromRef, FromRequestParts, RawPathParams},
    http::request::Parts,
};
use jackfield_directory::Directory;
use jackfield_domain::{Error, Owner, Permitted, RecordCapability, Thing, UserId, capability::ManageUsers};

use crate::{Dialect, Failure, Refusal, Session};

/// The name of the path's parameter that names a user. The same in every dialect: clients never see it.
const PARAMETER: &str = "user_id";
/// Stands for the caller in a path.
const ME: &str = "@me";

/// The user that the path names in its parameter `user_id`, or the caller when it names none or `@me`. The right to that
/// user's records is already checked; whether he exists is for the directory to say.
pub struct Target<D> {
    /// The proof.
    pub owner: Owner,
    dialect: PhantomData<fn() -> D>,
}

impl<D> Deref for Target<D> {
    type Target = Owner;

    fn deref(&self) -> &Self::Target {
        &self.owner
    }
}

impl<D, S> FromRequestParts<S> for Target<D>
where
    D: Dialect,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session = <Session<D> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let path = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|problem| Refusal::PathParameter(problem.body_text()))?;
        let named = path
            .iter()
            .find_map(|(name, value)| (name == PARAMETER).then_some(value));
        let owner = match named {
            None | Some(ME) => session.own()?,
            Some(text) => {
                let Some(id) = D::id(text) else {
                    // Who may not manage users is told so whatever he asks for; to all others there is no such user.
                    session.grant::<ManageUsers>()?;
                    return Err(Error::Absent(Thing::User).into());
                };
                session.owner_of(UserId::new(id))?
            }
        };
        Ok(Self {
            owner,
            dialect: PhantomData,
        })
    }
}

/// The same, with the right to something that owning the records is not enough for.
pub struct Allowed<D, C> {
    /// The proof.
    pub owner: Permitted<C>,
    dialect: PhantomData<fn() -> D>,
}

impl<D, C> Deref for Allowed<D, C> {
    type Target = Permitted<C>;

    fn deref(&self) -> &Self::Target {
        &self.owner
    }
}

impl<D, C, S> FromRequestParts<S> for Allowed<D, C>
where
    D: Dialect,
    C: RecordCapability,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let target = Target::<D>::from_request_parts(parts, state).await?;
        Ok(Self {
            owner: target.owner.permitted()?,
            dialect: PhantomData,
        })
    }
}
