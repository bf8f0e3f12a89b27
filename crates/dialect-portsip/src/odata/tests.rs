use super::*;
use jackfield_domain::{Comparison, Literal, ValueKind};

mod random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Name,
    Role,
    Enabled,
    CreatedAt,
}

const ALL: [Column; 5] = [
    Column::Id,
    Column::Name,
    Column::Role,
    Column::Enabled,
    Column::CreatedAt,
];

impl Column {
    fn wire(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Role => "role",
            Self::Enabled => "enabled",
            Self::CreatedAt => "created_at",
        }
    }
}

impl Queried for Column {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::Name | Self::Role => ValueKind::Text,
            Self::Enabled => ValueKind::Flag,
            Self::CreatedAt => ValueKind::Time,
        }
    }
}

fn named(name: &str) -> Option<Column> {
    ALL.into_iter().find(|column| column.wire() == name)
}

/// A form of a filter that shows its structure.
fn shape(filter: &Filter<Column>) -> String {
    match filter {
        Filter::And(a, b) => format!("[{} & {}]", shape(a), shape(b)),
        Filter::Or(a, b) => format!("[{} | {}]", shape(a), shape(b)),
        Filter::Not(a) => format!("!{}", shape(a)),
        Filter::Compare(field, how, literal) => {
            let sign = match how {
                Comparison::Equal => "=",
                Comparison::NotEqual => "!=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            let literal = match literal {
                Literal::Null => "null".to_owned(),
                Literal::Text(text) => format!("{text:?}"),
                Literal::Number(number) => number.to_string(),
                Literal::Flag(flag) => flag.to_string(),
                Literal::Time(time) => format!("@{time}"),
            };
            format!("{}{sign}{literal}", field.wire())
        }
        Filter::Match(field, how, text) => format!("{how:?}({},{text:?})", field.wire()),
    }
}

#[test]
fn filters() {
    for (text, expected) in [
        ("name eq 'alice'", "name=\"alice\""),
        ("  name   eq\t'alice'  ", "name=\"alice\""),
        ("name eq 'o''brien'", "name=\"o'brien\""),
        ("name eq ''", "name=\"\""),
        ("name eq ''''", "name=\"'\""),
        ("name eq '(a, b) and c'", "name=\"(a, b) and c\""),
        ("role eq Admin", "role=\"Admin\""),
        ("role eq 101", "role=\"101\""),
        ("role eq true", "role=\"true\""),
        ("role eq 'null'", "role=\"null\""),
        ("role eq null", "role=null"),
        ("role ne NULL", "role!=null"),
        ("role eq 'name'", "role=\"name\""),
        ("name eq alice@example.com", "name=\"alice@example.com\""),
        ("name eq größe", "name=\"größe\""),
        ("id eq 100001", "id=100001"),
        ("id eq '100001'", "id=100001"),
        ("id gt -5", "id>-5"),
        ("id eq NzAwNTUxOTA5NzczMTQ4MTYw", "id=700551909773148160"),
        ("id eq 'MTAwMDAx'", "id=100001"),
        ("id eq 'MTAwMDA='", "id=10000"),
        ("id ge 1 and id le 2", "[id>=1 & id<=2]"),
        ("id lt 1 or id ne 2", "[id<1 | id!=2]"),
        ("enabled eq true", "enabled=true"),
        ("enabled NE False", "enabled!=false"),
        ("enabled eq 'true'", "enabled=true"),
        ("enabled", "enabled=true"),
        ("not enabled", "!enabled=true"),
        (
            "enabled and not (enabled or id eq 1)",
            "[enabled=true & ![enabled=true | id=1]]",
        ),
        (
            "created_at ge '2024-01-31T12:00:00Z'",
            "created_at>=@2024-01-31T12:00:00Z",
        ),
        (
            "created_at ge 2024-01-31T12:00:00Z",
            "created_at>=@2024-01-31T12:00:00Z",
        ),
        (
            "created_at lt 2024-01-31T12:00:00+02:00",
            "created_at<@2024-01-31T10:00:00Z",
        ),
        ("created_at eq null", "created_at=null"),
        ("startswith(name,'a')", "StartsWith(name,\"a\")"),
        ("EndsWith( name , a )", "EndsWith(name,\"a\")"),
        ("contains(name,'it''s')", "Contains(name,\"it's\")"),
        ("not contains(name,'x')", "!Contains(name,\"x\")"),
        ("not(name eq 'x')", "!name=\"x\""),
        ("not not name eq x", "!!name=\"x\""),
        // The sides may be exchanged.
        ("'alice' eq name", "name=\"alice\""),
        ("5 lt id", "id>5"),
        ("5 ge id", "id<=5"),
        ("null ne role", "role!=null"),
        ("true eq enabled", "enabled=true"),
        // `not` binds before the comparison's neighbours, `and` before `or`; both group to the left.
        ("id eq 1 or id eq 2 and id eq 3", "[id=1 | [id=2 & id=3]]"),
        ("id eq 1 and id eq 2 or id eq 3", "[[id=1 & id=2] | id=3]"),
        ("(id eq 1 or id eq 2) and id eq 3", "[[id=1 | id=2] & id=3]"),
        ("not id eq 1 and id eq 2", "[!id=1 & id=2]"),
        ("id eq 1 OR id eq 2 Or id eq 3", "[[id=1 | id=2] | id=3]"),
        ("((id eq 1))", "id=1"),
    ] {
        let filter = parse_filter(text, named).unwrap_or_else(|violation| panic!("{text}: {violation}"));
        assert_eq!(shape(&filter), expected, "{text}");
    }
}

