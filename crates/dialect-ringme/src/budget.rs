//! How many requests one client may make in an hour.
//!
//! The hour is that of the clock, and all applications of a client share one budget, as the vendor has it. Each process counts for
//! itself and forgets when it ends: a count that every process sees would cost a durable write for each request.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use jackfield_directory::Directory;
use jackfield_domain::{Clock, TenantId, Timestamp};
use jackfield_edge::Dialect as _;
use parking_lot::Mutex;

use crate::{RingMe, error};

const HOUR: i64 = 3600;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The budget of every client, and what each has spent in the present hour.
pub struct HourlyBudget {
    limit: u32,
    clock: Arc<dyn Clock>,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    /// Hours since 1970.
    hour: i64,
    of: HashMap<TenantId, u32>,
}

/// What is left to somebody.
#[derive(Debug, PartialEq, Eq)]
struct Balance {
    remaining: u32,
    /// Until the next hour.
    reset: Duration,
    /// Whether this request is one too many.
    over: bool,
}

impl HourlyBudget {
    /// So many requests an hour for each client.
    pub fn new(limit: u32, clock: Arc<dyn Clock>) -> Self {
        Self {
            limit,
            clock,
            spent: Mutex::default(),
        }
    }

    /// Takes one request off a client's budget. A request of nobody costs nobody anything.
    fn take(&self, client: Option<TenantId>) -> Balance {
        let now = self.clock.now();
        let hour = now.as_seconds().div_euclid(HOUR);
        let reset = Timestamp::from_micros((hour + 1) * HOUR * 1_000_000).since(now);
        let mut balance = Balance {
            remaining: self.limit,
            // Rounded up, so that nobody comes back in the last moment of the old hour.
            reset: Duration::from_secs(reset.as_secs() + u64::from(reset.subsec_nanos() > 0)),
            over: false,
        };
        let Some(client) = client else {
            return balance;
        };
        let mut spent = self.spent.lock();
        if spent.hour != hour {
            *spent = Spent {
                hour,
                of: HashMap::new(),
            };
        }
        let count = spent.of.entry(client).or_default();
        balance.over = *count >= self.limit;
        if !balance.over {
            *count += 1;
        }
        balance.remaining = self.limit - *count;
        balance
    }
}

/// Refuses what is beyond the budget, and says on every answer what is left of it.
pub(crate) async fn layer(
    State((budget, directory)): State<(Arc<HourlyBudget>, Directory)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    // Whose request it is will be asked again where it is served; the second answer comes from memory.
    let client = match RingMe::token(&parts) {
        Some(token) => RingMe::authenticate(&directory, &token)
            .await
            .ok()
            .and_then(|caller| caller.tenant().ok()),
        None => None,
    };
    let balance = budget.take(client);
    let mut response = if balance.over {
        error::over_budget(budget.limit, balance.reset)
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(budget.limit));
    headers.insert(REMAINING, HeaderValue::from(balance.remaining));
    headers.insert(RESET, HeaderValue::from(balance.reset.as_secs()));
    response
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn a_budget_is_one_clients_and_one_hours() {
        let clock = Arc::new(Hands(AtomicI64::new(3_599_500_000)));
        let budget = HourlyBudget::new(2, Arc::clone(&clock) as _);
        let (one, two) = (Some(TenantId::new(1)), Some(TenantId::new(2)));
        let left = |client| {
            let balance = budget.take(client);
            (balance.remaining, balance.reset.as_secs(), balance.over)
        };
        assert_eq!(left(one), (1, 1, false));
        assert_eq!(left(one), (0, 1, false));
        assert_eq!(left(one), (0, 1, true));
        assert_eq!(left(two), (1, 1, false));
        assert_eq!(left(None), (2, 1, false));
        clock.0.store(3_600_000_000, Ordering::SeqCst);
        assert_eq!(left(one), (1, 3600, false));
    }
}
