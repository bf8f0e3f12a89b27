//! The desks of users, and who is reserved for a call.
//!
//! Reservations are no records of the directory: they end by themselves within seconds, so they are not in the journal. What
//! asks for one hands the time in and decides whether it holds.

use async_trait::async_trait;
use jackfield_domain::{DeskSettings, Reservation, TenantId, UserId};

use crate::Result;

/// Reading desks and reservations.
#[async_trait]
pub trait DeskReads: Send + Sync {
    /// The settings of a user's desk; none when he never changed one.
    async fn desk(&self, tenant: TenantId, user: UserId) -> Result<Option<DeskSettings>>;

    /// The last reservation of a user, whether it holds or not, unless a call ended it.
    async fn reservation(&self, tenant: TenantId, user: UserId) -> Result<Option<Reservation>>;
}

/// Changing desks and reservations. Both go with their user.
#[async_trait]
pub trait DeskWrites: DeskReads {
    /// Stores the settings of a user's desk.
    async fn put_desk(&mut self, tenant: TenantId, user: UserId, settings: &DeskSettings) -> Result<()>;

    /// Stores a reservation in the place of the user's last one.
    async fn put_reservation(&mut self, reservation: &Reservation) -> Result<()>;

    /// Ends the reservations of these users.
    async fn end_reservations(&mut self, tenant: TenantId, users: &[UserId]) -> Result<()>;
}
