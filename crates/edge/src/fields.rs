//! Bodies that come as a form, as multipart or as JSON, and queries: one wire type for all of them.
//!
//! The fields of a form become the members of a JSON object whose values are texts, so a wire type reads each value by its
//! [`Input`](crate::Input), whatever it came in. What is a number or a switch in the wire type has the type [`Whole`] or
//! [`Flag`], which both read text too.

use std::{fmt, marker::PhantomData};

use axum::{
    body::Body as HttpBody,
    extract::{FromRequest, FromRequestParts, Multipart, Request},
    http::{header, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{BODY_LIMIT, Dialect, Expected, Failure, Refusal, body::media_type, is_json, json, read_body};

/// The most fields of a form, parts of a multipart body or parameters of a query. No body of any dialect needs a quarter of it.
const FIELD_LIMIT: usize = 1000;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
const ANY: &str = "multipart/form-data, application/x-www-form-urlencoded or application/json";

/// A body as form, multipart or JSON. Lists come as repeated fields, as `name[]`, as `name[0]`, or as one field with a list in
/// it. An empty body without a `Content-Type` has no fields.
pub struct Fields<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequest<S> for Fields<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let bytes = read_body(Request::new(body), BODY_LIMIT).await?;
        let media = media_type(&parts.headers);
        let is = |name: &str| media.is_some_and(|media| media.eq_ignore_ascii_case(name));
        let pairs = if media.is_some_and(is_json) {
            return Ok(Self(json::read(&bytes)?, PhantomData));
        } else if is(MULTIPART) {
            // The whole body is here and within the limit; the reader's own limit has nothing left to do.
            parts.headers.remove(header::CONTENT_LENGTH);
            multipart(Request::from_parts(parts, HttpBody::from(bytes))).await?
        } else if is(FORM) {
            pairs_of(&bytes).map_err(Refusal::Form)?
        } else if media.is_none() && bytes.is_empty() {
            Vec::new()
        } else {
            return Err(Refusal::MediaType(ANY).into());
        };
        Ok(Self(object(pairs).map_err(Refusal::Form)?, PhantomData))
    }
}

/// The parameters of the query, read by the same rules.
pub struct QueryFields<D, T>(pub T, pub PhantomData<fn() -> D>);

impl<D, T, S> FromRequestParts<S> for QueryFields<D, T>
where
    D: Dialect,
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure<D>;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let value = pairs_of(query.as_bytes()).and_then(object);
        Ok(Self(value.map_err(Refusal::Query)?, PhantomData))
    }
}

/// The pairs of a query or of the body of a form. What is not UTF-8 in it is replaced, as browsers do.
fn pairs_of(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let mut pairs = form_urlencoded::parse(bytes).into_owned();
    let found: Vec<_> = pairs.by_ref().take(FIELD_LIMIT).collect();
    if pairs.next().is_some() {
        return Err(too_many());
    }
    Ok(found)
}

fn too_many() -> String {
    format!("it has more than {FIELD_LIMIT} fields")
}

/// The parts of a multipart body, in their order. The file name and the type of a part are not looked at.
async fn multipart(request: Request) -> Result<Vec<(String, String)>, Refusal> {
    let wrong = |problem: String| Refusal::Form(problem);
    let mut body = Multipart::from_request(request, &())
        .await
        .map_err(|problem| wrong(problem.body_text()))?;
    let mut pairs = Vec::new();
    while let Some(part) = body
        .next_field()
        .await
        .map_err(|problem| wrong(problem.body_text()))?
    {
        if pairs.len() == FIELD_LIMIT {
            return Err(wrong(too_many()));
        }
        let name = part.name().map(str::to_owned);
        let name = name.ok_or_else(|| wrong("a part has no name".to_owned()))?;
        let bytes = part.bytes().await.map_err(|problem| wrong(problem.body_text()))?;
        let text = String::from_utf8(bytes.into())
            .map_err(|_| wrong(format!("the part {} is not UTF-8", name.escape_default())))?;
        pairs.push((name, text));
    }
    Ok(pairs)
}

/// Fields as an object: texts, and lists of texts where a field is repeated or named as a list.
fn object<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, String> {
    let mut members = Map::new();
    for (name, text) in pairs {
        let text = Value::String(text);
        let (name, listed) = match list_name(&name) {
            Some(name) => (name.to_owned(), true),
            None => (name, false),
        };
        match members.get_mut(&name) {
            Some(Value::Array(list)) => list.push(text),
            Some(present) => {
                let first = present.take();
                *present = Value::Array(vec![first, text]);
            }
            None if listed => {
                members.insert(name, Value::Array(vec![text]));
            }
            None => {
                members.insert(name, text);
            }
        }
    }
    // Through text, because an `Input` takes its value from the text that it stands in.
    let text = Value::Object(members).to_string();
    serde_json::from_str(&text).map_err(|problem| problem.to_string())
}

/// The name in `name[]` and `name[3]`.
fn list_name(name: &str) -> Option<&str> {
    let (name, index) = name.strip_suffix(']')?.split_once('[')?;
    let listed = !name.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    listed.then_some(name)
}

/// A whole number, or the text of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole(pub i64);

impl Expected for Whole {
    const WORDS: &'static str = "a whole number";
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        whole(&value).map(Self).ok_or_else(|| wrong(Self::WORDS))
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A switch: true or false, 1 or 0, or the text of one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Expected for Flag {
    const WORDS: &'static str = "1 or 0, or true or false";
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            other => match whole(other) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        };
        flag.map(Self).ok_or_else(|| wrong(Self::WORDS))
    }
}

