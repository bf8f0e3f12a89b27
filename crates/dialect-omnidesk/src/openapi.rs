//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::openapi::{
    OpenApi, RefOr,
    security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use crate::{KEY, error::Problem, routes::PREFIX};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    jackfield_edge::frame(
        "Jackfield: the Omnidesk dialect",
        "The user controller of Omnidesk's interface, as Jackfield serves it. Bodies come as multipart/form-data, as \
         a form or as JSON; in the first two, numbers and switches are text, and a list is a field that is \
         repeated. The key goes into the header apiKey, or into the parameter apiKey of the query.",
        PREFIX,
    )
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
    jackfield_edge::finish::<Problem>(
        document,
        Finish {
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
    use jackfield_edge::samples::{faults, wrong_limits};
    use serde_json::Value;

    use crate::{document, operations};

    fn json() -> Value {
        serde_json::to_value(document()).unwrap()
    }

    #[test]
    fn nothing_is_undescribed() {
        assert_eq!(faults(&document()), Vec::<String>::new());
    }

    #[test]
    fn there_are_23_operations_and_none_is_public() {
        let operations = operations();
        assert_eq!(operations.len(), 23);
        assert!(operations.iter().all(|operation| !operation.public));
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let limits = [
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
        ];
        assert_eq!(wrong_limits(&document(), &limits), Vec::<String>::new());
        assert_eq!(*limits::CHATS.end(), 99);
    }

    #[test]
    fn every_body_comes_in_three_encodings() {
        let json = json();
        for operation in operations() {
            let method = operation.method.as_str().to_lowercase();
            if method != "get" {
                let entry = &json["paths"][&operation.path][&method];
                let content = entry["requestBody"]["content"].as_object().unwrap();
                assert_eq!(content.len(), 3, "{method} {}", operation.path);
            }
        }
    }
}
