//! What came back.

use std::ops::Index;

use serde_json::Value;

/// An answer. Its checks give it back, so that they can be chained, and fail the test with the whole answer in the message.
#[derive(Debug, Clone)]
pub struct Answer {
    request: String,
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    json: Value,
}

impl Answer {
    pub(crate) fn new(request: String, status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self {
            request,
            status,
            headers,
            body,
            json,
        }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The bytes of the body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Fails unless the status is this one.
    #[track_caller]
    #[must_use]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Fails unless the record was changed: 200 without a body.
    #[track_caller]
    pub fn changed(self) {
        let answer = self.is(200);
        assert!(
            answer.body.is_empty(),
            "a change answers without a body: {answer}"
        );
    }

    /// Fails unless the record was destroyed: 204.
    #[track_caller]
    pub fn destroyed(self) {
        let answer = self.is(204);
        assert!(answer.body.is_empty(), "{answer}");
    }

    /// The id of the record that was made: 201 and a string of digits from 100000 on.
    #[track_caller]
    pub fn created(self) -> String {
        self.is(201).new_id()
    }

    /// The same of a record whose creation the dialect answers with 200.
    #[track_caller]
    pub fn made(self) -> String {
        self.is(200).new_id()
    }

    #[track_caller]
    fn new_id(self) -> String {
        let answer = self;
        let id = answer["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id in {answer}"));
        assert!(
            id.parse::<i64>().is_ok_and(|number| number >= 100_000),
            "{answer}"
        );
        id.to_owned()
    }

    /// Fails unless this is an error of the dialect with this status and code in its first entry.
    #[track_caller]
    #[must_use]
    pub fn fails(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer["errors"][0]["code"], code, "{answer}");
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{answer}"
        );
        answer
    }

    /// Fails unless this is a problem (RFC 9457) of this status and kind.
    #[track_caller]
    #[must_use]
    pub fn problem(self, status: u16, kind: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{answer}"
        );
        assert_eq!(
            answer["type"],
            format!("urn:jackfield:problem:{kind}"),
            "{answer}"
        );
        assert_eq!(answer["status"], status, "{answer}");
        let instance = answer
            .header("x-request-id")
            .map(|id| format!("urn:x-request-id:{id}"));
        assert_eq!(answer["instance"].as_str(), instance.as_deref(), "{answer}");
        answer
    }

    /// Fails unless this is an error in the form `{"status": "error", "message"}` whose message contains these words.
    #[track_caller]
    pub fn complains(self, status: u16, words: &str) {
        let answer = self.is(status);
        assert_eq!(answer["status"], "error", "{answer}");
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(message.contains(words), "\"{words}\" is not in {answer}");
    }

    /// Fails unless a batch was taken with these numbers of items accepted, known, skipped and refused.
    #[track_caller]
    #[must_use]
    pub fn took(self, counts: [u64; 4]) -> Self {
        let answer = self.is(200);
        let found = ["accepted", "known", "skipped", "refused"].map(|name| answer[name].as_u64());
        assert_eq!(found, counts.map(Some), "{answer}");
        answer
    }

    /// Fails unless the text of the errors contains this.
    #[track_caller]
    #[must_use]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self["errors"].to_string().contains(words),
            "\"{words}\" is not in {self}"
        );
        self
    }

    /// The member `field` of each entry of `items`, as text.
    #[track_caller]
    pub fn column(&self, field: &str) -> Vec<String> {
        let items = self["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items in {self}"));
        items
            .iter()
            .map(|item| match &item[field] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text().chars().take(4000).collect();
        write!(f, "{} answered {}: {body}", self.request, self.status)
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}
