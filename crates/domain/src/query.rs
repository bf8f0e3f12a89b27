//! What a list is asked for: a filter, words to search, an order and a page.
//!
//! Each dialect parses its own grammar into this; the store turns it into its query language with bound values only.

use crate::{Field, Rule, Timestamp, Violation, limits};

/// What a value of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Text.
    Text,
    /// A whole number; ids too.
    Number,
    /// Yes or no.
    Flag,
    /// A moment.
    Time,
}

/// The values of a list that can be asked for. Each list has an enum of its own.
pub trait Queried: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// What the value is; a filter compares like with like.
    fn kind(self) -> ValueKind;
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the usual six")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How a text is looked for in another. Case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named by what they ask")]
pub enum TextMatch {
    StartsWith,
    EndsWith,
    Contains,
}

/// A value that a request wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the kinds of `ValueKind`, and none")]
pub enum Literal {
    Null,
    Text(String),
    Number(i64),
    Flag(bool),
    Time(Timestamp),
}

/// A condition on the records of a list. A comparison with a value that is not there is neither true nor false, and such
/// records are left out, as in SQL; empty text counts as not there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the usual connectives")]
pub enum Filter<F> {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(F, Comparison, Literal),
    Match(F, TextMatch, String),
}

/// Words to search for in what people see of a record, without regard to case: a record is found when it contains all
/// words of any one alternative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search(Vec<Vec<String>>);

impl Search {
    /// Reads words; the word `or` between them begins another alternative.
    ///
    /// # Errors
    /// A violation when there are more than [`limits::SEARCH_WORDS`] words.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let mut alternatives = vec![Vec::new()];
        let mut count = 0;
        for word in text.split_whitespace() {
            if word.eq_ignore_ascii_case("or") {
                alternatives.push(Vec::new());
                continue;
            }
            count += 1;
            if count > limits::SEARCH_WORDS {
                return Err(Violation::new(
                    Field::Search,
                    Rule::Other(format!("must have at most {} words", limits::SEARCH_WORDS)),
                ));
            }
            if let Some(last) = alternatives.last_mut() {
                last.push(crate::text::fold(word));
            }
        }
        alternatives.retain(|words| !words.is_empty());
        Ok(Self(alternatives))
    }

    /// The alternatives, each a list of folded words that must all occur. None at all finds everything.
    pub fn alternatives(&self) -> &[Vec<String>] {
        &self.0
    }
}

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the usual two")]
pub enum Order {
    Ascending,
    Descending,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many records to leave out at the start.
    pub skip: i64,
    /// How many to give at most.
    pub take: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            skip: 0,
            take: i64::try_from(limits::PAGE).unwrap_or(i64::MAX),
        }
    }
}

/// All of it together. Records that the order leaves equal come in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<F> {
    /// Only these.
    pub filter: Option<Filter<F>>,
    /// Only those that contain these words.
    pub search: Search,
    /// In this order.
    pub order: Vec<(F, Order)>,
    /// Only this part.
    pub page: Page,
}

impl<F> Default for Query<F> {
    fn default() -> Self {
        Self {
            filter: None,
            search: Search::default(),
            order: Vec::new(),
            page: Page::default(),
        }
    }
}

/// A page of a list, and how many records the whole list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The records of the page.
    pub items: Vec<T>,
    /// How many match altogether.
    pub total: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_alternatives() {
        let search = Search::parse("John Smith or 101 OR").unwrap();
        assert_eq!(
            search.alternatives(),
            [vec!["john".to_owned(), "smith".into()], vec!["101".into()]]
        );
        assert!(Search::parse("  ").unwrap().alternatives().is_empty());
        assert!(Search::parse(&"x ".repeat(17)).is_err());
    }
}
