//! The operations of a dialect as a list, so that a test can ask whether each is covered.

use axum::http::Method;
use utoipa::openapi::{OpenApi, path::Operation as Documented, path::PathItem};

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The template of the path under the dialect's prefix, with parameters in braces.
    pub path: String,
    /// Whether it serves callers without a session.
    pub public: bool,
}

/// Every operation of a document that [`finish`](crate::finish) went over, in its order.
pub fn operations(document: &OpenApi) -> Vec<Operation> {
    let mut list = Vec::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in of(item) {
            list.push(Operation {
                method,
                path: path.clone(),
                public: is_public(operation),
            });
        }
    }
    list
}

/// Whether the document says that an operation needs no session.
pub(crate) fn is_public(operation: &Documented) -> bool {
    let anyone = utoipa::openapi::security::SecurityRequirement::default();
    operation
        .security
        .as_ref()
        .is_some_and(|schemes| schemes.iter().all(|scheme| *scheme == anyone))
}

fn of(item: &PathItem) -> impl Iterator<Item = (Method, &Documented)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::PATCH, &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}
