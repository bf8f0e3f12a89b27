//! Splits a text into words, quoted texts and signs, and remembers where each stands.

use super::Parsed;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// What stood between single quotes, with doubled quotes made single.
    Quoted(String),
    /// Anything up to white space, a quote or one of the signs above.
    Word(&'a str),
    /// There is nothing more.
    End,
}

/// A piece and where it begins, counted in characters from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme<'a> {
    pub(super) token: Token<'a>,
    pub(super) position: usize,
}

/// Of a text that does not fit, an answer repeats so many characters.
const REPEATED: usize = 32;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl Lexeme<'_> {
    /// Says that something else belongs here.
    pub(super) fn expected(&self, what: &str) -> String {
        let position = self.position;
        let found = match &self.token {
            Token::Open => ", not \"(\"".to_owned(),
            Token::Close => ", not \")\"".to_owned(),
            Token::Comma => ", not \",\"".to_owned(),
            Token::Quoted(text) => format!(", not '{}'", shortened(text)),
            Token::Word(word) => format!(", not \"{}\"", shortened(word)),
            Token::End => ", where it ends".to_owned(),
        };
        format!("needs {what} at position {position}{found}")
    }
}

/// Reads one piece after the other.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    position: usize,
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\'')
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            position: 1,
        }
    }

    /// Takes characters as long as they fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.position += taken.chars().count();
        taken
    }

    /// Takes this character when it is the next one.
    fn take(&mut self, sign: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else {
            return false;
        };
        self.rest = rest;
        self.position += 1;
        true
    }

    /// The next piece; [`Token::End`] again and again after the last.
    pub(super) fn next(&mut self) -> Parsed<Lexeme<'a>> {
        self.take_while(char::is_whitespace);
        let position = self.position;
        let token = if self.take('(') {
            Token::Open
        } else if self.take(')') {
            Token::Close
        } else if self.take(',') {
            Token::Comma
        } else if self.take('\'') {
            Token::Quoted(self.quoted(position)?)
        } else {
            match self.take_while(|c| !ends_word(c)) {
                "" => Token::End,
                word => Token::Word(word),
            }
        };
        // No database column can hold this character, and PostgreSQL refuses it even in a comparison.
        if let Token::Word(text) = token
            && text.contains('\0')
        {
            return Err(nul(position));
        }
        Ok(Lexeme { token, position })
    }

    /// The rest of a quoted text, after its first quote.
    fn quoted(&mut self, start: usize) -> Parsed<String> {
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != '\''));
            if !self.take('\'') {
                return Err(format!(
                    "needs a closing quote for the text that begins at position {start}"
                ));
            }
            if !self.take('\'') {
                break;
            }
            text.push('\'');
        }
        if text.contains('\0') {
            return Err(nul(start));
        }
        Ok(text)
    }
}

fn nul(position: usize) -> String {
    format!("needs a text without NUL characters at position {position}")
}
