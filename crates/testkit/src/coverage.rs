//! Who may call what: one row for each operation of a dialect, tried by callers who may not.
//!
//! Each operation is called without a token, by a user without any permission, and by the administrator of another tenant
//! with the ids of this one. The tenant's journal has to stay as it is. An operation without a row fails the test, and so
//! does a row without an operation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Answer, Company, Draft, Person, Request, TestServer};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody.
    Public,
    /// Whoever has a session.
    Session,
    /// Whoever has a session, and for his own records only: another's are unknown to him.
    Own,
    /// Whose role has a permission for his tenant.
    Tenant,
    /// The installation's administrators.
    System,
}

/// An operation and what the test has to know to call it.
#[derive(Debug, Clone)]
pub struct Row {
    /// `METHOD /template`, as in the document.
    pub operation: &'static str,
    /// Who may call it.
    pub reach: Reach,
    /// The query, with `{parameters}` as in paths.
    pub query: &'static str,
    /// A body that would be right, if it takes one.
    pub body: Option<Value>,
}

impl Row {
    /// An operation without a body.
    pub const fn new(operation: &'static str, reach: Reach) -> Self {
        Self {
            operation,
            reach,
            query: "",
            body: None,
        }
    }

    /// The same with a query.
    #[must_use]
    pub const fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// What the parameters of paths stand for: the records of the tenant under attack.
#[derive(Debug, Clone)]
pub struct Targets(pub Vec<(&'static str, String)>);

impl Targets {
    /// Fills the parameters of a template.
    fn fill(&self, template: &str) -> String {
        let filled = self.0.iter().fold(template.to_owned(), |path, (name, value)| {
            path.replace(name, value)
        });
        assert!(
            !filled.contains('{'),
            "nothing is known for the parameters of {filled}"
        );
        filled
    }

    fn request(&self, row: &Row) -> Request {
        let (method, template) = row.operation.split_once(' ').expect("a row is METHOD /template");
        let joint = if row.query.is_empty() { "" } else { "?" };
        let request = Request::new(method, self.fill(&format!("{template}{joint}{}", row.query)));
        match &row.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

/// The operations that have no row and the rows that have no operation.
pub fn unmatched(operations: impl Iterator<Item = String>, rows: &[Row]) -> Vec<String> {
    let documented: BTreeSet<String> = operations.collect();
    let known: BTreeSet<String> = rows.iter().map(|row| row.operation.to_owned()).collect();
    documented.symmetric_difference(&known).cloned().collect()
}

/// Tries every row. `victim` is the tenant that the targets belong to, `foreign` another one.
///
/// A session is made for each call, because some operations end it.
pub async fn try_all(
    server: &TestServer,
    rows: &[Row],
    targets: &Targets,
    victim: &Company,
    foreign: &Company,
) {
    try_all_through(server, rows, targets, victim, foreign, Person::clone).await;
}

/// The same at the door of another dialect: `door` gives a person there.
pub async fn try_all_through(
    server: &TestServer,
    rows: &[Row],
    targets: &Targets,
    victim: &Company,
    foreign: &Company,
    door: impl Fn(&Person) -> Person,
) {
    let portsip = server.portsip();
    let plain = portsip
        .employ(victim, Draft::user("plain", "8001").with("email", ""))
        .await;
    let tenant: i64 = victim.id.parse().expect("an id is a number");
    let (mut wrong, mut changed) = (Vec::new(), Vec::new());
    for row in rows {
        let before = changes(server, tenant).await;
        let call = async |person: &Person| door(person).send(targets.request(row)).await;
        let mut expect = |who: &str, answer: &Answer, fits: bool| {
            if !fits {
                wrong.push(format!("{} by {who}: {answer}", row.operation));
            }
        };
        let nobody = call(&portsip.anonymous()).await;
        expect(
            "nobody",
            &nobody,
            (nobody.status == 401) == (row.reach != Reach::Public),
        );
        let stale = call(&portsip.bearer("STALE")).await;
        expect(
            "a stale token",
            &stale,
            (stale.status == 401) == (row.reach != Reach::Public),
        );

        if matches!(row.reach, Reach::Tenant | Reach::System) {
            plain.sign_in(crate::PASSWORD).await;
            let answer = call(&plain).await;
            expect("a plain user", &answer, answer.status == 403);
        }
        if row.reach == Reach::Own {
            plain.sign_in(crate::PASSWORD).await;
            foreign.admin.sign_in(crate::PASSWORD).await;
            for person in [&plain, &foreign.admin] {
                let answer = call(person).await;
                expect("somebody else", &answer, matches!(answer.status, 403 | 404));
            }
        }
        let named = row.operation.contains('{') || !row.query.is_empty();
        if row.reach == Reach::System || (row.reach == Reach::Tenant && named) {
            foreign.admin.sign_in(crate::PASSWORD).await;
            let answer = call(&foreign.admin).await;
            let status = if row.reach == Reach::System { 403 } else { 404 };
            expect("another tenant's administrator", &answer, answer.status == status);
        }
        let after = changes(server, tenant).await;
        if after != before {
            changed.push(row.operation);
        }
        if row.reach == Reach::Session {
            plain.sign_in(crate::PASSWORD).await;
            let answer = call(&plain).await;
            expect(
                "a plain user",
                &answer,
                !matches!(answer.status, 401 | 403 | 404 | 405),
            );
        }
    }
    assert!(
        changed.is_empty(),
        "callers who may not changed something: {changed:?}"
    );
    assert!(
        wrong.is_empty(),
        "{} of {} rows:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

/// The number of changes in a tenant apart from people who sign in.
async fn changes(server: &TestServer, tenant: i64) -> usize {
    let journal = server.journal(tenant).await;
    journal.iter().filter(|line| line.kind != "session").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_row_is_found_and_what_has_no_operation() {
        let rows = [
            Row::new("GET /a", Reach::Public),
            Row::new("GET /gone", Reach::Public),
        ];
        let operations = ["GET /a".to_owned(), "POST /new".to_owned()];
        assert_eq!(
            unmatched(operations.into_iter(), &rows),
            ["GET /gone", "POST /new"]
        );
    }
}
