//! How anything that goes wrong becomes an answer.

use std::{error::Error as _, fmt::Write as _, marker::PhantomData};

use axum::response::{IntoResponse, Response};
use jackfield_domain as domain;

use crate::{Dialect, Refusal, context};

/// What a handler answers: a success, or a failure in the dialect's words. `?` turns an error of the directory and a
/// [`Refusal`] into the latter.
pub type Reply<D, T> = Result<T, Failure<D>>;

/// Something that went wrong, on its way to an answer.
///
/// It is logged once, where it becomes the answer: with all its sources at the level `error` when the operator has to look
/// into it, at `debug` when the client has.
pub struct Failure<D> {
    what: What,
    dialect: PhantomData<fn() -> D>,
}

#[derive(Debug)]
enum What {
    Error(domain::Error),
    Refusal(Refusal),
}

impl<D> std::fmt::Debug for Failure<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Failure").field(&self.what).finish()
    }
}

impl<D> Failure<D> {
    /// The directory's error, when it is one.
    pub fn error(&self) -> Option<&domain::Error> {
        match &self.what {
            What::Error(error) => Some(error),
            What::Refusal(_) => None,
        }
    }
}

impl<D> From<domain::Error> for Failure<D> {
    fn from(error: domain::Error) -> Self {
        Self {
            what: What::Error(error),
            dialect: PhantomData,
        }
    }
}

impl<D> From<Refusal> for Failure<D> {
    fn from(refusal: Refusal) -> Self {
        Self {
            what: What::Refusal(refusal),
            dialect: PhantomData,
        }
    }
}

impl<D: Dialect> IntoResponse for Failure<D> {
    fn into_response(self) -> Response {
        match self.what {
            What::Error(error) => {
                log(D::NAME, &error);
                D::error(&error)
            }
            What::Refusal(refusal) => {
                tracing::debug!(dialect = D::NAME, request_id = %context::id(), "refused: {refusal}");
                D::refusal(&refusal)
            }
        }
    }
}

fn log(dialect: &'static str, error: &domain::Error) {
    match error {
        domain::Error::Internal(_) | domain::Error::Unavailable(_) => {
            tracing::error!(dialect, request_id = %context::id(), causes = causes(error), "{error}");
        }
        _ => tracing::debug!(dialect, request_id = %context::id(), "failed: {error}"),
    }
}

/// The sources of an error, outermost first.
fn causes(error: &domain::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the row is damaged")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_whole_chain_of_causes_is_written() {
        let cause = "x".parse::<i64>().unwrap_err();
        let error = domain::Error::internal(Outer(cause));
        assert_eq!(
            causes(&error),
            "the row is damaged: invalid digit found in string"
        );
        assert!(
            !error.to_string().contains("damaged"),
            "the cause is not for the client"
        );
    }
}
