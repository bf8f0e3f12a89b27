//! What is known of the request that is being served, for the log.

use std::{cell::Cell, fmt, time::Duration};

use jackfield_domain::{Caller, TenantId, UserId};

use tokio::time::Instant;

use crate::request_id::RequestId;

/// Notes of one request. They live in the task, so that an error deep in a handler can be logged with the request's id
/// without handing that id through every call.
#[derive(Debug)]
pub(crate) struct Context {
    id: RequestId,
    caller: Cell<Option<(TenantId, Option<UserId>)>>,
    limit: Duration,
    deadline: Cell<Instant>,
}

impl Context {
    pub(crate) fn new(id: RequestId, limit: Duration) -> Self {
        Self {
            id,
            caller: Cell::new(None),
            limit,
            deadline: Cell::new(Instant::now() + limit),
        }
    }

    /// When the request is given up.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline.get()
    }

    pub(crate) fn id(&self) -> &RequestId {
        &self.id
    }

    /// The tenant that the request concerns and the account that asks, once they are known.
    pub(crate) fn caller(&self) -> Option<(TenantId, Option<UserId>)> {
        self.caller.get()
    }
}

tokio::task_local! {
    pub(crate) static CONTEXT: Context;
}

/// Lets the time limit of the request that this task serves begin anew. For an upload that has brought enough since the last
/// time: a large one over a slow line takes longer than any request should, and one that stands still does not.
pub fn still_moving() {
    // Outside of a served request nothing is limited.
    let _ = CONTEXT.try_with(|context| context.deadline.set(Instant::now() + context.limit));
}

/// The id of the request that this task serves, for a dialect whose errors name it; `-` outside of one.
pub fn request_id() -> String {
    id().to_string()
}

/// The id of the request that this task serves; `-` outside of one.
pub(crate) fn id() -> impl fmt::Display {
    CONTEXT
        .try_with(|context| context.id.clone())
        .unwrap_or_else(|_| RequestId::none())
}

/// Notes who asks.
pub(crate) fn note_caller(caller: &Caller) {
    // Outside of a served request (a test of one extractor) there is no log line to put it on.
    let _ = CONTEXT.try_with(|context| {
        context
            .caller
            .set(Some((caller.tenant().unwrap_or(caller.home), caller.user)));
    });
}
