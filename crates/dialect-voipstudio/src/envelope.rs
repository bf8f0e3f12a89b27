//! What is around every answer.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use jackfield_domain::{Error, Listing, Result};
use serde::Serialize;
use utoipa::ToSchema;

/// Links to other resources. The vendor's examples have none, so neither have we.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Links {}

/// One record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct One<T> {
    /// The record.
    pub(crate) data: T,
    /// Always empty.
    pub(crate) links: Links,
}

impl<T> One<T> {
    /// A record as it is answered.
    pub(crate) fn of(data: impl Into<T>) -> Self {
        Self {
            data: data.into(),
            links: Links {},
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Many<T> {
    /// The records of the page.
    pub(crate) data: Vec<T>,
    /// How many records match altogether.
    #[schema(minimum = 0)]
    pub(crate) total: i64,
    /// Always empty.
    pub(crate) links: Links,
}

impl<T> Many<T> {
    /// A page as it is answered.
    pub(crate) fn of<R: Into<T>>(listing: Listing<R>) -> Self {
        Self {
            data: listing.items.into_iter().map(Into::into).collect(),
            total: listing.total,
            links: Links {},
        }
    }

    /// Prints a page whose rows take about so many bytes each: a buffer that grows is copied again and again.
    ///
    /// # Errors
    /// `Internal`, which does not happen.
    pub(crate) fn printed(&self, row: usize) -> Result<Response>
    where
        T: Serialize,
    {
        let mut bytes = Vec::with_capacity(row * (self.data.len() + 1));
        serde_json::to_writer(&mut bytes, self).map_err(Error::internal)?;
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Ok((json, bytes).into_response())
    }

    /// A list that always comes whole.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        Self {
            total: i64::try_from(data.len()).unwrap_or(i64::MAX),
            data,
            links: Links {},
        }
    }
}
