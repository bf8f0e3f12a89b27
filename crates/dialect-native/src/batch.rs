//! What the feed is sent: one item, a list of items, or a stream of lines with an item each.
//!
//! One item or a list arrives whole and is stored in one commit. A stream is read line by line and stored in portions, so that it
//! may be of any length: what came before a portion that fails, or before the line broke, stays. Either way an item that cannot be
//! read or breaks a rule is named and left out, and the others are not concerned.

use std::marker::PhantomData;

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use jackfield_directory::{Directory, Reported};
use jackfield_domain::{Error, Reporter, Result, limits};
use jackfield_edge::{Refusal, is_json, media_type, read_body, still_moving};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    Reply, Reporting,
    error::{Flaw, flaws, nothing_good},
};

/// The most bytes of a body that is no stream: 16 MiB.
pub(crate) const BODY: usize = 16 << 20;
/// The most bytes of one line of a stream: 1 MiB.
const LINE: usize = 1 << 20;
/// How many items of a stream are stored in one commit.
const PORTION: usize = 1000;
/// How many refused items an answer names; all are counted.
const NAMED: usize = 1000;
/// Bytes that a stream has to bring before its time limit begins anew.
const HEADWAY: usize = 64 << 10;

/// The media types of a stream. The first is the one of its inventors, the others are as common.
const STREAM: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/// One item, or a list of at most 10,000.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for the document; bodies are read item by item")]
pub(crate) enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

/// What became of a batch. All that is accepted is on disk.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Items that were stored.
    #[schema(minimum = 0)]
    accepted: usize,
    /// Items that were reported before; nothing was changed. An item is known by its `external_id`.
    #[schema(minimum = 0)]
    known: usize,
    /// Items that are right and of no concern here, such as the second leg of a call.
    #[schema(minimum = 0)]
    skipped: usize,
    /// How many items were refused.
    #[schema(minimum = 0)]
    refused: usize,
    /// The refused items, at most the first 1,000.
    #[schema(max_items = 1000)]
    errors: Vec<RefusedItem>,
}

/// An item that was left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedItem {
    /// Which one, counted from 0; of a stream, the line, counted from 0.
    #[schema(minimum = 0)]
    index: usize,
    /// What is wrong with it. Pointers begin at the item.
    #[schema(min_items = 1)]
    errors: Vec<Flaw>,
}

impl Receipt {
    fn refuse(&mut self, index: usize, errors: Vec<Flaw>) {
        self.refused += 1;
        if self.errors.len() < NAMED {
            self.errors.push(RefusedItem { index, errors });
        }
    }

    /// `200` when something was good, or there was nothing; otherwise a problem, so that a client that looks at nothing but the
    /// status keeps what it has.
    pub(crate) fn answer(self) -> Response {
        if self.refused > 0 && self.accepted + self.known + self.skipped == 0 {
            return nothing_good(self);
        }
        (StatusCode::OK, Json(self)).into_response()
    }
}

/// Where items go.
pub(crate) trait Sink: Send + Sync {
    /// Whether the items' values have the names that the directory knows them by, so that a pointer to one leads somewhere.
    const OWN_NAMES: bool = true;

    /// An item as it travels.
    type Wire: DeserializeOwned + Send;
    /// An item as the directory takes it.
    type Item: Send;

    /// Reads an item; nothing when it is right and of no concern.
    fn read(&self, wire: Self::Wire) -> Result<Option<Self::Item>>;

    /// Stores items in one commit and says what became of each, in their order.
    fn store(&self, items: Vec<Self::Item>) -> impl Future<Output = Result<Vec<Reported>>> + Send;
}

/// An item of the feed that goes to the directory as it is.
pub(crate) trait Reportable: DeserializeOwned + Send + 'static {
    /// What the directory takes.
    type Report: Send;

    /// Reads it.
    fn read(self) -> Result<Self::Report>;

    /// Hands items to the directory.
    fn report(
        directory: &Directory,
        reporter: &Reporter,
        items: Vec<Self::Report>,
    ) -> impl Future<Output = Result<Vec<Reported>>> + Send;
}

/// Where such items go.
pub(crate) struct To<T> {
    directory: Directory,
    reporter: Reporter,
    items: PhantomData<fn() -> T>,
}

impl<T> To<T> {
    pub(crate) fn new(directory: Directory, reporting: Reporting) -> Self {
        Self {
            directory,
            reporter: reporting.reporter,
            items: PhantomData,
        }
    }
}

impl<T: Reportable> Sink for To<T> {
    type Wire = T;
    type Item = T::Report;

    fn read(&self, wire: T) -> Result<Option<T::Report>> {
        wire.read().map(Some)
    }

