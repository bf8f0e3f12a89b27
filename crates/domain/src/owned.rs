//! Collections: many small records of one kind that belong to a user, or to the tenant itself.
//!
//! Phones, greetings, holidays, speed dials and contacts differ in what they hold and not in what is done with them, so
//! what is done is written once, in the directory, over this trait.

use crate::{Field, Kind, SealedSecret, Thing, Timestamp, Violations};

/// A kind of record that comes in collections.
pub trait Owned: Clone + PartialEq + Send + Sync + Sized + 'static {
    /// What it is called in errors.
    const THING: Thing;
    /// Its kind in the journal. Two collections may share one when nobody follows their changes apart.
    const KIND: Kind;
    /// The stored word for the collection; unlike the kind, it is of this collection alone.
    const COLLECTION: &'static str;
    /// How many of them one owner may have.
    const MOST: i64;
    /// The value by which no two of one owner are alike; for the error when two would be.
    const KEY: Field;

    /// One to be made.
    type New: Clone + Send + Sync;
    /// A change to one.
    type Patch: Clone + Send + Sync;

    /// Every rule that a new one breaks.
    fn check(new: &Self::New) -> Violations;

    /// Every rule that a change breaks, judged with the record as it would be.
    fn check_patch(&self, patch: &Self::Patch) -> Violations;

    /// The record of what is to be made. `seal` seals what is secret in it.
    fn make(new: Self::New, seal: &mut dyn FnMut(&str) -> SealedSecret) -> Self;

    /// Carries a change out; tells whether anything changed.
    fn apply(&mut self, patch: Self::Patch, seal: &mut dyn FnMut(&str) -> SealedSecret) -> bool;

    /// The value by which no two of one owner are alike, if there is one.
    fn key(&self) -> Option<String>;
}

/// A record of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T> {
    /// Its id, from the one sequence of all collections.
    pub id: i64,
    /// What it holds.
    pub value: T,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}
