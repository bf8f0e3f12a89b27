//! What SQLite's planner is told of the data.
//!
//! The planner chooses by statistics, and where there are none it takes ten rows for whatever the first column of an index
//! finds. Every index of ours begins with the tenant, so the whole of a tenant looked as small as one of his records: it read
//! all users of a tenant to find four of them by their numbers, which was a third of what a call cost. Statistics of the real
//! data (`ANALYZE`) would be right only until the data grows, and would change plans under a running system. So every database
//! is told the same: tenants are many and large, and what a whole index names is rare.
//!
//! PostgreSQL keeps statistics by itself.

use crate::db::{Error, Sql, SqlWrite, Tx};

/// Rows of a table.
const TABLE: i64 = 1_000_000;
/// Rows of one tenant in a table: far more than anybody wants to read.
const TENANT: i64 = 20_000;
/// By how much each further column of an index narrows what is found.
const NARROWER: i64 = 200;
/// Rows that have all columns of an index in common, where that is not unique.
const ALIKE: i64 = 10;

/// An index, as the planner's table of statistics names it.
struct Index {
    table: String,
    name: String,
    columns: i64,
    first: Option<String>,
    unique: bool,
}

impl Index {
    /// The rows of the table, then those that have the first column, the first two, … in common.
    fn statistic(&self) -> String {
        let of_a_tenant = self.first.as_deref() == Some("tenant_id");
        let mut found = if of_a_tenant { TENANT } else { ALIKE };
        let mut text = TABLE.to_string();
        for column in 1..=self.columns {
            found = match (column == self.columns, self.unique) {
                (true, true) => 1,
                (true, false) if column > 1 => found.min(ALIKE),
                _ => found,
            };
            text.push(' ');
            text.push_str(&found.to_string());
            found = (found / NARROWER).max(ALIKE);
        }
        text
    }
}

/// Tells the planner, unless it was told the same before.
pub(crate) async fn tell(tx: &Tx) -> Result<(), Error> {
    let mut wanted: Vec<_> = indexes(tx)
        .await?
        .into_iter()
        .map(|index| {
            let statistic = index.statistic();
            (index.table, index.name, statistic)
        })
        .collect();
    wanted.sort();
    if told(tx).await? == wanted {
        return Ok(());
    }
    // A new table, and not new rows in the old one: that is what other connections notice. It is made by looking at one small
    // table, whose own row goes at once.
    tx.batch(
        "DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4; ANALYZE schema_migrations; \
         DELETE FROM sqlite_stat1;",
    )
    .await?;
    for (table, index, statistic) in &wanted {
        let sql = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)";
        tx.exec(sql, &[table, index, statistic]).await?;
    }
    // Lets this connection read what was just written.
    tx.batch("ANALYZE sqlite_schema").await
}

async fn indexes(tx: &Tx) -> Result<Vec<Index>, Error> {
    let sql = "SELECT tables.name, indexes.name, indexes.\"unique\", indexes.origin = 'pk' AND tables.wr, \
         (SELECT COUNT(*) FROM pragma_index_info(indexes.name)), \
         (SELECT columns.name FROM pragma_index_info(indexes.name) AS columns WHERE columns.seqno = 0) \
         FROM pragma_table_list AS tables JOIN pragma_index_list(tables.name) AS indexes \
         WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite%'";
    tx.all(sql, &[], |row| {
        let (table, name): (String, String) = (row.get(0)?, row.get(1)?);
        // Where the rows are kept in the primary key itself, statistics call it by the table's name.
        let is_the_table = row.get(3)?;
        Ok(Index {
            name: if is_the_table { table.clone() } else { name },
            table,
            unique: row.get(2)?,
            columns: row.get(4)?,
            first: row.get(5)?,
        })
    })
    .await
}

/// What the planner goes by now.
async fn told(tx: &Tx) -> Result<Vec<(String, String, String)>, Error> {
    let known: Option<i64> = tx
        .one(
            "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'",
            &[],
            |row| row.get(0),
        )
        .await?;
    if known.is_none() {
        return Ok(Vec::new());
    }
    let sql = "SELECT tbl, COALESCE(idx, ''), stat FROM sqlite_stat1 ORDER BY tbl, idx";
    tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .await
}

#[cfg(test)]
mod tests {
    use crate::{
        db::{Db, Sql},
        testing::file,
    };

    async fn number(db: &Db, sql: &str) -> i64 {
        db.one(sql, &[], |row| row.get(0)).await.unwrap().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_index_of_a_tenant_is_told_of_once() {
        let (_folder, config) = file();
        let db = Db::open(&config).await.unwrap();
        db.migrate().await.unwrap();
        let told: Vec<String> = db
            .all(
                "SELECT idx || ': ' || stat FROM sqlite_stat1 WHERE tbl = 'users' ORDER BY idx",
                &[],
                |row| row.get(0),
            )
            .await
            .unwrap();
        for known in [
            // The table itself, by its primary key.
            "users: 1000000 20000 1",
            "users_by_role: 1000000 20000 100 10",
            "users_email_anywhere: 1000000 10",
            "users_extension: 1000000 20000 1",
        ] {
            assert!(
                told.iter().any(|line| line == known),
                "{known} is not in {told:?}"
            );
        }
        let untold = "SELECT COUNT(*) FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i \
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' \
            AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE tbl = t.name AND idx IN (t.name, i.name))";
        assert_eq!(number(&db, untold).await, 0);
        // Another start finds nothing to tell: to tell makes every connection read the schema again.
        let version = "SELECT schema_version FROM pragma_schema_version";
        let before = number(&db, version).await;
        db.migrate().await.unwrap();
        let again = Db::open(&config).await.unwrap();
        again.migrate().await.unwrap();
        assert_eq!(number(&again, version).await, before);
    }
}
