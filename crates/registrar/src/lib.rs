//! The SIP edge: telephones prove who they are here and say where they can be reached.
//!
//! A message goes through the crate from the outside in:
//!
//! 1. `guard.rs` counts its source and drops what is too much, before anything is parsed;
//! 2. [`stack`], the only module that knows the SIP library, parses it and runs its transaction;
//! 3. [`Edge`] looks at the method and hands it on: `REGISTER` to the registrar, `OPTIONS` to a short answer, the rest to a
//!    [`RequestHandler`] that has its method;
//! 4. [`auth`] judges the digest against what the directory keeps of the extension;
//! 5. the registrar reads the contacts and asks the directory to bind them. Whatever holds for a binding, whoever reports it,
//!    is judged there, in the transaction that stores it; nothing of it is remembered here.
//!
//! What places calls finds an extension's phones with [`Context::phones`], and a caller's identity with [`auth`].

pub mod auth;
mod call;
mod config;
mod contact;
mod credentials;
mod edge;
mod engine;
mod guard;
mod nonce;
mod phones;
mod publish;
mod register;
pub mod stack;
mod syntax;
mod trunk;
mod watch;

pub use call::Calls;
pub use config::{Algorithm, Limits, Listen, SipConfig, TlsFiles, Trusted};
pub use edge::{BoundEdge, Context, Edge, RequestHandler};
pub use engine::{EngineAddress, EngineRequest, HandedBecause, HandedCall, MediaEngine, SipEngine};
pub use phones::Phone;
pub use publish::Publications;
pub use watch::Watches;
