//! Lists: a [`Query`] as SQL.
//!
//! Only names of columns and operators become text; every value is bound. The meaning of each condition is that of
//! `Query::run` in the domain, to which the contract suite compares it.

use std::fmt::Write as _;

use jackfield_domain::{
    Comparison, Filter, Listing, Literal, Order, Queried, Query, Search, TenantId, TextMatch, ValueKind,
};
use jackfield_store::Result;

use crate::db::{Engine, Error, Param, Row, Sql};
use crate::repo::Tally;

/// How many rows a statement may look at on the runtime's own thread.
const SHORT: i64 = 1000;

/// The values of a list, as columns.
pub(crate) trait Columns: Queried {
    /// The column that holds the value.
    fn column(self) -> &'static str;

    /// Whether the column may hold NULL.
    fn nullable(self) -> bool {
        false
    }

    /// The column of the folded form, where an index over that form (of those that are not empty) finds a record by the value.
    fn folded(self) -> Option<&'static str> {
        None
    }

    /// Whether this is the id.
    fn is_id(self) -> bool {
        self.column() == "id"
    }
}

/// A value to be bound.
enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
}

impl Value {
    fn param(&self) -> &dyn Param {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number,
            Self::Flag(flag) => flag,
        }
    }
}

/// A condition that grows, and the values bound in it.
struct Printer {
    engine: Engine,
    text: String,
    values: Vec<Value>,
}

