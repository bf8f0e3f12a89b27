//! Reading JSON that strangers send.

use serde::de::DeserializeOwned;

use crate::Refusal;

/// How deeply arrays and objects of a body may nest. No body of any dialect needs a fifth of it.
pub const DEPTH_LIMIT: usize = 64;

/// Reads a value from the bytes of a body, checking encoding and depth first.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // A list would be taken for an object whose members are given by position.
    read_from(bytes, '{', "send a JSON object, which begins with {")
}

/// The same for a body that is an array.
pub(crate) fn read_list<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Refusal> {
    read_from(bytes, '[', "send a JSON array, which begins with [")
}

fn read_from<T: DeserializeOwned>(bytes: &[u8], opening: char, demand: &str) -> Result<T, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|problem| Refusal::NotUtf8(problem.valid_up_to()))?;
    if let Some(at) = begins_otherwise(text, opening) {
        let before = text.get(..at).unwrap_or_default();
        return Err(Refusal::Json {
            line: before.matches('\n').count() + 1,
            column: before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1,
            problem: demand.to_owned(),
        });
    }
    if too_deep(bytes) {
        return Err(Refusal::TooDeep(DEPTH_LIMIT));
    }
    serde_json::from_str(text).map_err(|problem| refusal(&problem))
}

/// The first character that is no space, unless it is the one that is wanted; the end of the text when there is none.
fn begins_otherwise(text: &str, opening: char) -> Option<usize> {
    let first = text
        .char_indices()
        .find(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r'));
    match first {
        Some((_, first)) if first == opening => None,
        Some((at, _)) => Some(at),
        None => Some(text.len()),
    }
}

/// Whether brackets outside of strings nest deeper than the limit. Runs before the parser, so that no recursion of it,
/// ours or a library's, ever sees more.
fn too_deep(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}

fn refusal(problem: &serde_json::Error) -> Refusal {
    let text = problem.to_string();
    // The library appends the position, which we give on its own.
    let problem_text = match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    };
    Refusal::Json {
        line: problem.line(),
        column: problem.column(),
        problem: problem_text,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Input;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Wire {
        name: Input<String>,
    }

    fn problem(bytes: &[u8]) -> Refusal {
        read::<Wire>(bytes).err().unwrap()
    }

    #[test]
    fn positions_are_named() {
        assert_eq!(
            problem(b"{\n \"name\": }"),
            Refusal::Json {
                line: 2,
                column: 10,
                problem: "expected value".into()
            }
        );
        assert_eq!(problem(b"{\"name\": \"\xff\"}"), Refusal::NotUtf8(10));
        for (text, at) in [
            ("\n [1]", (2, 2)),
            ("1", (1, 1)),
            (" \n", (2, 1)),
            ("x{}", (1, 1)),
        ] {
            let Refusal::Json { line, column, .. } = problem(text.as_bytes()) else {
                panic!("another refusal of {text}")
            };
            assert_eq!((line, column), at, "{text:?}");
        }
        assert!(matches!(problem(b"{} {}"), Refusal::Json { .. }));
    }

    #[test]
    fn a_list_is_wanted_or_it_is_not() {
        assert_eq!(read_list::<Wire>(br#" [{"name": "a"}, {}]"#).unwrap().len(), 2);
        for text in ["{}", "1", "", "null"] {
            assert!(
                matches!(read_list::<Wire>(text.as_bytes()), Err(Refusal::Json { .. })),
                "{text}"
            );
        }
        assert!(matches!(
            problem(b"[]"),
            Refusal::Json {
                line: 1,
                column: 1,
                ..
            }
        ));
    }

    #[test]
    fn a_key_given_twice_is_refused_and_an_unknown_one_is_not() {
        let Refusal::Json { problem, .. } = problem(br#"{"name": "a", "name": "b"}"#) else {
            panic!("another refusal")
        };
        assert!(problem.contains("duplicate field `name`"), "{problem}");
        assert!(read::<Wire>(br#"{"new": 1, "new": {"x": []}}"#).is_ok());
    }

    #[test]
    fn depth_is_limited_outside_of_strings() {
        let nest = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(read::<Wire>(nest(DEPTH_LIMIT - 1).as_bytes()).is_ok());
        assert_eq!(
            problem(nest(DEPTH_LIMIT).as_bytes()),
            Refusal::TooDeep(DEPTH_LIMIT)
        );
        assert_eq!(
            problem("{\"a\":".repeat(200_000).as_bytes()),
            Refusal::TooDeep(DEPTH_LIMIT)
        );
        let text = format!(r#"{{"name": "\"{}"}}"#, "[{".repeat(100));
        assert!(read::<Wire>(text.as_bytes()).is_ok());
    }
}
