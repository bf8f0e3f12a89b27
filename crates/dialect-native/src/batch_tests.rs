use std::sync::Mutex;

use axum::body::Body;
use jackfield_domain::{Error, Field, Rule, Violation};
use serde_json::{Value, json};

use super::*;

/// Takes numbers: refuses the negative ones when they are read, skips 0, knows those above 999, refuses 13 in the store.
#[derive(Default)]
struct Numbers(Mutex<Vec<Vec<i64>>>);

#[derive(Deserialize)]
struct Wire {
    number: i64,
}

fn wrong() -> Error {
    Error::invalid(Violation::new(Field::Number, Rule::OutOfRange(0, 9)))
}

impl Sink for Numbers {
    type Wire = Wire;
    type Item = i64;

    fn read(&self, wire: Wire) -> Result<Option<i64>> {
        if wire.number < 0 {
            return Err(wrong());
        }
        Ok(Some(wire.number).filter(|number| *number != 0))
    }

    async fn store(&self, items: Vec<i64>) -> Result<Vec<Reported>> {
        let outcomes = items.iter().map(|number| match number {
            13 => Reported::Refused(wrong()),
            1000.. => Reported::Known(*number),
            _ => Reported::New(*number),
        });
        let outcomes = outcomes.collect();
        self.0.lock().unwrap().push(items);
        Ok(outcomes)
    }
}

/// Sends a body of a type; gives the status, the receipt, and what was stored in each commit.
async fn sent(media: &str, body: impl Into<Body>) -> (u16, Value, Vec<Vec<i64>>) {
    let sink = Numbers::default();
    let request = Request::builder()
        .header("content-type", media)
        .body(body.into())
        .unwrap();
    let response = match take(&sink, request).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    };
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let stored = std::mem::take(&mut *sink.0.lock().unwrap());
    (status, serde_json::from_slice(&bytes).unwrap(), stored)
}

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

fn counts(receipt: &Value) -> [u64; 4] {
    ["accepted", "known", "skipped", "refused"].map(|name| receipt[name].as_u64().unwrap())
}

