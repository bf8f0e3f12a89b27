//! SIP devices that are bound now, and what users say of themselves.
//!
//! Registrations are no records of the directory: they are not in the journal, and they end by themselves. What asks for
//! them hands the time in and gets those that are bound at it.

use async_trait::async_trait;
use jackfield_domain::{Registration, Renewal, TenantId, Timestamp, UserId, UserPresence};

use crate::Result;

/// Reading registrations and presence.
#[async_trait]
pub trait PresenceReads: Send + Sync {
    /// The devices of a user that are bound at this moment, by their instance ids.
    async fn registrations(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Registration>>;

    /// The devices of several users that are bound at this moment, by users and instance ids.
    async fn registrations_among(
        &self,
        tenant: TenantId,
        users: &[i64],
        now: Timestamp,
    ) -> Result<Vec<Registration>>;

    /// What a user said of himself; none when he never did.
    async fn presence(&self, tenant: TenantId, user: UserId) -> Result<Option<UserPresence>>;

    /// The same of several users at once, by their ids; whoever never said anything is left out.
    async fn presences_among(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<UserPresence>>;
}

/// Changing registrations and presence. Both go with their user.
#[async_trait]
pub trait PresenceWrites: PresenceReads {
    /// Stores a registration in the place of one with the same instance id of the same user.
    async fn put_registration(&mut self, registration: &Registration) -> Result<()>;

    /// Moves the ends of registrations, each at most once: of those that are still there, with the `Call-ID` from before, a lower
    /// number unless the device has a new one, and no later end. What is gone stays gone. Tells how many were moved.
    async fn renew_registrations(&mut self, renewals: &[Renewal]) -> Result<u64>;

    /// Removes a registration. Tells whether there was one, ended or not.
    async fn delete_registration(
        &mut self,
        tenant: TenantId,
        user: UserId,
        instance_id: &str,
    ) -> Result<bool>;

    /// Removes all registrations of a user; tells how many there were.
    async fn delete_registrations_of_user(&mut self, tenant: TenantId, user: UserId) -> Result<u64>;

    /// Removes all registrations of a tenant; tells how many there were.
    async fn delete_registrations_of_tenant(&mut self, tenant: TenantId) -> Result<u64>;

    /// Removes what ended up to this moment, in every tenant; tells how many there were. One that is renewed meanwhile stays.
    async fn purge_registrations(&mut self, now: Timestamp) -> Result<u64>;

    /// Stores what a user says of himself.
    async fn put_presence(&mut self, presence: &UserPresence) -> Result<()>;
}
