//! Metrics in the text form that Prometheus reads.
//!
//! Anything in the process counts with the macros of the crate `metrics`; this module collects and prints. Durations are
//! seconds in histograms whose names end in `_seconds`.

use std::sync::OnceLock;

use jackfield_domain::{Clock, Timestamp};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper limits of the durations' buckets, in seconds: a look-up takes a fraction of a millisecond, a password hash some
/// 20 to 50, and whatever takes 10 seconds is broken.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Why nothing is counted.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder could not be made.
    #[error("the metrics recorder cannot be made: {0}")]
    Build(#[from] BuildError),
    /// Another part of the process records metrics already.
    #[error("another recorder of metrics is already installed in this process; install only this one")]
    Taken,
}

/// What was counted in this process so far.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Starts to collect for the whole process, and notes when `clock` says that it started. A second call gives what
    /// the first one gave: a process has one recorder, however many servers a test starts in it.
    pub fn install(clock: &dyn Clock) -> Result<Self, MetricsError> {
        static INSTALLED: OnceLock<PrometheusHandle> = OnceLock::new();
        static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

        let _turn = ONE_AT_A_TIME
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(handle) = INSTALLED.get() {
            return Ok(Self {
                handle: handle.clone(),
            });
        }
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Taken)?;
        facts(clock.now());
        Ok(Self {
            handle: INSTALLED.get_or_init(|| handle).clone(),
        })
    }

    /// Everything that was counted, as the body of an answer of [`CONTENT_TYPE`].
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Sorts what the histograms gathered into their buckets. Rendering does it too; call it every few seconds, so that
    /// a server nobody scrapes does not gather without end.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new();
    Ok(builder
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .build_recorder())
}

/// What is known at the start: when that was, and which build it is.
fn facts(started: Timestamp) {
    metrics::describe_gauge!(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970."
    );
    // A gauge is a float by its nature; to the second, the value is exact for the next 285 million years.
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole seconds of any plausible year are exact"
    )]
    metrics::gauge!("process_start_time_seconds").set(started.as_seconds() as f64);
    metrics::describe_gauge!(
        "jackfield_build_info",
        "Always 1; its labels say which build this is."
    );
    metrics::gauge!("jackfield_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0)
        }
    }

    #[test]
    fn what_is_counted_is_printed() {
        let recorder = recorder().unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            facts(At(1_700_000_000_000_000).now());
            metrics::counter!("jackfield_test_total", "kind" => "x").increment(3);
            metrics::histogram!("jackfield_test_seconds").record(0.002);
        });
        let text = Metrics { handle }.render();
        for line in [
            "process_start_time_seconds 1700000000",
            concat!(
                "jackfield_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
            "jackfield_test_total{kind=\"x\"} 3",
            "jackfield_test_seconds_bucket{le=\"0.001\"} 0",
            "jackfield_test_seconds_bucket{le=\"0.0025\"} 1",
            "jackfield_test_seconds_count 1",
        ] {
            assert!(
                text.lines().any(|printed| printed == line),
                "{line:?} is missing in:\n{text}"
            );
        }
    }

    #[test]
    fn a_second_server_in_the_process_shares_the_recorder() {
        let first = Metrics::install(&At(1_000_000)).unwrap();
        let second = Metrics::install(&At(2_000_000)).unwrap();
        metrics::counter!("jackfield_shared_total").increment(1);
        for metrics in [first, second] {
            metrics.upkeep();
            let text = metrics.render();
            assert!(text.contains("jackfield_shared_total 1"), "{text}");
            assert!(text.contains("process_start_time_seconds 1\n"), "{text}");
        }
    }
}
