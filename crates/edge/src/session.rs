//! Who asks, and what they may.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use jackfield_directory::Directory;
use jackfield_domain::{Caller, Capability, Error, Grant, KeyRight, Reporter};

use crate::{Dialect, Failure, context};

/// The caller behind the request's token. Without a valid token the request ends as unauthenticated.
///
/// `Option<Session<D>>` is for the few operations that a caller may use with and without a session.
pub struct Session<D> {
    /// The caller.
    pub caller: Arc<Caller>,
    dialect: PhantomData<fn() -> D>,
}

impl<D> Deref for Session<D> {
    type Target = Arc<Caller>;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl<D, S> FromRequestParts<S> for Session<D>
where
    D: Dialect,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let token = D::token(parts).ok_or(Error::Unauthenticated)?;
        let caller = D::authenticate(&Directory::from_ref(state), &token).await?;
        context::note_caller(&caller);
        Ok(Self {
            caller,
            dialect: PhantomData,
        })
    }
}

impl<D, S> OptionalFromRequestParts<S> for Session<D>
where
    D: Dialect,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(session) => Ok(Some(session)),
            Err(failure) if matches!(failure.error(), Some(Error::Unauthenticated)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// The caller's right to `C`. A use case that takes a [`Grant`] cannot be called from a handler that does not ask for this.
pub struct Granted<D, C> {
    /// The proof.
    pub grant: Grant<C>,
    dialect: PhantomData<fn() -> D>,
}

impl<D, C> Deref for Granted<D, C> {
    type Target = Grant<C>;

    fn deref(&self) -> &Self::Target {
        &self.grant
    }
}

impl<D, C, S> FromRequestParts<S> for Granted<D, C>
where
    D: Dialect,
    C: Capability,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session = <Session<D> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self {
            grant: session.caller.grant()?,
            dialect: PhantomData,
        })
    }
}

/// The right to report what happened on the telephone system: the key of an engine. A session of a person is refused as such,
/// so that whoever confuses the two is told.
pub struct Reporting<D> {
    /// The proof.
    pub reporter: Reporter,
    dialect: PhantomData<fn() -> D>,
}

impl<D> Deref for Reporting<D> {
    type Target = Reporter;

    fn deref(&self) -> &Self::Target {
        &self.reporter
    }
}

impl<D, S> FromRequestParts<S> for Reporting<D>
where
    D: Dialect,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let token = D::token(parts).ok_or(Error::Unauthenticated)?;
        let directory = Directory::from_ref(state);
        let caller = if Directory::is_key(&token) {
            directory.authenticate_key(&token).await?
        } else {
            directory.authenticate(&token).await?
        };
        context::note_caller(&caller);
        Ok(Self {
            reporter: caller.reporter()?,
            dialect: PhantomData,
        })
    }
}

/// The caller behind a key that an account owns, with the permission `P` of the key. A session of a person is refused as a key
/// that is unknown.
pub struct Keyed<D, P> {
    /// The caller: the owner of the key.
    pub caller: Arc<Caller>,
    kind: PhantomData<fn() -> (D, P)>,
}

impl<D, P> Deref for Keyed<D, P> {
    type Target = Arc<Caller>;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl<D, P, S> FromRequestParts<S> for Keyed<D, P>
where
    D: Dialect,
    P: KeyRight,
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let key = D::token(parts).ok_or(Error::Unauthenticated)?;
        let holder = Directory::from_ref(state).authenticate_holder(&key).await?;
        let caller = holder.may(P::PERMISSION)?;
        context::note_caller(&caller);
        Ok(Self {
            caller,
            kind: PhantomData,
        })
    }
}
