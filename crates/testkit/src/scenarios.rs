//! Checks that hold for every collection, whatever is in it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{Draft, Person};

/// Of what type a field of a list's lines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number, as JSON or in a string.
    Number,
    /// True or false.
    Flag,
    /// A moment.
    Time,
}

/// A list that can be filtered, ordered and paged. There should be at least four records in it.
#[derive(Debug, Clone, Copy)]
pub struct Collection {
    /// Its path.
    pub path: &'static str,
    /// The field that tells its records apart.
    pub key: &'static str,
    /// The fields of its lines that can be asked for.
    pub fields: &'static [(&'static str, Kind)],
}

/// Walks the pages with several sizes: each walk gives every record once, in the same order, and the same count.
pub async fn paging(person: &Person, list: Collection) {
    let whole = person.get(list.path).await.is(200);
    let keys = whole.column(list.key);
    let count = whole["count"].as_u64().expect("a list counts");
    assert_eq!(count, keys.len() as u64, "{whole}");
    assert!(count >= 4, "too few records in {} to say anything", list.path);
    assert_eq!(
        keys.iter().collect::<BTreeSet<_>>().len(),
        keys.len(),
        "a record occurs twice: {whole}"
    );
    for size in ["1", "2", "3", "100"] {
        for (skip_name, top_name) in [("skip", "top"), ("$skip", "$top")] {
            let mut walked = Vec::new();
            loop {
                let skip = walked.len().to_string();
                let page = person
                    .find(list.path, &[(skip_name, &skip), (top_name, size)])
                    .await
                    .is(200);
                assert_eq!(page["count"], count, "the count is that of the whole list");
                let part = page.column(list.key);
                assert!(part.len() <= size.parse().expect("a number"), "{page}");
                if part.is_empty() {
                    break;
                }
                walked.extend(part);
            }
            assert_eq!(walked, keys, "pages of {size}");
        }
    }
    let beyond = person.find(list.path, &[("skip", "100000")]).await.is(200);
    assert_eq!(
        (beyond["count"].as_u64(), beyond.column(list.key).len()),
        (Some(count), 0)
    );
    for (name, value) in [
        ("top", "0"),
        ("top", "101"),
        ("top", "-1"),
        ("top", "many"),
        ("skip", "-1"),
        ("skip", "1.5"),
        ("skip", "99999999999999999999"),
    ] {
        let _ = person
            .find(list.path, &[(name, value)])
            .await
            .fails(400, "VALIDATE_FAILED")
            .says(name);
    }
}

/// Orders by each field, both ways.
pub async fn ordering(person: &Person, list: Collection) {
    for (field, kind) in list.fields {
        let up = person
            .find(list.path, &[("orderby", field)])
            .await
            .is(200)
            .column(field);
        let mut sorted = up.clone();
        match kind {
            Kind::Number => sorted.sort_by_key(|text| text.parse::<i64>().expect("a number")),
            _ => sorted.sort(),
        }
        assert_eq!(up, sorted, "{} by {field}", list.path);
        let explicit = format!("{field} asc");
        assert_eq!(
            person
                .find(list.path, &[("$orderby", &explicit)])
                .await
                .is(200)
                .column(field),
            up
        );
        let down = format!("{field} desc");
        let mut down = person
            .find(list.path, &[("orderby", &down)])
            .await
            .is(200)
            .column(field);
        down.reverse();
        assert_eq!(down, up, "{} by {field}, descending", list.path);
        if *field != list.key {
            let then = format!("{field} desc, {} asc", list.key);
            let _ = person.find(list.path, &[("orderby", &then)]).await.is(200);
        }
    }
    for wrong in ["nonsense", "id upwards", "id,", ",", "id desc desc", "password"] {
        let _ = person
            .find(list.path, &[("orderby", wrong)])
            .await
            .fails(400, "VALIDATE_FAILED")
            .says("orderby");
    }
}