fn indexes(receipt: &Value) -> Vec<u64> {
    let errors = receipt["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["index"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn one_item_a_list_and_lines_come_to_the_same() {
    for (media, body) in [
        (JSON, r#"{"number": 5}"#),
        (JSON, " \n[{\"number\": 5}]"),
        ("application/vnd.x+json; charset=utf-8", r#"{"number": 5}"#),
        (LINES, "{\"number\": 5}"),
        ("application/jsonl", "\r\n{\"number\": 5}\r\n\n"),
    ] {
        let (status, receipt, stored) = sent(media, body).await;
        assert_eq!(
            (status, counts(&receipt)),
            (200, [1, 0, 0, 0]),
            "{body}: {receipt}"
        );
        assert_eq!(stored, [[5]]);
    }
    for (media, body) in [(JSON, "[]"), (LINES, ""), (LINES, "\n\n")] {
        let (status, receipt, stored) = sent(media, body).await;
        assert_eq!((status, counts(&receipt)), (200, [0; 4]), "{body:?}");
        assert!(stored.is_empty());
    }
}

#[tokio::test]
async fn bad_items_are_named_and_spoil_no_other() {
    let items = [
        r#"{"number": 1}"#,
        r#"{"number": -1}"#,
        r#"{"number": "x"}"#,
        r"[7]",
        r"null",
        r#"{"number": 13}"#,
        r#"{"number": 0}"#,
        r#"{"number": 1000}"#,
        r#"{"number": 2, "number": 3}"#,
        r"{}",
    ];
    for (media, body) in [
        (JSON, format!("[{}]", items.join(","))),
        (LINES, items.join("\n")),
    ] {
        let (status, receipt, stored) = sent(media, body).await;
        assert_eq!(status, 200);
        assert_eq!(counts(&receipt), [1, 1, 1, 7], "{receipt}");
        assert_eq!(indexes(&receipt), [1, 2, 3, 4, 5, 8, 9], "{receipt}");
        assert_eq!(stored, [[1, 13, 1000]]);
        let first = &receipt["errors"][0]["errors"][0];
        assert_eq!(
            *first,
            json!({"pointer": "#/number", "detail": "number must be between 0 and 9"})
        );
        for error in receipt["errors"].as_array().unwrap() {
            assert!(
                error["errors"][0]["detail"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_batch_with_nothing_good_is_a_problem() {
    for (media, body) in [
        (JSON, r#"{"number": -1}"#),
        (JSON, r#"[{"number": -1}]"#),
        (JSON, "7"),
        (LINES, "nonsense\n"),
    ] {
        let (status, problem, stored) = sent(media, body).await;
        assert_eq!(status, 422, "{body}: {problem}");
        assert_eq!(problem["type"], "urn:jackfield:problem:invalid");
        assert_eq!(counts(&problem["receipt"]), [0, 0, 0, 1], "{problem}");
        assert!(stored.is_empty());
    }
    // What is known is done.
    let (status, ..) = sent(JSON, r#"[{"number": 1000}, {"number": -1}]"#).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_is_no_json_is_refused_whole() {
    for (body, kind) in [
        (&b"[{\"number\": 1}, {\"number\": 2]"[..], "unreadable"),
        (b"[{\"number\": 1}] x", "unreadable"),
        (b"", "unreadable"),
        (b"{\"number\": 1", "unreadable"),
        (b"[\"\xff\"]", "unreadable"),
    ] {
        let (status, problem, stored) = sent(JSON, body).await;
        assert_eq!(status, 400, "{problem}");
        assert_eq!(problem["type"], format!("urn:jackfield:problem:{kind}"));
        assert!(stored.is_empty(), "{problem}");
    }
    let (_, problem, _) = sent(JSON, "[{\"number\": 1},\n {\"number\": }]").await;
    assert!(
        problem["detail"].as_str().unwrap().contains("line 2"),
        "{problem}"
    );
    for media in ["text/plain", "multipart/form-data", ""] {
        assert_eq!(sent(media, "{}").await.0, 415, "{media}");
    }
}

#[tokio::test]
async fn a_list_has_a_limit_and_a_stream_has_none() {
    let list = |count| format!("[{}]", vec![r#"{"number": 1}"#; count].join(","));
    let (status, receipt, stored) = sent(JSON, list(10_000)).await;
    assert_eq!((status, counts(&receipt)), (200, [10_000, 0, 0, 0]));
    assert_eq!(stored.len(), 1, "one commit");
    let (status, problem, stored) = sent(JSON, list(10_001)).await;
    assert_eq!((status, stored.len()), (413, 0), "{problem}");
    let (status, receipt, stored) = sent(LINES, "{\"number\": 1}\n".repeat(10_001)).await;
    assert_eq!((status, counts(&receipt)), (200, [10_001, 0, 0, 0]));
    assert_eq!(stored.iter().map(Vec::len).max(), Some(PORTION));
    let (status, ..) = sent(JSON, " ".repeat(BODY + 1)).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn lines_are_found_wherever_the_network_cuts() {
    let text = "{\"number\": 1}\r\n\n{\"number\": 2}\nbad\n{\"number\": 3}";
    for size in 1..text.len() {
        let parts = text
            .as_bytes()
            .chunks(size)
            .map(|part| Ok::<_, std::io::Error>(part.to_vec()))
            .collect::<Vec<_>>();
        let (status, receipt, stored) = sent(LINES, Body::from_stream(Parts(parts.into_iter()))).await;
        assert_eq!((status, counts(&receipt)), (200, [3, 0, 0, 1]), "{size}");
        assert_eq!(indexes(&receipt), [3]);
        assert_eq!(stored, [[1, 2, 3]]);
    }
}

#[tokio::test]
async fn a_line_may_be_too_long_and_the_next_is_not() {
    let long = format!("{{\"number\": 1, \"x\": \"{}\"}}", "x".repeat(LINE));
    let fits = format!("{{\"number\": 2, \"x\": \"{}\"}}", "x".repeat(LINE - 30));
    let text = format!("{long}\n{fits}\n{{\"number\": 3}}\n");
    for size in [1000, 100_000, text.len()] {
        let parts = text
            .as_bytes()
            .chunks(size)
            .map(|part| Ok::<_, std::io::Error>(part.to_vec()))
            .collect::<Vec<_>>();
        let (status, receipt, stored) = sent(LINES, Body::from_stream(Parts(parts.into_iter()))).await;
        assert_eq!((status, counts(&receipt)), (200, [2, 0, 0, 1]), "{size}");
        assert_eq!((indexes(&receipt), stored), (vec![0], vec![vec![2, 3]]));
    }
}

#[tokio::test]
async fn of_a_stream_that_breaks_whole_portions_stay() {
    let mut text = "{\"number\": 1}\n".repeat(PORTION + 5);
    text.push_str("{\"number\"");
    let parts = vec![
        Ok(text.into_bytes()),
        Err(std::io::Error::other("the line is cut")),
    ];
    let (status, problem, stored) = sent(LINES, Body::from_stream(Parts(parts.into_iter()))).await;
    assert_eq!(status, 400, "{problem}");
    assert_eq!(stored.iter().map(Vec::len).collect::<Vec<_>>(), [PORTION]);
}

#[tokio::test]
async fn the_refused_are_all_counted_and_not_all_named() {
    let (status, receipt, _) = sent(LINES, format!("{{\"number\": 1}}\n{}", "x\n".repeat(NAMED + 7))).await;
    assert_eq!((status, counts(&receipt)), (200, [1, 0, 0, (NAMED + 7) as u64]));
    assert_eq!(indexes(&receipt).len(), NAMED);
}

/// The parts of a body, one after the other.
struct Parts<I>(I);

impl<I: Iterator + Unpin> futures_util::Stream for Parts<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
