//! Two flat schemas side by side.

use std::collections::BTreeSet;

use serde_json::Value;

/// Who writes the values that a schema is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The client: we must take what the vendor takes.
    Request,
    /// We: nothing may come that the vendor would not answer.
    Answer,
}

/// Rules of size, and whether a smaller bound is the narrower one.
const BOUNDS: [(&str, bool); 6] = [
    ("minimum", false),
    ("maximum", true),
    ("minLength", false),
    ("maxLength", true),
    ("minItems", false),
    ("maxItems", true),
];

/// Puts down what differs between the vendor's schema and ours at a place.
pub(crate) fn compare(theirs: &Value, ours: &Value, at: &str, side: Side, found: &mut Vec<String>) {
    // Nothing is said there, so anything is right.
    if theirs.as_object().is_none_or(serde_json::Map::is_empty) {
        return;
    }
    if theirs.get("oneOf").is_some() || ours.get("oneOf").is_some() {
        if theirs["oneOf"].as_array().map(Vec::len) != ours["oneOf"].as_array().map(Vec::len) {
            found.push(format!("{at}: the numbers of forms differ"));
        }
        return;
    }
    match (theirs["type"].as_str(), ours["type"].as_str()) {
        (Some(their), Some(our)) if their != our => {
            found.push(format!("{at}: is {our}, the contract has {their}"));
            return;
        }
        (Some(their), None) => found.push(format!("{at}: has no type, the contract has {their}")),
        _ => {}
    }
    members(theirs, ours, at, side, found);
    if let Some(entries) = theirs.get("items") {
        compare(entries, &ours["items"], &format!("{at}[]"), side, found);
    }
    for (keyword, smaller_is_narrower) in BOUNDS {
        bound(keyword, smaller_is_narrower, theirs, ours, at, side, found);
    }
    words(theirs, ours, at, side, found);
    if let Some(pattern) = theirs["pattern"].as_str()
        && ours["pattern"].as_str() != Some(pattern)
        && side == Side::Request
    {
        let our = ours["pattern"].as_str().unwrap_or("none");
        found.push(format!("{at}: the pattern is {our}, the contract has {pattern}"));
    }
    let format = |schema: &Value| schema["format"] == "date-time";
    if format(theirs) != format(ours) {
        found.push(format!("{at}: only one side says that it is a time"));
    }
}

fn names(schema: &Value, keyword: &str) -> BTreeSet<String> {
    let named = |name: &Value| name.as_str().map(str::to_owned);
    match &schema[keyword] {
        Value::Object(members) => members.keys().cloned().collect(),
        Value::Array(list) => list.iter().filter_map(named).collect(),
        _ => BTreeSet::new(),
    }
}

fn members(theirs: &Value, ours: &Value, at: &str, side: Side, found: &mut Vec<String>) {
    let (their, our) = (names(theirs, "properties"), names(ours, "properties"));
    let (must, ours_must) = (names(theirs, "required"), names(ours, "required"));
    for name in their.union(&our) {
        let place = format!("{at}.{name}");
        let schema = &theirs["properties"][name];
        let read_only = side == Side::Request && schema["readOnly"] == true;
        match (their.contains(name), our.contains(name)) {
            (true, false) if read_only => {}
            (true, false) if side == Side::Request => found.push(format!("{place}: is not taken")),
            (true, false) => found.push(format!("{place}: is never answered")),
            (false, true) => found.push(format!("{place}: the contract does not have it")),
            _ => compare(schema, &ours["properties"][name], &place, side, found),
        }
        if our.contains(name) && their.contains(name) && !read_only {
            match (must.contains(name), ours_must.contains(name)) {
                (true, false) => found.push(format!("{place}: may be left out, the contract requires it")),
                (false, true) if side == Side::Request => {
                    found.push(format!("{place}: is required, in the contract it is not"));
                }
                _ => {}
            }
        }
    }
}