/// A list of ids: of numbers or their texts, or one text with such a list in it: `[1,2]`, `1,2` or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdList(pub Vec<i64>);

impl Expected for IdList {
    const WORDS: &'static str = "a list of whole numbers";
    const LIST: bool = true;
}

impl<'de> Deserialize<'de> for IdList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ids(&Value::deserialize(deserializer)?)
            .map(Self)
            .ok_or_else(|| wrong(Self::WORDS))
    }
}

fn ids(value: &Value) -> Option<Vec<i64>> {
    match value {
        Value::Number(_) => Some(vec![whole(value)?]),
        Value::String(text) => {
            let text = text.trim();
            let inner = match text.strip_prefix('[') {
                Some(rest) => rest.strip_suffix(']')?.trim(),
                None => text,
            };
            if inner.is_empty() {
                return Some(Vec::new());
            }
            inner.split(',').map(|id| id.trim().parse().ok()).collect()
        }
        // A field named as a list with nothing in it is how a form says "none".
        Value::Array(list) => match list.as_slice() {
            [Value::String(text)] => ids(&Value::String(text.clone())),
            list => list.iter().map(whole).collect(),
        },
        _ => None,
    }
}

fn wrong<E: serde::de::Error>(expected: impl fmt::Display) -> E {
    E::custom(format_args!("must be {expected}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Input;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Wire {
        name: Input<String>,
        count: Input<Whole>,
        on: Input<Flag>,
        groups: Input<IdList>,
    }

    fn form(text: &str) -> Wire {
        pairs_of(text.as_bytes()).and_then(object).unwrap()
    }

    #[test]
    fn lists_in_every_spelling() {
        for text in [
            "groups=1&groups=2",
            "groups[]=1&groups[]=2",
            "groups%5B%5D=1&groups%5B%5D=2",
            "groups[0]=1&groups[1]=2",
            "groups=[1,2]",
            "groups=[1, 2]",
            "groups=1,2",
            "groups[]=1,2",
        ] {
            assert_eq!(form(text).groups, Input::Value(IdList(vec![1, 2])), "{text}");
        }
        for text in ["groups=", "groups[]=", "groups=[]", "groups[]=[]"] {
            assert_eq!(form(text).groups, Input::Value(IdList(vec![])), "{text}");
        }
        for text in [
            "groups=x",
            "groups=[1",
            "groups=1,",
            "groups[]=1&groups[]=x",
            "groups[]=1&groups[]=",
            "groups=1.0",
        ] {
            assert!(matches!(form(text).groups, Input::Wrong(_)), "{text}");
        }
        for text in ["groups[a]=1", "groups[=1", "[]=1", "other[]=1"] {
            assert_eq!(form(text).groups, Input::Absent, "{text}");
        }
        for (json, list) in [
            (r#"{"groups": [1, "2"]}"#, Some(vec![1, 2])),
            (r#"{"groups": []}"#, Some(vec![])),
            (r#"{"groups": 7}"#, Some(vec![7])),
            (r#"{"groups": [[1]]}"#, None),
            (r#"{"groups": {"a": 1}}"#, None),
            (r#"{"groups": [1.5]}"#, None),
        ] {
            let read = serde_json::from_str::<Wire>(json).unwrap().groups;
            match list {
                Some(list) => assert_eq!(read, Input::Value(IdList(list)), "{json}"),
                None => assert!(matches!(read, Input::Wrong(_)), "{json}"),
            }
        }
    }

    #[test]
    fn numbers_and_switches_are_read_from_text_too() {
        let read = form("name=%C3%84+b&count=-7&on=1");
        assert_eq!(
            read,
            Wire {
                name: Input::Value("Ä b".into()),
                count: Input::Value(Whole(-7)),
                on: Input::Value(Flag(true)),
                groups: Input::Absent,
            }
        );
        for (text, on) in [("true", true), ("false", false), ("0", false)] {
            assert_eq!(form(&format!("on={text}")).on, Input::Value(Flag(on)), "{text}");
        }
        for text in [
            "count=1.0",
            "count=",
            "count=1&count=2",
            "count=99999999999999999999",
        ] {
            assert!(matches!(form(text).count, Input::Wrong(_)), "{text}");
        }
        for text in ["on=2", "on=yes", "on=", "on[]=1"] {
            assert!(matches!(form(text).on, Input::Wrong(_)), "{text}");
        }
        for json in [r#"{"on": 1}"#, r#"{"on": true}"#, r#"{"on": "1"}"#] {
            assert_eq!(
                serde_json::from_str::<Wire>(json).unwrap().on,
                Input::Value(Flag(true))
            );
        }
    }

    #[test]
    fn there_is_a_limit_of_fields() {
        let most = vec!["groups[]=1"; FIELD_LIMIT].join("&");
        assert!(pairs_of(most.as_bytes()).is_ok());
        let more = format!("{most}&a=1");
        assert!(pairs_of(more.as_bytes()).unwrap_err().contains("1000"));
    }

    proptest! {
        #[test]
        fn every_form_is_read(bytes in any::<Vec<u8>>()) {
            prop_assert!(pairs_of(&bytes).and_then(object::<Wire>).is_ok());
        }
    }
}