/// Filters by each field: what equals a value and what does not are the whole list together, and a literal of a
/// wrong type is refused.
pub async fn filtering(person: &Person, list: Collection) {
    let whole = person.get(list.path).await.is(200);
    for (field, kind) in list.fields {
        let values = whole.column(field);
        let total = values.len() as u64;
        let value = values
            .iter()
            .find(|value| !value.is_empty())
            .unwrap_or_else(|| panic!("no record has a value in {field}"));
        let literal = match kind {
            Kind::Text => format!("'{}'", value.replace('\'', "''")),
            Kind::Time => format!("'{value}'"),
            Kind::Number | Kind::Flag => value.clone(),
        };
        let ask = async |filter: &str| person.find(list.path, &[("filter", filter)]).await.is(200);
        let equal = ask(&format!("{field} eq {literal}")).await;
        assert!(equal.column(field).iter().all(|found| found == value), "{equal}");
        let expected = values.iter().filter(|other| *other == value).count() as u64;
        assert_eq!(equal["count"], expected, "{field} eq {literal}: {equal}");
        let others = ask(&format!("{field} ne {literal}")).await;
        assert_eq!(others["count"], total - expected, "{field} ne {literal}");
        let negated = ask(&format!("not ({field} eq {literal})")).await;
        assert_eq!(negated["count"], total - expected, "not {field} eq {literal}");
        let both = ask(&format!("{field} eq {literal} or not ({field} eq {literal})")).await;
        assert_eq!(both["count"], total);
        if !matches!(kind, Kind::Flag) {
            let below = ask(&format!("{field} lt {literal}")).await["count"].as_u64();
            let above = ask(&format!("{field} gt {literal}")).await["count"].as_u64();
            assert_eq!(
                below.zip(above).map(|(below, above)| below + above),
                Some(total - expected),
                "{field}"
            );
        }
        let wrong: &[&str] = match kind {
            Kind::Text => &["'open", "startswith(1,2)"],
            Kind::Number => &["'x y'", "true"],
            Kind::Flag => &["'maybe'", "17"],
            Kind::Time => &["'yesterday'", "17"],
        };
        for literal in wrong {
            let filter = format!("{field} eq {literal}");
            let _ = person
                .find(list.path, &[("filter", &filter)])
                .await
                .fails(400, "VALIDATE_FAILED")
                .says("filter");
        }
    }
}

/// Two tenants' lists have no record in common.
pub async fn apart(one: &Person, other: &Person, list: Collection) {
    let mine = one.get(list.path).await.is(200).column(list.key);
    let theirs = other.get(list.path).await.is(200).column(list.key);
    let common: Vec<_> = mine.iter().filter(|key| theirs.contains(key)).collect();
    assert!(
        common.is_empty(),
        "{} shows another tenant's records: {common:?}",
        list.path
    );
}

/// Posts a body with each of its members of a wrong type in turn. Each time the answer names the member, and nothing is
/// made or changed.
pub async fn wrong_types(person: &Person, path: &str, draft: &Draft, unchanged: &str) {
    let before = person.get(unchanged).await.is(200);
    for (member, value) in draft.json().as_object().expect("a body is an object") {
        let wrong: &[Value] = match value {
            Value::String(_) => &[json!(7), json!(true), json!(["x"]), json!({"x": 1})],
            Value::Bool(_) => &[json!("yes"), json!(1), json!([true])],
            Value::Number(_) => &[json!("many"), json!(true), json!([1]), json!(1.5)],
            Value::Array(_) => &[json!("x"), json!(1), json!({"x": 1}), json!(["x"])],
            Value::Object(_) => &[json!("x"), json!(1), json!([1])],
            Value::Null => &[],
        };
        for value in wrong {
            let body = draft.clone().with(member, value.clone());
            let _ = person
                .post(path, body)
                .await
                .fails(400, "VALIDATE_FAILED")
                .says(member);
        }
    }
    let after = person.get(unchanged).await.is(200);
    assert_eq!(before.text(), after.text(), "a refused body changed {unchanged}");
}
