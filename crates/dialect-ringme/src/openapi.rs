//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::openapi::{
    OpenApi, ServerBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{OAUTH_PREFIX, PREFIX, error::Problem};

/// What the document has before the first operation.
pub(crate) fn frame() -> OpenApi {
    jackfield_edge::frame(
        "Jackfield: the RingMe dialect",
        "The users of extensions, and the extensions, of the RingMe platform's REST interface (Telphin), as Jackfield \
         serves them. Ids are numbers; lists are bare arrays; times are `YYYY-MM-DD HH:MM:SS` in UTC. An \
         application gets a token at `/oauth/token` and sends it as `Authorization: Bearer`. Every answer says \
         in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds) what is left of the \
         client's budget of this hour.",
        PREFIX,
    )
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
    jackfield_edge::finish::<Problem>(
        document,
        Finish {
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
    use jackfield_edge::samples::{faults, wrong_limits};
    use serde_json::json;

    use crate::{document, operations};

    #[test]
    fn nothing_is_undescribed() {
        assert_eq!(faults(&document()), Vec::<String>::new());
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let json = serde_json::to_value(document()).unwrap();
        let limits = [
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
        ];
        assert_eq!(wrong_limits(&document(), &limits), Vec::<String>::new());
        let page = &json["paths"]["/client/{client_id}/user/extension/"]["get"]["parameters"];
        let per_page = page.as_array().into_iter().flatten();
        let per_page = per_page.filter(|one| one["name"] == "per_page");
        let most: Vec<_> = per_page.map(|one| &one["schema"]["maximum"]).collect();
        assert_eq!(most, [&json!(crate::listing::MOST)]);
    }

    #[test]
    fn no_operation_is_public() {
        assert!(operations().iter().all(|operation| !operation.public));
    }

    #[test]
    fn the_protocol_answers_elsewhere() {
        let json = serde_json::to_value(document()).unwrap();
        assert_eq!(json["servers"][0]["url"], "/api/ver1.0");
        assert_eq!(json["paths"]["/token"]["servers"][0]["url"], "/oauth");
    }
}
