//! What engines report. The tables of the four kinds have one shape, so what is done with them is written once, here; each
//! kind says in its own file which columns it has.

mod calls;
mod chat_messages;
mod legs;
mod messages;
mod recordings;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{
    BlobKey, CallLeg, CallRecord, CallRecordField, CallRecordId, ChatMessage, ChatMessageField, Listing,
    Message, MessageField, Order, Page, Query, Recording, RecordingField, RecordingId, TenantId, Timestamp,
    UserId,
};
use jackfield_store::{History, ReportKind, ReportReads, ReportWrites, Result};

use super::exists;
use crate::db::{Cell, Engine, Error, Many, Param, Row, Sql, SqlWrite, Tx};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

/// The types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Text,
}

/// A kind of report, with its table and its columns.
trait Report: Sized + Send + Sync + 'static {
    /// The values of its lists.
    type Field: Columns;

    /// Its columns in the order of [`cells`](Self::cells), after tenant and id: the external id first, the text for
    /// searches last.
    const COLUMNS: &'static [(&'static str, Type)];
    /// What a list shows beside the columns: `, expression AS name`.
    const MORE: &'static str = "";
    /// The columns that name users, each with the user it names.
    const USERS: [&'static str; 2];
    /// Whether people remove such reports, so that their numbers have gaps.
    const REMOVABLE: bool = false;
    /// The value of the id.
    const ID: Self::Field;

    fn tables() -> &'static Tables;
    fn id(&self) -> i64;
    fn users(&self) -> [Option<UserId>; 2];
    /// The moment that it is about.
    fn at(&self) -> Timestamp;
    /// What a search looks at. Words hold no line end, so none is found across two values.
    fn search_text(&self) -> String;
    fn cells<'a>(&'a self, search_text: &'a str) -> Vec<Cell<'a>>;
    /// Reads a row of [`Tables::columns`], whose first two are tenant and id.
    fn read(row: &Row<'_>) -> std::result::Result<Self, Error>;
}

/// The statements of a kind.
struct Tables {
    /// What is read of a record, which is named `r`.
    columns: String,
    /// The entries of a history with their records, to list from.
    listed: String,
    one: String,
    page: String,
    after: String,
    last: String,
    /// The last number of each of the given users, and the ids of the given external ids.
    lasts: [String; 2],
    known: [String; 2],
    insert: [String; 2],
    enter: [String; 2],
}

/// The statement of an engine.
pub(super) fn of(engine: Engine, pair: &[String; 2]) -> &str {
    let [sqlite, postgres] = pair;
    match engine {
        Engine::Sqlite => sqlite,
        Engine::Postgres => postgres,
    }
}

impl Tables {
    /// Writes them for the table of this name, that of its entries being named after it.
    fn of<R: Report>(table: &str, entries: &str) -> Self {
        let shown: Vec<&str> = R::COLUMNS
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| *name != "search_text")
            .collect();
        let columns = format!("r.tenant_id, r.id, r.{}", shown.join(", r."));
        let [one, other] = R::USERS;
        let from =
            format!("{entries} AS e JOIN {table} AS r ON r.tenant_id = e.tenant_id AND r.id = e.record");
        let mine = "WHERE e.tenant_id = $1 AND e.user_id = $2";
        let mut all = vec![("tenant_id", Type::Number), ("id", Type::Number)];
        all.extend(R::COLUMNS);
        let number = |name| (name, Type::Number);
        let entry = ["tenant_id", "user_id", "position", "record", "at"].map(number);
        Self {
            listed: format!(
                "(SELECT e.user_id AS history, e.tenant_id, r.id, r.{}, r.search_text{} FROM {from}) AS r",
                shown.join(", r."),
                R::MORE
            ),
            one: format!(
                "SELECT {columns} FROM {table} AS r WHERE r.tenant_id = $1 AND r.id = $2 \
                 AND (CAST($3 AS BIGINT) = 0 OR r.{one} = $3 OR r.{other} = $3)"
            ),
            page: format!(
                "SELECT {columns} FROM {from} {mine} AND e.position <= $3 ORDER BY e.position DESC LIMIT $4"
            ),
            after: format!(
                "SELECT {columns}, e.position FROM {from} {mine} AND e.position > $3 AND e.at >= $4 \
                 ORDER BY e.position LIMIT $5"
            ),
            last: format!("SELECT e.position FROM {entries} AS e {mine} ORDER BY e.position DESC LIMIT 1"),
            lasts: given("BIGINT").map(|given| {
                format!(
                    "SELECT given.value, (SELECT e.position FROM {entries} AS e WHERE e.tenant_id = $1 \
                     AND e.user_id = given.value ORDER BY e.position DESC LIMIT 1) FROM {given}"
                )
            }),
            known: given("TEXT").map(|given| {
                format!(
                    "SELECT given.value, r.id FROM {given} CROSS JOIN {table} AS r \
                     WHERE r.external_id = given.value AND r.tenant_id = $1"
                )
            }),
            insert: insert_statements(table, &all),
            enter: insert_statements(entries, &entry),
            columns,
        }
    }
}

