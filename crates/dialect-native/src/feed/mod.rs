//! The feed: where telephone systems report what happened. A file for each kind of item, and one for each engine that sends a
//! form of its own.

pub(crate) mod asterisk;
pub(crate) mod cdrs;
pub(crate) mod chat_messages;
pub(crate) mod freeswitch;
pub(crate) mod live_calls;
pub(crate) mod mailboxes;
pub(crate) mod messages;
pub(crate) mod participants;
pub(crate) mod recordings;
pub(crate) mod registrations;
