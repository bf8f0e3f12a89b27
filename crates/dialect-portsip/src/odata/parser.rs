//! Puts the pieces of a filter together. Descends once per parenthesis and `not`, never deeper than the limit.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use jackfield_domain::{Comparison, Filter, Literal, Queried, TextMatch, Timestamp, ValueKind, limits};

use super::{
    Parsed,
    lexer::{Lexeme, Lexer, Token},
};

pub(super) struct Parser<'a, F, N> {
    lexer: Lexer<'a>,
    /// The piece that is looked at and not yet taken.
    now: Lexeme<'a>,
    names: N,
    depth: usize,
    comparisons: usize,
    kind: std::marker::PhantomData<F>,
}

/// What a word stands for where a comparison is expected.
fn comparison(word: &str) -> Option<Comparison> {
    Some(match word.to_ascii_lowercase().as_str() {
        "eq" => Comparison::Equal,
        "ne" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "ge" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "le" => Comparison::LessOrEqual,
        _ => return None,
    })
}

/// The comparison that says the same with its sides exchanged.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

/// What a word stands for where a function may be.
fn function(word: &str) -> Option<TextMatch> {
    Some(match word.to_ascii_lowercase().as_str() {
        "startswith" => TextMatch::StartsWith,
        "endswith" => TextMatch::EndsWith,
        "contains" => TextMatch::Contains,
        _ => return None,
    })
}

/// A whole number: plain, or an id in the form of the vendor's reference, which is the decimal text in base64.
pub(crate) fn number(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let digits = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        std::str::from_utf8(&digits).ok()?.parse().ok()
    })
}