    async fn store(&self, items: Vec<T::Report>) -> Result<Vec<Reported>> {
        T::report(&self.directory, &self.reporter, items).await
    }
}

/// The operation that takes reports of one kind, which go to the directory as they are: `"path" of Wire as Report, by use_case`.
/// The wire type says in `into_report` how it is read.
macro_rules! takes {
    ($(#[doc = $doc:literal])+ $path:literal of $wire:ident as $report:ty, by $use_case:ident) => {
        impl crate::batch::Reportable for $wire {
            type Report = $report;

            fn read(self) -> jackfield_domain::Result<$report> {
                self.into_report()
            }

            fn report(
                directory: &jackfield_directory::Directory,
                reporter: &jackfield_domain::Reporter,
                items: Vec<$report>,
            ) -> impl Future<Output = jackfield_domain::Result<Vec<jackfield_directory::Reported>>> + Send {
                directory.$use_case(reporter, items)
            }
        }

        $(#[doc = $doc])+
        #[utoipa::path(
            post, path = $path, tag = "feed",
            request_body(content(
                (crate::batch::OneOrMany<$wire> = "application/json"),
                ($wire = "application/x-ndjson")
            )),
            responses((status = 200, body = crate::batch::Receipt))
        )]
        pub(crate) async fn report(
            reporting: crate::Reporting,
            axum::extract::State(directory): axum::extract::State<jackfield_directory::Directory>,
            request: axum::extract::Request,
        ) -> crate::Reply<axum::response::Response> {
            crate::batch::take(&crate::batch::To::<$wire>::new(directory, reporting), request).await
        }
    };
}
pub(crate) use takes;

/// Takes what a request brings, whatever its form.
pub(crate) async fn take(sink: &impl Sink, request: Request) -> Reply<Response> {
    let receipt = match form(request.headers())? {
        Form::Whole => whole(sink, &read_body(request, BODY).await?).await?,
        Form::Stream => stream(sink, request).await?,
    };
    Ok(receipt.answer())
}

enum Form {
    Whole,
    Stream,
}

fn form(headers: &HeaderMap) -> Result<Form, Refusal> {
    match media_type(headers) {
        None => Ok(Form::Whole),
        Some(name) if STREAM.iter().any(|stream| name.eq_ignore_ascii_case(stream)) => Ok(Form::Stream),
        Some(name) if is_json(name) => Ok(Form::Whole),
        Some(_) => Err(Refusal::MediaType("application/json or application/x-ndjson")),
    }
}

/// Takes one item or a list of items.
pub(crate) async fn whole<S: Sink>(sink: &S, bytes: &[u8]) -> Reply<Receipt> {
    let text = std::str::from_utf8(bytes).map_err(|problem| Refusal::NotUtf8(problem.valid_up_to()))?;
    let mut receipt = Receipt::default();
    let mut batch = Batch::new(sink);
    // Syntax first: of a body that is not JSON, nothing is stored.
    if text.trim_ascii_start().starts_with('[') {
        let Items { list, more } = serde_json::from_str(text).map_err(|problem| unreadable(&problem))?;
        if more {
            return Err(Refusal::TooManyItems(limits::BATCH).into());
        }
        batch.reserve(list.len());
        for (index, item) in list.into_iter().enumerate() {
            batch.add(index, item.get(), &mut receipt);
        }
    } else {
        let item: &RawValue = serde_json::from_str(text).map_err(|problem| unreadable(&problem))?;
        batch.add(0, item.get(), &mut receipt);
    }
    batch.store(&mut receipt).await?;
    Ok(receipt)
}

/// Takes a stream of lines.
async fn stream<S: Sink>(sink: &S, request: Request) -> Reply<Receipt> {
    let mut body = request.into_body();
    let mut receipt = Receipt::default();
    let mut batch = Batch::new(sink);
    let mut lines = Lines::default();
    let mut headway = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Interrupted)?;
        let Some(mut data) = frame.data_ref().map(AsRef::as_ref) else {
            continue;
        };
        headway += <[u8]>::len(data);
        while let Some(end) = data.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = data.split_at(end);
            lines.end(line, &mut batch, &mut receipt);
            data = rest.get(1..).unwrap_or_default();
            if batch.items.len() >= PORTION {
                batch.store(&mut receipt).await?;
                still_moving();
            }
        }
        lines.keep(data);
        if headway >= HEADWAY {
            headway = 0;
            still_moving();
        }
    }
    // The last line need not end.
    lines.end(&[], &mut batch, &mut receipt);
    batch.store(&mut receipt).await?;
    Ok(receipt)
}