/// Texts that are no filter, with what is said of them.
const NO_FILTERS: &[(&str, &str)] = &[
    ("", "needs a condition at position 1, where it ends"),
    ("   ", "needs a condition at position 4, where it ends"),
    (
        "name",
        "needs eq, ne, gt, ge, lt or le at position 5, where it ends",
    ),
    ("name eq", "needs a value at position 8, where it ends"),
    ("name eq )", "needs a value at position 9, not \")\""),
    (
        "name = 'x'",
        "needs eq, ne, gt, ge, lt or le at position 6, not \"=\"",
    ),
    (
        "größe eq 1",
        "needs the name of a field of the list at position 1, not \"größe\"",
    ),
    (
        "id eq 1 and größe eq 1",
        "needs the name of a field of the list at position 13, not \"größe\"",
    ),
    (
        "Name eq 'x'",
        "needs the name of a field of the list at position 1, not \"Name\"",
    ),
    (
        "'x' eq 'y'",
        "needs the name of a field of the list at position 1, not 'x'",
    ),
    (
        "'x'",
        "needs the name of a field of the list at position 1, not 'x'",
    ),
    (
        "nonsense",
        "needs the name of a field of the list at position 1, not \"nonsense\"",
    ),
    (
        "name eq 'x",
        "needs a closing quote for the text that begins at position 9",
    ),
    (
        "name eq 'x''",
        "needs a closing quote for the text that begins at position 9",
    ),
    (
        "name eq o'brien",
        "needs a closing quote for the text that begins at position 10",
    ),
    ("'ä' eq id", "needs a whole number at position 1, not 'ä'"),
    (
        "name eq 'ä' 'x'",
        "needs and, or, or the end at position 13, not 'x'",
    ),
    (
        "name eq 'ä')",
        "needs and, or, or the end at position 12, not \")\"",
    ),
    (
        "(name eq 'x'",
        "needs and, or, or \")\" at position 13, where it ends",
    ),
    (
        "name eq 'x' and",
        "needs a condition at position 16, where it ends",
    ),
    (
        "name eq 'x' and and",
        "needs the name of a field of the list at position 17, not \"and\"",
    ),
    (
        "or name eq 'x'",
        "needs the name of a field of the list at position 1, not \"or\"",
    ),
    ("not", "needs a condition at position 4, where it ends"),
    ("()", "needs a condition at position 2, not \")\""),
    ("id eq abc", "needs a whole number at position 7, not \"abc\""),
    ("id eq 1.5", "needs a whole number at position 7, not \"1.5\""),
    (
        "id eq 99999999999999999999",
        "needs a whole number at position 7, not \"99999999999999999999\"",
    ),
    ("enabled eq 1", "needs true or false at position 12, not \"1\""),
    ("enabled gt false", "needs eq or ne at position 9, not \"gt\""),
    ("role lt null", "needs eq or ne at position 6, not \"lt\""),
    (
        "created_at gt yesterday",
        "needs a time like '2024-01-31T12:00:00Z' at position 15, not \"yesterday\"",
    ),
    (
        "role eq name",
        "needs a value (a text that is also a field's name belongs in quotes) at position 9, not \"name\"",
    ),
    (
        "contains(id,'1')",
        "needs the name of a text field of the list at position 10, not \"id\"",
    ),
    (
        "contains(nam,'1')",
        "needs the name of a text field of the list at position 10, not \"nam\"",
    ),
    ("contains(name)", "needs a comma at position 14, not \")\""),
    ("contains(name,null)", "needs a text at position 15, not \"null\""),
    ("contains(name,'x'", "needs \")\" at position 18, where it ends"),
    (
        "contains name",
        "needs the name of a field of the list at position 1, not \"contains\"",
    ),
    (
        "length(name) eq 3",
        "needs startswith, endswith or contains at position 1, not \"length\"",
    ),
    (
        "name eq 'a\0b'",
        "needs a text without NUL characters at position 9",
    ),
    (
        "name eq a\0b",
        "needs a text without NUL characters at position 9",
    ),
];

