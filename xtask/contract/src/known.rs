//! What differs on purpose: a table of a page for people, which is read as it is.

use std::path::Path;

use crate::{Failed, documents::Name};

/// The page, from the root of the workspace.
pub(crate) const FILE: &str = "docs/dialects/portsip-differences.md";

/// The rows of the page.
#[derive(Debug)]
pub(crate) struct Known(Vec<Row>);

/// A row: operations and findings as patterns in which `*` is anything, and the reason.
#[derive(Debug)]
struct Row {
    operations: String,
    finding: String,
    reason: String,
    used: bool,
}

impl Known {
    /// Reads the page.
    pub(crate) fn read(file: &Path) -> Result<Self, Failed> {
        let text =
            std::fs::read_to_string(file).map_err(|error| Failed(format!("{}: {error}", file.display())))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failed> {
        let mut rows = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [operations, finding, reason] = cells[..] else {
                return Err(Failed(format!("a row of {FILE} has not three cells: {line}")));
            };
            rows.push(Row {
                operations: operations.trim_matches('`').to_owned(),
                finding: finding.trim_matches('`').to_owned(),
                reason: reason.to_owned(),
                used: false,
            });
        }
        Ok(Self(rows))
    }

    /// Why that is so, if it is meant to be.
    pub(crate) fn reason(&mut self, name: &Name, finding: &str) -> Option<&str> {
        let name = name.to_string();
        let mut fitting = self
            .0
            .iter_mut()
            .filter(|row| fits(&row.operations, &name) && fits(&row.finding, finding));
        let first = fitting.next()?;
        first.used = true;
        // Who writes two rows for one thing wants to hear that neither is idle.
        fitting.for_each(|row| row.used = true);
        Some(&first.reason)
    }

    /// Rows that nothing fitted.
    pub(crate) fn idle(&self) -> impl Iterator<Item = String> {
        let idle = self.0.iter().filter(|row| !row.used);
        idle.map(|row| format!("{} | {}", row.operations, row.finding))
    }
}

/// Whether a text fits a pattern in which `*` is anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices()
                .map(|(index, _)| index)
                .chain([text.len()])
                .any(|index| text.get(index..).is_some_and(|tail| fits(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::listed;

    #[test]
    fn patterns_fit() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("GET /users/{}", "GET /users/{}/x", false),
            ("*.b: *", "request.b: is not taken", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_row_is_used_or_idle() {
        let page = "# Title\n\n| operations | difference | reason |\n| --- | --- | --- |\n\
                    | `GET *` | `query x: *` | because |\n| `*` | `y` | so |\n";
        let mut known = Known::parse(page).unwrap();
        let name = &listed(&serde_json::json!([{"method": "GET", "path": "/a"}])).unwrap()[0];
        assert_eq!(known.reason(name, "query x: is not taken"), Some("because"));
        assert_eq!(known.reason(name, "query z: is not taken"), None);
        assert_eq!(known.idle().collect::<Vec<_>>(), ["* | y"]);
        assert!(Known::parse("| `a` | b |\n").is_err());
    }

    #[test]
    fn the_page_can_be_read() {
        let known = Known::read(&crate::root().join(FILE)).unwrap();
        assert!(!known.0.is_empty());
        assert!(known.0.iter().all(|row| !row.reason.is_empty()));
    }
}
