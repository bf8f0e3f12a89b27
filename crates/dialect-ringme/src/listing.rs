//! What lists are asked for: filters of several values each, and a page.
//!
//! A row matches a filter when its value is any of those given; it has to match all filters. A value comes as `key=a&key=b`, as
//! `key[]=a` or as `key[0]=a`.

use jackfield_domain::{
    Comparison, Field, Filter, Literal, Page, Queried, Query, Result, Rule, Search, Violation, Violations,
};
use jackfield_edge::{Expected, IdList, Input, Whole};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// Rows of a page when the request does not say, and at most. A bare array does not tell how long the whole list is, so whoever
/// does not ask for pages gets as much as there can be.
pub(crate) const MOST: i64 = 1000;
/// Values of all filters together.
const VALUES: usize = 1000;

/// A text, or several.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts(Vec<String>);

impl Expected for Texts {
    const WORDS: &'static str = "text, or a list of texts";
    const LIST: bool = true;
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(D::Error::custom(Self::WORDS)),
        };
        match Value::deserialize(deserializer)? {
            Value::Array(list) => list.into_iter().map(text).collect::<std::result::Result<_, _>>(),
            one => text(one).map(|text| vec![text]),
        }
        .map(Self)
    }
}

impl Texts {
    /// Whether each of them is one of these words.
    pub(crate) fn all_of(&self, words: &[&str]) -> bool {
        self.0.iter().all(|own| words.contains(&own.as_str()))
    }

    /// Whether this text is among them.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.0.iter().any(|own| own == text)
    }
}

/// The conditions of a list in the making.
pub(crate) struct Conditions<F> {
    all: Vec<Filter<F>>,
    values: usize,
    found: Violations,
}

impl<F: Queried> Conditions<F> {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            values: 0,
            found: Violations::new(),
        }
    }

    /// Rows whose value is one of these texts.
    pub(crate) fn texts(&mut self, input: Input<Texts>, place: Field, field: F) {
        self.texts_or(input, place, field, |_| None);
    }

    /// The same, where a text stands for another.
    pub(crate) fn texts_as(
        &mut self,
        input: Input<Texts>,
        place: Field,
        field: F,
        meant: impl Fn(String) -> String,
    ) {
        let meant = input.convert(|Texts(list)| Ok(Texts(list.into_iter().map(meant).collect())));
        self.texts(meant, place, field);
    }

    /// The same, where some texts stand for another condition.
    pub(crate) fn texts_or(
        &mut self,
        input: Input<Texts>,
        place: Field,
        field: F,
        other: impl Fn(&str) -> Option<Filter<F>>,
    ) {
        if let Some(Texts(list)) = input.optional(&mut self.found, place) {
            let filters = list.into_iter().map(|text| {
                other(&text).unwrap_or(Filter::Compare(field, Comparison::Equal, Literal::Text(text)))
            });
            let filters = filters.collect();
            self.any(filters);
        }
    }

    /// Rows whose value is what one of these words stands for.
    pub(crate) fn words(
        &mut self,
        input: Input<Texts>,
        place: Field,
        field: F,
        words: &'static [&'static str],
        read: impl Fn(&str) -> Option<Literal>,
    ) {
        let Some(Texts(list)) = input.optional(&mut self.found, place) else {
            return;
        };
        let literals: Option<Vec<_>> = list.iter().map(|text| read(text)).collect();
        match literals {
            Some(literals) => {
                let equal = |literal| Filter::Compare(field, Comparison::Equal, literal);
                self.any(literals.into_iter().map(equal).collect());
            }
            None => self.found.add(place, Rule::NotOneOf(words)),
        }
    }

    /// Rows whose value is one of these numbers. Nothing is no condition: forms send empty fields along.
    pub(crate) fn numbers(&mut self, input: Input<IdList>, place: Field, field: F) {
        if let Some(IdList(list)) = input.optional(&mut self.found, place) {
            let equal = |number| Filter::Compare(field, Comparison::Equal, Literal::Number(number));
            self.any(list.into_iter().map(equal).collect());
        }
    }

    /// No row at all, when this is so.
    pub(crate) fn none_if(&mut self, nothing: bool, id: F) {
        if nothing {
            self.all
                .push(Filter::Compare(id, Comparison::Equal, Literal::Number(-1)));
        }
    }

    /// Rows for which this holds.
    pub(crate) fn that(&mut self, filter: Filter<F>) {
        self.any(vec![filter]);
    }

    /// What may be wrong with a value that is read elsewhere.
    pub(crate) fn found(&mut self) -> &mut Violations {
        &mut self.found
    }

    /// Rows for which any of these holds; no condition when there are none.
    pub(crate) fn any(&mut self, filters: Vec<Filter<F>>) {
        self.values += filters.len();
        self.all.extend(joined(filters, Filter::Or));
    }

    /// The query that they make together, for a page in the usual order.
    ///
    /// # Errors
    /// A violation for each value that cannot be read.
    pub(crate) fn query(self, page: Page) -> Result<Query<F>> {
        Ok(Query {
            filter: self.finish()?,
            search: Search::default(),
            order: Vec::new(),
            page,
        })
    }

    fn finish(self) -> Result<Option<Filter<F>>> {
        self.found.finish()?;
        if self.values > VALUES {
            let rule = Rule::Other(format!("may have at most {VALUES} values altogether"));
            return Err(jackfield_domain::Error::invalid(Violation::new(
                Field::Filter,
                rule,
            )));
        }
        Ok(joined(self.all, Filter::And))
    }
}

