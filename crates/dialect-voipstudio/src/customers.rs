//! The account of a customer: a tenant.

use axum::{extract::State, http::StatusCode};
use jackfield_directory::Directory;
use jackfield_domain::TenantId;

use crate::{PathId, PathOf, Reply, Session};

/// Close an account
///
/// Everything of the customer goes with it: users, extensions, groups, records. Only an administrator of that customer and
/// an administrator of the installation may.
#[utoipa::path(
    delete, path = "/customers/{id}", tag = "customers", params(("id" = i64, Path, description = "The customer.")),
    responses((status = 204))
)]
pub(crate) async fn destroy(
    session: Session,
    State(directory): State<Directory>,
    id: PathOf<PathId>,
) -> Reply<StatusCode> {
    directory.close_account(&session, TenantId::new(id.0.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}
