//! A user who is kept for one call or chat that is about to reach him.

use std::time::Duration;

use crate::{Denial, Error, Presence, Result, TenantId, Timestamp, UserId};

/// How long a reservation holds, unless the call comes before.
pub const RESERVATION: Duration = Duration::from_secs(30);

/// A reservation. There is at most one of a user; one that has ended is as good as none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The tenant of the user.
    pub tenant: TenantId,
    /// Who is kept free.
    pub user: UserId,
    /// The channel that he is kept for, by a number that means something to the program that reserves.
    pub channel: Option<i64>,
    /// When it ends by itself.
    pub ends_at: Timestamp,
}

impl Reservation {
    /// Whether it still holds. At the very moment of its end it does not.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.ends_at
    }
}

/// What decides whether a user can be reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Whether he may sign in.
    pub enabled: bool,
    /// What he says of himself.
    pub presence: Presence,
    /// Whether he wants no calls, set as a switch.
    pub dnd: bool,
    /// Whether a call rings at his place, or he speaks.
    pub in_call: bool,
    /// Whether somebody else has reserved him.
    pub reserved: bool,
}

impl Readiness {
    /// Whether he can be reserved. A phone of his need not be bound: a chat takes none.
    ///
    /// # Errors
    /// [`Denial::AlreadyReserved`], [`Denial::NotAvailable`].
    pub fn judge(self) -> Result<()> {
        if self.reserved {
            return Err(Error::Denied(Denial::AlreadyReserved));
        }
        if !self.enabled || self.dnd || self.in_call || self.presence != Presence::Available {
            return Err(Error::Denied(Denial::NotAvailable));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_available_and_free_is_reserved() {
        let ready = Readiness {
            enabled: true,
            presence: Presence::Available,
            dnd: false,
            in_call: false,
            reserved: false,
        };
        assert!(ready.judge().is_ok());
        for not in [
            Readiness {
                enabled: false,
                ..ready
            },
            Readiness { dnd: true, ..ready },
            Readiness {
                in_call: true,
                ..ready
            },
            Readiness {
                presence: Presence::Lunch,
                ..ready
            },
            Readiness {
                presence: Presence::DoNotDisturb,
                ..ready
            },
        ] {
            assert!(
                matches!(not.judge(), Err(Error::Denied(Denial::NotAvailable))),
                "{not:?}"
            );
        }
        let reserved = Readiness {
            reserved: true,
            ..ready
        };
        assert!(matches!(
            reserved.judge(),
            Err(Error::Denied(Denial::AlreadyReserved))
        ));
    }

    #[test]
    fn a_reservation_ends_at_its_end() {
        let now = Timestamp::from_micros(1_000_000);
        let made = Reservation {
            tenant: TenantId::FIRST,
            user: UserId::FIRST,
            channel: Some(8),
            ends_at: now.plus(RESERVATION),
        };
        assert!(made.holds(now) && made.holds(now.plus(Duration::from_micros(29_999_999))));
        assert!(!made.holds(now.plus(RESERVATION)));
    }
}
