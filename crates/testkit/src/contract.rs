//! The OpenAPI document as a judge: every answer of the suite is held against it.
//!
//! The validator knows the part of JSON Schema that our documents use and complains of any other keyword, so that nothing
//! in a document goes unchecked. It is stricter than the standard in one thing: a member that the schema does not mention is
//! wrong, because that is how a misspelt or undocumented field looks.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use crate::Answer;

/// A dialect's document, ready to judge answers.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    /// The path templates in segments, those with fewer parameters first: `/users/profile` goes before `/users/{user_id}`.
    templates: Vec<(Vec<String>, String)>,
    /// The schema of an error, which unknown paths answer with too.
    error: &'static str,
}

impl Contract {
    /// That of the PortSIP dialect, built once for the process.
    pub fn portsip() -> Arc<Self> {
        static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
        let build = || {
            let document = jackfield_dialect_portsip::document();
            let document = serde_json::to_value(document).expect("the document prints");
            Arc::new(Self::new(document, "Errors"))
        };
        Arc::clone(CONTRACT.get_or_init(build))
    }

    /// That of the native dialect, built once for the process.
    pub fn native() -> Arc<Self> {
        static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
        let build = || {
            let document = jackfield_dialect_native::document();
            let document = serde_json::to_value(document).expect("the document prints");
            Arc::new(Self::new(document, "Problem"))
        };
        Arc::clone(CONTRACT.get_or_init(build))
    }

    /// That of the RingMe dialect, OAuth 2 included.
    pub fn ringme() -> Arc<Self> {
        static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
        let build = || {
            let document = jackfield_dialect_ringme::document();
            let document = serde_json::to_value(document).expect("the document prints");
            Arc::new(Self::new(document, "Problem"))
        };
        Arc::clone(CONTRACT.get_or_init(build))
    }

    /// That of a version of the VoIPstudio dialect.
    pub fn voipstudio(version: jackfield_dialect_voipstudio::Version) -> Arc<Self> {
        let document = jackfield_dialect_voipstudio::document(version);
        let document = serde_json::to_value(document).expect("the document prints");
        Arc::new(Self::new(document, "Errors"))
    }

    /// That of the Omnidesk dialect.
    pub fn omnidesk() -> Arc<Self> {
        let document = jackfield_dialect_omnidesk::document();
        let document = serde_json::to_value(document).expect("the document prints");
        Arc::new(Self::new(document, "Problem"))
    }

    /// Of any document, with the name of its schema for errors.
    pub fn new(document: Value, error: &'static str) -> Self {
        let paths = document["paths"].as_object().expect("a document has paths");
        let mut templates: Vec<_> = paths
            .keys()
            .map(|path| {
                (
                    path.split('/').map(str::to_owned).collect::<Vec<_>>(),
                    path.clone(),
                )
            })
            .collect();
        templates
            .sort_by_key(|(segments, _)| segments.iter().filter(|segment| is_parameter(segment)).count());
        Self {
            document,
            templates,
            error,
        }
    }

