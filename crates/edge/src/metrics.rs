//! What is counted of each request.

use std::{collections::HashMap, time::Duration};

use axum::http::Method;
use metrics::{Counter, Histogram};
use parking_lot::RwLock;

/// The path of what no operation has, in logs and metrics: a stranger's paths would make endless series.
pub(crate) const UNMATCHED: &str = "unmatched";

/// Counters by path template, method and status. Looking them up by name costs more than answering some requests, so each is
/// looked up once and kept.
pub(crate) struct Meters {
    dialect: &'static str,
    known: RwLock<HashMap<Box<str>, Vec<Meter>>>,
}

struct Meter {
    method: &'static str,
    status: u16,
    requests: Counter,
    seconds: Histogram,
}

impl Meters {
    pub(crate) fn new(dialect: &'static str) -> Self {
        metrics::describe_counter!(
            "jackfield_http_requests_total",
            "Requests answered, by dialect, path template, method and status."
        );
        metrics::describe_histogram!(
            "jackfield_http_request_seconds",
            "How long requests took, in seconds, by dialect, path template, method and status."
        );
        Self {
            dialect,
            known: RwLock::new(HashMap::new()),
        }
    }

    /// Counts one request.
    pub(crate) fn count(&self, path: &str, method: &Method, status: u16, took: Duration) {
        let method = name(method);
        let find = |meters: &[Meter]| {
            let meter = meters
                .iter()
                .find(|meter| meter.method == method && meter.status == status)?;
            meter.add(took);
            Some(())
        };
        if self
            .known
            .read()
            .get(path)
            .and_then(|meters| find(meters))
            .is_some()
        {
            return;
        }
        let labels = [
            ("dialect", self.dialect.to_owned()),
            ("path", path.to_owned()),
            ("method", method.to_owned()),
            ("status", status.to_string()),
        ];
        let meter = Meter {
            method,
            status,
            requests: metrics::counter!("jackfield_http_requests_total", &labels),
            seconds: metrics::histogram!("jackfield_http_request_seconds", &labels),
        };
        meter.add(took);
        // Two requests may arrive here at once; the second entry then names the same series and is never found.
        self.known.write().entry(path.into()).or_default().push(meter);
    }
}

impl Meter {
    fn add(&self, took: Duration) {
        self.requests.increment(1);
        self.seconds.record(took.as_secs_f64());
    }
}

/// The method's name; one word for all that nobody asks for.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
