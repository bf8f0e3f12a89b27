//! The dialect's OpenAPI document: its frame, and the last pass over it.

use jackfield_edge::Finish;
use utoipa::openapi::{
    OpenApi,
    security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use crate::{Version, error::Errors};

/// What the document has before the first operation.
pub(crate) fn frame(version: Version) -> OpenApi {
    jackfield_edge::frame(
        "Jackfield: the VoIPstudio dialect",
        "The customer module of VoIPstudio's REST interface, as Jackfield serves it. Ids are numbers; times are \
         `YYYY-MM-DD HH:MM:SS` in UTC. A token goes into the header X-Auth-Token, or into HTTP Basic as the \
         password of the user's id.",
        version.prefix(),
    )
}

/// Adds what is the same everywhere.
pub(crate) fn finish(document: &mut OpenApi) {
    jackfield_edge::finish::<Errors>(
        document,
        Finish {
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
    use jackfield_edge::samples::{faults, wrong_limits};
    use serde_json::Value;

    use crate::{Version, document, operations};

    fn json(version: Version) -> Value {
        serde_json::to_value(document(version)).unwrap()
    }

    #[test]
    fn nothing_is_undescribed() {
        for version in Version::ALL {
            assert_eq!(faults(&document(version)), Vec::<String>::new());
        }
    }

    #[test]
    fn limits_are_those_that_are_enforced() {
        let limits = [
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
        ];
        assert_eq!(
            wrong_limits(&document(Version::V1_2), &limits),
            Vec::<String>::new()
        );
        assert_eq!(*limits::API_TOKEN_IDLE_SECONDS.end(), 315_360_000);
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
