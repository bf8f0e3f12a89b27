//! What the HTTP dialects share.
//!
//! A dialect is a type without values that implements [`Dialect`]: how its clients send a token, and how it words an error.
//! Everything here takes it as the parameter `D`, so that whatever goes wrong before a handler runs (no session, malformed
//! JSON, an unknown path) answers in the vendor's own body too.
//!
//! A handler reads like the contract that it serves:
//!
//! ```ignore
//! async fn create(
//!     grant: Granted<Vendor, ManageUsers>,      // who may
//!     State(directory): State<Directory>,
//!     body: Body<Vendor, CreateGroup>,          // what they send
//! ) -> Reply<Vendor, (StatusCode, Json<Created>)> {
//!     let id = directory.create_group(&grant, body.0.read()?).await?;
//!     Ok((StatusCode::CREATED, Json(Created::from(id))))
//! }
//! ```
//!
//! Wire types give each field of a body the type [`Input`], so that one answer names every field that is wrong.
//! A finished router goes through [`serve()`], which adds the request id, the log line, the metrics, the time limit and the
//! answers to unknown paths, wrong methods and panics.

mod body;
mod context;
mod dialect;
mod failure;
mod fields;
mod file;
mod html;
mod input;
mod json;
mod metrics;
mod moments;
mod openapi;
mod operations;
mod params;
mod refusal;
mod request_id;
#[cfg(feature = "samples")]
pub mod samples;
mod serve;
mod session;
mod source;
mod state;
mod table;
mod target;

pub use body::{BODY_LIMIT, Body, Form, ListBody, is_json, media_type, read_body};
pub use context::{request_id, still_moving};
pub use dialect::{Dialect, basic_password, bearer};
pub use failure::{Failure, Reply};
pub use fields::{Fields, Flag, IdList, QueryFields, Whole};
pub use file::{Binary, RawBody, serve_file};
pub use html::escape_html;
pub use input::{Expected, Input, Place, conclude};
pub use json::DEPTH_LIMIT;
pub use moments::{read_moment, write_moment};
pub use openapi::{Finish, finish, frame};
pub use operations::{Operation, operations};
pub use params::{Params, PathOf};
pub use refusal::Refusal;
pub use request_id::RequestIds;
pub use serve::{TIME_LIMIT, serve, serve_within};
pub use session::{Granted, Keyed, Reporting, Session};
pub use source::{Network, Source, TrustedProxies};
pub use state::Edge;
pub use table::{Routes, Table};
pub use target::{Allowed, Target};
/// For [`routes!`] alone.
#[doc(hidden)]
pub use utoipa_axum::routes as documented_routes;
