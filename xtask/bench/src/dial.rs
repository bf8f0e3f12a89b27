//! `cargo xtask bench dial`: calls between telephones through the edge, with sipp on both sides.
//!
//! A thousand telephones have registered, all at one port that answers every call at once. As many others prove themselves, call one
//! each, speak for a second and hang up, again and again: nobody is called while he still speaks. A call that fails in any way
//! fails the measurement.

use std::{
    fmt::Write as _,
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    Failed, Result,
    load::to_float,
    note, process, report,
    rounds::Programs,
    sip::{self, Edge, REGISTER, Sipp},
};

/// Milliseconds of processor time a call.
const MOST: f64 = 1.5;
/// Those who call, and as many who are called.
const CALLERS: usize = 1000;

/// How the measurement is done.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many calls.
    #[arg(long, default_value_t = 4000)]
    calls: usize,
    /// How many of them a second.
    #[arg(long, default_value_t = 200)]
    rate: usize,
}

/// The side that answers; it ends with this value.
struct Answerer(Child);

impl Drop for Answerer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures, and gives the table.
pub(crate) fn run(options: &Options) -> Result<String> {
    let programs = Programs::new()?;
    note(&format!("filling a database with {} extensions", 2 * CALLERS));
    let mut place = sip::place(&programs, "dial", 2 * CALLERS)?;
    let load_average = process::load_average();
    let edge = Edge::start(&programs, &mut place)?;
    let folder = |name: &str| -> Result<_> {
        let path = programs.work.join(name);
        fs::create_dir(&path)?;
        Ok(path)
    };
    let (callers, callee) = (folder("callers")?, folder("callee")?);
    sip::people(&callers.join("people.csv"), 0..CALLERS)?;
    sip::people(&callee.join("people.csv"), CALLERS..2 * CALLERS)?;
    let port = sip::free_port()?.port();
    Sipp {
        folder: &callee,
        scenario: REGISTER,
        to: edge.sip,
        times: CALLERS,
        rate: 500,
        at_once: 50,
        from: port,
        more: &sip::FIRST,
    }
    .run()?;
    fs::write(callee.join("answer.xml"), include_str!("answer.xml"))?;
    let answerer = Command::new("sipp")
        .args(["-i", "127.0.0.1", "-p", &port.to_string(), "-t", "u1", "-nostdin"])
        .args(["-sf", "answer.xml"])
        .current_dir(&callee)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _answerer = Answerer(answerer);
    std::thread::sleep(Duration::from_secs(1));
    let before = process::cpu(edge.server.pid())?;
    note(&format!("{} calls, {} a second", options.calls, options.rate));
    Sipp {
        folder: &callers,
        scenario: include_str!("call.xml"),
        to: edge.sip,
        times: options.calls,
        rate: options.rate,
        at_once: options.rate * 5,
        from: 0,
        more: &[],
    }
    .run()?;
    std::thread::sleep(Duration::from_secs(4));
    let cpu = process::cpu(edge.server.pid())?.saturating_sub(before);
    let memory = process::memory(edge.server.pid())?;
    edge.server.stop()?;
    let connection = Connection::open(place.file())?;
    let count = |table: &str| -> Result<i64> {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        Ok(connection.query_row(&sql, [], |row| row.get(0))?)
    };
    let (records, open) = (count("call_records")?, count("live_calls")?);
    if records < i64::try_from(options.calls)? {
        return Err(Failed::new(format!(
            "{} calls left {records} records",
            options.calls
        )));
    }
    let each = cpu.as_secs_f64() * 1e3 / to_float(options.calls as u64);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} calls at {} a second on SQLite, 0 failed, load average at their start {load_average}.\n\n\
         | | measured | target | |\n| --- | ---: | ---: | --- |\n\
         | CPU ms a call | {each:.2} | ≤ {MOST} | {} |\n\
         | records that the calls left | {records} | {} | ok |\n\
         | calls that go on afterwards | {open} | 0 | {} |\n\
         | resident memory (peak) | {:.1} MB ({:.1} MB) | | |",
        options.calls,
        options.rate,
        report::verdict(each <= MOST),
        options.calls,
        report::verdict(open == 0),
        to_float(memory.resident) / 1e6,
        to_float(memory.peak) / 1e6,
    );
    Ok(text)
}
