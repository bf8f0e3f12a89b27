//! A log line as one JSON object, written into one buffer.
//!
//! The general formatter of the logging library builds a tree of values for each event; with a line for every request that
//! was a third of what a cached answer cost (measured with callgrind). This one writes as it visits.

use std::fmt::{self, Write as _};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// Writes `timestamp`, `level`, the fields of the event and its `target`.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line {
            text: String::with_capacity(512),
        };
        line.text.push_str("{\"timestamp\":\"");
        SystemTime.format_time(&mut Writer::new(&mut line.text))?;
        line.text.push_str("\",\"level\":\"");
        line.text.push_str(event.metadata().level().as_str());
        line.text.push('"');
        event.record(&mut line);
        line.key("target");
        line.string(event.metadata().target());
        line.text.push_str("}\n");
        writer.write_str(&line.text)
    }
}

/// A line that grows.
struct Line {
    text: String,
}

impl Line {
    /// The names of fields are written in our own code and need no escapes.
    fn key(&mut self, name: &str) {
        self.text.push_str(",\"");
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    /// A text in quotation marks.
    fn string(&mut self, text: &str) {
        self.text.push('"');
        self.escaped(text);
        self.text.push('"');
    }

    /// What a value prints, in quotation marks.
    fn printed(&mut self, value: fmt::Arguments<'_>) {
        self.text.push('"');
        // Writing to a string cannot fail.
        let _ = Escaped(self).write_fmt(value);
        self.text.push('"');
    }

    /// A text with what JSON does not allow in one escaped.
    fn escaped(&mut self, text: &str) {
        let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ';
        let mut rest = text;
        // All of these are characters of one byte, so what is split at them are texts again.
        while let Some(at) = rest.bytes().position(special) {
            let (plain, tail) = rest.split_at(at);
            self.text.push_str(plain);
            let mut characters = tail.chars();
            match characters.next() {
                Some('"') => self.text.push_str("\\\""),
                Some('\\') => self.text.push_str("\\\\"),
                Some('\n') => self.text.push_str("\\n"),
                Some(control) => {
                    // As above.
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
                None => {}
            }
            rest = characters.as_str();
        }
        self.text.push_str(rest);
    }

    /// A value that prints as JSON does: a number or a flag.
    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        self.key(field.name());
        let _ = write!(self.text, "{value}");
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field, value);
        } else {
            self.record_str(field, "not a number");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.key(field.name());
        self.string(value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        // The whole chain: the outermost words alone seldom say what to do.
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.record_str(field, &text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.key(field.name());
        self.printed(format_args!("{value:?}"));
    }
}

/// Takes what a value prints piece by piece, so that no text of its own is made of it.
struct Escaped<'a>(&'a mut Line);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escaped(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_a_json_text() {
        for text in [
            "",
            "plain",
            "\"quoted\" \\ back",
            "line\nend\ttab\u{1}",
            "Zoë \u{1F4DE}",
            "\u{7f}\u{2028}",
        ] {
            let mut line = Line { text: String::new() };
            line.string(text);
            assert_eq!(serde_json::from_str::<String>(&line.text).unwrap(), text);
            let mut line = Line { text: String::new() };
            line.printed(format_args!("{text}{text}"));
            assert_eq!(
                serde_json::from_str::<String>(&line.text).unwrap(),
                text.repeat(2)
            );
        }
    }
}
