//! The VoIPstudio dialect.

mod audio;
mod clients;
mod coverage;
mod groups;
mod history;
mod lists;
mod session;
mod users;
