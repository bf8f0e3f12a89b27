//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_domain::limits;
use jackfield_edge::Finish;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        InfoBuilder, OpenApi, OpenApiBuilder, RefOr, Schema, ServerBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{
    PREFIX,
    error::{MEDIA, Problem},
};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Jackfield: the native API")
                .description(Some(
                    "Where telephone systems report what happened, and what no vendor's interface has. Ids are numbers; moments \
                     are RFC 3339 with an offset, printed in UTC; failures are RFC 9457 problems.",
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
    // The derivation cannot say it of a variant.
    for (name, schema) in &mut components.schemas {
        if name.starts_with("OneOrMany_")
            && let RefOr::T(Schema::OneOf(forms)) = schema
            && let Some(RefOr::T(Schema::Array(many))) = forms.items.last_mut()
        {
            many.max_items = Some(limits::BATCH);
        }
    }
    jackfield_edge::finish(
        document,
        Finish {
            error_schema: &Problem::name(),
            error_media: MEDIA,
            error_description: "What is wrong.",
            scheme_name: "bearer",
            scheme: SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some(
                        "Under /feed a key made for it; elsewhere the access token of a sign-in through any dialect.",
                    ))
                    .build(),
            ),
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
    fn every_operation_is_described_and_needs_a_key_or_a_session() {
        let json = json();
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
            assert!(!operation.public, "{place}");
        }
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let json = json();
        for (pointer, limit) in [
            ("CreateKey/properties/name/maxLength", limits::API_KEY_NAME),
            ("Cdr/properties/external_id/maxLength", *limits::EXTERNAL_ID.end()),
            ("Cdr/properties/caller/maxLength", limits::CALL_PARTY),
            ("Cdr/properties/caller_domain/maxLength", limits::CALL_DOMAIN),
            ("Cdr/properties/caller_display_name/maxLength", limits::CALL_NAME),
            ("Cdr/properties/callee/maxLength", limits::CALL_PARTY),
            ("Cdr/properties/call_id/maxLength", limits::CALL_TEXT),
            (
                "Cdr/properties/outbound_caller_id/maxLength",
                *limits::CALLER_ID.end(),
            ),
            ("Cdr/properties/user_data/maxLength", limits::USER_DATA),
            ("ExplainRoute/properties/from/maxLength", limits::CALL_PARTY),
            ("ExplainRoute/properties/to/maxLength", limits::CALL_PARTY),
            ("OneOrMany_Cdr/oneOf/1/maxItems", limits::BATCH),
            ("Participation/properties/number/maxLength", limits::CALL_PARTY),
            (
                "Participation/properties/display_name/maxLength",
                limits::CALL_NAME,
            ),
        ] {
            let found = json.pointer(&format!("/components/schemas/{pointer}"));
            assert_eq!(found.and_then(Value::as_u64), Some(limit as u64), "{pointer}");
        }
    }
}