impl Printer {
    /// Binds a value and writes its place.
    fn bind(&mut self, value: Value) {
        self.values.push(value);
        // Writing to a string cannot fail.
        let _ = write!(self.text, "${}", self.values.len());
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn filter<F: Columns>(&mut self, filter: &Filter<F>) {
        match filter {
            Filter::And(a, b) => self.both(a, " AND ", b),
            Filter::Or(a, b) => self.both(a, " OR ", b),
            Filter::Not(inner) => {
                self.push("NOT ");
                self.filter(inner);
            }
            Filter::Compare(field, comparison, literal) => self.compare(*field, *comparison, literal),
            Filter::Match(field, how, part) => self.matches(*field, *how, part),
        }
    }

    fn both<F: Columns>(&mut self, a: &Filter<F>, connective: &str, b: &Filter<F>) {
        self.push("(");
        self.filter(a);
        self.push(connective);
        self.filter(b);
        self.push(")");
    }

    /// A condition with the same outcome for every value that is there, and unknown for one that is not.
    fn certain(&mut self, column: &str, outcome: bool) {
        let sign = if outcome { "=" } else { "<>" };
        let _ = write!(self.text, "({column} {sign} {column})");
    }

    fn unknown(&mut self) {
        self.push("(1 = NULL)");
    }

    fn compare<F: Columns>(&mut self, field: F, comparison: Comparison, literal: &Literal) {
        let column = field.column();
        let empty = field.kind() == ValueKind::Text;
        let value = match (field.kind(), literal) {
            (_, Literal::Null) => {
                return match (comparison, empty) {
                    (Comparison::Equal, true) => self.push(&format!("({column} IS NULL OR {column} = '')")),
                    (Comparison::NotEqual, true) => {
                        self.push(&format!("({column} IS NOT NULL AND {column} <> '')"));
                    }
                    (Comparison::Equal, false) => self.push(&format!("({column} IS NULL)")),
                    (Comparison::NotEqual, false) => self.push(&format!("({column} IS NOT NULL)")),
                    _ => self.unknown(),
                };
            }
            (ValueKind::Text, Literal::Text(text)) => match text.split_once('\0') {
                Some((before, _)) => return self.compare_unstorable(column, comparison, before),
                None => Value::Text(text.clone()),
            },
            (ValueKind::Number, Literal::Number(number)) => Value::Number(*number),
            (ValueKind::Flag, Literal::Flag(flag)) => Value::Flag(*flag),
            (ValueKind::Time, Literal::Time(time)) => Value::Number(time.as_micros()),
            // Values of two kinds are never equal, and the one asked for counts as less.
            _ => {
                return self.certain(
                    column,
                    matches!(
                        comparison,
                        Comparison::NotEqual | Comparison::Greater | Comparison::GreaterOrEqual
                    ),
                );
            }
        };
        let narrow = match (&value, comparison, field.folded()) {
            (Value::Text(text), Comparison::Equal, Some(folded)) if !text.is_empty() => {
                Some((folded, jackfield_domain::text::fold(text)))
            }
            _ => None,
        };
        let _ = write!(self.text, "({column} {} ", sign(comparison));
        self.bind(value);
        if let Some((folded, text)) = narrow {
            let _ = write!(self.text, " AND {folded} <> '' AND {folded} = ");
            self.bind(Value::Text(text));
        }
        self.push(")");
    }

    /// Compares with a text that holds a NUL character after `before`. No stored text has one, and PostgreSQL cannot even
    /// be sent one; whatever is not above `before` is below it.
    fn compare_unstorable(&mut self, column: &str, comparison: Comparison, before: &str) {
        let sign = match comparison {
            Comparison::Equal => return self.certain(column, false),
            Comparison::NotEqual => return self.certain(column, true),
            Comparison::Less | Comparison::LessOrEqual => "<=",
            Comparison::Greater | Comparison::GreaterOrEqual => ">",
        };
        let _ = write!(self.text, "({column} {sign} ");
        self.bind(Value::Text(before.to_owned()));
        self.push(")");
    }

    fn matches<F: Columns>(&mut self, field: F, how: TextMatch, part: &str) {
        let column = field.column();
        if field.kind() != ValueKind::Text {
            return self.unknown();
        }
        if part.is_empty() || part.contains('\0') {
            return self.certain(column, part.is_empty());
        }
        // Bound twice where it occurs twice: PostgreSQL gives a place one type only.
        let part = || Value::Text(part.to_owned());
        match how {
            TextMatch::StartsWith => {
                let _ = write!(self.text, "(substr({column}, 1, length(CAST(");
                self.bind(part());
                self.push(" AS TEXT))) = ");
                self.bind(part());
                self.push(")");
            }
            TextMatch::EndsWith => {
                // A part longer than the value compares with something shorter than itself.
                let _ = write!(self.text, "(substr({column}, length({column}) + 1 - length(CAST(");
                self.bind(part());
                self.push(" AS TEXT))) = ");
                self.bind(part());
                self.push(")");
            }
            TextMatch::Contains => self.contains(column, part()),
        }
    }

    fn contains(&mut self, column: &str, part: Value) {
        let position = match self.engine {
            Engine::Sqlite => "instr",
            Engine::Postgres => "strpos",
        };
        let _ = write!(self.text, "({position}({column}, ");
        self.bind(part);
        self.push(") > 0)");
    }

    fn search(&mut self, search: &Search) {
        self.push("(");
        for (index, words) in search.alternatives().iter().enumerate() {
            if index > 0 {
                self.push(" OR ");
            }
            self.push("(");
            for (index, word) in words.iter().enumerate() {
                if index > 0 {
                    self.push(" AND ");
                }
                if word.contains('\0') {
                    self.push("1 = 0");
                } else {
                    self.contains("search_text", Value::Text(word.clone()));
                }
            }
            self.push(")");
        }
        self.push(")");
    }

    fn order<F: Columns>(&mut self, order: &[(F, Order)]) {
        self.push(" ORDER BY ");
        for (field, direction) in order {
            let (word, nulls) = match direction {
                Order::Ascending => ("", " NULLS FIRST"),
                Order::Descending => (" DESC", " NULLS LAST"),
            };
            self.push(field.column());
            self.push(word);
            if field.nullable() {
                self.push(nulls);
            }
            if field.is_id() {
                // Nothing is equal after that.
                return;
            }
            self.push(", ");
        }
        self.push("id");
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// A page that was read, and what counting the rest takes.
struct Rows<T> {
    items: Vec<T>,
    /// Whether nothing was left out but by the page.
    whole: bool,
    /// Whether it was worth leaving the runtime's own thread.
    long: bool,
    /// The condition, and how many values are bound in it.
    condition: String,
    bound: usize,
}

/// What a list is of.
pub(crate) struct List<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The columns that make an entry.
    pub(crate) columns: &'a str,
    /// The tenant whose rows they are; none for a list of tenants.
    pub(crate) tenant: Option<TenantId>,
    /// What counts the rows of the tenant, if they are counted.
    pub(crate) tally: Option<Tally>,
}

impl List<'_> {
    /// The page that the query asks for, each row read by `map`.
    pub(crate) async fn run<S: Sql, F: Columns, T: Send>(
        &self,
        sql: &S,
        query: &Query<F>,
        map: impl FnMut(&Row<'_>) -> std::result::Result<T, Error> + Send,
    ) -> Result<Listing<T>> {
        self.run_in(sql, None, query, map).await
    }

    /// The same of the rows with a value in a column; nobody knows how many those are.
    pub(crate) async fn run_in<S: Sql, F: Columns, T: Send>(
        &self,
        sql: &S,
        part: Option<(&'static str, i64)>,
        query: &Query<F>,
        map: impl FnMut(&Row<'_>) -> std::result::Result<T, Error> + Send,
    ) -> Result<Listing<T>> {
        let (
            printer,
            Rows {
                items,
                whole,
                long,
                condition,
                bound,
            },
        ) = self.rows(sql, part, query, map).await?;
        let table = self.table;
        let (skip, take) = (query.page.skip.max(0), query.page.take.max(0));
        let params: Vec<&dyn Param> = printer.values.iter().map(Value::param).collect();
        let seen = skip.saturating_add(i64::try_from(items.len()).unwrap_or(i64::MAX));
        let ended = items.len() < usize::try_from(take).unwrap_or(usize::MAX);
        let total = if ended && (skip == 0 || !items.is_empty()) {
            // The page shows the end of the list: no need to count.
            seen
        } else if let (true, Some(rows)) = (whole, self.tally(sql).await?) {
            rows
        } else {
            let text = format!("SELECT COUNT(*) FROM {table}{condition}");
            let params = params.get(..bound).unwrap_or_default();
            let rows = if long {
                sql.all_long(&text, params, |row| row.get(0)).await?.pop()
            } else {
                sql.one(&text, params, |row| row.get(0)).await?
            };
            rows.unwrap_or(0)
        };
        Ok(Listing {
            // Between two statements another transaction may have ended.
            total: if items.is_empty() { total } else { total.max(seen) },
            items,
        })
    }

    /// The page alone, for a list whose answer does not say how long it is.
    pub(crate) async fn page<S: Sql, F: Columns, T: Send>(
        &self,
        sql: &S,
        query: &Query<F>,
        map: impl FnMut(&Row<'_>) -> std::result::Result<T, Error> + Send,
    ) -> Result<Vec<T>> {
        Ok(self.rows(sql, None, query, map).await?.1.items)
    }

    async fn rows<S: Sql, F: Columns, T: Send>(
        &self,
        sql: &S,
        part: Option<(&'static str, i64)>,
        query: &Query<F>,
        map: impl FnMut(&Row<'_>) -> std::result::Result<T, Error> + Send,
    ) -> Result<(Printer, Rows<T>)> {
        let Self { table, columns, .. } = self;
        let (skip, take) = (query.page.skip.max(0), query.page.take.max(0));
        let whole = query.filter.is_none() && query.search.alternatives().is_empty();
        let scans = !whole || skip > SHORT || query.order.first().is_some_and(|(field, _)| !field.is_id());
        let counted = if scans { self.tally(sql).await? } else { None };

        let mut printer = self.condition(sql.engine(), part, query);
        let condition = printer.text.clone();
        let bound = printer.values.len();
        printer.order(&query.order);
        printer.push(" LIMIT ");
        printer.bind(Value::Number(take));
        printer.push(" OFFSET ");
        printer.bind(Value::Number(skip));

        let text = format!("SELECT {columns} FROM {table}{}", printer.text);
        let params: Vec<&dyn Param> = printer.values.iter().map(Value::param).collect();
        // Of tenants it is not known how many there are, nor of groups; groups are few.
        let uncounted = self.tenant.is_none() || part.is_some();
        let long = scans && counted.map_or(uncounted, |rows| rows > SHORT);
        let items = if long {
            sql.all_long(&text, &params, map).await?
        } else {
            sql.all(&text, &params, map).await?
        };
        drop(params);
        let rows = Rows {
            items,
            whole,
            long,
            condition,
            bound,
        };
        Ok((printer, rows))
    }

    async fn tally<S: Sql>(&self, sql: &S) -> Result<Option<i64>> {
        match (self.tally, self.tenant) {
            (Some(tally), Some(tenant)) => tally.read(sql, tenant).await,
            _ => Ok(None),
        }
    }

    fn condition<F: Columns>(
        &self,
        engine: Engine,
        part: Option<(&'static str, i64)>,
        query: &Query<F>,
    ) -> Printer {
        let mut printer = Printer {
            engine,
            text: String::with_capacity(256),
            values: Vec::new(),
        };
        let mut joint = " WHERE ";
        if let Some(tenant) = self.tenant {
            printer.push(" WHERE tenant_id = ");
            printer.bind(Value::Number(tenant.get()));
            joint = " AND ";
        }
        if let Some((column, value)) = part {
            printer.push(joint);
            printer.push(column);
            printer.push(" = ");
            printer.bind(Value::Number(value));
            joint = " AND ";
        }
        if let Some(filter) = &query.filter {
            printer.push(joint);
            printer.filter(filter);
            joint = " AND ";
        }
        if !query.search.alternatives().is_empty() {
            printer.push(joint);
            printer.search(&query.search);
        }
        printer
    }
}
