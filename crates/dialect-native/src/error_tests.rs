use jackfield_domain::{ConferenceRefusal, Denial, Field, Rule, Thing};

use super::*;

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
            | Error::TooLarge(_)
            | Error::Spent(_)
            | Error::TooMany(_)
            | Error::NotConfigured(_)
            | Error::Conference(_)
            | Error::Unavailable(_)
            | Error::Internal(_) => {}
        }
    }
    let list = vec![
        Error::Absent(Thing::ApiKey),
        Error::Taken(Thing::Recording, Field::FileName),
        Error::Invalid(vec![
            Violation::new(Field::ExternalId, Rule::Required),
            Violation {
                field: Field::OfficeHours,
                at: "monday.ranges[0].from".into(),
                rule: Rule::Form("a time like 09:30"),
            },
        ]),
        Error::BadCredentials,
        Error::Unauthenticated,
        Error::Denied(Denial::NotAnEngine),
        Error::Denied(Denial::TenantDisabled),
        Error::Stale(Thing::User),
        Error::Conference(ConferenceRefusal::Full(7)),
        Error::InUse(Thing::Role, Thing::User),
        Error::Full(Thing::ApiKey, 100),
        Error::TooLarge(16_777_216),
        Error::Spent(Thing::SyncToken),
        Error::TooMany(Duration::from_millis(1500)),
        Error::NotConfigured("set this and that"),
        Error::Unavailable("a secret".into()),
        Error::internal("a secret"),
    ];
    list.iter().for_each(all_are_listed);
    list
}

/// Status, the headers that matter, body.
async fn shown(response: Response) -> String {
    let status = response.status().as_u16();
    let header = |name| {
        let value = response.headers().get(&name)?.to_str().unwrap();
        Some(format!("{name}: {value}\n"))
    };
    assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA);
    let head: String = [header::RETRY_AFTER, header::WWW_AUTHENTICATE]
        .into_iter()
        .filter_map(header)
        .collect();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["instance"], "urn:x-request-id:-");
    assert!(!body.to_string().contains("secret"));
    let errors = body["errors"].as_array().into_iter().flatten();
    let errors: Vec<_> = errors.map(|error| format!("  {error}\n")).collect();
    let errors = errors.concat();
    format!(
        "{status} {} ({}): {}\n{head}{errors}",
        body["type"].as_str().unwrap(),
        body["title"].as_str().unwrap(),
        body["detail"].as_str().unwrap()
    )
}

#[tokio::test]
async fn every_meaning_has_its_answer() {
    let mut text = String::new();
    for meaning in meanings() {
        text.push_str(&shown(error(&meaning)).await);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn every_refusal_has_its_answer() {
    let mut text = String::new();
    for refused in [
        Refusal::UnknownPath,
        Refusal::WrongMethod,
        Refusal::MediaType("application/json"),
        Refusal::Json {
            line: 2,
            column: 5,
            problem: "expected value".into(),
        },
        Refusal::NotUtf8(3),
        Refusal::TooLarge(1),
        Refusal::TooManyItems(10_000),
        Refusal::Range(9),
        Refusal::TooDeep(64),
        Refusal::Interrupted,
        Refusal::Form("x".into()),
        Refusal::Query("x".into()),
        Refusal::PathParameter("x".into()),
        Refusal::Timeout(Duration::from_secs(30)),
        Refusal::Panic,
    ] {
        text.push_str(&shown(refusal(&refused)).await);
    }
    insta::assert_snapshot!(text);
}
