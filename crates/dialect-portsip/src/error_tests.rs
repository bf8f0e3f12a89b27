use jackfield_domain::{Denial, Rule};

use super::*;

async fn shown(response: Response) -> (u16, String, Option<String>) {
    let status = response.status().as_u16();
    let retry = response
        .headers()
        .get(header::RETRY_AFTER)
        .map(|value| value.to_str().unwrap().to_owned());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap(), retry)
}

fn entry_of(code: &str, message: &str) -> String {
    format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#)
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
        Error::Absent(Thing::Group),
        Error::Taken(Thing::User, Field::ExtensionNumber),
        Error::Invalid(vec![
            Violation::new(Field::Name, Rule::Required),
            Violation {
                field: Field::OfficeHours,
                at: "monday.ranges[0].from".into(),
                rule: Rule::Form("a time like 09:30"),
            },
            Violation {
                field: Field::Settings,
                at: "log_retention".into(),
                rule: Rule::OutOfRange(1, 5),
            },
            Violation {
                field: Field::OutboundCallerIds,
                at: "[2].caller_id".into(),
                rule: Rule::Required,
            },
        ]),
        Error::BadCredentials,
        Error::Unauthenticated,
        Error::Denied(Denial::Permission),
        Error::Stale(Thing::User),
        Error::InUse(Thing::Role, Thing::User),
        Error::Full(Thing::Extension, 1000),
        Error::TooLarge(16),
        Error::Spent(Thing::RefreshToken),
        Error::TooMany(Duration::from_millis(1500)),
        Error::NotConfigured("set this and that"),
        Error::Unavailable("a secret".into()),
        Error::internal("a secret"),
    ];
    list.iter().for_each(all_are_listed);
    list
}

#[test]
fn a_token_of_a_synchronisation_that_does_not_serve_is_forbidden() {
    assert_eq!(error(&Error::Spent(Thing::SyncToken)).status(), 403);
    assert_eq!(error(&Error::Spent(Thing::RefreshToken)).status(), 400);
}

#[tokio::test]
async fn every_meaning_has_its_answer() {
    let expected = [
        (404, entry_of("NOT_FOUND", "there is no such group"), None),
        (
            409,
            r#"{"errors":[{"code":"ALREADY_EXISTS","message":"another user already has this extension_number","detail":{"field":"extension_number"}}]}"#.into(),
            None,
        ),
        (
            400,
            concat!(
                r#"{"errors":[{"code":"VALIDATE_FAILED","message":"name is required","detail":{"field":"name"}},"#,
                r#"{"code":"VALIDATE_FAILED","message":"office_hours.monday.ranges[0].from must be a time like 09:30","detail":{"field":"office_hours.monday.ranges[0].from"}},"#,
                r#"{"code":"VALIDATE_FAILED","message":"log_retention must be between 1 and 5","detail":{"field":"log_retention"}},"#,
                r#"{"code":"VALIDATE_FAILED","message":"outbound_caller_ids[2].caller_id is required","detail":{"field":"outbound_caller_ids[2].caller_id"}}]}"#,
            )
            .into(),
            None,
        ),
        (400, entry_of("UNAUTHORIZED", "the user name, password or domain is not right"), None),
        (401, entry_of("UNAUTHORIZED", "sign in first: the request has no valid session"), None),
        (403, entry_of("FORBIDDEN", "your role does not include the permission for this"), None),
        (409, entry_of("CONFLICT", "the user has changed since you read it; read it again"), None),
        (409, entry_of("IN_USE", "the role is still in use by at least one user"), None),
        (409, entry_of("LIMIT_REACHED", "the tenant's limit of 1000 for each extension is reached"), None),
        (413, entry_of("TOO_LARGE", "a file must have at most 16 bytes"), None),
        (400, entry_of("UNKNOWN", "the refresh token is unknown, already used or too old"), None),
        (429, entry_of("TOO_MANY_REQUESTS", "too many attempts; try again in 1 s"), Some("2")),
        (400, entry_of("NOT_CONFIGURED", "set this and that"), None),
        (503, entry_of("UNAVAILABLE", "a service that this needs does not answer; try again"), Some("2")),
        (500, entry_of("UNKNOWN", "internal error; the log of the server has the details"), None),
    ];
    let meanings = meanings();
    assert_eq!(meanings.len(), expected.len());
    for (meaning, (status, body, retry)) in meanings.iter().zip(expected) {
        let shown = shown(error(meaning)).await;
        assert_eq!(shown, (status, body, retry.map(ToOwned::to_owned)), "{meaning:?}");
        assert!(!shown.1.contains("secret"));
    }
}

#[tokio::test]
async fn every_refusal_has_its_answer() {
    let json = Refusal::Json {
        line: 2,
        column: 5,
        problem: "expected value".into(),
    };
    for (refused, status, code, detail) in [
        (Refusal::UnknownPath, 404, "NOT_FOUND", false),
        (Refusal::WrongMethod, 405, "METHOD_NOT_ALLOWED", false),
        (
            Refusal::MediaType("application/json"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            false,
        ),
        (json, 400, "VALIDATE_FAILED", true),
        (Refusal::NotUtf8(3), 400, "VALIDATE_FAILED", false),
        (Refusal::TooLarge(1), 413, "TOO_LARGE", false),
        (Refusal::TooManyItems(1), 413, "TOO_LARGE", false),
        (Refusal::Range(9), 416, "VALIDATE_FAILED", false),
        (Refusal::TooDeep(64), 400, "VALIDATE_FAILED", false),
        (Refusal::Interrupted, 400, "VALIDATE_FAILED", false),
        (Refusal::Form("x".into()), 400, "VALIDATE_FAILED", false),
        (Refusal::Query("x".into()), 400, "VALIDATE_FAILED", false),
        (Refusal::PathParameter("x".into()), 400, "VALIDATE_FAILED", false),
        (
            Refusal::Timeout(Duration::from_secs(30)),
            503,
            "UNAVAILABLE",
            false,
        ),
        (Refusal::Panic, 500, "UNKNOWN", false),
    ] {
        let (got, body, _) = shown(refusal(&refused)).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(got, status, "{refused:?}");
        let entry = &body["errors"][0];
        assert_eq!(entry["code"], code, "{refused:?}");
        assert_eq!(entry["message"], refused.to_string(), "{refused:?}");
        assert_eq!(entry.get("detail").is_some(), detail, "{refused:?}");
    }
}

#[tokio::test]
async fn a_missing_session_names_the_scheme() {
    let response = error(&Error::Unauthenticated);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
}

#[test]
fn every_value_has_a_name_of_the_vendors_form() {
    for field in Field::ALL {
        let name = wire(*field);
        if *field == Field::UploadToken {
            // It comes in a header.
            assert_eq!(name, "PortSIP-Upload-Token");
            continue;
        }
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "{field:?} is {name:?}"
        );
        assert!(!name.is_empty() || *field == Field::Settings, "{field:?}");
    }
}
