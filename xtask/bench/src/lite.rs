//! The list of users as a bare loop over SQLite: no server, no queue, no rules.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jackfield_domain::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{
    Failed, Result,
    bare::keep_plans,
    load::{Sample, to_float},
    process,
};

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    enabled: bool,
    email: String,
    display_name: String,
    role: String,
    mobile_phone: String,
    work_phone: String,
    home_phone: String,
    address: String,
    department: String,
    extension_number: String,
    created_at: String,
    avatar_file_name: &'static str,
    avatar_file_size: i64,
    avatar_file_url: &'static str,
}

#[derive(Serialize)]
struct Page {
    count: i64,
    items: Vec<Line>,
}

/// The statement loop.
pub(crate) struct Loop {
    connection: Connection,
    tenant: i64,
}

impl Loop {
    /// Opens the file for reading, with the page cache that the server's connections have.
    pub(crate) fn open(file: &Path, domain: &str) -> Result<Self> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.pragma_update(None, "cache_size", -4096)?;
        keep_plans(&connection)?;
        let sql = "SELECT id FROM tenants WHERE domain = ?1";
        let tenant = connection.query_row(sql, [domain], |row| row.get(0))?;
        Ok(Self { connection, tenant })
    }

    /// The answer to `GET /api/users?top=100`.
    pub(crate) fn list(&self) -> Result<Vec<u8>> {
        let sql = "SELECT id, name, enabled, email, display_name, role, mobile_phone, work_phone, home_phone, address, \
                   department, extension_number, created_at FROM users WHERE tenant_id = ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([self.tenant, 100], |row| {
            Ok(Line {
                id: row.get::<_, i64>(0)?.to_string(),
                name: row.get(1)?,
                enabled: row.get(2)?,
                email: row.get(3)?,
                display_name: row.get(4)?,
                role: row.get(5)?,
                mobile_phone: row.get(6)?,
                work_phone: row.get(7)?,
                home_phone: row.get(8)?,
                address: row.get(9)?,
                department: row.get(10)?,
                extension_number: row.get::<_, Option<String>>(11)?.unwrap_or_default(),
                created_at: Timestamp::from_micros(row.get(12)?).to_string(),
                avatar_file_name: "",
                avatar_file_size: 0,
                avatar_file_url: "",
            })
        })?;
        let items = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let sql = "SELECT users FROM journal_heads WHERE tenant_id = ?1";
        let count = self
            .connection
            .prepare_cached(sql)?
            .query_row([self.tenant], |row| row.get(0))?;
        Ok(serde_json::to_vec(&Page { count, items })?)
    }

    /// Makes the answer over and over.
    pub(crate) fn run(&self, span: Duration) -> Result<Sample> {
        let (began, before) = (Instant::now(), process::thread_cpu()?);
        let (mut times, mut bytes) = (0, 0);
        while began.elapsed() < span {
            bytes += self.list()?.len();
            times += 1;
        }
        if bytes == 0 {
            return Err(Failed::new("the list of users was empty"));
        }
        let (took, cpu) = (began.elapsed(), process::thread_cpu()?.saturating_sub(before));
        let times = to_float(times);
        Ok(Sample {
            rate: times / took.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e6 / times,
        })
    }
}
