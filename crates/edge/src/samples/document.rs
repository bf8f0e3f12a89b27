//! What a test looks for in a dialect's OpenAPI document (feature `samples`).

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::OpenApi;

/// What a document lacks: references that lead nowhere, operations that are not described or do not say how they fail, and
/// ids that two of them share. A test wants none.
pub fn faults(document: &OpenApi) -> Vec<String> {
    let root = printed(document);
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    found.sort();
    found.dedup();
    let mut ids = BTreeSet::new();
    for (path, item) in members(root.get("paths")) {
        for (method, operation) in members(Some(item)) {
            if operation.is_object() {
                let mut lacks = |what: &str| found.push(format!("{method} {path}: {what}"));
                undescribed(operation, &mut lacks);
                match operation.get("operationId").and_then(Value::as_str) {
                    None => lacks("has no id"),
                    Some(id) if !ids.insert(id.to_owned()) => lacks("has the id of another operation"),
                    Some(_) => {}
                }
            }
        }
    }
    found
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn undescribed(operation: &Value, lacks: &mut dyn FnMut(&str)) {
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    if !text(operation, "summary") {
        lacks("has no summary");
    }
    if operation.get("tags").is_none() {
        lacks("has no tag");
    }
    if operation.pointer("/responses/4XX").is_none() {
        lacks("does not say how it fails");
    }
    let parameters = operation.get("parameters").and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        if !text(parameter, "description") {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or("?");
            lacks(&format!("does not describe {name}"));
        }
    }
}

/// Which limits of schemas are not those that are expected. Each is named as `Schema/properties/field/maxLength`.
pub fn wrong_limits(document: &OpenApi, expected: &[(&str, usize)]) -> Vec<String> {
    let root = printed(document);
    let wrong = expected.iter().filter_map(|(place, limit)| {
        let found = root.pointer(&format!("/components/schemas/{place}"));
        let is_right = found.and_then(Value::as_u64) == u64::try_from(*limit).ok();
        (!is_right).then(|| format!("{place}: {found:?} and not {limit}"))
    });
    wrong.collect()
}

fn printed(document: &OpenApi) -> Value {
    serde_json::to_value(document).unwrap_or_else(|error| Value::String(error.to_string()))
}

fn collect(root: &Value, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(target) if key == "$ref" => {
                        let leads = target
                            .strip_prefix('#')
                            .is_some_and(|pointer| root.pointer(pointer).is_some());
                        if !leads {
                            found.push(target.clone());
                        }
                    }
                    _ => collect(root, member, found),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| collect(root, entry, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found() {
        let document = serde_json::from_value(serde_json::json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {
                "/good": {"get": {
                    "summary": "Good", "tags": ["a"], "operationId": "one",
                    "parameters": [{"name": "p", "in": "query", "required": false, "description": "A parameter."}],
                    "responses": {"4XX": {"description": "What is wrong."}}
                }},
                "/bad": {"get": {
                    "operationId": "one",
                    "parameters": [{"name": "p", "in": "query", "required": false}],
                    "responses": {"200": {"$ref": "#/components/schemas/Nowhere"}}
                }}
            },
            "components": {"schemas": {"Name": {"type": "string", "maxLength": 7}}}
        }));
        let document: OpenApi = document.unwrap();
        let expected = [
            "#/components/schemas/Nowhere",
            "get /bad: has no summary",
            "get /bad: has no tag",
            "get /bad: does not say how it fails",
            "get /bad: does not describe p",
            "get /good: has the id of another operation",
        ];
        assert_eq!(faults(&document), expected);
        assert!(wrong_limits(&document, &[("Name/maxLength", 7)]).is_empty());
        assert_eq!(
            wrong_limits(&document, &[("Name/maxLength", 8), ("None/maxLength", 7)]).len(),
            2
        );
    }
}
