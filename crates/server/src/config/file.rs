//! Reading the settings file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::error::{Origin, Problem};
use super::secret::Secret;
use super::table::Setting;

/// A value of the file, as text, and the line on which it stands.
struct Entry {
    value: Secret,
    line: usize,
}

/// What the settings file says.
#[derive(Default)]
pub(super) struct File {
    path: PathBuf,
    entries: BTreeMap<String, Entry>,
}

impl File {
    /// The value of `setting`, with where it stands.
    pub(super) fn get(&self, setting: &Setting) -> Option<(Secret, Origin)> {
        let Entry { value, line } = self.entries.get(setting.name)?;
        let origin = Origin::File {
            path: self.path.clone(),
            key: setting.name.to_owned(),
            line: *line,
        };
        Some((value.clone(), origin))
    }

    /// Reads `path`. A file that is not there is no fault when nobody `named` it.
    pub(super) fn read(
        path: &Path,
        named: Option<Origin>,
        table: &[Setting],
        problems: &mut Vec<Problem>,
    ) -> Self {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, table, problems),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Self::default(),
            Err(error) => {
                let origin = named.unwrap_or_else(|| Origin::Default("config".to_owned()));
                problems.push(Problem::Unreadable {
                    path: path.to_owned(),
                    wrong: error.to_string(),
                    origin,
                });
                Self::default()
            }
        }
    }

    fn parse(path: &Path, text: &str, table: &[Setting], problems: &mut Vec<Problem>) -> Self {
        let path = path.to_owned();
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let line = error.span().map(|span| line_of(text, span.start));
                // The reader's own picture of the place would show the line, and with it perhaps a password.
                problems.push(Problem::Syntax {
                    path,
                    line,
                    wrong: error.message().replace('\n', ", "),
                });
                return Self::default();
            }
        };
        let mut entries = BTreeMap::new();
        for (key, value) in document.get_ref() {
            let line = line_of(text, key.span().start);
            let key: &str = key.get_ref();
            let Some(setting) = table.iter().find(|setting| setting.name == key) else {
                let near = nearest(key, table);
                problems.push(Problem::UnknownKey {
                    path: path.clone(),
                    key: key.to_owned(),
                    line,
                    near,
                });
                continue;
            };
            match text_of(value.get_ref()) {
                Some(value) => {
                    entries.insert(
                        key.to_owned(),
                        Entry {
                            value: Secret::new(value),
                            line,
                        },
                    );
                }
                None => problems.push(Problem::Value {
                    origin: Origin::File {
                        path: path.clone(),
                        key: key.to_owned(),
                        line,
                    },
                    value: None,
                    wrong: "is neither a text nor a number nor a list of texts".to_owned(),
                    instead: format!("write for example `{key} = \"{}\"`", setting.example),
                }),
            }
        }
        Self { path, entries }
    }
}

/// The value as it would be written in an environment variable; a list is joined with commas.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Array(values) => {
            let texts: Option<Vec<String>> = values
                .iter()
                .map(|value| value.get_ref().as_str().map(str::to_owned))
                .collect();
            texts.map(|texts| texts.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// The setting whose name is most like `key`, unless none is alike.
fn nearest(key: &str, table: &[Setting]) -> Option<&'static str> {
    // `data-dir` and `JACKFIELD_DATA_DIR` are the other two names of `data_dir`.
    let plain = key.to_lowercase().replace('-', "_");
    let plain = plain.strip_prefix("jackfield_").unwrap_or(&plain);
    table
        .iter()
        .map(|setting| (setting.name, strsim::jaro_winkler(plain, setting.name)))
        .filter(|(_, likeness)| *likeness > 0.8)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(name, _)| name)
}

/// The line, counted from 1, on which the byte `offset` stands.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
