//! Why a file as a whole cannot be read.

/// Why a file as a whole cannot be read. Every text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableFile {
    /// There is nothing in it.
    #[error("the file is empty; its first line must name the columns, such as name,email,extension_number")]
    Empty,
    /// It is a spreadsheet or another file that is not text.
    #[error(
        "the file is {0}, not text; save it as \"CSV UTF-8\" from the spreadsheet program and import that"
    )]
    NotText(&'static str),
    /// It is text in another encoding.
    #[error(
        "line {0} is not UTF-8; save the file as \"CSV UTF-8\", otherwise names with accents would be damaged"
    )]
    Encoding(u64),
    /// A quote that opens is never closed, so that the rest of the file would be one cell.
    #[error(
        "the quotation mark that opens a cell on line {0} is never closed; close it, and write one inside of a cell twice"
    )]
    OpenQuote(u64),
    /// The header is wrong.
    #[error("the first line is wrong: {}", .0.join("; "))]
    Header(Vec<String>),
    /// The table cannot be taken apart.
    #[error("the table cannot be read: {0}")]
    Table(String),
}
