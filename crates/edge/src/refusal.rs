//! Requests that are refused before the directory is asked.

use std::{fmt, time::Duration};

/// Why a request was not understood, or not finished. The text of [`Display`](fmt::Display) is for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No operation has this path.
    UnknownPath,
    /// The path has operations, none of them with this method. The answer's `Allow` header names them.
    WrongMethod,
    /// The body is of another media type than the one named here.
    MediaType(&'static str),
    /// The body is not JSON, or not of the shape that is asked for; line and column count from 1.
    Json {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The body is not UTF-8: the first byte that is not, counted from 0.
    NotUtf8(usize),
    /// The body has more bytes than this.
    TooLarge(usize),
    /// The body is a list with more items than this.
    TooManyItems(usize),
    /// None of the bytes that are asked for are there; the file has this many.
    Range(u64),
    /// Arrays and objects of the body nest deeper than this.
    TooDeep(usize),
    /// The body did not arrive whole.
    Interrupted,
    /// The fields of a form cannot be read.
    Form(String),
    /// Parameters of the query cannot be read.
    Query(String),
    /// A parameter of the path cannot be read.
    PathParameter(String),
    /// The request took longer than this. Whether it was carried out is not known.
    Timeout(Duration),
    /// A defect ended the request.
    Panic,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPath => {
                f.write_str("there is nothing at this path; look for a typing error or a slash too many")
            }
            Self::WrongMethod => {
                f.write_str("this path does not take this method; the Allow header names those it takes")
            }
            Self::MediaType(wanted) => write!(f, "send the body as {wanted}, and say so in Content-Type"),
            Self::Json {
                line,
                column,
                problem,
            } => write!(
                f,
                "the body cannot be read at line {line}, column {column}: {problem}"
            ),
            Self::NotUtf8(at) => write!(f, "the body must be UTF-8; byte {at} is not"),
            Self::TooLarge(limit) => write!(f, "the body must have at most {limit} bytes"),
            Self::TooManyItems(limit) => {
                write!(f, "the list may have at most {limit} items; send it in parts")
            }
            Self::Range(size) => write!(
                f,
                "the file has {size} bytes; ask for a range that begins before its end"
            ),
            Self::TooDeep(limit) => write!(f, "arrays and objects may nest at most {limit} deep"),
            Self::Interrupted => f.write_str("the body did not arrive whole; send it again"),
            Self::Form(problem) => write!(f, "the form cannot be read: {problem}"),
            Self::Query(problem) => write!(f, "the query cannot be read: {problem}"),
            Self::PathParameter(problem) => write!(f, "the path cannot be read: {problem}"),
            Self::Timeout(limit) => write!(
                f,
                "the request took longer than {} s; read the record to see whether it was carried out",
                limit.as_secs()
            ),
            Self::Panic => f.write_str("internal error; the log of the server has the details"),
        }
    }
}

impl std::error::Error for Refusal {}
