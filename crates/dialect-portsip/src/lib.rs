//! The PortSIP PBX dialect, mounted at `/api`: what version 22.2 of that product answers, over our directory.
//!
//! [`routes`](self) is the table of paths. Each resource has one file with its wire types, their conversions and its
//! handlers; `error.rs` says how the vendor's clients are told what went wrong; `odata` reads the grammar of lists. What
//! differs from the vendor, and why, stands in `docs/dialects/portsip.md`.

mod agents;
mod auth;
mod blfs;
mod blobs;
mod business_contacts;
mod call_records;
mod caller_ids;
mod contact_card;
mod contacts;
mod error;
mod extension_contacts;
mod external_messages;
mod follow;
mod forward;
mod global_holidays;
mod greetings;
mod groups;
mod holidays;
mod hours;
mod id;
mod info;
mod login;
mod meeting_participants;
mod meeting_wire;
mod meetings;
mod money;
mod odata;
mod openapi;
mod owned;
mod page;
mod phone_wire;
mod phones;
mod provider_wire;
mod providers;
mod recordings;
mod roles;
mod routes;
mod speed_dials;
mod status;
mod team_rules;
mod team_wire;
mod teams;
mod tenant_events;
mod tenant_holidays;
mod tenant_input;
mod tenant_view;
mod tenants;
mod user;
mod user_answer;
mod user_body;
mod user_columns;
mod user_view;
mod users;
mod vocabulary;
mod words;

use std::borrow::Cow;

use axum::{http::request::Parts, response::Response};
use jackfield_domain as domain;
use jackfield_edge::{Dialect, Refusal};

pub use routes::{document, operations, router};

/// The path under which the dialect is mounted.
pub const PREFIX: &str = "/api";

/// The dialect, as the parameter of what the edge provides.
pub struct PortSip;

impl Dialect for PortSip {
    const NAME: &'static str = "portsip";

    fn token(parts: &Parts) -> Option<Cow<'_, str>> {
        jackfield_edge::bearer(parts)
    }

    fn id(text: &str) -> Option<i64> {
        id::read(text)
    }

    fn error(error: &domain::Error) -> Response {
        error::error(error)
    }

    fn refusal(refusal: &Refusal) -> Response {
        error::refusal(refusal)
    }
}

/// What a handler answers.
type Reply<T> = jackfield_edge::Reply<PortSip, T>;
/// What a handler fails with.
type Failure = jackfield_edge::Failure<PortSip>;
/// A body of JSON.
type Body<T> = jackfield_edge::Body<PortSip, T>;
/// Parameters of the query.
type Params<T> = jackfield_edge::Params<PortSip, T>;
/// Parameters of the path.
type PathOf<T> = jackfield_edge::PathOf<PortSip, T>;
/// The caller.
type Session = jackfield_edge::Session<PortSip>;
/// The caller's right to something.
type Granted<C> = jackfield_edge::Granted<PortSip, C>;
/// The right to records of that user for which owning them is not enough.
type Allowed<C> = jackfield_edge::Allowed<PortSip, C>;
/// The user that the path names, or the caller.
type Target = jackfield_edge::Target<PortSip>;
