use axum::{extract::Query as UrlQuery, http::Uri};
use jackfield_domain::{Error, UserField};
use proptest::prelude::*;

use super::*;

fn names_of(name: &str) -> Option<UserField> {
    match name {
        "id" => Some(UserField::Id),
        "email" => Some(UserField::Email),
        "active" => Some(UserField::Enabled),
        "created_at" => Some(UserField::CreatedAt),
        _ => None,
    }
}

fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}

fn query(parameters: &[(&str, &str)]) -> Result<Query<UserField>> {
    let text: Vec<_> = parameters
        .iter()
        .map(|(name, value)| {
            let value = percent(value);
            format!("{name}={value}")
        })
        .collect();
    let uri: Uri = format!("/users?{}", text.join("&")).parse().unwrap();
    let UrlQuery(params) = UrlQuery::<ListParams>::try_from_uri(&uri).unwrap();
    params.query(names_of)
}

fn filter(text: &str) -> Result<Option<Filter<UserField>>> {
    query(&[("filter", text)]).map(|query| query.filter)
}

#[test]
fn pages_are_counted_from_one() {
    for (parameters, skip, take) in [
        (&[][..], 0, 25),
        (&[("page", ""), ("limit", " ")], 0, 25),
        (&[("page", "1"), ("limit", "100")], 0, 100),
        (&[("page", "3"), ("limit", "10")], 20, 10),
        (&[("limit", "5000")], 0, 5000),
        (&[("limit", "10000"), ("page", "2")], 5000, 5000),
        (&[("page", "2147483647"), ("limit", "1")], 2_147_483_646, 1),
    ] {
        let page = query(parameters).unwrap().page;
        assert_eq!((page.skip, page.take), (skip, take), "{parameters:?}");
    }
}

#[test]
fn an_order_is_a_property_and_a_direction() {
    let order = |parameters: &[(&str, &str)]| query(parameters).unwrap().order;
    assert_eq!(order(&[]), []);
    assert_eq!(order(&[("dir", "desc")]), [(UserField::Id, Order::Descending)]);
    assert_eq!(
        order(&[("sort", "email"), ("dir", "DESC")]),
        [(UserField::Email, Order::Descending)]
    );
}

#[test]
fn every_bad_parameter_is_named() {
    let error = query(&[
        ("page", "0"),
        ("limit", "x"),
        ("sort", "no"),
        ("dir", "up"),
        ("filter", "{}"),
    ]);
    let Err(Error::Invalid(all)) = error else {
        panic!("another outcome")
    };
    let fields: Vec<_> = all.iter().map(|violation| violation.field).collect();
    assert_eq!(
        fields,
        [
            Field::Skip,
            Field::Top,
            Field::OrderBy,
            Field::OrderBy,
            Field::Filter
        ]
    );
    for (name, value) in [
        ("page", "-1"),
        ("page", "1.5"),
        ("limit", "0"),
        ("limit", "99999999999999999999"),
    ] {
        assert!(query(&[(name, value)]).is_err(), "{name}={value}");
    }
}

#[test]
fn filters_are_read() {
    let found = filter(
        r#"[{"property":"id","operator":"gte","value":7},{"property":"email","operator":"like","value":"x"}]"#,
    );
    let expected = Filter::And(
        Box::new(Filter::Compare(
            UserField::Id,
            Comparison::GreaterOrEqual,
            Literal::Number(7),
        )),
        Box::new(Filter::Match(UserField::Email, TextMatch::Contains, "x".into())),
    );
    assert_eq!(found.unwrap(), Some(expected));
    assert_eq!(filter("[]").unwrap(), None);
    for (value, literal) in [("7", "\"7\""), ("true", "\"1\""), ("false", "0")] {
        let property = if value == "7" { "id" } else { "active" };
        let text = |value: &str| format!(r#"[{{"property":"{property}","operator":"eq","value":{value}}}]"#);
        assert_eq!(filter(&text(value)).unwrap(), filter(&text(literal)).unwrap());
    }
}

#[test]
fn bad_filters_are_refused() {
    for text in [
        "{}",
        "7",
        "[",
        "[7]",
        r#"[{"property":"id"}]"#,
        r#"[{"property":"id","operator":"between","value":[1,2]}]"#,
        r#"[{"property":"id","operator":"EQ","value":1}]"#,
        r#"[{"property":"id","operator":"eq","value":"x"}]"#,
        r#"[{"property":"id","operator":"eq","value":1.5}]"#,
        r#"[{"property":"id","operator":"eq","value":[1]}]"#,
        r#"[{"property":"id","operator":"like","value":"1"}]"#,
        r#"[{"property":"active","operator":"eq","value":"maybe"}]"#,
        r#"[{"property":"created_at","operator":"gt","value":"yesterday"}]"#,
        r#"[{"property":"created_at","operator":"gt","value":7}]"#,
        r#"[{"property":"password","operator":"eq","value":"x"}]"#,
        &format!(
            "[{}]",
            vec![r#"{"property":"id","operator":"eq","value":1}"#; 33].join(",")
        ),
        &"[".repeat(10_000),
    ] {
        let Err(Error::Invalid(found)) = filter(text) else {
            panic!("{text} was read")
        };
        assert!(found.iter().all(|violation| violation.field == Field::Filter));
    }
}

#[test]
fn a_moment_is_a_whole_second() {
    let users = [0_i64, 999_999, 1_000_000].map(Timestamp::from_micros);
    for (operator, expected) in [("eq", 2), ("gt", 1), ("gte", 3), ("lt", 0), ("lte", 2)] {
        let text =
            format!(r#"[{{"property":"created_at","operator":"{operator}","value":"1970-01-01 00:00:00"}}]"#);
        let query = query(&[("filter", &text)]).unwrap();
        let found = query.run(
            users.to_vec(),
            |moment, _| Literal::Time(*moment),
            |_| String::new(),
        );
        assert_eq!(found.total, expected, "{operator}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in ".{0,200}") {
        let _ = filter(&text);
        let _ = query(&[("page", &text), ("limit", &text), ("sort", &text), ("dir", &text)]);
    }
}