/// The values of `$2` as rows `given (value)`, on SQLite and on PostgreSQL, where they have a type.
///
/// To be joined with `CROSS JOIN`, which SQLite carries out in the order in which it is written. Left to choose, it reads all
/// records of the tenant and looks for each among the given values: a batch of 100 then cost a second at 60,000 records.
pub(super) fn given(kind: &str) -> [String; 2] {
    [
        "(SELECT value FROM json_each($2)) AS given".to_owned(),
        format!("unnest(CAST($2 AS {kind}[])) AS given (value)"),
    ]
}

/// The statements that insert one row on SQLite, and any number of them on PostgreSQL.
pub(super) fn insert_statements(table: &str, columns: &[(&str, Type)]) -> [String; 2] {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let into = format!("INSERT INTO {table} ({})", names.join(", "));
    [
        format!("{into} VALUES ({})", places(columns.len())),
        format!("{into} SELECT * FROM unnest({})", arrays(columns)),
    ]
}

fn places(count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

fn arrays(columns: &[(&str, Type)]) -> String {
    let arrays = columns.iter().enumerate().map(|(index, (_, kind))| {
        let kind = match kind {
            Type::Number => "BIGINT",
            Type::Text => "TEXT",
        };
        format!("CAST(${} AS {kind}[])", index + 1)
    });
    arrays.collect::<Vec<_>>().join(", ")
}

/// Inserts rows: one by one where the database is in this process, all in one statement where each would be a round trip.
pub(super) async fn insert_rows(tx: &Tx, statements: &[String; 2], rows: &[Vec<Cell<'_>>]) -> Result<()> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let sql = of(tx.engine(), statements);
    match tx.engine() {
        Engine::Sqlite => {
            for row in rows {
                let params: Vec<&dyn Param> = row.iter().map(|cell| cell as &dyn Param).collect();
                tx.exec(sql, &params).await?;
            }
        }
        Engine::Postgres => {
            let mut columns: Vec<Many<Cell<'_>>> = first
                .iter()
                .map(|_| Many(Vec::with_capacity(rows.len())))
                .collect();
            for row in rows {
                for (column, cell) in columns.iter_mut().zip(row) {
                    column.0.push(*cell);
                }
            }
            let params: Vec<&dyn Param> = columns.iter().map(|column| column as &dyn Param).collect();
            tx.exec(sql, &params).await?;
        }
    }
    Ok(())
}

/// The key of whose history: no user has the id 0.
fn key(of: History) -> i64 {
    of.user.map_or(0, UserId::get)
}

/// Stores reports and numbers them for whom they are about.
async fn insert<R: Report>(tx: &Tx, tenant: TenantId, reports: &[&R]) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let tenant = tenant.get();
    let texts: Vec<String> = reports.iter().map(|report| report.search_text()).collect();
    let rows: Vec<Vec<Cell<'_>>> = reports
        .iter()
        .zip(&texts)
        .map(|(report, text)| {
            let mut row = vec![Cell::Number(tenant), Cell::Number(report.id())];
            row.extend(report.cells(text));
            row
        })
        .collect();
    insert_rows(tx, &R::tables().insert, &rows).await?;

    // By user, so that what goes into one place of the tree goes there at once.
    let mut entries: BTreeMap<i64, Vec<&R>> = BTreeMap::new();
    for report in reports {
        let [one, other] = report.users();
        entries.entry(0).or_default().push(report);
        for user in [one, other.filter(|other| Some(*other) != one)]
            .into_iter()
            .flatten()
        {
            entries.entry(user.get()).or_default().push(report);
        }
    }
    let users = Many(entries.keys().copied().collect());
    let last = of(tx.engine(), &R::tables().lasts);
    let lasts: Vec<(i64, Option<i64>)> = tx
        .all(last, &[&tenant, &users], |row| Ok((row.get(0)?, row.get(1)?)))
        .await?;
    let lasts: HashMap<i64, Option<i64>> = lasts.into_iter().collect();
    let mut rows = Vec::with_capacity(3 * reports.len());
    for (user, reports) in entries {
        let mut position = lasts.get(&user).copied().flatten().unwrap_or(0);
        for report in reports {
            position += 1;
            rows.push(vec![
                Cell::Number(tenant),
                Cell::Number(user),
                Cell::Number(position),
                Cell::Number(report.id()),
                Cell::Number(report.at().as_micros()),
            ]);
        }
    }
    insert_rows(tx, &R::tables().enter, &rows).await
}

impl<S: Sql, X: Send + Sync> Records<S, X> {
    async fn report<R: Report>(&self, of: History, id: i64) -> Result<Option<R>> {
        let params = (of.tenant.get(), key(of));
        let sql = &R::tables().one;
        Ok(self.sql.one(sql, &[&params.0, &id, &params.1], R::read).await?)
    }

    async fn last_report<R: Report>(&self, of: History) -> Result<i64> {
        let params = (of.tenant.get(), key(of));
        let last = self
            .sql
            .one(&R::tables().last, &[&params.0, &params.1], |row| row.get(0))
            .await?;
        Ok(last.unwrap_or(0))
    }

    async fn list_reports<R: Report>(&self, of: History, query: &Query<R::Field>) -> Result<Listing<R>> {
        let latest = [(R::ID, Order::Descending)];
        let whole = query.filter.is_none() && query.search.alternatives().is_empty();
        let by_number = query.order.is_empty() || query.order.starts_with(&latest);
        if whole && by_number && !R::REMOVABLE {
            return self.latest_reports(of, query.page).await;
        }
        let tables = R::tables();
        let list = List {
            table: &tables.listed,
            columns: &tables.columns,
            tenant: Some(of.tenant),
            tally: None,
        };
        let mut query = query.clone();
        if query.order.is_empty() {
            query.order.extend(latest);
        }
        list.run_in(&self.sql, Some(("history", key(of))), &query, R::read)
            .await
    }

    /// A page from the end: numbers have no gaps, so the number tells the place.
    async fn latest_reports<R: Report>(&self, of: History, page: Page) -> Result<Listing<R>> {
        let total = self.last_report::<R>(of).await?;
        let params = (
            of.tenant.get(),
            key(of),
            total.saturating_sub(page.skip.max(0)),
            page.take.max(0),
        );
        let sql = &R::tables().page;
        let values: [&dyn Param; 4] = [&params.0, &params.1, &params.2, &params.3];
        let items = self.sql.all(sql, &values, R::read).await?;
        Ok(Listing { items, total })
    }

    /// Those of the given values that a statement of an engine finds.
    pub(super) async fn given<T: Send>(
        &self,
        sql: &[String; 2],
        tenant: TenantId,
        values: &[&str],
        wrap: impl Fn(i64) -> T + Send + Sync,
    ) -> Result<Vec<(String, T)>> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant, values) = (tenant.get(), Many(values.to_vec()));
        let sql = of(self.sql.engine(), sql);
        let map = |row: &Row<'_>| Ok((row.get(0)?, wrap(row.get(1)?)));
        Ok(self.sql.all(sql, &[&tenant, &values], map).await?)
    }
}

