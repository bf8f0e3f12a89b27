//! OpenAPI documents in a form in which two of them can be laid side by side: references are followed, parts that have to
//! hold all together are one, and parameters of paths have no names.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value, json};

use crate::Failed;

/// So deep is no schema that has an end.
const DEEPEST: usize = 32;
/// What says nothing about which values are right.
const ANNOTATIONS: &[&str] = &["description", "title", "example", "examples", "default"];

/// An operation, by its method and its path with `{}` for each parameter: both sides name those as they like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// The path.
    pub(crate) path: String,
    /// The method in capitals.
    pub(crate) method: String,
}

impl Name {
    fn new(method: &str, path: &str) -> Self {
        let parts: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part })
            .collect();
        Self {
            path: parts.join("/"),
            method: method.to_ascii_uppercase(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The operations of a list, in the form of an array of objects with `method` and `path`.
pub(crate) fn listed(list: &Value) -> Result<Vec<Name>, Failed> {
    let rows = list
        .as_array()
        .ok_or_else(|| Failed("the list of operations is no array".into()))?;
    let mut names = Vec::new();
    for row in rows {
        if row.get("dialect").is_some_and(|dialect| dialect != "portsip") {
            continue;
        }
        let (Some(method), Some(path)) = (row["method"].as_str(), row["path"].as_str()) else {
            return Err(Failed(format!("a row without method and path: {row}")));
        };
        let prefix = jackfield_dialect_portsip::PREFIX;
        names.push(Name::new(method, path.strip_prefix(prefix).unwrap_or(path)));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    root: Value,
    operations: BTreeMap<Name, Value>,
}

impl Document {
    pub(crate) fn new(root: Value) -> Result<Self, Failed> {
        let paths = root["paths"]
            .as_object()
            .ok_or_else(|| Failed("this is no OpenAPI document: it has no paths".into()))?;
        let mut operations = BTreeMap::new();
        for (path, item) in paths {
            for method in ["get", "put", "post", "delete", "patch"] {
                if let Some(operation) = item.get(method) {
                    operations.insert(Name::new(method, path), operation.clone());
                }
            }
        }
        Ok(Self { root, operations })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = Name> {
        self.operations.keys().cloned()
    }

    pub(crate) fn has(&self, name: &Name) -> bool {
        self.operations.contains_key(name)
    }

    pub(crate) fn operation(&self, name: &Name) -> Option<&Value> {
        self.operations.get(name)
    }

    /// A schema without references, with what has to hold all together as one.
    pub(crate) fn flat(&self, schema: &Value) -> Value {
        self.flatten(schema, DEEPEST)
    }

    fn flatten(&self, schema: &Value, depth: usize) -> Value {
        let Some(rules) = schema.as_object().filter(|_| depth > 0) else {
            return json!({});
        };
        let deeper = |part: &Value| self.flatten(part, depth - 1);
        let mut flat = Map::new();
        for (keyword, rule) in rules {
            match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().and_then(|target| target.strip_prefix('#'));
                    let target = target.and_then(|pointer| self.root.pointer(pointer));
                    merge(&mut flat, target.map_or(json!({}), deeper));
                }
                "allOf" => {
                    for part in rule.as_array().into_iter().flatten() {
                        merge(&mut flat, deeper(part));
                    }
                }
                "oneOf" | "anyOf" => {
                    let parts = rule.as_array().into_iter().flatten();
                    let mut parts: Vec<Value> =
                        parts.map(deeper).filter(|part| part["type"] != "null").collect();
                    if parts.len() == 1 {
                        merge(&mut flat, parts.remove(0));
                    } else {
                        flat.insert("oneOf".into(), Value::Array(parts));
                    }
                }
                "properties" => {
                    let members = rule.as_object().into_iter().flatten();
                    let members: Map<String, Value> = members
                        .map(|(name, member)| (name.clone(), deeper(member)))
                        .collect();
                    merge(&mut flat, json!({"properties": members}));
                }
                "items" | "additionalProperties" if rule.is_object() => {
                    flat.insert(keyword.clone(), deeper(rule));
                }
                "type" => {
                    let one = rule
                        .as_array()
                        .and_then(|names| names.iter().find(|name| *name != "null"));
                    flat.insert(keyword.clone(), one.unwrap_or(rule).clone());
                }
                "enum" => {
                    let words = rule.as_array().into_iter().flatten();
                    let words: Vec<&Value> = words.filter(|word| !word.is_null()).collect();
                    flat.insert(keyword.clone(), json!(words));
                }
                // The vendor's word for what OpenAPI calls by another.
                "format" if rule == "date_time" => {
                    flat.insert(keyword.clone(), json!("date-time"));
                }
                annotation if ANNOTATIONS.contains(&annotation) => {}
                _ => {
                    flat.insert(keyword.clone(), rule.clone());
                }
            }
        }
        Value::Object(flat)
    }
}

/// Puts the rules of a part to those of the whole.
fn merge(whole: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (keyword, rule) in part {
        match (keyword.as_str(), whole.get_mut(&keyword), rule) {
            ("properties", Some(Value::Object(present)), Value::Object(more)) => present.extend(more),
            ("required", Some(Value::Array(present)), Value::Array(more)) => present.extend(more),
            (_, _, rule) => {
                whole.insert(keyword, rule);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_become_flat() {
        let document = Document::new(json!({
            "paths": {"/a/{x}/b": {"get": {}}},
            "components": {"schemas": {
                "Id": {"type": "string", "description": "x"},
                "Loop": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Loop"}}},
            }},
        }))
        .unwrap();
        let names: Vec<String> = document.names().map(|name| name.to_string()).collect();
        assert_eq!(names, ["GET /a/{}/b"]);
        for (schema, flat) in [
            (
                json!({"$ref": "#/components/schemas/Id"}),
                json!({"type": "string"}),
            ),
            (
                json!({"allOf": [{"type": "string"}, {"maxLength": 3}], "readOnly": true}),
                json!({"type": "string", "maxLength": 3, "readOnly": true}),
            ),
            (
                json!({"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]}),
                json!({"properties": {"a": {}, "b": {}}, "required": ["a", "b"]}),
            ),
            (
                json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Id"}]}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": ["string", "null"], "enum": ["A", null]}),
                json!({"type": "string", "enum": ["A"]}),
            ),
            (
                json!({"type": "string", "format": "date_time", "default": "x"}),
                json!({"type": "string", "format": "date-time"}),
            ),
        ] {
            assert_eq!(document.flat(&schema), flat);
        }
        // What refers to itself comes to an end.
        assert_eq!(
            document.flat(&json!({"$ref": "#/components/schemas/Loop"}))["type"],
            "object"
        );
    }

    #[test]
    fn lists_name_operations() {
        let list = json!([
            {"dialect": "portsip", "method": "GET", "path": "/api/users/{id}"},
            {"dialect": "ringme", "method": "GET", "path": "/api/ver1.0/user"},
            {"method": "post", "path": "/users"},
            {"method": "GET", "path": "/users/{user_id}"},
        ]);
        let names: Vec<String> = listed(&list).unwrap().iter().map(Name::to_string).collect();
        assert_eq!(names, ["POST /users", "GET /users/{}"]);
        assert!(listed(&json!({})).is_err() && listed(&json!([{}])).is_err());
    }
}