    /// Fails the test when the answer is not what the document says of this request, or is a defect of the server.
    #[track_caller]
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) {
        assert!(answer.status < 500, "a defect: {answer}");
        let problems = self.problems(method, path, answer);
        assert!(
            problems.is_empty(),
            "not as documented: {}\n{answer}",
            problems.join("; ")
        );
    }

    /// What of a value is not as a schema says. References in the schema lead into the document.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        self.judge(schema, value, "body", &mut problems);
        problems
    }

    fn problems(&self, method: &str, path: &str, answer: &Answer) -> Vec<String> {
        if method == "HEAD" {
            return Vec::new();
        }
        let mut problems = Vec::new();
        match self.operation(method, path) {
            None => {
                if !(400..500).contains(&answer.status) {
                    problems.push("an undocumented operation succeeds".to_owned());
                }
                let schema = &self.document["components"]["schemas"][self.error];
                assert!(schema.is_object(), "the document has a schema for errors");
                self.judge(schema, answer.json(), "body", &mut problems);
            }
            Some(operation) => self.judge_answer(operation, answer, &mut problems),
        }
        problems
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<_> = path.split('/').collect();
        let (_, template) = self.templates.iter().find(|(template, _)| {
            template.len() == segments.len()
                && template.iter().zip(&segments).all(|(own, given)| {
                    if is_parameter(own) {
                        !given.is_empty()
                    } else {
                        own == given
                    }
                })
        })?;
        self.document["paths"][template].get(method.to_ascii_lowercase())
    }

    fn judge_answer(&self, operation: &Value, answer: &Answer, problems: &mut Vec<String>) {
        let responses = &operation["responses"];
        let exact = responses.get(answer.status.to_string());
        let class = (400..500)
            .contains(&answer.status)
            .then(|| responses.get("4XX"))
            .flatten();
        let Some(response) = exact.or(class) else {
            problems.push(format!("the status {} is not documented", answer.status));
            return;
        };
        match response["content"]
            .as_object()
            .filter(|content| !content.is_empty())
        {
            None if !answer.bytes().is_empty() => problems.push("a body where none is documented".to_owned()),
            None => {}
            Some(content) => {
                let kind = answer.header("content-type").unwrap_or("none");
                match content.get(kind.split(';').next().unwrap_or_default().trim()) {
                    // Bytes of any kind: there is nothing to judge.
                    Some(media) if media["schema"]["$ref"] == "#/components/schemas/Binary" => {}
                    Some(media) => self.judge(&media["schema"], answer.json(), "body", problems),
                    None => problems.push(format!("the content type {kind} is not documented")),
                }
            }
        }
    }

    fn judge(&self, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
        let Some(rules) = schema.as_object() else {
            if schema != &Value::Bool(true) {
                problems.push(format!("{at}: there is no schema"));
            }
            return;
        };
        for (keyword, rule) in rules {
            match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().and_then(|rule| rule.strip_prefix('#'));
                    match target.and_then(|pointer| self.document.pointer(pointer)) {
                        Some(schema) => self.judge(schema, value, at, problems),
                        None => problems.push(format!("{at}: {rule} leads nowhere")),
                    }
                }
                "type" => {
                    let one = |name: &Value| name.as_str().is_some_and(|name| is_of(value, name));
                    if !rule
                        .as_array()
                        .map_or_else(|| one(rule), |names| names.iter().any(one))
                    {
                        problems.push(format!("{at} is no {rule} but {value}"));
                    }
                }
                "properties" => self.judge_members(rules, value, at, problems),
                "required" => {
                    for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                        if value.is_object() && value.get(name).is_none() {
                            problems.push(format!("{at}.{name} is missing"));
                        }
                    }
                }
                "items" => {
                    for (index, entry) in value.as_array().into_iter().flatten().enumerate() {
                        self.judge(rule, entry, &format!("{at}[{index}]"), problems);
                    }
                }
                "enum" if !rule.as_array().is_some_and(|list| list.contains(value)) => {
                    problems.push(format!("{at} is none of {rule} but {value}"));
                }
                "const" if rule != value => problems.push(format!("{at} is not {rule} but {value}")),
                "allOf" => {
                    for part in rule.as_array().into_iter().flatten() {
                        self.judge(part, value, at, problems);
                    }
                }
                "oneOf" | "anyOf" => {
                    let fits = |part: &&Value| {
                        let mut found = Vec::new();
                        self.judge(part, value, at, &mut found);
                        found.is_empty()
                    };
                    let count = rule.as_array().into_iter().flatten().filter(fits).count();
                    if count == 0 || (keyword == "oneOf" && count > 1) {
                        problems.push(format!("{at} fits {count} of the forms: {value}"));
                    }
                }
                "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems" => {
                    judge_size(keyword, rule, value, at, problems);
                }
                "format" => judge_format(rule, value, at, problems),
                _ => {}
            }
        }
    }

    fn judge_members(&self, rules: &Map<String, Value>, value: &Value, at: &str, problems: &mut Vec<String>) {
        let (Some(members), Some(known)) = (value.as_object(), rules["properties"].as_object()) else {
            return;
        };
        for (name, member) in members {
            let at = format!("{at}.{name}");
            match (known.get(name), rules.get("additionalProperties")) {
                (Some(schema), _) | (None, Some(schema)) => self.judge(schema, member, &at, problems),
                (None, None) => problems.push(format!("{at} is not documented")),
            }
        }
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn judge_size(keyword: &str, rule: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let size = match (keyword, value) {
        ("minimum" | "maximum", Value::Number(number)) => number.as_f64(),
        ("minLength" | "maxLength", Value::String(text)) => {
            u32::try_from(text.chars().count()).ok().map(f64::from)
        }
        ("minItems" | "maxItems", Value::Array(list)) => u32::try_from(list.len()).ok().map(f64::from),
        _ => None,
    };
    let (Some(size), Some(bound)) = (size, rule.as_f64()) else {
        return;
    };
    let fits = if keyword.starts_with("min") {
        size >= bound
    } else {
        size <= bound
    };
    if !fits {
        problems.push(format!("{at} breaks {keyword} {rule}: {value}"));
    }
}

fn judge_format(rule: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let fits = match (rule.as_str(), value) {
        (Some("date-time"), Value::String(text)) => {
            text.ends_with('Z') && jackfield_domain::Timestamp::parse(text).is_some()
        }
        (Some("int32"), Value::Number(number)) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        _ => true,
    };
    if !fits {
        problems.push(format!("{at} is no {rule}: {value}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract() -> Contract {
        let user = json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "minLength": 1},
            "age": {"type": "integer", "minimum": 0, "format": "int32"},
            "made": {"type": "string", "format": "date-time"},
            "sms": {"type": ["string", "null"], "enum": ["A", "B", null]},
        }});
        let one = json!({"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
            "204": {"description": "Done."}});
        let named = json!({"200": {"description": "Done."}, "4XX": {"description": "Wrong."}});
        Contract::new(
            json!({
                "paths": {"/users/{id}": {"get": {"responses": one}}, "/users/me": {"get": {"responses": named}}},
                "components": {"schemas": {"User": user, "Errors": {"type": "object", "required": ["errors"]}}},
            }),
            "Errors",
        )
    }

    #[test]
    fn answers_are_judged() {
        for (path, status, body, problem) in [
            (
                "/users/7?x=/y",
                200,
                r#"{"id":"7","age":3,"made":"2026-01-01T00:00:00Z","sms":null}"#,
                "",
            ),
            (
                "/users/7",
                200,
                r#"{"age":-1}"#,
                "body.age breaks minimum 0: -1; body.id is missing",
            ),
            (
                "/users/7",
                200,
                r#"{"id":""}"#,
                "body.id breaks minLength 1: \"\"",
            ),
            ("/users/7", 200, r#"{"id":7}"#, "body.id is no \"string\" but 7"),
            (
                "/users/7",
                200,
                r#"{"id":"7","extra":1}"#,
                "body.extra is not documented",
            ),
            (
                "/users/7",
                200,
                r#"{"id":"7","made":"yesterday"}"#,
                "body.made is no \"date-time\": \"yesterday\"",
            ),
            ("/users/7", 204, "", ""),
            ("/users/7", 204, "x", "a body where none is documented"),
            ("/users/7", 404, "", "the status 404 is not documented"),
            ("/users/me", 200, "", ""),
            ("/users/me", 404, "", ""),
            ("/nowhere", 404, r#"{"errors":[]}"#, ""),
            ("/nowhere", 404, "{}", "body.errors is missing"),
        ] {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let answer = Answer::new(String::new(), status, headers, body.into());
            let mut found = contract().problems("GET", path, &answer);
            found.sort();
            assert_eq!(found.join("; "), problem, "{path} {status} {body}");
        }
    }
}
