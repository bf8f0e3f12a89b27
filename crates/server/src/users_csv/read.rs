//! Taking a file apart.

use csv::{ReaderBuilder, StringRecord};
use jackfield_directory::{ImportedUser, RowFailure};
use jackfield_domain::{Field, Violation};

use super::{
    UnreadableFile,
    column::{COLUMNS, Column, read_header},
    row::read_row,
};

/// The rows of a file.
#[derive(Debug)]
pub struct UserTable {
    /// The users, in the order of the file. Rows in which every cell is empty are left out.
    pub rows: Vec<ImportedUser>,
    columns: Vec<Option<Column>>,
}

impl UserTable {
    /// A line of text for each thing that is wrong with a row: line, column, reason. Shows no value: it may be a secret.
    pub fn describe(&self, failure: &RowFailure) -> Vec<String> {
        let mut lines: Vec<String> = Vec::with_capacity(failure.violations.len());
        for violation in &failure.violations {
            let whom = match failure.name.as_str() {
                "" => String::new(),
                name => format!(" ({})", name.escape_debug()),
            };
            let (column, at) = self.place(violation);
            let column = column.map_or(String::new(), |column| format!(", column {column}"));
            let at = if at.is_empty() {
                String::new()
            } else {
                format!(" at {at}")
            };
            let text = format!("line {}{whom}{column}{at}: {}", failure.line, violation.rule);
            // One old column may stand for two values.
            if !lines.contains(&text) {
                lines.push(text);
            }
        }
        lines
    }

    /// The name of the column that a violation is about, and where in its cell.
    fn place<'a>(&self, violation: &'a Violation) -> (Option<&'a str>, &'a str) {
        let has = |column| self.columns.contains(&Some(column));
        let field = violation.field;
        let column = match field {
            // The row as a whole, or a column that is no value of a user.
            Field::Body if violation.at.is_empty() => return (None, ""),
            Field::Body => return (Some(&violation.at), ""),
            field if has(Column::Value(field)) => field.name(),
            Field::AvailableNoAnswerForwardRule if has(Column::OldNoAnswer) => Column::OldNoAnswer.name(),
            Field::BusyOfficeHoursForwardRule | Field::BusyNonOfficeHoursForwardRule
                if has(Column::OldBusy) =>
            {
                Column::OldBusy.name()
            }
            field => field.name(),
        };
        (Some(column), &violation.at)
    }
}

/// Reads a file. Rows of which something cannot be read are among the rows, and say so.
///
/// # Errors
/// When the file as a whole makes no sense.
pub fn read(bytes: &[u8]) -> Result<UserTable, UnreadableFile> {
    let text = decode(bytes)?;
    let separator = separator(text);
    if let Some(line) = open_quote(text, separator) {
        return Err(UnreadableFile::OpenQuote(line));
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        // Rows of another length are reported as rows.
        .flexible(true)
        .from_reader(text.as_bytes());
    let failed = |error: csv::Error| UnreadableFile::Table(error.to_string());
    let mut record = StringRecord::new();
    if !reader.read_record(&mut record).map_err(failed)? {
        return Err(UnreadableFile::Empty);
    }
    let columns = read_header(record.iter()).map_err(UnreadableFile::Header)?;
    let (mut rows, mut lines) = (Vec::new(), Lines::new(text));
    while reader.read_record(&mut record).map_err(failed)? {
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
        rows.push(read_row(line, &columns, &record));
    }
    Ok(UserTable { rows, columns })
}

fn decode(bytes: &[u8]) -> Result<&str, UnreadableFile> {
    const KINDS: [(&[u8], &str); 4] = [
        (b"PK\x03\x04", "a spreadsheet or another archive"),
        (b"\xd0\xcf\x11\xe0", "a spreadsheet of an old form"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ];
    if let Some((_, kind)) = KINDS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(UnreadableFile::NotText(kind));
    }
    if bytes.contains(&0) {
        return Err(UnreadableFile::NotText("binary"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(UnreadableFile::Empty),
        Ok(text) => Ok(text),
        Err(error) => {
            let before = bytes
                .iter()
                .take(error.valid_up_to())
                .filter(|byte| **byte == b'\n')
                .count();
            Err(UnreadableFile::Encoding(before as u64 + 1))
        }
    }
}

/// The separator of the file: the one that makes the most known columns of its first line.
fn separator(text: &str) -> u8 {
    let known = |separator: &u8| {
        let mut reader = ReaderBuilder::new()
            .delimiter(*separator)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut header = StringRecord::new();
        let read = reader.read_record(&mut header);
        let names = || header.iter().map(str::trim);
        let known = COLUMNS
            .iter()
            .filter(|column| names().any(|name| name.eq_ignore_ascii_case(column.name())));
        // Where no column is known, the one that makes the most of them, so that the report names each.
        read.map_or((0, 0), |_| (known.count(), names().count()))
    };
    // The last of equals wins; a file of one column is as good as separated by commas.
    *b"\t;,"
        .iter()
        .max_by_key(|separator| known(separator))
        .unwrap_or(&b',')
}

/// The line of a quotation mark that opens a cell and is never closed.
fn open_quote(text: &str, separator: u8) -> Option<u64> {
    let (mut line, mut opened, mut start) = (1, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, opened) {
            (b'"', None) if start => opened = Some(line),
            (b'"', Some(_)) if bytes.next_if_eq(&b'"').is_none() => opened = None,
            _ => {}
        }
        start = opened.is_none() && (byte == separator || byte == b'\n' || byte == b'\r');
        line += u64::from(byte == b'\n');
    }
    opened
}

/// Counts lines up to places that only move forward.
struct Lines<'a> {
    rest: &'a [u8],
    at: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let (rest, at, line) = (text.as_bytes(), 0, 1);
        Self { rest, at, line }
    }

    /// The line of the row that the parser says begins at this byte. It may mean the end of the line before, and blank lines
    /// after that.
    fn line_at(&mut self, byte: u64) -> u64 {
        while let Some((first, rest)) = self.rest.split_first()
            && (self.at < byte || matches!(first, b'\n' | b'\r'))
        {
            let ends = *first == b'\n' || (*first == b'\r' && rest.first() != Some(&b'\n'));
            self.line += u64::from(ends);
            self.at += 1;
            self.rest = rest;
        }
        self.line
    }
}