fn bound(
    keyword: &str,
    smaller_is_narrower: bool,
    theirs: &Value,
    ours: &Value,
    at: &str,
    side: Side,
    found: &mut Vec<String>,
) {
    let (their, our) = (theirs[keyword].as_f64(), ours[keyword].as_f64());
    let narrower = match (their, our) {
        (None, None) => return,
        (Some(_), None) => false,
        (None, Some(_)) => true,
        (Some(their), Some(our)) if (their - our).abs() < f64::EPSILON => return,
        (Some(their), Some(our)) => (our < their) == smaller_is_narrower,
    };
    // We may well answer less than the vendor might.
    if side == Side::Answer && narrower {
        return;
    }
    if keyword == "maxLength" && our == Some(0.0) {
        found.push(format!("{at}: only the empty text is right"));
        return;
    }
    let word = if narrower { "narrower" } else { "wider" };
    let show = |rule: &Value| {
        if rule.is_null() {
            "none".to_owned()
        } else {
            rule.to_string()
        }
    };
    found.push(format!(
        "{at}: {word}: {keyword} is {}, the contract has {}",
        show(&ours[keyword]),
        show(&theirs[keyword])
    ));
}

fn words(theirs: &Value, ours: &Value, at: &str, side: Side, found: &mut Vec<String>) {
    let (their, our) = (names(theirs, "enum"), names(ours, "enum"));
    if their == our {
        return;
    }
    let join = |words: Vec<&String>| {
        let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
        words.join(" ")
    };
    if our.is_empty() {
        found.push(format!(
            "{at}: wider: any text, the contract has only {}",
            join(their.iter().collect())
        ));
        return;
    }
    if their.is_empty() {
        if side == Side::Request {
            found.push(format!("{at}: narrower: only {}", join(our.iter().collect())));
        }
        return;
    }
    let (missing, more) = (
        join(their.difference(&our).collect()),
        join(our.difference(&their).collect()),
    );
    if side == Side::Request && !missing.is_empty() {
        found.push(format!("{at}: narrower: does not take {missing}"));
    }
    if !more.is_empty() {
        found.push(format!("{at}: wider: also {more}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_said_and_nothing_else() {
        use Side::{Answer, Request};
        for (theirs, ours, side, expected) in [
            (json!({"type": "string"}), json!({"type": "string"}), Request, ""),
            (json!({}), json!({"type": "string"}), Request, ""),
            (
                json!({"type": "string"}),
                json!({"type": "integer"}),
                Answer,
                "x: is integer, the contract has string",
            ),
            (
                json!({"properties": {"a": {"type": "string"}, "b": {"readOnly": true}, "c": {}}, "required": ["c"]}),
                json!({"properties": {"a": {"type": "string"}, "c": {}, "d": {}}, "required": ["a"]}),
                Request,
                "x.a: is required, in the contract it is not; x.c: may be left out, the contract requires it; \
                 x.d: the contract does not have it",
            ),
            (
                json!({"properties": {"a": {"type": "string"}, "b": {"readOnly": true}}}),
                json!({"properties": {"a": {"type": "string"}}, "required": ["a"]}),
                Answer,
                "x.b: is never answered",
            ),
            (
                json!({"type": "string", "maxLength": 5}),
                json!({"type": "string", "maxLength": 4}),
                Request,
                "x: narrower: maxLength is 4, the contract has 5",
            ),
            (
                json!({"type": "string", "maxLength": 5}),
                json!({"type": "string", "maxLength": 4}),
                Answer,
                "",
            ),
            (
                json!({"type": "integer", "minimum": 1}),
                json!({"type": "integer"}),
                Answer,
                "x: wider: minimum is none, the contract has 1",
            ),
            (
                json!({"items": {"enum": ["A", "B"]}}),
                json!({"items": {"enum": ["B", "C"]}}),
                Request,
                "x[]: narrower: does not take A; x[]: wider: also C",
            ),
            (json!({"enum": ["A", "B"]}), json!({"enum": ["B"]}), Answer, ""),
            (
                json!({"pattern": "[0-9]+"}),
                json!({}),
                Request,
                "x: the pattern is none, the contract has [0-9]+",
            ),
        ] {
            let mut found = Vec::new();
            compare(&theirs, &ours, "x", side, &mut found);
            assert_eq!(found.join("; "), expected, "{theirs} beside {ours}");
        }
    }
}