/// The line of a stream that has not ended yet.
#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
    too_long: bool,
    number: usize,
}

impl Lines {
    fn keep(&mut self, part: &[u8]) {
        if self.too_long || self.begun.len() + part.len() > LINE {
            self.too_long = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(part);
        }
    }

    /// Takes the line that ends with this part.
    fn end<S: Sink>(&mut self, part: &[u8], batch: &mut Batch<'_, S>, receipt: &mut Receipt) {
        let number = self.number;
        self.number += 1;
        if self.begun.is_empty() && !self.too_long && part.len() <= LINE {
            return batch.add_line(number, part, receipt);
        }
        self.keep(part);
        if std::mem::take(&mut self.too_long) {
            return receipt.refuse(
                number,
                vec![plain(format!("a line must have at most {LINE} bytes"))],
            );
        }
        batch.add_line(number, &self.begun, receipt);
        self.begun.clear();
    }
}

/// Items that wait for their commit.
struct Batch<'a, S: Sink> {
    sink: &'a S,
    items: Vec<S::Item>,
    indexes: Vec<usize>,
}

impl<'a, S: Sink> Batch<'a, S> {
    fn new(sink: &'a S) -> Self {
        Self {
            sink,
            items: Vec::new(),
            indexes: Vec::new(),
        }
    }

    fn reserve(&mut self, count: usize) {
        self.items.reserve(count);
        self.indexes.reserve(count);
    }

    /// Reads a line; one without anything on it is none.
    fn add_line(&mut self, index: usize, line: &[u8], receipt: &mut Receipt) {
        match std::str::from_utf8(line) {
            Ok(text) if text.trim_ascii().is_empty() => {}
            Ok(text) => self.add(index, text, receipt),
            Err(problem) => {
                let detail = format!(
                    "a line must be UTF-8; byte {} of it is not",
                    problem.valid_up_to()
                );
                receipt.refuse(index, vec![plain(detail)]);
            }
        }
    }

    /// Reads an item.
    fn add(&mut self, index: usize, text: &str, receipt: &mut Receipt) {
        // A list would be taken for an object whose members are given by position.
        if !text.trim_ascii_start().starts_with('{') {
            return receipt.refuse(index, vec![plain("an item must be a JSON object".into())]);
        }
        let wire = match serde_json::from_str(text) {
            Ok(wire) => wire,
            Err(problem) => return receipt.refuse(index, vec![plain(problem.to_string())]),
        };
        match self.sink.read(wire) {
            Ok(Some(item)) => {
                self.items.push(item);
                self.indexes.push(index);
            }
            Ok(None) => receipt.skipped += 1,
            Err(error) => receipt.refuse(index, Self::flaws(&error)),
        }
    }

    fn flaws(error: &Error) -> Vec<Flaw> {
        let mut flaws = flaws(error);
        if !S::OWN_NAMES {
            for flaw in &mut flaws {
                flaw.pointer = None;
            }
        }
        flaws
    }

    /// Stores what has been read.
    async fn store(&mut self, receipt: &mut Receipt) -> Result<()> {
        if self.items.is_empty() {
            return Ok(());
        }
        let outcomes = self.sink.store(std::mem::take(&mut self.items)).await?;
        for (index, outcome) in self.indexes.drain(..).zip(outcomes) {
            match outcome {
                Reported::New(_) | Reported::Replaced(_) => receipt.accepted += 1,
                Reported::Known(_) => receipt.known += 1,
                Reported::Refused(error) => receipt.refuse(index, Self::flaws(&error)),
            }
        }
        // Those refused here come after those that could not be read.
        receipt.errors.sort_by_key(|refused| refused.index);
        Ok(())
    }
}

fn plain(detail: String) -> Flaw {
    Flaw {
        pointer: None,
        detail,
    }
}

/// The items of a list, as text: a bad one must not spoil the others.
struct Items<'a> {
    list: Vec<&'a RawValue>,
    /// Whether there are more than may be.
    more: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
                let mut list = Vec::new();
                while list.len() < limits::BATCH {
                    match seq.next_element()? {
                        Some(item) => list.push(item),
                        None => return Ok(Items { list, more: false }),
                    }
                }
                let mut more = false;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    more = true;
                }
                Ok(Items { list, more })
            }
        }

        deserializer.deserialize_seq(List)
    }
}

fn unreadable(problem: &serde_json::Error) -> Refusal {
    let text = problem.to_string();
    // The library appends the position, which is given on its own.
    let end = text.rfind(" at line ").unwrap_or(text.len());
    Refusal::Json {
        line: problem.line(),
        column: problem.column(),
        problem: text.get(..end).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
