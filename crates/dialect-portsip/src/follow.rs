//! Collections that clients follow: a token stands for what a client knows, and is answered with what has changed since.
//!
//! [`Followed`] says what is followed and how a change looks; [`follow`](macro@follow) names the two paths.

use axum::{Json, http::StatusCode};
use jackfield_directory::{Changed, Difference, Directory};
use jackfield_domain::Result;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{PathOf, Reply};

/// What clients follow.
pub(crate) trait Followed {
    /// The right to it.
    type Who: Send + Sync;
    /// What a token is asked for with.
    type From: DeserializeOwned + Send + Sync;
    /// A record.
    type Record: Send;
    /// A changed record as it is answered.
    type Change: Serialize;

    /// A token for this moment.
    fn begin(
        directory: &Directory,
        who: &Self::Who,
        from: &Self::From,
    ) -> impl Future<Output = Result<String>> + Send;

    /// What has changed since a token.
    fn changes(
        directory: &Directory,
        who: &Self::Who,
        token: &str,
    ) -> impl Future<Output = Result<Difference<Self::Record>>> + Send;

    /// A change as it is answered.
    fn change(changed: Changed<Self::Record>) -> Self::Change;
}

/// A token that takes nothing to be asked for.
#[derive(Deserialize)]
pub(crate) struct FromNow {}

/// A token for following changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncToken {
    /// Not to be looked into. It serves its bearer, for this collection.
    pub(crate) token: String,
}

/// What has changed since a token was given out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Changes<T> {
    /// For asking the next time.
    pub(crate) token: String,
    /// What has changed: each record once.
    pub(crate) items: Vec<T>,
}

/// What happened to a record.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
#[expect(
    dead_code,
    reason = "the words for the document; an answer takes them from the directory"
)]
pub(crate) enum ChangeWord {
    /// It is new to the client.
    Created,
    /// It is another.
    Updated,
    /// It is gone.
    Deleted,
}

/// The parameter of a path that names a token.
pub(crate) type TokenPath = PathOf<String>;

pub(crate) async fn begin<F: Followed>(
    directory: &Directory,
    who: &F::Who,
    from: &F::From,
) -> Reply<(StatusCode, Json<SyncToken>)> {
    let token = F::begin(directory, who, from).await?;
    Ok((StatusCode::CREATED, Json(SyncToken { token })))
}

pub(crate) async fn changes<F: Followed>(
    directory: &Directory,
    who: &F::Who,
    token: &str,
) -> Reply<Json<Changes<F::Change>>> {
    let difference = F::changes(directory, who, token).await?;
    Ok(Json(Changes {
        token: difference.token,
        items: difference.changed.into_iter().map(F::change).collect(),
    }))
}

/// The two operations of following a collection, each with its entry in the OpenAPI document.
macro_rules! follow {
    (
        $followed:ty, tag $tag:literal, change $change:ident, $(query $query:ident,)?
        $(#[doc = $begin_doc:literal])*
        begin $begin:literal,
        $(#[doc = $diff_doc:literal])*
        diff $diff:literal
    ) => {
        $(#[doc = $begin_doc])*
        #[utoipa::path(
            post, path = $begin, tag = $tag, params($($query)?),
            responses((status = 201, body = crate::follow::SyncToken))
        )]
        pub(crate) async fn follow(
            who: <$followed as crate::follow::Followed>::Who,
            axum::extract::State(directory): axum::extract::State<jackfield_directory::Directory>,
            from: crate::Params<<$followed as crate::follow::Followed>::From>,
        ) -> crate::Reply<(axum::http::StatusCode, axum::Json<crate::follow::SyncToken>)> {
            crate::follow::begin::<$followed>(&directory, &who, &from.0).await
        }

        $(#[doc = $diff_doc])*
        #[utoipa::path(
            post, path = $diff, tag = $tag,
            params(("token" = String, Path, description = "The token of the last answer.")),
            responses((status = 200, body = crate::follow::Changes<$change>))
        )]
        pub(crate) async fn changes(
            who: <$followed as crate::follow::Followed>::Who,
            axum::extract::State(directory): axum::extract::State<jackfield_directory::Directory>,
            token: crate::follow::TokenPath,
        ) -> crate::Reply<axum::Json<crate::follow::Changes<$change>>> {
            crate::follow::changes::<$followed>(&directory, &who, &token.0).await
        }
    };
}
pub(crate) use follow;
