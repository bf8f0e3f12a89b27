//! What people ask of calls over the API. Another process may carry the call than the one that was asked, so an order is
//! kept until that one has taken it.

use std::time::Duration;

use crate::{TenantId, Timestamp, change::words};

words! {
    /// What is to be done.
    CallDeed {
        /// End a call.
        HangUp = "hang_up",
        /// Ring somebody's own telephones and connect him with a number.
        Place = "place",
    }
}

words! {
    /// What became of an order.
    OrderOutcome {
        /// It is carried out.
        Done = "done",
        /// There is no such call any more.
        Gone = "gone",
        /// Nobody who calls has a telephone that can be reached.
        NoPhone = "no_phone",
        /// Nobody took it in time, and nobody will.
        Expired = "expired",
    }
}

/// Something that is to be done with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOrder {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id, of the same sequence as those of calls that are going on.
    pub id: i64,
    /// What is to be done.
    pub deed: CallDeed,
    /// The external id of the call: of the one to be ended, and of one that was placed, once it is.
    pub call: String,
    /// The extension of who calls; empty unless a call is to be placed.
    pub number: String,
    /// What he wants to call.
    pub target: String,
    /// When it was given.
    pub created_at: Timestamp,
    /// The edge that has taken it; empty before.
    pub edge: String,
    /// What became of it; none before.
    pub outcome: Option<OrderOutcome>,
}

impl CallOrder {
    /// Until then somebody has to have carried it out, else nobody does.
    pub const PATIENCE: Duration = Duration::from_secs(5);
    /// An older one that nobody took is left alone: longer than the patience, because clocks of machines differ.
    pub const STALE: Duration = Duration::from_mins(1);
    /// For how long it is kept.
    pub const KEPT: Duration = Duration::from_hours(1);
}
