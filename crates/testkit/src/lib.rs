//! What the API suite stands on: a real server on a free port with a clock that the test sets, persons who send requests,
//! drafts of what they send, and checks that hold for whatever they get back.
//!
//! A test starts a [`TestServer`], asks [`TestServer::portsip`] or [`TestServer::native`] for a person and lets him send requests. Every answer that a
//! person gets is held against the OpenAPI document of the dialect before the test sees it ([`Contract`]), so a field that is
//! misspelt or undocumented fails whichever test meets it first. An answer of 500 or above fails at once.
//!
//! The store is SQLite, or, with `JACKFIELD_TEST_ENGINE=postgres`, a database of its own on the server that
//! `JACKFIELD_TEST_POSTGRES` names.
//!
//! To add a test for a resource: a module under `tests/api/<dialect>/`. To add an operation: a row in
//! `tests/api/<dialect>/coverage.rs`, which fails until it is there.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test stops where its ground gives way"
)]

mod answer;
mod contract;
pub mod coverage;
mod database;
mod document;
mod draft;
pub mod engine;
pub mod files;
mod http;
mod mailbox;
mod native;
mod omnidesk;
mod portsip;
mod ringme;
pub mod scenarios;
mod server;
pub mod sip;
mod voipstudio;
mod world;

pub use answer::Answer;
pub use contract::Contract;
pub use database::{Database, JournalLine};
pub use document::check_document;
pub use draft::{Draft, PASSWORD, permissions};
pub use http::Request;
pub use mailbox::{Mailbox, Received};
pub use native::{Caller, Native};
pub use omnidesk::Omnidesk;
pub use portsip::{Company, Person, PortSip};
pub use ringme::{App, RingMe};
pub use server::{Device, Options, SipOptions, TestServer};
pub use voipstudio::VoipStudio;
pub use world::{SeededEntropy, TestClock};
