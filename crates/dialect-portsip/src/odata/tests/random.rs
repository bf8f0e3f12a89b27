//! What holds for all filters and all texts, tried on random ones.

use jackfield_domain::{Comparison, Literal, TextMatch, Timestamp, Violation};
use proptest::prelude::*;

use super::{ALL, Column, Field, Filter, Rule, named, parse_filter, parse_order};

/// How tightly a filter holds together: alternatives, what must hold together, the rest.
fn strength(filter: &Filter<Column>) -> u8 {
    match filter {
        Filter::Or(..) => 0,
        Filter::And(..) => 1,
        _ => 2,
    }
}

/// Prints with parentheses only where the grammar needs them.
fn printed(filter: &Filter<Column>) -> String {
    let within = |inner: &Filter<Column>, least: u8| {
        if strength(inner) < least {
            format!("({})", printed(inner))
        } else {
            printed(inner)
        }
    };
    match filter {
        Filter::Or(a, b) => format!("{} or {}", within(a, 0), within(b, 1)),
        Filter::And(a, b) => format!("{} and {}", within(a, 1), within(b, 2)),
        Filter::Not(a) => format!("not {}", within(a, 2)),
        Filter::Compare(field, how, literal) => {
            let sign = match how {
                Comparison::Equal => "eq",
                Comparison::NotEqual => "ne",
                Comparison::Less => "lt",
                Comparison::LessOrEqual => "le",
                Comparison::Greater => "gt",
                Comparison::GreaterOrEqual => "ge",
            };
            let literal = match literal {
                Literal::Null => "null".to_owned(),
                Literal::Text(text) => quoted(text),
                Literal::Number(number) => number.to_string(),
                Literal::Flag(flag) => flag.to_string(),
                Literal::Time(time) => format!("'{time}'"),
            };
            format!("{} {sign} {literal}", field.wire())
        }
        Filter::Match(field, how, text) => {
            let name = match how {
                TextMatch::StartsWith => "startswith",
                TextMatch::EndsWith => "endswith",
                TextMatch::Contains => "contains",
            };
            format!("{name}({},{})", field.wire(), quoted(text))
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z' ,()]{0,8}", any::<String>()].prop_map(|text| text.replace('\0', ""))
}

fn any_comparison() -> impl Strategy<Value = (Column, Comparison, Literal)> {
    let ordered = prop_oneof![
        Just(Comparison::Equal),
        Just(Comparison::NotEqual),
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
    ];
    let equality = prop_oneof![Just(Comparison::Equal), Just(Comparison::NotEqual)];
    // The years that RFC 3339 can write.
    let times = -60_000_000_000_000_000_i64..250_000_000_000_000_000;
    prop_oneof![
        (ordered.clone(), any::<i64>()).prop_map(|(how, n)| (Column::Id, how, Literal::Number(n))),
        (ordered.clone(), any_text()).prop_map(|(how, text)| (Column::Name, how, Literal::Text(text))),
        (ordered, times).prop_map(|(how, t)| (
            Column::CreatedAt,
            how,
            Literal::Time(Timestamp::from_micros(t))
        )),
        (equality.clone(), any::<bool>()).prop_map(|(how, flag)| (Column::Enabled, how, Literal::Flag(flag))),
        (equality, proptest::sample::select(ALL.to_vec())).prop_map(|(how, column)| (
            column,
            how,
            Literal::Null
        )),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter<Column>> {
    let matches = (
        prop_oneof![Just(Column::Name), Just(Column::Role)],
        prop_oneof![
            Just(TextMatch::StartsWith),
            Just(TextMatch::EndsWith),
            Just(TextMatch::Contains)
        ],
        any_text(),
    )
        .prop_map(|(column, how, text)| Filter::Match(column, how, text));
    let leaf = prop_oneof![
        3 => any_comparison().prop_map(|(column, how, literal)| Filter::Compare(column, how, literal)),
        1 => matches,
    ];
    // Four levels of two give at most 16 leaves, and at most 8 parentheses and `not`s on the way to one.
    leaf.prop_recursive(4, 32, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::Or(Box::new(a), Box::new(b))),
            inner.prop_map(|a| Filter::Not(Box::new(a))),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_is_printed(filter in any_filter()) {
        let text = printed(&filter);
        prop_assert_eq!(parse_filter(&text, named), Ok(filter), "{}", text);
    }

    #[test]
    fn any_text_ends_in_a_value_or_a_position(text in any::<String>()) {
        let _ = parse_filter(&text, named);
        let _ = parse_order(&text, named);
    }

    /// Texts made of the grammar's own pieces get further into the parser than arbitrary ones.
    #[test]
    fn any_pieces_end_in_a_value_or_a_position(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "(", ")", ",", "'", "''", "'x'", " ", "name", "id", "enabled", "created_at", "eq", "ne", "lt", "and",
            "or", "not", "null", "true", "1", "MTA=", "contains", "startswith", "asc", "desc", "ä", "2024-01-31T12:00:00Z",
        ]), 0..40)
    ) {
        let text = pieces.join(" ");
        match parse_filter(&text, named) {
            Ok(filter) => prop_assert_eq!(parse_filter(&printed(&filter), named), Ok(filter)),
            Err(Violation { field: Field::Filter, at, rule: Rule::Other(sentence) }) => {
                prop_assert!(at.is_empty() && sentence.contains("at position "), "{}", sentence);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        let _ = parse_order(&text, named);
    }
}
