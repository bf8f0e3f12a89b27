//! The PortSIP dialect.

mod balances;
mod call_queues;
mod calls;
mod contacts;
mod coverage;
mod errors;
mod groups;
mod holidays;
mod lists;
mod meeting_control;
mod meeting_invitations;
mod meetings;
mod older_session;
mod passwords;
mod phones;
mod providers;
mod races;
mod recovery;
mod ring_groups;
mod roles;
mod session;
mod speed_dials;
mod status;
mod tenants;
mod user_rules;
mod users;
