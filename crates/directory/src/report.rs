//! What engines report: calls, registrations, messages, recordings.
//!
//! A report comes in batches. Each item is judged for itself, the good ones are stored in one unit of work, and an item whose
//! id of the engine is known already is answered as done: an engine that lost an answer sends the batch again.

use jackfield_domain::Error;

/// What became of one item of a batch, in the order of the batch.
#[derive(Debug)]
pub enum Reported {
    /// It is stored, under this id.
    New(i64),
    /// It was reported before and has this id; nothing was changed.
    Known(i64),
    /// It breaks a rule and was left out; the others of the batch are not concerned.
    Refused(Error),
}
