//! Parameters of the query and of the path.

use std::marker::PhantomData;

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{Dialect, Failure, Refusal};

/// The parameters of the query. Keys that `T` does not know are ignored.
pub struct Params<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequestParts<S> for Params<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value, PhantomData)),
            Err(problem) => Err(Refusal::Query(innermost(&problem)).into()),
        }
    }
}

/// The parameters of the path.
pub struct PathOf<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequestParts<S> for PathOf<D, T>
where
    D: Dialect,
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value, PhantomData)),
            Err(problem) => Err(Refusal::PathParameter(innermost(&problem)).into()),
        }
    }
}

/// What the parser said, without what the layers around it put before.
fn innermost(problem: &dyn std::error::Error) -> String {
    let mut problem = problem;
    while let Some(source) = problem.source() {
        problem = source;
    }
    problem.to_string()
}
