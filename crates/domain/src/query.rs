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
/// records are left out, as in SQL. Empty text is a value like any other, and besides it is what `Null` finds.
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

impl<F: Queried> Query<F> {
    /// Carries the query out over records that are already in memory: for short lists that no store holds, such as roles.
    /// `value` gives a value of a record as the store would compare it, `words` what a search looks at.
    pub fn run<T>(
        &self,
        records: Vec<T>,
        value: impl Fn(&T, F) -> Literal,
        words: impl Fn(&T) -> String,
    ) -> Listing<T> {
        let mut found: Vec<T> = records
            .into_iter()
            .filter(|record| {
                let wanted = self
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.holds(&|field| value(record, field)) == Some(true));
                wanted && self.search.finds(&crate::text::fold(&words(record)))
            })
            .collect();
        for (field, order) in self.order.iter().rev() {
            found.sort_by(|a, b| {
                let compared = value(a, *field).rank(&value(b, *field));
                if *order == Order::Descending {
                    compared.reverse()
                } else {
                    compared
                }
            });
        }
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let skip = usize::try_from(self.page.skip).unwrap_or(usize::MAX);
        let take = usize::try_from(self.page.take).unwrap_or(0);
        Listing {
            items: found.into_iter().skip(skip).take(take).collect(),
            total,
        }
    }
}

impl Search {
    /// Whether a folded text has all words of an alternative.
    fn finds(&self, text: &str) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|words| words.iter().all(|word| text.contains(word.as_str())))
    }
}

impl<F: Queried> Filter<F> {
    /// Whether the condition holds; none when that cannot be said because a value is not there.
    fn holds(&self, value: &dyn Fn(F) -> Literal) -> Option<bool> {
        match self {
            Self::And(a, b) => match (a.holds(value), b.holds(value)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.holds(value), b.holds(value)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.holds(value).map(|holds| !holds),
            Self::Compare(field, comparison, literal) => value(*field).compare(*comparison, literal),
            Self::Match(field, how, part) => match value(*field) {
                Literal::Text(text) => Some(match how {
                    TextMatch::StartsWith => text.starts_with(part.as_str()),
                    TextMatch::EndsWith => text.ends_with(part.as_str()),
                    TextMatch::Contains => text.contains(part.as_str()),
                }),
                _ => None,
            },
        }
    }
}

impl Literal {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Text(text) if text.is_empty())
    }

    fn compare(&self, comparison: Comparison, other: &Self) -> Option<bool> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        if *other == Self::Null {
            return match comparison {
                Comparison::Equal => Some(self.is_missing()),
                Comparison::NotEqual => Some(!self.is_missing()),
                _ => None,
            };
        }
        if *self == Self::Null {
            return None;
        }
        let order = self.rank(other);
        Some(match comparison {
            Comparison::Equal => order == Equal,
            Comparison::NotEqual => order != Equal,
            Comparison::Less => order == Less,
            Comparison::LessOrEqual => order != Greater,
            Comparison::Greater => order == Greater,
            Comparison::GreaterOrEqual => order != Less,
        })
    }

    /// The order of two values of one kind; what is not there comes first.
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Null, Self::Null) => std::cmp::Ordering::Equal,
            (Self::Null, _) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        }
    }
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

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Name;
    impl Queried for Name {
        fn kind(self) -> ValueKind {
            ValueKind::Text
        }
    }

    fn names(query: &Query<Name>) -> (Vec<&'static str>, i64) {
        let value = |text: &&str, _| Literal::Text((*text).into());
        let listing = query.run(vec!["beta", "", "alpha", "gamma"], value, ToString::to_string);
        (listing.items, listing.total)
    }

    #[test]
    fn lists_in_memory_behave_as_in_the_store() {
        let compare = |how, text: &str| Filter::Compare(Name, how, Literal::Text(text.into()));
        let mut query = Query {
            order: vec![(Name, Order::Descending)],
            ..Query::default()
        };
        assert_eq!(names(&query), (vec!["gamma", "beta", "alpha", ""], 4));
        query.page = Page { skip: 1, take: 2 };
        assert_eq!(names(&query), (vec!["beta", "alpha"], 4));
        query.filter = Some(Filter::Not(Box::new(compare(Comparison::Greater, "alpha"))));
        query.page = Page::default();
        assert_eq!(names(&query), (vec!["alpha", ""], 2));
        query.filter = Some(Filter::Compare(Name, Comparison::Equal, Literal::Null));
        assert_eq!(names(&query), (vec![""], 1));
        query.filter = Some(Filter::Match(Name, TextMatch::EndsWith, "a".into()));
        query.search = Search::parse("MM or et").unwrap();
        assert_eq!(names(&query), (vec!["gamma", "beta"], 2));
    }
}
