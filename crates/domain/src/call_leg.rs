//! Whom a call was for, one telephone or number outside after the other.

use crate::{Timestamp, change::words};

words! {
    /// What a leg of a call came to.
    LegResult {
        /// Somebody answered.
        Answered = "answered",
        /// It was answered on another telephone.
        Elsewhere = "elsewhere",
        /// Somebody spoke, or wanted no call for now.
        Busy = "busy",
        /// Somebody wanted no such call on any of his telephones.
        Declined = "declined",
        /// It rang, and time ran out.
        NoAnswer = "no_answer",
        /// It could not be reached, or refused for another reason.
        Unreachable = "unreachable",
        /// The caller gave up.
        Cancelled = "cancelled",
    }
}

/// One telephone, or number outside, that a call was for; or the media engine, or a telephone that picked the call up: both
/// have neither a device nor a trunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLeg {
    /// The number of the extension, or the number outside.
    pub number: String,
    /// The id of the extension's device; empty for a number outside, the media engine and a telephone that picked the
    /// call up.
    pub device: String,
    /// The name of the trunk; empty for an extension and the media engine.
    pub trunk: String,
    /// The numbers that the call was for until then, one after the other.
    pub path: Vec<String>,
    /// Why it came here, in the words of the plan.
    pub because: String,
    /// When it was asked.
    pub started_at: Timestamp,
    /// When it began to ring.
    pub rang_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Timestamp,
    /// What it came to.
    pub result: LegResult,
    /// The SIP status that it answered with; 0 for none.
    pub status_code: i64,
}
