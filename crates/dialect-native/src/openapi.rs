//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_domain::limits;
use jackfield_edge::Finish;
use utoipa::openapi::{
    OpenApi, RefOr, Schema,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    PREFIX,
    error::{MEDIA, Problem},
};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    jackfield_edge::frame(
        "Jackfield: the native API",
        "Where telephone systems report what happened, and what no vendor's interface has. Ids are numbers; moments \
         are RFC 3339 with an offset, printed in UTC; failures are RFC 9457 problems.",
        PREFIX,
    )
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    // The derivation cannot say it of a variant.
    for (name, schema) in &mut components.schemas {
        if name.starts_with("OneOrMany_")
            && let RefOr::T(Schema::OneOf(forms)) = schema
            && let Some(RefOr::T(Schema::Array(many))) = forms.items.last_mut()
        {
            many.max_items = Some(limits::BATCH);
        }
    }
    jackfield_edge::finish::<Problem>(
        document,
        Finish {
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
    use jackfield_edge::samples::{faults, wrong_limits};

    use crate::{document, operations};

    #[test]
    fn nothing_is_undescribed() {
        assert_eq!(faults(&document()), Vec::<String>::new());
    }

    #[test]
    fn every_operation_needs_a_key_or_a_session() {
        assert!(operations().iter().all(|operation| !operation.public));
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let limits = [
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
        ];
        assert_eq!(wrong_limits(&document(), &limits), Vec::<String>::new());
    }
}
