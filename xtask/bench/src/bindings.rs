//! `cargo xtask bench bindings`: a start on a database with many bindings of telephones, and what telephones that register take of
//! memory.
//!
//! The edge reads no binding when it starts: calls, status and renewals read the rows of the user that they are about. So the first
//! row measures just that a start does not depend on them; each binding is then there at once.

use std::{fmt::Write as _, fs, path::Path, time::Instant};

use rusqlite::Connection;

use crate::{
    Result,
    load::to_float,
    note, process, report,
    rounds::Programs,
    sip::{self, Edge, REGISTER, Sipp},
};

/// Devices of one extension: the most that there may be.
const DEVICES: usize = 32;
/// From start to ready, in seconds.
const READY: f64 = 10.0;
/// Memory over that of an idle server, in megabytes.
const MEMORY: f64 = 60.0;
/// How often a start is timed.
const STARTS: usize = 5;

/// How the measurement is done.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many bindings the database holds at the start.
    #[arg(long, default_value_t = 1_000_000)]
    bindings: usize,
    /// How many telephones register, each with an extension of its own.
    #[arg(long, default_value_t = 20_000)]
    telephones: usize,
}

/// Measures, and gives the tables.
pub(crate) fn run(options: &Options) -> Result<String> {
    let programs = Programs::new()?;
    let users = options.bindings.div_ceil(DEVICES);
    note(&format!(
        "filling a database with {users} extensions and {} bindings",
        options.bindings
    ));
    let mut full = sip::place(&programs, "bound", users)?;
    let rows = bind(&full.file())?;
    let load_average = process::load_average();
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let edge = Edge::start(&programs, &mut full)?;
        starts.push(edge.server.ready_after.as_secs_f64());
        edge.server.stop()?;
    }
    note(&format!(
        "filling a database with {} extensions",
        options.telephones
    ));
    let folder = programs.work.join("sipp");
    fs::create_dir(&folder)?;
    sip::people(&folder.join("people.csv"), 0..options.telephones)?;
    let mut place = sip::place(&programs, "telephones", options.telephones)?;
    let edge = Edge::start(&programs, &mut place)?;
    let idle = process::memory(edge.server.pid())?.resident;
    let began = Instant::now();
    Sipp {
        folder: &folder,
        scenario: REGISTER,
        to: edge.sip,
        times: options.telephones,
        rate: 2000,
        at_once: 200,
        from: 0,
        more: &sip::FIRST,
    }
    .run()?;
    let took = began.elapsed().as_secs_f64();
    let memory = process::memory(edge.server.pid())?;
    edge.server.stop()?;
    let megabytes = |bytes: u64| to_float(bytes) / 1e6;
    let over = megabytes(memory.resident.saturating_sub(idle));
    let ready = report::median(&mut starts).unwrap_or(0.0);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "SQLite, load average at the start {load_average}. The edge reads no binding when it starts.\n\n\
         | | measured | target | |\n| --- | ---: | ---: | --- |\n\
         | from start to ready, {rows} bindings in the store | {ready:.3} s | < {READY} s | {} |\n\
         | memory after {} telephones registered in {took:.1} s, over an idle server's {:.1} MB | {over:.1} MB | ≤ {MEMORY} MB | {} |\n\
         | the same at its peak | {:.1} MB | | |",
        report::verdict(ready < READY),
        options.telephones,
        megabytes(idle),
        report::verdict(over <= MEMORY),
        megabytes(memory.peak.saturating_sub(idle)),
    );
    Ok(text)
}

/// Gives every user his devices, as so many registrations would have. Tells how many rows there are then.
fn bind(file: &Path) -> Result<i64> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
         INSERT INTO registrations (tenant_id, user_id, instance_id, user_agent, application, ip, enable_push, contact_address, \
         expires_at, updated_at, received, path, call_id, cseq, preference, edge) \
         SELECT users.tenant_id, users.id, printf('<urn:uuid:%032d>', n.i), 'Bench phone 1.0', '', '192.0.2.1', FALSE, \
         printf('sip:%d@192.0.2.1:5060', users.id), 4000000000000000, 1, 'udp:192.0.2.1:5060', '', \
         printf('%d@bench', users.id), 1, 1000, 'bench' FROM users, n WHERE users.tenant_id > 0",
        [i64::try_from(DEVICES)?],
    )?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(connection.query_row("SELECT COUNT(*) FROM registrations", [], |row| row.get(0))?)
}
