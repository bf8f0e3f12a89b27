//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::openapi::{
    OpenApi, RefOr, Schema,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    PREFIX,
    error::Errors,
    tenant_input::{OPERATOR, REQUIRED},
};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    jackfield_edge::frame(
        "Jackfield: the PortSIP dialect",
        "The REST interface of PortSIP PBX 22.2, as Jackfield serves it. Reading is GET; everything else is POST. \
         Ids are decimal numbers in strings; times are RFC 3339 in UTC.",
        PREFIX,
    )
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();

    // A new tenant and a tenant's change of itself are the same type with fewer freedoms.
    if let Some(RefOr::T(Schema::Object(input))) = components.schemas.get("TenantInput").cloned() {
        let mut create = input.clone();
        create.required = REQUIRED.iter().map(|name| (*name).to_owned()).collect();
        create.description = Some("A tenant to be made.".to_owned());
        let mut own = input;
        own.properties
            .retain(|name, _| !OPERATOR.contains(&name.as_str()));
        own.description = Some("A change to one's own tenant: what is left out stays.".to_owned());
        for (name, schema) in [("CreateTenant", create), ("UpdateOwnTenant", own)] {
            components
                .schemas
                .insert(name.to_owned(), RefOr::T(Schema::Object(schema)));
        }
    }

    jackfield_edge::finish::<Errors>(
        document,
        Finish {
            error_media: "application/json",
            error_description: "What is wrong, in the vendor's form.",
            scheme_name: "bearer",
            scheme: SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("The access token of a sign-in."))
                    .build(),
            ),
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
    fn limits_are_those_that_are_enforced() {
        let limits = [
            ("CreateGroup/properties/name/maxLength", *limits::GROUP_NAME.end()),
            (
                "CreateGroup/properties/description/maxLength",
                limits::DESCRIPTION,
            ),
            (
                "CreateGroup/properties/outbound_caller_ids/maxItems",
                limits::CALLER_IDS,
            ),
            (
                "CreateCallQueue/properties/name/maxLength",
                *limits::ROUTE_NAME.end(),
            ),
            (
                "UpdateRingGroup/properties/name/maxLength",
                *limits::ROUTE_NAME.end(),
            ),
            (
                "CreateCallQueue/properties/language/maxLength",
                limits::LANGUAGE_TAG,
            ),
            (
                "CreateCallQueue/properties/callback_outbound_prefix/maxLength",
                limits::DIAL_PREFIX,
            ),
            (
                "CreateCallQueue/properties/moh_prompt_file_id/maxLength",
                limits::FILE_REFERENCE,
            ),
            (
                "QueueRuleWire/properties/number/maxLength",
                limits::FORWARD_NUMBER,
            ),
            ("SetAgents/properties/items/maxItems", limits::AGENTS),
            (
                "CreateProvider/properties/password/maxLength",
                limits::PROVIDER_PASSWORD,
            ),
            (
                "UpdateProvider/properties/username/maxLength",
                limits::PROVIDER_ACCOUNT,
            ),
            (
                "UpdateProvider/properties/did_numbers/maxLength",
                limits::TRUNK_LIST,
            ),
            ("CreatePhone/properties/model/maxLength", limits::PHONE_TEXT),
            ("UpdatePhone/properties/ringtone/maxLength", limits::PHONE_TEXT),
            (
                "CreatePhone/properties/password/maxLength",
                *limits::PHONE_PASSWORD.end(),
            ),
            ("CreatePhone/properties/codecs/maxItems", limits::CODECS),
            (
                "CreatePhone/properties/door_password1/maxLength",
                *limits::DOOR_PASSWORD.end(),
            ),
            (
                "CreateHoliday/properties/name/maxLength",
                *limits::HOLIDAY_NAME.end(),
            ),
            ("ChooseHolidays/properties/items/maxItems", 366),
            ("CreateRole/properties/name/maxLength", *limits::ROLE_NAME.end()),
            (
                "CreateTenant/properties/name/maxLength",
                *limits::TENANT_NAME.end(),
            ),
            (
                "CreateTenant/properties/domain/maxLength",
                *limits::TENANT_DOMAIN.end(),
            ),
            ("CreateTenant/properties/website/maxLength", limits::WEBSITE),
            (
                "CreateTenant/properties/custom_options/maxLength",
                limits::TENANT_TEXT,
            ),
            (
                "Credentials/properties/username/maxLength",
                *limits::USER_NAME.end(),
            ),
            ("Credentials/properties/password/maxLength", limits::PASSWORD),
        ];
        assert_eq!(wrong_limits(&document(), &limits), Vec::<String>::new());
    }

    #[test]
    fn required_fields_are_said_to_be() {
        let json = json();
        for (schema, required) in [
            ("CreateGroup", &["name"][..]),
            ("CreateRole", &["name", "permissions"]),
            ("CreateTenant", super::REQUIRED),
            ("Credentials", &["username", "password"]),
        ] {
            let found = &json["components"]["schemas"][schema]["required"];
            assert_eq!(*found, serde_json::json!(required), "{schema}");
        }
        for schema in [
            "UpdateGroup",
            "UpdateRole",
            "TenantInput",
            "UpdateOwnTenant",
            "PolicyInput",
        ] {
            assert!(
                json["components"]["schemas"][schema]["properties"].is_object(),
                "{schema}"
            );
            assert!(
                json["components"]["schemas"][schema]["required"].is_null(),
                "{schema}"
            );
        }
        let own = &json["components"]["schemas"]["UpdateOwnTenant"]["properties"];
        assert!(own["max_extensions"].is_null() && own["enable_night_mode"].is_object());
    }

    #[test]
    fn public_operations_are_those_of_the_contract() {
        let public: Vec<_> = operations()
            .into_iter()
            .filter(|operation| operation.public)
            .map(|operation| format!("{} {}", operation.method, operation.path))
            .collect();
        assert_eq!(
            public,
            [
                "POST /auth/forget_password",
                "POST /auth/refresh_token",
                "POST /auth/reset_password",
                "POST /auth/send_otp",
                "POST /auth/sign_in",
                "POST /auth/verify_otp",
                "GET /blobs/{key}",
                "GET /info",
                "POST /login",
                "POST /login/oauth/token",
                "POST /logout",
            ]
        );
    }
}
