//! What a plan is made of.

use std::fmt;

use crate::{ProviderId, UserId};

/// The way of a call. The first step is the one to begin with; the edge carries a step out and goes on with the one that its
/// outcome leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps, at least one. A step leads to later ones only.
    pub steps: Vec<Step>,
}

/// One thing to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Why, in words, since the step before.
    pub because: Vec<String>,
    /// The numbers that the call was for, one after the other; the last is the present one.
    pub path: Vec<String>,
    /// The number of the ring group or queue that it came through last.
    pub service: Option<String>,
    /// What to do.
    pub action: Action,
    /// Where to go on unless the call is answered; none where the call ends with the step.
    pub next: Option<Next>,
}

/// Where to go on, by how a step ended. Each is the place of a step in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Somebody said that he is busy, or declined.
    pub busy: usize,
    /// It rang, and time ran out.
    pub no_answer: usize,
    /// Nobody could be reached.
    pub unreachable: usize,
}

/// What to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Ring; the first who answers has the call, the others are cancelled.
    Ring(Ring),
    /// Hand it to the media engine.
    Media {
        /// What for.
        service: MediaService,
        /// What the caller is told instead, when there is no engine.
        refusal: Option<Refusal>,
    },
    /// End it.
    Refuse(Refusal),
}

/// Whom to ring, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Whom.
    pub targets: Vec<Target>,
    /// For how many seconds.
    pub seconds: i64,
    /// What the phones are told beside the usual.
    pub headers: Headers,
    /// The queue whose music the caller hears meanwhile, from the media engine; none when he hears that it rings.
    pub music: Option<String>,
}

/// What phones are told of a call that came through a ring group or queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers {
    /// The caller in the header P-Asserted-Identity.
    pub asserted: bool,
    /// The caller in the header Remote-Party-ID.
    pub remote_party: bool,
    /// This number in the header To.
    pub to: Option<String>,
}

/// Something that rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A device of a user.
    Device {
        /// The user.
        user: UserId,
        /// His number.
        number: String,
        /// The id of the device.
        instance_id: String,
        /// The SIP address that it is called at.
        contact: String,
    },
    /// A number outside.
    Outside {
        /// The trunk that leads there.
        provider: ProviderId,
        /// Its name.
        trunk: String,
        /// The number as it is sent to the trunk: E.164 with a plus sign, unless a route has it otherwise, or an emergency number as
        /// it was dialled.
        number: String,
        /// What the called side sees.
        shown: Shown,
    },
}

/// What the called side sees as the calling number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Anonymous,
    /// This number or name.
    As(String),
    /// The account at the provider, because nothing else was chosen.
    Account,
}

/// What only a media engine can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaService {
    /// Take a message for this extension.
    Voicemail(String),
    /// Let this extension hear its messages.
    Mailbox(String),
    /// Let the caller wait in a queue, at most so many seconds; agents who are ready then are rung ([`round`](super::round)).
    Queue {
        /// The queue's number.
        number: String,
        /// How long.
        seconds: i64,
    },
    /// Let him into the meeting with this number.
    Meeting(String),
    /// Let him speak to all phones of a ring group at once.
    Announcement(String),
}

/// How a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The SIP status.
    pub status: u16,
}

impl Refusal {
    /// The caller may not make this call.
    pub const FORBIDDEN: Self = Self { status: 403 };
    /// Nothing has the number.
    pub const UNKNOWN: Self = Self { status: 404 };
    /// Nobody takes the call now.
    pub const UNAVAILABLE: Self = Self { status: 480 };
    /// The forwards lead in a circle.
    pub const LOOP: Self = Self { status: 482 };
    /// There are too many forwards.
    pub const TOO_MANY: Self = Self { status: 483 };
    /// The called side is busy.
    pub const BUSY: Self = Self { status: 486 };
    /// There is no way to the number, or none is free.
    pub const NO_WAY: Self = Self { status: 503 };
    /// The called side wants no such call.
    pub const DECLINED: Self = Self { status: 603 };
}

impl Next {
    /// The same step, however the one before ended.
    pub(super) fn always(step: usize) -> Self {
        Self {
            busy: step,
            no_answer: step,
            unreachable: step,
        }
    }

    /// All three.
    pub fn all(self) -> [usize; 3] {
        [self.busy, self.no_answer, self.unreachable]
    }
}

impl fmt::Display for MediaService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Voicemail(number) => write!(f, "the voicemail box of {number}"),
            Self::Mailbox(number) => write!(f, "listening to the voicemail of {number}"),
            Self::Queue { number, .. } => write!(f, "waiting in queue {number}"),
            Self::Meeting(number) => write!(f, "meeting {number}"),
            Self::Announcement(number) => write!(f, "an announcement to ring group {number}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device {
                number, instance_id, ..
            } => write!(f, "{number} ({instance_id})"),
            Self::Outside { trunk, number, .. } => write!(f, "{number} over {trunk}"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ring(ring) => {
                write!(f, "ring for {} seconds: ", ring.seconds)?;
                for (place, target) in ring.targets.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(f, "{comma}{target}")?;
                }
                Ok(())
            }
            Self::Media { service, refusal } => {
                write!(f, "{service}")?;
                match refusal {
                    Some(refusal) => write!(f, ": refuse with {}", refusal.status),
                    None => Ok(()),
                }
            }
            Self::Refuse(refusal) => write!(f, "refuse with {}", refusal.status),
        }
    }
}

/// The steps for people, counted from 1, each with its reasons.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {}", place + 1, step.action)?;
            for reason in &step.because {
                writeln!(f, "   because {reason}")?;
            }
            if let Some(next) = step.next {
                let [busy, no_answer, unreachable] = next.all().map(|step| step + 1);
                writeln!(
                    f,
                    "   then busy: {busy}, no answer: {no_answer}, unreachable: {unreachable}"
                )?;
            }
        }
        Ok(())
    }
}
