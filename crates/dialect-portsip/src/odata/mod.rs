//! The grammar in which lists are filtered and ordered: the part of OData v4 that the vendor documents, and what its
//! clients write beyond it.
//!
//! ```text
//! filter    = and *( "or" and )
//! and       = unary *( "and" unary )
//! unary     = "not" unary / "(" filter ")" / condition
//! condition = field compare literal / literal compare field / flag-field
//!           / ( "startswith" / "endswith" / "contains" ) "(" field "," literal ")"
//! compare   = "eq" / "ne" / "gt" / "ge" / "lt" / "le"
//! literal   = "null" / quoted / word       ; a quote inside of a quoted text is doubled
//! order     = field [ "asc" / "desc" ] *( "," field [ "asc" / "desc" ] )
//! ```
//!
//! Keywords and functions are read without regard to case, names of fields with it. What a literal means follows from the
//! field it stands beside, so `role eq Admin`, `extension_number eq 101` and `id eq '100001'` all say what they seem to.
//! Both parsers accept any text whatever: they end with a value or with a violation that names the character.

mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use jackfield_domain::{Field, Filter, Order, Queried, Rule, Violation, limits};

pub(crate) use self::parser::number;
use self::{
    lexer::{Lexer, Token},
    parser::Parser,
};

/// What is wrong and where, in a sentence without its subject.
type Parsed<T> = Result<T, String>;

/// Reads a filter. `names` finds the value that the vendor's name stands for.
///
/// # Errors
/// A violation of [`Field::Filter`] that tells the first character that does not fit, counted from 1, and what would: for
/// a text that is not of the grammar, a field that the list does not have, a literal that is not of the field's kind, and
/// more than [`limits::FILTER_DEPTH`] levels or [`limits::FILTER_COMPARISONS`] comparisons. Blank text is an error too.
pub(crate) fn parse_filter<F: Queried>(
    text: &str,
    names: impl Fn(&str) -> Option<F>,
) -> Result<Filter<F>, Violation> {
    Parser::new(text, names)
        .and_then(Parser::filter)
        .map_err(|text| Violation::new(Field::Filter, Rule::Other(text)))
}

/// Reads the keys of an order, the weightiest first.
///
/// # Errors
/// A violation of [`Field::OrderBy`], as above; also for more than [`limits::ORDER_KEYS`] keys and for a key named twice,
/// whose second direction could only be a mistake.
pub(crate) fn parse_order<F: Queried>(
    text: &str,
    names: impl Fn(&str) -> Option<F>,
) -> Result<Vec<(F, Order)>, Violation> {
    order_keys(text, names).map_err(|text| Violation::new(Field::OrderBy, Rule::Other(text)))
}

fn order_keys<F: Queried>(text: &str, names: impl Fn(&str) -> Option<F>) -> Parsed<Vec<(F, Order)>> {
    let mut lexer = Lexer::new(text);
    let mut keys: Vec<(F, Order)> = Vec::new();
    loop {
        let name = lexer.next()?;
        let field = match name.token {
            Token::Word(word) => names(word),
            _ => None,
        };
        let Some(field) = field else {
            return Err(name.expected("the name of a field of the list"));
        };
        if keys.iter().any(|(known, _)| *known == field) {
            return Err(name.expected("a field that is not named before"));
        }
        if keys.len() == limits::ORDER_KEYS {
            return Err(name.expected(&format!("no more than {} fields", limits::ORDER_KEYS)));
        }
        let mut after = lexer.next()?;
        let order = match &after.token {
            Token::Word(word) if word.eq_ignore_ascii_case("asc") => Some(Order::Ascending),
            Token::Word(word) if word.eq_ignore_ascii_case("desc") => Some(Order::Descending),
            _ => None,
        };
        if order.is_some() {
            after = lexer.next()?;
        }
        keys.push((field, order.unwrap_or(Order::Ascending)));
        match after.token {
            Token::Comma => {}
            Token::End => return Ok(keys),
            _ if order.is_some() => return Err(after.expected("a comma or the end")),
            _ => return Err(after.expected("asc, desc, a comma or the end")),
        }
    }
}
