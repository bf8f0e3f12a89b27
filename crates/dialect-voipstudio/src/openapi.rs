//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        InfoBuilder, OpenApi, OpenApiBuilder, ServerBuilder,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use crate::{Version, error::Errors};

/// What the document has before the first operation.
pub(crate) fn frame(version: Version) -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Jackfield: the VoIPstudio dialect")
                .description(Some(
                    "The customer module of VoIPstudio's REST interface, as Jackfield serves it. Ids are numbers; times are \
                     `YYYY-MM-DD HH:MM:SS` in UTC. A token goes into the header X-Auth-Token, or into HTTP Basic as the \
                     password of the user's id.",
                ))
                .version(env!("CARGO_PKG_VERSION"))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url(version.prefix()).build()]))
        .build()
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(Errors::name().into_owned(), Errors::schema())];
    Errors::schemas(&mut schemas);
    components.schemas.extend(schemas);
    jackfield_edge::finish(
        document,
        Finish {
            error_schema: &Errors::name(),
            error_media: "application/json",
            error_description: "What is wrong, in the vendor's form.",
            scheme_name: "token",
            scheme: SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                "X-Auth-Token",
                "The token of a sign-in, or one that was made for a program.",
            ))),
        },
    );
}

#[cfg(test)]
mod tests {
    use jackfield_domain::limits;
    use serde_json::Value;

    use crate::{Version, document, operations};

    fn json(version: Version) -> Value {
        serde_json::to_value(document(version)).unwrap()
    }

    #[test]
    fn no_reference_leads_nowhere() {
        for version in Version::ALL {
            assert_eq!(
                jackfield_edge::dangling_references(&document(version)),
                Vec::<String>::new()
            );
        }
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let json = json(Version::V1_2);
        for (pointer, limit) in [
            (
                "CreateUserGroup/properties/name/maxLength",
                *limits::GROUP_NAME.end(),
            ),
            ("UpdateUserGroup/properties/color/maxLength", limits::COLOR),
            (
                "CreateUserGroupPolicy/properties/name/maxLength",
                *limits::GROUP_NAME.end(),
            ),
            (
                "CreateQueueGroup/properties/name/maxLength",
                *limits::GROUP_NAME.end(),
            ),
            (
                "CreateApiToken/properties/name/maxLength",
                *limits::API_TOKEN_NAME.end(),
            ),
            ("CreateApiToken/properties/expiry/maximum", 315_360_000),
            ("Credentials/properties/password/maxLength", limits::PASSWORD),
        ] {
            let found = json.pointer(&format!("/components/schemas/{pointer}"));
            assert_eq!(found.and_then(Value::as_u64), Some(limit as u64), "{pointer}");
        }
        assert_eq!(*limits::API_TOKEN_IDLE_SECONDS.end(), 315_360_000);
    }

    #[test]
    fn every_operation_is_described() {
        let json = json(Version::V1_2);
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
        }
    }

    #[test]
    fn versions_differ_in_one_path() {
        let (old, new) = (json(Version::V1_1), json(Version::V1_2));
        let paths = |json: &Value| json["paths"].as_object().unwrap().clone();
        let (mut one, mut two) = (paths(&old), paths(&new));
        assert!(one.remove("/me") != two.remove("/me"));
        assert_eq!(one, two);
        assert_eq!(old["servers"][0]["url"], "/v1.1/voipstudio");
    }

    #[test]
    fn only_signing_in_is_public() {
        let public: Vec<_> = operations()
            .into_iter()
            .filter(|operation| operation.public)
            .map(|operation| operation.path)
            .collect();
        assert_eq!(public, ["/login", "/login2fa"]);
    }
}
