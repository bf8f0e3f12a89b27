//! Who comes to a client's resources, and whether he may.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts, RawPathParams},
    http::request::Parts,
};
use jackfield_directory::Directory;
use jackfield_domain::{ApplicationAccess, Caller, Denial, Error, Thing};
use jackfield_edge::{Failure, Refusal};

use crate::{RingMe, Session, id};

/// The name of the path's parameter that names a client.
const PARAMETER: &str = "client_id";
/// Stands for the caller's own client in a path.
const ME: &str = "@me";

/// Somebody at the resources of the client that the path names, which is his own. His program may come here, and if the request
/// changes something, so may he.
pub(crate) struct Visitor {
    caller: Arc<Caller>,
}

impl Deref for Visitor {
    type Target = Arc<Caller>;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    S: Send + Sync,
    Directory: FromRef<S>,
{
    type Rejection = Failure<RingMe>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let caller = Arc::clone(&session);
        if caller.application == Some(ApplicationAccess::CallApi) {
            return Err(Error::Denied(Denial::ApplicationAccess).into());
        }
        let path = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|problem| Refusal::PathParameter(problem.body_text()))?;
        let named = path
            .iter()
            .find_map(|(name, value)| (name == PARAMETER).then_some(value));
        let own = caller.tenant()?.get();
        if named != Some(ME) && named.and_then(id) != Some(own) {
            return Err(Error::Absent(Thing::Tenant).into());
        }
        if !parts.method.is_safe() {
            caller.may_change()?;
        }
        Ok(Self { caller })
    }
}
