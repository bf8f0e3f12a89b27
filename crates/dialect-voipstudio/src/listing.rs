//! What lists are asked for: `page`, `limit`, `sort`, `dir` and `filter`, and which relations their rows are to show.

use jackfield_domain::{
    Comparison, Field, Filter, Literal, Order, Page, Queried, Query, Result, Rule, Search, TextMatch,
    Timestamp, ValueKind, Violation, Violations, limits,
};
use jackfield_edge::read_moment;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

/// Rows of a page when the request does not say.
const USUAL: i64 = 25;
/// Rows of a page at most. Who asks for more gets this many; clients page by `total` anyway.
const MOST: i64 = 5000;

/// What every list can be asked for.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Which page, from 1. One past the end is empty.
    #[param(value_type = Option<i32>, minimum = 1, default = 1)]
    page: Option<String>,
    /// How many rows a page has. More than 5000 counts as 5000.
    #[param(value_type = Option<i32>, minimum = 1, default = 25)]
    limit: Option<String>,
    /// The field of a row to order by.
    sort: Option<String>,
    /// `ASC` or `DESC`.
    dir: Option<String>,
    /// A JSON array of `{"property", "operator", "value"}`, all of which have to hold. Operators: eq, like, gt, gte, lt, lte.
    #[param(example = r#"[{"property":"id","operator":"gte","value":100000}]"#)]
    filter: Option<String>,
}

/// One condition of a filter.
#[derive(Deserialize)]
struct Condition {
    property: String,
    operator: String,
    value: Value,
}

impl ListParams {
    /// The query that they stand for. `names` finds the value that the vendor's name of a field stands for.
    ///
    /// # Errors
    /// A violation for each parameter that cannot be read.
    pub(crate) fn query<F: Queried>(&self, names: fn(&str) -> Option<F>) -> Result<Query<F>> {
        let mut found = Violations::new();
        let page = number(self.page.as_deref(), Field::Skip, &mut found).unwrap_or(1);
        let take = number(self.limit.as_deref(), Field::Top, &mut found)
            .unwrap_or(USUAL)
            .min(MOST);
        let order = self.order(names, &mut found);
        let filter = given(self.filter.as_deref()).and_then(|text| {
            read_filter(text, names)
                .map_err(|violation| found.extend([violation]))
                .ok()
        });
        found.finish()?;
        Ok(Query {
            filter: filter.flatten(),
            search: Search::default(),
            order,
            page: Page {
                skip: (page - 1).saturating_mul(take),
                take,
            },
        })
    }

    fn order<F: Queried>(&self, names: fn(&str) -> Option<F>, found: &mut Violations) -> Vec<(F, Order)> {
        let order = match given(self.dir.as_deref()) {
            None => Order::Ascending,
            Some(dir) if dir.eq_ignore_ascii_case("asc") => Order::Ascending,
            Some(dir) if dir.eq_ignore_ascii_case("desc") => Order::Descending,
            Some(_) => {
                found.add(
                    Field::OrderBy,
                    Rule::Other("comes with a dir that is ASC or DESC".into()),
                );
                Order::Ascending
            }
        };
        match given(self.sort.as_deref()).map(|name| (name, names(name))) {
            // Without a property the direction still counts: the newest first is what it mostly is asked for.
            None if order == Order::Ascending => Vec::new(),
            None => names("id").map(|id| (id, order)).into_iter().collect(),
            Some((_, Some(field))) => vec![(field, order)],
            Some((name, None)) => {
                found.add(
                    Field::OrderBy,
                    Rule::Other(format!("names `{name}`, by which this list cannot be ordered")),
                );
                Vec::new()
            }
        }
    }
}

/// A parameter without a value says nothing: forms send empty fields along.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn number(text: Option<&str>, field: Field, found: &mut Violations) -> Option<i64> {
    let most = i64::from(i32::MAX);
    let number = given(text)?
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number));
    if number.is_none() {
        found.add(field, Rule::OutOfRange(1, most));
    }
    number
}

fn fault(text: impl Into<String>) -> Violation {
    Violation::new(Field::Filter, Rule::Other(text.into()))
}