/// A truth value.
fn flag(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

/// Reads a literal as its field's kind of value.
fn typed(literal: &Lexeme<'_>, kind: ValueKind) -> Parsed<Literal> {
    let text = match &literal.token {
        Token::Word(word) if word.eq_ignore_ascii_case("null") => return Ok(Literal::Null),
        Token::Word(word) => word,
        Token::Quoted(text) => text.as_str(),
        _ => return Err(literal.expected("a value")),
    };
    match kind {
        ValueKind::Text => Ok(Literal::Text(text.to_owned())),
        ValueKind::Number => number(text)
            .map(Literal::Number)
            .ok_or_else(|| literal.expected("a whole number")),
        ValueKind::Flag => flag(text)
            .map(Literal::Flag)
            .ok_or_else(|| literal.expected("true or false")),
        ValueKind::Time => Timestamp::parse(text)
            .map(Literal::Time)
            .ok_or_else(|| literal.expected("a time like '2024-01-31T12:00:00Z'")),
    }
}

impl<'a, F: Queried, N: Fn(&str) -> Option<F>> Parser<'a, F, N> {
    pub(super) fn new(text: &'a str, names: N) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let now = lexer.next()?;
        Ok(Self {
            lexer,
            now,
            names,
            depth: 0,
            comparisons: 0,
            kind: std::marker::PhantomData,
        })
    }

    /// The whole text.
    pub(super) fn filter(mut self) -> Parsed<Filter<F>> {
        let filter = self.any_of()?;
        match self.now.token {
            Token::End => Ok(filter),
            _ => Err(self.now.expected("and, or, or the end")),
        }
    }

    /// Takes the present piece and goes to the next.
    fn advance(&mut self) -> Parsed<Lexeme<'a>> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.now, next))
    }

    /// Takes the present piece when it is this word.
    fn keyword(&mut self, keyword: &str) -> Parsed<bool> {
        let found = matches!(self.now.token, Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Takes the present piece, which must be this sign.
    fn sign(&mut self, sign: &Token<'_>, what: &str) -> Parsed<()> {
        if self.now.token != *sign {
            return Err(self.now.expected(what));
        }
        self.advance().map(drop)
    }

    fn any_of(&mut self) -> Parsed<Filter<F>> {
        let mut left = self.all_of()?;
        while self.keyword("or")? {
            left = Filter::Or(Box::new(left), Box::new(self.all_of()?));
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Parsed<Filter<F>> {
        let mut left = self.unary()?;
        while self.keyword("and")? {
            left = Filter::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Filter<F>> {
        let opens = self.now.token == Token::Open;
        if !opens && !matches!(self.now.token, Token::Word(word) if word.eq_ignore_ascii_case("not")) {
            return self.condition();
        }
        if self.depth == limits::FILTER_DEPTH {
            let most = format!("no more than {} levels of ( and not", limits::FILTER_DEPTH);
            return Err(self.now.expected(&most));
        }
        self.depth += 1;
        self.advance()?;
        let inner = if opens {
            let inner = self.any_of()?;
            self.sign(&Token::Close, "and, or, or \")\"")?;
            inner
        } else {
            Filter::Not(Box::new(self.unary()?))
        };
        self.depth -= 1;
        Ok(inner)
    }

    fn condition(&mut self) -> Parsed<Filter<F>> {
        if !matches!(self.now.token, Token::Word(_) | Token::Quoted(_)) {
            return Err(self.now.expected("a condition"));
        }
        if self.comparisons == limits::FILTER_COMPARISONS {
            let most = format!("no more than {} comparisons", limits::FILTER_COMPARISONS);
            return Err(self.now.expected(&most));
        }
        self.comparisons += 1;
        let left = self.advance()?;
        if let Some(field) = self.field(&left) {
            return self.compared(field);
        }
        if self.now.token == Token::Open {
            return match &left.token {
                Token::Word(word) if let Some(how) = function(word) => self.matched(how),
                _ => Err(left.expected("startswith, endswith or contains")),
            };
        }
        self.compared_mirrored(&left)
    }

    /// The field that a piece names.
    fn field(&self, lexeme: &Lexeme<'_>) -> Option<F> {
        match lexeme.token {
            Token::Word(word) => (self.names)(word),
            _ => None,
        }
    }

    /// Takes a comparison.
    fn comparison(&mut self) -> Parsed<Comparison> {
        let found = match self.now.token {
            Token::Word(word) => comparison(word),
            _ => None,
        };
        let Some(found) = found else {
            return Err(self.now.expected("eq, ne, gt, ge, lt or le"));
        };
        self.advance()?;
        Ok(found)
    }

    /// `field eq literal`, after the field; and a field that is true or false by itself.
    fn compared(&mut self, field: F) -> Parsed<Filter<F>> {
        let alone = match &self.now.token {
            Token::End | Token::Close => true,
            Token::Word(word) => word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or"),
            _ => false,
        };
        if alone && field.kind() == ValueKind::Flag {
            return Ok(Filter::Compare(field, Comparison::Equal, Literal::Flag(true)));
        }
        let sign = self.now.clone();
        let how = self.comparison()?;
        let literal = self.literal(field)?;
        Self::judged(field, how, literal, &sign)
    }

    /// `literal eq field`, after the literal.
    fn compared_mirrored(&mut self, left: &Lexeme<'_>) -> Parsed<Filter<F>> {
        let no_field = || left.expected("the name of a field of the list");
        let sign = self.now.clone();
        // What is no comparison is most likely a misspelt field, so that is what the answer speaks of.
        let how = self.comparison().map_err(|_| no_field())?;
        let field = self.field(&self.now).ok_or_else(no_field)?;
        self.advance()?;
        let literal = typed(left, field.kind())?;
        Self::judged(field, mirrored(how), literal, &sign)
    }

    /// Only what has an order can come before or after.
    fn judged(field: F, how: Comparison, literal: Literal, sign: &Lexeme<'_>) -> Parsed<Filter<F>> {
        let equality = matches!(how, Comparison::Equal | Comparison::NotEqual);
        if !equality && (literal == Literal::Null || field.kind() == ValueKind::Flag) {
            return Err(sign.expected("eq or ne"));
        }
        Ok(Filter::Compare(field, how, literal))
    }

    /// Takes a literal of the field's kind. An unquoted name of a field is refused: it would look like a comparison of
    /// two fields, which there is not.
    fn literal(&mut self, field: F) -> Parsed<Literal> {
        if self.field(&self.now).is_some() {
            return Err(self
                .now
                .expected("a value (a text that is also a field's name belongs in quotes)"));
        }
        let literal = typed(&self.now, field.kind())?;
        self.advance()?;
        Ok(literal)
    }

    /// `contains(field,'x')`, after its name.
    fn matched(&mut self, how: TextMatch) -> Parsed<Filter<F>> {
        self.sign(&Token::Open, "\"(\"")?;
        let field = self
            .field(&self.now)
            .filter(|field| field.kind() == ValueKind::Text)
            .ok_or_else(|| self.now.expected("the name of a text field of the list"))?;
        self.advance()?;
        self.sign(&Token::Comma, "a comma")?;
        let start = self.now.clone();
        let Literal::Text(text) = self.literal(field)? else {
            return Err(start.expected("a text"));
        };
        self.sign(&Token::Close, "\")\"")?;
        Ok(Filter::Match(field, how, text))
    }
}
