//! What Linux knows of a process: the processor time it took and the memory it holds.

use std::{fs, time::Duration};

use crate::{Failed, Result};

/// The unit of time in `/proc/PID/stat`: Linux reports hundredths of a second to programs on every common machine,
/// whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process so far, its own and the system's on its behalf, to a hundredth of a second.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    ticks(&text).ok_or_else(|| Failed::new(format!("/proc/{pid}/stat has another form than expected")))
}

/// The sum of the fields `utime` and `stime`. The second field is the program's name, which may hold spaces and brackets.
fn ticks(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * user.checked_add(system)?)
}

/// Processor time of the calling thread so far.
pub(crate) fn thread_cpu() -> Result<Duration> {
    // Not every kernel keeps the exact figure.
    if let Ok(text) = fs::read_to_string("/proc/thread-self/schedstat")
        && let Some(nanos) = text
            .split_ascii_whitespace()
            .next()
            .and_then(|text| text.parse().ok())
    {
        return Ok(Duration::from_nanos(nanos));
    }
    let text = fs::read_to_string("/proc/thread-self/stat")?;
    ticks(&text).ok_or_else(|| Failed::new("/proc/thread-self/stat has another form than expected"))
}

/// Resident memory in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident: u64,
    /// At most, since the process began.
    pub(crate) peak: u64,
}

/// Resident memory of a process.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let bytes = |name: &str| {
        kibibytes(&text, name).ok_or_else(|| Failed::new(format!("/proc/{pid}/status does not tell {name}")))
    };
    Ok(Memory {
        resident: bytes("VmRSS")?,
        peak: bytes("VmHWM")?,
    })
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let number: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1024)
}

/// The machine in a line: processor, cores, memory, kernel.
pub(crate) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.split_once(':'))
            .map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = kibibytes(&read("/proc/meminfo"), "MemTotal").unwrap_or(0) >> 30;
    format!(
        "{} with {cores} cores, {memory} GiB, Linux {}",
        after(&read("/proc/cpuinfo"), "model name"),
        read("/proc/sys/kernel/osrelease").trim()
    )
}

/// The load average of the last minute, as the system tells it.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_ascii_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_past_a_strange_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 6 0 99";
        assert_eq!(ticks(stat), Some(Duration::from_millis(1750)));
        assert_eq!(ticks("7 (a) S 1"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(1 << 20));
        assert_eq!(kibibytes(status, "VmHWM"), Some(2 << 20));
        assert_eq!(kibibytes(status, "VmSwap"), None);
    }

    #[test]
    fn this_process_has_used_something() {
        assert!(cpu(std::process::id()).is_ok());
        assert!(thread_cpu().is_ok());
        assert!(memory(std::process::id()).unwrap().peak > 0);
    }
}
