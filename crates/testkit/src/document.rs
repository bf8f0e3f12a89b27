//! Whether an OpenAPI document is whole: what a client generator would stumble over.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// Words that say nothing about what a value may be.
const ANNOTATIONS: &[&str] = &[
    "description",
    "title",
    "example",
    "examples",
    "default",
    "readOnly",
    "writeOnly",
];
/// Words that the judge of answers checks, all but `pattern`, which is for people and for requests.
const CHECKED: &[&str] = &[
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "allOf",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "format",
    "pattern",
    "additionalProperties",
];
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

/// What is wrong with an OpenAPI 3.1 document: references that lead nowhere, parameters of paths that are not declared,
/// operations without an id, a summary or a success, keywords that the validator of answers does not know.
pub fn check_document(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if !document["openapi"]
        .as_str()
        .is_some_and(|version| version.starts_with("3.1."))
    {
        problems.push(format!("the version is {}", document["openapi"]));
    }
    for member in ["title", "version"] {
        if document["info"][member].as_str().is_none_or(str::is_empty) {
            problems.push(format!("info.{member} is missing"));
        }
    }
    let mut ids = HashSet::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        if !path.starts_with('/') {
            problems.push(format!("{path} does not begin with a slash"));
        }
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                check_operation(path, method, operation, &mut ids, &mut problems);
            }
        }
    }
    check_references(document, document, &mut problems);
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        check_keywords(schema, name, &mut problems);
    }
    problems
}

fn check_operation(
    path: &str,
    method: &str,
    operation: &Value,
    ids: &mut HashSet<String>,
    problems: &mut Vec<String>,
) {
    let name = format!("{method} {path}");
    match operation["operationId"].as_str() {
        Some(id) if ids.insert(id.to_owned()) => {}
        id => problems.push(format!(
            "{name}: the operation id {id:?} is missing or not unique"
        )),
    }
    if operation["summary"]
        .as_str()
        .or(operation["description"].as_str())
        .is_none_or(str::is_empty)
    {
        problems.push(format!("{name}: no summary"));
    }
    let statuses = operation["responses"].as_object();
    if !statuses.is_some_and(|statuses| statuses.keys().any(|status| status.starts_with(['2', '3']))) {
        problems.push(format!("{name}: no success"));
    }
    for response in statuses.into_iter().flat_map(Map::values) {
        if response["description"].as_str().is_none_or(str::is_empty) {
            problems.push(format!("{name}: an answer without a description"));
        }
    }
    let in_path: HashSet<_> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let declared: HashSet<_> = parameters
        .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    if in_path != declared {
        problems.push(format!(
            "{name}: the path has {in_path:?}, declared are {declared:?}"
        ));
    }
}

fn check_references(root: &Value, value: &Value, problems: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_str().filter(|_| key == "$ref") {
                    Some(target) => {
                        if target
                            .strip_prefix('#')
                            .and_then(|pointer| root.pointer(pointer))
                            .is_none()
                        {
                            problems.push(format!("{target} leads nowhere"));
                        }
                    }
                    None => check_references(root, member, problems),
                }
            }
        }
        Value::Array(entries) => entries
            .iter()
            .for_each(|entry| check_references(root, entry, problems)),
        _ => {}
    }
}

fn check_keywords(schema: &Value, at: &str, problems: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "properties" => {
                for (name, member) in rule.as_object().into_iter().flatten() {
                    check_keywords(member, &format!("{at}.{name}"), problems);
                }
            }
            "items" | "additionalProperties" => check_keywords(rule, at, problems),
            "oneOf" | "anyOf" | "allOf" => {
                for part in rule.as_array().into_iter().flatten() {
                    check_keywords(part, at, problems);
                }
            }
            other if CHECKED.contains(&other) || ANNOTATIONS.contains(&other) => {}
            other => problems.push(format!("{at}: the validator does not know {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_judged() {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a/{id}": {"get": {"responses": {"200": {"$ref": "#/nowhere", "description": "x"}}}}},
            "components": {"schemas": {"A": {"properties": {"b": {"not": {}}}}}},
        });
        let problems = check_document(&document).join("\n");
        for part in [
            "operation id",
            "no summary",
            "leads nowhere",
            "A.b: the validator does not know not",
            "{\"id\"}",
        ] {
            assert!(problems.contains(part), "{part} is not in {problems}");
        }
    }
}
