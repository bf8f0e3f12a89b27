//! What is wrong with the settings, and what to write instead.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, with its dashes.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// A key of the settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The line on which it stands, counted from 1.
        line: usize,
    },
    /// Nobody set it.
    Default(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::File { path, key, line } => write!(f, "{}, line {line}, key `{key}`", path.display()),
            Self::Default(name) => write!(f, "default of `{name}`"),
        }
    }
}

/// One fault of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A value cannot be used.
    Value {
        /// Where it was set.
        origin: Origin,
        /// The value, or `None` when it is a secret or no text.
        value: Option<String>,
        /// What is wrong with it, as the rest of a sentence that begins with the value: "is not …".
        wrong: String,
        /// What to write instead, as a request: "write …".
        instead: String,
    },
    /// The file has a key that is no setting.
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key as it stands there.
        key: String,
        /// The line on which it stands, counted from 1.
        line: usize,
        /// The setting that was probably meant.
        near: Option<&'static str>,
    },
    /// The file is not TOML. The line itself is not shown: it may hold a secret.
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line on which reading stopped, counted from 1, if the reader knows it.
        line: Option<usize>,
        /// What the reader expected there.
        wrong: String,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        wrong: String,
        /// Who named this file.
        origin: Origin,
    },
    /// One setting is useless without another.
    Missing {
        /// The setting that is absent.
        name: &'static str,
        /// Why it is needed.
        because: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value {
                origin,
                value,
                wrong,
                instead,
            } => match value {
                Some(value) => write!(f, "{origin}: `{value}` {wrong}; {instead}"),
                None => write!(f, "{origin}: the value {wrong}; {instead}"),
            },
            Self::UnknownKey {
                path,
                key,
                line,
                near,
            } => {
                write!(
                    f,
                    "{}, line {line}: there is no setting `{key}`; ",
                    path.display()
                )?;
                match near {
                    Some(near) => write!(f, "did you mean `{near}`?"),
                    None => f.write_str("docs/settings.md lists them all"),
                }
            }
            Self::Syntax { path, line, wrong } => {
                write!(f, "{}", path.display())?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                write!(
                    f,
                    ": this is not TOML: {wrong}; write lines of the form `key = \"value\"`"
                )
            }
            Self::Unreadable { path, wrong, origin } => {
                write!(f, "{origin}: {} cannot be read: {wrong}; ", path.display())?;
                f.write_str("name a file that exists and that this user may read, or leave it out")
            }
            Self::Missing { name, because } => {
                let variable = super::table::variable(name);
                write!(f, "{because}; set {variable}, or `{name}` in the settings file")
            }
        }
    }
}

/// All faults of the settings at once, one a line, so that a person mends them in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The faults, in the order of the settings; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
