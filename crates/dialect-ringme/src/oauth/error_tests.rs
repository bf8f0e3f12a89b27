use jackfield_domain::{ConferenceRefusal, Thing};

use super::*;

async fn shown(response: Response) -> String {
    let status = response.status().as_u16();
    let retry = response
        .headers()
        .get(header::RETRY_AFTER)
        .map(|value| format!(" retry after {}", value.to_str().unwrap()))
        .unwrap_or_default();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    format!("{status}{retry} {}", String::from_utf8(bytes.to_vec()).unwrap())
}

/// One of each meaning. The match makes a new meaning fail to compile here, too.
fn meanings() -> Vec<Error> {
    fn all_are_listed(error: &Error) {
        match error {
            Error::Absent(_)
            | Error::Taken(..)
            | Error::Invalid(_)
            | Error::BadCredentials
            | Error::Unauthenticated
            | Error::Denied(_)
            | Error::Stale(_)
            | Error::InUse(..)
            | Error::Full(..)
            | Error::Spent(_)
            | Error::TooMany(_)
            | Error::NotConfigured(_)
            | Error::Conference(_)
            | Error::TooLarge(_)
            | Error::Unavailable(_)
            | Error::Internal(_) => {}
        }
    }
    let placed = |field, at: &str, rule| Violation {
        field,
        at: at.into(),
        rule,
    };
    let list = vec![
        Error::Absent(Thing::User),
        Error::Absent(Thing::Tenant),
        Error::Taken(Thing::User, Field::Name),
        Error::Invalid(vec![
            Violation::new(Field::Name, Rule::Required),
            Violation::new(Field::Extension, Rule::WrongType("a whole number")),
            Violation::new(Field::CustomOptions, Rule::TooLong(65_536)),
            placed(Field::Id, "[0]", Rule::Repeated),
            placed(Field::Groups, "[1][2]", Rule::WrongType("a whole number")),
            placed(Field::Body, "[3]", Rule::WrongType("an object")),
            placed(Field::OfficeHours, "monday", Rule::Required),
        ]),
        Error::invalid(Violation::new(Field::GrantType, Rule::NotOneOf(&["password"]))),
        Error::invalid(Violation::new(Field::ResponseType, Rule::NotOneOf(&["code"]))),
        Error::invalid(Violation::new(Field::Scope, Rule::NotOneOf(&["all"]))),
        Error::BadCredentials,
        Error::Unauthenticated,
        Error::Denied(Denial::Permission),
        Error::Denied(Denial::GrantType),
        Error::Denied(Denial::CodeNeeded),
        Error::Denied(Denial::UserDisabled),
        Error::Denied(Denial::TenantDisabled),
        Error::Stale(Thing::User),
        Error::InUse(Thing::Role, Thing::User),
        Error::Full(Thing::GroupPolicy, 1000),
        Error::Spent(Thing::OneTimeCode),
        Error::Spent(Thing::RefreshToken),
        Error::TooMany(Duration::from_millis(1200)),
        Error::NotConfigured("this needs mail"),
        Error::Conference(ConferenceRefusal::NotRunning),
        Error::TooLarge(1024),
        Error::Unavailable("socket closed".into()),
        Error::Internal("row 7 is damaged".into()),
    ];
    list.iter().for_each(all_are_listed);
    list
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::UnknownPath,
        Refusal::WrongMethod,
        Refusal::MediaType("application/json"),
        Refusal::Json {
            line: 2,
            column: 5,
            problem: "expected value".into(),
        },
        Refusal::NotUtf8(3),
        Refusal::TooLarge(1 << 20),
        Refusal::TooManyItems(10_000),
        Refusal::Range(7),
        Refusal::TooDeep(64),
        Refusal::Interrupted,
        Refusal::Form("x".into()),
        Refusal::Query("x".into()),
        Refusal::PathParameter("x".into()),
        Refusal::Timeout(Duration::from_secs(30)),
        Refusal::Panic,
    ]
}

#[tokio::test]
async fn every_meaning_has_an_answer() {
    let mut lines = Vec::new();
    for meaning in meanings() {
        lines.push(shown(error(&meaning)).await);
    }
    for meaning in refusals() {
        lines.push(shown(refusal(&meaning)).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn no_cause_is_told() {
    for meaning in [
        Error::Unavailable("socket closed".into()),
        Error::Internal("row 7 is damaged".into()),
    ] {
        let text = shown(error(&meaning)).await;
        assert!(!text.contains("socket") && !text.contains("row 7"), "{text}");
    }
}
