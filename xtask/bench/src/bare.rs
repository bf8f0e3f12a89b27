//! Users read and made by bare loops over SQLite: what the engine and the kernel cost before there is a server.
//!
//! The file, the statements, the durability and the caches are the server's; the values are bound as they are, and nothing
//! is parsed, checked, sealed, printed or sent.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jackfield_domain::TenantId;
use rusqlite::{Connection, config::DbConfig, params};

use crate::{
    Failed, Result,
    data::Data,
    load::{Sample, to_float},
    process,
    requests::CONNECTIONS,
};

/// One thread with a copy of the database.
pub(crate) struct Bare {
    connection: Connection,
    tenants: Vec<i64>,
    users: Vec<(i64, i64)>,
    settings: String,
    hash: String,
    /// How many users were read or made.
    done: u64,
}

/// One plan for each statement, as in the server: without it SQLite plans joins and limits anew for what is bound.
pub(crate) fn keep_plans(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// What a loop does over and over.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Reads a user by his id, all of them in random order.
    Read,
    /// Makes as many users as the server has connections, in one commit.
    Create,
}

impl Bare {
    /// Opens the file as the server does.
    pub(crate) fn open(file: &Path, data: &Data) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "cache_size", -2048)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        keep_plans(&connection)?;
        let mut tenants = Vec::with_capacity(data.domains.len());
        for domain in &data.domains {
            let sql = "SELECT id FROM tenants WHERE domain = ?1";
            tenants.push(connection.query_row(sql, [domain], |row| row.get(0))?);
        }
        let users = data
            .users
            .iter()
            .filter_map(|(tenant, id)| Some((*tenants.get(*tenant)?, *id)))
            .collect();
        let settings = "SELECT settings FROM user_details ORDER BY rowid DESC LIMIT 1";
        let settings = connection.query_row(settings, [], |row| row.get(0))?;
        Ok(Self {
            connection,
            tenants,
            users,
            settings,
            hash: data.hash.clone(),
            done: 0,
        })
    }

    /// Takes the step over and over.
    pub(crate) fn run(&mut self, step: Step, span: Duration) -> Result<Sample> {
        let (began, before, first) = (Instant::now(), process::thread_cpu()?, self.done);
        while began.elapsed() < span {
            match step {
                Step::Read => self.read()?,
                Step::Create => self.create()?,
            }
        }
        let (took, cpu) = (began.elapsed(), process::thread_cpu()?.saturating_sub(before));
        let times = to_float(self.done - first);
        Ok(Sample {
            rate: times / took.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e6 / times,
        })
    }

    fn read(&mut self) -> Result<()> {
        const COLUMNS: usize = 25;
        let sql = "SELECT users.id, name, email, display_name, enabled, role, mobile_phone, work_phone, home_phone, \
                   address, department, extension_number, external_identity, created_at, users.tenant_id, \
                   extension_id, dnd, acb, balance, must_change_password, updated_at, version, profile, sealed_pin, \
                   settings FROM users JOIN user_details ON user_details.tenant_id = users.tenant_id \
                   AND user_details.id = users.id WHERE users.tenant_id = ?1 AND users.id = ?2";
        let at = usize::try_from(self.done).unwrap_or(0) % self.users.len().max(1);
        let (tenant, id) = self.users.get(at).copied().unwrap_or_default();
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = statement.query_row([tenant, id], |row| {
            (0..COLUMNS)
                .map(|column| row.get(column))
                .collect::<rusqlite::Result<Vec<rusqlite::types::Value>>>()
        })?;
        if values.len() != COLUMNS {
            return Err(Failed::new("a user had other columns"));
        }
        self.done += 1;
        Ok(())
    }

    fn create(&mut self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..CONNECTIONS {
            self.done += 1;
            // None in the first tenant, like the load on the server.
            let others = self.tenants.len().max(2) - 1;
            let at = usize::try_from(self.done).unwrap_or(0) % others + 1;
            let tenant = self.tenants.get(at).copied().unwrap_or(TenantId::FIRST.get());
            self.insert(tenant)?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// The statements of one user, in the server's order.
    fn insert(&self, tenant: i64) -> Result<()> {
        let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<()> {
            self.connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        };
        let ask = |sql: &str, value: &dyn rusqlite::ToSql| -> Result<i64> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([value], |row| row.get(0))?)
        };
        let next = |name: &str| -> Result<i64> {
            let next = ask("SELECT last + 1 FROM sequences WHERE name = ?1", &name)?;
            run(
                "UPDATE sequences SET last = ?2 WHERE name = ?1",
                params![name, next],
            )?;
            Ok(next)
        };
        let number = self.done;
        let (name, dial) = (format!("bare{number}"), format!("8{number:09}"));
        let email = format!("{name}@mail.example");
        let search = format!("{name}\ngrace mustermann\n{email}\n{dial}\n+49 170 5550123\n\n\ncustomer care");
        run("SAVEPOINT unit", &[])?;
        ask("SELECT version FROM tenants WHERE id = ?1", &tenant)?;
        ask(
            "SELECT extensions FROM journal_heads WHERE tenant_id = ?1",
            &tenant,
        )?;
        let (user, extension) = (next("user")?, next("extension")?);
        run(
            "INSERT INTO numbers (tenant_id, number, kind) VALUES (?1, ?2, 'extension')",
            params![tenant, dial],
        )?;
        run(
            "INSERT INTO extensions (tenant_id, id, number, ha1_md5, ha1_sha256, sealed_password) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                tenant,
                extension,
                dial,
                [7_u8; 16],
                [7_u8; 32],
                [7_u8; 51].as_slice()
            ],
        )?;
        run(
            "UPDATE journal_heads SET extensions = extensions + 1 WHERE tenant_id = ?1",
            params![tenant],
        )?;
        run(
            "INSERT INTO users (tenant_id, id, name, email, display_name, enabled, role, mobile_phone, work_phone, \
             home_phone, address, department, extension_number, external_identity, created_at, extension_id, dnd, acb, \
             balance, must_change_password, updated_at, version, name_folded, email_folded, search_text) \
             VALUES (?1, ?2, ?3, ?4, 'Grace Mustermann', TRUE, 'StandardUser', '+49 170 5550123', '', '', \
             'Unter den Eichen 5, 10115 Berlin', 'Customer care', ?5, NULL, 1700000000000000, ?6, FALSE, FALSE, 0, \
             FALSE, 1700000000000000, 1, ?3, ?4, ?7)",
            params![tenant, user, name, email, dial, extension, search],
        )?;
        run(
            "INSERT INTO user_details (tenant_id, id, profile, password_hash, sealed_pin, settings) \
             VALUES (?1, ?2, '0123456789abcdef0123456789abcdef', ?3, ?4, ?5)",
            params![tenant, user, self.hash, [7_u8; 47].as_slice(), self.settings],
        )?;
        run(
            "UPDATE journal_heads SET users = users + 1 WHERE tenant_id = ?1",
            params![tenant],
        )?;
        let entry = ask(
            "SELECT sequence + 1 FROM journal_heads WHERE tenant_id = ?1",
            &tenant,
        )?;
        run(
            "UPDATE journal_heads SET sequence = ?2 WHERE tenant_id = ?1",
            params![tenant, entry],
        )?;
        run(
            "INSERT INTO journal (tenant_id, sequence, kind, record, change, actor_tenant, actor_user, at, owner) \
             VALUES (?1, ?2, 'user', ?3, 'created', ?1, 100001, 1700000000000000, 0)",
            params![tenant, entry, user],
        )?;
        run("RELEASE unit", &[])
    }
}