/// Joins conditions two by two, so that a thousand of them nest ten deep.
fn joined<F>(
    mut list: Vec<Filter<F>>,
    join: impl Fn(Box<Filter<F>>, Box<Filter<F>>) -> Filter<F>,
) -> Option<Filter<F>> {
    while list.len() > 1 {
        let mut next = Vec::with_capacity(list.len().div_ceil(2));
        let mut rest = list.into_iter();
        while let Some(first) = rest.next() {
            next.push(match rest.next() {
                Some(second) => join(Box::new(first), Box::new(second)),
                None => first,
            });
        }
        list = next;
    }
    list.pop()
}

/// The page that is asked for.
pub(crate) fn page(page: Input<Whole>, per_page: Input<Whole>, found: &mut Violations) -> Page {
    let pages = i64::from(i32::MAX);
    let mut read = |input: Input<Whole>, place, most| {
        input
            .convert(|Whole(number)| match number {
                number if (1..=most).contains(&number) => Ok(number),
                _ => Err(Rule::OutOfRange(1, most)),
            })
            .optional(found, place)
    };
    let number = read(page, Field::Skip, pages).unwrap_or(1);
    let take = read(per_page, Field::Top, MOST).unwrap_or(MOST);
    Page {
        skip: (number - 1).saturating_mul(take),
        take,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_domain::ExtensionField as F;

    use super::*;

    #[test]
    fn a_thousand_values_nest_ten_deep() {
        fn depth(filter: &Filter<F>) -> usize {
            match filter {
                Filter::And(a, b) | Filter::Or(a, b) => 1 + depth(a).max(depth(b)),
                _ => 0,
            }
        }
        let mut conditions = Conditions::new();
        conditions.numbers(Input::Value(IdList((0..1000).collect())), Field::Id, F::Id);
        assert_eq!(
            conditions.finish().unwrap().map(|filter| depth(&filter)),
            Some(10)
        );
        let mut conditions = Conditions::new();
        conditions.numbers(Input::Value(IdList((0..1001).collect())), Field::Id, F::Id);
        assert!(conditions.finish().is_err());
        assert_eq!(Conditions::<F>::new().finish().unwrap(), None);
    }

    #[test]
    fn values_of_a_key_are_alternatives_and_keys_are_not() {
        let text = |text: &str| Filter::Compare(F::Number, Comparison::Equal, Literal::Text(text.into()));
        let mut conditions = Conditions::new();
        conditions.texts(
            Input::Value(Texts(vec!["a".into(), "b".into()])),
            Field::Number,
            F::Number,
        );
        conditions.numbers(Input::Value(IdList(vec![7])), Field::Id, F::Id);
        conditions.numbers(Input::Value(IdList(vec![])), Field::Id, F::Id);
        let either = Filter::Or(Box::new(text("a")), Box::new(text("b")));
        let seven = Filter::Compare(F::Id, Comparison::Equal, Literal::Number(7));
        assert_eq!(
            conditions.finish().unwrap(),
            Some(Filter::And(Box::new(either), Box::new(seven)))
        );
    }

    #[test]
    fn pages_count_from_one() {
        let asked = |page_: Option<i64>, per_page: Option<i64>| {
            let input = |number: Option<i64>| number.map_or(Input::Absent, |n| Input::Value(Whole(n)));
            let mut found = Violations::new();
            let page = page(input(page_), input(per_page), &mut found);
            found.is_empty().then_some((page.skip, page.take))
        };
        assert_eq!(asked(None, None), Some((0, 1000)));
        assert_eq!(asked(Some(3), Some(20)), Some((40, 20)));
        for (page, per_page) in [
            (Some(0), None),
            (None, Some(0)),
            (None, Some(1001)),
            (Some(-1), None),
        ] {
            assert_eq!(asked(page, per_page), None);
        }
    }
}