/// The statements of `users_by_names`.
static BY_NAME: LazyLock<[String; 2]> = LazyLock::new(|| {
    given("TEXT").map(|given| {
        format!(
            "SELECT given.value, users.id FROM {given} CROSS JOIN users \
             WHERE users.name_folded = given.value AND users.tenant_id = $1"
        )
    })
});

#[async_trait]
impl<S: Sql, X: Send + Sync> ReportReads for Records<S, X> {
    async fn reported_among(
        &self,
        tenant: TenantId,
        kind: ReportKind,
        external_ids: &[&str],
    ) -> Result<Vec<(String, i64)>> {
        let tables = match kind {
            ReportKind::CallRecord => CallRecord::tables(),
            ReportKind::Recording => Recording::tables(),
            ReportKind::Message => Message::tables(),
            ReportKind::ChatMessage => ChatMessage::tables(),
        };
        self.given(&tables.known, tenant, external_ids, |id| id).await
    }

    async fn users_by_names(&self, tenant: TenantId, folded: &[&str]) -> Result<Vec<(String, UserId)>> {
        self.given(&BY_NAME, tenant, folded, UserId::new).await
    }

    async fn call_record(&self, of: History, id: i64) -> Result<Option<CallRecord>> {
        self.report(of, id).await
    }

    async fn list_call_records(
        &self,
        of: History,
        query: &Query<CallRecordField>,
    ) -> Result<Listing<CallRecord>> {
        self.list_reports(of, query).await
    }

