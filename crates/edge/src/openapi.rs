//! A dialect's OpenAPI document before its first operation and after the last: what is the same for all of them is written
//! here and not at each.

use utoipa::{
    ToSchema,
    openapi::{
        Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, ServerBuilder,
        path::{Operation, PathItem},
        security::{SecurityRequirement, SecurityScheme},
    },
};

use crate::operations::is_public;

/// What a document has before its first operation: its title, what is said of the whole, and the path that everything is
/// under.
pub fn frame(title: &str, description: &str, prefix: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title(title)
        .description(Some(description))
        .version(env!("CARGO_PKG_VERSION"));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url(prefix).build()]))
        .build()
}

/// What the last pass adds.
pub struct Finish {
    /// The media type of an error.
    pub error_media: &'static str,
    /// What is said of error answers.
    pub error_description: &'static str,
    /// The name of the security scheme.
    pub scheme_name: &'static str,
    /// How callers prove who they are, on every operation that is not public.
    pub scheme: SecurityScheme,
}

/// The last pass. Adds the schema of an error, `E`; to each operation the answer for errors and, unless it is public, the security scheme; gives answers without a
/// description the plain words for their status; and names each operation by its method and path, because the names of
/// handlers repeat from one resource to the next.
pub fn finish<E: ToSchema>(document: &mut OpenApi, what: Finish) {
    let mut schemas = vec![(E::name().into_owned(), E::schema())];
    E::schemas(&mut schemas);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
    components.add_security_scheme(what.scheme_name, what.scheme);
    document.security = Some(vec![SecurityRequirement::new(
        what.scheme_name,
        std::iter::empty::<String>(),
    )]);
    let error = ResponseBuilder::new()
        .description(what.error_description)
        .content(
            what.error_media,
            Content::new(Some(Ref::from_schema_name(E::name()))),
        )
        .build();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(id(method, path));
            if is_public(operation) {
                operation.security = Some(Vec::new());
            }
            let responses = &mut operation.responses.responses;
            for (status, response) in responses.iter_mut() {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    words(status).clone_into(&mut response.description);
                }
            }
            responses
                .entry("4XX".to_owned())
                .or_insert_with(|| RefOr::T(error.clone()));
        }
    }
}

fn words(status: &str) -> &'static str {
    match status {
        "200" => "Done.",
        "201" => "Created.",
        "204" => "Done; the answer has no body.",
        "404" => "There is no such record.",
        _ => "As the status says.",
    }
}

/// `post /users/{user_id}/destroy` becomes `post_users_user_id_destroy`.
fn id(method: &str, path: &str) -> String {
    let words = path
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder};

    use super::*;

    /// A failure.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "stands for its schema alone")]
    struct Failure {
        /// In words.
        message: String,
    }

    fn document() -> OpenApi {
        serde_json::from_value(serde_json::json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {
                "/a": {
                    "get": {"responses": {"200": {"description": ""}}},
                    "post": {"responses": {"201": {"description": "Made."}}, "security": [{}]}
                }
            }
        }))
        .unwrap()
    }

    fn finished() -> OpenApi {
        let mut document = document();
        finish::<Failure>(
            &mut document,
            Finish {
                error_media: "application/json",
                error_description: "What is wrong.",
                scheme_name: "bearer",
                scheme: SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
            },
        );
        document
    }

    #[test]
    fn every_operation_says_how_it_fails_and_who_may() {
        let json = serde_json::to_value(finished()).unwrap();
        let get = &json["paths"]["/a"]["get"];
        assert_eq!(get["responses"]["200"]["description"], "Done.");
        assert_eq!(
            get["responses"]["4XX"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/Failure"
        );
        assert!(json["components"]["schemas"]["Failure"].is_object());
        assert_eq!(get["operationId"], "get_a");
        assert_eq!(
            id("post", "/users/{user_id}/destroy"),
            "post_users_user_id_destroy"
        );
        assert_eq!(json["security"], serde_json::json!([{"bearer": []}]));
        assert_eq!(json["paths"]["/a"]["post"]["security"], serde_json::json!([]));
        assert_eq!(
            json["paths"]["/a"]["post"]["responses"]["201"]["description"],
            "Made."
        );
    }

    #[test]
    fn operations_know_who_may() {
        let list = crate::operations(&finished());
        let list: Vec<_> = list
            .iter()
            .map(|operation| (&operation.method, operation.path.as_str(), operation.public))
            .collect();
        assert_eq!(list, [(&Method::GET, "/a", false), (&Method::POST, "/a", true)]);
    }
}
