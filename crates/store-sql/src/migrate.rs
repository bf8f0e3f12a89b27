//! Brings a database to the schema that this build expects.
//!
//! Each change is a pair of files with the same number and name, one for each engine:
//! `migrations/sqlite/0001_users.sql` and `migrations/postgres/0001_users.sql`. A file that has been released is never
//! edited; the next change is the next number. Each runs in a transaction of its own, under a lock, so that several
//! nodes may start at once.

use sha2::{Digest, Sha256};

use crate::{
    db::{Db, Engine, Error, Sql, SqlWrite, Tx},
    planner,
};

/// One change of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// Its place; the list ascends.
    pub(crate) number: i64,
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// The files `migrations/{sqlite,postgres}/<name>.sql` as a [`Migration`].
macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every change there has been, in order: `migration!(1, "0001_users"), …`.
const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_directory"),
    migration!(2, "0002_collections"),
    migration!(3, "0003_calls"),
    migration!(4, "0004_blobs"),
    migration!(5, "0005_presence"),
    migration!(6, "0006_meetings"),
    migration!(7, "0007_distribution"),
    migration!(8, "0008_keys"),
    migration!(9, "0009_sessions_and_groups"),
    migration!(10, "0010_installation"),
    migration!(11, "0011_avatars"),
    migration!(12, "0012_desks"),
    migration!(13, "0013_sip_routes"),
    migration!(14, "0014_applications"),
    migration!(15, "0015_trunk_registrations"),
    migration!(16, "0016_call_control"),
    migration!(17, "0017_mailboxes"),
    migration!(18, "0018_trunk_bindings"),
];

/// The lock that nodes take while they migrate (PostgreSQL; an arbitrary number of our own).
const LOCK: i64 = 0x6a61_636b_6669_656c;

/// Why the schema could not be brought up to date.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MigrateError {
    /// A later version has migrated this database.
    #[error(
        "the database's schema is at number {found}, and this version of jackfield knows only {known}: \
         start the newer version, or restore the backup made before the upgrade"
    )]
    Newer {
        /// The latest number in the database.
        found: i64,
        /// The latest number in this build.
        known: i64,
    },
    /// The database was migrated by something that is not this build's history.
    #[error(
        "schema change {number} in the database is not the one in this version of jackfield ({name}): \
         the database belongs to another build"
    )]
    Different {
        /// The number of the first difference.
        number: i64,
        /// This build's name for it.
        name: &'static str,
    },
    /// A statement failed; the change that it belongs to is rolled back.
    #[error("cannot bring the database's schema up to date: {0}")]
    Database(#[from] Error),
}

impl Migration {
    fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    /// SHA-256 of the text in hexadecimal. Line ends do not count: a checkout on another system may change them.
    fn checksum(&self, engine: Engine) -> String {
        let mut hash = Sha256::new();
        for line in self.text(engine).lines() {
            hash.update(line);
            hash.update("\n");
        }
        hex::encode(hash.finalize())
    }
}

impl Db {
    /// Applies what is missing, and tells SQLite's planner what to expect. Returns how many changes that were. Call it before anything else uses the database.
    ///
    /// # Errors
    /// See [`MigrateError`]; each of them is a reason not to start.
    pub async fn migrate(&self) -> Result<usize, MigrateError> {
        let applied = migrate(self, MIGRATIONS).await?;
        if self.engine() == Engine::Sqlite {
            let tx = self.begin().await?;
            planner::tell(&tx).await?;
            tx.commit().await?;
        }
        Ok(applied)
    }
}

/// Applies those of `migrations` that the database has not seen.
pub(crate) async fn migrate(db: &Db, migrations: &[Migration]) -> Result<usize, MigrateError> {
    let mut applied = 0;
    while step(db, migrations).await? {
        applied += 1;
    }
    Ok(applied)
}

/// Applies the next one, if any. The lock is per step, so that it cannot outlive a crashed node.
async fn step(db: &Db, migrations: &[Migration]) -> Result<bool, MigrateError> {
    let tx = db.begin().await?;
    if tx.engine() == Engine::Postgres {
        tx.exec("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    }
    tx.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations \
         (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
        &[],
    )
    .await?;
    let Some(next) = next(&tx, migrations).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.batch(next.text(tx.engine())).await?;
    tx.exec(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
        &[&next.number, &next.name, &next.checksum(tx.engine())],
    )
    .await?;
    tx.commit().await?;
    tracing::info!(
        number = next.number,
        name = next.name,
        "changed the database's schema"
    );
    Ok(true)
}

/// The first migration that the database has not seen, after comparing those that it has.
async fn next<'a>(tx: &Tx, migrations: &'a [Migration]) -> Result<Option<&'a Migration>, MigrateError> {
    let done: Vec<(i64, String)> = tx
        .all(
            "SELECT number, checksum FROM schema_migrations ORDER BY number",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .await?;
    let known = migrations.last().map_or(0, |last| last.number);
    if let Some((found, _)) = done.last().filter(|(number, _)| *number > known) {
        return Err(MigrateError::Newer { found: *found, known });
    }
    for ((number, checksum), ours) in done.iter().zip(migrations) {
        if *number != ours.number || *checksum != ours.checksum(tx.engine()) {
            return Err(MigrateError::Different {
                number: ours.number,
                name: ours.name,
            });
        }
    }
    Ok(migrations.get(done.len()))
}

#[cfg(test)]
mod tests;