    async fn call_records_after(
        &self,
        of: History,
        after: i64,
        since: Option<Timestamp>,
        limit: i64,
    ) -> Result<Vec<(i64, CallRecord)>> {
        let since = since.map_or(i64::MIN, Timestamp::as_micros);
        let params = (of.tenant.get(), key(of), limit.max(0));
        let values: [&dyn Param; 5] = [&params.0, &params.1, &after, &since, &params.2];
        let map = |row: &Row<'_>| {
            let position = row.get(2 + CallRecord::COLUMNS.len() - 1)?;
            Ok((position, CallRecord::read(row)?))
        };
        Ok(self
            .sql
            .all_long(&CallRecord::tables().after, &values, map)
            .await?)
    }

    async fn last_call_record(&self, of: History) -> Result<i64> {
        self.last_report::<CallRecord>(of).await
    }

    async fn call_legs(&self, tenant: TenantId, record: CallRecordId) -> Result<Vec<CallLeg>> {
        legs::read(&self.sql, tenant, record).await
    }

    async fn recording(&self, of: History, id: i64) -> Result<Option<Recording>> {
        self.report(of, id).await
    }

    async fn list_recordings(
        &self,
        of: History,
        query: &Query<RecordingField>,
    ) -> Result<Listing<Recording>> {
        self.list_reports(of, query).await
    }

    async fn message(&self, of: History, id: i64) -> Result<Option<Message>> {
        self.report(of, id).await
    }

    async fn list_messages(&self, of: History, query: &Query<MessageField>) -> Result<Listing<Message>> {
        self.list_reports(of, query).await
    }

    async fn chat_message(&self, of: History, id: i64) -> Result<Option<ChatMessage>> {
        self.report(of, id).await
    }

    async fn list_chat_messages(
        &self,
        of: History,
        query: &Query<ChatMessageField>,
    ) -> Result<Listing<ChatMessage>> {
        self.list_reports(of, query).await
    }
}

#[async_trait]
impl ReportWrites for SqlTransaction {
    async fn insert_call_records(&mut self, records: &[&CallRecord]) -> Result<()> {
        insert(&self.sql, self.more, records).await
    }

    async fn insert_call_legs(
        &mut self,
        tenant: TenantId,
        record: CallRecordId,
        legs: &[CallLeg],
    ) -> Result<()> {
        legs::insert(&self.sql, tenant, record, legs).await
    }

    async fn insert_recordings(&mut self, recordings: &[&Recording]) -> Result<()> {
        insert(&self.sql, self.more, recordings).await
    }

    async fn insert_messages(&mut self, messages: &[&Message]) -> Result<()> {
        insert(&self.sql, self.more, messages).await
    }

    async fn insert_chat_messages(&mut self, messages: &[&ChatMessage]) -> Result<()> {
        insert(&self.sql, self.more, messages).await
    }

    async fn set_recording_file(
        &mut self,
        tenant: TenantId,
        id: RecordingId,
        key: &BlobKey,
        size: i64,
    ) -> Result<()> {
        let sql = "UPDATE recordings SET file_key = $3, file_size = $4 WHERE tenant_id = $1 AND id = $2";
        let params = (tenant.get(), id.get());
        exists(
            self.sql
                .exec(sql, &[&params.0, &params.1, &key.as_str(), &size])
                .await?,
        )
    }

    async fn delete_recording(&mut self, tenant: TenantId, id: RecordingId) -> Result<bool> {
        let params = (tenant.get(), id.get());
        let sql = "DELETE FROM recording_entries WHERE tenant_id = $1 AND record = $2";
        self.sql.exec(sql, &[&params.0, &params.1]).await?;
        let sql = "DELETE FROM recordings WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&params.0, &params.1]).await? > 0)
    }
}

/// Forgets which reports a user had: there is nobody left to read them. The reports themselves are the tenant's.
pub(super) async fn forget_histories(tx: &Tx, tenant: TenantId, user: UserId) -> Result<()> {
    for sql in [
        "DELETE FROM call_record_entries WHERE tenant_id = $1 AND user_id = $2",
        "DELETE FROM recording_entries WHERE tenant_id = $1 AND user_id = $2",
        "DELETE FROM message_entries WHERE tenant_id = $1 AND user_id = $2",
        "DELETE FROM chat_message_entries WHERE tenant_id = $1 AND user_id = $2",
    ] {
        tx.exec(sql, &[&tenant.get(), &user.get()]).await?;
    }
    Ok(())
}
