//! From the SQL that both engines share to what SQLite needs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

/// How many rewritten statements are remembered; further ones are rewritten each time they run.
const REMEMBERED: usize = 1024;

/// `$n` as `?n`.
///
/// SQLite takes `$1` for a *name* and numbers names by first appearance, so that `SET a = $2 WHERE id = $1` would bind
/// the wrong values. Text in quotes, quoted identifiers and comments stay as they are.
pub(super) fn numbered(sql: &str) -> Cow<'_, str> {
    if !sql.contains('$') {
        return Cow::Borrowed(sql);
    }
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let end = match c {
            '\'' | '"' => Some(Skip::Until(c)),
            '-' if chars.peek() == Some(&'-') => Some(Skip::Until('\n')),
            '/' if chars.peek() == Some(&'*') => Some(Skip::Comment),
            _ => None,
        };
        let placeholder = c == '$'
            && chars.peek().is_some_and(char::is_ascii_digit)
            && !(before.is_alphanumeric() || before == '_' || before == '$');
        out.push(if placeholder { '?' } else { c });
        before = c;
        if let Some(end) = end {
            copy_until(&end, &mut chars, &mut out);
            before = ' ';
        }
    }
    Cow::Owned(out)
}

enum Skip {
    /// Up to and with this character. A doubled quote inside a literal ends one literal and starts the next.
    Until(char),
    /// Up to and with `*/`.
    Comment,
}

fn copy_until(end: &Skip, chars: &mut impl Iterator<Item = char>, out: &mut String) {
    let mut star = false;
    // The `*` that opens a comment must not close it as well.
    if matches!(end, Skip::Comment) {
        out.extend(chars.next());
    }
    for c in chars {
        out.push(c);
        let done = match end {
            Skip::Until(last) => c == *last,
            Skip::Comment => star && c == '/',
        };
        if done {
            return;
        }
        star = c == '*';
    }
}

/// The rewritten text of each statement, shared by all connections of one database.
#[derive(Default)]
pub(super) struct Texts(RwLock<HashMap<Box<str>, Arc<str>>>);

impl Texts {
    /// The statements that have run.
    pub(super) fn all(&self) -> Vec<Arc<str>> {
        self.0.read().values().cloned().collect()
    }

    /// Runs `f` with the text for SQLite.
    pub(super) fn with<R>(&self, sql: &str, f: impl FnOnce(&str) -> R) -> R {
        if !sql.contains('$') {
            return f(sql);
        }
        let known = self.0.read().get(sql).cloned();
        let text = known.unwrap_or_else(|| {
            let text: Arc<str> = numbered(sql).into();
            let mut texts = self.0.write();
            if texts.len() < REMEMBERED {
                texts.insert(sql.into(), Arc::clone(&text));
            }
            text
        });
        f(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn placeholders_become_numbers_and_nothing_else_changes() {
        for (given, wanted) in [
            ("SELECT 1", "SELECT 1"),
            ("SELECT $1", "SELECT ?1"),
            (
                "UPDATE t SET a = $2, b = $10 WHERE id = $1",
                "UPDATE t SET a = ?2, b = ?10 WHERE id = ?1",
            ),
            ("SELECT '$1', $1", "SELECT '$1', ?1"),
            ("SELECT 'it''s $1' || $2", "SELECT 'it''s $1' || ?2"),
            (
                "SELECT \"$1\" FROM \"a\"\"$2\" WHERE x=$3",
                "SELECT \"$1\" FROM \"a\"\"$2\" WHERE x=?3",
            ),
            ("SELECT $1 -- not $2\n, $3", "SELECT ?1 -- not $2\n, ?3"),
            ("SELECT /* $1 */ $2", "SELECT /* $1 */ ?2"),
            ("SELECT /*/ $1 */ $2", "SELECT /*/ $1 */ ?2"),
            ("SELECT /***/ $2 * $1 / $3", "SELECT /***/ ?2 * ?1 / ?3"),
            ("SELECT a$1, _$2, $name FROM t", "SELECT a$1, _$2, $name FROM t"),
            ("SELECT '$.a' || $1", "SELECT '$.a' || ?1"),
            ("VALUES ($1,$2),($3,$4)", "VALUES (?1,?2),(?3,?4)"),
            ("SELECT 'open $1", "SELECT 'open $1"),
            ("SELECT 5-$1-$2", "SELECT 5-?1-?2"),
        ] {
            assert_eq!(numbered(given), wanted, "for {given}");
        }
    }
}
