//! Where a call goes, and why: one pure function for the SIP edge, the API and every test.
//!
//! [`plan`] looks at what the directory knows ([`Facts`]), at an instant and at a call, and gives a [`Plan`]: steps, each with
//! the reasons for it in words. It reads no clock and no store and throws no dice. What it needs and has not been told it names
//! ([`Need`]); whoever gathers the facts looks that up and asks again, so that only what the call really touches is read.
//!
//! A plan always ends: a step leads only to later steps, a number that was tried is not tried again on the same way, and the
//! number of forwards and of steps is limited ([`limits::ROUTE_FORWARDS`](crate::limits::ROUTE_FORWARDS),
//! [`limits::ROUTE_STEPS`](crate::limits::ROUTE_STEPS)).
//!
//! In order: emergency numbers, speed dials, the tenant's own numbers, the rest of the world.
//!
//! Who answers a number from outside is what an [`InboundRoute`](crate::InboundRoute) says; without one for it, what has the called
//! number itself, digit by digit. Which trunk a number takes is what [`OutboundRoute`](crate::OutboundRoute)s say; without one for
//! it the trunk comes first whose caller id the caller prefers, then those of his other caller ids, then the rest in the order in
//! which they were made. A call for help takes that order always.
//!
//! # What no noun says yet
//!
//! - **A tenant's own emergency numbers**; those of its country are built in.
//! - **How many calls somebody had**, for the strategies that ring first who had the fewest. In a queue who has been ready longest
//!   is rung first; in a ring group chance decides.
//! - **When wrapping up ends**: an agent who wraps up is not rung until he says that he is ready.
//! - **Which agent a caller spoke to last**, for sticky routing; **a user's own time zone**; automatic callback.

mod emergency;
mod facts;
mod number;
mod outside;
mod planner;
mod query;
mod routes;
mod step;
mod team;
mod user;

pub use facts::{Answerer, Call, Facts, Member, Need, Origin, Person, Reached, TeamFacts, TenantFacts};
pub use number::number_of_trunk;
pub use query::RouteQuery;
pub use step::{Action, Headers, MediaService, Next, Plan, Refusal, Ring, Shown, Step, Target};

use crate::Timestamp;

/// Plans the way of a call at an instant.
///
/// # Errors
/// What the facts lack, each need once. To be looked up and planned again; at most once for each forward and each of the few
/// other needs.
pub fn plan(facts: &Facts, at: Timestamp, call: &Call) -> Result<Plan, Vec<Need>> {
    planner::Planner::new(facts, at, call).run()
}

/// Whom a queue rings at an instant for a caller who waits in it and may do so for so many seconds more: one after the other,
/// each with the time for which. Nobody when no agent is ready, or when there is no such queue any more.
///
/// # Errors
/// What the facts lack, as for [`plan`].
pub fn round(facts: &Facts, at: Timestamp, queue: &str, seconds: i64) -> Result<Vec<Ring>, Vec<Need>> {
    // Who waits makes no difference to who is ready.
    let call = Call {
        from: Origin::Outside {
            number: String::new(),
            trunk: None,
        },
        to: queue.to_owned(),
        chance: 0,
    };
    planner::Planner::new(facts, at, &call).round(seconds)
}

#[cfg(test)]
mod tests;
