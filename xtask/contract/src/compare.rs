//! An operation in both documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    documents::{Document, Name},
    schema::{self, Side},
};

/// What our document says otherwise of an operation.
pub(crate) fn operation(name: &Name, theirs: &Document, ours: &Document) -> Vec<String> {
    let mut found = Vec::new();
    match (theirs.operation(name), ours.operation(name)) {
        (None, _) => found.push("the contract does not have this operation".to_owned()),
        (Some(_), None) => found.push("is not served".to_owned()),
        (Some(their), Some(our)) => {
            parameters((their, theirs), (our, ours), &mut found);
            request((their, theirs), (our, ours), &mut found);
            answers((their, theirs), (our, ours), &mut found);
        }
    }
    found
}

/// A part of a document, and the document.
type Part<'a> = (&'a Value, &'a Document);

/// Parameters of the query and of the header, by place and name. Those of the path are told by their places.
fn named<'a>(operation: &'a Value, place: &str) -> BTreeMap<String, &'a Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let here = parameters.filter(|parameter| parameter["in"] == place);
    here.filter_map(|parameter| Some((parameter["name"].as_str()?.to_lowercase(), parameter)))
        .collect()
}

fn parameters((their, theirs): Part<'_>, (our, ours): Part<'_>, found: &mut Vec<String>) {
    for place in ["query", "header"] {
        let (wanted, present) = (named(their, place), named(our, place));
        let all: BTreeSet<&String> = wanted.keys().chain(present.keys()).collect();
        for name in all {
            let at = format!("{place} {name}");
            match (wanted.get(name), present.get(name)) {
                (Some(_), None) => found.push(format!("{at}: is not taken")),
                (None, Some(_)) => found.push(format!("{at}: the contract does not have it")),
                (Some(wanted), Some(present)) => {
                    match (wanted["required"] == true, present["required"] == true) {
                        (true, false) => {
                            found.push(format!("{at}: may be left out, the contract requires it"));
                        }
                        (false, true) => found.push(format!("{at}: is required, in the contract it is not")),
                        _ => {}
                    }
                    let (wanted, present) = (theirs.flat(&wanted["schema"]), ours.flat(&present["schema"]));
                    schema::compare(&wanted, &present, &at, Side::Request, found);
                }
                (None, None) => {}
            }
        }
    }
}

fn kinds(content: &Value) -> BTreeSet<&String> {
    content
        .as_object()
        .into_iter()
        .flatten()
        .map(|(kind, _)| kind)
        .collect()
}

fn contents((their, theirs): Part<'_>, (our, ours): Part<'_>, at: &str, side: Side, found: &mut Vec<String>) {
    let (wanted, present) = (kinds(their), kinds(our));
    for kind in wanted.union(&present) {
        match (wanted.contains(kind), present.contains(kind)) {
            (true, false) => found.push(format!("{at}: no {kind}, the contract has it")),
            (false, true) => found.push(format!("{at}: {kind}, the contract does not have it")),
            _ => {
                let (wanted, present) = (
                    theirs.flat(&their[*kind]["schema"]),
                    ours.flat(&our[*kind]["schema"]),
                );
                schema::compare(&wanted, &present, at, side, found);
            }
        }
    }
}

fn request((their, theirs): Part<'_>, (our, ours): Part<'_>, found: &mut Vec<String>) {
    let (their, our) = (&their["requestBody"]["content"], &our["requestBody"]["content"]);
    contents((their, theirs), (our, ours), "request", Side::Request, found);
}

/// Answers that say that all went well. Of failures the contract says no more than that they have a status in the 400s.
fn answers((their, theirs): Part<'_>, (our, ours): Part<'_>, found: &mut Vec<String>) {
    let good = |operation: &Value| -> BTreeSet<String> {
        let statuses = operation["responses"].as_object().into_iter().flatten();
        let statuses = statuses.map(|(status, _)| status.clone());
        statuses.filter(|status| status.starts_with(['2', '3'])).collect()
    };
    let (wanted, present) = (good(their), good(our));
    for status in wanted.union(&present) {
        let at = format!("answer {status}");
        match (wanted.contains(status), present.contains(status)) {
            (true, false) => found.push(format!("{at}: never comes")),
            (false, true) => found.push(format!("{at}: the contract does not have it")),
            _ => {
                let (their, our) = (&their["responses"][status], &our["responses"][status]);
                let (wanted, present) = (kinds(&their["headers"]), kinds(&our["headers"]));
                for header in wanted.difference(&present) {
                    found.push(format!("{at}: no header {header}, the contract has it"));
                }
                contents(
                    (&their["content"], theirs),
                    (&our["content"], ours),
                    &at,
                    Side::Answer,
                    found,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(operation: &Value) -> Document {
        Document::new(json!({"paths": {"/a/{id}": {"post": operation}}})).unwrap()
    }

    #[test]
    fn operations_are_held_against_each_other() {
        let body = |schema: Value| json!({"application/json": {"schema": schema}});
        let theirs = json!({
            "parameters": [
                {"name": "id", "in": "path", "required": true},
                {"name": "top", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                {"name": "Upload-ID", "in": "header", "required": true, "schema": {"type": "string"}},
            ],
            "requestBody": {"content": body(json!({"properties": {"a": {"type": "string"}}}))},
            "responses": {"200": {"content": body(json!({"properties": {"b": {"type": "string"}}}))}, "4XX": {}},
        });
        assert_eq!(compared(&theirs, &theirs), "");
        let ours = json!({
            "parameters": [
                {"name": "other", "in": "path", "required": true},
                {"name": "top", "in": "query", "schema": {"type": "integer", "maximum": 50}},
                {"name": "upload-id", "in": "header", "required": true, "schema": {"type": "string"}},
            ],
            "requestBody": {"content": body(json!({"properties": {}}))},
            "responses": {"201": {}, "4XX": {"content": body(json!({"type": "object"}))}},
        });
        assert_eq!(
            compared(&theirs, &ours),
            "query top: narrower: maximum is 50, the contract has 100; request.a: is not taken; \
             answer 200: never comes; answer 201: the contract does not have it"
        );
    }

    fn compared(theirs: &Value, ours: &Value) -> String {
        let (theirs, ours) = (document(theirs), document(ours));
        let name = theirs.names().next().unwrap();
        operation(&name, &theirs, &ours).join("; ")
    }
}
