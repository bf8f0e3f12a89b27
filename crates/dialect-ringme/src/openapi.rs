//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        InfoBuilder, OpenApi, OpenApiBuilder, ServerBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{OAUTH_PREFIX, PREFIX, error::Problem};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Jackfield: the RingMe dialect")
                .description(Some(
                    "The users of extensions, and the extensions, of the RingMe platform's REST interface (Telphin), as Jackfield \
                     serves them. Ids are numbers; lists are bare arrays; times are `YYYY-MM-DD HH:MM:SS` in UTC. An \
                     application gets a token at `/oauth/token` and sends it as `Authorization: Bearer`. Every answer says \
                     in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds) what is left of the \
                     client's budget of this hour.",
                ))
                .version(env!("CARGO_PKG_VERSION"))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url(PREFIX).build()]))
        .build()
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
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
            scheme_name: "bearer",
            scheme: SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        },
    );
}

/// Adds the operations of another document, which answer under a path of their own.
pub(crate) fn include(document: &mut OpenApi, oauth: OpenApi) {
    for (path, mut item) in oauth.paths.paths {
        item.servers = Some(vec![ServerBuilder::new().url(OAUTH_PREFIX).build()]);
        document.paths.paths.insert(path, item);
    }
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .extend(oauth.components.unwrap_or_default().schemas);
}

#[cfg(test)]
mod tests {
    use jackfield_domain::limits;
    use serde_json::{Value, json};

    use crate::{document, operations};

    #[test]
    fn no_reference_leads_nowhere() {
        assert_eq!(
            jackfield_edge::dangling_references(&document()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let json = serde_json::to_value(document()).unwrap();
        for (pointer, limit) in [
            ("CreateUser/properties/comment/maxLength", limits::DESCRIPTION),
            ("CreateUser/properties/name/maxLength", limits::DISPLAY_NAME),
            ("CreateUser/properties/login/maxLength", *limits::USER_NAME.end()),
            ("CreateUser/properties/email/maxLength", limits::EMAIL),
            (
                "CreateUser/properties/extra_params/maxLength",
                limits::CUSTOM_OPTIONS,
            ),
            (
                "UpdateUser/properties/extra_params/maxLength",
                limits::CUSTOM_OPTIONS,
            ),
        ] {
            let found = json.pointer(&format!("/components/schemas/{pointer}"));
            assert_eq!(found.and_then(Value::as_u64), Some(limit as u64), "{pointer}");
        }
        let page = &json["paths"]["/client/{client_id}/user/extension/"]["get"]["parameters"];
        let per_page = page.as_array().into_iter().flatten();
        let per_page = per_page.filter(|one| one["name"] == "per_page");
        let most: Vec<_> = per_page.map(|one| &one["schema"]["maximum"]).collect();
        assert_eq!(most, [&json!(crate::listing::MOST)]);
    }

    #[test]
    fn every_operation_is_described() {
        let json = serde_json::to_value(document()).unwrap();
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
            assert!(!operation.public, "{place}");
            for parameter in entry["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{place}: {parameter}");
            }
        }
    }

    #[test]
    fn the_protocol_answers_elsewhere() {
        let json = serde_json::to_value(document()).unwrap();
        assert_eq!(json["servers"][0]["url"], "/api/ver1.0");
        assert_eq!(json["paths"]["/token"]["servers"][0]["url"], "/oauth");
    }
}
