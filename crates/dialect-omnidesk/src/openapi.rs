//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        InfoBuilder, OpenApi, OpenApiBuilder, RefOr, ServerBuilder,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use crate::{KEY, error::Problem, routes::PREFIX};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Jackfield: the Omnidesk dialect")
                .description(Some(
                    "The user controller of Omnidesk's interface, as Jackfield serves it. Bodies come as multipart/form-data, as \
                     a form or as JSON; in the first two, numbers and switches are text, and a list is a field that is \
                     repeated. The key goes into the header apiKey, or into the parameter apiKey of the query.",
                ))
                .version(env!("CARGO_PKG_VERSION"))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url(PREFIX).build()]))
        .build()
}

/// Adds what is the same everywhere: the other two encodings of bodies, errors and the key.
pub(crate) fn finish(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let Some(RefOr::T(body)) = operation.request_body.as_mut() else {
                continue;
            };
            let Some(json) = body.content.get("application/json").cloned() else {
                continue;
            };
            for media in ["multipart/form-data", "application/x-www-form-urlencoded"] {
                body.content.insert(media.to_owned(), json.clone());
            }
        }
    }
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    jackfield_edge::finish(
        document,
        Finish {
            error_schema: &Problem::name(),
            error_media: "application/json",
            error_description: "What is wrong, in the vendor's form.",
            scheme_name: "key",
            scheme: SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                KEY,
                "A key that `jackfield key create --dialect omnidesk` made. Each operation needs one of its permissions.",
            ))),
        },
    );
}

#[cfg(test)]
mod tests {
    use jackfield_domain::limits;
    use serde_json::Value;

    use crate::{document, operations};

    fn json() -> Value {
        serde_json::to_value(document()).unwrap()
    }

    #[test]
    fn no_reference_leads_nowhere() {
        assert_eq!(
            jackfield_edge::dangling_references(&document()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn there_are_23_operations_and_none_is_public() {
        let operations = operations();
        assert_eq!(operations.len(), 23);
        assert!(operations.iter().all(|operation| !operation.public));
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let json = json();
        for (pointer, limit) in [
            ("CreateUser/properties/name/maxLength", *limits::USER_NAME.end()),
            ("CreateUser/properties/email/maxLength", limits::EMAIL),
            (
                "CreateUser/properties/telephone_number/maxLength",
                limits::PERSONAL_PHONE,
            ),
            ("CreateUser/properties/language/maxLength", limits::LANGUAGE_TAG),
            (
                "CreateUser/properties/dateFormat/minLength",
                *limits::DESK_DATE_FORMAT.start(),
            ),
            (
                "CreateUser/properties/dateFormat/maxLength",
                *limits::DESK_DATE_FORMAT.end(),
            ),
            (
                "UpdateUser/properties/telephone/maxLength",
                limits::PERSONAL_PHONE,
            ),
            ("MaxChats/properties/maxChats/maximum", 99),
            (
                "OneStatistic/properties/statistic/maxLength",
                *limits::STATISTIC_NAME.end(),
            ),
            (
                "CampaignState/properties/campaign/maxLength",
                *limits::CAMPAIGN_NAME.end(),
            ),
            ("RefreshTab/properties/tabID/maxLength", *limits::TAB_NAME.end()),
        ] {
            let found = json.pointer(&format!("/components/schemas/{pointer}"));
            assert_eq!(found.and_then(Value::as_u64), Some(limit as u64), "{pointer}");
        }
        assert_eq!(*limits::CHATS.end(), 99);
    }

    #[test]
    fn every_operation_is_described_and_every_body_comes_in_three_encodings() {
        let json = json();
        assert_eq!(json["openapi"], "3.1.0");
        for operation in operations() {
            let method = operation.method.as_str().to_lowercase();
            let entry = &json["paths"][&operation.path][&method];
            let place = format!("{method} {}", operation.path);
            assert!(
                entry["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{place}"
            );
            assert!(entry["tags"].is_array(), "{place}");
            assert!(entry["responses"]["4XX"].is_object(), "{place}");
            for parameter in entry["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{place}: {parameter}");
            }
            if method != "get" {
                let content = entry["requestBody"]["content"].as_object().unwrap();
                assert_eq!(content.len(), 3, "{place}");
            }
        }
    }
}
