//! The RingMe dialect, and OAuth 2.

mod authorize;
mod budget;
mod coverage;
mod oauth;
mod users;