#[test]
fn filters_that_are_none() {
    for (text, expected) in NO_FILTERS {
        let violation = parse_filter(text, named).expect_err(text);
        assert_eq!(
            violation,
            Violation::new(Field::Filter, Rule::Other((*expected).into())),
            "{text}"
        );
    }
    let long = parse_filter(&"x".repeat(5000), named).unwrap_err().to_string();
    assert!(long.len() < 200, "{long}");
}

#[test]
fn limits_of_filters() {
    let nested = |depth: usize| format!("{}id eq 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse_filter(&nested(limits::FILTER_DEPTH), named).is_ok());
    assert_eq!(
        parse_filter(&nested(100_000), named).unwrap_err().rule,
        Rule::Other("needs no more than 12 levels of ( and not at position 13, not \"(\"".into())
    );
    let nots = format!("{}id eq 1", "not ".repeat(100_000));
    assert_eq!(
        parse_filter(&nots, named).unwrap_err().rule,
        Rule::Other("needs no more than 12 levels of ( and not at position 49, not \"not\"".into())
    );
    // What is closed counts no more.
    assert!(parse_filter(&vec!["(not (id eq 1))"; 20].join(" and "), named).is_ok());

    let chain = |length: usize| vec!["id eq 1"; length].join(" or ");
    assert!(parse_filter(&chain(limits::FILTER_COMPARISONS), named).is_ok());
    assert_eq!(
        parse_filter(&chain(limits::FILTER_COMPARISONS + 1), named)
            .unwrap_err()
            .rule,
        Rule::Other("needs no more than 32 comparisons at position 353, not \"id\"".into())
    );
}

#[test]
fn orders() {
    use Order::{Ascending, Descending};
    for (text, expected) in [
        ("name", vec![(Column::Name, Ascending)]),
        (" name  DESC ", vec![(Column::Name, Descending)]),
        (
            "role asc, created_at desc,id",
            vec![
                (Column::Role, Ascending),
                (Column::CreatedAt, Descending),
                (Column::Id, Ascending),
            ],
        ),
    ] {
        assert_eq!(parse_order(text, named), Ok(expected), "{text}");
    }
    for (text, expected) in [
        (
            "",
            "needs the name of a field of the list at position 1, where it ends",
        ),
        (
            "nam",
            "needs the name of a field of the list at position 1, not \"nam\"",
        ),
        (
            "name,",
            "needs the name of a field of the list at position 6, where it ends",
        ),
        (
            "name up",
            "needs asc, desc, a comma or the end at position 6, not \"up\"",
        ),
        (
            "name asc desc",
            "needs a comma or the end at position 10, not \"desc\"",
        ),
        (
            "name, id, name desc",
            "needs a field that is not named before at position 11, not \"name\"",
        ),
        (
            "'name'",
            "needs the name of a field of the list at position 1, not 'name'",
        ),
    ] {
        let violation = parse_order(text, named).expect_err(text);
        assert_eq!(
            violation,
            Violation::new(Field::OrderBy, Rule::Other(expected.into())),
            "{text}"
        );
    }
}

#[test]
fn limit_of_orders() {
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Numbered(usize);
    impl Queried for Numbered {
        fn kind(self) -> ValueKind {
            ValueKind::Number
        }
    }
    let names = |name: &str| name.strip_prefix('f')?.parse().ok().map(Numbered);
    let keys = |count: usize| (0..count).map(|n| format!("f{n}")).collect::<Vec<_>>().join(",");
    assert!(parse_order(&keys(limits::ORDER_KEYS), names).is_ok());
    assert_eq!(
        parse_order(&keys(limits::ORDER_KEYS + 1), names)
            .unwrap_err()
            .rule,
        Rule::Other("needs no more than 8 fields at position 25, not \"f8\"".into())
    );
}
