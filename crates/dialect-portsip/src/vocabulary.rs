//! Conditions on values that the vendor writes as words of its own: they are judged on its words, and become conditions on
//! the directory's.

use jackfield_domain::{Comparison, Filter, Literal, Query};

use crate::{
    user_columns::{holds, matches},
    words::Worded,
};

/// The words of a value: the vendor's, and the directory's for the same.
pub(crate) type Words = Vec<(&'static str, &'static str)>;

/// The words of a type, and those of a value that may be missing.
pub(crate) fn words<W: Worded>(ours: fn(W) -> &'static str) -> Words {
    let pairs = W::WORDS
        .iter()
        .filter_map(|vendors| Some((*vendors, ours(W::of(vendors)?))));
    pairs.chain([("", "")]).collect()
}

/// The query in the directory's words. `words` tells the fields that have any.
pub(crate) fn translate<F: Copy>(query: Query<F>, words: &dyn Fn(F) -> Option<Words>) -> Query<F> {
    Query {
        filter: query.filter.map(|condition| filter(condition, words)),
        ..query
    }
}

/// Recursion ends with the parser's limits of depth and comparisons.
fn filter<F: Copy>(condition: Filter<F>, words: &dyn Fn(F) -> Option<Words>) -> Filter<F> {
    let inner = |condition: Box<Filter<F>>| Box::new(filter(*condition, words));
    match condition {
        Filter::And(one, other) => Filter::And(inner(one), inner(other)),
        Filter::Or(one, other) => Filter::Or(inner(one), inner(other)),
        Filter::Not(condition) => Filter::Not(inner(condition)),
        Filter::Compare(field, how, literal) if literal != Literal::Null => match words(field) {
            Some(words) => any(field, &words, |word| {
                holds(&Literal::Text(word.into()), how, &literal)
            }),
            None => Filter::Compare(field, how, literal),
        },
        Filter::Match(field, how, part) => match words(field) {
            Some(words) => any(field, &words, |word| matches(word, how, &part)),
            None => Filter::Match(field, how, part),
        },
        condition @ Filter::Compare(..) => condition,
    }
}

/// That the value is one of those whose word fits.
fn any<F: Copy>(field: F, words: &Words, fits: impl Fn(&str) -> bool) -> Filter<F> {
    let equals = |word: &str| Filter::Compare(field, Comparison::Equal, Literal::Text(word.to_owned()));
    let found = words
        .iter()
        .filter(|(vendors, _)| fits(vendors))
        .map(|(_, ours)| equals(ours));
    found
        .reduce(|one, other| Filter::Or(Box::new(one), Box::new(other)))
        // Where no word fits, none that is stored does: those are never written like this.
        .unwrap_or_else(|| equals("NOTHING"))
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{CallDirection, CallRecordField};

    use super::*;
    use crate::odata::parse_filter;

    #[test]
    fn the_vendors_words_are_what_counts() {
        let names = |name: &str| (name == "direction").then_some(CallRecordField::Direction);
        let vocabulary = |_| Some(words(CallDirection::word));
        let of = |word: &str| {
            Filter::Compare(
                CallRecordField::Direction,
                Comparison::Equal,
                Literal::Text(word.into()),
            )
        };
        let or = |one, other| Filter::Or(Box::new(one), Box::new(other));
        for (text, expected) in [
            ("direction eq 'EXTENSION_CALL'", of("internal")),
            ("direction eq 'internal'", of("NOTHING")),
            (
                "startswith(direction,'INB')",
                or(of("inbound"), of("inbound_outbound")),
            ),
            ("direction lt 'F'", or(of("internal"), of(""))),
            ("not (direction eq '')", Filter::Not(Box::new(of("")))),
            (
                "direction eq null",
                Filter::Compare(CallRecordField::Direction, Comparison::Equal, Literal::Null),
            ),
        ] {
            assert_eq!(
                filter(parse_filter(text, names).unwrap(), &vocabulary),
                expected,
                "{text}"
            );
        }
    }
}
