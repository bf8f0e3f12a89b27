//! The numbers of a tenant: whatever can be dialled has its number here, so that no two things have the same.

use async_trait::async_trait;
use jackfield_domain::TenantId;

use crate::Result;

/// What answers a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the kinds of records that have a number")]
pub enum NumberKind {
    Extension,
    Meeting,
    CallQueue,
    RingGroup,
    /// The account of a provider that registers here. It cannot be dialled, and is no extension's, so that each name proves one thing.
    TrunkAccount,
}

impl NumberKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Extension,
        Self::Meeting,
        Self::CallQueue,
        Self::RingGroup,
        Self::TrunkAccount,
    ];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Meeting => "meeting",
            Self::CallQueue => "call_queue",
            Self::RingGroup => "ring_group",
            Self::TrunkAccount => "trunk_account",
        }
    }

    /// The value of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// Reading numbers.
#[async_trait]
pub trait NumberReads: Send + Sync {
    /// What answers a number; none for one that nobody has.
    async fn number(&self, tenant: TenantId, number: &str) -> Result<Option<NumberKind>>;

    /// The numbers that are taken from one to another of the same length, both included, in order.
    async fn numbers_between(&self, tenant: TenantId, first: &str, last: &str) -> Result<Vec<String>>;
}

/// Changing numbers.
///
/// The record that a number belongs to refers to it: it is stored after its number was claimed, and goes when its number
/// is released.
#[async_trait]
pub trait NumberWrites: NumberReads {
    /// Gives a number to a record that is about to be stored.
    ///
    /// # Errors
    /// `Taken(Extension, ExtensionNumber)`.
    async fn claim_number(&mut self, tenant: TenantId, number: &str, kind: NumberKind) -> Result<()>;

    /// Takes a number back, and with it the record that has it. Tells whether it was taken.
    async fn release_number(&mut self, tenant: TenantId, number: &str) -> Result<bool>;
}