/// Reads a filter. An empty array asks for nothing.
fn read_filter<F: Queried>(
    text: &str,
    names: fn(&str) -> Option<F>,
) -> std::result::Result<Option<Filter<F>>, Violation> {
    let conditions: Vec<Condition> = serde_json::from_str(text)
        .map_err(|_| fault(r#"must be a JSON array of {"property", "operator", "value"}"#))?;
    if conditions.len() > limits::FILTER_COMPARISONS {
        return Err(Violation::new(
            Field::Filter,
            Rule::TooMany(limits::FILTER_COMPARISONS),
        ));
    }
    let mut whole = None;
    for condition in conditions {
        let next = read_condition(&condition, names)?;
        whole = Some(match whole {
            None => next,
            Some(before) => Filter::And(Box::new(before), Box::new(next)),
        });
    }
    Ok(whole)
}

fn read_condition<F: Queried>(
    condition: &Condition,
    names: fn(&str) -> Option<F>,
) -> std::result::Result<Filter<F>, Violation> {
    let Condition {
        property,
        operator,
        value,
    } = condition;
    // The vendor's words for this.
    let field = names(property).ok_or_else(|| {
        fault(format!(
            "Filtration error: this list cannot be filtered by `{property}`"
        ))
    })?;
    let comparison = match operator.as_str() {
        "like" => return read_like(field, property, value),
        "eq" => Comparison::Equal,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        _ => {
            return Err(fault(format!(
                "Filtration error: the operator of `{property}` must be one of eq, like, gt, gte, lt, lte"
            )));
        }
    };
    if field.kind() == ValueKind::Time && *value != Value::Null {
        let text = value.as_str().unwrap_or_default();
        let moment = read_moment(text).ok_or_else(|| {
            fault(format!(
                "must compare `{property}` with YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"
            ))
        })?;
        return Ok(compare_second(field, comparison, moment));
    }
    let literal = literal(field.kind(), value)
        .ok_or_else(|| fault(format!("must compare `{property}` with {}", words(field.kind()))))?;
    Ok(Filter::Compare(field, comparison, literal))
}

fn read_like<F: Queried>(
    field: F,
    property: &str,
    value: &Value,
) -> std::result::Result<Filter<F>, Violation> {
    match (field.kind(), literal(ValueKind::Text, value)) {
        (ValueKind::Text, Some(Literal::Text(part))) => Ok(Filter::Match(field, TextMatch::Contains, part)),
        _ => Err(fault(format!(
            "cannot look for a part of `{property}`; use another operator"
        ))),
    }
}

/// Compares with a whole second. Answers show no more of a moment, so all of that second counts as equal.
fn compare_second<F: Queried>(field: F, comparison: Comparison, moment: Timestamp) -> Filter<F> {
    let next = moment.plus(std::time::Duration::from_secs(1));
    let compare = |comparison, moment| Filter::Compare(field, comparison, Literal::Time(moment));
    match comparison {
        Comparison::Greater => compare(Comparison::GreaterOrEqual, next),
        Comparison::LessOrEqual => compare(Comparison::Less, next),
        Comparison::GreaterOrEqual | Comparison::Less => compare(comparison, moment),
        Comparison::Equal => Filter::And(
            Box::new(compare(Comparison::GreaterOrEqual, moment)),
            Box::new(compare(Comparison::Less, next)),
        ),
        Comparison::NotEqual => Filter::Not(Box::new(compare_second(field, Comparison::Equal, moment))),
    }
}

/// A value of a filter. Clients write numbers as text and text of digits as numbers.
fn literal(kind: ValueKind, value: &Value) -> Option<Literal> {
    match (kind, value) {
        (_, Value::Null) => Some(Literal::Null),
        (ValueKind::Text, Value::String(text)) => Some(Literal::Text(text.clone())),
        (ValueKind::Text, Value::Number(number)) => Some(Literal::Text(number.to_string())),
        (ValueKind::Number, Value::Number(number)) => number.as_i64().map(Literal::Number),
        (ValueKind::Number, Value::String(text)) => text.trim().parse().ok().map(Literal::Number),
        (ValueKind::Flag, Value::Bool(flag)) => Some(Literal::Flag(*flag)),
        (ValueKind::Flag, Value::Number(number)) => match number.as_i64() {
            Some(0) => Some(Literal::Flag(false)),
            Some(1) => Some(Literal::Flag(true)),
            _ => None,
        },
        (ValueKind::Flag, Value::String(text)) => match text.as_str() {
            "0" | "false" => Some(Literal::Flag(false)),
            "1" | "true" => Some(Literal::Flag(true)),
            _ => None,
        },
        _ => None,
    }
}

fn words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::Number => "a whole number",
        ValueKind::Flag => "true or false",
        ValueKind::Time => "a date",
    }
}

/// Whether a list of names with commas between them has this one.
pub(crate) fn names(list: Option<&str>, name: &str) -> bool {
    list.is_some_and(|list| list.split(',').any(|entry| entry.trim() == name))
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
